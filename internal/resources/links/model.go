package links

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

// Model is the data source in configuration and state.
type Model struct {
	JobID      types.String `tfsdk:"job_id"`
	ObjectType types.String `tfsdk:"object_type"`
	Managed    types.Bool   `tfsdk:"managed"`
	Active     types.Bool   `tfsdk:"active"`
	NamePrefix types.String `tfsdk:"name_prefix"`
	Limit      types.Int32  `tfsdk:"limit"`
	Details    types.Bool   `tfsdk:"details"`
	Links      []Link       `tfsdk:"links"`
	Truncated  types.Bool   `tfsdk:"truncated"`
}

// Link is one link.
type Link struct {
	ObjectType   types.String      `tfsdk:"object_type"`
	SourceID     types.String      `tfsdk:"source_id"`
	TargetID     types.String      `tfsdk:"target_id"`
	Name         types.String      `tfsdk:"name"`
	Managed      types.Bool        `tfsdk:"managed"`
	Active       types.Bool        `tfsdk:"active"`
	LinkedAt     timetypes.RFC3339 `tfsdk:"linked_at"`
	ExportedJSON types.String      `tfsdk:"exported_json"`
}

func (m *Model) toAPI() *provisioningv1.ListLinksRequest {
	request := &provisioningv1.ListLinksRequest{
		JobId: m.JobID.ValueString(), ObjectType: m.ObjectType.ValueString(), Managed: m.Managed.ValueBoolPointer(), Active: m.Active.ValueBoolPointer(),
		NamePrefix: m.NamePrefix.ValueString(), PageSize: defaultLimit,
	}
	if !m.Limit.IsNull() {
		request.PageSize = m.Limit.ValueInt32()
	}
	return request
}

func (m *Model) fromAPI(answer *provisioningv1.ListLinksResponse) {
	m.Truncated = types.BoolValue(answer.GetNextPageToken() != "")
	m.Links = []Link{}
	for _, l := range answer.GetLinks() {
		link := Link{
			ObjectType: types.StringValue(l.GetObjectType()), SourceID: types.StringValue(l.GetSourceId()), TargetID: types.StringValue(l.GetTargetId()),
			Name: types.StringValue(l.GetName()), Managed: types.BoolValue(l.GetManaged()), Active: types.BoolValue(l.GetActive()),
			LinkedAt: timetypes.NewRFC3339TimeValue(l.GetLinkedAt().AsTime()), ExportedJSON: types.StringNull(),
		}
		if m.Details.ValueBool() {
			link.ExportedJSON = types.StringValue(l.GetExportedJson())
		}
		m.Links = append(m.Links, link)
	}
}
