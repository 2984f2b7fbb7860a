package appassignment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
)

// ResourceModel is the resource in Terraform's terms.
type ResourceModel struct {
	draft.Common
	AppID    types.String `tfsdk:"app_id"`
	Name     types.String `tfsdk:"name"`
	UserIDs  types.Set    `tfsdk:"user_ids"`
	GroupIDs types.Set    `tfsdk:"group_ids"`
}

// ToAPI implements draft.Model.
func (m *ResourceModel) ToAPI(ctx context.Context) (*provisioningv1.Draft, diag.Diagnostics) {
	users, diags := draft.Sorted(ctx, m.UserIDs)
	groups, more := draft.Sorted(ctx, m.GroupIDs)
	diags.Append(more...)
	return &provisioningv1.Draft{Kind: &provisioningv1.Draft_AppAssignment{AppAssignment: &provisioningv1.AppAssignment{
		AppId:    m.AppID.ValueString(),
		Name:     m.Name.ValueString(),
		UserIds:  users,
		GroupIds: groups,
	}}}, diags
}

// FromAPI implements draft.Model.
func (m *ResourceModel) FromAPI(ctx context.Context, held *provisioningv1.Draft) diag.Diagnostics {
	assignment := held.GetAppAssignment()
	m.AppID = types.StringValue(assignment.GetAppId())
	m.Name = types.StringValue(assignment.GetName())
	var diags, more diag.Diagnostics
	m.UserIDs, diags = draft.TextSet(ctx, assignment.GetUserIds())
	m.GroupIDs, more = draft.TextSet(ctx, assignment.GetGroupIds())
	diags.Append(more...)
	return diags
}
