package validators

import (
	"context"
	"maps"
	"net/textproto"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// names is a validator of a map's keys and values.
type names struct {
	description string
	// check says what is wrong with an entry; an empty text is what nothing is.
	check func(name, value string) string
}

// Description says what is allowed.
func (v names) Description(context.Context) string { return v.description }

// MarkdownDescription says what is allowed.
func (v names) MarkdownDescription(context.Context) string { return v.description }

// ValidateMap checks the known entries of a known map, in the order of their names.
func (v names) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	elements := req.ConfigValue.Elements()
	for _, name := range slices.Sorted(maps.Keys(elements)) {
		value := ""
		if text, ok := elements[name].(interface{ ValueString() string }); ok {
			value = text.ValueString()
		}
		if problem := v.check(name, value); problem != "" {
			resp.Diagnostics.Append(At(req.Path.AtMapKey(name), "Invalid name or value", problem+"."))
		}
	}
}

// ownHeaders follow from the protocol or carry credentials; so do those that begin with Content- and If-.
var ownHeaders = []string{
	"Accept", "Accept-Encoding", "Authorization", "Connection", "Cookie", "Expect", "Host", "Keep-Alive", "Proxy-Authorization",
	"Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// Headers accepts headers that may go with every request.
func Headers() validator.Map {
	return names{description: "names and values of HTTP headers", check: func(name, value string) string {
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r) }):
			return "this is not the name of a header"
		case slices.Contains(ownHeaders, canonical) || strings.HasPrefix(canonical, "Content-") || strings.HasPrefix(canonical, "If-"):
			return "this header is set by the protocol or holds credentials; remove it"
		case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
			return "the value holds a line break or another character that no header can carry"
		}
		return ""
	}}
}

// ownParameters of a token request follow from other attributes.
var ownParameters = []string{"grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type", "scope"}

// TokenParameters accepts parameters that may go with a token request.
func TokenParameters() validator.Map {
	return names{description: "parameters of a token request", check: func(name, _ string) string {
		if name == "" || slices.Contains(ownParameters, name) {
			return "this parameter follows from other attributes of oauth2; remove it"
		}
		return ""
	}}
}
