package job

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	definition "github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/impact"
)

// ResourceModel is the resource in configuration, plan and state.
type ResourceModel struct {
	ID types.String `tfsdk:"id"`
	settings
	PreviewDetail      types.String   `tfsdk:"preview_detail"`
	RequireKnownImpact types.Bool     `tfsdk:"require_known_impact"`
	Restart            types.Object   `tfsdk:"restart"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
	PlannedImpact      types.Object   `tfsdk:"planned_impact"`
	PlannedChanges     types.Object   `tfsdk:"planned_changes"`
	HeldAccounts       types.List     `tfsdk:"held_accounts"`
	observed
}

// settings are what the user says about a job and the engine keeps.
type settings struct {
	AppID                   types.String `tfsdk:"app_id"`
	Name                    types.String `tfsdk:"name"`
	SourceID                types.String `tfsdk:"source_id"`
	ConnectionID            types.String `tfsdk:"connection_id"`
	MappingIDs              types.Set    `tfsdk:"mapping_ids"`
	ScopingFilterIDs        types.Set    `tfsdk:"scoping_filter_ids"`
	AssignmentIDs           types.Set    `tfsdk:"assignment_ids"`
	Scope                   types.String `tfsdk:"scope"`
	NestedGroups            types.Bool   `tfsdk:"nested_groups"`
	Parameters              types.Map    `tfsdk:"parameters"`
	State                   types.String `tfsdk:"state"`
	Run                     types.String `tfsdk:"run"`
	Limits                  types.Object `tfsdk:"limits"`
	OnDestroy               types.String `tfsdk:"on_destroy"`
	OnUnplanned             types.String `tfsdk:"on_unplanned"`
	SkipOutOfScopeDeletions types.Bool   `tfsdk:"skip_out_of_scope_deletions"`
	Drift                   types.String `tfsdk:"drift"`
	LogRetentionDays        types.Int64  `tfsdk:"log_retention_days"`
}

// jobID derives the id from the user's keys.
func jobID(appID, name string) string { return appID + "/" + name }

// known reports whether every setting that the preview depends on is known.
func (m *ResourceModel) known(ctx context.Context) bool {
	values := []attr.Value{
		m.AppID, m.Name, m.SourceID, m.ConnectionID, m.MappingIDs, m.ScopingFilterIDs, m.AssignmentIDs, m.Scope, m.NestedGroups,
		m.Parameters, m.State, m.Run, m.Limits, m.OnDestroy, m.OnUnplanned, m.SkipOutOfScopeDeletions, m.Drift, m.PreviewDetail,
		m.Restart, m.LogRetentionDays,
	}
	return !slices.ContainsFunc(values, func(value attr.Value) bool {
		raw, err := value.ToTerraformValue(ctx)
		return err != nil || !raw.IsFullyKnown()
	})
}

// toAPI needs known values.
func (s *settings) toAPI(ctx context.Context) (*provisioningv1.Job, diag.Diagnostics) {
	var diags diag.Diagnostics
	ids := func(set types.Set) []string {
		var elements []string
		diags.Append(set.ElementsAs(ctx, &elements, false)...)
		slices.Sort(elements)
		return elements
	}
	job := &provisioningv1.Job{
		AppId:                   s.AppID.ValueString(),
		Name:                    s.Name.ValueString(),
		SourceId:                s.SourceID.ValueString(),
		ConnectionId:            s.ConnectionID.ValueString(),
		MappingIds:              ids(s.MappingIDs),
		ScopingFilterIds:        ids(s.ScopingFilterIDs),
		AssignmentIds:           ids(s.AssignmentIDs),
		Scope:                   s.Scope.ValueString(),
		NestedGroups:            s.NestedGroups.ValueBool(),
		State:                   s.State.ValueString(),
		Run:                     s.Run.ValueString(),
		OnDestroy:               s.OnDestroy.ValueString(),
		OnUnplanned:             s.OnUnplanned.ValueString(),
		SkipOutOfScopeDeletions: s.SkipOutOfScopeDeletions.ValueBool(),
	}
	// Nothing is what the engine has of jobs that are older than this setting: a new provider alone is no change.
	if drift := s.Drift.ValueString(); drift != driftIgnore {
		job.Drift = drift
	}
	if days := s.LogRetentionDays.ValueInt64(); days != definition.DefaultLogRetentionDays {
		job.LogRetentionDays = days
	}
	diags.Append(s.Parameters.ElementsAs(ctx, &job.Parameters, false)...)
	limits, more := impact.LimitsToAPI(ctx, s.Limits)
	diags.Append(more...)
	job.Limits = limits
	return job, diags
}

// fromAPI replaces the settings by what the engine committed. Absent collections stay as they were written, null or
// empty, because the engine does not tell the two apart.
func (s *settings) fromAPI(ctx context.Context, job *provisioningv1.Job) diag.Diagnostics {
	var diags diag.Diagnostics
	set := func(prior types.Set, ids []string) types.Set {
		if len(ids) == 0 && !prior.IsNull() && len(prior.Elements()) == 0 {
			return prior
		}
		if len(ids) == 0 {
			return types.SetNull(types.StringType)
		}
		value, setDiags := types.SetValueFrom(ctx, types.StringType, ids)
		diags.Append(setDiags...)
		return value
	}
	s.AppID = types.StringValue(job.GetAppId())
	s.Name = types.StringValue(job.GetName())
	s.SourceID = types.StringValue(job.GetSourceId())
	s.ConnectionID = types.StringValue(job.GetConnectionId())
	s.MappingIDs = set(s.MappingIDs, job.GetMappingIds())
	s.ScopingFilterIDs = set(s.ScopingFilterIDs, job.GetScopingFilterIds())
	s.AssignmentIDs = set(s.AssignmentIDs, job.GetAssignmentIds())
	s.Scope = types.StringValue(job.GetScope())
	s.NestedGroups = types.BoolValue(job.GetNestedGroups())
	s.Parameters = types.MapNull(types.StringType)
	if len(job.GetParameters()) > 0 {
		value, mapDiags := types.MapValueFrom(ctx, types.StringType, job.GetParameters())
		diags.Append(mapDiags...)
		s.Parameters = value
	}
	s.State = types.StringValue(job.GetState())
	s.Run = types.StringValue(job.GetRun())
	s.OnDestroy = types.StringValue(job.GetOnDestroy())
	s.OnUnplanned = types.StringValue(job.GetOnUnplanned())
	s.SkipOutOfScopeDeletions = types.BoolValue(job.GetSkipOutOfScopeDeletions())
	s.Drift = types.StringValue(cmp.Or(job.GetDrift(), driftIgnore))
	s.LogRetentionDays = types.Int64Value(cmp.Or(job.GetLogRetentionDays(), definition.DefaultLogRetentionDays))
	s.Limits = limitsFromAPI(s.Limits, job.GetLimits())
	return diags
}

// refresh takes over what the engine reports. After an import there is no preview to keep: an empty one makes the
// first plan an empty plan.
func (m *ResourceModel) refresh(ctx context.Context, status *provisioningv1.JobStatus) diag.Diagnostics {
	diags := m.settings.fromAPI(ctx, status.GetJob())
	m.ID = types.StringValue(jobID(m.AppID.ValueString(), m.Name.ValueString()))
	restart, restartDiags := restartFromAPI(ctx, m.Restart, status.GetJob().GetRestart())
	diags.Append(restartDiags...)
	m.Restart = restart
	m.observed.fromAPI(status)
	if m.PlannedImpact.IsNull() {
		m.PlannedImpact = impact.Value(nil, detailNames, basisImported)
	}
	if m.PlannedChanges.IsNull() {
		m.PlannedChanges = impact.ChangesValue(nil)
	}
	if m.PreviewDetail.IsNull() {
		m.PreviewDetail = types.StringValue(detailNames)
	}
	m.HeldAccounts = impact.AccountsValue(status.GetHeld(), m.PreviewDetail.ValueString())
	if m.RequireKnownImpact.IsNull() {
		m.RequireKnownImpact = types.BoolValue(false)
	}
	return diags
}
