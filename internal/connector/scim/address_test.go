package scim_test

import (
	"cmp"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// answered is an answer as a transport returns it.
func answered(r *http.Request, status int, body string, header ...string) *http.Response {
	response := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
	for i := 0; i+1 < len(header); i += 2 {
		response.Header.Set(header[i], header[i+1])
	}
	return response
}

// TestBaseURL: flags and slashes are dropped, escapes, ports and addresses stay (scim-client.md 1).
func TestBaseURL(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://app.example.com":                                                  "https://app.example.com/Users/a%2Fb%3Fc",
		"https://app.example.com/":                                                 "https://app.example.com/Users/a%2Fb%3Fc",
		"https://app.example.com/?":                                                "https://app.example.com/Users/a%2Fb%3Fc",
		" https://app.example.com/scim/v2// ":                                      "https://app.example.com/scim/v2/Users/a%2Fb%3Fc",
		"https://app.example.com/scim/v2/?aadOptscim062020":                        "https://app.example.com/scim/v2/Users/a%2Fb%3Fc",
		"https://app.example.com/scim/v2?AADOPTSCIM062020=":                        "https://app.example.com/scim/v2/Users/a%2Fb%3Fc",
		"https://app.example.com/t%2F1/scim?AzureAdScimPatch2017&aadOptscim062020": "https://app.example.com/t%2F1/scim/Users/a%2Fb%3Fc",
		"https://app.example.com/t%2F/":                                            "https://app.example.com/t%2F/Users/a%2Fb%3Fc",
		"https://app.example.com/a%20b/ü/":                                         "https://app.example.com/a%20b/%C3%BC/Users/a%2Fb%3Fc",
		"https://app.example.com:8443/scim":                                        "https://app.example.com:8443/scim/Users/a%2Fb%3Fc",
		"https://[2001:db8::1]/scim":                                               "https://[2001:db8::1]/scim/Users/a%2Fb%3Fc",
		"https://[2001:db8::1]:8443/scim":                                          "https://[2001:db8::1]:8443/scim/Users/a%2Fb%3Fc",
		"http://[::1]:99":                                                          "http://[::1]:99/Users/a%2Fb%3Fc",
	} {
		var got string
		record := roundTrip(func(r *http.Request) (*http.Response, error) {
			// Whether somebody has the id all the same is asked afterwards.
			got = cmp.Or(got, r.URL.String())
			return answered(r, 404, ""), nil
		})
		c := connect(t, scim.Options{BaseURL: base, Transport: record})
		_, err := c.Get(t.Context(), directory.User, "a/b?c", nil)
		if directory.KindOf(err) != directory.NotFound || got != want {
			t.Errorf("%s: asked for %s, want %s (%v)", base, got, want, err)
		}
	}
}

// TestRedirectsKeepTheRequest: whatever is asked, a redirect on the same host is followed with the same method, body and token,
// and nothing is sent where the connection would be another one (scim-client.md 13).
func TestRedirectsKeepTheRequest(t *testing.T) {
	t.Parallel()
	const patch = "PATCH /v2/Users/1 Bearer " + token
	for _, test := range []struct {
		name, location string
		do             func(*testing.T, *scim.Connector) error
		// second is what the place of the redirect is asked, empty when it must not be asked.
		second, message string
	}{
		{"a PATCH", "https://app.example.com/v2/Users/1", func(t *testing.T, c *scim.Connector) error { return write(connector.Update)(t.Context(), c) }, patch, ""},
		{"without a host", "/v2/Users/1", func(t *testing.T, c *scim.Connector) error { return write(connector.Update)(t.Context(), c) }, patch, ""},
		{"without a path", "../../v2/Users/1", func(t *testing.T, c *scim.Connector) error { return write(connector.Update)(t.Context(), c) }, patch, ""},
		{"a DELETE", "/v2/Users/1", func(t *testing.T, c *scim.Connector) error { return write(connector.Delete)(t.Context(), c) }, "DELETE /v2/Users/1 Bearer " + token, ""},
		{"a search", "/v2/Users?filter=userName%20eq%20%22ada%22", func(t *testing.T, c *scim.Connector) error {
			_, err := c.Find(t.Context(), connector.Query{Type: directory.User, Attribute: "userName", Value: text("ada")})
			return err
		}, "GET /v2/Users?filter=userName%20eq%20%22ada%22 Bearer " + token, ""},
		{"without TLS", "http://app.example.com/scim/Users/1", func(t *testing.T, c *scim.Connector) error { return getUser(t.Context(), c) }, "", "to another host (http://app.example.com)"},
		{"another port", "https://app.example.com:8443/scim/Users/1", func(t *testing.T, c *scim.Connector) error { return getUser(t.Context(), c) }, "", "to another host (https://app.example.com:8443)"},
		{"a host that begins the same", "https://app.example.com.evil.example/", func(t *testing.T, c *scim.Connector) error { return getUser(t.Context(), c) }, "", "to another host (https://app.example.com.evil.example)"},
		{"a user name that looks like the host", "https://app.example.com@evil.example/", func(t *testing.T, c *scim.Connector) error { return getUser(t.Context(), c) }, "", "to another host (https://evil.example)"},
		{"two slashes", "//evil.example/scim/Users/1", func(t *testing.T, c *scim.Connector) error { return getUser(t.Context(), c) }, "", "to another host (https://evil.example)"},
		{"a place that is none", "https://[::1/Users/1", func(t *testing.T, c *scim.Connector) error { return getUser(t.Context(), c) }, "", "answered 307 without saying where to go"},
		{"a place that is none, for a write", "https://[::1/Users/1", func(t *testing.T, c *scim.Connector) error { return write(connector.Create)(t.Context(), c) }, "", "answered 307 without saying where to go"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var seen, bodies []string
			hop := roundTrip(func(r *http.Request) (*http.Response, error) {
				body := ""
				if r.Body != nil {
					sent, _ := io.ReadAll(r.Body)
					body = string(sent)
				}
				seen, bodies = append(seen, r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Authorization")), append(bodies, body)
				switch {
				case slices.ContainsFunc(seen, func(request string) bool { return strings.HasPrefix(request, "DELETE /v2/") }) && r.Method == http.MethodGet:
					return answered(r, 404, ""), nil
				case len(seen) == 1:
					return answered(r, 307, "", "Location", test.location), nil
				case r.Method == http.MethodGet && r.URL.RawQuery != "":
					return answered(r, 200, `{"totalResults":1,"Resources":[`+okUser+`]}`), nil
				case r.Method == http.MethodGet:
					return answered(r, 200, okUser), nil
				}
				return answered(r, 204, ""), nil
			})
			err := test.do(t, connect(t, scim.Options{BaseURL: "https://app.example.com/scim", Transport: hop}))
			if test.second == "" {
				if len(seen) != 1 || directory.KindOf(err) != directory.Incompatible || directory.OutcomeUnknown(err) || !strings.Contains(err.Error(), test.message) {
					t.Errorf("sent %q: %v, want %q", seen, err, test.message)
				}
				return
			}
			if err != nil || len(seen) < 2 || seen[1] != test.second || bodies[1] != bodies[0] {
				t.Errorf("sent %q with %q: %v, want %s", seen, bodies, err, test.second)
			}
		})
	}
}

// TestRedirectToTheSameNameInAnotherForm: a name is the same in the alphabet of the network, in another case, and with the port that is
// meant; a dot at its end makes it another one.
func TestRedirectToTheSameNameInAnotherForm(t *testing.T) {
	t.Parallel()
	for place, same := range map[string]bool{
		"https://xn--mnchen-3ya.example/v2/Users/1": true, "https://M\u00dcNCHEN.example:443/v2/Users/1": true, "https://munchen.example/v2/Users/1": false,
		"https://m\u00fcnchen.example./v2/Users/1": false,
	} {
		asked := 0
		c := connect(t, scim.Options{BaseURL: "https://m\u00fcnchen.example/scim", Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if asked++; asked == 1 {
				return answered(r, 307, "", "Location", place), nil
			}
			return answered(r, 200, okUser), nil
		})})
		if err := getUser(t.Context(), c); (err == nil) != same || same != (asked == 2) {
			t.Errorf("%s: %d requests, %v", place, asked, err)
		}
	}
}
