package cycle_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
	sourcememory "github.com/app-provisioning/terraform-provider-provisioning/internal/source/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store/sqlstore"
)

func TestCreateOfWhatExists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"))
	w.commit(definition())
	_, err := w.engine.Commit(t.Context(), cycle.CommitRequest{Definition: definition(), Create: true}, nil)
	if !errors.Is(err, directory.Conflict) || !strings.Contains(err.Error(), "terraform import") {
		t.Fatalf("got %v", err)
	}
}

func TestUpdateOfWhatIsMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.engine.Commit(t.Context(), cycle.CommitRequest{Definition: definition()}, nil)
	if !errors.Is(err, directory.NotFound) || w.target.Calls() != (connectormemory.Calls{}) {
		t.Fatalf("got %v, calls %+v", err, w.target.Calls())
	}
}

func TestMovingToAnotherSystem(t *testing.T) {
	t.Parallel()
	elsewhere := func(d *job.Definition) {
		d.Connection.SCIM = &job.SCIMConnection{BaseURL: "https://other.example.com/scim"}
	}
	w := newWorld(t)
	w.commit(definition()) // nobody has an account yet
	w.commit(definition(elsewhere))
	w.source.Put(person("ada", "Sales"))
	w.commit(definition(elsewhere))
	w.target.ResetCalls()
	_, err := w.tryCommit(t.Context(), definition(), nil)
	if !errors.Is(err, directory.Invalid) || !strings.Contains(err.Error(), "manages 1 accounts at https://other.example.com/scim") {
		t.Fatalf("got %v", err)
	}
	if w.target.Calls() != (connectormemory.Calls{}) {
		t.Fatalf("a refused commit asked the target: %+v", w.target.Calls())
	}
}

// TestPausedAndManual: neither touches the target, both are stored, and what happened meanwhile is made up for.
func TestPausedAndManual(t *testing.T) {
	t.Parallel()
	for name, idle := range map[string]func(*job.Definition){
		"paused": func(d *job.Definition) { d.State = job.Paused },
		"manual": func(d *job.Definition) { d.Run = job.RunManually },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.source.Put(person("ada", "Sales"), person("bob", "HR"), person("cyn", "Sales"))
			w.commit(definition())
			w.source.Put(person("dan", "Sales"))
			w.source.Remove(directory.User, "ada")
			w.target.ResetCalls()
			narrowed := definition(inDepartments("Sales"), idle)
			w.commit(narrowed)
			if calls := w.target.Calls(); calls.Writes()+calls.Find+calls.List != 0 {
				t.Fatalf("calls %+v", calls)
			}
			status, err := w.engine.Status(t.Context(), narrowed.ID)
			if err != nil || status.Record.Digest != narrowed.Digest() || status.Record.Generation != 2 {
				t.Fatalf("status %+v, %v", status.Record, err)
			}
			w.commit(definition(inDepartments("Sales")))
			w.wantAccounts("bob@example.com active=False department=HR", "cyn@example.com active=True department=Sales", "dan@example.com active=True department=Sales")
		})
	}
}

// TestSourceAtAnotherPath: people whom the new file does not have are deleted, and only when a plan showed it.
func TestSourceAtAnotherPath(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := sourcememory.New(sourcememory.Options{})
	w.engine.OpenSource = func(s job.Source) (source.Source, error) {
		if s.File.Path == "other.json" {
			return other, nil
		}
		return w.source, nil
	}
	moved := func(d *job.Definition) { d.Source.File = &job.FileSource{Path: "other.json"} }
	w.source.Put(person("ada", "Sales"), person("bob", "HR"), person("cyn", "Sales"))
	w.commit(definition(inDepartments("Sales", "HR")))
	w.commit(definition(inDepartments("Sales"))) // bob is released

	other.Put(person("ada", "Board"), person("dan", "Sales"))
	d := definition(moved)
	if got := cycle.Names(w.preview(d).Affected); got != "delete user cyn@example.com: deleted in the source; the job reads another source, which does not have it" {
		t.Fatalf("affected:\n%s", got)
	}
	if _, err := w.tryCommit(t.Context(), definition(moved, limited(0, 0)), nil); !errors.Is(err, directory.LimitExceeded) {
		t.Fatalf("got %v", err)
	}
	none := engine.DigestAffected(nil)
	report, err := w.engine.Commit(t.Context(), cycle.CommitRequest{Definition: d, AccountsDigest: &none}, nil)
	if err != nil || len(report.Held) != 1 {
		t.Fatalf("held %+v, %v", report.Held, err)
	}
	want := []string{"ada@example.com active=True department=Board", "bob@example.com active=False department=HR", "dan@example.com active=True department=Sales"}
	w.wantAccounts(with(want, "cyn@example.com active=True department=Sales")...)
	w.commit(d)
	w.wantAccounts(want...)
	if after := w.preview(d); len(after.Affected) != 0 || after.Changes != (cycle.Changes{}) {
		t.Fatalf("not done: %+v", after)
	}
}

// TestProgress: phases come in their order, and nothing is ever more than done.
func TestProgress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.engine.PageSize = 2
	order := []store.Phase{store.PhaseUsers, store.PhaseUserReferences, store.PhaseGroups, store.PhaseMemberships, store.PhaseGuard, store.PhaseDone}
	for i, s := range story() {
		s.change(w)
		preview := w.preview(s.definition)
		digest := engine.DigestAffected(preview.Affected)
		at, seen := 0, map[store.Phase]bool{}
		var last cycle.Progress
		_, err := w.engine.Commit(t.Context(), cycle.CommitRequest{Definition: s.definition, AccountsDigest: &digest, Create: i == 0}, func(p cycle.Progress) {
			for at < len(order) && order[at] != p.Phase {
				at++
			}
			if at == len(order) {
				t.Errorf("stage %d: phase %s came after %s", i, p.Phase, last.Phase)
			}
			if p.Done < 0 || p.Done > p.Total || p.Rate < 0 || p.ETA < 0 || (p.Phase == last.Phase && p.Done < last.Done) {
				t.Errorf("stage %d: %+v after %+v", i, p, last)
			}
			seen[p.Phase], last = true, p
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, phase := range order[:5] {
			if !seen[phase] {
				t.Errorf("stage %d: nothing was heard of phase %s", i, phase)
			}
		}
	}
}

// TestTwoProcesses: the second waits until the first is done, and then finds nothing left to do.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"))
	instant := w.now()
	still := func() time.Time { return instant } // no lease runs out
	w.engine.Now = still
	writing, proceed := make(chan struct{}), make(chan struct{})
	w.connector = slow{w.target, writing, proceed}

	second, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: w.path, Now: still})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = second.Close() }()
	other := *w.engine
	other.Store = waiting{Store: second, refused: sync.OnceFunc(func() { close(proceed) })}
	other.OpenConnector = w.openTarget

	first := make(chan error, 1)
	request := cycle.CommitRequest{Definition: definition(), Create: true}
	go func() {
		_, err := w.engine.Commit(context.WithoutCancel(t.Context()), request, nil)
		first <- err
	}()
	<-writing
	_, err = other.Commit(t.Context(), request, nil)
	if firstErr := <-first; firstErr != nil {
		t.Fatal(firstErr)
	}
	if !errors.Is(err, directory.Conflict) || !strings.Contains(err.Error(), "exists already") {
		t.Fatalf("the second process: %v", err)
	}
	w.wantAccounts("ada@example.com active=True department=Sales")
	if calls := w.target.Calls(); calls.Create != 1 {
		t.Fatalf("calls %+v", calls)
	}
}

// slow says when it begins to write, and waits until it may go on.
type slow struct {
	connector.Connector
	writing, proceed chan struct{}
}

func (s slow) Apply(ctx context.Context, operations []connector.Operation) []connector.Outcome {
	close(s.writing)
	<-s.proceed
	return s.Connector.Apply(ctx, operations)
}

// waiting tells of the first lease that is refused.
type waiting struct {
	store.Store
	refused func()
}

func (s waiting) Lease(ctx context.Context, jobID, owner string, now time.Time, ttl time.Duration) (int64, error) {
	fence, err := s.Store.Lease(ctx, jobID, owner, now, ttl)
	if err != nil {
		s.refused()
	}
	return fence, err
}

// TestLeaseLost: a process whose lease another one took over records nothing any more.
func TestLeaseLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"))
	w.connector = seized{w.target, func() {
		w.clock.Add(time.Hour.Milliseconds())
		if _, err := w.store.Lease(context.Background(), definition().ID, "somebody else", w.now(), time.Hour); err != nil {
			t.Errorf("seize the lease: %v", err)
		}
	}}
	_, err := w.engine.Commit(t.Context(), cycle.CommitRequest{Definition: definition(), Create: true}, nil)
	if !errors.Is(err, directory.Conflict) {
		t.Fatalf("got %v", err)
	}
	links, err := w.store.ListLinks(t.Context(), definition().ID, directory.User, "", 10)
	if err != nil || len(links) != 0 {
		t.Fatalf("links %+v, %v", links, err)
	}
	// Whoever has the lease finds the account that was made, and makes no second one.
	if err := w.store.Release(t.Context(), definition().ID, "somebody else"); err != nil {
		t.Fatal(err)
	}
	w.connector = w.target
	w.commit(definition())
	w.wantAccounts("ada@example.com active=True department=Sales")
}

// seized loses its lease before it writes.
type seized struct {
	connector.Connector
	lose func()
}

func (s seized) Apply(ctx context.Context, operations []connector.Operation) []connector.Outcome {
	s.lose()
	return s.Connector.Apply(ctx, operations)
}

// TestCancelled: what was written before is recorded, what was not is done by the next commit.
func TestCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.engine.PageSize = 2
	var want []string
	for _, id := range []string{"ada", "bob", "cyn", "dan", "eve"} {
		w.source.Put(person(id, "Sales"))
		want = append(want, id+"@example.com active=True department=Sales")
	}
	ctx, cancel := context.WithCancel(t.Context())
	applied := 0
	w.connector = after{w.target, func() {
		if applied++; applied == 2 {
			cancel()
		}
	}}
	_, err := w.engine.Commit(ctx, cycle.CommitRequest{Definition: definition(), Create: true}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	links, err := w.store.ListLinks(t.Context(), definition().ID, directory.User, "", 10)
	if err != nil || len(links) != 4 {
		t.Fatalf("%d links, %v", len(links), err)
	}
	w.commit(definition())
	w.wantAccounts(want...)
}

// after does something after each Apply.
type after struct {
	connector.Connector
	then func()
}

func (a after) Apply(ctx context.Context, operations []connector.Operation) []connector.Outcome {
	defer a.then()
	return a.Connector.Apply(ctx, operations)
}
