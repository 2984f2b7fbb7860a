package cycle_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// These tests go through every way to take access away (issue 6): what the preview says of it, why, and that a commit does
// exactly that. What is written out below is what a reviewer has to be told.

// lossesOf renders what a preview takes away, with cause, origin and reason.
func lossesOf(affected []engine.Affected) []string {
	lines := make([]string, len(affected))
	for i, a := range affected {
		lines[i] = fmt.Sprintf("%s %s %s %s/%s: %s", a.Action, a.Type, strings.TrimSuffix(a.Name, "@example.com"), a.Cause, a.Origin, a.Reason)
	}
	return lines
}

// assigned makes a job provision only who these assignments name.
func assigned(assignments ...job.Assignment) func(*job.Definition) {
	return func(d *job.Definition) {
		d.Scope, d.Assignments = scope.ModeAssigned, assignments
	}
}

func assignment(name string, users ...directory.Anchor) job.Assignment {
	return job.Assignment{AppKey: "wiki", Name: name, Users: users}
}

func theCrew(groups ...directory.Anchor) job.Assignment {
	return job.Assignment{AppKey: "wiki", Name: "crew", Groups: groups}
}

// mapped replaces the expression of a target attribute of users.
func mapped(target, expression string) func(*job.Definition) {
	return func(d *job.Definition) {
		users := &d.Mappings[len(d.Mappings)-1]
		users.Attributes = slices.Clone(users.Attributes)
		for i := range users.Attributes {
			if users.Attributes[i].Target == target {
				users.Attributes[i].Expression = expression
			}
		}
	}
}

func restarted(scopes ...string) func(*job.Definition) {
	return func(d *job.Definition) { d.Restart = &job.Restart{Scope: scopes, AcknowledgeOrphans: true} }
}

// wayOut is one way to take access away.
type wayOut struct {
	name   string
	before []func(*job.Definition)
	// meanwhile is what happens in the directory or in the target.
	meanwhile func(*world)
	after     []func(*job.Definition)
	want      []string
	// also is what the warnings of the preview must say.
	also string
}

func waysOut() []wayOut {
	type d = []func(*job.Definition)
	sales := inDepartments("Sales")
	leave := func(change func(*world)) func(*world) { return change }
	return []wayOut{
		{"a filter is added", nil, nil, d{sales}, []string{
			`disable user bob filter/configuration: filter "department": department EQUALS "Sales" is false; there was no filter before`}, ""},
		{"a filter is narrowed", d{inDepartments("Sales", "HR")}, nil, d{sales}, []string{
			`disable user bob filter/configuration: filter "department": department EQUALS "Sales" is false; filter "department" has changed`}, ""},
		{"one of two filters is removed", d{inDepartments("Sales"), alsoFilter("hr", "HR")}, nil, d{sales}, []string{
			`disable user bob filter/configuration: filter "department": department EQUALS "Sales" is false; filter "hr", which let it in, is no longer used`}, ""},
		{"somebody no longer passes the filter", d{sales}, leave(func(w *world) { w.source.Put(person("ada", "HR")) }), d{sales}, []string{
			`disable user ada filter/source: filter "department": department EQUALS "Sales" is false`}, ""},
		{"active now yields False", nil, nil, d{mapped("active", `Switch([department], "True", "HR", "False")`)}, []string{
			`disable user bob mapping/configuration: the mapping of active switches the account off; the mapping of active has changed to Switch([department], "True", "HR", "False")`}, ""},
		{"active yields False because of the person", d{mapped("active", `Switch([department], "True", "HR", "False")`), sales},
			leave(func(w *world) { w.source.Put(person("ada", "HR")) }), d{mapped("active", `Switch([department], "True", "HR", "False")`), inDepartments("Sales", "HR")}, []string{
				`disable user ada mapping/configuration: the mapping of active switches the account off; the configuration of the job has changed`}, ""},
		{"the scope narrows to who is assigned", nil, nil, d{assigned(assignment("some", "ada"))}, []string{
			`disable user bob unassigned/configuration: no longer assigned to the application; scope changes from all to assigned`}, ""},
		{"an assignment is removed", d{assigned(assignment("one", "ada"), assignment("two", "bob"))}, nil, d{assigned(assignment("one", "ada"))}, []string{
			`disable user bob unassigned/configuration: no longer assigned to the application; assignment wiki/two is no longer used`}, ""},
		{"an assignment no longer names somebody", d{assigned(assignment("one", "ada", "bob"))}, nil, d{assigned(assignment("one", "ada"))}, []string{
			`disable user bob unassigned/configuration: no longer assigned to the application; assignment wiki/one no longer names it`}, ""},
		{"a group is no longer assigned", d{assigned(assignment("one", "ada"), theCrew("team"))}, nil, d{assigned(assignment("one", "ada"))}, []string{
			`disable user bob unassigned/configuration: no longer assigned to the application; group "team" is no longer assigned (assignment wiki/crew)`}, ""},
		{"somebody leaves an assigned group", d{assigned(theCrew("team"))}, leave(func(w *world) { w.source.Put(group("team")) }), d{assigned(theCrew("team"))}, []string{
			`disable user bob unassigned/source: no longer assigned to the application; no longer a member of an assigned group`}, ""},
		{"nested groups no longer count", d{assigned(theCrew("outer")), nestedGroups}, nil, d{assigned(theCrew("outer"))}, []string{
			`disable user bob unassigned/configuration: no longer assigned to the application; members of nested groups no longer count as assigned`}, ""},
		{"somebody is disabled", nil, leave(func(w *world) { w.source.Put(person("ada", "Sales", disabled)) }), nil, []string{
			`disable user ada disabled_in_source/source: disabled in the source`}, ""},
		{"somebody is in the recycle bin", nil, leave(func(w *world) { w.source.Put(person("ada", "Sales", softDeleted)) }), nil, []string{
			`disable user ada soft_deleted_in_source/source: soft-deleted in the source`}, ""},
		{"somebody is deleted", nil, leave(func(w *world) { w.source.Remove(directory.User, "ada") }), nil, []string{
			`delete user ada deleted_in_source/source: deleted in the source`}, ""},
		{"another policy for who is disabled", nil, leave(func(w *world) { w.source.Put(person("ada", "Sales", disabled)) }),
			d{deleteOn(job.EventDisabled, 0)}, []string{
				`delete user ada disabled_in_source/configuration: disabled in the source; deprovisioning.disabled deletes the account; the configuration of the job has changed`}, ""},
		{"out of scope is no longer spared", d{sales, spared}, leave(func(w *world) { w.source.Put(person("ada", "HR")) }), d{sales}, []string{
			`disable user ada filter/configuration: filter "department": department EQUALS "Sales" is false; the configuration of the job has changed`}, ""},
		{"a member leaves a group", d{withGroups}, leave(func(w *world) { w.source.Put(group("team")) }), d{withGroups}, []string{
			`remove_membership group team no_member_in_source/source: bob@example.com is no longer a member in the source`}, ""},
		{"a group is deleted", d{withGroups}, leave(func(w *world) { w.source.Remove(directory.Group, "team") }), d{withGroups}, []string{
			`delete group team deleted_in_source/source: deleted in the source`}, ""},
		{"a restart sees who was spared", d{sales, spared}, leave(func(w *world) { w.source.Put(person("ada", "HR")) }), d{sales, restarted(job.ResetWatermark)}, []string{
			`disable user ada filter/configuration: filter "department": department EQUALS "Sales" is false; the configuration of the job has changed`}, ""},
		{"an account is switched on in the target", d{sales, repairing}, leave(func(w *world) {
			w.source.Put(person("ada", "Sales", disabled))
			w.commit(definition(sales, repairing))
			w.switchOn("ada")
		}), d{sales, repairing}, []string{
			`disable user ada disabled_in_source/target: disabled in the source; the account was switched on in the target`}, ""},
		{"a delayed delete is due", d{sales, deleteOn(job.EventFilterFailed, 3)}, leave(func(w *world) {
			w.source.Put(person("ada", "HR"))
			w.commit(definition(sales, deleteOn(job.EventFilterFailed, 3)))
			w.clock.Add((4 * 24 * time.Hour).Milliseconds())
		}), d{sales, deleteOn(job.EventFilterFailed, 3)}, []string{
			`delete user ada filter/schedule: filter "department": department EQUALS "Sales" is false; deprovisioning.filter_failed deletes the account after 3 days, on 2026-01-04`}, ""},

		// What looks as if it took access away, and does not: nobody is shown and nobody is touched.
		{"the matching attribute changes", nil, nil, d{mapped("userName", `Append([userPrincipalName], ".example.org")`)}, nil, ""},
		{"limits change", nil, nil, d{limited(0, 0)}, nil, ""},
		{"the mapping of groups is removed", d{withGroups}, nil, nil, nil, "2 groups are no longer provisioned"},
		{"nothing switches accounts off any more", nil, leave(func(w *world) { w.source.Put(person("ada", "Sales", disabled)) }), d{func(d *job.Definition) {
			d.Mappings[0].Attributes = d.Mappings[0].Attributes[1:]
		}}, nil, "no mapping of users reads IsSoftDeleted any more"},
		{"the job is paused while somebody leaves", nil, leave(func(w *world) { w.source.Remove(directory.User, "ada") }), d{paused}, nil, ""},
		{"the job is resumed after somebody left", d{paused}, leave(func(w *world) { w.source.Remove(directory.User, "ada") }), nil, []string{
			`delete user ada deleted_in_source/source: deleted in the source`}, ""},
	}
}

func alsoFilter(name string, departments ...string) func(*job.Definition) {
	return func(d *job.Definition) {
		d.Filters = append(slices.Clone(d.Filters), job.Filter{AppKey: "wiki", Name: name, ObjectType: directory.User, Clauses: []scope.Clause{
			{Attribute: "department", Operator: scope.Equals, Values: departments},
		}})
	}
}

func nestedGroups(d *job.Definition) { d.NestedGroups = true }
func spared(d *job.Definition)       { d.SkipOutOfScopeDeletions = true }
func repairing(d *job.Definition)    { d.Drift = job.DriftRepair }

func deleteOn(event job.DeprovisionEvent, days int64) func(*job.Definition) {
	return func(d *job.Definition) {
		users := &d.Mappings[len(d.Mappings)-1]
		users.Deprovisioning = []job.DeprovisionRule{{Event: event, Action: job.DeprovisionDelete, AfterDays: days}}
	}
}

func TestEveryWayToTakeAccessAway(t *testing.T) {
	t.Parallel()
	for _, way := range waysOut() {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.source.Put(person("ada", "Sales"), person("bob", "HR"), group("team", "bob"), group("outer", "team"))
			w.commit(definition(slices.DeleteFunc(slices.Clone(way.before), isPaused)...))
			if slices.ContainsFunc(way.before, isPaused) {
				w.commit(definition(way.before...))
			}
			if way.meanwhile != nil {
				way.meanwhile(w)
			}
			d := definition(way.after...)
			status, err := w.engine.Refresh(t.Context(), d.ID)
			if err != nil {
				t.Fatal(err)
			}
			first, err := w.engine.PreviewJob(t.Context(), d, status.Position)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(way.want, lossesOf(first.Affected), cmp.Transformer("sorted", sortedLines)); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
			if way.also != "" && !strings.Contains(strings.Join(first.Warnings, "\n"), way.also) {
				t.Errorf("warnings: %q", first.Warnings)
			}
			// The second planning pass, with what was stored and without: the same bytes.
			second, err := w.engine.PreviewJob(t.Context(), d, status.Position)
			if err != nil {
				t.Fatal(err)
			}
			afresh := w.preview(d)
			if diff := cmp.Diff(lossesOf(first.Affected), lossesOf(second.Affected)) + cmp.Diff(lossesOf(first.Affected), lossesOf(afresh.Affected)); diff != "" {
				t.Errorf("another pass: %s", diff)
			}
			report := w.commit(d)
			if engine.DigestAffected(first.Affected) != engine.DigestAffected(report.Executed) || len(report.Held) > 0 {
				t.Errorf("executed:\n%s\nheld: %v", cycle.Names(report.Executed), report.Held)
			}
			if after := w.preview(d); len(after.Affected) > 0 {
				t.Errorf("a preview right after is not empty:\n%s", cycle.Names(after.Affected))
			}
		})
	}
}

func isPaused(change func(*job.Definition)) bool {
	d := definition(change)
	return d.State == job.Paused
}

func sortedLines(lines []string) []string {
	lines = slices.Clone(lines)
	slices.Sort(lines)
	if lines == nil {
		lines = []string{}
	}
	return lines
}

// TestHeldAccountsAreShown: who is held is named by the status and, as held, by the next preview.
func TestHeldAccountsAreShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
	d := definition(inDepartments("Sales"))
	w.commit(d)
	report, err := w.tryCommit(t.Context(), d, func() { w.source.Put(person("ada", "HR")) })
	if err != nil || len(report.Held) != 1 {
		t.Fatalf("%v, %+v", err, report)
	}
	status, err := w.engine.Status(t.Context(), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`disable user ada filter/held: filter "department": department EQUALS "Sales" is false`}, lossesOf(status.FirstHeld)); status.Held != 1 || diff != "" {
		t.Errorf("%d held (-want +got):\n%s", status.Held, diff)
	}
	want := []string{`disable user ada filter/held: filter "department": department EQUALS "Sales" is false; held by an earlier cycle`}
	if diff := cmp.Diff(want, lossesOf(w.preview(d).Affected)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, committed, err := w.engine.PreviewCommitted(t.Context(), d.ID, "")
	if diff := cmp.Diff(want, lossesOf(committed.Affected)); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	w.commit(d)
	if status, err = w.engine.Status(t.Context(), d.ID); err != nil || status.Held != 0 || len(status.FirstHeld) != 0 {
		t.Errorf("%v, %+v", err, status.FirstHeld)
	}
}

// TestSourceIsReplaced: the job reads another source, which does not know everybody.
func TestSourceIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "HR"))
	w.commit(definition())
	w.source.Set(person("bob", "HR"))
	d := definition(func(d *job.Definition) { d.Source.File = &job.FileSource{Path: "staff.json"} })
	want := []string{"delete user ada not_in_the_other_source/configuration: deleted in the source; the job reads another source, which does not have it"}
	if diff := cmp.Diff(want, lossesOf(w.preview(d).Affected)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if report := w.commit(d); len(report.Executed) != 1 {
		t.Errorf("%+v", report.Executed)
	}
}

// TestMoveToAnotherSystem: refused unless the same change forgets the links knowingly. Then every account stays as it is, is named
// as left behind, and people are matched anew at the other system, where nobody loses anything either.
func TestMoveToAnotherSystem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"), person("cyn", "Sales"))
	w.commit(definition(inDepartments("Sales"), repairing))
	w.source.Put(person("cyn", "HR")) // would be disabled where it is
	before := w.accounts()
	other := newWorld(t)
	other.source.Put(person("ada", "Legal"), person("cyn", "Legal"))
	other.commit(definition())
	there := func(more ...func(*job.Definition)) job.Definition {
		return definition(append(more, inDepartments("Sales"), repairing, func(d *job.Definition) {
			d.Connection.SCIM = &job.SCIMConnection{BaseURL: "https://other.example.com/scim"}
		})...)
	}
	_, err := w.engine.PreviewJob(t.Context(), there(), "")
	for _, said := range []string{`manages 3 accounts at https://wiki.example.com/scim`, `connection "wiki/scim" is now at https://other.example.com/scim`,
		"the 3 would stay behind, untouched", `restart = { scope = ["ConnectorDataStore"], acknowledge_orphans = true }`, "on_destroy"} {
		if err == nil || !errors.Is(err, directory.Invalid) || !strings.Contains(err.Error(), said) {
			t.Fatalf("%q is not in %v", said, err)
		}
	}
	unacknowledged := there(restarted(job.ResetConnectorDataStore), func(d *job.Definition) { d.Restart.AcknowledgeOrphans = false })
	if _, err := w.tryCommit(t.Context(), unacknowledged, nil); !errors.Is(err, directory.Invalid) {
		t.Fatalf("got %v", err)
	}
	if _, err := w.tryCommit(t.Context(), there(restarted(job.ResetWatermark)), nil); !errors.Is(err, directory.Invalid) {
		t.Fatalf("a restart that keeps links: %v", err)
	}
	moving := there(restarted(job.ResetConnectorDataStore))
	home := w.connector
	w.connector = other.target
	preview := w.preview(moving)
	want := []string{
		"leave user ada link_forgotten/configuration: it stays at https://wiki.example.com/scim as it is and is not managed any more",
		"leave user bob link_forgotten/configuration: it stays at https://wiki.example.com/scim as it is and is not managed any more",
		"leave user cyn link_forgotten/configuration: it stays at https://wiki.example.com/scim as it is and is not managed any more",
	}
	if f := preview.Forgotten; f == nil || f.Links != 3 || f.MovedFrom != "https://wiki.example.com/scim" || cmp.Diff(want, lossesOf(f.Orphans)) != "" {
		t.Fatalf("forgotten: %+v", preview.Forgotten)
	}
	if len(preview.Affected) > 0 || preview.Changes.Creates != 2 {
		t.Fatalf("%+v\n%s", preview.Changes, cycle.Names(preview.Affected))
	}
	report := w.commit(moving)
	if len(report.Executed)+len(report.Held) > 0 {
		t.Errorf("taken away: %v, held: %v", report.Executed, report.Held)
	}
	if home != w.target || w.accounts() != before {
		t.Errorf("the old system was touched:\n%s", w.accounts())
	}
	// ada is taken over, bob is new, cyn is nobody of ours there.
	other.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales", "cyn@example.com active=True department=Legal")
	if after := w.preview(moving); len(after.Affected) > 0 || after.Changes != (cycle.Changes{}) || after.Forgotten != nil {
		t.Errorf("a preview right after is not empty: %+v\n%s", after.Changes, cycle.Names(after.Affected))
	}
	// The same restart again asks for nothing, so moving back does not happen by accident.
	if _, err := w.engine.PreviewJob(t.Context(), definition(inDepartments("Sales"), repairing, restarted(job.ResetConnectorDataStore)), ""); !errors.Is(err, directory.Invalid) {
		t.Errorf("got %v", err)
	}
}
