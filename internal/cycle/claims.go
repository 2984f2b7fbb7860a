package cycle

import (
	"context"
	"errors"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Two jobs on one target may look for the same account at the same moment, and find it without an owner. Whose link is recorded
// first manages it. The other one learns of it from the store before it writes, or when it records what needed no write, and
// fails the object like one whose account was taken all along (see neighbours).

// claims reports whether an item begins to manage an account.
func (it item) claims(target directory.Anchor) bool {
	return it.link == nil || !it.link.Managed || it.link.Target != target
}

// replaces forgets what hung on the account of an object that gets another one: the groups it was in, or the members it
// had. None of that is known of the new one. Who refers to the old one is found later (see unlink).
func replaces(batch *store.Batch, it item, target directory.Anchor) {
	before := it.formerly
	if it.link != nil {
		before = it.link.Target
	}
	if before == "" || before == target {
		return
	}
	batch.DropMembersOf = append(batch.DropMembersOf, it.key())
}

// claim is what a link that begins to manage an account says to the store.
func (r *run) claim(link store.Link) store.Claim {
	return store.Claim{LinkKey: link.LinkKey, Target: link.Target, Endpoint: r.program.Definition().Connection.Endpoint()}
}

// recordClaims records a batch without the links that other jobs were first to, and returns whose accounts those are.
func (r *run) recordClaims(ctx context.Context, batch *store.Batch) (map[store.LinkKey]store.Owner, error) {
	var refused map[store.LinkKey]store.Owner
	for {
		err := r.record(ctx, *batch)
		claimed, ok := errors.AsType[*store.ClaimedError](err)
		if !ok {
			return refused, err
		}
		if refused == nil {
			refused = map[store.LinkKey]store.Owner{}
		}
		for key, owner := range claimed.Owners {
			refused[key] = owner
		}
		withdraw(batch, claimed.Owners)
	}
}

// withdraw takes everything out of a batch that hangs on links.
func withdraw(batch *store.Batch, owners map[store.LinkKey]store.Owner) {
	taken := func(key store.LinkKey) bool { _, ok := owners[key]; return ok }
	batch.Claims = slices.DeleteFunc(batch.Claims, func(c store.Claim) bool { return taken(c.LinkKey) })
	batch.PutLinks = slices.DeleteFunc(batch.PutLinks, func(l store.Link) bool { return taken(l.LinkKey) })
	batch.DropMembersOf = slices.DeleteFunc(batch.DropMembersOf, taken)
	batch.PutReferences = slices.DeleteFunc(batch.PutReferences, func(r store.Reference) bool { return taken(r.LinkKey) })
	batch.PutStaged = slices.DeleteFunc(batch.PutStaged, func(s store.Staged) bool { return taken(s.LinkKey) })
}

// concede fails the objects among writes whose accounts other jobs were first to, and returns the others.
func (w *writing) concede(writes []item, operations []connector.Operation, refused map[store.LinkKey]store.Owner) ([]item, []connector.Operation) {
	if len(refused) == 0 {
		return writes, operations
	}
	var kept []item
	var left []connector.Operation
	for i, it := range writes {
		if owner, taken := refused[it.key()]; taken {
			w.dealtWith(it)
			w.failedClaim(it, operations[i].ID, owner)
			continue
		}
		kept, left = append(kept, it), append(left, operations[i])
	}
	return kept, left
}

func (it item) key() store.LinkKey {
	return store.LinkKey{Type: it.object.Type, Source: it.object.Anchor}
}

func (w *writing) failedClaim(it item, changeID string, owner store.Owner) {
	if it.decision.Action == engine.Link {
		w.cycle.Counts.Skipped--
		w.cycle.Counts.Linked--
	}
	it.decision = it.decision.Claimed(owner.Source, owner.JobID)
	w.failed(it, changeID, nil)
}

// keep records what was collected. Objects whose accounts other jobs were first to fail.
func (w *writing) keep(ctx context.Context) error {
	for {
		err := w.record(ctx, w.batch)
		claimed, ok := errors.AsType[*store.ClaimedError](err)
		if !ok {
			return err
		}
		withdraw(&w.batch, claimed.Owners)
		for _, it := range w.claimants {
			if owner, taken := claimed.Owners[it.key()]; taken {
				w.failedClaim(it, w.changeID(), owner)
			}
		}
	}
}
