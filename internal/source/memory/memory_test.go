package memory_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source/sourcetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, options := range []memory.Options{
		{},
		{Partial: true},
		{Replay: 3},
		{Duplicate: true},
		{Partial: true, Replay: 5, Duplicate: true},
	} {
		t.Run(fmt.Sprintf("%+v", options), func(t *testing.T) {
			t.Parallel()
			sourcetest.Run(t, func(*testing.T) sourcetest.Rig {
				s := memory.New(options)
				return sourcetest.Rig{
					Source: s,
					Set: func(content sourcetest.Content) {
						s.Fail(nil, 0)
						s.Set(content.Objects()...)
					},
					Break:     func() { s.Fail(directory.Errorf(directory.Transient, "no answer"), 1) },
					MayReplay: options.Replay > 0,
				}
			})
		})
	}
}

func user(id, department string) directory.Object {
	return directory.Object{
		Type: directory.User, Anchor: directory.Anchor(id),
		Attributes: map[string]directory.Value{"department": directory.Text(department)},
	}
}

func everybody(members ...directory.Anchor) directory.Object {
	return directory.Object{
		Type: directory.Group, Anchor: "all",
		References: map[string][]directory.Anchor{directory.ReferenceMembers: members},
	}
}

func changesOf(t *testing.T, s *memory.Source, since source.Watermark) ([]source.Change, source.Result) {
	t.Helper()
	var changes []source.Change
	result, err := s.Changes(t.Context(), since, func(page []source.Change) error {
		changes = append(changes, page...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return changes, result
}

func TestPartialChangesHoldOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	s := memory.New(memory.Options{Partial: true})
	ada := user("ada", "Sales")
	ada.Attributes["mail"] = directory.Text("ada@example.org")
	s.Put(ada, everybody("ada", "bob"))
	_, start := changesOf(t, s, "")

	gone := user("ada", "IT")
	gone.Removed = directory.SoftDeleted
	s.Put(gone, everybody("cyd", "ada"))
	s.Remove(directory.Group, "all")
	s.Remove(directory.Group, "never there")
	got, _ := changesOf(t, s, start.Watermark)

	want := []source.Change{
		{Partial: true, Object: directory.Object{
			Type: directory.User, Anchor: "ada", Removed: directory.SoftDeleted,
			Attributes: map[string]directory.Value{"department": directory.Text("IT"), "mail": directory.Null()},
		}},
		{
			Partial: true, Object: directory.Object{Type: directory.Group, Anchor: "all", Attributes: map[string]directory.Value{}},
			Added:   map[string][]directory.Anchor{"members": {"cyd"}},
			Removed: map[string][]directory.Anchor{"members": {"bob"}},
		},
		{Object: directory.Object{Type: directory.Group, Anchor: "all", Removed: directory.HardDeleted}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestReplayRepeatsTheLastChanges(t *testing.T) {
	t.Parallel()
	s := memory.New(memory.Options{Replay: 1})
	s.Put(user("ada", "Sales"), user("bob", "IT"))
	_, start := changesOf(t, s, "")
	s.Put(user("cyd", "IT"))
	got, _ := changesOf(t, s, start.Watermark)
	var anchors []directory.Anchor
	for _, change := range got {
		anchors = append(anchors, change.Object.Anchor)
	}
	if diff := cmp.Diff([]directory.Anchor{"bob", "cyd"}, anchors); diff != "" {
		t.Errorf("changed objects (-want +got):\n%s", diff)
	}
}

func TestSameContentIsNoChange(t *testing.T) {
	t.Parallel()
	s := memory.New(memory.Options{})
	s.Put(user("ada", "Sales"), everybody("bob", "ada"))
	_, start := changesOf(t, s, "")
	s.Put(user("ada", "Sales"))
	s.Set(everybody("ada", "bob", "ada"), user("ada", "Sales"))
	if got, _ := changesOf(t, s, start.Watermark); len(got) > 0 {
		t.Errorf("nothing changed, and the source delivered %v", got)
	}
}

func TestExpiredWatermark(t *testing.T) {
	t.Parallel()
	s := memory.New(memory.Options{Replay: 9})
	s.Put(user("ada", "Sales"))
	_, start := changesOf(t, s, "")
	s.Expire()
	for _, since := range []source.Watermark{start.Watermark, "memory:99", "sha256:00", "memory:x"} {
		_, err := s.Changes(t.Context(), since, func([]source.Change) error { return nil })
		if !errors.Is(err, source.ErrWatermarkExpired) {
			t.Errorf("watermark %q: got %v, want ErrWatermarkExpired", since, err)
		}
	}
	changes, again := changesOf(t, s, "")
	if len(changes) != 1 || !again.Complete {
		t.Errorf("starting again delivered %v, complete %v; want one user, complete", changes, again.Complete)
	}
	if _, result := changesOf(t, s, again.Watermark); result.Complete {
		t.Error("the new watermark was not accepted")
	}
}
