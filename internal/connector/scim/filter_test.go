package scim

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

func TestEquals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path  string
		value directory.Value
		want  string
	}{
		{"userName", directory.Text("ada@example.com"), `userName eq "ada@example.com"`},
		{"userName", directory.Text(`a "b" \c/ <d>&`), `userName eq "a \"b\" \\c/ <d>&"`},
		{"userName", directory.Text("a\nb\tc\x01"), `userName eq "a\nb\tc\u0001"`},
		{"active", directory.Boolean(true), `active eq true`},
		{acme + ":badge", directory.Integer(7), acme + `:badge eq 7`},
		{"name.givenName", directory.Text("Ada"), `name.givenName eq "Ada"`},
		{`emails[type eq "work"].value`, directory.Text("a@b"), `emails[type eq "work" and value eq "a@b"]`},
		{`roles[primary eq "True"].value`, directory.Text("x"), `roles[primary eq true and value eq "x"]`},
	} {
		path, err := ParsePath(test.path)
		if err != nil {
			t.Fatal(err)
		}
		if got := equals(profile{}, path, test.value); got != test.want {
			t.Errorf("%s = %s: got %s, want %s", test.path, test.value, got, test.want)
		}
	}
}

// TestEqualsInProfiles: the form of a filter differs by profile (scim-client.md 2, 6.4).
func TestEqualsInProfiles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path       string
		value      directory.Value
		rfc, entra string
	}{
		{"userName", directory.Text("ada"), `userName eq "ada"`, `userName eq "ada"`},
		{"active", directory.Boolean(false), `active eq false`, `active eq "False"`},
		{`emails[type eq "work"].value`, directory.Text("a b"), `emails[type eq "work" and value eq "a b"]`, `emails[type eq "work"].value eq "a b"`},
		{`roles[primary eq "True"].value`, directory.Text("x"), `roles[primary eq true and value eq "x"]`, `roles[primary eq "True"].value eq "x"`},
	} {
		path, err := ParsePath(test.path)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{ProfileRFC: test.rfc, ProfileEntra: test.entra, ProfileEntraCompliant: test.entra} {
			p, err := profileNamed(name)
			if err != nil {
				t.Fatal(err)
			}
			if got := equals(p, path, test.value); got != want {
				t.Errorf("%s: %s = %s: got %s, want %s", name, test.path, test.value, got, want)
			}
		}
	}
}

// readComparison is a server's view: the attribute, and the value of a comparison with eq, and nothing after it.
func readComparison(filter string) (attribute, value string, err error) {
	attribute, rest, found := strings.Cut(filter, " eq ")
	decoder := json.NewDecoder(strings.NewReader(rest))
	if err := decoder.Decode(&value); err != nil {
		return "", "", fmt.Errorf("%q: %w", filter, err)
	}
	if !found {
		return "", "", fmt.Errorf("%q has no eq", filter)
	}
	if after := rest[decoder.InputOffset():]; after != "" {
		return "", "", fmt.Errorf("%q: %q follows the value", filter, after)
	}
	return attribute, value, nil
}

// FuzzFilter proves that no value can break out of its quotes or of the query.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{"ada", `"`, `\`, `\"`, `" or userName pr or "`, "a b+c%20d&e=f#g;h", "日本\u2028\x00", "</script>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, name := range Profiles() {
			p, err := profileNamed(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, attribute := range []string{"externalId", "userName"} {
				s, err := newSearch(p, directory.User, attribute, directory.Text(value))
				if err != nil {
					if value != "" {
						t.Errorf("%q: %v", value, err)
					}
					continue
				}
				query, err := url.ParseQuery(s.filter)
				if err != nil || len(query) != 1 {
					t.Fatalf("%q makes the query %q: %v", value, s.filter, err)
				}
				if strings.ContainsFunc(s.filter, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\"<>\\^`{|}#", r) }) {
					t.Errorf("%q makes the query %q, which cannot stand in an address (RFC 3986)", value, s.filter)
				}
				by, got, err := readComparison(query.Get("filter"))
				// JSON has no bytes that are not UTF-8.
				if want := strings.ToValidUTF8(value, "\uFFFD"); err != nil || by != attribute || strings.ReplaceAll(got, "\uFFFD", "") != strings.ReplaceAll(want, "\uFFFD", "") {
					t.Errorf("%q arrives as %q eq %q (%v)", value, by, got, err)
				}
			}
		}
	})
}

// TestHolds: hits are compared as the schema compares, not as the server happens to.
func TestHolds(t *testing.T) {
	t.Parallel()
	rfc, err := profileNamed("")
	if err != nil {
		t.Fatal(err)
	}
	hit := resource{"id": "Id-1", "externalId": "E-1", "userName": "Ada", "active": true,
		"emails": []any{resource{"type": "work", "value": "Ada@Work.example"}}, acme: resource{"badge": "B-7"}}
	for _, test := range []struct {
		attribute, value string
		want             bool
	}{
		{"userName", "ADA", true}, {"userName", "Ad", false}, {"userName", "Ada ", false},
		{"externalId", "E-1", true}, {"externalId", "e-1", false},
		{"id", "Id-1", true}, {"id", "id-1", false},
		{`emails[type eq "work"].value`, "ada@work.EXAMPLE", true}, {`emails[type eq "home"].value`, "ada@work.example", false},
		{acme + ":badge", "b-7", true}, {acme + ":other", "b-7", false},
		{"active", "True", true}, {"active", "false", false},
	} {
		s, err := newSearch(rfc, directory.User, test.attribute, directory.Text(test.value))
		if err != nil {
			t.Fatal(err)
		}
		if got := s.holds(hit); got != test.want {
			t.Errorf("%s %q: got %v, want %v", test.attribute, test.value, got, test.want)
		}
	}
}
