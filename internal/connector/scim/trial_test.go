package scim_test

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

const trialGroup = "terraform-provider-provisioning trial group, safe to delete"

// removal says what a target does with the two forms of removing a member.
type removal struct {
	// refusesPath refuses the filtered path, in these words when there are any.
	refusesPath bool
	says        string
	// value is what removing by value does: "one", "all", "nothing", or "refused".
	value string
	// hides says that members are not delivered.
	hides bool
	// refusesGroups says that no group can be made.
	refusesGroups bool
}

// target is a wiki that removes members like that.
func (r removal) target() *picky {
	p := newPicky()
	p.judge = func(o operationJSON) string {
		path, _ := o["path"].(string)
		if !strings.EqualFold(o["op"].(string), "remove") || !strings.HasPrefix(path, "members") {
			return ""
		}
		if path != "members" {
			if r.refusesPath {
				return cmp.Or(r.says, "invalidPath")
			}
			return ""
		}
		value := o["value"].([]any)[0].(map[string]any)["value"].(string)
		delete(o, "value")
		switch r.value {
		case "one":
			o["path"] = `members[value eq "` + value + `"]`
		case "refused":
			return "invalidValue"
		}
		return ""
	}
	p.ignore = func(o operationJSON) bool {
		return o["path"] == "members" && o["op"] == "remove" && r.value == "nothing"
	}
	p.before = func(w http.ResponseWriter, request *http.Request) bool {
		switch {
		case r.refusesGroups && request.Method == http.MethodPost && strings.HasSuffix(request.URL.Path, "/Groups"):
			scimError(w, http.StatusForbidden, "")
			return true
		case r.hides && request.Method == http.MethodGet:
			query := request.URL.Query()
			query.Set("excludedAttributes", "members")
			query.Del("attributes")
			request.URL.RawQuery = query.Encode()
		}
		return false
	}
	return p
}

// TestRemoval: no form of removing members is used that may remove others too, and no trial leaves a group behind.
func TestRemoval(t *testing.T) {
	t.Parallel()
	const filtered, byValue = "removing members: by filtered path", "removing members: by value"
	for _, test := range []struct {
		name    string
		profile string
		removal removal
		// left are the members at the end, of a, b and c, when a was to be removed.
		left   string
		failed bool
		facts  []string
	}{
		{"filtered path", "rfc", removal{value: "all"}, "bc", false, nil},
		{"by value, harmless", "rfc", removal{refusesPath: true, value: "one"}, "bc", false, []string{byValue}},
		{"by value, removes all", "rfc", removal{refusesPath: true, value: "all"}, "abc", true, []string{filtered}},
		{"by value, does nothing", "rfc", removal{refusesPath: true, value: "nothing"}, "abc", true, nil},
		{"by value, refused", "rfc", removal{refusesPath: true, value: "refused"}, "abc", true, nil},
		{"as if nobody were there, by value harmless", "rfc", removal{refusesPath: true, says: "noTarget", value: "one"}, "bc", false, []string{byValue}},
		{"as if nobody were there, by value all", "rfc", removal{refusesPath: true, says: "noTarget", value: "all"}, "abc", true, []string{filtered}},
		{"members hidden", "rfc", removal{refusesPath: true, value: "one", hides: true}, "abc", true, nil},
		{"no throw-away group", "rfc", removal{refusesPath: true, value: "one", refusesGroups: true}, "abc", true, nil},
		{"preferred and harmless", "entra", removal{refusesPath: true, value: "one"}, "bc", false, []string{byValue}},
		{"preferred and removes all", "entra", removal{value: "all"}, "bc", false, []string{filtered}},
		{"preferred and not proven", "entra", removal{value: "one", hides: true}, "bc", false, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			target := test.removal.target()
			honest := (&picky{Handler: target.Handler}).connect(t, nil)
			ids := map[directory.Anchor]string{}
			var members []directory.Anchor
			for _, name := range []string{"a", "b", "c"} {
				id := createUser(t, honest, values{"userName": text(name)})
				ids[id], members = name, append(members, id)
			}
			// A trial that was cut short left its group behind, with a member.
			for _, name := range []string{trialGroup, "Staff", "terraform-provider-provisioning trial group"} {
				outcome := one(t, honest, connector.Operation{ID: "g", Kind: connector.Create, Type: directory.Group, Changes: changesOf(values{"displayName": text(name)})})
				one(t, honest, connector.Operation{ID: "m", Kind: connector.AddMembers, Type: directory.Group, Target: outcome.Target, Members: slices.Sorted(slices.Values(members))})
			}
			found, err := honest.Find(t.Context(), connector.Query{Type: directory.Group, Attribute: "displayName", Value: text("Staff")})
			if err != nil || len(found) != 1 {
				t.Fatal(found, err)
			}
			c := target.connect(t, func(o *scim.Options) {
				o.Profile, o.Learned = test.profile, []byte(`{"version":1,"learned":[{"topic":"patch.operations","form":"lower-case"}]}`)
			})
			remove := connector.Operation{ID: "r", Kind: connector.RemoveMembers, Type: directory.Group, Target: found[0].Anchor, Members: members[:1]}
			outcome := one(t, c, remove)
			if outcome.Err != nil || (len(outcome.Failed) > 0) != test.failed {
				t.Errorf("%+v", outcome)
			}
			left := func() string {
				there, err := honest.Members(t.Context(), found[0].Anchor)
				if err != nil {
					t.Fatal(err)
				}
				var names []string
				for _, member := range there {
					names = append(names, ids[member])
				}
				slices.Sort(names)
				return strings.Join(names, "")
			}
			if left() != test.left {
				t.Errorf("left: %s, want %s", left(), test.left)
			}
			learned := slices.DeleteFunc(facts(c), func(fact string) bool { return !strings.HasPrefix(fact, "removing") })
			if !slices.Equal(learned, test.facts) {
				t.Errorf("learned %q, want %q", learned, test.facts)
			}
			var groups []string
			err = honest.List(t.Context(), connector.Listing{Type: directory.Group, Attributes: []string{"displayName"}}, func(accounts []connector.Account) error {
				for _, account := range accounts {
					name, _ := account.Attributes["displayName"].Text()
					groups = append(groups, name)
				}
				return nil
			})
			want := []string{"Staff", "terraform-provider-provisioning trial group"}
			if test.name == "filtered path" {
				want = append([]string{trialGroup}, want...)
			}
			if slices.Sort(groups); err != nil || !slices.Equal(slices.Sorted(slices.Values(want)), groups) {
				t.Errorf("groups %q, %v", groups, err)
			}
			// What was learned, and that nothing was, is not found out again.
			target.reset()
			remove.Members = members[1:2]
			one(t, c, remove)
			if n := target.reset(); n > 2 {
				t.Errorf("%d requests the second time", n)
			}
		})
	}
}

// TestVerifyMembers: members that were written with success and are not there have failed, when somebody wants to know.
func TestVerifyMembers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		verify   bool
		hides    bool
		failed   bool
		requests int
	}{{"verified", true, false, true, 2}, {"not asked for", false, false, false, 1}, {"cannot be", true, true, false, 2}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			target := removal{hides: test.hides}.target()
			honest := (&picky{Handler: target.Handler}).connect(t, nil)
			ada, bob := createUser(t, honest, values{"userName": text("ada")}), createUser(t, honest, values{"userName": text("bob")})
			group := one(t, honest, connector.Operation{ID: "g", Kind: connector.Create, Type: directory.Group, Changes: changesOf(values{"displayName": text("Staff")})}).Target
			one(t, honest, connector.Operation{ID: "m", Kind: connector.AddMembers, Type: directory.Group, Target: group, Members: []directory.Anchor{bob}})
			target.ignore = func(operationJSON) bool { return true }
			c := target.connect(t, func(o *scim.Options) { o.VerifyMembers = test.verify })
			for kind, member := range map[connector.OperationKind]directory.Anchor{connector.AddMembers: ada, connector.RemoveMembers: bob} {
				target.reset()
				outcome := one(t, c, connector.Operation{ID: "m", Kind: kind, Type: directory.Group, Target: group, Members: []directory.Anchor{member}})
				if outcome.Err != nil || test.failed != slices.Equal(outcome.Failed, []directory.Anchor{member}) || test.failed != (outcome.Warning != "") {
					t.Errorf("%s: %+v", kind, outcome)
				}
				if n := target.reset(); n != test.requests {
					t.Errorf("%s: %d requests, want %d", kind, n, test.requests)
				}
			}
		})
	}
}

// TestSmallerBatches: a batch that was too large is not sent again.
func TestSmallerBatches(t *testing.T) {
	t.Parallel()
	server := memberServer(func(patch string) (int, string) {
		if strings.Count(patch, `{"value"`) > 30 {
			return http.StatusRequestEntityTooLarge, ""
		}
		return http.StatusNoContent, ""
	})
	c := server.connect(t)
	for i, want := range []int{7, 4} {
		server.requests = nil
		outcome := one(t, c, connector.Operation{ID: "m", Kind: connector.AddMembers, Type: directory.Group, Target: "g1", Members: memberIDs(0, 100)})
		if outcome.Err != nil || outcome.Failed != nil || len(server.requests) != want {
			t.Errorf("%d: %+v, %d requests, want %d", i, outcome, len(server.requests), want)
		}
	}
	if !slices.Equal(facts(c), []string{"members in one request: 25"}) {
		t.Errorf("learned %q", facts(c))
	}
}
