package source

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
)

// ResourceModel is the resource in Terraform's terms.
type ResourceModel struct {
	draft.Common
	Key           types.String `tfsdk:"key"`
	DefaultDomain types.String `tfsdk:"default_domain"`
	File          types.Object `tfsdk:"file"`
}

type fileModel struct {
	Path         types.String `tfsdk:"path"`
	Format       types.String `tfsdk:"format"`
	GroupsColumn types.String `tfsdk:"groups_column"`
}

func fileTypes() map[string]attr.Type {
	return map[string]attr.Type{"path": types.StringType, "format": types.StringType, "groups_column": types.StringType}
}

// ToAPI implements draft.Model.
func (m *ResourceModel) ToAPI(ctx context.Context) (*provisioningv1.Draft, diag.Diagnostics) {
	var file fileModel
	diags := m.File.As(ctx, &file, basetypes.ObjectAsOptions{})
	return &provisioningv1.Draft{Kind: &provisioningv1.Draft_Source{Source: &provisioningv1.Source{
		Key:           m.Key.ValueString(),
		DefaultDomain: m.DefaultDomain.ValueString(),
		Origin: &provisioningv1.Source_File{File: &provisioningv1.FileSource{
			Path:         file.Path.ValueString(),
			Format:       file.Format.ValueString(),
			GroupsColumn: file.GroupsColumn.ValueString(),
		}},
	}}}, diags
}

// FromAPI implements draft.Model.
func (m *ResourceModel) FromAPI(ctx context.Context, held *provisioningv1.Draft) diag.Diagnostics {
	source := held.GetSource()
	file := source.GetFile()
	var diags diag.Diagnostics
	m.Key = types.StringValue(source.GetKey())
	m.DefaultDomain = draft.Text(source.GetDefaultDomain())
	m.File, diags = types.ObjectValueFrom(ctx, fileTypes(), fileModel{
		Path:         types.StringValue(file.GetPath()),
		Format:       draft.Text(file.GetFormat()),
		GroupsColumn: draft.Text(file.GetGroupsColumn()),
	})
	return diags
}
