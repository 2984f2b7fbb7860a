package scim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// answers is a server that answers each request, by method and path, with a status and a body; a body "@x" is a Location.
type answers map[string]struct {
	status int
	body   string
}

func (a answers) connect(t *testing.T, requests *[]string) *scim.Connector {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		name := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/scim")
		*requests = append(*requests, name)
		answer, known := a[name]
		if !known {
			t.Errorf("%s was not expected", name)
		}
		w.Header().Set("Content-Type", "application/scim+json")
		location, isLocation := strings.CutPrefix(answer.body, "@")
		if isLocation {
			w.Header().Set("Location", location)
		}
		w.WriteHeader(answer.status)
		if !isLocation {
			_, _ = io.WriteString(w, answer.body)
		}
	})
}

// TestCreatedAccount: an id is taken only when it is certainly that of the account that was sent.
func TestCreatedAccount(t *testing.T) {
	t.Parallel()
	create := connector.Operation{ID: "c", Kind: connector.Create, Type: directory.User,
		Changes: changesOf(values{"userName": text("Ada@example.com"), "externalId": text("e-1"), "displayName": text("Ada")})}
	const (
		mine     = `{"id":"1","userName":"ada@example.com","externalId":"e-1"}`
		exact    = `{"id":"1","userName":"Ada@example.com","externalId":"e-1"}`
		stranger = `{"id":"1","userName":"ada@example.com","externalId":"e-7"}`
		other    = `{"id":"1","userName":"bob@example.com"}`
	)
	for _, test := range []struct {
		name     string
		server   answers
		target   directory.Anchor
		requests int
	}{
		{"as sent", answers{"POST /Users": {201, exact}}, "1", 1},
		{"in another case", answers{"POST /Users": {201, `{"id":"1","userName":"ada@example.com"}`}}, "1", 1},
		{"renamed by the server, our externalId", answers{"POST /Users": {201, `{"id":"1","userName":"x","externalId":"e-1"}`}}, "1", 1},
		{"200", answers{"POST /Users": {200, mine}}, "1", 1},
		{"says nothing, is ours", answers{"POST /Users": {201, `{"id":"1"}`}, "GET /Users/1": {200, mine}}, "1", 2},
		{"says nothing, cannot be read yet", answers{"POST /Users": {201, `{"id":"1"}`}, "GET /Users/1": {404, ""}}, "1", 2},
		{"says nothing, is somebody else's", answers{"POST /Users": {201, `{"id":"1"}`}, "GET /Users/1": {200, other}}, "", 2},
		{"another name, but it is ours", answers{"POST /Users": {201, other}, "GET /Users/1": {200, exact}}, "1", 2},
		{"another name", answers{"POST /Users": {201, other}, "GET /Users/1": {200, other}}, "", 2},
		{"an account that was there", answers{"POST /Users": {201, stranger}, "GET /Users/1": {200, stranger}}, "", 2},
		{"without id, by Location", answers{"POST /Users": {201, "@https://localhost/scim/Users/1"}, "GET /Users/1": {200, exact}}, "1", 2},
		{"without id, by search", answers{"POST /Users": {201, `{}`}, "GET /Users": {200, `{"totalResults":1,"Resources":[` + exact + `]}`}}, "1", 2},
		{"202", answers{"POST /Users": {202, ``}, "GET /Users": {200, `{"totalResults":1,"Resources":[` + exact + `]}`}}, "1", 2},
		{"202, not there yet", answers{"POST /Users": {202, ``}, "GET /Users": {200, `{"totalResults":0}`}}, "", 3},
		{"without id, the name in another case", answers{"POST /Users": {201, `{}`}, "GET /Users": {200, `{"totalResults":1,"Resources":[` + mine + `]}`}}, "", 2},
		{"without id, an account that was there", answers{"POST /Users": {201, `{}`}, "GET /Users": {200, `{"totalResults":1,"Resources":[` + stranger + `]}`}}, "", 2},
		{"without id, two of that name", answers{"POST /Users": {201, `{}`}, "GET /Users": {200, `{"totalResults":2,"Resources":[` + exact + `,` + strings.Replace(exact, `"1"`, `"2"`, 1) + `]}`}}, "", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var requests []string
			outcome := one(t, test.server.connect(t, &requests), create)
			if outcome.Target != test.target || (outcome.Err == nil) != (test.target != "") {
				t.Errorf("%+v", outcome)
			}
			if outcome.Err != nil && !directory.OutcomeUnknown(outcome.Err) {
				t.Errorf("it may have been made: %v", outcome.Err)
			}
			posts := 0
			for _, request := range requests {
				if strings.HasPrefix(request, "POST") {
					posts++
				}
			}
			if posts != 1 || len(requests) != test.requests {
				t.Errorf("requests %q, want %d", requests, test.requests)
			}
		})
	}
}

// TestDeleted: gone is gone, whatever was answered; what stays is not taken for gone when the answer is odd.
func TestDeleted(t *testing.T) {
	t.Parallel()
	const on, off = `{"id":"1","active":true}`, `{"id":"1","active":false}`
	for _, test := range []struct {
		name     string
		server   answers
		kind     directory.ErrorKind
		requests int
	}{
		{"204, gone", answers{"DELETE /Users/1": {204, ""}, "GET /Users/1": {404, ""}}, "", 2},
		{"204, still there", answers{"DELETE /Users/1": {204, ""}, "GET /Users/1": {200, on}}, directory.Incompatible, 2},
		{"204, switched off", answers{"DELETE /Users/1": {204, ""}, "GET /Users/1": {200, off}}, "", 2},
		{"204, nobody says", answers{"DELETE /Users/1": {204, ""}, "GET /Users/1": {500, ""}}, "", 4},
		{"200 without a word", answers{"DELETE /Users/1": {200, ""}, "GET /Users/1": {404, ""}}, "", 2},
		{"404", answers{"DELETE /Users/1": {404, ""}, "GET /Users/1": {404, ""}}, "", 2},
		{"404, still there", answers{"DELETE /Users/1": {404, ""}, "GET /Users/1": {200, on}}, directory.Incompatible, 2},
		{"410", answers{"DELETE /Users/1": {410, ""}, "GET /Users/1": {410, ""}}, "", 2},
		{"400, gone with 410", answers{"DELETE /Users/1": {400, ""}, "GET /Users/1": {410, ""}}, "", 2},
		{"400, gone", answers{"DELETE /Users/1": {400, ""}, "GET /Users/1": {404, ""}}, "", 2},
		{"400, still there", answers{"DELETE /Users/1": {400, ""}, "GET /Users/1": {200, on}}, directory.Invalid, 2},
		{"500, gone", answers{"DELETE /Users/1": {500, ""}, "GET /Users/1": {404, ""}}, "", 2},
		{"500, still there", answers{"DELETE /Users/1": {500, ""}, "GET /Users/1": {200, on}}, directory.Transient, 2},
		{"405", answers{"DELETE /Users/1": {405, ""}}, directory.Unsupported, 1},
		{"501", answers{"DELETE /Users/1": {501, ""}}, directory.Unsupported, 1},
		{"403", answers{"DELETE /Users/1": {403, ""}}, directory.Forbidden, 1},
		{"202, gone", answers{"DELETE /Users/1": {202, ""}, "GET /Users/1": {404, ""}}, "", 2},
		{"202, still there", answers{"DELETE /Users/1": {202, ""}, "GET /Users/1": {200, on}}, directory.Transient, 2},
		{"200 with the account, still there", answers{"DELETE /Users/1": {200, on}, "GET /Users/1": {200, on}}, directory.Incompatible, 2},
		{"200 with the account, switched off", answers{"DELETE /Users/1": {200, off}, "GET /Users/1": {200, off}}, "", 2},
		{"200 with the account, gone", answers{"DELETE /Users/1": {200, on}, "GET /Users/1": {404, ""}}, "", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var requests []string
			outcome := one(t, test.server.connect(t, &requests), connector.Operation{ID: "d", Kind: connector.Delete, Type: directory.User, Target: "1"})
			if directory.KindOf(outcome.Err) != test.kind || len(requests) != test.requests {
				t.Errorf("%v, requests %q", outcome.Err, requests)
			}
			if test.kind == directory.Unsupported && !strings.Contains(outcome.Err.Error(), "switch the action off, or disable accounts instead of deleting them") {
				t.Errorf("no hint: %v", outcome.Err)
			}
		})
	}
}

// TestDeleteUnsupported: that a target cannot delete is told with what is known of it, until it can.
func TestDeleteUnsupported(t *testing.T) {
	t.Parallel()
	status := http.StatusMethodNotAllowed
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	remove := func(objectType directory.ObjectType) {
		one(t, c, connector.Operation{ID: "d", Kind: connector.Delete, Type: objectType, Target: "1"})
	}
	remove(directory.User)
	if !slices.Equal(facts(c), []string{"deleting a User: unsupported"}) {
		t.Errorf("learned %q", facts(c))
	}
	status = http.StatusNoContent
	remove(directory.Group)
	if len(facts(c)) != 1 {
		t.Errorf("learned %q", facts(c))
	}
	remove(directory.User)
	if facts(c) != nil {
		t.Errorf("learned %q", facts(c))
	}
}

// TestSelections: when a target does not keep the type of an element, the element is told by what it does keep.
func TestSelections(t *testing.T) {
	t.Parallel()
	sent := values{"userName": text("ada"), workEmail: text("a@b")}
	const learnedPrimary, learnedOnly = `selecting the element emails[type eq "work"]: primary`, `selecting the element emails[type eq "work"]: only`
	for _, test := range []struct {
		name   string
		emails string
		facts  []string
		patch  []any
	}{
		{"kept", `[{"type":"work","value":"a@b"}]`, nil, []any{map[string]any{"op": "replace", "path": workEmail, "value": "c@d"}}},
		{"primary", `[{"value":"x@y"},{"primary":true,"value":"a@b"}]`, []string{learnedPrimary},
			[]any{map[string]any{"op": "replace", "path": "emails[primary eq true].value", "value": "c@d"}}},
		{"the only one", `[{"value":"a@b"}]`, []string{learnedOnly},
			[]any{map[string]any{"op": "replace", "path": "emails", "value": []any{map[string]any{"type": "work", "value": "c@d"}}}}},
		{"neither", `[{"value":"x@y"},{"value":"a@b"}]`, nil, []any{map[string]any{"op": "add", "path": "emails", "value": []any{map[string]any{"type": "work", "value": "c@d"}}}}},
		{"twice", `[{"primary":true,"value":"a@b"},{"value":"a@b"}]`, nil, []any{map[string]any{"op": "add", "path": "emails", "value": []any{map[string]any{"type": "work", "value": "c@d"}}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			account := `{"id":"1","userName":"ada","emails":` + test.emails + `}`
			var body patchBody
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/scim+json")
				if r.Method == http.MethodPatch {
					body = decodePatch(t, r)
					w.WriteHeader(http.StatusNoContent)
					return
				}
				_, _ = io.WriteString(w, account)
			})
			createUser(t, c, sent)
			if !slices.Equal(facts(c), test.facts) {
				t.Errorf("learned %q", facts(c))
			}
			held, err := c.Get(t.Context(), directory.User, "1", []string{workEmail})
			if err != nil || held.Attributes[workEmail].Equal(text("a@b")) != (test.facts != nil || test.name == "kept") {
				t.Errorf("holds %v %v", held, err)
			}
			update := connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: "1", Changes: changesOf(values{workEmail: text("c@d")}), Current: held.Attributes}
			if outcome := one(t, c, update); outcome.Err != nil {
				t.Error(outcome.Err)
			}
			if !equalJSON(t, body.Operations, test.patch) {
				t.Errorf("operations %v, want %v", body.Operations, test.patch)
			}
			// Somebody gave the account a second address: it is not taken away.
			if slices.Equal(test.facts, []string{learnedOnly}) {
				account, body = `{"id":"1","userName":"ada","emails":[{"value":"a@b"},{"value":"z@z"}]}`, patchBody{}
				update.Changes = changesOf(values{workEmail: text("c@d"), "title": text("Dr")})
				outcome := one(t, c, update)
				if outcome.Err != nil || !slices.Equal(outcome.Unwritten, []string{workEmail}) || !equalJSON(t, body.Operations, []any{map[string]any{"op": "add", "path": "title", "value": "Dr"}}) {
					t.Errorf("%+v %v", outcome, body)
				}
			}
		})
	}
}

func decodePatch(t *testing.T, r *http.Request) patchBody {
	t.Helper()
	var body patchBody
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		t.Error(err)
	}
	return body
}

func equalJSON(t *testing.T, a, b any) bool {
	t.Helper()
	return canonicalJSON(t, a) == canonicalJSON(t, b)
}
