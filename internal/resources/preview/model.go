package preview

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/impact"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/objectid"
)

// basis is what planned_impact.basis says: nothing is pinned.
const basis = "newest data"

// Model is the data source in configuration and state.
type Model struct {
	JobID                   types.String `tfsdk:"job_id"`
	SourceID                types.String `tfsdk:"source_id"`
	Scope                   types.String `tfsdk:"scope"`
	SkipOutOfScopeDeletions types.Bool   `tfsdk:"skip_out_of_scope_deletions"`
	Parameters              types.Map    `tfsdk:"parameters"`
	Limits                  types.Object `tfsdk:"limits"`
	MappingIDs              types.Set    `tfsdk:"mapping_ids"`
	ScopingFilterIDs        types.Set    `tfsdk:"scoping_filter_ids"`
	AssignmentIDs           types.Set    `tfsdk:"assignment_ids"`
	ScopingFilters          []Filter     `tfsdk:"scoping_filters"`
	PreviewDetail           types.String `tfsdk:"preview_detail"`

	PlannedImpact       types.Object `tfsdk:"planned_impact"`
	PlannedChanges      types.Object `tfsdk:"planned_changes"`
	LimitViolations     []Violation  `tfsdk:"limit_violations"`
	ManagedAccountCount types.Int64  `tfsdk:"managed_account_count"`
	HeldCount           types.Int64  `tfsdk:"held_count"`
	Warnings            []string     `tfsdk:"warnings"`
}

// Filter is a scoping filter that is not written anywhere.
type Filter struct {
	Name       types.String `tfsdk:"name"`
	ObjectType types.String `tfsdk:"object_type"`
	Clauses    []Clause     `tfsdk:"clauses"`
}

// Clause is a clause of such a filter.
type Clause struct {
	Attribute types.String `tfsdk:"attribute"`
	Operator  types.String `tfsdk:"operator"`
	Value     types.String `tfsdk:"value"`
	Values    types.Set    `tfsdk:"values"`
}

// Violation is a limit that is exceeded.
type Violation struct {
	Limit   types.String `tfsdk:"limit"`
	Message types.String `tfsdk:"message"`
}

// asks reports whether anything differs from the committed job.
func (m *Model) asks() bool {
	return !m.SourceID.IsNull() || !m.Scope.IsNull() || !m.SkipOutOfScopeDeletions.IsNull() || !m.Parameters.IsNull() || !m.Limits.IsNull() ||
		!m.MappingIDs.IsNull() || !m.ScopingFilterIDs.IsNull() || !m.AssignmentIDs.IsNull() || len(m.ScopingFilters) > 0
}

// change makes a committed job the one that is asked about, and returns the filters that take the place of stored ones.
func (m *Model) change(ctx context.Context, job *provisioningv1.Job) ([]*provisioningv1.Draft, diag.Diagnostics) {
	var diags diag.Diagnostics
	ids := func(set types.Set, into *[]string) {
		if set.IsNull() {
			return
		}
		sorted, more := draft.Sorted(ctx, set)
		diags.Append(more...)
		*into = sorted
	}
	if !m.SourceID.IsNull() {
		job.SourceId = m.SourceID.ValueString()
	}
	if !m.Scope.IsNull() {
		job.Scope = m.Scope.ValueString()
	}
	if !m.SkipOutOfScopeDeletions.IsNull() {
		job.SkipOutOfScopeDeletions = m.SkipOutOfScopeDeletions.ValueBool()
	}
	if !m.Parameters.IsNull() {
		job.Parameters = nil
		diags.Append(m.Parameters.ElementsAs(ctx, &job.Parameters, false)...)
	}
	if !m.Limits.IsNull() {
		limits, more := impact.LimitsToAPI(ctx, m.Limits)
		diags.Append(more...)
		job.Limits = limits
	}
	ids(m.MappingIDs, &job.MappingIds)
	ids(m.ScopingFilterIDs, &job.ScopingFilterIds)
	ids(m.AssignmentIDs, &job.AssignmentIds)
	var planned []*provisioningv1.Draft
	seen := map[string]bool{}
	for i, filter := range m.ScopingFilters {
		id := objectid.Join(job.GetAppId(), filter.Name.ValueString())
		if seen[id] {
			diags.AddAttributeError(path.Root("scoping_filters").AtListIndex(i), "Scoping filter is there twice",
				"Two of scoping_filters are named "+filter.Name.ValueString()+". Give each a name of its own.")
			continue
		}
		seen[id] = true
		if !slices.Contains(job.GetScopingFilterIds(), id) {
			job.ScopingFilterIds = append(job.ScopingFilterIds, id)
		}
		converted, more := filter.toAPI(ctx, job.GetAppId())
		diags.Append(more...)
		planned = append(planned, &provisioningv1.Draft{Kind: &provisioningv1.Draft_ScopingFilter{ScopingFilter: converted}})
	}
	slices.Sort(job.ScopingFilterIds)
	return planned, diags
}

func (f Filter) toAPI(ctx context.Context, app string) (*provisioningv1.ScopingFilter, diag.Diagnostics) {
	var diags diag.Diagnostics
	filter := &provisioningv1.ScopingFilter{AppId: app, Name: f.Name.ValueString(), ObjectType: f.ObjectType.ValueString()}
	for _, clause := range f.Clauses {
		values, more := draft.Sorted(ctx, clause.Values)
		diags.Append(more...)
		if !clause.Value.IsNull() {
			values = []string{clause.Value.ValueString()}
		}
		filter.Clauses = append(filter.Clauses, &provisioningv1.Clause{
			Attribute: clause.Attribute.ValueString(), Operator: clause.Operator.ValueString(), Values: values,
		})
	}
	return filter, diags
}

func (m *Model) fromAPI(preview *provisioningv1.PreviewJobResponse) {
	detail := m.PreviewDetail.ValueString()
	m.PlannedImpact = impact.Value(preview.GetImpact(), detail, basis)
	m.PlannedChanges = impact.ChangesValue(preview.GetChanges())
	m.ManagedAccountCount = types.Int64Value(preview.GetManagedAccountCount())
	m.HeldCount = types.Int64Value(preview.GetHeldCount())
	m.LimitViolations = []Violation{}
	for _, violation := range preview.GetViolations() {
		m.LimitViolations = append(m.LimitViolations, Violation{types.StringValue(violation.GetLimit()), types.StringValue(violation.GetMessage())})
	}
	m.Warnings = []string{}
	for _, warning := range preview.GetWarnings() {
		if detail == impact.DetailCounts { // only the first line names nobody
			warning, _, _ = strings.Cut(warning, "\n")
		}
		m.Warnings = append(m.Warnings, warning)
	}
}
