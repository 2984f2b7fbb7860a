package scim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// shelf holds users by id, and takes ids in addresses the way RFC 3986 has it, or not at all if they had to be escaped.
func shelf(ids []string, escapes bool) *hostile {
	gone := map[string]bool{}
	return &hostile{answer: func(w http.ResponseWriter, r *http.Request) bool {
		user := func(i int) map[string]any { return map[string]any{"id": ids[i], "userName": fmt.Sprintf("u%d", i)} }
		if _, escaped, byID := strings.Cut(r.URL.EscapedPath(), "/Users/"); byID {
			id, err := url.PathUnescape(escaped)
			for i := range ids {
				if err == nil && ids[i] == id && !gone[id] && (escapes || id == escaped) {
					if r.Method == http.MethodDelete {
						gone[id] = true
						w.WriteHeader(http.StatusNoContent)
						return true
					}
					_ = json.NewEncoder(w).Encode(user(i))
					return true
				}
			}
			w.WriteHeader(http.StatusNotFound)
			return true
		}
		attribute, literal, filtered := strings.Cut(r.URL.Query().Get("filter"), " eq ")
		var value string
		_ = json.Unmarshal([]byte(literal), &value)
		found := []any{}
		for i := range ids {
			if !filtered || user(i)[attribute] == value {
				found = append(found, user(i))
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"totalResults": len(found), "Resources": found})
		return true
	}}
}

// TestOddIDs: ids are opaque, and arrive as they are (scim-client.md 5).
func TestOddIDs(t *testing.T) {
	t.Parallel()
	ids := []string{"a/b", "a b", "a+b", "100%", "%41", "%2F", "a?b", "a#b", "ünïcödé-日本語-🙂", "a&b=c;d", `quote"back\slash`, "...", "..a", "a..", "/lead", "trail/",
		"A", "a", "line\nbreak", strings.Repeat("long", 300), "{curly}", "[1]", "~._-", "a:b@c"}
	server := shelf(ids, true)
	c := server.connect(t)
	listed := map[directory.Anchor]bool{}
	err := c.List(t.Context(), connector.Listing{Type: directory.User}, func(accounts []connector.Account) error {
		for _, account := range accounts {
			listed[account.Anchor] = true
		}
		return nil
	})
	if err != nil || len(listed) != len(ids) {
		t.Errorf("%d listed of %d: %v", len(listed), len(ids), err)
	}
	for i, id := range ids {
		account, err := c.Get(t.Context(), directory.User, directory.Anchor(id), []string{"userName"})
		if name, _ := account.Attributes["userName"].Text(); err != nil || name != fmt.Sprintf("u%d", i) {
			t.Errorf("%q: %v %v", id, account, err)
		}
		found, err := c.Find(t.Context(), connector.Query{Type: directory.User, Attribute: "userName", Value: text(fmt.Sprintf("u%d", i))})
		if err != nil || len(found) != 1 || string(found[0].Anchor) != id {
			t.Errorf("%q: %v %v", id, found, err)
		}
		outcome := c.Apply(t.Context(), []connector.Operation{{ID: "d", Kind: connector.Delete, Type: directory.User, Target: directory.Anchor(id)}})[0]
		if outcome.Err != nil {
			t.Errorf("delete %q: %v", id, outcome.Err)
		}
	}
}

// TestIDsThatCannotTravel: an id that leads elsewhere is never sent, and one that the server does not take is not "gone".
func TestIDsThatCannotTravel(t *testing.T) {
	t.Parallel()
	for _, id := range []string{".", "..", "../Groups/1", "a/../b", "a/./b", `a\..\b`, "a/..", strings.Repeat("x", 5000)} {
		server := shelf([]string{id}, true)
		c := server.connect(t)
		err := c.List(t.Context(), connector.Listing{Type: directory.User}, func([]connector.Account) error { return nil })
		if directory.KindOf(err) != directory.Incompatible || !strings.Contains(err.Error(), "cannot stand in an address") {
			t.Errorf("list %.20q: %v", id, err)
		}
		_, err = c.Find(t.Context(), connector.Query{Type: directory.User, Attribute: "userName", Value: text("u0")})
		if directory.KindOf(err) != directory.Incompatible {
			t.Errorf("find %.20q: %v", id, err)
		}
		server.requests = nil
		_, err = c.Get(t.Context(), directory.User, directory.Anchor(id), nil)
		outcomes := c.Apply(t.Context(), []connector.Operation{
			{ID: "d", Kind: connector.Delete, Type: directory.User, Target: directory.Anchor(id)},
			{ID: "u", Kind: connector.Update, Type: directory.User, Target: directory.Anchor(id), Changes: []connector.Change{set("title", text("x"))}},
		})
		if directory.KindOf(err) != directory.NotFound || directory.KindOf(outcomes[0].Err) != directory.NotFound || directory.KindOf(outcomes[1].Err) != directory.NotFound {
			t.Errorf("%.20q: %v %v", id, err, outcomes)
		}
		for _, request := range server.requests {
			if request != "GET /scim/ServiceProviderConfig" {
				t.Errorf("%.20q: %.100s", id, request)
			}
		}
	}
	c := shelf([]string{"a/b", "plain"}, false).connect(t)
	_, err := c.Get(t.Context(), directory.User, "a/b", nil)
	if directory.KindOf(err) != directory.Incompatible || !strings.Contains(err.Error(), "cannot take the characters of its own ids") {
		t.Error(err)
	}
	outcomes := c.Apply(t.Context(), []connector.Operation{{ID: "d", Kind: connector.Delete, Type: directory.User, Target: "a/b"}})
	if directory.KindOf(outcomes[0].Err) != directory.Incompatible {
		t.Errorf("nobody was deleted, and yet: %v", outcomes[0])
	}
	for _, gone := range []directory.Anchor{"a/c", "other"} {
		if outcome := c.Apply(t.Context(), []connector.Operation{{ID: "d", Kind: connector.Delete, Type: directory.User, Target: gone}})[0]; outcome.Err != nil {
			t.Error(gone, outcome.Err)
		}
		if _, err := c.Get(t.Context(), directory.User, gone, nil); directory.KindOf(err) != directory.NotFound {
			t.Error(gone, err)
		}
	}
}

// TestWhoIsWho: what says of itself that it is somebody else is never taken.
func TestWhoIsWho(t *testing.T) {
	t.Parallel()
	list := func(t *testing.T, c *scim.Connector) error {
		return c.List(t.Context(), connector.Listing{Type: directory.User, Attributes: []string{"userName"}}, func([]connector.Account) error { return nil })
	}
	find := func(t *testing.T, c *scim.Connector) error {
		_, err := c.Find(t.Context(), connector.Query{Type: directory.User, Attribute: "userName", Value: text("ada")})
		return err
	}
	get := func(t *testing.T, c *scim.Connector) error {
		_, err := c.Get(t.Context(), directory.User, "1", nil)
		return err
	}
	// answering answers a list, and of every id the same resource.
	answering := func(page, resource string) *hostile {
		return &hostile{answer: func(w http.ResponseWriter, r *http.Request) bool {
			body := page
			if !strings.HasSuffix(r.URL.Path, "/Users") {
				body = resource
			}
			_, _ = fmt.Fprint(w, body)
			return true
		}}
	}
	const elsewhere = `{"totalResults":1,"Resources":[{"id":"1","userName":"ada","meta":{"location":"https://x.example/Users/2"}}]}`
	for _, test := range []struct {
		name    string
		server  *hostile
		do      func(*testing.T, *scim.Connector) error
		message string
	}{
		{"a renamed account answers with a new id", answering("", `{"id":"2","userName":"ada"}`), get, `with the resource with id "2"`},
		{"an id in another case", answering("", `{"id":"a1"}`), func(t *testing.T, c *scim.Connector) error {
			_, err := c.Get(t.Context(), directory.User, "A1", nil)
			return err
		}, `with the resource with id "a1"`},
		{"an id as a number", answering("", `{"id":1}`), get, ""},
		{"no id", answering("", `{"userName":"ada"}`), get, `with the resource with id ""`},
		{"an object as id", answering("", `{"id":{"value":"1"}}`), get, `with the resource with id ""`},
		{"two resources with one id", answering(`{"totalResults":2,"Resources":[{"id":"1","userName":"ada"},{"id":"1","userName":"bob"}]}`, ""), list, "two different resources of one id"},
		{"found with one id twice", answering(`{"totalResults":2,"Resources":[{"id":"1","userName":"ada"},{"id":"1","userName":"bob"}]}`, ""), find, "two different resources of one id"},
		{"one resource twice", answering(`{"totalResults":2,"Resources":[{"id":"1","userName":"ada"},{"id":"1","userName":"ada"}]}`, ""), find, ""},
		{"listed under another id", answering(elsewhere, `{"id":"1","userName":"bob"}`), list, "the list has somebody under the id of somebody else"},
		{"found under another id", answering(elsewhere, `{"id":"1","userName":"bob"}`), find, "the search delivers somebody under the id of somebody else"},
		{"a place that means nothing", answering(elsewhere, `{"id":"1","userName":"ada"}`), find, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := test.do(t, test.server.connect(t))
			if test.message == "" && err != nil || test.message != "" && (directory.KindOf(err) != directory.Incompatible || !strings.Contains(err.Error(), test.message)) {
				t.Errorf("got %v, want %q", err, test.message)
			}
		})
	}
}
