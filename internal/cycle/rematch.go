package cycle

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Writing a reference or members runs into accounts that somebody deleted in the target: the holder's, the one that is referred
// to, a group, a member. The links of such accounts are dropped, their objects are matched again once, in the same cycle, and
// what hung on the links is written then (engine.md 10; 13 row 21).

// healing is what a cycle knows of accounts that turned out to be gone while references or members were written.
type healing struct {
	// enabled is false on demand: others than the subjects are left to the next cycle.
	enabled bool
	// gone are the objects whose link was dropped; true until they are matched again. None is dropped twice.
	gone map[store.LinkKey]bool
	// redo narrows the second pass over references and memberships to those of these objects; nil is a first pass.
	redo map[store.LinkKey]bool
	// postponed are objects whose write failed because of others, to be repeated in the second pass.
	postponed map[store.LinkKey]bool
}

func newHealing() healing {
	return healing{gone: map[store.LinkKey]bool{}, postponed: map[store.LinkKey]bool{}}
}

// repeats reports whether something that concerns these objects belongs to the pass under way.
func (h *healing) repeats(keys ...store.LinkKey) bool {
	return h.redo == nil || slices.ContainsFunc(keys, func(key store.LinkKey) bool { return h.redo[key] })
}

// tellsGone reports whether an error may mean that one of the accounts of a request does not exist. Targets put it in many ways.
func tellsGone(err error) bool {
	return errors.Is(err, directory.NotFound) || errors.Is(err, directory.Invalid) || errors.Is(err, directory.Conflict)
}

// goneAmong asks the target for accounts and returns those that it does not know. What cannot be asked counts as there.
func (r *run) goneAmong(ctx context.Context, objectType directory.ObjectType, targets []directory.Anchor) map[directory.Anchor]bool {
	slices.Sort(targets)
	targets = slices.Compact(targets)
	missing := make([]bool, len(targets))
	var group errgroup.Group
	group.SetLimit(max(1, r.connector.Capabilities().Concurrency))
	for i, target := range targets {
		group.Go(func() error {
			_, err := r.connector.Get(ctx, objectType, target, nil)
			missing[i] = errors.Is(err, directory.NotFound)
			return nil
		})
	}
	_ = group.Wait() // no call returns an error
	gone := map[directory.Anchor]bool{}
	for i, target := range targets {
		if missing[i] {
			gone[target] = true
		}
	}
	return gone
}

// lost drops the link of an account that the target does not know. A stored failure takes its place, so that a process that is
// killed here leaves nothing that is not looked at again. It reports whether the object is matched again in this cycle.
func (r *run) lost(batch *store.Batch, link store.Link) (rematched bool) {
	if open, known := r.healing.gone[link.LinkKey]; known {
		return open && r.healing.enabled
	}
	const code, message = "InvalidAnchor", "the account is gone from the target; the object is matched again"
	now := r.engine.Now()
	r.healing.gone[link.LinkKey] = true
	batch.DeleteLinks = append(batch.DeleteLinks, link.LinkKey)
	batch.PutEscrow = append(batch.PutEscrow, store.Escrow{
		LinkKey: link.LinkKey, Name: link.Name, Code: code, Message: message, Attempts: 1, FirstFailure: now, NextAttempt: now,
	})
	record := r.loggedLink(link, r.changeID(), nil, provlog.StatusWarning, nil)
	record.Action, record.ErrorCode, record.Reason = provlog.ActionOther, code, message
	batch.Log = append(batch.Log, record)
	return r.healing.enabled
}

// rematch matches the objects again whose accounts turned out to be gone, and repeats what could not be written because of them.
// pass writes references or memberships.
func (r *run) rematch(ctx context.Context, pass func(context.Context) error) error {
	for {
		redo := map[store.LinkKey]bool{}
		for _, objectType := range r.program.ObjectTypes() {
			var anchors []directory.Anchor
			for key, open := range r.healing.gone {
				if open && key.Type == objectType {
					anchors = append(anchors, key.Source)
					r.healing.gone[key], redo[key] = false, true
				}
			}
			slices.Sort(anchors)
			for page := range slices.Chunk(anchors, r.size) {
				if err := r.rematchPage(ctx, objectType, page); err != nil {
					return err
				}
			}
		}
		if len(redo) == 0 {
			return nil
		}
		for key := range r.healing.postponed {
			redo[key] = true
		}
		clear(r.healing.postponed)
		if err := r.dangling(ctx); err != nil {
			return err
		}
		r.healing.redo = redo
		err := pass(ctx)
		r.healing.redo = nil
		if err != nil {
			return err
		}
	}
}

// rematchPage decides about objects without a link, each with a query of its own: an index of the target may be older than the
// loss.
func (r *run) rematchPage(ctx context.Context, objectType directory.ObjectType, anchors []directory.Anchor) error {
	known, err := r.store.ObjectsByAnchor(ctx, r.copyID, objectType, anchors)
	if err != nil {
		return err
	}
	objects := make([]directory.Object, len(anchors))
	pending := map[directory.Anchor]store.Escrow{}
	for i, anchor := range anchors {
		objects[i], pending[anchor] = gone(objectType, anchor), store.Escrow{}
		if object, ok := known[anchor]; ok {
			objects[i] = object.Object
		}
	}
	direct := *r.evaluation
	direct.matcher = searcher{connector: r.connector, program: r.program}
	items, err := direct.decide(ctx, objectType, objects)
	if err != nil {
		return err
	}
	return r.carryOutPage(ctx, objectType, items, pending, 0)
}

// secondRound matches objects again, each with a query of its own, and carries the new decisions out. A create that met
// a conflict is never repeated; one whose answer was lost is, once nothing is found.
func (w *writing) secondRound(ctx context.Context, objectType directory.ObjectType, again []retry) error {
	objects := make([]directory.Object, len(again))
	causes := map[directory.Anchor]error{}
	for i, it := range again {
		objects[i] = it.object
		causes[it.object.Anchor] = it.cause
		if it.link != nil {
			w.batch.DeleteLinks = append(w.batch.DeleteLinks, it.link.LinkKey)
		}
	}
	direct := *w.evaluation
	direct.matcher = searcher{connector: w.connector, program: w.program}
	direct.store = forgetting{Store: w.store, forgotten: causes}
	items, err := direct.decide(ctx, objectType, objects)
	if err != nil {
		return err
	}
	var repeat []item
	for i, it := range items {
		if before := again[i].link; before != nil {
			it.formerly = before.Target
		}
		cause := causes[it.object.Anchor]
		if it.decision.Action == engine.Create && errors.Is(cause, directory.Conflict) {
			w.dealtWith(it)
			w.failed(it, w.changeID(), cause)
			continue
		}
		repeat = append(repeat, it)
	}
	_, err = w.carryOut(ctx, repeat, true)
	return err
}

// forgetting is the store without the links of some objects of the type that is being decided about.
type forgetting struct {
	store.Store
	forgotten map[directory.Anchor]error
}

func (f forgetting) LinksBySource(ctx context.Context, jobID string, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor]store.Link, error) {
	links, err := f.Store.LinksBySource(ctx, jobID, objectType, anchors)
	for anchor := range f.forgotten {
		delete(links, anchor)
	}
	return links, err
}
