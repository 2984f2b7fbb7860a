package cycle_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// normalising is a target that keeps departments its own way.
type normalising struct{ *connectormemory.Connector }

func (n normalising) Apply(ctx context.Context, operations []connector.Operation) []connector.Outcome {
	kept := slices.Clone(operations)
	for i := range kept {
		kept[i].Changes = slices.Clone(kept[i].Changes)
		for j, change := range kept[i].Changes {
			if text, ok := change.Value.Text(); ok && change.Attribute == "department" {
				kept[i].Changes[j].Value = directory.Text("Dept. " + text)
			}
		}
	}
	return n.Connector.Apply(ctx, kept)
}

func TestDriftKnowsTheTargetsOwnForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connector = normalising{w.target}
	d := definition(drift(job.DriftRepair))
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
	w.commit(d)
	w.commit(d) // repairs once, and learns
	w.wantNoDrift(d)
	w.tamper("ada", map[string]directory.Value{"department": directory.Text("Legal")})
	if got := w.planned(d); got.Changes.Updates != 1 {
		t.Fatalf("a change by hand passes for the target's own form: %+v", got)
	}
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=Dept. Sales", "bob@example.com active=True department=Dept. Sales")
	w.wantNoDrift(d)
	w.source.Put(person("ada", "HR"))
	w.commit(d)
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=Dept. HR", "bob@example.com active=True department=Dept. Sales")
	w.wantNoDrift(d)
}

// unanswered is a target that never answers with some attributes.
type unanswered struct {
	*connectormemory.Connector
	attribute string
}

func (s unanswered) List(ctx context.Context, listing connector.Listing, deliver func([]connector.Account) error) error {
	return s.Connector.List(ctx, listing, func(accounts []connector.Account) error {
		for i := range accounts {
			accounts[i].Attributes = maps.Clone(accounts[i].Attributes)
			delete(accounts[i].Attributes, s.attribute)
		}
		return deliver(accounts)
	})
}

func TestDriftLeavesAloneWhatTheTargetDoesNotTell(t *testing.T) {
	t.Parallel()
	for _, attribute := range []string{"department", "active", managerAttribute} {
		t.Run(attribute, func(t *testing.T) {
			t.Parallel()
			d := definition(withGroups, inDepartments("Sales"), drift(job.DriftRepair))
			w := tended(t, d)
			w.connector = unanswered{w.target, attribute}
			w.wantNoDrift(d)
		})
	}
}

// skipping is a target that leaves an account out of a listing, as one does that changes between two pages.
type skipping struct {
	*connectormemory.Connector
	left directory.Anchor
}

func (s skipping) List(ctx context.Context, listing connector.Listing, deliver func([]connector.Account) error) error {
	return s.Connector.List(ctx, listing, func(accounts []connector.Account) error {
		return deliver(slices.DeleteFunc(accounts, func(a connector.Account) bool { return a.Anchor == s.left }))
	})
}

func TestDriftAsksForWhoWasNotListed(t *testing.T) {
	t.Parallel()
	d := definition(withGroups, inDepartments("Sales"), drift(job.DriftRepair))
	w := tended(t, d)
	w.connector = skipping{w.target, w.entry("ada").Anchor}
	if preview := w.planned(d); len(preview.Warnings) > 0 || preview.Changes != (cycle.Changes{}) {
		t.Fatalf("an account that was not listed passes for gone: %+v", preview)
	}
	w.tamper("ada", map[string]directory.Value{"department": directory.Text("Legal")})
	w.commit(d)
	w.wantAccounts(tendedAccounts()...)
}

// mute is a target that cannot be listed.
type mute struct {
	*connectormemory.Connector
	err error
}

func (m mute) List(context.Context, connector.Listing, func([]connector.Account) error) error {
	return m.err
}

func TestDriftOfATargetThatCannotBeListed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"unsupported": {directory.Errorf(directory.Unsupported, "it hands out\n200 accounts"), `Changes made in the target were not looked for: the target cannot be listed, so that changes made in it go unnoticed (drift = "ignore" does not ask for it): it hands out 200 accounts`},
		"down":        {directory.Errorf(directory.Transient, "no route to host"), "Changes made in the target were not looked for: the target could not be listed: no route to host"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := definition(withGroups, inDepartments("Sales"), drift(job.DriftRepair))
			w := tended(t, d)
			w.switchOn("cyn")
			known := w.planned(d)
			w.connector = mute{w.target, c.err}
			w.source.Put(person("fay", "Sales"))
			preview := w.planned(d)
			if diff := cmp.Diff(append([]string{c.want}, known.Warnings...), preview.Warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
			report, err := w.tryCommit(t.Context(), d, nil)
			if err != nil || !slices.Contains(report.Warnings, c.want) {
				t.Fatalf("%v, warnings %q", err, report.Warnings)
			}
			// What an earlier check found is repaired all the same.
			w.wantAccounts(append(tendedAccounts(), "fay@example.com active=True department=Sales")...)
		})
	}
}

// busy is a target that is written to by another process while it is listed.
type busy struct {
	*connectormemory.Connector
	meanwhile func()
}

func (b busy) List(ctx context.Context, listing connector.Listing, deliver func([]connector.Account) error) error {
	b.meanwhile()
	return b.Connector.List(ctx, listing, deliver)
}

func TestDriftCheckOfAccountsThatAreBeingWritten(t *testing.T) {
	t.Parallel()
	d := definition(drift(job.DriftRepair))
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"))
	w.commit(d)
	other := &cycle.Engine{
		Store: w.store, OpenSource: w.engine.OpenSource, OpenConnector: w.engine.OpenConnector, Now: w.now, NewID: w.engine.NewID, Logger: w.engine.Logger,
	}
	var once sync.Once
	w.connector = busy{w.target, func() {
		once.Do(func() {
			w.connector = w.target
			w.source.Put(person("ada", "HR"))
			position, err := other.Refresh(t.Context(), d.ID)
			if err == nil {
				_, err = other.Commit(t.Context(), cycle.CommitRequest{Definition: d, Position: position.Position}, nil)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}}
	preview := w.planned(d)
	want := []string{"Changes made in the target were not looked for: accounts were written while they were compared; the next plan or cycle compares them"}
	if diff := cmp.Diff(want, preview.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	w.wantNoDrift(d)
}

func TestDriftNamesAreBounded(t *testing.T) {
	t.Parallel()
	d := definition(drift(job.DriftReport))
	w := newWorld(t)
	for i := range 60 {
		w.source.Put(person(fmt.Sprintf("p%02d", i), "Sales"))
	}
	w.source.Put(person("zoe", "Sales"))
	w.commit(d)
	w.source.Put(person("zoe", "Sales", disabled))
	w.commit(d)
	for i := range 60 {
		w.remove(fmt.Sprintf("p%02d", i))
	}
	w.switchOn("zoe")
	warnings := w.planned(d).Warnings
	if len(warnings) != 1 {
		t.Fatalf("%q", warnings)
	}
	lines := strings.Split(warnings[0], "\n")
	if len(lines) != 52 || !strings.HasPrefix(lines[0], "61 accounts were changed in the target (1 switched on, 60 gone)") ||
		lines[1] != "user zoe@example.com: switched on" || lines[2] != "user p00@example.com: gone" || lines[51] != "… and 11 more" {
		t.Fatalf("%s", warnings[0])
	}
	found, err := w.store.ListDrift(t.Context(), d.ID, store.LinkKey{}, 100)
	if err != nil || len(found) != 61 {
		t.Fatalf("%d, %v", len(found), err)
	}
}

// TestDriftOfWhatIsMappedFromNowOn: the mappings that are applied decided nothing about active. The plan that maps it again sees who
// was switched on and off meanwhile, as its apply does.
func TestDriftOfWhatIsMappedFromNowOn(t *testing.T) {
	t.Parallel()
	d := definition(withGroups, inDepartments("Sales"), drift(job.DriftRepair))
	w := tended(t, d)
	unmapped := definition(withGroups, inDepartments("Sales"), drift(job.DriftRepair))
	users := &unmapped.Mappings[len(unmapped.Mappings)-1]
	users.Attributes = slices.DeleteFunc(slices.Clone(users.Attributes), func(a job.AttributeMapping) bool { return a.Target == "active" })
	w.commit(unmapped)
	w.switchOn("cyn")
	w.tamper("bob", map[string]directory.Value{"active": directory.Boolean(false)})
	w.source.Put(person("bob", "HR", managedBy("ada")))
	preview := w.planned(d)
	if got, want := cycle.Names(preview.Affected), "disable user cyn@example.com: disabled in the source; the account was switched on in the target"; got != want {
		t.Errorf("shown %q", got)
	}
	if report := w.commit(d); len(report.Held) > 0 || report.Cycle.Counts.Disabled != 1 {
		t.Errorf("held %+v, counts %+v", report.Held, report.Cycle.Counts)
	}
}
