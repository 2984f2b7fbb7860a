package api

import (
	"context"
	"errors"
	"slices"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
)

// How many accounts and groups a message names unless it is asked for all (plan-preview-mechanics.md 5.3).
const (
	maxNames  = 50
	maxGroups = 20
)

func (s jobService) preview(ctx context.Context, request *provisioningv1.PreviewJobRequest) (*provisioningv1.PreviewJobResponse, error) {
	resolve, err := newResolver(s.drafts, request.GetPlanned())
	if err != nil {
		return nil, err
	}
	definition, preview, err := s.previewed(ctx, resolve, request)
	if err != nil {
		return nil, err
	}
	warnings, err := resolve.unused(ctx, definition)
	if err != nil {
		return nil, err
	}
	remarks, err := s.engine.PlanRemarks(ctx, definition, preview)
	if err != nil {
		return nil, err
	}
	warnings = slices.Concat(warnings, template.Warnings(definition, disabledAmong(preview.Affected)), preview.Warnings, remarks)
	answer := &provisioningv1.PreviewJobResponse{
		DesiredDigest: preview.Digest, Position: preview.Position, ManagedAccountCount: preview.Managed,
		Impact: impactMessage(preview.Affected, request.GetAll()), Warnings: warnings,
		Changes: &provisioningv1.Changes{
			CreateCount: preview.Changes.Creates, UpdateCount: preview.Changes.Updates,
			MembershipAddCount: preview.Changes.MembershipsToAdd, FailureCount: preview.Changes.Failures,
		},
		Violations: violationMessages(engine.Judge(preview.Toll, definition.Limits)),
		HeldCount:  heldAmong(preview.Affected), Job: jobMessage(definition),
	}
	if forgotten := preview.Forgotten; forgotten != nil {
		answer.Forgotten = &provisioningv1.Forgotten{
			LinkCount: forgotten.Links, Orphans: accountMessages(forgotten.Orphans, atMost(request.GetAll(), maxNames, len(forgotten.Orphans))),
			OrphanCount: int64(len(forgotten.Orphans)), MovedFrom: forgotten.MovedFrom,
		}
	}
	record, err := s.engine.Store.GetJob(ctx, definition.ID)
	if errors.Is(err, directory.NotFound) {
		return answer, nil
	}
	answer.Exists, answer.CommittedDigest, answer.Resumable = err == nil, record.Digest, !record.Initialised
	return answer, err
}

// previewed makes the preview a request asks for: of a job that is given, or of a committed one by its id.
func (s jobService) previewed(ctx context.Context, resolve resolver, request *provisioningv1.PreviewJobRequest) (job.Definition, cycle.Preview, error) {
	switch given := request.GetJob(); {
	case request.GetId() != "" && given != nil:
		return job.Definition{}, cycle.Preview{}, directory.Errorf(directory.Invalid, "a preview is of a job that is given or of a committed one by its id, not of both")
	case request.GetId() != "":
		return s.engine.PreviewCommitted(ctx, request.GetId(), request.GetPosition())
	default:
		definition, err := resolve.definition(ctx, given)
		if err != nil {
			return definition, cycle.Preview{}, err
		}
		preview, err := s.engine.PreviewJob(ctx, definition, request.GetPosition())
		return definition, preview, err
	}
}

// atMost is how many of total are named.
func atMost(all bool, most, total int) int {
	if all {
		return total
	}
	return most
}

// impactMessage counts affected accounts exactly and names the first of them, or all.
func impactMessage(affected []engine.Affected, all bool) *provisioningv1.Impact {
	most := atMost(all, maxNames, len(affected))
	m := &provisioningv1.Impact{
		AccountsDigest: engine.DigestAffected(affected), Accounts: accountMessages(affected, most), AccountsTruncated: len(affected) > most,
	}
	for _, a := range affected {
		switch a.Action {
		case engine.Disable:
			m.DisableCount++
		case engine.Delete:
			m.DeleteCount++
		case engine.RemoveMembership:
			m.MembershipRemovalCount++
		}
	}
	groups := engine.CountGroups(affected)
	m.GroupCount = int64(len(groups))
	for _, group := range groups[:min(len(groups), atMost(all, maxGroups, len(groups)))] {
		m.Groups = append(m.Groups, &provisioningv1.GroupImpact{Name: group.Name, RemovalCount: group.Removals, SourceId: string(group.Source)})
	}
	for _, count := range engine.CountCauses(affected) {
		m.Causes = append(m.Causes, &provisioningv1.CauseCount{
			Cause: string(count.Cause), Origin: string(count.Origin), Action: string(count.Action), Count: count.Count,
		})
	}
	return m
}

func accountMessages(affected []engine.Affected, most int) []*provisioningv1.AffectedAccount {
	most = min(len(affected), most)
	messages := make([]*provisioningv1.AffectedAccount, 0, most)
	for _, a := range affected[:most] {
		messages = append(messages, &provisioningv1.AffectedAccount{
			ObjectType: string(a.Type), Name: a.Name, Action: string(a.Action), Reason: a.Reason, Cause: string(a.Cause), Origin: string(a.Origin),
			SourceId: string(a.Source), MemberId: string(a.Member), MemberName: a.MemberName, TargetId: string(a.Target),
		})
	}
	return messages
}

// heldAmong counts those of the affected accounts that an earlier cycle held.
func heldAmong(affected []engine.Affected) (held int64) {
	for _, a := range affected {
		if a.Origin == engine.FromEarlier {
			held++
		}
	}
	return held
}

// disabledAmong counts the users among the affected accounts who are disabled.
func disabledAmong(affected []engine.Affected) (disabled int) {
	for _, a := range affected {
		if a.Type == directory.User && a.Action == engine.Disable {
			disabled++
		}
	}
	return disabled
}

func violationMessages(violations []engine.Violation) []*provisioningv1.LimitViolation {
	messages := make([]*provisioningv1.LimitViolation, len(violations))
	for i, violation := range violations {
		messages[i] = &provisioningv1.LimitViolation{Limit: violation.Limit, Message: violation.Message}
	}
	return messages
}
