package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// resolver finds the drafts a job refers to: first among those the caller planned, then in the store.
type resolver struct {
	drafts  draftService
	planned map[draftKey]*provisioningv1.Draft
}

type draftKey struct {
	kind store.DraftKind
	id   string
}

func newResolver(drafts draftService, planned []*provisioningv1.Draft) (resolver, error) {
	r := resolver{drafts: drafts, planned: map[draftKey]*provisioningv1.Draft{}}
	for _, draft := range planned {
		kind, id, err := identify(draft)
		if err != nil {
			return r, err
		}
		r.planned[draftKey{kind, id}] = draft
	}
	return r, nil
}

func (r resolver) draft(ctx context.Context, kind provisioningv1.DraftKind, id string) (*provisioningv1.Draft, error) {
	if draft, ok := r.planned[draftKey{storedKinds[kind], id}]; ok {
		return draft, nil
	}
	draft, err := r.drafts.get(ctx, kind, id)
	if errors.Is(err, directory.NotFound) {
		return nil, directory.Errorf(directory.Invalid, "there is no %s %q in this store; is it managed by another provider configuration?", storedKinds[kind], id)
	}
	return draft, err
}

// definition resolves a job, with the values of its app's template. The error joins everything that cannot be resolved.
func (r resolver) definition(ctx context.Context, m *provisioningv1.Job) (job.Definition, error) {
	d := job.Definition{
		ID: m.GetAppId() + "/" + m.GetName(), Name: m.GetName(),
		Scope: scope.Mode(m.GetScope()), State: job.DesiredState(m.GetState()), Run: job.RunMode(m.GetRun()),
		OnDestroy: job.DestroyPolicy(m.GetOnDestroy()), Unplanned: job.UnplannedPolicy(m.GetOnUnplanned()),
		SkipOutOfScopeDeletions: m.GetSkipOutOfScopeDeletions(), NestedGroups: m.GetNestedGroups(), Parameters: m.GetParameters(),
	}
	d.Limits, d.Drift, d.LogRetentionDays = limitsOf(m.GetLimits()), job.DriftMode(m.GetDrift()), m.GetLogRetentionDays()
	if restart := m.GetRestart(); restart != nil {
		d.Restart = &job.Restart{Scope: sorted(restart.GetScope()), Triggers: restart.GetTriggers(), AcknowledgeOrphans: restart.GetAcknowledgeOrphans()}
	}
	var problems []error
	find := func(kind provisioningv1.DraftKind, id string) *provisioningv1.Draft {
		draft, err := r.draft(ctx, kind, id)
		problems = append(problems, err)
		return draft
	}
	d.App = appOf(find(provisioningv1.DraftKind_DRAFT_KIND_APP, m.GetAppId()).GetApp())
	d.Source = sourceOf(find(provisioningv1.DraftKind_DRAFT_KIND_SOURCE, m.GetSourceId()).GetSource())
	d.Connection = connectionOf(find(provisioningv1.DraftKind_DRAFT_KIND_SCIM_CONNECTION, m.GetConnectionId()).GetScimConnection())
	for _, id := range sorted(m.GetMappingIds()) {
		d.Mappings = append(d.Mappings, mappingOf(find(provisioningv1.DraftKind_DRAFT_KIND_ATTRIBUTE_MAPPING, id).GetAttributeMapping()))
	}
	for _, id := range sorted(m.GetScopingFilterIds()) {
		d.Filters = append(d.Filters, filterOf(find(provisioningv1.DraftKind_DRAFT_KIND_SCOPING_FILTER, id).GetScopingFilter()))
	}
	for _, id := range sorted(m.GetAssignmentIds()) {
		d.Assignments = append(d.Assignments, assignmentOf(find(provisioningv1.DraftKind_DRAFT_KIND_APP_ASSIGNMENT, id).GetAppAssignment()))
	}
	slices.SortStableFunc(d.Mappings, func(a, b job.Mapping) int { return cmp.Compare(a.ObjectType, b.ObjectType) })
	filled, err := template.Apply(d)
	return filled, errors.Join(append(problems, err)...)
}

func sorted(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// unused warns about drafts of the job's app that neither this job nor a committed one refers to (design.md 3): they
// have no effect.
func (r resolver) unused(ctx context.Context, d job.Definition) ([]string, error) {
	used := map[draftKey]bool{}
	use := func(d job.Definition) {
		for _, mapping := range d.Mappings {
			used[draftKey{store.DraftMapping, mapping.ID()}] = true
		}
		for _, filter := range d.Filters {
			used[draftKey{store.DraftFilter, filter.ID()}] = true
		}
		for _, assignment := range d.Assignments {
			used[draftKey{store.DraftAssignment, assignment.ID()}] = true
		}
	}
	use(d)
	jobs, err := r.drafts.store.ListJobs(ctx)
	if err != nil {
		return nil, err
	}
	for _, record := range jobs {
		if record.Definition.ID != d.ID {
			use(record.Definition)
		}
	}
	var warnings []string
	for _, kind := range []store.DraftKind{store.DraftMapping, store.DraftFilter, store.DraftAssignment} {
		stored, err := r.drafts.store.ListDrafts(ctx, kind)
		if err != nil {
			return nil, err
		}
		for _, draft := range stored {
			if app, ok := appOfDraft(draft); ok && app == d.App.Key && !used[draftKey{kind, draft.ID}] {
				warnings = append(warnings, fmt.Sprintf("The %s %s has no effect: no job refers to it.", kind, draft.ID))
			}
		}
	}
	return warnings, nil
}

func appOfDraft(stored store.Draft) (string, bool) {
	draft, err := decodeDraft(stored)
	if err != nil {
		return "", false
	}
	switch {
	case draft.GetAttributeMapping() != nil:
		return draft.GetAttributeMapping().GetAppId(), true
	case draft.GetScopingFilter() != nil:
		return draft.GetScopingFilter().GetAppId(), true
	case draft.GetAppAssignment() != nil:
		return draft.GetAppAssignment().GetAppId(), true
	default:
		return "", false
	}
}
