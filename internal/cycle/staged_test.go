package cycle_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/faulty"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// staged renders what waits: one line for each, sorted.
func (w *world) waiting() []string {
	w.t.Helper()
	entries, err := w.engine.ListStaged(w.t.Context(), definition().ID, store.LinkKey{}, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	lines := []string{}
	for _, entry := range entries {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s", entry.Action, entry.Source, entry.Decision)))
	}
	slices.Sort(lines)
	return lines
}

func (w *world) wantStaged(want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), w.waiting()); diff != "" {
		w.t.Fatalf("staged (-want +got):\n%s", diff)
	}
}

// decide approves or rejects what waits for these people; nobody named: everything.
func (w *world) decide(ruling engine.Ruling, people ...string) {
	w.t.Helper()
	request := cycle.DecideRequest{JobID: definition().ID, Ruling: ruling}
	entries, err := w.engine.ListStaged(w.t.Context(), request.JobID, store.LinkKey{}, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, entry := range entries {
		if len(people) == 0 && entry.DueAt.IsZero() || entry.Type == directory.User && (slices.Contains(people, string(entry.Source)) || slices.Contains(people, entry.Name)) {
			request.Choices = append(request.Choices, cycle.StagedChoice{Subject: cycle.Subject{Type: entry.Type, ID: string(entry.Source)}, Action: engine.Action(entry.Action)})
		}
	}
	if count, err := w.engine.DecideStaged(w.t.Context(), request); err != nil || len(people) > 0 && count != int64(len(people)) {
		w.t.Fatalf("decided %d, %v", count, err)
	}
}

// crew provisions people of Sales under these limits.
func crew(t *testing.T, limits job.Limits, ids ...string) (*world, job.Definition) {
	t.Helper()
	w := newWorld(t)
	d := definition(inDepartments("Sales"), func(d *job.Definition) { d.Limits = limits })
	w.put("Sales", ids...)
	w.commit(d)
	return w, d
}

func (w *world) put(department string, ids ...string) {
	for _, id := range ids {
		w.source.Put(person(id, department))
	}
}

func (w *world) switchedOn() string {
	var on []string
	for _, entry := range w.target.State() {
		if entry.Attributes["active"].Equal(directory.Boolean(true)) {
			on = append(on, strings.TrimSuffix(entry.Attributes["userName"].String(), "@example.com"))
		}
	}
	slices.Sort(on)
	return strings.Join(on, " ")
}

func (w *world) wantActive(want string) {
	w.t.Helper()
	if got := w.switchedOn(); got != want {
		w.t.Fatalf("active: %s, want %s", got, want)
	}
}

func atMost(n int64) job.Limits { return job.Limits{MaxDisable: &n} }

// TestDeletionThreshold holds the vectors of engine.md 30: threshold 3.
func TestDeletionThreshold(t *testing.T) {
	t.Parallel()
	everybody := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	t.Run("3 disables are executed", func(t *testing.T) {
		t.Parallel()
		w, _ := crew(t, atMost(3), everybody...)
		w.put("HR", "a", "b", "c")
		if report := w.run(); report.Cycle.Counts.Disabled != 3 || len(report.Held) != 0 {
			t.Fatalf("%+v", report)
		}
		w.wantActive("d e f g h")
		w.wantHealthy()
	})
	t.Run("4 are staged, and the job is quarantined", func(t *testing.T) {
		t.Parallel()
		w, _ := crew(t, atMost(3), everybody...)
		w.put("HR", "a", "b", "c", "d")
		w.target.ResetCalls()
		report := w.run()
		if w.target.Calls().Writes() != 0 || len(report.Held) != 4 {
			t.Fatalf("calls %+v, held %+v", w.target.Calls(), report.Held)
		}
		w.wantQuarantine(engine.QuarantineDeletes, 0, "4 accounts would be disabled, max_disable is 3")
		w.wantStaged("disable a", "disable b", "disable c", "disable d")
		var logged []string
		for _, r := range w.log(store.LogQuery{Actions: []provlog.Action{provlog.ActionStagedDelete}}) {
			logged = append(logged, fmt.Sprintf("%s %s %s", r.Source, r.Status, r.ErrorCode))
		}
		if diff := cmp.Diff([]string{"a skipped TooManyDeletes", "b skipped TooManyDeletes", "c skipped TooManyDeletes", "d skipped TooManyDeletes"}, logged); diff != "" {
			t.Fatalf("log (-want +got):\n%s", diff)
		}
	})
	t.Run("two cycles with 3 each are executed", func(t *testing.T) {
		t.Parallel()
		w, _ := crew(t, atMost(3), everybody...)
		w.put("HR", "a", "b", "c")
		w.run()
		w.put("HR", "d", "e", "f")
		w.run()
		w.wantActive("g h")
		w.wantHealthy()
	})
}

func TestLimitsOfOneType(t *testing.T) {
	t.Parallel()
	none := int64(0)
	half := 50.0
	w := newWorld(t)
	limit := func(limits job.Limits) job.Definition {
		return definition(withGroups, func(d *job.Definition) { d.Limits = limits })
	}
	w.put("Sales", "a", "b", "c", "d")
	w.source.Put(group("g"), group("h"))
	w.commit(limit(job.Limits{Groups: &job.TypeLimits{MaxDelete: &none}, Users: &job.TypeLimits{MaxPercent: &half}}))
	w.source.Put(person("a", "Sales", disabled), person("b", "Sales", disabled))
	w.run()
	w.wantActive("c d")
	w.source.Put(person("c", "Sales", disabled))
	w.source.Remove(directory.Group, "g")
	report := w.run()
	w.wantActive("c d")
	w.wantStaged("delete g", "disable c")
	w.wantQuarantine(engine.QuarantineDeletes, 0, "1 group would be deleted, groups.max_delete is 0")
	if len(report.Held) != 2 {
		t.Fatalf("held %+v", report.Held)
	}
	preview := w.preview(limit(job.Limits{Users: &job.TypeLimits{MaxDisable: &none}, Groups: &job.TypeLimits{MaxDelete: &none}}))
	got := engine.Judge(preview.Toll, job.Limits{Users: &job.TypeLimits{MaxDisable: &none}, Groups: &job.TypeLimits{MaxDelete: &none}})
	want := []engine.Violation{
		{Limit: "users.max_disable", Message: "1 user would be disabled, users.max_disable is 0"},
		{Limit: "groups.max_delete", Message: "1 group would be deleted, groups.max_delete is 0"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
}

// tripped is a job in quarantine for too many deletes: a, b, c and d are to be disabled, at most 3 may.
func tripped(t *testing.T) (*world, job.Definition) {
	t.Helper()
	w, d := crew(t, atMost(3), "a", "b", "c", "d", "e", "f")
	w.put("HR", "a", "b", "c", "d")
	w.run()
	w.wantQuarantine(engine.QuarantineDeletes, 0, "max_disable is 3")
	return w, d
}

// next runs the next cycle when it is due.
func (w *world) next() cycle.Report {
	w.t.Helper()
	if at := w.quarantine().NextAttempt; at.UnixMilli() > w.clock.Load() {
		w.clock.Store(at.UnixMilli())
	}
	return w.run()
}

// TestHeldJobGoesOn: creates and updates run, every further deprovisioning is staged, although it alone would be within
// the limit.
func TestHeldJobGoesOn(t *testing.T) {
	t.Parallel()
	w, _ := tripped(t)
	if _, err := w.tryRun(false); !errors.Is(err, errWithheld) {
		t.Fatalf("it ran before it was due: %v", err)
	}
	w.put("Sales", "z")
	w.put("HR", "e")
	since, err := w.store.ListStaged(t.Context(), "wiki/main", store.LinkKey{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	before := len(w.log(store.LogQuery{}))
	report := w.next()
	w.wantActive("a b c d e f z")
	w.wantStaged("disable a", "disable b", "disable c", "disable d", "disable e")
	w.wantQuarantine(engine.QuarantineDeletes, 1, "5 accounts would be disabled")
	if report.Cycle.Counts.Created != 1 || len(report.Held) != 5 {
		t.Fatalf("%+v", report)
	}
	// What was held before is not logged again, and waits since then.
	if got := len(w.log(store.LogQuery{})) - before; got != 2 {
		t.Errorf("%d new log records, want the create and the new one held", got)
	}
	again, err := w.store.ListStaged(t.Context(), "wiki/main", store.LinkKey{}, 1)
	if err != nil || again[0].Since != since[0].Since {
		t.Errorf("waits since %v, before %v, %v", again[0].Since, since[0].Since, err)
	}
}

func TestApprovals(t *testing.T) {
	t.Parallel()
	t.Run("all of them", func(t *testing.T) {
		t.Parallel()
		w, _ := tripped(t)
		w.decide(engine.Approved)
		if report := w.run(); report.Cycle.Counts.Disabled != 4 { // due at once
			t.Fatalf("%+v", report)
		}
		w.wantActive("e f")
		w.wantStaged()
		w.wantHealthy()
	})
	t.Run("some of them", func(t *testing.T) {
		t.Parallel()
		w, _ := tripped(t)
		w.decide(engine.Approved, "a", "c@example.com")
		w.run()
		w.wantActive("b d e f")
		// The two that are left are within the limit, but they were held, and nobody approved them.
		w.wantStaged("disable b", "disable d")
		w.wantQuarantine(engine.QuarantineDeletes, 1, "2 disables and deletes wait for approval")
		w.decide(engine.Rejected, "b")
		w.decide(engine.Approved, "d")
		w.run()
		w.wantActive("b e f")
		w.wantStaged("disable b rejected")
		w.wantHealthy()
	})
	t.Run("an approval expires", func(t *testing.T) {
		t.Parallel()
		w, _ := tripped(t)
		w.decide(engine.Approved)
		w.clock.Add((72 * time.Hour).Milliseconds())
		w.wantStaged("disable a", "disable b", "disable c", "disable d")
		w.next()
		w.wantActive("a b c d e f")
	})
	t.Run("an approval just before it expires", func(t *testing.T) {
		t.Parallel()
		w, _ := tripped(t)
		w.decide(engine.Approved)
		w.clock.Add((72*time.Hour - time.Minute).Milliseconds())
		w.next()
		w.wantActive("e f")
	})
	t.Run("it became a delete meanwhile", func(t *testing.T) {
		t.Parallel()
		w, _ := tripped(t)
		w.decide(engine.Approved, "a", "b")
		w.source.Remove(directory.User, "a")
		w.run()
		w.wantActive("a c d e f")
		w.wantStaged("delete a", "disable c", "disable d")
	})
	t.Run("they came back meanwhile", func(t *testing.T) {
		t.Parallel()
		w, _ := tripped(t)
		w.put("Sales", "a", "b", "c", "d")
		w.next()
		w.wantActive("a b c d e f")
		w.wantStaged()
		w.wantHealthy()
	})
	t.Run("one came back meanwhile", func(t *testing.T) {
		t.Parallel()
		w, _ := tripped(t)
		w.put("Sales", "a")
		w.next()
		w.wantActive("a b c d e f")
		w.wantStaged("disable b", "disable c", "disable d")
		w.wantQuarantine(engine.QuarantineDeletes, 1, "3 disables and deletes wait for approval")
	})
	t.Run("a cycle was interrupted meanwhile", func(t *testing.T) {
		t.Parallel()
		w, _ := tripped(t)
		before := w.quarantine()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		w.put("Sales", "a", "b", "c", "d", "z")
		w.connector = faulty.Wrap(w.target, faulty.Options{OnCall: func(call faulty.Call) {
			if call.Method == faulty.Create {
				cancel()
			}
		}})
		if _, err := runOnce(ctx, w, cycle.RunRequest{JobID: "wiki/main", Force: true}); err == nil {
			t.Fatal("nobody was told")
		}
		if diff := cmp.Diff(before, w.quarantine()); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
	t.Run("the connection broke meanwhile", func(t *testing.T) {
		t.Parallel()
		w, _ := tripped(t)
		w.put("Sales", "a")
		heal := w.failing(faulty.Test, faulty.Unauthorised)
		_, _ = w.tryRun(true)
		w.wantQuarantine(engine.QuarantineException, 1, "answered 401")
		heal()
		w.next()
		w.wantActive("a b c d e f")
		w.wantQuarantine(engine.QuarantineDeletes, 2, "3 disables and deletes wait for approval")
	})
}

func TestRejections(t *testing.T) {
	t.Parallel()
	t.Run("a rejected one stays listed and is never carried out", func(t *testing.T) {
		t.Parallel()
		w, d := tripped(t)
		w.decide(engine.Rejected)
		for range 2 {
			w.next()
			w.wantHealthy()
		}
		w.commit(d)
		if affected := w.preview(d).Affected; len(affected) != 0 {
			t.Fatalf("a plan shows %+v", affected)
		}
		w.wantActive("a b c d e f")
		w.wantStaged("disable a rejected", "disable b rejected", "disable c rejected", "disable d rejected")
		w.put("HR", "e") // within the limit again
		w.next()
		w.wantActive("a b c d f")
	})
	t.Run("until the reason changes", func(t *testing.T) {
		t.Parallel()
		w, _ := tripped(t)
		w.decide(engine.Rejected)
		w.next()
		w.source.Put(person("a", "Sales", disabled))
		w.next()
		w.wantActive("b c d e f")
		w.wantStaged("disable b rejected", "disable c rejected", "disable d rejected")
	})
	t.Run("or it is approved", func(t *testing.T) {
		t.Parallel()
		w, _ := tripped(t)
		w.decide(engine.Rejected)
		w.next()
		w.decide(engine.Approved, "d")
		w.next()
		w.wantActive("a b c e f")
	})
	t.Run("or they come back", func(t *testing.T) {
		t.Parallel()
		w, _ := tripped(t)
		w.decide(engine.Rejected)
		w.put("Sales", "a")
		w.next()
		w.wantStaged("disable b rejected", "disable c rejected", "disable d rejected")
	})
	t.Run("after a plan showed it", func(t *testing.T) {
		t.Parallel()
		w, d := crew(t, job.Limits{}, "a", "b")
		w.put("HR", "a")
		report, err := w.tryCommit(t.Context(), d, func() { w.put("HR", "b") })
		if err != nil || len(report.Held) != 1 {
			t.Fatalf("held %+v, %v", report.Held, err)
		}
		report, err = w.tryCommit(t.Context(), d, func() { w.decide(engine.Rejected, "b") })
		if err != nil || len(report.Executed)+len(report.Held) != 0 {
			t.Fatalf("executed %+v, held %+v, %v", report.Executed, report.Held, err)
		}
		w.wantActive("b")
	})
}

// TestApprovedBeyondTheLimit: who was approved one by one does not count for the limits of a plan.
func TestApprovedBeyondTheLimit(t *testing.T) {
	t.Parallel()
	w, d := tripped(t)
	if _, err := w.tryCommit(t.Context(), d, nil); directory.KindOf(err) != directory.LimitExceeded {
		t.Fatalf("got %v", err)
	}
	w.decide(engine.Approved, "b")
	w.commit(d)
	w.wantActive("e f")
	w.wantHealthy()
}

// TestLiftedWithoutRemedy: what is still too much is held again.
func TestLiftedWithoutRemedy(t *testing.T) {
	t.Parallel()
	w, d := tripped(t)
	d.Run = job.RunManually
	d.Limits = atMost(4)
	if _, err := w.tryCommit(t.Context(), d, nil); err != nil {
		t.Fatal(err)
	}
	w.wantHealthy()
	w.put("HR", "e")
	w.run()
	w.wantActive("a b c d e f")
	w.wantQuarantine(engine.QuarantineDeletes, 0, "5 accounts would be disabled, max_disable is 4")
}

// TestKilledWhileApprovedIsCarriedOut kills a cycle that carries out one approval and one rejection, and holds the rest, after
// every write and every transaction; whoever goes on does what people decided, and nothing else.
func TestKilledWhileApprovedIsCarriedOut(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"write", "record"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			cuts := 0
			for cut := int64(1); ; cut++ {
				w, _ := tripped(t)
				w.decide(engine.Approved, "a", "b")
				w.decide(engine.Rejected, "c")
				w.put("Sales", "z")
				doom := &fate{kind: kind}
				doom.left.Store(cut)
				w.process(doom, 1)
				_, _ = runOnce(context.WithoutCancel(t.Context()), w, cycle.RunRequest{JobID: "wiki/main"})
				if !doom.dead.Load() {
					break
				}
				cuts++
				w.process(nil, 500)
				w.next()
				w.wantActive("c d e f z")
				w.wantStaged("disable c rejected", "disable d")
				w.wantQuarantine(engine.QuarantineDeletes, w.quarantine().SeriesCount, "1 disables and deletes wait for approval")
			}
			if cuts < 3 {
				t.Fatalf("only %d cuts", cuts)
			}
		})
	}
}
