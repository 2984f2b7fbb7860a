package scim_test

import (
	"slices"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// TestDescribedTarget: what the target said not long ago is not asked for again, and holds for this connector as if it had been.
func TestDescribedTarget(t *testing.T) {
	t.Parallel()
	const asks, bulk, post = "GET /scim/v2/ServiceProviderConfig", "POST /scim/v2/Bulk", "POST /scim/v2/Users"
	for _, test := range []struct {
		name      string
		described *connector.Discovery
		want      []string
	}{
		{"never asked", nil, []string{asks, bulk, bulk}},
		{"it takes bulk requests", &connector.Discovery{Features: &connector.Features{Bulk: true, MaxOperations: 40}}, []string{bulk, bulk}},
		{"fewer at a time, then", &connector.Discovery{Features: &connector.Features{Bulk: true, MaxOperations: 20}}, []string{bulk, bulk, bulk}},
		{"it takes none", &connector.Discovery{Features: &connector.Features{Patch: true}}, slices.Repeat([]string{post}, 50)},
		{"it does not describe itself", &connector.Discovery{Problems: []string{"/ServiceProviderConfig: the target does not have it"}}, slices.Repeat([]string{post}, 50)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			target := bulky(40)
			c, err := scim.New(scim.Options{BaseURL: "http://localhost/scim/v2", BearerToken: secret.New(token), RateLimit: unlimited, Transport: handlerTransport{target}, Described: test.described})
			if err != nil {
				t.Fatal(err)
			}
			for i, outcome := range c.Apply(t.Context(), creates(50)) {
				if outcome.Err != nil {
					t.Fatalf("%d: %v", i, outcome.Err)
				}
			}
			if !slices.Equal(withoutLooks(target.requests), test.want) {
				t.Errorf("requests %q, want %q", target.requests, test.want)
			}
		})
	}
}
