package cycle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// outageAbove: when every one of more than this many writes of a page gets no answer, the target is down and the cycle
// stops, instead of trying everybody.
const outageAbove = 10

// objects runs the phase of one object type.
func (r *run) objects(ctx context.Context, objectType directory.ObjectType) error {
	r.cycle.Phase = store.PhaseUsers
	cursor := r.cycle.Cursor
	if objectType == directory.Group {
		r.cycle.Phase, cursor = store.PhaseGroups, r.span.from
	}
	if err := r.dropAllGone(ctx, objectType); err != nil {
		return err
	}
	total, err := r.store.CountObjects(ctx, r.copyID, objectType, cursor, r.span.to)
	if err != nil {
		return err
	}
	r.meter.begin(r.cycle.Phase, total)
	return r.visit(ctx, objectType, r.span, cursor, func(objects []directory.Object, pending map[directory.Anchor]store.Escrow, reached int64) error {
		if err := r.page(ctx, objectType, objects, pending, reached); err != nil {
			return err
		}
		r.meter.advance(len(objects))
		return nil
	})
}

// page decides about a page of objects, carries the decisions out and records the results in one transaction. reached is
// the position of the last object, or 0.
func (r *run) page(ctx context.Context, objectType directory.ObjectType, objects []directory.Object, pending map[directory.Anchor]store.Escrow, reached int64) error {
	if len(objects) > 0 {
		r.settled = false // whoever is looked at may be linked now, and join their groups
	}
	items, err := r.decide(ctx, objectType, objects)
	if err != nil {
		return err
	}
	r.cycle.Counts.Imported += int64(len(items))
	for _, it := range items {
		if it.decision.InScope() {
			r.cycle.Counts.Entitled++
		}
	}
	return r.carryOutPage(ctx, objectType, items, pending, reached)
}

// carryOutPage carries decisions out and records what became of them in one transaction.
func (r *run) carryOutPage(ctx context.Context, objectType directory.ObjectType, items []item, pending map[directory.Anchor]store.Escrow, reached int64) error {
	w := &writing{run: r, pending: pending}
	again, err := w.carryOut(ctx, items, false)
	if err == nil && len(again) > 0 {
		err = w.secondRound(ctx, objectType, again)
	}
	if err == nil {
		w.learnForms(ctx)
	}
	if err == nil && reached != 0 {
		r.cycle.Cursor = reached
	}
	// What was written is recorded whatever happened afterwards. The checkpoint moves only past pages that are done.
	if len(items) > 0 || err != nil {
		w.batch.Cycle = &r.cycle
		if recordErr := w.keep(context.WithoutCancel(ctx)); recordErr != nil {
			return errors.Join(err, recordErr)
		}
	}
	return err
}

// writing carries decisions out and collects what has to be recorded.
type writing struct {
	*run
	batch store.Batch
	// pending are the objects that have a stored failure or a staged deprovisioning.
	pending map[directory.Anchor]store.Escrow
	// repaired are the links of accounts that had drifted and were written.
	repaired []store.Link
	// claimants are the objects whose links claim an account.
	claimants []item
}

// carryOut executes the creates and updates among the items and collects everything else. It returns objects that have
// to be matched again: a link whose account is gone, a create that met a conflict or whose answer was lost.
func (w *writing) carryOut(ctx context.Context, items []item, second bool) ([]retry, error) {
	var operations []connector.Operation
	var writes []item
	for _, it := range items {
		w.repairedDrift(it)
		switch it.decision.Action {
		case engine.Create, engine.Update:
			operations = append(operations, w.operation(it))
			writes = append(writes, it)
		case engine.Link:
			w.dealtWith(it)
			w.linked(it, it.decision.Target, it.decision.Current)
			w.cycle.Counts.Skipped++
			w.cycle.Counts.Linked++
		case engine.Disable, engine.Delete:
			w.dealtWith(it)
			if it.link == nil || !it.link.Managed {
				// Just matched, and a mapping switches it off. It is linked as it is: from now on a plan can show it.
				found := it
				found.decision.Active = true
				w.linked(found, it.decision.Target, it.decision.Current)
			}
			w.stage(it)
		case engine.Fail:
			w.dealtWith(it)
			w.failed(it, w.changeID(), nil)
		case engine.Skip:
			w.dealtWith(it)
			w.skipped(it)
		}
	}
	if len(operations) == 0 {
		return nil, nil
	}
	refused, err := w.foresee(ctx, writes)
	if err != nil {
		return nil, err
	}
	writes, operations = w.concede(writes, operations, refused)
	if len(operations) == 0 {
		return nil, nil
	}
	outcomes, doubt := w.believable(ctx, writes, w.apply(ctx, operations))
	again, err := w.settle(writes, operations, outcomes, second)
	return again, errors.Join(err, doubt)
}

// dealtWith forgets the stored failure and the staged deprovisioning of an object that is decided about anew. One whose write was
// cut off keeps them: nothing else brings it back.
func (w *writing) dealtWith(it item) {
	if _, pending := w.pending[it.object.Anchor]; !pending {
		return
	}
	key := store.LinkKey{Type: it.object.Type, Source: it.object.Anchor}
	w.batch.DropStaged = append(w.batch.DropStaged, key)
	if !it.decision.Action.TakesAccessAway() { // the guard has not tried yet
		w.batch.DropEscrow = append(w.batch.DropEscrow, key)
	}
}

// settle reads the outcomes of writes.
func (w *writing) settle(writes []item, operations []connector.Operation, outcomes []connector.Outcome, second bool) ([]retry, error) {
	var again []retry
	unanswered := 0
	var stop error
	for i, it := range writes {
		outcome := outcomes[i]
		err := outcome.Err
		switch {
		case err == nil:
			w.written(it, operations[i].ID, outcome)
		case errors.Is(err, directory.Unauthorised):
			stop = err
		case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded) && directory.KindOf(err) == directory.Fatal:
			stop = err
		case !second && it.decision.Action == engine.Update && errors.Is(err, directory.NotFound),
			!second && it.decision.Action == engine.Create && (errors.Is(err, directory.Conflict) || directory.OutcomeUnknown(err)):
			again = append(again, retry{item: it, cause: err})
		default:
			w.dealtWith(it)
			w.failed(it, operations[i].ID, err)
		}
		if errors.Is(err, directory.Transient) {
			unanswered++
		}
	}
	if stop == nil && unanswered > outageAbove && unanswered == len(writes) {
		stop = fmt.Errorf("none of %d requests was answered, the target seems to be down: %w", unanswered, outcomes[0].Err)
	}
	return again, stop
}

// retry is an object whose first write has to be decided anew.
type retry struct {
	item
	cause error
}

// changeID names the next change of the cycle.
func (r *run) changeID() string {
	r.changes++
	return r.cycle.ID + "-" + strconv.Itoa(r.changes)
}

func (w *writing) operation(it item) connector.Operation {
	operation := connector.Operation{ID: w.changeID(), Kind: connector.Update, Type: it.object.Type, Target: it.decision.Target, Current: it.decision.Current}
	if it.decision.Action == engine.Create {
		operation.Kind, operation.Target, operation.Current = connector.Create, "", nil
		for _, set := range w.program.MatchSets(it.object.Type) {
			operation.Essential = append(operation.Essential, set...)
		}
		slices.Sort(operation.Essential)
	}
	operation.Changes = make([]connector.Change, len(it.decision.Changes))
	for i, change := range it.decision.Changes {
		operation.Changes[i] = connector.Change{Attribute: change.Attribute, Value: change.New, Add: change.Add}
	}
	return operation
}

// written records a create or update that succeeded.
func (w *writing) written(it item, changeID string, outcome connector.Outcome) {
	w.dealtWith(it)
	it, status := w.taken(it, outcome)
	target := it.decision.Target
	action := provlog.ActionUpdate
	switch {
	case it.decision.Action == engine.Create:
		target, action = outcome.Target, provlog.ActionCreate
		w.cycle.Counts.Created++
	case len(it.decision.Changes) > 0:
		w.cycle.Counts.Updated++
	}
	it.decision.Target = target
	w.linked(it, target, it.decision.Afterwards())
	if len(outcome.Unwritten) > 0 {
		w.refused(it, outcome.Unwritten)
	}
	w.batch.Log = append(w.batch.Log, w.logged(it, changeID, action, status, nil))
}

// linked records the link of an object that is in scope, and the references it waits for.
func (w *writing) linked(it item, target directory.Anchor, exported map[string]directory.Value) {
	replaces(&w.batch, it, target)
	link := w.link(it, target, exported)
	if it.claims(target) {
		w.batch.Claims = append(w.batch.Claims, w.claim(link))
		w.claimants = append(w.claimants, it)
	}
	w.batch.PutLinks = append(w.batch.PutLinks, link)
	if it.drifted && it.decision.Action == engine.Update {
		w.repaired = append(w.repaired, link)
	}
	w.wait(it)
}

// link makes the link of an object that is in scope.
func (r *run) link(it item, target directory.Anchor, exported map[string]directory.Value) store.Link {
	link := store.Link{
		LinkKey: store.LinkKey{Type: it.object.Type, Source: it.object.Anchor}, Target: target,
		MatchKey: it.decision.MatchKey, Name: it.decision.Name,
		Managed: true, Active: it.decision.Active, Exported: exported, LinkedAt: r.engine.Now(),
	}
	if it.link != nil && it.link.Target == target {
		link.LinkedAt = it.link.LinkedAt
	}
	return link
}

// wait records which references are pending and forgets those that no longer are.
func (w *writing) wait(it item) {
	key := store.LinkKey{Type: it.object.Type, Source: it.object.Anchor}
	wanted := map[string]bool{}
	for _, reference := range it.decision.References {
		wanted[reference.Attribute] = true
		w.batch.PutReferences = append(w.batch.PutReferences, store.Reference{LinkKey: key, Attribute: reference.Attribute, Wanted: reference.Wanted})
	}
	if it.link == nil {
		return
	}
	for _, attribute := range w.program.ReferenceTargets(it.object.Type) {
		if !wanted[attribute] {
			w.batch.DropReferences = append(w.batch.DropReferences, store.Reference{LinkKey: key, Attribute: attribute})
		}
	}
}

// skipped records what an object without a write leaves behind: a link that ends, or one whose name or references
// changed.
func (w *writing) skipped(it item) {
	w.cycle.Counts.Skipped++
	if it.link == nil {
		return
	}
	link := *it.link
	switch it.decision.Aftermath {
	case engine.DropLink:
		w.batch.DeleteLinks = append(w.batch.DeleteLinks, link.LinkKey)
		return
	case engine.ReleaseLink:
		if link.Managed {
			link.Managed = false
			w.batch.PutLinks = append(w.batch.PutLinks, link)
		}
		return
	case engine.KeepLink:
	}
	if !it.decision.DueAt.IsZero() {
		w.stageLater(it)
	}
	if !link.Managed || it.decision.Event != engine.NoEvent {
		w.forgo(it)
		return
	}
	if it.learned || link.MatchKey != it.decision.MatchKey || link.Name != it.decision.Name {
		link.MatchKey, link.Name = it.decision.MatchKey, it.decision.Name
		w.batch.PutLinks = append(w.batch.PutLinks, link)
	}
	w.wait(it)
}

// forgo ends the wait for references of an object that leaves: nothing else is sent for it, also while it is held. Whoever
// comes back waits anew. References that drifted are another matter: they are put back.
func (w *writing) forgo(it item) {
	if it.drifted {
		return
	}
	for _, attribute := range w.program.ReferenceTargets(it.object.Type) {
		key := store.LinkKey{Type: it.object.Type, Source: it.object.Anchor}
		w.batch.DropReferences = append(w.batch.DropReferences, store.Reference{LinkKey: key, Attribute: attribute})
	}
}

// stage records a deprovisioning for the guard.
func (w *writing) stage(it item) {
	w.forgo(it)
	key := store.LinkKey{Type: it.object.Type, Source: it.object.Anchor}
	w.batch.PutStaged = append(w.batch.PutStaged, successor(w.staged[key], w.departing(it), w.engine.Now()))
}

// departing is a deprovisioning as it is staged.
func (r *run) departing(it item) store.Staged {
	staged := store.Staged{
		LinkKey: store.LinkKey{Type: it.object.Type, Source: it.object.Anchor},
		Action:  string(it.decision.Action), Event: string(it.decision.Event), Reason: it.decision.Reason,
		CycleID: r.cycle.ID, Since: it.decision.Since,
	}
	if staged.Since.IsZero() {
		staged.Since = r.engine.Now()
	}
	return staged
}

// failed escrows an object: it is tried again, other objects go on. err is nil when the decision itself is the failure.
func (w *writing) failed(it item, changeID string, err error) {
	code, message, kind := it.decision.Code, it.decision.Reason, it.decision.Cause
	if err != nil {
		code, message, kind = errorCode(err), err.Error(), directory.KindOf(err)
	}
	w.fail(it.object.Type, it.decision.Name, code, message)
	w.alarm(kind, code, message)
	w.escrow(it, kind, code, message)
	w.batch.Log = append(w.batch.Log, w.logged(it, changeID, attempted(it.decision.Action), provlog.StatusFailure, err))
}

// escrow stores what could not be done for an object, so that it is tried again on the ladder (engine.md 16).
func (w *writing) escrow(it item, kind directory.ErrorKind, code, message string) {
	now := w.engine.Now()
	escrow := w.pending[it.object.Anchor]
	if escrow.Attempts == 0 {
		escrow.FirstFailure = now
	}
	escrow.LinkKey = it.key()
	escrow.Name, escrow.Code, escrow.Message = it.decision.Name, code, message
	escrow.Attempts++
	escrow.NextAttempt = engine.Failure{First: escrow.FirstFailure, At: now, Attempts: escrow.Attempts, Kind: kind}.NextAttempt()
	w.batch.PutEscrow = append(w.batch.PutEscrow, escrow)
}

func attempted(action engine.Action) provlog.Action {
	switch action {
	case engine.Create:
		return provlog.ActionCreate
	case engine.Update:
		return provlog.ActionUpdate
	case engine.Disable:
		return provlog.ActionDisable
	case engine.Delete:
		return provlog.ActionDelete
	default:
		return provlog.ActionOther
	}
}
