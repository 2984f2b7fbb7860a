package engine

import "time"

// Ruling is what somebody decided about a staged deprovisioning (engine.md 18).
type Ruling string

// The rulings.
const (
	Undecided Ruling = ""
	Approved  Ruling = "approved"
	Rejected  Ruling = "rejected"
)

// ApprovalLife is how long an approval of a staged deprovisioning lasts.
const ApprovalLife = 72 * time.Hour

// Departure is what a deprovisioning does to one object, and why.
type Departure struct {
	Action Action
	Event  Event
	Reason string
}

// DepartureOf says how a decision takes access away.
func DepartureOf(d Decision) Departure { return Departure{d.Action, d.Event, d.Reason} }

// Still says what a ruling about one departure is worth now, for the departure that is decided by now. An approval is for
// an action: a disable that became a delete has to be approved anew, and an approval ends. A rejection is for the whole: it
// ends when the object is disabled or deleted for another reason.
func (r Ruling) Still(about, now Departure, expires, at time.Time) Ruling {
	switch {
	case r == Approved && about.Action == now.Action && at.Before(expires),
		r == Rejected && about == now:
		return r
	default:
		return Undecided
	}
}
