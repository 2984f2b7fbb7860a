package sourcetest

import (
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
)

type key struct {
	objectType directory.ObjectType
	anchor     directory.Anchor
}

// mirror is what a caller knows of a source, in its plainest form: it merges changes by the rules of
// package source and forgets what is hard-deleted.
type mirror map[key]directory.Object

// apply merges the pages of one successful call.
func (m mirror) apply(pages [][]source.Change, complete bool) {
	received := map[key]bool{}
	for _, page := range pages {
		for _, change := range page {
			k := key{change.Object.Type, change.Object.Anchor}
			received[k] = true
			switch {
			case change.Object.Removed == directory.HardDeleted:
				delete(m, k)
			case change.Partial:
				m[k] = merge(m[k], change)
			default:
				m[k] = plain(change.Object)
			}
		}
	}
	for k := range m {
		if complete && !received[k] {
			delete(m, k)
		}
	}
}

// merge applies a partial change.
func merge(known directory.Object, change source.Change) directory.Object {
	merged := plain(known)
	merged.Type, merged.Anchor, merged.Removed = change.Object.Type, change.Object.Anchor, change.Object.Removed
	for name, value := range change.Object.Attributes {
		merged.Attributes[name] = value
	}
	for relation, anchors := range change.Object.References {
		merged.References[relation] = anchors
	}
	for relation, anchors := range change.Removed {
		merged.References[relation] = slices.DeleteFunc(merged.References[relation], func(anchor directory.Anchor) bool {
			return slices.Contains(anchors, anchor)
		})
	}
	for relation, anchors := range change.Added {
		merged.References[relation] = append(merged.References[relation], anchors...)
	}
	return plain(merged)
}

// plain returns a copy in one form: no null attributes, no empty relations, relations sorted.
func plain(object directory.Object) directory.Object {
	out := object
	out.Attributes = map[string]directory.Value{}
	for name, value := range object.Attributes {
		if !value.IsNull() {
			out.Attributes[name] = value
		}
	}
	out.References = map[string][]directory.Anchor{}
	for relation, anchors := range object.References {
		if len(anchors) > 0 {
			out.References[relation] = slices.Compact(slices.Sorted(slices.Values(anchors)))
		}
	}
	return out
}

// mirrorOf is the mirror a caller must have of a content.
func mirrorOf(content Content) mirror {
	m := mirror{}
	for _, object := range content.Objects() {
		m[key{object.Type, object.Anchor}] = plain(object)
	}
	return m
}
