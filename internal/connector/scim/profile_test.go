package scim

import (
	"slices"
	"testing"
)

func TestProfileNamed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, found, problem string }{
		{"", "rfc", ""},
		{"rfc", "rfc", ""},
		{"rfc@1", "rfc", ""},
		{"entra", "entra", ""},
		{"entra-compliant@1", "entra-compliant", ""},
		{"entra@2", "", `profile "entra@2" is not known; entra has the versions entra@1`},
		{"entra@", "", `profile "entra@" is not known; entra has the versions entra@1`},
		{"okta", "", `profile "okta" is not known; use one of rfc, entra, entra-compliant`},
	} {
		p, err := profileNamed(test.name)
		if problem := errorText(err); p.name != test.found || problem != test.problem {
			t.Errorf("%q is %q (%s), want %q (%s)", test.name, p.name, problem, test.found, test.problem)
		}
	}
	if names := Profiles(); !slices.Equal(names, []string{"rfc", "entra", "entra-compliant"}) {
		t.Errorf("profiles: %v", names)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A name without version is the newest, so versions of one name are listed in order and never skip one.
func TestProfileVersions(t *testing.T) {
	t.Parallel()
	last := map[string]int{}
	for _, p := range profiles() {
		if p.version != last[p.name]+1 {
			t.Errorf("%s@%d follows version %d", p.name, p.version, last[p.name])
		}
		last[p.name] = p.version
	}
}
