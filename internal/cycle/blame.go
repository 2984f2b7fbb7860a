package cycle

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// blame finds out what changed so that people lose access: a preview says why, not only that. It compares with the committed
// definition, on the same people and links, so that the answer is the same in both planning passes.
type blame struct {
	// committed is the committed definition made ready; nil when nothing is committed or nothing that decides has changed.
	committed *evaluation
	// alike says that the committed definition decides as the desired one does.
	alike bool
	// otherSource says that the job read another source before.
	otherSource bool
}

// blamed says in a preview what changed so that an object loses access; changed is for people.
type blamed struct {
	cause   engine.LossCause
	origin  engine.Origin
	changed string
}

// blaming prepares the comparison. A committed definition that can no longer be compiled is left out: the reasons are poorer
// then.
func (e *Engine) blaming(ready prepared, definition job.Definition, record store.JobRecord, v *evaluation) blame {
	if record.Generation == 0 {
		return blame{}
	}
	b := blame{
		alike:       record.Definition.EvaluationDigest() == definition.EvaluationDigest(),
		otherSource: record.Definition.Source.CopyID() != definition.Source.CopyID(),
	}
	program := ready.program
	if !b.alike {
		compiled, err := engine.Compile(record.Definition, traits(ready.connector))
		if err != nil {
			return b
		}
		program = compiled
	}
	b.committed = &evaluation{store: v.store, program: program, jobID: v.jobID, copyID: v.copyID, now: v.now, random: sameEachTime(), staged: v.staged}
	return b
}

// complete adds to items that lose access what changed.
func (b blame) complete(ctx context.Context, v *evaluation, objectType directory.ObjectType, items []item) error {
	var losing []directory.Anchor
	for _, it := range items {
		if it.decision.Action.TakesAccessAway() {
			losing = append(losing, it.object.Anchor)
		}
	}
	if len(losing) == 0 {
		return nil
	}
	var assigned map[directory.Anchor]bool
	via := map[directory.Anchor]string{}
	if b.committed != nil {
		var err error
		if assigned, err = b.committed.assigned(ctx, objectType, losing); err != nil {
			return err
		}
		if !b.alike {
			if via, err = b.noLongerVia(ctx, v, objectType, losing); err != nil {
				return err
			}
		}
	}
	for i := range items {
		it := &items[i]
		if !it.decision.Action.TakesAccessAway() {
			continue
		}
		staged, waits := v.staged[store.LinkKey{Type: objectType, Source: it.object.Anchor}]
		before := engine.Backdrop{
			Assigned: assigned[it.object.Anchor], Via: via[it.object.Anchor], OtherSource: b.otherSource,
			SwitchedOn: it.switchedOn, Held: waits && staged.Held && departureOf(staged) == engine.DepartureOf(it.decision),
		}
		if b.committed != nil {
			before.Committed = b.committed.program
		}
		assessment := engine.Assessment{Object: it.object, Event: it.decision.Event}
		if it.link != nil {
			assessment.Link = linkedBy(*it.link)
			assessment.Link.Away = awayBy(staged)
		}
		it.cause, it.origin, it.changed = v.program.Blame(assessment, it.decision, before, engine.Inputs{Now: v.now, Random: sameEachTime()})
	}
	return nil
}

// unattended warns about accounts that nobody looks after any more once a definition is committed: that takes no access away now,
// and never will. program is that of the definition.
func (b blame) unattended(program *engine.Program, managed map[directory.ObjectType]int64) []string {
	if b.committed == nil || b.alike {
		return nil
	}
	var warnings []string
	for _, objectType := range b.committed.program.ObjectTypes() {
		switch {
		case managed[objectType] == 0:
		case !slices.Contains(program.ObjectTypes(), objectType):
			warnings = append(warnings, fmt.Sprintf("%d %ss are no longer provisioned, because no enabled mapping is left for them: their accounts stay as they are, "+
				"and nobody would disable or delete them any more.", managed[objectType], objectType))
		case objectType == directory.User && b.committed.program.SwitchesOff(objectType) && !program.SwitchesOff(objectType):
			warnings = append(warnings, "Users who leave would no longer be disabled: no mapping of users reads IsSoftDeleted any more.")
		}
	}
	return warnings
}

// maxNamedGroups is how many groups that are no longer assigned are looked into; of more, reasons are general.
const maxNamedGroups = 50

// noLongerVia says of objects how the committed assignments assigned them that do so no more.
func (b blame) noLongerVia(ctx context.Context, v *evaluation, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor]string, error) {
	via := map[directory.Anchor]string{}
	note := func(anchor directory.Anchor, text string) {
		if _, known := via[anchor]; !known {
			via[anchor] = text
		}
	}
	now := v.program.Definition()
	var kept []directory.Anchor
	used := map[string]bool{}
	for _, assignment := range now.Assignments {
		kept = append(kept, assignment.Groups...)
		used[assignment.ID()] = true
	}
	looked := 0
	before := b.committed.program.Definition()
	for _, assignment := range before.Assignments {
		fate := fmt.Sprintf("assignment %s is no longer used", assignment.ID())
		if used[assignment.ID()] {
			fate = fmt.Sprintf("assignment %s no longer names it", assignment.ID())
		}
		direct := assignment.Users
		if objectType == directory.Group {
			direct = assignment.Groups
		}
		for _, anchor := range anchors {
			if slices.Contains(direct, anchor) {
				note(anchor, fate)
			}
		}
		if objectType == directory.Group {
			continue
		}
		for _, group := range assignment.Groups {
			if slices.Contains(kept, group) || looked == maxNamedGroups {
				continue
			}
			looked++
			members, err := v.store.MembersAmong(ctx, v.copyID, []directory.Anchor{group}, anchors, before.NestedGroups)
			if err != nil {
				return nil, err
			}
			name, err := v.groupName(ctx, group)
			if err != nil {
				return nil, err
			}
			for anchor := range members {
				note(anchor, fmt.Sprintf("group %s is no longer assigned (assignment %s)", name, assignment.ID()))
			}
		}
	}
	return via, nil
}

// groupName is the display name of a group, quoted, or its id when the source does not have it.
func (v *evaluation) groupName(ctx context.Context, group directory.Anchor) (string, error) {
	known, err := v.store.ObjectsByAnchor(ctx, v.copyID, directory.Group, []directory.Anchor{group})
	if err != nil {
		return "", err
	}
	if name, ok := known[group].Attributes["displayName"].Text(); ok && name != "" {
		return strconv.Quote(name), nil
	}
	return strconv.Quote(string(group)), nil
}

// affected describes a decision that takes access away.
func affected(it item) engine.Affected {
	a := engine.Affected{
		Type: it.object.Type, Source: it.object.Anchor, Target: it.decision.Target,
		Action: it.decision.Action, Name: it.decision.Name, Reason: it.decision.Reason, Cause: it.cause, Origin: it.origin,
	}
	if a.Cause == "" {
		a.Cause = engine.CauseOf(it.decision)
	}
	if it.changed != "" {
		a.Reason += "; " + it.changed
	}
	return a
}

func affectedMembership(change store.MembershipChange) engine.Affected {
	return engine.Affected{
		Type: directory.Group, Source: change.Group, Member: change.Member, Target: change.GroupTarget,
		Action: engine.RemoveMembership, Name: change.GroupName, MemberName: change.MemberName,
		Reason: change.MemberName + " is no longer a member in the source", Cause: engine.LostMembership, Origin: engine.FromSource,
	}
}
