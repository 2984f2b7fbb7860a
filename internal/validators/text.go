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

// BearerToken accepts a token that a header can carry (RFC 6750 2.1). No message repeats a part of it.
func BearerToken() validator.String {
	return text{description: "a token without blanks", check: func(value string) mistake {
		refused := func(why string) mistake {
			return mistake{"Invalid bearer token", "the token cannot be used: " + why + "."}
		}
		inner := strings.TrimSpace(value)
		scheme, rest, _ := strings.Cut(inner, " ")
		switch {
		case inner == "":
			return refused("it is empty")
		case strings.EqualFold(scheme, "bearer") && rest != "":
			return refused("it begins with the word Bearer, which is sent by itself; leave the word off")
		case strings.ContainsFunc(inner, unprintable):
			return refused("it holds a blank, a line break or another character that no header can carry")
		case inner != value:
			return refused("it begins or ends with a blank or a line break; of a file, take trimspace(file(\"path\"))")
		}
		return mistake{}
	}}
}

// unprintable finds what a header's value cannot have, or a token must not.
func unprintable(r rune) bool { return r <= ' ' || r > '~' }

// BasicUsername accepts a user name of HTTP Basic (RFC 7617 2).
func BasicUsername() validator.String {
	return text{description: "a user name without a colon", check: func(value string) mistake {
		if value == "" || strings.ContainsFunc(value, func(r rune) bool { return r == ':' || unicode.IsControl(r) }) {
			return mistake{"Invalid user name", "the name must not be empty and must not hold a colon or a control character."}
		}
		return mistake{}
	}}
}
