package wikiapp

import (
	"maps"
	"slices"
)

// memberSet holds the members of a group in the order they were added. Adding and removing take constant time, whatever
// the size of the group.
type memberSet struct {
	at   map[string]uint64
	next uint64
}

func newMemberSet() *memberSet { return &memberSet{at: map[string]uint64{}} }

func (s *memberSet) has(id string) bool { _, ok := s.at[id]; return ok }

func (s *memberSet) add(id string) {
	if !s.has(id) {
		s.next++
		s.at[id] = s.next
	}
}

func (s *memberSet) remove(id string) { delete(s.at, id) }

// ids lists the members in the order they were added.
func (s *memberSet) ids() []string {
	return slices.SortedFunc(maps.Keys(s.at), func(a, b string) int {
		if s.at[a] < s.at[b] {
			return -1
		}
		return 1
	})
}

// memberEdit is a change of a group's members that has not happened yet: a PATCH that fails half way must leave no trace.
type memberEdit struct {
	base    *memberSet
	cleared bool
	change  map[string]bool // id to "is a member afterwards"
	order   []string        // ids in the order they were first added
	// describe lists members as the elements a value filter sees.
	describe func(ids []string) []any
}

func newMemberEdit(base *memberSet, describe func([]string) []any) *memberEdit {
	return &memberEdit{base: base, change: map[string]bool{}, describe: describe}
}

func (e *memberEdit) has(id string) bool {
	if in, known := e.change[id]; known {
		return in
	}
	return !e.cleared && e.base.has(id)
}

func (e *memberEdit) add(id string) {
	if !e.has(id) {
		e.change[id] = true
		e.order = append(e.order, id)
	}
}

func (e *memberEdit) remove(id string) {
	if e.has(id) {
		e.change[id] = false
	}
}

func (e *memberEdit) clear() {
	e.cleared, e.change, e.order = true, map[string]bool{}, nil
}

// ids lists who would be a member: those who stay, then those who join.
func (e *memberEdit) ids() []string {
	var out []string
	for _, id := range e.base.ids() {
		if e.has(id) {
			out = append(out, id)
		}
	}
	joins, _ := e.difference()
	return append(out, joins...)
}

// difference lists who joins, in the order asked for, and who leaves, sorted by id.
func (e *memberEdit) difference() (joins, leaves []string) {
	seen := map[string]bool{}
	for _, id := range e.order {
		if e.has(id) && !e.base.has(id) && !seen[id] {
			seen[id] = true
			joins = append(joins, id)
		}
	}
	candidates := e.change
	if e.cleared {
		candidates = map[string]bool{}
		for id := range e.base.at {
			candidates[id] = false
		}
	}
	for id := range candidates {
		if e.base.has(id) && !e.has(id) {
			leaves = append(leaves, id)
		}
	}
	slices.Sort(leaves)
	return joins, leaves
}

// apply carries out one operation on members. A member is added or removed, never edited (RFC 7643 4.2).
func (e *memberEdit) apply(op operation) error {
	at := op.at
	if at.sub != nil || at.filter != nil && op.verb != "remove" {
		return mutability("a member is added or removed, not changed")
	}
	if op.verb == "remove" {
		return e.applyRemove(op)
	}
	ids, err := memberIDs(op.value)
	if err != nil {
		return err
	}
	if op.verb == "replace" {
		e.clear()
	}
	for _, id := range ids {
		e.add(id)
	}
	return nil
}

func (e *memberEdit) applyRemove(op operation) error {
	if op.at.filter == nil {
		// RFC 7644 gives remove no value; by its letter everybody would leave, which nobody who sends a value means.
		if op.value != nil {
			return invalidSyntax("remove takes no value; name the member in the path: members[value eq \"...\"]")
		}
		e.clear()
		return nil
	}
	if c, ok := op.at.filter.(compare); ok && c.op == opEqual && c.at.attr.name == "value" {
		if id, ok := c.value.(string); ok {
			e.remove(id)
		}
		return nil
	}
	for _, v := range e.describe(e.ids()) {
		m, _ := v.(map[string]any)
		if id, ok := m["value"].(string); ok && op.at.filter.match(element(m)) {
			e.remove(id)
		}
	}
	return nil
}
