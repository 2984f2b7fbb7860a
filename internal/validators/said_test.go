package validators_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/validators"
)

func TestSaysSomething(t *testing.T) {
	t.Parallel()
	parts := map[string]attr.Type{"max_disable": types.Int64Type, "max_delete": types.Int64Type}
	limits := func(disable, remove types.Int64) types.Object {
		return types.ObjectValueMust(parts, map[string]attr.Value{"max_disable": disable, "max_delete": remove})
	}
	for name, c := range map[string]struct {
		value types.Object
		want  string // of the one warning; empty: none
	}{
		"null":      {types.ObjectNull(parts), ""},
		"unknown":   {types.ObjectUnknown(parts), ""},
		"a part":    {limits(types.Int64Value(0), types.Int64Null()), ""},
		"not known": {limits(types.Int64Null(), types.Int64Unknown()), ""},
		"no part":   {limits(types.Int64Null(), types.Int64Null()), "Attribute limits: none of max_delete, max_disable is set, so it says nothing. Is a name misspelt? Terraform drops names that it does not know inside braces, without a word. Otherwise remove the attribute."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var resp validator.ObjectResponse
			validators.SaysSomething().ValidateObject(t.Context(), validator.ObjectRequest{Path: path.Root("limits"), ConfigValue: c.value}, &resp)
			got := ""
			for _, warning := range resp.Diagnostics.Warnings() {
				got += warning.Detail()
			}
			if resp.Diagnostics.HasError() || got != c.want {
				t.Errorf("got %v, want %q", resp.Diagnostics, c.want)
			}
		})
	}
}
