package scim

import (
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// patchRequest is the body of a PATCH (RFC 7644 3.5.2).
type patchRequest struct {
	Schemas    []string         `json:"schemas"`
	Operations []patchOperation `json:"Operations"`
}

type patchOperation struct {
	Op    string `json:"op"`
	Path  string `json:"path,omitempty"`
	Value any    `json:"value,omitempty"`
}

func newPatch(operations []patchOperation) patchRequest {
	return patchRequest{Schemas: []string{patchURN}, Operations: operations}
}

// change is a connector.Change with its path: as the mapping has it, and as the target finds it.
type change struct {
	connector.Change
	mapped, path Path
}

// onlyElement reports whether the target finds a filtered element only by its being the only one.
func (c change) onlyElement() bool { return c.mapped.FilterBy != "" && c.path.FilterBy == "" }

// refers reports whether the change is about a reference to another account.
func (c change) refers() bool {
	return c.Reference || c.mapped.Sub == "" && containerKind(c.mapped) == kindComplex
}

// held is an attribute that has a value now.
type held struct {
	path  Path
	value directory.Value
}

// patchPlan turns the changes of one update into operations.
type patchPlan struct {
	profile profile
	changes []change
	// current has the paths of the mappings.
	current []held
}

// planPatch writes one operation for each attribute, with a path (scim-client.md 6.3), or as the profile has it. The element
// of a filtered path is removed whole when none of its known attributes remains.
func planPatch(p profile, operation connector.Operation) ([]patchOperation, error) {
	plan := patchPlan{profile: p}
	for attribute, value := range operation.Current {
		path, err := ParsePath(attribute)
		if err != nil || value.IsNull() {
			continue
		}
		plan.current = append(plan.current, held{path.resolved(), value})
	}
	for _, c := range operation.Changes {
		path, err := ParsePath(c.Attribute)
		if err != nil {
			return nil, invalid("", "%v", err)
		}
		path = path.resolved()
		if c.Add && (path.FilterBy != "" || takesOne(path)) {
			return nil, invalid("", "attribute %s takes one value, so nothing can be added to it", c.Attribute)
		}
		plan.changes = append(plan.changes, change{Change: c, mapped: path, path: p.selected(path)})
	}
	operations, err := plan.operations()
	if err != nil {
		return nil, err
	}
	return p.merge(plan.changes, operations), nil
}

func (p patchPlan) operations() ([]patchOperation, error) {
	var operations []patchOperation
	var done []Path
	for _, c := range p.changes {
		element := c.mapped.element()
		switch {
		case c.Add:
			operations = append(operations, p.addToList(c)...)
		case c.mapped.FilterBy == "":
			operations = append(operations, p.single(c))
		case contains(done, element):
		case !p.elementExists(element) && !p.profile.wholeElements && !c.onlyElement():
			if !c.Value.IsNull() {
				operations = append(operations, p.single(c))
			}
		case !p.elementExists(element):
			done = append(done, element)
			added, err := p.wholeElement(p.profile.add, element, nil)
			if err != nil {
				return nil, err
			}
			operations = append(operations, added...)
		case !p.elementRemains(element):
			done = append(done, element)
			path := c.path.element()
			operations = append(operations, patchOperation{Op: p.profile.remove, Path: p.profile.wire(path)})
		case c.onlyElement():
			done = append(done, element)
			replaced, err := p.wholeElement(p.profile.replace, element, p.current)
			if err != nil {
				return nil, err
			}
			operations = append(operations, replaced...)
		default:
			operations = append(operations, p.single(c))
		}
	}
	return operations, nil
}

// single is the operation for one attribute.
func (p patchPlan) single(c change) patchOperation {
	operation := patchOperation{Op: p.profile.replace, Path: p.profile.wire(c.path)}
	switch {
	case c.Value.IsNull() && c.refers() && p.profile.emptyReference:
		operation.Value = ""
		return operation
	case c.Value.IsNull():
		operation.Op = p.profile.remove
		return operation
	// Adding a list would leave what is there, known or not.
	case c.Value.Kind() == directory.KindList || kindOf(c.path) == kindElements:
	// Some servers take nothing but replace for active (scim-client.md 17, row 3).
	case isActive(c.path) || p.profile.replaceAbsent || p.holds(c.mapped):
	// A filtered path selects an element that exists; a profile that makes elements by their paths adds parts in the same way.
	case c.mapped.FilterBy != "" && p.profile.wholeElements && p.elementExists(c.mapped.element()):
	default:
		operation.Op = p.profile.add
	}
	operation.Value = p.profile.value(c.path, c.Change)
	if on, boolean := operation.Value.(bool); boolean && p.profile.textBooleans {
		operation.Value = capitalised(on)
	}
	return operation
}

// merge joins the operations of plain attributes into one replace without path, whose keys are paths (scim-client.md 6.2).
// Fewer than two stay as they are. changes tell which attributes are plain: they take one value, which is not a reference, and
// stand under no filter.
func (p profile) merge(changes []change, operations []patchOperation) []patchOperation {
	if !p.merged {
		return operations
	}
	plainPaths := map[string]bool{}
	for _, c := range changes {
		if c.mapped.FilterBy == "" && !c.Value.IsNull() && !c.refers() && c.Value.Kind() != directory.KindList && kindOf(c.path) != kindElements {
			plainPaths[p.wire(c.path)] = true
		}
	}
	if len(plainPaths) < 2 {
		return operations
	}
	together := resource{}
	var kept []patchOperation
	for _, operation := range operations {
		if plainPaths[operation.Path] {
			together[operation.Path] = operation.Value
			continue
		}
		kept = append(kept, operation)
	}
	return append(kept, patchOperation{Op: p.replace, Value: together})
}

// addToList adds the elements that are not known to be there: not every server recognises one it has, least of all when
// it has decorated it.
func (p patchPlan) addToList(c change) []patchOperation {
	var there []directory.Value
	for _, known := range p.current {
		if known.path.same(c.path) {
			there = known.value.Elements()
		}
	}
	elements := missing(c.Value.Elements(), there)
	if len(elements) == 0 {
		return nil
	}
	operation := patchOperation{Op: p.profile.add, Path: p.profile.wire(c.path)}
	if isRoles(c.path) && p.profile.roleTexts {
		operation.Value = roleTexts(elements)
		return []patchOperation{operation}
	}
	c.Value = directory.List(elements...)
	operation.Value = p.profile.value(c.path, c.Change)
	return []patchOperation{operation}
}

// wholeElement writes an element with everything that is known of it after the update: what is held stays, unless it is
// changed.
func (p patchPlan) wholeElement(op string, element Path, current []held) ([]patchOperation, error) {
	whole := resource{}
	written := false
	for _, known := range current {
		if known.path.FilterBy != "" && known.path.element().same(element) && !p.changed(known.path) {
			if err := whole.set(known.path, plain(known.value)); err != nil {
				return nil, invalid("", "attribute %s: %v", known.path, err)
			}
		}
	}
	for _, c := range p.changes {
		if c.mapped.element().same(element) && !c.Value.IsNull() {
			if err := whole.set(c.mapped, plain(c.Value)); err != nil {
				return nil, invalid("", "attribute %s: %v", c.Attribute, err)
			}
			written = true
		}
	}
	if !written && len(whole) == 0 {
		return nil, nil
	}
	container := element.container()
	return []patchOperation{{Op: op, Path: container.wire(), Value: whole.whole(container)}}, nil
}

func (p patchPlan) elementExists(element Path) bool {
	for _, known := range p.current {
		if known.path.FilterBy != "" && known.path.element().same(element) {
			return true
		}
	}
	return false
}

// elementRemains reports whether any known attribute of an element has a value after the update.
func (p patchPlan) elementRemains(element Path) bool {
	for _, c := range p.changes {
		if c.mapped.element().same(element) && !c.Value.IsNull() {
			return true
		}
	}
	for _, known := range p.current {
		if known.path.element().same(element) && !p.changed(known.path) {
			return true
		}
	}
	return false
}

func (p patchPlan) holds(path Path) bool {
	return slices.ContainsFunc(p.current, func(known held) bool { return known.path.same(path) })
}

func (p patchPlan) changed(path Path) bool {
	for _, c := range p.changes {
		if c.mapped.same(path) {
			return true
		}
	}
	return false
}

func contains(paths []Path, wanted Path) bool {
	for _, path := range paths {
		if path.same(wanted) {
			return true
		}
	}
	return false
}

func isActive(path Path) bool {
	return path.URN == "" && path.Sub == "" && strings.EqualFold(path.Attribute, activeAttribute)
}
