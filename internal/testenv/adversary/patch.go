package adversary

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// operation is one of a PATCH.
type operation struct {
	op    string
	path  string
	value any
	// has says that there is a value, null included.
	has bool
}

// patch answers a PATCH: whole or not at all (RFC 7644 3.5.2).
func (s *Server) patch(t *table, r *record, body []byte) answer {
	if status := s.patchMissing(t); status != 0 {
		return refuse(status, "", "PATCH is not supported")
	}
	document, ok := decode(body)
	list, _ := field(document, "Operations").([]any)
	if !ok || len(list) == 0 {
		return refuse(http.StatusBadRequest, "invalidSyntax", "there are no operations")
	}
	if len(list) > 1 && s.on(OneOperationOnly) {
		return refuse(http.StatusBadRequest, "invalidSyntax", "one operation at a time")
	}
	s.remember(r)
	attrs, members, name := clone(r.attrs), slices.Clone(r.members), r.text(t.naming)
	old := *r
	old.attrs, old.members = attrs, members
	for _, element := range list {
		one, _ := element.(tree)
		operation := operation{op: textOf(field(one, "op")), path: textOf(field(one, "path")), value: field(one, "value")}
		_, operation.has = one[spelling(one, "value")]
		if refused := s.apply(t, r, operation); refused != nil {
			if !s.on(PatchNotAtomic) {
				r.attrs, r.members = clone(attrs), members
			}
			return *refused
		}
	}
	if there := t.named(r.text(t.naming)); there != nil && there != r || r.text(t.naming) == "" {
		r.attrs, r.members = clone(attrs), members
		return refuse(http.StatusConflict, "uniqueness", t.naming+" is taken")
	}
	s.keep(t, r)
	if renamed := t == s.users && !strings.EqualFold(name, r.text(t.naming)); renamed {
		switch {
		case s.on(IDFollowsName):
			s.renamed(r)
			return s.shown(http.StatusOK, t, r, true)
		case s.on(IDFollowsNameSilently):
			s.renamed(r)
		case s.on(RenameDeletes):
			s.drop(t, r)
		}
	}
	switch {
	case s.on(PatchAnswersNothing) || t == s.groups:
		return answer{status: http.StatusNoContent}
	case s.on(PatchAnswersEmpty):
		return answer{status: http.StatusOK}
	case s.on(PatchAnswersOld):
		return s.shown(http.StatusOK, t, &old, true)
	}
	return s.shown(http.StatusOK, t, r, true)
}

func (s *Server) patchMissing(t *table) int {
	switch {
	case s.on(PatchMissing), s.on(PatchMissingTold), s.on(PutNeedsIfMatch), s.on(PutChangedMeanwhile), (s.on(PatchForUsersOnly) || s.on(MembersCapped)) && t == s.groups:
		return http.StatusMethodNotAllowed
	case s.on(PatchNotImplemented):
		return http.StatusNotImplemented
	default:
		return 0
	}
}

func textOf(value any) string {
	text, _ := value.(string)
	return text
}

// apply performs one operation, or says why not.
func (s *Server) apply(t *table, r *record, o operation) *answer {
	verb := strings.ToLower(o.op)
	capital := verb != o.op
	switch {
	case capital && s.on(CapitalsRefused), verb != "add" && verb != "replace" && verb != "remove":
		return refused("invalidSyntax", fmt.Sprintf("op %q is not known", o.op))
	case capital && s.on(CapitalsIgnored):
		return nil
	case o.path == "":
		return s.applyObject(t, r, verb, o)
	}
	p, err := parsePath(o.path)
	if err != nil {
		return refused("invalidPath", err.Error())
	}
	if strings.EqualFold(p.attr, "members") && t == s.groups {
		return s.applyMembers(r, verb, p, o)
	}
	if strings.EqualFold(p.attr, t.naming) && verb == "remove" {
		return refused("mutability", t.naming+" cannot be removed")
	}
	if t == s.users && s.on(PatchOnlyActive) && !strings.EqualFold(p.attr, "active") {
		return refused("mutability", p.attr+" cannot be changed")
	}
	if p.by == "" && s.on(ElementsByPathOnly) && (strings.EqualFold(p.attr, "emails") || strings.EqualFold(p.attr, "phoneNumbers")) {
		return refused("invalidPath", "say which element")
	}
	value, no := s.judged(verb, p, o.value)
	if no != nil {
		return no
	}
	if p.by != "" {
		return s.applyFiltered(r, verb, p, value)
	}
	return s.applyPlain(r, verb, p, value)
}

// applyObject performs an operation without a path: its value is an object of attributes.
func (s *Server) applyObject(t *table, r *record, verb string, o operation) *answer {
	object, ok := o.value.(tree)
	if !ok || verb == "remove" || s.on(PathlessRefused) {
		return refused("noTarget", "path is missing")
	}
	if len(object) > 1 && s.on(OneAttributePerObject) {
		return refused("invalidSyntax", "one attribute at a time")
	}
	for name, value := range object {
		if strings.ContainsAny(name, ".") && !strings.HasSuffix(name, ":User") {
			if s.on(DottedKeysRefused) {
				return refused("invalidPath", "the key "+name+" is not understood")
			}
			if s.on(DottedKeysIgnored) {
				continue
			}
		}
		if no := s.apply(t, r, operation{op: verb, path: name, value: value, has: true}); no != nil {
			return no
		}
	}
	return nil
}

// judged refuses values the switch is about, and reads booleans written as text, as servers for Entra ID do.
func (s *Server) judged(verb string, p path, value any) (any, *answer) {
	text, isText := value.(string)
	switch {
	case strings.EqualFold(p.attr, "active"):
		_, isBoolean := value.(bool)
		switch {
		case s.on(NoActive):
			return nil, refused("invalidPath", "there is no attribute active")
		case verb == "add" && s.on(ActiveReplaceOnly):
			return nil, refused("invalidSyntax", "active can only be replaced")
		case isText && s.on(BooleanTextRefused), isBoolean && s.on(BooleanTextOnly):
			return nil, refused("invalidValue", fmt.Sprintf("active cannot be %v", value))
		case isText:
			return strings.EqualFold(text, "true"), nil
		}
	case strings.EqualFold(p.attr, "title") && (s.on(TitleRefused) || s.on(TitleRefusedOfNew)):
		return nil, refused("invalidPath", "there is no attribute title")
	case strings.EqualFold(p.attr, "title") && s.on(TitleUnprocessable):
		a := refuse(http.StatusUnprocessableEntity, "", "the title is not acceptable")
		return nil, &a
	case strings.EqualFold(p.attr, "manager") && (verb == "remove" && s.on(ManagerRemoveRefused) || verb != "remove" && text == "" && isText && s.on(EmptyTextRefused)):
		return nil, refused("invalidValue", "a manager is not removed like that")
	case strings.EqualFold(p.attr, "manager") && verb != "remove":
		if isText && s.on(ManagerObjectOnly) || !isText && s.on(ManagerTextOnly) {
			return nil, refused("invalidValue", "manager has the wrong form")
		}
	}
	return value, nil
}

// applyFiltered performs an operation on the elements that a filter selects.
func (s *Server) applyFiltered(r *record, verb string, p path, value any) *answer {
	if p.quoted && (p.value == "True" || p.value == "False") {
		return refused("noTarget", "a text is no boolean")
	}
	holder := p.holder(r.attrs, false)
	name := spelling(holder, p.attr)
	list, _ := field(holder, p.attr).([]any)
	if !slices.ContainsFunc(list, p.selects) {
		if s.on(TypeDroppedSilently) {
			return nil
		}
		if s.on(ElementsByPathOnly) && p.sub != "" && verb != "remove" {
			r.attrs[name] = append(list, tree{p.by: p.value, p.sub: value})
			return nil
		}
		return refused("noTarget", "no element is selected")
	}
	var kept []any
	for _, element := range list {
		if !p.selects(element) {
			kept = append(kept, element)
			continue
		}
		one, _ := element.(tree)
		switch {
		case verb == "remove" && p.sub == "":
			continue
		case verb == "remove":
			delete(one, spelling(one, p.sub))
		case p.sub == "":
			object, ok := value.(tree)
			if !ok {
				return refused("invalidValue", "an element is an object")
			}
			for name, v := range object {
				one[spelling(one, name)] = v
			}
		default:
			one[spelling(one, p.sub)] = value
		}
		kept = append(kept, one)
	}
	holder[name] = kept
	if len(kept) == 0 {
		delete(holder, name)
	}
	return nil
}

// applyPlain performs an operation on an attribute or a sub-attribute.
func (s *Server) applyPlain(r *record, verb string, p path, value any) *answer {
	holder := p.holder(r.attrs, verb != "remove")
	name := p.attr
	if p.sub != "" {
		inner, ok := field(holder, p.attr).(tree)
		if !ok {
			if verb == "remove" {
				return nil
			}
			inner = tree{}
			holder[spelling(holder, p.attr)] = inner
		}
		holder, name = inner, p.sub
	}
	key := spelling(holder, name)
	list, multi := holder[key].([]any)
	added, plural := value.([]any)
	object, isObject := value.(tree)
	there, isThere := holder[key].(tree)
	switch {
	case verb == "remove":
		delete(holder, key)
	case verb == "add" && (multi || plural):
		if !plural {
			added = []any{value}
		}
		holder[key] = append(list, added...)
	case isObject && isThere:
		for name, v := range object {
			there[spelling(there, name)] = v
		}
	case value == nil:
		delete(holder, key)
	default:
		holder[key] = value
	}
	return nil
}

func refused(scimType, detail string) *answer {
	a := refuse(http.StatusBadRequest, scimType, detail)
	return &a
}
