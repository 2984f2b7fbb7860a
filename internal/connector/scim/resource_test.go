package scim

import (
	"testing"
	"time"
	"unicode/utf8"

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
		{"emails", `{"emails":["a",{"value":"b","$ref":"x","verified":true}]}`, list(text("a"), text("b"))},
		{"emails", `{"emails":[{"TYPE":"work","value":"a","primary":"True","display":null},{"value":"b"}]}`,
			list(directory.Record(map[string]directory.Value{"type": text("work"), "value": text("a"), "primary": directory.Boolean(true)}), text("b"))},
		{"emails", `{"emails":{"value":"a"}}`, list(text("a"))},
		{"roles", `{"roles":[{"value":"a","displayName":"A","primary":false}]}`,
			list(directory.Record(map[string]directory.Value{"display": text("A"), "value": text("a"), "primary": directory.Boolean(false)}))},
		{"roles", `{"roles":[{"value":"{\"id\":\"1\",\"value\":\"a\",\"displayName\":\"A\"}"}]}`, list(roleOf("a", "A"))},
		{"addresses", `{"addresses":[{"type":"work","locality":"London","value":"x"},{}]}`,
			list(directory.Record(map[string]directory.Value{"type": text("work"), "locality": text("London")}))},
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

func roleOf(value, name string) directory.Value {
	return directory.Record(map[string]directory.Value{"value": directory.Text(value), "display": directory.Text(name),
		"type": directory.Text("WindowsAzureActiveDirectoryRole"), "primary": directory.Boolean(false)})
}

func TestCanonicalElements(t *testing.T) {
	t.Parallel()
	text, list := directory.Text, directory.List
	record := func(pairs ...any) directory.Value {
		fields := map[string]directory.Value{}
		for i := 0; i < len(pairs); i += 2 {
			fields[pairs[i].(string)] = pairs[i+1].(directory.Value)
		}
		return directory.Record(fields)
	}
	for _, test := range []struct {
		attribute   string
		value, want directory.Value
	}{
		{"emails", text("a@b"), list(text("a@b"))},
		{"emails", list(text("a"), text("b"), text("a"), directory.Null()), list(text("a"), text("b"))},
		{"emails", record("value", text("a")), list(text("a"))},
		{"emails", record("Value", text("a"), "TYPE", text("work"), "Primary", text("TRUE"), "$ref", text("x")),
			list(record("value", text("a"), "type", text("work"), "primary", directory.Boolean(true)))},
		{"emails", list(record("type", text("work"))), directory.Null()},
		{"emails", list(record()), directory.Null()},
		{"phoneNumbers", directory.Integer(112), list(text("112"))},
		{"roles", list(text("a"), record("value", text("b"), "display", text("B"))), list(text("a"), record("value", text("b"), "display", text("B")))},
		{"roles", text(`{"id":"1","value":"a","displayName":"A"}`), list(roleOf("a", "A"))},
		{"ROLES", record("id", text("1"), "value", text("a"), "displayName", text("A"), "primary", directory.Boolean(true)), list(roleOf("a", "A"))},
		// The default access role has no value, so there is nothing to tell the target.
		{"roles", text(`{"id":"0","value":null,"displayName":"Default Access"}`), directory.Null()},
		{"roles", text(`{"a":1}`), list(text(`{"a":1}`))},
		{"roles", text(`{not json`), list(text(`{not json`))},
		{"emails", text(`{"id":"1","value":"a"}`), list(text(`{"id":"1","value":"a"}`))},
		{"addresses", text("1 Main St"), list(record("formatted", text("1 Main St")))},
		{"addresses", list(record("type", text("work"), "locality", text("London"))), list(record("type", text("work"), "locality", text("London")))},
		{acme + ":labels", list(text("a"), directory.Integer(2), directory.Boolean(true), text("a")), list(text("a"), directory.Integer(2), directory.Boolean(true))},
		{acme + ":labels", list(text("a")), list(text("a"))},
		{acme + ":labels", list(), directory.Null()},
	} {
		got, err := canonical(test.attribute, test.value)
		if err != nil || !got.Equal(test.want) {
			t.Errorf("%s = %s: got %s (%v), want %s", test.attribute, test.value, got, err, test.want)
		}
		if again, err := canonical(test.attribute, got); err != nil || !again.Equal(got) {
			t.Errorf("%s = %s: %s becomes %s (%v) the second time", test.attribute, test.value, got, again, err)
		}
	}
}

// TestCanonicalTypes: booleans in any case where one is known, date-times as text, integers where nothing says otherwise.
func TestCanonicalTypes(t *testing.T) {
	t.Parallel()
	moment := directory.DateTime(time.Date(2026, 3, 1, 9, 5, 0, 0, time.UTC))
	for _, test := range []struct {
		attribute   string
		value, want directory.Value
	}{
		{"active", directory.Text("tRUE"), directory.Boolean(true)},
		{coreUserURN + ":Active", directory.Text("FALSE"), directory.Boolean(false)},
		{`emails[type eq "work"].primary`, directory.Text("true"), directory.Boolean(true)},
		{"title", directory.Boolean(true), directory.Text("True")},
		{"title", directory.Integer(7), directory.Text("7")},
		{enterpriseUserURN + ":employeeNumber", directory.Integer(7), directory.Text("7")},
		{"title", moment, directory.Text("3/1/2026 9:05:00 AM")},
		{acme + ":start", moment, directory.Text("3/1/2026 9:05:00 AM")},
		{acme + ":level", directory.Integer(7), directory.Integer(7)},
		{acme + ":level", directory.Text("7"), directory.Text("7")},
		{acme + ":on", directory.Boolean(true), directory.Boolean(true)},
		{acme + ":on", directory.Text("True"), directory.Text("True")},
	} {
		if got, err := canonical(test.attribute, test.value); err != nil || !got.Equal(test.want) {
			t.Errorf("%s = %s: got %s %s (%v), want %s %s", test.attribute, test.value, got.Kind(), got, err, test.want.Kind(), test.want)
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
		if body, err := newResource(profiles()[0], at, changes); directory.KindOf(err) != directory.Invalid {
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
		{Attribute: acme + `:badges[active eq "True"].number`, Value: directory.Text("7")},
		{Attribute: acme + `:badges[active eq "True"].colour`, Value: directory.Text("red")},
		{Attribute: acme + ":desk.floor", Value: directory.Integer(3)},
		{Attribute: coreUserURN + ":name.givenName", Value: directory.Text("Ada")},
		{Attribute: "roles", Value: directory.List(directory.Text(`{"id":"1","value":"a","displayName":"A"}`), directory.Text("plain"))},
		{Attribute: "addresses", Value: directory.Text("1 Main St")},
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
	body, err := newResource(profiles()[0], at, changes)
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

func primary(value string) directory.Value {
	return directory.Record(map[string]directory.Value{"value": directory.Text(value), "primary": directory.Boolean(true)})
}

func TestCanonicalErrors(t *testing.T) {
	t.Parallel()
	two := directory.List(directory.Text("a"), directory.Text("b"))
	for _, test := range []struct {
		attribute string
		value     directory.Value
		message   string
	}{
		{"active", directory.Text("yes"), `attribute active takes true or false, and the value is neither`},
		{"name", directory.Text("Ada"), "attribute name has parts; name one, for example name.formatted"},
		{"emails.value", directory.Text("a"), `attribute emails.value: emails has several values; say which one, for example emails[type eq "work"].value`},
		{"userName", two, "attribute userName takes one value, not 2"},
		{`emails[type eq "work"].value`, two, `attribute emails[type eq "work"].value takes one value, not 2`},
		{"Meta.location", directory.Text("x"), "attribute Meta.location cannot be written: the target itself sets it, or it has no source"},
		{"groups", directory.Text("x"), "attribute groups cannot be written: the target itself sets it, or it has no source"},
		{"title", directory.Record(nil), "attribute title cannot hold a record"},
		{acme + ":x", directory.List(two), "attribute " + acme + ":x cannot hold a list inside a list"},
		{"emails", directory.List(two), "attribute emails cannot hold a list inside a list"},
		{"emails", directory.Record(map[string]directory.Value{"value": directory.Text("a"), "colour": directory.Text("red")}),
			"an element of attribute emails has no part colour; it has value, display, type, primary"},
		{"emails", directory.Record(map[string]directory.Value{"value": directory.Text("a"), "primary": directory.Text("yes")}),
			`attribute emails.primary takes true or false, and the value is neither`},
		{"emails", directory.Record(map[string]directory.Value{"value": two}), "attribute emails.value cannot hold a list inside a list"},
		{"emails", directory.List(primary("a"), primary("b")), "attribute emails has 2 primary elements; there can be one"},
		{enterpriseUserURN + ":department", two, "attribute " + enterpriseUserURN + ":department takes one value, not 2"},
		{acme + ":desk.floor", two, "attribute " + acme + ":desk.floor takes one value, not 2"},
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

// FuzzRole: whatever the text of a role is, it has one canonical form, which is written and read as the same.
func FuzzRole(f *testing.F) {
	for _, seed := range []string{"admin", `{"id":"1","value":"a","displayName":"A"}`, `{"displayName":7,"value":true}`, `{"id":{},"value":[1]}`,
		`{"id":"1","value":"{\"id\":\"2\",\"value\":\"b\"}"}`, `{"id":"1"}`, `{}`, `{`, "", "\xff", `{"id":"1","value":"a"}x`} {
		f.Add(seed)
	}
	path := Path{Attribute: "roles"}
	f.Fuzz(func(t *testing.T, text string) {
		value, err := canonical("roles", directory.Text(text))
		if err != nil {
			if directory.KindOf(err) != directory.Invalid {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if value.IsNull() {
			return
		}
		encoded, err := encode(profile{}.value(path, connector.Change{Attribute: "roles", Value: value}))
		if err != nil {
			t.Fatal(err)
		}
		delivered, err := decodeResource([]byte(`{"roles":` + string(encoded) + `}`))
		if err != nil {
			t.Fatal(err)
		}
		// JSON has no bytes that are not UTF-8.
		if got := delivered.read(path); utf8.ValidString(text) && !got.Equal(value) {
			t.Errorf("%q is %s, is written as %s and read as %s", text, value, encoded, got)
		}
	})
}
