package engine_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
)

var t0 = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// TestRetryLadder is the vector of engine.md 30: first failure t0 → due at t0+6 h, +12 h, +24 h, +48 h, +72 h …; none
// after t0+28 d.
func TestRetryLadder(t *testing.T) {
	t.Parallel()
	var got []time.Duration
	failure := engine.Failure{First: t0, At: t0, Attempts: 1, Kind: directory.Conflict}
	for !engine.GivenUp(failure.First, failure.At) {
		due := failure.NextAttempt()
		got = append(got, due.Sub(t0))
		failure.At = due
		failure.Attempts++
	}
	want := []time.Duration{6 * time.Hour, 12 * time.Hour}
	for days := range 28 {
		want = append(want, time.Duration(days+1)*24*time.Hour)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNextAttempt(t *testing.T) {
	t.Parallel()
	const h, d = time.Hour, 24 * time.Hour
	tests := []struct {
		name     string
		kind     directory.ErrorKind
		attempts int64
		age      time.Duration
		want     time.Duration
	}{
		{"a transient failure is due in the next cycle", directory.Transient, 1, 0, 0},
		{"so is a throttled one", directory.Throttled, 1, 0, 0},
		{"only once", directory.Transient, 2, 40 * time.Minute, 6 * h},
		{"a conflict goes straight to the ladder", directory.Conflict, 1, 0, 6 * h},
		{"so does invalid data", directory.Invalid, 1, 0, 6 * h},
		{"so does a decision that asked nobody", "", 1, 0, 6 * h},
		{"an early retry changes nothing", directory.Conflict, 2, 5 * h, 6 * h},
		{"a rung that is reached leads to the next", directory.Conflict, 2, 6 * h, 12 * h},
		{"a late retry does not count from itself", directory.Conflict, 2, 7 * h, 12 * h},
		{"rungs that were slept through are not made up for", directory.Conflict, 2, 5*d + h, 6 * d},
		{"just before a day", directory.Conflict, 4, 2*d - time.Millisecond, 2 * d},
		{"the last retry", directory.Conflict, 29, 26*d + h, 27 * d},
		{"then it is given up", directory.Conflict, 30, 27*d + h, 28 * d},
		{"a retry by hand after that does not extend it", directory.Conflict, 31, 40 * d, 28 * d},
		{"a clock that went back", directory.Conflict, 2, -3 * h, 6 * h},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			failure := engine.Failure{First: t0, At: t0.Add(test.age), Attempts: test.attempts, Kind: test.kind}
			if got := failure.NextAttempt().Sub(t0); got != test.want {
				t.Errorf("due %v after the first failure, want %v", got, test.want)
			}
		})
	}
}

func TestGivenUp(t *testing.T) {
	t.Parallel()
	for age, want := range map[time.Duration]bool{
		0: false, 28*24*time.Hour - time.Millisecond: false, 28 * 24 * time.Hour: true, 29 * 24 * time.Hour: true,
	} {
		if got := engine.GivenUp(t0, t0.Add(age)); got != want {
			t.Errorf("after %v: given up %t, want %t", age, got, want)
		}
	}
}
