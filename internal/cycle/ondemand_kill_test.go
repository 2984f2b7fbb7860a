package cycle_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// wholeStory are the people and groups of the story.
func wholeStory() []cycle.Subject {
	return append(askUsers("ada", "bob", "cyn", "dan", "eve", "fay", "gus", "hal", "zed"), askGroups("staff", "hr", "club")...)
}

// In every stage of the story somebody provisions everybody on demand before the cycle: nobody loses access by it, and the
// cycle brings the target to the state the story says all the same.
func TestOnDemandInTheStory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, s := range story() {
		s.change(w)
		if i > 0 {
			before := w.access()
			w.onDemand(true, wholeStory()...)
			if diff := cmp.Diff(before, w.access()); diff != "" {
				t.Fatalf("stage %d: a dry run writes:\n%s", i, diff)
			}
			w.onDemand(false, wholeStory()...)
			after := w.access()
			for _, held := range before {
				if !slices.Contains(after, held) {
					t.Fatalf("stage %d: %s is lost; there is %q", i, held, after)
				}
			}
		}
		w.commit(s.definition)
		if diff := w.is(s.want); diff != "" {
			t.Fatalf("stage %d (-want +got):\n%s", i, diff)
		}
	}
}

// access is who has an account that is on, and who is in which group, by anchors.
func (w *world) access() []string {
	var all []string
	for _, entry := range w.target.State() {
		if on, _ := entry.Attributes["active"].AsBoolean(); on || entry.Type == directory.Group {
			all = append(all, string(entry.Anchor))
		}
		for _, member := range entry.Members {
			all = append(all, string(entry.Anchor)+" has "+string(member))
		}
	}
	return all
}

// TestOnDemandKilledAnywhere kills an on-demand run after every single write and every single transaction, in every stage of
// the story. The next cycle brings the target to the state that the story says.
func TestOnDemandKilledAnywhere(t *testing.T) {
	t.Parallel()
	all := moments(t)
	for _, kind := range []string{"write", "record"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			tried := 0
			for i := 1; i < len(all); i++ {
				for cut := int64(1); killedOnDemand(t, all, i, kind, cut); cut += stride() {
					tried++
				}
			}
			t.Logf("%d cuts", tried)
			if tried < 9/int(stride()) {
				t.Fatalf("only %d cuts were tried", tried)
			}
		})
	}
}

// killedOnDemand reports whether there was such an event.
func killedOnDemand(t *testing.T, all []moment, stage int, kind string, cut int64) bool {
	t.Helper()
	w := at(t, all, stage)
	doom := &fate{kind: kind}
	doom.left.Store(cut)
	w.process(doom, 3)
	s := story()[stage]
	s.change(w)
	_, err := w.engine.OnDemand(t.Context(), s.definition.ID, wholeStory(), false)
	if !doom.dead.Load() {
		return false
	}
	if err == nil && kind == "write" {
		t.Fatalf("stage %d, cut %d: the killed run reported success", stage, cut)
	}
	w.process(nil, 500)
	report, err := w.tryCommit(t.Context(), s.definition, nil)
	if err != nil || report.FailureCount > 0 {
		t.Fatalf("cut %d, stage %d: %v, failures %+v", cut, stage, err, report.Failures)
	}
	if diff := w.is(s.want); diff != "" {
		t.Fatalf("cut %d, stage %d (-want +got):\n%s", cut, stage, diff)
	}
	if left := w.escrowed(); left != "" {
		t.Fatalf("cut %d, stage %d: still left to a cycle: %s", cut, stage, left)
	}
	return true
}

// A run that is killed while nothing else moves: the source is as the last cycle left it, so only what the run itself leaves
// behind tells the next cycle that there is something to do.
func TestOnDemandKilledInASettledJob(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"write", "record"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			begun := 0
			for cut := int64(1); ; cut++ {
				w := newWorld(t)
				w.target = connectormemory.New(connectormemory.Options{Unique: map[directory.ObjectType][]string{}})
				w.connector = w.target
				w.target.Put(account("a-1", "ada@example.com", "IT"))
				w.target.Put(account("a-2", "ada@example.com", "IT"))
				w.source.Put(person("ada", "IT", managedBy("bob")), person("bob", "IT"), group("crew", "ada", "bob"))
				d := definition(withGroups)
				w.commit(d) // ada has two accounts, and fails
				w.cycle()   // is not tried again so soon
				w.target.Remove(directory.User, "a-2")
				doom := &fate{kind: kind}
				doom.left.Store(cut)
				w.process(doom, 500)
				_, err := w.engine.OnDemand(t.Context(), "wiki/main", askUsers("ada"), false)
				if !doom.dead.Load() {
					if err != nil || begun < 2 {
						t.Fatalf("%v, %d cuts", err, begun)
					}
					return
				}
				w.process(nil, 500)
				if strings.Contains(w.escrowed(), "ada ada@example.com DuplicateTargetEntries") {
					continue // killed before anything was begun: she waits for her next attempt as before
				}
				begun++
				w.cycle()
				if diff := w.is([]string{"ada@example.com active=True department=IT manager=bob@example.com", "bob@example.com active=True department=IT", "group crew [ada@example.com bob@example.com]"}); diff != "" {
					t.Fatalf("cut %d (-want +got):\n%s", cut, diff)
				}
			}
		})
	}
}

// cycle runs a cycle as a schedule does, which tries what failed before only when it is due.
func (w *world) cycle() {
	w.t.Helper()
	if report, err := runOnce(w.t.Context(), w, cycle.RunRequest{JobID: "wiki/main"}); err != nil || report.FailureCount > 0 {
		w.t.Fatalf("%+v, %v", report, err)
	}
}
