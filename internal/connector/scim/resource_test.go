package scim

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// TestRead covers the forms in which servers deliver attributes, wrong ones included.
func TestRead(t *testing.T) {
	t.Parallel()
	text, list := directory.Text, directory.List
	for _, test := range []struct {
		path, json string
		want       directory.Value
	}{
		{"userName", `{"userName":"ada"}`, text("ada")},
		{"userName", `{"USERNAME":"ada"}`, text("ada")},
		{"userName", `{"userName":null}`, directory.Null()},
		{"userName", `{}`, directory.Null()},
		{"userName", `{"userName":""}`, text("")},
		{"userName", `{"userName":42}`, text("42")},
		{"userName", `{"userName":["ada"]}`, text("ada")},
		{"active", `{"active":true}`, directory.Boolean(true)},
		{"active", `{"active":"False"}`, directory.Boolean(false)},
		{"active", `{"active":"maybe"}`, text("maybe")},
		{"name.givenName", `{"name":{"givenName":"Ada"}}`, text("Ada")},
		{"name.givenName", `{"name":"Ada"}`, directory.Null()},
		{"name.givenName", `{"name":null}`, directory.Null()},
		{`emails[type eq "work"].value`, `{"emails":[{"type":"home","value":"h"},{"type":"work","value":"w"}]}`, text("w")},
		{`emails[type eq "work"].value`, `{"emails":[{"value":"w"}]}`, directory.Null()},
		{`emails[type eq "work"].value`, `{"emails":["w"]}`, directory.Null()},
		{`emails[type eq "work"].value`, `{"emails":{"type":"work","value":"w"}}`, text("w")},
		{`emails[type eq "Work"].value`, `{"emails":[{"type":"work","value":"w"}]}`, directory.Null()},
		{`emails[type eq "work"].primary`, `{"emails":[{"type":"work","primary":"true"}]}`, directory.Boolean(true)},
		{`roles[primary eq "True"].value`, `{"roles":[{"value":"a"},{"primary":true,"value":"b"}]}`, text("b")},
		{`roles[primary eq "True"].value`, `{"roles":[{"primary":"true","value":"b"}]}`, text("b")},
		{"emails", `{"emails":[{"value":"a"},{"value":"b"},{"type":"x"}]}`, list(text("a"), text("b"))},
		{"emails", `{"emails":[]}`, directory.Null()},
		{"emails.value", `{"emails":[{"value":"a"},{"value":"b"}]}`, list(text("a"), text("b"))},
		{acme + ":badge", `{"` + acme + `":{"badge":7}}`, directory.Integer(7)},
		{acme + ":badge", `{"URN:IETF:params:scim:schemas:extension:acme:2.0:user":{"Badge":true}}`, directory.Boolean(true)},
		{acme + ":labels", `{"` + acme + `":{"labels":["a","b"]}}`, list(text("a"), text("b"))},
		{acme + ":badge", `{"` + acme + `":"x"}`, directory.Null()},
		{enterpriseUserURN + ":manager", `{"` + enterpriseUserURN + `":{"manager":{"value":"9","displayName":"Boss"}}}`, text("9")},
		{enterpriseUserURN + ":manager", `{"` + enterpriseUserURN + `":{"manager":"9"}}`, text("9")},
		{enterpriseUserURN + ":manager", `{"` + enterpriseUserURN + `":{"manager":[{"value":"9"}]}}`, text("9")},
		{enterpriseUserURN + ":manager", `{"` + enterpriseUserURN + `":{"manager":{}}}`, directory.Null()},
		{"manager", `{"` + enterpriseUserURN + `":{"manager":{"value":"9"}}}`, text("9")},
		{enterpriseUserURN + ":employeeNumber", `{"` + enterpriseUserURN + `":{"employeeNumber":42}}`, text("42")},
	} {
		r, err := decodeResource([]byte(test.json))
		if err != nil {
			t.Fatal(err)
		}
		path, err := ParsePath(test.path)
		if err != nil {
			t.Fatal(err)
		}
		got := r.read(path.resolved())
		// A list of two where one value belongs is no canonical value; it is kept to be seen as different.
		if !got.Equal(test.want) {
			t.Errorf("%s of %s: got %s %s, want %s %s", test.path, test.json, got.Kind(), got, test.want.Kind(), test.want)
		}
	}
}

func TestNewResourceConflicts(t *testing.T) {
	t.Parallel()
	at, err := endpointOf(directory.User)
	if err != nil {
		t.Fatal(err)
	}
	for _, attributes := range [][]string{
		{"title", "title.x"},
		{"TITLE", "title"},
		{"meta"},
		{"no path"},
	} {
		var changes []connector.Change
		for _, attribute := range attributes {
			changes = append(changes, connector.Change{Attribute: attribute, Value: directory.Text("x")})
		}
		if body, err := newResource(at, changes); directory.KindOf(err) != directory.Invalid {
			t.Errorf("%q: got %v, %v", attributes, body, err)
		}
	}
}

// TestWrittenIsRead: what a POST writes reads back as the same canonical value.
func TestWrittenIsRead(t *testing.T) {
	t.Parallel()
	at, err := endpointOf(directory.User)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]directory.Value{}
	var changes []connector.Change
	for _, change := range []connector.Change{
		{Attribute: "USERNAME", Value: directory.Text("ada")},
		{Attribute: "active", Value: directory.Text("False")},
		{Attribute: "emails[type eq \"work\"].Primary", Value: directory.Text("true")},
		{Attribute: "emails[TYPE eq \"work\"].value", Value: directory.Text("a@b")},
		{Attribute: "photos", Value: directory.List(directory.Text("p1"), directory.Text("p2"))},
		{Attribute: "manager", Value: directory.Text("9"), Reference: true},
		{Attribute: acme + ":level", Value: directory.Integer(3)},
		{Attribute: acme + ":labels", Value: directory.List(directory.Text("x"))},
		{Attribute: enterpriseUserURN + ":employeeNumber", Value: directory.Integer(42)},
	} {
		value, err := canonical(change.Attribute, change.Value)
		if err != nil {
			t.Fatal(err)
		}
		change.Value = value
		changes = append(changes, change)
		want[change.Attribute] = value
	}
	body, err := newResource(at, changes)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := encode(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := decodeResource(encoded)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]directory.Value{}
	for attribute := range want {
		path, err := ParsePath(attribute)
		if err != nil {
			t.Fatal(err)
		}
		got[attribute] = r.read(path.resolved())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", encoded, diff)
	}
}

func TestCanonicalErrors(t *testing.T) {
	t.Parallel()
	two := directory.List(directory.Text("a"), directory.Text("b"))
	for _, test := range []struct {
		attribute string
		value     directory.Value
		message   string
	}{
		{"active", directory.Text("yes"), `attribute active takes true or false, not "yes"`},
		{"name", directory.Text("Ada"), "attribute name has parts; name one, for example name.formatted"},
		{"emails.value", directory.Text("a"), `attribute emails.value: emails has several values; say which one, for example emails[type eq "work"].value`},
		{"userName", two, "attribute userName takes one value, not 2"},
		{`emails[type eq "work"].value`, two, `attribute emails[type eq "work"].value takes one value, not 2`},
		{"Meta.location", directory.Text("x"), "attribute Meta.location cannot be written: the target itself sets it, or it has no source"},
		{"groups", directory.Text("x"), "attribute groups cannot be written: the target itself sets it, or it has no source"},
		{"title", directory.Record(nil), "attribute title cannot hold a record"},
		{acme + ":x", directory.List(two), "attribute " + acme + ":x cannot hold a list inside a list"},
		{"a b", directory.Null(), `attribute path "a b": "a b" is not an attribute name`},
	} {
		got, err := canonical(test.attribute, test.value)
		if directory.KindOf(err) != directory.Invalid || err.Error() != test.message {
			t.Errorf("%s: got %s and %v, want %s", test.attribute, got, err, test.message)
		}
	}
	// One value in a list is that value; none is null.
	for _, test := range []struct{ in, want directory.Value }{
		{directory.List(directory.Text("a")), directory.Text("a")}, {directory.List(), directory.Null()},
	} {
		if got, err := canonical("userName", test.in); err != nil || !got.Equal(test.want) {
			t.Errorf("userName = %s: got %s, %v", test.in, got, err)
		}
	}
}

// TestPatchIsDeterministic: the operations do not depend on the order of a map.
func TestPatchIsDeterministic(t *testing.T) {
	t.Parallel()
	rfc, err := profileNamed("")
	if err != nil {
		t.Fatal(err)
	}
	operation := connector.Operation{Current: map[string]directory.Value{}}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		operation.Current[`emails[type eq "`+name+`"].value`] = directory.Text(name)
		operation.Changes = append(operation.Changes, connector.Change{Attribute: `emails[type eq "` + name + `"].primary`, Value: directory.Boolean(true)})
	}
	first, err := planPatch(rfc, operation)
	if err != nil || len(first) != 5 {
		t.Fatal(first, err)
	}
	for range 20 {
		if again, err := planPatch(rfc, operation); err != nil || cmp.Diff(first, again) != "" {
			t.Fatal(again, err)
		}
	}
}

func FuzzDecodePage(f *testing.F) {
	for _, seed := range []string{
		`{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"Resources":[{"id":"1"}]}`,
		`{"totalResults":0}`, `{"Resources":[null]}`, `{"resources":[{"id":7}],"totalResults":-1}`, `{"totalResults":1e99}`, `[]`, `null`, `<html>`,
		`{"totalResults":1,"Resources":[{"id":"1"}`, `{"totalResults":0}{}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := decodePage(body)
		if err != nil {
			return
		}
		for _, r := range p.resources {
			if r.id() == "" {
				t.Errorf("%s yields a resource without id", body)
			}
			// Whatever a resource holds, reading it must not fail.
			for _, path := range []Path{{Attribute: "userName"}, {Attribute: "emails", FilterBy: "type", FilterValue: "work", Sub: "value"}, {URN: enterpriseUserURN, Attribute: "manager"}} {
				r.read(path)
			}
		}
		if p.total < -1 {
			t.Errorf("%s yields the total %d", body, p.total)
		}
	})
}
