package scim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// TestEncodings: the body is read and not its label; a mark before it means nothing; and what is not UTF-8 is never taken for
// somebody's name, because it would be the name of somebody else (RFC 8259 8.1).
func TestEncodings(t *testing.T) {
	t.Parallel()
	const bom, list = "\xef\xbb\xbf", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"Resources":[` + okUser + `]}`
	const latin = "{\"totalResults\":1,\"Resources\":[{\"id\":\"1\",\"userName\":\"m\xfcller\"}]}"
	const told = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"bad token","status":"401"}`
	find := func(t *testing.T, c *scim.Connector) error {
		found, err := c.Find(t.Context(), connector.Query{Type: directory.User, Attribute: "userName", Value: text("ada")})
		if err == nil && len(found) != 1 {
			t.Errorf("found %v", found)
		}
		return err
	}
	get := func(t *testing.T, c *scim.Connector) error { return getUser(t.Context(), c) }
	update := func(t *testing.T, c *scim.Connector) error { return write(connector.Update)(t.Context(), c) }
	for _, test := range []struct {
		name, contentType, body string
		status                  int
		do                      func(*testing.T, *scim.Connector) error
		kind                    directory.ErrorKind
		message                 string
	}{
		{"scim", "application/scim+json", list, 200, find, "", ""},
		{"scim in capitals, with a charset", "Application/SCIM+JSON; charset=\"UTF-8\"", list, 200, find, "", ""},
		{"json", "application/json", list, 200, find, "", ""},
		{"a plain text", "text/plain", list, 200, find, "", ""},
		{"bytes", "application/octet-stream", list, 200, find, "", ""},
		{"nothing", "", list, 200, find, "", ""},
		{"a type that is none", ";;", list, 200, find, "", ""},
		{"html by name only", "text/html", list, 200, find, "", ""},
		{"a mark", "application/scim+json", bom + list, 200, find, "", ""},
		{"a mark before one resource", "application/scim+json", bom + okUser, 200, get, "", ""},
		{"a mark before an error", "application/scim+json", bom + strings.Replace(told, "401", "400", 1), 400, get, directory.Invalid, "answered 400 (bad token)"},
		{"a mark before an error in a success", "application/scim+json", bom + told, 200, update, directory.Unauthorised, "answered 200 with error 401 inside (bad token)"},
		{"a mark before a page for people", "application/scim+json", bom + "<html>", 200, find, directory.Incompatible, "answered text/html"},
		{"another charset", "application/scim+json; charset=iso-8859-1", latin, 200, find, directory.Incompatible, "answered 200 with text that is not UTF-8 (its Content-Type is application/scim+json; charset=iso-8859-1)"},
		{"another charset, unnamed", "application/scim+json", latin, 200, find, directory.Incompatible, "answered 200 with text that is not UTF-8"},
		{"UTF-16", "application/scim+json; charset=utf-16", "\xff\xfe{\x00}\x00", 200, get, directory.Incompatible, "answered 200 with text that is not UTF-8"},
		{"an error in another charset", "text/plain", "m\xfcller", 400, get, directory.Invalid, "answered 400 (m?ller)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := test.do(t, reply(test.status, test.contentType, test.body).connect(t))
			if directory.KindOf(err) != test.kind || test.message != "" && !strings.Contains(err.Error(), test.message) {
				t.Errorf("got %q: %v, want %q: %s", directory.KindOf(err), err, test.kind, test.message)
			}
		})
	}
}

// TestDiscoverBehindAMark: a description may begin with the mark as well.
func TestDiscoverBehindAMark(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/ServiceProviderConfig") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write([]byte("\xef\xbb\xbf" + `{"patch":{"supported":true},"bulk":{"supported":true,"maxOperations":7}}`))
	})
	found, err := c.Discover(t.Context())
	if err != nil || found.Features == nil || !found.Features.Patch || found.Features.MaxOperations != 7 {
		t.Errorf("%+v, %v", found, err)
	}
}
