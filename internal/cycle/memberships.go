package cycle

import (
	"context"
	"errors"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// memberships brings group members in line: what the source says and the target lacks is added, what the source no longer
// says is removed if it was approved. A member that is linked later is added by the cycle that links it, without a
// restart (engine.md 14).
func (r *run) memberships(ctx context.Context) error {
	r.cycle.Phase = store.PhaseMemberships
	r.meter.begin(r.cycle.Phase, 0)
	if err := r.resolveMembers(ctx); err != nil {
		return err
	}
	if err := r.learnMembers(ctx); err != nil {
		return err
	}
	leaving, err := r.leaving(ctx)
	if err != nil {
		return err
	}
	var total int64
	err = eachMembership(ctx, r.store.MembershipsToAdd, r.evaluation, func(page []store.MembershipChange) error {
		staying := slices.DeleteFunc(page, func(change store.MembershipChange) bool {
			return leaving[change.Member] || !r.repeatsMembership(change)
		})
		return r.membershipPage(ctx, connector.AddMembers, staying)
	}, &total)
	if err != nil {
		return err
	}
	return eachMembership(ctx, r.store.MembershipsToRemove, r.evaluation, func(page []store.MembershipChange) error {
		var approved []store.MembershipChange
		for _, change := range page {
			if !r.repeatsMembership(change) {
				continue
			}
			if affected := affectedMembership(change); r.approval.Covers(affected) {
				approved = append(approved, change)
			} else {
				r.hold(affected)
			}
		}
		return r.membershipPage(ctx, connector.RemoveMembers, approved)
	}, &total)
}

// repeatsMembership is repeats for a membership.
func (r *run) repeatsMembership(change store.MembershipChange) bool {
	return r.healing.repeats(store.LinkKey{Type: directory.Group, Source: change.Group}, store.LinkKey{Type: directory.User, Source: change.Member})
}

// leaving are the users whose management is about to end, or would if it were not held: they join no group any more.
func (r *run) leaving(ctx context.Context) (map[directory.Anchor]bool, error) {
	leaving := map[directory.Anchor]bool{}
	after := store.LinkKey{Type: directory.User}
	for {
		page, err := r.store.ListStaged(ctx, r.jobID, after, previewPageSize)
		if err != nil {
			return nil, err
		}
		for _, staged := range page {
			after = staged.LinkKey
			switch engine.Event(staged.Event) {
			case engine.Unassigned, engine.FilterFailed, engine.HardDeleted:
				leaving[staged.Source] = staged.Type == directory.User
			}
		}
		if len(page) < previewPageSize {
			return leaving, nil
		}
	}
}

// membershipPage writes the changes of one page, one operation for each group.
func (r *run) membershipPage(ctx context.Context, kind connector.OperationKind, page []store.MembershipChange) error {
	var operations []connector.Operation
	var groups [][]store.MembershipChange
	for _, change := range page {
		last := len(operations) - 1
		if last < 0 || groups[last][0].Group != change.Group {
			operations = append(operations, connector.Operation{ID: r.changeID(), Kind: kind, Type: directory.Group, Target: change.GroupTarget})
			groups = append(groups, nil)
			last++
		}
		operations[last].Members = append(operations[last].Members, change.MemberTarget)
		groups[last] = append(groups[last], change)
	}
	if len(operations) == 0 {
		return nil
	}
	for i := range operations {
		slices.Sort(operations[i].Members)
	}
	if err := r.foreseeMembers(ctx, kind, page); err != nil {
		return err
	}
	batch := store.Batch{Cycle: &r.cycle}
	var stop error
	for i, outcome := range r.apply(ctx, operations) {
		r.settleMembers(&batch, kind, groups[i], outcome)
		group := store.Link{LinkKey: store.LinkKey{Type: directory.Group, Source: groups[i][0].Group}, Target: operations[i].Target, Name: groups[i][0].GroupName}
		if err := outcome.Err; err != nil && len(outcome.Failed) == 0 {
			if errors.Is(err, directory.Unauthorised) || ctx.Err() != nil {
				stop = err
				continue
			}
			if !r.lostWithMembers(ctx, &batch, kind, groups[i], err) {
				r.failReference(directory.Group, group.Name, "members not written: ", err)
			}
			batch.Log = append(batch.Log, r.loggedLink(group, operations[i].ID, nil, provlog.StatusFailure, err))
			continue
		}
		r.membershipsWritten(&batch, kind, groups[i], outcome.Failed)
		status := provlog.StatusSuccess
		if len(outcome.Failed) > 0 {
			status = provlog.StatusWarning
		}
		if kind == connector.RemoveMembers && len(outcome.Failed) > 0 || kind == connector.AddMembers && r.lostAmong(ctx, &batch, groups[i], outcome.Failed) > 0 {
			r.cycle.Counts.ReferencesFailed++
			r.fail(directory.Group, group.Name, "MemberRefused", "the target refused some members; they are tried again in the next cycle")
		}
		batch.Log = append(batch.Log, r.loggedLink(group, operations[i].ID, []engine.Change{{Attribute: directory.ReferenceMembers}}, status, nil))
	}
	r.meter.advance(len(page))
	return errors.Join(stop, r.record(context.WithoutCancel(ctx), batch))
}

// lostWithMembers drops the links of accounts because of which none of a group's members could be written: the group's own, or
// those of members. It reports whether the members are written once more in this cycle.
func (r *run) lostWithMembers(ctx context.Context, batch *store.Batch, kind connector.OperationKind, changes []store.MembershipChange, cause error) (again bool) {
	if !tellsGone(cause) {
		return false
	}
	key := store.LinkKey{Type: directory.Group, Source: changes[0].Group}
	if target := changes[0].GroupTarget; errors.Is(cause, directory.NotFound) && len(r.goneAmong(ctx, directory.Group, []directory.Anchor{target})) > 0 {
		return r.lost(batch, store.Link{LinkKey: key, Target: target, Name: changes[0].GroupName})
	}
	if kind != connector.AddMembers {
		return false
	}
	members := make([]directory.Anchor, len(changes))
	for i, change := range changes {
		members[i] = change.MemberTarget
	}
	if r.lostAmong(ctx, batch, changes, members) == len(changes) {
		return false
	}
	r.healing.postponed[key] = true
	return true
}

// lostAmong drops the links of those refused members whose accounts are gone. It returns how many members are not written in
// this cycle any more.
func (r *run) lostAmong(ctx context.Context, batch *store.Batch, changes []store.MembershipChange, refused []directory.Anchor) (failed int) {
	missing := r.goneAmong(ctx, directory.User, slices.Clone(refused))
	for _, change := range changes {
		if !slices.Contains(refused, change.MemberTarget) {
			continue
		}
		link := store.Link{LinkKey: store.LinkKey{Type: directory.User, Source: change.Member}, Target: change.MemberTarget, Name: change.MemberName}
		if !missing[change.MemberTarget] || !r.lost(batch, link) {
			failed++
		}
	}
	return failed
}

func (r *run) membershipsWritten(batch *store.Batch, kind connector.OperationKind, changes []store.MembershipChange, refused []directory.Anchor) {
	for _, change := range changes {
		if slices.Contains(refused, change.MemberTarget) {
			continue
		}
		if kind == connector.AddMembers {
			r.cycle.Counts.MembershipsAdded++
			continue
		}
		batch.DropMembers = append(batch.DropMembers, change.Membership)
		r.cycle.Counts.MembershipsRemoved++
		r.report.Executed = append(r.report.Executed, affectedMembership(change))
	}
}

// hold leaves something alone that was not approved.
func (r *run) hold(affected engine.Affected) {
	r.cycle.Counts.Held++
	r.report.Held = append(r.report.Held, affected)
}
