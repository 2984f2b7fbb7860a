package scopingfilter

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// ResourceModel is the resource in Terraform's terms.
type ResourceModel struct {
	draft.Common
	AppID      types.String `tfsdk:"app_id"`
	Name       types.String `tfsdk:"name"`
	ObjectType types.String `tfsdk:"object_type"`
	Clauses    types.List   `tfsdk:"clauses"`
}

type clauseModel struct {
	Attribute types.String `tfsdk:"attribute"`
	Operator  types.String `tfsdk:"operator"`
	Value     types.String `tfsdk:"value"`
	Values    types.Set    `tfsdk:"values"`
}

func clauseType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"attribute": types.StringType,
		"operator":  types.StringType,
		"value":     types.StringType,
		"values":    types.SetType{ElemType: types.StringType},
	}}
}

// toScope returns the clause in the engine's terms.
func (c clauseModel) toScope(ctx context.Context) (scope.Clause, diag.Diagnostics) {
	values, diags := draft.Sorted(ctx, c.Values)
	if !c.Value.IsNull() {
		values = []string{c.Value.ValueString()}
	}
	return scope.Clause{
		Attribute: c.Attribute.ValueString(),
		Operator:  scope.Operator(c.Operator.ValueString()),
		Values:    values,
	}, diags
}

// ToAPI implements draft.Model.
func (m *ResourceModel) ToAPI(ctx context.Context) (*provisioningv1.Draft, diag.Diagnostics) {
	filter := &provisioningv1.ScopingFilter{
		AppId:      m.AppID.ValueString(),
		Name:       m.Name.ValueString(),
		ObjectType: m.ObjectType.ValueString(),
	}
	var clauses []clauseModel
	diags := m.Clauses.ElementsAs(ctx, &clauses, false)
	for _, clause := range clauses {
		compiled, more := clause.toScope(ctx)
		diags.Append(more...)
		filter.Clauses = append(filter.Clauses, &provisioningv1.Clause{
			Attribute: compiled.Attribute,
			Operator:  string(compiled.Operator),
			Values:    compiled.Values,
		})
	}
	return &provisioningv1.Draft{Kind: &provisioningv1.Draft_ScopingFilter{ScopingFilter: filter}}, diags
}

// FromAPI implements draft.Model.
func (m *ResourceModel) FromAPI(ctx context.Context, held *provisioningv1.Draft) diag.Diagnostics {
	filter := held.GetScopingFilter()
	var before []clauseModel
	var diags diag.Diagnostics
	if !m.Clauses.IsNull() && !m.Clauses.IsUnknown() {
		diags.Append(m.Clauses.ElementsAs(ctx, &before, false)...)
	}
	m.AppID = types.StringValue(filter.GetAppId())
	m.Name = types.StringValue(filter.GetName())
	m.ObjectType = types.StringValue(filter.GetObjectType())
	clauses := make([]clauseModel, len(filter.GetClauses()))
	for i, clause := range filter.GetClauses() {
		// The engine does not know whether a single value was written as value or as values; the same place
		// before does.
		inSet := len(clause.GetValues()) > 1 || len(clause.GetValues()) == 1 && i < len(before) && !before[i].Values.IsNull()
		clauses[i] = clauseModel{
			Attribute: types.StringValue(clause.GetAttribute()),
			Operator:  types.StringValue(clause.GetOperator()),
			Value:     types.StringNull(),
			Values:    types.SetNull(types.StringType),
		}
		var more diag.Diagnostics
		switch {
		case inSet:
			clauses[i].Values, more = draft.TextSet(ctx, clause.GetValues())
		case len(clause.GetValues()) == 1:
			clauses[i].Value = types.StringValue(clause.GetValues()[0])
		}
		diags.Append(more...)
	}
	var more diag.Diagnostics
	m.Clauses, more = types.ListValueFrom(ctx, clauseType(), clauses)
	diags.Append(more...)
	return diags
}
