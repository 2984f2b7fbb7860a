package wikiapp_test

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
)

func TestDiscovery(t *testing.T) {
	t.Parallel()
	k := start(t)
	config := k.want(200, "GET", "/ServiceProviderConfig", "")
	for feature, want := range map[string]bool{"patch": true, "filter": true, "bulk": false, "sort": false, "etag": false, "changePassword": false} {
		if got := config[feature].(tree)["supported"]; got != want {
			t.Errorf("%s supported: %v", feature, got)
		}
	}
	types := map[string]string{}
	for _, v := range k.want(200, "GET", "/ResourceTypes", "")["Resources"].([]any) {
		one := v.(tree)
		types[one["endpoint"].(string)] = one["schema"].(string)
	}
	wantTypes := map[string]string{"/Users": "urn:ietf:params:scim:schemas:core:2.0:User", "/Groups": "urn:ietf:params:scim:schemas:core:2.0:Group"}
	if diff := cmp.Diff(wantTypes, types); diff != "" {
		t.Errorf("resource types (-want +got):\n%s", diff)
	}
	var ids []string
	for _, v := range k.want(200, "GET", "/Schemas", "")["Resources"].([]any) {
		ids = append(ids, v.(tree)["id"].(string))
	}
	if diff := cmp.Diff([]string{wantTypes["/Users"], enterprise, wiki, wantTypes["/Groups"]}, ids); diff != "" {
		t.Errorf("schemas (-want +got):\n%s", diff)
	}
	one := k.want(200, "GET", "/ResourceTypes/User", "")
	if diff := cmp.Diff([]any{tree{"schema": enterprise, "required": false}, tree{"schema": wiki, "required": false}}, one["schemaExtensions"]); diff != "" {
		t.Errorf("extensions of a user (-want +got):\n%s", diff)
	}
	got := k.want(200, "GET", "/Schemas/"+wantTypes["/Users"], "")["attributes"].([]any)[0]
	want := tree{"name": "userName", "type": "string", "multiValued": false, "description": "The name a person signs in with.",
		"required": true, "caseExact": false, "mutability": "readWrite", "returned": "default", "uniqueness": "server"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("userName in /Schemas (-want +got):\n%s", diff)
	}
}

func TestRequestsAreLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	k := kit{t, wikiapp.New(wikiapp.Options{Token: "secret", Log: &log, Now: clock()})}
	ann := k.user("ann", "")
	g := k.group("Staff")
	k.names("/Users", `userName eq "ann"`)
	k.names("/Users", `title pr`)
	k.want(200, "PATCH", "/Users/"+ann, `{`+patchOp+`,"Operations":[{"op":"replace","path":"active","value":false},
		{"op":"replace","path":"name.familyName","value":"Secret"},{"op":"add","path":"`+enterprise+`:department","value":"Sales"}]}`)
	k.want(204, "PATCH", "/Groups/"+g, `{`+patchOp+`,"Operations":[{"op":"add","path":"members","value":[{"value":"`+ann+`"}]}]}`)
	k.want(409, "POST", "/Users", `{`+core+`,"userName":"ANN"}`)
	k.send("GET", "/Users?x=%0A00:00+DELETE", "", "Authorization", "")
	k.want(204, "DELETE", "/Users/"+ann, "")

	want := []string{
		`POST    /scim/v2/Users  201  ann`,
		`POST    /scim/v2/Groups  201  Staff`,
		`GET     /scim/v2/Users?filter=userName eq "ann"  200  ann`,
		`GET     /scim/v2/Users?filter=title pr  200  0 of 0`,
		`PATCH   /scim/v2/Users/` + ann + `  200  ann: replace active=false, replace name.familyName, add department`,
		`PATCH   /scim/v2/Groups/` + g + `  204  Staff (+1 -0 members)`,
		`POST    /scim/v2/Users  409  ANN: userName "ANN" is taken`,
		`GET     /scim/v2/Users?x=.00:00 DELETE  401  the bearer token is missing or wrong`,
		`DELETE  /scim/v2/Users/` + ann + `  204  ann`,
	}
	var got []string
	for line := range strings.Lines(log.String()) {
		_, line, _ = strings.Cut(strings.TrimSpace(line), "  ")
		got = append(got, line)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(log.String(), page(k, "/log")); diff != "" {
		t.Errorf("/log differs from the log (-log +page):\n%s", diff)
	}
	requests := k.app.Requests()
	wantRequest := wikiapp.Request{Method: "GET", Path: "/scim/v2/Users", Query: "filter=title+pr", Status: 200}
	if len(requests) != len(want) || requests[3] != wantRequest {
		t.Errorf("Requests() = %v", requests)
	}
	k.app.ResetRequests()
	if got := k.app.Requests(); len(got) != 0 {
		t.Errorf("after a reset: %v", got)
	}
}

func page(k kit, path string) string {
	w := httptest.NewRecorder()
	k.app.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Body.String()
}

func TestPages(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.user("zoe@x.no", `,"active":false,"name":{"familyName":"Berg\nx"}`)
	ann := k.user("ann@x.no", `,"`+enterprise+`":{"department":"Sales"}`)
	k.group("Staff", ann)
	k.group("Crew", ann)
	want := strings.TrimPrefix(`
USER NAME  ACTIVE  FAMILY NAME  DEPARTMENT  GROUPS
ann@x.no   yes     -            Sales       Crew, Staff
zoe@x.no   no      Berg.x       -           -
2 accounts, 1 active
`, "\n")
	if diff := cmp.Diff(want, page(k, "/")); diff != "" {
		t.Errorf("accounts (-want +got):\n%s", diff)
	}
	for target, want := range map[string]int{"GET /nothing": 404, "POST /": 405, "GET /scim/v2x": 404, "HEAD /log": 200} {
		method, path, _ := strings.Cut(target, " ")
		w := httptest.NewRecorder()
		k.app.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		if w.Code != want {
			t.Errorf("%s = %d, want %d", target, w.Code, want)
		}
	}
}

func TestSavedStateComesBack(t *testing.T) {
	t.Parallel()
	k, ann := people(t)
	k.group("Staff", ann)
	var saved bytes.Buffer
	if err := k.app.Save(&saved); err != nil {
		t.Fatal(err)
	}
	other := start(t)
	other.user("somebody", "")
	if err := other.app.Load(bytes.NewReader(saved.Bytes())); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(k.app.Users(), other.app.Users()); diff != "" {
		t.Errorf("users (-saved +loaded):\n%s", diff)
	}
	if diff := cmp.Diff(k.app.Groups(), other.app.Groups()); diff != "" {
		t.Errorf("groups (-saved +loaded):\n%s", diff)
	}
	if diff := cmp.Diff(k.want(200, "GET", "/Users", ""), other.want(200, "GET", "/Users", "")); diff != "" {
		t.Errorf("list (-saved +loaded):\n%s", diff)
	}
	other.want(409, "POST", "/Users", `{`+core+`,"userName":"ANN@x.no"}`)

	for name, text := range map[string]string{
		"no JSON":        `<`,
		"no id":          `{"users":[{"attributes":{"userName":"a"}}]}`,
		"no name":        `{"users":[{"id":"1","attributes":{}}]}`,
		"twice":          `{"users":[{"id":"1","attributes":{"userName":"a"}},{"id":"2","attributes":{"userName":"A"}}]}`,
		"unknown member": `{"groups":[{"id":"1","attributes":{"displayName":"a"},"members":["2"]}]}`,
	} {
		if err := other.app.Load(strings.NewReader(text)); err == nil {
			t.Errorf("%s: loaded", name)
		}
		if got := len(other.app.Users()); got != 3 {
			t.Errorf("%s: %d accounts afterwards", name, got)
		}
	}
}

func TestLatencyDelaysEveryRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := kit{t, wikiapp.New(wikiapp.Options{Token: "secret", Latency: time.Minute})}
		begin := time.Now()
		k.names("/Users", `id pr`)
		if took := time.Since(begin); took != time.Minute {
			t.Errorf("took %s", took)
		}
	})
}

// Many clients at once: one of those who want the same name gets it, and everyone ends up in the group.
func TestConcurrentClients(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.app = wikiapp.New(wikiapp.Options{Token: "secret"})
	g := k.group("Staff")
	var wg sync.WaitGroup
	var mu sync.Mutex
	codes := map[int]int{}
	for i := range 40 {
		wg.Go(func() {
			w := k.send("POST", "/Users", fmt.Sprintf(`{%s,"userName":"u%d"}`, core, i/2))
			mu.Lock()
			codes[w.Code]++
			mu.Unlock()
			if w.Code == 201 {
				id := w.Header().Get("Location")[len("http://wiki.test/scim/v2/Users/"):]
				k.send("PATCH", "/Groups/"+g, `{`+patchOp+`,"Operations":[{"op":"add","path":"members","value":[{"value":"`+id+`"}]}]}`)
			}
			k.send("GET", "/Users?filter="+url.QueryEscape(`groups pr and userName sw "u"`), "")
			k.send("GET", "/Groups", "")
			k.app.Users()
		})
	}
	wg.Wait()
	if want := map[int]int{201: 20, 409: 20}; !cmp.Equal(want, codes) {
		t.Errorf("answers %v, want %v", codes, want)
	}
	if got := len(k.app.Groups()[0].Members); got != 20 {
		t.Errorf("%d members, want 20", got)
	}
}

// BenchmarkLarge measures what the engine does to a large application: look up, create, read the last page.
func BenchmarkLarge(b *testing.B) {
	k := kit{b, wikiapp.New(wikiapp.Options{Token: "secret"})}
	const size = 100_000
	for i := range size {
		k.send("POST", "/Users", fmt.Sprintf(`{%s,"userName":"user%d@example.com","externalId":"%d"}`, core, i, i))
	}
	n := size
	b.Run("create", func(b *testing.B) {
		for b.Loop() {
			n++
			k.send("POST", "/Users", fmt.Sprintf(`{%s,"userName":"user%d@example.com"}`, core, n))
		}
	})
	for name, path := range map[string]string{
		"find":      "/Users?filter=" + url.QueryEscape(`userName eq "USER99999@example.com"`),
		"find none": "/Users?filter=" + url.QueryEscape(`userName eq "nobody"`),
		"last page": "/Users?count=100&startIndex=99900",
		"scan":      "/Users?filter=" + url.QueryEscape(`title pr`),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if w := k.send("GET", path, ""); w.Code != 200 {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}
