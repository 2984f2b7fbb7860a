package wikiapp_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
)

// three accounts whose attributes the filter cases ask about.
func people(t testing.TB) (k kit, ann string) {
	t.Helper()
	k = start(t)
	ann = k.user("Ann@x.no", quoted(`,'externalId':'Ax7','displayName':'Ann \"A\" Berg','title':'Clerk','name':{'familyName':'Berg'},
		'emails':[{'type':'work','value':'ann@work.no','primary':true},{'type':'home','value':'ann@home.no'}],
		'`+enterprise+`':{'department':'Sales'}`))
	k.user("bob@x.no", quoted(`,'externalId':'Bx7','active':false,'title':'','emails':[{'type':'work','value':'bob@work.no'}],
		'`+enterprise+`':{'department':'Finance','manager':{'value':'`+ann+`'}}`))
	k.user("eve@y.no", quoted(`,'displayName':'C:\\eve','roles':[{'value':'admin'}]`))
	return k, ann
}

func TestUserFilters(t *testing.T) {
	t.Parallel()
	k, ann := people(t)
	k.group("Staff", ann)
	const a, b, e = "Ann@x.no", "bob@x.no", "eve@y.no"
	for filter, want := range map[string][]string{
		`userName eq "ANN@X.NO"`:                        {a},
		`USERNAME EQ "ann@x.no"`:                        {a},
		`userName eq "nobody"`:                          {},
		`userName ne "ann@x.no"`:                        {b, e},
		`userName co "X.N"`:                             {a, b},
		`userName sw "EVE"`:                             {e},
		`userName ew ".NO"`:                             {a, b, e},
		`userName gt "ann@x.no"`:                        {b, e},
		`userName ge "ann@x.no"`:                        {a, b, e},
		`userName lt "bob@x.no"`:                        {a},
		`userName le "bob@x.no"`:                        {a, b},
		`id eq "` + ann + `"`:                           {a},
		`id eq "` + strings.ToUpper(ann) + `"`:          {},
		`externalId eq "Ax7"`:                           {a},
		`externalId eq "ax7"`:                           {},
		`externalId pr`:                                 {a, b},
		`not (externalId pr)`:                           {e},
		`not(externalId pr) and active eq true`:         {e},
		`title pr`:                                      {a},
		`title eq ""`:                                   {b},
		`title eq null`:                                 {e},
		`title ne null`:                                 {a, b},
		`title ne "Clerk"`:                              {b, e},
		`active eq true`:                                {a, e},
		`active eq false`:                               {b},
		`active ne true`:                                {b},
		`active eq "True"`:                              {},
		`title eq 4`:                                    {},
		`displayName eq "ann \"a\" berg"`:               {a},
		`displayName eq "Ann \u0022A\u0022 Berg"`:       {a},
		`displayName eq "c:\\eve"`:                      {e},
		`name.familyName eq "berg"`:                     {a},
		`name pr`:                                       {a},
		`emails pr`:                                     {a, b},
		`emails.value co "home"`:                        {a},
		`emails eq "ann@home.no"`:                       {a},
		`emails[type eq "work"].value eq "bob@work.no"`: {b},
		`emails[type eq "home"].value eq "ann@work.no"`: {},
		`emails[type eq "work" and value co "ann"]`:     {a},
		`emails[type eq "work" and value co "ann"] or roles pr`:       {a, e},
		`emails[type eq "home"] and userName sw "ann"`:                {a},
		`emails[primary eq true].type eq "work"`:                      {a},
		`emails[not (type eq "work")]`:                                {a},
		`roles.value eq "Admin"`:                                      {e},
		`groups.display eq "staff"`:                                   {a},
		`groups pr`:                                                   {a},
		enterprise + `:department eq "sales"`:                         {a},
		`urn:ietf:params:scim:schemas:core:2.0:User:title eq "clerk"`: {a},
		enterprise + `:manager eq "` + ann + `"`:                      {b},
		enterprise + `:manager.value eq "` + ann + `"`:                {b},
		`userName eq "ann@x.no" and active eq true`:                   {a},
		`active eq true and userName eq "bob@x.no"`:                   {},
		`userName eq "ann@x.no" or userName eq "eve@y.no"`:            {a, e},
		`title pr or active eq false and userName sw "e"`:             {a},
		`(title pr or active eq false) and userName sw "b"`:           {b},
		`meta.resourceType eq "User"`:                                 {a, b, e},
		`meta.created gt "2026-03-01T12:00:03Z"`:                      {e},
		`meta.lastModified le "2026-03-01T13:00:01+01:00"`:            {a},
		`schemas eq "` + enterprise + `"`:                             {a, b},
		`  userName   eq   "ann@x.no"  `:                              {a},
	} {
		if diff := cmp.Diff(want, k.names("/Users", filter)); diff != "" {
			t.Errorf("filter %s (-want +got):\n%s", filter, diff)
		}
	}
}

func TestGroupFilters(t *testing.T) {
	t.Parallel()
	k, ann := people(t)
	staff := k.group("Sales staff", ann)
	k.group("Others")
	for filter, want := range map[string][]string{
		`displayName eq "SALES STAFF"`:                         {"Sales staff"},
		`members eq "` + ann + `"`:                             {"Sales staff"},
		`members.value eq "` + ann + `"`:                       {"Sales staff"},
		`members[value eq "` + ann + `"]`:                      {"Sales staff"},
		`members.display eq "ann@x.no"`:                        {"Sales staff"},
		`not (members pr)`:                                     {"Others"},
		`id eq "` + staff + `" and members eq "` + ann + `"`:   {"Sales staff"},
		`id eq "` + staff + `" and members eq "` + staff + `"`: {},
	} {
		if diff := cmp.Diff(want, k.names("/Groups", filter)); diff != "" {
			t.Errorf("filter %s (-want +got):\n%s", filter, diff)
		}
	}
}

func TestBadFilters(t *testing.T) {
	t.Parallel()
	k := start(t)
	for _, filter := range []string{
		` `, `userName`, `userName eq`, `userName eq ann`, `userName eq "ann`, `userName is "ann"`, `"ann" eq userName`,
		`userName eq "a" and`, `userName eq "a" xor title pr`, `(userName eq "a"`, `userName eq "a")`, `not userName pr`,
		`shoeSize eq "4"`, `name.first eq "x"`, `name eq "x"`, `addresses eq "x"`, `urn:x:y eq "x"`, enterprise + ` pr`,
		enterprise + `:desk eq "x"`, `emails[type eq "work"`, `emails[type eq "work"].text eq "x"`, `emails[] pr`,
		`name[familyName eq "x"]`, `active gt true`, `active co "t"`, `userName co 4`, `meta.created gt "yesterday"`,
		`userName eq ["a"]`, `userName eq {}`, `userName eq "a\x"`, `userName.x eq "a"`,
		strings.Repeat("(", 100) + `title pr` + strings.Repeat(")", 100),
	} {
		got := k.want(400, "GET", "/Users?filter="+url.QueryEscape(filter), "")
		if got["scimType"] != "invalidFilter" {
			t.Errorf("filter %s: %v", filter, got)
		}
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	k := kit{t, wikiapp.New(wikiapp.Options{Token: "secret", PageLimit: 4, Now: clock()})}
	for i := range 10 {
		k.user(fmt.Sprintf("u%d", i), "")
	}
	tests := map[string]struct {
		start float64
		names string
	}{
		"":                                {1, "u0 u1 u2 u3"},
		"startIndex=9":                    {9, "u8 u9"},
		"startIndex=9&count=1":            {9, "u8"},
		"startIndex=11":                   {11, ""},
		"startIndex=999999999999":         {999999999999, ""},
		"startIndex=0&count=2":            {1, "u0 u1"},
		"startIndex=-5&count=2":           {1, "u0 u1"},
		"count=0":                         {1, ""},
		"count=-1":                        {1, ""},
		"count=100":                       {1, "u0 u1 u2 u3"},
		"filter=userName+sw+%22u%22":      {1, "u0 u1 u2 u3"},
		"filter=id+pr&startIndex=8":       {8, "u7 u8 u9"},
		"filter=id+pr&count=0":            {1, ""},
		"filter=id+pr&startIndex=3&count": {3, "u2 u3 u4 u5"},
	}
	for query, test := range tests {
		got := k.want(200, "GET", "/Users?"+query, "")
		var names []string
		for _, r := range got["Resources"].([]any) {
			names = append(names, r.(tree)["userName"].(string))
		}
		delete(got, "Resources")
		want := tree{"schemas": []any{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}, "totalResults": 10.0,
			"startIndex": test.start, "itemsPerPage": float64(len(names))}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("?%s (-want +got):\n%s", query, diff)
		}
		if got := strings.Join(names, " "); got != test.names {
			t.Errorf("?%s lists %q, want %q", query, got, test.names)
		}
	}
	for _, query := range []string{"count=x", "startIndex=1.5"} {
		if got := k.want(400, "GET", "/Users?"+query, ""); got["scimType"] != "invalidValue" {
			t.Errorf("?%s: %v", query, got)
		}
	}
}

// A deleted account leaves no gap, and a changed one keeps its place.
func TestOrderIsThatOfCreation(t *testing.T) {
	t.Parallel()
	k := start(t)
	var ids []string
	for _, name := range []string{"d", "b", "a", "c"} {
		ids = append(ids, k.user(name, ""))
	}
	k.want(204, "DELETE", "/Users/"+ids[1], "")
	k.want(200, "PATCH", "/Users/"+ids[0], `{`+patchOp+`,"Operations":[{"op":"replace","path":"userName","value":"z"}]}`)
	k.user("b", "")
	if diff := cmp.Diff([]string{"z", "a", "c", "b"}, k.names("/Users", "id pr")); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestProjection(t *testing.T) {
	t.Parallel()
	k, ann := people(t)
	schemas := []any{"urn:ietf:params:scim:schemas:core:2.0:User", enterprise}
	tests := map[string]tree{
		"attributes=userName":          {"id": ann, "schemas": schemas, "userName": "Ann@x.no"},
		"attributes=USERNAME,+nothing": {"id": ann, "schemas": schemas, "userName": "Ann@x.no"},
		"attributes=nothing":           {"id": ann, "schemas": schemas},
		"attributes=name.familyName":   {"id": ann, "schemas": schemas, "name": tree{"familyName": "Berg"}},
		"attributes=emails.type":       {"id": ann, "schemas": schemas, "emails": []any{tree{"type": "work"}, tree{"type": "home"}}},
		"attributes=emails.type,emails.primary": {"id": ann, "schemas": schemas,
			"emails": []any{tree{"type": "work", "primary": true}, tree{"type": "home"}}},
		"attributes=" + enterprise + ":department":           {"id": ann, "schemas": schemas, enterprise: tree{"department": "Sales"}},
		"attributes=" + enterprise:                           {"id": ann, "schemas": schemas, enterprise: tree{"department": "Sales"}},
		"attributes=meta.resourceType":                       {"id": ann, "schemas": schemas, "meta": tree{"resourceType": "User"}},
		"attributes=title,userName&excludedAttributes=title": {"id": ann, "schemas": schemas, "userName": "Ann@x.no"},
		"excludedAttributes=id,schemas,meta,userName,emails.value,name.familyName,active,title,displayName,externalId," + enterprise + ":department": {
			"id": ann, "schemas": schemas, "name": tree{},
			"emails": []any{tree{"type": "work", "primary": true}, tree{"type": "home"}}},
		"excludedAttributes=meta,userName,emails,name,active,title,displayName,externalId," + enterprise: {"id": ann, "schemas": schemas},
	}
	whole := k.want(200, "GET", "/Users/"+ann, "")
	for query, want := range tests {
		if diff := cmp.Diff(want, k.want(200, "GET", "/Users/"+ann+"?"+query, "")); diff != "" {
			t.Errorf("?%s (-want +got):\n%s", query, diff)
		}
		list := k.want(200, "GET", "/Users?count=1&"+query, "")
		if diff := cmp.Diff(want, list["Resources"].([]any)[0]); diff != "" {
			t.Errorf("list ?%s (-want +got):\n%s", query, diff)
		}
	}
	if diff := cmp.Diff(whole, k.want(200, "GET", "/Users/"+ann, "")); diff != "" {
		t.Errorf("a projection changed what is stored (-before +after):\n%s", diff)
	}
	g := k.group("Staff", ann)
	for query, want := range map[string]bool{"": true, "?excludedAttributes=members": false, "?attributes=displayName": false,
		"?attributes=members.value": true, "?excludedAttributes=members.display": true} {
		if _, got := k.want(200, "GET", "/Groups/"+g+query, "")["members"]; got != want {
			t.Errorf("GET group%s has members: %v", query, got)
		}
	}
}
