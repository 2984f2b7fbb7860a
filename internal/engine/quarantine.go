package engine

import (
	"fmt"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// QuarantineReason is why a job is in quarantine (engine.md 17.1).
type QuarantineReason string

// The reasons this engine knows.
const (
	// QuarantineException: the credentials are refused, the target cannot be reached, or its answers cannot be understood.
	QuarantineException QuarantineReason = "EncounteredQuarantineException"
	// QuarantineProportion: more than 40 % of what was to be provisioned failed.
	QuarantineProportion QuarantineReason = "EncounteredEscrowProportionThreshold"
	// QuarantineBase: too many failures, references apart.
	QuarantineBase QuarantineReason = "EncounteredBaseEscrowThreshold"
	// QuarantineTotal: too many failures, references included.
	QuarantineTotal QuarantineReason = "EncounteredTotalEscrowThreshold"
	// QuarantineDeletes: more accounts would be disabled or deleted than a limit allows.
	QuarantineDeletes QuarantineReason = "TooManyDeletes"
)

// Cause is a reason for quarantine with the error behind it. The zero Cause is none.
type Cause struct {
	Reason QuarantineReason
	Error  QuarantineError
}

// QuarantineError says what went wrong (engine.md 17.3). TenantActionable: whoever configures the job can do something
// about it.
type QuarantineError struct {
	Code             string `json:"code"`
	Message          string `json:"message"`
	TenantActionable bool   `json:"tenantActionable"`
}

// The thresholds of engine.md 17.2.
const (
	totalThreshold      = 60_000
	baseThreshold       = 40_000
	evaluationThreshold = 5_000
	proportionThreshold = 0.40
)

// Outcome is what became of the objects of one cycle.
type Outcome struct {
	// Failures are objects that failed, ReferenceFailures references and memberships that could not be written, Successes
	// objects that were written or linked.
	Failures, ReferenceFailures, Successes int64
	// Critical is a failure that needs no others to be a reason for quarantine (CriticalCause); the zero Cause is none.
	Critical Cause
}

// Quarantines decides whether a cycle that ended like this is a reason for quarantine (engine.md 17.2).
func (o Outcome) Quarantines() Cause {
	proportion := float64(o.Failures) / float64(max(o.Failures+o.Successes, 1))
	switch {
	case o.Critical.Reason != "":
		return o.Critical
	case o.Failures+o.ReferenceFailures > totalThreshold:
		return o.because(QuarantineTotal, "%d failures, references included; more than %d stop a job", o.Failures+o.ReferenceFailures, totalThreshold)
	case o.Failures < evaluationThreshold:
		return Cause{}
	case proportion > proportionThreshold:
		return o.because(QuarantineProportion, "%d of %d objects failed; more than %.0f %% stop a job", o.Failures, o.Failures+o.Successes, 100*proportionThreshold)
	case o.Failures > baseThreshold:
		return o.because(QuarantineBase, "%d objects failed; more than %d stop a job", o.Failures, baseThreshold)
	default:
		return Cause{}
	}
}

func (o Outcome) because(reason QuarantineReason, format string, args ...any) Cause {
	return Cause{Reason: reason, Error: QuarantineError{Code: string(reason), Message: fmt.Sprintf(format, args...), TenantActionable: true}}
}

// CriticalCause says whether an error alone is a reason for quarantine: refused credentials and answers that cannot be
// understood always are; tested says that it is the answer to a connection test, where everything is but a target that
// asks for patience. code is that of engine.md 24.
func CriticalCause(err error, code string, tested bool) Cause {
	kind := directory.KindOf(err)
	switch {
	case kind == "" || kind == directory.Throttled:
		return Cause{}
	case !tested && kind != directory.Unauthorised && kind != directory.Incompatible:
		return Cause{}
	}
	return Cause{Reason: QuarantineException, Error: QuarantineError{Code: code, Message: err.Error(), TenantActionable: kind != directory.Transient}}
}

// Quarantine is what is remembered of a job's quarantine (engine.md 17.3). The zero Quarantine is none.
type Quarantine struct {
	Reason QuarantineReason `json:"reason"`
	// CurrentBegan is when it was last imposed, SeriesBegan when it was first imposed since the job was last well, and
	// SeriesCount how often it was found to last.
	CurrentBegan time.Time `json:"currentBegan"`
	SeriesBegan  time.Time `json:"seriesBegan"`
	SeriesCount  int64     `json:"seriesCount"`
	// NextAttempt is when the next cycle may run.
	NextAttempt time.Time       `json:"nextAttempt"`
	Error       QuarantineError `json:"error"`
	// EscrowsPruned: the initial cycle failed so often that its failures were forgotten (engine.md 16). No cycle runs until
	// somebody starts the job.
	EscrowsPruned bool `json:"escrowsPruned,omitempty"`
	// HoldsDeletes: too many accounts were to be disabled or deleted. Until quarantine is lifted none is without approval,
	// also when there is another reason by now.
	HoldsDeletes bool `json:"holdsDeletes,omitempty"`
}

// In reports whether the job is in quarantine.
func (q Quarantine) In() bool { return q.Reason != "" }

// Impose puts a job in quarantine, or keeps it there, also for another reason: the series ends only when quarantine is
// lifted.
func (q Quarantine) Impose(cause Cause, now time.Time) Quarantine {
	imposed := Quarantine{
		Reason: cause.Reason, CurrentBegan: now, SeriesBegan: now, Error: cause.Error,
		EscrowsPruned: q.EscrowsPruned, HoldsDeletes: q.HoldsDeletes || cause.Reason == QuarantineDeletes,
	}
	if q.In() {
		imposed.SeriesBegan, imposed.SeriesCount = q.SeriesBegan, q.SeriesCount+1
	}
	imposed.NextAttempt = rung(imposed.SeriesBegan, now)
	return imposed
}

// Ended reports whether no cycle runs any more by itself: quarantine has lasted 28 days, or the initial cycle was pruned.
// Only a start, a restart or an apply helps.
func (q Quarantine) Ended(now time.Time) bool {
	return q.In() && (q.EscrowsPruned || !now.Before(q.SeriesBegan.Add(QuarantineLife)))
}

// Due reports whether a cycle may run now. It may in a job that is not in quarantine.
func (q Quarantine) Due(now time.Time) bool {
	return !q.In() || !q.Ended(now) && !now.Before(q.NextAttempt)
}
