package scim_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// bulky is a wiki that takes bulk requests.
func bulky(operations int) *picky {
	return &picky{Handler: wikiapp.New(wikiapp.Options{Token: token, BulkOperations: operations})}
}

func creates(n int) []connector.Operation {
	operations := make([]connector.Operation, n)
	for i := range operations {
		operations[i] = connector.Operation{ID: fmt.Sprint(i), Kind: connector.Create, Type: directory.User, Changes: changesOf(values{"userName": text(fmt.Sprint("user ", i))})}
	}
	return operations
}

// TestBulk: everything goes in bulk requests within the announced limits, and each operation has the outcome it has alone.
func TestBulk(t *testing.T) {
	t.Parallel()
	target := bulky(40)
	c := target.connect(t, nil)
	made := c.Apply(t.Context(), creates(90))
	for i, outcome := range made {
		if outcome.Err != nil || outcome.Target == "" {
			t.Fatalf("%d: %+v", i, outcome)
		}
		if held := target.holding(t, outcome.Target, "userName"); !held["userName"].Equal(text(fmt.Sprint("user ", i))) {
			t.Fatalf("%d has the id of %v", i, held)
		}
	}
	want := []string{"GET /scim/v2/ServiceProviderConfig", "POST /scim/v2/Bulk", "POST /scim/v2/Bulk", "POST /scim/v2/Bulk"}
	// The place of the first new account is looked at, or of a few where several requests are under way.
	if requests := withoutLooks(target.requests); !slices.Equal(requests, want) || len(target.requests) > len(want)+3 {
		t.Errorf("requests %q, want %q", target.requests, want)
	}
	group := one(t, c, connector.Operation{ID: "g", Kind: connector.Create, Type: directory.Group, Changes: changesOf(values{"displayName": text("All")})}).Target
	target.reset()
	outcomes := c.Apply(t.Context(), []connector.Operation{
		{ID: "1", Kind: connector.Create, Type: directory.User, Changes: changesOf(values{"userName": text("USER 3")})},
		{ID: "2", Kind: connector.Update, Type: directory.User, Target: made[0].Target, Changes: changesOf(values{"title": text("Dr")})},
		{ID: "3", Kind: connector.Update, Type: directory.User, Target: "nobody", Changes: changesOf(values{"title": text("Dr")})},
		{ID: "4", Kind: connector.Delete, Type: directory.User, Target: made[1].Target},
		{ID: "5", Kind: connector.AddMembers, Type: directory.Group, Target: group, Members: []directory.Anchor{made[2].Target}},
		{ID: "6", Kind: connector.Create, Type: directory.User, Changes: changesOf(values{"userName": text("new")})},
	})
	var kinds []directory.ErrorKind
	for _, outcome := range outcomes {
		kinds = append(kinds, directory.KindOf(outcome.Err))
		if directory.OutcomeUnknown(outcome.Err) {
			t.Errorf("unknown: %+v", outcome)
		}
	}
	if diff := cmp.Diff([]directory.ErrorKind{"conflict", "", "not_found", "", "", ""}, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	if outcomes[5].Target == "" || !target.holding(t, made[0].Target, "title")["title"].Equal(text("Dr")) {
		t.Errorf("%+v", outcomes)
	}
	// Nobody is taken for gone who was not looked for, the first time at least.
	if !slices.Equal(target.requests, []string{"POST /scim/v2/Bulk", "GET /scim/v2/Users/nobody", "GET /scim/v2/Users/" + string(made[1].Target)}) {
		t.Errorf("requests %q", target.requests)
	}
}

// withoutLooks are the requests but for those that read one account.
func withoutLooks(requests []string) []string {
	return slices.DeleteFunc(slices.Clone(requests), func(request string) bool { return strings.HasPrefix(request, "GET /scim/v2/Users/") })
}

// TestBulkSwitched: without need, announcement or permission there is none.
func TestBulkSwitched(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		target   *picky
		change   func(*scim.Options)
		creates  int
		requests int
	}{
		{"one operation", bulky(40), nil, 1, 1},
		{"not announced", bulky(0), nil, 5, 6},
		{"one at a time", bulky(1), nil, 5, 6},
		{"switched off", bulky(40), func(o *scim.Options) { o.Bulk = "off" }, 5, 5},
		{"learned", bulky(40), func(o *scim.Options) { o.Learned = []byte(`{"version":1,"learned":[{"topic":"bulk","form":"off"}]}`) }, 5, 5},
		{"used, and a new account looked at", bulky(40), nil, 5, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, outcome := range test.target.connect(t, test.change).Apply(t.Context(), creates(test.creates)) {
				if outcome.Err != nil {
					t.Error(outcome.Err)
				}
			}
			if n := test.target.reset(); n != test.requests {
				t.Errorf("%d requests, want %d", n, test.requests)
			}
		})
	}
	_, err := scim.New(scim.Options{BaseURL: "https://a.example", Bulk: "always"})
	if directory.KindOf(err) != directory.Invalid || err.Error() != `bulk "always" is not known; use auto or off` {
		t.Error(err)
	}
}

// TestBulkRefused: a target that announces bulk and refuses it is remembered; everything goes alone, but for accounts that may have been
// made: a target may refuse a whole request because of one operation, and do others.
func TestBulkRefused(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 403, 404, 405, 406, 410, 413, 415, 422, 501} {
		target := bulky(40)
		target.before = func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/Bulk") {
				scimError(w, status, "")
				return true
			}
			return false
		}
		c := target.connect(t, nil)
		user := createUser(t, c, values{"userName": text("ada")})
		target.reset()
		doubtful, requests := status == 400 || status == 422, 2+3
		if doubtful {
			requests = 2 + 1
		}
		update := connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: user, Changes: changesOf(values{"title": text("Dr")})}
		for i, outcome := range c.Apply(t.Context(), append(creates(2), update)) {
			if unknown := doubtful && i < 2; (outcome.Err != nil) != unknown || directory.OutcomeUnknown(outcome.Err) != unknown {
				t.Errorf("%d, %d: %+v", status, i, outcome)
			}
		}
		if n := target.reset(); n != requests || !slices.Equal(facts(c), []string{"bulk requests: off"}) {
			t.Errorf("%d: %d requests, learned %q", status, n, facts(c))
		}
	}
}

// TestBulkAnswers: what is said of an operation counts, and silence is not success.
func TestBulkAnswers(t *testing.T) {
	t.Parallel()
	// The outcome of a create and of an update: its kind, ? for unknown.
	for _, test := range []struct{ name, answer, create, update string }{
		{"both", `{"Operations":[{"bulkId":"b0","method":"POST","status":"201","location":"/Users/n"},{"bulkId":"b1","status":"204"}]}`, "n", ""},
		{"in another order, statuses as numbers and objects", `{"Operations":[{"bulkId":"b1","status":{"code":204}},{"bulkId":"b0","status":201,"location":"https://x/scim/v2/Users/n"}]}`, "n", ""},
		{"places behind a gateway", `{"Operations":[{"bulkId":"b0","status":"201","location":"https://x/Users/7/scim/v2/Users/n"},{"bulkId":"b1","status":"204"}]}`, "n", ""},
		{"the update by its place", `{"operations":[{"method":"patch","status":"200 OK","location":"/scim/v2/Users/u%2F1"},{"bulkId":"b0","status":"201","response":{"id":"n","userName":"user 0"}}]}`, "n", ""},
		{"a create without bulkId", `{"Operations":[{"method":"POST","status":"201","location":"/Users/n"},{"bulkId":"b1","status":"204"}]}`, "incompatible?", ""},
		{"nothing about the update", `{"Operations":[{"bulkId":"b0","status":"201","location":"/Users/n"}]}`, "n", "incompatible?"},
		{"a status nobody can read", `{"Operations":[{"bulkId":"b0","status":"201","location":"/Users/n"},{"bulkId":"b1","status":"done"}]}`, "n", "incompatible?"},
		{"two answers for one", `{"Operations":[{"bulkId":"b0","status":"409"},{"bulkId":"b0","status":"201","location":"/Users/n"},{"bulkId":"b1","status":"204"}]}`, "incompatible?", ""},
		{"refused", `{"Operations":[{"bulkId":"b0","status":"409"},{"bulkId":"b1","status":"404"}]}`, "conflict", "not_found"},
		{"a fault inside", `{"Operations":[{"bulkId":"b0","status":"500"},{"bulkId":"b1","status":"500"}]}`, "transient?", "transient?"},
		{"somebody else", `{"Operations":[{"bulkId":"b0","status":"201","location":"/Users/s","response":{"id":"s","userName":"somebody"}},{"bulkId":"b1","status":"200","response":{"id":"s"}}]}`, "incompatible?", "incompatible?"},
		{"no list", `{"schemas":[]}`, "incompatible?", "incompatible?"},
		{"cut off", `{"Operations":[{"bulkId":"b0"`, "incompatible?", "incompatible?"},
		{"HTML", `<html>`, "incompatible?", "incompatible?"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var sent []any
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/scim+json")
				switch {
				case strings.HasSuffix(r.URL.Path, "/ServiceProviderConfig"):
					_, _ = io.WriteString(w, `{"bulk":{"supported":true,"maxOperations":10,"maxPayloadSize":100000}}`)
				case strings.HasSuffix(r.URL.Path, "/Bulk"):
					var body struct {
						FailOnErrors *int
						Operations   []any
					}
					if json.NewDecoder(r.Body).Decode(&body) != nil || body.FailOnErrors != nil {
						t.Error("the request")
					}
					sent = body.Operations
					_, _ = io.WriteString(w, test.answer)
				case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/n"):
					_, _ = io.WriteString(w, `{"id":"n","userName":"user 0"}`)
				case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/s"):
					_, _ = io.WriteString(w, `{"id":"s","userName":"somebody"}`)
				case r.Method == http.MethodGet:
					_, _ = io.WriteString(w, `{"totalResults":0}`)
				default:
					t.Errorf("%s %s: an operation is repeated", r.Method, r.URL.Path)
				}
			})
			update := connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: "u/1", Changes: changesOf(values{"title": text("Dr")})}
			outcomes := c.Apply(t.Context(), append(creates(1), update))
			for i, want := range []string{test.create, test.update} {
				got := string(directory.KindOf(outcomes[i].Err))
				if directory.OutcomeUnknown(outcomes[i].Err) {
					got += "?"
				}
				if outcomes[i].Err == nil && i == 0 {
					got = string(outcomes[i].Target)
				}
				if got != want {
					t.Errorf("operation %d: %s (%v), want %s", i, got, outcomes[i].Err, want)
				}
			}
			want := []any{
				map[string]any{"method": "POST", "bulkId": "b0", "path": "/Users", "data": map[string]any{"schemas": []any{"urn:ietf:params:scim:schemas:core:2.0:User"},
					"meta": map[string]any{"resourceType": "User"}, "userName": "user 0"}},
				map[string]any{"method": "PATCH", "bulkId": "b1", "path": "/Users/u%2F1", "data": map[string]any{"schemas": []any{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
					"Operations": []any{map[string]any{"op": "add", "path": "title", "value": "Dr"}}}},
			}
			if diff := cmp.Diff(want, sent); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBulkLadder: an operation that is refused goes alone, in another form.
func TestBulkLadder(t *testing.T) {
	t.Parallel()
	target := bulky(40)
	c := target.connect(t, func(o *scim.Options) { o.Profile = "entra" })
	made := c.Apply(t.Context(), creates(2))
	operations := make([]connector.Operation, 2)
	for i, outcome := range made {
		operations[i] = connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: outcome.Target, Changes: changesOf(values{"active": directory.Boolean(false)})}
	}
	for i, outcome := range c.Apply(t.Context(), operations) {
		if outcome.Err != nil || !target.holding(t, made[i].Target, "active")["active"].Equal(directory.Boolean(false)) {
			t.Errorf("%+v", outcome)
		}
	}
	target.reset()
	for i := range operations {
		operations[i].Changes = changesOf(values{"active": directory.Boolean(true)})
	}
	c.Apply(t.Context(), operations)
	if n := target.reset(); n != 1 {
		t.Errorf("%d requests for what is known", n)
	}
}
