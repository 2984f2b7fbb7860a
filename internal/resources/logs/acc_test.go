package logs_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/logs"
)

func read(name, attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data.provisioning_logs."+name, tfjsonpath.New(attribute), check)
}

func TestAccLogs(t *testing.T) {
	t.Parallel()
	s := acctest.NewStage(t)
	// Two claim the name cem; the first one gets the account.
	s.Write([]acctest.Person{acctest.Sales("id-ann", "ann"), acctest.Sales("id-cem", "cem"), acctest.Sales("id-cem-2", "cem")}, nil)
	record := func(more map[string]knownvalue.Check) knownvalue.Check { return knownvalue.ObjectPartial(more) }
	ann := record(map[string]knownvalue.Check{
		"action": knownvalue.StringExact("create"), "status": knownvalue.StringExact("success"), "object_type": knownvalue.StringExact("user"),
		"source_id": knownvalue.StringExact("id-ann"), "source_name": knownvalue.StringExact("ann"), "target_id": knownvalue.NotNull(),
		"error_code": knownvalue.Null(), "recommended_action": knownvalue.Null(), "initiated_by": knownvalue.StringExact("commit"), "time": knownvalue.NotNull(),
		"steps": knownvalue.ListPartial(map[int]knownvalue.Check{0: knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"name": knownvalue.StringExact("EntryImport"), "type": knownvalue.StringExact("import"), "details": knownvalue.MapExact(map[string]knownvalue.Check{}),
		})}),
		"modified_properties": knownvalue.ListPartial(map[int]knownvalue.Check{
			2: knownvalue.ObjectExact(map[string]knownvalue.Check{
				"display_name": knownvalue.StringExact("title"), "old_value": knownvalue.StringExact("[Redact]"), "new_value": knownvalue.StringExact("[Redact]"),
			}),
		}),
	})
	cem := record(map[string]knownvalue.Check{"source_id": knownvalue.StringExact("id-cem"), "status": knownvalue.StringExact("success")})
	failure := record(map[string]knownvalue.Check{
		"status": knownvalue.StringExact("failure"), "source_id": knownvalue.StringExact("id-cem-2"), "target_id": knownvalue.Null(),
		"error_code":         knownvalue.StringExact("DuplicateSourceEntries"),
		"recommended_action": knownvalue.StringExact("Correct the source so that the value is unique, or match by another attribute."),
	})
	step := resource.TestStep{
		ConfigDirectory: config.StaticDirectory("testdata/engine"), ConfigVariables: s.Variables(),
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		ConfigStateChecks: []statecheck.StateCheck{
			read("all", "truncated", knownvalue.Bool(false)),
			read("all", "records", knownvalue.SetExact([]knownvalue.Check{ann, cem, failure})),
			read("first", "truncated", knownvalue.Bool(true)),
			read("first", "records", knownvalue.ListExact([]knownvalue.Check{record(map[string]knownvalue.Check{
				"steps": knownvalue.Null(), "modified_properties": knownvalue.Null(),
			})})),
			read("failures", "records", knownvalue.ListExact([]knownvalue.Check{failure})),
			read("one", "records", knownvalue.ListSizeExact(1)),
		},
	}
	later := step
	later.ConfigVariables = s.Variables()
	later.ConfigVariables["failures_since"] = config.StringVariable("9998-01-01T00:00:00Z")
	later.ConfigStateChecks = []statecheck.StateCheck{read("failures", "records", knownvalue.ListExact(nil)), read("failures", "truncated", knownvalue.Bool(false))}
	s.Run(t, step, later)
}

func TestAccLogsInvalid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ arguments, message string }{
		"action": {`job_id = "wiki/main"
			actions = ["created"]`, `value must be one of: ["create" "update" "delete" "stageddelete" "disable" "other"]`},
		"status": {`job_id = "wiki/main"
			statuses = ["failed"]`, `value must be one of: ["success" "warning" "failure" "skipped"]`},
		"time": {`job_id = "wiki/main"
			since = "24h"`, "RFC3339"},
		"limit": {`job_id = "wiki/main"
			limit = 1001`, "between 1 and 1000"},
		"unknown job": {`job_id = "wiki/typo"`, "wiki/typo"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.New(t).Run(t, resource.TestStep{
				Config: "data \"provisioning_logs\" \"x\" {\n" + c.arguments + "\n}\n", ExpectError: acctest.Message(c.message),
			})
		})
	}
}

// What the schema allows is what the engine knows.
func TestWords(t *testing.T) {
	t.Parallel()
	words := []string{}
	for _, action := range provlog.Actions() {
		words = append(words, string(action))
	}
	for _, status := range provlog.Statuses() {
		words = append(words, string(status))
	}
	for _, objectType := range directory.ObjectTypes() {
		words = append(words, string(objectType))
	}
	if diff := cmp.Diff(words, logs.Words()); diff != "" {
		t.Errorf("(-engine +schema):\n%s", diff)
	}
}
