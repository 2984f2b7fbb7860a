package storetest

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// nestedHistories lives histories of random groups, and compares what the store says with what the groups say.
func nestedHistories() []testCase {
	return []testCase{on("random groups", func(t *testing.T, s store.Store) {
		users, groups := anchors("u0", "u1", "u2", "u3", "both"), anchors("g0", "g1", "g2", "g3", "g4", "both")
		moved := 0
		for seed := range uint64(12) {
			random := rand.New(rand.NewPCG(seed, 0))
			must(t, s.DeleteCopies(context.Background(), "hr", nil))
			now := nesting{}
			var objects []directory.Object
			for _, anchor := range users {
				objects = append(objects, user(anchor))
			}
			for _, anchor := range groups {
				objects = append(objects, now.change(random, anchor, slices.Concat(users, groups[:5])))
			}
			position := put(t, s, true, objects...).Position
			for round := range 10 {
				was := now.clone()
				var changes []directory.Object
				for range 1 + random.IntN(4) {
					changes = append(changes, now.change(random, groups[random.IntN(len(groups))], slices.Concat(users, groups[:5])))
				}
				state := put(t, s, false, changes...)
				touched := set(changed(t, s, directory.User, position)...)
				position = state.Position
				for _, root := range groups {
					want := now.below(root)
					equal(t, below(t, s, anchors(root), users), only(want, users))
					direct, err := s.MembersAmong(context.Background(), copyID, anchors(root), users, false)
					must(t, err)
					equal(t, direct, only(set(now[root]...), users))
					before := was.below(root)
					for _, anchor := range users {
						if want[anchor] != before[anchor] && !touched[anchor] {
							t.Errorf("seed %d, round %d: %s is below %s: %t, was %t, and is not touched", seed, round, anchor, root, want[anchor], before[anchor])
						}
						if want[anchor] != before[anchor] {
							moved++
						}
					}
				}
				if t.Failed() {
					t.Fatalf("seed %d, round %d:\nwas %v\nnow %v", seed, round, was, now)
				}
			}
		}
		if moved < 100 {
			t.Errorf("the histories moved %d members, too few to prove anything", moved)
		}
	})}
}

// nesting holds the members of every group that counts.
type nesting map[directory.Anchor][]directory.Anchor

func (n nesting) clone() nesting {
	copied := nesting{}
	for group, members := range n {
		copied[group] = members
	}
	return copied
}

// change gives a group another content.
func (n nesting) change(random *rand.Rand, anchor directory.Anchor, pool []directory.Anchor) directory.Object {
	delete(n, anchor)
	var members []directory.Anchor
	for _, candidate := range pool {
		if random.IntN(4) == 0 {
			members = append(members, candidate)
		}
	}
	switch random.IntN(8) {
	case 0:
		return off(anchor, members...)
	case 1:
		return softDeleted(group(anchor, members...))
	case 2:
		return directory.Object{Type: directory.Group, Anchor: anchor, Removed: directory.HardDeleted}
	default:
		n[anchor] = members
		return group(anchor, members...)
	}
}

// below walks down from a group.
func (n nesting) below(root directory.Anchor) map[directory.Anchor]bool {
	found := map[directory.Anchor]bool{}
	open := n[root]
	for len(open) > 0 {
		anchor := open[0]
		open = open[1:]
		if !found[anchor] {
			found[anchor] = true
			open = slices.Concat(open, n[anchor])
		}
	}
	return found
}

// only keeps those of a set that are in a list.
func only(members map[directory.Anchor]bool, list []directory.Anchor) map[directory.Anchor]bool {
	kept := map[directory.Anchor]bool{}
	for _, anchor := range list {
		if members[anchor] {
			kept[anchor] = true
		}
	}
	return kept
}
