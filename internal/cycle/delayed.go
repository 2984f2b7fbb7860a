package cycle

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// A delayed delete waits as a staged row with the time it is due. The row is what remembers since when the object is away, and
// what makes every cycle look at it again. Until it is due it is no deprovisioning yet: it is not counted, not held, and no
// guard sees it. When it is due, the object is decided anew and staged like any other.

// delayed reports whether a staged row is a delete that is not due yet.
func delayed(staged store.Staged) bool { return !staged.DueAt.IsZero() }

// stageLater remembers a delayed delete. What people decided about it before stays.
func (w *writing) stageLater(it item) {
	later := w.departing(it)
	later.Action, later.DueAt = string(engine.Delete), it.decision.DueAt
	w.batch.PutStaged = append(w.batch.PutStaged, successor(w.staged[later.LinkKey], later, w.engine.Now()))
}

// awayBy is what a staged row knows of since when its object is away.
func awayBy(staged store.Staged) engine.Away {
	return engine.Away{Event: engine.Event(staged.Event), Since: staged.Since}
}

// stagedRows returns everything that is staged or waits, by key.
func stagedRows(ctx context.Context, from store.Store, jobID string) (map[store.LinkKey]store.Staged, error) {
	rows := map[store.LinkKey]store.Staged{}
	var after store.LinkKey
	for {
		page, err := from.ListStaged(ctx, jobID, after, previewPageSize)
		if err != nil {
			return nil, err
		}
		for _, entry := range page {
			after = entry.LinkKey
			rows[entry.LinkKey] = entry
		}
		if len(page) < previewPageSize {
			return rows, nil
		}
	}
}

// leavesGroups reports whether a user's management ends with the decision, now or later: who is about to leave joins no group
// any more.
func leavesGroups(it item) bool {
	return it.object.Type == directory.User && leavesFor(it.decision.Event) && (it.decision.Action.TakesAccessAway() || !it.decision.DueAt.IsZero())
}

func leavesFor(event engine.Event) bool {
	return event == engine.Unassigned || event == engine.FilterFailed || event == engine.HardDeleted
}
