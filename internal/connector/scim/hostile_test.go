package scim_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// hostile is a server that gets wrong what real ones get wrong (real-targets.md; scim-client.md 17). Users are u0, u1 and so on.
type hostile struct {
	users int
	// total overrides totalResults; pageLimit caps count.
	total, pageLimit int
	ignoreStart      bool
	ignoreCount      bool
	ignoreFilter     bool
	refuseBeyondEnd  bool
	cyclic           bool
	// answer, if set, answers everything.
	answer func(w http.ResponseWriter, r *http.Request) bool

	mu       sync.Mutex
	requests []string
}

func (h *hostile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.requests = append(h.requests, r.Method+" "+r.URL.RequestURI())
	n := len(h.requests)
	h.mu.Unlock()
	if n > 1000 {
		http.Error(w, "the client loops", http.StatusTeapot)
		return
	}
	w.Header().Set("Content-Type", "application/scim+json")
	if h.answer != nil && h.answer(w, r) {
		return
	}
	query := r.URL.Query()
	var resources []any
	start, _ := strconv.Atoi(cmp.Or(query.Get("startIndex"), "1"))
	count, _ := strconv.Atoi(cmp.Or(query.Get("count"), "100"))
	start = max(start, 1) // RFC 7644 3.4.2.4
	if h.ignoreStart {
		start = 1
	}
	if h.ignoreCount {
		count = h.users
	}
	if h.pageLimit > 0 {
		count = min(count, h.pageLimit)
	}
	if h.cyclic {
		start = (start-1)%h.users + 1
	}
	if h.refuseBeyondEnd && start > h.users {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	wanted := ""
	if filter := query.Get("filter"); filter != "" && !h.ignoreFilter {
		_, wanted, _ = strings.Cut(filter, " eq ")
		wanted, _ = strconv.Unquote(wanted)
	}
	for i := start; i <= h.users && len(resources) < count; i++ {
		name := fmt.Sprintf("u%d", i-1)
		if wanted == "" || wanted == name {
			resources = append(resources, map[string]any{"id": "id/" + name, "userName": name})
		}
	}
	total := h.users
	if wanted != "" {
		total = len(resources)
	}
	if h.total != 0 {
		total = h.total
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:ListResponse"},
		"totalResults": total, "Resources": resources})
}

func (h *hostile) connect(t *testing.T) *scim.Connector {
	t.Helper()
	c, err := scim.New(scim.Options{BaseURL: "http://localhost/scim", BearerToken: secret.New(token), RateLimit: unlimited, Transport: handlerTransport{h}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestListSurvives: every user is listed once, or an error says why not; and it ends.
func TestListSurvives(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		server  *hostile
		users   int
		message string
	}{
		{name: "exact pages", server: &hostile{users: 200}, users: 200},
		{name: "count capped", server: &hostile{users: 120, pageLimit: 50}, users: 120},
		{name: "total capped with the page", server: &hostile{users: 120, pageLimit: 50, total: 50}, users: 120},
		{name: "total too small", server: &hostile{users: 250, total: 1}, users: 250},
		{name: "total of one page", server: &hostile{users: 250, total: 100}, users: 250},
		{name: "count ignored", server: &hostile{users: 250, ignoreCount: true}, users: 250},
		{name: "paging ignored altogether", server: &hostile{users: 250, ignoreCount: true, ignoreStart: true}, users: 250},
		{name: "refuses to go beyond the end", server: &hostile{users: 150, refuseBeyondEnd: true}, users: 150},
		{name: "no user", server: &hostile{}, users: 0},
		{name: "startIndex ignored", server: &hostile{users: 250, ignoreStart: true}, users: 100, message: "does not advance"},
		{name: "total too large", server: &hostile{users: 150, total: 180}, users: 150, message: "announces 180 resources but delivers 150"},
		{name: "begins again", server: &hostile{users: 100, cyclic: true, total: 300}, users: 100, message: "does not advance"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			names := map[string]int{}
			err := test.server.connect(t).List(t.Context(), connector.Listing{Type: directory.User, Attributes: []string{"userName"}},
				func(accounts []connector.Account) error {
					for _, account := range accounts {
						name, _ := account.Attributes["userName"].Text()
						names[name]++
					}
					return nil
				})
			if len(names) != test.users || slices.Max(append(slices.Collect(maps.Values(names)), 1)) > 1 {
				t.Errorf("%d users listed, want %d; counts %v", len(names), test.users, names)
			}
			if test.message == "" && err != nil {
				t.Error(err)
			}
			if test.message != "" && (directory.KindOf(err) != directory.Incompatible || !strings.Contains(err.Error(), test.message)) {
				t.Errorf("got %v, want an error that says %q", err, test.message)
			}
		})
	}
}

func TestFindSurvives(t *testing.T) {
	t.Parallel()
	find := func(t *testing.T, h *hostile, name string) string {
		found, err := h.connect(t).Find(t.Context(), connector.Query{Type: directory.User, Attribute: "userName", Value: text(name)})
		return fmt.Sprintf("%s %v", accountsText(found), err)
	}
	// The filter is ignored, and the right user is on the third page.
	h := &hostile{users: 250, ignoreFilter: true}
	if got := find(t, h, "U230"); got != "[user id/u230 {userName: u230}] <nil>" {
		t.Error(got)
	}
	// Neither the first of what is listed nor an error: there is none.
	if got := find(t, h, "nobody"); got != "[] <nil>" {
		t.Error(got)
	}
	// The only user there is would pass for a hit.
	if got := find(t, &hostile{users: 1, ignoreFilter: true}, "nobody"); got != "[] <nil>" {
		t.Error(got)
	}
	if got := find(t, &hostile{users: 250, ignoreFilter: true, ignoreStart: true}, "u230"); !strings.Contains(got, "does not advance") {
		t.Error(got)
	}
	// A value that makes the address too long is looked for in the list.
	for _, status := range []int{http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge} {
		short := &hostile{users: 250, answer: func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Has("filter") {
				w.WriteHeader(status)
			}
			return r.URL.Query().Has("filter")
		}}
		for _, all := range []bool{false, true} {
			found, err := short.connect(t).Find(t.Context(), connector.Query{Type: directory.User, Attribute: "userName", Value: text("U230"), All: all})
			if got := fmt.Sprintf("%s %v", accountsText(found), err); got != "[user id/u230 {userName: u230}] <nil>" {
				t.Error(status, all, got)
			}
		}
	}
	if got := find(t, &hostile{total: 3}, "u1"); !strings.Contains(got, "announces hits but delivers none") {
		t.Error(got)
	}
}

func reply(status int, contentType, body string) *hostile {
	return &hostile{answer: func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return true
	}}
}

// placed answers a create with the place of the new resource.
func placed(location, body string) *hostile {
	return &hostile{answer: func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Location", location)
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, body)
		return true
	}}
}

// unknown answers a search, and says of every id that there is no such resource.
func unknown(page string) *hostile {
	return &hostile{answer: func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.RawQuery == "" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, page)
		return true
	}}
}

// TestAnswers says what the caller hears of each answer: kind, code, whether the outcome is unknown, and the whole message.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const scimType = "application/scim+json"
	problem := func(status int, kind, detail string) *hostile {
		return reply(status, scimType, fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":%q,"detail":%q,"status":"%d"}`, kind, detail, status))
	}
	const incompatible = "SystemForCrossDomainIdentityManagementServiceIncompatible"
	operation := func(kind connector.OperationKind) func(*testing.T, *scim.Connector) error {
		return func(t *testing.T, c *scim.Connector) error { return write(kind)(t.Context(), c) }
	}
	get := func(t *testing.T, c *scim.Connector) error { return getUser(t.Context(), c) }
	search := func(t *testing.T, c *scim.Connector) error {
		_, err := c.Find(t.Context(), connector.Query{Type: directory.User, Attribute: "userName", Value: text("secret.person@example.com")})
		return err
	}
	for _, test := range []struct {
		name    string
		server  *hostile
		do      func(*testing.T, *scim.Connector) error
		kind    directory.ErrorKind
		code    string
		unknown bool
		message string
	}{
		{"html for a search", reply(200, "text/html; charset=utf-8", "<!doctype html><p>Sign in"), search, directory.Incompatible, incompatible, false,
			"GET /scim/Users: answered text/html instead of application/scim+json: this does not look like a SCIM endpoint; check base_url"},
		{"html without a type", reply(200, "", "\n <html>"), operation(connector.Create), directory.Incompatible, incompatible, true,
			"POST /scim/Users: answered text/html instead of application/scim+json: this does not look like a SCIM endpoint; check base_url"},
		{"html for an update", reply(200, "text/html", "<p>hello"), operation(connector.Update), directory.Incompatible, incompatible, true,
			"PATCH /scim/Users/1: answered text/html instead of application/scim+json: this does not look like a SCIM endpoint; check base_url"},
		{"html for a delete", reply(200, "text/html", "<p>hello"), operation(connector.Delete), directory.Incompatible, incompatible, true,
			"DELETE /scim/Users/1: answered text/html instead of application/scim+json: this does not look like a SCIM endpoint; check base_url"},
		{"html with an error", reply(403, "text/html", "<p>Blocked by the firewall"), get, directory.Forbidden, "InsufficientRights", false,
			"GET /scim/Users/1: answered 403 (text/html instead of application/scim+json); give the token's owner the right to do this in the target"},
		{"truncated list", reply(200, scimType, `{"totalResults":1,"Resources":[{"id":"1"`), search, directory.Incompatible, incompatible, false,
			"GET /scim/Users: answered 200 with something that is not a JSON object; the target does not follow SCIM here, ask its vendor"},
		{"a user instead of a list", reply(200, scimType, okUser), search, directory.Incompatible, incompatible, false,
			"GET /scim/Users: answered 200 with an object that is not a ListResponse; the target does not follow SCIM here, ask its vendor"},
		{"a list without ids", reply(200, scimType, `{"Resources":[{"userName":"x"}]}`), search, directory.Incompatible, incompatible, false,
			"GET /scim/Users: answered 200 with a ListResponse with a resource that has no id; the target does not follow SCIM here, ask its vendor"},
		{"nothing for a list", reply(204, scimType, ""), search, directory.Incompatible, incompatible, false,
			"GET /scim/Users: answered 204 with something that is not a JSON object; the target does not follow SCIM here, ask its vendor"},
		{"created without id", reply(201, scimType, `{"userName":"ada"}`), operation(connector.Create), directory.Incompatible, incompatible, true,
			"POST /scim/Users: answered 201 with a resource that has no id; the target does not follow SCIM here, ask its vendor"},
		{"created without a body", reply(201, scimType, ""), operation(connector.Create), directory.Incompatible, incompatible, true,
			"POST /scim/Users: answered 201 with nothing that says which account was made; the target does not follow SCIM here, ask its vendor"},
		{"created with two ids", placed("/scim/Users/2", `{"id":"1"}`), operation(connector.Create), directory.Incompatible, incompatible, true,
			`POST /scim/Users: answered 201 with the id "1" and a Location that ends in another one; the target does not follow SCIM here, ask its vendor`},
		{"created with a place that says nothing", placed("/somewhere/1/else", `{"id":"1"}`), operation(connector.Create), "", "", false, ""},
		{"found under the id of nobody", unknown(`{"totalResults":1,"Resources":[{"id":"1","userName":"secret.person@example.com","meta":{"location":"/scim/Users/2"}}]}`), search,
			directory.Incompatible, incompatible, false,
			"GET /scim/Users: the search delivers somebody under the id of somebody else; the target's search is broken, ask its vendor"},
		{"somebody else read", reply(200, scimType, `{"id":"2"}`), get, directory.Incompatible, incompatible, false,
			`GET /scim/Users/1: answered 200 with the resource with id "2"; the target does not follow SCIM here, ask its vendor`},
		{"somebody else updated", reply(200, scimType, `{"id":"2"}`), operation(connector.Update), directory.Incompatible, incompatible, true,
			`PATCH /scim/Users/1: answered 200 with the resource with id "2"; the target does not follow SCIM here, ask its vendor`},
		{"bad token with 200", reply(200, scimType, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"bad token","status":401}`), get,
			directory.Unauthorised, "Unauthorized", false,
			"GET /scim/Users/1: answered 200 with error 401 inside (bad token); check the bearer token: it is wrong, expired or revoked"},
		{"error without a status in 200", reply(200, scimType, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"]}`), operation(connector.Update),
			directory.Incompatible, incompatible, true,
			"PATCH /scim/Users/1: answered 200 with an error message; the target does not follow SCIM here, ask its vendor"},
		{"400", problem(400, "invalidValue", "title is too long"), operation(connector.Update), directory.Invalid, incompatible, false,
			"PATCH /scim/Users/1: answered 400 (invalidValue: title is too long); check the mappings against what the target accepts"},
		{"400 for the filter", problem(400, "invalidFilter", ""), search, directory.Invalid, incompatible, false,
			"GET /scim/Users: answered 400 (invalidFilter); the target cannot search by this attribute; choose another matching attribute"},
		{"400 for uniqueness", problem(400, "uniqueness", "taken"), operation(connector.Create), directory.Conflict, "Conflict", false,
			"POST /scim/Users: answered 400 (uniqueness: taken); another account holds a value that must be unique; check the matching attributes"},
		{"401", problem(401, "", "token expired"), search, directory.Unauthorised, "Unauthorized", false,
			"GET /scim/Users: answered 401 (token expired); check the bearer token: it is wrong, expired or revoked"},
		{"404 for a search", problem(404, "", "no such page"), search, directory.Incompatible, incompatible, false,
			"GET /scim/Users: answered 404 (no such page); this does not look like a SCIM endpoint; check base_url"},
		{"404 for a user", problem(404, "", "gone"), get, directory.NotFound, "InvalidAnchor", false, "GET /scim/Users/1: answered 404 (gone); it is matched again"},
		{"410 for a user", reply(410, "text/plain", "gone"), get, directory.NotFound, "InvalidAnchor", false, "GET /scim/Users/1: answered 410 (gone); it is matched again"},
		{"410 for an update", reply(410, "text/plain", ""), operation(connector.Update), directory.NotFound, "InvalidAnchor", false, "PATCH /scim/Users/1: answered 410; it is matched again"},
		{"410 for a search", reply(410, "text/plain", ""), search, directory.Invalid, "WebExceptionProtocolError", false,
			"GET /scim/Users: answered 410; ask the target's administrator what it means"},
		{"404 for an update", reply(404, "text/plain", "gone"), operation(connector.Update), directory.NotFound, "InvalidAnchor", false,
			"PATCH /scim/Users/1: answered 404 (gone); it is matched again"},
		{"404 for a create", reply(404, "text/plain", ""), operation(connector.Create), directory.Incompatible, incompatible, false,
			"POST /scim/Users: answered 404; this does not look like a SCIM endpoint; check base_url"},
		{"404 for a delete", reply(404, "text/plain", ""), operation(connector.Delete), "", "", false, ""},
		{"405", reply(405, "text/plain", ""), operation(connector.Update), directory.Unsupported, "MethodNotAllowed", false,
			"PATCH /scim/Users/1: answered 405; the target cannot do this; switch the action off"},
		{"409", problem(409, "uniqueness", "taken"), operation(connector.Create), directory.Conflict, "Conflict", false,
			"POST /scim/Users: answered 409 (uniqueness: taken); another account holds a value that must be unique; check the matching attributes"},
		{"412", reply(412, "", ""), operation(connector.Update), directory.Transient, "WebExceptionProtocolError", false,
			"PATCH /scim/Users/1: answered 412; the account was changed meanwhile; it is tried again in the next cycle"},
		{"413", reply(413, "", ""), operation(connector.Update), directory.Invalid, "TooManyRequests", false,
			"PATCH /scim/Users/1: answered 413; the request is too large for the target"},
		{"422 in another form", reply(422, "application/json", "{\n  \"message\": \"no domain\"\n}"), operation(connector.Create), directory.Invalid, "UnprocessableEntity", false,
			`POST /scim/Users: answered 422 ({ "message": "no domain" }); check the mappings against what the target accepts`},
		{"418", reply(418, "text/plain", strings.Repeat("é", 300)), operation(connector.Create), directory.Invalid, "WebExceptionProtocolError", false,
			"POST /scim/Users: answered 418 (" + strings.Repeat("é", 199) + "…); ask the target's administrator what it means"},
		{"304", reply(304, "", ""), get, directory.Incompatible, incompatible, false,
			"GET /scim/Users/1: answered 304; this does not look like a SCIM endpoint; check base_url"},
		{"500", problem(500, "", "boom"), operation(connector.Create), directory.Transient, "InternalServerError", true,
			"POST /scim/Users: answered 500 (boom); it is tried again in the next cycle; if it stays, ask the target's administrator"},
		{"update answered with nothing", reply(200, scimType, " \n"), operation(connector.Update), "", "", false, ""},
		{"update answered 202", reply(202, "", ""), operation(connector.Update), "", "", false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := test.do(t, test.server.connect(t))
			message := ""
			if err != nil {
				message = err.Error()
			}
			if directory.KindOf(err) != test.kind || directory.CodeOf(err) != test.code || directory.OutcomeUnknown(err) != test.unknown || message != test.message {
				t.Errorf("got  %q %q unknown %v\n%s\nwant %q %q unknown %v\n%s", directory.KindOf(err), directory.CodeOf(err), directory.OutcomeUnknown(err),
					message, test.kind, test.code, test.unknown, test.message)
			}
		})
	}
}

// TestConnectionTest: every failure carries the code of a failed probe and keeps its kind.
func TestConnectionTest(t *testing.T) {
	t.Parallel()
	probe := connector.Probe{Type: directory.User, Attribute: "externalId", Value: "5f0c9d3e"}
	for status, kind := range map[int]directory.ErrorKind{401: directory.Unauthorised, 404: directory.Incompatible, 400: directory.Invalid} {
		err := reply(status, "text/plain", "").connect(t).Test(t.Context(), probe)
		if directory.KindOf(err) != kind || directory.CodeOf(err) != "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable" ||
			!strings.HasPrefix(err.Error(), fmt.Sprintf("connection test: GET /scim/Users: answered %d; ", status)) {
			t.Errorf("%d: %q %q %v", status, directory.KindOf(err), directory.CodeOf(err), err)
		}
	}
	// A server that ignores filters is usable: searches list instead.
	if err := (&hostile{users: 3, ignoreFilter: true}).connect(t).Test(t.Context(), probe); err != nil {
		t.Error(err)
	}
}

// memberServer is a group endpoint that refuses what judge refuses.
func memberServer(judge func(patch string) (status int, body string)) *hostile {
	return &hostile{answer: func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet {
			if strings.HasSuffix(r.URL.Path, "/gone") {
				w.WriteHeader(http.StatusNotFound)
				return true
			}
			_, _ = io.WriteString(w, `{"id":"g1"}`)
			return true
		}
		patch, _ := io.ReadAll(r.Body)
		status, body := judge(string(patch))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return true
	}}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	noTarget := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"noTarget","status":"400"}`
	bad := func(status int, body string, wrong ...string) func(string) (int, string) {
		return func(patch string) (int, string) {
			for _, id := range wrong {
				if strings.Contains(patch, id) {
					return status, body
				}
			}
			return 204, ""
		}
	}
	for _, test := range []struct {
		name     string
		kind     connector.OperationKind
		judge    func(string) (int, string)
		group    directory.Anchor
		members  int
		failed   []directory.Anchor
		err      directory.ErrorKind
		requests int
	}{
		{name: "batches of a hundred", kind: connector.AddMembers, judge: bad(0, ""), members: 250, requests: 3},
		{name: "removed in batches", kind: connector.RemoveMembers, judge: bad(0, ""), members: 101, requests: 2},
		{name: "one bad of a hundred", kind: connector.AddMembers, judge: bad(400, "", "u042"), members: 100, failed: []directory.Anchor{"u042"}, requests: 16},
		{name: "422 is about a member too", kind: connector.AddMembers, judge: bad(422, "", "u001"), members: 2, failed: []directory.Anchor{"u001"}, requests: 3},
		{name: "two bad", kind: connector.RemoveMembers, judge: bad(400, "", "u000", "u007"), members: 8, failed: []directory.Anchor{"u000", "u007"}, requests: 13},
		{name: "404 of a member", kind: connector.AddMembers, judge: bad(404, "", "u003"), members: 4, failed: []directory.Anchor{"u003"}, requests: 8},
		{name: "404 of the group", kind: connector.AddMembers, judge: bad(404, "", "u"), group: "gone", members: 4, err: directory.NotFound, requests: 2},
		{name: "too large a batch", kind: connector.AddMembers, judge: func(patch string) (int, string) {
			if strings.Count(patch, `{"value"`) > 30 {
				return 413, ""
			}
			return 204, ""
		}, members: 100, requests: 7},
		{name: "already there", kind: connector.AddMembers, judge: bad(409, "", "u001"), members: 2, requests: 4},
		{name: "already gone", kind: connector.RemoveMembers, judge: bad(400, noTarget, "u001"), members: 2, requests: 4},
		{name: "nothing is accepted", kind: connector.AddMembers, judge: bad(400, "", "u"), members: 250, err: directory.Invalid, requests: 21},
		{name: "no rights", kind: connector.AddMembers, judge: bad(403, "", "u"), members: 250, err: directory.Forbidden, requests: 1},
		{name: "server fault", kind: connector.AddMembers, judge: bad(500, "", "u150"), members: 250, err: directory.Transient, requests: 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := memberServer(test.judge)
			outcome := server.connect(t).Apply(t.Context(), []connector.Operation{{ID: "m", Kind: test.kind, Type: directory.Group,
				Target: cmp.Or(test.group, "g1"), Members: memberIDs(0, test.members)}})[0]
			if directory.KindOf(outcome.Err) != test.err || !slices.Equal(outcome.Failed, test.failed) || (outcome.Warning != "") != (len(test.failed) > 0) {
				t.Errorf("outcome %+v", outcome)
			}
			if len(server.requests) != test.requests {
				t.Errorf("%d requests, want %d: %q", len(server.requests), test.requests, server.requests)
			}
		})
	}
}
