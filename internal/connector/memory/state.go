package memory

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Entry is one account or group as the target keeps it.
type Entry struct {
	Type       directory.ObjectType
	Anchor     directory.Anchor
	Attributes map[string]directory.Value
	// Members of a group, sorted; nil when there are none.
	Members []directory.Anchor
}

// State is everything in a target: users before groups, each in order of creation.
type State []Entry

// String prints a line for each entry and attribute, for golden files and messages.
func (s State) String() string {
	var b strings.Builder
	for _, e := range s {
		fmt.Fprintf(&b, "%s %s\n", e.Type, e.Anchor)
		for _, name := range slices.Sorted(maps.Keys(e.Attributes)) {
			fmt.Fprintf(&b, "  %s = %s\n", name, e.Attributes[name])
		}
		for _, member := range e.Members {
			fmt.Fprintf(&b, "  member %s\n", member)
		}
	}
	return b.String()
}

// Calls counts what was asked of a target. Apply counts calls; Create to RemoveMembers count operations.
type Calls struct {
	Test, Find, List, Pages, Get, Members             int
	Discover, Apply                                   int
	Create, Update, Delete, AddMembers, RemoveMembers int
}

// Writes is the number of operations executed.
func (c Calls) Writes() int {
	return c.Create + c.Update + c.Delete + c.AddMembers + c.RemoveMembers
}

// State returns a copy of everything in the target.
func (c *Connector) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	var state State
	for _, objectType := range directory.ObjectTypes() {
		for _, anchor := range c.order[objectType] {
			kept := c.entries[objectType][anchor]
			state = append(state, Entry{
				Type:       objectType,
				Anchor:     anchor,
				Attributes: maps.Clone(kept.attributes),
				Members:    slices.Sorted(maps.Keys(kept.members)),
			})
		}
	}
	return state
}

// Calls returns the counters.
func (c *Connector) Calls() Calls {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls
}

// ResetCalls sets the counters to zero.
func (c *Connector) ResetCalls() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = Calls{}
}

// Put stores an entry without any check, replacing one with the same anchor: tests use it to begin with
// accounts that exist, duplicates included.
func (c *Connector) Put(e Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	members := map[directory.Anchor]bool{}
	for _, member := range e.Members {
		members[member] = true
	}
	attributes := maps.Clone(e.Attributes)
	if attributes == nil {
		attributes = map[string]directory.Value{}
	}
	c.insert(e.Type, e.Anchor, &entry{attributes: attributes, members: members})
}

// Remove deletes an account behind the engine's back, as an administrator of the target would.
func (c *Connector) Remove(objectType directory.ObjectType, anchor directory.Anchor) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(objectType, anchor)
}
