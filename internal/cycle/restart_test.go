package cycle_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/faulty"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

const jobID = "wiki/main"

// burdened is a world whose job remembers something of every kind: ada and bob have accounts, bob's disable is held, ada has
// a stored failure, and the job is in quarantine for too many deletes.
func burdened(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
	w.commit(definition(inDepartments("Sales")))
	w.source.Put(person("bob", "HR"))
	none := engine.DigestAffected(nil)
	if _, err := w.engine.Commit(t.Context(), cycle.CommitRequest{Definition: definition(inDepartments("Sales")), AccountsDigest: &none}, nil); err != nil {
		t.Fatal(err)
	}
	now := w.now()
	quarantine := engine.Quarantine{}.Impose(engine.Cause{Reason: engine.QuarantineDeletes}, now).Impose(engine.Cause{Reason: engine.QuarantineDeletes}, now.Add(time.Hour))
	w.keep(store.Batch{
		Quarantine: &quarantine,
		PutEscrow: []store.Escrow{{
			LinkKey: store.LinkKey{Type: directory.User, Source: "ada"}, Name: "ada", Code: "X", Attempts: 1, FirstFailure: now, NextAttempt: now.Add(6 * time.Hour),
		}},
	})
	return w
}

// keep stores a batch as a cycle would.
func (w *world) keep(batch store.Batch) {
	w.t.Helper()
	ctx := w.t.Context()
	fence, err := w.store.Lease(ctx, jobID, "test", w.now(), time.Minute)
	if err == nil {
		err = errors.Join(w.store.Record(ctx, jobID, fence, batch), w.store.Release(ctx, jobID, "test"))
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// memory is what a job remembers.
type memory struct {
	State                    job.DesiredState
	Watermark, InQuarantine  bool
	Series                   int64
	Links, Escrows, Approved int
	Staged                   int64
}

func (w *world) memory() memory {
	w.t.Helper()
	ctx := w.t.Context()
	status, err := w.engine.Status(ctx, jobID)
	if err != nil {
		w.t.Fatal(err)
	}
	links, err := w.store.ListLinks(ctx, jobID, directory.User, "", 100)
	if err != nil {
		w.t.Fatal(err)
	}
	staged, err := w.store.ListStaged(ctx, jobID, store.LinkKey{}, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	m := memory{
		State: status.Record.Definition.State, Watermark: status.Record.Watermark > 0, InQuarantine: status.Record.Quarantine.In(),
		Series: status.Record.Quarantine.SeriesCount, Links: len(links), Escrows: int(status.Escrowed), Staged: status.Staged,
	}
	for _, s := range staged {
		if s.Decision == string(engine.Approved) {
			m.Approved++
		}
	}
	return m
}

// TestRestart is the table of engine.md 20: what each scope and combination forgets, by a call and by a commit, and that
// nobody is contacted by the call.
func TestRestart(t *testing.T) {
	t.Parallel()
	before := memory{State: job.Started, Watermark: true, InQuarantine: true, Series: 1, Links: 2, Escrows: 1, Staged: 1}
	but := func(change func(*memory)) memory {
		m := before
		change(&m)
		return m
	}
	well := func(m *memory) { m.InQuarantine, m.Series = false, 0 }
	for _, test := range []struct {
		name   string
		scopes []string
		want   memory
	}{
		{"empty", nil, but(func(m *memory) { well(m); m.Watermark, m.Escrows = false, 0 })},
		{"None", []string{"None"}, but(well)},
		{"Watermark", []string{"Watermark"}, but(func(m *memory) { m.Watermark = false })},
		{"Escrows", []string{"Escrows"}, but(func(m *memory) { m.Escrows, m.Series = 0, 0 })},
		{"QuarantineState", []string{"QuarantineState"}, but(well)},
		{"ConnectorDataStore", []string{"ConnectorDataStore"}, but(func(m *memory) { m.Watermark, m.Links, m.Staged = false, 0, 0 })},
		{"Full", []string{"Full"}, but(func(m *memory) { well(m); m.Watermark, m.Links, m.Staged, m.Escrows = false, 0, 0, 0 })},
		{"ForceDeletes", []string{"ForceDeletes"}, but(func(m *memory) { m.Approved = 1 })},
		{"Escrows and ForceDeletes", []string{"Escrows", "ForceDeletes"}, but(func(m *memory) { m.Escrows, m.Series, m.Approved = 0, 0, 1 })},
		{"Watermark and QuarantineState", []string{"QuarantineState", "Watermark"}, but(func(m *memory) { well(m); m.Watermark = false })},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := burdened(t)
			if diff := cmp.Diff(before, w.memory()); diff != "" {
				t.Fatalf("before (-want +got):\n%s", diff)
			}
			w.target.ResetCalls()
			request := cycle.RestartRequest{JobID: jobID, Scope: test.scopes, DryRun: true}
			if _, err := w.engine.RestartJob(t.Context(), request); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, w.memory()); diff != "" {
				t.Fatalf("after a dry run (-want +got):\n%s", diff)
			}
			request.DryRun, request.AcknowledgeOrphans = false, true
			for range 2 { // repeating a restart changes nothing more
				if _, err := w.engine.RestartJob(t.Context(), request); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, w.memory()); diff != "" {
					t.Fatalf("(-want +got):\n%s", diff)
				}
			}
			if calls := w.target.Calls(); calls.Writes()+calls.Find+calls.List+calls.Test != 0 {
				t.Fatalf("a restart contacted the target: %+v", calls)
			}

			// The same, asked for by the configuration of a job that runs no cycle in a commit.
			w = burdened(t)
			idle := func(d *job.Definition) { d.State = job.Paused }
			asks := func(d *job.Definition) {
				d.Restart = &job.Restart{Scope: test.scopes, Triggers: map[string]string{"reason": "table"}, AcknowledgeOrphans: true}
			}
			w.commit(definition(inDepartments("Sales"), idle, asks))
			want := test.want
			want.State = job.Paused
			if diff := cmp.Diff(want, w.memory()); diff != "" {
				t.Fatalf("by a commit (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRestartRefuses(t *testing.T) {
	t.Parallel()
	w := burdened(t)
	before := w.memory()
	for _, test := range []struct {
		request cycle.RestartRequest
		kind    directory.ErrorKind
		says    string
	}{
		{cycle.RestartRequest{JobID: "wiki/other"}, directory.NotFound, "wiki/other"},
		{cycle.RestartRequest{JobID: jobID, Scope: []string{"Everything"}}, directory.Invalid, "Everything"},
		{cycle.RestartRequest{JobID: jobID, Scope: []string{"Full", "ForceDeletes"}, AcknowledgeOrphans: true}, directory.Invalid, "forgets it"},
		{cycle.RestartRequest{JobID: jobID, Scope: []string{"Full"}}, directory.Conflict, "disable user bob@example.com: filter \"department\""},
		{cycle.RestartRequest{JobID: jobID, Scope: []string{"ConnectorDataStore"}}, directory.Conflict, "forget 2 links and leave 1 accounts behind"},
	} {
		_, err := w.engine.RestartJob(t.Context(), test.request)
		if !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: %v", test.request, err)
		}
	}
	full := func(d *job.Definition) { d.Restart = &job.Restart{Scope: []string{"Full"}} }
	if _, err := w.tryCommit(t.Context(), definition(inDepartments("Sales"), full), nil); !errors.Is(err, directory.Conflict) || !strings.Contains(err.Error(), "bob@example.com") {
		t.Errorf("commit: %v", err)
	}
	if diff := cmp.Diff(before, w.memory()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestOrphans: who is named is exactly who keeps access for good once links are forgotten; everybody else is found again, and
// nobody gets a second account.
func TestOrphans(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := definition(inDepartments("Sales"))
	nameless := func(o *directory.Object) { delete(o.Attributes, "userPrincipalName") }
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"), person("cyn", "Sales"), person("dan", "Sales"), person("eve", "Sales"), person("fay", "Sales"))
	w.commit(d)
	w.source.Put(person("dan", "HR"), person("fay", "Sales", disabled))
	w.commit(d) // dan is released, fay is disabled and managed: neither has access to lose
	w.source.Put(person("bob", "HR"), person("eve", "Sales", nameless))
	w.source.Remove(directory.User, "cyn")
	none := engine.DigestAffected(nil)
	if _, err := w.engine.Commit(t.Context(), cycle.CommitRequest{Definition: d, AccountsDigest: &none}, nil); err != nil {
		t.Fatal(err)
	}
	forgotten, err := w.engine.RestartJob(t.Context(), cycle.RestartRequest{JobID: jobID, Scope: []string{"Full"}, DryRun: true})
	want := "disable user bob@example.com: filter \"department\": department EQUALS \"Sales\" is false\n" +
		"delete user cyn@example.com: deleted in the source\n" +
		"disable user eve@example.com: would not be found when it leaves: no matching attribute has a value"
	if got := cycle.Names(forgotten.Orphans); err != nil || got != want || forgotten.Links != 6 {
		t.Fatalf("%v, %d links, orphans:\n%s", err, forgotten.Links, got)
	}
	accounts := []string{
		"ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales", "cyn@example.com active=True department=Sales",
		"dan@example.com active=False department=Sales", "eve@example.com active=True department=Sales", "fay@example.com active=False department=Sales",
	}
	w.wantAccounts(accounts...)
	if _, err := w.engine.RestartJob(t.Context(), cycle.RestartRequest{JobID: jobID, Scope: []string{"Full"}, AcknowledgeOrphans: true}); err != nil {
		t.Fatal(err)
	}
	if preview := w.preview(d); len(preview.Affected) != 0 {
		t.Fatalf("affected:\n%s", cycle.Names(preview.Affected))
	}
	w.target.ResetCalls()
	report := w.commit(d)
	w.wantAccounts(accounts...)
	if calls := w.target.Calls(); calls.Writes() != 0 || report.Cycle.Counts.Linked != 1 || !report.Cycle.Full {
		t.Fatalf("calls %+v, counts %+v", calls, report.Cycle.Counts)
	}
}

// TestRestartInAPlan: the plan of a restart is what its commit does, and committing it again does nothing.
func TestRestartInAPlan(t *testing.T) {
	t.Parallel()
	ask := func(trigger string, scopes ...string) func(*job.Definition) {
		return func(d *job.Definition) {
			d.Restart = &job.Restart{Scope: scopes, Triggers: map[string]string{"reason": trigger}, AcknowledgeOrphans: true}
		}
	}
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
	atCreate := w.commit(definition(ask("1", "Full")))
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales")
	again := w.commit(definition(ask("1", "Full")))
	if !atCreate.Cycle.Full || again.Cycle.Full {
		t.Fatalf("full: %t, %t", atCreate.Cycle.Full, again.Cycle.Full)
	}
	for _, test := range []struct {
		restart   func(*job.Definition)
		full      bool
		forgotten int64
	}{
		{ask("2", "Watermark"), true, 0},
		{ask("2", "Watermark"), false, 0},
		{ask("3", "Escrows", "QuarantineState"), false, 0},
		{ask("4"), true, 0},
		{ask("5", "ConnectorDataStore"), true, 2},
		{ask("5", "ConnectorDataStore"), false, 0},
		{func(*job.Definition) {}, false, 0},
	} {
		d := definition(test.restart)
		preview := w.preview(d)
		var links int64
		if preview.Forgotten != nil {
			links = preview.Forgotten.Links
		}
		if links != test.forgotten || len(preview.Affected) != 0 {
			t.Errorf("%+v: preview %+v", d.Restart, preview)
		}
		w.target.ResetCalls()
		report := w.commit(d)
		if calls := w.target.Calls(); report.Cycle.Full != test.full || calls.Writes() != 0 {
			t.Errorf("%+v: full %t, calls %+v", d.Restart, report.Cycle.Full, calls)
		}
		if after := w.preview(d); len(after.Affected) != 0 || after.Changes != (cycle.Changes{}) || after.Forgotten != nil {
			t.Errorf("%+v: a preview right after is not empty: %+v", d.Restart, after)
		}
	}
	if got := w.memory().Links; got != 2 {
		t.Errorf("%d links", got)
	}
}

// TestForceDeletesInAPlan: what was staged above a limit is shown, and carried out whatever the limit.
func TestForceDeletesInAPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"), person("cyn", "Sales"))
	d := definition(inDepartments("Sales"), limited(1, 1))
	w.commit(d)
	w.source.Put(person("bob", "HR"), person("cyn", "HR"))
	if _, err := w.engine.RunJob(t.Context(), cycle.RunRequest{JobID: jobID}, nil); err != nil {
		t.Fatal(err)
	}
	if got := w.memory(); got.Staged != 2 || !got.InQuarantine {
		t.Fatalf("%+v", got)
	}
	if _, err := w.tryCommit(t.Context(), d, nil); !errors.Is(err, directory.LimitExceeded) {
		t.Fatalf("got %v", err)
	}
	force := definition(inDepartments("Sales"), limited(1, 1), func(d *job.Definition) { d.Restart = &job.Restart{Scope: []string{"ForceDeletes"}} })
	if preview := w.preview(force); len(preview.Affected) != 2 || len(engine.Judge(preview.Toll, force.Limits)) != 0 {
		t.Fatalf("preview %+v", preview)
	}
	w.commit(force)
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=False department=Sales", "cyn@example.com active=False department=Sales")
	if got := w.memory(); got.Staged != 0 || got.InQuarantine {
		t.Fatalf("%+v", got)
	}
}

// TestWhatForcesAFullCycle is the table of engine.md 7: whether the next cycle looks at everybody, and that links stay.
func TestWhatForcesAFullCycle(t *testing.T) {
	t.Parallel()
	usual := func() job.Definition { return definition(inDepartments("Sales", "HR")) }
	for _, test := range []struct {
		trigger string
		change  func(*testing.T, *world, *job.Definition)
		full    bool
		links   bool // kept, with the time they were made
	}{
		{"nothing", func(*testing.T, *world, *job.Definition) {}, false, true},
		{"restart provisioning", restartWith(), true, true},
		{"restart with Full", restartWith("Full"), true, false},
		{"attribute mappings", func(_ *testing.T, _ *world, d *job.Definition) {
			d.Mappings[0].Attributes[1].Expression = "ToUpper([department])"
		}, true, true},
		{"scoping filters", func(_ *testing.T, _ *world, d *job.Definition) { *d = definition(inDepartments("HR", "Sales", "IT")) }, true, true},
		{"restored default mappings", func(_ *testing.T, _ *world, d *job.Definition) {
			d.Mappings[0].Attributes = append(d.Mappings[0].Attributes[:2:2], d.Mappings[0].Attributes[3])
		}, true, true},
		{"parameters", func(_ *testing.T, _ *world, d *job.Definition) { d.Parameters = map[string]string{"Prefix": "x"} }, true, true},
		// Microsoft waits for a manual restart; a plan has to show who would lose access, so it is evaluated at once.
		{"scope of assigned", func(_ *testing.T, _ *world, d *job.Definition) {
			d.Scope = "assigned"
			d.Assignments = []job.Assignment{{AppKey: "wiki", Name: "all", Users: []directory.Anchor{"ada", "bob"}}}
		}, true, true},
		{"another place of the source", func(_ *testing.T, _ *world, d *job.Definition) { d.Source.File = &job.FileSource{Path: "moved.json"} }, true, true},
		{"credentials", func(_ *testing.T, _ *world, d *job.Definition) {
			d.Connection.SCIM = &job.SCIMConnection{BaseURL: d.Connection.SCIM.BaseURL, TokenVersion: 0, RateLimit: job.RateLimit{Concurrency: 3}}
		}, false, true},
		{"limits", func(_ *testing.T, _ *world, d *job.Definition) { limited(5, 5)(d) }, false, true},
		{"pause and start", func(t *testing.T, w *world, _ *job.Definition) {
			if err := errors.Join(w.engine.PauseJob(t.Context(), jobID), w.engine.StartJob(t.Context(), jobID)); err != nil {
				t.Fatal(err)
			}
		}, false, true},
	} {
		t.Run(test.trigger, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.source.Put(person("ada", "Sales"), person("bob", "HR"))
			if first := w.commit(usual()); !first.Cycle.Full { // the first start
				t.Fatal("the first cycle was not full")
			}
			before := w.linkTimes()
			d := usual()
			test.change(t, w, &d)
			report := w.commit(d)
			if report.Cycle.Full != test.full {
				t.Errorf("full %t, want %t", report.Cycle.Full, test.full)
			}
			if kept := cmp.Equal(before, w.linkTimes()); kept != test.links {
				t.Errorf("links kept %t, want %t", kept, test.links)
			}
			if next := w.commit(d); next.Cycle.Full {
				t.Error("the cycle after that was full as well")
			}
		})
	}
}

func restartWith(scopes ...string) func(*testing.T, *world, *job.Definition) {
	return func(t *testing.T, w *world, _ *job.Definition) {
		t.Helper()
		if _, err := w.engine.RestartJob(t.Context(), cycle.RestartRequest{JobID: jobID, Scope: scopes, AcknowledgeOrphans: true}); err != nil {
			t.Fatal(err)
		}
	}
}

// linkTimes are the accounts of people with the time their links were made.
func (w *world) linkTimes() map[directory.Anchor]time.Time {
	w.t.Helper()
	links, err := w.store.ListLinks(w.t.Context(), jobID, directory.User, "", 100)
	if err != nil {
		w.t.Fatal(err)
	}
	times := map[directory.Anchor]time.Time{}
	for _, link := range links {
		times[link.Source] = link.LinkedAt
	}
	return times
}

// A restart forgets failures, not that a group may lack members (engine.md 14).
func TestRestartKeepsMembersInDoubt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := definition(withGroups)
	w.source.Put(person("ada", "Sales"), group("staff", "ada"))
	heal := w.failing(faulty.AddMembers, faulty.Reset)
	w.commit(d)
	heal()
	if _, err := w.engine.RestartJob(t.Context(), cycle.RestartRequest{JobID: d.ID}); err != nil {
		t.Fatal(err)
	}
	w.commit(d)
	for _, entry := range w.target.State() {
		if entry.Type == directory.Group && len(entry.Members) != 1 {
			t.Errorf("members of staff: %v", entry.Members)
		}
	}
}
