package cycle

import (
	"context"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// span is the part of a copy that an evaluation covers.
type span struct {
	full     bool
	from, to int64
}

// covers reports whether an object at this position is visited by the pages of the span.
func (s span) covers(position int64) bool { return position > s.from && position <= s.to }

// revisits returns the objects of a type that must be looked at although they did not change: those with a stored
// failure, those with a staged deprovisioning, and those whose account drifted. Objects that the pages cover anyway are left out,
// and for the patient those that are not due.
func (v *evaluation) revisits(ctx context.Context, objectType directory.ObjectType, s span) (objects []directory.Object, pending map[directory.Anchor]store.Escrow, err error) {
	pending = map[directory.Anchor]store.Escrow{}
	after := store.LinkKey{Type: objectType}
	for {
		page, err := v.store.ListEscrow(ctx, v.jobID, after, previewPageSize)
		if err != nil {
			return nil, nil, err
		}
		for _, entry := range page {
			after = entry.LinkKey
			if entry.Type == objectType {
				pending[entry.Source] = entry
			}
		}
		if len(page) < previewPageSize {
			break
		}
	}
	if err := v.revisitDrift(ctx, objectType, pending); err != nil {
		return nil, nil, err
	}
	after = store.LinkKey{Type: objectType}
	if v.staged == nil {
		v.staged = map[store.LinkKey]store.Staged{}
	}
	for {
		page, err := v.store.ListStaged(ctx, v.jobID, after, previewPageSize)
		if err != nil {
			return nil, nil, err
		}
		for _, entry := range page {
			after = entry.LinkKey
			v.staged[entry.LinkKey] = entry
			if _, seen := pending[entry.Source]; !seen && entry.Type == objectType {
				pending[entry.Source] = store.Escrow{}
			}
		}
		if len(page) < previewPageSize {
			break
		}
	}
	anchors := make([]directory.Anchor, 0, len(pending))
	for anchor := range pending {
		anchors = append(anchors, anchor)
	}
	slices.Sort(anchors)
	known, err := v.store.ObjectsByAnchor(ctx, v.copyID, objectType, anchors)
	if err != nil {
		return nil, nil, err
	}
	for _, anchor := range anchors {
		object, ok := known[anchor]
		switch {
		case v.postpones(pending[anchor]):
		case ok && !s.covers(object.Position):
			objects = append(objects, object.Object)
		case !ok && !s.full: // unknown to the copy: OrphanLinks finds it in a full evaluation
			objects = append(objects, gone(objectType, anchor))
		}
	}
	return objects, pending, nil
}

// postpones reports whether a stored failure is not due yet.
func (v *evaluation) postpones(failure store.Escrow) bool {
	return v.patient && failure.Attempts > 0 && failure.NextAttempt.After(v.now)
}

// ruling is what somebody decided about a deprovisioning that is decided on again.
func (v *evaluation) ruling(it item) engine.Ruling {
	staged, ok := v.staged[store.LinkKey{Type: it.object.Type, Source: it.object.Anchor}]
	if !ok {
		return engine.Undecided
	}
	return rulingOn(staged, engine.DepartureOf(it.decision), v.now)
}

// gone is an object that the source no longer knows.
func gone(objectType directory.ObjectType, anchor directory.Anchor) directory.Object {
	return directory.Object{Type: objectType, Anchor: anchor, Removed: directory.HardDeleted}
}

// visit calls handle with every object of a type that the span covers, page by page: first revisits, then the changed
// objects by position from cursor on, then, in a full evaluation, linked objects the copy does not know.
// handle gets the position reached, or 0 when the page has none.
func (v *evaluation) visit(ctx context.Context, objectType directory.ObjectType, s span, cursor int64, handle func(objects []directory.Object, pending map[directory.Anchor]store.Escrow, reached int64) error) error {
	again, pending, err := v.revisits(ctx, objectType, s)
	if err != nil {
		return err
	}
	for page := range slices.Chunk(again, v.size) {
		if err := handle(page, pending, 0); err != nil {
			return err
		}
	}
	for cursor < s.to {
		stored, err := v.store.Objects(ctx, v.copyID, objectType, cursor, s.to, v.size)
		if err != nil {
			return err
		}
		if len(stored) == 0 {
			break
		}
		objects := make([]directory.Object, len(stored))
		for i, object := range stored {
			objects[i] = object.Object
		}
		cursor = stored[len(stored)-1].Position
		if err := handle(objects, pending, cursor); err != nil {
			return err
		}
		if len(stored) < v.size {
			break
		}
	}
	if !s.full {
		return nil
	}
	var after directory.Anchor
	for {
		orphans, err := v.store.OrphanLinks(ctx, v.jobID, v.copyID, objectType, after, v.size)
		if err != nil || len(orphans) == 0 {
			return err
		}
		objects := make([]directory.Object, len(orphans))
		for i, link := range orphans {
			objects[i] = gone(objectType, link.Source)
		}
		after = orphans[len(orphans)-1].Source
		if err := handle(objects, pending, 0); err != nil {
			return err
		}
	}
}
