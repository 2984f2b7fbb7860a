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
	// Since is the first of the checks in a row that found this kind of drift. PutDrift sets it.
	Since time.Time
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
	PutDrift(ctx context.Context, jobID string, revision int64, check DriftCheck, found []Drift) error
	// LastDriftCheck returns the last check, the zero check when there was none.
	LastDriftCheck(ctx context.Context, jobID string) (DriftCheck, error)
	// DriftBySource returns what is known of objects, DriftKept included, by source anchor.
	DriftBySource(ctx context.Context, jobID string, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor]Drift, error)
	// ListDrift returns drift sorted by (type, source anchor), > after, at most limit.
	ListDrift(ctx context.Context, jobID string, after LinkKey, limit int) ([]Drift, error)
	// CountDrift counts drift by kind and whether the account is managed, sorted by both, managed ones first.
	CountDrift(ctx context.Context, jobID string) ([]DriftCount, error)
}

// DriftCount counts drift.
type DriftCount struct {
	Kind    DriftKind
	Managed bool
	Count   int64
}
