package logs

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"google.golang.org/protobuf/types/known/timestamppb"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

// Model is the data source in configuration and state.
type Model struct {
	JobID      types.String      `tfsdk:"job_id"`
	Since      timetypes.RFC3339 `tfsdk:"since"`
	Until      timetypes.RFC3339 `tfsdk:"until"`
	Actions    types.Set         `tfsdk:"actions"`
	Statuses   types.Set         `tfsdk:"statuses"`
	ObjectType types.String      `tfsdk:"object_type"`
	Object     types.String      `tfsdk:"object"`
	CycleID    types.String      `tfsdk:"cycle_id"`
	ChangeID   types.String      `tfsdk:"change_id"`
	ErrorCode  types.String      `tfsdk:"error_code"`
	Limit      types.Int32       `tfsdk:"limit"`
	Details    types.Bool        `tfsdk:"details"`
	Records    []Record          `tfsdk:"records"`
	Truncated  types.Bool        `tfsdk:"truncated"`
}

// Record is one record.
type Record struct {
	ChangeID          types.String      `tfsdk:"change_id"`
	CycleID           types.String      `tfsdk:"cycle_id"`
	Time              timetypes.RFC3339 `tfsdk:"time"`
	Action            types.String      `tfsdk:"action"`
	Status            types.String      `tfsdk:"status"`
	ObjectType        types.String      `tfsdk:"object_type"`
	SourceID          types.String      `tfsdk:"source_id"`
	SourceName        types.String      `tfsdk:"source_name"`
	TargetID          types.String      `tfsdk:"target_id"`
	ErrorCode         types.String      `tfsdk:"error_code"`
	Reason            types.String      `tfsdk:"reason"`
	RecommendedAction types.String      `tfsdk:"recommended_action"`
	DurationMS        types.Int64       `tfsdk:"duration_ms"`
	InitiatedBy       types.String      `tfsdk:"initiated_by"`
	Steps             []Step            `tfsdk:"steps"`
	Modified          []Property        `tfsdk:"modified_properties"`
}

// Step is one step of a decision.
type Step struct {
	Name        types.String            `tfsdk:"name"`
	Type        types.String            `tfsdk:"type"`
	Status      types.String            `tfsdk:"status"`
	Description types.String            `tfsdk:"description"`
	Details     map[string]types.String `tfsdk:"details"`
}

// Property is one attribute that was written.
type Property struct {
	DisplayName types.String `tfsdk:"display_name"`
	OldValue    types.String `tfsdk:"old_value"`
	NewValue    types.String `tfsdk:"new_value"`
}

func (m *Model) toAPI(ctx context.Context) (*provisioningv1.ListLogsRequest, diag.Diagnostics) {
	var diags diag.Diagnostics
	request := &provisioningv1.ListLogsRequest{
		JobId: m.JobID.ValueString(), ObjectType: m.ObjectType.ValueString(), Object: m.Object.ValueString(), CycleId: m.CycleID.ValueString(),
		ChangeId: m.ChangeID.ValueString(), ErrorCode: m.ErrorCode.ValueString(), PageSize: defaultLimit,
	}
	if !m.Limit.IsNull() {
		request.PageSize = m.Limit.ValueInt32()
	}
	if !m.Since.IsNull() {
		since, more := m.Since.ValueRFC3339Time()
		diags.Append(more...)
		request.Since = timestamppb.New(since)
	}
	if !m.Until.IsNull() {
		until, more := m.Until.ValueRFC3339Time()
		diags.Append(more...)
		request.Until = timestamppb.New(until)
	}
	diags.Append(m.Actions.ElementsAs(ctx, &request.Actions, false)...)
	diags.Append(m.Statuses.ElementsAs(ctx, &request.Statuses, false)...)
	return request, diags
}

func (m *Model) fromAPI(answer *provisioningv1.ListLogsResponse) {
	m.Truncated = types.BoolValue(answer.GetNextPageToken() != "")
	m.Records = []Record{}
	for _, r := range answer.GetRecords() {
		record := Record{
			ChangeID: text(r.GetChangeId()), CycleID: text(r.GetCycleId()), Time: timetypes.NewRFC3339TimeValue(r.GetTime().AsTime()),
			Action: text(r.GetAction()), Status: text(r.GetStatus()), ObjectType: text(r.GetObjectType()), SourceID: text(r.GetSourceId()),
			SourceName: text(r.GetSourceName()), TargetID: text(r.GetTargetId()), ErrorCode: text(r.GetErrorCode()), Reason: text(r.GetReason()),
			RecommendedAction: text(r.GetRecommendedAction()), DurationMS: types.Int64Value(r.GetDurationMs()), InitiatedBy: text(r.GetInitiatedBy()),
		}
		if m.Details.ValueBool() {
			record.details(r)
		}
		m.Records = append(m.Records, record)
	}
}

func (r *Record) details(from *provisioningv1.LogRecord) {
	r.Steps, r.Modified = []Step{}, []Property{}
	for _, s := range from.GetSteps() {
		step := Step{Name: text(s.GetName()), Type: text(s.GetType()), Status: text(s.GetStatus()), Description: text(s.GetDescription()), Details: map[string]types.String{}}
		for key, value := range s.GetDetails() {
			step.Details[key] = types.StringValue(value)
		}
		r.Steps = append(r.Steps, step)
	}
	for _, p := range from.GetModified() {
		r.Modified = append(r.Modified, Property{DisplayName: text(p.GetDisplayName()), OldValue: text(p.GetOldValue()), NewValue: text(p.GetNewValue())})
	}
}

// text is null for what is not there.
func text(value string) types.String {
	if value == "" {
		return types.StringNull()
	}
	return types.StringValue(value)
}
