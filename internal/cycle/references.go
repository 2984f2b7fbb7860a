package cycle

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// references writes pending references whose both ends are linked (engine.md 15). A reference that cannot be written stays
// pending and is tried in the next cycle; reference failures never fail the object.
func (r *run) references(ctx context.Context, objectType directory.ObjectType) error {
	r.cycle.Phase = store.PhaseUserReferences
	total, err := r.store.CountPendingReferences(ctx, r.jobID)
	if err != nil {
		return err
	}
	r.meter.begin(r.cycle.Phase, total)
	var after store.Reference
	for {
		page, err := r.store.ReadyReferences(ctx, r.jobID, objectType, after, r.size)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].Reference
		last := len(page) < r.size
		page = slices.DeleteFunc(page, func(reference store.ReadyReference) bool {
			return !r.healing.repeats(reference.LinkKey, store.LinkKey{Type: directory.User, Source: reference.Wanted})
		})
		if err := r.referencePage(ctx, page); err != nil {
			return err
		}
		r.meter.advance(len(page))
		if last {
			return nil
		}
	}
}

// referencePage writes one page. References of one object become one operation: operations address different accounts.
func (r *run) referencePage(ctx context.Context, page []store.ReadyReference) error {
	if len(page) == 0 {
		return nil
	}
	var operations []connector.Operation
	var members [][]store.ReadyReference // the references of each operation
	for _, reference := range page {
		last := len(operations) - 1
		if last < 0 || members[last][0].LinkKey != reference.LinkKey {
			operations = append(operations, connector.Operation{
				ID: r.changeID(), Kind: connector.Update, Type: reference.Type, Target: reference.Link.Target, Current: reference.Link.Exported,
			})
			members = append(members, nil)
			last++
		}
		value := directory.Null()
		if reference.Wanted != "" {
			value = directory.Text(string(reference.Target))
		}
		operations[last].Changes = append(operations[last].Changes, connector.Change{Attribute: reference.Attribute, Value: value, Reference: true})
		members[last] = append(members[last], reference)
	}
	if err := r.foreseeReferences(ctx, members); err != nil {
		return err
	}
	batch := store.Batch{Cycle: &r.cycle}
	var stop error
	for i, outcome := range r.apply(ctx, operations) {
		link := members[i][0].Link
		changes := referenceChanges(members[i])
		if err := whole(outcome); err != nil {
			if errors.Is(err, directory.Unauthorised) || ctx.Err() != nil {
				stop = err
				continue
			}
			again, lostErr := r.lostWithReferences(ctx, &batch, members[i], err)
			stop = errors.Join(stop, lostErr)
			if !again {
				r.failReference(link.Type, link.Name, "reference not written: ", err)
			}
			batch.Log = append(batch.Log, r.loggedLink(link, operations[i].ID, changes, provlog.StatusFailure, err))
			continue
		}
		link.Exported = maps.Clone(link.Exported)
		if link.Exported == nil {
			link.Exported = map[string]directory.Value{}
		}
		for _, reference := range members[i] {
			link.Exported[reference.Attribute] = directory.Text(string(reference.Wanted))
			if reference.Wanted == "" {
				delete(link.Exported, reference.Attribute)
			}
			batch.DropReferences = append(batch.DropReferences, reference.Reference)
		}
		batch.PutLinks = append(batch.PutLinks, link)
		batch.Log = append(batch.Log, r.loggedLink(link, operations[i].ID, changes, provlog.StatusSuccess, nil))
	}
	return errors.Join(stop, r.record(context.WithoutCancel(ctx), batch))
}

// lostWithReferences drops the links of accounts that references could not be written for because they are gone: the holder's, or
// those that are referred to. It reports whether the references are written once more in this cycle.
func (r *run) lostWithReferences(ctx context.Context, batch *store.Batch, references []store.ReadyReference, cause error) (again bool, err error) {
	if !tellsGone(cause) {
		return false, nil
	}
	holder := references[0].Link
	if errors.Is(cause, directory.NotFound) && len(r.goneAmong(ctx, holder.Type, []directory.Anchor{holder.Target})) > 0 {
		return r.lost(batch, holder), nil
	}
	var targets, wanted []directory.Anchor
	for _, reference := range references {
		if reference.Wanted != "" {
			targets, wanted = append(targets, reference.Target), append(wanted, reference.Wanted)
		}
	}
	missing := r.goneAmong(ctx, directory.User, targets)
	if len(missing) == 0 {
		return false, nil
	}
	links, err := r.store.LinksBySource(ctx, r.jobID, directory.User, wanted)
	if err != nil {
		return false, err
	}
	for _, anchor := range wanted {
		if link := links[anchor]; missing[link.Target] {
			again = r.lost(batch, link) || again
		}
	}
	if again {
		r.healing.postponed[holder.LinkKey] = true
	}
	return again, nil
}

// foreseeReferences is foresee for references. One that was not there is in doubt too: its removal has to be written.
func (r *run) foreseeReferences(ctx context.Context, members [][]store.ReadyReference) error {
	var batch store.Batch
	for _, references := range members {
		link := references[0].Link
		link.Exported = maps.Clone(link.Exported)
		if link.Exported == nil {
			link.Exported = map[string]directory.Value{}
		}
		for _, reference := range references {
			link.Exported[reference.Attribute] = inDoubt()
		}
		batch.PutLinks = append(batch.PutLinks, link)
	}
	return r.record(ctx, batch)
}

func referenceChanges(references []store.ReadyReference) []engine.Change {
	changes := make([]engine.Change, len(references))
	for i, reference := range references {
		changes[i] = engine.Change{Attribute: reference.Attribute, New: directory.Text(string(reference.Target))}
	}
	return changes
}

// loggedLink makes the log record of a write that follows from a link alone.
func (r *run) loggedLink(link store.Link, changeID string, changes []engine.Change, status provlog.Status, err error) provlog.Record {
	it := item{object: directory.Object{Type: link.Type, Anchor: link.Source}}
	it.decision.Name, it.decision.Target, it.decision.Changes = link.Name, link.Target, changes
	record := r.logged(it, changeID, provlog.ActionUpdate, status, err)
	record.Steps = []provlog.Step{{Name: "ReferenceResolution", Type: provlog.StepReferenceResolution, Status: status, Description: record.Reason}}
	return record
}
