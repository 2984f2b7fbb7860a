package template_test

import (
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
)

func TestHasForm(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		form, address string
		want          bool
	}{
		{"https://api.example.com/scim/v2", "https://api.example.com/scim/v2", true},
		{"https://api.example.com/scim/v2", "https://API.example.com/scim/v2/", true},
		{"https://api.example.com/scim/v2", "https://api.example.com/scim/v2?aadOptscim062020", true},
		{"https://api.example.com/scim/v2", "https://api.example.com/scim", false},
		{"https://api.example.com/scim/v2", "https://api.example.com/scim/v2/Users", false},
		{"https://api.example.com/scim/v2", "http://api.example.com/scim/v2", false},
		{"https://api.example.com/scim/v2", "https://apiXexample.com/scim/v2", false},
		{"https://api.example.com/scim/v2", "", false},
		{"https://{host}/scim", "https://wiki.example.com:8443/scim", true},
		{"https://{host}/scim", "https:///scim", false},
		{"https://{account}.example.com/{id}/scim", "https://eu-1.acme.example.com/42/scim", true},
		{"https://{account}.example.com/{id}/scim", "https://acme.example.com/scim", false},
		{"https://{account}.example.com/{id}/scim", "https://acme.example.com/4/2/scim", false},
		{"https://{a}.example.com/{a}", "https://acme.example.com/other", true},
	} {
		if got := template.HasForm(test.form, test.address); got != test.want {
			t.Errorf("%s has the form %s: %v", test.address, test.form, got)
		}
	}
}
