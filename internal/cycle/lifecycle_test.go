package cycle_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// job runs a cycle as cron does.
func (w *world) job(request cycle.RunRequest) cycle.Ran {
	w.t.Helper()
	request.JobID = jobID
	ran, err := w.engine.RunJob(w.t.Context(), request, nil)
	if err != nil {
		w.t.Fatalf("run: %v", err)
	}
	return ran
}

// TestPauseAndStart: what is paused does nothing and forgets nothing; started again, it goes on where it stopped.
func TestPauseAndStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
	w.commit(definition())
	before := w.memory()
	code := func() string { return w.status().Code() }
	if err := w.engine.PauseJob(t.Context(), jobID); err != nil || code() != "paused" {
		t.Fatalf("%v, %s", err, code())
	}
	paused := w.status().Record
	if err := w.engine.PauseJob(t.Context(), jobID); err != nil {
		t.Fatal(err)
	}
	if again := w.status().Record; paused.Generation != 2 || again.Generation != 2 || again.Digest != definition(func(d *job.Definition) { d.State = job.Paused }).Digest() {
		t.Fatalf("generations %d and %d", paused.Generation, again.Generation)
	}
	w.source.Put(person("cyn", "Sales"))
	w.source.Remove(directory.User, "bob")
	w.target.ResetCalls()
	if ran := w.job(cycle.RunRequest{Full: true, Force: true}); !strings.Contains(ran.Withheld, "is paused") || w.target.Calls() != (connectormemory.Calls{}) {
		t.Fatalf("%+v, calls %+v", ran, w.target.Calls())
	}
	if err := w.engine.StartJob(t.Context(), jobID); err != nil || code() != "active" {
		t.Fatalf("%v, %s", err, code())
	}
	if diff := cmp.Diff(before, w.memory()); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if ran := w.job(cycle.RunRequest{}); ran.Withheld != "" || ran.Cycle.Full || ran.Cycle.Counts.Imported != 2 {
		t.Fatalf("%+v", ran)
	}
	w.wantAccounts("ada@example.com active=True department=Sales", "cyn@example.com active=True department=Sales")
	for _, do := range []func(context.Context, string) error{w.engine.StartJob, w.engine.PauseJob} {
		if err := do(t.Context(), "wiki/other"); !errors.Is(err, directory.NotFound) {
			t.Errorf("got %v", err)
		}
	}
}

// TestStatusCodes walks through the codes of engine.md 2.3.
func TestStatusCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"))
	want := func(code string) {
		t.Helper()
		if got := w.status().Code(); got != code {
			t.Fatalf("%s, want %s", got, code)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	manual := definition(func(d *job.Definition) { d.Run = job.RunManually })
	w.commit(manual)
	want("not_run")
	must(w.engine.PauseJob(t.Context(), jobID))
	want("paused")
	must(w.engine.StartJob(t.Context(), jobID))
	want("not_run")
	w.job(cycle.RunRequest{})
	want("active")
	quarantine := engine.Quarantine{}.Impose(engine.Cause{Reason: engine.QuarantineException}, w.now())
	w.keep(store.Batch{Quarantine: &quarantine})
	want("quarantine")
	must(w.engine.StartJob(t.Context(), jobID))
	want("active")
	w.keep(store.Batch{Quarantine: &quarantine})
	_, err := w.engine.RestartJob(t.Context(), cycle.RestartRequest{JobID: jobID, Scope: []string{"QuarantineState"}})
	must(err)
	want("active")
	must(w.engine.PauseJob(t.Context(), jobID))
	_, err = w.engine.RestartJob(t.Context(), cycle.RestartRequest{JobID: jobID, Scope: []string{"None"}})
	must(err)
	want("active")
}

// TestRunWithinAndAboveLimits: the vectors of engine.md 30.
func TestRunWithinAndAboveLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := definition(inDepartments("Sales"), limited(3, 3))
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"}
	for _, name := range names {
		w.source.Put(person(name, "Sales"))
	}
	w.commit(d)
	leave := func(names ...string) cycle.Ran {
		for _, name := range names {
			w.source.Put(person(name, "HR"))
		}
		return w.job(cycle.RunRequest{})
	}
	for range 2 { // two cycles with three each
		if ran := leave(names[:3]...); len(ran.Executed) != 3 || len(ran.Held) != 0 || ran.Cycle.Counts.Disabled != 3 {
			t.Fatalf("%+v", ran)
		}
		w.wantHealthy()
		names = names[3:]
	}
	ran := leave(names[:4]...)
	if len(ran.Executed) != 0 || len(ran.Held) != 4 || w.quarantine().Reason != engine.QuarantineDeletes {
		t.Fatalf("%+v, %+v", ran, w.quarantine())
	}
	// Not due: withheld. Forced: the same again. Creates go on.
	if ran := w.job(cycle.RunRequest{}); !strings.Contains(ran.Withheld, "quarantine") {
		t.Fatalf("%+v", ran)
	}
	w.source.Put(person("new", "Sales"))
	if ran := w.job(cycle.RunRequest{Force: true}); ran.Withheld != "" || ran.Cycle.Counts.Created != 1 || ran.Cycle.Counts.Disabled != 0 {
		t.Fatalf("%+v", ran)
	}
	if _, err := w.engine.RestartJob(t.Context(), cycle.RestartRequest{JobID: jobID, Scope: []string{"ForceDeletes"}}); err != nil {
		t.Fatal(err)
	}
	if ran := w.job(cycle.RunRequest{}); ran.Withheld != "" || len(ran.Executed) != 4 {
		t.Fatalf("%+v", ran)
	}
	w.wantHealthy()
	if preview := w.preview(d); len(preview.Affected) != 0 || preview.Changes != (cycle.Changes{}) {
		t.Fatalf("a plan after the run is not empty: %+v", preview)
	}
}

// TestRunCounts: the counters of engine.md 22.
func TestRunCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"), person("cyn", "HR"), person("dan", "Sales", disabled))
	w.commit(definition(inDepartments("Sales")))
	w.source.Put(person("bob", "HR"), person("eve", "Sales"))
	for _, test := range []struct {
		request  cycle.RunRequest
		imported int64
		entitled int64
		full     bool
	}{{cycle.RunRequest{}, 2, 1, false}, {cycle.RunRequest{}, 0, 0, false}, {cycle.RunRequest{Full: true}, 5, 2, true}} {
		got := w.job(test.request).Cycle
		if got.Counts.Imported != test.imported || got.Counts.Entitled != test.entitled || got.Full != test.full {
			t.Errorf("%+v: %+v", test, got)
		}
	}
}

// TestInterruptedRun: a run that is interrupted says so, records what it did, and the next one goes on.
func TestInterruptedRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 10 {
		w.source.Put(person(fmt.Sprintf("p%d", i), "Sales"))
	}
	w.commit(definition(func(d *job.Definition) { d.Run = job.RunManually }))
	w.engine.PageSize = 2
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	_, err := w.engine.RunJob(ctx, cycle.RunRequest{JobID: jobID}, func(p cycle.Progress) {
		if p.Done >= 4 {
			interrupt()
		}
	})
	made := w.target.Calls().Create
	if !errors.Is(err, context.Canceled) || made < 4 || made == 10 {
		t.Fatalf("%v after %d creates", err, made)
	}
	if last := w.status().Record.LastCycle; last == nil || last.Failure == "" || last.Counts.Created != int64(made) {
		t.Fatalf("last cycle %+v", last)
	}
	if w.quarantine().In() {
		t.Fatalf("%+v", w.quarantine())
	}
	ran := w.job(cycle.RunRequest{})
	if total := w.target.Calls().Create; total != 10 || ran.FailureCount != 0 {
		t.Fatalf("%d creates, %+v", total, ran)
	}
}

// TestRunKilledAnywhere kills a run, with and without a restart before it, after every write and every transaction. Whoever
// runs next must bring the target to what the story says, and the next stage must come out right as well.
func TestRunKilledAnywhere(t *testing.T) {
	t.Parallel()
	all := moments(t)
	for _, kind := range []string{"write", "record"} {
		for _, pageSize := range []int{1, 500} {
			for _, scopes := range [][]string{{}, nil, {"Full"}} {
				t.Run(fmt.Sprintf("after a %s, pages of %d, restart %v", kind, pageSize, scopes), func(t *testing.T) {
					t.Parallel()
					tried := 0
					for i := range all {
						for cut := int64(1); runKilled(t, all, i, cut, kind, pageSize, scopes); cut += stride() {
							tried++
						}
					}
					t.Logf("%d cuts", tried)
					full := len(scopes) > 0 // nothing is written then
					if tried == 0 && (kind == "record" || !full) {
						t.Fatal("nothing was cut")
					}
				})
			}
		}
	}
}

// runKilled lives one stage by a run with a kill after the cut-th event; scopes are those of a restart before it, none when
// empty and not nil. A restart that forgets links comes after the stage: what the stage takes away would be forgotten with
// them. It reports whether there was such an event.
func runKilled(t *testing.T, all []moment, first int, cut int64, kind string, pageSize int, scopes []string) bool {
	t.Helper()
	manual := func(d job.Definition) job.Definition { d.Run = job.RunManually; return d }
	w, stages := at(t, all, first), story()
	stages[first].change(w)
	w.commit(manual(stages[first].definition))
	if len(scopes) > 0 {
		w.job(cycle.RunRequest{})
	}
	doom := &fate{kind: kind}
	doom.left.Store(cut)
	w.process(doom, pageSize)
	var err error
	if scopes == nil || len(scopes) > 0 {
		_, err = w.engine.RestartJob(t.Context(), cycle.RestartRequest{JobID: jobID, Scope: scopes, AcknowledgeOrphans: true})
	}
	if err == nil {
		_, err = w.engine.RunJob(t.Context(), cycle.RunRequest{JobID: jobID}, nil)
	}
	if !doom.dead.Load() {
		if err != nil {
			t.Fatalf("stage %d: %v", first, err)
		}
		return false
	}
	w.process(nil, 3)
	if ran := w.job(cycle.RunRequest{}); ran.FailureCount > 0 || ran.Withheld != "" {
		t.Fatalf("stage %d, cut %d: %+v", first, cut, ran)
	}
	for i := first; i <= min(first+1, len(stages)-1); i++ {
		if i > first {
			stages[i].change(w)
			w.commit(manual(stages[i].definition))
			w.job(cycle.RunRequest{})
		}
		if diff := w.is(stages[i].want); diff != "" {
			t.Fatalf("cut %d of stage %d, stage %d (-want +got):\n%s", cut, first, i, diff)
		}
		if after := w.preview(stages[i].definition); len(after.Affected) != 0 || after.Changes != (cycle.Changes{}) {
			t.Fatalf("cut %d of stage %d, stage %d: a plan after the run is not empty: %+v", cut, first, i, after)
		}
	}
	return true
}
