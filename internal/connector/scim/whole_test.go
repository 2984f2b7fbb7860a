package scim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// whole is a server that writes resources whole: it has PUT, versions, and no PATCH.
type whole struct {
	// hideMembers never delivers members; omitEmpty leaves an empty list out, as servers may.
	hideMembers, omitEmpty bool
	noVersions             bool
	// meanwhile is called after a resource was read.
	meanwhile func(s *whole, id string)
	// refuse says which members a write is refused for.
	refuse map[string]bool
	// refuseAttribute is one that nobody may change; judge takes a resource or not.
	refuseAttribute string
	judge           func(written map[string]any) bool

	mu        sync.Mutex
	resources map[string]map[string]any
	versions  map[string]int
	requests  []string
	last      int
}

func newWhole(resources ...map[string]any) *whole {
	s := &whole{resources: map[string]map[string]any{}, versions: map[string]int{}}
	for _, r := range resources {
		s.resources[r["id"].(string)] = r
	}
	return s
}

func (s *whole) tag(id string) string { return fmt.Sprintf(`W/"%d"`, s.versions[id]) }

func (s *whole) view(r map[string]any) map[string]any {
	seen := map[string]any{}
	for name, value := range r {
		if name == "kind" {
			continue
		}
		if list, ok := value.([]any); name == "members" && (s.hideMembers || ok && len(list) == 0 && s.omitEmpty) {
			continue
		}
		seen[name] = value
	}
	return seen
}

func (s *whole) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.Method+" "+r.URL.Path)
	kind, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/scim/v2/"), "/")
	answer := func(status int, body any) {
		w.Header().Set("Content-Type", "application/scim+json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
	held, there := s.resources[id]
	switch {
	case r.Method == http.MethodGet && id == "":
		found := []any{}
		_, wanted, filtered := strings.Cut(r.URL.Query().Get("filter"), " eq ")
		wanted, _ = strconv.Unquote(wanted)
		for _, one := range s.resources {
			if one["kind"] == kind && (!filtered || one["displayName"] == wanted) {
				found = append(found, s.view(one))
			}
		}
		answer(http.StatusOK, map[string]any{"totalResults": len(found), "Resources": found})
	case r.Method == http.MethodPost:
		var made map[string]any
		_ = json.NewDecoder(r.Body).Decode(&made)
		s.last++
		made["id"], made["kind"] = fmt.Sprint("new-", s.last), kind
		s.resources[made["id"].(string)] = made
		answer(http.StatusCreated, s.view(made))
	case !there:
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodGet:
		if !s.noVersions {
			w.Header().Set("ETag", s.tag(id))
		}
		answer(http.StatusOK, s.view(held))
		if s.meanwhile != nil {
			s.meanwhile(s, id)
		}
	case r.Method == http.MethodPut:
		var written map[string]any
		_ = json.NewDecoder(r.Body).Decode(&written)
		if match := r.Header.Get("If-Match"); match != "" && match != s.tag(id) {
			w.WriteHeader(http.StatusPreconditionFailed)
			return
		}
		if s.judge != nil && !s.judge(written) {
			scimError(w, http.StatusBadRequest, "invalidValue")
			return
		}
		if s.refuseAttribute != "" && written[s.refuseAttribute] != held[s.refuseAttribute] {
			scimError(w, http.StatusBadRequest, "mutability")
			return
		}
		if members, ok := written["members"].([]any); ok {
			for _, member := range members {
				if value := member.(map[string]any)["value"].(string); s.refuse[value] {
					scimError(w, http.StatusBadRequest, "invalidValue")
					return
				}
			}
		}
		// A whole write leaves nothing of what was there, but what is the server's own.
		for _, own := range []string{"kind", "meta", "groups"} {
			if _, sent := written[own]; sent {
				scimError(w, http.StatusBadRequest, "mutability")
				return
			}
			if held[own] != nil {
				written[own] = held[own]
			}
		}
		s.resources[id] = written
		s.versions[id]++
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodDelete:
		delete(s.resources, id)
		w.WriteHeader(http.StatusNoContent)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func (s *whole) connect(t *testing.T, change func(*scim.Options)) *scim.Connector {
	t.Helper()
	return (&picky{Handler: s}).connect(t, change)
}

func person() map[string]any {
	return map[string]any{"id": "u1", "userName": "ada", "title": "Dr", "favourite": map[string]any{"colour": "red", "n": 12345678901234567},
		"emails": []any{map[string]any{"type": "work", "value": "a@b", "display": "at work"}, map[string]any{"type": "home", "value": "c@d"}},
		"name":   map[string]any{"givenName": "Ada", "middleName": "K"}, "meta": map[string]any{"resourceType": "User"}, "groups": []any{},
		"urn:example:acme:2.0:User": map[string]any{"badge": 7}, "schemas": []any{"urn:ietf:params:scim:schemas:core:2.0:User", "urn:example:acme:2.0:User"}}
}

// TestPut: only what changes changes; everything else a server delivered is still there.
func TestPut(t *testing.T) {
	t.Parallel()
	update := connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: "u1", Changes: changesOf(values{
		"title": directory.Null(), "name.givenName": text("Augusta"), workEmail: text("new@b"), `emails[type eq "home"].value`: directory.Null(),
		`phoneNumbers[type eq "work"].value`: text("1"), department: text("Engines"), "active": directory.Boolean(false), "nickName": text("A"),
		"roles": list(text("admin"))})}
	want := person()
	delete(want, "title")
	want["name"] = map[string]any{"givenName": "Augusta", "middleName": "K"}
	want["emails"] = []any{map[string]any{"type": "work", "value": "new@b", "display": "at work"}}
	want["phoneNumbers"] = []any{map[string]any{"type": "work", "value": "1"}}
	want["schemas"] = append(want["schemas"].([]any), "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")
	want["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"] = map[string]any{"department": "Engines"}
	want["active"], want["nickName"], want["roles"] = false, "A", []any{map[string]any{"value": "admin"}}
	const look = "GET /scim/v2/Users/u1" // the first account that is switched off
	for _, test := range []struct {
		name     string
		method   string
		server   *whole
		learned  []string
		requests []string
	}{
		{"found out", "", newWhole(person()), []string{"update of a User: put"}, []string{"PATCH /scim/v2/Users/u1", "GET /scim/v2/Users/u1", "PUT /scim/v2/Users/u1", look}},
		{"chosen", "put", newWhole(person()), nil, []string{"GET /scim/v2/Users/u1", "PUT /scim/v2/Users/u1", look}},
		{"without versions", "put", &whole{noVersions: true, resources: newWhole(person()).resources, versions: map[string]int{}}, nil,
			[]string{"GET /scim/v2/Users/u1", "PUT /scim/v2/Users/u1", look}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := test.server.connect(t, func(o *scim.Options) { o.UpdateMethod = test.method })
			if outcome := one(t, c, update); outcome.Err != nil || outcome.Warning != "" {
				t.Fatalf("%+v", outcome)
			}
			if diff := cmp.Diff(canonicalJSON(t, want), canonicalJSON(t, test.server.resources["u1"])); diff != "" {
				t.Errorf("resource (-want +got):\n%s", diff)
			}
			if !slices.Equal(test.server.requests, test.requests) || !slices.Equal(facts(c), test.learned) {
				t.Errorf("requests %q, learned %q", test.server.requests, facts(c))
			}
			// As it is already: nothing is written.
			test.server.requests = nil
			if outcome := one(t, c, update); outcome.Err != nil || len(test.server.requests) != 1 {
				t.Errorf("%+v %q", outcome, test.server.requests)
			}
		})
	}
	// One attribute is refused: the others are written.
	server := newWhole(person())
	server.refuseAttribute = "title"
	outcome := one(t, server.connect(t, nil), connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: "u1",
		Changes: changesOf(values{"title": text("Prof"), "nickName": text("A"), "active": directory.Boolean(false), "name.givenName": directory.Null()})})
	if held := server.resources["u1"]; outcome.Err != nil || !slices.Equal(outcome.Unwritten, []string{"title"}) || held["nickName"] != "A" || held["active"] != false || held["title"] != "Dr" || held["name"].(map[string]any)["givenName"] != nil {
		t.Errorf("%+v %v", outcome, held)
	}
	// An address of which nothing but its being primary is kept: two parts of a new one are one element.
	server = newWhole(map[string]any{"id": "u1", "userName": "ada", "emails": []any{map[string]any{"value": "x@y"}}})
	outcome = one(t, server.connect(t, func(o *scim.Options) {
		o.UpdateMethod, o.Learned = "put", []byte(`{"version":1,"learned":[{"topic":"patch.selector","subject":"emails[type eq \"work\"]","form":"primary"}]}`)
	}), connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: "u1", Changes: changesOf(values{workEmail: text("a@b"), `emails[type eq "work"].display`: text("at work")})})
	addresses := []any{map[string]any{"value": "x@y"}, map[string]any{"type": "work", "value": "a@b", "display": "at work"}}
	if outcome.Err != nil || canonicalJSON(t, server.resources["u1"]["emails"]) != canonicalJSON(t, addresses) {
		t.Errorf("%+v %v", outcome, server.resources["u1"])
	}
	// The manager is taken in one form only; that is remembered, and costs nothing the next time.
	for profile, wanted := range map[string]any{"rfc": "u9", "entra": map[string]any{"value": "u9"}} {
		server = newWhole(person(), map[string]any{"id": "u2", "userName": "bob"})
		server.judge = func(written map[string]any) bool {
			extension, _ := written["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"].(map[string]any)
			return extension["manager"] == nil || canonicalJSON(t, extension["manager"]) == canonicalJSON(t, wanted)
		}
		c := server.connect(t, func(o *scim.Options) { o.Profile, o.UpdateMethod = profile, "put" })
		for _, user := range []directory.Anchor{"u1", "u2"} {
			server.requests = nil
			outcome := one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: user, Changes: changesOf(values{manager: text("u9"), "nickName": text("A")})})
			if outcome.Err != nil || outcome.Warning != "" || server.resources[string(user)]["nickName"] != "A" || user == "u2" && len(server.requests) != 2 {
				t.Errorf("%s, %s: %+v %q", profile, user, outcome, server.requests)
			}
		}
	}
	// Where PATCH was asked for, its refusal stands.
	server = newWhole(person())
	outcome = one(t, server.connect(t, func(o *scim.Options) { o.UpdateMethod = "patch" }), update)
	if directory.KindOf(outcome.Err) != directory.Unsupported || len(server.requests) != 1 {
		t.Errorf("%+v %q", outcome, server.requests)
	}
}

func canonicalJSON(t *testing.T, r any) string {
	t.Helper()
	encoded, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	var again any
	if err := json.Unmarshal(encoded, &again); err != nil {
		t.Fatal(err)
	}
	encoded, _ = json.MarshalIndent(again, "", " ")
	return string(encoded)
}

// TestPutMeanwhile: a change by somebody else is not overwritten, and not chased for ever.
func TestPutMeanwhile(t *testing.T) {
	t.Parallel()
	for times, kind := range map[int]directory.ErrorKind{1: "", 2: directory.Transient} {
		server := newWhole(person())
		left := times
		server.meanwhile = func(s *whole, id string) {
			if left--; left >= 0 {
				s.resources[id]["displayName"] = fmt.Sprint("changed ", left)
				s.versions[id]++
			}
		}
		outcome := one(t, server.connect(t, func(o *scim.Options) { o.UpdateMethod = "put" }), connector.Operation{ID: "u", Kind: connector.Update,
			Type: directory.User, Target: "u1", Changes: changesOf(values{"title": text("Prof")})})
		if directory.KindOf(outcome.Err) != kind {
			t.Errorf("changed %d times: %+v", times, outcome)
		}
		if held := server.resources["u1"]; held["displayName"] != "changed 0" || (held["title"] == "Prof") != (kind == "") {
			t.Errorf("changed %d times: %v", times, held)
		}
	}
}

func groupOf(id string, members ...string) map[string]any {
	elements := []any{}
	for _, member := range members {
		elements = append(elements, map[string]any{"value": member, "display": "who " + member})
	}
	return map[string]any{"id": id, "kind": "Groups", "displayName": "Group " + id, "members": elements}
}

// paged delivers some of the members and says that there are more.
func paged(group map[string]any) map[string]any {
	group["totalResults"] = 300
	return group
}

func userOf(id string) map[string]any {
	return map[string]any{"id": id, "kind": "Users", "userName": id}
}

func (s *whole) members(id string) []string {
	found := []string{}
	elements, _ := s.resources[id]["members"].([]any)
	for _, element := range elements {
		found = append(found, element.(map[string]any)["value"].(string))
	}
	return found
}

// TestPutGroups: no group loses members to a whole write.
func TestPutGroups(t *testing.T) {
	t.Parallel()
	add := connector.Operation{ID: "m", Kind: connector.AddMembers, Type: directory.Group, Target: "g1", Members: []directory.Anchor{"b", "c"}}
	remove := connector.Operation{ID: "m", Kind: connector.RemoveMembers, Type: directory.Group, Target: "g1", Members: []directory.Anchor{"a", "x"}}
	rename := connector.Operation{ID: "u", Kind: connector.Update, Type: directory.Group, Target: "g1", Changes: changesOf(values{"displayName": text("New")})}
	for _, test := range []struct {
		name      string
		server    *whole
		operation connector.Operation
		members   []string
		failed    []directory.Anchor
		err       directory.ErrorKind
	}{
		{"add", newWhole(groupOf("g1", "a", "b")), add, []string{"a", "b", "c"}, nil, ""},
		{"remove", newWhole(groupOf("g1", "a", "b")), remove, []string{"b"}, nil, ""},
		{"remove the last", newWhole(groupOf("g1", "a")), remove, []string{}, nil, ""},
		{"rename", newWhole(groupOf("g1", "a", "b")), rename, []string{"a", "b"}, nil, ""},
		{"one is bad", &whole{resources: newWhole(groupOf("g1", "a")).resources, versions: map[string]int{}, refuse: map[string]bool{"b": true}},
			add, []string{"a", "c"}, []directory.Anchor{"b"}, ""},
		{"empty, and another group shows members", &whole{omitEmpty: true, resources: newWhole(groupOf("g1"), groupOf("g2", "a")).resources, versions: map[string]int{}},
			add, []string{"b", "c"}, nil, ""},
		{"empty, and a throw-away group shows members", &whole{omitEmpty: true, resources: newWhole(groupOf("g1"), userOf("a")).resources, versions: map[string]int{}},
			add, []string{"b", "c"}, nil, ""},
		{"nobody to try it with", &whole{omitEmpty: true, resources: newWhole(groupOf("g1")).resources, versions: map[string]int{}},
			add, []string{}, nil, directory.Unsupported},
		{"members in pages", newWhole(paged(groupOf("g1", "a"))), add, []string{"a"}, nil, directory.Unsupported},
		{"members hidden, add", &whole{hideMembers: true, resources: newWhole(groupOf("g1", "a"), userOf("a")).resources, versions: map[string]int{}},
			add, []string{"a"}, nil, directory.Unsupported},
		{"members hidden, rename", &whole{hideMembers: true, resources: newWhole(groupOf("g1", "a"), userOf("a")).resources, versions: map[string]int{}},
			rename, []string{"a"}, nil, directory.Unsupported},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			outcome := one(t, test.server.connect(t, nil), test.operation)
			if directory.KindOf(outcome.Err) != test.err || !slices.Equal(outcome.Failed, test.failed) {
				t.Errorf("%+v", outcome)
			}
			if got := test.server.members("g1"); !slices.Equal(got, test.members) {
				t.Errorf("members %q, want %q", got, test.members)
			}
			for id := range test.server.resources {
				if strings.HasPrefix(id, "new-") {
					t.Errorf("%s is left over", id)
				}
			}
		})
	}
}
