package engine

import "github.com/app-provisioning/terraform-provider-provisioning/internal/directory"

// Event is what happened to an object that may lead to deprovisioning (engine.md 13).
type Event string

// The events. NoEvent: the object exists, is in scope and active.
const (
	NoEvent      Event = ""
	Unassigned   Event = "unassigned"     // rows 1, 2, 5, 17
	FilterFailed Event = "filter_failed"  // rows 3, 4, 17
	Disabled     Event = "disabled"       // row 6
	SoftDeleted  Event = "soft_deleted"   // row 7
	HardDeleted  Event = "hard_deleted"   // rows 8, 9, 18
	TurnedOff    Event = "mapping_result" // a mapping now switches the account off
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
}

// Request is what is asked of the target.
type Request string

// The requests.
const (
	RequestNone    Request = "none"
	RequestDisable Request = "disable"
	RequestDelete  Request = "delete"
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
}

// Deprovision looks an event up in the table of the package comment. managed says whether the link is still managed.
func Deprovision(event Event, managed bool, s DeprovisionSettings) Deprovisioning {
	switch {
	case event == HardDeleted && !managed: // D9
		return Deprovisioning{RequestNone, DropLink}
	case !managed:
		return Deprovisioning{RequestNone, KeepLink}
	case event == HardDeleted: // D8, D18
		if s.Delete {
			return Deprovisioning{RequestDelete, DropLink}
		}
		return Deprovisioning{RequestNone, DropLink}
	case event.outOfScope() && s.SkipOutOfScope:
		return Deprovisioning{RequestNone, KeepLink}
	case event.outOfScope() && s.ObjectType == directory.Group: // D17
		if s.Delete {
			return Deprovisioning{RequestDelete, DropLink}
		}
		return Deprovisioning{RequestNone, ReleaseLink}
	case s.ObjectType == directory.Group: // a group has no account to switch off
		return Deprovisioning{RequestNone, KeepLink}
	}
	request := RequestNone
	if s.SoftDeletedMapped && s.Update {
		request = RequestDisable
	}
	if event.outOfScope() { // D1 to D5
		return Deprovisioning{request, ReleaseLink}
	}
	return Deprovisioning{request, KeepLink} // D6, D7
}
