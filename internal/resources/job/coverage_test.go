package job_test

import (
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
)

// Ways to take access away that are about the job itself, through Terraform and the embedded engine. Those that are about
// decisions are in internal/cycle/coverage_test.go.

// coverageStep plans and applies testdata/coverage.
func (s *stage) coverageStep(more config.Variables, checks ...plancheck.PlanCheck) resource.TestStep {
	step := s.step(more, checks...)
	step.ConfigDirectory = config.StaticDirectory("testdata/coverage")
	return step
}

func text(name, value string) config.Variables {
	return config.Variables{name: config.StringVariable(value)}
}

// TestAccEngineMembershipImpact: who leaves which group is named, and counted by group, the hardest hit first.
func TestAccEngineMembershipImpact(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.groups = map[string][]string{"crew": {"id-ann", "id-bob"}, "board": {"id-ann", "id-bob", "id-cem"}, "club": {"id-dora"}}
	s.write()
	group := func(name string, removals int64) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{"name": knownvalue.StringExact(name), "removal_count": knownvalue.Int64Exact(removals)})
	}
	leaves := func(group, member string) knownvalue.Check {
		return knownvalue.ObjectPartial(map[string]knownvalue.Check{"name": knownvalue.StringExact(group), "member": knownvalue.StringExact(member)})
	}
	left := s.coverageStep(nil, plancheck.ExpectKnownValue(address, tfjsonpath.New("planned_impact"), knownvalue.ObjectPartial(map[string]knownvalue.Check{
		"disable_count": knownvalue.Int64Exact(0), "membership_removal_count": knownvalue.Int64Exact(4), "group_count": knownvalue.Int64Exact(3),
		"groups": knownvalue.ListExact([]knownvalue.Check{group("board", 2), group("club", 1), group("crew", 1)}),
		"accounts": knownvalue.ListExact([]knownvalue.Check{
			leaves("board", "ann"), leaves("board", "bob"), leaves("club", "dora"), leaves("crew", "ann"),
		}),
		"causes": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
			"action": knownvalue.StringExact("remove_membership"), "cause": knownvalue.StringExact("no_member_in_source"),
			"origin": knownvalue.StringExact("source"), "count": knownvalue.Int64Exact(4),
		})}),
	})))
	left.PreConfig = func() {
		s.groups = map[string][]string{"crew": {"id-bob"}, "board": {"id-cem"}, "club": {}}
		s.write()
	}
	s.Run(t, s.coverageStep(nil), left)
}

// TestAccEngineMovesToAnotherEndpoint: refused at the attribute, possible knowingly, and nobody loses anything at either end.
func TestAccEngineMovesToAnotherEndpoint(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	old := s.App
	other := wikiapp.New(wikiapp.Options{Token: "opensesame"})
	server := httptest.NewServer(other)
	t.Cleanup(server.Close)
	there := func(restart config.Variable) config.Variables {
		variables := text("base_url", server.URL+wikiapp.Prefix)
		if restart != nil {
			variables["restart"] = restart
		}
		return variables
	}
	refused := s.coverageStep(there(nil))
	refused.ConfigPlanChecks = resource.ConfigPlanChecks{}
	refused.ExpectError = regexp.MustCompile(`(?s)connection_id.*manages\s+5\s+accounts\s+at.*restart\s+=\s+\{\s+scope\s+=\s+\["ConnectorDataStore"\],\s+acknowledge_orphans\s+=\s+true`)
	forgetting := func(acknowledged bool) config.Variable {
		return config.ObjectVariable(map[string]config.Variable{
			"scope": config.SetVariable(config.StringVariable("ConnectorDataStore")), "acknowledge_orphans": config.BoolVariable(acknowledged),
		})
	}
	unaware := s.coverageStep(there(forgetting(false)))
	unaware.ConfigPlanChecks = resource.ConfigPlanChecks{}
	unaware.ExpectError = regexp.MustCompile(`5 would stay\s+behind`)
	moved := s.coverageStep(there(forgetting(true)), plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), lossOf(0, 0), changes(5, 0))
	everybody := map[string]bool{"ann": true, "bob": true, "cem": true, "dora": true, "eve": true}
	moved.ConfigStateChecks = []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("managed_account_count"), knownvalue.Int64Exact(5))}
	// Who leaves from now on is disabled at the new endpoint alone.
	leaver := s.coverageStep(there(forgetting(true)), lossOf(0, 1, "ann"))
	leaver.PreConfig = func() {
		s.holds(everybody)
		s.App = other
		s.holds(everybody)
		s.change(func(people map[string]string) { delete(people, "ann") })()
	}
	s.Run(t, s.coverageStep(nil), refused, unaware, moved, leaver)
	s.holds(map[string]bool{"bob": true, "cem": true, "dora": true, "eve": true})
	s.App = old
	s.holds(everybody)
}

// TestAccEngineAppIsReplaced: another app is another job. The plan shows what on_destroy does to the accounts of the old one.
func TestAccEngineAppIsReplaced(t *testing.T) {
	t.Parallel()
	for policy, disabled := range map[string]int64{"keep": 0, "disable": 5} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			with := func(app string) config.Variables {
				variables := text("on_destroy", policy)
				variables["app"] = config.StringVariable(app)
				return variables
			}
			replaced := s.coverageStep(with("intranet"), plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace), lossOf(0, 0),
				destroyImpact{disabled})
			s.Run(t, s.coverageStep(with("wiki")), replaced)
		})
	}
}

// TestAccEnginePausedAndResumed: a paused job takes nothing away, and its plan says so; resuming shows what has gathered.
func TestAccEnginePausedAndResumed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	paused := s.coverageStep(text("state", "paused"), plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), lossOf(0, 0))
	paused.PreConfig = s.change(func(people map[string]string) { delete(people, "ann") })
	resumed := s.coverageStep(nil, lossOf(0, 1, "ann"))
	resumed.PreConfig = func() {
		s.holds(map[string]bool{"ann": true, "bob": true, "cem": true, "dora": true, "eve": true})
	}
	s.Run(t, s.coverageStep(nil), paused, resumed)
}

// TestAccEngineMappingSwitchesOff: an expression of active that now yields False is a disable, and the plan says which mapping.
func TestAccEngineMappingSwitchesOff(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	reasons := plancheck.ExpectKnownValue(address, tfjsonpath.New("planned_impact").AtMapKey("accounts").AtSliceIndex(0), knownvalue.ObjectPartial(map[string]knownvalue.Check{
		"cause": knownvalue.StringExact("mapping"), "origin": knownvalue.StringExact("configuration"),
		"reason": knownvalue.StringRegexp(regexp.MustCompile(`^the mapping of active switches the account off; the mapping of active has changed to Switch`)),
	}))
	off := s.coverageStep(text("active", `Switch([department], "True", "Sales", "False")`), lossOf(2, 0, "ann", "bob"), reasons)
	s.Run(t, s.coverageStep(nil), off)
}
