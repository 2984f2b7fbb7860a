package cycle_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/faulty"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// run runs a cycle that nobody planned.
func (w *world) run() cycle.Report {
	w.t.Helper()
	report, err := runOnce(w.t.Context(), w, cycle.RunRequest{JobID: definition().ID})
	if err != nil {
		w.t.Fatalf("run: %v", err)
	}
	return report
}

// reach moves the clock to a time after a moment.
func (w *world) reach(from time.Time, age time.Duration) {
	w.clock.Store(from.Add(age).UnixMilli())
}

func (w *world) escrows() []store.Escrow {
	w.t.Helper()
	found, err := w.store.ListEscrow(w.t.Context(), definition().ID, store.LinkKey{}, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// escrow returns the only stored failure.
func (w *world) escrow() store.Escrow {
	w.t.Helper()
	found := w.escrows()
	if len(found) != 1 {
		w.t.Fatalf("stored failures: %+v", found)
	}
	return found[0]
}

// failing wraps the target so that every call of a method goes wrong until the returned function is called.
func (w *world) failing(method faulty.Method, fault faulty.Fault) (heal func()) {
	w.connector = faulty.Wrap(w.target, faulty.Options{Rules: []faulty.Rule{{Method: method, Fault: fault}}})
	return func() { w.connector = w.target }
}

// twin is somebody with the name of ada.
func twin(department string) directory.Object {
	return person("ada-2", department, func(o *directory.Object) { o.Attributes["userPrincipalName"] = directory.Text("ada@example.com") })
}

func TestDataErrorsClimbTheLadder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), twin("HR"))
	w.commit(definition())
	first := w.escrow()
	if first.Attempts != 1 || first.NextAttempt != first.FirstFailure.Add(6*time.Hour) || first.Code != "DuplicateSourceEntries" {
		t.Fatalf("%+v", first)
	}
	for _, step := range []struct {
		age      time.Duration
		attempts int64
		next     time.Duration
	}{
		{5 * time.Hour, 1, 6 * time.Hour},
		{6 * time.Hour, 2, 12 * time.Hour},
		{11 * time.Hour, 2, 12 * time.Hour},
		{13 * time.Hour, 3, 24 * time.Hour},
		{24 * time.Hour, 4, 48 * time.Hour},
		{27*24*time.Hour + time.Hour, 5, 28 * 24 * time.Hour},
	} {
		w.reach(first.FirstFailure, step.age)
		report := w.run()
		want := first
		want.Attempts, want.NextAttempt = step.attempts, first.FirstFailure.Add(step.next)
		if diff := cmp.Diff(want, w.escrow()); diff != "" {
			t.Fatalf("at %v, failures %+v (-want +got):\n%s", step.age, report.Failures, diff)
		}
	}
	w.reach(first.FirstFailure, 28*24*time.Hour)
	w.run()
	if left := w.escrows(); len(left) != 0 {
		t.Fatalf("not given up: %+v", left)
	}
	log := w.log(store.LogQuery{Object: "ada-2", Newest: true})
	last := log[len(log)-1]
	want := provlog.Record{
		JobID: "wiki/main", Action: provlog.ActionOther, Status: provlog.StatusFailure, ObjectType: directory.User, Source: "ada-2", SourceName: "ada@example.com",
		ErrorCode: "DuplicateSourceEntries", InitiatedBy: provlog.InitiatorCycle,
	}
	if diff := cmp.Diff(want, last, cmpopts.IgnoreFields(provlog.Record{}, "ChangeID", "CycleID", "Time", "Reason", "Steps")); diff != "" || !strings.HasPrefix(last.Reason, "given up: it has failed since ") {
		t.Fatalf("%q (-want +got):\n%s", last.Reason, diff)
	}
	w.source.Put(twin("Sales"))
	w.run()
	if again := w.escrow(); again.Attempts != 1 || !again.FirstFailure.After(first.FirstFailure) {
		t.Fatalf("somebody who was given up and changes begins anew: %+v", again)
	}
}

func TestTransientFailuresAreTriedInTheNextCycleOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	heal := w.failing(faulty.Create, faulty.FailBefore)
	w.source.Put(person("ada", "Sales"))
	w.commit(definition())
	first := w.escrow()
	if first.NextAttempt.After(first.FirstFailure.Add(time.Minute)) {
		t.Fatalf("not due in the next cycle: %+v", first)
	}
	w.run()
	second := w.escrow()
	if second.Attempts != 2 || second.FirstFailure != first.FirstFailure || second.NextAttempt != first.FirstFailure.Add(6*time.Hour) {
		t.Fatalf("%+v", second)
	}
	heal()
	w.run()
	w.wantAccounts()
	w.reach(first.FirstFailure, 6*time.Hour)
	w.run()
	w.wantAccounts("ada@example.com active=True department=Sales")
	if left := w.escrows(); len(left) != 0 {
		t.Fatalf("left: %+v", left)
	}
}

// TestWhatIsDueAtOnce: a change in the source, and everything when somebody applies or asks for a full cycle.
func TestWhatIsDueAtOnce(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]func(*world){
		"a change in the source": func(w *world) {
			w.source.Put(person("ada-2", "HR"))
			w.run()
		},
		"an apply": func(w *world) {
			w.source.Remove(directory.User, "ada")
			w.commit(definition())
			w.commit(definition())
		},
		"a full cycle": func(w *world) {
			w.source.Remove(directory.User, "ada")
			w.run()
			if _, err := runOnce(w.t.Context(), w, cycle.RunRequest{JobID: "wiki/main", Full: true}); err != nil {
				w.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.source.Put(person("ada", "Sales"), twin("HR"))
			w.commit(definition())
			try(w)
			if left := w.escrows(); len(left) != 0 || !strings.Contains(w.accounts(), "department=HR") {
				t.Fatalf("left %+v, accounts:\n%s", left, w.accounts())
			}
		})
	}
}

// TestLateComersJoinTheirGroups: in a cycle without changes memberships are not compared, unless a retry made an account.
func TestLateComersJoinTheirGroups(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := definition(withGroups)
	w.source.Put(group("staff"))
	w.commit(d)
	heal := w.failing(faulty.Create, faulty.Conflicting)
	w.source.Put(person("ada", "Sales"), group("staff", "ada"))
	w.run()
	first := w.escrow().FirstFailure
	heal()
	for range 2 { // nothing moves and nothing fails
		if report := w.run(); report.FailureCount != 0 || report.Cycle.Counts.Created != 0 {
			t.Fatalf("%+v", report)
		}
	}
	w.reach(first, 6*time.Hour)
	w.run()
	w.wantAccounts("ada@example.com active=True department=Sales", "group staff [ada@example.com]")
}

func TestFailedDeprovisioningsClimbTheLadderToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
	w.commit(definition())
	heal := w.failing(faulty.Update, faulty.Conflicting)
	w.source.Put(person("ada", "Sales", disabled))
	w.run()
	first := w.escrow()
	if first.Attempts != 1 || first.Name != "ada@example.com" || first.NextAttempt != first.FirstFailure.Add(6*time.Hour) {
		t.Fatalf("%+v", first)
	}
	w.run()
	if got := w.escrow(); got != first {
		t.Fatalf("it was tried before it was due: %+v", got)
	}
	w.reach(first.FirstFailure, 6*time.Hour)
	w.run()
	second := first
	second.Attempts, second.NextAttempt = 2, first.FirstFailure.Add(12*time.Hour)
	if diff := cmp.Diff(second, w.escrow(), cmpopts.IgnoreFields(store.Escrow{}, "Message")); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	w.commit(definition()) // an apply tries it
	if got := w.escrow(); got.Attempts != 3 || got.FirstFailure != first.FirstFailure {
		t.Fatalf("%+v", got)
	}
	// Nobody keeps access for having been hard to disable.
	w.reach(first.FirstFailure, 28*24*time.Hour)
	w.run()
	if got := w.escrow(); got.Attempts != 1 || got.FirstFailure.Before(first.FirstFailure.Add(28*24*time.Hour)) {
		t.Fatalf("%+v", got)
	}
	heal()
	w.reach(first.FirstFailure, 29*24*time.Hour)
	w.run()
	w.wantAccounts("ada@example.com active=False department=Sales", "bob@example.com active=True department=Sales")
	if left := w.escrows(); len(left) != 0 {
		t.Fatalf("left: %+v", left)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	run := func() error {
		_, err := runOnce(t.Context(), w, cycle.RunRequest{JobID: "wiki/main"})
		return err
	}
	if err := run(); directory.KindOf(err) != directory.NotFound {
		t.Errorf("got %v", err)
	}
	w.commit(definition(func(d *job.Definition) { d.State = job.Paused }))
	if err := run(); !errors.Is(err, errWithheld) || !strings.Contains(err.Error(), "is paused") {
		t.Errorf("got %v", err)
	}
}

// A cycle that is cut off while it retries somebody forgets neither him nor his failure: the source will not bring him back.
func TestCutRetryIsRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"))
	heal := w.failing(faulty.Create, faulty.Conflicting)
	w.commit(definition())
	heal()
	first := w.escrow()

	heal = w.failing(faulty.Create, faulty.Unauthorised)
	if _, err := w.tryCommit(t.Context(), definition(), nil); err == nil {
		t.Fatal("the cycle was not cut off")
	}
	if cut := w.escrow(); cut.FirstFailure != first.FirstFailure || cut.Source != "ada" {
		t.Errorf("before %+v, after the cut %+v", first, cut)
	}
	heal()
	w.commit(definition())
	if left := w.escrows(); len(left) > 0 {
		t.Errorf("stored failures: %+v", left)
	}
	if got := w.accountOf("ada"); got == "" {
		t.Error("ada has no account")
	}
}
