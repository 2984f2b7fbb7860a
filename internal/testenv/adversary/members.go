package adversary

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// memberLimit is how many members MembersLimited takes in one request.
const memberLimit = 4

// people turns the value of members into records.
func (s *Server) people(value any) ([]*record, *answer) {
	list, ok := value.([]any)
	if one, single := value.(tree); single {
		list, ok = []any{one}, true
	}
	if value == nil {
		return nil, nil
	}
	if !ok {
		return nil, refused("invalidValue", "members is a list")
	}
	var found []*record
	for _, element := range list {
		one, _ := element.(tree)
		id := textOf(field(one, "value"))
		r := s.users.byID(id)
		switch {
		case r == nil && s.on(UnknownMembersTaken):
			continue
		case r == nil && s.on(UnknownMember404):
			a := refuse(http.StatusNotFound, "", fmt.Sprintf("there is no user %s", id))
			return nil, &a
		case r == nil:
			return nil, refused("invalidValue", fmt.Sprintf("there is no user %s", id))
		}
		if !slices.Contains(found, r) {
			found = append(found, r)
		}
	}
	return found, nil
}

// applyMembers performs an operation on the members of a group.
func (s *Server) applyMembers(g *record, verb string, p path, o operation) *answer {
	if verb == "remove" {
		return s.removeMembers(g, p, o)
	}
	people, no := s.people(o.value)
	switch {
	case no != nil:
		return no
	case len(people) > memberLimit && s.on(MembersLimited):
		a := refuse(http.StatusRequestEntityTooLarge, "tooMany", "too many members at once")
		return &a
	case verb == "replace" && s.on(MembersReplaceIgnored), verb == "add" && s.on(MemberAddIgnored):
		return nil
	case verb == "replace":
		g.members = people
		return nil
	}
	for _, person := range people {
		switch there := slices.Contains(g.members, person); {
		case there && s.on(MemberThereRefused):
			a := refuse(http.StatusConflict, "uniqueness", "is a member already")
			return &a
		case !there:
			g.members = append(g.members, person)
		}
	}
	return nil
}

func (s *Server) removeMembers(g *record, p path, o operation) *answer {
	if p.by == "" {
		return s.removeByValue(g, o)
	}
	if s.on(FilteredRemoveRefused) || s.on(OnlyEmptyingRemove) {
		return refused("invalidPath", "the path is not understood")
	}
	if s.on(MemberRemoveIgnored) {
		return nil
	}
	id := textOf(p.value)
	there := slices.ContainsFunc(g.members, func(m *record) bool { return m.id == id })
	if !there {
		if s.on(RemoveMissingTolerated) {
			return nil
		}
		return refused("noTarget", "is no member")
	}
	g.members = slices.DeleteFunc(g.members, func(m *record) bool { return strings.EqualFold(p.by, "value") && m.id == id })
	return nil
}

// removeByValue is the form RFC 7644 does not know: remove, path members, and a value that says whom.
func (s *Server) removeByValue(g *record, o operation) *answer {
	switch {
	case s.on(MemberRemoveIgnored):
		return nil
	case s.on(RemoveByValueRefused):
		return refused("invalidSyntax", "remove takes no value")
	case s.on(RemoveByValueEmpties), s.on(OnlyEmptyingRemove), !o.has:
		g.members = nil
		return nil
	}
	list, _ := o.value.([]any)
	if one, single := o.value.(tree); single {
		list = []any{one}
	}
	g.members = slices.DeleteFunc(g.members, func(m *record) bool {
		return slices.ContainsFunc(list, func(element any) bool {
			one, _ := element.(tree)
			return textOf(field(one, "value")) == m.id
		})
	})
	return nil
}
