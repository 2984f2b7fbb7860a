package storetest

import (
	"context"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

func imports() []testCase {
	ctx := context.Background()
	hardDeleted := func(objectType directory.ObjectType, anchor directory.Anchor) directory.Object {
		return directory.Object{Type: objectType, Anchor: anchor, Removed: directory.HardDeleted}
	}
	return []testCase{
		on("an object put as it is keeps its position", func(t *testing.T, s store.Store) {
			first := put(t, s, true, user("a"), user("b"), group("g", "a"))
			again := put(t, s, true, group("g", "a"), user("b"), user("a"))
			equal(t, again, first)
			equal(t, changed(t, s, directory.User, first.Position), []directory.Anchor{})
		}),
		on("any difference is a change", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"))
			for _, change := range []func(*directory.Object){
				func(o *directory.Object) { o.Attributes["displayName"] = directory.Text("A") },
				func(o *directory.Object) { o.Attributes["level"] = directory.Integer(1) },
				func(o *directory.Object) { o.Attributes["level"] = directory.Text("1") },
				func(o *directory.Object) { o.References["manager"] = []directory.Anchor{"b"} },
				func(o *directory.Object) { o.References["manager"] = []directory.Anchor{"b", "c"} },
				func(o *directory.Object) { o.Removed = directory.SoftDeleted },
				func(o *directory.Object) { *o = user("a") },
			} {
				before, err := s.CopyState(ctx, copyID)
				must(t, err)
				object := get(t, s, directory.User, "a")
				change(&object)
				after := put(t, s, true, object)
				equal(t, after.Position, before.Position+1)
				equal(t, changed(t, s, directory.User, before.Position), []directory.Anchor{"a"})
				equal(t, get(t, s, directory.User, "a"), object)
			}
		}),
		on("positions never repeat", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"), user("b"), group("g", "a", "b"))
			put(t, s, true, user("b"), group("g", "b"))
			put(t, s, true, user("a"), user("b"), user("c"), group("g", "a"))
			seen := map[int64]directory.Anchor{}
			for _, objectType := range directory.ObjectTypes() {
				objects, err := s.Objects(ctx, copyID, objectType, 0, everything, 10)
				must(t, err)
				for _, object := range objects {
					if other, taken := seen[object.Position]; taken {
						t.Errorf("%s and %s are both at %d", object.Anchor, other, object.Position)
					}
					seen[object.Position] = object.Anchor
				}
			}
			equal(t, len(seen), 4)
		}),
		on("a complete import hard-deletes what was not put", func(t *testing.T, s store.Store) {
			first := put(t, s, true, user("a"), user("b"), group("g", "a", "b"), group("h"))
			put(t, s, true, user("b"), group("h"))
			equal(t, changed(t, s, directory.User, first.Position), []directory.Anchor{"a", "b"}) // b lost its group
			equal(t, changed(t, s, directory.Group, first.Position), []directory.Anchor{"g"})
			equal(t, get(t, s, directory.User, "a"), hardDeleted(directory.User, "a"))
			equal(t, get(t, s, directory.Group, "g"), hardDeleted(directory.Group, "g"))
			equal(t, get(t, s, directory.User, "b"), user("b"))
		}),
		on("a tombstone stays where it is", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"), user("b"))
			gone := put(t, s, true, user("b"))
			equal(t, put(t, s, true, user("b")), gone)
		}),
		on("an import that is not complete deletes nothing", func(t *testing.T, s store.Store) {
			first := put(t, s, true, user("a"))
			put(t, s, false, user("b"))
			equal(t, changed(t, s, directory.User, first.Position), []directory.Anchor{"b"})
			equal(t, get(t, s, directory.User, "a"), user("a"))
		}),
		on("an empty complete import deletes everything", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"), group("g"))
			put(t, s, true)
			equal(t, get(t, s, directory.User, "a"), hardDeleted(directory.User, "a"))
			equal(t, get(t, s, directory.Group, "g"), hardDeleted(directory.Group, "g"))
		}),
		on("a user who is touched but not put is deleted all the same", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"), group("g", "a"))
			put(t, s, true, group("g"))
			equal(t, get(t, s, directory.User, "a"), hardDeleted(directory.User, "a"))
		}),
		on("a deleted object can come back", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"))
			gone := put(t, s, true)
			put(t, s, true, user("a"))
			equal(t, changed(t, s, directory.User, gone.Position), []directory.Anchor{"a"})
			equal(t, get(t, s, directory.User, "a"), user("a"))
		}),
		on("a delivered deletion empties the object, also of one that was never seen", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"))
			deleted := user("a")
			deleted.Removed = directory.HardDeleted
			unknown := hardDeleted(directory.User, "u")
			put(t, s, false, deleted, unknown)
			equal(t, get(t, s, directory.User, "a"), hardDeleted(directory.User, "a"))
			equal(t, get(t, s, directory.User, "u"), unknown)
		}),
		on("the last of several changes of an object wins", func(t *testing.T, s store.Store) {
			last := user("a")
			last.Attributes["displayName"] = directory.Text("last")
			state := put(t, s, true, user("a"), user("b"), last)
			equal(t, get(t, s, directory.User, "a"), last)
			equal(t, state.Position, int64(2))
			// The same across several calls of Put.
			_, err := s.Import(ctx, copyID, day, func(im store.Importer) (store.ImportResult, error) {
				must(t, im.Put(ctx, []store.ObjectChange{{Object: user("b")}, {Object: user("c")}}))
				must(t, im.Put(ctx, []store.ObjectChange{{Object: hardDeleted(directory.User, "c")}}))
				return store.ImportResult{Complete: true}, im.Put(ctx, []store.ObjectChange{{Object: user("a")}})
			})
			must(t, err)
			equal(t, get(t, s, directory.User, "a"), user("a"))
			equal(t, get(t, s, directory.User, "c"), hardDeleted(directory.User, "c"))
		}),
		on("users and groups may have the same anchor", func(t *testing.T, s store.Store) {
			put(t, s, true, user("x"), group("x", "x"))
			equal(t, get(t, s, directory.User, "x"), user("x"))
			equal(t, get(t, s, directory.Group, "x"), group("x", "x"))
		}),
	}
}

func partialImports() []testCase {
	partial := func(object directory.Object) store.ObjectChange {
		return store.ObjectChange{Object: object, Partial: true}
	}
	attributes := func(values map[string]directory.Value) directory.Object {
		return directory.Object{Type: directory.User, Anchor: "a", Attributes: values}
	}
	return []testCase{
		on("absent attributes stay, null ones go, others change", func(t *testing.T, s store.Store) {
			whole := user("a")
			whole.Attributes["mail"] = directory.Text("old")
			whole.Attributes["city"] = directory.Text("Zürich")
			whole.References["manager"] = []directory.Anchor{"m"}
			first := put(t, s, true, whole)
			putChanges(t, s, false, partial(attributes(map[string]directory.Value{
				"mail": directory.Text("new"), "city": directory.Null(), "level": directory.Integer(3),
			})))
			want := user("a")
			want.Attributes["mail"] = directory.Text("new")
			want.Attributes["level"] = directory.Integer(3)
			want.References["manager"] = []directory.Anchor{"m"}
			equal(t, get(t, s, directory.User, "a"), want)
			equal(t, changed(t, s, directory.User, first.Position), []directory.Anchor{"a"})
		}),
		on("an unknown object is stored as a new one", func(t *testing.T, s store.Store) {
			putChanges(t, s, false, partial(attributes(map[string]directory.Value{"displayName": directory.Text("a")})))
			equal(t, get(t, s, directory.User, "a"), user("a"))
		}),
		on("a change without effect keeps the position", func(t *testing.T, s store.Store) {
			first := put(t, s, true, user("a"), group("g", "a"))
			same := putChanges(t, s, false,
				partial(attributes(map[string]directory.Value{"displayName": directory.Text("a"), "gone": directory.Null()})),
				store.ObjectChange{
					Object: directory.Object{Type: directory.Group, Anchor: "g"}, Partial: true,
					Added:   map[string][]directory.Anchor{"members": {"a"}},
					Removed: map[string][]directory.Anchor{"members": {"z"}},
				})
			equal(t, same.Position, first.Position)
		}),
		on("relations change by what is added and removed", func(t *testing.T, s store.Store) {
			first := put(t, s, true, user("a"), user("b"), user("c"), group("g", "a", "b"))
			putChanges(t, s, false, store.ObjectChange{
				Object: directory.Object{Type: directory.Group, Anchor: "g"}, Partial: true,
				Added:   map[string][]directory.Anchor{"members": {"c"}, "owners": {"b"}},
				Removed: map[string][]directory.Anchor{"members": {"a"}},
			})
			want := group("g", "b", "c")
			want.References["owners"] = []directory.Anchor{"b"}
			equal(t, get(t, s, directory.Group, "g"), want)
			equal(t, changed(t, s, directory.User, first.Position), []directory.Anchor{"a", "c"})
		}),
		on("changes of one object in one page build on each other", func(t *testing.T, s store.Store) {
			put(t, s, true, group("g", "a"))
			add := func(anchor directory.Anchor) store.ObjectChange {
				return store.ObjectChange{
					Object: directory.Object{Type: directory.Group, Anchor: "g"}, Partial: true,
					Added: map[string][]directory.Anchor{"members": {anchor}},
				}
			}
			putChanges(t, s, false, add("b"), store.ObjectChange{Object: group("g", "x")}, add("y"), add("z"))
			equal(t, get(t, s, directory.Group, "g"), group("g", "x", "y", "z"))
		}),
		on("an object is soft-deleted and restored with its content", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"))
			removed := attributes(nil)
			removed.Removed = directory.SoftDeleted
			putChanges(t, s, false, partial(removed))
			want := user("a")
			want.Removed = directory.SoftDeleted
			equal(t, get(t, s, directory.User, "a"), want)
			putChanges(t, s, false, partial(attributes(nil)))
			equal(t, get(t, s, directory.User, "a"), user("a"))
		}),
		on("a partial change of a tombstone starts from nothing", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"))
			put(t, s, true)
			putChanges(t, s, false, partial(attributes(map[string]directory.Value{"mail": directory.Text("m")})))
			equal(t, get(t, s, directory.User, "a"), directory.Object{
				Type: directory.User, Anchor: "a", Attributes: map[string]directory.Value{"mail": directory.Text("m")},
				References: map[string][]directory.Anchor{},
			})
		}),
	}
}

func groupMembers() []testCase {
	ctx := context.Background()
	among := func(t *testing.T, s store.Store, groups, candidates []directory.Anchor) map[directory.Anchor]bool {
		t.Helper()
		members, err := s.MembersAmong(ctx, copyID, groups, candidates, false)
		must(t, err)
		return members
	}
	all := []directory.Anchor{"a", "b", "c"}
	switchedOff := func(anchor directory.Anchor, value directory.Value, members ...directory.Anchor) directory.Object {
		object := group(anchor, members...)
		object.Attributes["securityEnabled"] = value
		return object
	}
	return []testCase{
		on("a user whose memberships change is touched", func(t *testing.T, s store.Store) {
			first := put(t, s, true, user("a"), user("b"), user("c"), group("g", "a", "b"), group("h", "c"))
			put(t, s, true, user("a"), user("b"), user("c"), group("g", "b", "c"), group("h", "c"))
			equal(t, changed(t, s, directory.User, first.Position), []directory.Anchor{"a", "c"})
			equal(t, changed(t, s, directory.Group, first.Position), []directory.Anchor{"g"})
			equal(t, get(t, s, directory.User, "a"), user("a"))
		}),
		on("a user who changes and is touched gets one position", func(t *testing.T, s store.Store) {
			first := put(t, s, true, user("a"), group("g"))
			other := user("a")
			other.Attributes["mail"] = directory.Text("m")
			for _, order := range [][]directory.Object{{other, group("g", "a")}, {group("g"), user("a")}} {
				before, err := s.CopyState(ctx, copyID)
				must(t, err)
				put(t, s, true, order...)
				equal(t, changed(t, s, directory.User, before.Position), []directory.Anchor{"a"})
			}
			if first.Position != 2 {
				t.Errorf("first import ended at %d, want 2", first.Position)
			}
		}),
		on("a deleted group touches its members", func(t *testing.T, s store.Store) {
			first := put(t, s, true, user("a"), user("b"), group("g", "a"))
			put(t, s, true, user("a"), user("b"))
			equal(t, changed(t, s, directory.User, first.Position), []directory.Anchor{"a"})
			equal(t, among(t, s, []directory.Anchor{"g"}, all), map[directory.Anchor]bool{})
		}),
		on("members among candidates", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"), user("b"), user("c"), group("g", "a", "x"), group("h", "b", "a"), group("i", "c"))
			equal(t, among(t, s, []directory.Anchor{"g"}, all), map[directory.Anchor]bool{"a": true})
			equal(t, among(t, s, []directory.Anchor{"g", "h", "unknown"}, all), map[directory.Anchor]bool{"a": true, "b": true})
			equal(t, among(t, s, []directory.Anchor{"g", "h", "i"}, []directory.Anchor{"c", "z"}), map[directory.Anchor]bool{"c": true})
			equal(t, among(t, s, nil, all), map[directory.Anchor]bool{})
			equal(t, among(t, s, []directory.Anchor{"g"}, nil), map[directory.Anchor]bool{})
		}),
		on("only direct members count", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"), group("inner", "a"), group("outer", "inner"))
			equal(t, among(t, s, []directory.Anchor{"outer"}, all), map[directory.Anchor]bool{})
		}),
		on("removed groups and groups that are not security-enabled have no members", func(t *testing.T, s store.Store) {
			removed := group("removed", "a")
			removed.Removed = directory.SoftDeleted
			put(t, s, true, user("a"), user("b"), user("c"), removed,
				switchedOff("off", directory.Boolean(false), "b"), switchedOff("off as text", directory.Text("False"), "b"),
				switchedOff("on", directory.Boolean(true), "c"))
			equal(t, among(t, s, []directory.Anchor{"removed", "off", "off as text", "on"}, all), map[directory.Anchor]bool{"c": true})
		}),
		on("a group that starts or stops counting touches all its members", func(t *testing.T, s store.Store) {
			before := put(t, s, true, user("a"), user("b"), user("c"), group("g", "a", "b"))
			for _, next := range []directory.Object{
				switchedOff("g", directory.Boolean(false), "a", "b"), switchedOff("g", directory.Boolean(true), "a", "b"),
			} {
				after := put(t, s, false, next)
				equal(t, changed(t, s, directory.User, before.Position), []directory.Anchor{"a", "b"})
				before = after
			}
		}),
	}
}
