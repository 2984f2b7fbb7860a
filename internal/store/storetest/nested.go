package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// below asks for members at any depth.
func below(t *testing.T, s store.Store, groups, candidates []directory.Anchor) map[directory.Anchor]bool {
	t.Helper()
	members, err := s.MembersAmong(context.Background(), copyID, groups, candidates, true)
	must(t, err)
	return members
}

// anchors and set shorten lists and sets of anchors.
func anchors(list ...directory.Anchor) []directory.Anchor {
	return append([]directory.Anchor{}, list...)
}

func set(list ...directory.Anchor) map[directory.Anchor]bool {
	members := map[directory.Anchor]bool{}
	for _, anchor := range list {
		members[anchor] = true
	}
	return members
}

func off(anchor directory.Anchor, members ...directory.Anchor) directory.Object {
	object := group(anchor, members...)
	object.Attributes["securityEnabled"] = directory.Boolean(false)
	return object
}

func softDeleted(object directory.Object) directory.Object {
	object.Removed = directory.SoftDeleted
	return object
}

// chain makes groups c0 to c(n-1), each inside the one before it, the last one with these members.
func chain(n int, members ...directory.Anchor) []directory.Object {
	var groups []directory.Object
	for i := range n {
		inside := []directory.Anchor{directory.Anchor(fmt.Sprintf("c%d", i+1))}
		if i == n-1 {
			inside = members
		}
		groups = append(groups, group(directory.Anchor(fmt.Sprintf("c%d", i)), inside...))
	}
	return groups
}

func nestedMembers() []testCase {
	ctx := context.Background()
	all := anchors("a", "b", "c", "x")
	return []testCase{
		on("members at any depth", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"), user("b"), user("c"), group("top", "a", "mid"), group("mid", "b", "low"), group("low", "c"), group("other", "x"))
			equal(t, below(t, s, anchors("top"), all), set("a", "b", "c"))
			equal(t, below(t, s, anchors("mid"), all), set("b", "c"))
			equal(t, below(t, s, anchors("low", "other", "unknown"), all), set("c", "x"))
			equal(t, below(t, s, anchors("top"), anchors("c")), set("c"))
			equal(t, below(t, s, nil, all), set())
			equal(t, below(t, s, anchors("top"), nil), set())
		}),
		on("a copy that was never read has no nested members", func(t *testing.T, s store.Store) {
			equal(t, below(t, s, anchors("top"), all), set())
		}),
		on("several ways lead to the same member", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"), group("top", "left", "right"), group("left", "low"), group("right", "low", "a"), group("low", "a"))
			equal(t, below(t, s, anchors("top"), all), set("a"))
			equal(t, below(t, s, anchors("left", "right"), all), set("a"))
		}),
		on("groups that contain each other or themselves", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"), user("b"), user("c"),
				group("self", "self", "a"), group("one", "two", "a"), group("two", "three", "b"), group("three", "one", "c"))
			equal(t, below(t, s, anchors("self"), all), set("a"))
			equal(t, below(t, s, anchors("two"), all), set("a", "b", "c"))
			equal(t, below(t, s, anchors("one", "two", "three", "self"), all), set("a", "b", "c"))
		}),
		on("fifty groups deep", func(t *testing.T, s store.Store) {
			put(t, s, true, append(chain(50, "a"), user("a"))...)
			equal(t, below(t, s, anchors("c0"), all), set("a"))
		}),
		on("a group that does not count ends the descent, another way goes on", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"), user("b"), user("c"),
				group("top", "off", "gone", "on"), off("off", "a", "low"), softDeleted(group("gone", "b", "low")), group("on", "c"), group("low", "x"))
			equal(t, below(t, s, anchors("top"), all), set("c"))
			equal(t, below(t, s, anchors("off", "gone"), all), set())
			put(t, s, false, group("on", "c", "low"))
			equal(t, below(t, s, anchors("top"), all), set("c", "x"))
		}),
		on("an anchor that a user and a group share stands for both", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"), user("x"), group("x", "a"), group("top", "x"))
			equal(t, below(t, s, anchors("top"), all), set("a", "x"))
		}),
		on("more groups than one statement takes", func(t *testing.T, s store.Store) {
			var groups []directory.Anchor
			objects := []directory.Object{user("a"), user("b"), group("low", "b")}
			for i := range 1201 {
				anchor := directory.Anchor(fmt.Sprintf("g%d", i))
				groups = append(groups, anchor)
				objects = append(objects, group(anchor))
			}
			objects[len(objects)-1] = group("g1200", "low", "a")
			put(t, s, true, objects...)
			equal(t, below(t, s, groups, all), set("a", "b"))
		}),
		{"the answer follows the copy, whoever imports or deletes it", func(t *testing.T, open func() store.Store) {
			s, other := openFor(t, open), openFor(t, open)
			put(t, s, true, user("a"), user("b"), group("top", "low"), group("low", "a"))
			equal(t, below(t, s, anchors("top"), all), set("a"))
			equal(t, below(t, s, anchors("low"), all), set("a"))
			put(t, other, false, group("low", "b"))
			equal(t, below(t, s, anchors("top"), all), set("b"))
			_, err := s.MembersAmong(ctx, "hr@another", anchors("top"), all, true)
			must(t, err)
			must(t, s.DeleteCopies(ctx, "hr", nil))
			equal(t, below(t, s, anchors("top"), all), set())
			put(t, s, true, user("a"), user("b"), group("top", "low"), group("low"))
			put(t, s, false, group("low", "a"))
			equal(t, below(t, s, anchors("top"), all), set("a"))
		}},
		on("the direct members are what they are without the option", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"), user("b"), group("top", "a", "low"), group("low", "b"))
			equal(t, below(t, s, anchors("top"), all), set("a", "b"))
			direct, err := s.MembersAmong(ctx, copyID, anchors("top"), all, false)
			must(t, err)
			equal(t, direct, set("a"))
		}),
	}
}

// nestedTouches are about a, who is below low, and b, who is not. Each case says what is imported on top of the groups.
func nestedTouches() []testCase {
	base := func() []directory.Object {
		return []directory.Object{
			user("a"), user("b"), user("c"), group("top", "mid", "b"), group("mid", "low"), group("low", "a"), group("side", "c"),
		}
	}
	var cases []testCase
	for _, c := range []struct {
		name    string
		changes []directory.Object
		want    []directory.Anchor
	}{
		{"nothing changes", base(), anchors()},
		{"a nested group leaves", []directory.Object{group("top", "b")}, anchors("a")},
		{"a nested group leaves further down", []directory.Object{group("mid")}, anchors("a")},
		{"a nested group comes", []directory.Object{group("top", "mid", "b", "side")}, anchors("c")},
		{"a nested group moves", []directory.Object{group("mid"), group("side", "c", "low")}, anchors("a")},
		{"a nested group is switched off", []directory.Object{off("mid", "low")}, anchors("a")},
		{"the outermost group is switched off", []directory.Object{off("top", "mid", "b")}, anchors("b", "a")},
		{"a nested group is soft-deleted", []directory.Object{softDeleted(group("mid", "low"))}, anchors("a")},
		{"a nested group is deleted", []directory.Object{{Type: directory.Group, Anchor: "mid", Removed: directory.HardDeleted}}, anchors("a")},
		{"the lowest group changes", []directory.Object{group("low", "c")}, anchors("a", "c")},
		{"a new group comes with its members, seen before it is put in", []directory.Object{group("new", "c"), group("top", "mid", "b", "new")}, anchors("c")},
		{"a new group comes with its members, put in before it is seen", []directory.Object{group("top", "mid", "b", "new"), group("new", "c")}, anchors("c")},
		{"a new group is put around a group", []directory.Object{group("new", "mid")}, anchors("a")},
		{"a circle is closed", []directory.Object{group("low", "a", "top")}, anchors("a", "b")},
		{"a group is put into itself", []directory.Object{group("low", "a", "low")}, anchors("a")},
		{"a group loses one of its ways", []directory.Object{group("top", "mid", "b", "low")}, anchors("a")},
		{"both ends change at once", []directory.Object{group("top", "b"), group("low", "a", "c")}, anchors("c", "a")},
		{"only the name of a nested group changes", []directory.Object{func() directory.Object {
			named := group("mid", "low")
			named.Attributes["displayName"] = directory.Text("Middle")
			return named
		}()}, anchors()},
	} {
		cases = append(cases, on(c.name, func(t *testing.T, s store.Store) {
			before := put(t, s, true, base()...)
			put(t, s, false, c.changes...)
			equal(t, changed(t, s, directory.User, before.Position), c.want)
			equal(t, get(t, s, directory.User, "a"), user("a"))
		}))
	}
	return append(cases,
		on("a complete import without a nested group touches those below it", func(t *testing.T, s store.Store) {
			before := put(t, s, true, base()...)
			put(t, s, true, user("a"), user("b"), user("c"), group("top", "mid", "b"), group("low", "a"), group("side", "c"))
			equal(t, changed(t, s, directory.User, before.Position), anchors("a"))
		}),
		on("a group that was named before it exists touches its members when it comes", func(t *testing.T, s store.Store) {
			before := put(t, s, true, user("a"), user("b"), group("top", "later", "b"))
			put(t, s, false, group("later", "a"))
			equal(t, changed(t, s, directory.User, before.Position), anchors("a"))
		}),
		on("what is below a group that does not count is not touched through it", func(t *testing.T, s store.Store) {
			before := put(t, s, true, user("a"), user("b"), group("top", "mid"), off("mid", "low", "b"), group("low", "a"))
			after := put(t, s, false, group("top"))
			equal(t, changed(t, s, directory.User, before.Position), anchors())
			put(t, s, false, group("mid", "low", "b"))
			equal(t, changed(t, s, directory.User, after.Position), anchors("b", "a"))
		}),
		on("off and on again within one import", func(t *testing.T, s store.Store) {
			before := put(t, s, true, base()...)
			_, err := s.Import(context.Background(), copyID, day, func(im store.Importer) (store.ImportResult, error) {
				must(t, im.Put(context.Background(), []store.ObjectChange{{Object: off("low", "a")}, {Object: user("b")}}))
				must(t, im.Put(context.Background(), []store.ObjectChange{{Object: group("mid")}}))
				return store.ImportResult{}, im.Put(context.Background(), []store.ObjectChange{{Object: group("low", "a")}})
			})
			must(t, err)
			equal(t, changed(t, s, directory.User, before.Position), anchors("a"))
		}),
		on("fifty groups down", func(t *testing.T, s store.Store) {
			before := put(t, s, true, append(chain(50, "a"), user("a"), user("b"))...)
			put(t, s, false, off("c0", "c1"))
			equal(t, changed(t, s, directory.User, before.Position), anchors("a"))
		}),
		on("deleted users stay deleted below a group that moves", func(t *testing.T, s store.Store) {
			put(t, s, true, base()...)
			before := put(t, s, false, directory.Object{Type: directory.User, Anchor: "a", Removed: directory.HardDeleted})
			put(t, s, false, group("top", "b"))
			equal(t, changed(t, s, directory.User, before.Position), anchors())
		}),
	)
}
