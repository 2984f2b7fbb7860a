package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
)

// What changed so that somebody loses access is told in internal/cycle/coverage_test.go, where there are stories to tell it about.

func removal(group, name, member directory.Anchor) engine.Affected {
	return engine.Affected{Type: directory.Group, Source: group, Name: string(name), Member: member, Action: engine.RemoveMembership, Cause: engine.LostMembership, Origin: engine.FromSource}
}

// TestCountGroups: counts are exact, groups of one name are two groups, and the order does not depend on that of the losses.
func TestCountGroups(t *testing.T) {
	t.Parallel()
	affected := []engine.Affected{
		removal("g2", "Sales", "a"), removal("g1", "Sales", "a"), removal("g1", "Sales", "b"), removal("g3", "Board", "a"), removal("g3", "Board", "c"),
		{Type: directory.Group, Source: "g4", Name: "Gone", Action: engine.Delete}, {Type: directory.User, Source: "a", Action: engine.Disable},
	}
	want := []engine.GroupLoss{{Source: "g3", Name: "Board", Removals: 2}, {Source: "g1", Name: "Sales", Removals: 2}, {Source: "g2", Name: "Sales", Removals: 1}}
	for range len(affected) {
		if diff := cmp.Diff(want, engine.CountGroups(affected)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		affected = append(affected[1:], affected[0])
	}
	if got := engine.CountGroups(nil); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestCountCauses(t *testing.T) {
	t.Parallel()
	loss := func(action engine.Action, cause engine.LossCause, origin engine.Origin) engine.Affected {
		return engine.Affected{Type: directory.User, Action: action, Cause: cause, Origin: origin}
	}
	affected := []engine.Affected{
		loss(engine.Disable, engine.LostByFilter, engine.FromSource), loss(engine.Disable, engine.LostByFilter, engine.FromConfiguration),
		loss(engine.Delete, engine.LostDeleted, engine.FromSource), loss(engine.Disable, engine.LostByFilter, engine.FromConfiguration),
	}
	want := []engine.CauseCount{
		{Cause: engine.LostByFilter, Origin: engine.FromConfiguration, Action: engine.Disable, Count: 2},
		{Cause: engine.LostDeleted, Origin: engine.FromSource, Action: engine.Delete, Count: 1},
		{Cause: engine.LostByFilter, Origin: engine.FromSource, Action: engine.Disable, Count: 1},
	}
	for range len(affected) {
		if diff := cmp.Diff(want, engine.CountCauses(affected)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		affected = append(affected[1:], affected[0])
	}
}
