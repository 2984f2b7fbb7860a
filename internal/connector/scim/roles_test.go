package scim_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

const (
	primaryRole = `roles[primary eq "True"].value`
	roleDisplay = `roles[primary eq "True"].display`
	labels      = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User:labels"
	newsletter  = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User:newsletter"
)

func list(elements ...directory.Value) directory.Value { return directory.List(elements...) }

// assigned is an app-role assignment as AppRoleAssignmentsComplex yields it (mappings-and-scoping.md 9.2).
func assigned(id, value, name string) directory.Value {
	return text(`{"id":"` + id + `","value":"` + value + `","displayName":"` + name + `"}`)
}

func canonicalChange(t *testing.T, c connector.Connector, attribute string, value directory.Value) connector.Change {
	t.Helper()
	made, err := c.Canonical(directory.User, attribute, value)
	if err != nil {
		t.Fatal(err)
	}
	return set(attribute, made)
}

// stored asks the wiki itself for attributes of a user.
func (w *wiki) stored(t *testing.T, anchor directory.Anchor, attributes ...string) map[string]any {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/scim/v2/Users/"+string(anchor), nil)
	request.Header.Set("Authorization", "Bearer "+token)
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, request)
	all, kept := map[string]any{}, map[string]any{}
	if err := json.Unmarshal(recorder.Body.Bytes(), &all); err != nil {
		t.Fatal(err)
	}
	for _, attribute := range attributes {
		kept[attribute] = all[attribute]
	}
	return kept
}

func (w *wiki) write(t *testing.T, operation connector.Operation) directory.Anchor {
	t.Helper()
	operation.Type = directory.User
	outcome := w.Apply(t.Context(), []connector.Operation{operation})[0]
	if outcome.Err != nil {
		t.Fatal(outcome.Err)
	}
	return outcome.Target
}

func (w *wiki) read(t *testing.T, anchor directory.Anchor, attributes ...string) values {
	t.Helper()
	account, err := w.Get(t.Context(), directory.User, anchor, attributes)
	if err != nil {
		t.Fatal(err)
	}
	return account.Attributes
}

func wireRole(value, name string) map[string]any {
	return map[string]any{"value": value, "display": name, "type": "WindowsAzureActiveDirectoryRole", "primary": false}
}

// TestRoleFunctions: what the role functions yield is written as the documented objects, and comes back in the same
// canonical form, so that nothing is written when nothing changed (mappings-and-scoping.md 9).
func TestRoleFunctions(t *testing.T) {
	t.Parallel()
	w := newWiki(t)
	wanted := canonicalChange(t, w, "roles", list(assigned("0-1", "admin", "Administrator"), assigned("0-2", "reader", "Reader")))
	anchor := w.write(t, connector.Operation{ID: "c", Kind: connector.Create, Changes: []connector.Change{wanted, set("userName", text("ada"))}})
	steps := []struct {
		what   string
		change connector.Change
		want   []any
	}{
		{"created", connector.Change{}, []any{wireRole("admin", "Administrator"), wireRole("reader", "Reader")}},
		{"added", connector.Change{Value: list(assigned("0-2", "reader", "Reader"), assigned("0-3", "writer", "Writer")), Add: true},
			[]any{wireRole("admin", "Administrator"), wireRole("reader", "Reader"), wireRole("writer", "Writer")}},
		{"asserted", connector.Change{Value: list(assigned("0-3", "writer", "Writer"))}, []any{wireRole("writer", "Writer")}},
		{"none left", connector.Change{Value: list()}, nil},
	}
	for i, step := range steps {
		if i > 0 {
			change := canonicalChange(t, w, "roles", step.change.Value)
			change.Add = step.change.Add
			w.write(t, connector.Operation{ID: step.what, Kind: connector.Update, Target: anchor, Changes: []connector.Change{change},
				Current: w.read(t, anchor, "roles")})
			wanted = change
		}
		var want any
		if step.want != nil {
			want = step.want
		}
		if diff := cmp.Diff(map[string]any{"roles": want}, w.stored(t, anchor, "roles")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.what, diff)
		}
		if got := w.read(t, anchor, "roles")["roles"]; !wanted.Add && !got.Equal(wanted.Value) {
			t.Errorf("%s: reads back as %s, want %s", step.what, got, wanted.Value)
		}
	}
}

// TestSingleRole: SingleAppRoleAssignment has one element, which is made, made later, changed and taken away.
func TestSingleRole(t *testing.T) {
	t.Parallel()
	w := newWiki(t)
	ada := w.write(t, connector.Operation{ID: "1", Kind: connector.Create, Changes: []connector.Change{
		set(roleDisplay, text("Administrator")), set(primaryRole, text("admin")), set("userName", text("ada"))}})
	bob := w.write(t, connector.Operation{ID: "2", Kind: connector.Create, Changes: []connector.Change{
		set("roles", list(text("guest"), text("reader"))), set("userName", text("bob"))}})
	element := func(value, name string) map[string]any {
		return map[string]any{"primary": true, "value": value, "display": name}
	}
	foreign := []any{map[string]any{"value": "guest"}, map[string]any{"value": "reader"}}
	both := func(name, value string) []connector.Change {
		return []connector.Change{set(roleDisplay, text(name)), set(primaryRole, text(value))}
	}
	for _, step := range []struct {
		what    string
		anchor  directory.Anchor
		current values
		changes []connector.Change
		want    []any
	}{
		{"another role", ada, values{primaryRole: text("admin"), roleDisplay: text("Administrator")}, both("Writer", "writer"), []any{element("writer", "Writer")}},
		{"the first one, beside others", bob, nil, both("Writer", "writer"), append(foreign, element("writer", "Writer"))},
		{"removed", bob, values{primaryRole: text("writer"), roleDisplay: text("Writer")},
			[]connector.Change{set(roleDisplay, directory.Null()), set(primaryRole, directory.Null())}, foreign},
		{"what is known is out of date: the element is gone", bob, values{primaryRole: text("writer"), roleDisplay: text("Writer")},
			both("Owner", "owner"), append(foreign, element("owner", "Owner"))},
	} {
		w.write(t, connector.Operation{ID: step.what, Kind: connector.Update, Target: step.anchor, Changes: step.changes, Current: step.current})
		if diff := cmp.Diff(map[string]any{"roles": step.want}, w.stored(t, step.anchor, "roles")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.what, diff)
		}
	}
	found, err := w.Find(t.Context(), connector.Query{Type: directory.User, Attribute: primaryRole, Value: text("owner")})
	if err != nil || len(found) != 1 || found[0].Anchor != bob {
		t.Errorf("found %v (%v), want %s", found, err, bob)
	}
	found, err = w.Find(t.Context(), connector.Query{Type: directory.User, Attribute: "roles", Value: text("reader")})
	if err != nil || len(found) != 1 || found[0].Anchor != bob {
		t.Errorf("found %v (%v) by one of several roles, want %s", found, err, bob)
	}
}

// TestPrimaryMoves: a target that has a primary role of its own gives the mark to the one that is added.
func TestPrimaryMoves(t *testing.T) {
	t.Parallel()
	w := newWiki(t)
	anchor := w.write(t, connector.Operation{ID: "1", Kind: connector.Create, Changes: []connector.Change{
		set(primaryRole, text("guest")), set("userName", text("ada"))}})
	// The primary role is known, so its value is replaced; unknown, a primary element is added.
	w.write(t, connector.Operation{ID: "2", Kind: connector.Update, Target: anchor, Changes: []connector.Change{set(primaryRole, text("admin"))}})
	want := map[string]any{"roles": []any{map[string]any{"primary": false, "value": "guest"}, map[string]any{"primary": true, "value": "admin"}}}
	if diff := cmp.Diff(want, w.stored(t, anchor, "roles")); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
	if got := w.read(t, anchor, primaryRole)[primaryRole]; !got.Equal(text("admin")) {
		t.Errorf("the primary role is %s", got)
	}
}

// TestExtensionLists: an attribute no RFC knows takes several simple values.
func TestExtensionLists(t *testing.T) {
	t.Parallel()
	w := newWiki(t)
	ab, bc := list(text("a"), text("b")), list(text("b"), text("c"))
	anchor := w.write(t, connector.Operation{ID: "1", Kind: connector.Create, Changes: []connector.Change{
		set(labels, ab), set(newsletter, directory.Boolean(true)), set("userName", text("ada"))}})
	for _, step := range []struct {
		what   string
		change connector.Change
		want   directory.Value
	}{
		{"created", connector.Change{}, ab},
		{"added", connector.Change{Attribute: labels, Value: bc, Add: true}, list(text("a"), text("b"), text("c"))},
		{"one added", connector.Change{Attribute: labels, Value: text("d"), Add: true}, list(text("a"), text("b"), text("c"), text("d"))},
		{"replaced", set(labels, bc), bc},
		{"cleared", set(labels, directory.Null()), directory.Null()},
		{"added to nothing", connector.Change{Attribute: labels, Value: ab, Add: true}, ab},
	} {
		if step.change.Attribute != "" {
			w.write(t, connector.Operation{ID: step.what, Kind: connector.Update, Target: anchor, Changes: []connector.Change{step.change},
				Current: w.read(t, anchor, labels)})
		}
		if got := w.read(t, anchor, labels, newsletter); !got[labels].Equal(step.want) || !got[newsletter].Equal(directory.Boolean(true)) {
			t.Errorf("%s: got %v, want %s", step.what, got, step.want)
		}
	}
}

// TestDecoratedElements: a role that the server has decorated is not added once more.
func TestDecoratedElements(t *testing.T) {
	t.Parallel()
	var patches int
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			patches++
		}
		w.Header().Set("Content-Type", "application/scim+json")
		_, _ = w.Write([]byte(`{"id":"u1","roles":[{"value":"admin","$ref":"https://app.example/roles/1","id":7}]}`))
	})
	account, err := c.Get(t.Context(), directory.User, "u1", []string{"roles"})
	if diff := cmp.Diff(values{"roles": list(text("admin"))}, account.Attributes); err != nil || diff != "" {
		t.Fatalf("error %v (-want +got):\n%s", err, diff)
	}
	change := canonicalChange(t, c, "roles", list(assigned("0-1", "admin", "Administrator")))
	change.Add = true
	outcome := c.Apply(t.Context(), []connector.Operation{{ID: "a", Kind: connector.Update, Type: directory.User, Target: "u1",
		Changes: []connector.Change{change}, Current: account.Attributes}})[0]
	if outcome.Err != nil || patches != 0 {
		t.Errorf("%d requests, error %v", patches, outcome.Err)
	}
}

// TestStaleKnowledge: a target that says noTarget is read, and asked once more; when that changes nothing, the refusal stands, whatever it answers to
// another form: the attribute is not written.
func TestStaleKnowledge(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, account string
		patches       int
		refused       bool
	}{
		{"the element is gone", `{"id":"u1"}`, 2, false},
		{"the target contradicts itself", `{"id":"u1","emails":[{"type":"work","value":"a@b"}]}`, 2, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var bodies []patchBody
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/scim+json")
				if r.Method == http.MethodGet {
					_, _ = w.Write([]byte(test.account))
					return
				}
				var body patchBody
				if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
					t.Error(err)
				}
				if bodies = append(bodies, body); len(bodies) == 1 {
					w.WriteHeader(http.StatusBadRequest)
					_, _ = w.Write([]byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"noTarget"}`))
					return
				}
				w.WriteHeader(http.StatusNoContent)
			})
			outcome := c.Apply(t.Context(), []connector.Operation{{ID: "a", Kind: connector.Update, Type: directory.User, Target: "u1",
				Changes: []connector.Change{set(workEmail, text("new@b"))}, Current: values{workEmail: text("old@b")}}})[0]
			if outcome.Err != nil || slices.Equal(outcome.Unwritten, []string{workEmail}) != test.refused || len(bodies) != test.patches {
				t.Fatalf("%d requests, %+v", len(bodies), outcome)
			}
			if test.refused {
				return
			}
			want := []any{map[string]any{"op": "add", "path": "emails", "value": []any{map[string]any{"type": "work", "value": "new@b"}}}}
			if diff := cmp.Diff(want, bodies[1].Operations); diff != "" {
				t.Errorf("second request (-want +got):\n%s", diff)
			}
		})
	}
}

type patchBody struct{ Operations []any }

func serve(t *testing.T, handler http.HandlerFunc) *scim.Connector {
	t.Helper()
	c, err := scim.New(scim.Options{BaseURL: "http://localhost/scim", BearerToken: secret.New(token), RateLimit: unlimited, Transport: handlerTransport{handler}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
