package attributemapping

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestTargetPath(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"userName":                            "",
		"name.givenName":                      "",
		`emails[type eq "work"].value`:        "",
		`emails[type EQ "work"].primary`:      "",
		`roles[primary eq "True"].value`:      "",
		`addresses[type eq "work"].formatted`: "",
		"members":                             "",
		"manager.$ref":                        "",
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":     "",
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value":  "",
		"urn:ietf:params:scim:schemas:extension:CustomExtensionName:2.0:User:idTag": "",
		"urn:ietf:params:scim:schemas:core:2.0:User:name.givenName":                 "",
		// The target's own, in every way to write them.
		"id":                "Target attribute cannot be mapped",
		"ID":                "Target attribute cannot be mapped",
		"meta.resourceType": "Target attribute cannot be mapped",
		"schemas":           "Target attribute cannot be mapped",
		"urn:ietf:params:scim:schemas:core:2.0:User:id": "Target attribute cannot be mapped",
		// An extension may well have an attribute of that name.
		"urn:ietf:params:scim:schemas:extension:hr:2.0:User:id": "",

		"":                             "Invalid target attribute",
		" userName":                    "Invalid target attribute",
		"name..givenName":              "Invalid target attribute",
		"emails[work].value":           "Invalid target attribute",
		`emails[type eq work].value`:   "Invalid target attribute",
		`emails[type co "w"].value`:    "Invalid target attribute",
		`emails[type eq "work".value`:  "Invalid target attribute",
		`emails[type eq "a"][b eq ""]`: "Invalid target attribute",
	} {
		var resp validator.StringResponse
		targetPath().ValidateString(t.Context(), validator.StringRequest{
			Path: path.Root("attributes").AtMapKey(target), ConfigValue: types.StringValue(target),
		}, &resp)
		got := ""
		if len(resp.Diagnostics) > 0 {
			got = resp.Diagnostics[0].Summary()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", target, got, want)
		}
	}
}

func FuzzRootOf(f *testing.F) {
	f.Add(`emails[type eq "work"].value`)
	f.Add("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName")
	f.Fuzz(func(t *testing.T, target string) {
		if root := rootOf(target); pathPattern.MatchString(target) && root == "" {
			t.Errorf("%q has no root", target)
		}
	})
}
