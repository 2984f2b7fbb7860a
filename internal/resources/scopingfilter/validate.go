package scopingfilter

import (
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/validators"
)

// clauseRules checks a clause by the engine's own rules: which attributes can be tested, which operators take a
// value, and that patterns compile (mappings-and-scoping.md 13).
type clauseRules struct{}

// Description says what is required.
func (clauseRules) Description(context.Context) string {
	return "an attribute that can be tested, and a value where the operator takes one"
}

// MarkdownDescription says what is required.
func (v clauseRules) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateObject checks what is known of one clause. What is not known yet gets a stand-in that is right in itself, so that
// a wrong pattern shows although the attribute is only known after apply.
func (clauseRules) ValidateObject(ctx context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	var model clauseModel
	resp.Diagnostics.Append(req.ConfigValue.As(ctx, &model, basetypes.ObjectAsOptions{})...)
	if resp.Diagnostics.HasError() {
		return
	}
	report := func(attribute string, err error) {
		for _, mistake := range mistakes(err) {
			resp.Diagnostics.Append(validators.At(req.Path.AtName(attribute), "Invalid clause", "the clause cannot be used: "+mistake.Error()+"."))
		}
	}
	const standIn = "department"
	if !model.Attribute.IsUnknown() {
		report("attribute", scope.ValidateClause(scope.Clause{Attribute: model.Attribute.ValueString(), Operator: scope.IsNull}))
	}
	if model.Operator.IsUnknown() {
		return
	}
	operator := scope.Operator(model.Operator.ValueString())
	values, place, diags := model.compared(ctx)
	resp.Diagnostics.Append(diags...)
	if !slices.Contains(scope.Operators(), operator) {
		place = "operator"
	}
	if values == nil && place != "operator" && !operator.Unary() {
		return // the values are not known
	}
	report(place, scope.ValidateClause(scope.Clause{Attribute: standIn, Operator: operator, Values: values}))
}

// compared returns the values of a clause and the attribute that holds them, which is the operator's when there are none.
// Values that are not known are nil with another attribute than the operator's.
func (c clauseModel) compared(ctx context.Context) (values []string, place string, diags diag.Diagnostics) {
	raw, err := c.Values.ToTerraformValue(ctx)
	switch {
	case !c.Value.IsNull() && c.Value.IsUnknown():
		return nil, "value", nil
	case !c.Value.IsNull():
		return []string{c.Value.ValueString()}, "value", nil
	case c.Values.IsNull():
		return nil, "operator", nil
	case err != nil || !raw.IsFullyKnown():
		return nil, "values", nil
	}
	values, diags = draft.Sorted(ctx, c.Values)
	return values, "values", diags
}

// mistakes returns the parts of a joined error.
func mistakes(err error) []error {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		return joined.Unwrap()
	}
	if err != nil {
		return []error{err}
	}
	return nil
}
