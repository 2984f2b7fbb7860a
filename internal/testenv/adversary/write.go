package adversary

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// create answers a POST.
func (s *Server) create(t *table, body []byte) answer {
	document, ok := decode(body)
	name, _ := field(document, t.naming).(string)
	if !ok || name == "" {
		return refuse(http.StatusBadRequest, "invalidValue", t.naming+" is missing")
	}
	if refused := s.unlistedExtension(document); refused != nil {
		return *refused
	}
	if field(document, "title") != nil && s.on(TitleRefusedOfNew) {
		return refuse(http.StatusBadRequest, "invalidValue", "there is no such title")
	}
	if there := t.named(name); there != nil {
		s.taken = true
		if s.on(SecondUserWithoutID) && there.text(t.naming) != name {
			return answer{status: http.StatusCreated, body: tree{"schemas": []string{userURN}, "userName": name}}
		}
		return refuse(http.StatusConflict, "uniqueness", t.naming+" is taken")
	}
	switch {
	case s.on(DeletedNamesTaken) && s.freed[strings.ToLower(name)]:
		return refuse(http.StatusConflict, "uniqueness", t.naming+" was somebody's")
	case s.on(OnePoisoned) && strings.EqualFold(name, poisoned):
		return refuse(http.StatusInternalServerError, "", "cannot read property of undefined")
	}
	attrs := clone(document)
	for _, name := range []string{"schemas", "id", "meta", "members"} {
		delete(attrs, spelling(attrs, name))
	}
	r := &record{attrs: attrs}
	if members, ok := field(document, "members").([]any); ok {
		added, refused := s.people(members)
		if refused != nil {
			return *refused
		}
		r.members = added
	}
	r.id = s.newID(t, name)
	s.keep(t, r)
	if s.on(StaleReads) {
		r.written = time.Now()
	}
	t.records = append(t.records, r)
	switch {
	case t == s.users && s.on(CreatedWithOther):
		return s.shown(http.StatusCreated, t, t.records[1], true)
	case t == s.users && s.on(CreatedWithoutID):
		return answer{status: http.StatusCreated, body: clone(attrs)}
	case s.on(CreatedWithoutBody):
		return answer{status: http.StatusCreated, header: map[string]string{"Location": "http://localhost" + Prefix + "/" + t.endpoint + "/" + r.id}}
	case s.on(CreatedWith200):
		return s.shown(http.StatusOK, t, r, true)
	}
	return s.shown(http.StatusCreated, t, r, true)
}

// unlistedExtension refuses an extension that "schemas" does not name.
func (s *Server) unlistedExtension(document tree) *answer {
	if _, has := document[enterpriseURN]; !has || !s.on(ExtensionMustBeListed) {
		return nil
	}
	schemas, _ := field(document, "schemas").([]any)
	if slices.Contains(schemas, any(enterpriseURN)) {
		return nil
	}
	refused := refuse(http.StatusBadRequest, "invalidValue", "schemas does not list "+enterpriseURN)
	return &refused
}

// keep is what the server makes of what it is given.
func (s *Server) keep(t *table, r *record) {
	r.version++
	if t != s.users {
		return
	}
	if s.on(NoActive) || s.on(NoActiveSilently) {
		delete(r.attrs, "active")
	}
	if s.on(DisableIgnored) {
		r.attrs[spelling(r.attrs, "active")] = true
	}
	if s.on(NamesInCapitals) {
		r.attrs[spelling(r.attrs, t.naming)] = strings.ToUpper(r.text(t.naming))
	}
	for _, name := range []string{"emails", "phoneNumbers"} {
		list, _ := field(r.attrs, name).([]any)
		for _, element := range list {
			one, ok := element.(tree)
			if !ok {
				continue
			}
			if s.on(TypeDropped) || s.on(TypeDroppedSilently) {
				delete(one, "type")
			}
			if value, isText := one["value"].(string); isText && name == "phoneNumbers" && s.on(ValueReformatted) {
				one["value"] = "+" + digits(value)
			}
		}
	}
	// A manager may be written as a text; it is kept as an object (scim-client.md 9).
	if extension, ok := r.attrs[enterpriseURN].(tree); ok {
		if id, isText := extension["manager"].(string); isText {
			extension["manager"] = tree{"value": id}
			if id == "" {
				delete(extension, "manager")
			}
		}
	}
}

func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// put replaces a resource. What is read-only stays.
func (s *Server) put(t *table, r *record, body []byte, match string) answer {
	document, ok := decode(body)
	name, _ := field(document, t.naming).(string)
	switch {
	case !ok || name == "":
		return refuse(http.StatusBadRequest, "invalidValue", t.naming+" is missing")
	case s.on(PutNeedsIfMatch) && match == "":
		return refuse(http.StatusPreconditionRequired, "", "If-Match is missing")
	case s.on(PutChangedMeanwhile) && r.version%2 == 1:
		// Somebody else was faster.
		r.version++
		return refuse(http.StatusPreconditionFailed, "", "it was changed meanwhile")
	case match != "" && match != "*" && match != r.etag():
		return refuse(http.StatusPreconditionFailed, "", "it was changed meanwhile")
	}
	if there := t.named(name); there != nil && there != r {
		return refuse(http.StatusConflict, "uniqueness", t.naming+" is taken")
	}
	s.remember(r)
	members, has := field(document, "members").([]any)
	if t == s.groups {
		// A PUT without members empties the group: that is what it says.
		people, refused := s.people(members)
		if refused != nil {
			return *refused
		}
		if has || !s.on(MembersNeverShown) {
			r.members = people
		}
	}
	r.attrs = clone(document)
	for _, name := range []string{"schemas", "id", "meta", "members", "groups"} {
		delete(r.attrs, spelling(r.attrs, name))
	}
	s.keep(t, r)
	return s.shown(http.StatusOK, t, r, true)
}

func (s *Server) delete(t *table, r *record) answer {
	switch {
	case s.on(DeleteIgnored):
		return answer{status: http.StatusNoContent}
	case s.on(DeleteDisables) && t == s.users:
		r.attrs[spelling(r.attrs, "active")] = false
		return answer{status: http.StatusNoContent}
	case s.on(DeleteLater):
		r.doomed = time.Now().Add(respite)
		return answer{status: http.StatusAccepted}
	case s.on(DeleteRefused):
		return refuse(http.StatusNotImplemented, "", "users are never deleted")
	case s.on(DeleteAnswersBody):
		s.drop(t, r)
		return s.shown(http.StatusOK, t, r, true)
	}
	s.drop(t, r)
	s.freed[strings.ToLower(r.text(t.naming))] = true
	return answer{status: http.StatusNoContent}
}
