package cycle

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// evaluation turns pages of source objects into decisions. Preview and run share it.
type evaluation struct {
	store   store.Store
	program *engine.Program
	jobID   string
	copyID  string
	now     time.Time
	random  io.Reader
	matcher matcher
	// unique chooses unique values with the target's help. Nil in a preview, which does not contact the target.
	unique *reservations
	// size is how many objects are handled together.
	size int
	// patient leaves objects alone whose stored failure is not due yet, unless they changed (engine.md 16).
	patient bool
	// staged are the deprovisionings that wait, as revisits found them.
	staged map[store.LinkKey]store.Staged
	// claims are the matching values and the accounts taken by objects in this evaluation, so that two new objects with the
	// same one are noticed although neither has a link yet.
	claims map[string]directory.Anchor
	// neighbours are the other jobs that work on the same target.
	neighbours neighbours
	// broken are the members of assigned groups that do not count, with the group; nil: not asked yet.
	broken map[directory.Anchor]directory.Anchor
	// drift says whether accounts changed in the target and are to be repaired.
	drift driftToRepair
}

// matcher finds the accounts of objects that have no link.
type matcher interface {
	// match answers each assessment's matching values, in order. It reports accounts, not who else has them. The error is
	// one that stops the cycle.
	match(ctx context.Context, objectType directory.ObjectType, assessments []engine.Assessment) ([]lookup, error)
}

// lookup is the answer for one object, or why there is none: then that object fails and the others go on.
type lookup struct {
	engine.Match
	err error
}

// noMatcher contacts nobody, as a preview does: it finds the account that an object had before it was let go, as the job
// remembers it, and nothing else.
type noMatcher struct{}

func (noMatcher) match(_ context.Context, _ directory.ObjectType, assessments []engine.Assessment) ([]lookup, error) {
	found := make([]lookup, len(assessments))
	for i, assessment := range assessments {
		if link := assessment.Link; link != nil {
			found[i].Match = engine.Match{Attribute: assessment.MatchValues[0].Attribute, Found: 1, Target: link.Target, Attributes: link.Exported}
		}
	}
	return found, nil
}

// item is one object with its link and the decision about it.
type item struct {
	object directory.Object
	link   *store.Link // nil when there is none
	// assigned says that the object is assigned to the app.
	assigned bool
	// learned says that link remembers more of the account than the store does.
	learned bool
	// drifted says that link is as the account was seen in the target, or written since; switchedOn, that the account was switched on there;
	// gone, that there is no such account any more and the link is not used.
	drifted, switchedOn, gone bool
	// formerly is the account it had, whose link is not used any more, when it is matched again.
	formerly directory.Anchor
	decision engine.Decision
	blamed
}

// decide evaluates objects of one type, in order.
func (v *evaluation) decide(ctx context.Context, objectType directory.ObjectType, objects []directory.Object) ([]item, error) {
	anchors := make([]directory.Anchor, len(objects))
	for i, object := range objects {
		anchors[i] = object.Anchor
	}
	links, err := v.store.LinksBySource(ctx, v.jobID, objectType, anchors)
	if err != nil {
		return nil, err
	}
	assigned, err := v.assigned(ctx, objectType, anchors)
	if err != nil {
		return nil, err
	}
	broken, err := v.brokenAssignments(ctx, objectType, anchors, assigned)
	if err != nil {
		return nil, err
	}
	drifts, err := v.driftOf(ctx, objectType, anchors)
	if err != nil {
		return nil, err
	}
	if v.staged == nil && v.program.Delays(objectType) {
		if v.staged, err = stagedRows(ctx, v.store, v.jobID); err != nil {
			return nil, err
		}
	}
	items := make([]item, len(objects))
	var open []engine.Assessment
	var openIndex []int
	for i, object := range objects {
		items[i].object, items[i].assigned = object, assigned[object.Anchor]
		var linked *engine.Linked
		if link, ok := links[object.Anchor]; ok {
			items[i].link = &link
			if gone := v.seen(&items[i], drifts[object.Anchor]); !gone {
				linked = linkedBy(*items[i].link)
				linked.Away = awayBy(v.staged[link.LinkKey])
			}
		}
		inputs := v.inputs(nil)
		inputs.Unentitled = broken[object.Anchor]
		assessment := v.program.Assess(object, items[i].assigned || inputs.Unentitled != "", linked, inputs)
		if assessment.NeedsMatch {
			open, openIndex = append(open, assessment), append(openIndex, i)
			continue
		}
		items[i].decision = assessment.Decision
		items[i].explainDrift()
	}
	if v.unique != nil {
		if err := v.lookBeforeFilling(ctx, items); err != nil {
			return nil, err
		}
	}
	if len(open) == 0 {
		return items, nil
	}
	matches, err := v.matchAll(ctx, objectType, open)
	if err != nil {
		return nil, err
	}
	for n, i := range openIndex {
		if err := matches[n].err; err != nil {
			items[i].decision = v.program.Unmatched(open[n], errorCode(err), err)
			continue
		}
		if items[i].decision, err = v.complete(ctx, open[n], matches[n].Match); err != nil {
			return nil, err
		}
	}
	return items, nil
}

func linkedBy(link store.Link) *engine.Linked {
	return &engine.Linked{Target: link.Target, Managed: link.Managed, Active: link.Active, Exported: link.Exported, Name: link.Name, MatchKey: link.MatchKey}
}

// complete decides with the answer of the target, and asks it about unique values on the way. The error is one that stops
// the cycle.
func (v *evaluation) complete(ctx context.Context, assessment engine.Assessment, match engine.Match) (engine.Decision, error) {
	if v.unique == nil {
		return v.program.Decide(assessment, match, v.inputs(nil)), nil
	}
	asking := v.unique.forObject(ctx, assessment.Object)
	decision := v.program.Decide(assessment, match, v.inputs(asking.taken))
	if asking.err != nil {
		decision.Code, decision.Cause = errorCode(asking.err), directory.KindOf(asking.err)
	}
	return decision, asking.stop
}

func (v *evaluation) inputs(taken func(string, directory.Value) (bool, error)) engine.Inputs {
	return engine.Inputs{Now: v.now, Random: v.random, Taken: taken}
}

// assigned answers which objects are assigned to the app: directly, or as members of an assigned group, which are its
// direct members unless the job counts nested groups (mappings-and-scoping.md 14).
func (v *evaluation) assigned(ctx context.Context, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor]bool, error) {
	definition := v.program.Definition()
	if definition.Scope != scope.ModeAssigned {
		return nil, nil
	}
	assigned := map[directory.Anchor]bool{}
	var groups []directory.Anchor
	for _, assignment := range definition.Assignments {
		groups = append(groups, assignment.Groups...)
		direct := assignment.Users
		if objectType == directory.Group {
			direct = assignment.Groups
		}
		for _, anchor := range direct {
			assigned[anchor] = true
		}
	}
	if objectType == directory.User && len(groups) > 0 {
		slices.Sort(groups)
		members, err := v.store.MembersAmong(ctx, v.copyID, slices.Compact(groups), anchors, definition.NestedGroups)
		if err != nil {
			return nil, err
		}
		for anchor := range members {
			assigned[anchor] = true
		}
	}
	return assigned, nil
}

// matchAll matches assessments and adds who else has the account or the matching value already.
func (v *evaluation) matchAll(ctx context.Context, objectType directory.ObjectType, open []engine.Assessment) ([]lookup, error) {
	matches, err := v.matcher.match(ctx, objectType, open)
	if err != nil {
		return nil, err
	}
	var keys []string
	var targets []directory.Anchor
	for i, assessment := range open {
		keys = append(keys, assessment.MatchValues[0].Key)
		if matches[i].Found == 1 {
			targets = append(targets, matches[i].Target)
		}
	}
	byKey, err := v.store.LinksByMatchKey(ctx, v.jobID, objectType, keys)
	if err != nil {
		return nil, err
	}
	byTarget, err := v.store.LinksByTarget(ctx, v.jobID, objectType, targets)
	if err != nil {
		return nil, err
	}
	for i, assessment := range open {
		self := assessment.Object.Anchor
		key := assessment.MatchValues[0].Key
		claim := string(objectType) + " " + key
		owner := managedByOther(byKey[key], self)
		if matches[i].Found == 1 && owner == "" {
			owner = managedByOther(byTarget[matches[i].Target], self)
		}
		if first, taken := v.claims[claim]; owner == "" && taken && first != self {
			owner = first
		}
		account := string(objectType) + " account " + string(matches[i].Target)
		if matches[i].Found == 1 && owner == "" {
			if first, taken := v.claims[account]; taken && first != self {
				owner = first
			}
		}
		if owner == "" {
			v.claims[claim] = self
			if matches[i].Found == 1 {
				v.claims[account] = self
			}
		}
		matches[i].ClaimedBy = owner
	}
	return matches, v.claimedByNeighbours(ctx, objectType, open, matches)
}

// managedByOther returns the source anchor of the first managed link that belongs to another object. Released links
// claim nothing: an account may be taken over from somebody who left.
func managedByOther(links []store.Link, self directory.Anchor) directory.Anchor {
	for _, link := range links {
		if link.Managed && link.Source != self {
			return link.Source
		}
	}
	return ""
}
