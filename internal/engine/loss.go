package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// LossCause says in one word what is the matter with an object that loses access. Programs compare it, so it never changes.
type LossCause string

// The causes. The rows are those of engine.md 13.
const (
	LostUnassigned  LossCause = "unassigned"              // rows 1, 2, 5, 17
	LostByFilter    LossCause = "filter"                  // rows 3, 4, 17
	LostDisabled    LossCause = "disabled_in_source"      // row 6
	LostSoftDeleted LossCause = "soft_deleted_in_source"  // row 7
	LostDeleted     LossCause = "deleted_in_source"       // rows 8, 18
	LostMapping     LossCause = "mapping"                 // a mapping switches the account off
	LostMembership  LossCause = "no_member_in_source"     // row 19
	LostJob         LossCause = "job_destroyed"           // row 20, with a destroy policy
	LostOther       LossCause = "other"                   // decided by an engine that is newer than this list
	LostLink        LossCause = "link_forgotten"          // the job moves to another system; the account is left as it is
	LostNotInSource LossCause = "not_in_the_other_source" // the job reads another source, which does not have it
)

// Origin says what changed so that access is lost.
type Origin string

// The origins.
const (
	// FromConfiguration: under the committed definition nothing would be lost.
	FromConfiguration Origin = "configuration"
	// FromSource: people moved; the committed definition would take it away as well.
	FromSource Origin = "source"
	// FromTarget: somebody gave access in the target, and a drift repair takes it back.
	FromTarget Origin = "target"
	// FromSchedule: a delayed delete is due.
	FromSchedule Origin = "schedule"
	// FromEarlier: it is held since an earlier cycle, because no plan had shown it or a limit was exceeded.
	FromEarlier Origin = "held"
	// FromDestroy: the job is destroyed.
	FromDestroy Origin = "destroy"
)

// CauseOf says what is the matter, by the decision alone.
func CauseOf(d Decision) LossCause {
	switch d.Event {
	case Unassigned:
		return LostUnassigned
	case FilterFailed:
		return LostByFilter
	case Disabled:
		return LostDisabled
	case SoftDeleted:
		return LostSoftDeleted
	case HardDeleted:
		return LostDeleted
	case TurnedOff:
		return LostMapping
	default:
		return LostOther
	}
}

// Backdrop is what a loss is seen against: the same object under the committed definition.
type Backdrop struct {
	// Committed is the program of the committed definition; nil when the job is new.
	Committed *Program
	// Assigned says whether the committed assignments, as people are now, assign the object.
	Assigned bool
	// Via says how a committed assignment assigned it that does so no more, for example "assignment wiki/sales is no longer used".
	Via string
	// OtherSource says that the job read another source before.
	OtherSource bool
	// SwitchedOn: somebody switched the account on in the target. Held: an earlier cycle held the very same.
	SwitchedOn, Held bool
}

// Blame says what changed so that the object of an assessment loses access, and, where the configuration did, what of it. The
// text holds no attribute value; it is empty where the decision's own reason says it all.
func (p *Program) Blame(a Assessment, d Decision, before Backdrop, in Inputs) (LossCause, Origin, string) {
	cause := CauseOf(d)
	switch {
	case before.SwitchedOn:
		return cause, FromTarget, ""
	case before.Held:
		return cause, FromEarlier, "held by an earlier cycle"
	case d.Action == Delete && !d.Since.IsZero():
		return cause, FromSchedule, ""
	case before.OtherSource && d.Event == HardDeleted:
		return LostNotInSource, FromConfiguration, "the job reads another source, which does not have it"
	case before.Committed == nil:
		return cause, FromSource, ""
	}
	was := before.Committed.Assess(a.Object, before.Assigned, a.Link, in)
	if !was.NeedsMatch && was.Decision.Action == d.Action {
		if d.Event == Unassigned && was.Event == Unassigned {
			return cause, FromSource, p.leftGroup(a.Object.Type)
		}
		return cause, FromSource, ""
	}
	return cause, FromConfiguration, p.edited(d, was, before)
}

// leftGroup says why somebody is not assigned any more although the assignments are the same.
func (p *Program) leftGroup(objectType directory.ObjectType) string {
	for _, assignment := range p.definition.Assignments {
		if objectType == directory.User && len(assignment.Groups) > 0 {
			return "no longer a member of an assigned group"
		}
	}
	return ""
}

// edited names the change of the configuration that takes access away.
func (p *Program) edited(d Decision, was Assessment, before Backdrop) string {
	old := before.Committed.definition
	switch {
	case d.Event == Unassigned && old.Scope != scope.ModeAssigned:
		return "scope changes from all to assigned"
	case d.Event == Unassigned && before.Via != "":
		return before.Via
	case d.Event == Unassigned && old.NestedGroups && !p.definition.NestedGroups:
		return "members of nested groups no longer count as assigned"
	case d.Event == FilterFailed && was.Entitlement.Filter.In:
		return p.filterEdited(was.Entitlement.Filter)
	case d.Event == TurnedOff:
		now, then := p.written(d.objectType, p.traits.ActiveAttribute), before.Committed.written(d.objectType, p.traits.ActiveAttribute)
		if now != then {
			return fmt.Sprintf("the mapping of %s has changed to %s", p.traits.ActiveAttribute, now)
		}
	}
	return "the configuration of the job has changed"
}

// maxWritten is how much of an expression a reason quotes, in characters.
const maxWritten = 120

// written is the expression of a target attribute, cut where it is long.
func (p *Program) written(objectType directory.ObjectType, target string) string {
	if compiled := p.types[objectType]; compiled != nil {
		for i := range compiled.attributes {
			if mapped := &compiled.attributes[i]; mapped.Target == target {
				text := []rune(mapped.Expression)
				if len(text) > maxWritten {
					return string(text[:maxWritten]) + "…"
				}
				return string(text)
			}
		}
	}
	return "nothing"
}

// filterEdited says what became of the filter that let an object in.
func (p *Program) filterEdited(was scope.Verdict) string {
	for _, filter := range was.Filters {
		if !filter.In {
			continue
		}
		quoted := strconv.Quote(filter.Name)
		same := func(f job.Filter) bool { return f.Name == filter.Name }
		if slices.ContainsFunc(p.definition.Filters, same) {
			return "filter " + quoted + " has changed"
		}
		return "filter " + quoted + ", which let it in, is no longer used"
	}
	return "there was no filter before"
}

// CauseCount is how many accounts or memberships are lost by one action for one reason.
type CauseCount struct {
	Cause  LossCause
	Origin Origin
	Action Action
	Count  int64
}

// GroupLoss is how many memberships a group loses.
type GroupLoss struct {
	Source   directory.Anchor
	Name     string
	Removals int64
}

// CountCauses counts losses by cause, the most frequent first.
func CountCauses(affected []Affected) []CauseCount {
	counts := map[CauseCount]int64{}
	for _, a := range affected {
		counts[CauseCount{Cause: a.Cause, Origin: a.Origin, Action: a.Action}]++
	}
	all := make([]CauseCount, 0, len(counts))
	for key, count := range counts {
		key.Count = count
		all = append(all, key)
	}
	slices.SortFunc(all, func(a, b CauseCount) int {
		return cmp.Or(-cmp.Compare(a.Count, b.Count), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Origin, b.Origin))
	})
	return all
}

// CountGroups counts the memberships that groups lose, the hardest hit first, then by name. Groups of one name are told apart
// by their ids.
func CountGroups(affected []Affected) []GroupLoss {
	losses := map[directory.Anchor]GroupLoss{}
	for _, a := range affected {
		if a.Action != RemoveMembership {
			continue
		}
		loss := losses[a.Source]
		loss.Source, loss.Name = a.Source, a.Name
		loss.Removals++
		losses[a.Source] = loss
	}
	all := make([]GroupLoss, 0, len(losses))
	for _, loss := range losses {
		all = append(all, loss)
	}
	slices.SortFunc(all, func(a, b GroupLoss) int {
		return cmp.Or(-cmp.Compare(a.Removals, b.Removals), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Source, b.Source))
	})
	return all
}
