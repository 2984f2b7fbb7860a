package cycle_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	sourcememory "github.com/app-provisioning/terraform-provider-provisioning/internal/source/memory"
)

// stage is a state of the source, a definition, and what the target must hold once both are committed. What is wanted is
// written down here, by hand, from the rules of engine.md 12 to 15.
type stage struct {
	definition job.Definition
	change     func(w *world)
	want       []string
}

// story is a directory's life in stages, with everything an engine does in it: accounts created, matched, renamed,
// disabled, deleted, released and taken back, managers, groups, memberships both ways, and edits of a filter.
func story() []stage {
	wide := definition(withGroups, inDepartments("Sales", "HR"))
	narrow := definition(withGroups, inDepartments("HR"))
	return []stage{{
		definition: wide,
		change: func(w *world) {
			w.target.Put(account("stranger", "zed@example.com", "Kitchen"))
			w.target.Put(account("old-bob", "Bob@Example.com", "Cellar"))
			w.source.Put(person("ada", "Sales", managedBy("eve")), person("bob", "Sales", managedBy("ada")), person("cyn", "HR", managedBy("ada")),
				person("dan", "HR"), person("eve", "Sales"), person("fay", "IT"), person("gus", "HR", disabled),
				group("staff", "ada", "bob", "cyn"), group("hr", "cyn", "dan", "gus"), group("club", "ada", "bob", "eve"))
		},
		want: []string{
			stranger, "ada@example.com active=True department=Sales manager=eve@example.com",
			"Bob@Example.com active=True department=Sales manager=ada@example.com", "cyn@example.com active=True department=HR manager=ada@example.com",
			"dan@example.com active=True department=HR", "eve@example.com active=True department=Sales",
			"group staff [Bob@Example.com ada@example.com cyn@example.com]", "group hr [cyn@example.com dan@example.com]", "group club [Bob@Example.com ada@example.com eve@example.com]",
		},
	}, {
		// bob leaves scope, staff and the club, eve the club, dan is deleted, eve is renamed and moves, fay, gus and hal come, cyn gets another manager.
		definition: wide,
		change: func(w *world) {
			w.source.Put(person("bob", "IT", managedBy("ada")), person("eve", "HR", renamed("eva")), person("fay", "Sales", managedBy("gus")),
				person("gus", "HR"), person("hal", "HR", managedBy("fay")), person("cyn", "HR", managedBy("eve")), group("staff", "ada", "cyn", "fay"), group("club", "ada"))
			w.source.Remove(directory.User, "dan")
		},
		want: []string{
			stranger, "ada@example.com active=True department=Sales manager=eva@example.com",
			"Bob@Example.com active=False department=Sales manager=ada@example.com", "cyn@example.com active=True department=HR manager=eva@example.com",
			"eva@example.com active=True department=HR", "fay@example.com active=True department=Sales manager=gus@example.com",
			"gus@example.com active=True department=HR", "hal@example.com active=True department=HR manager=fay@example.com",
			"group staff [ada@example.com cyn@example.com fay@example.com]", "group hr [cyn@example.com gus@example.com]", "group club [ada@example.com]",
		},
	}, {
		// The filter is narrowed: Sales is disabled and released. hal is disabled in the source and keeps his link.
		definition: narrow,
		change: func(w *world) {
			w.source.Put(person("hal", "HR", managedBy("fay"), disabled), group("club", "ada", "eve"))
		},
		want: []string{
			stranger, "ada@example.com active=False department=Sales manager=eva@example.com",
			"Bob@Example.com active=False department=Sales manager=ada@example.com", "cyn@example.com active=True department=HR manager=eva@example.com",
			"eva@example.com active=True department=HR", "fay@example.com active=False department=Sales manager=gus@example.com",
			"gus@example.com active=True department=HR", "hal@example.com active=False department=HR manager=fay@example.com",
			"group staff [ada@example.com cyn@example.com fay@example.com]", "group hr [cyn@example.com gus@example.com]", "group club [ada@example.com eva@example.com]",
		},
	}, {
		// Wide again: the released are matched again. cyn and the group hr are deleted, gus is soft-deleted, hal returns.
		definition: wide,
		change: func(w *world) {
			w.source.Put(person("bob", "Sales", managedBy("ada")), person("gus", "HR", softDeleted), person("hal", "Sales", managedBy("fay")),
				group("staff", "ada", "bob", "fay", "hal"))
			w.source.Remove(directory.User, "cyn")
			w.source.Remove(directory.Group, "hr")
		},
		want: []string{
			stranger, "ada@example.com active=True department=Sales manager=eva@example.com",
			"Bob@Example.com active=True department=Sales manager=ada@example.com",
			"eva@example.com active=True department=HR", "fay@example.com active=True department=Sales manager=gus@example.com",
			"gus@example.com active=False department=HR", "hal@example.com active=True department=Sales manager=fay@example.com",
			"group staff [Bob@Example.com ada@example.com fay@example.com hal@example.com]", "group club [ada@example.com eva@example.com]",
		},
	}}
}

const stranger = "zed@example.com active=True department=Kitchen"

// account is an account that was in the target before anybody provisioned it.
func account(anchor, name, department string) connectormemory.Entry {
	return connectormemory.Entry{Type: directory.User, Anchor: directory.Anchor(anchor), Attributes: map[string]directory.Value{
		"userName": directory.Text(name), "department": directory.Text(department), "active": directory.Boolean(true),
	}}
}

// renamed changes the matching attribute.
func renamed(name string) func(*directory.Object) {
	return func(o *directory.Object) { o.Attributes["userPrincipalName"] = directory.Text(name + "@example.com") }
}

// is compares the target with what is wanted.
func (w *world) is(want []string) string {
	return cmp.Diff(lines(want), w.accounts())
}

// TestStory lives the story undisturbed.
func TestStory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, s := range story() {
		s.change(w)
		report := w.commit(s.definition)
		if diff := w.is(s.want); diff != "" {
			t.Fatalf("stage %d (-want +got):\n%s", i, diff)
		}
		if report.FailureCount != 0 || len(report.Held) != 0 || len(report.Warnings) != 0 {
			t.Fatalf("stage %d: %+v", i, report)
		}
		if after := w.preview(s.definition); len(after.Affected) != 0 || after.Changes != (cycle.Changes{}) {
			t.Fatalf("stage %d: a preview right after a commit is not empty: %+v", i, after)
		}
	}
}

// moment is everything there is at the beginning of a stage, but the source: it follows from the story.
type moment struct {
	database   []byte
	target     connectormemory.State
	clock, ids int64
}

// moments are the beginnings of the stages. Disturbed lives start there instead of at the beginning of time.
func moments(t *testing.T) []moment {
	t.Helper()
	w := newWorld(t)
	var all []moment
	for _, s := range story() {
		if err := w.store.Close(); err != nil {
			t.Fatal(err)
		}
		database, err := os.ReadFile(w.path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, moment{database, w.target.State(), w.clock.Load(), w.ids.Load()})
		w.store = nil
		w.open()
		s.change(w)
		w.commit(s.definition)
	}
	return all
}

// at is the world at the beginning of a stage.
func at(t *testing.T, all []moment, index int) *world {
	t.Helper()
	w := &world{t: t, path: filepath.Join(t.TempDir(), "provisioning.db"), source: sourcememory.New(sourcememory.Options{}), target: connectormemory.New(connectormemory.Options{})}
	for _, s := range story()[:index] {
		s.change(w)
	}
	w.target = connectormemory.New(connectormemory.Options{})
	for _, entry := range all[index].target {
		w.target.Put(entry)
	}
	w.connector = w.target
	w.clock.Store(all[index].clock)
	w.ids.Store(all[index].ids)
	if err := os.WriteFile(w.path, all[index].database, 0o600); err != nil {
		t.Fatal(err)
	}
	w.open()
	t.Cleanup(func() { _ = w.store.Close() })
	return w
}
