package testenv_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/pace"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/testenv"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/testenv/scenario"
)

// TestRequests counts what a target is asked that can be listed: at most 1.1 requests for each account that is created, one for
// a cycle in which nothing happened, and as many as there are changes for a small one, and the tests of the connection.
func TestRequests(t *testing.T) {
	t.Parallel()
	const token, people = "t", 400
	app := wikiapp.New(wikiapp.Options{Token: token})
	transport := testenv.Pipe(t, app)
	// Users alone, without managers: one connection test.
	usersOnly := func(d *job.Definition) {
		for _, m := range d.Mappings {
			if m.ObjectType == directory.User {
				m.Attributes = slices.DeleteFunc(m.Attributes, func(a job.AttributeMapping) bool { return a.Expression == "[manager]" })
				d.Mappings = []job.Mapping{m}
				return
			}
		}
	}
	world := scenario.NewWorld(t, func(learned []byte) (connector.Connector, error) {
		return scim.New(scim.Options{BaseURL: "http://localhost:1" + wikiapp.Prefix, BearerToken: secret.New(token), Transport: transport, Learned: learned,
			RateLimit: pace.Limit{RequestsPerSecond: 1e6, Burst: 1e6}})
	}, usersOnly)
	var d scenario.Directory
	for i := range people {
		name := fmt.Sprintf("user%d@example.com", i)
		d.People = append(d.People, scenario.Person{ID: name, Name: name, Department: "Sales", Title: "Clerk", Phone: "1", Mail: name})
	}
	// Some are there already, more than fit on a page: they are matched by the same list.
	const there = 120
	for i := range there {
		if err := put(app, token, fmt.Sprintf("USER%d@example.com", i)); err != nil {
			t.Fatal(err)
		}
	}
	count := func(what string) int {
		app.ResetRequests()
		world.Put(d)
		if told := world.Cycle(t.Context()); !told.Calm() {
			t.Fatalf("%s: %+v", what, told)
		}
		return len(app.Requests())
	}
	first := count("create")
	// Those who were there are updated, one request each.
	if limit := (people-there)*11/10 + there; first > limit || len(app.Users()) != people {
		t.Errorf("%d accounts made and %d updated with %d requests, more than %d; %d accounts in all", people-there, there, first, limit, len(app.Users()))
	}
	if got := count("nothing"); got != 1 {
		t.Errorf("a cycle without changes takes %d requests: %v", got, app.Requests())
	}
	few := func(department, joiner string) {
		d.People[0].Department = department
		d.People = append(d.People[:len(d.People)-1], scenario.Person{ID: joiner, Name: joiner, Department: "HR", Title: "Clerk", Phone: "1", Mail: joiner})
	}
	// The test of the connection, whether there is bulk, a change, a search and a create, a delete and, for the first of a
	// cycle, a look whether it was one. The first search that finds nobody is tried on somebody who is there, which takes two more, once.
	for i, want := range []int{9, 7} {
		few(fmt.Sprint("HR", i), fmt.Sprintf("joiner%d@example.com", i))
		if got := count("few"); got != want {
			t.Errorf("a cycle with three changes takes %d requests, want %d: %v", got, want, app.Requests())
		}
	}
	t.Logf("%d accounts made and %d updated: %d requests", people-there, there, first)
}

// put makes an account that is there before anybody provisions.
func put(app *wikiapp.App, token, name string) error {
	request := httptest.NewRequest(http.MethodPost, "http://localhost"+wikiapp.Prefix+"/Users",
		strings.NewReader(fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q,"active":true}`, name)))
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/scim+json")
	recorder := httptest.NewRecorder()
	if app.ServeHTTP(recorder, request); recorder.Code != http.StatusCreated {
		return fmt.Errorf("%d %s", recorder.Code, recorder.Body)
	}
	return nil
}
