package cli

import "testing"

func TestDriftText(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		objectType string
		change     driftChangeJSON
	}{
		`title: "Boss", was "Clerk"`:    {"user", driftChangeJSON{"title", "Clerk", "Boss"}},
		`members: "x", was ""`:          {"user", driftChangeJSON{"members", "", "x"}},
		"members removed: ada, bob":     {"group", driftChangeJSON{"members", "ada, bob", ""}},
		"members added: cyn and 2 more": {"group", driftChangeJSON{"members", "", "cyn and 2 more"}},
	} {
		if got := c.change.text(c.objectType); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
