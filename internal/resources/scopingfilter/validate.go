package scopingfilter

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

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

// ValidateObject checks one clause as far as it is known.
func (clauseRules) ValidateObject(ctx context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	var clause clauseModel
	resp.Diagnostics.Append(req.ConfigValue.As(ctx, &clause, basetypes.ObjectAsOptions{})...)
	raw, err := req.ConfigValue.ToTerraformValue(ctx)
	if resp.Diagnostics.HasError() || err != nil || !raw.IsFullyKnown() {
		return
	}
	if clause.Attribute.ValueString() == "" || !known(clause.Operator.ValueString()) {
		return // the attribute's own validator says so
	}
	compiled, diags := clause.toScope(ctx)
	resp.Diagnostics.Append(diags...)
	for _, mistake := range mistakes(scope.ValidateClause(compiled)) {
		resp.Diagnostics.Append(validators.At(place(req.Path, clause), "Invalid clause", "the clause cannot be used: "+mistake.Error()+"."))
	}
}

func known(operator string) bool {
	for _, name := range operators() {
		if name == operator {
			return true
		}
	}
	return false
}

// place returns the attribute of a clause that a mistake is most likely about: a clause that is wrong for its
// attribute alone is wrong whatever is compared.
func place(clause path.Path, model clauseModel) path.Path {
	if scope.ValidateClause(scope.Clause{Attribute: model.Attribute.ValueString(), Operator: scope.IsNull}) != nil {
		return clause.AtName("attribute")
	}
	switch {
	case !model.Values.IsNull():
		return clause.AtName("values")
	case !model.Value.IsNull():
		return clause.AtName("value")
	default:
		return clause.AtName("operator")
	}
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
