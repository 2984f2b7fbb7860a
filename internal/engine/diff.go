package engine

import (
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// Change is one attribute to write.
type Change struct {
	Attribute string
	Old, New  directory.Value
}

// ReferenceChange is one reference to write in the reference phase. Wanted is a source anchor; empty removes the
// reference.
type ReferenceChange struct {
	Attribute string
	Wanted    directory.Anchor
}

// createChanges is the create column of mappings-and-scoping.md 3.2: values as they are, defaults for null, nothing
// for dropped attributes.
func createChanges(flowed flow, p *Program, objectType directory.ObjectType) ([]Change, error) {
	var changes []Change
	for _, f := range flowed.values {
		value := f.value
		if f.dropped {
			continue
		}
		if value.IsNull() {
			if f.attribute.DefaultValue == nil || *f.attribute.DefaultValue == "" {
				continue
			}
			var err error
			if value, err = canonical(p.traits, objectType, f.attribute.Target, directory.Text(*f.attribute.DefaultValue)); err != nil {
				return nil, directory.Errorf(directory.Invalid, "%w: default of attribute %s: %w", errMapping, f.attribute.Target, err)
			}
		}
		changes = append(changes, Change{Attribute: f.attribute.Target, New: value})
	}
	return changes, nil
}

// updateChanges is the update column of mappings-and-scoping.md 3.2 with the flow types of section 4: only what
// differs, nothing for null, no defaults.
func (p *Program) updateChanges(flowed flow, current map[string]directory.Value) []Change {
	var changes []Change
	for _, f := range flowed.values {
		if f.dropped || f.value.IsNull() || f.attribute.FlowType == job.FlowObjectAddOnly {
			continue
		}
		old := current[f.attribute.Target]
		if f.attribute.FlowType == job.FlowAttributeAddOnly && !old.IsEmpty() {
			continue
		}
		if !sameValue(old, f.value, p.exact(f.attribute.Target)) {
			changes = append(changes, Change{Attribute: f.attribute.Target, Old: old, New: f.value})
		}
	}
	return changes
}

// sameValue compares values as the target keeps them: text that differs by case alone is the same unless the attribute is
// case-exact (mappings-and-scoping.md 4), lists are compared without regard to order.
func sameValue(a, b directory.Value, exact bool) bool {
	if a.Kind() == directory.KindList || b.Kind() == directory.KindList {
		return sameElements(a.Elements(), b.Elements(), exact)
	}
	if a.IsNull() || b.IsNull() {
		return a.IsNull() && b.IsNull()
	}
	x, okX := a.Text()
	y, okY := b.Text()
	if okX && okY {
		return x == y || !exact && strings.EqualFold(x, y)
	}
	return a.Equal(b)
}

func sameElements(a, b []directory.Value, exact bool) bool {
	if len(a) != len(b) {
		return false
	}
	sorted := func(values []directory.Value) []string {
		texts := make([]string, len(values))
		for i, value := range values {
			texts[i] = value.String()
			if !exact {
				texts[i] = strings.ToLower(texts[i])
			}
		}
		slices.Sort(texts)
		return texts
	}
	return slices.Equal(sorted(a), sorted(b))
}

// referenceChanges compares the references an object should have with those that were written. A nil exported is a
// create.
func (p *Program) referenceChanges(compiled *typeProgram, object directory.Object, exported map[string]directory.Value) []ReferenceChange {
	var changes []ReferenceChange
	for i := range compiled.attributes {
		mapped := &compiled.attributes[i]
		if mapped.reference == "" || (mapped.FlowType == job.FlowObjectAddOnly && exported != nil) {
			continue
		}
		if mapped.FlowType == job.FlowAttributeAddOnly && !exported[mapped.Target].IsEmpty() {
			continue
		}
		var wanted directory.Anchor
		if anchors := object.References[mapped.reference]; len(anchors) > 0 {
			wanted = anchors[0]
		}
		written, _ := exported[mapped.Target].Text()
		if directory.Anchor(written) != wanted {
			changes = append(changes, ReferenceChange{Attribute: mapped.Target, Wanted: wanted})
		}
	}
	return changes
}
