package validators

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// said is a validator of an attribute with parts.
type said struct{}

// SaysSomething warns of an attribute whose parts are all null. It is legal, because a module may hand values on that are null. But
// Terraform drops names that a schema does not have from a nested attribute, and tells nobody: a misspelt limit is none.
func SaysSomething() validator.Object { return said{} }

// Description says what is expected.
func (said) Description(context.Context) string { return "at least one of its parts is set" }

// MarkdownDescription says what is expected.
func (v said) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateObject checks a known object.
func (said) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	parts := req.ConfigValue.Attributes()
	set := func(value attr.Value) bool { return !value.IsNull() }
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || slices.ContainsFunc(slices.Collect(maps.Values(parts)), set) {
		return
	}
	resp.Diagnostics.Append(diag.NewAttributeWarningDiagnostic(req.Path, "Attribute without effect",
		"Attribute "+req.Path.String()+": none of "+strings.Join(slices.Sorted(maps.Keys(parts)), ", ")+" is set, so it says nothing. "+
			"Is a name misspelt? Terraform drops names that it does not know inside braces, without a word. Otherwise remove the attribute."))
}
