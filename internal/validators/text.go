package validators

import (
	"context"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// mistake says what is wrong with a text and what to write instead; an empty summary means nothing is.
type mistake struct{ summary, detail string }

// text is a validator of one string.
type text struct {
	description string
	check       func(value string) mistake
}

// Description says what is allowed.
func (v text) Description(context.Context) string { return v.description }

// MarkdownDescription says what is allowed.
func (v text) MarkdownDescription(context.Context) string { return v.description }

// ValidateString checks a known value.
func (v text) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if found := v.check(req.ConfigValue.ValueString()); found.summary != "" {
		resp.Diagnostics.Append(At(req.Path, found.summary, found.detail))
	}
}

// At returns an error about an attribute that also names it in its text: for a nested attribute Terraform shows the
// whole resource as the place.
func At(attribute path.Path, summary, detail string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(attribute, summary, "Attribute "+attribute.String()+": "+detail)
}

// Word accepts a text without blanks and control characters.
func Word() validator.String {
	return text{description: "a text without blanks", check: func(value string) mistake {
		if value == "" || strings.ContainsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == ',' }) {
			return mistake{"Invalid value", "the value must not be empty and must not hold blanks or commas."}
		}
		return mistake{}
	}}
}

// BasicUsername accepts a user name of HTTP Basic (RFC 7617 2).
func BasicUsername() validator.String {
	return text{description: "a user name without a colon", check: func(value string) mistake {
		if value == "" || strings.ContainsFunc(value, func(r rune) bool { return r == ':' || unicode.IsControl(r) }) {
			return mistake{"Invalid user name", "the name must not be empty and must not hold a colon or a control character."}
		}
		return mistake{}
	}}
}
