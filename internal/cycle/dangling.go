package cycle

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// A reference names an account. When a user loses it, or gets another one, whoever refers to the user is found by looking through
// all links, once for many users. A process may be killed before that, so that the users are remembered in the transaction in which
// the account is lost.

// referrersInDoubt is the kind of object whose stored failures are users whose referrers are to be found. See membersInDoubt.
const referrersInDoubt directory.ObjectType = "referrers"

// ofObject reports whether a stored failure is that of a user or a group, and not what else is remembered as one.
func ofObject(failure store.Escrow) bool {
	return failure.Type != membersInDoubt && failure.Type != referrersInDoubt
}

// unlink remembers the users who lose their account by a batch, or get another one.
func (r *run) unlink(batch *store.Batch) {
	for _, keys := range [][]store.LinkKey{batch.DeleteLinks, batch.DropMembersOf} {
		for _, key := range keys {
			if key.Type != directory.User {
				continue
			}
			r.unlinked[key.Source] = true
			if len(r.program.ReferenceTargets(directory.User)) == 0 {
				continue
			}
			now := r.engine.Now()
			batch.PutEscrow = append(batch.PutEscrow, store.Escrow{
				LinkKey: store.LinkKey{Type: referrersInDoubt, Source: key.Source}, Code: "ReferrersInDoubt",
				Message: "the user has another account or none, and who refers to the user was not found yet", Attempts: 1, FirstFailure: now, NextAttempt: now,
			})
		}
	}
}

// resumeUnlinked takes over the users whose referrers a process that was killed did not find.
func (r *run) resumeUnlinked(ctx context.Context) error {
	after := store.LinkKey{Type: referrersInDoubt}
	for {
		page, err := r.store.ListEscrow(ctx, r.jobID, after, r.size)
		if err != nil {
			return err
		}
		for _, entry := range page {
			if after = entry.LinkKey; entry.Type == referrersInDoubt {
				r.unlinked[entry.Source] = true
			}
		}
		if len(page) < r.size || after.Type != referrersInDoubt {
			return nil
		}
	}
}

// dangling finds who refers to accounts that are gone or were replaced. What they refer to is not certain any more, and
// waits until there is an account again.
func (r *run) dangling(ctx context.Context) error {
	if len(r.unlinked) == 0 {
		return nil
	}
	attributes := r.program.ReferenceTargets(directory.User)
	var after directory.Anchor
	for len(attributes) > 0 {
		page, err := r.store.ListLinks(ctx, r.jobID, directory.User, after, previewPageSize)
		if err != nil {
			return err
		}
		var batch store.Batch
		for _, link := range page {
			after = link.Source
			changed := false
			for _, attribute := range attributes {
				text, _ := link.Exported[attribute].Text()
				if wanted := directory.Anchor(text); link.Managed && r.unlinked[wanted] {
					link.Exported[attribute] = inDoubt()
					batch.PutReferences = append(batch.PutReferences, store.Reference{LinkKey: link.LinkKey, Attribute: attribute, Wanted: wanted})
					changed = true
				}
			}
			if changed {
				batch.PutLinks = append(batch.PutLinks, link)
			}
		}
		if len(batch.PutLinks) > 0 {
			if err := r.record(ctx, batch); err != nil {
				return err
			}
		}
		if len(page) < previewPageSize {
			break
		}
	}
	return r.referrersFound(ctx)
}

// referrersFound forgets the users whose referrers were found.
func (r *run) referrersFound(ctx context.Context) error {
	var batch store.Batch
	for user := range r.unlinked {
		batch.DropEscrow = append(batch.DropEscrow, store.LinkKey{Type: referrersInDoubt, Source: user})
	}
	clear(r.unlinked)
	return r.record(ctx, batch)
}
