package attributemapping

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
)

// ResourceModel is the resource in Terraform's terms.
type ResourceModel struct {
	draft.Common
	AppID      types.String `tfsdk:"app_id"`
	ObjectType types.String `tfsdk:"object_type"`
	Enabled    types.Bool   `tfsdk:"enabled"`
	Actions    types.Set    `tfsdk:"actions"`
	Attributes types.Map    `tfsdk:"attributes"`
}

type attributeModel struct {
	Expression         types.String `tfsdk:"expression"`
	DefaultValue       types.String `tfsdk:"default_value"`
	MatchingPrecedence types.Int64  `tfsdk:"matching_precedence"`
	FlowType           types.String `tfsdk:"flow_type"`
}

func attributeType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"expression":          types.StringType,
		"default_value":       types.StringType,
		"matching_precedence": types.Int64Type,
		"flow_type":           types.StringType,
	}}
}

// ToAPI implements draft.Model.
func (m *ResourceModel) ToAPI(ctx context.Context) (*provisioningv1.Draft, diag.Diagnostics) {
	mapping := &provisioningv1.AttributeMapping{
		AppId:      m.AppID.ValueString(),
		ObjectType: m.ObjectType.ValueString(),
		Enabled:    m.Enabled.ValueBool(),
	}
	var diags diag.Diagnostics
	mapping.Actions, diags = draft.Sorted(ctx, m.Actions)
	attributes := map[string]attributeModel{}
	diags.Append(m.Attributes.ElementsAs(ctx, &attributes, false)...)
	for _, target := range slices.Sorted(maps.Keys(attributes)) {
		attribute := attributes[target]
		mapping.Attributes = append(mapping.Attributes, &provisioningv1.MappedAttribute{
			Target:       target,
			Expression:   attribute.Expression.ValueString(),
			DefaultValue: attribute.DefaultValue.ValueStringPointer(),
			// The schema bounds it far below the limits of int32.
			MatchingPrecedence: int32(attribute.MatchingPrecedence.ValueInt64()),
			FlowType:           attribute.FlowType.ValueString(),
		})
	}
	return &provisioningv1.Draft{Kind: &provisioningv1.Draft_AttributeMapping{AttributeMapping: mapping}}, diags
}

// FromAPI implements draft.Model.
func (m *ResourceModel) FromAPI(ctx context.Context, held *provisioningv1.Draft) diag.Diagnostics {
	mapping := held.GetAttributeMapping()
	m.AppID = types.StringValue(mapping.GetAppId())
	m.ObjectType = types.StringValue(mapping.GetObjectType())
	m.Enabled = types.BoolValue(mapping.GetEnabled())
	attributes := map[string]attributeModel{}
	for _, attribute := range mapping.GetAttributes() {
		attributes[attribute.GetTarget()] = attributeModel{
			Expression:         types.StringValue(attribute.GetExpression()),
			DefaultValue:       types.StringPointerValue(attribute.DefaultValue),
			MatchingPrecedence: draft.Whole(attribute.GetMatchingPrecedence()),
			FlowType:           types.StringValue(attribute.GetFlowType()),
		}
	}
	var diags, more diag.Diagnostics
	m.Actions, diags = draft.TextSet(ctx, mapping.GetActions())
	m.Attributes, more = types.MapValueFrom(ctx, attributeType(), attributes)
	diags.Append(more...)
	return diags
}
