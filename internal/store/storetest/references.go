package storetest

import (
	"context"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

func references() []testCase {
	ctx := context.Background()
	reference := func(source directory.Anchor, attribute string, wanted directory.Anchor) store.Reference {
		return store.Reference{LinkKey: userKey(source), Attribute: attribute, Wanted: wanted}
	}
	ready := func(t *testing.T, s store.Store, after store.Reference, limit int) []store.ReadyReference {
		t.Helper()
		found, err := s.ReadyReferences(ctx, jobID, directory.User, after, limit)
		must(t, err)
		return found
	}
	readyOf := func(r store.Reference, target directory.Anchor) store.ReadyReference {
		return store.ReadyReference{Reference: r, Link: link(directory.User, r.Source), Target: target}
	}
	return []testCase{
		on("ready when both ends are linked", func(t *testing.T, s store.Store) {
			keep(t, s, store.Batch{
				PutReferences: []store.Reference{reference("a", "manager", "m")},
				PutLinks:      []store.Link{link(directory.User, "a"), link(directory.Group, "m")},
			})
			equal(t, len(ready(t, s, store.Reference{}, 10)), 0)
			keep(t, s, store.Batch{PutLinks: []store.Link{link(directory.User, "m")}})
			equal(t, ready(t, s, store.Reference{}, 10), []store.ReadyReference{readyOf(reference("a", "manager", "m"), "t-m")})
		}),
		on("not ready while an end is not managed", func(t *testing.T, s store.Store) {
			unmanaged := link(directory.User, "a")
			unmanaged.Managed = false
			other := link(directory.User, "m")
			other.Managed = false
			keep(t, s, store.Batch{
				PutReferences: []store.Reference{reference("a", "manager", "b"), reference("b", "manager", "m"), reference("a", "sponsor", "")},
				PutLinks:      []store.Link{unmanaged, link(directory.User, "b"), other},
			})
			equal(t, len(ready(t, s, store.Reference{}, 10)), 0)
			count, err := s.CountPendingReferences(ctx, jobID)
			must(t, err)
			equal(t, count, int64(3))
		}),
		on("a removal needs no other end", func(t *testing.T, s store.Store) {
			keep(t, s, store.Batch{PutReferences: []store.Reference{reference("a", "manager", "")}, PutLinks: []store.Link{link(directory.User, "a")}})
			equal(t, ready(t, s, store.Reference{}, 10), []store.ReadyReference{readyOf(reference("a", "manager", ""), "")})
		}),
		on("sorted by source and attribute, in pages", func(t *testing.T, s store.Store) {
			want := []store.Reference{reference("a", "manager", "b"), reference("a", "sponsor", "b"), reference("b", "manager", "a")}
			keep(t, s, store.Batch{
				PutReferences: []store.Reference{want[2], want[1], want[0], {LinkKey: store.LinkKey{Type: directory.Group, Source: "a"}, Attribute: "owner", Wanted: "a"}},
				PutLinks:      []store.Link{link(directory.User, "a"), link(directory.User, "b"), link(directory.Group, "a")},
			})
			equal(t, ready(t, s, store.Reference{}, 2), []store.ReadyReference{readyOf(want[0], "t-b"), readyOf(want[1], "t-b")})
			equal(t, ready(t, s, want[1], 2), []store.ReadyReference{readyOf(want[2], "t-a")})
		}),
		on("put replaces what is wanted, drop goes by key and attribute", func(t *testing.T, s store.Store) {
			keep(t, s, store.Batch{
				PutReferences: []store.Reference{reference("a", "manager", "b"), reference("a", "sponsor", "b")},
				PutLinks:      []store.Link{link(directory.User, "a"), link(directory.User, "b"), link(directory.User, "c")},
			})
			keep(t, s, store.Batch{
				PutReferences:  []store.Reference{reference("a", "manager", "c")},
				DropReferences: []store.Reference{reference("a", "sponsor", "whatever"), reference("z", "manager", "")},
			})
			equal(t, ready(t, s, store.Reference{}, 10), []store.ReadyReference{readyOf(reference("a", "manager", "c"), "t-c")})
		}),
	}
}

func memberships() []testCase {
	ctx := context.Background()
	change := func(group, member directory.Anchor) store.MembershipChange {
		return store.MembershipChange{
			Membership:  store.Membership{Group: group, Member: member},
			GroupTarget: "t-" + group, MemberTarget: "t-" + member, GroupName: "Name of " + string(group), MemberName: "Name of " + string(member),
		}
	}
	toAdd := func(t *testing.T, s store.Store, after store.Membership, limit int) []store.MembershipChange {
		t.Helper()
		found, err := s.MembershipsToAdd(ctx, jobID, copyID, after, limit)
		must(t, err)
		return found
	}
	toRemove := func(t *testing.T, s store.Store, after store.Membership, limit int) []store.MembershipChange {
		t.Helper()
		found, err := s.MembershipsToRemove(ctx, jobID, copyID, after, limit)
		must(t, err)
		return found
	}
	leftOver := func(t *testing.T, s store.Store, after store.Membership, limit int) []store.MembershipChange {
		t.Helper()
		found, err := s.MembershipsLeftOver(ctx, jobID, copyID, after, limit)
		must(t, err)
		return found
	}
	linked := func(users ...directory.Anchor) store.Batch {
		batch := store.Batch{PutLinks: []store.Link{link(directory.Group, "g"), link(directory.Group, "h")}}
		for _, u := range users {
			batch.PutLinks = append(batch.PutLinks, link(directory.User, u))
		}
		return batch
	}
	return []testCase{
		on("to add: in the copy, both linked, not in the job's, in pages", func(t *testing.T, s store.Store) {
			put(t, s, true, group("g", "b", "a", "unlinked"), group("h", "a"), group("unlinked", "a"))
			batch := linked("a", "b")
			batch.PutMembers = []store.Membership{{Group: "g", Member: "a"}}
			keep(t, s, batch)
			equal(t, toAdd(t, s, store.Membership{}, 10), []store.MembershipChange{change("g", "b"), change("h", "a")})
			equal(t, toAdd(t, s, store.Membership{}, 1), []store.MembershipChange{change("g", "b")})
			equal(t, toAdd(t, s, store.Membership{Group: "g", Member: "b"}, 10), []store.MembershipChange{change("h", "a")})
			equal(t, len(toAdd(t, s, store.Membership{Group: "h", Member: "a"}, 10)), 0)
			equal(t, len(toRemove(t, s, store.Membership{}, 10)), 0)
		}),
		on("to add: group and member are managed", func(t *testing.T, s store.Store) {
			put(t, s, true, group("g", "a", "b"), group("h", "b"))
			batch := linked("a", "b")
			batch.PutLinks[1].Managed = false // group h
			batch.PutLinks[2].Managed = false // user a
			keep(t, s, batch)
			equal(t, toAdd(t, s, store.Membership{}, 10), []store.MembershipChange{change("g", "b")})
		}),
		on("to add: a group inside a group is no member", func(t *testing.T, s store.Store) {
			put(t, s, true, group("g", "h", "a"), group("h"))
			keep(t, s, linked("a"))
			equal(t, toAdd(t, s, store.Membership{}, 10), []store.MembershipChange{change("g", "a")})
		}),
		on("written: group and member are managed, in pages", func(t *testing.T, s store.Store) {
			batch := linked("a", "b", "c")
			batch.PutLinks[4].Managed = false // user c
			batch.PutMembers = []store.Membership{
				{Group: "h", Member: "a"}, {Group: "g", Member: "b"}, {Group: "g", Member: "a"}, {Group: "g", Member: "c"}, {Group: "x", Member: "a"}, {Group: "g", Member: "y"},
			}
			keep(t, s, batch)
			listed := func(after store.Membership, limit int) []store.MembershipChange {
				found, err := s.ListMemberships(ctx, jobID, after, limit)
				must(t, err)
				return found
			}
			equal(t, listed(store.Membership{}, 10), []store.MembershipChange{change("g", "a"), change("g", "b"), change("h", "a")})
			equal(t, listed(store.Membership{Group: "g", Member: "a"}, 1), []store.MembershipChange{change("g", "b")})
			equal(t, len(listed(store.Membership{Group: "h", Member: "a"}, 10)), 0)
		}),
		on("member drift: what can be put right, in pages", func(t *testing.T, s store.Store) {
			put(t, s, true, group("g", "a", "d"), group("h"), user("a"), user("b"), user("c"), user("d"), user("e"))
			batch := linked("a", "b", "c", "d", "e")
			batch.PutLinks[6].Managed = false // user e
			batch.PutMembers = []store.Membership{{Group: "g", Member: "a"}, {Group: "g", Member: "c"}, {Group: "h", Member: "c"}}
			keep(t, s, batch)
			found := func(at store.DriftCheck, members ...store.MemberDrift) {
				record, err := s.GetJob(ctx, jobID)
				must(t, err)
				must(t, s.PutDrift(ctx, jobID, record.Revision, at, nil, members))
			}
			missing := func(g, m directory.Anchor) store.MemberDrift {
				return store.MemberDrift{Membership: store.Membership{Group: g, Member: m}}
			}
			added := func(g, m directory.Anchor) store.MemberDrift {
				return store.MemberDrift{Membership: store.Membership{Group: g, Member: m}, Added: true}
			}
			// Not right any more: h without b was never written, c is a member of h as far as the job knows, e is not managed, x unknown.
			found(store.DriftCheck{At: day}, missing("g", "a"), missing("g", "c"), added("g", "b"), added("g", "d"), missing("h", "b"), added("h", "c"), added("g", "e"), added("g", "x"))
			listed := func(after store.Membership, limit int) []store.DriftedMembership {
				list, err := s.ListMemberDrift(ctx, jobID, copyID, after, limit)
				must(t, err)
				return list
			}
			all := []store.DriftedMembership{
				{MembershipChange: change("g", "a"), Wanted: true}, {MembershipChange: change("g", "b"), Added: true},
				{MembershipChange: change("g", "c")}, {MembershipChange: change("g", "d"), Added: true, Wanted: true},
			}
			equal(t, listed(store.Membership{}, 10), all)
			equal(t, listed(store.Membership{Group: "g", Member: "a"}, 2), all[1:3])
			found(store.DriftCheck{At: day, Problem: "down"})
			equal(t, listed(store.Membership{}, 10), all)
			keep(t, s, store.Batch{DropMemberDrift: []store.Membership{{Group: "g", Member: "a"}, {Group: "g", Member: "d"}}})
			equal(t, listed(store.Membership{}, 10), all[1:3])
			found(store.DriftCheck{At: day}, missing("g", "a"))
			equal(t, listed(store.Membership{}, 10), all[:1])
			keep(t, s, store.Batch{Reset: store.Reset{Links: true}})
			keep(t, s, batch)
			equal(t, len(listed(store.Membership{}, 10)), 0)
		}),
		on("to remove: in the job's, no longer in the copy, in pages", func(t *testing.T, s store.Store) {
			put(t, s, true, group("g", "a"), group("h"), user("a"), user("b"))
			batch := linked("a", "b")
			batch.PutMembers = []store.Membership{{Group: "h", Member: "a"}, {Group: "g", Member: "b"}, {Group: "g", Member: "a"}}
			keep(t, s, batch)
			equal(t, toRemove(t, s, store.Membership{}, 10), []store.MembershipChange{change("g", "b"), change("h", "a")})
			equal(t, toRemove(t, s, store.Membership{}, 1), []store.MembershipChange{change("g", "b")})
			equal(t, toRemove(t, s, store.Membership{Group: "g", Member: "b"}, 10), []store.MembershipChange{change("h", "a")})
			keep(t, s, store.Batch{DropMembers: []store.Membership{{Group: "g", Member: "b"}, {Group: "x", Member: "y"}}})
			equal(t, toRemove(t, s, store.Membership{}, 10), []store.MembershipChange{change("h", "a")})
		}),
		on("to remove: what is gone for good takes its memberships with it", func(t *testing.T, s store.Store) {
			put(t, s, true, group("g"), group("h"), user("a"), user("b"))
			put(t, s, true, group("g"), user("a"))
			batch := linked("a", "b", "unknown")
			batch.PutMembers = []store.Membership{
				{Group: "g", Member: "a"}, {Group: "g", Member: "b"}, {Group: "g", Member: "unknown"}, {Group: "h", Member: "a"},
			}
			keep(t, s, batch)
			equal(t, toRemove(t, s, store.Membership{}, 10), []store.MembershipChange{change("g", "a")})
		}),
		on("to remove: the group is managed, the member at least linked", func(t *testing.T, s store.Store) {
			put(t, s, true, group("g"), group("h"), user("a"), user("unlinked"))
			batch := linked("a")
			batch.PutLinks[1].Managed = false // group h
			batch.PutLinks[2].Managed = false // user a
			batch.PutMembers = []store.Membership{{Group: "g", Member: "a"}, {Group: "h", Member: "a"}, {Group: "g", Member: "unlinked"}}
			keep(t, s, batch)
			equal(t, toRemove(t, s, store.Membership{}, 10), []store.MembershipChange{change("g", "a")})
		}),
		on("left over: the same for groups that are not managed, in pages", func(t *testing.T, s store.Store) {
			put(t, s, true, group("g"), group("h", "b"), group("unlinked"), user("a"), user("b"), user("c"), user("unlinked"))
			put(t, s, true, group("g"), group("h", "b"), group("unlinked"), user("a"), user("b"), user("unlinked"))
			batch := linked("a", "b", "c")
			batch.PutLinks[1].Managed = false // group h
			batch.PutLinks[2].Managed = false // user a
			batch.PutMembers = []store.Membership{{Group: "g", Member: "a"}, {Group: "unlinked", Member: "a"}}
			for _, member := range []directory.Anchor{"a", "b", "c", "unlinked"} { // b is still wanted, c gone for good
				batch.PutMembers = append(batch.PutMembers, store.Membership{Group: "h", Member: member})
			}
			keep(t, s, batch)
			equal(t, leftOver(t, s, store.Membership{}, 10), []store.MembershipChange{change("h", "a")})
			put(t, s, true, group("g"), group("h"), group("unlinked"), user("a"), user("b"), user("unlinked"))
			equal(t, leftOver(t, s, store.Membership{}, 1), []store.MembershipChange{change("h", "a")})
			equal(t, leftOver(t, s, store.Membership{Group: "h", Member: "a"}, 10), []store.MembershipChange{change("h", "b")})
			equal(t, toRemove(t, s, store.Membership{}, 10), []store.MembershipChange{change("g", "a")})
		}),
		on("every membership of a group or a user is forgotten, and may be put again", func(t *testing.T, s store.Store) {
			put(t, s, true, group("g"), group("h"), user("a"), user("b"))
			batch := linked("a", "b")
			batch.PutMembers = []store.Membership{{Group: "g", Member: "a"}, {Group: "g", Member: "b"}, {Group: "h", Member: "a"}, {Group: "h", Member: "b"}}
			keep(t, s, batch)
			keep(t, s, store.Batch{DropMembersOf: []store.LinkKey{{Type: directory.Group, Source: "g"}}})
			equal(t, toRemove(t, s, store.Membership{}, 10), []store.MembershipChange{change("h", "a"), change("h", "b")})
			keep(t, s, store.Batch{DropMembersOf: []store.LinkKey{userKey("a"), userKey("b")}, PutMembers: []store.Membership{{Group: "g", Member: "b"}}})
			equal(t, toRemove(t, s, store.Membership{}, 10), []store.MembershipChange{change("g", "b")})
		}),
		on("a membership is put once", func(t *testing.T, s store.Store) {
			put(t, s, true, group("g"), user("a"))
			batch := linked("a")
			batch.PutMembers = []store.Membership{{Group: "g", Member: "a"}}
			keep(t, s, batch)
			keep(t, s, batch)
			equal(t, toRemove(t, s, store.Membership{}, 10), []store.MembershipChange{change("g", "a")})
		}),
	}
}
