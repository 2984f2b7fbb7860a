package cycle_test

import (
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/faulty"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// keepingGroups lets groups go that leave scope, instead of deleting them (engine.md 13 row 17, Delete off).
func keepingGroups(d *job.Definition) {
	withGroups(d)
	d.Mappings[0].Actions.Delete = false
}

// groupsNamed narrows a job to groups with these names.
func groupsNamed(names ...string) func(*job.Definition) {
	return func(d *job.Definition) {
		d.Filters = append(d.Filters, job.Filter{AppKey: "wiki", Name: "groups", ObjectType: directory.Group, Clauses: []scope.Clause{
			{Attribute: "displayName", Operator: scope.Equals, Values: names},
		}})
	}
}

const (
	bobLeavesStaff = "remove_membership group staff: bob@example.com is no longer a member in the source"
	ada, bob       = "ada@example.com active=True department=Sales", "bob@example.com active=True department=HR"
)

// TestMembershipsLeftOverFromAnEarlierTime: staff, with ada and bob in it, or bob himself is let go and comes back. What the job
// remembers of memberships from before is right as long as the account is the same: what of it is not wanted any more is shown, and
// removed. Of another account nothing is remembered: it becomes a member where it is wanted.
func TestMembershipsLeftOverFromAnEarlierTime(t *testing.T) {
	t.Parallel()
	everybody, noStaff, onlySales := definition(keepingGroups), definition(keepingGroups, groupsNamed("club")), definition(keepingGroups, inDepartments("Sales"))
	for _, c := range []struct {
		name string
		away job.Definition
		// meanwhile happens while staff or bob is away.
		meanwhile func(*world)
		// shown is what the plan shows that brings them back. What it shows and does not do is only known to the target.
		shown, undone string
		want          []string
	}{
		{"the group comes back as it was", noStaff, func(*world) {}, "", "", []string{ada, bob, "group club [ada@example.com]", "group staff [ada@example.com bob@example.com]"}},
		{"a member left while the group was away", noStaff, func(w *world) {
			w.source.Put(group("staff", "ada"))
			w.commit(noStaff)
		}, bobLeavesStaff, "", []string{ada, bob, "group club [ada@example.com]", "group staff [ada@example.com]"}},
		{"a member leaves as the group comes back", noStaff, func(w *world) { w.source.Put(group("staff", "ada")) }, bobLeavesStaff, "", []string{
			ada, bob, "group club [ada@example.com]", "group staff [ada@example.com]",
		}},
		{"the group was deleted in the target", noStaff, func(w *world) { w.remove("staff") }, "", "", []string{
			ada, bob, "group club [ada@example.com]", "group staff [ada@example.com bob@example.com]",
		}},
		{"the group was deleted in the target, and a member left", noStaff, func(w *world) {
			w.remove("staff")
			w.source.Put(group("staff", "ada"))
		}, bobLeavesStaff, bobLeavesStaff, []string{ada, bob, "group club [ada@example.com]", "group staff [ada@example.com]"}},
		{"the group has another account, which bob is in", noStaff, func(w *world) {
			other := w.entry("staff")
			w.remove("staff")
			other.Anchor = "other"
			w.target.Put(other)
			w.source.Put(group("staff", "ada"))
		}, bobLeavesStaff, bobLeavesStaff, []string{ada, bob, "group club [ada@example.com]", "group staff [ada@example.com bob@example.com]"}},
		{"the member comes back as he was", onlySales, func(*world) {}, "", "", []string{ada, bob, "group club [ada@example.com]", "group staff [ada@example.com bob@example.com]"}},
		{"the member left the group as he comes back", onlySales, func(w *world) { w.source.Put(group("staff", "ada")) }, bobLeavesStaff, "", []string{
			ada, bob, "group club [ada@example.com]", "group staff [ada@example.com]",
		}},
		{"the member's account was deleted in the target", onlySales, func(w *world) { w.remove("bob") }, "", "", []string{
			ada, bob, "group club [ada@example.com]", "group staff [ada@example.com bob@example.com]",
		}},
		{"the member has another account", onlySales, func(w *world) {
			other := w.entry("bob")
			w.remove("bob")
			other.Anchor = "other"
			w.target.Put(other)
		}, "", "", []string{ada, bob, "group club [ada@example.com]", "group staff [ada@example.com bob@example.com]"}},
		{"the member's account was deleted in the target, and he left the group", onlySales, func(w *world) {
			w.remove("bob")
			w.source.Put(group("staff", "ada"))
		}, bobLeavesStaff, bobLeavesStaff, []string{ada, bob, "group club [ada@example.com]", "group staff [ada@example.com]"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.source.Put(person("ada", "Sales"), person("bob", "HR"), group("staff", "ada", "bob"), group("club", "ada"))
			w.commit(everybody)
			w.commit(c.away)
			c.meanwhile(w)
			w.comesBack(everybody, c.shown, c.undone)
			w.wantAccounts(c.want...)
		})
	}
}

// comesBack plans and commits. The plan shows this; it is done but for what only the target knows, and nothing is held.
func (w *world) comesBack(d job.Definition, shown, undone string) {
	w.t.Helper()
	plan := w.planned(d)
	if got := cycle.Names(plan.Affected); got != shown {
		w.t.Fatalf("shown:\n%s\nwant:\n%s", got, shown)
	}
	report := w.commit(d)
	if len(report.Held) > 0 || report.FailureCount > 0 {
		w.t.Fatalf("held:\n%s\nfailed: %+v", cycle.Names(report.Held), report.Failures)
	}
	if undone == "" && engine.DigestAffected(report.Executed) != engine.DigestAffected(plan.Affected) || undone != "" && len(report.Executed) > 0 {
		w.t.Fatalf("shown:\n%s\nexecuted:\n%s", shown, cycle.Names(report.Executed))
	}
	w.settled(d)
}

// TestMembershipsLeftOverWhenAFailureIsTriedAgain: staff could not be matched when it came back. Nothing has moved since, but the
// next commit tries it again, and the plan shows what follows from it.
func TestMembershipsLeftOverWhenAFailureIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := definition(keepingGroups)
	w.source.Put(person("ada", "Sales"), person("bob", "HR"), group("staff", "ada", "bob"))
	w.commit(d)
	w.commit(definition(keepingGroups, groupsNamed("club")))
	w.source.Put(group("staff", "ada"))
	heal := w.failing(faulty.Find, faulty.FailBefore)
	if report := w.commit(d); report.FailureCount != 1 {
		t.Fatalf("%+v", report)
	}
	w.run()
	heal()
	if report := w.run(); report.Cycle.Counts.Failed > 0 || len(w.escrows()) != 1 {
		t.Fatalf("it is not due, and fails no cycle: %+v, stored %+v", report.Cycle.Counts, w.escrows())
	}
	w.comesBack(d, bobLeavesStaff, "")
	w.wantAccounts(ada, bob, "group staff [ada@example.com]")
}
