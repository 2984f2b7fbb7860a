package cycle_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

func TestInitialCycleCreatesPeopleInScope(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "HR"), person("eve", "Sales", disabled), person("kim", "Sales", softDeleted))
	report := w.commit(definition(inDepartments("Sales")))
	w.wantAccounts("ada@example.com active=True department=Sales")
	if got := report.Cycle.Counts; got.Created != 1 || got.Skipped != 3 || got.Failed != 0 {
		t.Fatalf("counts %+v", got)
	}

	w.target.ResetCalls()
	w.commit(definition(inDepartments("Sales")))
	if calls := w.target.Calls(); calls.Writes() != 0 || calls.List != 0 || calls.Find != 0 || calls.Test != 1 {
		t.Fatalf("a cycle without changes asked the target: %+v", calls)
	}
}

func TestJoinerMoverLeaver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := definition()
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"), person("cyn", "Sales"), person("dan", "Sales"))
	w.commit(d)

	w.source.Put(person("joe", "Sales"), person("ada", "HR"), person("bob", "Sales", disabled))
	w.source.Remove(directory.User, "cyn")
	preview := w.preview(d)
	if preview.Changes.Creates != 1 || preview.Changes.Updates != 1 {
		t.Fatalf("changes %+v", preview.Changes)
	}
	if got, want := cycle.Names(preview.Affected), "disable user bob@example.com: disabled in the source\ndelete user cyn@example.com: deleted in the source"; got != want {
		t.Fatalf("affected:\n%s\nwant:\n%s", got, want)
	}
	report := w.commit(d)
	w.wantAccounts("ada@example.com active=True department=HR", "bob@example.com active=False department=Sales",
		"dan@example.com active=True department=Sales", "joe@example.com active=True department=Sales")
	if c := report.Cycle.Counts; c.Created != 1 || c.Updated != 1 || c.Disabled != 1 || c.Deleted != 1 {
		t.Fatalf("counts %+v", c)
	}
	if after := w.preview(d); len(after.Affected) != 0 || after.Changes != (cycle.Changes{}) {
		t.Fatalf("a preview right after a commit is not empty: %+v", after)
	}

	w.source.Put(person("bob", "Sales"))
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=HR", "bob@example.com active=True department=Sales",
		"dan@example.com active=True department=Sales", "joe@example.com active=True department=Sales")
}

func TestNarrowedFilterDisablesAndReleases(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "HR"))
	w.commit(definition())

	narrowed := definition(inDepartments("Sales"))
	w.commit(narrowed)
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=False department=HR")

	// Deprovisioning vector of engine.md 30: out of scope, then deleted in the source: no request.
	w.source.Remove(directory.User, "bob")
	w.target.ResetCalls()
	w.commit(narrowed)
	if calls := w.target.Calls(); calls.Writes() != 0 {
		t.Fatalf("a released account was written: %+v", calls)
	}
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=False department=HR")
}

func TestBackInScopeMatchesAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "HR"))
	w.commit(definition())
	w.commit(definition(inDepartments("Sales")))
	w.commit(definition())
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=HR")
}

func TestSkipOutOfScopeKeepsTheAccountAndHonoursDeletion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	skip := func(d *job.Definition) { d.SkipOutOfScopeDeletions = true }
	w.source.Put(person("ada", "Sales"), person("bob", "HR"))
	w.commit(definition(skip))
	w.commit(definition(skip, inDepartments("Sales")))
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=HR")
	w.source.Remove(directory.User, "bob")
	w.commit(definition(skip, inDepartments("Sales")))
	w.wantAccounts("ada@example.com active=True department=Sales")
}

func TestUnplannedDeprovisioningIsHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "HR"), person("cyn", "HR"), person("dan", "Sales"))
	w.commit(definition())

	narrowed := definition(inDepartments("Sales"))
	report, err := w.tryCommit(t.Context(), narrowed, func() { w.source.Put(person("dan", "HR")) })
	if err != nil {
		t.Fatal(err)
	}
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=False department=HR",
		"cyn@example.com active=False department=HR", "dan@example.com active=True department=Sales")
	if got := cycle.Names(report.Held); !strings.HasPrefix(got, "disable user dan@example.com") || len(report.Held) != 1 {
		t.Fatalf("held: %s", got)
	}
	status, err := w.engine.Status(t.Context(), narrowed.ID)
	if err != nil || status.Held != 1 {
		t.Fatalf("held %d, %v", status.Held, err)
	}
	// The next plan shows the held account, and its apply disables it.
	if got := cycle.Names(w.preview(narrowed).Affected); !strings.HasPrefix(got, "disable user dan@example.com") {
		t.Fatalf("next plan: %s", got)
	}
	w.commit(narrowed)
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=False department=HR",
		"cyn@example.com active=False department=HR", "dan@example.com active=False department=Sales")
}

func TestUnplannedDeprovisioningRefusesWhenAskedTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fail := func(d *job.Definition) { d.Unplanned = job.FailUnplanned }
	w.source.Put(person("ada", "Sales"), person("bob", "HR"), person("dan", "Sales"))
	w.commit(definition(fail))
	w.target.ResetCalls()
	_, err := w.tryCommit(t.Context(), definition(fail, inDepartments("Sales")), func() { w.source.Put(person("dan", "HR")) })
	if !errors.Is(err, directory.Conflict) || !strings.Contains(err.Error(), "dan@example.com") || strings.Contains(err.Error(), "bob@") {
		t.Fatalf("got %v", err)
	}
	if w.target.Calls().Writes() != 0 {
		t.Fatal("a refused commit wrote to the target")
	}
}

func TestAccountThatVanishesBetweenPlanAndApplyIsFine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "HR"), person("cyn", "HR"))
	w.commit(definition())
	if _, err := w.tryCommit(t.Context(), definition(inDepartments("Sales")), func() { w.source.Put(person("cyn", "Sales")) }); err != nil {
		t.Fatal(err)
	}
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=False department=HR", "cyn@example.com active=True department=Sales")
}

func TestLimitsRefuseTheCommit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "HR"), person("cyn", "HR"))
	w.commit(definition())
	_, err := w.tryCommit(t.Context(), definition(inDepartments("Sales"), limited(1, 0)), nil)
	if !errors.Is(err, directory.LimitExceeded) {
		t.Fatalf("got %v", err)
	}
	w.commit(definition(inDepartments("Sales"), limited(2, 0)))
}

func TestManagersAreWrittenOnceBothEndsExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales", managedBy("zoe")), person("bob", "Sales", managedBy("ada")), person("zoe", "Board"))
	w.commit(definition(inDepartments("Sales")))
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales manager=ada@example.com")

	// The manager comes into scope later: no restart is needed.
	w.commit(definition(inDepartments("Sales", "Board")))
	w.wantAccounts("ada@example.com active=True department=Sales manager=zoe@example.com",
		"bob@example.com active=True department=Sales manager=ada@example.com", "zoe@example.com active=True department=Board")

	w.source.Put(person("bob", "Sales", managedBy("zoe")), person("ada", "Sales"))
	if got := w.preview(definition(inDepartments("Sales", "Board"))).Changes.Updates; got != 2 {
		t.Fatalf("updates %d", got)
	}
	w.commit(definition(inDepartments("Sales", "Board")))
	w.wantAccounts("ada@example.com active=True department=Sales",
		"bob@example.com active=True department=Sales manager=zoe@example.com", "zoe@example.com active=True department=Board")
}

func TestGroupsAndMemberships(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := definition(withGroups)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"), person("eve", "Sales", disabled), group("staff", "ada", "bob", "eve"), group("empty"))
	report := w.commit(d)
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales", "group empty []", "group staff [ada@example.com bob@example.com]")
	if report.Cycle.Counts.MembershipsAdded != 2 {
		t.Fatalf("counts %+v", report.Cycle.Counts)
	}

	// A member that gets an account later is added by the cycle that creates it.
	w.source.Put(person("eve", "Sales"))
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales", "eve@example.com active=True department=Sales",
		"group empty []", "group staff [ada@example.com bob@example.com eve@example.com]")

	// Removing a membership takes access away: the plan shows it, and what it did not show is held.
	w.source.Put(group("staff", "bob", "eve"))
	if got := cycle.Names(w.preview(d).Affected); got != "remove_membership group staff: ada@example.com is no longer a member in the source" {
		t.Fatalf("preview: %s", got)
	}
	if _, err := w.tryCommit(t.Context(), d, func() { w.source.Put(group("staff", "bob")) }); err != nil {
		t.Fatal(err)
	}
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales", "eve@example.com active=True department=Sales",
		"group empty []", "group staff [bob@example.com eve@example.com]")
	w.commit(d)
	w.source.Remove(directory.Group, "staff")
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales", "eve@example.com active=True department=Sales", "group empty []")
}

func TestAssignedScope(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	assigned := func(users, groups []directory.Anchor) func(*job.Definition) {
		return func(d *job.Definition) {
			d.Scope = scope.ModeAssigned
			d.Assignments = []job.Assignment{{AppKey: "wiki", Name: "staff", Users: users, Groups: groups}}
		}
	}
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"), person("cyn", "Sales"), group("staff", "bob"))
	d := definition(assigned([]directory.Anchor{"ada"}, []directory.Anchor{"staff"}))
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales")

	// Leaving the assigned group is noticed although the user did not change (D2).
	w.source.Put(group("staff", "cyn"))
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=False department=Sales", "cyn@example.com active=True department=Sales")

	// Losing the last assignment (D1).
	w.commit(definition(assigned(nil, []directory.Anchor{"staff"})))
	w.wantAccounts("ada@example.com active=False department=Sales", "bob@example.com active=False department=Sales", "cyn@example.com active=True department=Sales")
}

func TestRedactedValuesAreNotLogged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secretly := func(d *job.Definition) {
		d.Mappings[0].Attributes = append(d.Mappings[0].Attributes, job.AttributeMapping{Target: "nickName", Expression: "Redact([nickName])", FlowType: job.FlowAlways})
	}
	named := func(o *directory.Object) { o.Attributes["nickName"] = directory.Text("hush-hush") }
	w.source.Put(person("ada", "Sales", named))
	w.commit(definition(secretly))
	records, err := w.store.ListLog(t.Context(), "wiki/main", 10)
	if err != nil || len(records) != 1 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	found := false
	for _, property := range records[0].Modified {
		found = found || property.DisplayName == "nickName" && property.NewValue == "[Redact]"
	}
	if printed := fmt.Sprintf("%+v", records); !found || strings.Contains(printed, "hush-hush") {
		t.Fatalf("log: %s", printed)
	}
}
