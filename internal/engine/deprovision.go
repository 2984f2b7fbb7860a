package engine

import (
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// Event is what happened to an object that may lead to deprovisioning (engine.md 13).
type Event string

// The events. NoEvent: the object exists, is in scope and active.
const (
	NoEvent      Event = ""
	Unassigned   Event = Event(job.EventUnassigned)   // rows 1, 2, 5, 17
	FilterFailed Event = Event(job.EventFilterFailed) // rows 3, 4, 17
	Disabled     Event = Event(job.EventDisabled)     // row 6
	SoftDeleted  Event = Event(job.EventSoftDeleted)  // row 7
	HardDeleted  Event = Event(job.EventHardDeleted)  // rows 8, 9, 18
	TurnedOff    Event = "mapping_result"             // a mapping now switches the account off
)

// outOfScope reports whether the event is a departure from scope (rows 1 to 5 and 17).
func (e Event) outOfScope() bool { return e == Unassigned || e == FilterFailed }

// DeprovisionSettings are the settings the deprovisioning table depends on.
type DeprovisionSettings struct {
	ObjectType directory.ObjectType
	// SoftDeletedMapped: some attribute depends on IsSoftDeleted.
	SoftDeletedMapped bool
	Update, Delete    bool
	SkipOutOfScope    bool
	// Policy is what the configuration asks for on the event; empty: the default of the table. Delayed says that its delete
	// is not due yet.
	Policy  job.DeprovisionAction
	Delayed bool
}

// Request is what is asked of the target.
type Request string

// The requests.
const (
	RequestNone          Request = "none"
	RequestDisable       Request = "disable"
	RequestSetAttributes Request = "set_attributes"
	RequestDelete        Request = "delete"
)

// Aftermath is what becomes of the link.
type Aftermath string

// What becomes of a link.
const (
	KeepLink    Aftermath = "keep"
	ReleaseLink Aftermath = "release"
	DropLink    Aftermath = "drop"
)

// Deprovisioning is one cell of the deprovisioning table.
type Deprovisioning struct {
	Request   Request
	Aftermath Aftermath
	// Waits says that the account is to be deleted later.
	Waits bool
}

// Deprovision looks an event up in the tables of the package comment. managed says whether the link is still managed.
func Deprovision(event Event, managed bool, s DeprovisionSettings) Deprovisioning {
	switch {
	case event == HardDeleted && !managed: // D09
		return Deprovisioning{Request: RequestNone, Aftermath: DropLink}
	case !managed, event.outOfScope() && s.SkipOutOfScope: // the setting goes before any policy
		return Deprovisioning{Request: RequestNone, Aftermath: KeepLink}
	}
	policy, delayed := s.Policy, s.Delayed
	if policy == "" {
		policy, delayed = defaultPolicy(event, s.ObjectType), false
	}
	cell := Deprovisioning{Request: RequestNone, Aftermath: aftermath(event)}
	switch {
	case policy == job.DeprovisionDelete && s.Delete && delayed: // only who is managed can be deleted later
		return Deprovisioning{Request: s.disable(), Aftermath: KeepLink, Waits: true}
	case policy == job.DeprovisionDelete && s.Delete:
		return Deprovisioning{Request: RequestDelete, Aftermath: DropLink}
	case policy == job.DeprovisionDelete && delayed, policy == job.DeprovisionDisable:
		cell.Request = s.disable()
	case policy == job.DeprovisionSetAttributes && s.Update:
		cell.Request = RequestSetAttributes
	case policy == job.DeprovisionNone && event != HardDeleted:
		cell.Aftermath = KeepLink
	}
	return cell
}

// defaultPolicy is Microsoft's behaviour (engine.md 13).
func defaultPolicy(event Event, objectType directory.ObjectType) job.DeprovisionAction {
	switch {
	case event == HardDeleted: // D08, D18
		return job.DeprovisionDelete
	case objectType != directory.Group: // D01 to D07
		return job.DeprovisionDisable
	case event.outOfScope(): // D17
		return job.DeprovisionDelete
	default: // a group has no account to switch off
		return job.DeprovisionNone
	}
}

// disable is the request that switches an account off, where that is possible: it is an update of what is mapped from
// IsSoftDeleted, and a group has nothing to switch off.
func (s DeprovisionSettings) disable() Request {
	if s.SoftDeletedMapped && s.Update && s.ObjectType != directory.Group {
		return RequestDisable
	}
	return RequestNone
}

// aftermath is what becomes of the link of an account that stays in the target.
func aftermath(event Event) Aftermath {
	switch {
	case event == HardDeleted:
		return DropLink
	case event.outOfScope(): // D01 to D05
		return ReleaseLink
	default: // D06, D07
		return KeepLink
	}
}
