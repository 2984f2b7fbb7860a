package cycle_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// fate ends a process after a number of events: whatever it does afterwards reaches neither store nor target.
type fate struct {
	kind   string // "write" or "record": which events count
	left   atomic.Int64
	dead   atomic.Bool
	events atomic.Int64
}

var errKilled = errors.New("the process was killed")

// event counts what has just happened, and kills.
func (f *fate) event(kind string) error {
	if kind != f.kind {
		return f.alive()
	}
	f.events.Add(1)
	if f.left.Add(-1) == 0 {
		f.dead.Store(true)
	}
	return f.alive()
}

func (f *fate) alive() error {
	if f.dead.Load() {
		return errKilled
	}
	return nil
}

// mortalTarget is the target as a process sees it that may be killed after a write, before it hears the answer.
type mortalTarget struct {
	connector.Connector
	fate *fate
}

func (m mortalTarget) Apply(ctx context.Context, operations []connector.Operation) []connector.Outcome {
	outcomes := make([]connector.Outcome, len(operations))
	for i, operation := range operations {
		if err := m.fate.alive(); err != nil {
			outcomes[i].Err = err
			continue
		}
		outcomes[i] = m.Connector.Apply(ctx, []connector.Operation{operation})[0]
		if err := m.fate.event("write"); err != nil {
			outcomes[i] = connector.Outcome{Err: err}
		}
	}
	return outcomes
}

func (m mortalTarget) Members(ctx context.Context, group directory.Anchor) ([]directory.Anchor, error) {
	return m.Connector.(connector.MemberReader).Members(ctx, group)
}

// mortalStore is the store as a process sees it that may be killed after any transaction.
type mortalStore struct {
	store.Store
	fate *fate
}

// after runs one transaction of the living, and counts it.
func (m mortalStore) after(transaction func() error) error {
	if err := m.fate.alive(); err != nil {
		return err
	}
	return errors.Join(transaction(), m.fate.event("record"))
}

func (m mortalStore) Record(ctx context.Context, jobID string, fence int64, batch store.Batch) error {
	return m.after(func() error { return m.Store.Record(ctx, jobID, fence, batch) })
}

func (m mortalStore) CommitJob(ctx context.Context, d job.Definition, expected int64, reset bool, now time.Time) (record store.JobRecord, err error) {
	err = m.after(func() error { record, err = m.Store.CommitJob(ctx, d, expected, reset, now); return err })
	return record, err
}

func (m mortalStore) Import(ctx context.Context, copyID string, now time.Time, read func(store.Importer) (store.ImportResult, error)) (state store.CopyState, err error) {
	err = m.after(func() error { state, err = m.Store.Import(ctx, copyID, now, read); return err })
	return state, err
}

func (m mortalStore) PutPreview(ctx context.Context, preview store.Preview, keep time.Duration) error {
	return m.after(func() error { return m.Store.PutPreview(ctx, preview, keep) })
}

func (m mortalStore) PutTargets(ctx context.Context, jobID string, fence int64, accounts []store.TargetAccount) error {
	return m.after(func() error { return m.Store.PutTargets(ctx, jobID, fence, accounts) })
}

func (m mortalStore) ClearTargets(ctx context.Context, jobID string, fence int64, objectType directory.ObjectType) error {
	return m.after(func() error { return m.Store.ClearTargets(ctx, jobID, fence, objectType) })
}

func (m mortalStore) DeleteCopies(ctx context.Context, key string, keep []string) error {
	return m.after(func() error { return m.Store.DeleteCopies(ctx, key, keep) })
}

func (m mortalStore) Lease(ctx context.Context, jobID, owner string, now time.Time, ttl time.Duration) (fence int64, err error) {
	err = m.after(func() error { fence, err = m.Store.Lease(ctx, jobID, owner, now, ttl); return err })
	return fence, err
}

func (m mortalStore) Release(ctx context.Context, jobID, owner string) error {
	return m.after(func() error { return m.Store.Release(ctx, jobID, owner) })
}

func (m mortalStore) DeleteJob(ctx context.Context, jobID string, fence int64) error {
	return m.after(func() error { return m.Store.DeleteJob(ctx, jobID, fence) })
}

// process starts the engine anew on the same store, with a page size of its own. doom may be nil.
func (w *world) process(doom *fate, pageSize int) {
	w.t.Helper()
	w.connector = w.target
	w.open()
	w.engine.PageSize = pageSize
	if doom != nil {
		w.connector = mortalTarget{w.target, doom}
		w.engine.Store = mortalStore{w.store, doom}
	}
	w.clock.Add(time.Minute.Milliseconds()) // the lease of who was killed runs out
}

// TestKilledAnywhere kills the process after every single write to the target, and after every single transaction of the
// store, in every stage of the story. Whoever goes on, with another page size, must bring the target to the state that the
// story alone says: nobody twice, nobody lost, nobody switched off by mistake.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	all := moments(t)
	for _, c := range []cuts{
		{kind: "write", pageSize: 1, resumeSize: 500}, {kind: "write", pageSize: 500, resumeSize: 2},
		{kind: "record", pageSize: 1, resumeSize: 2}, {kind: "record", pageSize: 500, resumeSize: 1},
	} {
		t.Run(c.name(), func(t *testing.T) {
			t.Parallel()
			c.all(t, all)
		})
	}
}

// TestKilledAndOvertaken is the same, but before anybody goes on, the directory has moved to the next stage already: what
// the killed process may have written, unknown to the store, is no longer what is wanted.
func TestKilledAndOvertaken(t *testing.T) {
	t.Parallel()
	all := moments(t)
	for _, c := range []cuts{
		{kind: "write", pageSize: 1, resumeSize: 500, overtaken: true}, {kind: "write", pageSize: 500, resumeSize: 2, overtaken: true},
		{kind: "record", pageSize: 2, resumeSize: 500, overtaken: true},
	} {
		t.Run(c.name(), func(t *testing.T) {
			t.Parallel()
			c.all(t, all)
		})
	}
}

// cuts is a series of lives of the story, each with one kill.
type cuts struct {
	kind                 string
	pageSize, resumeSize int
	overtaken            bool
}

// everyCut is set by `make test-cuts`, which is part of `make test` and disturbs every single event. Otherwise, which means under
// the race detector and ten times as slow, a few events are enough.
const everyCut = "PROVISIONING_TEST_EVERY_CUT"

// everything reports whether every single event is disturbed.
func everything() bool { return os.Getenv(everyCut) != "" }

// stride is the step from one disturbed event to the next.
func stride() int64 {
	if everything() {
		return 1
	}
	return 31
}

func (c cuts) name() string {
	return fmt.Sprintf("after a %s, pages of %d, then %d", c.kind, c.pageSize, c.resumeSize)
}

func (c cuts) all(t *testing.T, all []moment) {
	t.Helper()
	tried := 0
	for i := range all {
		if c.overtaken && (i == 0 || i == len(all)-1) {
			// In the first stage there is an account nobody remembers: made by the killed process for somebody whom the source
			// deletes before anybody goes on. After the last one there is no next.
			continue
		}
		for cut := int64(1); c.live(t, all, i, cut); cut += stride() {
			tried++
		}
	}
	t.Logf("%d cuts", tried)
	if tried < 15/int(stride()) {
		t.Fatalf("only %d cuts were tried", tried)
	}
}

// live lives one stage with a kill after the cut-th event, goes on, and lives the stages that follow. It reports whether
// there was such an event.
func (c cuts) live(t *testing.T, all []moment, first int, cut int64) bool {
	t.Helper()
	w := at(t, all, first)
	doom := &fate{kind: c.kind}
	doom.left.Store(cut)
	w.process(doom, c.pageSize)
	stages := story()
	stages[first].change(w)
	_, err := w.tryCommit(t.Context(), stages[first].definition, nil)
	if !doom.dead.Load() {
		return false
	}
	if err == nil && c.kind == "write" {
		t.Fatalf("stage %d, cut %d: the killed commit reported success", first, cut)
	}
	w.process(nil, c.resumeSize)
	last := min(first+1, len(stages)-1)
	if c.overtaken {
		first, last = first+1, len(stages)-1
	}
	for i := first; i <= last; i++ {
		if i > first || c.overtaken {
			stages[i].change(w)
		}
		report, err := w.tryCommit(t.Context(), stages[i].definition, nil)
		if err != nil || report.FailureCount > 0 {
			t.Fatalf("cut %d, stage %d: %v, failures %+v", cut, i, err, report.Failures)
		}
		if c.overtaken && i < last {
			continue // what a skipped stage leaves behind depends on where the cut was; the last one does not
		}
		if diff := w.is(stages[i].want); diff != "" {
			t.Fatalf("cut %d, stage %d (-want +got):\n%s", cut, i, diff)
		}
	}
	return true
}

func lines(want []string) string {
	sorted := slices.Clone(want)
	slices.Sort(sorted)
	return strings.Join(sorted, "\n")
}
