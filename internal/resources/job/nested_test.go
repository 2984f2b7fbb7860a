package job_test

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
)

// staffStage is a stage where ann is in the assigned group, cem and dora are in groups inside it, and bob and eve in none.
func staffStage(t *testing.T) *stage {
	t.Helper()
	s := newStage(t)
	s.groups = map[string][]string{"staff": {"id-ann", "g-it"}, "it": {"id-cem", "g-ops"}, "ops": {"id-dora", "g-staff"}}
	s.write()
	return s
}

// nestedStep applies testdata/nested.
func (s *stage) nestedStep(more config.Variables, checks ...plancheck.PlanCheck) resource.TestStep {
	step := s.step(more, checks...)
	step.ConfigDirectory = config.StaticDirectory("testdata/nested")
	return step
}

func (s *stage) importNested(more config.Variables) resource.TestStep {
	return resource.TestStep{
		ConfigDirectory: config.StaticDirectory("testdata/nested"), ConfigVariables: s.with(more),
		ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"planned_impact", "planned_changes"},
	}
}

func TestAccEngineNestedGroups(t *testing.T) {
	t.Parallel()
	s := staffStage(t)
	nested := func(on bool) config.Variables { return config.Variables{"nested_groups": config.BoolVariable(on)} }
	updates := plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)

	direct := s.nestedStep(nil, plancheck.ExpectKnownValue(address, tfjsonpath.New("nested_groups"), knownvalue.Bool(false)))
	turnedOn := s.nestedStep(nested(true), updates, lossOf(0, 0), changes(2, 0))
	turnedOn.PreConfig = func() { s.holds(map[string]bool{"ann": true}) }
	// Far below, where neither cem nor the assigned group changes.
	moved := s.nestedStep(nested(true), updates, lossOf(1, 0, "dora"), changes(1, 0))
	moved.PreConfig = func() {
		s.holds(map[string]bool{"ann": true, "cem": true, "dora": true})
		s.groups["ops"] = []string{"id-eve"}
		s.write()
	}
	turnedOff := s.nestedStep(nested(false), updates, lossOf(2, 0, "cem", "eve"), changes(0, 0))
	turnedOff.PreConfig = func() { s.holds(map[string]bool{"ann": true, "cem": true, "dora": false, "eve": true}) }
	leftOut := s.nestedStep(nil, plancheck.ExpectEmptyPlan())

	s.Run(t, direct, turnedOn, s.importNested(nested(true)), moved, turnedOff, leftOut, s.importNested(nil))
	s.holds(map[string]bool{"ann": true, "cem": false, "dora": false, "eve": false})
}

func TestAccEngineParametersAndDefaultDomain(t *testing.T) {
	t.Parallel()
	s := staffStage(t)
	titled := func(parameters map[string]string, domain string) config.Variables {
		values := map[string]config.Variable{}
		for name, value := range parameters {
			values[name] = config.StringVariable(value)
		}
		return config.Variables{
			"title": config.StringVariable(`Join(" ", %Team.Name%, [displayName], DefaultDomain())`), "parameters": config.MapVariable(values),
			"default_domain": config.StringVariable(domain),
		}
	}
	names := func(want ...string) {
		t.Helper()
		var got []string
		for _, user := range s.App.Users() {
			got = append(got, user.DisplayName)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("display names: %s", diff)
		}
	}
	red := titled(map[string]string{"Team.Name": "Red", "Unused": ""}, "example.com")
	create := s.nestedStep(red)
	create.ConfigStateChecks = []statecheck.StateCheck{
		statecheck.ExpectKnownValue(address, tfjsonpath.New("parameters"), knownvalue.MapExact(map[string]knownvalue.Check{
			"Team.Name": knownvalue.StringExact("Red"), "Unused": knownvalue.StringExact(""),
		})),
	}
	blue := titled(map[string]string{"Team.Name": "Blue"}, "example.com")
	other := titled(map[string]string{"Team.Name": "Blue"}, "example.org")
	recoloured := s.nestedStep(blue, plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), lossOf(0, 0), changes(0, 1))
	recoloured.PreConfig = func() { names("Red ann example.com") }
	renamed := s.nestedStep(other, plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), lossOf(0, 0), changes(0, 1))
	renamed.PreConfig = func() { names("Blue ann example.com") }
	none := s.nestedStep(nil, plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), changes(0, 1))
	none.PreConfig = func() { names("Blue ann example.org") }
	none.ConfigStateChecks = []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("parameters"), knownvalue.Null())}

	s.Run(t, create, s.importNested(red), recoloured, renamed, none)
	names("ann")
}

func TestAccParametersInvalid(t *testing.T) {
	t.Parallel()
	s := staffStage(t)
	refused := func(parameters map[string]config.Variable, message string) resource.TestStep {
		step := s.nestedStep(config.Variables{"parameters": config.MapVariable(parameters)})
		step.ConfigPlanChecks = resource.ConfigPlanChecks{}
		step.ExpectError = acctest.Message(message)
		return step
	}
	s.Run(t,
		refused(map[string]config.Variable{"%Team%": config.StringVariable("Red")}, "must be the name of a parameter: letters, digits, dots, hyphens and underscores"),
		refused(map[string]config.Variable{}, "Attribute parameters map must contain at least 1 elements"),
	)
}
