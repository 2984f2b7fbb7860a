package cycle_test

import (
	"errors"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// policy gives users one for an event.
func policy(event job.DeprovisionEvent, action job.DeprovisionAction, change ...func(*job.DeprovisionRule)) edit {
	return func(d *job.Definition) {
		rule := job.DeprovisionRule{Event: event, Action: action}
		for _, c := range change {
			c(&rule)
		}
		mapping := &d.Mappings[len(d.Mappings)-1]
		mapping.Deprovisioning = append(mapping.Deprovisioning, rule)
	}
}

func afterDays(days int64) func(*job.DeprovisionRule) {
	return func(r *job.DeprovisionRule) { r.AfterDays = days }
}

func constantly(target, value string) func(*job.DeprovisionRule) {
	return func(r *job.DeprovisionRule) {
		r.Attributes = append(r.Attributes, job.AttributeValue{Target: target, Value: value})
	}
}

const oneDay = 24 * time.Hour

func (w *world) pass(d time.Duration) { w.clock.Add(d.Milliseconds()) }

func (w *world) waitingRows() []store.Staged {
	w.t.Helper()
	rows, err := w.store.ListStaged(w.t.Context(), "wiki/main", store.LinkKey{}, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	return rows
}

var adaKey = store.LinkKey{Type: directory.User, Source: "ada"}

func TestDeleteAfterDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
	d := definition(inDepartments("Sales"), policy(job.EventFilterFailed, job.DeprovisionDelete, afterDays(30)))
	w.commit(d)

	// The first plan shows the disabling and its end; it does not count as a delete.
	w.source.Put(person("ada", "HR"))
	const reason = `filter "department": department EQUALS "Sales" is false; deprovisioning.filter_failed deletes the account after 30 days, on 2026-01-31`
	if got := cycle.Names(w.preview(d).Affected); got != "disable user ada@example.com: "+reason {
		t.Fatalf("first plan: %s", got)
	}
	noDeletes := definition(inDepartments("Sales"), policy(job.EventFilterFailed, job.DeprovisionDelete, afterDays(30)), limited(1, 0))
	w.commit(noDeletes)
	w.wantAccounts("ada@example.com active=False department=Sales", "bob@example.com active=True department=Sales")
	if got := w.linkOf(adaKey); got != "managed" {
		t.Fatalf("link %s: who waits for deletion is still managed", got)
	}

	// Waiting: no plan shows it, no cycle writes, nothing is held, and the row remembers when.
	w.pass(29 * oneDay)
	w.target.ResetCalls()
	for range 2 {
		if preview := w.preview(noDeletes); len(preview.Affected) != 0 || preview.Changes != (cycle.Changes{}) {
			t.Fatalf("a plan shows who waits: %+v", preview)
		}
		if report := w.commit(noDeletes); len(report.Warnings) != 0 || report.Cycle.Counts.Held != 0 {
			t.Fatalf("who waits counts: %v, %+v", report.Warnings, report.Cycle.Counts)
		}
	}
	status, err := w.engine.Status(t.Context(), d.ID)
	rows := w.waitingRows()
	if err != nil || status.Held != 0 || w.target.Calls().Writes() != 0 || len(rows) != 1 {
		t.Fatalf("held %d, calls %+v, staged %+v, %v", status.Held, w.target.Calls(), rows, err)
	}
	row := rows[0]
	if row.Action != "delete" || row.Held || row.DueAt.Sub(row.Since) != 30*oneDay || row.Since.Format(time.DateOnly) != "2026-01-01" || row.Reason != reason {
		t.Fatalf("waiting row %+v", row)
	}

	// Due: an ordinary delete, with limits, with a plan, and not without one.
	w.pass(oneDay)
	if _, err := w.tryCommit(t.Context(), noDeletes, nil); !errors.Is(err, directory.LimitExceeded) {
		t.Fatalf("the limit does not see it: %v", err)
	}
	if got := cycle.Names(w.preview(d).Affected); got != "delete user ada@example.com: "+reason {
		t.Fatalf("plan when due: %s", got)
	}
	w.commit(d)
	w.wantAccounts("bob@example.com active=True department=Sales")
	if rows := w.waitingRows(); len(rows) != 0 || w.linkOf(adaKey) != "none" {
		t.Fatalf("left behind: %+v, link %s", rows, w.linkOf(adaKey))
	}
}

// A delete that becomes due between plan and apply is not in the plan, so it is held.
func TestDeleteThatBecomesDueUnseenIsHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
	d := definition(policy(job.EventDisabled, job.DeprovisionDelete, afterDays(30)))
	w.commit(d)
	w.source.Put(person("ada", "Sales", disabled))
	w.commit(d)
	w.pass(29 * oneDay)
	report, err := w.tryCommit(t.Context(), d, func() { w.pass(oneDay) })
	if err != nil || len(report.Held) != 1 || report.Held[0].Action != engine.Delete {
		t.Fatalf("%+v, %v", report.Held, err)
	}
	w.wantAccounts("ada@example.com active=False department=Sales", "bob@example.com active=True department=Sales")
	row := w.waitingRows()[0]
	if !row.Held || !row.DueAt.IsZero() || row.Since.Format(time.DateOnly) != "2026-01-01" {
		t.Fatalf("held row %+v", row)
	}
	w.commit(d) // the next plan shows it
	w.wantAccounts("bob@example.com active=True department=Sales")
}

// Whoever comes back is switched on again, and the days begin anew when they leave once more.
func TestDeleteAfterDaysEndsWithTheReturn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"))
	d := definition(policy(job.EventDisabled, job.DeprovisionDelete, afterDays(30)))
	w.commit(d)
	w.source.Put(person("ada", "Sales", disabled))
	w.commit(d)
	w.pass(29 * oneDay)
	w.source.Put(person("ada", "Sales"))
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=Sales")
	if rows := w.waitingRows(); len(rows) != 0 {
		t.Fatalf("staged %+v", rows)
	}
	w.source.Put(person("ada", "Sales", disabled))
	w.commit(d)
	w.pass(29 * oneDay)
	w.commit(d)
	w.wantAccounts("ada@example.com active=False department=Sales")
}

// The days outlive restarts of the engine, other cycles, full cycles, and a change of the days themselves, which counts from
// the same moment.
func TestDeleteAfterDaysOutlives(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]func(w *world, d job.Definition) job.Definition{
		"a restart": func(w *world, d job.Definition) job.Definition { w.open(); return d },
		"a full cycle": func(w *world, d job.Definition) job.Definition {
			inDepartments("Sales")(&d)
			w.commit(d)
			return d
		},
		"other days": func(w *world, _ job.Definition) job.Definition {
			longer := definition(policy(job.EventSoftDeleted, job.DeprovisionDelete, afterDays(40)))
			w.commit(longer)
			w.pass(10 * oneDay)
			return longer
		},
		"an on-demand run": func(w *world, d job.Definition) job.Definition {
			if _, err := w.engine.OnDemand(w.t.Context(), d.ID, []cycle.Subject{{Type: directory.User, ID: "ada"}}, false); err != nil {
				w.t.Fatal(err)
			}
			return d
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
			d := definition(policy(job.EventSoftDeleted, job.DeprovisionDelete, afterDays(30)))
			w.commit(d)
			w.source.Put(person("ada", "Sales", softDeleted))
			w.commit(d)
			w.pass(20 * oneDay)
			d = between(w, d)
			w.pass(9 * oneDay)
			w.commit(d)
			w.wantAccounts("ada@example.com active=False department=Sales", "bob@example.com active=True department=Sales")
			w.pass(oneDay)
			w.commit(d)
			w.wantAccounts("bob@example.com active=True department=Sales")
		})
	}
}

// An account that waits is still managed, so a hard deletion in the source reaches it at once.
func TestHardDeletionDoesNotWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
	d := definition(policy(job.EventSoftDeleted, job.DeprovisionDelete, afterDays(30)))
	w.commit(d)
	w.source.Put(person("ada", "Sales", softDeleted))
	w.commit(d)
	w.source.Remove(directory.User, "ada")
	w.commit(d)
	w.wantAccounts("bob@example.com active=True department=Sales")
	if rows := w.waitingRows(); len(rows) != 0 {
		t.Fatalf("staged %+v", rows)
	}
}

// Somebody who is gone from the source altogether can wait too; the job remembers them.
func TestHardDeletionCanWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
	d := definition(policy(job.EventHardDeleted, job.DeprovisionDelete, afterDays(7)))
	w.commit(d)
	w.source.Remove(directory.User, "ada")
	w.commit(d)
	w.pass(6 * oneDay)
	w.commit(d)
	w.wantAccounts("ada@example.com active=False department=Sales", "bob@example.com active=True department=Sales")
	w.pass(oneDay)
	w.commit(d)
	w.wantAccounts("bob@example.com active=True department=Sales")
}

// Who waits joins no group, and no plan promises that they would.
func TestWhoWaitsJoinsNoGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"), group("crew", "bob"))
	d := definition(withGroups, inDepartments("Sales"), policy(job.EventFilterFailed, job.DeprovisionDelete, afterDays(30)))
	w.commit(d)
	w.source.Put(person("ada", "HR"), group("crew", "ada", "bob"))
	w.commit(d)
	for range 2 {
		if preview := w.preview(d); preview.Changes.MembershipsToAdd != 0 {
			t.Fatalf("%+v", preview.Changes)
		}
		w.commit(d)
		w.wantAccounts("ada@example.com active=False department=Sales", "bob@example.com active=True department=Sales", "group crew [bob@example.com]")
	}
}

// A rejection of a delete that waits holds when it is due; deciding about everything decides about nothing that waits.
func TestDecisionsAboutWhoWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
	d := definition(policy(job.EventDisabled, job.DeprovisionDelete, afterDays(30)))
	w.commit(d)
	w.source.Put(person("ada", "Sales", disabled))
	w.commit(d)
	if n, err := w.engine.DecideStaged(t.Context(), cycle.DecideRequest{JobID: d.ID, Ruling: engine.Rejected, All: true}); err != nil || n != 0 {
		t.Fatalf("rejected %d, %v", n, err)
	}
	if n, err := w.engine.DecideStaged(t.Context(), cycle.DecideRequest{JobID: d.ID, Ruling: engine.Rejected, Choices: []cycle.StagedChoice{{Subject: cycle.Subject{ID: "ada"}}}}); err != nil || n != 1 {
		t.Fatalf("rejected %d, %v", n, err)
	}
	w.pass(40 * oneDay)
	w.commit(d)
	w.commit(d)
	w.wantAccounts("ada@example.com active=False department=Sales", "bob@example.com active=True department=Sales")
}

func TestSetAttributesInsteadOfDisabling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
	archive := policy(job.EventDisabled, job.DeprovisionSetAttributes, constantly("department", "Former"), constantly("nickName", "gone"))
	d := definition(archive)
	w.commit(d)
	w.source.Put(person("ada", "Sales", disabled))
	if got := cycle.Names(w.preview(d).Affected); got != "disable user ada@example.com: disabled in the source; deprovisioning.disabled sets department, nickName" {
		t.Fatalf("plan: %s", got)
	}
	if _, err := w.tryCommit(t.Context(), definition(archive, limited(0, 9)), nil); !errors.Is(err, directory.LimitExceeded) {
		t.Fatalf("it does not count as a disable: %v", err)
	}
	w.target.ResetCalls()
	report := w.commit(d)
	if calls := w.target.Calls(); calls.Writes() != 1 || calls.Update != 1 || report.Cycle.Counts.Disabled != 1 {
		t.Fatalf("one update: %+v, %+v", calls, report.Cycle.Counts)
	}
	w.wantAccounts("ada@example.com active=True department=Former", "bob@example.com active=True department=Sales")
	if got := w.ada().Attributes["nickName"]; !got.Equal(directory.Text("gone")) {
		t.Fatalf("nickName %s", got)
	}
	log, err := w.store.ListLog(t.Context(), d.ID, 1)
	if err != nil || log[0].Action != provlog.ActionDisable || len(log[0].Modified) != 2 {
		t.Fatalf("log %+v, %v", log, err)
	}
	w.target.ResetCalls()
	w.commit(d)
	if calls := w.target.Calls(); calls.Writes() != 0 {
		t.Fatalf("written again: %+v", calls)
	}
	w.source.Put(person("ada", "Sales"))
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales")
}

// Microsoft does not support setting an attribute on hard deletion; here it is allowed, and the link goes afterwards.
func TestSetAttributesOnHardDeletion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
	d := definition(policy(job.EventHardDeleted, job.DeprovisionSetAttributes, constantly("active", "False"), constantly("department", "Former")))
	w.commit(d)
	w.source.Remove(directory.User, "ada")
	w.commit(d)
	w.wantAccounts("ada@example.com active=False department=Former", "bob@example.com active=True department=Sales")
	if got := w.linkOf(adaKey); got != "none" {
		t.Fatalf("link %s", got)
	}
}

// What a policy leaves alone stays managed: it is updated when its person returns, and a hard deletion reaches it.
func TestPolicyNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
	d := definition(inDepartments("Sales", "Board"), policy(job.EventFilterFailed, job.DeprovisionNone), policy(job.EventDisabled, job.DeprovisionNone))
	w.commit(d)
	w.source.Put(person("ada", "HR"), person("bob", "Sales", disabled))
	w.target.ResetCalls()
	w.commit(d)
	if calls := w.target.Calls(); calls.Writes() != 0 {
		t.Fatalf("%+v", calls)
	}
	w.source.Put(person("ada", "Board"))
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=Board", "bob@example.com active=True department=Sales")
	w.source.Put(person("ada", "HR"))
	w.commit(d)
	w.source.Remove(directory.User, "ada")
	w.commit(d)
	w.wantAccounts("bob@example.com active=True department=Sales")
}

// Deleting at once: whoever returns gets a new account.
func TestPolicyDelete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
	d := definition(policy(job.EventDisabled, job.DeprovisionDelete))
	w.commit(d)
	before := w.ada().Anchor
	w.source.Put(person("ada", "Sales", disabled))
	w.commit(d)
	w.wantAccounts("bob@example.com active=True department=Sales")
	w.source.Put(person("ada", "Sales"))
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales")
	if w.ada().Anchor == before {
		t.Fatal("the deleted account is there again")
	}
}

// An account that is deleted by hand while it waits is not created for that: the delete finds nothing and is done.
func TestWaitingAccountDeletedByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
	d := definition(policy(job.EventDisabled, job.DeprovisionDelete, afterDays(30)))
	w.commit(d)
	w.source.Put(person("ada", "Sales", disabled))
	w.commit(d)
	byHand(connector.Delete)(w)
	w.pass(30 * oneDay)
	report := w.commit(d)
	if report.FailureCount != 0 || w.linkOf(adaKey) != "none" || len(w.waitingRows()) != 0 {
		t.Fatalf("%+v, link %s, staged %+v", report.Failures, w.linkOf(adaKey), w.waitingRows())
	}
}
