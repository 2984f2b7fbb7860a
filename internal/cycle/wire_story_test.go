package cycle_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// wireDefinition is the usual job with paths that a SCIM target knows.
func wireDefinition() job.Definition {
	d := definition(withGroups, inDepartments("Sales", "HR"))
	users := &d.Mappings[1]
	users.Attributes = slices.Clone(users.Attributes)
	for i := range users.Attributes {
		if users.Attributes[i].Target == "department" {
			users.Attributes[i].Target = enterpriseUser + ":department"
		}
	}
	return d
}

// wireStage is a state of the source and what the wiki must hold afterwards, from the rules of engine.md 12 to 15 alone.
type wireStage struct {
	change func(w *world)
	want   []string
	// off may be switched off, gone may be deleted, by user name or group name; nobody else ever.
	off, gone []string
}

func wireStory() []wireStage {
	const zed = "zed@example.com active=True department=Kitchen"
	return []wireStage{{
		change: func(w *world) {
			w.source.Put(person("ada", "Sales", managedBy("eve")), person("bob", "Sales", managedBy("ada")), person("cyn", "HR", managedBy("ada")),
				person("dan", "HR"), person("eve", "Sales"), person("gus", "HR", disabled), person("ivo", "IT"),
				group("staff", "ada", "bob", "cyn"), group("club", "ada", "eve"))
		},
		want: []string{
			zed, "ada@example.com active=True department=Sales manager=eve@example.com", "Bob@Example.com active=True department=Sales manager=ada@example.com",
			"cyn@example.com active=True department=HR manager=ada@example.com", "dan@example.com active=True department=HR",
			"eve@example.com active=True department=Sales",
			"group staff [Bob@Example.com ada@example.com cyn@example.com]", "group club [ada@example.com eve@example.com]",
		},
	}, {
		// bob moves, cyn leaves scope, ada is disabled, dan and the club are deleted, fay joins.
		change: func(w *world) {
			w.source.Put(person("bob", "HR", managedBy("eve")), person("cyn", "IT", managedBy("ada")), person("ada", "Sales", managedBy("eve"), disabled),
				person("fay", "Sales", managedBy("bob")), group("staff", "bob", "fay"))
			w.source.Remove(directory.User, "dan")
			w.source.Remove(directory.Group, "club")
		},
		want: []string{
			zed, "ada@example.com active=False department=Sales manager=eve@example.com", "Bob@Example.com active=True department=HR manager=eve@example.com",
			"cyn@example.com active=False department=HR manager=ada@example.com", "eve@example.com active=True department=Sales",
			"fay@example.com active=True department=Sales manager=Bob@Example.com", "group staff [Bob@Example.com fay@example.com]",
		},
		off:  []string{"ada@example.com", "cyn@example.com"},
		gone: []string{"dan@example.com", "club"},
	}, {
		// Everybody who left comes back, and hal joins.
		change: func(w *world) {
			w.source.Put(person("ada", "Sales", managedBy("eve")), person("cyn", "HR", managedBy("ada")), person("hal", "HR", managedBy("cyn")), group("staff", "ada", "bob", "cyn", "fay", "hal"))
		},
		want: []string{
			zed, "ada@example.com active=True department=Sales manager=eve@example.com", "Bob@Example.com active=True department=HR manager=eve@example.com",
			"cyn@example.com active=True department=HR manager=ada@example.com", "eve@example.com active=True department=Sales",
			"fay@example.com active=True department=Sales manager=Bob@Example.com", "hal@example.com active=True department=HR manager=cyn@example.com",
			"group staff [Bob@Example.com ada@example.com cyn@example.com fay@example.com hal@example.com]",
		},
		off: []string{"ada@example.com", "cyn@example.com"},
	}}
}

// wireMoment is everything there is at the beginning of a stage, but the source.
type wireMoment struct {
	database, wiki []byte
	clock, ids     int64
	strange        string
}

func newWire(t testing.TB) *wire {
	return &wire{t: t, app: wikiapp.New(wikiapp.Options{Token: wireToken, PageLimit: 4})}
}

// wireMoments lives the story undisturbed.
func wireMoments(t *testing.T) (all []wireMoment) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w, wiki := newWorld(t), newWire(t)
		wiki.post("Bob@Example.com", "Cellar")
		wiki.strange = wiki.post("zed@example.com", "Kitchen")
		wiki.connect(w, 1)
		for i, s := range wireStory() {
			if err := w.store.Close(); err != nil {
				t.Fatal(err)
			}
			database, err := os.ReadFile(w.path)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, wireMoment{database, wiki.save(), w.clock.Load(), w.ids.Load(), wiki.strange})
			w.store = nil
			w.open()
			s.change(w)
			before := wiki.requests
			report := w.commit(wireDefinition())
			if got := wiki.wiki(); got != lines(s.want) || report.FailureCount > 0 || len(report.Warnings) > 0 {
				t.Fatalf("stage %d: %+v, want:\n%s\ngot:\n%s", i, report, lines(s.want), got)
			}
			t.Logf("stage %d takes %d requests", i, wiki.requests-before)
		}
	})
	return all
}

// wireLife is one stage with one fault.
type wireLife struct {
	stage     int
	fault     wireFault
	at, times int
	// unattended: whoever goes on runs cycles as a schedule does, a day apart; otherwise plans and applies.
	unattended  bool
	concurrency int
}

// wireFate is how such a life ended.
type wireFate struct {
	struck    bool
	converged bool
	escrowed  []string
	rounds    int
	requests  int
	taken     int // accounts that were created although they were there
	problems  []string
}

func (l wireLife) String() string {
	return fmt.Sprintf("stage %d, request %d, %d times: %s", l.stage, l.at, l.times, l.fault)
}

const (
	// wireRounds is how many cycles may be needed after the one that was disturbed, one more to see that all is calm.
	wireRounds = 6
	// wireBudget is how many requests all of them may send; undisturbed, a stage takes about 35.
	wireBudget = 300
)

func (l wireLife) live(t *testing.T, all []wireMoment) (fate wireFate) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w, wiki := newWorld(t), newWire(t)
		l.restore(w, wiki, all[l.stage])
		s := wireStory()[l.stage]
		wiki.watch = fate.watcher(wiki, s)
		wiki.fault, wiki.at, wiki.times = l.fault, l.at, l.times
		wiki.connect(w, l.concurrency)
		s.change(w)
		report, err := w.tryCommit(t.Context(), wireDefinition(), nil)
		// The fault is over: what it has not hit by now it does not hit any more.
		wiki.mu.Lock()
		fate.struck, wiki.fault = wiki.struck > 0, ""
		wiki.mu.Unlock()
		for ; fate.rounds < wireRounds && (err != nil || report.FailureCount > 0 || len(report.Held) > 0); fate.rounds++ {
			report, err = l.again(w)
		}
		if err != nil {
			fate.problem("it does not calm down: %v", err)
			return
		}
		for _, left := range w.escrows() {
			fate.escrowed = append(fate.escrowed, string(left.Type)+" "+left.Name+" "+left.Code)
		}
		fate.converged = wiki.wiki() == lines(s.want)
		if !fate.converged && len(fate.escrowed) == 0 {
			fate.problem("wrong, and nothing is left to be tried again; want:\n%s\ngot:\n%s", lines(s.want), wiki.wiki())
		}
		if after := w.preview(wireDefinition()); fate.converged && len(fate.escrowed) == 0 && (after.Changes != (cycle.Changes{}) || len(after.Affected) > 0) {
			fate.problem("not calm: %+v %s", after.Changes, cycle.Names(after.Affected))
		}
		fate.requests = wiki.requests
		if wiki.taken > 0 {
			fate.problem("%d accounts were created a second time; a target that allows it would have two", wiki.taken)
		}
		if wiki.requests > wireBudget {
			fate.problem("%d requests", wiki.requests)
		}
		if len(fate.problems) > 0 {
			fate.problem("writes:\n%s\nfailures: %+v", strings.Join(wiki.writes, "\n"), report.Failures)
		}
	})
	return fate
}

// restore brings a world to the beginning of a stage.
func (l wireLife) restore(w *world, wiki *wire, m wireMoment) {
	for _, s := range wireStory()[:l.stage] {
		s.change(w)
	}
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.store = nil
	if err := os.WriteFile(w.path, m.database, 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.clock.Store(m.clock)
	w.ids.Store(m.ids)
	w.open()
	if err := wiki.app.Load(bytes.NewReader(m.wiki)); err != nil {
		w.t.Fatal(err)
	}
	wiki.strange = m.strange
}

// again is what happens after a disturbed commit.
func (l wireLife) again(w *world) (cycle.Report, error) {
	d := wireDefinition()
	time.Sleep(day) // in the bubble of synctest: the pauses that the target asked for are over
	if record, err := w.store.GetJob(w.t.Context(), d.ID); l.unattended && err == nil && record.Digest == d.Digest() {
		w.reach(w.now(), day)
		return runOnce(w.t.Context(), w, cycle.RunRequest{JobID: d.ID})
	}
	return w.tryCommit(w.t.Context(), d, nil)
}

func (f *wireFate) problem(format string, args ...any) {
	f.problems = append(f.problems, fmt.Sprintf(format, args...))
}

// watcher looks at the wiki after every request: nobody is switched off or deleted but who may be, and the stranger stays
// as he is.
func (f *wireFate) watcher(wiki *wire, s wireStage) func(method, path string, status int) {
	accounts := map[string]bool{}
	for _, line := range strings.Split(wiki.wiki(), "\n") {
		accounts[nameOf(line)] = true
	}
	return func(method, path string, status int) {
		if method == "GET" {
			return
		}
		if strings.HasSuffix(path, "/"+wiki.strange) {
			f.problem("the stranger was touched: %s %s %d", method, path, status)
		}
		seen := map[string]bool{}
		for _, line := range strings.Split(wiki.wiki(), "\n") {
			name := nameOf(line)
			seen[name] = true
			if strings.Contains(line, "active=False") && !slices.Contains(s.off, name) {
				f.problem("switched off by mistake: %s", line)
			}
		}
		for name := range accounts {
			if !seen[name] && !slices.Contains(s.gone, name) {
				f.problem("deleted by mistake: %s (%s %s)", name, method, path)
			}
		}
		accounts = seen
	}
}

// nameOf is the user or group that a line of the wiki is about.
func nameOf(line string) string {
	first, rest, _ := strings.Cut(line, " ")
	if first == "group" {
		first, _, _ = strings.Cut(rest, " ")
	}
	return first
}
