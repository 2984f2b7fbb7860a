package scimschema_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
)

func read(name, attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data.provisioning_scim_schema."+name, tfjsonpath.New(attribute), check)
}

// attribute is an attribute of the wiki's schema that has nothing special.
func attribute(path, description string, change func(map[string]knownvalue.Check)) knownvalue.Check {
	checks := map[string]knownvalue.Check{
		"object_type": knownvalue.StringExact("group"), "path": knownvalue.StringExact(path), "type": knownvalue.StringExact("string"),
		"multi_valued": knownvalue.Bool(false), "required": knownvalue.Bool(false), "case_exact": knownvalue.Bool(false),
		"mutability": knownvalue.StringExact("readWrite"), "uniqueness": knownvalue.StringExact("none"),
		"canonical_values": knownvalue.ListExact(nil), "description": knownvalue.NotNull(),
	}
	if description != "" {
		checks["description"] = knownvalue.StringExact(description)
	}
	change(checks)
	return knownvalue.ObjectExact(checks)
}

func TestAccSCIMSchema(t *testing.T) {
	t.Parallel()
	wiki := wikiapp.New(wikiapp.Options{Token: "opensesame"})
	var down atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		wiki.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	base := config.Variables{"base_url": config.StringVariable(server.URL + wikiapp.Prefix)}
	described := resource.TestStep{
		ConfigDirectory: config.StaticDirectory("testdata/engine"), ConfigVariables: base,
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		ConfigStateChecks: []statecheck.StateCheck{
			read("all", "remembered", knownvalue.Bool(false)),
			read("all", "problems", knownvalue.ListExact(nil)),
			read("all", "learned", knownvalue.ListExact(nil)),
			read("all", "features", knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"patch": knownvalue.Bool(true), "filter": knownvalue.Bool(true), "sort": knownvalue.Bool(false), "max_results": knownvalue.Int64Exact(200),
				"authentication": knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("oauthbearertoken")}),
			})),
			read("groups", "attributes", knownvalue.ListPartial(map[int]knownvalue.Check{
				0: attribute("displayName", "", func(c map[string]knownvalue.Check) {
					c["required"], c["uniqueness"] = knownvalue.Bool(true), knownvalue.NotNull()
				}),
			})),
		},
	}
	later := described
	later.PreConfig = func() { down.Store(true) }
	later.ConfigStateChecks = []statecheck.StateCheck{
		read("all", "remembered", knownvalue.Bool(true)),
		read("all", "features", knownvalue.ObjectPartial(map[string]knownvalue.Check{"patch": knownvalue.Bool(true)})),
	}
	acctest.New(t).Run(t, described, later)
}

func TestAccSCIMSchemaOfATargetThatSaysNothing(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	acctest.New(t).Run(t, resource.TestStep{
		ConfigDirectory: config.StaticDirectory("testdata/engine"), ConfigVariables: config.Variables{"base_url": config.StringVariable(server.URL + "/scim")},
		ConfigStateChecks: []statecheck.StateCheck{
			read("all", "features", knownvalue.Null()), read("all", "attributes", knownvalue.ListExact(nil)), read("all", "problems", knownvalue.ListSizeExact(3)),
		},
	})
}

func TestAccSCIMSchemaInvalid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ arguments, message string }{
		"type": {`connection_id = "wiki/scim"
			object_type = "users"`, `value must be one of: ["user" "group"]`},
		"unknown connection": {`connection_id = "wiki/typo"`, "wiki/typo"},
		"no connection":      {`connection_id = ""`, "at least 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.New(t).Run(t, resource.TestStep{
				Config: "data \"provisioning_scim_schema\" \"x\" {\n" + c.arguments + "\n}\n", ExpectError: acctest.Message(c.message),
			})
		})
	}
}
