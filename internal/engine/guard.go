package engine

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// Toll is how many users and groups a set of deprovisionings takes access away from.
type Toll struct {
	Users  Losses `json:"users"`
	Groups Losses `json:"groups"`
}

// Losses are the deprovisionings of one object type.
type Losses struct {
	Disables int64 `json:"disables"`
	Deletes  int64 `json:"deletes"`
	// Managed is the number of managed accounts before.
	Managed int64 `json:"managed"`
}

// Manage sets how many accounts are managed before anything happens.
func (t *Toll) Manage(managed map[directory.ObjectType]int64) {
	t.Users.Managed, t.Groups.Managed = managed[directory.User], managed[directory.Group]
}

// Count adds one deprovisioning; other actions, membership removals among them, take nobody's account (engine.md 13, row 19).
func (t *Toll) Count(objectType directory.ObjectType, action Action) {
	losses := &t.Users
	if objectType == directory.Group {
		losses = &t.Groups
	}
	switch action {
	case Disable:
		losses.Disables++
	case Delete:
		losses.Deletes++
	}
}

// Lost is how many accounts lose access in all.
func (t Toll) Lost() int64 { return t.all().lost() }

func (t Toll) all() Losses {
	return Losses{t.Users.Disables + t.Groups.Disables, t.Users.Deletes + t.Groups.Deletes, t.Users.Managed + t.Groups.Managed}
}

func (l Losses) lost() int64 { return l.Disables + l.Deletes }

// Violation is a limit that a toll exceeds.
type Violation struct {
	// Limit is the name of the limit in the configuration, below "limits": "max_disable", "users.max_disable".
	Limit   string
	Message string
}

// Judge compares a toll with the limits. A limit trips when the count is greater than it (engine.md 18). The result is in
// the order max_disable, max_delete, max_percent, first for all accounts, then for users, then for groups.
func Judge(toll Toll, limits job.Limits) []Violation {
	violations := toll.all().judge("accounts", "", limits.ForAll(), limits.Floor(nil))
	if limits.Users != nil {
		violations = append(violations, toll.Users.judge("users", "users.", *limits.Users, limits.Floor(limits.Users))...)
	}
	if limits.Groups != nil {
		violations = append(violations, toll.Groups.judge("groups", "groups.", *limits.Groups, limits.Floor(limits.Groups))...)
	}
	return violations
}

// judge compares losses of what is called noun with limits whose names begin with prefix. A percentage of fewer than floor
// managed accounts says nothing, but for 0, which allows nobody.
func (l Losses) judge(noun, prefix string, limits job.TypeLimits, floor int64) []Violation {
	var violations []Violation
	if limits.MaxDisable != nil && l.Disables > *limits.MaxDisable {
		violations = append(violations, Violation{prefix + "max_disable", fmt.Sprintf("%s would be disabled, %smax_disable is %d", counted(l.Disables, noun), prefix, *limits.MaxDisable)})
	}
	if limits.MaxDelete != nil && l.Deletes > *limits.MaxDelete {
		violations = append(violations, Violation{prefix + "max_delete", fmt.Sprintf("%s would be deleted, %smax_delete is %d", counted(l.Deletes, noun), prefix, *limits.MaxDelete)})
	}
	if limits.MaxPercent != nil && l.Managed > 0 && (l.Managed >= floor || *limits.MaxPercent == 0) {
		percent := 100 * float64(l.lost()) / float64(l.Managed)
		if percent > *limits.MaxPercent {
			violations = append(violations, Violation{prefix + "max_percent", fmt.Sprintf("%d of %d managed %s (%s %%) would be disabled or deleted, %smax_percent is %s",
				l.lost(), l.Managed, noun, strconv.FormatFloat(percent, 'f', 1, 64), prefix, strconv.FormatFloat(*limits.MaxPercent, 'f', -1, 64))})
		}
	}
	return violations
}

// counted is a number of what is called plural when there are several.
func counted(n int64, plural string) string {
	if n == 1 {
		return "1 " + strings.TrimSuffix(plural, "s")
	}
	return fmt.Sprintf("%d %s", n, plural)
}
