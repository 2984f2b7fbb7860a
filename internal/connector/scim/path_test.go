package scim

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

const acme = "urn:ietf:params:scim:schemas:extension:acme:2.0:User"

func TestParsePath(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want Path
		// printed and wire differ from text only where they are given.
		printed, wire string
	}{
		{text: "userName", want: Path{Attribute: "userName"}},
		{text: "name.givenName", want: Path{Attribute: "name", Sub: "givenName"}},
		{text: `emails[type eq "work"].value`, want: Path{Attribute: "emails", FilterBy: "type", FilterValue: "work", Sub: "value"}},
		{text: `emails[type EQ "work"].primary`, want: Path{Attribute: "emails", FilterBy: "type", FilterValue: "work", Sub: "primary"},
			printed: `emails[type eq "work"].primary`, wire: `emails[type eq "work"].primary`},
		{text: `phoneNumbers[type eq "a \"b\" ]\\ c"].value`, want: Path{Attribute: "phoneNumbers", FilterBy: "type", FilterValue: `a "b" ]\ c`, Sub: "value"}},
		{text: `roles[primary eq "True"].value`, want: Path{Attribute: "roles", FilterBy: "primary", FilterValue: "True", Sub: "value"},
			wire: `roles[primary eq true].value`},
		{text: acme + ":badge", want: Path{URN: acme, Attribute: "badge"}},
		{text: acme + ":badge.number", want: Path{URN: acme, Attribute: "badge", Sub: "number"}},
		{text: acme + `:badges[type eq "x:y"].number`, want: Path{URN: acme, Attribute: "badges", FilterBy: "type", FilterValue: "x:y", Sub: "number"}},
		{text: acme + `:badges[active eq "True"].number`, want: Path{URN: acme, Attribute: "badges", FilterBy: "active", FilterValue: "True", Sub: "number"},
			wire: acme + `:badges[active eq true].number`},
		{text: `emails[type eq "True"].value`, want: Path{Attribute: "emails", FilterBy: "type", FilterValue: "True", Sub: "value"}},
		{text: "urn:acme:1.0:badge", want: Path{URN: "urn:acme:1.0", Attribute: "badge"}},
		{text: "urn:acme:User.badge", want: Path{URN: "urn:acme", Attribute: "User", Sub: "badge"}},
		{text: strings.ToUpper(enterpriseUserURN) + ":Department", want: Path{URN: strings.ToUpper(enterpriseUserURN), Attribute: "Department"}},
		{text: coreUserURN + ":name.givenName", want: Path{Attribute: "name", Sub: "givenName"}, printed: "name.givenName", wire: "name.givenName"},
		{text: strings.ToLower(coreGroupURN) + ":displayName", want: Path{Attribute: "displayName"}, printed: "displayName", wire: "displayName"},
		{text: coreUserURN + `:emails[type eq "work"].value`, want: Path{Attribute: "emails", FilterBy: "type", FilterValue: "work", Sub: "value"},
			printed: `emails[type eq "work"].value`, wire: `emails[type eq "work"].value`},
		{text: "manager.$ref", want: Path{Attribute: "manager", Sub: "$ref"}},
		{text: "x-custom_1", want: Path{Attribute: "x-custom_1"}},
	} {
		got, err := ParsePath(test.text)
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%s: error %v (-want +got):\n%s", test.text, err, diff)
		}
		if want := orElse(test.printed, test.text); got.String() != want {
			t.Errorf("%s prints as %s, want %s", test.text, got, want)
		}
		if want := orElse(test.wire, test.text); got.wire() != want {
			t.Errorf("%s goes out as %s, want %s", test.text, got.wire(), want)
		}
	}
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func TestParsePathErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                              "a name is missing",
		"name.":                         "a name is missing",
		".givenName":                    "a name is missing",
		"a.b.c":                         `"b.c" is not an attribute name`,
		"user name":                     `"user name" is not an attribute name`,
		"1st":                           `"1st" is not an attribute name`,
		"naïve":                         `"naïve" is not an attribute name`,
		"http://example.com/User:badge": `"http://example.com/User" is not a schema URN`,
		"core:userName":                 `"core" is not a schema URN`,
		acme + ":":                      "a name is missing",
		// The form before December 2018 (mappings-and-scoping.md 8).
		enterpriseUserURN + ".department":    "a colon stands between a schema and its attribute: " + enterpriseUserURN + ":department",
		coreUserURN + ".name.givenName":      "a colon stands between a schema and its attribute: " + coreUserURN + ":name.givenName",
		acme + `.badges[type eq "x"].number`: "a colon stands between a schema and its attribute: " + acme + ":badges",
		enterpriseUserURN:                    enterpriseUserURN + " is a schema; its attribute follows after a colon",
		coreGroupURN + `[type eq "x"].value`: coreGroupURN + " is a schema; its attribute follows after a colon",
		"emails[":                            "a filter has the form",
		`emails[type eq "work"]`:             "a sub-attribute must follow the filter",
		`emails[type eq "work"]value`:        "a sub-attribute must follow the filter",
		`emails[type eq "work"].`:            "a name is missing",
		`emails[type eq "work"].value.x`:     `"value.x" is not an attribute name`,
		`emails[type eq work].value`:         "in double quotes",
		`emails[type eq "work].value`:        "in double quotes",
		`emails[type eq true].value`:         "in double quotes",
		`emails[type eq ""].value`:           "must not be empty",
		`emails[type ne "work"].value`:       "one comparison with eq",
		`emails[type].value`:                 "a filter has the form",
		`emails[type eq "a" or x pr].value`:  "one comparison and ends with a bracket",
		`[type eq "work"].value`:             "a name is missing",
		`emails[ eq "work"].value`:           "a name is missing",
		`emails.x[type eq "work"].value`:     `"emails.x" is not an attribute name`,
	} {
		if got, err := ParsePath(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %+v and error %v, want one that says %q", text, got, err, want)
		}
	}
}

// TestSamePath: names are compared without regard to case, the values of filters exactly (mappings-and-scoping.md 8).
func TestSamePath(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"userName", "USERNAME", true},
		{"name.givenName", "Name.GIVENNAME", true},
		{coreUserURN + ":title", "title", true},
		{acme + ":badge", strings.ToUpper(acme) + ":BADGE", true},
		{`emails[type eq "work"].value`, `Emails[TYPE eq "work"].Value`, true},
		{`emails[type eq "work"].value`, `emails[type eq "Work"].value`, false},
		{`emails[type eq "work"].value`, `emails[display eq "work"].value`, false},
		{acme + ":badge", "badge", false},
		{"name", "name.givenName", false},
	} {
		a, errA := ParsePath(test.a)
		b, errB := ParsePath(test.b)
		if errA != nil || errB != nil || a.same(b) != test.want || b.same(a) != test.want {
			t.Errorf("%s and %s: same is %v, want %v (%v, %v)", test.a, test.b, a.same(b), test.want, errA, errB)
		}
	}
}

// FuzzParsePath: what a path prints parses to the same path and prints the same again, and what it writes it reads.
func FuzzParsePath(f *testing.F) {
	for _, seed := range []string{"userName", "name.givenName", `emails[type eq "work"].value`, `roles[primary eq "True"].value`,
		acme + ":badge.number", coreUserURN + ":active", `a[b eq "\"\\]"].c`, `a[b eq "é"].c`, "urn:a:b", enterpriseUserURN + ".department",
		acme + `:badges[active eq "false"].number`, "roles", "addresses", "manager"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path, err := ParsePath(text)
		if err != nil {
			return
		}
		printed := path.String()
		again, err := ParsePath(printed)
		if err != nil || again != path || again.String() != printed {
			t.Errorf("%q is %+v, which prints as %q, which is %+v (%v)", text, path, printed, again, err)
		}
		value, err := canonical(text, directory.Text("True"))
		if err != nil {
			return
		}
		path = path.resolved()
		// The server's own names for itself, and a filter on the part that is written, cannot be both.
		if path.FilterBy != "" && strings.EqualFold(path.FilterBy, path.Sub) {
			return
		}
		body := resource{}
		if err := body.set(path, profile{}.value(path, connector.Change{Attribute: text, Value: value})); err != nil {
			t.Fatalf("%q cannot be written: %v", text, err)
		}
		encoded, err := encode(body)
		if err != nil {
			t.Fatal(err)
		}
		delivered, err := decodeResource(encoded)
		if err != nil {
			t.Fatal(err)
		}
		if got := delivered.read(path); !got.Equal(value) {
			t.Errorf("%q is written as %s and read as %s %s, want %s %s", text, encoded, got.Kind(), got, value.Kind(), value)
		}
	})
}
