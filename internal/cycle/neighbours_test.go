package cycle_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// neighbour makes the job of another app that works on the same target.
func neighbour(d *job.Definition) {
	d.ID, d.App.Key, d.Connection.AppKey, d.Connection.Name = "crm/second", "crm", "crm", "same"
	for i := range d.Mappings {
		d.Mappings[i].AppKey = "crm"
	}
	for i := range d.Filters {
		d.Filters[i].AppKey = "crm"
	}
}

// pair are two jobs on one target, each with the people of one department.
func pair(change ...func(*job.Definition)) (sales, hr job.Definition) {
	return definition(slices.Concat([]func(*job.Definition){inDepartments("Sales")}, change)...),
		definition(slices.Concat([]func(*job.Definition){inDepartments("HR")}, change, []func(*job.Definition){neighbour})...)
}

// failuresOf are a job's stored failures.
func (w *world) failuresOf(d job.Definition) string {
	w.t.Helper()
	escrow, err := w.store.ListEscrow(w.t.Context(), d.ID, store.LinkKey{}, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	lines := make([]string, len(escrow))
	for i, e := range escrow {
		lines[i] = fmt.Sprintf("%s %s %s", e.Source, e.Code, e.Message)
	}
	return strings.Join(lines, "\n")
}

// salesOnly runs something that concerns one job, and nothing of the other's may change.
func (w *world) salesOnly(name string, do func()) {
	w.t.Helper()
	of := func() map[directory.Anchor]string {
		accounts := map[directory.Anchor]string{}
		for _, entry := range w.target.State() {
			name, _ := entry.Attributes["userName"].Text()
			if strings.HasPrefix(name, "hr") {
				accounts[entry.Anchor] = fmt.Sprintf("%s %v", name, slices.Sorted(maps.Keys(entry.Attributes))) + entry.Attributes["active"].String() + entry.Attributes["department"].String()
			}
		}
		return accounts
	}
	before := of()
	do()
	if diff := cmp.Diff(before, of()); diff != "" || len(before) == 0 {
		w.t.Errorf("%s: accounts of the other job (-before +after):\n%s", name, diff)
	}
}

// TestDisjointJobsLeaveEachOtherAlone (engine.md 26): whatever one job does, the accounts of the other stay as they are.
func TestDisjointJobsLeaveEachOtherAlone(t *testing.T) {
	t.Parallel()
	bothPaths(t, func(t *testing.T, crowd int) {
		w := newWorld(t)
		sales, hr := pair(drift(job.DriftRepair))
		for i := range 3 {
			w.source.Put(person(fmt.Sprintf("sales%d", i), "Sales"), person(fmt.Sprintf("hr%d", i), "HR"))
		}
		for i := range crowd {
			w.source.Put(person(fmt.Sprintf("more%02d", i), "Sales"))
		}
		w.commit(hr)
		w.salesOnly("create", func() { w.commit(sales) })
		w.salesOnly("update", func() {
			w.source.Put(person("sales0", "Sales", renamed("sales-zero")))
			w.commit(sales)
		})
		w.salesOnly("disable", func() {
			w.source.Put(person("sales1", "Sales", disabled))
			w.commit(sales)
		})
		w.salesOnly("delete", func() {
			w.source.Remove(directory.User, "sales2")
			w.commit(sales)
		})
		// Somebody changes accounts of both by hand: each job sees and repairs its own.
		w.tamper("hr0", map[string]directory.Value{"department": directory.Text("By hand")})
		w.tamper("sales-zero", map[string]directory.Value{"department": directory.Text("By hand")})
		w.salesOnly("drift", func() {
			if preview := w.planned(sales); preview.Changes.Updates != 1 {
				t.Errorf("changes %+v, warnings %q", preview.Changes, preview.Warnings)
			}
			w.commit(sales)
		})
		if got := w.entry("sales-zero").Attributes["department"].String(); got != "Sales" {
			t.Errorf("the own account is not repaired: %s", got)
		}
		for _, scopes := range [][]string{nil, {"Full"}} {
			w.salesOnly("restart "+strings.Join(scopes, ","), func() {
				if _, err := w.engine.RestartJob(t.Context(), cycle.RestartRequest{JobID: sales.ID, Scope: scopes, AcknowledgeOrphans: true}); err != nil {
					t.Fatal(err)
				}
				w.commit(sales)
			})
		}
		w.salesOnly("retire", func() {
			if _, err := w.retire(sales, job.DestroyDelete); err != nil {
				t.Fatal(err)
			}
		})
		if got := w.failuresOf(hr); got != "" {
			t.Errorf("failures: %s", got)
		}
		w.commit(hr)
		if got := w.entry("hr0").Attributes["department"].String(); got != "HR" {
			t.Errorf("the account of the other is not repaired by the other: %s", got)
		}
	})
}

// TestMoverBetweenJobs: who moves from the scope of one job into that of the other keeps the account, whichever runs first.
func TestMoverBetweenJobs(t *testing.T) {
	t.Parallel()
	for name, leavingFirst := range map[string]bool{"left first": true, "joined first": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothPaths(t, func(t *testing.T, crowd int) {
				w := newWorld(t)
				sales, hr := pair(drift(job.DriftRepair))
				w.source.Put(person("ada", "Sales"), person("bob", "HR"))
				w.commit(sales)
				w.commit(hr)
				was := w.entry("ada").Anchor
				w.source.Put(person("ada", "HR"))
				for i := range crowd {
					w.source.Put(person(fmt.Sprintf("more%02d", i), "HR"))
				}
				if leavingFirst {
					w.commit(sales)
					w.commit(hr)
				} else {
					w.commit(hr)
					want := "ada DuplicateSourceEntries the account is managed by job wiki/main, which works on the same target, for its source object ada; narrow the scope of one of the jobs"
					if got := w.failuresOf(hr); got != want {
						t.Errorf("failures: %s", got)
					}
					if got := w.entry("ada").Attributes["department"].String(); got != "Sales" {
						t.Errorf("it was written: %s", got)
					}
					w.commit(sales)
					w.commit(hr)
				}
				// From now on the account is the other job's alone.
				for range 2 {
					w.commit(sales)
					ada := w.entry("ada")
					if ada.Anchor != was || ada.Attributes["active"].String() != "True" || ada.Attributes["department"].String() != "HR" {
						t.Errorf("account %s became %s: %v", was, ada.Anchor, ada.Attributes)
					}
					w.commit(hr)
				}
				if got := w.failuresOf(sales) + w.failuresOf(hr); got != "" {
					t.Errorf("failures: %s", got)
				}
				if _, err := w.retire(sales, job.DestroyDelete); err != nil {
					t.Fatal(err)
				}
				w.source.Remove(directory.User, "ada")
				w.commit(hr)
				for _, entry := range w.target.State() {
					if entry.Anchor == was {
						t.Errorf("the account outlives its owner: %v", entry.Attributes)
					}
				}
			})
		})
	}
}

// TestTwoJobsClaimOneAccount: the second one fails, and writes nothing, until the first one lets go.
func TestTwoJobsClaimOneAccount(t *testing.T) {
	t.Parallel()
	const claimed = "ada DuplicateSourceEntries the account is managed by job %s, which works on the same target, for its source object ada; narrow the scope of one of the jobs"
	everybody := definition(withGroups)
	other := definition(withGroups, neighbour, func(d *job.Definition) {
		d.Mappings[1].Attributes[1].Expression = `Append([department], " of the other")`
	})
	for name, order := range map[string][2]job.Definition{"in order": {everybody, other}, "in reverse": {other, everybody}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothPaths(t, func(t *testing.T, crowd int) {
				w := newWorld(t)
				first, second := order[0], order[1]
				w.source.Put(person("ada", "Sales"), group("staff", "ada"))
				w.commit(first)
				before := w.accounts()
				for i := range crowd {
					w.source.Put(person(fmt.Sprintf("more%02d", i), "Sales"))
				}
				// What the other job remembers is known before the target is asked.
				if got, want := w.preview(second).Changes, (cycle.Changes{Creates: int64(crowd), Failures: 2}); got != want {
					t.Errorf("preview %+v, want %+v", got, want)
				}
				report := w.commit(second)
				if got := w.failuresOf(second); !strings.HasPrefix(got, "staff DuplicateSourceEntries the account is managed by job "+first.ID) ||
					!strings.HasSuffix(got, fmt.Sprintf(claimed, first.ID)) {
					t.Errorf("failures: %s", got)
				}
				if report.FailureCount != 2 || report.Cycle.Counts.Created != int64(crowd) || report.Cycle.Counts.Updated != 0 {
					t.Errorf("counts %+v", report.Cycle.Counts)
				}
				for line := range strings.SplitSeq(before, "\n") {
					if !strings.Contains("\n"+w.accounts()+"\n", "\n"+line+"\n") {
						t.Errorf("%s is not there any more:\n%s", line, w.accounts())
					}
				}
				explained, err := w.engine.Explain(t.Context(), second.ID, cycle.Subject{Type: directory.User, ID: "ada"})
				if err != nil || !strings.Contains(explained.Summary, first.ID) {
					t.Errorf("explained: %s (%v)", explained.Summary, err)
				}
				// It leaves the source: who never had the account takes nothing away.
				w.source.Remove(directory.User, "ada")
				w.commit(second)
				if got := w.entry("ada").Attributes["active"].String(); got != "True" {
					t.Errorf("the account of the other job is %s", got)
				}
				w.source.Put(person("ada", "Sales"))
				w.commit(second)
				if _, err := w.retire(first, job.DestroyKeep); err != nil {
					t.Fatal(err)
				}
				w.commit(second)
				w.commit(second)
				if got := w.failuresOf(second); got != "" {
					t.Errorf("failures after the first job is gone: %s", got)
				}
				want := "Sales"
				if second.ID == other.ID {
					want += " of the other"
				}
				if got := w.entry("ada").Attributes["department"].String(); got != want {
					t.Errorf("department %q, want %q", got, want)
				}
			})
		})
	}
}

// TestAnotherEndpointClaimsNothing: accounts with equal ids in two targets are two accounts.
func TestAnotherEndpointClaimsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"))
	w.commit(definition())
	elsewhere := definition(neighbour, func(d *job.Definition) {
		d.Connection.SCIM = &job.SCIMConnection{BaseURL: "https://crm.example.com/scim"}
	})
	if got, want := w.preview(elsewhere).Changes, (cycle.Changes{Creates: 1}); got != want {
		t.Errorf("preview %+v, want %+v", got, want)
	}
	w.commit(elsewhere) // the world has one target for both, so the account is found
	if got := w.failuresOf(elsewhere); got != "" {
		t.Errorf("failures: %s", got)
	}
}
