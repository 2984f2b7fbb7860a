package scim

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// hopeless is how many members may be refused one by one, with none accepted, before the rest of an
// operation is given up: then it is not the members that are wrong.
const hopeless = 8

// membership is one AddMembers or RemoveMembers under way.
type membership struct {
	connector  *Connector
	operation  connector.Operation
	operations func(profile, []directory.Anchor) []patchOperation

	accepted int
	failed   []directory.Anchor
	// refusal is the first error that cost a member.
	refusal error
}

func (c *Connector) changeMembers(ctx context.Context, operation connector.Operation) connector.Outcome {
	outcome := connector.Outcome{Target: operation.Target}
	if operation.Type != directory.Group {
		outcome.Err = invalid("", "a %s has no members", operation.Type)
		return outcome
	}
	m := &membership{connector: c, operation: operation, operations: addMembers}
	if operation.Kind == connector.RemoveMembers {
		m.operations = removeMembers
	}
	for batch := range slices.Chunk(operation.Members, c.membersPerPatch) {
		if outcome.Err = m.write(ctx, batch); outcome.Err != nil {
			return outcome
		}
	}
	outcome.Failed = m.failed
	if len(m.failed) > 0 {
		outcome.Warning = fmt.Sprintf("%d of %d members were refused, the first with: %v", len(m.failed), len(operation.Members), m.refusal)
	}
	return outcome
}

// write sends a batch, and halves it when it is refused, until the members that are refused are known
// (scim-client.md 10). The error ends the operation.
func (m *membership) write(ctx context.Context, members []directory.Anchor) error {
	c := m.connector
	at, _ := endpointOf(directory.Group)
	err := c.patch(ctx, at, m.operation.Target, m.operations(c.profile, members))
	if err == nil {
		m.accepted += len(members)
		return nil
	}
	told, ok := refused(err)
	if !ok {
		return err
	}
	switch told.status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		if directory.KindOf(err) == directory.Throttled {
			return err
		}
	case http.StatusNotFound:
		// It is either the group or a member that is not there.
		if _, missing := c.read(ctx, at, m.operation.Target); missing != nil {
			return missing
		}
	default:
		return err
	}
	if len(members) > 1 {
		half := len(members) / 2
		if err := m.write(ctx, members[:half]); err != nil {
			return err
		}
		return m.write(ctx, members[half:])
	}
	return m.refuse(members[0], told, err)
}

// refuse notes that one member cannot be written, unless that is what was wanted: it is there, or gone, already.
func (m *membership) refuse(member directory.Anchor, told refusal, err error) error {
	removing := m.operation.Kind == connector.RemoveMembers
	switch {
	case !removing && told.status == http.StatusConflict,
		removing && (told.status == http.StatusNotFound || strings.EqualFold(told.scimType, "noTarget")):
		m.accepted++
		return nil
	}
	m.failed = append(m.failed, member)
	if m.refusal == nil {
		m.refusal = err
	}
	if m.accepted == 0 && len(m.failed) >= hopeless {
		return err
	}
	return nil
}

// addMembers is one operation for several members; removeMembers is one for each, by filtered path, because
// remove with a value empties the group on some servers (scim-client.md 17, row 4).
func addMembers(p profile, members []directory.Anchor) []patchOperation {
	return []patchOperation{{Op: p.add, Path: membersAttribute, Value: memberElements(members...)}}
}

func memberElements(members ...directory.Anchor) []any {
	elements := make([]any, len(members))
	for i, member := range members {
		elements[i] = resource{"value": string(member)}
	}
	return elements
}

func removeMembers(p profile, members []directory.Anchor) []patchOperation {
	operations := make([]patchOperation, len(members))
	for i, member := range members {
		operations[i] = patchOperation{Op: p.remove, Path: membersAttribute + "[value eq " + quote(string(member)) + "]"}
	}
	return operations
}
