package adversary

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/testenv"
)

const (
	userURN       = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupURN      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	listURN       = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	errorURN      = "urn:ietf:params:scim:api:messages:2.0:Error"
	patchURN      = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	bulkRequest   = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
	bulkResponse  = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
)

type tree = map[string]any

// record is one user or group. Members are records, so that a new id does not part them.
type record struct {
	id      string
	version int
	attrs   tree
	members []*record
	// before is how it was until it was written at written; nil: it was not there.
	before  *record
	written time.Time
	// doomed is when it is deleted; zero: not.
	doomed time.Time
}

// table holds the records of one type, oldest first.
type table struct {
	endpoint string // Users or Groups
	naming   string // the attribute that must be unique
	records  []*record
}

func (t *table) byID(id string) *record {
	for _, r := range t.records {
		if r.id == id {
			return r
		}
	}
	return nil
}

// named finds by the unique attribute, which is compared without regard to case (RFC 7643 4.1.1).
func (t *table) named(name string) *record {
	for _, r := range t.records {
		if strings.EqualFold(r.text(t.naming), name) {
			return r
		}
	}
	return nil
}

// snapshot returns a function that puts everything back as it is now.
func (t *table) snapshot() (restore func()) {
	records := slices.Clone(t.records)
	copies := make([]record, len(records))
	for i, r := range records {
		copies[i] = *r
		copies[i].attrs, copies[i].members = clone(r.attrs), slices.Clone(r.members)
	}
	return func() {
		t.records = records
		for i, r := range records {
			*r = copies[i]
		}
	}
}

func (t *table) remove(r *record) {
	t.records = slices.DeleteFunc(t.records, func(one *record) bool { return one == r })
}

func (r *record) text(name string) string {
	text, _ := field(r.attrs, name).(string)
	return text
}

// active is how the server sees a user: without the attribute it is on.
func (r *record) active() bool { return field(r.attrs, "active") != false }

// field looks an attribute up without regard to case (RFC 7643 2.1).
func field(t tree, name string) any {
	if value, ok := t[name]; ok {
		return value
	}
	return t[spelling(t, name)]
}

// spelling is the name under which an attribute is stored, or the name itself.
func spelling(t tree, name string) string {
	for known := range t {
		if strings.EqualFold(known, name) {
			return known
		}
	}
	return name
}

// clone copies a tree with everything below it that can change.
func clone(t tree) tree {
	copied := make(tree, len(t))
	for name, value := range t {
		copied[name] = cloneValue(value)
	}
	return copied
}

func cloneValue(value any) any {
	switch value := value.(type) {
	case tree:
		return clone(value)
	case []any:
		copied := make([]any, len(value))
		for i, element := range value {
			copied[i] = cloneValue(element)
		}
		return copied
	default:
		return value
	}
}

// newID makes the id of a record from a counter, or, for the switches about ids, from its name.
func (s *Server) newID(t *table, name string) string {
	s.lastID++
	switch {
	case s.on(IDsWithSlashes):
		return fmt.Sprintf("tenant/a/%s/%d", strings.ToLower(t.endpoint), s.lastID)
	case s.on(IDsWithSpaces):
		return fmt.Sprintf("%s no. %d? 100%% #+;&\"'", t.endpoint, s.lastID)
	case s.on(IDsInUnicode):
		return fmt.Sprintf("人/ü…%d", s.lastID)
	case s.on(IDsAsNumbers):
		// Beyond what a floating-point number tells apart.
		return strconv.Itoa(1<<53 + 1 + s.lastID)
	case s.on(IDsDifferByCase):
		letters := []byte("abcdefgh")
		for i := range letters {
			letters[i] -= byte(s.lastID >> i & 1 * ('a' - 'A'))
		}
		return string(letters)
	case s.on(IDFollowsName), s.on(IDFollowsNameSilently):
		return strings.ToLower(name)
	default:
		return strconv.Itoa(1000+s.lastID) + "-" + strings.ToLower(t.endpoint[:1])
	}
}

// Put makes an account that was there before anybody provisioned it, and returns its id.
func (s *Server) Put(attributes map[string]any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, _ := attributes["userName"].(string)
	r := &record{id: s.newID(s.users, name), attrs: clone(attributes)}
	s.users.records = append(s.users.records, r)
	if s.on(TwoOfAName) && strings.EqualFold(name, doubled) {
		again := &record{id: s.newID(s.users, name), attrs: clone(attributes)}
		again.attrs["userName"] = strings.ToUpper(name)
		s.users.records = append(s.users.records, again)
	}
	return r.id
}

// doubled is whose account is there twice.
const doubled = "hal@example.com"

// Delete removes the account of a name, as an administrator of the target would.
func (s *Server) Delete(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.users.named(name); r != nil {
		s.drop(s.users, r)
	}
}

// Leave removes a member from a group, as an administrator of the target would.
func (s *Server) Leave(group, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.groups.named(group); g != nil {
		g.members = slices.DeleteFunc(g.members, func(m *record) bool { return strings.EqualFold(m.text("userName"), name) })
	}
}

// Dump is everything that is stored, oldest first.
func (s *Server) Dump() testenv.Dump {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dump()
}

func (s *Server) dump() testenv.Dump {
	var d testenv.Dump
	for _, r := range s.users.records {
		d.Users = append(d.Users, testenv.Resource{ID: r.id, Attributes: clone(r.attrs)})
	}
	for _, r := range s.groups.records {
		one := testenv.Resource{ID: r.id, Attributes: clone(r.attrs)}
		for _, member := range r.members {
			one.Members = append(one.Members, member.id)
		}
		d.Groups = append(d.Groups, one)
	}
	return d
}

// drop removes a record and everything that names it.
func (s *Server) drop(t *table, r *record) {
	t.remove(r)
	for _, g := range s.groups.records {
		g.members = slices.DeleteFunc(g.members, func(m *record) bool { return m == r })
	}
}

// renamed gives a record the id that follows from its new name, and everybody who names it the new id.
func (s *Server) renamed(r *record) {
	old := r.id
	r.id = strings.ToLower(r.text("userName"))
	for _, other := range s.users.records {
		extension, _ := other.attrs[enterpriseURN].(tree)
		if manager, ok := extension["manager"].(tree); ok && manager["value"] == old {
			manager["value"] = r.id
		}
	}
}
