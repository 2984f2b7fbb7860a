package scim_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// TestLadderOfReferences: a target that takes one form of a reference gets it, to set, to change and to remove it (scim-client.md 9;
// 17, row 9).
func TestLadderOfReferences(t *testing.T) {
	t.Parallel()
	lowerNames := func(o *scim.Options) {
		o.Learned = []byte(`{"version":1,"learned":[{"topic":"patch.operations","form":"lower-case"}]}`)
	}
	// asText takes a manager as text, and asObject as an object; emptied and removed say how it is taken away.
	asText := func(o operationJSON) bool { _, text := o["value"].(string); return text }
	asObject := func(o operationJSON) bool { _, object := o["value"].(map[string]any); return object }
	emptied := func(o operationJSON) bool { return o["op"] == "replace" && o["value"] == "" }
	removed := func(o operationJSON) bool { return o["op"] == "remove" }
	for _, test := range []struct {
		name, profile string
		set, unset    func(operationJSON) bool
		facts         []string
	}{
		{"as it is", "rfc", asObject, removed, nil},
		{"as it is", "entra", asText, emptied, nil},
		{"as it is", "entra-compliant", asText, emptied, nil},
		{"as text, emptied", "rfc", asText, emptied, []string{"references: texts", "removing a reference: empty text"}},
		{"as text, removed", "rfc", asText, removed, []string{"references: texts"}},
		{"as object, emptied", "entra", asObject, emptied, []string{"references: objects"}},
		{"as object, removed", "entra-compliant", asObject, removed, []string{"references: objects", "removing a reference: remove"}},
	} {
		t.Run(test.profile+" "+test.name, func(t *testing.T) {
			t.Parallel()
			target := newPicky()
			target.judge = func(o operationJSON) string {
				if o["path"] != manager {
					return ""
				}
				removes := removed(o) || o["value"] == ""
				if removes && !test.unset(o) || !removes && !test.set(o) {
					return "invalidValue"
				}
				if removes {
					delete(o, "value")
					o["op"] = "remove"
				} else if text, isText := o["value"].(string); isText {
					o["value"] = map[string]any{"value": text}
				}
				return ""
			}
			c := target.connect(t, func(o *scim.Options) { o.Profile = test.profile; lowerNames(o) })
			boss, chief := createUser(t, c, values{"userName": text("boss")}), createUser(t, c, values{"userName": text("chief")})
			current := directory.Null()
			for _, user := range []string{"ada", "bob"} {
				anchor := createUser(t, c, values{"userName": text(user)})
				for _, value := range []directory.Value{text(string(boss)), text(string(chief)), directory.Null()} {
					target.reset()
					outcome := one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: anchor,
						Changes: changesOf(values{manager: value}), Current: values{manager: current}})
					current = value
					if outcome.Err != nil || outcome.Unwritten != nil || !target.holding(t, anchor, manager)[manager].Equal(value) {
						t.Fatalf("%s: %+v, want %s", user, outcome, value)
					}
					if n := target.reset(); user == "bob" && n != 1 {
						t.Errorf("%d requests for what is known", n)
					}
				}
			}
			learned := slices.DeleteFunc(facts(c), func(fact string) bool { return strings.HasPrefix(fact, "operation names") })
			if !slices.Equal(learned, test.facts) {
				t.Errorf("learned %q, want %q", learned, test.facts)
			}
		})
	}
}

// TestLadderOfRoles: a boolean inside a filter, and a role as a text, go in the form the target takes (scim-client.md 9; 17, row 13).
func TestLadderOfRoles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, profile string
		judge         func(operationJSON) string
		changes       [2]connector.Change
		current       [2]values
		want          [2]values
		facts         []string
	}{
		{"an unquoted boolean", "entra", func(o operationJSON) string {
			if strings.Contains(o["path"].(string), `"True"`) {
				return "invalidFilter"
			}
			return ""
		}, [2]connector.Change{set(primaryRole, text("reader")), set(primaryRole, text("writer"))},
			[2]values{{primaryRole: text("admin")}, {primaryRole: text("reader")}}, [2]values{{primaryRole: text("reader")}, {primaryRole: text("writer")}},
			[]string{"booleans inside a filter: booleans"}},
		{"a quoted boolean", "rfc", func(o operationJSON) string {
			path := o["path"].(string)
			if o["path"] = strings.ReplaceAll(path, `"True"`, "true"); o["path"] == path {
				return "invalidPath"
			}
			return ""
		}, [2]connector.Change{set(primaryRole, text("reader")), set(primaryRole, text("writer"))},
			[2]values{{primaryRole: text("admin")}, {primaryRole: text("reader")}}, [2]values{{primaryRole: text("reader")}, {primaryRole: text("writer")}},
			[]string{"booleans inside a filter: texts"}},
		{"roles as objects", "entra", func(o operationJSON) string {
			for _, element := range o["value"].([]any) {
				if value, _ := element.(map[string]any)["value"].(string); strings.HasPrefix(value, "{") {
					return "invalidValue"
				}
			}
			return ""
		}, [2]connector.Change{{Attribute: "roles", Value: list(role("reader", "Reader")), Add: true}, {Attribute: "roles", Value: list(role("writer", "Writer")), Add: true}},
			[2]values{{}, {"roles": list(role("reader", "Reader"))}},
			[2]values{{"roles": list(role("reader", "Reader"))}, {"roles": list(role("reader", "Reader"), role("writer", "Writer"))}},
			[]string{"roles in PATCH: objects"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			target := newPicky()
			target.judge = test.judge
			c := target.connect(t, func(o *scim.Options) {
				o.Profile, o.Learned = test.profile, []byte(`{"version":1,"learned":[{"topic":"patch.operations","form":"lower-case"}]}`)
			})
			user := createUser(t, c, merged(values{"userName": text("ada")}, test.current[0]))
			for i, change := range test.changes {
				target.reset()
				outcome := one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: user, Changes: []connector.Change{change}, Current: test.current[i]})
				if outcome.Err != nil || outcome.Unwritten != nil {
					t.Fatalf("%+v", outcome)
				}
				if n := target.reset(); i == 1 && n != 1 {
					t.Errorf("%d requests for what is known", n)
				}
				if diff := cmp.Diff(test.want[i], target.holding(t, user, change.Attribute)); diff != "" {
					t.Errorf("account (-want +got):\n%s", diff)
				}
			}
			learned := slices.DeleteFunc(facts(c), func(fact string) bool { return strings.HasPrefix(fact, "operation names") })
			if !slices.Equal(learned, test.facts) {
				t.Errorf("learned %q, want %q", learned, test.facts)
			}
		})
	}
}

// TestLadderOfPaths: a target that answers 404 because a path leads nowhere has the account, and gets it in the form it takes; one that
// says the same of an account that is gone has not.
func TestLadderOfPaths(t *testing.T) {
	t.Parallel()
	for _, scimType := range []string{"noTarget", "invalidPath"} {
		target := newPicky()
		target.judge = func(o operationJSON) string {
			if o["op"] == "add" && o["path"] == workEmail {
				return scimType
			}
			return ""
		}
		c := (&picky{Handler: notFound{target}}).connect(t, func(o *scim.Options) {
			o.Profile, o.Learned = "entra", []byte(`{"version":1,"learned":[{"topic":"patch.operations","form":"lower-case"}]}`)
		})
		user := createUser(t, c, values{"userName": text("ada")})
		update := connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: user, Changes: changesOf(values{"title": text("Dr")})}
		one(t, c, update) // from now on the names of the operations are known
		update.Changes = changesOf(values{workEmail: text("a@b")})
		if outcome := one(t, c, update); outcome.Err != nil || outcome.Unwritten != nil || !target.holding(t, user, workEmail)[workEmail].Equal(text("a@b")) {
			t.Errorf("%s: %+v", scimType, outcome)
		}
		if want := "new elements in PATCH: whole"; !slices.Contains(facts(c), want) {
			t.Errorf("%s: learned %q", scimType, facts(c))
		}
		update.Target = "nobody"
		if outcome := one(t, c, update); directory.KindOf(outcome.Err) != directory.NotFound {
			t.Errorf("%s: %+v", scimType, outcome)
		}
	}
}

// notFound answers 404 where 400 belongs.
type notFound struct{ *picky }

func (n notFound) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.picky.ServeHTTP(badStatus{w}, r)
}

type badStatus struct{ http.ResponseWriter }

func (b badStatus) WriteHeader(status int) {
	if status == http.StatusBadRequest {
		status = http.StatusNotFound
	}
	b.ResponseWriter.WriteHeader(status)
}

// TestLadderOfSizes: an update that is too large goes attribute by attribute, and one that is too large alone is left out; no other form
// is smaller.
func TestLadderOfSizes(t *testing.T) {
	t.Parallel()
	target := newPicky()
	patches := 0
	target.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPatch {
			return false
		}
		patches++
		if len(readBody(t, r)) > 400 {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return true
		}
		return false
	}
	c := target.connect(t, nil)
	user := createUser(t, c, values{"userName": text("ada")})
	outcome := one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: user,
		Changes: changesOf(values{"title": text(strings.Repeat("t", 200)), "nickName": text(strings.Repeat("n", 200)), "displayName": text(strings.Repeat("d", 500))})})
	if outcome.Err != nil || !slices.Equal(outcome.Unwritten, []string{"displayName"}) || patches != 4 {
		t.Errorf("%d patches, %+v", patches, outcome)
	}
	if held := target.holding(t, user, "title", "nickName", "displayName"); len(held) != 2 {
		t.Errorf("%v", held)
	}
}
