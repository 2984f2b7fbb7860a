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
	t, err := r.stagedToll(ctx)
	if err != nil {
		return err
	}
	r.meter.begin(r.cycle.Phase, t.Disables+t.Deletes)
	if violations := engine.Judge(t, r.program.Definition().Limits); len(violations) > 0 {
		// The plan checked the limits; here they catch what changed since. Nothing is written (engine.md 18).
		for _, violation := range violations {
			r.report.Warnings = append(r.report.Warnings, violation.Message+"; all disables and deletes of this cycle are held")
		}
		r.approval = engine.Approval{}
	}
	for _, objectType := range r.program.ObjectTypes() {
		if err := r.release(ctx, objectType); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) stagedToll(ctx context.Context) (engine.Toll, error) {
	counts, err := r.store.CountStaged(ctx, r.jobID)
	if err != nil {
		return engine.Toll{}, err
	}
	managed, err := r.store.CountManaged(ctx, r.jobID)
	if err != nil {
		return engine.Toll{}, err
	}
	var t engine.Toll
	for _, count := range managed {
		t.Managed += count
	}
	for _, count := range counts {
		if count.Action == string(engine.Delete) {
			t.Deletes += count.Count
		} else {
			t.Disables += count.Count
		}
	}
	return t, nil
}

// release writes the approved deprovisionings of one object type, page by page.
func (r *run) release(ctx context.Context, objectType directory.ObjectType) error {
	after := store.LinkKey{Type: objectType}
	for {
		staged, err := r.store.ListStaged(ctx, r.jobID, after, r.size)
		if err != nil {
			return err
		}
		anchors := make([]directory.Anchor, 0, len(staged))
		for _, entry := range staged {
			after = entry.LinkKey
			if entry.Type == objectType {
				anchors = append(anchors, entry.Source)
			}
		}
		if len(anchors) > 0 {
			if err := r.releasePage(ctx, objectType, anchors); err != nil {
				return err
			}
		}
		if len(staged) < r.size {
			return nil
		}
	}
}

func (r *run) releasePage(ctx context.Context, objectType directory.ObjectType, anchors []directory.Anchor) error {
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
	w := &writing{run: r}
	w.batch.Cycle = &r.cycle
	var operations []connector.Operation
	var writes []item
	for _, it := range items {
		switch {
		case !it.decision.Action.TakesAccessAway(): // it came back; the next cycle sees to it
			w.batch.DropStaged = append(w.batch.DropStaged, store.LinkKey{Type: objectType, Source: it.object.Anchor})
		case !r.approval.Covers(affected(it)):
			r.holdStaged(&w.batch, it)
		default:
			operations = append(operations, w.departure(it))
			writes = append(writes, it)
		}
	}
	if err := r.foresee(ctx, writes); err != nil {
		return err
	}
	var stop error
	for i, outcome := range r.connector.Apply(ctx, operations) {
		it := writes[i]
		switch {
		case outcome.Err == nil, it.decision.Action == engine.Delete && errors.Is(outcome.Err, directory.NotFound):
			w.departed(it, operations[i].ID)
		case it.decision.Action == engine.Disable && errors.Is(outcome.Err, directory.NotFound):
			// The account is gone already; there is nothing left to switch off.
			it.decision.Aftermath = engine.DropLink
			w.departed(it, operations[i].ID)
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
func (w *writing) departed(it item, changeID string) {
	key := store.LinkKey{Type: it.object.Type, Source: it.object.Anchor}
	w.report.Executed = append(w.report.Executed, affected(it))
	w.batch.DropStaged = append(w.batch.DropStaged, key)
	action := provlog.ActionDisable
	if it.decision.Action == engine.Delete {
		action = provlog.ActionDelete
		w.cycle.Counts.Deleted++
	} else {
		w.cycle.Counts.Disabled++
	}
	w.batch.Log = append(w.batch.Log, w.logged(it, changeID, action, provlog.StatusSuccess, nil))
	if it.decision.Aftermath == engine.DropLink || it.decision.Action == engine.Delete {
		w.batch.DeleteLinks = append(w.batch.DeleteLinks, key)
		return
	}
	link := *it.link
	link.Active = it.decision.Active
	link.Exported = merged(it.decision.Current, it.decision.Changes)
	link.Managed = it.decision.Aftermath != engine.ReleaseLink
	w.batch.PutLinks = append(w.batch.PutLinks, link)
}

// holdStaged keeps a deprovisioning staged that nobody approved.
func (r *run) holdStaged(batch *store.Batch, it item) {
	r.hold(affected(it))
	batch.PutStaged = append(batch.PutStaged, store.Staged{
		LinkKey: store.LinkKey{Type: it.object.Type, Source: it.object.Anchor},
		Action:  string(it.decision.Action), Event: string(it.decision.Event), Reason: it.decision.Reason,
		Held: true, CycleID: r.cycle.ID, Since: r.engine.Now(),
	})
	record := r.logged(it, r.changeID(), provlog.ActionStagedDelete, provlog.StatusSkipped, nil)
	record.Reason = fmt.Sprintf("%s is held: it was not approved (%s)", it.decision.Action, it.decision.Reason)
	batch.Log = append(batch.Log, record)
}
