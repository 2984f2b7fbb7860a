package wikiapp_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
)

// The attributes the account of the PATCH cases starts with.
const before = `{'userName':'ann','active':true,'title':'Clerk','name':{'givenName':'Ann','familyName':'Berg'},
	'emails':[{'type':'work','value':'w@x','primary':true},{'type':'home','value':'h@x'}],
	'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User':{'department':'Sales'}}`

// Each case sends operations and names what must differ from before: a key with null is gone. Quotes are written as '.
// A value of "" for want means nothing changes.
func TestPatchUser(t *testing.T) {
	t.Parallel()
	const ent = enterprise
	tests := map[string]struct {
		ops, want string
	}{
		"replace simple":          {`{'op':'replace','path':'title','value':'Boss'}`, `{'title':'Boss'}`},
		"replace absent":          {`{'op':'replace','path':'nickName','value':'Annie'}`, `{'nickName':'Annie'}`},
		"add simple replaces":     {`{'op':'add','path':'title','value':'Boss'}`, `{'title':'Boss'}`},
		"add same value":          {`{'op':'add','path':'title','value':'Clerk'}`, ``},
		"remove simple":           {`{'op':'remove','path':'title'}`, `{'title':null}`},
		"remove absent":           {`{'op':'remove','path':'nickName'}`, ``},
		"replace with null":       {`{'op':'replace','path':'title','value':null}`, `{'title':null}`},
		"empty text stays":        {`{'op':'replace','path':'title','value':''}`, `{'title':''}`},
		"name is case-blind":      {`{'op':'replace','path':'TITLE','value':'Boss'}`, `{'title':'Boss'}`},
		"core URN":                {`{'op':'replace','path':'urn:ietf:params:scim:schemas:core:2.0:User:name.familyName','value':'B'}`, `{'name':{'givenName':'Ann','familyName':'B'}}`},
		"disable":                 {`{'op':'replace','path':'active','value':false}`, `{'active':false}`},
		"remove active":           {`{'op':'replace','path':'active','value':false},{'op':'remove','path':'active'}`, ``},
		"dotted replace":          {`{'op':'replace','path':'name.familyName','value':'B'}`, `{'name':{'givenName':'Ann','familyName':'B'}}`},
		"dotted add":              {`{'op':'add','path':'name.middleName','value':'M'}`, `{'name':{'givenName':'Ann','familyName':'Berg','middleName':'M'}}`},
		"dotted remove":           {`{'op':'remove','path':'name.familyName'}`, `{'name':{'givenName':'Ann'}}`},
		"dotted remove of both":   {`{'op':'remove','path':'name.familyName'},{'op':'remove','path':'name.givenName'}`, `{'name':null}`},
		"complex merges":          {`{'op':'replace','path':'name','value':{'familyName':'B','givenName':null}}`, `{'name':{'familyName':'B'}}`},
		"complex of nulls":        {`{'op':'replace','path':'name','value':{'familyName':null,'givenName':null}}`, `{'name':null}`},
		"complex remove":          {`{'op':'remove','path':'name'}`, `{'name':null}`},
		"filtered replace":        {`{'op':'replace','path':'emails[type eq \'work\'].value','value':'n@x'}`, `{'emails':[{'type':'work','value':'n@x','primary':true},{'type':'home','value':'h@x'}]}`},
		"filter ignores case":     {`{'op':'replace','path':'emails[TYPE EQ \'WORK\'].value','value':'n@x'}`, `{'emails':[{'type':'work','value':'n@x','primary':true},{'type':'home','value':'h@x'}]}`},
		"filter on boolean":       {`{'op':'replace','path':'emails[primary eq true].value','value':'n@x'}`, `{'emails':[{'type':'work','value':'n@x','primary':true},{'type':'home','value':'h@x'}]}`},
		"filter with and":         {`{'op':'replace','path':'emails[type eq \'home\' and value sw \'h\'].value','value':'n@x'}`, `{'emails':[{'type':'work','value':'w@x','primary':true},{'type':'home','value':'n@x'}]}`},
		"filter without sub":      {`{'op':'replace','path':'emails[type eq \'work\']','value':{'type':'work','value':'n@x'}}`, `{'emails':[{'type':'work','value':'n@x'},{'type':'home','value':'h@x'}]}`},
		"filtered add merges":     {`{'op':'add','path':'emails[type eq \'work\']','value':{'display':'W'}}`, `{'emails':[{'type':'work','value':'w@x','primary':true,'display':'W'},{'type':'home','value':'h@x'}]}`},
		"filtered remove":         {`{'op':'remove','path':'emails[type eq \'work\']'}`, `{'emails':[{'type':'home','value':'h@x'}]}`},
		"filtered remove all":     {`{'op':'remove','path':'emails[value pr]'}`, `{'emails':null}`},
		"filtered remove of sub":  {`{'op':'remove','path':'emails[type eq \'work\'].primary'}`, `{'emails':[{'type':'work','value':'w@x'},{'type':'home','value':'h@x'}]}`},
		"filtered remove no one":  {`{'op':'remove','path':'emails[type eq \'other\']'}`, ``},
		"all elements":            {`{'op':'replace','path':'emails.display','value':'D'}`, `{'emails':[{'type':'work','value':'w@x','primary':true,'display':'D'},{'type':'home','value':'h@x','display':'D'}]}`},
		"add element":             {`{'op':'add','path':'emails','value':[{'type':'other','value':'o@x'}]}`, `{'emails':[{'type':'work','value':'w@x','primary':true},{'type':'home','value':'h@x'},{'type':'other','value':'o@x'}]}`},
		"add element, no list":    {`{'op':'add','path':'emails','value':{'type':'other','value':'o@x'}}`, `{'emails':[{'type':'work','value':'w@x','primary':true},{'type':'home','value':'h@x'},{'type':'other','value':'o@x'}]}`},
		"add element twice":       {`{'op':'add','path':'emails','value':[{'type':'home','value':'h@x'}]}`, ``},
		"add primary":             {`{'op':'add','path':'emails','value':[{'value':'o@x','primary':true}]}`, `{'emails':[{'type':'work','value':'w@x','primary':false},{'type':'home','value':'h@x'},{'value':'o@x','primary':true}]}`},
		"make primary":            {`{'op':'replace','path':'emails[type eq \'home\'].primary','value':true}`, `{'emails':[{'type':'work','value':'w@x','primary':false},{'type':'home','value':'h@x','primary':true}]}`},
		"add to a list of texts":  {`{'op':'add','path':'` + wiki + `:labels','value':['a','b']},{'op':'add','path':'` + wiki + `:labels','value':['b','c']}`, `{'` + wiki + `':{'labels':['a','b','c']}}`},
		"replace a list of texts": {`{'op':'add','path':'` + wiki + `:labels','value':['a','b']},{'op':'replace','path':'` + wiki + `:labels','value':['c']}`, `{'` + wiki + `':{'labels':['c']}}`},
		"clear a list of texts":   {`{'op':'replace','path':'` + wiki + `:labels','value':['a']},{'op':'remove','path':'` + wiki + `:labels'}`, ``},
		"roles":                   {`{'op':'add','path':'roles','value':[{'value':'a','primary':true,'type':'t','display':'A'}]},{'op':'replace','path':'roles[primary eq true].value','value':'b'}`, `{'roles':[{'value':'b','primary':true,'type':'t','display':'A'}]}`},
		"replace list":            {`{'op':'replace','path':'emails','value':[{'value':'o@x'}]}`, `{'emails':[{'value':'o@x'}]}`},
		"replace with empty list": {`{'op':'replace','path':'emails','value':[]}`, `{'emails':null}`},
		"add to no list":          {`{'op':'add','path':'phoneNumbers','value':[{'type':'work','value':'1'}]}`, `{'phoneNumbers':[{'type':'work','value':'1'}]}`},
		"extension replace":       {`{'op':'replace','path':'` + ent + `:department','value':'HR'}`, `{'` + ent + `':{'department':'HR'}}`},
		"extension add":           {`{'op':'add','path':'` + ent + `:division','value':'N'}`, `{'` + ent + `':{'department':'Sales','division':'N'}}`},
		"extension case-blind":    {`{'op':'add','path':'` + strings.ToUpper(ent) + `:Division','value':'N'}`, `{'` + ent + `':{'department':'Sales','division':'N'}}`},
		"extension remove":        {`{'op':'remove','path':'` + ent + `:department'}`, `{'` + ent + `':null}`},
		"whole extension":         {`{'op':'replace','path':'` + ent + `','value':{'division':'N'}}`, `{'` + ent + `':{'department':'Sales','division':'N'}}`},
		"whole extension remove":  {`{'op':'remove','path':'` + ent + `'}`, `{'` + ent + `':null}`},
		"path-less replace":       {`{'op':'replace','value':{'title':'Boss','name':{'familyName':'B'},'schemas':['x']}}`, `{'title':'Boss','name':{'givenName':'Ann','familyName':'B'}}`},
		"path-less add":           {`{'op':'add','value':{'emails':[{'value':'o@x'}]}}`, `{'emails':[{'type':'work','value':'w@x','primary':true},{'type':'home','value':'h@x'},{'value':'o@x'}]}`},
		"path-less extension":     {`{'op':'replace','value':{'` + ent + `':{'department':'HR'}}}`, `{'` + ent + `':{'department':'HR'}}`},
		"path-less null":          {`{'op':'replace','value':{'title':null}}`, `{'title':null}`},
		"path-less case":          {`{'op':'replace','value':{'ACTIVE':false}}`, `{'active':false}`},
		"operations in order":     {`{'op':'remove','path':'title'},{'op':'add','path':'title','value':'A'},{'op':'replace','path':'title','value':'B'}`, `{'title':'B'}`},
		"quote in filter":         {`{'op':'add','path':'emails','value':{'value':'a\"b\\c'}},{'op':'remove','path':'emails[value eq \'a\\\"b\\\\c\']'}`, ``},
		"rename":                  {`{'op':'replace','path':'userName','value':'ANN'}`, `{'userName':'ANN'}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := start(t)
			id := k.user("ann", quoted(`,'title':'Clerk','name':{'givenName':'Ann','familyName':'Berg'},
				'emails':[{'type':'work','value':'w@x','primary':true},{'type':'home','value':'h@x'}],'`+ent+`':{'department':'Sales'}`))
			old := k.want(200, "GET", "/Users/"+id, "")
			got := k.want(200, "PATCH", "/Users/"+id, `{`+patchOp+`,"Operations":[`+patchText(test.ops)+`]}`)

			want := parse(t, quoted(before))
			if test.want != "" {
				for key, v := range parse(t, quoted(test.want)) {
					if want[key] = v; v == nil {
						delete(want, key)
					}
				}
			}
			if diff := cmp.Diff(want, k.app.Users()[0].Attributes); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(got, k.want(200, "GET", "/Users/"+id, "")); diff != "" {
				t.Errorf("PATCH and GET answer differently (-patch +get):\n%s", diff)
			}
			moved := old["meta"].(tree)["lastModified"] != got["meta"].(tree)["lastModified"]
			if moved != (test.want != "") {
				t.Errorf("lastModified moved: %v", moved)
			}
		})
	}
}

// patchText writes operations as JSON: \' stands for a quote inside a text.
func patchText(s string) string { return quoted(strings.ReplaceAll(s, `\'`, `\"`)) }

// A refused PATCH changes nothing, whatever its earlier operations did.
func TestPatchRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		ops, scimType string
	}{
		"boolean as text":         {`{'op':'replace','path':'active','value':'True'}`, "invalidValue"},
		"boolean as text, add":    {`{'op':'add','value':{'active':'False'}}`, "invalidValue"},
		"capitalised op":          {`{'op':'Replace','path':'title','value':'x'}`, "invalidSyntax"},
		"unknown op":              {`{'op':'move','path':'title','value':'x'}`, "invalidSyntax"},
		"no op":                   {`{'path':'title','value':'x'}`, "invalidSyntax"},
		"not an object":           {`'x'`, "invalidSyntax"},
		"no value":                {`{'op':'replace','path':'title'}`, "invalidValue"},
		"remove without path":     {`{'op':'remove'}`, "noTarget"},
		"path not text":           {`{'op':'replace','path':4,'value':'x'}`, "invalidPath"},
		"unknown attribute":       {`{'op':'replace','path':'shoeSize','value':'x'}`, "invalidPath"},
		"unknown sub":             {`{'op':'replace','path':'name.first','value':'x'}`, "invalidPath"},
		"unknown URN":             {`{'op':'replace','path':'urn:x:department','value':'x'}`, "invalidPath"},
		"core URN alone":          {`{'op':'replace','path':'urn:ietf:params:scim:schemas:core:2.0:User','value':{}}`, "invalidPath"},
		"unknown in extension":    {`{'op':'replace','path':'` + enterprise + `:desk','value':'x'}`, "invalidPath"},
		"filter on single":        {`{'op':'replace','path':'name[givenName eq \'a\'].familyName','value':'x'}`, "invalidPath"},
		"nested filter":           {`{'op':'replace','path':'emails[emails[type eq \'a\']].value','value':'x'}`, "invalidPath"},
		"open bracket":            {`{'op':'replace','path':'emails[type eq \'work\'.value','value':'x'}`, "invalidPath"},
		"text after path":         {`{'op':'replace','path':'title x','value':'x'}`, "invalidPath"},
		"unknown sub in filter":   {`{'op':'replace','path':'emails[kind eq \'work\'].value','value':'x'}`, "invalidPath"},
		"unknown sub after":       {`{'op':'replace','path':'emails[type eq \'work\'].text','value':'x'}`, "invalidPath"},
		"no element, replace":     {`{'op':'replace','path':'emails[type eq \'other\'].value','value':'x'}`, "noTarget"},
		"no element, add":         {`{'op':'add','path':'emails[type eq \'other\'].value','value':'x'}`, "noTarget"},
		"no element at all":       {`{'op':'replace','path':'phoneNumbers.value','value':'x'}`, "noTarget"},
		"read-only":               {`{'op':'replace','path':'id','value':'x'}`, "mutability"},
		"read-only sub":           {`{'op':'replace','path':'meta.created','value':'x'}`, "mutability"},
		"read-only in extension":  {`{'op':'replace','path':'` + enterprise + `:manager.displayName','value':'x'}`, "mutability"},
		"read-only groups":        {`{'op':'add','path':'groups','value':[{'value':'x'}]}`, "mutability"},
		"read-only, path-less":    {`{'op':'replace','value':{'id':'x'}}`, "mutability"},
		"remove required":         {`{'op':'remove','path':'userName'}`, "mutability"},
		"required to null":        {`{'op':'replace','path':'userName','value':null}`, "mutability"},
		"required to empty":       {`{'op':'replace','path':'userName','value':''}`, "invalidValue"},
		"dotted key":              {`{'op':'replace','value':{'name.familyName':'x'}}`, "invalidPath"},
		"full URN key":            {`{'op':'replace','value':{'` + enterprise + `:department':'x'}}`, "invalidPath"},
		"path-less text":          {`{'op':'replace','value':'x'}`, "invalidValue"},
		"path-less ext text":      {`{'op':'replace','value':{'` + enterprise + `':'x'}}`, "invalidValue"},
		"path-less ext unknown":   {`{'op':'replace','value':{'` + enterprise + `':{'desk':'x'}}}`, "invalidPath"},
		"text for complex":        {`{'op':'replace','path':'name','value':'x'}`, "invalidValue"},
		"text for filtered":       {`{'op':'replace','path':'emails[type eq \'work\']','value':'x'}`, "invalidValue"},
		"text for list":           {`{'op':'replace','path':'emails','value':'x'}`, "invalidValue"},
		"number for sub":          {`{'op':'replace','path':'emails[type eq \'work\'].value','value':4}`, "invalidValue"},
		"unknown sub in value":    {`{'op':'replace','path':'name','value':{'first':'x'}}`, "invalidSyntax"},
		"two primaries":           {`{'op':'replace','path':'emails.primary','value':true}`, "invalidValue"},
		"manager as text":         {`{'op':'replace','path':'` + enterprise + `:manager','value':'x'}`, "invalidValue"},
		"unknown manager":         {`{'op':'replace','path':'` + enterprise + `:manager','value':{'value':'x'}}`, "invalidValue"},
		"user name taken":         {`{'op':'replace','path':'userName','value':'Bob'}`, "uniqueness"},
		"second operation wrong":  {`{'op':'remove','path':'title'},{'op':'replace','path':'active','value':'x'}`, "invalidValue"},
		"nothing but white space": {`{'op':'replace','path':' ','value':'x'}`, "invalidPath"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := start(t)
			id := k.user("ann", quoted(`,'title':'Clerk','name':{'givenName':'Ann'},'emails':[{'type':'work','value':'w@x'},{'type':'home','value':'h@x'}]`))
			k.user("bob", "")
			old := k.want(200, "GET", "/Users/"+id, "")
			w := k.send("PATCH", "/Users/"+id, `{`+patchOp+`,"Operations":[`+patchText(test.ops)+`]}`)
			status := 400
			if test.scimType == "uniqueness" {
				status = 409
			}
			body := parse(t, w.Body.String())
			if w.Code != status || body["scimType"] != test.scimType {
				t.Errorf("%d %s, want %d %s", w.Code, w.Body, status, test.scimType)
			}
			if diff := cmp.Diff(old, k.want(200, "GET", "/Users/"+id, "")); diff != "" {
				t.Errorf("a refused PATCH changed something (-before +after):\n%s", diff)
			}
		})
	}
}

func TestPatchMessageIsChecked(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{}`,
		`{` + patchOp + `}`,
		`{` + patchOp + `,"Operations":[]}`,
		`{` + patchOp + `,"Operations":{}}`,
		`{"Operations":[{"op":"remove","path":"title"}]}`,
		`{` + core + `,"Operations":[{"op":"remove","path":"title"}]}`,
	} {
		k := start(t)
		id := k.user("ann", "")
		if got := k.want(400, "PATCH", "/Users/"+id, body); got["scimType"] != "invalidSyntax" {
			t.Errorf("%s: %v", body, got)
		}
	}
}

// Operations on a group of ann and bob; eve is an account outside of it. $ann and so on stand for ids.
func TestPatchMembers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		ops      string
		want     []string
		scimType string
	}{
		"add":                       {ops: `{'op':'add','path':'members','value':[{'value':'$eve'}]}`, want: []string{"ann", "bob", "eve"}},
		"add one, no list":          {ops: `{'op':'add','path':'members','value':{'value':'$eve'}}`, want: []string{"ann", "bob", "eve"}},
		"add twice":                 {ops: `{'op':'add','path':'members','value':[{'value':'$eve'},{'value':'$eve'},{'value':'$ann'}]}`, want: []string{"ann", "bob", "eve"}},
		"add path-less":             {ops: `{'op':'add','value':{'members':[{'value':'$eve'}]}}`, want: []string{"ann", "bob", "eve"}},
		"remove one":                {ops: `{'op':'remove','path':'members[value eq \'$ann\']'}`, want: []string{"bob"}},
		"remove stranger":           {ops: `{'op':'remove','path':'members[value eq \'$eve\']'}`, want: []string{"ann", "bob"}},
		"remove two":                {ops: `{'op':'remove','path':'members[value eq \'$ann\']'},{'op':'remove','path':'members[value eq \'$bob\']'}`, want: nil},
		"remove by or":              {ops: `{'op':'remove','path':'members[value eq \'$ann\' or display eq \'BOB\']'}`, want: nil},
		"remove all":                {ops: `{'op':'remove','path':'members'}`, want: nil},
		"replace":                   {ops: `{'op':'replace','path':'members','value':[{'value':'$eve'},{'value':'$ann'}]}`, want: []string{"ann", "eve"}},
		"replace by null":           {ops: `{'op':'replace','path':'members','value':null}`, want: nil},
		"add then remove":           {ops: `{'op':'add','path':'members','value':[{'value':'$eve'}]},{'op':'remove','path':'members[value eq \'$eve\']'}`, want: []string{"ann", "bob"}},
		"remove then add":           {ops: `{'op':'remove','path':'members[value eq \'$ann\']'},{'op':'add','path':'members','value':[{'value':'$ann'}]}`, want: []string{"ann", "bob"}},
		"replace, remove, add":      {ops: `{'op':'replace','path':'members','value':[{'value':'$eve'}]},{'op':'remove','path':'members[type eq \'User\']'},{'op':'add','path':'members','value':[{'value':'$bob'}]}`, want: []string{"bob"}},
		"unknown member":            {ops: `{'op':'add','path':'members','value':[{'value':'$eve'},{'value':'nobody'}]}`, want: []string{"ann", "bob"}, scimType: "invalidValue"},
		"remove with value refused": {ops: `{'op':'remove','path':'members','value':[{'value':'$ann'}]}`, want: []string{"ann", "bob"}, scimType: "invalidSyntax"},
		"edit refused":              {ops: `{'op':'replace','path':'members[value eq \'$ann\'].value','value':'$eve'}`, want: []string{"ann", "bob"}, scimType: "mutability"},
		"edit refused, no filter":   {ops: `{'op':'replace','path':'members.value','value':'$eve'}`, want: []string{"ann", "bob"}, scimType: "mutability"},
		"half refused":              {ops: `{'op':'remove','path':'members'},{'op':'remove','path':'displayName'}`, want: []string{"ann", "bob"}, scimType: "mutability"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := start(t)
			ann, bob, eve := k.user("ann", ""), k.user("bob", ""), k.user("eve", "")
			g := k.group("Staff", ann, bob)
			ids := strings.NewReplacer("$ann", ann, "$bob", bob, "$eve", eve)
			w := k.send("PATCH", "/Groups/"+g, `{`+patchOp+`,"Operations":[`+ids.Replace(patchText(test.ops))+`]}`)
			if test.scimType == "" {
				if w.Code != 204 || w.Body.Len() != 0 {
					t.Errorf("PATCH = %d %s, want an empty 204", w.Code, w.Body)
				}
			} else if got := parse(t, w.Body.String())["scimType"]; w.Code != 400 || got != test.scimType {
				t.Errorf("PATCH = %d %s, want 400 %s", w.Code, w.Body, test.scimType)
			}
			if diff := cmp.Diff([]wikiapp.Group{{ID: g, DisplayName: "Staff", Members: test.want}}, k.app.Groups()); diff != "" {
				t.Errorf("groups (-want +got):\n%s", diff)
			}
			for _, u := range k.app.Users() {
				in := strings.Contains(strings.Join(test.want, " "), u.UserName)
				if (len(u.Groups) == 1) != in {
					t.Errorf("%s is in %v", u.UserName, u.Groups)
				}
			}
		})
	}
}

func TestPatchAnswersWithTheGroupWhenAttributesAreAsked(t *testing.T) {
	t.Parallel()
	k := start(t)
	g := k.group("Staff")
	got := k.want(200, "PATCH", "/Groups/"+g+"?attributes=displayName", `{`+patchOp+`,"Operations":[{"op":"replace","path":"displayName","value":"Crew"}]}`)
	want := tree{"schemas": []any{"urn:ietf:params:scim:schemas:core:2.0:Group"}, "id": g, "displayName": "Crew"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}
