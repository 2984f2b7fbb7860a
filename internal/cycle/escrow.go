package cycle

import (
	"context"
	"errors"
	"fmt"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// RunRequest asks for a cycle of a committed job.
type RunRequest struct {
	JobID string
	// Full evaluates every object, not only what changed.
	Full bool
	// Force runs a quarantined job before it is due.
	Force bool
}

// unattended runs one cycle of the committed generation, as a schedule does. Its limits alone bound what it takes away: when
// they are exceeded, all disables and deletes of the cycle are held and the job is quarantined. Objects that failed before are
// tried again when they are due or have changed (engine.md 16). A cycle that a commit runs, in contrast, tries every one:
// whoever applies a plan asks for what it shows, and it shows all of them.
func (e *Engine) unattended(ctx context.Context, l *lease, record store.JobRecord, progress func(Progress)) (Report, error) {
	ready, err := e.prepare(ctx, record.Definition, true)
	if err != nil {
		return Report{}, err
	}
	defer e.close(ctx, ready.target)
	if err := e.probe(ctx, ready, l, record); err != nil {
		return Report{}, err
	}
	e.describe(ctx, ready.target, describeRarely)
	if record.Initialised {
		if err := e.checkDrift(ctx, ready); err != nil {
			return Report{}, err
		}
	}
	r, index := e.start(record, ready, l, engine.ApproveAll(), progress)
	r.unattended, r.patient = true, true
	err = r.execute(ctx)
	warnings, warningErr := e.driftWarnings(context.WithoutCancel(ctx), record.Definition, false)
	r.report.Warnings = append(r.report.Warnings, warnings...)
	return r.report, errors.Join(err, warningErr, index.clear(context.WithoutCancel(ctx)), e.tidy(context.WithoutCancel(ctx), record.Definition))
}

// giveUp ends what has failed for 28 days: it is logged and not tried any more until it changes in the source or everything
// is evaluated (engine.md 16). A deprovisioning is not given up: its failures are counted anew, because nobody keeps access
// for having been hard to disable.
func (r *run) giveUp(ctx context.Context) error {
	var after store.LinkKey
	for {
		page, err := r.store.ListEscrow(ctx, r.jobID, after, r.size)
		if err != nil {
			return err
		}
		var batch store.Batch
		for _, entry := range page {
			after = entry.LinkKey
			if !ofObject(entry) || !engine.GivenUp(entry.FirstFailure, r.now) {
				continue
			}
			batch.DropEscrow = append(batch.DropEscrow, entry.LinkKey)
			it := item{object: directory.Object{Type: entry.Type, Anchor: entry.Source}}
			it.decision.Name, it.decision.Code = entry.Name, entry.Code
			record := r.logged(it, r.changeID(), provlog.ActionOther, provlog.StatusFailure, nil)
			record.Reason = fmt.Sprintf("given up: it has failed since %s, %d times, at last: %s", provlog.FormatTime(entry.FirstFailure), entry.Attempts, entry.Message)
			batch.Log = append(batch.Log, record)
		}
		if len(batch.DropEscrow) > 0 {
			if err := r.record(ctx, batch); err != nil {
				return err
			}
		}
		if len(page) < r.size {
			return nil
		}
	}
}
