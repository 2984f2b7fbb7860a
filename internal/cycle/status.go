package cycle

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Status is what the engine knows of a committed job, without asking source or target.
type Status struct {
	Record store.JobRecord
	// Position names the state of source copy and accounts; a preview can be pinned to it.
	Position      string
	Managed       int64
	Escrowed      int64
	Held          int64
	DestroyImpact Preview
}

// Code is the job's status code (engine.md 2.3).
func (s Status) Code() string {
	switch {
	case s.Record.Quarantine != "":
		return "quarantine"
	case s.Record.Definition.State == job.Paused:
		return "paused"
	case !s.Record.Initialised:
		return "not_run"
	default:
		return "active"
	}
}

// Status reads the state of a job.
func (e *Engine) Status(ctx context.Context, jobID string) (Status, error) {
	record, err := e.Store.GetJob(ctx, jobID)
	if err != nil {
		return Status{}, err
	}
	status := Status{Record: record}
	if status.DestroyImpact, err = e.PreviewRetirement(ctx, jobID, record.Definition.OnDestroy); err != nil {
		return status, err
	}
	status.Managed = status.DestroyImpact.Managed
	if status.Escrowed, err = e.Store.CountEscrow(ctx, jobID); err != nil {
		return status, err
	}
	staged, err := e.Store.CountStaged(ctx, jobID)
	if err != nil {
		return status, err
	}
	for _, count := range staged {
		if count.Held {
			status.Held += count.Count
		}
	}
	copied, err := e.Store.CopyState(ctx, record.Definition.Source.CopyID())
	if err != nil {
		return status, err
	}
	status.Position = e.pin(copied.Position, record.Revision)
	return status, nil
}

// Refresh imports the job's source and reads the state of the job.
func (e *Engine) Refresh(ctx context.Context, jobID string) (Status, error) {
	record, err := e.Store.GetJob(ctx, jobID)
	if err != nil {
		return Status{}, err
	}
	if _, _, err := e.Import(ctx, record.Definition.Source); err != nil {
		return Status{}, err
	}
	return e.Status(ctx, jobID)
}
