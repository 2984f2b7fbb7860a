package engine

import (
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

const (
	// EscrowLife is how long the failure of an object is kept: then it is given up (engine.md 16).
	EscrowLife = 28 * day
	// QuarantineLife is how long a job may be in quarantine: then no cycle runs any more until somebody starts it (engine.md 17.5).
	QuarantineLife = 28 * day

	day = 24 * time.Hour
)

// Failure is what the retry ladder has to know about the failures of one object in a row.
type Failure struct {
	// First is when it failed first, At when it failed last.
	First, At time.Time
	// Attempts counts the failures, the last one included.
	Attempts int64
	// Kind of the last error; empty when the object failed without asking anybody.
	Kind directory.ErrorKind
}

// NextAttempt says when the object is due again (engine.md 16, 29): a failure that may pass by itself in the next cycle,
// once; all others 6, 12 and 24 hours after the first failure and then daily. The last rung is the moment the failure is
// given up (GivenUp).
func (f Failure) NextAttempt() time.Time {
	if f.Attempts <= 1 && passing(f.Kind) {
		return f.At
	}
	if next := rung(f.First, f.At); next.Before(f.First.Add(EscrowLife)) {
		return next
	}
	return f.First.Add(EscrowLife)
}

// GivenUp reports whether a failure is so old that it is not retried any more.
func GivenUp(first, now time.Time) bool { return !now.Before(first.Add(EscrowLife)) }

// passing reports whether an error of this kind may be gone in the next cycle.
func passing(kind directory.ErrorKind) bool {
	return kind == directory.Transient || kind == directory.Throttled
}

// rung is the first step of the ladder that lies behind now.
func rung(first, now time.Time) time.Time {
	age := now.Sub(first)
	for _, step := range []time.Duration{6 * time.Hour, 12 * time.Hour} {
		if age < step {
			return first.Add(step)
		}
	}
	return first.Add(max(age, 0).Truncate(day) + day)
}
