package scim_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// listUsers returns the names of the users that are listed, in order.
func listUsers(t *testing.T, c *scim.Connector) (names []string, err error) {
	t.Helper()
	err = c.List(t.Context(), connector.Listing{Type: directory.User, Attributes: []string{"userName"}}, func(accounts []connector.Account) error {
		if len(accounts) > 1000 {
			t.Errorf("%d accounts at a time", len(accounts))
		}
		for _, account := range accounts {
			name, _ := account.Attributes["userName"].Text()
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

// cursorServer pages by cursor when it is asked for cursors, and announces it; without, it always answers the first page.
func cursorServer(users int, announced bool, expires int) *hostile {
	asked := 0
	return &hostile{answer: func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/ServiceProviderConfig") {
			_ = json.NewEncoder(w).Encode(map[string]any{"patch": map[string]any{"supported": true}, "pagination": map[string]any{"cursor": announced, "index": false}})
			return true
		}
		query, from, count := r.URL.Query(), 0, 100
		if cursor := query.Get("cursor"); cursor != "" {
			if asked++; asked == expires {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = fmt.Fprint(w, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"expiredCursor","status":"400"}`)
				return true
			}
			_, _ = fmt.Sscanf(cursor, "after %d", &from)
		}
		page := map[string]any{"Resources": []any{}}
		var resources []any
		for i := from; i < min(from+count, users); i++ {
			resources = append(resources, map[string]any{"id": fmt.Sprintf("id/u%d", i), "userName": fmt.Sprintf("u%d", i)})
		}
		page["Resources"] = resources
		if query.Has("cursor") && from+count < users {
			page["nextCursor"] = fmt.Sprintf("after %d", from+count)
		}
		page["totalResults"] = users
		_ = json.NewEncoder(w).Encode(page)
		return true
	}}
}

// TestListByCursor: where startIndex leads nowhere, a target that announces cursors is read by them, and nobody twice.
func TestListByCursor(t *testing.T) {
	t.Parallel()
	for name, expires := range map[string]int{"all goes well": 0, "a cursor expires": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := cursorServer(350, true, expires)
			names, err := listUsers(t, server.connect(t))
			slices.Sort(names)
			if err != nil || len(slices.Compact(slices.Clone(names))) != 350 || len(names) != 350 {
				t.Errorf("%d users: %v; %q", len(names), err, server.requests)
			}
		})
	}
	names, err := listUsers(t, cursorServer(350, false, 0).connect(t))
	if len(names) != 100 || directory.KindOf(err) != directory.Incompatible || !strings.Contains(err.Error(), "does not advance") {
		t.Errorf("%d users: %v", len(names), err)
	}
}

// TestListByCursorBehindADeepIndex: a target that counts only so far and has cursors for the rest (RFC 9865 1) is read to its end, although
// the first thousands come again.
func TestListByCursorBehindADeepIndex(t *testing.T) {
	t.Parallel()
	counts, follows := &hostile{users: 4000}, cursorServer(4000, true, 0)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		start, err := strconv.Atoi(r.URL.Query().Get("startIndex"))
		switch {
		case err != nil:
			follows.ServeHTTP(w, r)
		case start > 3000:
			scimError(w, http.StatusBadRequest, "tooMany")
		default:
			counts.ServeHTTP(w, r)
		}
	})
	names, err := listUsers(t, c)
	slices.Sort(names)
	if err != nil || len(names) != 4000 || len(slices.Compact(names)) != 4000 {
		t.Errorf("%d users: %v", len(names), err)
	}
}

// TestListWithoutEnd: a list that cannot be relied on says so, also to whoever can do without it, and is not read again and again.
func TestListWithoutEnd(t *testing.T) {
	t.Parallel()
	server := &hostile{users: 250, ignoreStart: true}
	c := server.connect(t)
	for range 3 {
		_, err := listUsers(t, c)
		if directory.KindOf(err) != directory.Incompatible || !errors.Is(err, directory.Unsupported) {
			t.Error(err)
		}
	}
	before := len(server.requests)
	if _, err := listUsers(t, c); err == nil || len(server.requests) != before {
		t.Errorf("%d more requests: %v", len(server.requests)-before, err)
	}
	// Searching goes on.
	found, err := c.Find(t.Context(), connector.Query{Type: directory.User, Attribute: "userName", Value: text("u230")})
	if err != nil || len(found) != 1 {
		t.Error(found, err)
	}
}

func TestListAtOnce(t *testing.T) {
	t.Parallel()
	names, err := listUsers(t, (&hostile{users: 2345, ignoreCount: true, ignoreStart: true}).connect(t))
	if err != nil || len(names) != 2345 {
		t.Errorf("%d users: %v", len(names), err)
	}
}

// TestConnectionTestWithoutSearch: a target that refuses to search is usable as long as it lists.
func TestConnectionTestWithoutSearch(t *testing.T) {
	t.Parallel()
	server := &register{users: people(3), refuses: func(string, string) (int, string) { return 400, "invalidFilter" }}
	c := server.connect(t, scim.Options{})
	probe := connector.Probe{Type: directory.User, Attribute: "externalId", Value: "5f0c9d3e"}
	for _, want := range []int{2, 1} {
		before := len(server.requests)
		if err := c.Test(t.Context(), probe); err != nil || len(server.requests)-before != want {
			t.Errorf("%v; %q", err, server.requests[before:])
		}
	}
}

// TestListGroupsWithMembers: a server that ignores excludedAttributes may answer with any number of members; they count for nothing, and
// the limit of an answer is about what is left.
func TestListGroupsWithMembers(t *testing.T) {
	t.Parallel()
	members := strings.Repeat(`{"value":"0123456789abcdef","$ref":"../Users/0123456789abcdef"},`, 20000)
	server := &hostile{answer: func(w http.ResponseWriter, r *http.Request) bool {
		group := `{"id":"g","displayName":"Everybody","members":[` + members + `{"value":"last"}],"externalId":"e"}`
		if strings.HasSuffix(r.URL.Path, "/Groups") {
			group = `{"totalResults":1,"Resources":[` + group + `]}`
		}
		_, _ = fmt.Fprint(w, group)
		return true
	}}
	c, err := scim.New(scim.Options{BaseURL: "http://localhost/scim", BearerToken: secret.New(token), RateLimit: unlimited, Transport: handlerTransport{server}, MaxBody: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var listed []connector.Account
	err = c.List(t.Context(), connector.Listing{Type: directory.Group, Attributes: []string{"displayName", "externalId", "members"}}, func(accounts []connector.Account) error {
		listed = append(listed, accounts...)
		return nil
	})
	if got := accountsText(listed); err != nil || got != "[group g {displayName: Everybody, externalId: e}]" {
		t.Error(got, err)
	}
	if _, err := c.Get(t.Context(), directory.Group, "g", []string{"displayName"}); err != nil {
		t.Error(err)
	}
	if _, err := c.Members(t.Context(), "g"); directory.KindOf(err) != directory.Incompatible {
		t.Errorf("members beyond the limit: %v", err)
	}
}
