package scim

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// hopeless is how many members may be refused one by one, with none accepted, before the rest of an
// operation is given up: then it is not the members that are wrong.
const hopeless = 8

// membership is one AddMembers or RemoveMembers under way.
type membership struct {
	connector *Connector
	at        endpoint
	operation connector.Operation

	accepted []directory.Anchor
	failed   []directory.Anchor
	// refusal is the first error that cost a member.
	refusal error
	// renamed says that the other operation names were tried.
	renamed bool
	// asked says that the group was asked for its members; there are those it tells, nil when it does not.
	asked bool
	there map[directory.Anchor]bool
	// filtered says that members are removed by filtered path, to begin with.
	filtered bool
}

func (m *membership) removing() bool { return m.operation.Kind == connector.RemoveMembers }

func (c *Connector) changeMembers(ctx context.Context, at endpoint, operation connector.Operation) connector.Outcome {
	outcome := connector.Outcome{Target: operation.Target}
	if operation.Type != directory.Group {
		outcome.Err = invalid("", "a %s has no members", operation.Type)
		return outcome
	}
	m := &membership{connector: c, at: at, operation: operation}
	if m.removing() && c.dialect().valueRemoval && !c.puts(at) {
		c.proveRemoval(ctx, operation.Members)
	}
	m.filtered = m.removing() && c.client.learned.form(topicRemoveMembers, "") != removeByValue
	err := m.writeAll(ctx, operation.Members)
	if m.otherRemoval(ctx) {
		m.failed, m.refusal, m.asked, m.there = nil, nil, false, nil
		err = m.writeAll(ctx, slices.DeleteFunc(slices.Clone(operation.Members), func(member directory.Anchor) bool { return slices.Contains(m.accepted, member) }))
	}
	if err == nil {
		err = m.verify(ctx)
	}
	if err != nil {
		outcome.Err = err
		return outcome
	}
	slices.Sort(m.failed)
	outcome.Failed = m.failed
	if len(m.failed) > 0 {
		outcome.Warning = fmt.Sprintf("%d of %d members were refused, the first with: %v", len(m.failed), len(operation.Members), m.refusal)
	}
	return outcome
}

func (m *membership) writeAll(ctx context.Context, members []directory.Anchor) error {
	for batch := range slices.Chunk(members, m.connector.membersBatch()) {
		if err := m.write(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// membersBatch is how many members one request holds: as many as is configured, or fewer when that was too many.
func (c *Connector) membersBatch() int {
	if learned, err := strconv.Atoi(c.client.learned.form(topicMembersBatch, "")); err == nil && learned > 0 {
		return min(learned, c.membersPerPatch)
	}
	return c.membersPerPatch
}

// learnBatch remembers a smaller batch after one was too large.
func (c *Connector) learnBatch(size, tooLarge int) {
	if size < c.membersBatch() {
		c.client.learned.learn(topicMembersBatch, "", strconv.Itoa(size), fmt.Sprintf("it answered 413 to %d members", tooLarge))
	}
}

// otherRemoval reports whether the target may have refused the filtered path itself, because it took none, and removing by
// value is proven harmless (scim-client.md 17, row 6). Another group may have had it proven meanwhile: then some members were
// removed by value already, and the others were refused before.
func (m *membership) otherRemoval(ctx context.Context) bool {
	c := m.connector
	told, _ := refused(m.refusal)
	if !m.filtered || len(m.failed) == 0 || told.status != http.StatusBadRequest || !mayBeForm(m.refusal) {
		return false
	}
	if form := c.client.learned.form(topicRemoveMembers, ""); form != "" {
		return form == removeByValue
	}
	return len(m.accepted) == 0 && c.proveRemoval(ctx, m.operation.Members)
}

// write sends a batch, and halves it when it is refused, until the members that are refused are known
// (scim-client.md 10). The error ends the operation.
func (m *membership) write(ctx context.Context, members []directory.Anchor) error {
	err := m.send(ctx, members)
	if err == nil {
		m.accepted = append(m.accepted, members...)
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
		if told.status == http.StatusRequestEntityTooLarge && len(members) > 1 {
			m.connector.learnBatch(len(members)/2, len(members))
		}
	case http.StatusNotFound:
		// It is either the group or a member that is not there.
		if _, missing := m.connector.read(ctx, m.at, m.operation.Target); missing != nil {
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
	return m.refuse(ctx, members[0], told, err)
}

// send writes members in one request: in the other operation names when the target has taken no PATCH yet and refuses this
// one, and as a whole where the target cannot PATCH.
func (m *membership) send(ctx context.Context, members []directory.Anchor) error {
	c := m.connector
	if c.puts(m.at) {
		return c.putMembers(ctx, m.at, m.operation, members)
	}
	p := c.dialect()
	err := m.patch(ctx, p, members)
	if c.lacksPatch(err) {
		return c.insteadOfPatch(m.at, err, func() error { return c.putMembers(ctx, m.at, m.operation, members) })
	}
	told, _ := refused(err)
	syntax := strings.EqualFold(told.scimType, "invalidSyntax")
	if told.status != http.StatusBadRequest || !syntax && told.scimType != "" || c.accepted.Load() || m.renamed {
		return err
	}
	// A target that says that the syntax is wrong may mean the names, however many members are in the request.
	m.renamed = !syntax
	for _, other := range p.alternatives() {
		if !other.renames() || len(other.variations) > 1 {
			continue
		}
		if again := m.patch(ctx, other.profile, members); again == nil {
			c.learn(other.variations)
			return nil
		} else if divisible(again) {
			err = again
		} else {
			return again
		}
	}
	return err
}

func (m *membership) patch(ctx context.Context, p profile, members []directory.Anchor) error {
	operations := addMembers(p, members)
	if m.removing() {
		operations = removeMembers(p, m.connector.client.learned.form(topicRemoveMembers, "") == removeByValue, members)
	}
	_, err := m.connector.patch(ctx, m.at, m.operation.Target, operations)
	if err == nil {
		m.connector.accepted.Store(true)
	}
	return err
}

// refuse notes that one member cannot be written, unless that is what was wanted: it is there, or gone, already. The group tells, where
// it tells its members: some targets say that nobody is there when they do not understand the path.
func (m *membership) refuse(ctx context.Context, member directory.Anchor, told refusal, err error) error {
	already := told.status == http.StatusConflict
	if m.removing() {
		already = told.status == http.StatusNotFound || strings.EqualFold(told.scimType, "noTarget") ||
			// Not every target has a word for it.
			told.status == http.StatusBadRequest && told.scimType == "" && m.membersAsked(ctx) != nil
	}
	if already && !m.contradicted(ctx, member) {
		m.accepted = append(m.accepted, member)
		return nil
	}
	m.fail(member, err)
	if len(m.accepted) == 0 && len(m.failed) >= hopeless {
		return err
	}
	return nil
}

// contradicted reports whether the group shows that a member is there that is said to be gone, or the reverse. It is read once.
func (m *membership) contradicted(ctx context.Context, member directory.Anchor) bool {
	there := m.membersAsked(ctx)
	return there != nil && there[member] == m.removing()
}

// membersAsked are the members that the group tells; nil where it does not.
func (m *membership) membersAsked(ctx context.Context) map[directory.Anchor]bool {
	if !m.asked {
		m.asked = true
		if there, told, err := m.connector.groupMembers(ctx, m.at, m.operation.Target); err == nil && told {
			m.there = there
		}
	}
	return m.there
}

func (m *membership) fail(member directory.Anchor, err error) {
	m.failed = append(m.failed, member)
	if m.refusal == nil {
		m.refusal = err
	}
}

// verify reads the group back, if that was asked for (scim-client.md 17, row 20): what was answered with success and did not
// happen has failed. A target that does not tell its members cannot be checked.
func (m *membership) verify(ctx context.Context) error {
	if !m.connector.verifyMembers || len(m.accepted) == 0 {
		return nil
	}
	there, told, err := m.connector.groupMembers(ctx, m.at, m.operation.Target)
	if err != nil {
		return err
	}
	if !told {
		return nil
	}
	for _, member := range m.accepted {
		if there[member] == m.removing() {
			m.fail(member, directory.Errorf(directory.Incompatible, "PATCH %s: %w", m.at.path, errNoEffect))
		}
	}
	return nil
}

// addMembers is one operation for several members; removeMembers is one for each, by filtered path, because
// remove with a value empties the group on some servers (scim-client.md 17, row 4), unless it is proven that it does not.
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

func removeMembers(p profile, byValue bool, members []directory.Anchor) []patchOperation {
	operations := make([]patchOperation, len(members))
	for i, member := range members {
		if operations[i] = (patchOperation{Op: p.remove, Path: membersAttribute, Value: memberElements(member)}); !byValue {
			operations[i] = patchOperation{Op: p.remove, Path: membersAttribute + "[value eq " + quote(string(member)) + "]"}
		}
	}
	return operations
}
