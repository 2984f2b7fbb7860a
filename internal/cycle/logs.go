package cycle

import (
	"context"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// LogRetention is how long log records are kept when nothing else is said (engine.md 23).
const LogRetention = job.DefaultLogRetentionDays * 24 * time.Hour

// origin is what the log says of a piece of work besides its decisions.
type origin struct {
	initiator provlog.Initiator
	// took is how long the last writes took. Writes that are sent together share it.
	took time.Duration
}

// apply writes operations and measures how long it takes.
func (r *run) apply(ctx context.Context, operations []connector.Operation) []connector.Outcome {
	began := r.engine.Now()
	outcomes := r.connector.Apply(ctx, operations)
	r.took = r.engine.Now().Sub(began)
	return outcomes
}

// sign fills in who began the work and, for a record of a write, how long it took. err is the answer to the write.
func (o origin) sign(record *provlog.Record, err error) {
	record.InitiatedBy = o.initiator
	if record.InitiatedBy == "" {
		record.InitiatedBy = provlog.InitiatorCycle
	}
	if err != nil || record.Status == provlog.StatusSuccess || record.Status == provlog.StatusWarning {
		record.DurationMS = o.took.Milliseconds()
	}
}

// retired makes the log record of an account that a destroy policy wrote. Nothing was decided, so there is one step.
func (e *Engine) retired(jobID string, link store.Link, operation connector.Operation, departing engine.Affected, took time.Duration, err error) provlog.Record {
	record := provlog.Record{
		ChangeID: operation.ID, JobID: jobID, Time: e.Now(), Action: attempted(departing.Action), Status: provlog.StatusSuccess,
		ObjectType: link.Type, Source: link.Source, SourceName: link.Name, Target: link.Target, Reason: departing.Reason,
	}
	step := provlog.Step{Name: "EntryExportUpdate", Type: provlog.StepExport, Description: departing.Reason}
	if operation.Kind == connector.Delete {
		step.Name = "EntryExportDelete"
	}
	if err != nil {
		record.Status, record.ErrorCode, record.Reason = provlog.StatusFailure, errorCode(err), err.Error()
		step.Description = record.Reason
	}
	step.Status = record.Status
	record.Steps = []provlog.Step{step}
	for _, change := range operation.Changes {
		record.Modified = append(record.Modified, provlog.ModifiedProperty{
			DisplayName: change.Attribute, OldValue: loggedValue(operation.Current[change.Attribute]), NewValue: loggedValue(change.Value),
		})
	}
	origin{initiator: provlog.InitiatorRetirement, took: took}.sign(&record, err)
	return record
}

// pruneLog removes what is older than a job's retention from its log, and what is older than the default from the logs of
// jobs that are destroyed. A log that cannot be pruned now is pruned next time; no cycle fails for it.
func (e *Engine) pruneLog(ctx context.Context, jobID string, retention time.Duration) {
	for _, log := range []struct {
		jobID string
		kept  time.Duration
	}{{jobID, retention}, {"", LogRetention}} {
		removed, err := e.Store.PruneLog(ctx, log.jobID, e.Now().Add(-log.kept))
		if err != nil {
			e.Logger.WarnContext(ctx, "cannot prune the provisioning log", "job", log.jobID, "error", err)
		} else if removed > 0 {
			e.Logger.InfoContext(ctx, "pruned the provisioning log", "job", log.jobID, "records", removed)
		}
	}
}

// logRetention is how long the log of a job is kept.
func logRetention(definition job.Definition) time.Duration {
	if days := definition.LogRetentionDays; days > 0 {
		return time.Duration(days) * 24 * time.Hour
	}
	return LogRetention
}
