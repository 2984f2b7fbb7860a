package cycle_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/faulty"
	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
)

func (w *world) status() cycle.Status {
	w.t.Helper()
	status, err := w.engine.Status(w.t.Context(), definition().ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return status
}

func (w *world) quarantine() engine.Quarantine { w.t.Helper(); return w.status().Record.Quarantine }

// tryRun runs a cycle that may be refused or fail.
func (w *world) tryRun(force bool) (cycle.Report, error) {
	return runOnce(w.t.Context(), w, cycle.RunRequest{JobID: definition().ID, Force: force})
}

// wantQuarantine checks everything but the times, which move with every look.
func (w *world) wantQuarantine(reason engine.QuarantineReason, count int64, says string) engine.Quarantine {
	w.t.Helper()
	got := w.quarantine()
	if got.Reason != reason || got.SeriesCount != count || !strings.Contains(got.Error.Message, says) || w.status().Code() != "quarantine" {
		w.t.Fatalf("status %s, quarantine %+v, want %s, %d times, %q", w.status().Code(), got, reason, count, says)
	}
	return got
}

func (w *world) wantHealthy() {
	w.t.Helper()
	if got := w.quarantine(); got.In() || w.status().Code() != "active" {
		w.t.Fatalf("status %s, quarantine %+v", w.status().Code(), got)
	}
}

// TestRefusedCredentials: the job is quarantined at once, tried less and less often, with nothing but the connection test,
// and well again when that succeeds.
func TestRefusedCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"))
	w.commit(definition())
	heal := w.failing(faulty.Test, faulty.Unauthorised)
	w.source.Put(person("bob", "Sales"))
	w.target.ResetCalls()
	if _, err := w.tryRun(false); !errors.Is(err, directory.Unauthorised) {
		t.Fatalf("got %v", err)
	}
	began := w.wantQuarantine(engine.QuarantineException, 0, "answered 401")
	if began.Error.Code != "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable" || !began.Error.TenantActionable {
		t.Fatalf("%+v", began.Error)
	}
	for i, hours := range []int{6, 12, 24, 48} {
		due := began.SeriesBegan.Add(time.Duration(hours) * time.Hour)
		if got := w.quarantine().NextAttempt; got != due {
			t.Fatalf("attempt %d is due at %v, want %v", i, got, due)
		}
		w.reach(due, -time.Minute)
		if _, err := w.tryRun(false); !errors.Is(err, errWithheld) || !strings.Contains(err.Error(), "not due before") {
			t.Fatalf("it ran before it was due: %v", err)
		}
		w.reach(due, 0)
		if _, err := w.tryRun(false); !errors.Is(err, directory.Unauthorised) {
			t.Fatalf("got %v", err)
		}
		w.wantQuarantine(engine.QuarantineException, int64(i+1), "answered 401")
	}
	if w.target.Calls() != (connectormemory.Calls{}) {
		t.Fatalf("more than the connection test was sent: %+v", w.target.Calls())
	}
	heal()
	if _, err := w.tryRun(true); err != nil {
		t.Fatal(err)
	}
	w.wantHealthy()
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales")
}

func TestWhatQuarantinesAtOnce(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		method faulty.Method
		fault  faulty.Fault
		reason engine.QuarantineReason
		ran    bool // the cycle went to its end
	}{
		{"credentials refused in the cycle", faulty.Create, faulty.Unauthorised, engine.QuarantineException, false},
		{"unreachable in the connection test", faulty.Test, faulty.Timeout, engine.QuarantineException, false},
		{"an answer that is not understood in the connection test", faulty.Test, faulty.Malformed, engine.QuarantineException, false},
		{"an answer that is not understood in the cycle", faulty.Update, faulty.Malformed, engine.QuarantineException, true},
		{"asked for patience in the connection test", faulty.Test, faulty.Throttled, "", false},
		{"unreachable in the cycle", faulty.Update, faulty.Timeout, "", true},
		{"a conflict", faulty.Create, faulty.Conflicting, "", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.source.Put(person("ada", "Sales"))
			w.commit(definition())
			w.source.Put(person("ada", "HR"), person("bob", "HR"))
			heal := w.failing(test.method, test.fault)
			report, err := w.tryRun(false)
			if (err == nil) != test.ran || test.ran && (report.FailureCount == 0 || len(report.Warnings) == 0 != (test.reason == "")) {
				t.Fatalf("%v, report %+v", err, report)
			}
			if got := w.quarantine().Reason; got != test.reason {
				t.Fatalf("quarantine %q, want %q", got, test.reason)
			}
			heal()
			w.commit(definition())
			w.wantHealthy()
			w.wantAccounts("ada@example.com active=True department=HR", "bob@example.com active=True department=HR")
		})
	}
}

// TestApplyAndQuarantine: an apply is an administrator's act. It goes on when the connection works; when it does not, it
// fails and says so to the job.
func TestApplyAndQuarantine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"))
	heal := w.failing(faulty.Test, faulty.Unauthorised)
	if _, err := w.tryCommit(t.Context(), definition(), nil); !errors.Is(err, directory.Unauthorised) {
		t.Fatalf("got %v", err)
	}
	if _, err := w.store.GetJob(t.Context(), "wiki/main"); !errors.Is(err, directory.NotFound) {
		t.Fatalf("a job that was never committed is not quarantined: %v", err)
	}
	heal()
	w.commit(definition())
	heal = w.failing(faulty.Test, faulty.Unauthorised)
	for count := range int64(2) {
		if _, err := w.tryCommit(t.Context(), definition(), nil); !errors.Is(err, directory.Unauthorised) {
			t.Fatalf("got %v", err)
		}
		w.wantQuarantine(engine.QuarantineException, count, "answered 401")
	}
	heal()
	w.source.Put(person("ada", "HR", disabled))
	if _, err := w.tryCommit(t.Context(), definition(limited(0, 0)), nil); !errors.Is(err, directory.LimitExceeded) {
		t.Fatalf("got %v", err)
	}
	w.wantQuarantine(engine.QuarantineException, 1, "answered 401") // nothing was changed
	w.commit(definition())
	w.wantHealthy()
}

func TestQuarantineOf28Days(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"))
	w.commit(definition())
	heal := w.failing(faulty.Test, faulty.Timeout)
	_, _ = w.tryRun(false)
	began := w.wantQuarantine(engine.QuarantineException, 0, "no answer in time").SeriesBegan
	w.reach(began, 27*24*time.Hour)
	_, _ = w.tryRun(false)
	w.wantQuarantine(engine.QuarantineException, 1, "no answer in time")
	heal()
	w.reach(began, 28*24*time.Hour)
	w.target.ResetCalls()
	for _, force := range []bool{false, true} {
		if _, err := w.tryRun(force); !errors.Is(err, errWithheld) || !strings.Contains(err.Error(), "does not run any more") {
			t.Fatalf("force %t: got %v", force, err)
		}
	}
	if w.target.Calls() != (connectormemory.Calls{}) || !w.status().QuarantineEnded {
		t.Fatalf("calls %+v, status %+v", w.target.Calls(), w.status())
	}
	w.commit(definition())
	w.wantHealthy()
}

// crowded puts users into the source that all have the same name, but for the first n.
func crowded(w *world, others, same int) {
	objects := make([]directory.Object, 0, others+same)
	for i := range others {
		objects = append(objects, person(fmt.Sprintf("p%05d", i), "Sales"))
	}
	for i := range same {
		objects = append(objects, person(fmt.Sprintf("q%05d", i), "Sales", func(o *directory.Object) { o.Attributes["userPrincipalName"] = directory.Text("same@example.com") }))
	}
	w.source.Put(objects...)
}

// TestTooManyFailures: the first cycle forgets its failures and the job waits; a later one backs off and recovers.
func TestTooManyFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"))
	w.commit(definition())
	crowded(w, 0, 5001)
	report := w.run()
	q := w.wantQuarantine(engine.QuarantineProportion, 0, "5000 of 5001 objects failed")
	if q.EscrowsPruned || w.status().Escrowed != 5000 || len(report.Warnings) != 1 || !strings.Contains(report.Warnings[0], "EncounteredEscrowProportionThreshold") {
		t.Fatalf("%+v, %d, %q", q, w.status().Escrowed, report.Warnings)
	}
	w.reach(q.NextAttempt, 0)
	w.run() // all of them are due, and fail again
	w.wantQuarantine(engine.QuarantineProportion, 1, "5000 of 5000 objects failed")
	for i := 1; i <= 5000; i++ {
		w.source.Remove(directory.User, directory.Anchor(fmt.Sprintf("q%05d", i)))
	}
	w.reach(q.SeriesBegan, 24*time.Hour)
	w.run()
	w.wantHealthy()
	if left := w.status().Escrowed; left != 0 {
		t.Fatalf("%d failures are left", left)
	}
}

func TestFirstCycleWithTooManyFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	crowded(w, 2, 5001)
	report := w.commit(definition())
	q := w.wantQuarantine(engine.QuarantineProportion, 0, "5000 of 5003 objects failed")
	if !q.EscrowsPruned || w.status().Escrowed != 0 || !w.status().QuarantineEnded || !w.status().Record.Initialised || report.FailureCount != 5000 {
		t.Fatalf("%+v, status %+v", q, w.status())
	}
	if _, err := w.tryRun(true); !errors.Is(err, errWithheld) || !strings.Contains(err.Error(), "they were forgotten") {
		t.Fatalf("got %v", err)
	}
	for i := 2; i <= 5000; i++ {
		w.source.Remove(directory.User, directory.Anchor(fmt.Sprintf("q%05d", i)))
	}
	// Nobody remembers q00001; whoever goes on looks at everybody.
	report = w.commit(definition())
	w.wantHealthy()
	if left := w.escrow(); left.Source != "q00001" || !report.Cycle.Full {
		t.Fatalf("left %+v, full %t", left, report.Cycle.Full)
	}
}

// TestQuarantineOutlivesTheProcess: nothing of it is in memory.
func TestQuarantineOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"))
	w.commit(definition())
	w.failing(faulty.Test, faulty.Unauthorised)
	_, _ = w.tryRun(false)
	before := w.quarantine()
	w.connector = w.target
	w.open()
	if diff := cmp.Diff(before, w.quarantine()); diff != "" || !before.In() {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if _, err := w.tryRun(false); err == nil {
		t.Fatal("another process ran it before it was due")
	}
}
