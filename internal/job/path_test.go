package job_test

import (
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// pathProblems are what is said about a target by itself.
func pathProblems(target string) string {
	m := userMapping(and(target, "[a]"))
	for _, p := range m.Problems() {
		if p.Target == target && p.Field == "target" {
			return p.Message
		}
	}
	return ""
}

func TestTargetPaths(t *testing.T) {
	t.Parallel()
	const grammar, owned = "is not the path of an attribute", "is set by the target itself"
	for target, want := range map[string]string{
		"name.givenName":                              "",
		"$ref":                                        "",
		`emails[type eq "work"].value`:                "",
		`emails[type EQ "work"].primary`:              "",
		`emails[type eq "a:b.c"].value`:               "",
		`roles[primary eq "True"].value`:              "",
		`addresses[type eq "work"].formatted`:         "",
		`urn:x:2.0:User:emails[type eq "work"].value`: "",
		"members":                  "",
		"manager.$ref":             "",
		"msDS-UserAccountDisabled": "",
		"-dn-":                     "",
		"urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:-dn-":            "",
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":     "",
		"URN:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value":  "",
		"urn:ietf:params:scim:schemas:extension:CustomExtensionName:2.0:User:idTag": "",
		"urn:ietf:params:scim:schemas:core:2.0:User:name.givenName":                 "",
		// The target's own, in every way to write them.
		"id":                owned,
		"ID":                owned,
		"meta.resourceType": owned,
		"schemas":           owned,
		`meta[a eq "b:c"]`:  owned,
		"urn:ietf:params:scim:schemas:core:2.0:User:id": owned,
		// An extension may well have an attribute of that name.
		"urn:ietf:params:scim:schemas:extension:hr:2.0:User:id": "",

		"":                             grammar,
		" title":                       grammar,
		"title ":                       grammar,
		"1title":                       grammar,
		"-title":                       grammar,
		"title.":                       grammar,
		"name..givenName":              grammar,
		"name.given.name":              grammar,
		"urn:title":                    grammar,
		"urn::title":                   grammar,
		"urn:a b:title":                grammar,
		`urn:a":title`:                 grammar,
		"urn:a:":                       grammar,
		"emails[work].value":           grammar,
		`emails[type eq work].value`:   grammar,
		`emails[type co "w"].value`:    grammar,
		`emails[type eq "work".value`:  grammar,
		`emails[type eq "work`:         grammar,
		`emails[ eq "work"]`:           grammar,
		`emails[type eq "a"][b eq ""]`: grammar,
		`emails[type eq "a"]value`:     grammar,
	} {
		if got := pathProblems(target); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", target, got, want)
		}
	}
}

func TestSameTarget(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"userName", "USERNAME", true},
		{"urn:ietf:params:scim:schemas:core:2.0:User:name.givenName", "Name.GivenName", true},
		{`emails[type eq "work"].value`, `Emails[Type EQ "work"].Value`, true},
		{`emails[type eq "work"].value`, `emails[type eq "Work"].value`, false},
		{"department", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", false},
		{"urn:ietf:params:scim:schemas:extension:hr:2.0:User:x", "URN:IETF:params:scim:schemas:extension:hr:2.0:User:X", true},
	} {
		if got := job.SameTarget(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}

// Whatever the path: it is the same as itself in capitals, but for what a filter compares with; and a legal one stays
// legal.
func FuzzTargetPath(f *testing.F) {
	f.Add(`emails[type eq "work"].value`)
	f.Add("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName")
	f.Add(`a["`)
	f.Fuzz(func(t *testing.T, target string) {
		if !job.SameTarget(target, target) {
			t.Errorf("%q is not itself", target)
		}
		if pathProblems(target) != "" || strings.ContainsRune(target, '"') {
			return
		}
		if upper := strings.ToUpper(target); !job.SameTarget(target, upper) || pathProblems(upper) != "" {
			t.Errorf("%q is not %q: %s", upper, target, pathProblems(upper))
		}
	})
}
