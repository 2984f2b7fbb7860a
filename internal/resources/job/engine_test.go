package job_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

// These tests run the whole chain: Terraform, the provider, the embedded engine, SCIM over loopback, an application.

const address = "provisioning_job.wiki"

// stage is a directory of people, an application and an engine between them.
type stage struct {
	*acctest.Stage
	t      *testing.T
	people map[string]string   // name → department
	groups map[string][]string // name → ids of members
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{
		Stage: acctest.NewStage(t), t: t,
		people: map[string]string{"ann": "Sales", "bob": "Sales", "cem": "IT", "dora": "IT", "eve": "IT"},
	}
	s.write()
	return s
}

// write writes the directory as a source file in the Graph shape.
func (s *stage) write() {
	s.t.Helper()
	type user struct {
		ID                string `json:"id"`
		UserPrincipalName string `json:"userPrincipalName"`
		DisplayName       string `json:"displayName"`
		Department        string `json:"department"`
		AccountEnabled    bool   `json:"accountEnabled"`
	}
	users := []user{}
	for _, name := range slices.Sorted(maps.Keys(s.people)) {
		users = append(users, user{ID: "id-" + name, UserPrincipalName: name, DisplayName: name, Department: s.people[name], AccountEnabled: true})
	}
	type group struct {
		ID          string   `json:"id"`
		DisplayName string   `json:"displayName"`
		Members     []string `json:"members"`
	}
	groups := []group{}
	for _, name := range slices.Sorted(maps.Keys(s.groups)) {
		groups = append(groups, group{ID: "g-" + name, DisplayName: name, Members: s.groups[name]})
	}
	s.Write(users, groups)
}

// change edits the directory.
func (s *stage) change(edit func(people map[string]string)) func() {
	return func() {
		edit(s.people)
		s.write()
	}
}

func (s *stage) with(more config.Variables) config.Variables {
	variables := s.Variables()
	maps.Copy(variables, more)
	return variables
}

func (s *stage) step(more config.Variables, checks ...plancheck.PlanCheck) resource.TestStep {
	return resource.TestStep{
		ConfigDirectory: config.StaticDirectory("testdata/engine"), ConfigVariables: s.with(more),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: checks, PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
	}
}

// holds checks the accounts of the application: name → active.
func (s *stage) holds(want map[string]bool) {
	s.t.Helper()
	got := map[string]bool{}
	for _, user := range s.App.Users() {
		got[user.UserName] = user.Active
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("accounts: %s", diff)
	}
}

func lossOf(disabled, deleted int64, names ...string) plancheck.PlanCheck {
	accounts := make([]knownvalue.Check, len(names))
	for i, name := range names {
		accounts[i] = knownvalue.ObjectPartial(map[string]knownvalue.Check{"name": knownvalue.StringExact(name)})
	}
	return plancheck.ExpectKnownValue(address, tfjsonpath.New("planned_impact"), knownvalue.ObjectPartial(map[string]knownvalue.Check{
		"disable_count": knownvalue.Int64Exact(disabled), "delete_count": knownvalue.Int64Exact(deleted), "accounts": knownvalue.ListExact(accounts),
	}))
}

func changes(created, updated int64) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(address, tfjsonpath.New("planned_changes"), knownvalue.ObjectPartial(map[string]knownvalue.Check{
		"create_count": knownvalue.Int64Exact(created), "update_count": knownvalue.Int64Exact(updated),
	}))
}

func department(name string) config.Variables {
	return config.Variables{"department": config.StringVariable(name)}
}

func TestAccEngineFromPeopleToAccounts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	create := s.step(nil, plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate), lossOf(0, 0))
	create.ConfigStateChecks = []statecheck.StateCheck{
		statecheck.ExpectKnownValue(address, tfjsonpath.New("managed_account_count"), knownvalue.Int64Exact(2)),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("last_cycle").AtMapKey("created_count"), knownvalue.Int64Exact(2)),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("status"), knownvalue.StringExact("active")),
	}
	narrowed := s.step(department("IT"), plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), lossOf(2, 0, "ann", "bob"), changes(3, 0))
	narrowed.PreConfig = func() { s.holds(map[string]bool{"ann": true, "bob": true}) }

	joinerMoverLeaver := s.step(department("IT"), plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), lossOf(1, 1, "cem", "dora"), changes(1, 0))
	joinerMoverLeaver.PreConfig = func() {
		s.holds(map[string]bool{"ann": false, "bob": false, "cem": true, "dora": true, "eve": true})
		s.change(func(people map[string]string) {
			people["gil"] = "IT"
			people["cem"] = "Legal"
			delete(people, "dora")
		})()
	}

	exceeded := s.step(salesWithin(1))
	exceeded.ConfigPlanChecks = resource.ConfigPlanChecks{}
	exceeded.ExpectError = regexp.MustCompile(`(?s)Limit of the provisioning job exceeded`)
	exceeded.PreConfig = func() { s.holds(map[string]bool{"ann": false, "bob": false, "cem": false, "eve": true, "gil": true}) }

	within := s.step(salesWithin(2), lossOf(2, 0, "eve", "gil"))
	imported := resource.TestStep{
		ConfigDirectory: config.StaticDirectory("testdata/engine"), ConfigVariables: s.with(salesWithin(2)),
		ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"planned_impact", "planned_changes"},
	}
	s.Run(t, create, narrowed, joinerMoverLeaver, exceeded, within, imported)
	s.holds(map[string]bool{"ann": true, "bob": true, "cem": false, "eve": false, "gil": false})
}

func salesWithin(disables int) config.Variables {
	variables := department("Sales")
	variables["limits"] = config.ObjectVariable(map[string]config.Variable{"max_disable": config.IntegerVariable(disables)})
	return variables
}

func TestAccEngineDestroyPolicies(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string]map[string]bool{
		"keep":    {"ann": true, "bob": true},
		"disable": {"ann": false, "bob": false},
		"delete":  {},
	} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.Run(t, s.step(config.Variables{"on_destroy": config.StringVariable(policy)}))
			s.holds(want)
		})
	}
}

func TestAccT3EngineHoldsWhoThePlanDidNotShow(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	narrowed := s.step(department("IT"), lossOf(2, 0, "ann", "bob"), meanwhile(s.change(func(people map[string]string) { delete(people, "ann") })))
	narrowed.ConfigPlanChecks.PostApplyPostRefresh = nil
	narrowed.ExpectNonEmptyPlan = true
	narrowed.ConfigStateChecks = []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("held_count"), knownvalue.Int64Exact(1))}
	next := s.step(department("IT"), lossOf(0, 1, "ann"))
	// The plan showed that ann would be disabled, not that she would be deleted.
	next.PreConfig = func() {
		s.holds(map[string]bool{"ann": true, "bob": false, "cem": true, "dora": true, "eve": true})
	}
	s.Run(t, s.step(nil), narrowed, next)
	s.holds(map[string]bool{"bob": false, "cem": true, "dora": true, "eve": true})
}

func TestAccEngineMissingSourceFile(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	missing := s.step(nil)
	missing.ConfigPlanChecks = resource.ConfigPlanChecks{}
	missing.PreConfig = func() {
		if err := os.Remove(s.Path); err != nil {
			t.Fatal(err)
		}
	}
	missing.ExpectError = regexp.MustCompile(`(?s)Cannot plan provisioning job.*people\.json`)
	// The file has moved: the plan reads the new one, although the committed source is gone.
	old := s.Path
	moved := filepath.Join(t.TempDir(), "staff.json")
	elsewhere := s.step(config.Variables{"people": config.StringVariable(moved)},
		plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), lossOf(0, 0))
	elsewhere.PreConfig = func() {
		s.Path = moved
		s.write()
	}
	// The job that was removed from the configuration can be destroyed without its source.
	gone := s.step(nil)
	gone.ConfigDirectory = config.StaticDirectory("testdata/empty")
	gone.ConfigVariables = nil
	gone.PreConfig = func() {
		if err := os.Remove(moved); err != nil {
			t.Fatal(err)
		}
	}
	back := s.step(config.Variables{"people": config.StringVariable(old)}, plancheck.ExpectEmptyPlan())
	back.PreConfig = func() {
		s.Path = old
		s.write()
	}
	s.Run(t, s.step(nil), missing, back, elsewhere, gone)
	s.holds(map[string]bool{"ann": true, "bob": true})
}

// meanwhile is a plan check that changes the world between the saved plan and its apply.
func meanwhile(edit func()) plancheck.PlanCheck { return between(edit) }

type between func()

func (b between) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	b()
}
