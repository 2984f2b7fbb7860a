package cycle

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Status is what the engine knows of a committed job, without asking source or target.
type Status struct {
	Record store.JobRecord
	// Position names the state of source copy and accounts; a preview can be pinned to it.
	Position string
	Managed  int64
	Escrowed int64
	Held     int64
	// FirstHeld are the first accounts that are held, at most maxFirstHeld, sorted.
	FirstHeld []engine.Affected
	// Staged counts the deprovisionings that wait, held ones included; PendingReferences those that wait for an account.
	Staged, PendingReferences int64
	// Drifted counts the accounts that the last comparison found changed in the target.
	Drifted       int64
	DestroyImpact Preview
	// Capabilities are what was found out about the target, sorted by name.
	Capabilities []store.LearnedFact
	// QuarantineEnded: no cycle runs any more until somebody starts the job (engine.md 17.5).
	QuarantineEnded bool
}

// Code is the job's status code (engine.md 2.3).
func (s Status) Code() string {
	switch {
	case s.Record.Quarantine.In():
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
	status := Status{Record: record, QuarantineEnded: record.Quarantine.Ended(e.Now())}
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
		status.Staged += count.Count
		if count.Held {
			status.Held += count.Count
		}
	}
	if status.FirstHeld, err = e.firstHeld(ctx, jobID, status.Held); err != nil {
		return status, err
	}
	if status.PendingReferences, err = e.Store.CountPendingReferences(ctx, jobID); err != nil {
		return status, err
	}
	drifted, err := e.Store.CountDrift(ctx, jobID)
	if err != nil {
		return status, err
	}
	for _, count := range drifted {
		status.Drifted += count.Count
	}
	known, err := e.Store.GetKnowledge(ctx, targetKey(record.Definition.Connection))
	if err != nil {
		return status, err
	}
	status.Capabilities = known.Learned.Facts
	copied, err := e.Store.CopyState(ctx, record.Definition.Source.CopyID())
	if err != nil {
		return status, err
	}
	status.Position = e.pin(copied.Position, record.Revision)
	return status, nil
}

// Refresh imports the job's source, compares the target with what was written if the job asks for it, and reads the state of
// the job.
func (e *Engine) Refresh(ctx context.Context, jobID string) (Status, error) {
	record, err := e.Store.GetJob(ctx, jobID)
	if err != nil {
		return Status{}, err
	}
	if _, _, err := e.Import(ctx, record.Definition.Source); err != nil {
		return Status{}, err
	}
	if err := e.refreshDrift(ctx, record); err != nil {
		return Status{}, err
	}
	return e.Status(ctx, jobID)
}
