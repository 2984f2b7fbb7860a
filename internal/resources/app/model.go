package app

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
	Key         types.String `tfsdk:"key"`
	DisplayName types.String `tfsdk:"display_name"`
	Template    types.String `tfsdk:"template"`
}

// ToAPI implements draft.Model.
func (m *ResourceModel) ToAPI(context.Context) (*provisioningv1.Draft, diag.Diagnostics) {
	return &provisioningv1.Draft{Kind: &provisioningv1.Draft_App{App: &provisioningv1.App{
		Key:         m.Key.ValueString(),
		DisplayName: m.DisplayName.ValueString(),
		Template:    m.Template.ValueString(),
	}}}, nil
}

// FromAPI implements draft.Model.
func (m *ResourceModel) FromAPI(_ context.Context, held *provisioningv1.Draft) diag.Diagnostics {
	m.Key = types.StringValue(held.GetApp().GetKey())
	m.DisplayName = types.StringValue(held.GetApp().GetDisplayName())
	m.Template = draft.Text(held.GetApp().GetTemplate())
	return nil
}
