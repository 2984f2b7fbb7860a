package validators

import (
	"context"

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
	v.report(req.Path, req.ConfigValue.ValueString(), resp)
}

func (v text) report(at path.Path, value string, resp *validator.StringResponse) {
	if found := v.check(value); found.summary != "" {
		resp.Diagnostics.AddAttributeError(at, found.summary, found.detail)
	}
}
