package cycle

import (
	"context"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// brokenAssignments are users whose only assignments do not count for provisioning (engine.md 4: assigned groups must be
// security-enabled), with the reason. Everybody who is assigned in a way that counts is left out.
func (v *evaluation) brokenAssignments(ctx context.Context, objectType directory.ObjectType, anchors []directory.Anchor, assigned map[directory.Anchor]bool) (map[directory.Anchor]string, error) {
	if v.program.Definition().Scope != scope.ModeAssigned || objectType != directory.User {
		return nil, nil
	}
	if err := v.findBrokenGroups(ctx); err != nil || len(v.broken) == 0 {
		return nil, err
	}
	broken := map[directory.Anchor]string{}
	for _, anchor := range anchors {
		if group, ok := v.broken[anchor]; ok && !assigned[anchor] {
			broken[anchor] = "it is assigned through group " + string(group) + ", which is not security-enabled"
		}
	}
	return broken, nil
}

// findBrokenGroups reads, once, who is a direct member of an assigned group that does not count.
func (v *evaluation) findBrokenGroups(ctx context.Context) error {
	if v.broken != nil {
		return nil
	}
	var groups []directory.Anchor
	for _, assignment := range v.program.Definition().Assignments {
		groups = append(groups, assignment.Groups...)
	}
	slices.Sort(groups)
	groups = slices.Compact(groups)
	known, err := v.store.ObjectsByAnchor(ctx, v.copyID, directory.Group, groups)
	if err != nil {
		return err
	}
	v.broken = map[directory.Anchor]directory.Anchor{}
	for _, anchor := range groups {
		group, ok := known[anchor]
		if !ok || group.Removed != directory.Present || group.SecurityEnabled() {
			continue
		}
		for _, member := range group.References[directory.ReferenceMembers] {
			if _, first := v.broken[member]; !first {
				v.broken[member] = anchor
			}
		}
	}
	return nil
}
