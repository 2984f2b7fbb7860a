package scim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// operationJSON is one operation of a PATCH.
type operationJSON = map[string]any

// picky is a wiki behind something that has ideas of its own about PATCH.
type picky struct {
	http.Handler
	// judge changes an operation into one the wiki takes, or refuses it with a scimType.
	judge func(operationJSON) (scimType string)
	// ignore says that an operation is answered with success and not done.
	ignore func(operationJSON) bool
	// before answers requests by itself when it returns true.
	before func(w http.ResponseWriter, r *http.Request) bool

	mu       sync.Mutex
	requests []string
}

func newPicky() *picky { return &picky{Handler: wikiapp.New(wikiapp.Options{Token: token})} }

func (p *picky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.requests = append(p.requests, r.Method+" "+r.URL.Path)
	p.mu.Unlock()
	if p.before != nil && p.before(w, r) {
		return
	}
	if r.Method == http.MethodPatch {
		var body struct {
			Schemas    []string
			Operations []operationJSON
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			panic(err)
		}
		kept := []operationJSON{}
		for _, operation := range body.Operations {
			if p.judge != nil {
				if scimType := p.judge(operation); scimType != "" {
					scimError(w, http.StatusBadRequest, scimType)
					return
				}
			}
			if p.ignore == nil || !p.ignore(operation) {
				kept = append(kept, operation)
			}
		}
		if body.Operations = kept; len(kept) == 0 {
			r.Method, r.Body = http.MethodGet, http.NoBody
		} else {
			encoded, _ := json.Marshal(map[string]any{"schemas": body.Schemas, "Operations": body.Operations})
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(encoded)), int64(len(encoded))
		}
	}
	p.Handler.ServeHTTP(w, r)
}

func scimError(w http.ResponseWriter, status int, scimType string) {
	w.Header().Set("Content-Type", "application/scim+json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"%d","scimType":%q}`, status, scimType)
}

// reset forgets the requests and returns how many there were.
func (p *picky) reset() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.requests)
	p.requests = nil
	return n
}

func (p *picky) connect(t *testing.T, change func(*scim.Options)) *scim.Connector {
	t.Helper()
	options := scim.Options{BaseURL: "http://localhost:1/scim/v2", BearerToken: secret.New(token), RateLimit: unlimited, Transport: handlerTransport{p}}
	if change != nil {
		change(&options)
	}
	c, err := scim.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func one(t *testing.T, c connector.Connector, operation connector.Operation) connector.Outcome {
	t.Helper()
	return c.Apply(t.Context(), []connector.Operation{operation})[0]
}

func createUser(t *testing.T, c connector.Connector, v values) directory.Anchor {
	t.Helper()
	operation := connector.Operation{ID: "c", Kind: connector.Create, Type: directory.User, Changes: changesOf(v)}
	outcome := one(t, c, operation)
	if outcome.Err != nil || outcome.Target == "" {
		t.Fatal(outcome)
	}
	return outcome.Target
}

func changesOf(v values) []connector.Change {
	var changes []connector.Change
	for attribute, value := range v {
		changes = append(changes, connector.Change{Attribute: attribute, Value: value, Reference: attribute == manager})
	}
	slices.SortFunc(changes, func(a, b connector.Change) int { return strings.Compare(a.Attribute, b.Attribute) })
	return changes
}

// holding reads from the wiki itself.
func (p *picky) holding(t *testing.T, user directory.Anchor, attributes ...string) values {
	t.Helper()
	behind := picky{Handler: p.Handler}
	account, err := behind.connect(t, nil).Get(t.Context(), directory.User, user, attributes)
	if err != nil {
		t.Fatal(err)
	}
	return account.Attributes
}

func facts(c *scim.Connector) []string {
	var names []string
	for _, fact := range c.Learned().Facts {
		names = append(names, fact.Name+": "+fact.Value)
	}
	return names
}

// lower gives an operation the name the wiki takes.
func lower(operation operationJSON) { operation["op"] = strings.ToLower(operation["op"].(string)) }

// TestLadder: a target that wants another form gets it, once it is found out at once, and for the next connector too.
func TestLadder(t *testing.T) {
	t.Parallel()
	yes, no := directory.Boolean(true), directory.Boolean(false)
	for _, test := range []struct {
		name    string
		profile string
		judge   func(operationJSON) string
		ignore  func(operationJSON) bool
		before  values
		write   values
		again   values
		facts   []string
	}{
		{"capitalised names", "rfc", func(o operationJSON) string {
			if o["op"] != "Replace" && o["op"] != "Add" && o["op"] != "Remove" {
				return "invalidSyntax"
			}
			lower(o)
			return ""
		}, nil, nil, values{"active": no}, values{"active": yes}, []string{"operation names in PATCH: capitalised"}},
		{"lower-case names are enough for the texts of entra", "entra", func(o operationJSON) string {
			if o["op"] == "Replace" {
				return ""
			}
			if o["value"] == "False" || o["value"] == "True" {
				o["value"] = o["value"] == "True"
			}
			return ""
		}, nil, nil, values{"active": no}, values{"active": yes}, []string{"operation names in PATCH: lower-case"}},
		{"both names and booleans", "entra", nil, nil, nil, values{"active": no}, values{"active": yes},
			[]string{"boolean values in PATCH: booleans", "operation names in PATCH: lower-case"}},
		{"booleans as texts", "rfc", func(o operationJSON) string {
			if _, boolean := o["value"].(bool); boolean {
				return "invalidValue"
			}
			if o["value"] == "False" || o["value"] == "True" {
				o["value"] = o["value"] == "True"
			}
			return ""
		}, nil, nil, values{"active": no}, values{"active": yes}, []string{"boolean values in PATCH: texts"}},
		{"nothing but replace", "rfc", func(o operationJSON) string {
			if o["op"] == "add" {
				return "" + "invalidSyntax"
			}
			return ""
		}, nil, nil, values{"title": text("Dr"), "nickName": text("A")}, values{"title": text("Prof"), "nickName": text("B"), "userType": text("x")},
			[]string{"attributes without value in PATCH: replace"}},
		{"new elements by path", "rfc", func(o operationJSON) string {
			if o["path"] == "emails" {
				return "invalidPath"
			}
			if o["op"] == "add" && o["path"] == workEmail {
				o["path"], o["value"] = "emails", []any{map[string]any{"type": "work", "value": o["value"]}}
			}
			return ""
		}, nil, nil, values{workEmail: text("a@b")}, values{workEmail: text("c@d")}, []string{"new elements in PATCH: by path"}},
		{"new elements whole", "entra-compliant", nil, nil, nil, values{workEmail: text("a@b")}, values{workEmail: text("c@d")},
			[]string{"new elements in PATCH: whole"}},
		{"no dotted keys", "entra-compliant", nil, nil, nil, values{"name.givenName": text("A"), "title": text("Dr")},
			values{"name.givenName": text("B"), "title": text("Prof")}, []string{"several attributes in PATCH: one by one"}},
		{"ignored with success: dotted keys", "entra-compliant", nil, func(o operationJSON) bool { return o["path"] == nil },
			nil, values{"name.givenName": text("A"), "title": text("Dr")}, values{"name.givenName": text("B"), "title": text("Prof")},
			[]string{"several attributes in PATCH: one by one"}},
		{"ignored with success: capitals", "entra", func(o operationJSON) string {
			if o["value"] == "False" || o["value"] == "True" {
				o["value"] = o["value"] == "True"
			}
			return ""
		}, func(o operationJSON) bool { return o["op"] != strings.ToLower(o["op"].(string)) },
			values{"active": yes}, values{"active": no}, values{"active": yes}, []string{"operation names in PATCH: lower-case"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			target := newPicky()
			target.judge, target.ignore = test.judge, test.ignore
			c := target.connect(t, func(o *scim.Options) { o.Profile = test.profile })
			test.before = merged(values{"userName": text("ada")}, test.before)
			user := createUser(t, c, test.before)
			update := func(c *scim.Connector, v, current values) {
				t.Helper()
				outcome := one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: user, Changes: changesOf(v), Current: current})
				if outcome.Err != nil || outcome.Warning != "" {
					t.Fatalf("%+v", outcome)
				}
				var names []string
				for name := range v {
					names = append(names, name)
				}
				if diff := cmp.Diff(v, target.holding(t, user, names...)); diff != "" {
					t.Errorf("account (-want +got):\n%s", diff)
				}
			}
			update(c, test.write, test.before)
			if diff := cmp.Diff(test.facts, facts(c)); diff != "" {
				t.Errorf("learned (-want +got):\n%s", diff)
			}
			if n := target.reset(); n > 2+12 {
				t.Errorf("%d requests to find out", n)
			}
			next := target.connect(t, func(o *scim.Options) { o.Profile, o.Learned = test.profile, c.Learned().Document })
			update(next, test.again, merged(test.before, test.write))
			if n := target.reset(); n != 1 {
				t.Errorf("%d requests for what is known, want 1", n)
			}
		})
	}
}

func merged(maps ...values) values {
	all := values{}
	for _, m := range maps {
		for name, value := range m {
			all[name] = value
		}
	}
	return all
}

// TestLadderLeavesOut: an attribute that the target takes in no form is left out, and everything else is written; in the end
// nothing is tried any more.
func TestLadderLeavesOut(t *testing.T) {
	t.Parallel()
	target := newPicky()
	target.judge = func(o operationJSON) string {
		if o["path"] == "title" {
			return "invalidValue"
		}
		return ""
	}
	c := target.connect(t, nil)
	user := createUser(t, c, values{"userName": text("ada")})
	target.reset()
	var requests []int
	for i := range 5 {
		name := fmt.Sprint("Ada ", i)
		outcome := one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: user,
			Changes: changesOf(values{"displayName": text(name), "nickName": text(name), "title": text("Dr")})})
		want := "written without title: PATCH /scim/v2/Users/" + string(user) + ": answered 400 (invalidValue); check the mappings against what the target accepts"
		if outcome.Err != nil || outcome.Warning != want || !slices.Equal(outcome.Unwritten, []string{"title"}) {
			t.Fatalf("%+v", outcome)
		}
		requests = append(requests, target.reset())
		if diff := cmp.Diff(values{"displayName": text(name), "nickName": text(name)}, target.holding(t, user, "displayName", "nickName", "title")); diff != "" {
			t.Errorf("account (-want +got):\n%s", diff)
		}
	}
	if c.Learned().Facts != nil {
		t.Errorf("learned %v", facts(c))
	}
	// All, read, three alone, and at first the title in another form.
	if requests[1] > 12 || requests[4] > 6 || requests[1] <= requests[4] {
		t.Errorf("requests %v", requests)
	}
	// Nothing else to write: that is no failure of the account either, unless it was to be switched off.
	outcome := one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: user, Changes: changesOf(values{"title": text("Dr")})})
	if outcome.Err != nil || !strings.HasPrefix(outcome.Warning, "nothing was written, title was refused: PATCH ") || !slices.Equal(outcome.Unwritten, []string{"title"}) {
		t.Errorf("%+v", outcome)
	}
	target.judge = func(operationJSON) string { return "invalidValue" }
	for name, change := range map[string]values{
		"switched off": {"active": directory.Boolean(false)}, "switched off and a title": {"active": directory.Boolean(false), "title": text("Dr")},
	} {
		outcome := one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: user, Changes: changesOf(change)})
		if directory.KindOf(outcome.Err) != directory.Invalid || outcome.Warning != "" || outcome.Unwritten != nil {
			t.Errorf("%s: %+v", name, outcome)
		}
	}
}

// TestLadderIsBounded: whatever a target refuses, an update ends.
func TestLadderIsBounded(t *testing.T) {
	t.Parallel()
	target := newPicky()
	target.judge = func(operationJSON) string { return "invalidSyntax" }
	for _, profile := range scim.Profiles() {
		c := target.connect(t, func(o *scim.Options) { o.Profile = profile })
		user := createUser(t, c, values{"userName": text("ada " + profile)})
		target.reset()
		v := values{"active": directory.Boolean(false), manager: directory.Null()}
		for i := range 30 {
			v[fmt.Sprintf("urn:example:acme:2.0:User:a%02d", i)] = directory.Boolean(true)
			v[fmt.Sprintf(`emails[type eq "t%02d"].value`, i)] = text("a@b")
		}
		outcome := one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: user, Changes: changesOf(v)})
		if directory.KindOf(outcome.Err) != directory.Invalid {
			t.Errorf("%+v", outcome)
		}
		if n := target.reset(); n > 45 {
			t.Errorf("%s: %d requests", profile, n)
		}
	}
}

// TestIgnoredUpdate: what is answered with success and not done is a warning that names it.
func TestIgnoredUpdate(t *testing.T) {
	t.Parallel()
	target := newPicky()
	target.ignore = func(o operationJSON) bool { return o["path"] == "title" }
	c := target.connect(t, nil)
	user := createUser(t, c, values{"userName": text("ada"), "title": text("Dr")})
	outcome := one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: user,
		Changes: changesOf(values{"displayName": text("Ada"), "title": text("Prof")}), Current: values{"title": text("Dr")}})
	if outcome.Err != nil || !slices.Equal(outcome.Unwritten, []string{"title"}) ||
		!strings.HasPrefix(outcome.Warning, "written without title: PATCH /Users: answered with success, and nothing changed") {
		t.Errorf("%+v", outcome)
	}
	if diff := cmp.Diff(values{"displayName": text("Ada"), "title": text("Dr")}, target.holding(t, user, "displayName", "title")); diff != "" {
		t.Errorf("account (-want +got):\n%s", diff)
	}
}
