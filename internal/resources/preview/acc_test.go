package preview_test

import (
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
)

func read(name string, at tfjsonpath.Path, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data.provisioning_preview."+name, at, check)
}

func impact(name, attribute string, check knownvalue.Check) statecheck.StateCheck {
	return read(name, tfjsonpath.New("planned_impact").AtMapKey(attribute), check)
}

func counts(name string, disabled, created int64) []statecheck.StateCheck {
	return []statecheck.StateCheck{
		impact(name, "disable_count", knownvalue.Int64Exact(disabled)), impact(name, "delete_count", knownvalue.Int64Exact(0)),
		read(name, tfjsonpath.New("planned_changes").AtMapKey("create_count"), knownvalue.Int64Exact(created)),
		read(name, tfjsonpath.New("managed_account_count"), knownvalue.Int64Exact(2)),
	}
}

// TestAccPreview: what would happen to ann and bob of Sales and cem of IT, and that asking changes nothing.
func TestAccPreview(t *testing.T) {
	t.Parallel()
	s := acctest.NewStage(t)
	cem := acctest.Sales("id-cem", "cem")
	cem.Department = "IT"
	s.Write([]acctest.Person{acctest.Sales("id-ann", "ann"), acctest.Sales("id-bob", "bob"), cem}, nil)
	created := resource.TestStep{
		ConfigDirectory: config.StaticDirectory("testdata/engine"), ConfigVariables: s.Variables(),
		// What depends on a job with pending changes waits until apply.
		ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction("data.provisioning_preview.after", plancheck.ResourceActionRead)},
		},
		ConfigStateChecks: counts("after", 0, 0),
	}
	asked := resource.TestStep{
		PreConfig:       s.App.ResetRequests,
		ConfigDirectory: config.StaticDirectory("testdata/asked"), ConfigVariables: s.Variables(),
		// Drafts and job are what they were: a second plan has nothing to do.
		ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction("provisioning_job.wiki", plancheck.ResourceActionNoop)},
			PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
		},
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("provisioning_job.wiki", tfjsonpath.New("generation"), knownvalue.Int64Exact(1)),
			impact("narrowed", "accounts", knownvalue.ListExact([]knownvalue.Check{named("ann"), named("bob")})),
			impact("narrowed", "basis", knownvalue.StringExact("newest data")),
			impact("counted", "accounts", knownvalue.ListSizeExact(0)),
			read("counted", tfjsonpath.New("limit_violations"), knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"limit": knownvalue.StringExact("max_disable"), "message": knownvalue.StringExact("2 accounts would be disabled, max_disable is 1"),
			})})),
			read("narrowed", tfjsonpath.New("limit_violations"), knownvalue.ListSizeExact(0)),
		},
		Check: func(*terraform.State) error {
			for _, request := range s.App.Requests() {
				if request.Method != http.MethodGet {
					t.Errorf("a preview sent %s %s", request.Method, request.Path)
				}
			}
			return nil
		},
	}
	for name, c := range map[string]struct{ disabled, created int64 }{
		"committed": {0, 0}, "narrowed": {2, 1}, "counted": {2, 1}, "left_alone": {0, 1}, "widened": {0, 1}, "added": {0, 1}, "assigned": {2, 0},
	} {
		asked.ConfigStateChecks = append(asked.ConfigStateChecks, counts(name, c.disabled, c.created)...)
	}
	s.Run(t, created, asked)
}

func named(name string) knownvalue.Check {
	return knownvalue.ObjectPartial(map[string]knownvalue.Check{
		"object_type": knownvalue.StringExact("user"), "name": knownvalue.StringExact(name), "action": knownvalue.StringExact("disable"),
		"cause": knownvalue.StringExact("filter"), "origin": knownvalue.StringExact("configuration"),
	})
}

func TestAccPreviewInvalid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ arguments, message string }{
		"unknown job":              {`job_id = "wiki/typo"`, "wiki/typo"},
		"unknown job, with a wish": {"job_id = \"wiki/typo\"\nscope = \"all\"", "wiki/typo"},
		"scope":                    {"job_id = \"wiki/main\"\nscope = \"some\"", `value must be one of: ["all" "assigned"]`},
		"detail":                   {"job_id = \"wiki/main\"\npreview_detail = \"all\"", `value must be one of: ["names" "counts"]`},
		"a filter without clauses": {"job_id = \"wiki/main\"\nscoping_filters = [{ name = \"x\", object_type = \"user\", clauses = [] }]", "at least 1"},
		"operator":                 {"job_id = \"wiki/main\"\nscoping_filters = [{ name = \"x\", object_type = \"user\", clauses = [{ attribute = \"a\", operator = \"LIKE\" }] }]", "value must be one of"},
		"negative limit":           {"job_id = \"wiki/main\"\nlimits = { max_disable = -1 }", "at least 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.New(t).Run(t, resource.TestStep{
				Config: "data \"provisioning_preview\" \"x\" {\n" + c.arguments + "\n}\n", ExpectError: acctest.Message(c.message),
			})
		})
	}
}

// TestAccPreviewUnconfigured: a store that is not known before apply is not asked while planning.
func TestAccPreviewUnconfigured(t *testing.T) {
	t.Parallel()
	acctest.New(t).Run(t, resource.TestStep{
		Config: `
resource "terraform_data" "store" {
  input = "provisioning.db"
}

provider "provisioning" {
  embedded = { store = terraform_data.store.output }
}

data "provisioning_preview" "x" {
  job_id = "wiki/main"
}
`,
		ExpectError: acctest.Message("configuration is not known yet, so there is no preview"),
	})
}
