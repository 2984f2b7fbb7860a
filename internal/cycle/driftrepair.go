package cycle

import (
	"context"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Repairing needs no decisions of its own. Objects whose accounts drifted are looked at again, and decided about as if their
// links remembered what was seen: preview and cycle compute the repair like any other change, a repair that takes access
// away is shown, approved and limited like any other, and an account that is gone is matched again and created again.

// repairsDrift reports whether there is drift to repair. Asked once: a cycle finds none on the way.
func (v *evaluation) repairsDrift(ctx context.Context) (bool, error) {
	if v.program.Definition().Drift != job.DriftRepair || v.drift == driftNone {
		return false, nil
	}
	if v.drift == driftSome {
		return true, nil
	}
	counts, err := v.store.CountDrift(ctx, v.jobID)
	if err != nil {
		return false, err
	}
	v.drift = driftNone
	for _, count := range counts {
		if count.Managed {
			v.drift = driftSome
		}
	}
	return v.drift == driftSome, nil
}

// driftToRepair says whether there is drift to repair.
type driftToRepair uint8

const (
	driftUnknown driftToRepair = iota
	driftNone
	driftSome
)

// revisitDrift adds the objects of a type whose accounts drifted to those that must be looked at again. An attribute that was
// refused before keeps no other from being repaired.
func (v *evaluation) revisitDrift(ctx context.Context, objectType directory.ObjectType, pending map[directory.Anchor]store.Escrow) error {
	repairs, err := v.repairsDrift(ctx)
	if err != nil || !repairs {
		return err
	}
	after := store.LinkKey{Type: objectType}
	for {
		page, err := v.store.ListDrift(ctx, v.jobID, after, previewPageSize)
		if err != nil {
			return err
		}
		for _, drift := range page {
			after = drift.LinkKey
			if drift.Type != objectType || !drift.Managed {
				continue
			}
			failure := pending[drift.Source]
			if failure.Code == codeAttributeRefused && drift.Kind != store.DriftKept {
				failure.NextAttempt = v.now
			}
			pending[drift.Source] = failure
		}
		if len(page) < previewPageSize {
			return nil
		}
	}
}

// driftOf returns the drift of objects that is to be repaired.
func (v *evaluation) driftOf(ctx context.Context, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor]store.Drift, error) {
	repairs, err := v.repairsDrift(ctx)
	if err != nil || !repairs {
		return nil, err
	}
	return v.store.DriftBySource(ctx, v.jobID, objectType, anchors)
}

// seen brings the link of an item up to what was seen of its account. gone says that there is no such account any more.
func (v *evaluation) seen(it *item, drift store.Drift) (gone bool) {
	if it.link == nil || !it.link.Managed || it.link.Target != drift.Target {
		return false
	}
	if drift.Kind == store.DriftGone {
		it.link, it.gone = nil, true
		return true
	}
	it.drifted = drift.Kind != store.DriftKept
	linked, changed := v.program.Seen(*linkedBy(*it.link), drift.Attributes, inDoubt())
	if !changed {
		return false
	}
	link := *it.link
	link.Exported, link.Active = linked.Exported, linked.Active
	it.link, it.learned = &link, true
	it.switchedOn = drift.Kind == store.DriftSwitchedOn
	return false
}

// explainDrift says in the reason that access is taken away because somebody gave it in the target.
func (it *item) explainDrift() {
	if it.switchedOn && it.decision.Action.TakesAccessAway() {
		it.decision.Reason += "; the account was switched on in the target"
	}
}

// repairedDrift forgets the drift of an object once its link remembers what was seen. A deprovisioning is decided anew when it is
// written, so until then the drift stays; and so does what nothing is done about.
func (w *writing) repairedDrift(it item) {
	if it.gone && it.decision.Action != engine.Fail { // what hung on its link goes with it
		w.batch.DeleteLinks = append(w.batch.DeleteLinks, store.LinkKey{Type: it.object.Type, Source: it.object.Anchor})
	}
	idle := it.decision.Action == engine.Skip && it.decision.Event != engine.NoEvent
	if it.drifted && !idle && !it.decision.Action.TakesAccessAway() && it.decision.Action != engine.Fail {
		w.batch.DropDrift = append(w.batch.DropDrift, store.LinkKey{Type: it.object.Type, Source: it.object.Anchor})
	}
}

// dropAllGone forgets the links of the accounts of a type that are gone, so that their objects are matched again
// (engine.md 10).
func (r *run) dropAllGone(ctx context.Context, objectType directory.ObjectType) error {
	repairs, err := r.repairsDrift(ctx)
	if err != nil || !repairs {
		return err
	}
	var gone []store.Drift
	after := store.LinkKey{Type: objectType}
	for {
		page, err := r.store.ListDrift(ctx, r.jobID, after, previewPageSize)
		if err != nil {
			return err
		}
		for _, drift := range page {
			after = drift.LinkKey
			if drift.Type == objectType && drift.Kind == store.DriftGone {
				gone = append(gone, drift)
			}
		}
		if len(page) < previewPageSize {
			return r.drop(ctx, objectType, gone, &r.cycle)
		}
	}
}

// dropGone is dropAllGone for some objects, outside of a cycle.
func (r *run) dropGone(ctx context.Context, objectType directory.ObjectType, objects []directory.Object) error {
	anchors := make([]directory.Anchor, len(objects))
	for i, object := range objects {
		anchors[i] = object.Anchor
	}
	drifts, err := r.driftOf(ctx, objectType, anchors)
	if err != nil {
		return err
	}
	var gone []store.Drift
	for _, anchor := range anchors {
		if drift := drifts[anchor]; drift.Kind == store.DriftGone {
			gone = append(gone, drift)
		}
	}
	return r.drop(ctx, objectType, gone, nil)
}

// drop forgets links. Whoever refers to their accounts is in doubt first, and a stored failure takes the place of each link:
// a process that is killed here leaves nothing that is not looked at again. The cycle, when there is one, is recorded as
// begun, so that whoever goes on compares the memberships, which go with the links.
func (r *run) drop(ctx context.Context, objectType directory.ObjectType, gone []store.Drift, cycle *store.Cycle) error {
	if len(gone) == 0 {
		return nil
	}
	if objectType == directory.User {
		for _, drift := range gone {
			r.unlinked[drift.Source] = true
		}
		if err := r.dangling(ctx); err != nil {
			return err
		}
	}
	r.settled = false
	for page := range slices.Chunk(gone, r.size) {
		if err := r.dropPage(ctx, objectType, page, cycle); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) dropPage(ctx context.Context, objectType directory.ObjectType, gone []store.Drift, cycle *store.Cycle) error {
	anchors := make([]directory.Anchor, len(gone))
	for i, drift := range gone {
		anchors[i] = drift.Source
	}
	links, err := r.store.LinksBySource(ctx, r.jobID, objectType, anchors)
	if err != nil {
		return err
	}
	batch := store.Batch{Cycle: cycle}
	for _, drift := range gone {
		link := links[drift.Source]
		if !link.Managed || link.Target != drift.Target { // it has another account by now
			batch.DropDrift = append(batch.DropDrift, drift.LinkKey)
			continue
		}
		const code, message = "InvalidAnchor", "the account is gone from the target; the object is matched again"
		batch.DeleteLinks = append(batch.DeleteLinks, link.LinkKey)
		batch.PutEscrow = append(batch.PutEscrow, store.Escrow{
			LinkKey: link.LinkKey, Name: link.Name, Code: code, Message: message, Attempts: 1, FirstFailure: r.now, NextAttempt: r.now, // due in this very cycle
		})
		record := r.loggedLink(link, r.changeID(), nil, provlog.StatusWarning, nil)
		record.Action, record.ErrorCode, record.Reason = provlog.ActionOther, code, message
		batch.Log = append(batch.Log, record)
	}
	return r.record(ctx, batch)
}
