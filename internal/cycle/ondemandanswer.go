package cycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// unwritten is the record of an object that is left as it is, or staged.
func (o *onDemand) unwritten(it item, changeID string) provlog.Record {
	record := o.logged(it, changeID, provlog.ActionOther, provlog.StatusSkipped, nil)
	if record.SourceName == "" { // decided before the matching values were needed
		record.SourceName = o.name(it.object)
	}
	switch {
	case it.decision.Action.TakesAccessAway():
		record.Action = provlog.ActionStagedDelete
		record.Reason = fmt.Sprintf("%s is held: on demand nobody loses access (%s)", it.decision.Action, it.decision.Reason)
		if o.dry {
			record.Reason = fmt.Sprintf("%s would be staged: on demand nobody loses access (%s)", it.decision.Action, it.decision.Reason)
		}
		last := &record.Steps[len(record.Steps)-1]
		last.Status, last.Description = provlog.StatusSkipped, record.Reason
		record.Reason += ". To carry it out, run terraform plan, which shows it, and apply, or approve it: terraform-provider-provisioning staged approve"
	case it.decision.Action == engine.Link:
		record.Reason = "linked to an account that was there: " + it.decision.Reason
		if o.dry {
			record.Reason = "would be linked to an account that is there: " + it.decision.Reason
		}
	case !isWrite(it.decision.Action):
	case it.decision.Action == engine.Fail:
		record.Status = provlog.StatusFailure
	default:
		record.Action, record.Status = attempted(it.decision.Action), provlog.StatusSuccess
	}
	return record
}

// foretold is the record of a dry run. It is no log record, so it has no ids.
func (o *onDemand) foretold(it item) provlog.Record {
	record := o.unwritten(it, "")
	record.CycleID = ""
	return record
}

// untested makes a failed connection test the answer for every subject.
func (o *onDemand) untested(ctx context.Context, cause error) error {
	var batch store.Batch
	for _, subject := range o.subjects {
		if subject.err != nil || o.records[subject.key()] != nil {
			continue
		}
		it := item{object: subject.object}
		it.decision.Name = o.name(subject.object)
		changeID := ""
		if !o.dry {
			changeID = o.changeID()
		}
		record := o.logged(it, changeID, provlog.ActionOther, provlog.StatusFailure, nil)
		record.ErrorCode, record.Reason = codeConnectionTest, cause.Error()
		record.Steps = []provlog.Step{{Name: "ConnectionTest", Type: provlog.StepProcessing, Status: provlog.StatusFailure, Description: cause.Error(), Details: testDetails(cause)}}
		if o.dry {
			record.CycleID = ""
		}
		o.records[subject.key()] = &record
		batch.Log = append(batch.Log, record)
	}
	if o.dry {
		return nil
	}
	return o.record(ctx, batch)
}

// results are the answers in the order in which they were asked for. Subjects that a stopped run did not reach are left out.
func (o *onDemand) results() []OnDemandResult {
	results := make([]OnDemandResult, 0, len(o.subjects))
	for _, subject := range o.subjects {
		if subject.err != nil {
			results = append(results, o.unknown(subject))
			continue
		}
		record := o.records[subject.key()]
		if record == nil {
			continue
		}
		status := record.Status
		if status == provlog.StatusWarning {
			status = provlog.StatusSuccess
		}
		results = append(results, OnDemandResult{Subject: subject.Subject, Status: status, Record: *record})
	}
	return results
}

// unknown is the answer about somebody who is not there.
func (o *onDemand) unknown(subject subjectOf) OnDemandResult {
	code := CodeNotInSource
	if errors.Is(subject.err, directory.Invalid) {
		code = CodeAmbiguousSubject
	}
	reason := subject.err.Error()
	return OnDemandResult{Subject: subject.Subject, Status: provlog.StatusFailure, Record: provlog.Record{
		JobID: o.jobID, Time: o.engine.Now(), Action: provlog.ActionOther, Status: provlog.StatusFailure, ObjectType: subject.Type,
		SourceName: subject.ID, ErrorCode: code, Reason: reason, InitiatedBy: provlog.InitiatorOnDemand,
		Steps: []provlog.Step{{Name: "EntryImport", Type: provlog.StepImport, Status: provlog.StatusFailure, Description: reason}},
	}}
}

// journal is the store as an on-demand run has it: where the job stands is out of its reach, what takes access away is held,
// and log records are kept for the answer.
type journal struct {
	store.Store
	now      time.Time
	dossiers map[store.LinkKey]dossier
	records  []provlog.Record
}

// Record implements store.Store.
func (j *journal) Record(ctx context.Context, jobID string, fence int64, batch store.Batch) error {
	batch.Cycle, batch.Watermark, batch.Quarantine = nil, nil, nil
	for i := range batch.PutStaged {
		staged := &batch.PutStaged[i]
		staged.Held = true
		// What somebody decided about it stays decided.
		if before := j.dossiers[staged.LinkKey].staged; before != nil {
			*staged = successor(*before, *staged, j.now)
		}
	}
	err := j.Store.Record(ctx, jobID, fence, batch)
	if err == nil {
		j.records = append(j.records, batch.Log...)
	}
	return err
}

// about returns the first record of an object from began on.
func (j *journal) about(key store.LinkKey, began int) *provlog.Record {
	for _, record := range j.records[began:] {
		if record.ObjectType == key.Type && record.Source == key.Source {
			return &record
		}
	}
	return nil
}
