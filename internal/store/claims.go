package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Claim is what a job says when it begins to manage an account: no other job may manage it. Each job has a lease of its own, so
// nothing but the transaction that records a link can tell which of two jobs was first.
type Claim struct {
	LinkKey
	Target directory.Anchor
	// Endpoint is the target system (job.Connection.Endpoint). Jobs on other systems are of no concern.
	Endpoint string
}

// ClaimedError says that other jobs manage accounts that a batch claims. Nothing of the batch was stored.
type ClaimedError struct {
	// Owners of the accounts, by the keys of the claims.
	Owners map[LinkKey]Owner
}

// Error counts, and names the jobs.
func (e *ClaimedError) Error() string {
	var jobs []string
	for _, owner := range e.Owners {
		jobs = append(jobs, owner.JobID)
	}
	slices.Sort(jobs)
	return fmt.Sprintf("%d accounts are managed by other jobs: %s", len(e.Owners), strings.Join(slices.Compact(jobs), ", "))
}
