package engine

import (
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// event says what happened to the object. A soft-deleted object is that first of all: sources take it out of its groups
// as well, and its hard deletion must still reach the target (engine.md 13, rows 7 and 8). Leaving scope comes before
// being disabled: it ends the management.
func (p *Program) event(object directory.Object, entitlement scope.Entitlement) Event {
	switch {
	case object.Removed == directory.HardDeleted:
		return HardDeleted
	case object.Removed == directory.SoftDeleted:
		return SoftDeleted
	case p.definition.Scope == scope.ModeAssigned && !entitlement.Entitled():
		return Unassigned
	case !entitlement.Filter.In:
		return FilterFailed
	case !object.Enabled():
		return Disabled
	default:
		return NoEvent
	}
}

// disabledRoles says that all app roles of a user are disabled, where the source tells so (isEnabled of a role). Whoever has no role
// has the default access, which counts like any other role (engine.md 4).
func disabledRoles(object directory.Object) string {
	roles := object.Attribute(job.AttributeRoles).Elements()
	if object.Type != directory.User || len(roles) == 0 {
		return ""
	}
	for _, role := range roles {
		if enabled := role.Field("isEnabled"); enabled.IsNull() || isTrue(enabled) {
			return ""
		}
	}
	return "all of its app roles are disabled"
}

// decideDeparture handles objects that are out of scope, disabled or gone.
func (p *Program) decideDeparture(compiled *typeProgram, a Assessment, in Inputs) Decision {
	d := p.base(a)
	d.Action = Skip
	d.Code = CodeSkipped
	if a.Entitlement.Invalid != "" {
		d.Code = CodeNotEntitled
	}
	d.Reason = p.reason(a)
	d.departure = d.Reason
	if a.Link == nil { // A8, D13, D14
		return d
	}
	settings := p.settings(compiled, a.Event)
	asked, configured := compiled.policies[a.Event]
	var since time.Time
	if asked.AfterDays > 0 {
		since = in.Now
		if a.Link.Away.Event == a.Event {
			since = a.Link.Away.Since
		}
		settings.Delayed = in.Now.Before(asked.due(since))
	}
	cell := Deprovision(a.Event, a.Link.Managed, settings)
	d.Aftermath = cell.Aftermath
	if cell.Waits || cell.Request == RequestDelete {
		d.Since = since
	}
	if cell.Waits {
		d.DueAt = asked.due(since)
	}
	if why := spared(a.Event, a.Link.Managed, settings); cell.Request == RequestNone && !cell.Waits && why != "" {
		d.Reason += "; " + why
	} else if configured {
		d.Reason += "; " + asked.describe(since)
	}
	switch cell.Request {
	case RequestNone:
	case RequestDelete:
		d.Action, d.Code, d.Active = Delete, "", false
	case RequestDisable:
		changes, err := p.switchedOff(compiled, a, in)
		if err != nil {
			failed := p.failure(a, err)
			failed.departure = d.departure
			return failed
		}
		d.Active = d.Active && len(changes) == 0
		d.takeAway(changes)
	case RequestSetAttributes:
		changes := asked.changes(a.Link.Exported)
		d.Active = p.activeAfter(changes, d.Active)
		d.takeAway(changes)
	}
	return d
}

// takeAway makes it a disable, or nothing when the account is as it should be. Whatever is written to the account of somebody
// who leaves counts as a disable: it is planned, limited and staged.
func (d *Decision) takeAway(changes []Change) {
	if d.Changes = changes; len(changes) > 0 {
		d.Action, d.Code = Disable, ""
	} else {
		d.Code = CodeRedundantExport
	}
}

// switchedOff are the changes that switch an account off.
func (p *Program) switchedOff(compiled *typeProgram, a Assessment, in Inputs) ([]Change, error) {
	why := leaving
	if a.Event == HardDeleted {
		why = gone
	}
	flowed, err := p.evaluate(compiled, a, why, in)
	return updateChanges(flowed, a.Link.Exported), err
}

// spared says why nothing is asked of the target although the object has an account (engine.md 13: the step says that
// the setting skipped it). It is empty when the policy says it all.
func spared(event Event, managed bool, s DeprovisionSettings) string {
	policy := s.Policy
	if policy == "" {
		policy = defaultPolicy(event, s.ObjectType)
	}
	switch {
	case !managed:
		return "the account is no longer managed"
	case event.outOfScope() && s.SkipOutOfScope:
		return "the account is left alone because skip_out_of_scope_deletions is on"
	case s.Policy == job.DeprovisionNone:
		return ""
	case policy == job.DeprovisionDelete && !s.Delete && !s.Delayed:
		return "the account is left alone because deletes are switched off"
	case s.ObjectType == directory.Group && policy != job.DeprovisionSetAttributes:
		return "a group cannot be switched off"
	case !s.Update:
		return "the account is left alone because updates are switched off"
	default:
		return "the account is left alone because no mapping reads IsSoftDeleted"
	}
}

func (p *Program) settings(compiled *typeProgram, event Event) DeprovisionSettings {
	return DeprovisionSettings{
		ObjectType:        compiled.mapping.ObjectType,
		SoftDeletedMapped: compiled.softDeletedMapped,
		Update:            compiled.mapping.Actions.Update,
		Delete:            compiled.mapping.Actions.Delete,
		SkipOutOfScope:    p.definition.SkipOutOfScopeDeletions,
		Policy:            compiled.policies[event].Action,
	}
}

// reason says why an object leaves, in the words of engine.md 4, without any attribute value.
func (p *Program) reason(a Assessment) string {
	switch a.Event {
	case HardDeleted:
		return "deleted in the source"
	case SoftDeleted:
		return "soft-deleted in the source"
	case Disabled:
		return "disabled in the source"
	case Unassigned:
		if a.Entitlement.Invalid != "" {
			return a.Entitlement.Unentitled()
		}
		if a.Link == nil {
			return "not assigned to the application"
		}
		return "no longer assigned to the application"
	case FilterFailed:
		return a.Entitlement.Filter.Reason()
	default:
		return "a mapping switches the account off"
	}
}
