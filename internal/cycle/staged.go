package cycle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// StagedEntry is a staged deprovisioning with the name of its object.
type StagedEntry struct {
	store.Staged
	Name string
}

// ListStaged returns the deprovisionings that wait, sorted by (type, source anchor), > after, at most limit. An approval
// that has expired is none.
func (e *Engine) ListStaged(ctx context.Context, jobID string, after store.LinkKey, limit int) ([]StagedEntry, error) {
	page, err := e.Store.ListStaged(ctx, jobID, after, limit)
	if err != nil {
		return nil, err
	}
	anchors := map[directory.ObjectType][]directory.Anchor{}
	for _, staged := range page {
		anchors[staged.Type] = append(anchors[staged.Type], staged.Source)
	}
	links := map[directory.ObjectType]map[directory.Anchor]store.Link{}
	for objectType, sources := range anchors {
		if links[objectType], err = e.Store.LinksBySource(ctx, jobID, objectType, sources); err != nil {
			return nil, err
		}
	}
	now := e.Now()
	entries := make([]StagedEntry, len(page))
	for i, staged := range page {
		if rulingOn(staged, departureOf(staged), now) == engine.Undecided {
			staged.Decision, staged.DecidedAt, staged.ExpiresAt = "", time.Time{}, time.Time{}
		}
		entries[i] = StagedEntry{Staged: staged, Name: links[staged.Type][staged.Source].Name}
	}
	return entries, nil
}

// maxFirstHeld is how many held accounts a status names.
const maxFirstHeld = 50

// firstHeld returns the first accounts that are held, of so many.
func (e *Engine) firstHeld(ctx context.Context, jobID string, held int64) ([]engine.Affected, error) {
	var first []engine.Affected
	var after store.LinkKey
	for int64(len(first)) < min(held, maxFirstHeld) {
		page, err := e.ListStaged(ctx, jobID, after, previewPageSize)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 { // written since they were counted
			break
		}
		for _, entry := range page {
			after = entry.LinkKey
			if entry.Held && len(first) < maxFirstHeld {
				first = append(first, engine.Affected{
					Type: entry.Type, Source: entry.Source, Action: engine.Action(entry.Action), Name: entry.Name, Reason: entry.Reason,
					Cause: engine.CauseOf(engine.Decision{Event: engine.Event(entry.Event)}), Origin: engine.FromEarlier,
				})
			}
		}
	}
	engine.SortAffected(first)
	return first, nil
}

// CountStaged counts the deprovisionings that wait.
func (e *Engine) CountStaged(ctx context.Context, jobID string) (total int64, err error) {
	counts, err := e.Store.CountStaged(ctx, jobID)
	for _, count := range counts {
		total += count.Count
	}
	return total, err
}

// DecideRequest decides about staged deprovisionings.
type DecideRequest struct {
	JobID string
	// Ruling is engine.Approved or engine.Rejected.
	Ruling engine.Ruling
	// Choices that are decided about; none with All, which rejects everything.
	Choices []StagedChoice
	All     bool
}

// StagedChoice is a staged deprovisioning as somebody saw it.
type StagedChoice struct {
	Subject
	// Action that was shown; may be empty to reject.
	Action engine.Action
}

// DecideStaged approves or rejects staged deprovisionings and says how many. It contacts nobody: the next cycle carries out
// what is approved, and a job whose deprovisionings are held is due at once. It waits for a cycle under way.
//
// A decision is about what was shown: a disable that became a delete meanwhile was not approved with it.
//
// Errors: NotFound when there is no such job or nothing is staged for a subject, Invalid when several are meant, Conflict when
// something else is staged than was shown. Nothing is decided then.
func (e *Engine) DecideStaged(ctx context.Context, request DecideRequest) (int64, error) {
	if err := request.validate(); err != nil {
		return 0, err
	}
	if _, err := e.Store.GetJob(ctx, request.JobID); err != nil {
		return 0, err
	}
	l, err := e.acquire(ctx, request.JobID)
	if err != nil {
		return 0, err
	}
	defer l.release(ctx)
	return e.decideStaged(ctx, l, request)
}

func (r DecideRequest) validate() error {
	switch {
	case r.Ruling != engine.Approved && r.Ruling != engine.Rejected:
		return directory.Errorf(directory.Invalid, "a decision is approve or reject, not %q", r.Ruling)
	case r.All && r.Ruling == engine.Approved:
		return directory.Errorf(directory.Invalid, "an approval is for what was shown: say each staged deprovisioning with its action")
	case r.All && len(r.Choices) > 0:
		return directory.Errorf(directory.Invalid, "decide about all staged deprovisionings or about some, not both")
	case !r.All && len(r.Choices) == 0:
		return directory.Errorf(directory.Invalid, "say which staged deprovisionings are meant, or reject all")
	}
	for _, choice := range r.Choices {
		switch {
		case choice.Action == "" && r.Ruling == engine.Approved:
			return directory.Errorf(directory.Invalid, "an approval is for what was shown: say whether %s is to be disabled or deleted", choice)
		case choice.Action != "" && !choice.Action.TakesAccessAway():
			return directory.Errorf(directory.Invalid, "%q is not an action that waits; it is disable or delete", choice.Action)
		}
	}
	return nil
}

// String is the subject as messages name it.
func (c StagedChoice) String() string { return strings.TrimSpace(string(c.Type) + " " + c.ID) }

// decideStaged is DecideStaged for somebody who works on the job already. Approving all is what a restart with ForceDeletes
// does (engine.md 20).
func (e *Engine) decideStaged(ctx context.Context, l *lease, request DecideRequest) (int64, error) {
	record, err := e.Store.GetJob(ctx, request.JobID)
	if err != nil {
		return 0, err
	}
	chosen, err := e.chooseStaged(ctx, request)
	if err != nil || len(chosen) == 0 {
		return 0, err
	}
	now := e.Now()
	var batch store.Batch
	for _, entry := range chosen {
		staged := entry.Staged
		staged.Decision, staged.DecidedAt, staged.ExpiresAt = string(request.Ruling), now, time.Time{}
		if request.Ruling == engine.Approved {
			staged.ExpiresAt = now.Add(engine.ApprovalLife)
		}
		batch.PutStaged = append(batch.PutStaged, staged)
		batch.Log = append(batch.Log, provlog.Record{
			ChangeID: e.NewID(), JobID: request.JobID, Time: now, Action: provlog.ActionStagedDelete, Status: provlog.StatusSuccess,
			ObjectType: staged.Type, Source: staged.Source, SourceName: entry.Name,
			Reason: fmt.Sprintf("%s was %s (%s)", staged.Action, request.Ruling, staged.Reason),
		})
	}
	if quarantine := record.Quarantine; quarantine.HoldsDeletes && now.Before(quarantine.NextAttempt) {
		quarantine.NextAttempt = now
		batch.Quarantine = &quarantine
	}
	return int64(len(chosen)), e.Store.Record(ctx, request.JobID, l.current(), batch)
}

// chooseStaged finds what a request means among everything that is staged.
func (e *Engine) chooseStaged(ctx context.Context, request DecideRequest) ([]StagedEntry, error) {
	var all []StagedEntry
	byID, byName := make([][]StagedEntry, len(request.Choices)), make([][]StagedEntry, len(request.Choices))
	var after store.LinkKey
	for {
		page, err := e.ListStaged(ctx, request.JobID, after, previewPageSize)
		if err != nil {
			return nil, err
		}
		for _, entry := range page {
			after = entry.LinkKey
			if request.All && !delayed(entry.Staged) { // what is not due is nobody's to decide unasked
				all = append(all, entry)
			}
			for i, subject := range request.Choices {
				switch {
				case subject.Type != "" && subject.Type != entry.Type:
				case subject.ID == string(entry.Source):
					byID[i] = append(byID[i], entry)
				case strings.EqualFold(subject.ID, entry.Name):
					byName[i] = append(byName[i], entry)
				}
			}
		}
		if len(page) < previewPageSize {
			break
		}
	}
	if request.All {
		return all, nil
	}
	chosen := map[store.LinkKey]StagedEntry{}
	var problems []error
	for i, choice := range request.Choices {
		hits := byID[i]
		if len(hits) == 0 {
			hits = byName[i]
		}
		switch {
		case len(hits) == 0:
			problems = append(problems, directory.Errorf(directory.NotFound, "job %s: nothing is staged for %s; list what is staged. Nothing was decided", request.JobID, choice))
		case len(hits) > 1:
			problems = append(problems, directory.Errorf(directory.Invalid, "job %s: %s means %d staged deprovisionings; give object type and source id. Nothing was decided", request.JobID, choice, len(hits)))
		case choice.Action != "" && string(choice.Action) != hits[0].Action:
			problems = append(problems, directory.Errorf(directory.Conflict, "job %s: what waits for %s is a %s (%s), not a %s; list what is staged, and decide about that. Nothing was decided",
				request.JobID, choice, hits[0].Action, hits[0].Reason, choice.Action))
		default:
			chosen[hits[0].LinkKey] = hits[0]
		}
	}
	return slices.SortedFunc(maps.Values(chosen), func(a, b StagedEntry) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Source, b.Source))
	}), errors.Join(problems...)
}

// departureOf is what a staged deprovisioning would do.
func departureOf(staged store.Staged) engine.Departure {
	return engine.Departure{Action: engine.Action(staged.Action), Event: engine.Event(staged.Event), Reason: staged.Reason}
}

// rulingOn is what was decided about a staged deprovisioning, as far as it holds for what is to be done now.
func rulingOn(staged store.Staged, now engine.Departure, at time.Time) engine.Ruling {
	return engine.Ruling(staged.Decision).Still(departureOf(staged), now, staged.ExpiresAt, at)
}

// successor is a staged deprovisioning decided anew: what people decided about the old one stays as far as it still holds,
// and one that waits for the same reason has waited since then. old is the zero Staged when there was none.
func successor(old, next store.Staged, now time.Time) store.Staged {
	if departureOf(old) == departureOf(next) {
		next.Since, next.Held = old.Since, next.Held || old.Held
	}
	if ruling := rulingOn(old, departureOf(next), now); ruling != engine.Undecided {
		next.Decision, next.DecidedAt, next.ExpiresAt = old.Decision, old.DecidedAt, old.ExpiresAt
	}
	return next
}
