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
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

func newPatch(operations []patchOperation) patchRequest {
	return patchRequest{Schemas: []string{patchURN}, Operations: operations}
}

// change is a connector.Change with its path.
type change struct {
	connector.Change
	path Path
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
	current []held
}

// planPatch writes one operation for each attribute, with a path (scim-client.md 6.3). The element of a
// filtered path is added whole when no known attribute of it exists, and removed whole when none remains.
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
		plan.changes = append(plan.changes, change{Change: c, path: path})
	}
	return plan.operations()
}

func (p patchPlan) operations() ([]patchOperation, error) {
	var operations []patchOperation
	var done []Path
	for _, c := range p.changes {
		element := c.path.element()
		switch {
		case c.Add:
			operations = append(operations, p.addToList(c)...)
		case c.path.FilterBy == "":
			operations = append(operations, p.single(c))
		case contains(done, element):
		case !p.elementExists(element):
			done = append(done, element)
			added, err := p.addElement(element)
			if err != nil {
				return nil, err
			}
			operations = append(operations, added...)
		case !p.elementRemains(element):
			done = append(done, element)
			operations = append(operations, patchOperation{Op: p.profile.remove, Path: element.wire()})
		default:
			operations = append(operations, p.single(c))
		}
	}
	return operations, nil
}

// single is the operation for one attribute.
func (p patchPlan) single(c change) patchOperation {
	operation := patchOperation{Op: p.profile.replace, Path: c.path.wire()}
	switch {
	case c.Value.IsNull():
		operation.Op = p.profile.remove
		return operation
	// Adding a list would leave what is there, known or not.
	case c.Value.Kind() == directory.KindList || kindOf(c.path) == kindElements:
	// Some servers take nothing but replace for active (scim-client.md 17, row 3), and a filtered path selects
	// an element that exists.
	case isActive(c.path) || c.path.FilterBy != "" || p.holds(c.path):
	default:
		operation.Op = p.profile.add
	}
	operation.Value = jsonValue(c.path, c.Change)
	return operation
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
	c.Value = directory.List(elements...)
	return []patchOperation{{Op: p.profile.add, Path: c.path.wire(), Value: jsonValue(c.path, c.Change)}}
}

// addElement adds an element with everything that is known of it in one operation.
func (p patchPlan) addElement(element Path) ([]patchOperation, error) {
	whole := resource{}
	written := false
	for _, c := range p.changes {
		if c.path.element().same(element) && !c.Value.IsNull() {
			if err := whole.set(c.path, plain(c.Value)); err != nil {
				return nil, invalid("", "attribute %s: %v", c.Attribute, err)
			}
			written = true
		}
	}
	if !written {
		return nil, nil
	}
	container := element.container()
	return []patchOperation{{Op: p.profile.add, Path: container.wire(), Value: whole.whole(container)}}, nil
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
		if c.path.element().same(element) && !c.Value.IsNull() {
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
		if c.path.same(path) {
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

// addMembers is one operation for several members; removeMembers is one for each, by filtered path, because
// remove with a value empties the group on some servers (scim-client.md 17, row 4).
func addMembers(p profile, members []directory.Anchor) []patchOperation {
	elements := make([]any, len(members))
	for i, member := range members {
		elements[i] = resource{"value": string(member)}
	}
	return []patchOperation{{Op: p.add, Path: membersAttribute, Value: elements}}
}

func removeMembers(p profile, members []directory.Anchor) []patchOperation {
	operations := make([]patchOperation, len(members))
	for i, member := range members {
		operations[i] = patchOperation{Op: p.remove, Path: membersAttribute + "[value eq " + quote(string(member)) + "]"}
	}
	return operations
}
