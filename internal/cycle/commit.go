package cycle

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// CommitRequest asks for a definition to become a job's next generation.
type CommitRequest struct {
	Definition job.Definition
	// Position and AccountsDigest are what the plan showed. A nil digest: the impact was not known when planning; only
	// the limits bound the commit.
	Position       string
	AccountsDigest *string
	// Create says that the caller believes the job does not exist.
	Create bool
}

// Commit makes the definition the job's next generation and, when its run mode asks for it, runs one cycle to its end.
//
// Before anything is stored or written: the source is imported again, the connection is tested, the live impact is
// computed, and the limits are applied to it (design.md 6.1). Accounts that lose access and that the plan did not show
// are held, or, with on_unplanned = fail, refuse the commit.
func (e *Engine) Commit(ctx context.Context, request CommitRequest, progress func(Progress)) (Report, error) {
	definition := request.Definition
	l, err := e.acquire(ctx, definition.ID)
	if err != nil {
		return Report{}, err
	}
	defer l.release(ctx)
	record, err := e.existing(ctx, request)
	if err != nil {
		return Report{}, err
	}
	ready, err := e.prepare(ctx, definition, true)
	if err != nil {
		return Report{}, err
	}
	defer e.close(ctx, ready.target)
	moved, err := e.moves(ctx, record, definition)
	if err != nil {
		return Report{}, err
	}
	var remarks []string
	if definition.State != job.Paused {
		if err := e.probe(ctx, ready, l, record); err != nil {
			return Report{}, err
		}
		if discovery := e.describe(ctx, ready.target, describeEvery); discovery != nil {
			remarks = schemaRemarks(definition, *discovery, ready.connector)
		}
	}
	// The links of a job that moves name accounts of the system it leaves.
	if record.Initialised && definition.State == job.Started && definition.Run == job.RunOnApply && moved == "" {
		if err := e.checkDrift(ctx, ready); err != nil {
			return Report{}, err
		}
	}
	live, err := e.preview(ctx, ready, definition, record)
	if err != nil {
		return Report{}, err
	}
	approval, err := e.approve(ctx, request, live)
	if err != nil {
		return Report{}, err
	}
	if violations := engine.Judge(live.Toll, definition.Limits); len(violations) > 0 {
		return Report{}, violationError(definition.ID, violations)
	}
	if live.Forgotten != nil && !definition.Restart.AcknowledgeOrphans {
		if err := live.Forgotten.refuse(definition.ID); err != nil {
			return Report{}, err
		}
	}
	if definition.State != job.Paused {
		// Whoever applies a plan, and the connection works, says that the cause of a quarantine is gone (engine.md 17.5).
		if record, err = e.lift(ctx, l, record); err != nil {
			return Report{}, err
		}
	}
	if digest := definition.Digest(); digest != record.Digest {
		restarted, restartErr := e.restart(ctx, l, record, definition)
		if restartErr != nil {
			return Report{}, restartErr
		}
		reset := restarted.Watermark || record.Generation > 0 && record.Definition.EvaluationDigest() != definition.EvaluationDigest()
		if record, err = e.Store.CommitJob(ctx, definition, record.Generation, reset, e.Now()); err != nil {
			return Report{}, err
		}
	}
	var report Report
	if definition.State == job.Started && definition.Run == job.RunOnApply {
		r, index := e.start(record, ready, l, approval, progress)
		r.initiator = provlog.InitiatorCommit
		err = r.execute(ctx)
		report = r.report
		err = errors.Join(err, index.clear(context.WithoutCancel(ctx)))
		warnings, warningErr := e.driftWarnings(context.WithoutCancel(ctx), definition, false)
		report.Warnings, err = append(report.Warnings, warnings...), errors.Join(err, warningErr)
	}
	if err == nil {
		err = e.tidy(ctx, definition)
	}
	report.Warnings = append(report.Warnings, remarks...)
	return report, err
}

// existing returns the job's record and refuses a create of what exists. A job whose first cycle never ended is what an
// interrupted create leaves behind: creating it again resumes it.
func (e *Engine) existing(ctx context.Context, request CommitRequest) (store.JobRecord, error) {
	id := request.Definition.ID
	record, err := e.Store.GetJob(ctx, id)
	missing := errors.Is(err, directory.NotFound)
	switch {
	case err != nil && !missing:
		return record, err
	case missing && !request.Create:
		return record, directory.Errorf(directory.NotFound, "job %s is not in this store; was the state file made with another store? Run terraform plan again: it will plan to create the job", id)
	case !missing && request.Create && record.Initialised:
		return record, directory.Errorf(directory.Conflict, "job %s exists already; import it: terraform import provisioning_job.<name> %s", id, id)
	case missing:
		return store.JobRecord{}, nil
	}
	return record, nil
}

// approve finds what the plan showed and compares it with what would happen now.
func (e *Engine) approve(ctx context.Context, request CommitRequest, live Preview) (engine.Approval, error) {
	id := request.Definition.ID
	if request.AccountsDigest == nil {
		return engine.Approve(live.Affected), nil
	}
	shown, err := e.shown(ctx, id, request.Definition.Digest(), request.Position, *request.AccountsDigest, live)
	if err != nil {
		return engine.Approval{}, err
	}
	approval := engine.Approve(shown)
	if request.Definition.Unplanned != job.FailUnplanned {
		return approval, nil
	}
	var unplanned []engine.Affected
	for _, affected := range live.Affected {
		if !approval.Covers(affected) {
			unplanned = append(unplanned, affected)
		}
	}
	if len(unplanned) == 0 {
		return approval, nil
	}
	return approval, directory.Errorf(directory.Conflict,
		"job %s: accounts would lose access that the plan did not show (%d in all), and on_unplanned is \"fail\". Nothing was changed; run terraform plan again.\n%s",
		id, len(unplanned), Names(unplanned))
}

// shown returns the complete set the plan showed: the preview stored under digest and position, or, when it is not in this
// store, the live set if it is the same.
func (e *Engine) shown(ctx context.Context, id, digest, position, accounts string, live Preview) ([]engine.Affected, error) {
	if accounts == engine.DigestAffected(nil) {
		return nil, nil
	}
	if position != "" {
		stored, err := e.storedPreview(ctx, id, digest, position)
		if err == nil && engine.DigestAffected(stored.Affected) == accounts {
			return stored.Affected, nil
		}
		if err != nil && !errors.Is(err, directory.NotFound) {
			return nil, err
		}
	}
	if engine.DigestAffected(live.Affected) == accounts {
		return live.Affected, nil
	}
	return nil, directory.Errorf(directory.Conflict,
		"job %s: the preview that was approved is not in this store, and the accounts that would lose access now are not the same. Nothing was changed; run terraform plan again. To plan and apply on different machines, share the store", id)
}

// Names lists affected accounts for people, at most 50, one per line.
func Names(affected []engine.Affected) string {
	const most = 50
	var b strings.Builder
	for i, a := range affected {
		if i == most {
			fmt.Fprintf(&b, "… and %d more\n", len(affected)-most)
			break
		}
		fmt.Fprintf(&b, "%s %s %s: %s\n", a.Action, a.Type, a.Name, a.Reason)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func violationError(id string, violations []engine.Violation) error {
	return directory.Errorf(directory.LimitExceeded, "job %s: %s. Nothing was changed", id, messages(violations))
}

func messages(violations []engine.Violation) string {
	all := make([]string, len(violations))
	for i, violation := range violations {
		all[i] = violation.Message
	}
	return strings.Join(all, "; ")
}

// tidy removes copies of the source that no generation in force refers to, and what is known of targets that none reaches.
func (e *Engine) tidy(ctx context.Context, definition job.Definition) error {
	jobs, err := e.Store.ListJobs(ctx)
	if err != nil {
		return err
	}
	var copies, endpoints []string
	connection := definition.Connection.ID()
	for _, record := range jobs {
		if record.Definition.Source.Key == definition.Source.Key {
			copies = append(copies, record.Definition.Source.CopyID())
		}
		if record.Definition.Connection.ID() == connection {
			endpoints = append(endpoints, targetKey(record.Definition.Connection).Endpoint)
		}
	}
	if _, err := e.Store.ForgetKnowledge(ctx, connection, endpoints); err != nil {
		return err
	}
	return e.Store.DeleteCopies(ctx, definition.Source.Key, copies)
}
