package scim_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// choosy refuses to deliver so many at a time (RFC 9865, invalidCount).
func choosy(inner http.Handler, most int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if count, err := strconv.Atoi(r.URL.Query().Get("count")); err == nil && count > most {
			scimError(w, http.StatusBadRequest, "invalidCount")
			return
		}
		inner.ServeHTTP(w, r)
	}
}

// TestPagesThatAreRefused: a target that refuses the length of a page is asked for shorter ones, by index and by cursor, and the proof of
// its search is not taken for impossible.
func TestPagesThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, server := range map[string]http.Handler{"by index": &hostile{users: 45}, "by cursor": cursorServer(45, true, 0)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			names, err := listUsers(t, serve(t, choosy(server, 30)))
			slices.Sort(names)
			if err != nil || len(names) != 45 || len(slices.Compact(names)) != 45 {
				t.Errorf("%d users: %v", len(names), err)
			}
		})
	}
	// Its search does not look at the attribute; only the list knows.
	blind := &register{users: people(45), finds: func(map[string]any, string, string) bool { return false }}
	c := serve(t, choosy(blind, 30))
	found, err := c.Find(t.Context(), connector.Query{Type: directory.User, Attribute: "externalId", Value: text("E-44")})
	if err != nil || len(found) != 1 || found[0].Anchor != "id-44" {
		t.Errorf("%v %v", found, err)
	}
	// One that takes no length at all is told from one that delivers.
	if _, err := listUsers(t, serve(t, choosy(&hostile{users: 5}, 0))); directory.KindOf(err) != directory.Invalid {
		t.Errorf("got %v", err)
	}
}

// TestVersionsThatNoHeaderCarries: a version from a body may hold anything, and never becomes another header.
func TestVersionsThatNoHeaderCarries(t *testing.T) {
	t.Parallel()
	var puts []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			puts = append(puts, r.Header.Get("If-Match")+r.Header.Get("X-Injected"))
		}
		_, _ = w.Write([]byte(`{"id":"1","userName":"bob","meta":{"version":"W/\"1\"\r\nX-Injected: yes"}}`))
	}))
	t.Cleanup(server.Close)
	c := connect(t, scim.Options{BaseURL: server.URL, UpdateMethod: "put"})
	if err := write(connector.Update)(t.Context(), c); err != nil || len(puts) != 1 || puts[0] != "" {
		t.Errorf("sent %q: %v", puts, err)
	}
}
