package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// Change is one attribute to write.
type Change struct {
	Attribute string
	// Old is what the account holds as far as is known. New is what is written: the value, null to clear the attribute, or,
	// with Add, the elements to add to those that are there.
	Old, New directory.Value
	Add      bool
	// rule and clears are those of the mapping.
	rule   updateRule
	clears bool
}

// After is what the account holds once the change is written.
func (c Change) After() directory.Value {
	if !c.Add || c.Old.IsEmpty() {
		return c.New
	}
	return directory.List(slices.Concat(c.Old.Elements(), missing(c.Old, c.New, true))...)
}

// Afterwards is what the account holds once the decision is carried out.
func (d Decision) Afterwards() map[string]directory.Value {
	held := make(map[string]directory.Value, len(d.Current)+len(d.Changes))
	maps.Copy(held, d.Current)
	for _, change := range d.Changes {
		if after := change.After(); after.IsNull() {
			delete(held, change.Attribute)
		} else {
			held[change.Attribute] = after
		}
	}
	return held
}

// Without is a decision as it was carried out when the target refused some attributes: they hold what they held. An account
// that was not switched on counts as off only when it is known to have been: whoever is on is switched off one day.
func (p *Program) Without(d Decision, refused []string) Decision {
	d.Changes = slices.DeleteFunc(slices.Clone(d.Changes), func(change Change) bool { return slices.Contains(refused, change.Attribute) })
	if slices.Contains(refused, p.traits.ActiveAttribute) {
		d.Active = !isFalse(d.Current[p.traits.ActiveAttribute])
	}
	return d
}

// Meanwhile is what is certain of the account while the decision is carried out, when nobody knows what of it has been
// written: doubt stands for a value that may have been overwritten, and equals nothing. Whoever decides next on the ground
// of it writes what is wanted then, whatever this decision has done.
func (d Decision) Meanwhile(doubt directory.Value) map[string]directory.Value {
	held := make(map[string]directory.Value, len(d.Current)+len(d.Changes))
	maps.Copy(held, d.Current)
	if d.Action == Delete {
		for attribute := range held {
			held[attribute] = doubt
		}
	}
	for _, change := range d.Changes {
		_, known := held[change.Attribute]
		switch {
		case change.Add: // what is there stays, and adding it again changes nothing
		case change.fills():
			delete(held, change.Attribute) // still to be filled
		case known, change.clears: // what was not there may have to be cleared
			held[change.Attribute] = doubt
		}
	}
	return held
}

// Fills returns the attributes that are written only because nothing is known of a value: a mapping that is for accounts
// without one may have come after the account. Whoever can read the account looks before filling it. Sorted.
func (d Decision) Fills() []string {
	var attributes []string
	for _, change := range d.Changes {
		_, known := d.Current[change.Attribute]
		if !known && change.fills() {
			attributes = append(attributes, change.Attribute)
		}
	}
	return attributes
}

// fills reports whether the change is only for accounts without a value.
func (c Change) fills() bool {
	return !c.Add && (c.rule == whenEmpty || c.rule == valueAdditions && c.Old.IsEmpty())
}

// ReferenceChange is one reference to write in the reference phase. Wanted is a source anchor; empty removes the
// reference.
type ReferenceChange struct {
	Attribute string
	Wanted    directory.Anchor
}

// errMissing marks an object that cannot be created for want of a value.
var errMissing = errors.New("a required attribute has no value")

// createChanges is the create column of mappings-and-scoping.md 3.2: values as they are, defaults for null, nothing
// for dropped attributes. Without a value for a required attribute there is no account.
func createChanges(flowed flow) ([]Change, error) {
	changes := make([]Change, 0, len(flowed.values))
	for _, f := range flowed.values {
		value := f.value
		if !f.dropped && value.IsNull() {
			value = f.attribute.fallback
		}
		if !f.dropped && !value.IsNull() {
			changes = append(changes, Change{Attribute: f.attribute.Target, New: value, rule: f.attribute.update, clears: f.attribute.clears})
			continue
		}
		if f.attribute.listed.Required {
			return nil, fmt.Errorf("%w: %s; give it one in the source, or set a default_value", errMissing, f.attribute.Target)
		}
	}
	return changes, nil
}

// updateChanges is the update column of mappings-and-scoping.md 3.2 with the flow types of section 4. What flows in every
// update goes along when something else differs.
func updateChanges(flowed flow, current map[string]directory.Value) []Change {
	var changes []Change
	differs := false
	for _, f := range flowed.values {
		if f.dropped {
			continue
		}
		change, needed := f.change(current[f.attribute.Target])
		if needed || f.attribute.FlowBehavior == job.FlowInEveryUpdate && f.attribute.update != whenEmpty && !change.New.IsNull() {
			changes = append(changes, change)
		}
		differs = differs || needed
	}
	if !differs {
		return nil
	}
	return changes
}

// change compares a value with what an existing account holds. When it is not needed, it is what would be written all the
// same.
func (f flowed) change(old directory.Value) (change Change, needed bool) {
	a := f.attribute
	change = Change{Attribute: a.Target, Old: old, New: f.value, rule: a.update, clears: a.clears}
	switch {
	case a.expression == nil:
		change.New = a.fallback
		return change, old.IsEmpty() && !change.New.IsNull()
	case f.value.IsNull():
		// A list is not a single value, and only those can be cleared (mappings-and-scoping.md 3.3).
		return change, a.update == whenDifferent && (a.clears && !old.IsNull() && old.Kind() != directory.KindList || a.replaces && !old.IsEmpty())
	case a.update == whenEmpty && !old.IsEmpty():
		return change, false
	case a.update == valueAdditions && f.value.IsEmpty(): // writing it would remove what is there
		change.New = directory.Null()
		return change, false
	case a.update == additions, a.update == valueAdditions && a.several(old, f.value):
		wanted := missing(directory.Null(), f.value, a.exact)
		lacking := missing(old, f.value, a.exact)
		if change.Add = true; len(lacking) > 0 {
			wanted = lacking
		}
		change.New = directory.Null()
		if len(wanted) > 0 {
			change.New = directory.List(wanted...)
		}
		return change, len(lacking) > 0
	default:
		return change, !sameValue(old, f.value, a.exact)
	}
}

// several reports whether an attribute holds more than one value, as far as can be told.
func (a *attribute) several(old, value directory.Value) bool {
	if a.listed.Multivalued != nil {
		return *a.listed.Multivalued
	}
	return old.Kind() == directory.KindList || value.Kind() == directory.KindList
}

// missing returns the elements of wanted that held does not have, in their order, without repeats and empty ones.
func missing(held, wanted directory.Value, exact bool) []directory.Value {
	seen := map[string]bool{}
	for _, element := range held.Elements() {
		seen[elementKey(element, exact)] = true
	}
	var lacking []directory.Value
	for _, element := range wanted.Elements() {
		if key := elementKey(element, exact); !seen[key] && !element.IsEmpty() {
			seen[key] = true
			lacking = append(lacking, element)
		}
	}
	return lacking
}

// elementValue is the part of a complex element by which it is recognised: targets add and leave out other parts
// (mappings-and-scoping.md 9.4).
const elementValue = "value"

// elementKey is equal for elements that are the same.
func elementKey(value directory.Value, exact bool) string {
	if id := value.Field(elementValue); !id.IsNull() {
		value = id
	}
	if exact {
		return value.String()
	}
	return strings.ToLower(value.String())
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
		keys := make([]string, len(values))
		for i, value := range values {
			keys[i] = elementKey(value, exact)
		}
		slices.Sort(keys)
		return keys
	}
	return slices.Equal(sorted(a), sorted(b))
}

// referenceChanges compares the references an object should have with those that were written. A nil exported is a
// create.
func referenceChanges(compiled *typeProgram, object directory.Object, exported map[string]directory.Value) []ReferenceChange {
	var changes []ReferenceChange
	for i := range compiled.attributes {
		mapped := &compiled.attributes[i]
		if mapped.reference == "" || mapped.update == never && exported != nil {
			continue
		}
		if mapped.update == whenEmpty && !exported[mapped.Target].IsEmpty() {
			continue
		}
		var wanted directory.Anchor
		if anchors := object.References[mapped.reference]; len(anchors) > 0 {
			wanted = anchors[0]
		}
		written, _ := exported[mapped.Target].Text()
		kept := wanted == "" && (mapped.update == additions || mapped.update == valueAdditions)
		if directory.Anchor(written) != wanted && !kept {
			changes = append(changes, ReferenceChange{Attribute: mapped.Target, Wanted: wanted})
		}
	}
	return changes
}
