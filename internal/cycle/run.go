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

// run is one cycle under way.
type run struct {
	*evaluation
	engine    *Engine
	connector connector.Connector
	lease     *lease
	cycle     store.Cycle
	span      span
	// settled says that memberships need not be compared.
	settled bool
	// initial says that no cycle of the job was completed before.
	initial bool
	// approval is what may be disabled, deleted and removed from groups.
	approval engine.Approval
	// unattended: nobody planned this cycle. Its limits alone bound what it takes away; more than that quarantines the job.
	unattended bool
	// quarantine is what the job is in when the cycle begins; alarmed and tooMany are reasons for it that turned up since.
	quarantine       engine.Quarantine
	alarmed, tooMany engine.Cause
	meter            *meter
	report           Report
	origin
	// changes counts the changes of the cycle, for their ids.
	changes int
	// doubtful are the groups some of whose members are in doubt.
	doubtful map[directory.Anchor]bool
	// unlinked are the users who lost their account in this cycle, or got another one.
	unlinked map[directory.Anchor]bool
	healing  healing
}

// Report is what a cycle did, for the one who started it.
type Report struct {
	Cycle    store.Cycle
	Executed []engine.Affected
	// Held are accounts that were left alone because nobody approved them.
	Held []engine.Affected
	// Failures are the first failures; FailureCount counts all.
	Failures     []Failure
	FailureCount int64
	Warnings     []string
}

// Failure is one object that could not be provisioned.
type Failure struct {
	Type    directory.ObjectType
	Name    string
	Code    string
	Message string
}

// maxFailures is how many failures a report names.
const maxFailures = 10

// start prepares a cycle, resuming one that was cut off when it fits.
func (e *Engine) start(record store.JobRecord, ready prepared, l *lease, approval engine.Approval, report func(Progress)) (*run, *prefetcher) {
	match := newPrefetcher(searcher{connector: ready.connector, program: ready.program}, e.Store, l, record.Definition.ID)
	r := &run{
		evaluation: &evaluation{
			store: e.Store, program: ready.program, jobID: record.Definition.ID, copyID: ready.copyID, now: e.Now(),
			matcher: match, size: e.pageSize(), claims: map[string]directory.Anchor{}, random: e.Random,
			unique: &reservations{connector: ready.connector, program: ready.program, owners: map[string]directory.Anchor{}},
		},
		engine: e, connector: ready.connector, lease: l, approval: approval, doubtful: map[directory.Anchor]bool{}, unlinked: map[directory.Anchor]bool{}, healing: newHealing(),
		meter: &meter{now: e.Now, report: report},
		span:  span{full: record.CopyID != ready.copyID || record.Watermark == 0, from: record.Watermark, to: ready.position},
	}
	if r.span.full {
		r.span.from = 0
	}
	r.settled = settled(record, r.span)
	r.initial, r.quarantine = !record.Initialised, record.Quarantine
	r.cycle = store.Cycle{
		ID: e.NewID(), Generation: record.Generation, Full: r.span.full, CopyID: ready.copyID,
		From: r.span.from, To: r.span.to, Phase: store.PhaseUsers, Cursor: r.span.from, StartedAt: e.Now(),
	}
	if cut := record.Running; cut != nil && cut.Generation == record.Generation && cut.CopyID == ready.copyID && cut.From == r.span.from {
		// What users the cut cycle did stays done; everything after is cheap to look at again, and the source may have
		// moved on.
		r.cycle.Counts, r.cycle.StartedAt = cut.Counts, cut.StartedAt
		if cut.Phase == store.PhaseUsers {
			r.cycle.Cursor = cut.Cursor
		}
	}
	return r, match
}

// execute runs the phases in order. What was done is recorded even when it fails; the watermark moves only at the end.
func (r *run) execute(ctx context.Context) error {
	r.healing.enabled = true
	err := r.phases(ctx)
	r.cycle.EndedAt = r.engine.Now()
	batch := store.Batch{Cycle: &r.cycle}
	if err != nil {
		r.cycle.Failure = err.Error()
	} else {
		r.cycle.Phase = store.PhaseDone
		batch.Watermark = &store.Watermark{CopyID: r.copyID, Position: r.span.to}
	}
	r.report.Cycle = r.cycle
	// The context may be cancelled; that the cycle ended is still recorded.
	recordErr := r.conclude(context.WithoutCancel(ctx), r.cause(err), err == nil, &batch)
	recordErr = errors.Join(recordErr, r.record(context.WithoutCancel(ctx), batch))
	r.engine.pruneLog(context.WithoutCancel(ctx), r.jobID, logRetention(r.program.Definition()))
	return errors.Join(err, recordErr)
}

func (r *run) phases(ctx context.Context) error {
	if r.patient {
		if err := r.giveUp(ctx); err != nil {
			return fmt.Errorf("give up what failed for too long: %w", err)
		}
	}
	if err := r.resumeUnlinked(ctx); err != nil {
		return err
	}
	for _, objectType := range r.program.ObjectTypes() {
		if err := r.objects(ctx, objectType); err != nil {
			return fmt.Errorf("provision %ss: %w", objectType, err)
		}
		if objectType != directory.User {
			continue
		}
		if err := r.dangling(ctx); err != nil {
			return err
		}
		if err := r.references(ctx, objectType); err != nil {
			return fmt.Errorf("write references of %ss: %w", objectType, err)
		}
		if err := r.rematch(ctx, r.userReferences); err != nil {
			return fmt.Errorf("match %ss again whose accounts are gone: %w", objectType, err)
		}
	}
	doubted, err := doubtedMembers(ctx, r.store, r.jobID)
	if err != nil {
		return err
	}
	drifted, err := r.membersDrifted(ctx)
	if err != nil {
		return err
	}
	if counts := r.cycle.Counts; r.program.Memberships() && (!r.settled || doubted || drifted || counts.Created+counts.Updated+counts.Linked > 0) {
		if err := r.memberships(ctx); err != nil {
			return fmt.Errorf("write memberships: %w", err)
		}
		if err := r.rematch(ctx, r.referencesAndMemberships); err != nil {
			return fmt.Errorf("match again whose accounts are gone: %w", err)
		}
	}
	if err := r.guard(ctx); err != nil {
		return fmt.Errorf("write staged deprovisionings: %w", err)
	}
	return r.dangling(ctx)
}

func (r *run) userReferences(ctx context.Context) error { return r.references(ctx, directory.User) }

func (r *run) referencesAndMemberships(ctx context.Context) error {
	if err := r.userReferences(ctx); err != nil {
		return err
	}
	return r.memberships(ctx)
}

// test proves the connection before anything is written (engine.md 21).
func (e *Engine) test(ctx context.Context, ready prepared) error {
	for _, objectType := range ready.program.ObjectTypes() {
		sets := ready.program.MatchSets(objectType)
		if len(sets) == 0 {
			continue
		}
		probe := connector.Probe{Type: objectType, Attribute: sets[0][0], Value: e.NewID()}
		if err := ready.connector.Test(ctx, probe); err != nil {
			return fmt.Errorf("the connection test failed: %w", err)
		}
	}
	return nil
}

func (r *run) record(ctx context.Context, batch store.Batch) error {
	r.unlink(&batch)
	return r.store.Record(ctx, r.jobID, r.lease.current(), batch)
}

func (r *run) fail(objectType directory.ObjectType, name, code, message string) {
	r.report.FailureCount++
	r.cycle.Counts.Failed++
	if len(r.report.Failures) < maxFailures {
		r.report.Failures = append(r.report.Failures, Failure{Type: objectType, Name: name, Code: code, Message: message})
	}
}

// failReference counts a reference or memberships that could not be written.
func (r *run) failReference(objectType directory.ObjectType, name, doing string, err error) {
	r.cycle.Counts.ReferencesFailed++
	r.fail(objectType, name, errorCode(err), doing+err.Error())
	r.alarm(directory.KindOf(err), errorCode(err), err.Error())
}

// logged makes the provisioning log's record of a decision.
func (r *run) logged(it item, changeID string, action provlog.Action, status provlog.Status, err error) provlog.Record {
	record := provlog.Record{
		ChangeID: changeID, CycleID: r.cycle.ID, JobID: r.jobID, Time: r.engine.Now(), Action: action, Status: status,
		ObjectType: it.object.Type, Source: it.object.Anchor, SourceName: it.decision.Name, Target: it.decision.Target,
		ErrorCode: it.decision.Code, Reason: it.decision.Reason, Steps: it.decision.Steps(),
	}
	for _, change := range it.decision.Changes {
		modified := provlog.ModifiedProperty{DisplayName: change.Attribute}
		if !change.Old.Equal(inDoubt()) {
			modified.OldValue = loggedValue(change.Old)
		}
		modified.NewValue = loggedValue(change.After())
		if r.program.Redacted(it.object.Type, change.Attribute) {
			modified.OldValue, modified.NewValue = provlog.Redacted, provlog.Redacted
		}
		record.Modified = append(record.Modified, modified)
	}
	if err != nil {
		record.ErrorCode, record.Reason = errorCode(err), err.Error()
	}
	r.sign(&record, err)
	return record
}

// loggedValue is the text of a value in the log; what is not there is empty.
func loggedValue(value directory.Value) string {
	if value.IsNull() {
		return ""
	}
	return value.String()
}

// errorCode is the code of an error in the log (engine.md 24).
func errorCode(err error) string {
	if code := directory.CodeOf(err); code != "" {
		return code
	}
	switch directory.KindOf(err) {
	case directory.Transient:
		return "InternalServerError"
	case directory.Throttled:
		return "TooManyRequests"
	case directory.Conflict:
		return "EntryConflict"
	case directory.Unauthorised:
		return "Unauthorized"
	case directory.Forbidden:
		return "InsufficientRights"
	case directory.NotFound:
		return "InvalidAnchor"
	case directory.Unsupported:
		return "NotImplemented"
	case directory.Incompatible:
		return "SystemForCrossDomainIdentityManagementServiceIncompatible"
	case directory.Invalid:
		return "UnprocessableEntity"
	default:
		return "InternalError"
	}
}
