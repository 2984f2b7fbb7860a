package cycle

import (
	"context"
	"errors"
	"fmt"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// guard judges the staged deprovisionings together and writes those that are approved. Each is decided anew first: an
// object that came back meanwhile loses nothing.
func (r *run) guard(ctx context.Context) error {
	r.cycle.Phase = store.PhaseGuard
	known, err := dossiers(ctx, r.store, r.jobID)
	if err != nil {
		return err
	}
	toll, err := r.stagedToll(ctx, known)
	if err != nil {
		return err
	}
	r.meter.begin(r.cycle.Phase, toll.Lost())
	if violations := engine.Judge(toll, r.program.Definition().Limits); len(violations) > 0 {
		// In a commit the plan checked the limits; here they catch what changed since. Nothing is written (engine.md 18).
		for _, violation := range violations {
			r.report.Warnings = append(r.report.Warnings, violation.Message+"; all disables and deletes of this cycle are held")
		}
		r.approval = engine.Approval{}
		if r.unattended {
			r.tooMany = tooManyDeletes(violations)
		}
	}
	if r.quarantine.HoldsDeletes {
		// Nobody loses access without approval until none of those that were held waits any more.
		r.approval = engine.Approval{}
		if toll.Lost() > 0 && r.tooMany.Reason == "" {
			r.tooMany = engine.Cause{Reason: engine.QuarantineDeletes, Error: engine.QuarantineError{
				Code: string(engine.QuarantineDeletes), TenantActionable: true,
				Message: fmt.Sprintf("%d disables and deletes wait for approval since a limit was exceeded", toll.Lost()),
			}}
		}
	}
	for _, objectType := range r.program.ObjectTypes() {
		if err := r.release(ctx, objectType, known); err != nil {
			return err
		}
	}
	return nil
}

// tooManyDeletes is the reason for quarantine when limits are exceeded.
func tooManyDeletes(violations []engine.Violation) engine.Cause {
	return engine.Cause{Reason: engine.QuarantineDeletes, Error: engine.QuarantineError{
		Code: string(engine.QuarantineDeletes), Message: messages(violations), TenantActionable: true,
	}}
}

// stagedToll counts the deprovisionings of this cycle about which nobody has decided.
func (r *run) stagedToll(ctx context.Context, known map[store.LinkKey]dossier) (engine.Toll, error) {
	managed, err := r.store.CountManaged(ctx, r.jobID)
	if err != nil {
		return engine.Toll{}, err
	}
	var toll engine.Toll
	toll.Manage(managed)
	for key, about := range known {
		if about.staged == nil || delayed(*about.staged) || r.waits(about) || rulingOn(*about.staged, departureOf(*about.staged), r.now) != engine.Undecided {
			continue
		}
		toll.Count(key.Type, engine.Action(about.staged.Action))
	}
	return toll, nil
}

// waits reports whether a deprovisioning that failed before is not due yet. One that was decided in this cycle is.
func (r *run) waits(about dossier) bool {
	return about.staged.CycleID != r.cycle.ID && about.escrow != nil && r.postpones(*about.escrow)
}

// release writes the approved deprovisionings of one object type, page by page.
func (r *run) release(ctx context.Context, objectType directory.ObjectType, known map[store.LinkKey]dossier) error {
	after := store.LinkKey{Type: objectType}
	for {
		staged, err := r.store.ListStaged(ctx, r.jobID, after, r.size)
		if err != nil {
			return err
		}
		anchors := make([]directory.Anchor, 0, len(staged))
		for _, entry := range staged {
			after = entry.LinkKey
			if entry.Type == objectType && !delayed(entry) && !r.waits(known[entry.LinkKey]) {
				anchors = append(anchors, entry.Source)
			}
		}
		if len(anchors) > 0 {
			if err := r.releasePage(ctx, objectType, anchors, known); err != nil {
				return err
			}
		}
		if len(staged) < r.size {
			return nil
		}
	}
}

func (r *run) releasePage(ctx context.Context, objectType directory.ObjectType, anchors []directory.Anchor, about map[store.LinkKey]dossier) error {
	known, err := r.store.ObjectsByAnchor(ctx, r.copyID, objectType, anchors)
	if err != nil {
		return err
	}
	objects := make([]directory.Object, len(anchors))
	for i, anchor := range anchors {
		objects[i] = gone(objectType, anchor)
		if object, ok := known[anchor]; ok {
			objects[i] = object.Object
		}
	}
	items, err := r.decide(ctx, objectType, objects)
	if err != nil {
		return err
	}
	w := &writing{run: r, pending: map[directory.Anchor]store.Escrow{}}
	w.batch.Cycle = &r.cycle
	var operations []connector.Operation
	var writes []item
	for _, it := range items {
		key := store.LinkKey{Type: objectType, Source: it.object.Anchor}
		if failure := about[key].escrow; failure != nil {
			w.pending[it.object.Anchor] = *failure
		}
		staged := *about[key].staged
		ruling := rulingOn(staged, engine.DepartureOf(it.decision), r.now)
		switch {
		case !it.decision.Action.TakesAccessAway(): // it came back; the next cycle sees to it
			w.batch.DropStaged = append(w.batch.DropStaged, key)
			w.batch.DropEscrow = append(w.batch.DropEscrow, key)
			if !it.decision.DueAt.IsZero() { // it is off already, and is deleted later
				w.stageLater(it)
			}
		case ruling == engine.Rejected:
			w.batch.DropEscrow = append(w.batch.DropEscrow, key)
		case ruling != engine.Approved && !r.approval.Covers(affected(it)):
			r.holdStaged(&w.batch, it, staged)
		default:
			operations = append(operations, w.departure(it))
			writes = append(writes, it)
		}
	}
	if _, err := r.foresee(ctx, writes); err != nil { // all of them are managed
		return err
	}
	var stop error
	for i, outcome := range r.apply(ctx, operations) {
		it := writes[i]
		if w.keepsAccess(it, outcome) {
			outcome.Err = whole(outcome)
		}
		switch {
		case outcome.Err == nil, it.decision.Action == engine.Delete && errors.Is(outcome.Err, directory.NotFound):
			w.departed(it, operations[i].ID, outcome)
		case it.decision.Action == engine.Disable && errors.Is(outcome.Err, directory.NotFound):
			// The account is gone already; there is nothing left to switch off.
			it.decision.Aftermath = engine.DropLink
			w.departed(it, operations[i].ID, outcome)
		case errors.Is(outcome.Err, directory.Unauthorised), ctx.Err() != nil:
			stop = outcome.Err
		default:
			w.failed(it, operations[i].ID, outcome.Err)
		}
	}
	r.meter.advance(len(items))
	return errors.Join(stop, r.record(context.WithoutCancel(ctx), w.batch))
}

// departure is the operation that disables or deletes.
func (w *writing) departure(it item) connector.Operation {
	operation := w.operation(it)
	if it.decision.Action == engine.Delete {
		operation.Kind, operation.Changes = connector.Delete, nil
	}
	return operation
}

// departed records a disable or delete that was written.
func (w *writing) departed(it item, changeID string, outcome connector.Outcome) {
	key := store.LinkKey{Type: it.object.Type, Source: it.object.Anchor}
	w.report.Executed = append(w.report.Executed, affected(it))
	it, status := w.taken(it, outcome)
	w.batch.DropStaged = append(w.batch.DropStaged, key)
	w.batch.DropEscrow = append(w.batch.DropEscrow, key)
	if it.drifted {
		w.batch.DropDrift = append(w.batch.DropDrift, key)
	}
	action := provlog.ActionDisable
	if it.decision.Action == engine.Delete {
		action = provlog.ActionDelete
		w.cycle.Counts.Deleted++
	} else {
		w.cycle.Counts.Disabled++
	}
	w.batch.Log = append(w.batch.Log, w.logged(it, changeID, action, status, nil))
	if len(outcome.Unwritten) > 0 {
		w.refused(it, outcome.Unwritten)
	}
	if it.decision.Aftermath == engine.DropLink || it.decision.Action == engine.Delete {
		w.batch.DeleteLinks = append(w.batch.DeleteLinks, key)
		return
	}
	link := *it.link
	link.Active = it.decision.Active
	link.Exported = it.decision.Afterwards()
	link.Managed = it.decision.Aftermath != engine.ReleaseLink
	w.batch.PutLinks = append(w.batch.PutLinks, link)
	if !it.decision.DueAt.IsZero() {
		w.stageLater(it)
	}
}

// holdStaged keeps a deprovisioning staged that nobody approved. That it is held is logged once.
func (r *run) holdStaged(batch *store.Batch, it item, before store.Staged) {
	r.hold(affected(it))
	held := successor(before, r.departing(it), r.engine.Now())
	held.Held = true
	batch.PutStaged = append(batch.PutStaged, held)
	batch.DropEscrow = append(batch.DropEscrow, held.LinkKey)
	if before.Held && departureOf(before) == departureOf(held) {
		return
	}
	record := r.logged(it, r.changeID(), provlog.ActionStagedDelete, provlog.StatusSkipped, nil)
	record.Reason = fmt.Sprintf("%s is held: it was not approved (%s)", it.decision.Action, it.decision.Reason)
	if r.tooMany.Reason != "" {
		record.ErrorCode = r.tooMany.Error.Code
		record.Reason = fmt.Sprintf("%s is held: %s (%s)", it.decision.Action, r.tooMany.Error.Message, it.decision.Reason)
	}
	batch.Log = append(batch.Log, record)
}
