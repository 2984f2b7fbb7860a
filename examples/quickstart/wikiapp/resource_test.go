package wikiapp_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
)

func TestCreateAnswersTheWholeResource(t *testing.T) {
	t.Parallel()
	k := start(t)
	w := k.send("POST", "/Users", `{`+both+`,"id":"mine","meta":{"resourceType":"User"},"USERNAME":"Ann@x.no","externalId":"7",
		"name":{"familyName":"Berg","givenName":null},"roles":[],"emails":[{"type":"work","value":"ann@x.no","primary":true}],
		"`+enterprise+`":{"department":"Sales"}}`)
	if w.Code != http.StatusCreated {
		t.Fatalf("create = %d %s", w.Code, w.Body)
	}
	id := k.app.Users()[0].ID
	location := "http://wiki.test/scim/v2/Users/" + id
	if got := w.Header().Get("Location"); got != location {
		t.Errorf("Location is %q, want %q", got, location)
	}
	want := tree{
		"schemas": []any{"urn:ietf:params:scim:schemas:core:2.0:User", enterprise},
		"id":      id, "externalId": "7", "userName": "Ann@x.no", "active": true,
		"name":     tree{"familyName": "Berg"},
		"emails":   []any{tree{"type": "work", "value": "ann@x.no", "primary": true}},
		enterprise: tree{"department": "Sales"},
		"meta": tree{"resourceType": "User", "created": "2026-03-01T12:00:01Z", "lastModified": "2026-03-01T12:00:01Z",
			"location": location},
	}
	if diff := cmp.Diff(want, parse(t, w.Body.String())); diff != "" {
		t.Errorf("answer to create (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, k.want(200, "GET", "/Users/"+id, "")); diff != "" {
		t.Errorf("GET by id (-want +got):\n%s", diff)
	}
	if id == "mine" || len(id) != 36 {
		t.Errorf("id %q is not the server's", id)
	}
}

// Every refusal of a body, with the scimType of RFC 7644 3.12 and a word its detail must contain.
func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path, body string
		status     int
		scimType   string
		detail     string
	}{
		"no JSON":              {"/Users", `<html>`, 400, "invalidSyntax", "JSON"},
		"a list":               {"/Users", `[]`, 400, "invalidSyntax", "JSON object"},
		"null":                 {"/Users", `null`, 400, "invalidSyntax", "JSON object"},
		"two documents":        {"/Users", `{` + core + `,"userName":"a"} {}`, 400, "invalidSyntax", "nothing else"},
		"no schemas":           {"/Users", `{"userName":"a"}`, 400, "invalidSyntax", "schemas"},
		"schemas of a group":   {"/Users", `{` + coreGroup + `,"userName":"a"}`, 400, "invalidSyntax", "core:2.0:User"},
		"undeclared extension": {"/Users", `{` + core + `,"userName":"a","` + enterprise + `":{}}`, 400, "invalidSyntax", "not listed"},
		"no user name":         {"/Users", `{` + core + `}`, 400, "invalidValue", "userName is required"},
		"empty user name":      {"/Users", `{` + core + `,"userName":""}`, 400, "invalidValue", "userName is required"},
		"unknown attribute":    {"/Users", `{` + core + `,"userName":"a","shoeSize":"4"}`, 400, "invalidSyntax", "shoeSize"},
		"unknown sub":          {"/Users", `{` + core + `,"userName":"a","name":{"first":"A"}}`, 400, "invalidSyntax", "first"},
		"unknown in extension": {"/Users", `{` + both + `,"userName":"a","` + enterprise + `":{"desk":"A"}}`, 400, "invalidSyntax", "desk"},
		"extension as text":    {"/Users", `{` + both + `,"userName":"a","` + enterprise + `":"A"}`, 400, "invalidSyntax", "object"},
		"twice":                {"/Users", `{` + core + `,"userName":"a","USERNAME":"b"}`, 400, "invalidSyntax", "twice"},
		"boolean as text":      {"/Users", `{` + core + `,"userName":"a","active":"True"}`, 400, "invalidValue", `the text "True"`},
		"number as text":       {"/Users", `{` + core + `,"userName":"a","title":4}`, 400, "invalidValue", "a number"},
		"emails not a list":    {"/Users", `{` + core + `,"userName":"a","emails":{"value":"x"}}`, 400, "invalidValue", "list"},
		"email as text":        {"/Users", `{` + core + `,"userName":"a","emails":["x"]}`, 400, "invalidValue", "object"},
		"two primaries": {"/Users", `{` + core + `,"userName":"a","emails":[{"value":"x","primary":true},{"value":"y","primary":true}]}`,
			400, "invalidValue", "primary"},
		"manager as text":     {"/Users", `{` + both + `,"userName":"a","` + enterprise + `":{"manager":"1"}}`, 400, "invalidValue", "object"},
		"unknown manager":     {"/Users", `{` + both + `,"userName":"a","` + enterprise + `":{"manager":{"value":"1"}}}`, 400, "invalidValue", "manager"},
		"user name taken":     {"/Users", `{` + core + `,"userName":"TAKEN"}`, 409, "uniqueness", "userName"},
		"group name taken":    {"/Groups", `{` + coreGroup + `,"displayName":"STAFF"}`, 409, "uniqueness", "displayName"},
		"no group name":       {"/Groups", `{` + coreGroup + `}`, 400, "invalidValue", "displayName is required"},
		"unknown member":      {"/Groups", `{` + coreGroup + `,"displayName":"g","members":[{"value":"1"}]}`, 400, "invalidValue", "no user"},
		"member without id":   {"/Groups", `{` + coreGroup + `,"displayName":"g","members":[{"display":"1"}]}`, 400, "invalidValue", "needs a value"},
		"group as member":     {"/Groups", `{` + coreGroup + `,"displayName":"g","members":[{"value":"1","type":"Group"}]}`, 400, "invalidValue", "only users"},
		"members not a list":  {"/Groups", `{` + coreGroup + `,"displayName":"g","members":"1"}`, 400, "invalidValue", "list"},
		"member as text":      {"/Groups", `{` + coreGroup + `,"displayName":"g","members":["1"]}`, 400, "invalidValue", "object"},
		"body beyond 8 MiB":   {"/Users", `{` + core + `,"userName":"` + strings.Repeat("a", 9<<20) + `"}`, 413, "", "8 MiB"},
		"unknown member, put": {"/Groups", `{` + coreGroup + `,"displayName":"h","members":[{"value":"nobody"}]}`, 400, "invalidValue", "nobody"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := start(t)
			k.user("taken", "")
			k.group("Staff")
			got := k.want(test.status, "POST", test.path, test.body)
			if scimType, _ := got["scimType"].(string); scimType != test.scimType {
				t.Errorf("scimType %q, want %q", scimType, test.scimType)
			}
			if detail, _ := got["detail"].(string); !strings.Contains(detail, test.detail) {
				t.Errorf("detail %q does not mention %q", detail, test.detail)
			}
			if len(k.app.Users()) != 1 || len(k.app.Groups()) != 1 {
				t.Errorf("the refusal left something behind: %v %v", k.app.Users(), k.app.Groups())
			}
		})
	}
}

func TestErrorsHaveTheForm(t *testing.T) {
	t.Parallel()
	form := func(status, detail string) tree {
		return tree{"schemas": []any{"urn:ietf:params:scim:api:messages:2.0:Error"}, "status": status, "detail": detail}
	}
	tests := map[string]struct {
		method, path string
		header       []string
		status       int
		want         tree
	}{
		"no token":         {"GET", "/Users", []string{"Authorization", ""}, 401, form("401", "the bearer token is missing or wrong")},
		"wrong token":      {"GET", "/Users", []string{"Authorization", "Bearer secre"}, 401, form("401", "the bearer token is missing or wrong")},
		"not bearer":       {"GET", "/Schemas", []string{"Authorization", "Basic secret"}, 401, form("401", "the bearer token is missing or wrong")},
		"unknown id":       {"GET", "/Users/7", nil, 404, form("404", `there is no User with id "7"`)},
		"unknown id put":   {"PUT", "/Groups/7", nil, 404, form("404", `there is no Group with id "7"`)},
		"deep path":        {"GET", "/Users/7/x", nil, 404, form("404", "there is nothing at /Users/7/x")},
		"unknown endpoint": {"GET", "/Desks", nil, 404, form("404", "there is no endpoint /Desks")},
		"root":             {"GET", "", nil, 404, form("404", "there is no endpoint /")},
		"delete all":       {"DELETE", "/Users", nil, 405, form("405", "DELETE is not possible here")},
		"post to an id":    {"POST", "/Users/7", nil, 405, form("405", "POST is not possible here")},
		"bulk":             {"POST", "/Bulk", nil, 501, form("501", "/Bulk is not offered")},
		"media type":       {"POST", "/Users", []string{"Content-Type", "text/plain"}, 415, form("415", "send the body as application/scim+json")},
		"no media type":    {"POST", "/Users", []string{"Content-Type", ""}, 415, form("415", "send the body as application/scim+json")},
		"write schemas":    {"POST", "/Schemas", nil, 405, form("405", "/Schemas can only be read")},
		"filter schemas":   {"GET", "/Schemas?filter=x", nil, 403, form("403", "/Schemas takes no filter")},
		"unknown schema":   {"GET", "/Schemas/urn:x", nil, 404, form("404", "there is nothing at /Schemas/urn:x")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := start(t)
			w := k.send(test.method, test.path, `{`+coreGroup+`,"displayName":"g"}`, test.header...)
			if w.Code != test.status || w.Header().Get("Content-Type") != mediaType {
				t.Errorf("%d %s, want %d %s", w.Code, w.Header().Get("Content-Type"), test.status, mediaType)
			}
			if diff := cmp.Diff(test.want, parse(t, w.Body.String())); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if (w.Header().Get("WWW-Authenticate") != "") != (test.status == 401) {
				t.Errorf("WWW-Authenticate is %q with status %d", w.Header().Get("WWW-Authenticate"), test.status)
			}
		})
	}
}

func TestAnApplicationWithoutTokenAsksForNone(t *testing.T) {
	t.Parallel()
	k := kit{t, wikiapp.New(wikiapp.Options{})}
	if w := k.send("GET", "/Users", "", "Authorization", ""); w.Code != 200 {
		t.Errorf("GET without token = %d", w.Code)
	}
}

func TestPutReplacesEverything(t *testing.T) {
	t.Parallel()
	k := start(t)
	id := k.user("ann", `,"title":"Clerk","active":false,"`+enterprise+`":{"department":"Sales"}`)
	k.user("bob", "")
	got := k.want(200, "PUT", "/Users/"+id, `{`+core+`,"userName":"Ann","displayName":"Ann B"}`)
	want := tree{
		"schemas": []any{"urn:ietf:params:scim:schemas:core:2.0:User"}, "id": id,
		"userName": "Ann", "displayName": "Ann B", "active": true,
		"meta": tree{"resourceType": "User", "location": "http://wiki.test/scim/v2/Users/" + id,
			"created": got["meta"].(tree)["created"], "lastModified": got["meta"].(tree)["lastModified"]},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer to PUT (-want +got):\n%s", diff)
	}
	if got["meta"].(tree)["created"] == got["meta"].(tree)["lastModified"] {
		t.Error("lastModified did not move")
	}
	k.want(409, "PUT", "/Users/"+id, `{`+core+`,"userName":"BOB"}`)
	if names := k.names("/Users", `userName eq "ann"`); !cmp.Equal(names, []string{"Ann"}) {
		t.Errorf("after a refused PUT the old name finds %v", names)
	}
}

func TestPutReplacesMembers(t *testing.T) {
	t.Parallel()
	k := start(t)
	ann, bob, eve := k.user("ann", ""), k.user("bob", ""), k.user("eve", "")
	g := k.group("Staff", ann, bob)
	k.want(200, "PUT", "/Groups/"+g, `{`+coreGroup+`,"displayName":"Crew","members":[{"value":"`+bob+`"},{"value":"`+eve+`"}]}`)
	want := []wikiapp.Group{{ID: g, DisplayName: "Crew", Members: []string{"bob", "eve"}}}
	if diff := cmp.Diff(want, k.app.Groups()); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	k.want(400, "PUT", "/Groups/"+g, `{`+coreGroup+`,"displayName":"Crew","members":[{"value":"nobody"}]}`)
	if diff := cmp.Diff(want, k.app.Groups()); diff != "" {
		t.Errorf("a refused PUT changed groups (-want +got):\n%s", diff)
	}
}

func TestDeleteUserLeavesItsGroups(t *testing.T) {
	t.Parallel()
	k := start(t)
	ann, bob := k.user("ann", `,"externalId":"7"`), k.user("bob", `,"externalId":"7"`)
	g := k.group("Staff", ann, bob)
	if w := k.send("DELETE", "/Users/"+ann, ""); w.Code != 204 || w.Body.Len() != 0 {
		t.Fatalf("DELETE = %d %s", w.Code, w.Body)
	}
	k.want(404, "GET", "/Users/"+ann, "")
	k.want(404, "DELETE", "/Users/"+ann, "")
	k.want(404, "PATCH", "/Users/"+ann, `{`+patchOp+`,"Operations":[{"op":"replace","path":"active","value":false}]}`)
	if diff := cmp.Diff([]wikiapp.Group{{ID: g, DisplayName: "Staff", Members: []string{"bob"}}}, k.app.Groups()); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if names := k.names("/Users", `externalId eq "7"`); !cmp.Equal(names, []string{"bob"}) {
		t.Errorf("externalId finds %v", names)
	}
	if again := k.user("ann", ""); again == ann {
		t.Error("the id was used again")
	}
	k.want(204, "DELETE", "/Groups/"+g, "")
	if got := k.app.Users()[1].Groups; got != nil {
		t.Errorf("bob is still in %v", got)
	}
}

func TestAnswersDescribeWhatTheyReferTo(t *testing.T) {
	t.Parallel()
	k := start(t)
	boss := k.user("boss", `,"displayName":"The Boss"`)
	ann := k.user("ann", `,"`+enterprise+`":{"manager":{"value":"`+boss+`","displayName":"forged"}}`)
	g := k.group("Staff", ann)
	user := k.want(200, "GET", "/Users/"+ann+"?attributes=groups,"+enterprise+":manager", "")
	wantUser := tree{
		"schemas": []any{"urn:ietf:params:scim:schemas:core:2.0:User", enterprise}, "id": ann,
		"groups": []any{tree{"value": g, "display": "Staff", "type": "direct", "$ref": "http://wiki.test/scim/v2/Groups/" + g}},
		enterprise: tree{"manager": tree{"value": boss, "displayName": "The Boss",
			"$ref": "http://wiki.test/scim/v2/Users/" + boss}},
	}
	if diff := cmp.Diff(wantUser, user); diff != "" {
		t.Errorf("user (-want +got):\n%s", diff)
	}
	group := k.want(200, "GET", "/Groups/"+g+"?excludedAttributes=meta", "")
	wantGroup := tree{
		"schemas": []any{"urn:ietf:params:scim:schemas:core:2.0:Group"}, "id": g, "displayName": "Staff",
		"members": []any{tree{"value": ann, "display": "ann", "type": "User", "$ref": "http://wiki.test/scim/v2/Users/" + ann}},
	}
	if diff := cmp.Diff(wantGroup, group); diff != "" {
		t.Errorf("group (-want +got):\n%s", diff)
	}
}

func TestUsersIsACopySortedByName(t *testing.T) {
	t.Parallel()
	k := start(t)
	boss := k.user("zoe", "")
	id := k.user("ann", `,"externalId":"7","displayName":"Ann B","title":"Clerk","active":false,
		"name":{"givenName":"Ann","familyName":"Berg"},
		"emails":[{"type":"home","value":"h@x"},{"type":"work","value":"w@x"}],
		"`+enterprise+`":{"department":"Sales","employeeNumber":"42","manager":{"value":"`+boss+`"}}`)
	k.group("B", id)
	k.group("A", id)
	users := k.app.Users()
	attrs := users[0].Attributes
	users[0].Attributes = nil
	want := []wikiapp.User{{
		ID: id, ExternalID: "7", UserName: "ann", DisplayName: "Ann B", GivenName: "Ann", FamilyName: "Berg", Title: "Clerk",
		Email: "w@x", Department: "Sales", EmployeeID: "42", ManagerID: boss, Groups: []string{"A", "B"},
	}, {ID: boss, UserName: "zoe", Active: true, Attributes: tree{"userName": "zoe", "active": true}}}
	if diff := cmp.Diff(want, users); diff != "" {
		t.Errorf("users (-want +got):\n%s", diff)
	}
	attrs["name"].(tree)["familyName"] = "changed"
	if got := k.app.Users()[0].FamilyName; got != "Berg" {
		t.Errorf("a snapshot changed the application: %q", got)
	}
}
