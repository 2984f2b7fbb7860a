package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
)

// Rig is one source under test with the handles the suite moves it by.
type Rig struct {
	Source source.Source
	// Set makes the source hold exactly this content.
	Set func(content Content)
	// Break makes the source unusable until the next Set: a read may deliver pages, and then fails.
	Break func()
	// MayReplay says that a read may deliver changes again, even when nothing changed.
	MayReplay bool
}

// Factory returns a rig of its own for each call. Its source is empty.
type Factory func(t *testing.T) Rig

// Run checks everything the contract promises.
func Run(t *testing.T, factory Factory) {
	t.Helper()
	cases := []struct {
		name string
		run  func(t *testing.T, rig Rig)
	}{
		{"the first read delivers everything", firstRead},
		{"an empty source is complete", emptySource},
		{"an unchanged source delivers nothing", unchanged},
		{"changes arrive", changesArrive},
		{"many changes in a row arrive", manySteps},
		{"pages are bounded", pagesBounded},
		{"an error of deliver ends the read", deliverFails},
		{"a cancelled context ends the read", cancelled},
		{"a context cancelled on the way ends the read", cancelledOnTheWay},
		{"an unusable source is an error and recovers", brokenRecovers},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, factory(t))
		})
	}
	t.Run("the same content is delivered in the same order", func(t *testing.T) {
		t.Parallel()
		deterministic(t, factory(t), factory(t))
	})
}

// people is a content with everything the suite knows: managers in both directions of the order, groups
// that share members, a disabled user.
func people() Content {
	return Content{
		Users: []User{
			{ID: "u-ada", Attributes: map[string]string{"displayName": "Ada Byron", "department": "Sales"}, Manager: "u-cyd"},
			{ID: "u-bob", Attributes: map[string]string{"displayName": "Bob, the \"builder\"", "employeeId": "0042"}, Manager: "u-ada"},
			{ID: "u-cyd", Attributes: map[string]string{"displayName": "Çyd 夏", "department": "IT"}},
			{ID: "u-dan", Attributes: map[string]string{"displayName": "Dan"}, Disabled: true, Manager: "u-cyd"},
		},
		Groups: []Group{
			{ID: "Engineering", Members: []string{"u-cyd", "u-ada"}},
			{ID: "Sales", Members: []string{"u-ada"}},
		},
	}
}

func firstRead(t *testing.T, rig Rig) {
	rig.Set(people())
	pages, result := read(t, rig, "")
	if !result.Complete {
		t.Error("a read from the empty watermark is not complete")
	}
	if result.Watermark == "" {
		t.Error("no watermark: the next read would start from the beginning")
	}
	got := mirror{}
	got.apply(pages, result.Complete)
	compare(t, got, people())
	whole := map[key]bool{}
	for _, page := range pages {
		for _, change := range page {
			k := key{change.Object.Type, change.Object.Anchor}
			if change.Partial && !whole[k] {
				t.Errorf("the first read delivered %s %s in part", change.Object.Type, change.Object.Anchor)
			}
			whole[k] = true
		}
	}
}

func emptySource(t *testing.T, rig Rig) {
	rig.Set(Content{})
	pages, result := read(t, rig, "")
	if len(pages) > 0 || !result.Complete {
		t.Errorf("an empty source delivered %v, complete %v; want no pages, complete", pages, result.Complete)
	}
	// Everybody arrives later, and everybody leaves again.
	got := mirror{}
	for _, content := range []Content{people(), {}} {
		rig.Set(content)
		result = follow(t, rig, got, result.Watermark)
		compare(t, got, content)
	}
}

func unchanged(t *testing.T, rig Rig) {
	rig.Set(people())
	got := mirror{}
	result := follow(t, rig, got, "")
	for range 2 {
		pages, again := read(t, rig, result.Watermark)
		if len(pages) > 0 && !rig.MayReplay {
			t.Errorf("nothing changed, and the source delivered %v", pages)
		}
		if again.Complete {
			t.Error("nothing was delivered, and the source says that this is everything there is")
		}
		got.apply(pages, again.Complete)
		compare(t, got, people())
		result = again
	}
	// The empty watermark means everything, whatever was read before.
	pages, whole := read(t, rig, "")
	fresh := mirror{}
	fresh.apply(pages, whole.Complete)
	compare(t, fresh, people())
}

// steps are the ways content changes, one at a time.
func steps() []struct {
	name   string
	change func(content *Content)
} {
	return []struct {
		name   string
		change func(content *Content)
	}{
		{"attribute changed", func(c *Content) { c.Users[0].Attributes["department"] = "Marketing" }},
		{"attribute added", func(c *Content) { c.Users[3].Attributes["mail"] = "dan@example.org" }},
		{"attribute cleared", func(c *Content) { delete(c.Users[2].Attributes, "department") }},
		{"manager changed", func(c *Content) { c.Users[1].Manager = "u-dan" }},
		{"manager cleared", func(c *Content) { c.Users[0].Manager = "" }},
		{"user disabled", func(c *Content) { c.Users[2].Disabled = true }},
		{"user enabled", func(c *Content) { c.Users[3].Disabled = false }},
		{"user soft-deleted", func(c *Content) { c.Users[1].DeletedDateTime = "2026-10-01T08:00:00Z" }},
		{"user restored", func(c *Content) { c.Users[1].DeletedDateTime = "" }},
		{"user added", func(c *Content) {
			c.Users = append(c.Users, User{ID: "u-eve", Attributes: map[string]string{"displayName": "Eve"}, Manager: "u-bob"})
		}},
		{"group added", func(c *Content) { c.Groups = append(c.Groups, Group{ID: "Night shift", Members: []string{"u-eve"}}) }},
		{"member added", func(c *Content) { c.Groups[1].Members = append(c.Groups[1].Members, "u-bob", "u-eve") }},
		{"member removed", func(c *Content) { c.Groups[0].Members = []string{"u-cyd"} }},
		{"group removed", func(c *Content) { c.Groups = c.Groups[1:] }},
		{"user removed", func(c *Content) {
			c.Users = c.Users[1:]
			c.Groups[0].Members = []string{"u-bob", "u-eve"}
		}},
	}
}

func changesArrive(t *testing.T, rig Rig) {
	content := people()
	rig.Set(content)
	got := mirror{}
	result := follow(t, rig, got, "")
	for _, step := range steps() {
		content = content.clone()
		step.change(&content)
		rig.Set(content)
		result = follow(t, rig, got, result.Watermark)
		if diff := cmp.Diff(mirrorOf(content), got); diff != "" {
			t.Fatalf("after %q (-want +got):\n%s", step.name, diff)
		}
	}
}

// manySteps reads once after all changes: what happened in between need not show, the end must.
func manySteps(t *testing.T, rig Rig) {
	content := people()
	rig.Set(content)
	got := mirror{}
	result := follow(t, rig, got, "")
	for _, step := range steps() {
		content = content.clone()
		step.change(&content)
		rig.Set(content)
	}
	follow(t, rig, got, result.Watermark)
	compare(t, got, content)
}

func crowd(size int) Content {
	var content Content
	for i := range size {
		content.Users = append(content.Users, User{
			ID: fmt.Sprintf("u-%05d", i), Attributes: map[string]string{"displayName": fmt.Sprintf("Person %d", i)},
		})
	}
	return content
}

func pagesBounded(t *testing.T, rig Rig) {
	// One object more than two pages: the rest must arrive too.
	content := crowd(2*source.PageSize + 1)
	rig.Set(content)
	pages, result := read(t, rig, "")
	if len(pages) < 3 {
		t.Errorf("%d pages for %d users, want at least 3", len(pages), len(content.Users))
	}
	got := mirror{}
	got.apply(pages, result.Complete)
	compare(t, got, content)
	// A full page exactly is not followed by an empty one.
	content.Users = content.Users[:source.PageSize]
	rig.Set(content)
	pages, _ = read(t, rig, "")
	got.apply(pages, true)
	compare(t, got, content)
}

func deliverFails(t *testing.T, rig Rig) {
	rig.Set(crowd(2*source.PageSize + 1))
	// Errors a source could mistake for its own, too.
	for _, refused := range []error{errors.New("the store is full"), io.EOF, directory.Errorf(directory.Invalid, "not for us")} {
		calls := 0
		result, err := rig.Source.Changes(t.Context(), "", func([]source.Change) error {
			calls++
			if calls == 2 {
				return refused
			}
			return nil
		})
		// The very value: a caller may compare it with its own.
		if unchanged := any(err) == any(refused); !unchanged || calls != 2 {
			t.Errorf("got error %v after %d calls of deliver, want deliver's own error unchanged after 2: %v", err, calls, refused)
		}
		if result != (source.Result{}) {
			t.Errorf("a failed read returned %+v, want nothing usable", result)
		}
	}
}

func cancelled(t *testing.T, rig Rig) {
	rig.Set(people())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := rig.Source.Changes(ctx, "", func(page []source.Change) error {
		t.Errorf("delivered %v after the context was cancelled", page)
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func cancelledOnTheWay(t *testing.T, rig Rig) {
	rig.Set(crowd(2*source.PageSize + 1))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	result, err := rig.Source.Changes(ctx, "", func([]source.Change) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || result != (source.Result{}) {
		t.Errorf("got %+v, %v, want nothing usable and context.Canceled", result, err)
	}
}

func brokenRecovers(t *testing.T, rig Rig) {
	rig.Set(people())
	got := mirror{}
	result := follow(t, rig, got, "")
	rig.Break()
	for _, since := range []source.Watermark{"", result.Watermark} {
		failed, err := rig.Source.Changes(t.Context(), since, func([]source.Change) error { return nil })
		if err == nil || failed != (source.Result{}) {
			t.Fatalf("a broken source returned %+v, %v; want nothing usable and an error", failed, err)
		}
		if directory.KindOf(err) == directory.Fatal {
			t.Errorf("the error has no kind: %v", err)
		}
	}
	content := people()
	content.Users[0].Attributes["department"] = "Marketing"
	rig.Set(content)
	follow(t, rig, got, result.Watermark)
	compare(t, got, content)
}

func deterministic(t *testing.T, first, second Rig) {
	var watermarks [2]source.Watermark
	content := people()
	for _, next := range []func(*Content){func(*Content) {}, steps()[0].change} {
		content = content.clone()
		next(&content)
		var pages [2][][]source.Change
		for i, rig := range []Rig{first, second} {
			rig.Set(content)
			var result source.Result
			pages[i], result = read(t, rig, watermarks[i])
			watermarks[i] = result.Watermark
		}
		if diff := cmp.Diff(pages[0], pages[1]); diff != "" {
			t.Errorf("the same content was delivered differently:\n%s", diff)
		}
	}
}

// read makes one call that must succeed, and checks what holds for every page.
func read(t *testing.T, rig Rig, since source.Watermark) ([][]source.Change, source.Result) {
	t.Helper()
	var pages [][]source.Change
	result, err := rig.Source.Changes(t.Context(), since, func(page []source.Change) error {
		if len(page) == 0 || len(page) > source.PageSize {
			t.Errorf("a page of %d changes, want 1 to %d", len(page), source.PageSize)
		}
		for _, change := range page {
			if change.Object.Anchor == "" {
				t.Errorf("an object without anchor: %+v", change)
			}
		}
		pages = append(pages, page)
		return nil
	})
	if err != nil {
		t.Fatalf("reading since %q: %v", since, err)
	}
	return pages, result
}

// follow reads the changes since a watermark into a mirror.
func follow(t *testing.T, rig Rig, got mirror, since source.Watermark) source.Result {
	t.Helper()
	pages, result := read(t, rig, since)
	got.apply(pages, result.Complete)
	return result
}

func compare(t *testing.T, got mirror, want Content) {
	t.Helper()
	if diff := cmp.Diff(mirrorOf(want), got); diff != "" {
		t.Errorf("what a caller knows of the source (-want +got):\n%s", diff)
	}
}
