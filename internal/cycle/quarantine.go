package cycle

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// probe proves the connection before anything is written. A job whose connection fails is quarantined at once; the error
// is that of the test, and says what to do.
func (e *Engine) probe(ctx context.Context, ready prepared, l *lease, record store.JobRecord) error {
	err := e.test(ctx, ready)
	if err == nil || ctx.Err() != nil {
		return err
	}
	told := advised(err)
	if record.Generation == 0 {
		return told
	}
	cause := engine.CriticalCause(err, codeConnectionTest, true)
	if cause.Reason == "" {
		return told
	}
	return errors.Join(told, e.impose(ctx, l, record, cause))
}

// advised adds to what a connection test found what to do about it.
func advised(err error) error {
	failure, ok := errors.AsType[connector.TestFailure](err)
	if !ok || failure.Advice == "" {
		return err
	}
	return fmt.Errorf("%w. %s", err, strings.TrimSuffix(failure.Advice, "."))
}

// impose puts a job in quarantine outside a cycle.
func (e *Engine) impose(ctx context.Context, l *lease, record store.JobRecord, cause engine.Cause) error {
	imposed := record.Quarantine.Impose(cause, e.Now())
	e.warnOf(record.Definition.ID, imposed)
	return e.Store.Record(context.WithoutCancel(ctx), record.Definition.ID, l.current(), store.Batch{Quarantine: &imposed})
}

// lift ends the quarantine of a job: an administrator says that its cause is gone. What is staged stays staged; the next
// cycle judges it anew.
func (e *Engine) lift(ctx context.Context, l *lease, record store.JobRecord) (store.JobRecord, error) {
	if !record.Quarantine.In() {
		return record, nil
	}
	if err := e.Store.Record(ctx, record.Definition.ID, l.current(), store.Batch{Quarantine: &engine.Quarantine{}}); err != nil {
		return record, err
	}
	return e.Store.GetJob(ctx, record.Definition.ID)
}

// due refuses a cycle that nobody asked for by applying, while the job is not to run. With force a quarantined job may run
// before its time, but not after its quarantine has ended (engine.md 17.4, 17.5).
func (e *Engine) due(record store.JobRecord, force bool) error {
	q, id, now := record.Quarantine, record.Definition.ID, e.Now()
	switch {
	case !q.In():
		return nil
	case q.EscrowsPruned:
		return directory.Errorf(directory.Conflict, "job %s waits: its first cycle had too many failures (%s), and they were forgotten. Remove the cause, then start the job or apply again", id, q.Error.Message)
	case q.Ended(now):
		return directory.Errorf(directory.Conflict, "job %s has been in quarantine since %s and does not run any more: %s. Remove the cause, then start the job or apply again",
			id, q.SeriesBegan.Format(time.RFC3339), q.Error.Message)
	case !force && !q.Due(now):
		return directory.Errorf(directory.Conflict, "job %s is in quarantine (%s) and not due before %s: %s. Nothing was done; remove the cause and start the job, or force a run",
			id, q.Reason, q.NextAttempt.Format(time.RFC3339), q.Error.Message)
	default:
		return nil
	}
}

// alarm notes a failure that is a reason for quarantine by itself; the first one counts.
func (r *run) alarm(kind directory.ErrorKind, code, message string) {
	if r.alarmed.Reason == "" {
		r.alarmed = engine.CriticalCause(&directory.Error{Kind: kind, Message: message}, code, false)
	}
}

// conclude decides what the end of a cycle means for the job's quarantine. A cycle that ended early, for a reason that has
// nothing to do with quarantine, changes nothing.
func (r *run) conclude(ctx context.Context, cause engine.Cause, complete bool, batch *store.Batch) error {
	next := engine.Quarantine{}
	switch {
	case cause.Reason != "":
		next = r.quarantine.Impose(cause, r.engine.Now())
	case !complete:
		return nil
	}
	if complete && r.initial && cause.Reason != "" && cause != r.alarmed && cause != r.tooMany {
		next.EscrowsPruned = true
		// Nothing remembers who failed, so whoever goes on has to look at everybody again.
		batch.Watermark.Position = 0
		if pruneErr := r.prune(ctx, batch); pruneErr != nil {
			return pruneErr
		}
	}
	if next == r.quarantine {
		return nil
	}
	batch.Quarantine = &next
	if next.In() {
		r.engine.warnOf(r.jobID, next)
		r.report.Warnings = append(r.report.Warnings, notice(next))
	}
	return nil
}

// cause is the reason for quarantine that a cycle ends with, if any.
func (r *run) cause(err error) engine.Cause {
	if err != nil {
		r.alarm(directory.KindOf(err), errorCode(err), err.Error())
		return r.alarmed
	}
	counts := r.cycle.Counts
	cause := engine.Outcome{
		Failures: counts.Failed - counts.ReferencesFailed, ReferenceFailures: counts.ReferencesFailed,
		Successes: counts.Created + counts.Updated + counts.Disabled + counts.Deleted + counts.Linked, Critical: r.alarmed,
	}.Quarantines()
	if cause.Reason == "" {
		cause = r.tooMany
	}
	return cause
}

// prune drops the stored failures of an initial cycle that had too many (engine.md 16).
func (r *run) prune(ctx context.Context, batch *store.Batch) error {
	var after store.LinkKey
	for {
		page, err := r.store.ListEscrow(ctx, r.jobID, after, previewPageSize)
		if err != nil {
			return err
		}
		for _, entry := range page {
			after = entry.LinkKey
			if ofObject(entry) {
				batch.DropEscrow = append(batch.DropEscrow, entry.LinkKey)
			}
		}
		if len(page) < previewPageSize {
			return nil
		}
	}
}

// notice tells people that a job is in quarantine.
func notice(q engine.Quarantine) string {
	var b strings.Builder
	b.WriteString("the job is in quarantine (" + string(q.Reason) + "): " + q.Error.Message)
	if q.EscrowsPruned {
		b.WriteString(". The failures of this first cycle were forgotten, and no other cycle runs until the job is started or applied again; then everything is evaluated anew")
	}
	return b.String()
}

func (e *Engine) warnOf(jobID string, q engine.Quarantine) {
	e.Logger.Warn("quarantine", "job", jobID, "reason", string(q.Reason), "code", q.Error.Code, "since", q.SeriesBegan, "next", q.NextAttempt)
}
