package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// link makes a managed link of a user or group whose target anchor is "t-" and the source anchor.
func link(objectType directory.ObjectType, source directory.Anchor) store.Link {
	return store.Link{
		LinkKey: store.LinkKey{Type: objectType, Source: source}, Target: "t-" + source, MatchKey: string(source), Name: "Name of " + string(source),
		Managed: true, Active: true, Exported: map[string]directory.Value{}, LinkedAt: day,
	}
}

func userKey(source directory.Anchor) store.LinkKey {
	return store.LinkKey{Type: directory.User, Source: source}
}

func links() []testCase {
	ctx := context.Background()
	sources := func(found []store.Link) []directory.Anchor {
		var anchors []directory.Anchor
		for _, l := range found {
			anchors = append(anchors, l.Source)
		}
		return anchors
	}
	return []testCase{
		on("a link comes back as it was, and is replaced whole", func(t *testing.T, s store.Store) {
			first := link(directory.User, "a")
			first.Exported = map[string]directory.Value{
				"userName": directory.Text("a\"ß"), "active": directory.Boolean(true), "n": directory.Integer(7), "roles": directory.List(directory.Text("x")),
			}
			second := store.Link{LinkKey: userKey("a"), Target: "other", Exported: map[string]directory.Value{}, LinkedAt: day.AddDate(0, 0, 1)}
			for _, want := range []store.Link{first, second} {
				keep(t, s, store.Batch{PutLinks: []store.Link{want}})
				got, err := s.LinksBySource(ctx, jobID, directory.User, []directory.Anchor{"a", "unknown"})
				must(t, err)
				equal(t, got, map[directory.Anchor]store.Link{"a": want})
			}
		}),
		on("by source, of one type and one job, more than a statement can name", func(t *testing.T, s store.Store) {
			batch := store.Batch{PutLinks: []store.Link{link(directory.Group, "0")}}
			var anchors []directory.Anchor
			for i := range 1100 {
				anchors = append(anchors, directory.Anchor(fmt.Sprint(i)))
				batch.PutLinks = append(batch.PutLinks, link(directory.User, anchors[i]))
			}
			keep(t, s, batch)
			commit(t, s, "crm/other")
			found, err := s.LinksBySource(ctx, jobID, directory.User, anchors)
			must(t, err)
			equal(t, len(found), 1100)
			equal(t, found["0"], link(directory.User, "0"))
			none, err := s.LinksBySource(ctx, "crm/other", directory.User, anchors)
			must(t, err)
			equal(t, len(none), 0)
		}),
		on("by match key, each list sorted", func(t *testing.T, s store.Store) {
			b, a, c, g := link(directory.User, "b"), link(directory.User, "a"), link(directory.User, "c"), link(directory.Group, "g")
			a.MatchKey, b.MatchKey, g.MatchKey, a.Managed = "same", "same", "same", false
			keep(t, s, store.Batch{PutLinks: []store.Link{b, a, c, g}})
			got, err := s.LinksByMatchKey(ctx, jobID, directory.User, []string{"same", "c", "none", "same"})
			must(t, err)
			equal(t, got, map[string][]store.Link{"same": {a, b}, "c": {c}})
		}),
		on("by target, each list sorted", func(t *testing.T, s store.Store) {
			b, a, c := link(directory.User, "b"), link(directory.User, "a"), link(directory.User, "c")
			a.Target, b.Target = "same", "same"
			keep(t, s, store.Batch{PutLinks: []store.Link{b, a, c}})
			got, err := s.LinksByTarget(ctx, jobID, directory.User, []directory.Anchor{"same", "t-c", "none", "same"})
			must(t, err)
			equal(t, got, map[directory.Anchor][]store.Link{"same": {a, b}, "t-c": {c}})
		}),
		on("owners in several jobs, managed ones only", func(t *testing.T, s store.Store) {
			b, a, c, g := link(directory.User, "b"), link(directory.User, "a"), link(directory.User, "c"), link(directory.Group, "g")
			for _, same := range []*store.Link{&a, &b, &c, &g} {
				same.Target, same.MatchKey = "same", "key"
			}
			c.Managed = false
			keep(t, s, store.Batch{PutLinks: []store.Link{b, a, c, g}})
			for _, id := range []string{"crm/other", "crm/third"} {
				commit(t, s, id)
				fence, err := s.Lease(ctx, id, "test", day, time.Hour)
				must(t, err)
				must(t, s.Record(ctx, id, fence, store.Batch{PutLinks: []store.Link{a}}))
			}
			want := []store.Owner{{JobID: "crm/other", Link: a}, {JobID: jobID, Link: a}, {JobID: jobID, Link: b}}
			byTarget, err := s.OwnersByTarget(ctx, []string{jobID, "crm/other", "none/such", jobID}, directory.User, []directory.Anchor{"same", "none", "same"})
			must(t, err)
			equal(t, byTarget, map[directory.Anchor][]store.Owner{"same": want})
			byKey, err := s.OwnersByMatchKey(ctx, []string{jobID, "crm/other"}, directory.User, []string{"none", "key"})
			must(t, err)
			equal(t, byKey, map[string][]store.Owner{"key": want})
			nobody, err := s.OwnersByTarget(ctx, nil, directory.User, []directory.Anchor{"same"})
			must(t, err)
			equal(t, nobody, map[directory.Anchor][]store.Owner{})
		}),
		on("list in pages", func(t *testing.T, s store.Store) {
			keep(t, s, store.Batch{PutLinks: []store.Link{
				link(directory.User, "c"), link(directory.User, "a"), link(directory.Group, "b"), link(directory.User, "d"),
			}})
			for _, page := range []struct {
				after directory.Anchor
				limit int
				want  []directory.Anchor
			}{{"", 2, []directory.Anchor{"a", "c"}}, {"c", 2, []directory.Anchor{"d"}}, {"d", 2, nil}, {"", 0, nil}} {
				found, err := s.ListLinks(ctx, jobID, directory.User, page.after, page.limit)
				must(t, err)
				equal(t, sources(found), page.want)
			}
		}),
		on("orphans are links the copy does not know", func(t *testing.T, s store.Store) {
			put(t, s, true, user("a"), user("gone"), group("x"))
			put(t, s, true, user("a"), group("x"))
			keep(t, s, store.Batch{PutLinks: []store.Link{
				link(directory.User, "a"), link(directory.User, "gone"), link(directory.User, "x"), link(directory.User, "y"), link(directory.Group, "x"),
			}})
			found, err := s.OrphanLinks(ctx, jobID, copyID, directory.User, "", 10)
			must(t, err)
			equal(t, sources(found), []directory.Anchor{"x", "y"})
			found, err = s.OrphanLinks(ctx, jobID, copyID, directory.User, "x", 10)
			must(t, err)
			equal(t, found, []store.Link{link(directory.User, "y")})
			found, err = s.OrphanLinks(ctx, jobID, "hr@another", directory.User, "", 3)
			must(t, err)
			equal(t, sources(found), []directory.Anchor{"a", "gone", "x"})
		}),
		on("managed links are counted by type", func(t *testing.T, s store.Store) {
			unmanaged := link(directory.User, "c")
			unmanaged.Managed = false
			keep(t, s, store.Batch{PutLinks: []store.Link{link(directory.User, "a"), link(directory.User, "b"), unmanaged}})
			counts, err := s.CountManaged(ctx, jobID)
			must(t, err)
			equal(t, counts, map[directory.ObjectType]int64{directory.User: 2})
		}),
		on("deleting a link deletes what hangs on it, and only that", func(t *testing.T, s store.Store) {
			keep(t, s, fullBatch())
			bob := userKey("bob")
			keep(t, s, store.Batch{
				PutLinks:      []store.Link{link(directory.User, "bob")},
				PutReferences: []store.Reference{{LinkKey: bob, Attribute: "manager", Wanted: "ann"}},
				PutMembers:    []store.Membership{{Group: "staff", Member: "bob"}},
				PutStaged:     []store.Staged{{LinkKey: bob, Action: "delete", Since: day}},
				PutEscrow:     []store.Escrow{{LinkKey: bob}},
			})
			keep(t, s, store.Batch{DeleteLinks: []store.LinkKey{userKey("ann"), userKey("nobody")}})
			equal(t, remember(t, s, jobID), remembered{Links: 2, References: 1, Members: 1, Staged: 1, Escrow: 1, Log: 1})
			keep(t, s, store.Batch{DeleteLinks: []store.LinkKey{{Type: directory.Group, Source: "staff"}}})
			keep(t, s, store.Batch{PutLinks: []store.Link{link(directory.Group, "staff")}})
			equal(t, remember(t, s, jobID), remembered{Links: 2, References: 1, Staged: 1, Escrow: 1, Log: 1})
		}),
	}
}
