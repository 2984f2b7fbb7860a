package storetest

import (
	"context"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

func linkSearch() []testCase {
	ctx := context.Background()
	yes, no := true, false
	all := func() []store.Link {
		named := func(objectType directory.ObjectType, source directory.Anchor, name string, managed, active bool) store.Link {
			l := link(objectType, source)
			l.Name, l.Managed, l.Active = name, managed, active
			l.Exported = map[string]directory.Value{"userName": directory.Text(name)}
			return l
		}
		return []store.Link{
			named(directory.Group, "g", "Änne's team", true, true),
			named(directory.User, "a", "Ann", true, true),
			named(directory.User, "b", "ÄNNE", true, false),
			named(directory.User, "c", "an%", false, false),
			named(directory.User, "d", "", true, true),
			named(directory.User, "e", "\xff", true, true),
		}
	}
	keys := func(found []store.Link) []store.LinkKey {
		named := []store.LinkKey{}
		for _, l := range found {
			named = append(named, l.LinkKey)
		}
		return named
	}
	users := func(sources ...directory.Anchor) []store.LinkKey {
		named := []store.LinkKey{}
		for _, source := range sources {
			named = append(named, userKey(source))
		}
		return named
	}
	staff := store.LinkKey{Type: directory.Group, Source: "g"}
	var cases []testCase
	for _, c := range []struct {
		name  string
		query store.LinkQuery
		want  []store.LinkKey
	}{
		{"everything", store.LinkQuery{}, append([]store.LinkKey{staff}, users("a", "b", "c", "d", "e")...)},
		{"type", store.LinkQuery{Type: directory.User}, users("a", "b", "c", "d", "e")},
		{"managed", store.LinkQuery{Managed: &yes, Type: directory.User}, users("a", "b", "d", "e")},
		{"not managed", store.LinkQuery{Managed: &no}, users("c")},
		{"active", store.LinkQuery{Active: &yes}, append([]store.LinkKey{staff}, users("a", "d", "e")...)},
		{"managed and not active", store.LinkQuery{Managed: &yes, Active: &no}, users("b")},
		{"name without regard to case", store.LinkQuery{NamePrefix: "AN"}, users("a", "c")},
		{"name in any language", store.LinkQuery{NamePrefix: "änne"}, append([]store.LinkKey{staff}, users("b")...)},
		{"a prefix is no pattern", store.LinkQuery{NamePrefix: "an%"}, users("c")},
		{"a prefix longer than the name", store.LinkQuery{NamePrefix: "Anna"}, users()},
		{"behind a key", store.LinkQuery{After: store.LinkKey{Type: directory.User, Source: "c"}}, users("d", "e")},
		{"behind the last of a type", store.LinkQuery{After: store.LinkKey{Type: directory.Group, Source: "zzz"}}, users("a", "b", "c", "d", "e")},
	} {
		cases = append(cases, on(c.name, func(t *testing.T, s store.Store) {
			keep(t, s, store.Batch{PutLinks: all()})
			c.query.Limit = 100
			found, err := s.SearchLinks(ctx, jobID, c.query)
			must(t, err)
			equal(t, keys(found), c.want)
			walked := []store.LinkKey{}
			c.query.Limit = 1
			for range len(c.want) + 1 {
				page, err := s.SearchLinks(ctx, jobID, c.query)
				must(t, err)
				for _, l := range page {
					walked, c.query.After = append(walked, l.LinkKey), l.LinkKey
				}
			}
			equal(t, walked, c.want)
		}))
	}
	return append(cases,
		on("links come back as they were, a job's own only", func(t *testing.T, s store.Store) {
			want := all()[:5]
			keep(t, s, store.Batch{PutLinks: want})
			commit(t, s, "crm/other")
			found, err := s.SearchLinks(ctx, jobID, store.LinkQuery{Limit: 100})
			must(t, err)
			equal(t, found, want)
			for id, limit := range map[string]int{"crm/other": 100, jobID: 0} {
				none, err := s.SearchLinks(ctx, id, store.LinkQuery{Limit: limit, NamePrefix: "a"})
				must(t, err)
				equal(t, len(none), 0)
			}
		}),
	)
}
