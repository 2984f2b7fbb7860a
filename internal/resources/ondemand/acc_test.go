package ondemand_test

import (
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
)

const address = "provisioning_on_demand.pilot"

// stage is a file of people, an application and an engine between them, with a job whose cycles nobody runs.
type stage struct {
	*acctest.Stage
	t *testing.T
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{Stage: acctest.NewStage(t), t: t}
	s.write(true, "Ann")
	return s
}

// write replaces the people of the source. ann may be disabled, and has a display name; bob and zoe just are.
func (s *stage) write(enabled bool, displayName string) {
	person := func(name, displayName string, enabled bool) map[string]any {
		return map[string]any{"id": "id-" + name, "userPrincipalName": name, "displayName": displayName, "accountEnabled": enabled}
	}
	s.Write(
		[]any{person("ann", displayName, enabled), person("bob", "Bob", true), person("zoe", "Zoe", true)},
		[]any{map[string]any{"id": "g-crew", "displayName": "crew", "securityEnabled": true, "members": []string{"id-ann", "id-bob"}}},
	)
}

type subject struct{ objectType, id string }

func (s *stage) step(more config.Variables, subjects ...subject) resource.TestStep {
	var asked []config.Variable
	for _, one := range subjects {
		object := map[string]config.Variable{"id": config.StringVariable(one.id)}
		if one.objectType != "" {
			object["object_type"] = config.StringVariable(one.objectType)
		}
		asked = append(asked, config.ObjectVariable(object))
	}
	variables := s.Variables()
	variables["subjects"] = config.SetVariable(asked...)
	maps.Copy(variables, more)
	return resource.TestStep{
		ConfigDirectory: config.StaticDirectory("testdata/engine"), ConfigVariables: variables,
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
	}
}

// planned adds what the plan has to say of the resource.
func planned(step resource.TestStep, action plancheck.ResourceActionType) resource.TestStep {
	step.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}
	if action != plancheck.ResourceActionNoop {
		step.ConfigPlanChecks.PreApply = append(step.ConfigPlanChecks.PreApply, plancheck.ExpectUnknownValue(address, tfjsonpath.New("results")))
	}
	return step
}

// result is what is said of one subject; an empty text is null.
type result struct{ objectType, id, result, action, code, reason string }

func results(want ...result) statecheck.StateCheck {
	var all []knownvalue.Check
	text := func(value string) knownvalue.Check {
		if value == "" {
			return knownvalue.Null()
		}
		return knownvalue.StringExact(value)
	}
	for _, r := range want {
		checks := map[string]knownvalue.Check{
			"object_type": text(r.objectType), "id": text(r.id), "result": text(r.result), "action": text(r.action), "error_code": text(r.code),
		}
		if r.reason != "" {
			checks["reason"] = knownvalue.StringRegexp(regexp.MustCompile(r.reason))
		}
		all = append(all, knownvalue.ObjectPartial(checks))
	}
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("results"), knownvalue.ListExact(all))
}

// accounts are who has an account, and whether it is active.
func (s *stage) accounts(want map[string]bool) {
	s.t.Helper()
	got := map[string]bool{}
	for _, user := range s.App.Users() {
		got[user.UserName+" "+user.DisplayName] = user.Active
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("accounts (-want +got):\n%s", diff)
	}
}

func TestAccOnDemand(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ann := subject{"", "ann"}
	annCreated := result{"user", "ann", "success", "create", "", ""}

	created := planned(s.step(nil, ann), plancheck.ResourceActionCreate)
	created.ConfigStateChecks = []statecheck.StateCheck{results(annCreated)}

	// Other timeouts, and a source that has moved on, provision nobody.
	timeouts := s.step(config.Variables{"create_timeout": config.StringVariable("2m")}, ann)
	timeouts.PreConfig = func() {
		s.accounts(map[string]bool{"ann Ann": true, "zoe Zoe": true})
		s.write(true, "Ann Smith")
		s.App.ResetRequests()
	}
	timeouts.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}
	timeouts.ConfigStateChecks = []statecheck.StateCheck{results(annCreated)}

	triggered := planned(s.step(config.Variables{"round": config.StringVariable("2")}, ann), plancheck.ResourceActionUpdate)
	triggered.PreConfig = func() {
		// The connection is tested; nobody is looked for or written.
		for _, sent := range s.App.Requests() {
			if sent.Method != http.MethodGet || strings.Contains(sent.Query, "ann") {
				t.Errorf("a plan, or other timeouts, asked the application: %v", sent)
			}
		}
	}
	triggered.ConfigStateChecks = []statecheck.StateCheck{results(result{"user", "ann", "success", "update", "", ""})}

	// A group, somebody unknown, and ann, who has been disabled.
	more := planned(s.step(config.Variables{"round": config.StringVariable("2")}, ann, subject{"user", "bobb"}, subject{"group", "crew"}), plancheck.ResourceActionUpdate)
	more.PreConfig = func() {
		s.accounts(map[string]bool{"ann Ann Smith": true, "zoe Zoe": true})
		s.write(false, "Ann Smith")
	}
	more.ConfigStateChecks = []statecheck.StateCheck{results(
		result{"group", "crew", "success", "create", "", ""},
		result{"user", "ann", "skipped", "stageddelete", "", `^disable is held: on demand nobody loses access \(disabled in the source\)`},
		result{"user", "bobb", "failure", "other", "NotInSource", `Nearest: bob$`},
	)}

	moved := planned(s.step(config.Variables{"round": config.StringVariable("2"), "name": config.StringVariable("other")}, subject{"user", "id-bob"}), plancheck.ResourceActionReplace)
	moved.PreConfig = func() { s.accounts(map[string]bool{"ann Ann Smith": true, "zoe Zoe": true}) }
	moved.ConfigStateChecks = []statecheck.StateCheck{results(result{"user", "id-bob", "success", "create", "", ""})}

	s.Run(t, created, timeouts, triggered, more, moved)
	// Destroying deprovisions nobody.
	s.accounts(map[string]bool{"ann Ann Smith": true, "bob Bob": true, "zoe Zoe": true})
}

func TestAccOnDemandImport(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	created := s.step(nil, subject{"", "ann"})
	imported := resource.TestStep{
		ConfigDirectory: created.ConfigDirectory, ConfigVariables: created.ConfigVariables, ResourceName: address, ImportState: true, ImportStateId: "wiki/main",
		ExpectError: regexp.MustCompile(`(?s)Cannot import provisioning on demand.*Write\s+the\s+resource\s+into\s+the\s+configuration`),
	}
	s.Run(t, created, imported)
}

func TestAccOnDemandInvalid(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for name, c := range map[string]struct {
		subjects []subject
		want     string
	}{
		"object type":   {[]subject{{"robot", "r2"}}, `one of`},
		"without an id": {[]subject{{"", ""}}, `string\s+length`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			step := s.step(nil, c.subjects...)
			step.PlanOnly, step.ExpectError = true, regexp.MustCompile(c.want)
			s.Run(t, step)
		})
	}
}
