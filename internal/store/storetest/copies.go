package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

func copies() []testCase {
	ctx := context.Background()
	return []testCase{
		on("there is a zero state where there is no copy", func(t *testing.T, s store.Store) {
			state, err := s.CopyState(ctx, copyID)
			must(t, err)
			equal(t, state, store.CopyState{})
		}),
		on("import returns and keeps the new state", func(t *testing.T, s store.Store) {
			got := put(t, s, true, user("a"), user("b"))
			equal(t, got, store.CopyState{Watermark: "next", Position: 2, ReadAt: day})
			kept, err := s.CopyState(ctx, copyID)
			must(t, err)
			equal(t, kept, got)
		}),
		on("by name: in whatever case, of one attribute, type and copy", func(t *testing.T, s store.Store) {
			named := func(anchor directory.Anchor, mail, display string) directory.Object {
				object := user(anchor)
				object.Attributes = map[string]directory.Value{"mail": directory.Text(mail), "displayName": directory.Text(display), "mailNickname": directory.Integer(7)}
				return object
			}
			staff := group("g", "a")
			staff.Attributes["mail"] = directory.Text("ada@example.com")
			put(t, s, true, named("b", "Ada@Example.com", "x"), named("a", "ada@example.com", "ada@example.com"), named("c", "ada@example.org", "Ada"), staff)
			by := func(objectType directory.ObjectType, attribute, name string, limit int) []directory.Anchor {
				t.Helper()
				found, indexed, err := s.ObjectsByName(ctx, copyID, objectType, attribute, name, limit)
				must(t, err)
				if !indexed {
					return []directory.Anchor{"not indexed"}
				}
				anchors := []directory.Anchor{}
				for _, object := range found {
					anchors = append(anchors, object.Anchor)
					equal(t, object.Object, get(t, s, objectType, object.Anchor))
				}
				return anchors
			}
			equal(t, by(directory.User, "mail", "ada@example.COM", 10), []directory.Anchor{"a", "b"})
			equal(t, len(by(directory.User, "mail", "ada@example.COM", 1)), 1)
			equal(t, by(directory.User, "displayName", "ada@example.com", 10), []directory.Anchor{"a"})
			equal(t, by(directory.Group, "mail", "ADA@example.com", 10), []directory.Anchor{"g"})
			for _, attribute := range []string{"userPrincipalName", "mailNickname", "employeeId"} {
				equal(t, by(directory.User, attribute, "ada@example.com", 10), []directory.Anchor{})
			}
			equal(t, by(directory.User, "mail", "zoë@example.com", 10), []directory.Anchor{"not indexed"})
			equal(t, by(directory.User, "officeLocation", "x", 10), []directory.Anchor{"not indexed"})
			found, _, err := s.ObjectsByName(ctx, "other@0", directory.User, "mail", "ada@example.com", 10)
			must(t, err)
			equal(t, len(found), 0)
			put(t, s, true, named("c", "ada@example.com", "Ada")) // a and b are deleted, c has the name now
			equal(t, by(directory.User, "mail", "ada@example.com", 10), []directory.Anchor{"c"})
		}),
		on("every form of value comes back as it was", func(t *testing.T, s store.Store) {
			want := directory.Object{
				Type: directory.User, Anchor: "a", Removed: directory.SoftDeleted,
				Attributes: map[string]directory.Value{
					"text": directory.Text("Zoë \"q\" \\ \n \u2028 <b> \x01"), "empty": directory.Text(""), "integer": directory.Integer(-1 << 62),
					"yes": directory.Boolean(true), "no": directory.Boolean(false), "when": directory.DateTime(day.Add(123 * time.Nanosecond)),
					"list": directory.List(directory.Text("x"), directory.Integer(1), directory.List(), directory.Null()),
					"record": directory.Record(map[string]directory.Value{
						"id": directory.Text("1"), "nested": directory.Record(map[string]directory.Value{}), "at": directory.DateTime(day),
					}),
					`na"me`: directory.Text("odd name"),
				},
				References: map[string][]directory.Anchor{"manager": {"m"}, "sponsors": {"s1", "s2"}},
			}
			put(t, s, true, want)
			equal(t, get(t, s, directory.User, "a"), want)
		}),
		on("null attributes and empty relations are the same as absent ones", func(t *testing.T, s store.Store) {
			put(t, s, true, directory.Object{
				Type: directory.Group, Anchor: "g",
				Attributes: map[string]directory.Value{"a": directory.Null(), "b": directory.Text("")},
				References: map[string][]directory.Anchor{"members": {}, "owners": nil},
			})
			equal(t, get(t, s, directory.Group, "g"), directory.Object{
				Type: directory.Group, Anchor: "g", Attributes: map[string]directory.Value{"b": directory.Text("")},
				References: map[string][]directory.Anchor{},
			})
		}),
		on("relations come back sorted and without repeats", func(t *testing.T, s store.Store) {
			object := group("g", "c", "a", "b", "a")
			object.References["owners"] = []directory.Anchor{"z", "y", "z"}
			put(t, s, true, object)
			equal(t, get(t, s, directory.Group, "g").References, map[string][]directory.Anchor{
				"members": {"a", "b", "c"}, "owners": {"y", "z"},
			})
		}),
		on("objects come in pages by position, within bounds, of one type", func(t *testing.T, s store.Store) {
			put(t, s, false, user("e"), group("x"), user("d"))
			put(t, s, false, user("c"), user("b"), user("a"))
			for _, page := range []struct {
				after, to int64
				limit     int
				want      []directory.Anchor
			}{
				{0, 6, 10, []directory.Anchor{"e", "d", "c", "b", "a"}},
				{0, 6, 2, []directory.Anchor{"e", "d"}},
				{3, 5, 10, []directory.Anchor{"c", "b"}},
				{6, 6, 10, nil},
				{0, 6, 0, nil},
			} {
				objects, err := s.Objects(ctx, copyID, directory.User, page.after, page.to, page.limit)
				must(t, err)
				var anchors []directory.Anchor
				for _, object := range objects {
					anchors = append(anchors, object.Anchor)
					if object.Position <= page.after || object.Position > page.to {
						t.Errorf("object %s at %d is outside %d..%d", object.Anchor, object.Position, page.after, page.to)
					}
				}
				equal(t, anchors, page.want)
			}
			count, err := s.CountObjects(ctx, copyID, directory.User, 3, 5)
			must(t, err)
			equal(t, count, int64(2))
		}),
		on("objects by anchor, more than a statement can name at once", func(t *testing.T, s store.Store) {
			var anchors []directory.Anchor
			var objects []directory.Object
			for i := range 1203 {
				anchors = append(anchors, directory.Anchor(fmt.Sprint(i)))
				objects = append(objects, user(anchors[i]))
			}
			put(t, s, true, objects...)
			found, err := s.ObjectsByAnchor(ctx, copyID, directory.User, append(anchors, "unknown", "7"))
			must(t, err)
			equal(t, len(found), len(anchors))
			equal(t, found["1202"].Object, user("1202"))
			none, err := s.ObjectsByAnchor(ctx, copyID, directory.Group, anchors)
			must(t, err)
			equal(t, len(none), 0)
		}),
		on("attribute names of objects that are or were there", func(t *testing.T, s store.Store) {
			names := func(objectType directory.ObjectType) []string {
				found, err := s.AttributeNames(ctx, copyID, objectType)
				must(t, err)
				return found
			}
			withMail := user("a")
			withMail.Attributes["mail"] = directory.Text("a@example.com")
			withMail.References["manager"] = []directory.Anchor{"b"}
			put(t, s, true, withMail, user("b"), group("g", "a"))
			equal(t, names(directory.User), []string{"displayName", "mail", "manager"})
			equal(t, names(directory.Group), []string{"displayName", "members"})
			withPhone := user("b")
			withPhone.Attributes["phone"], withPhone.Attributes["fax"] = directory.Text("1"), directory.Null()
			put(t, s, true, withPhone)
			equal(t, names(directory.User), []string{"displayName", "mail", "manager", "phone"})
			equal(t, names(directory.Group), []string{"displayName", "members"})
		}),
		on("copies are apart, and deleted by source except those to keep", func(t *testing.T, s store.Store) {
			ids := []string{"hr@1", "hr@2", "hr@eu@1", "hr2@1"}
			for _, id := range ids {
				_, err := s.Import(ctx, id, day, func(im store.Importer) (store.ImportResult, error) {
					return store.ImportResult{Watermark: id}, im.Put(ctx, []store.ObjectChange{{Object: group("g", directory.Anchor(id))}})
				})
				must(t, err)
			}
			must(t, s.DeleteCopies(ctx, "hr", []string{"hr@2", "hr@9"}))
			for i, want := range []bool{false, true, true, true} {
				state, err := s.CopyState(ctx, ids[i])
				must(t, err)
				objects, err := s.ObjectsByAnchor(ctx, ids[i], directory.Group, []directory.Anchor{"g"})
				must(t, err)
				names, err := s.AttributeNames(ctx, ids[i], directory.Group)
				must(t, err)
				equal(t, []bool{state != store.CopyState{}, len(objects) == 1, len(names) == 2}, []bool{want, want, want})
				if want {
					equal(t, objects["g"].References["members"], []directory.Anchor{directory.Anchor(ids[i])})
				}
			}
		}),
		on("an import that fails leaves nothing and returns the reader's error", func(t *testing.T, s store.Store) {
			before := put(t, s, true, user("a"))
			broken := errors.New("the feed broke")
			state, err := s.Import(ctx, copyID, day, func(im store.Importer) (store.ImportResult, error) {
				must(t, im.Put(ctx, []store.ObjectChange{{Object: user("b")}}))
				return store.ImportResult{Watermark: "lost"}, broken
			})
			if !errors.Is(err, broken) {
				t.Errorf("got error %v, want the reader's own", err)
			}
			equal(t, state, store.CopyState{})
			after, err := s.CopyState(ctx, copyID)
			must(t, err)
			equal(t, after, before)
			equal(t, changed(t, s, directory.User, 0), []directory.Anchor{"a"})
		}),
		on("an object needs an anchor and a known type", func(t *testing.T, s store.Store) {
			for _, object := range []directory.Object{user(""), user("a\x00b"), user("\xff"), {Type: "printer", Anchor: "p"}} {
				_, err := s.Import(ctx, copyID, day, func(im store.Importer) (store.ImportResult, error) {
					return store.ImportResult{}, im.Put(ctx, []store.ObjectChange{{Object: object}})
				})
				wantKind(t, err, directory.Invalid)
			}
		}),
	}
}
