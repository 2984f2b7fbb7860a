package cycle

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// RestartRequest asks for a job to forget parts of what it remembers.
type RestartRequest struct {
	JobID string
	// Scope is any of job.ResetScopes; none stands for the usual restart (job.ResetOf).
	Scope []string
	// AcknowledgeOrphans is required where links are forgotten.
	AcknowledgeOrphans bool
	// DryRun says what would be forgotten, and forgets nothing.
	DryRun bool
}

// Forgotten says what forgetting links means.
type Forgotten struct {
	// Links counts all links, also those of accounts that are no longer managed.
	Links int64 `json:"links"`
	// Orphans are managed accounts that the next cycle would not find again by their source object, which is out of scope, gone
	// or held: nobody would disable or delete them any more. Complete and sorted. Who is in scope and has no matching value is
	// among them. Action is what the job would have done.
	Orphans []engine.Affected `json:"orphans,omitempty"`
	// MovedFrom is the endpoint the job leaves, when the commit points it at another system: then every managed account is
	// among the orphans. Empty when the job stays where it is.
	MovedFrom string `json:"movedFrom,omitempty"`
}

// RestartJob forgets what the request names (engine.md 20), in one transaction, and waits for a cycle under way. It contacts
// nobody: what it says about orphans is as of the last time the source was read.
//
// Errors: NotFound when there is no such job, Invalid for an unknown scope, Conflict when links would be forgotten without
// acknowledgement; the error names orphans.
func (e *Engine) RestartJob(ctx context.Context, request RestartRequest) (Forgotten, error) {
	reset, err := job.ResetOf(request.Scope)
	if err != nil {
		return Forgotten{}, err
	}
	if request.DryRun {
		record, err := e.Store.GetJob(ctx, request.JobID)
		if err != nil {
			return Forgotten{}, err
		}
		return e.forgottenBy(ctx, record.Definition, reset)
	}
	l, record, err := e.workOn(ctx, request.JobID)
	if err != nil {
		return Forgotten{}, err
	}
	defer l.release(ctx)
	forgotten, err := e.forgottenBy(ctx, record.Definition, reset)
	if err == nil && !request.AcknowledgeOrphans {
		err = forgotten.refuse(request.JobID)
	}
	if err != nil {
		return forgotten, err
	}
	if reset.Start {
		if record, err = e.setState(ctx, record, job.Started); err != nil {
			return forgotten, err
		}
	}
	return forgotten, e.reset(ctx, l, record, reset)
}

// refuse is the error when links would be forgotten and nobody said that this is known.
func (f Forgotten) refuse(jobID string) error {
	if f.Links == 0 {
		return nil
	}
	message := "Nobody would be left behind."
	if len(f.Orphans) > 0 {
		message = "Nobody would disable or delete these accounts any more:\n" + Names(f.Orphans)
	}
	return directory.Errorf(directory.Conflict, "job %s: the restart would forget %d links and leave %d accounts behind. Nothing was changed; let a cycle "+
		"disable them first, or acknowledge it (acknowledge_orphans, --acknowledge-orphans). %s", jobID, f.Links, len(f.Orphans), message)
}

// reset carries a reset out. Repeating it does no harm: whoever was cut off does it again.
func (e *Engine) reset(ctx context.Context, l *lease, record store.JobRecord, reset job.Reset) error {
	id := record.Definition.ID
	if reset.ForceDeletes {
		if _, err := e.decideStaged(ctx, l, DecideRequest{JobID: id, Ruling: engine.Approved, All: true}); err != nil {
			return err
		}
		var err error
		if record, err = e.Store.GetJob(ctx, id); err != nil { // approving makes a quarantined job due
			return err
		}
	}
	batch := store.Batch{Reset: store.Reset{Watermark: reset.Watermark, Escrows: reset.Escrows, Links: reset.Links}}
	switch quarantine := record.Quarantine; {
	case !quarantine.In():
	case reset.Quarantine:
		batch.Quarantine = &engine.Quarantine{}
	case reset.Escrows:
		quarantine.SeriesBegan, quarantine.SeriesCount = e.Now(), 0
		batch.Quarantine = &quarantine
	}
	if batch.Reset == (store.Reset{}) && batch.Quarantine == nil {
		return nil
	}
	return e.Store.Record(ctx, id, l.current(), batch)
}

// forgottenBy is what a reset forgets of a job that goes on with a definition; nothing when links stay.
func (e *Engine) forgottenBy(ctx context.Context, definition job.Definition, reset job.Reset) (Forgotten, error) {
	if !reset.Links {
		return Forgotten{}, nil
	}
	ready, err := e.prepare(ctx, definition, false)
	if err != nil {
		return Forgotten{}, err
	}
	defer e.close(ctx, ready.target)
	return e.forgotten(ctx, ready, definition.ID)
}

// forgotten walks all links, page by page.
func (e *Engine) forgotten(ctx context.Context, ready prepared, jobID string) (Forgotten, error) {
	var f Forgotten
	v := &evaluation{store: e.Store, program: ready.program, jobID: jobID, copyID: ready.copyID, now: e.Now(), random: e.Random}
	for _, objectType := range directory.ObjectTypes() {
		var after directory.Anchor
		for {
			page, err := e.Store.ListLinks(ctx, jobID, objectType, after, previewPageSize)
			if err != nil {
				return Forgotten{}, err
			}
			if len(page) == 0 {
				break
			}
			after = page[len(page)-1].Source
			f.Links += int64(len(page))
			orphans, err := v.orphans(ctx, objectType, page)
			if err != nil {
				return Forgotten{}, err
			}
			f.Orphans = append(f.Orphans, orphans...)
		}
	}
	engine.SortAffected(f.Orphans)
	return f, nil
}

// orphans returns those of the linked accounts that nobody would disable or delete any more if the links were not there.
func (v *evaluation) orphans(ctx context.Context, objectType directory.ObjectType, links []store.Link) ([]engine.Affected, error) {
	anchors := make([]directory.Anchor, len(links))
	for i, link := range links {
		anchors[i] = link.Source
	}
	known, err := v.store.ObjectsByAnchor(ctx, v.copyID, objectType, anchors)
	if err != nil {
		return nil, err
	}
	assigned, err := v.assigned(ctx, objectType, anchors)
	if err != nil {
		return nil, err
	}
	var orphans []engine.Affected
	for _, link := range links {
		object := gone(objectType, link.Source)
		if found, ok := known[link.Source]; ok {
			object = found.Object
		}
		without := v.program.Assess(object, assigned[link.Source], nil, v.inputs(nil))
		if !link.Managed || without.NeedsMatch {
			continue
		}
		orphan := engine.Affected{Type: objectType, Source: link.Source, Target: link.Target, Name: link.Name}
		switch with := v.program.Assess(object, assigned[link.Source], linkedBy(link), v.inputs(nil)).Decision; {
		case with.Action.TakesAccessAway():
			orphan.Action, orphan.Reason = with.Action, with.Reason
		case without.Event == engine.NoEvent && link.Active:
			orphan.Action, orphan.Reason = engine.Disable, "would not be found when it leaves: "+without.Decision.Reason
		default:
			continue
		}
		orphans = append(orphans, orphan)
	}
	return orphans, nil
}

// restarting says what committing a definition resets.
func restarting(record store.JobRecord, definition job.Definition) (job.Reset, error) {
	if record.Generation == 0 { // nothing is remembered yet
		return job.Reset{}, nil
	}
	return definition.RestartAfter(record.Definition)
}

// restart carries the restart of a commit out, before the generation that asks for it is stored: whoever is cut off between
// the two still sees the request, and repeats it.
func (e *Engine) restart(ctx context.Context, l *lease, record store.JobRecord, definition job.Definition) (job.Reset, error) {
	reset, err := restarting(record, definition)
	if err != nil {
		return reset, err
	}
	return reset, e.reset(ctx, l, record, reset)
}

// afterReset is the store as it will be after a reset, for a preview of what follows.
type afterReset struct {
	store.Store
	reset  job.Reset
	engine *Engine
}

func (a afterReset) LinksBySource(ctx context.Context, jobID string, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor]store.Link, error) {
	if a.reset.Links {
		return nil, nil
	}
	return a.Store.LinksBySource(ctx, jobID, objectType, anchors)
}

func (a afterReset) LinksByMatchKey(ctx context.Context, jobID string, objectType directory.ObjectType, keys []string) (map[string][]store.Link, error) {
	if a.reset.Links {
		return nil, nil
	}
	return a.Store.LinksByMatchKey(ctx, jobID, objectType, keys)
}

func (a afterReset) LinksByTarget(ctx context.Context, jobID string, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor][]store.Link, error) {
	if a.reset.Links {
		return nil, nil
	}
	return a.Store.LinksByTarget(ctx, jobID, objectType, anchors)
}

func (a afterReset) OrphanLinks(ctx context.Context, jobID, copyID string, objectType directory.ObjectType, after directory.Anchor, limit int) ([]store.Link, error) {
	if a.reset.Links {
		return nil, nil
	}
	return a.Store.OrphanLinks(ctx, jobID, copyID, objectType, after, limit)
}

func (a afterReset) ReadyReferences(ctx context.Context, jobID string, objectType directory.ObjectType, after store.Reference, limit int) ([]store.ReadyReference, error) {
	if a.reset.Links {
		return nil, nil
	}
	return a.Store.ReadyReferences(ctx, jobID, objectType, after, limit)
}

func (a afterReset) MembershipsToAdd(ctx context.Context, jobID, copyID string, after store.Membership, limit int) ([]store.MembershipChange, error) {
	if a.reset.Links {
		return nil, nil
	}
	return a.Store.MembershipsToAdd(ctx, jobID, copyID, after, limit)
}

func (a afterReset) MembershipsToRemove(ctx context.Context, jobID, copyID string, after store.Membership, limit int) ([]store.MembershipChange, error) {
	if a.reset.Links {
		return nil, nil
	}
	return a.Store.MembershipsToRemove(ctx, jobID, copyID, after, limit)
}

func (a afterReset) MembershipsLeftOver(ctx context.Context, jobID, copyID string, after store.Membership, limit int) ([]store.MembershipChange, error) {
	if a.reset.Links {
		return nil, nil
	}
	return a.Store.MembershipsLeftOver(ctx, jobID, copyID, after, limit)
}

func (a afterReset) CountDrift(ctx context.Context, jobID string) ([]store.DriftCount, error) {
	if a.reset.Links {
		return nil, nil
	}
	return a.Store.CountDrift(ctx, jobID)
}

func (a afterReset) ListEscrow(ctx context.Context, jobID string, after store.LinkKey, limit int) ([]store.Escrow, error) {
	if a.reset.Escrows {
		return nil, nil
	}
	return a.Store.ListEscrow(ctx, jobID, after, limit)
}

func (a afterReset) ListStaged(ctx context.Context, jobID string, after store.LinkKey, limit int) ([]store.Staged, error) {
	if a.reset.Links {
		return nil, nil
	}
	page, err := a.Store.ListStaged(ctx, jobID, after, limit)
	if a.reset.ForceDeletes {
		now := a.engine.Now()
		for i := range page {
			if delayed(page[i]) { // it is not part of "approve all"
				continue
			}
			page[i].Decision, page[i].DecidedAt, page[i].ExpiresAt = string(engine.Approved), now, now.Add(engine.ApprovalLife)
		}
	}
	return page, err
}
