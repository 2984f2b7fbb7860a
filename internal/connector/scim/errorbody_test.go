package scim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// TestErrorBodies: what an error says of itself is understood although a part of it has another form than RFC 7644 3.12 gives it, and
// an error in a success is never a success.
func TestErrorBodies(t *testing.T) {
	t.Parallel()
	const urn = `"urn:ietf:params:scim:api:messages:2.0:Error"`
	for _, test := range []struct {
		name, body string
		status     int
		kind       directory.ErrorKind
		says       string
	}{
		{"as it should be", `{"schemas":[` + urn + `],"scimType":"uniqueness","detail":"taken","status":"400"}`, 400, directory.Conflict, "answered 400 (uniqueness: taken)"},
		{"the status is a number", `{"schemas":[` + urn + `],"scimType":"uniqueness","detail":"taken","status":400}`, 400, directory.Conflict, "(uniqueness: taken)"},
		{"a list of details", `{"schemas":[` + urn + `],"scimType":"uniqueness","detail":["taken","twice"],"status":"400"}`, 400, directory.Conflict, `(uniqueness: ["taken","twice"])`},
		{"an object of details", `{"schemas":[` + urn + `],"scimType":"uniqueness","detail":{"userName":"taken"}}`, 400, directory.Conflict, `(uniqueness: {"userName":"taken"})`},
		{"no details", `{"schemas":[` + urn + `],"scimType":"uniqueness","detail":null}`, 400, directory.Conflict, "(uniqueness)"},
		{"the schema alone", `{"schemas":` + urn + `,"scimType":"uniqueness","detail":"taken"}`, 400, directory.Conflict, "(uniqueness: taken)"},
		{"no schema", `{"scimType":"uniqueness","detail":"taken","status":"400"}`, 400, directory.Conflict, "(uniqueness: taken)"},
		{"other spellings", `{"Schemas":[` + strings.ToUpper(urn) + `],"ScimType":"Uniqueness","Detail":"taken"}`, 400, directory.Conflict, "(Uniqueness: taken)"},
		{"a type that is none", `{"schemas":[` + urn + `],"scimType":7,"detail":"taken"}`, 400, directory.Invalid, "(taken)"},
		{"a text", `"taken"`, 400, directory.Invalid, `("taken")`},
		{"in a success", `{"schemas":[` + urn + `],"detail":["bad"],"status":"403"}`, 200, directory.Forbidden, "answered 200 with error 403 inside"},
		{"in a success, the schema alone", `{"schemas":` + urn + `,"detail":"bad","status":"403"}`, 200, directory.Forbidden, "answered 200 with error 403 inside"},
		{"in a success, with a status that is none", `{"schemas":[` + urn + `],"status":{"code":"403"}}`, 200, directory.Incompatible, "answered 200 with an error message"},
		{"a timeout of a gateway", "", 408, directory.Transient, "answered 408"},
		{"too early", "", 425, directory.Transient, "answered 425"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/scim+json")
				w.WriteHeader(test.status)
				_, _ = fmt.Fprint(w, test.body)
			})
			err := write(connector.Create)(t.Context(), c)
			if directory.KindOf(err) != test.kind || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%q: %v, want %q: %s", directory.KindOf(err), err, test.kind, test.says)
			}
			// Whoever gave up waiting may have had the request.
			if directory.OutcomeUnknown(err) != (test.status == 408 || test.kind == directory.Incompatible) {
				t.Errorf("outcome unknown: %v", directory.OutcomeUnknown(err))
			}
		})
	}
}

// TestTokenRefusedInASuccess: a target that says 401 inside a 200 has refused the token as well.
func TestTokenRefusedInASuccess(t *testing.T) {
	t.Parallel()
	tokens, presented := 0, []string{}
	c, err := scim.New(scim.Options{BaseURL: "https://app.example.com", RateLimit: unlimited, OAuth2: &scim.OAuth2{TokenURL: tokenURL, ClientID: "me", ClientSecret: secret.New(clientSecret)},
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host == "login.example.com" {
				tokens++
				return answered(r, 200, fmt.Sprintf(`{"access_token":"access-%d","expires_in":3600}`, tokens), "Content-Type", "application/json"), nil
			}
			if presented = append(presented, r.Header.Get("Authorization")); len(presented) == 1 {
				return answered(r, 200, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"expired","status":"401"}`), nil
			}
			return answered(r, 201, okUser), nil
		})})
	if err != nil {
		t.Fatal(err)
	}
	if err := write(connector.Create)(t.Context(), c); err != nil || strings.Join(presented, " ") != "Bearer access-1 Bearer access-2" {
		t.Errorf("sent %q: %v", presented, err)
	}
}
