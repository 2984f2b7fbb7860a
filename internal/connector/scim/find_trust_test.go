package scim_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// register is a server that holds users and searches them in a way of its own.
type register struct {
	users []map[string]any
	// finds decides whether a user is answered to a search; nil means those that hold the value, without regard to case.
	finds func(user map[string]any, attribute, value string) bool
	// refuses answers a search with an error; nil means never.
	refuses func(attribute, value string) (status int, scimType string)
	// hides are attributes that lists and searches do not return, secret those that nothing returns.
	hides, secret []string
	// total is what a search announces, 0 means the truth.
	total int
	// oneByOne answers a search with one hit at a time.
	oneByOne bool

	mu       sync.Mutex
	requests []string
}

func (s *register) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.URL.RequestURI())
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/scim+json")
	query := r.URL.Query()
	if _, id, byID := strings.Cut(r.URL.Path, "/Users/"); byID {
		for _, user := range s.users {
			if user["id"] == id {
				_ = json.NewEncoder(w).Encode(without(user, s.secret))
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
		return
	}
	found := s.users
	if filter := query.Get("filter"); filter != "" {
		attribute, literal, _ := strings.Cut(filter, " eq ")
		var value string
		_ = json.Unmarshal([]byte(literal), &value)
		if s.refuses != nil {
			if status, scimType := s.refuses(attribute, literal); status != 0 {
				w.WriteHeader(status)
				_ = json.NewEncoder(w).Encode(map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:Error"}, "scimType": scimType, "status": strconv.Itoa(status)})
				return
			}
		}
		finds := s.finds
		if finds == nil {
			finds = holdsValue
		}
		found = nil
		for _, user := range s.users {
			if finds(user, attribute, value) {
				found = append(found, user)
			}
		}
	}
	start, _ := strconv.Atoi(cmp.Or(query.Get("startIndex"), "1"))
	count, _ := strconv.Atoi(cmp.Or(query.Get("count"), "100"))
	if s.oneByOne && query.Has("filter") {
		count = 1
	}
	total := cmp.Or(s.total, len(found))
	from := min(max(start-1, 0), len(found))
	page := []any{}
	for _, user := range found[from:min(from+count, len(found))] {
		page = append(page, without(user, slices.Concat(s.hides, s.secret)))
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"totalResults": total, "Resources": page})
}

func without(user map[string]any, names []string) map[string]any {
	kept := map[string]any{}
	for name, value := range user {
		if !slices.Contains(names, name) {
			kept[name] = value
		}
	}
	return kept
}

func holdsValue(user map[string]any, attribute, value string) bool {
	have, ok := user[attribute].(string)
	return ok && strings.EqualFold(have, value)
}

func people(n int) []map[string]any {
	made := make([]map[string]any, n)
	for i := range made {
		made[i] = map[string]any{"id": fmt.Sprintf("id-%d", i), "userName": fmt.Sprintf("user%d@example.com", i), "externalId": fmt.Sprintf("E-%d", i)}
	}
	return made
}

// bare are people without externalId.
func bare(n int) []map[string]any {
	made := make([]map[string]any, n)
	for i := range made {
		made[i] = map[string]any{"id": fmt.Sprintf("bare-%d", i), "userName": fmt.Sprintf("bare%d@example.com", i)}
	}
	return made
}

func (s *register) connect(t *testing.T, options scim.Options) *scim.Connector {
	t.Helper()
	options.BaseURL, options.BearerToken, options.RateLimit, options.Transport = "http://localhost/scim", secret.New(token), unlimited, handlerTransport{s}
	c, err := scim.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func searchFacts(c *scim.Connector) string {
	var all []string
	for _, fact := range c.Learned().Facts {
		all = append(all, fact.Name+": "+fact.Value)
	}
	return strings.Join(all, "; ")
}

// lookup is one search and what it must bring, within a number of requests.
type lookup struct {
	attribute, value string
	want             string
	requests         int
}

// TestFindIsTrusted: who is there is found, whatever the server's search is like, or an error says why nobody can tell; and
// what was found out about a search is not found out again.
func TestFindIsTrusted(t *testing.T) {
	t.Parallel()
	const person, last = "user7@example.com", "user149@example.com"
	blind := func(user map[string]any, attribute, value string) bool {
		return attribute == "userName" && holdsValue(user, attribute, value)
	}
	refuse := func(status int, scimType string) func(string, string) (int, string) {
		return func(attribute, _ string) (int, string) {
			if attribute == "externalId" {
				return status, scimType
			}
			return 0, ""
		}
	}
	for _, test := range []struct {
		name    string
		server  *register
		lookups []lookup
		facts   string
	}{
		{name: "an honest server", server: &register{users: people(150)}, lookups: []lookup{
			{"userName", person, "id-7", 1}, {"userName", "nobody@example.com", "", 3}, {"userName", "else@example.com", "", 1},
			{"externalId", "e-149", "", 3}, {"externalId", "E-149", "id-149", 1}},
			facts: "search of a User by externalId: finds; search of a User by userName: finds"},
		{name: "nobody is there", server: &register{}, lookups: []lookup{
			{"userName", person, "", 2}, {"userName", last, "", 2}, {"userName", person, "", 2}, {"userName", person, "", 1}}},
		{name: "nobody has the attribute", server: &register{users: []map[string]any{{"id": "1", "userName": "ada"}}}, lookups: []lookup{
			{"externalId", "E-1", "", 5}, {"externalId", "E-2", "", 1}}},
		{name: "few have the attribute", server: &register{users: append(bare(150), people(150)[140:]...), finds: blind}, lookups: []lookup{
			{"externalId", "E-149", "id-149", 10}, {"externalId", "none", "", 3}}, facts: "search of a User by externalId: does not find"},
		{name: "the attribute is not looked at", server: &register{users: people(150), finds: blind}, lookups: []lookup{
			{"externalId", "E-149", "id-149", 8}, {"externalId", "E-148", "id-148", 3}, {"externalId", "none", "", 3}, {"userName", person, "id-7", 1}},
			facts: "search of a User by externalId: does not find"},
		{name: "only the exact spelling", server: &register{users: people(150), finds: func(user map[string]any, attribute, value string) bool { return user[attribute] == value }},
			lookups: []lookup{{"userName", "USER149@example.com", "id-149", 8}, {"userName", person, "id-7", 1}, {"userName", "nobody", "", 4}},
			facts:   "search of a User by userName: finds the exact spelling only"},
		{name: "the filter is ignored", server: &register{users: people(150), finds: func(map[string]any, string, string) bool { return true }}, lookups: []lookup{
			{"userName", last, "id-149", 7}, {"userName", person, "id-7", 3}, {"userName", "nobody", "", 3}},
			facts: "search of a User by userName: finds others too"},
		{name: "another attribute is searched", server: &register{users: people(3), finds: func(user map[string]any, _, value string) bool { return holdsValue(user, "userName", value) }},
			lookups: []lookup{{"externalId", "E-2", "id-2", 7}}, facts: "search of a User by externalId: does not find"},
		{name: "a part of the value is enough", server: &register{users: people(30), finds: func(user map[string]any, attribute, value string) bool {
			have, _ := user[attribute].(string)
			return strings.HasPrefix(strings.ToLower(have), strings.ToLower(value))
		}}, lookups: []lookup{{"userName", "user2", "", 6}, {"userName", "user2@example.com", "id-2", 1}}, facts: "search of a User by userName: finds"},
		{name: "invalidFilter", server: &register{users: people(150), refuses: refuse(400, "invalidFilter")}, lookups: []lookup{
			{"externalId", "E-149", "id-149", 5}, {"externalId", "none", "", 3}, {"userName", person, "id-7", 1}}, facts: "search of a User by externalId: refuses"},
		{name: "invalidPath", server: &register{users: people(3), refuses: refuse(400, "invalidPath")}, lookups: []lookup{{"externalId", "E-2", "id-2", 4}, {"externalId", "E-1", "id-1", 2}},
			facts: "search of a User by externalId: refuses"},
		{name: "not implemented", server: &register{users: people(3), refuses: refuse(501, "")}, lookups: []lookup{{"externalId", "E-2", "id-2", 4}, {"externalId", "E-1", "id-1", 2}},
			facts: "search of a User by externalId: refuses"},
		{name: "an escaped quote is refused", server: &register{users: append(people(150), map[string]any{"id": "q", "userName": `a "b"`}), refuses: func(_, literal string) (int, string) {
			if strings.Contains(literal, `\`) {
				return 400, "invalidFilter"
			}
			return 0, ""
		}}, lookups: []lookup{{"userName", `A "B"`, "q", 5}, {"userName", person, "id-7", 1}, {"userName", `a "c"`, "", 4}}},
		{name: "the attribute is told when asked for by id", server: &register{users: people(3), hides: []string{"externalId"}}, lookups: []lookup{{"externalId", "E-2", "id-2", 2}}},
		{name: "the attribute is never told", server: &register{users: people(3), secret: []string{"externalId"}}, lookups: []lookup{
			{"externalId", "E-2", "GET /scim/Users: the search by externalId finds a user whose externalId the target does not tell, so that nobody can say whether it is the right one; match by another attribute", 2}}},
		{name: "one hit on each page", server: &register{users: []map[string]any{{"id": "1", "userName": "ada"}, {"id": "2", "userName": "Ada"}}, oneByOne: true}, lookups: []lookup{
			{"userName", "ada", "1 2", 2}}},
		{name: "everybody is counted", server: &register{users: people(3), total: 3}, lookups: []lookup{{"userName", "user1@example.com", "id-1", 2}}},
		{name: "the same account twice", server: &register{users: []map[string]any{{"id": "1", "userName": "ada"}, {"id": "2", "userName": "ada"}}}, lookups: []lookup{{"userName", "ada", "1 2", 1}}},
		{name: "spaces are cut off", server: &register{users: []map[string]any{{"id": "1", "userName": "ada"}, {"id": "2", "userName": "bob"}}, finds: func(user map[string]any, attribute, value string) bool {
			return holdsValue(user, attribute, strings.TrimSpace(value))
		}}, lookups: []lookup{{"userName", "ada ", "", 6}, {"userName", "ada", "1", 1}}, facts: "search of a User by userName: finds"},
		{name: "another Unicode form", server: &register{users: []map[string]any{{"id": "1", "userName": "\u00fcli"}, {"id": "2", "userName": "bob"}}, finds: func(user map[string]any, attribute, value string) bool {
			return holdsValue(user, attribute, strings.ReplaceAll(value, "u\u0308", "\u00fc"))
		}}, lookups: []lookup{{"userName", "u\u0308li", "", 6}, {"userName", "\u00fcli", "1", 1}}, facts: "search of a User by userName: finds"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := test.server.connect(t, scim.Options{})
			for i, look := range test.lookups {
				before := len(test.server.requests)
				found, err := c.Find(t.Context(), connector.Query{Type: directory.User, Attribute: look.attribute, Value: text(look.value)})
				var ids []string
				for _, account := range found {
					ids = append(ids, string(account.Anchor))
				}
				got := strings.Join(ids, " ")
				if err != nil {
					got = err.Error()
				}
				asked := test.server.requests[before:]
				if got != look.want || len(asked) != look.requests {
					t.Errorf("%d: %s %q: got %q with %d requests, want %q with %d: %q", i, look.attribute, look.value, got, len(asked), look.want, look.requests, asked)
				}
			}
			if got := searchFacts(c); got != test.facts {
				t.Errorf("learned %q, want %q", got, test.facts)
			}
		})
	}
}

// TestNotFoundIsEmpty: a target that answers a search for nobody with an error (scim-client.md 17, row 16) is taken at its word only
// where the connection says so, and never about an attribute that it cannot search.
func TestNotFoundIsEmpty(t *testing.T) {
	t.Parallel()
	unless := func(status int, scimType string) *register {
		s := &register{users: people(3)}
		s.refuses = func(attribute, literal string) (int, string) {
			value, _ := strconv.Unquote(literal)
			if slices.ContainsFunc(s.users, func(user map[string]any) bool { return holdsValue(user, attribute, value) }) {
				return 0, ""
			}
			return status, scimType
		}
		return s
	}
	for _, test := range []struct {
		name   string
		server *register
		set    bool
		kind   directory.ErrorKind
		facts  string
		test   directory.ErrorKind
	}{
		{name: "404", server: unless(404, ""), kind: directory.Incompatible, test: directory.Incompatible},
		{name: "404, set", server: unless(404, ""), set: true, facts: "search of a User by userName: finds"},
		{name: "400", server: unless(400, ""), facts: "search of a User by userName: refuses"},
		{name: "400, set", server: unless(400, ""), set: true, facts: "search of a User by userName: finds"},
		{name: "400 invalidFilter, set", server: unless(400, "invalidFilter"), set: true, facts: "search of a User by userName: refuses"},
		{name: "403, set", server: unless(403, ""), set: true, kind: directory.Forbidden, test: directory.Forbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := test.server.connect(t, scim.Options{NotFoundIsEmpty: test.set})
			for _, all := range []bool{false, true} {
				found, err := c.Find(t.Context(), connector.Query{Type: directory.User, Attribute: "userName", Value: text("nobody"), All: all})
				if len(found) > 0 || directory.KindOf(err) != test.kind {
					t.Errorf("all %v: %v %v", all, found, err)
				}
			}
			if got := searchFacts(c); got != test.facts {
				t.Errorf("learned %q, want %q", got, test.facts)
			}
			if err := c.Test(t.Context(), connector.Probe{Type: directory.User, Attribute: "userName", Value: "5f0c9d3e"}); directory.KindOf(err) != test.test {
				t.Error(err)
			}
			// Who is there is found in spite of it.
			found, err := c.Find(t.Context(), connector.Query{Type: directory.User, Attribute: "userName", Value: text("user1@example.com")})
			if err != nil || len(found) != 1 || found[0].Anchor != "id-1" {
				t.Errorf("%v %v", found, err)
			}
		})
	}
	// Where nothing is there at all, the address is wrong.
	c := reply(http.StatusNotFound, "text/plain", "").connect(t)
	if err := c.Test(t.Context(), connector.Probe{Type: directory.User, Attribute: "userName", Value: "5f0c9d3e"}); directory.KindOf(err) != directory.Incompatible {
		t.Error(err)
	}
}

// TestCaseIsNotProvenByDigits: that a target searches by the exact spelling is not forgotten because of a value without letters.
func TestCaseIsNotProvenByDigits(t *testing.T) {
	t.Parallel()
	exact := func(user map[string]any, attribute, value string) bool { return user[attribute] == value }
	for name, first := range map[string]string{"what is known of case": "USER9@example.com", "nothing is known": "4711"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &register{users: append(people(30), map[string]any{"id": "digits", "userName": "4711"}), finds: exact}
			c := server.connect(t, scim.Options{})
			for _, look := range []struct{ value, want string }{{first, map[string]string{"4711": "digits"}[first] + map[string]string{"USER9@example.com": "id-9"}[first]}, {"4711", "digits"}, {"USER7@EXAMPLE.com", "id-7"}} {
				found, err := c.Find(t.Context(), connector.Query{Type: directory.User, Attribute: "userName", Value: text(look.value)})
				if err != nil || len(found) != 1 || string(found[0].Anchor) != look.want {
					t.Errorf("%s: %v %v, want %s", look.value, found, err, look.want)
				}
			}
			if got := searchFacts(c); !strings.HasPrefix(got, "search of a User by userName: finds the exact spelling only") {
				t.Errorf("learned %q", got)
			}
		})
	}
}

// TestNobodyIsFoundOnlyWithProof: where the list that would tell is not to be had now, nobody is not found either; where it never is, the
// search has the last word.
func TestNobodyIsFoundOnlyWithProof(t *testing.T) {
	t.Parallel()
	for status, kind := range map[int]directory.ErrorKind{
		500: directory.Transient, 503: directory.Transient, 429: directory.Throttled, 401: directory.Unauthorised,
		400: "", 403: "", 404: "", 405: "", 501: "",
	} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				// The search does not look at the attribute, so that only the list could tell that he is there.
				blind := &register{users: people(3), finds: func(map[string]any, string, string) bool { return false }}
				c := serve(t, func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Query().Has("startIndex") {
						w.WriteHeader(status)
						return
					}
					blind.ServeHTTP(w, r)
				})
				for range 4 {
					found, err := c.Find(t.Context(), connector.Query{Type: directory.User, Attribute: "externalId", Value: text("E-1")})
					if len(found) > 0 || directory.KindOf(err) != kind {
						t.Errorf("%v %v, want %q", found, err, kind)
					}
				}
			})
		})
	}
}

// TestFindAllIsTrusted: a query for all gets everybody, whatever the search is like.
func TestFindAllIsTrusted(t *testing.T) {
	t.Parallel()
	crowd := func() []map[string]any {
		users := people(250)
		for _, user := range users[100:240] {
			user["displayName"] = "The Same"
		}
		return users
	}
	// spelled has two of them in the very spelling that is asked for, so that the search finds somebody.
	spelled := func(users []map[string]any) []map[string]any {
		users[110]["displayName"], users[120]["displayName"] = "the same", "the same"
		return users
	}
	never := func(map[string]any, string, string) bool { return false }
	for name, server := range map[string]*register{
		"honest":            {users: crowd()},
		"not looked at":     {users: crowd(), finds: never},
		"ignored":           {users: crowd(), finds: func(map[string]any, string, string) bool { return true }},
		"refused":           {users: crowd(), refuses: func(string, string) (int, string) { return 400, "invalidFilter" }},
		"not implemented":   {users: crowd(), refuses: func(string, string) (int, string) { return 501, "" }},
		"exact spelling":    {users: spelled(crowd()), finds: func(user map[string]any, attribute, value string) bool { return user[attribute] == value }},
		"too long a filter": {users: crowd(), refuses: func(string, string) (int, string) { return 414, "" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := server.connect(t, scim.Options{})
			for range 2 {
				found, err := c.Find(t.Context(), connector.Query{Type: directory.User, Attribute: "displayName", Value: text("the same"), All: true})
				different := map[directory.Anchor]bool{}
				for _, account := range found {
					different[account.Anchor] = true
				}
				if err != nil || len(found) != 140 || len(different) != 140 {
					t.Errorf("%d hits, %d different ones: %v", len(found), len(different), err)
				}
			}
			// Who is in a whole list although a filter was asked for is no proof that the filter works.
			want := map[string]string{"ignored": "finds others too", "exact spelling": "finds the exact spelling only", "not looked at": "does not find", "honest": "finds"}[name]
			if got := searchFacts(c); want != "" && got != "search of a User by displayName: "+want {
				t.Errorf("learned %q", got)
			}
		})
	}
}
