package cycle

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// StartJob lets a paused or quarantined job go on where it stopped (engine.md 2.3, 17.5). It contacts nobody and waits for a
// cycle under way. Starting a job that runs is a success.
func (e *Engine) StartJob(ctx context.Context, jobID string) error {
	l, record, err := e.workOn(ctx, jobID)
	if err != nil {
		return err
	}
	defer l.release(ctx)
	if record, err = e.lift(ctx, l, record); err != nil {
		return err
	}
	_, err = e.setState(ctx, record, job.Started)
	return err
}

// PauseJob withholds later cycles; everything the job remembers is kept. A cycle under way finishes first (engine.md 2.3).
// Pausing a paused job is a success.
func (e *Engine) PauseJob(ctx context.Context, jobID string) error {
	l, record, err := e.workOn(ctx, jobID)
	if err != nil {
		return err
	}
	defer l.release(ctx)
	_, err = e.setState(ctx, record, job.Paused)
	return err
}

// workOn takes the right to work on a job and reads the job. Somebody who waited reads what was left behind.
func (e *Engine) workOn(ctx context.Context, jobID string) (*lease, store.JobRecord, error) {
	if _, err := e.Store.GetJob(ctx, jobID); err != nil { // a job that is not there has no lease to wait for
		return nil, store.JobRecord{}, err
	}
	l, err := e.acquire(ctx, jobID)
	if err != nil {
		return nil, store.JobRecord{}, err
	}
	record, err := e.Store.GetJob(ctx, jobID)
	if err != nil {
		l.release(ctx)
		return nil, store.JobRecord{}, err
	}
	return l, record, nil
}

// setState commits a generation with another state. Nothing that decides about objects changes, so the watermark stays.
func (e *Engine) setState(ctx context.Context, record store.JobRecord, state job.DesiredState) (store.JobRecord, error) {
	if record.Definition.State == state {
		return record, nil
	}
	definition := record.Definition
	definition.State = state
	return e.Store.CommitJob(ctx, definition, record.Generation, false, e.Now())
}

// Ran is the end of a run.
type Ran struct {
	Report
	// Withheld says why no cycle ran, empty when one did: the job is paused, or in quarantine and not due.
	Withheld string
}

// RunJob runs one cycle for a timer that knows nothing of the job: one that is not to run now, because it is paused or in
// quarantine and not due, is left alone, which is no error. With Full the watermark is reset first, so that whoever goes on
// after a cut evaluates everything as well. What was written before an error is recorded.
func (e *Engine) RunJob(ctx context.Context, request RunRequest, progress func(Progress)) (Ran, error) {
	l, record, err := e.workOn(ctx, request.JobID)
	if err != nil {
		return Ran{}, err
	}
	defer l.release(ctx)
	if record.Definition.State == job.Paused {
		return Ran{Withheld: "job " + request.JobID + " is paused. Nothing was done; start it to let cycles run"}, nil
	}
	switch err := e.due(record, request.Force); {
	case directory.KindOf(err) == directory.Conflict:
		return Ran{Withheld: err.Error()}, nil
	case err != nil:
		return Ran{}, err
	}
	if request.Full {
		if err := e.reset(ctx, l, record, job.Reset{Watermark: true}); err != nil {
			return Ran{}, err
		}
		if record, err = e.Store.GetJob(ctx, request.JobID); err != nil {
			return Ran{}, err
		}
	}
	report, err := e.unattended(ctx, l, record, progress)
	return Ran{Report: report}, err
}
