package links_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
)

func read(name, attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data.provisioning_links."+name, tfjsonpath.New(attribute), check)
}

func named(names ...string) knownvalue.Check {
	links := make([]knownvalue.Check, len(names))
	for i, name := range names {
		links[i] = knownvalue.ObjectPartial(map[string]knownvalue.Check{"name": knownvalue.StringExact(name)})
	}
	return knownvalue.ListExact(links)
}

func TestAccLinks(t *testing.T) {
	t.Parallel()
	s := acctest.NewStage(t)
	s.Write([]acctest.Person{acctest.Sales("id-ann", "ann"), acctest.Sales("id-bob", "bob"), acctest.Sales("id-bea", "bea")}, nil)
	created := resource.TestStep{
		ConfigDirectory: config.StaticDirectory("testdata/engine"), ConfigVariables: s.Variables(),
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		ConfigStateChecks: []statecheck.StateCheck{
			read("all", "truncated", knownvalue.Bool(false)),
			read("all", "links", named("ann", "bea", "bob")),
			read("all", "links", knownvalue.ListPartial(map[int]knownvalue.Check{0: knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"object_type": knownvalue.StringExact("user"), "source_id": knownvalue.StringExact("id-ann"), "target_id": knownvalue.NotNull(),
				"managed": knownvalue.Bool(true), "active": knownvalue.Bool(true), "linked_at": knownvalue.NotNull(),
				"exported_json": knownvalue.StringExact(`{"active":true,"displayName":"ann","title":"[Redact]","userName":"ann"}`),
			})})),
			read("first", "truncated", knownvalue.Bool(true)),
			read("first", "links", named("ann")),
			read("first", "links", knownvalue.ListPartial(map[int]knownvalue.Check{
				0: knownvalue.ObjectPartial(map[string]knownvalue.Check{"exported_json": knownvalue.Null()}),
			})),
			read("filtered", "links", named("bea", "bob")),
			read("let_go", "links", named()),
		},
	}
	left := created
	left.PreConfig = func() {
		bob := acctest.Sales("id-bob", "bob")
		bob.Department = "IT"
		s.Write([]acctest.Person{acctest.Sales("id-ann", "ann"), bob, acctest.Sales("id-bea", "bea")}, nil)
	}
	left.ConfigStateChecks = []statecheck.StateCheck{read("filtered", "links", named("bea")), read("let_go", "links", named("bob"))}
	s.Run(t, created, left)
}

func TestAccLinksInvalid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ arguments, message string }{
		"type": {`job_id = "wiki/main"
			object_type = "users"`, `value must be one of: ["user" "group"]`},
		"limit": {`job_id = "wiki/main"
			limit = 0`, "between 1 and 1000"},
		"unknown job": {`job_id = "wiki/typo"`, "wiki/typo"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.New(t).Run(t, resource.TestStep{
				Config: "data \"provisioning_links\" \"x\" {\n" + c.arguments + "\n}\n", ExpectError: acctest.Message(c.message),
			})
		})
	}
}
