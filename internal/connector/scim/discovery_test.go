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
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

const (
	enterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	userURN       = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupURN      = "urn:ietf:params:scim:schemas:core:2.0:Group"
)

// describing is a target that answers the endpoints with these bodies, "NNN" with that status alone, and 404 otherwise.
type describing map[string]string

func (d describing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, ok := d[strings.TrimPrefix(r.URL.RequestURI(), "/scim/v2")]
	switch {
	case !ok:
		w.WriteHeader(http.StatusNotFound)
	case len(body) == 3:
		w.WriteHeader(int(body[0]-'0')*100 + int(body[1]-'0')*10 + int(body[2]-'0'))
	default:
		w.Header().Set("Content-Type", "application/scim+json")
		_, _ = w.Write([]byte(body))
	}
}

func discover(t *testing.T, handler http.Handler) (connector.Discovery, error) {
	t.Helper()
	c, err := scim.New(scim.Options{BaseURL: "http://localhost:1/scim/v2", BearerToken: secret.New(token), RateLimit: unlimited, Transport: handlerTransport{handler}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c.Discover(t.Context())
}

// brief is an attribute in one line: what a table of cases is about.
func brief(attributes []connector.TargetAttribute) []string {
	var lines []string
	for _, a := range attributes {
		line := string(a.ObjectType) + " " + a.Path + " " + a.Type
		for word, on := range map[string]bool{" multi": a.MultiValued, " required": a.Required} {
			if on {
				line += word
			}
		}
		if a.Mutability != "readWrite" {
			line += " " + a.Mutability
		}
		lines = append(lines, line)
	}
	return lines
}

func TestDiscoverWiki(t *testing.T) {
	t.Parallel()
	discovery, err := newWiki(t).Discover(t.Context())
	if err != nil || len(discovery.Problems) > 0 {
		t.Fatal(err, discovery.Problems)
	}
	want := &connector.Features{Patch: true, Filter: true, MaxResults: 200, Authentication: []string{"oauthbearertoken"}}
	if got := *discovery.Features; got.Patch != want.Patch || got.Filter != want.Filter || got.MaxResults != want.MaxResults || !slices.Equal(got.Authentication, want.Authentication) {
		t.Errorf("features %+v, want %+v", got, want)
	}
	byPath := map[string]connector.TargetAttribute{}
	for _, a := range discovery.Attributes {
		byPath[string(a.ObjectType)+" "+a.Path] = a
	}
	userName := byPath["user userName"]
	if diff := cmp.Diff(connector.TargetAttribute{ObjectType: directory.User, Path: "userName", Type: "string", Required: true, Mutability: "readWrite",
		Uniqueness: "server", Description: "The name a person signs in with."}, userName); diff != "" {
		t.Errorf("userName (-want +got):\n%s", diff)
	}
	for path, kind := range map[string]string{"user active": "boolean", "user name.familyName": "string", "user emails": "complex", "user emails.value": "string",
		"user " + enterpriseURN + ":department": "string", "user " + enterpriseURN + ":manager.value": "string", "group displayName": "string", "group members.value": "string"} {
		if byPath[path].Type != kind {
			t.Errorf("%s is %q, want %q", path, byPath[path].Type, kind)
		}
	}
	if !byPath["user emails"].MultiValued || byPath["user name"].MultiValued {
		t.Error("emails have several values, a name has one")
	}
}

// Every shape in which servers write the same thing is read as the same.
func TestDiscoverShapes(t *testing.T) {
	t.Parallel()
	const (
		list  = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":2,"Resources":`
		user  = `{"id":"` + userURN + `","attributes":[{"name":"userName","type":"string","required":true},{"name":"emails","type":"complex","multiValued":true,"subAttributes":[{"name":"value","type":"string"}]}]}`
		odd   = `{"ID":"` + userURN + `","Attributes":[{"name":"userName","type":"String","required":"True","mutability":"READ_WRITE"},{"name":"emails","multivalued":"true","subAttributes":[{"name":"value"}]}]}`
		group = `{"id":"` + groupURN + `","attributes":[{"name":"displayName","type":"string"}]}`
	)
	users := []string{"user emails complex multi", "user emails.value string", "user userName string required"}
	both := append(slices.Clone(users), "group displayName string")
	for name, c := range map[string]struct {
		at   describing
		want []string
	}{
		"list":                   {describing{"/Schemas": list + "[" + user + "," + group + "]}"}, both},
		"bare array":             {describing{"/Schemas": "[" + group + "," + user + "]"}, both},
		"one document":           {describing{"/Schemas": user}, users},
		"one in a list":          {describing{"/Schemas": `{"totalResults":1,"Resources":` + user + `}`}, users},
		"odd spelling":           {describing{"/Schemas": `{"totalresults":1,"resources":[` + odd + `]}`}, users},
		"pages":                  {describing{"/Schemas": list + "[" + user + "]}", "/Schemas?startIndex=2&count=100": list + "[" + group + "]}"}, both},
		"pages that do not move": {describing{"/Schemas": list + "[" + user + "]}", "/Schemas?startIndex=2&count=100": list + "[" + user + "]}"}, users},
		"full names": {describing{"/Schemas": `[{"id":"` + enterpriseURN + `","attributes":[{"name":"` + enterpriseURN + `:department"},{"name":"manager","type":"complex","subAttributes":[{"name":"value"},{"name":"displayName","mutability":"readonly"}]}]}]`},
			[]string{"user " + enterpriseURN + ":department string", "user " + enterpriseURN + ":manager complex", "user " + enterpriseURN + ":manager.displayName string readOnly", "user " + enterpriseURN + ":manager.value string"}},
		"read-only whole": {describing{"/Schemas": `{"id":"` + userURN + `","attributes":[{"name":"groups","mutability":"readOnly","multiValued":true,"subAttributes":[{"name":"value","mutability":"readWrite"}]}]}`},
			[]string{"user groups complex multi readOnly", "user groups.value string readOnly"}},
		"dotted names": {describing{"/Schemas": `{"id":"` + userURN + `","attributes":[{"name":"name.familyName","type":"string"},{"name":"name","subAttributes":[{"name":"familyName"}]}]}`},
			[]string{"user name complex", "user name.familyName string"}},
		"extension of both": {describing{"/Schemas": `[{"id":"urn:example:team:1.0:Extra","attributes":[{"name":"floor","type":"integer"}]}]`},
			[]string{"user urn:example:team:1.0:Extra:floor integer", "group urn:example:team:1.0:Extra:floor integer"}},
		"extension of groups": {describing{
			"/Schemas":       `[{"id":"urn:example:team:1.0:Extra","attributes":[{"name":"floor","type":"integer"}]}]`,
			"/ResourceTypes": `[{"name":"Group","endpoint":"Groups","schema":"` + groupURN + `","schemaExtensions":[{"schema":"URN:example:team:1.0:Extra"}]},{"name":"Device","endpoint":"/Devices","schema":"urn:example:Device"}]`},
			[]string{"group urn:example:team:1.0:Extra:floor integer"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := discover(t, c.at)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, brief(got.Attributes)); diff != "" {
				t.Errorf("(-want +got):\n%s\nproblems: %q", diff, got.Problems)
			}
		})
	}
}

func TestDiscoverFeatures(t *testing.T) {
	t.Parallel()
	full := &connector.Features{Patch: true, Bulk: true, Filter: true, Sort: true, ETag: true, ChangePassword: true, Cursor: true,
		MaxOperations: 50, MaxPayloadBytes: 1 << 20, MaxResults: 10, Authentication: []string{"httpbasic", "oauthbearertoken"}}
	const body = `{"patch":{"supported":true},"bulk":{"supported":true,"maxOperations":50,"maxPayloadSize":1048576},"filter":{"supported":true,"maxResults":10},
		"sort":{"supported":true},"etag":{"supported":true},"changePassword":{"supported":true},"pagination":{"cursor":true,"index":true},
		"authenticationSchemes":[{"type":"oauthbearertoken"},{"type":"httpbasic"},{"type":"httpbasic"}]}`
	const loose = `[{"PATCH":true,"bulk":{"supported":"true","maxOperations":"50","maxPayloadSize":1048576.0},"filter":{"supported":true,"maxResults":1e1},
		"sort":true,"eTag":{"supported":"TRUE"},"changepassword":true,"pagination":{"cursor":"true"},"authenticationSchemes":[{"name":"oauthbearertoken"},{"type":"httpbasic"},7]}]`
	for name, c := range map[string]struct {
		body string
		want *connector.Features
	}{
		"as the RFC has it": {body, full},
		"in a list":         {`{"totalResults":1,"Resources":[` + body + `]}`, full},
		"loosely":           {loose, full},
		"nothing announced": {`{"patch":{"supported":false}}`, &connector.Features{}},
		"absurd numbers":    {`{"patch":{},"bulk":{"maxOperations":-1,"maxPayloadSize":1e300},"filter":{"maxResults":"many"}}`, &connector.Features{MaxPayloadBytes: 1<<31 - 1}},
		"something else":    {`{"hello":"world"}`, nil},
		"an empty list":     {`{"totalResults":0}`, nil},
	} {
		got, err := discover(t, describing{"/ServiceProviderConfig": c.body})
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(c.want, got.Features); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A target that does not describe itself is no error; one that cannot be asked is.
func TestDiscoverAbsence(t *testing.T) {
	t.Parallel()
	for status, says := range map[string]string{"404": "does not have it (it answered 404)", "401": "does not let these credentials", "403": "answered 403", "501": "does not have it", "400": "answered 400", "405": "does not have it"} {
		got, err := discover(t, describing{"/ServiceProviderConfig": status, "/ResourceTypes": status, "/Schemas": status})
		if err != nil || got.Features != nil || got.Attributes != nil || len(got.Problems) != 3 {
			t.Fatalf("%s: %+v, %v; want three problems", status, got, err)
		}
		for i, endpoint := range []string{"/ServiceProviderConfig", "/ResourceTypes", "/Schemas"} {
			if !strings.HasPrefix(got.Problems[i], endpoint+": ") || !strings.Contains(got.Problems[i], says) {
				t.Errorf("%s: problem %q, want %s and %q", status, got.Problems[i], endpoint, says)
			}
		}
	}
	for name, body := range map[string]string{"HTML": "<html>Sign in</html>", "text": "hello", "half": `{"totalResults":1,"Resources":[{"id"`, "two": `{}{}`,
		"a number": "7", "numbers": "[1,2]", "no id": `{"Resources":[{"attributes":[]}]}`, "no attributes": `{"id":"` + userURN + `"}`, "bad name": `{"id":"` + userURN + `","attributes":[{"name":"a b"}]}`} {
		got, err := discover(t, describing{"/Schemas": body, "/ServiceProviderConfig": `{"patch":{}}`, "/ResourceTypes": `[]`})
		if err != nil || len(got.Attributes) > 0 || len(got.Problems) != 1 || !strings.HasPrefix(got.Problems[0], "/Schemas: ") {
			t.Errorf("%s: %+v, %v; want one problem of /Schemas", name, got, err)
		}
	}
	_, err := discover(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	if directory.KindOf(err) != directory.Throttled {
		t.Errorf("a target that is busy for an hour: %v, want throttled", err)
	}
}

// A target that echoes the token does not get it into what is stored and shown.
func TestDiscoverHidesTheToken(t *testing.T) {
	t.Parallel()
	got, err := discover(t, describing{"/Schemas": `{"id":"` + userURN + `","attributes":[{"name":"title","description":"you sent ` + token + `","canonicalValues":["` + token + `"]},{"name":"` + token + ` x"}]}`})
	if err != nil || len(got.Attributes) != 1 {
		t.Fatal(got, err)
	}
	for _, text := range append(append([]string{got.Attributes[0].Description}, got.Attributes[0].CanonicalValues...), got.Problems...) {
		if strings.Contains(text, token) {
			t.Errorf("%q shows the token", text)
		}
	}
}

func TestDiscoverIsBounded(t *testing.T) {
	t.Parallel()
	var pages int
	endless := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/Schemas") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		pages++
		_, _ = w.Write([]byte(`{"totalResults":1000000,"Resources":[{"id":"urn:example:` + strings.Repeat("x", pages) + `","attributes":[` +
			strings.TrimSuffix(strings.Repeat(`{"name":"a`+strings.Repeat("b", pages)+`"},`, 400), ",") + `]}]}`))
	})
	if _, err := discover(t, endless); err != nil || pages != 20 {
		t.Errorf("asked for %d pages, %v; want 20", pages, err)
	}
}
