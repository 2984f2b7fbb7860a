package scope

import (
	"fmt"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Mode is the job's scope setting (mappings-and-scoping.md 14).
type Mode string

// The modes.
const (
	// ModeAll: every user and group of the source is a candidate.
	ModeAll Mode = "all"
	// ModeAssigned: only assigned users and groups are, and the members of assigned groups: the direct ones, or those
	// at any depth when the job counts nested groups.
	ModeAssigned Mode = "assigned"
)

// Modes returns all modes.
func Modes() []Mode { return []Mode{ModeAll, ModeAssigned} }

// The names of the checks, as step details show them (engine.md 4).
const (
	CheckActive   = "Active in source system"
	CheckAssigned = "Assigned to application"
	CheckRole     = "User has required role"
	CheckSyncAll  = "Scope sync all"
	CheckFilters  = "In provisioning scope"
)

// Entitlement holds every check that decides whether one object is provisioned (engine.md 4).
type Entitlement struct {
	// Active is true when the object exists, is not soft-deleted and is enabled.
	Active bool
	// Removed and Enabled say why an object is not active.
	Removed directory.Removal
	Enabled bool
	// Assigned counts in mode assigned only.
	Assigned bool
	// Invalid says why no assignment counts for provisioning; empty when one does, or there is none.
	Invalid string
	Mode    Mode
	Filter  Verdict
}

// Decide evaluates all checks for one object, also those after a failing one, so that each can be shown.
// assigned says whether the object is assigned, itself or through a group.
func Decide(mode Mode, object directory.Object, assigned bool, set *Set) Entitlement {
	return Entitlement{
		Active:   object.Active(),
		Removed:  object.Removed,
		Enabled:  object.Enabled(),
		Assigned: assigned,
		Mode:     mode,
		Filter:   set.Evaluate(object.Attribute),
	}
}

// In reports whether the object is in scope: all checks pass.
func (e Entitlement) In() bool {
	return e.Active && (e.Mode == ModeAll || e.Entitled()) && e.Filter.In
}

// Entitled reports whether the object is assigned in a way that counts for provisioning.
func (e Entitlement) Entitled() bool { return e.Assigned && e.Invalid == "" }

// Unentitled says that an assignment does not count, in the words of a skip with the reason NotEffectivelyEntitled (engine.md 23).
func (e Entitlement) Unentitled() string {
	return fmt.Sprintf("the assignment is not valid for provisioning: %s (Active=%s, Assigned=%s, Passed scope filter=%s)",
		e.Invalid, yes(e.Active), yes(e.Assigned), yes(e.Filter.In))
}

func yes(b bool) string {
	text, _ := directory.Boolean(b).Text()
	return text
}

// Check is one check of an entitlement, for step details.
type Check struct {
	// Name is one of the Check names.
	Name   string
	Passed bool
	// Detail explains the result. It holds no attribute value.
	Detail string
}

// Checks returns the checks that count, in the order of evaluation. In mode all, CheckSyncAll stands in the
// place of CheckAssigned.
func (e Entitlement) Checks() []Check {
	active := Check{Name: CheckActive, Passed: e.Active, Detail: "the object exists and is enabled"}
	switch {
	case e.Removed == directory.HardDeleted:
		active.Detail = "the object is deleted"
	case e.Removed == directory.SoftDeleted:
		active.Detail = "the object is soft-deleted"
	case !e.Enabled:
		active.Detail = "the account is disabled"
	}
	candidate := Check{Name: CheckAssigned, Passed: e.Assigned, Detail: "the object is assigned"}
	switch {
	case e.Mode == ModeAll:
		candidate = Check{Name: CheckSyncAll, Passed: true, Detail: "all users and groups are candidates"}
	case !e.Assigned:
		candidate.Detail = "the object is assigned neither itself nor through a group"
	}
	role := Check{Name: CheckRole, Passed: e.Mode == ModeAll || e.Entitled(), Detail: "the assignment counts for provisioning"}
	switch {
	case e.Mode == ModeAll:
		role.Detail = "no assignment is needed"
	case !e.Assigned:
		role.Detail = "there is no assignment"
	case e.Invalid != "":
		role.Detail = e.Invalid
	}
	return []Check{active, candidate, role, {Name: CheckFilters, Passed: e.Filter.In, Detail: e.Filter.Reason()}}
}

// Reason names every failing check in one line, or is empty when the object is in scope. It holds no
// attribute value.
func (e Entitlement) Reason() string {
	var failing []string
	for _, check := range e.Checks() {
		if !check.Passed && (check.Name != CheckRole || e.Assigned) { // without an assignment there is no role
			failing = append(failing, check.Name+": "+check.Detail)
		}
	}
	return strings.Join(failing, "; ")
}
