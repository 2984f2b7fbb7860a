package cycle

import (
	"context"
	"maps"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// inDoubt stands, in what a link remembers, for a value that may have been overwritten: it equals nothing, so whatever
// is wanted later is written.
func inDoubt() directory.Value { return directory.Text("\x00in doubt") }

// foresee records, before accounts are written, that what they held is no longer certain. Without it, a process killed
// between a write and its record would leave a link that remembers the old value; if the source went back to that value
// meanwhile, nothing would differ and the account would stay as the killed process left it: somebody who came back would
// stay switched off, somebody who left would stay switched on.
//
// A matched account is linked by this: from here on, leaving scope takes access away.
//
// It returns the accounts that other jobs were first to: nothing may be written to them.
func (r *run) foresee(ctx context.Context, items []item) (map[store.LinkKey]store.Owner, error) {
	var batch store.Batch
	for i := range items {
		it := &items[i]
		if it.decision.Target == "" {
			continue
		}
		link := r.link(*it, it.decision.Target, it.decision.Meanwhile(inDoubt()))
		link.Active = it.decision.Active
		if it.link != nil && it.link.Managed {
			link = *it.link
			link.Exported = it.decision.Meanwhile(inDoubt())
		}
		if changesAttribute(it.decision.Changes, r.connector.Capabilities().ActiveAttribute) {
			link.Active = true // perhaps; only what is on is switched off
		}
		if it.claims(link.Target) {
			batch.Claims = append(batch.Claims, r.claim(link))
		}
		replaces(&batch, *it, link.Target)
		batch.PutLinks = append(batch.PutLinks, link)
		it.link = &link
	}
	// Recorded even when there is nothing to foresee: a process that lost its lease finds out here, before it writes.
	return r.recordClaims(ctx, &batch)
}

// foreseen is foresee for writes that follow from links alone.
func foreseen(links []store.Link, operations []connector.Operation) store.Batch {
	var batch store.Batch
	for i, link := range links {
		link.Exported = maps.Clone(link.Exported)
		for attribute := range link.Exported {
			if operations[i].Kind == connector.Delete || slices.ContainsFunc(operations[i].Changes, func(c connector.Change) bool { return c.Attribute == attribute }) {
				link.Exported[attribute] = inDoubt()
			}
		}
		batch.PutLinks = append(batch.PutLinks, link)
	}
	return batch
}

func changesAttribute(changes []engine.Change, attribute string) bool {
	for _, change := range changes {
		if change.Attribute == attribute {
			return true
		}
	}
	return false
}

// membersInDoubt is the kind of object whose stored failures are groups with members in doubt. It is none of the object
// types, so it never hides a failure of the group itself.
const membersInDoubt directory.ObjectType = "members"

// foreseeMembers is foresee for memberships: the groups are marked, and what is added counts as added, so that it is
// removed if the source takes it back. What is removed counts as there until the target has said otherwise.
func (r *run) foreseeMembers(ctx context.Context, kind connector.OperationKind, page []store.MembershipChange) error {
	var batch store.Batch
	for i, change := range page {
		if kind == connector.AddMembers {
			batch.PutMembers = append(batch.PutMembers, change.Membership)
		}
		if i == 0 || page[i-1].Group != change.Group {
			now := r.engine.Now()
			batch.PutEscrow = append(batch.PutEscrow, store.Escrow{
				LinkKey: store.LinkKey{Type: membersInDoubt, Source: change.Group}, Name: change.GroupName, Code: "MembersInDoubt",
				Message: "members were being written, and what became of it is not known", Attempts: 1, FirstFailure: now, NextAttempt: now,
			})
		}
	}
	return r.record(ctx, batch)
}

// settleMembers records what is known of a group's members after a write. When the outcome is not known the mark stays.
func (r *run) settleMembers(batch *store.Batch, kind connector.OperationKind, changes []store.MembershipChange, outcome connector.Outcome) {
	group := changes[0].Group
	if outcome.Err != nil && directory.OutcomeUnknown(outcome.Err) {
		r.doubtful[group] = true
	}
	if r.doubtful[group] {
		return
	}
	batch.DropEscrow = append(batch.DropEscrow, store.LinkKey{Type: membersInDoubt, Source: group})
	if kind != connector.AddMembers {
		return
	}
	for _, change := range changes {
		if outcome.Err != nil && len(outcome.Failed) == 0 || slices.Contains(outcome.Failed, change.MemberTarget) {
			batch.DropMembers = append(batch.DropMembers, change.Membership)
		}
	}
}

// doubtedMembers reports whether there are groups with members in doubt.
func doubtedMembers(ctx context.Context, st store.Store, jobID string) (bool, error) {
	first, err := st.ListEscrow(ctx, jobID, store.LinkKey{Type: membersInDoubt}, 1)
	return len(first) > 0 && first[0].Type == membersInDoubt, err
}

// resolveMembers forgets which of the wanted members the groups in doubt have, so that all of them are added again;
// adding who is there changes nothing. Members that are not wanted any more are still remembered, and removed.
func (r *run) resolveMembers(ctx context.Context) error {
	after := store.LinkKey{Type: membersInDoubt}
	for {
		page, err := r.store.ListEscrow(ctx, r.jobID, after, r.size)
		if err != nil {
			return err
		}
		var anchors []directory.Anchor
		var batch store.Batch
		for _, entry := range page {
			after = entry.LinkKey
			if entry.Type == membersInDoubt {
				anchors = append(anchors, entry.Source)
				batch.DropEscrow = append(batch.DropEscrow, entry.LinkKey)
			}
		}
		if len(anchors) > 0 {
			groups, err := r.store.ObjectsByAnchor(ctx, r.copyID, directory.Group, anchors)
			if err != nil {
				return err
			}
			for _, anchor := range anchors {
				for _, member := range groups[anchor].References[directory.ReferenceMembers] {
					batch.DropMembers = append(batch.DropMembers, store.Membership{Group: anchor, Member: member})
				}
			}
			if err := r.record(ctx, batch); err != nil {
				return err
			}
		}
		if len(page) < r.size {
			return nil
		}
	}
}
