package memory

import (
	"maps"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
)

// change returns an entry the way it is delivered. A new object is always whole, a hard delete is only its key.
func (s *Source) change(e entry) source.Change {
	if !s.options.Partial || e.before.Anchor == "" || e.after.Removed == directory.HardDeleted {
		return source.Change{Object: e.after}
	}
	partial := source.Change{Partial: true, Object: directory.Object{
		Type: e.after.Type, Anchor: e.after.Anchor, Removed: e.after.Removed,
		Attributes: map[string]directory.Value{},
	}}
	for name, value := range e.after.Attributes {
		if before, had := e.before.Attributes[name]; !had || !before.Equal(value) {
			partial.Object.Attributes[name] = value
		}
	}
	for name := range e.before.Attributes {
		if _, has := e.after.Attributes[name]; !has {
			partial.Object.Attributes[name] = directory.Null()
		}
	}
	partial.Added = missing(e.after.References, e.before.References)
	partial.Removed = missing(e.before.References, e.after.References)
	return partial
}

// missing returns the references in these that are not in those; nil when there are none.
func missing(these, those map[string][]directory.Anchor) map[string][]directory.Anchor {
	var out map[string][]directory.Anchor
	for relation, anchors := range these {
		for _, anchor := range anchors {
			if _, found := slices.BinarySearch(those[relation], anchor); found {
				continue
			}
			if out == nil {
				out = map[string][]directory.Anchor{}
			}
			out[relation] = append(out[relation], anchor)
		}
	}
	return out
}

// clone copies what a caller could change later, and gives relations the order the contract asks for.
func clone(object directory.Object) directory.Object {
	object.Attributes = maps.Clone(object.Attributes)
	references := make(map[string][]directory.Anchor, len(object.References))
	for relation, anchors := range object.References {
		references[relation] = slices.Compact(slices.Sorted(slices.Values(anchors)))
	}
	object.References = references
	return object
}

func equal(a, b directory.Object) bool {
	return a.Anchor == b.Anchor && a.Type == b.Type && a.Removed == b.Removed &&
		maps.EqualFunc(a.Attributes, b.Attributes, directory.Value.Equal) &&
		maps.EqualFunc(a.References, b.References, slices.Equal[[]directory.Anchor])
}
