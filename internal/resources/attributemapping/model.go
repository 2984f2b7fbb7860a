package attributemapping

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
)

// ResourceModel is the resource in Terraform's terms.
type ResourceModel struct {
	draft.Common
	AppID             types.String `tfsdk:"app_id"`
	ObjectType        types.String `tfsdk:"object_type"`
	Enabled           types.Bool   `tfsdk:"enabled"`
	Actions           types.Set    `tfsdk:"actions"`
	Preset            types.String `tfsdk:"preset"`
	Exclude           types.Set    `tfsdk:"exclude"`
	CompositeMatching types.Bool   `tfsdk:"composite_matching"`
	Attributes        types.Map    `tfsdk:"attributes"`
	SourceAttributes  types.Map    `tfsdk:"source_attributes"`
	TargetAttributes  types.Map    `tfsdk:"target_attributes"`
	Deprovisioning    types.Map    `tfsdk:"deprovisioning"`
}

type attributeModel struct {
	Expression         types.String `tfsdk:"expression"`
	DefaultValue       types.String `tfsdk:"default_value"`
	MatchingPrecedence types.Int64  `tfsdk:"matching_precedence"`
	FlowType           types.String `tfsdk:"flow_type"`
	FlowBehavior       types.String `tfsdk:"flow_behavior"`
	FlowNullValues     types.Bool   `tfsdk:"flow_null_values"`
}

type sourceAttributeModel struct {
	FlowNullValues types.Bool `tfsdk:"flow_null_values"`
}

type targetAttributeModel struct {
	Type         types.String `tfsdk:"type"`
	Required     types.Bool   `tfsdk:"required"`
	Multivalued  types.Bool   `tfsdk:"multivalued"`
	CaseExact    types.Bool   `tfsdk:"case_exact"`
	Mutability   types.String `tfsdk:"mutability"`
	DefaultValue types.String `tfsdk:"default_value"`
}

type policyModel struct {
	Action     types.String `tfsdk:"action"`
	Attributes types.Map    `tfsdk:"attributes"`
	AfterDays  types.Int64  `tfsdk:"after_days"`
}

func attributeType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"expression":          types.StringType,
		"default_value":       types.StringType,
		"matching_precedence": types.Int64Type,
		"flow_type":           types.StringType,
		"flow_behavior":       types.StringType,
		"flow_null_values":    types.BoolType,
	}}
}

func sourceAttributeType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{"flow_null_values": types.BoolType}}
}

func targetAttributeType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"type":          types.StringType,
		"required":      types.BoolType,
		"multivalued":   types.BoolType,
		"case_exact":    types.BoolType,
		"mutability":    types.StringType,
		"default_value": types.StringType,
	}}
}

func policyType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"action":     types.StringType,
		"attributes": types.MapType{ElemType: types.StringType},
		"after_days": types.Int64Type,
	}}
}

// ToAPI implements draft.Model.
func (m *ResourceModel) ToAPI(ctx context.Context) (*provisioningv1.Draft, diag.Diagnostics) {
	mapping := &provisioningv1.AttributeMapping{
		AppId:             m.AppID.ValueString(),
		ObjectType:        m.ObjectType.ValueString(),
		Enabled:           m.Enabled.ValueBool(),
		Preset:            m.Preset.ValueString(),
		CompositeMatching: m.CompositeMatching.ValueBool(),
	}
	var diags, more diag.Diagnostics
	mapping.Actions, diags = draft.Sorted(ctx, m.Actions)
	mapping.Exclude, more = draft.Sorted(ctx, m.Exclude)
	diags.Append(more...)
	attributes := map[string]attributeModel{}
	diags.Append(m.Attributes.ElementsAs(ctx, &attributes, false)...)
	for _, target := range slices.Sorted(maps.Keys(attributes)) {
		mapping.Attributes = append(mapping.Attributes, attributes[target].toAPI(target))
	}
	sources := map[string]sourceAttributeModel{}
	diags.Append(m.SourceAttributes.ElementsAs(ctx, &sources, false)...)
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		mapping.SourceAttributes = append(mapping.SourceAttributes,
			&provisioningv1.SourceAttribute{Name: name, FlowNullValues: sources[name].FlowNullValues.ValueBool()})
	}
	targets := map[string]targetAttributeModel{}
	diags.Append(m.TargetAttributes.ElementsAs(ctx, &targets, false)...)
	for _, name := range slices.Sorted(maps.Keys(targets)) {
		mapping.TargetAttributes = append(mapping.TargetAttributes, targets[name].toAPI(name))
	}
	policies := map[string]policyModel{}
	diags.Append(m.Deprovisioning.ElementsAs(ctx, &policies, false)...)
	for _, event := range slices.Sorted(maps.Keys(policies)) {
		policy := policies[event]
		rule := &provisioningv1.DeprovisionRule{Event: event, Action: policy.Action.ValueString(), AfterDays: policy.AfterDays.ValueInt64()}
		diags.Append(policy.Attributes.ElementsAs(ctx, &rule.Attributes, false)...)
		mapping.Deprovisioning = append(mapping.Deprovisioning, rule)
	}
	return &provisioningv1.Draft{Kind: &provisioningv1.Draft_AttributeMapping{AttributeMapping: mapping}}, diags
}

func (m attributeModel) toAPI(target string) *provisioningv1.MappedAttribute {
	mapped := &provisioningv1.MappedAttribute{
		Target:       target,
		Expression:   m.Expression.ValueString(),
		DefaultValue: m.DefaultValue.ValueStringPointer(),
		// The schema bounds it far below the limits of int32.
		MatchingPrecedence: int32(m.MatchingPrecedence.ValueInt64()),
		FlowType:           m.FlowType.ValueString(),
		FlowBehavior:       m.FlowBehavior.ValueString(),
		FlowNullValues:     m.FlowNullValues.ValueBool(),
	}
	// The default is left out: a mapping that was stored before there were behaviours has none, and would count as
	// changed, which starts every account of its job over.
	if mapped.GetFlowBehavior() == string(job.FlowWhenChanged) {
		mapped.FlowBehavior = ""
	}
	return mapped
}

func (m targetAttributeModel) toAPI(name string) *provisioningv1.TargetAttribute {
	return &provisioningv1.TargetAttribute{
		Name:         name,
		Type:         m.Type.ValueString(),
		Required:     m.Required.ValueBool(),
		Multivalued:  m.Multivalued.ValueBoolPointer(),
		CaseExact:    m.CaseExact.ValueBoolPointer(),
		Mutability:   m.Mutability.ValueString(),
		DefaultValue: m.DefaultValue.ValueStringPointer(),
	}
}

// FromAPI implements draft.Model.
func (m *ResourceModel) FromAPI(ctx context.Context, held *provisioningv1.Draft) diag.Diagnostics {
	mapping := held.GetAttributeMapping()
	m.AppID = types.StringValue(mapping.GetAppId())
	m.ObjectType = types.StringValue(mapping.GetObjectType())
	m.Enabled = types.BoolValue(mapping.GetEnabled())
	m.Preset = draft.Text(mapping.GetPreset())
	m.CompositeMatching = types.BoolValue(mapping.GetCompositeMatching())
	attributes := map[string]attributeModel{}
	for _, attribute := range mapping.GetAttributes() {
		attributes[attribute.GetTarget()] = attributeModel{
			Expression:         draft.Text(attribute.GetExpression()),
			DefaultValue:       types.StringPointerValue(attribute.DefaultValue),
			MatchingPrecedence: draft.Whole(attribute.GetMatchingPrecedence()),
			FlowType:           types.StringValue(attribute.GetFlowType()),
			FlowBehavior:       types.StringValue(cmp.Or(attribute.GetFlowBehavior(), string(job.FlowWhenChanged))),
			FlowNullValues:     types.BoolValue(attribute.GetFlowNullValues()),
		}
	}
	sources := map[string]sourceAttributeModel{}
	for _, source := range mapping.GetSourceAttributes() {
		sources[source.GetName()] = sourceAttributeModel{FlowNullValues: types.BoolValue(source.GetFlowNullValues())}
	}
	targets := map[string]targetAttributeModel{}
	for _, target := range mapping.GetTargetAttributes() {
		targets[target.GetName()] = targetAttributeModel{
			Type:         draft.Text(target.GetType()),
			Required:     types.BoolValue(target.GetRequired()),
			Multivalued:  types.BoolPointerValue(target.Multivalued),
			CaseExact:    types.BoolPointerValue(target.CaseExact),
			Mutability:   draft.Text(target.GetMutability()),
			DefaultValue: types.StringPointerValue(target.DefaultValue),
		}
	}
	var diags, more diag.Diagnostics
	m.Actions, diags = draft.TextSet(ctx, mapping.GetActions())
	m.Exclude, more = draft.TextSet(ctx, mapping.GetExclude())
	diags.Append(more...)
	m.Attributes = mapOf(ctx, attributeType(), attributes, &diags)
	m.SourceAttributes = mapOf(ctx, sourceAttributeType(), sources, &diags)
	m.TargetAttributes = mapOf(ctx, targetAttributeType(), targets, &diags)
	policies := map[string]policyModel{}
	for _, rule := range mapping.GetDeprovisioning() {
		policy := policyModel{Action: types.StringValue(rule.GetAction()), Attributes: types.MapNull(types.StringType)}
		if len(rule.GetAttributes()) > 0 {
			policy.Attributes, more = types.MapValueFrom(ctx, types.StringType, rule.GetAttributes())
			diags.Append(more...)
		}
		if rule.GetAfterDays() != 0 {
			policy.AfterDays = types.Int64Value(rule.GetAfterDays())
		}
		policies[rule.GetEvent()] = policy
	}
	m.Deprovisioning = mapOf(ctx, policyType(), policies, &diags)
	return diags
}

// mapOf returns what the engine holds as an optional map: an empty one is absent, and absent is null.
func mapOf[E any](ctx context.Context, kind types.ObjectType, elements map[string]E, diags *diag.Diagnostics) types.Map {
	if len(elements) == 0 {
		return types.MapNull(kind)
	}
	held, more := types.MapValueFrom(ctx, kind, elements)
	diags.Append(more...)
	return held
}
