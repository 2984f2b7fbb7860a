package wikiapp_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
)

const (
	core       = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]`
	both       = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]`
	coreGroup  = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]`
	patchOp    = `"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]`
	enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	wiki       = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User"
	mediaType  = "application/scim+json"
)

// clock moves one second with every look at it, so that two times differ exactly when something happened in between.
func clock() func() time.Time {
	t := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return func() time.Time { t = t.Add(time.Second); return t }
}

type tree = map[string]any

// kit sends requests to an application without a network.
type kit struct {
	t   testing.TB
	app *wikiapp.App
}

func start(t testing.TB) kit {
	t.Helper()
	return kit{t, wikiapp.New(wikiapp.Options{Token: "secret", Now: clock()})}
}

func (k kit) send(method, path, body string, header ...string) *httptest.ResponseRecorder {
	k.t.Helper()
	r := httptest.NewRequest(method, "http://wiki.test/scim/v2"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer secret")
	r.Header.Set("Content-Type", mediaType)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	k.app.ServeHTTP(w, r)
	return w
}

// want sends a request and demands a status. It returns the body, nil when there is none.
func (k kit) want(status int, method, path, body string) tree {
	k.t.Helper()
	w := k.send(method, path, body)
	if w.Code != status {
		k.t.Fatalf("%s %s = %d %s, want %d", method, path, w.Code, w.Body, status)
	}
	if w.Body.Len() == 0 {
		return nil
	}
	if got := w.Header().Get("Content-Type"); got != mediaType {
		k.t.Errorf("%s %s has content type %q", method, path, got)
	}
	var out tree
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		k.t.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
	}
	return out
}

// user creates an account and returns its id. More is further attributes with a leading comma.
func (k kit) user(name, more string) string {
	k.t.Helper()
	id, _ := k.want(http.StatusCreated, "POST", "/Users", `{`+both+`,"userName":"`+name+`"`+more+`}`)["id"].(string)
	return id
}

// group creates a group with members and returns its id.
func (k kit) group(name string, members ...string) string {
	k.t.Helper()
	var list []string
	for _, m := range members {
		list = append(list, `{"value":"`+m+`"}`)
	}
	id, _ := k.want(http.StatusCreated, "POST", "/Groups",
		`{`+coreGroup+`,"displayName":"`+name+`","members":[`+strings.Join(list, ",")+`]}`)["id"].(string)
	return id
}

// names lists the naming attribute of what a filter finds, in the order of the answer.
func (k kit) names(endpoint, filter string) []string {
	k.t.Helper()
	body := k.want(http.StatusOK, "GET", endpoint+"?filter="+url.QueryEscape(filter), "")
	names := []string{}
	for _, r := range body["Resources"].([]any) {
		one := r.(tree)
		name, _ := one["userName"].(string)
		if endpoint == "/Groups" {
			name, _ = one["displayName"].(string)
		}
		names = append(names, name)
	}
	if int(body["totalResults"].(float64)) != len(names) {
		k.t.Errorf("filter %s: totalResults %v, %d resources", filter, body["totalResults"], len(names))
	}
	return names
}

func parse(t testing.TB, s string) tree {
	t.Helper()
	var out tree
	if err := json.Unmarshal([]byte(s), &out); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return out
}

// quoted lets test cases write ' for a double quote.
func quoted(s string) string { return strings.ReplaceAll(s, "'", `"`) }
