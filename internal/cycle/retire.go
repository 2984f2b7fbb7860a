package cycle

import (
	"context"
	"errors"
	"fmt"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// PreviewRetirement computes what a destroy policy would do to the accounts of a job.
func (e *Engine) PreviewRetirement(ctx context.Context, jobID string, policy job.DestroyPolicy) (Preview, error) {
	record, err := e.Store.GetJob(ctx, jobID)
	if err != nil {
		return Preview{}, err
	}
	opened, err := e.open(ctx, record.Definition.Connection)
	if err != nil {
		return Preview{}, err
	}
	defer e.close(ctx, opened)
	managed, err := e.Store.CountManaged(ctx, jobID)
	if err != nil {
		return Preview{}, err
	}
	preview := Preview{Digest: record.Digest}
	preview.manage(managed)
	err = e.eachDeparting(ctx, jobID, policy, opened.connector.Capabilities(), func(_ []store.Link, departing []engine.Affected) error {
		for _, affected := range departing {
			preview.affect(affected, engine.Undecided)
		}
		return nil
	})
	engine.SortAffected(preview.Affected)
	return preview, err
}

// eachDeparting walks the accounts a destroy policy touches, page by page: managed ones that are not switched off yet
// for disable, every managed one for delete. Groups have nothing to switch off.
func (e *Engine) eachDeparting(ctx context.Context, jobID string, policy job.DestroyPolicy, capabilities connector.Capabilities, handle func([]store.Link, []engine.Affected) error) error {
	if policy != job.DestroyDisable && policy != job.DestroyDelete {
		return nil
	}
	for _, objectType := range directory.ObjectTypes() {
		var after directory.Anchor
		for {
			page, err := e.Store.ListLinks(ctx, jobID, objectType, after, previewPageSize)
			if err != nil || len(page) == 0 {
				if err != nil {
					return err
				}
				break
			}
			after = page[len(page)-1].Source
			var links []store.Link
			var departing []engine.Affected
			for _, link := range page {
				action := engine.Delete
				if policy == job.DestroyDisable {
					action = engine.Disable
					if objectType == directory.Group || !link.Active || capabilities.ActiveAttribute == "" {
						continue
					}
				}
				if !link.Managed {
					continue
				}
				links = append(links, link)
				departing = append(departing, engine.Affected{
					Type: objectType, Source: link.Source, Target: link.Target, Action: action, Name: link.Name,
					Reason: "the job is destroyed with on_destroy = " + string(policy), Cause: engine.LostJob, Origin: engine.FromDestroy,
				})
			}
			if err := handle(links, departing); err != nil {
				return err
			}
		}
	}
	return nil
}

// PlanRetirement is PreviewRetirement for a plan: what it shows is kept, so that Retire can be held to it.
func (e *Engine) PlanRetirement(ctx context.Context, jobID string, policy job.DestroyPolicy) (Preview, error) {
	preview, err := e.PreviewRetirement(ctx, jobID, policy)
	if err != nil || len(preview.Affected) == 0 {
		return preview, err
	}
	preview.Digest, preview.Position = retirementDigest(policy), e.pin(0, 0)
	return preview, e.keepPreview(ctx, jobID, preview)
}

// retirementDigest stands for a destroy policy where previews of commits have the definition's digest.
func retirementDigest(policy job.DestroyPolicy) string { return "retire:" + string(policy) }

// RetireRequest asks for a job to be destroyed.
type RetireRequest struct {
	JobID  string
	Policy job.DestroyPolicy
	// Position and AccountsDigest are what the plan showed. A nil digest allows only an impact of nothing.
	Position       string
	AccountsDigest *string
}

// Retire carries the destroy policy out and erases the job. An account that the plan did not show refuses the whole; fewer
// accounts than shown are fine.
func (e *Engine) Retire(ctx context.Context, request RetireRequest, progress func(Progress)) ([]engine.Affected, error) {
	jobID, policy := request.JobID, request.Policy
	l, err := e.acquire(ctx, jobID)
	if err != nil {
		return nil, err
	}
	defer l.release(ctx)
	live, err := e.PreviewRetirement(ctx, jobID, policy)
	if err != nil {
		return nil, err
	}
	record, err := e.Store.GetJob(ctx, jobID)
	if err != nil {
		return nil, err
	}
	if len(live.Affected) > 0 {
		if err := e.retirementShown(ctx, request, live); err != nil {
			return nil, err
		}
		if violations := engine.Judge(live.Toll, record.Definition.Limits); len(violations) > 0 {
			return nil, violationError(jobID, violations)
		}
	}
	executed, err := e.depart(ctx, record, policy, l, int64(len(live.Affected)), progress)
	if err != nil {
		return executed, err
	}
	if err := e.Store.DeleteJob(ctx, jobID, l.current()); err != nil {
		return executed, err
	}
	return executed, e.tidy(ctx, record.Definition)
}

// retirementShown refuses a retirement that would touch an account the plan did not show.
func (e *Engine) retirementShown(ctx context.Context, request RetireRequest, live Preview) error {
	var approval engine.Approval
	if request.AccountsDigest != nil {
		shown, err := e.shown(ctx, request.JobID, retirementDigest(request.Policy), request.Position, *request.AccountsDigest, live)
		if err != nil {
			return err
		}
		approval = engine.Approve(shown)
	}
	unplanned := 0
	for _, affected := range live.Affected {
		if !approval.Covers(affected) {
			unplanned++
		}
	}
	if unplanned == 0 {
		return nil
	}
	return directory.Errorf(directory.Conflict,
		"job %s: destroying it would now touch accounts that the plan did not show (%d in all). Nothing was changed; run terraform plan -destroy again", request.JobID, unplanned)
}

// depart writes the disables and deletes of a destroy policy. Accounts that could not be written stop the destroy: the
// job stays, with the links that are left, and can be destroyed again.
func (e *Engine) depart(ctx context.Context, record store.JobRecord, policy job.DestroyPolicy, l *lease, total int64, progress func(Progress)) ([]engine.Affected, error) {
	opened, err := e.open(ctx, record.Definition.Connection)
	if err != nil {
		return nil, err
	}
	defer e.close(ctx, opened)
	m := &meter{now: e.Now, report: progress}
	m.begin(store.PhaseGuard, total)
	var executed []engine.Affected
	var failures []error
	jobID := record.Definition.ID
	if total > 0 && record.Initialised {
		// Whoever stops half-way and goes on with the job gets a full cycle: accounts without a link are matched again.
		restart := store.Batch{Watermark: &store.Watermark{CopyID: record.CopyID}}
		if err := e.Store.Record(ctx, jobID, l.current(), restart); err != nil {
			return nil, err
		}
	}
	err = e.eachDeparting(ctx, jobID, policy, opened.connector.Capabilities(), func(links []store.Link, departing []engine.Affected) error {
		operations := make([]connector.Operation, len(links))
		for i, link := range links {
			operations[i] = connector.Operation{ID: e.NewID(), Kind: connector.Delete, Type: link.Type, Target: link.Target}
			if policy == job.DestroyDisable {
				operations[i].Kind, operations[i].Current = connector.Update, link.Exported
				operations[i].Changes = []connector.Change{{Attribute: opened.connector.Capabilities().ActiveAttribute, Value: directory.Boolean(false)}}
			}
		}
		if err := e.Store.Record(ctx, jobID, l.current(), foreseen(links, operations)); err != nil {
			return err
		}
		var batch store.Batch
		began := e.Now()
		outcomes := opened.connector.Apply(ctx, operations)
		took := e.Now().Sub(began)
		for i, outcome := range outcomes {
			if err := whole(outcome); err != nil && !errors.Is(err, directory.NotFound) {
				failures = append(failures, err)
				batch.Log = append(batch.Log, e.retired(jobID, links[i], operations[i], departing[i], took, err))
				continue
			}
			batch.Log = append(batch.Log, e.retired(jobID, links[i], operations[i], departing[i], took, nil))
			executed = append(executed, departing[i])
			batch.DeleteLinks = append(batch.DeleteLinks, links[i].LinkKey)
		}
		m.advance(len(links))
		return e.Store.Record(context.WithoutCancel(ctx), jobID, l.current(), batch)
	})
	if err == nil && len(failures) > 0 {
		err = fmt.Errorf("job %s: %d accounts could not be written, the first: %w. The job is kept; destroy it again", jobID, len(failures), failures[0])
	}
	return executed, err
}
