package cycle_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
)

func drift(mode job.DriftMode) func(*job.Definition) {
	return func(d *job.Definition) { d.Drift = mode }
}

// tamper changes an account in the target by hand: it gives it the values, or takes them away where they are null.
func (w *world) tamper(name string, values map[string]directory.Value) {
	w.t.Helper()
	entry := w.entry(name)
	for attribute, value := range values {
		if value.IsNull() {
			delete(entry.Attributes, attribute)
			continue
		}
		entry.Attributes[attribute] = value
	}
	w.target.Put(entry)
}

// entry finds an account by the local part of its user name, or a group by its display name.
func (w *world) entry(name string) connectormemory.Entry {
	w.t.Helper()
	for _, entry := range w.target.State() {
		if entry.Attributes["userName"].String() == name+"@example.com" || entry.Attributes["displayName"].String() == name {
			return entry
		}
	}
	w.t.Fatalf("there is no account %s", name)
	return connectormemory.Entry{}
}

func (w *world) switchOn(name string) {
	w.tamper(name, map[string]directory.Value{"active": directory.Boolean(true)})
}

// remove deletes an account by hand.
func (w *world) remove(name string) {
	w.t.Helper()
	entry := w.entry(name)
	w.target.Remove(entry.Type, entry.Anchor)
}

// planned refreshes and previews, as terraform plan does.
func (w *world) planned(d job.Definition) cycle.Preview {
	w.t.Helper()
	status, err := w.engine.Refresh(w.t.Context(), d.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	preview, err := w.engine.PreviewJob(w.t.Context(), d, status.Position)
	if err != nil {
		w.t.Fatal(err)
	}
	return preview
}

// wantNoDrift plans and commits, and nothing may come of it but one listing for each type.
func (w *world) wantNoDrift(d job.Definition) {
	w.t.Helper()
	w.target.ResetCalls()
	preview := w.planned(d)
	if len(preview.Affected) > 0 || preview.Changes != (cycle.Changes{}) || len(preview.Warnings) > 0 {
		w.t.Fatalf("there is drift: %+v", preview)
	}
	if calls := w.target.Calls(); calls.List != len(d.Mappings) || calls.Get != 0 || calls.Find != 0 || calls.Test != 0 {
		w.t.Fatalf("a plan asked for more than one listing: %+v", calls)
	}
	w.target.ResetCalls()
	report, err := w.tryCommit(w.t.Context(), d, w.target.ResetCalls)
	if err != nil || len(report.Warnings) > 0 {
		w.t.Fatalf("%v, warnings %q", err, report.Warnings)
	}
	if calls := w.target.Calls(); calls.Writes() != 0 || calls.List != len(d.Mappings) || calls.Get != 0 || calls.Find != 0 {
		w.t.Fatalf("a cycle without drift asked for more than one listing: %+v", calls)
	}
}

// tended is a world with people of every fate: ada manages bob and cyn, cyn is disabled in the source, eve left the scope, and the stranger is
// nobody's.
func tended(t *testing.T, d job.Definition) *world {
	t.Helper()
	w := newWorld(t)
	w.target.Put(account("stranger", "zed@example.com", "Kitchen"))
	w.source.Put(person("ada", "Sales"), person("bob", "Sales", managedBy("ada")), person("cyn", "Sales", managedBy("ada")), person("eve", "Sales"), group("staff", "ada", "bob", "cyn"))
	w.commit(d)
	w.source.Put(person("cyn", "Sales", managedBy("ada"), disabled), person("eve", "HR"))
	w.commit(d)
	w.wantAccounts(tendedAccounts()...)
	return w
}

func tendedAccounts() []string {
	return []string{
		stranger, "ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales manager=ada@example.com",
		"cyn@example.com active=False department=Sales manager=ada@example.com", "eve@example.com active=False department=Sales", "group staff [ada@example.com bob@example.com cyn@example.com]",
	}
}

// tampering is every way to change an account by hand.
func tampering() map[string]func(w *world) {
	text := directory.Text
	return map[string]func(w *world){
		"nothing":               func(*world) {},
		"an attribute":          func(w *world) { w.tamper("ada", map[string]directory.Value{"department": text("Legal")}) },
		"an attribute taken":    func(w *world) { w.tamper("ada", map[string]directory.Value{"department": directory.Null()}) },
		"the matching value":    func(w *world) { w.tamper("ada", map[string]directory.Value{"userName": text("root@example.com")}) },
		"switched off":          func(w *world) { w.tamper("ada", map[string]directory.Value{"active": directory.Boolean(false)}) },
		"a leaver switched on":  func(w *world) { w.switchOn("cyn") },
		"deleted":               func(w *world) { w.remove("bob") },
		"a manager deleted":     func(w *world) { w.remove("ada") },
		"another manager":       func(w *world) { w.tamper("bob", map[string]directory.Value{managerAttribute: text("stranger")}) },
		"no manager":            func(w *world) { w.tamper("bob", map[string]directory.Value{managerAttribute: directory.Null()}) },
		"a leaver deleted":      func(w *world) { w.remove("cyn") },
		"a group renamed":       func(w *world) { w.tamper("staff", map[string]directory.Value{"displayName": text("club")}) },
		"a group deleted":       func(w *world) { w.remove("staff") },
		"everybody deleted":     func(w *world) { w.remove("ada"); w.remove("bob"); w.remove("cyn"); w.remove("staff") },
		"deleted and made anew": func(w *world) { w.remove("ada"); w.target.Put(account("again", "ada@example.com", "Garden")) },
		"one and the other": func(w *world) {
			w.remove("ada")
			w.tamper("bob", map[string]directory.Value{"department": text("Legal")})
			w.switchOn("cyn")
		},
	}
}

func TestDriftRepair(t *testing.T) {
	t.Parallel()
	d := definition(withGroups, inDepartments("Sales"), drift(job.DriftRepair))
	for name, tamper := range tampering() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := tended(t, d)
			for round := range 2 { // the same again, after it was repaired
				w.wantNoDrift(d)
				tamper(w)
				w.commit(d)
				want := tendedAccounts()
				if strings.HasPrefix(name, "a leaver deleted") || strings.HasPrefix(name, "everybody deleted") {
					// Who is disabled in the source and has no account gets none (engine.md 13, row 14).
					want = slices.DeleteFunc(want, func(line string) bool { return strings.HasPrefix(line, "cyn@") })
					want[len(want)-1] = "group staff [ada@example.com bob@example.com]"
				}
				w.wantAccounts(want...)
				w.wantNoDrift(d)
				if strings.Contains(name, "deleted") {
					break
				}
				t.Logf("round %d", round)
			}
		})
	}
}

func TestDriftRepairIsPlanned(t *testing.T) {
	t.Parallel()
	d := definition(withGroups, inDepartments("Sales"), drift(job.DriftRepair))
	w := tended(t, d)
	w.switchOn("cyn")
	w.remove("bob")
	w.tamper("ada", map[string]directory.Value{"department": directory.Text("Legal")})
	w.target.ResetCalls()
	preview := w.planned(d)
	if calls := w.target.Calls(); calls.Writes() != 0 {
		t.Fatalf("a plan wrote to the target: %+v", calls)
	}
	if got, want := cycle.Names(preview.Affected), "disable user cyn@example.com: disabled in the source; the account was switched on in the target"; got != want {
		t.Errorf("affected: %s", got)
	}
	if want := (cycle.Changes{Creates: 1, Updates: 1}); preview.Changes != want {
		t.Errorf("changes %+v, want %+v", preview.Changes, want)
	}
	want := []string{"3 accounts were changed in the target (1 switched on, 1 gone, 1 changed) since the job wrote them; an apply puts them right. " +
		"What takes access away is part of planned_impact\nuser cyn@example.com: switched on\nuser bob@example.com: gone\nuser ada@example.com: changed: department"}
	if diff := cmp.Diff(want, preview.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	report := w.commit(d)
	if c := report.Cycle.Counts; c.Created != 1 || c.Updated != 1 || c.Disabled != 1 || c.MembershipsAdded != 1 || c.Failed != 0 || c.Held != 0 {
		t.Errorf("counts %+v", c)
	}
	if len(report.Warnings) > 0 {
		t.Errorf("warnings after the repair: %q", report.Warnings)
	}
	records, err := w.store.ListLog(t.Context(), d.ID, 100)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(records, func(r provlog.Record) bool { return r.ErrorCode == "InvalidAnchor" && r.Source == "bob" }) {
		t.Error("the log does not say that bob's account was gone")
	}
}

// A repair that nobody saw in a plan takes nothing away.
func TestDriftRepairThatWasNotPlannedIsHeld(t *testing.T) {
	t.Parallel()
	d := definition(withGroups, inDepartments("Sales"), drift(job.DriftRepair))
	w := tended(t, d)
	report, err := w.tryCommit(t.Context(), d, func() {
		w.switchOn("cyn")
		w.tamper("ada", map[string]directory.Value{"department": directory.Text("Legal")})
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := cycle.Names(report.Held); !strings.HasPrefix(got, "disable user cyn@example.com") || len(report.Held) != 1 {
		t.Fatalf("held: %s", got)
	}
	if c := report.Cycle.Counts; c.Updated != 1 || c.Disabled != 0 {
		t.Fatalf("counts %+v", c)
	}
	if got := w.entry("cyn").Attributes["active"]; !got.Equal(directory.Boolean(true)) {
		t.Fatal("an account lost access that no plan showed")
	}
	w.commit(d)
	w.wantAccounts(tendedAccounts()...)
	w.wantNoDrift(d)
}

func TestDriftRepairThatNobodyWantsAnyMoreIsNotHeld(t *testing.T) {
	t.Parallel()
	d := definition(withGroups, inDepartments("Sales"), drift(job.DriftRepair))
	w := tended(t, d)
	if _, err := w.tryCommit(t.Context(), d, func() { w.switchOn("cyn") }); err != nil {
		t.Fatal(err)
	}
	w.tamper("cyn", map[string]directory.Value{"active": directory.Boolean(false)}) // somebody noticed
	w.commit(d)
	w.wantAccounts(tendedAccounts()...)
	w.wantNoDrift(d)
}

func TestDriftRepairObeysLimits(t *testing.T) {
	t.Parallel()
	d := definition(withGroups, inDepartments("Sales"), drift(job.DriftRepair), limited(0, 0))
	w := tended(t, definition(withGroups, inDepartments("Sales")))
	w.commit(d)
	w.switchOn("cyn")
	w.target.ResetCalls()
	_, err := w.tryCommit(t.Context(), d, nil)
	if !errors.Is(err, directory.LimitExceeded) || w.target.Calls().Writes() != 0 {
		t.Fatalf("got %v, %+v", err, w.target.Calls())
	}
}

func TestDriftReport(t *testing.T) {
	t.Parallel()
	d := definition(withGroups, inDepartments("Sales"), drift(job.DriftReport))
	for name, tamper := range tampering() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := tended(t, d)
			tamper(w)
			before := w.accounts()
			w.target.ResetCalls()
			preview := w.planned(d)
			report := w.commit(d)
			if w.target.Calls().Writes() != 0 || w.accounts() != before || len(preview.Affected) > 0 || preview.Changes != (cycle.Changes{}) {
				t.Fatalf("a report changed something: %+v", preview)
			}
			if name == "nothing" {
				w.wantNoDrift(d)
				return
			}
			if len(preview.Warnings) != 1 || !strings.Contains(preview.Warnings[0], `drift is "report": nothing is done about it`) {
				t.Fatalf("the plan does not warn: %q", preview.Warnings)
			}
			if diff := cmp.Diff(preview.Warnings, report.Warnings); diff != "" {
				t.Fatalf("the apply warns of something else (-plan +apply):\n%s", diff)
			}
			// Whoever decides to repair what was reported sees it in the plan.
			repair := definition(withGroups, inDepartments("Sales"), drift(job.DriftRepair))
			planned := w.planned(repair)
			result := w.commit(repair)
			if len(result.Held) > 0 || len(planned.Affected) != len(result.Executed) {
				t.Fatalf("the plan showed %d, the apply did %d and held %d", len(planned.Affected), len(result.Executed), len(result.Held))
			}
			w.wantNoDrift(repair)
		})
	}
}

func TestDriftIsNotLookedForUnlessAsked(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*job.Definition){
		"ignored": drift(job.DriftIgnore),
		"unset":   func(*job.Definition) {},
		"paused":  func(d *job.Definition) { d.Drift, d.State = job.DriftRepair, job.Paused },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := definition(withGroups, inDepartments("Sales"), change)
			w := tended(t, definition(withGroups, inDepartments("Sales")))
			w.commit(d)
			w.switchOn("cyn")
			w.target.ResetCalls()
			w.planned(d)
			w.commit(d)
			if calls := w.target.Calls(); calls.List != 0 || calls.Writes() != 0 {
				t.Fatalf("%+v", calls)
			}
		})
	}
}

// The plan that turns the comparison on shows what it will do.
func TestDriftTurnedOn(t *testing.T) {
	t.Parallel()
	plain := definition(withGroups, inDepartments("Sales"))
	w := tended(t, plain)
	w.switchOn("cyn")
	w.commit(plain)
	repair := definition(withGroups, inDepartments("Sales"), drift(job.DriftRepair))
	if got := cycle.Names(w.planned(repair).Affected); !strings.HasPrefix(got, "disable user cyn@example.com") {
		t.Fatalf("affected: %s", got)
	}
	if report := w.commit(repair); len(report.Held) > 0 {
		t.Fatalf("held: %s", cycle.Names(report.Held))
	}
	w.wantAccounts(tendedAccounts()...)
	w.switchOn("cyn")
	w.planned(repair)
	w.commit(plain) // off again: what was found is forgotten
	counts, err := w.store.CountDrift(t.Context(), plain.ID)
	if err != nil || len(counts) > 0 {
		t.Fatalf("%+v, %v", counts, err)
	}
}

// An account whose owner left the scope is not ours any more: it is told, and left alone (engine.md 13, rows 1 to 5 and 9).
func TestDriftOfReleasedAccountsIsOnlyTold(t *testing.T) {
	t.Parallel()
	d := definition(withGroups, inDepartments("Sales"), drift(job.DriftRepair))
	w := tended(t, d)
	w.switchOn("eve")
	w.target.ResetCalls()
	preview := w.planned(d)
	if len(preview.Affected) > 0 || len(preview.Warnings) != 1 || !strings.HasPrefix(preview.Warnings[0], "1 account was switched on in the target that the job had switched off and let go") ||
		!strings.HasSuffix(preview.Warnings[0], "\nuser eve@example.com: switched on") {
		t.Fatalf("%+v", preview)
	}
	w.commit(d)
	if w.target.Calls().Writes() != 0 {
		t.Fatal("a released account was written")
	}
	w.tamper("eve", map[string]directory.Value{"department": directory.Text("Legal"), "active": directory.Boolean(false)})
	w.wantNoDrift(d)
}

func TestDriftOfReleasedAccountsThatAnotherJobManages(t *testing.T) {
	t.Parallel()
	sales := definition(inDepartments("Sales"), drift(job.DriftReport))
	hr := definition(inDepartments("HR"), func(d *job.Definition) { d.ID, d.Name = "wiki/hr", "hr" })
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("eve", "Sales"))
	w.commit(sales)
	w.commit(hr)
	w.source.Put(person("eve", "HR"))
	w.commit(sales)
	w.commit(hr)
	w.wantAccounts("ada@example.com active=True department=Sales", "eve@example.com active=True department=HR")
	w.wantNoDrift(sales)
}
