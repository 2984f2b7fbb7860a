package scim

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
		"":                                  "a name is missing",
		"name.":                             "a name is missing",
		".givenName":                        "a name is missing",
		"a.b.c":                             `"b.c" is not an attribute name`,
		"user name":                         `"user name" is not an attribute name`,
		"1st":                               `"1st" is not an attribute name`,
		"naïve":                             `"naïve" is not an attribute name`,
		"http://example.com/User:badge":     `"http://example.com/User" is not a schema URN`,
		"core:userName":                     `"core" is not a schema URN`,
		acme + ":":                          "a name is missing",
		"emails[":                           "a filter has the form",
		`emails[type eq "work"]`:            "a sub-attribute must follow the filter",
		`emails[type eq "work"]value`:       "a sub-attribute must follow the filter",
		`emails[type eq "work"].`:           "a name is missing",
		`emails[type eq "work"].value.x`:    `"value.x" is not an attribute name`,
		`emails[type eq work].value`:        "in double quotes",
		`emails[type eq "work].value`:       "in double quotes",
		`emails[type eq true].value`:        "in double quotes",
		`emails[type eq ""].value`:          "must not be empty",
		`emails[type ne "work"].value`:      "one comparison with eq",
		`emails[type].value`:                "a filter has the form",
		`emails[type eq "a" or x pr].value`: "one comparison and ends with a bracket",
		`[type eq "work"].value`:            "a name is missing",
		`emails[ eq "work"].value`:          "a name is missing",
		`emails.x[type eq "work"].value`:    `"emails.x" is not an attribute name`,
	} {
		if got, err := ParsePath(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %+v and error %v, want one that says %q", text, got, err, want)
		}
	}
}

func FuzzParsePath(f *testing.F) {
	for _, seed := range []string{"userName", "name.givenName", `emails[type eq "work"].value`, `roles[primary eq "True"].value`,
		acme + ":badge.number", coreUserURN + ":active", `a[b eq "\"\\]"].c`, `a[b eq "é"].c`, "urn:a:b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path, err := ParsePath(text)
		if err != nil {
			return
		}
		again, err := ParsePath(path.String())
		if err != nil || again != path {
			t.Errorf("%q is %+v, which prints as %q, which is %+v (%v)", text, path, path, again, err)
		}
	})
}
