package store

import (
	"context"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
)

// DriftKind says what somebody did to an account in the target.
type DriftKind string

// The kinds of drift. DriftKept is none: it stands for an account that only differs in what the target keeps in a form of
// its own, and is neither listed nor counted.
const (
	DriftGone        DriftKind = "gone"
	DriftSwitchedOn  DriftKind = "switched_on"
	DriftSwitchedOff DriftKind = "switched_off"
	DriftChanged     DriftKind = "changed"
	DriftKept        DriftKind = "kept"
)

// Drift is an account that is not as it was last written.
type Drift struct {
	LinkKey
	// Target is the account; Name and Managed are those of its link.
	Target  directory.Anchor
	Name    string
	Managed bool
	Kind    DriftKind
	// Attributes that differ, sorted by attribute; none when the account is gone.
	Attributes []engine.Drift
	// Kept are values that the target keeps in a form of its own: right after Written was written it held Observed. They are
	// remembered so that they are not taken for drift. Sorted by attribute.
	Kept []engine.Drift
	// Members are the memberships of a group that differ.
	Members MembersDrifted
	// Since is the first of the checks in a row that found this kind of drift. PutDrift sets it.
	Since time.Time
}

// MembersDrifted says how the members of a group differ from what was written.
type MembersDrifted struct {
	// Missing were written and are not there any more; Added are there and were never written. Only managed accounts count.
	Missing, Added int64
	// MissingNames and AddedNames are the first of them, sorted.
	MissingNames, AddedNames []string
}

// Any reports whether they differ.
func (m MembersDrifted) Any() bool { return m.Missing+m.Added > 0 }

// MemberDrift is a membership that is not in the target as it was last written.
type MemberDrift struct {
	Membership
	// Added says that it is there and was never written; otherwise it was written and is not there any more.
	Added bool
}

// DriftedMembership is member drift that can be put right.
type DriftedMembership struct {
	MembershipChange
	Added bool
	// Wanted says that the copy has the membership.
	Wanted bool
}

// DriftCheck is one comparison of the target with what was last written.
type DriftCheck struct {
	At time.Time
	// Compared is how many accounts were compared.
	Compared int64
	// Problem says why the target could not be compared, empty when it was. The drift that is known is then that of an
	// earlier check.
	Problem string
}

// Drifts keeps what drift checks found.
type Drifts interface {
	// PutDrift stores a check with everything it found, in place of what the checks before found. With a problem the drift
	// that is known stays. Conflict when revision is no longer the job's: its accounts were written meanwhile, and what was
	// compared is not certain.
	PutDrift(ctx context.Context, jobID string, revision int64, check DriftCheck, found []Drift, members []MemberDrift) error
	// LastDriftCheck returns the last check, the zero check when there was none.
	LastDriftCheck(ctx context.Context, jobID string) (DriftCheck, error)
	// DriftBySource returns what is known of objects, DriftKept included, by source anchor.
	DriftBySource(ctx context.Context, jobID string, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor]Drift, error)
	// ListDrift returns drift sorted by (type, source anchor), > after, at most limit.
	ListDrift(ctx context.Context, jobID string, after LinkKey, limit int) ([]Drift, error)
	// ListMemberDrift returns member drift between managed accounts that the copy knows and that was not written since, sorted by
	// (group, member), > after, at most limit.
	ListMemberDrift(ctx context.Context, jobID, copyID string, after Membership, limit int) ([]DriftedMembership, error)
	// CountDrift counts drift by kind and whether the account is managed, sorted by both, managed ones first.
	CountDrift(ctx context.Context, jobID string) ([]DriftCount, error)
}

// DriftCount counts drift.
type DriftCount struct {
	Kind    DriftKind
	Managed bool
	Count   int64
}
