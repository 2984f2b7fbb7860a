package scim

import (
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

// patchPlan turns the changes of one update into operations.
type patchPlan struct {
	profile profile
	changes []change
	// current are the paths that have a value now.
	current []Path
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
		plan.current = append(plan.current, path.resolved())
	}
	for _, c := range operation.Changes {
		path, err := ParsePath(c.Attribute)
		if err != nil {
			return nil, invalid("", "%v", err)
		}
		plan.changes = append(plan.changes, change{Change: c, path: path.resolved()})
	}
	return plan.operations()
}

func (p patchPlan) operations() ([]patchOperation, error) {
	var operations []patchOperation
	var done []Path
	for _, c := range p.changes {
		element := c.path.element()
		switch {
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
	// Some servers take nothing but replace for active (scim-client.md 17, row 3), and a filtered path selects
	// an element that exists.
	case isActive(c.path) || c.path.FilterBy != "" || contains(p.current, c.path):
	default:
		operation.Op = p.profile.add
	}
	operation.Value = jsonValue(c.path, c.Change)
	return operation
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
	for _, path := range p.current {
		if path.FilterBy != "" && path.element().same(element) {
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
	for _, path := range p.current {
		if path.element().same(element) && !p.changed(path) {
			return true
		}
	}
	return false
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
