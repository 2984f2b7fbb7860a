package cycle

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// The codes of subjects that nothing can be decided about, besides those of engine.md 24.
const (
	CodeNotInSource      = "NotInSource"
	CodeAmbiguousSubject = "AmbiguousSubject"
	codeConnectionTest   = "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable"
)

// OnDemandResult is what became of one subject.
type OnDemandResult struct {
	// Subject as it was asked for.
	Subject Subject
	// Status is StatusSuccess, StatusSkipped or StatusFailure.
	Status provlog.Status
	// Record holds the steps: import, scope, match, action, then references and memberships. A failed connection test is the
	// only step. In a dry run it says what would be done.
	Record provlog.Record
}

// OnDemand provisions chosen objects at once, through the decisions and writes of a cycle (engine.md 19), and returns one
// result for each subject, in order. The source is read first.
//
// It never takes access away: a disable or delete is staged as held, a membership to remove is left alone. References and
// memberships are written for the subjects only, as soon as both ends have accounts; when both groups and users are asked
// for, memberships are written among these alone. Watermark, checkpoint, quarantine and the configuration of the job stay as
// they are, so what a run that was killed left undone is done by the next cycle.
//
// It runs whatever state the job is in. A quarantined job is to be diagnosed (engine.md 17.4); a paused one too: pausing
// withholds cycles, and the documented repair of a link is pause, delete the link, provision on demand, start (engine.md 10).
//
// A dry run asks the target the same questions, writes nothing, stores nothing but the engine's copy of the source, and does
// not need the job for itself.
//
// Errors: NotFound when there is no such job, Conflict when another process works on it, and whatever stops a cycle. What was
// written by then is recorded.
func (e *Engine) OnDemand(ctx context.Context, jobID string, subjects []Subject, dryRun bool) ([]OnDemandResult, error) {
	if len(subjects) == 0 {
		return nil, directory.Errorf(directory.Invalid, "job %s: nobody to provision on demand; name at least one user or group", jobID)
	}
	var l *lease
	if !dryRun {
		var err error
		if l, err = e.acquireAtOnce(ctx, jobID); err != nil {
			return nil, err
		}
		defer l.release(ctx)
	}
	record, err := e.Store.GetJob(ctx, jobID)
	if err != nil {
		return nil, err
	}
	ready, err := e.prepare(ctx, record.Definition, true)
	if err != nil {
		return nil, err
	}
	defer e.close(ctx, ready.target)
	o, err := e.onDemand(ctx, record, ready, l, subjects, dryRun)
	if err != nil {
		return nil, err
	}
	if err := e.test(ctx, ready); ctx.Err() != nil {
		return nil, ctx.Err()
	} else if err != nil {
		err = o.untested(ctx, err)
		return o.results(), err
	}
	if err := o.provision(ctx); err != nil || dryRun {
		return o.results(), err
	}
	return o.results(), o.unmark(ctx)
}

// acquireAtOnce takes the right to work on a job, or says that somebody else has it: a person who waits for an answer is not
// kept waiting for a cycle.
func (e *Engine) acquireAtOnce(ctx context.Context, jobID string) (*lease, error) {
	l := &lease{engine: e, jobID: jobID, owner: e.NewID(), stop: make(chan struct{})}
	fence, err := e.Store.Lease(ctx, jobID, l.owner, e.Now(), leaseTTL)
	if errors.Is(err, directory.Conflict) {
		return nil, directory.Errorf(directory.Conflict,
			"job %s is being worked on by another process: a cycle, a commit or another on-demand run. Nothing was changed; try again when it has ended. "+
				"A process that was killed holds a job for at most %s. A dry run does not wait: %w", jobID, leaseTTL, err)
	}
	if err != nil {
		return nil, err
	}
	l.fence = fence
	l.done.Go(l.keep)
	return l, nil
}

// onDemand is an on-demand run under way.
type onDemand struct {
	*run
	journal  *journal
	dry      bool
	subjects []subjectOf
	// among says that groups and users are asked for, so that only memberships among them are written.
	among    bool
	dossiers map[store.LinkKey]dossier
	// records are the answers by object; the first is about the object itself.
	records map[store.LinkKey]*provlog.Record
	// waiting are the references of the decisions, by object.
	waiting map[store.LinkKey][]engine.ReferenceChange
}

func (e *Engine) onDemand(ctx context.Context, record store.JobRecord, ready prepared, l *lease, subjects []Subject, dryRun bool) (*onDemand, error) {
	r, _ := e.start(record, ready, l, engine.Approval{}, nil)
	// What a cut cycle left behind is the next cycle's; the index of the target is, too.
	r.matcher = searcher{connector: ready.connector, program: ready.program}
	r.initiator = provlog.InitiatorOnDemand
	known, err := dossiers(ctx, e.Store, r.jobID)
	if err != nil {
		return nil, err
	}
	o := &onDemand{
		run: r, journal: &journal{Store: e.Store, now: r.now, dossiers: known}, dry: dryRun, dossiers: known,
		records: map[store.LinkKey]*provlog.Record{}, waiting: map[store.LinkKey][]engine.ReferenceChange{},
	}
	r.store = o.journal
	o.subjects, err = e.reader(r.jobID, ready).find(ctx, subjects, ready.position)
	o.among = len(o.objects(directory.User)) > 0 && len(o.objects(directory.Group)) > 0
	return o, err
}

// provision does what a cycle does, for the subjects.
func (o *onDemand) provision(ctx context.Context) error {
	for _, objectType := range directory.ObjectTypes() {
		for page := range slices.Chunk(o.objects(objectType), o.size) {
			if err := o.page(ctx, objectType, page); err != nil {
				return fmt.Errorf("provision %ss on demand: %w", objectType, err)
			}
		}
		if objectType != directory.User {
			continue
		}
		if !o.dry {
			if err := o.dangling(ctx); err != nil {
				return err
			}
		}
		if err := o.references(ctx); err != nil {
			return fmt.Errorf("write references on demand: %w", err)
		}
	}
	if !o.program.Memberships() {
		return nil
	}
	if err := o.memberships(ctx); err != nil {
		return fmt.Errorf("write memberships on demand: %w", err)
	}
	return nil
}

// objects returns the subjects of a type without repeats.
func (o *onDemand) objects(objectType directory.ObjectType) []directory.Object {
	var objects []directory.Object
	seen := map[directory.Anchor]bool{}
	for _, subject := range o.subjects {
		if subject.err == nil && subject.object.Type == objectType && !seen[subject.object.Anchor] {
			seen[subject.object.Anchor] = true
			objects = append(objects, subject.object)
		}
	}
	return objects
}

func (o *onDemand) page(ctx context.Context, objectType directory.ObjectType, objects []directory.Object) error {
	if !o.dry {
		if err := o.dropGone(ctx, objectType, objects); err != nil {
			return err
		}
	}
	began := len(o.journal.records)
	items, err := o.decide(ctx, objectType, objects)
	if err != nil {
		return err
	}
	for _, it := range items {
		o.waiting[store.LinkKey{Type: objectType, Source: it.object.Anchor}] = it.decision.References
	}
	if o.dry {
		for _, it := range items {
			record := o.foretold(it)
			o.records[store.LinkKey{Type: objectType, Source: it.object.Anchor}] = &record
		}
		return nil
	}
	marks, err := o.mark(ctx, items)
	if err != nil {
		return err
	}
	w := &writing{run: o.run, pending: o.pending(objectType)}
	again, err := w.carryOut(ctx, items, false)
	for _, it := range items {
		if !isWrite(it.decision.Action) {
			w.batch.Log = append(w.batch.Log, o.unwritten(it, o.changeID()))
		}
	}
	if err == nil && len(again) > 0 {
		err = w.secondRound(ctx, objectType, again)
	}
	if err == nil {
		w.learnForms(ctx)
	}
	for _, mark := range marks {
		if !slices.ContainsFunc(w.batch.PutEscrow, func(failed store.Escrow) bool { return failed.LinkKey == mark.LinkKey }) {
			w.batch.PutEscrow = append(w.batch.PutEscrow, mark)
		}
	}
	// What was written is recorded whatever happened afterwards.
	if recordErr := w.keep(context.WithoutCancel(ctx)); recordErr != nil || err != nil {
		return errors.Join(err, recordErr)
	}
	return o.answered(ctx, objectType, objects, began)
}

// codeInterrupted is the code of what is stored about subjects until an on-demand run has ended.
const codeInterrupted = "OnDemandInterrupted"

// mark makes sure that the next cycle looks at objects if this run is killed: the watermark may be past them already. The
// marks are to be stored again with what is recorded of the objects, and stay until the end of the run.
func (o *onDemand) mark(ctx context.Context, items []item) ([]store.Escrow, error) {
	now := o.engine.Now()
	var marks []store.Escrow
	for _, it := range items {
		switch it.decision.Action {
		case engine.Create, engine.Update, engine.Link:
		default:
			continue
		}
		mark := store.Escrow{
			LinkKey: store.LinkKey{Type: it.object.Type, Source: it.object.Anchor}, Name: it.decision.Name, Code: codeInterrupted,
			Message: "it was being provisioned on demand, and what became of it is not known", Attempts: 1, FirstFailure: now, NextAttempt: now,
		}
		if failed := o.dossiers[mark.LinkKey].escrow; failed != nil {
			mark.Attempts, mark.FirstFailure = failed.Attempts, failed.FirstFailure
		}
		marks = append(marks, mark)
	}
	if len(marks) == 0 {
		return nil, nil
	}
	return marks, o.record(ctx, store.Batch{PutEscrow: marks})
}

// unmark ends a run: nothing is left to the next cycle but what failed.
func (o *onDemand) unmark(ctx context.Context) error {
	known, err := dossiers(ctx, o.store, o.jobID)
	if err != nil {
		return err
	}
	var batch store.Batch
	for _, subject := range o.subjects {
		if escrow := known[subject.key()].escrow; subject.err == nil && escrow != nil && escrow.Code == codeInterrupted {
			batch.DropEscrow = append(batch.DropEscrow, subject.key())
		}
	}
	if len(batch.DropEscrow) == 0 {
		return nil
	}
	return o.record(ctx, batch)
}

// isWrite reports whether carrying an action out leaves a log record of its own.
func isWrite(action engine.Action) bool {
	return action == engine.Create || action == engine.Update || action == engine.Fail
}

// answered sees to objects that a second look only linked, or staged: a cycle logs nothing of them, somebody who asked wants to
// know. Records from began on are those of these objects.
func (o *onDemand) answered(ctx context.Context, objectType directory.ObjectType, objects []directory.Object, began int) error {
	open := slices.DeleteFunc(slices.Clone(objects), func(object directory.Object) bool {
		return o.journal.about(store.LinkKey{Type: objectType, Source: object.Anchor}, began) != nil
	})
	var batch store.Batch
	if len(open) > 0 {
		items, err := o.decide(ctx, objectType, open)
		if err != nil {
			return err
		}
		for _, it := range items {
			batch.Log = append(batch.Log, o.unwritten(it, o.changeID()))
		}
		if err := o.record(ctx, batch); err != nil {
			return err
		}
	}
	for _, object := range objects {
		key := store.LinkKey{Type: objectType, Source: object.Anchor}
		o.records[key] = o.journal.about(key, began)
	}
	return nil
}

// pending are the subjects of a type that have a stored failure or a staged deprovisioning.
func (o *onDemand) pending(objectType directory.ObjectType) map[directory.Anchor]store.Escrow {
	pending := map[directory.Anchor]store.Escrow{}
	for key, known := range o.dossiers {
		if key.Type != objectType {
			continue
		}
		pending[key.Source] = store.Escrow{}
		if known.escrow != nil {
			pending[key.Source] = *known.escrow
		}
	}
	return pending
}
