package cycle_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// leavers is a second story to be killed in: people are disabled and then deleted, soft-deleted and then deleted, disabled
// and enabled; values are only added (Change.Add) and chosen to be unique; managers and members come and go meanwhile.
func leavers() []stage {
	d := definition(withGroups, func(d *job.Definition) {
		users := &d.Mappings[1]
		users.Attributes = append(slices.Clone(users.Attributes),
			job.AttributeMapping{Target: "nickName", Expression: `SelectUniqueValue([alias], Append([alias], "1"), Append([alias], "2"))`, FlowType: job.FlowObjectAddOnly},
			job.AttributeMapping{Target: "tags", Expression: "[tags]", FlowType: job.FlowMultiValueAddOnly})
	})
	known := func(id, alias string, tag string, change ...func(*directory.Object)) directory.Object {
		return person(id, "Sales", append(change, having("alias", directory.Text(alias)), having("tags", texts(tag)))...)
	}
	const zed = "zed active=True manager=null nickName=null tags=null"
	return []stage{{
		definition: d,
		change: func(w *world) {
			w.target.Put(account("stranger", "zed@example.com", "Kitchen"))
			old := account("old-bob", "bob@example.com", "Cellar")
			old.Attributes["tags"] = texts("theirs")
			w.target.Put(old)
			w.source.Put(known("ada", "x", "a", managedBy("eve")), known("bob", "x", "b", managedBy("ada")), known("cyn", "y", "c", managedBy("dan")),
				known("dan", "z", "d"), known("eve", "e", "e"), group("staff", "ada", "bob", "cyn"), group("club", "dan", "eve"))
		},
		want: []string{
			zed, "ada active=True manager=eve nickName=x tags=a", "bob active=True manager=ada nickName=null tags=b,theirs",
			"cyn active=True manager=dan nickName=y tags=c", "dan active=True manager=null nickName=z tags=d", "eve active=True manager=null nickName=e tags=e",
			"club [dan eve]", "staff [ada bob cyn]",
		},
	}, {
		// cyn and eve are disabled, dan is soft-deleted, fay joins and wants the name ada has, bob gets another tag and manager.
		definition: d,
		change: func(w *world) {
			w.source.Put(known("cyn", "y", "c", managedBy("dan"), disabled), known("eve", "e", "e", disabled), known("dan", "z", "d", softDeleted),
				known("fay", "x", "f", managedBy("bob")), known("bob", "x", "c", managedBy("fay")), group("staff", "ada", "bob", "fay"))
		},
		want: []string{
			zed, "ada active=True manager=eve nickName=x tags=a", "bob active=True manager=fay nickName=null tags=b,c,theirs",
			"cyn active=False manager=dan nickName=y tags=c", "dan active=False manager=null nickName=z tags=d", "eve active=False manager=null nickName=e tags=e",
			"fay active=True manager=bob nickName=x1 tags=f", "club [dan eve]", "staff [ada bob fay]",
		},
	}, {
		// cyn and dan are deleted for good, eve is enabled again, ada gets fay for a manager, the club is deleted.
		definition: d,
		change: func(w *world) {
			w.source.Remove(directory.User, "cyn")
			w.source.Remove(directory.User, "dan")
			w.source.Remove(directory.Group, "club")
			w.source.Put(known("eve", "e", "g"), known("ada", "x", "a", managedBy("fay")), group("staff", "ada", "eve", "fay"))
		},
		want: []string{
			zed, "ada active=True manager=fay nickName=x tags=a", "bob active=True manager=fay nickName=null tags=b,c,theirs",
			"eve active=True manager=null nickName=e tags=e,g", "fay active=True manager=bob nickName=x1 tags=f", "staff [ada eve fay]",
		},
	}}
}

// mayLeave are who may be switched off or deleted in a stage of leavers; nobody else ever.
func mayLeave(stage int) []string {
	return [][]string{nil, {"cyn", "dan", "eve"}, {"cyn", "dan", "club", "eve"}}[stage]
}

// portrait renders what leavers speak of.
func (w *world) portrait() []string {
	names := map[directory.Anchor]string{}
	state := w.target.State()
	for _, entry := range state {
		name, _, _ := strings.Cut(entry.Attributes["userName"].String(), "@")
		if entry.Type == directory.Group {
			name = entry.Attributes["displayName"].String()
		}
		names[entry.Anchor] = name
	}
	all := make([]string, 0, len(state))
	for _, entry := range state {
		var members, tags []string
		for _, member := range entry.Members {
			members = append(members, names[member])
		}
		slices.Sort(members)
		if entry.Type == directory.Group {
			all = append(all, names[entry.Anchor]+" "+fmt.Sprint(members))
			continue
		}
		manager := "null"
		if text, ok := entry.Attributes[managerAttribute].Text(); ok {
			manager = names[directory.Anchor(text)]
		}
		for _, tag := range entry.Attributes["tags"].Elements() {
			tags = append(tags, tag.String())
		}
		if slices.Sort(tags); len(tags) == 0 {
			tags = []string{"null"}
		}
		all = append(all, fmt.Sprintf("%s active=%s manager=%s nickName=%s tags=%s", names[entry.Anchor], entry.Attributes["active"], manager,
			entry.Attributes["nickName"], strings.Join(tags, ",")))
	}
	slices.Sort(all)
	return all
}

// TestKilledAmongLeavers kills the process after every write and every transaction of the second story, and goes on cold with
// another page size, at once or after the directory has moved on.
func TestKilledAmongLeavers(t *testing.T) {
	t.Parallel()
	all := leaversMoments(t)
	for _, c := range []cuts{
		{kind: "write", pageSize: 1, resumeSize: 500}, {kind: "write", pageSize: 500, resumeSize: 1},
		{kind: "record", pageSize: 1, resumeSize: 2}, {kind: "record", pageSize: 500, resumeSize: 1},
		{kind: "write", pageSize: 2, resumeSize: 500, overtaken: true}, {kind: "record", pageSize: 2, resumeSize: 500, overtaken: true},
	} {
		t.Run(fmt.Sprintf("%s, overtaken %t", c.name(), c.overtaken), func(t *testing.T) {
			t.Parallel()
			tried, mistaken := 0, 0
			for first := range all {
				if c.overtaken && first != 1 {
					continue // in the first stage the killed may have made accounts nobody remembers; after the last there is no next
				}
				for cut := int64(1); ; cut += stride() {
					happened, wrong := c.leave(t, all, first, cut)
					if !happened {
						break
					}
					tried, mistaken = tried+1, mistaken+wrong
				}
			}
			t.Logf("%d cuts, %d switched off or deleted by mistake", tried, mistaken)
			if tried < 9/int(stride()) {
				t.Errorf("only %d cuts", tried)
			}
		})
	}
}

func leaversMoments(t *testing.T) (all []moment) {
	t.Helper()
	w := newWorld(t)
	for i, s := range leavers() {
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
		if diff := cmp.Diff(lines(s.want), strings.Join(w.portrait(), "\n")); diff != "" {
			t.Fatalf("stage %d (-want +got):\n%s", i, diff)
		}
		w.settled(s.definition)
	}
	return all
}

// leave lives one stage of leavers with a kill, and goes on. It reports whether anybody was killed and how many were
// switched off or deleted who should not be.
func (c cuts) leave(t *testing.T, all []moment, first int, cut int64) (happened bool, mistaken int) {
	t.Helper()
	stages := leavers()
	w := at(t, all[first:], 0)
	defer func() { _ = w.store.Close() }()
	for _, s := range stages[:first] {
		s.change(w)
	}
	if first > 0 { // the changes have put the strangers of the first stage back
		restored := at(t, all[first:], 0)
		w.target, w.connector = restored.target, restored.target
		_ = restored.store.Close()
	}
	stages[first].change(w)
	doom := &fate{kind: c.kind}
	doom.left.Store(cut)
	w.process(doom, c.pageSize)
	allowed := mayLeave(first)
	watch := func() {
		w.connector = witness{w.connector, func() {}, func(operation connector.Operation) {
			if operation.Kind != connector.Delete && !switchesOff(operation) {
				return
			}
			for _, entry := range w.target.State() {
				name, _, _ := strings.Cut(entry.Attributes["userName"].String(), "@")
				if entry.Type == directory.Group {
					name = entry.Attributes["displayName"].String()
				}
				if entry.Anchor == operation.Target && !slices.Contains(allowed, name) {
					mistaken++
					t.Errorf("stage %d, cut %d: %s of %s", first, cut, operation.Kind, name)
				}
			}
		}}
	}
	watch()
	_, _ = w.tryCommit(t.Context(), stages[first].definition, nil)
	if !doom.dead.Load() {
		return false, mistaken
	}
	w.process(nil, c.resumeSize)
	watch()
	for i := first; i <= min(first+1, len(stages)-1); i++ {
		if i > first {
			stages[i].change(w)
			allowed = append(slices.Clone(allowed), mayLeave(i)...)
		}
		if c.overtaken && i == first {
			continue
		}
		report, err := w.tryCommit(t.Context(), stages[i].definition, nil)
		if err != nil || report.FailureCount > 0 {
			t.Fatalf("stage %d, cut %d: %v, %+v", i, cut, err, report.Failures)
		}
		if diff := cmp.Diff(lines(stages[i].want), strings.Join(w.portrait(), "\n")); diff != "" {
			t.Fatalf("stage %d, cut %d in stage %d (-want +got):\n%s", i, cut, first, diff)
		}
	}
	return true, mistaken
}
