package cycle_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// bothPaths runs a test with few objects without a link, which are looked for one by one, and with many, for which the
// target is listed once. Both must give the same links.
func bothPaths(t *testing.T, run func(t *testing.T, crowd int)) {
	t.Helper()
	for name, crowd := range map[string]int{"searched": 0, "listed": 30} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, crowd)
		})
	}
}

// join adds a crowd of newcomers to the source; wantCrowd are their accounts.
func (w *world) join(prefix string, crowd int) (want []string) {
	for i := range crowd {
		id := fmt.Sprintf("%s%02d", prefix, i)
		w.source.Put(person(id, "Crowd"))
		want = append(want, id+"@example.com active=True department=Crowd")
	}
	return want
}

// with is the list with more at its end.
func with(want []string, more ...string) []string { return slices.Concat(want, more) }

// took checks which way the accounts were looked for.
func (w *world) took(crowd int) {
	w.t.Helper()
	calls := w.target.Calls()
	if listed := calls.List > 0; listed != (crowd > 20) {
		w.t.Fatalf("a crowd of %d, and the calls were %+v", crowd, calls)
	}
}

func (w *world) escrowed() string {
	w.t.Helper()
	var b strings.Builder
	escrow, err := w.store.ListEscrow(w.t.Context(), definition().ID, store.LinkKey{}, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range escrow {
		fmt.Fprintf(&b, "%s %s %s %d\n", e.Source, e.Name, e.Code, e.Attempts)
	}
	return b.String()
}

func TestExistingAccountsAreMatched(t *testing.T) {
	t.Parallel()
	bothPaths(t, func(t *testing.T, crowd int) {
		w := newWorld(t)
		w.target.Put(account("a-1", "ADA@example.com", "Old"))
		w.target.Put(account("a-2", "bob@example.com", "Sales"))
		w.target.Put(account("a-3", "zed@example.com", "Kitchen"))
		w.source.Put(person("ada", "Sales"), person("bob", "Sales", managedBy("ada")), person("cyn", "Sales", disabled))
		want := w.join("new", crowd)
		report := w.commit(definition())
		w.took(crowd)
		w.wantAccounts(with(want, "ADA@example.com active=True department=Sales", "bob@example.com active=True department=Sales manager=ADA@example.com", stranger)...)
		if c := report.Cycle.Counts; c.Created != int64(crowd) || c.Updated != 1 || report.FailureCount != 0 {
			t.Fatalf("counts %+v", c)
		}
		// Linked accounts lose access when their owner leaves; the stranger's never does.
		w.source.Set()
		w.commit(definition())
		w.wantAccounts(stranger)
	})
}

func TestTwoAccountsWithOneValue(t *testing.T) {
	t.Parallel()
	bothPaths(t, func(t *testing.T, crowd int) {
		w := newWorld(t)
		w.target.Put(account("a-1", "ada@example.com", "One"))
		w.target.Put(account("a-2", "Ada@example.com", "Two"))
		w.source.Put(person("ada", "Sales"))
		want := w.join("new", crowd)
		report := w.commit(definition())
		w.took(crowd)
		w.wantAccounts(with(want, "ada@example.com active=True department=One", "Ada@example.com active=True department=Two")...)
		if got := w.escrowed(); got != "ada ada@example.com DuplicateTargetEntries 1\n" || report.FailureCount != 1 {
			t.Fatalf("escrow: %s", got)
		}
		// Somebody cleans up: the next cycle links the one that is left, although the source did not change.
		w.target.Remove(directory.User, "a-1")
		w.commit(definition())
		w.wantAccounts(with(want, "Ada@example.com active=True department=Sales")...)
		if got := w.escrowed(); got != "" {
			t.Fatalf("escrow: %s", got)
		}
	})
}

func TestTwoPeopleWithOneValue(t *testing.T) {
	t.Parallel()
	bothPaths(t, func(t *testing.T, crowd int) {
		w := newWorld(t)
		w.source.Put(person("ada", "Sales"), person("bob", "Sales", renamed("ADA")))
		want := with(w.join("new", crowd), "ada@example.com active=True department=Sales")
		w.commit(definition())
		w.took(crowd)
		w.wantAccounts(want...)
		if got := w.escrowed(); got != "bob ADA@example.com DuplicateSourceEntries 1\n" {
			t.Fatalf("escrow: %s", got)
		}
		// One is linked already, and another one comes with its value.
		w.source.Put(person("cyn", "Sales", renamed("ada")))
		w.commit(definition())
		w.wantAccounts(want...)
		if got := w.escrowed(); got != "bob ADA@example.com DuplicateSourceEntries 2\ncyn ada@example.com DuplicateSourceEntries 1\n" {
			t.Fatalf("escrow: %s", got)
		}
		// They get values of their own.
		w.source.Put(person("bob", "Sales"), person("cyn", "Sales"))
		w.commit(definition())
		w.wantAccounts(with(want, "bob@example.com active=True department=Sales", "cyn@example.com active=True department=Sales")...)
	})
}

// TestNameHandedOn: ada becomes ann, and in the same cycle a newcomer gets ada's old name.
func TestNameHandedOn(t *testing.T) {
	t.Parallel()
	bothPaths(t, func(t *testing.T, crowd int) {
		w := newWorld(t)
		w.source.Put(person("ada", "Sales"))
		w.commit(definition())
		w.source.Put(person("ada", "Sales", renamed("ann")), person("xia", "HR", renamed("ada")))
		want := with(w.join("new", crowd), "ann@example.com active=True department=Sales", "ada@example.com active=True department=HR")
		w.commit(definition())
		w.commit(definition())
		w.wantAccounts(want...)
		if got := w.escrowed(); got != "" {
			t.Fatalf("escrow: %s", got)
		}
	})
}

func TestRenameKeepsTheAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"))
	w.commit(definition())
	before := w.target.State()[0].Anchor
	w.source.Put(person("ada", "Sales", renamed("ann")))
	w.target.ResetCalls()
	w.commit(definition())
	w.wantAccounts("ann@example.com active=True department=Sales")
	if after := w.target.State()[0].Anchor; after != before || w.target.Calls().Find != 0 {
		t.Fatalf("account %s became %s, calls %+v", before, after, w.target.Calls())
	}
}

func TestRehire(t *testing.T) {
	t.Parallel()
	bothPaths(t, func(t *testing.T, crowd int) {
		w := newWorld(t)
		w.source.Put(person("old", "Sales", renamed("ada")), person("boss", "Board"))
		w.commit(definition())
		// The old object is deleted and a new one comes with the same name, all between two cycles. The account cannot be
		// taken over while it belongs to somebody who is about to lose it; it is deleted, and the next cycle makes a new one.
		w.source.Remove(directory.User, "old")
		w.source.Put(person("new", "HR", renamed("ada"), managedBy("boss")))
		want := with(w.join("crowd", crowd), "boss@example.com active=True department=Board")
		w.commit(definition())
		w.wantAccounts(want...)
		w.commit(definition())
		w.wantAccounts(with(want, "ada@example.com active=True department=HR manager=boss@example.com")...)
		if got := w.escrowed(); got != "" {
			t.Fatalf("escrow: %s", got)
		}
	})
}

// TestRehireTakesOverAReleasedAccount: who left scope before being deleted left a switched-off account behind.
func TestRehireTakesOverAReleasedAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := definition(inDepartments("Sales"))
	w.source.Put(person("old", "Sales", renamed("ada")))
	w.commit(d)
	w.source.Put(person("old", "HR", renamed("ada")))
	w.commit(d)
	w.wantAccounts("ada@example.com active=False department=Sales")
	w.source.Remove(directory.User, "old")
	w.source.Put(person("new", "Sales", renamed("ada")))
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=Sales")
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=Sales")
}

// TestAccountDeletedByHand: it is not noticed until the next write, which finds it gone, matches again and makes a new one
// (engine.md 13, row 21).
func TestAccountDeletedByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales", managedBy("ada")), group("staff", "ada", "bob"))
	d := definition(withGroups)
	w.commit(d)
	w.target.Remove(directory.User, w.anchor("ada@example.com"))
	w.commit(d)
	w.wantAccounts("bob@example.com active=True department=Sales manager=", "group staff [bob@example.com]")

	w.source.Put(person("ada", "HR"))
	w.commit(d)
	// The new account is in its groups again, and who referred to the old one refers to the new one.
	w.wantAccounts("ada@example.com active=True department=HR", "bob@example.com active=True department=Sales manager=ada@example.com",
		"group staff [ada@example.com bob@example.com]")
}

// TestMatchedAndSwitchedOffByAMapping: an account that is found switched on, for somebody whom a mapping switches off, is
// linked; the next plan shows what it loses, and nobody loses it before.
func TestMatchedAndSwitchedOffByAMapping(t *testing.T) {
	t.Parallel()
	bothPaths(t, func(t *testing.T, crowd int) {
		w := newWorld(t)
		off := definition(func(d *job.Definition) {
			d.Mappings[0].Attributes[0].Expression = `IIF([department]="Off", "False", "True")`
		})
		w.target.Put(account("a-1", "ada@example.com", "Off"))
		w.source.Put(person("ada", "Off"))
		want := w.join("new", crowd)
		report := w.commit(off)
		w.wantAccounts(with(want, "ada@example.com active=True department=Off")...)
		if len(report.Held) != 1 {
			t.Fatalf("held %+v", report.Held)
		}
		if got := w.preview(off).Affected; len(got) != 1 || got[0].Name != "ada@example.com" {
			t.Fatalf("the next plan shows %+v", got)
		}
		w.commit(off)
		w.wantAccounts(with(want, "ada@example.com active=False department=Off")...)
	})
}

func (w *world) anchor(name string) directory.Anchor {
	w.t.Helper()
	for _, entry := range w.target.State() {
		if text, _ := entry.Attributes["userName"].Text(); text == name {
			return entry.Anchor
		}
	}
	w.t.Fatalf("no account %s", name)
	return ""
}
