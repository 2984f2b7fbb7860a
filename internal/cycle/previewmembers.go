package cycle

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// memberships adds what is done about memberships: those that are wanted and not there, and those that are not wanted any more. Of a
// group that was let go and is matched again in this very cycle, the job remembers the members it had; whether it finds the same
// group, only the target knows. Where it finds another one, or none, nothing is remembered of its members, and less is removed than
// shown.
func (t *tally) memberships(ctx context.Context, v *evaluation) error {
	var all, removals int64
	err := eachMembership(ctx, v.store.MembershipsToAdd, v, func(page []store.MembershipChange) error {
		for _, change := range page {
			if !t.leaving[change.Member] && !t.leaving[change.Group] {
				t.preview.Changes.MembershipsToAdd++
			}
		}
		return nil
	}, &all)
	if err != nil {
		return err
	}
	absent, err := t.memberDrift(ctx, v)
	if err != nil {
		return err
	}
	removed := func(change store.MembershipChange) {
		if !absent[change.Membership] && !t.unlinked[change.Member] && !t.unlinked[change.Group] {
			t.preview.Affected = append(t.preview.Affected, affectedMembership(change))
		}
	}
	err = eachMembership(ctx, v.store.MembershipsToRemove, v, func(page []store.MembershipChange) error {
		for _, change := range page {
			removed(change)
		}
		return nil
	}, &removals)
	if err != nil || len(t.returning) == 0 {
		return err
	}
	return eachMembership(ctx, v.store.MembershipsLeftOver, v, func(page []store.MembershipChange) error {
		for _, change := range page {
			if t.returning[change.Group] {
				removed(change)
			}
		}
		return nil
	}, &removals)
}

// comesBack reports whether an account that was let go is managed again.
func comesBack(it item) bool {
	return it.link != nil && !it.link.Managed && it.decision.Action != engine.Skip && it.decision.Action != engine.Fail
}

// eachMembership walks one of the store's membership questions page by page.
func eachMembership(ctx context.Context, ask func(context.Context, string, string, store.Membership, int) ([]store.MembershipChange, error), v *evaluation, handle func([]store.MembershipChange) error, count *int64) error {
	var after store.Membership
	for {
		page, err := ask(ctx, v.jobID, v.copyID, after, v.size)
		if err != nil || len(page) == 0 {
			return err
		}
		*count += int64(len(page))
		after = page[len(page)-1].Membership
		if err := handle(page); err != nil {
			return err
		}
		if len(page) < v.size {
			return nil
		}
	}
}
