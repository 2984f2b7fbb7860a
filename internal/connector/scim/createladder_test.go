package scim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// judging refuses creates: with a status and a scimType, or, when the type is "-", in words that are not SCIM's.
func (p *picky) judging(t *testing.T, judge func(body map[string]any) (status int, scimType string)) {
	p.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || strings.HasSuffix(r.URL.Path, "/Bulk") {
			return false
		}
		var body map[string]any
		if err := json.Unmarshal([]byte(readBody(t, r)), &body); err != nil {
			t.Error(err)
		}
		status, scimType := judge(body)
		switch {
		case status == 0:
			return false
		case scimType == "-":
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "something is wrong")
		default:
			scimError(w, status, scimType)
		}
		return true
	}
}

// readBody reads the body of a request, and leaves it to be read again.
func readBody(t *testing.T, r *http.Request) string {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	return string(raw)
}

// users are the names the wiki holds, sorted.
func (p *picky) users(t *testing.T) []string {
	t.Helper()
	behind := picky{Handler: p.Handler}
	names := []string{}
	err := behind.connect(t, nil).List(t.Context(), connector.Listing{Type: directory.User, Attributes: []string{"userName"}}, func(accounts []connector.Account) error {
		for _, account := range accounts {
			names = append(names, account.Attributes["userName"].String())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

func (p *picky) posts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(p.requests), func(r string) bool { return r != "POST /scim/v2/Users" }))
}

// has refuses bodies with one of some attributes.
func has(status int, scimType string, attributes ...string) func(map[string]any) (int, string) {
	return func(body map[string]any) (int, string) {
		for _, attribute := range attributes {
			if _, there := body[attribute]; there {
				return status, scimType
			}
		}
		return 0, ""
	}
}

// patching refuses the same in PATCH.
func patching(attributes ...string) func(operationJSON) string {
	return func(o operationJSON) string {
		path, _ := o["path"].(string)
		for _, attribute := range attributes {
			if strings.HasPrefix(path, attribute) {
				return "invalidValue"
			}
		}
		return ""
	}
}

// TestCreateLadder: an account is made without what the target refuses, and only without that; never without what tells it from
// others, or keeps somebody out; and never twice.
func TestCreateLadder(t *testing.T) {
	t.Parallel()
	yes, no := directory.Boolean(true), directory.Boolean(false)
	ada := values{"userName": text("ada"), "externalId": text("e-1"), "displayName": text("Ada"), "name.givenName": text("Ada"), workEmail: text("a@b"),
		"active": yes, "title": text("Dr"), "nickName": text("Babs"), department: text("Engines"), "preferredLanguage": text("en")}
	for _, test := range []struct {
		name      string
		post      func(map[string]any) (int, string)
		patch     func(operationJSON) string
		change    values
		essential []string
		left      []string
		err       directory.ErrorKind
		// posts is how often the account is asked for.
		posts int
	}{
		{name: "nothing is refused", posts: 1},
		{name: "a value", post: has(400, "invalidValue", "title"), patch: patching("title"), left: []string{"title"}, posts: 2},
		{name: "with 422 and no type", post: has(422, "", "title"), patch: patching("title"), left: []string{"title"}, posts: 2},
		{name: "in a POST only", post: has(400, "invalidValue", "title"), posts: 2},
		{name: "two values", post: has(400, "", "title", "nickName"), patch: patching("title", "nickName"), left: []string{"nickName", "title"}, posts: 2},
		{name: "a usual one", post: has(400, "", "displayName"), patch: patching("displayName"), left: []string{"displayName"}, posts: 3},
		{name: "one of an extension", post: has(400, "invalidPath", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"), patch: patching("urn:"),
			left: []string{department}, posts: 2},
		{name: "active, of somebody who is on", post: has(400, "invalidPath", "active"), patch: patching("active"), posts: 3}, // the wiki makes it so
		{name: "active, of somebody who is off", post: has(400, "invalidValue", "active"), change: values{"active": no}, err: directory.Invalid, posts: 3},
		{name: "the name", post: has(400, "invalidValue", "userName"), err: directory.Invalid, posts: 3},
		{name: "what accounts are matched by", post: has(400, "invalidValue", "title"), essential: []string{"title"}, err: directory.Invalid, posts: 3},
		{name: "an address that somebody may have", post: has(400, "invalidValue", "emails"), err: directory.Invalid, posts: 3},
		{name: "an address that has no place", post: has(400, "invalidPath", "emails"), patch: patching("emails"), left: []string{workEmail}, posts: 3},
		{name: "what only we give", post: has(422, "", "externalId"), err: directory.Invalid, posts: 3},
		{name: "not in words of SCIM", post: has(400, "-", "title"), patch: patching("title"), left: []string{"title"}, posts: 2},
		{name: "too large", post: has(413, "", "title"), posts: 2},
		{name: "taken", post: has(409, "uniqueness", "title"), err: directory.Conflict, posts: 1},
		{name: "taken, said with 400", post: has(400, "uniqueness", "title"), err: directory.Conflict, posts: 1},
		{name: "refused, and then taken", post: func(body map[string]any) (int, string) {
			if body["title"] != nil {
				return 400, "invalidValue"
			}
			return 409, "uniqueness"
		}, err: directory.Conflict, posts: 2},
		{name: "no rights", post: has(403, "", "title"), err: directory.Forbidden, posts: 1},
		{name: "a fault", post: has(500, "", "title"), err: directory.Transient, posts: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			target := newPicky()
			if test.post != nil {
				target.judging(t, test.post)
			}
			target.judge = test.patch
			c := target.connect(t, nil)
			wanted := merged(ada, test.change)
			outcome := one(t, c, connector.Operation{ID: "c", Kind: connector.Create, Type: directory.User, Changes: changesOf(wanted), Essential: test.essential})
			if directory.KindOf(outcome.Err) != test.err || !slices.Equal(outcome.Unwritten, test.left) || (outcome.Warning != "") != (test.left != nil) {
				t.Fatalf("%+v", outcome)
			}
			if n := target.posts(); n != test.posts {
				t.Errorf("asked for %d times, want %d: %q", n, test.posts, target.requests)
			}
			if n := target.reset(); n > 20 {
				t.Errorf("%d requests", n)
			}
			if test.err != "" {
				if made := target.users(t); len(made) != 0 {
					t.Errorf("made: %q", made)
				}
				return
			}
			names := []string{}
			for name := range wanted {
				names = append(names, name)
			}
			for _, attribute := range test.left {
				delete(wanted, attribute)
			}
			held := target.holding(t, outcome.Target, names...)
			if diff := cmp.Diff(wanted, held); diff != "" {
				t.Errorf("account (-want +got):\n%s", diff)
			}
			want := "created without " + strings.Join(test.left, ", ") + ": PATCH /scim/v2/Users/"
			if test.left != nil && !strings.HasPrefix(outcome.Warning, want) {
				t.Errorf("warning %q", outcome.Warning)
			}
		})
	}
}

// TestCreateLadderLearns: a form that a target wants is used at once the next time, and what it takes in no form costs less each
// time.
func TestCreateLadderLearns(t *testing.T) {
	t.Parallel()
	const extension = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User"
	target := newPicky()
	target.judging(t, func(body map[string]any) (int, string) {
		if schemas, _ := body["schemas"].([]any); body[extension] != nil && !slices.Contains(schemas, any(extension)) {
			return 400, "invalidSyntax"
		}
		return 0, ""
	})
	c := target.connect(t, func(o *scim.Options) { o.Profile = "entra" })
	for _, test := range []struct {
		name  string
		posts int
	}{{"ada", 2}, {"bob", 1}} {
		target.reset()
		createUser(t, c, values{"userName": text(test.name), labels: list(text("a"))})
		if n := target.posts(); n != test.posts {
			t.Errorf("%s: %d requests, want %d", test.name, n, test.posts)
		}
	}
	if !slices.Equal(facts(c), []string{"extensions in schemas: all"}) {
		t.Errorf("learned %q", facts(c))
	}
	target = newPicky()
	target.judging(t, has(400, "", "title"))
	target.judge = patching("title")
	c = target.connect(t, nil)
	var requests []int
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		target.reset()
		outcome := one(t, c, connector.Operation{ID: "c", Kind: connector.Create, Type: directory.User,
			Changes: changesOf(values{"userName": text(name), "title": text("Dr"), "nickName": text("Babs"), "locale": text("en")})})
		if outcome.Err != nil || !slices.Equal(outcome.Unwritten, []string{"title"}) {
			t.Fatalf("%+v", outcome)
		}
		requests = append(requests, target.reset())
	}
	// A create, a search for whoever may have been made, a create, a look at the account, the title alone, and a look why.
	if requests[4] != 6 || requests[0] > 20 || requests[0] < requests[4] {
		t.Errorf("requests %v", requests)
	}
	if facts(c) != nil {
		t.Errorf("learned %q", facts(c))
	}
}

// TestCreateLadderEnds: a target that takes nobody is not asked several times for each.
func TestCreateLadderEnds(t *testing.T) {
	t.Parallel()
	target := newPicky()
	target.judging(t, has(422, "", "userName"))
	c := target.connect(t, nil)
	var posts []int
	for range 5 {
		target.reset()
		outcome := one(t, c, connector.Operation{ID: "c", Kind: connector.Create, Type: directory.User,
			Changes: changesOf(values{"userName": text("ada"), "title": text("Dr"), manager: text("u9"), "displayName": text("Ada")})})
		if directory.CodeOf(outcome.Err) != "UnprocessableEntity" {
			t.Fatalf("%+v", outcome)
		}
		posts = append(posts, target.reset())
	}
	// A search for whoever may have been made; as it is, with the manager as text, without the title and the manager, and without the name to show.
	if want := []int{5, 5, 5, 1, 1}; !slices.Equal(posts, want) {
		t.Errorf("requests %v, want %v", posts, want)
	}
}

// TestCreateLadderInDoubt: where an account may have been made, no other one is asked for, and nobody is written who may be somebody
// else.
func TestCreateLadderInDoubt(t *testing.T) {
	t.Parallel()
	const dr, nobody = `{"id":"1","userName":"ada","title":"Dr"}`, `{"totalResults":0,"Resources":[]}`
	create := connector.Operation{ID: "c", Kind: connector.Create, Type: directory.User, Changes: changesOf(values{"userName": text("ada"), "title": text("Dr")})}
	for _, test := range []struct {
		name string
		// answer is that to the first POST; found is what a search finds then, by and held what the second one and reading answer.
		answer      string
		found       string
		second      int
		by, held    string
		patch       int
		want        string
		posts, rest int
	}{
		{"refused, and yet made", "no", `{"totalResults":1,"Resources":[` + dr + `]}`, 201, dr, dr, 204, "conflict", 1, 1},
		{"refused, and nobody can be looked for", "no", `no list`, 201, dr, dr, 204, "invalid", 1, 1},
		{"refused in words, and yet made", refusedTitle, `{"totalResults":1,"Resources":[` + dr + `]}`, 201, dr, dr, 204, "conflict", 1, 1},
		{"refused in words, and nobody can be looked for", refusedTitle, `no list`, 201, dr, dr, 204, "invalid", 1, 1},
		{"somebody else's id", refusedTitle, nobody, 201, `{"id":"1","userName":"ada"}`, `{"id":"1","userName":"bob"}`, 204, "1 title", 2, 2},
		{"nobody tells who it is", refusedTitle, nobody, 201, `{"id":"1","userName":"ada"}`, `{"id":"1"}`, 204, "1 title", 2, 2},
		{"cannot be written yet", refusedTitle, nobody, 201, `{"id":"1","userName":"ada"}`, `{"id":"1","userName":"ada"}`, 404, "1 title", 2, 3},
		{"a fault afterwards", refusedTitle, nobody, 201, `{"id":"1","userName":"ada"}`, `{"id":"1","userName":"ada"}`, 500, "1 title", 2, 3},
		{"the rest is taken", refusedTitle, nobody, 201, `{"id":"1","userName":"ada"}`, `{"id":"1","userName":"ada"}`, 204, "1 ", 2, 3},
		{"a fault the second time", refusedTitle, nobody, 503, "", "", 204, "transient?", 2, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			posts, rest := 0, 0
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.Method == http.MethodPost && posts == 0:
					posts++
					w.WriteHeader(http.StatusBadRequest)
					_, _ = io.WriteString(w, test.answer)
				case r.Method == http.MethodPost:
					posts++
					w.WriteHeader(test.second)
					_, _ = io.WriteString(w, test.by)
				case r.Method == http.MethodPatch:
					rest++
					w.WriteHeader(test.patch)
				case strings.HasSuffix(r.URL.Path, "/1"):
					rest++
					_, _ = io.WriteString(w, test.held)
				default:
					rest++
					_, _ = io.WriteString(w, test.found)
				}
			})
			outcome := one(t, c, create)
			got := string(directory.KindOf(outcome.Err))
			if directory.OutcomeUnknown(outcome.Err) {
				got += "?"
			}
			if outcome.Err == nil {
				got = string(outcome.Target) + " " + strings.Join(outcome.Unwritten, ",")
			}
			if got != test.want || posts != test.posts || rest != test.rest {
				t.Errorf("%s, %d and %d requests, want %s, %d and %d: %+v", got, posts, rest, test.want, test.posts, test.rest, outcome)
			}
		})
	}
}

const refusedTitle = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidValue","detail":"title"}`

// TestCreateLadderWithPut: what a new account was made without is written whole where there is no PATCH.
func TestCreateLadderWithPut(t *testing.T) {
	t.Parallel()
	for _, refused := range []bool{true, false} {
		server := newWhole()
		if refused {
			server.refuseAttribute = "title"
		}
		target := &picky{Handler: server}
		target.judging(t, has(400, "invalidValue", "title"))
		outcome := one(t, target.connect(t, nil), connector.Operation{ID: "c", Kind: connector.Create, Type: directory.User,
			Changes: changesOf(values{"userName": text("ada"), "title": text("Dr"), "nickName": text("Babs")})})
		held := server.resources[string(outcome.Target)]
		if outcome.Err != nil || slices.Equal(outcome.Unwritten, []string{"title"}) != refused || held["nickName"] != "Babs" || (held["title"] == nil) != refused {
			t.Errorf("%+v %v", outcome, held)
		}
	}
}

// TestCreateLadderInBulk: one that is refused in a bulk request is made without what was refused.
func TestCreateLadderInBulk(t *testing.T) {
	t.Parallel()
	target := bulky(40)
	c := target.connect(t, nil)
	operations := creates(3)
	// The wiki takes no name twice, and no title that is a list.
	operations[1].Changes = append(changesOf(values{"title": list(text("a"), text("b"))}), operations[1].Changes...)
	for i, outcome := range c.Apply(t.Context(), operations) {
		if outcome.Err != nil || outcome.Target == "" || (len(outcome.Unwritten) > 0) != (i == 1) {
			t.Errorf("%d: %+v", i, outcome)
		}
	}
	if n := len(target.users(t)); n != 3 {
		t.Errorf("%d accounts", n)
	}
}
