package validators_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/validators"
)

func TestNamesInMaps(t *testing.T) {
	t.Parallel()
	entry := func(name, value string) types.Map {
		return types.MapValueMust(types.StringType, map[string]attr.Value{name: types.StringValue(value)})
	}
	for _, c := range []struct {
		name      string
		validator validator.Map
		value     types.Map
		want      string // part of the detail; empty: accepted
	}{
		{"header", validators.Headers(), entry("X-Tenant", "42, 43"), ""},
		{"user agent", validators.Headers(), entry("User-Agent", "mine"), ""},
		{"null", validators.Headers(), types.MapNull(types.StringType), ""},
		{"unknown", validators.Headers(), types.MapUnknown(types.StringType), ""},
		{"unknown value", validators.Headers(), types.MapValueMust(types.StringType, map[string]attr.Value{"X-Tenant": types.StringUnknown()}), ""},
		{"authorization", validators.Headers(), entry("aUTHORIZATION", "Bearer s3cret"), `headers["aUTHORIZATION"]: this header is set by the protocol`},
		{"content", validators.Headers(), entry("content-type", "x"), "set by the protocol"},
		{"condition", validators.Headers(), entry("If-Match", "x"), "set by the protocol"},
		{"host", validators.Headers(), entry("Host", "x"), "set by the protocol"},
		{"blank", validators.Headers(), entry("X Tenant", "x"), "not the name of a header"},
		{"colon", validators.Headers(), entry("X:", "x"), "not the name of a header"},
		{"empty", validators.Headers(), entry("", "x"), "not the name of a header"},
		{"line break", validators.Headers(), entry("X-Tenant", "s3cret\r\nA: b"), "holds a line break"},
		{"parameter", validators.TokenParameters(), entry("audience", "x"), ""},
		{"own parameter", validators.TokenParameters(), entry("client_secret", "s3cret"), "follows from other attributes"},
		{"no parameter", validators.TokenParameters(), entry("", "x"), "follows from other attributes"},
	} {
		var resp validator.MapResponse
		c.validator.ValidateMap(t.Context(), validator.MapRequest{Path: path.Root("headers"), ConfigValue: c.value}, &resp)
		got := ""
		for _, d := range resp.Diagnostics {
			got += d.Detail()
		}
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) || strings.Contains(got, "s3cret") {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
