package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Apply executes the operations one after the other, in the order given, so that anchors and states are
// the same in every run.
func (c *Connector) Apply(ctx context.Context, operations []connector.Operation) []connector.Outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls.Apply++
	outcomes := make([]connector.Outcome, len(operations))
	for i, operation := range operations {
		if err := ended(ctx, fmt.Sprintf("%s %s", operation.Kind, operation.Type)); err != nil {
			outcomes[i] = connector.Outcome{Target: operation.Target, Err: err}
			continue
		}
		outcomes[i] = c.execute(operation)
	}
	return outcomes
}

func (c *Connector) execute(operation connector.Operation) connector.Outcome {
	switch operation.Kind {
	case connector.Create:
		c.calls.Create++
		return c.create(operation)
	case connector.Update:
		c.calls.Update++
		return c.update(operation)
	case connector.Delete:
		c.calls.Delete++
		c.remove(operation.Type, operation.Target)
		return connector.Outcome{Target: operation.Target}
	case connector.AddMembers:
		c.calls.AddMembers++
		return c.changeMembers(operation)
	case connector.RemoveMembers:
		c.calls.RemoveMembers++
		return c.changeMembers(operation)
	default:
		return connector.Outcome{Target: operation.Target, Err: directory.Errorf(directory.Invalid, "unknown operation %q", operation.Kind)}
	}
}

func (c *Connector) create(operation connector.Operation) connector.Outcome {
	made := &entry{attributes: map[string]directory.Value{}, members: map[directory.Anchor]bool{}}
	outcome, on := connector.Outcome{}, false
	operation.Changes, outcome.Unwritten, on = c.taken(operation)
	for _, attribute := range outcome.Unwritten {
		if on || slices.Contains(operation.Essential, attribute) {
			return connector.Outcome{Err: directory.Errorf(directory.Invalid, "%s %s: %s was refused, and no account is made without it",
				operation.Kind, operation.Type, attribute)}
		}
	}
	if len(outcome.Unwritten) > 0 {
		outcome.Warning = "refused: " + strings.Join(outcome.Unwritten, ", ")
	}
	if err := c.write(operation, "", made); err != nil {
		return connector.Outcome{Err: err}
	}
	outcome.Target = c.issue(operation.Type)
	c.insert(operation.Type, outcome.Target, made)
	return outcome
}

// issue returns the next anchor that neither Put nor an earlier account uses.
func (c *Connector) issue(objectType directory.ObjectType) directory.Anchor {
	for {
		c.issued[objectType]++
		anchor := directory.Anchor(fmt.Sprintf("%s-%d", objectType, c.issued[objectType]))
		if c.entries[objectType][anchor] == nil {
			return anchor
		}
	}
}

func (c *Connector) update(operation connector.Operation) connector.Outcome {
	kept := c.entries[operation.Type][operation.Target]
	if kept == nil {
		return connector.Outcome{Target: operation.Target, Err: missing("update", operation.Type, operation.Target)}
	}
	outcome := connector.Outcome{Target: operation.Target}
	on := false
	operation.Changes, outcome.Unwritten, on = c.taken(operation)
	if len(outcome.Unwritten) > 0 {
		outcome.Warning = "refused: " + strings.Join(outcome.Unwritten, ", ")
	}
	changed := &entry{attributes: maps.Clone(kept.attributes), members: kept.members}
	if err := c.write(operation, operation.Target, changed); err != nil {
		return connector.Outcome{Target: operation.Target, Err: err}
	}
	c.entries[operation.Type][operation.Target] = changed
	if on {
		return connector.Outcome{Target: operation.Target, Err: directory.Errorf(directory.Invalid, "%s %s: %s was refused, the account stays on",
			operation.Kind, operation.Type, activeAttribute)}
	}
	return outcome
}

// taken divides the changes of an account into those that the target takes and the attributes that it refuses. on says that to
// switch the account off is refused.
func (c *Connector) taken(operation connector.Operation) (taken []connector.Change, refused []string, on bool) {
	for _, change := range operation.Changes {
		if c.refuses != nil && c.refuses(operation.Target, change) {
			refused = append(refused, change.Attribute)
			on = on || change.Attribute == activeAttribute && change.Value.Equal(directory.Boolean(false))
			continue
		}
		taken = append(taken, change)
	}
	return taken, refused, on
}

// write changes e, all or nothing: the caller keeps e only when there is no error.
func (c *Connector) write(operation connector.Operation, self directory.Anchor, e *entry) error {
	for _, change := range operation.Changes {
		value, err := c.Canonical(operation.Type, change.Attribute, change.Value)
		if err != nil {
			return err
		}
		if change.Reference && !value.IsNull() {
			text, _ := value.Text()
			if !c.exists(directory.Anchor(text)) {
				return directory.Errorf(directory.Invalid, "%s %s: %s refers to %q, which is not in the target",
					operation.Kind, operation.Type, change.Attribute, text)
			}
		}
		key := e.key(change.Attribute)
		switch {
		case change.Add && takesOne(change.Attribute):
			return directory.Errorf(directory.Invalid, "%s %s: %s takes one value, so nothing can be added to it",
				operation.Kind, operation.Type, change.Attribute)
		case change.Add && value.IsNull():
		case change.Add:
			e.attributes[key] = union(e.attributes[key], value.Elements())
		case value.IsNull():
			delete(e.attributes, key)
		default:
			e.attributes[key] = value
		}
	}
	return c.checkUnique(operation, self, e)
}

func (c *Connector) checkUnique(operation connector.Operation, self directory.Anchor, e *entry) error {
	for _, attribute := range c.unique[operation.Type] {
		value := e.value(attribute)
		if value.IsEmpty() {
			continue
		}
		for _, anchor := range c.order[operation.Type] {
			if anchor != self && c.entries[operation.Type][anchor].holds(anchor, attribute, value) {
				err := directory.Errorf(directory.Conflict, "%s %s: %s %q is taken by %s",
					operation.Kind, operation.Type, attribute, value, anchor)
				err.Code = "Conflict"
				return err
			}
		}
	}
	return nil
}

func (c *Connector) changeMembers(operation connector.Operation) connector.Outcome {
	outcome := connector.Outcome{Target: operation.Target}
	group := c.entries[operation.Type][operation.Target]
	switch {
	case group == nil:
		outcome.Err = missing("change the members of", operation.Type, operation.Target)
		return outcome
	case operation.Type != directory.Group:
		outcome.Err = directory.Errorf(directory.Invalid, "a %s has no members", operation.Type)
		return outcome
	}
	for _, member := range operation.Members {
		switch {
		case operation.Kind == connector.RemoveMembers:
			delete(group.members, member)
		case c.exists(member):
			group.members[member] = true
		default:
			outcome.Failed = append(outcome.Failed, member)
		}
	}
	if len(outcome.Failed) > 0 {
		outcome.Warning = fmt.Sprintf("%d members were refused: there are no such accounts", len(outcome.Failed))
	}
	return outcome
}

func (c *Connector) exists(anchor directory.Anchor) bool {
	for _, objectType := range directory.ObjectTypes() {
		if c.entries[objectType][anchor] != nil {
			return true
		}
	}
	return false
}

func (c *Connector) insert(objectType directory.ObjectType, anchor directory.Anchor, e *entry) {
	if c.entries[objectType][anchor] == nil {
		c.order[objectType] = append(c.order[objectType], anchor)
	}
	c.entries[objectType][anchor] = e
}

// remove deletes an account and its memberships. References to it stay, as they do in most applications.
func (c *Connector) remove(objectType directory.ObjectType, anchor directory.Anchor) {
	delete(c.entries[objectType], anchor)
	c.order[objectType] = slices.DeleteFunc(c.order[objectType], func(a directory.Anchor) bool { return a == anchor })
	for _, group := range c.entries[directory.Group] {
		delete(group.members, anchor)
	}
}
