package engine

import (
	"fmt"
	"strconv"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// Toll is how many accounts a set of deprovisionings takes access away from.
type Toll struct {
	Disables, Deletes int64
	// Managed is the number of managed accounts before.
	Managed int64
}

// Violation is a limit that a toll exceeds.
type Violation struct {
	// Limit is the name of the limit in the configuration.
	Limit   string
	Message string
}

// Judge compares a toll with the limits. A limit trips when the count is greater than it (engine.md 18). The result is
// in the order max_disable, max_delete, max_percent.
func Judge(toll Toll, limits job.Limits) []Violation {
	var violations []Violation
	if limits.MaxDisable != nil && toll.Disables > *limits.MaxDisable {
		violations = append(violations, Violation{"max_disable", fmt.Sprintf("%d accounts would be disabled, max_disable is %d", toll.Disables, *limits.MaxDisable)})
	}
	if limits.MaxDelete != nil && toll.Deletes > *limits.MaxDelete {
		violations = append(violations, Violation{"max_delete", fmt.Sprintf("%d accounts would be deleted, max_delete is %d", toll.Deletes, *limits.MaxDelete)})
	}
	if limits.MaxPercent != nil && toll.Managed > 0 {
		lost := toll.Disables + toll.Deletes
		percent := 100 * float64(lost) / float64(toll.Managed)
		if percent > *limits.MaxPercent {
			violations = append(violations, Violation{"max_percent", fmt.Sprintf("%d of %d managed accounts (%s %%) would be disabled or deleted, max_percent is %s",
				lost, toll.Managed, strconv.FormatFloat(percent, 'f', 1, 64), strconv.FormatFloat(*limits.MaxPercent, 'f', -1, 64))})
		}
	}
	return violations
}
