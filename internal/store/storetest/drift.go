package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

func drift() []testCase {
	ctx := context.Background()
	hour := func(n int) time.Time { return day.Add(time.Duration(n) * time.Hour) }
	found := func(source directory.Anchor, kind store.DriftKind, attributes ...engine.Drift) store.Drift {
		return store.Drift{LinkKey: userKey(source), Target: "t-" + source, Name: "Name of " + string(source), Managed: true, Kind: kind, Attributes: attributes}
	}
	since := func(d store.Drift, at time.Time) store.Drift {
		d.Since = at
		return d
	}
	revision := func(t *testing.T, s store.Store) int64 {
		record, err := s.GetJob(ctx, jobID)
		must(t, err)
		return record.Revision
	}
	check := func(t *testing.T, s store.Store, at time.Time, all ...store.Drift) {
		t.Helper()
		must(t, s.PutDrift(ctx, jobID, revision(t, s), store.DriftCheck{At: at, Compared: 7}, all, nil))
	}
	all := func(t *testing.T, s store.Store) []store.Drift {
		t.Helper()
		list, err := s.ListDrift(ctx, jobID, store.LinkKey{}, 100)
		must(t, err)
		return list
	}
	department := engine.Drift{Attribute: "department", Written: directory.Text("Sales"), Observed: directory.Null()}
	manager := engine.Drift{Attribute: "manager", Written: directory.Text("b"), Observed: directory.Text("t-x"), Reference: true}
	return []testCase{
		on("a check replaces what was found before, and tells since when", func(t *testing.T, s store.Store) {
			commit(t, s, jobID)
			last, err := s.LastDriftCheck(ctx, jobID)
			must(t, err)
			equal(t, last, store.DriftCheck{})
			check(t, s, hour(1), found("b", store.DriftChanged, department, manager), found("a", store.DriftGone), found("c", store.DriftGone))
			equal(t, all(t, s), []store.Drift{
				since(found("a", store.DriftGone), hour(1)), since(found("b", store.DriftChanged, department, manager), hour(1)), since(found("c", store.DriftGone), hour(1)),
			})
			check(t, s, hour(2), found("b", store.DriftChanged, department), found("c", store.DriftSwitchedOn))
			equal(t, all(t, s), []store.Drift{since(found("b", store.DriftChanged, department), hour(1)), since(found("c", store.DriftSwitchedOn), hour(2))})
			last, err = s.LastDriftCheck(ctx, jobID)
			must(t, err)
			equal(t, last, store.DriftCheck{At: hour(2), Compared: 7})
		}),
		on("a check with a problem leaves what is known", func(t *testing.T, s store.Store) {
			commit(t, s, jobID)
			check(t, s, hour(1), found("a", store.DriftGone))
			must(t, s.PutDrift(ctx, jobID, revision(t, s), store.DriftCheck{At: hour(2), Problem: "down"}, nil, nil))
			equal(t, all(t, s), []store.Drift{since(found("a", store.DriftGone), hour(1))})
			last, err := s.LastDriftCheck(ctx, jobID)
			must(t, err)
			equal(t, last, store.DriftCheck{At: hour(2), Problem: "down"})
			check(t, s, hour(3))
			equal(t, len(all(t, s)), 0)
		}),
		on("a check of accounts that were written meanwhile is refused", func(t *testing.T, s store.Store) {
			commit(t, s, jobID)
			before := revision(t, s)
			keep(t, s, store.Batch{PutLinks: []store.Link{link(directory.User, "a")}})
			wantKind(t, s.PutDrift(ctx, jobID, before, store.DriftCheck{At: day}, nil, nil), directory.Conflict)
			wantKind(t, s.PutDrift(ctx, "crm/none", 0, store.DriftCheck{At: day}, nil, nil), directory.NotFound)
			last, err := s.LastDriftCheck(ctx, jobID)
			must(t, err)
			equal(t, last, store.DriftCheck{})
		}),
		on("by source, of one type and one job", func(t *testing.T, s store.Store) {
			commit(t, s, jobID)
			commit(t, s, "crm/other")
			grouped := found("a", store.DriftGone)
			grouped.Type = directory.Group
			kept := found("a", store.DriftKept)
			kept.Kept = []engine.Drift{department}
			grouped.Members = store.MembersDrifted{Missing: 2, Added: 1, MissingNames: []string{"b", "c"}, AddedNames: []string{"d"}}
			check(t, s, hour(1), kept, grouped)
			groups, err := s.DriftBySource(ctx, jobID, directory.Group, []directory.Anchor{"a"})
			must(t, err)
			equal(t, groups, map[directory.Anchor]store.Drift{"a": since(grouped, hour(1))})
			bySource, err := s.DriftBySource(ctx, jobID, directory.User, []directory.Anchor{"a", "b"})
			must(t, err)
			equal(t, bySource, map[directory.Anchor]store.Drift{"a": since(kept, hour(1))})
			other, err := s.DriftBySource(ctx, "crm/other", directory.User, []directory.Anchor{"a"})
			must(t, err)
			equal(t, len(other), 0)
		}),
		on("listed in pages and counted, without what the target keeps in its own form", func(t *testing.T, s store.Store) {
			commit(t, s, jobID)
			released := found("d", store.DriftSwitchedOn)
			released.Managed = false
			grouped := found("z", store.DriftGone)
			grouped.Type = directory.Group
			check(t, s, hour(1), grouped, released, found("c", store.DriftSwitchedOn), found("b", store.DriftKept, department), found("a", store.DriftSwitchedOn))
			var met []directory.Anchor
			for after := (store.LinkKey{}); ; {
				page, err := s.ListDrift(ctx, jobID, after, 1)
				must(t, err)
				if len(page) == 0 {
					break
				}
				after = page[0].LinkKey
				met = append(met, after.Source)
			}
			equal(t, met, []directory.Anchor{"z", "a", "c", "d"})
			counts, err := s.CountDrift(ctx, jobID)
			must(t, err)
			equal(t, counts, []store.DriftCount{
				{Kind: store.DriftGone, Managed: true, Count: 1}, {Kind: store.DriftSwitchedOn, Managed: true, Count: 2}, {Kind: store.DriftSwitchedOn, Count: 1},
			})
		}),
		on("a batch drops and replaces drift, and a link takes its drift along", func(t *testing.T, s store.Store) {
			keep(t, s, store.Batch{PutLinks: []store.Link{link(directory.User, "a"), link(directory.User, "b"), link(directory.User, "c")}})
			check(t, s, hour(1), found("a", store.DriftGone), found("b", store.DriftChanged, department), found("c", store.DriftGone))
			before := revision(t, s)
			keep(t, s, store.Batch{
				DropDrift: []store.LinkKey{userKey("b")}, PutDrift: []store.Drift{found("b", store.DriftKept, department)}, DeleteLinks: []store.LinkKey{userKey("c")},
			})
			equal(t, all(t, s), []store.Drift{since(found("a", store.DriftGone), hour(1))})
			equal(t, revision(t, s), before+1)
			bySource, err := s.DriftBySource(ctx, jobID, directory.User, []directory.Anchor{"b"})
			must(t, err)
			equal(t, bySource["b"].Kind, store.DriftKept)
		}),
		on("a deleted job leaves none", func(t *testing.T, s store.Store) {
			fence := commit(t, s, jobID)
			check(t, s, hour(1), found("a", store.DriftGone))
			must(t, s.DeleteJob(ctx, jobID, fence))
			equal(t, len(all(t, s)), 0)
			last, err := s.LastDriftCheck(ctx, jobID)
			must(t, err)
			equal(t, last, store.DriftCheck{})
		}),
	}
}
