package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
)

// TestQuarantines: the numbered rows are the vectors of engine.md 30.
func TestQuarantines(t *testing.T) {
	t.Parallel()
	refused := directory.Errorf(directory.Unauthorised, "answered 401")
	tests := []struct {
		name    string
		outcome engine.Outcome
		want    engine.QuarantineReason
	}{
		{"(1) f=4,000 is not looked at", engine.Outcome{Failures: 4000}, ""},
		{"(2) f=5,000 is", engine.Outcome{Failures: 5000}, engine.QuarantineProportion},
		{"(2) f=5,000, s=7,500: 40 % are not more than 40 %", engine.Outcome{Failures: 5000, Successes: 7500}, ""},
		{"(2) f=5,000, s=7,499", engine.Outcome{Failures: 5000, Successes: 7499}, engine.QuarantineProportion},
		{"f=4,999 of as many", engine.Outcome{Failures: 4999}, ""},
		{"(3) f=45,000 of many", engine.Outcome{Failures: 45_000, Successes: 1_000_000}, engine.QuarantineBase},
		{"f=40,000 of many", engine.Outcome{Failures: 40_000, Successes: 1_000_000}, ""},
		{"(4) f=30,000, s=5,000", engine.Outcome{Failures: 30_000, Successes: 5000}, engine.QuarantineProportion},
		{"(5) f=20,000, s=100,000", engine.Outcome{Failures: 20_000, Successes: 100_000}, ""},
		{"(6) f=40,000, r=21,000", engine.Outcome{Failures: 40_000, ReferenceFailures: 21_000, Successes: 1_000_000}, engine.QuarantineTotal},
		{"f+r=60,000", engine.Outcome{Failures: 39_000, ReferenceFailures: 21_000, Successes: 1_000_000}, ""},
		{"references alone", engine.Outcome{ReferenceFailures: 60_001}, engine.QuarantineTotal},
		{"references are no part of the proportion", engine.Outcome{Failures: 4000, ReferenceFailures: 50_000}, ""},
		{"(7) invalid credentials, f=1", engine.Outcome{Failures: 1, Critical: engine.CriticalCause(refused, "Unauthorized", false)}, engine.QuarantineException},
		{"nothing happened", engine.Outcome{}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := test.outcome.Quarantines()
			if got.Reason != test.want || test.want != "" && (got.Error.Code == "" || got.Error.Message == "") {
				t.Errorf("got %+v, want %q", got, test.want)
			}
		})
	}
}

func TestCriticalCause(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind                 directory.ErrorKind
		tested               bool
		critical, actionable bool
	}{
		{directory.Unauthorised, false, true, true},
		{directory.Unauthorised, true, true, true},
		{directory.Incompatible, false, true, true},
		{directory.Incompatible, true, true, true},
		{directory.Transient, true, true, false},
		{directory.Transient, false, false, false},
		{directory.Throttled, true, false, false},
		{directory.Throttled, false, false, false},
		{directory.Invalid, true, true, true}, // a certificate that is not accepted
		{directory.Invalid, false, false, false},
		{directory.Forbidden, true, true, true},
		{directory.Forbidden, false, false, false},
		{directory.Conflict, false, false, false},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s, tested %t", test.kind, test.tested), func(t *testing.T) {
			t.Parallel()
			want := engine.Cause{}
			if test.critical {
				want = engine.Cause{Reason: "EncounteredQuarantineException", Error: engine.QuarantineError{Code: "Code", Message: "what happened", TenantActionable: test.actionable}}
			}
			err := fmt.Errorf("%w", directory.Errorf(test.kind, "what happened"))
			if diff := cmp.Diff(want, engine.CriticalCause(err, "Code", test.tested)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if got := engine.CriticalCause(nil, "", true); got != (engine.Cause{}) {
		t.Errorf("no error: %+v", got)
	}
}

// TestQuarantineSeries: attempts get rarer from the first day of the series on, whatever the reason is meanwhile.
func TestQuarantineSeries(t *testing.T) {
	t.Parallel()
	const h = time.Hour
	down := engine.Cause{Reason: engine.QuarantineException, Error: engine.QuarantineError{Code: "Timeout", Message: "no answer"}}
	deletes := engine.Cause{Reason: engine.QuarantineDeletes, Error: engine.QuarantineError{Code: "TooManyDeletes", Message: "4 of 3", TenantActionable: true}}
	var q engine.Quarantine
	if q.In() || !q.Due(t0) || q.Ended(t0) {
		t.Fatal("no quarantine is one")
	}
	for i, step := range []struct {
		at, next time.Duration
		cause    engine.Cause
	}{
		{0, 6 * h, down}, {6 * h, 12 * h, down}, {13 * h, 24 * h, deletes}, {24 * h, 48 * h, down}, {48*h + 1, 72 * h, down}, {20 * 24 * h, 21 * 24 * h, down},
	} {
		now := t0.Add(step.at)
		q = q.Impose(step.cause, now)
		want := engine.Quarantine{
			Reason: step.cause.Reason, Error: step.cause.Error, CurrentBegan: now, SeriesBegan: t0, SeriesCount: int64(i), NextAttempt: t0.Add(step.next),
			HoldsDeletes: i >= 2,
		}
		if diff := cmp.Diff(want, q); diff != "" {
			t.Fatalf("step %d (-want +got):\n%s", i, diff)
		}
		if q.Due(want.NextAttempt.Add(-time.Millisecond)) || !q.Due(want.NextAttempt) {
			t.Fatalf("step %d: due at the wrong time", i)
		}
	}
}

func TestQuarantineEnds(t *testing.T) {
	t.Parallel()
	q := engine.Quarantine{}.Impose(engine.Cause{Reason: engine.QuarantineException}, t0)
	end := t0.Add(28 * 24 * time.Hour)
	if q.Ended(end.Add(-time.Millisecond)) || !q.Due(end.Add(-time.Millisecond)) {
		t.Error("the job is tried for 28 days")
	}
	if !q.Ended(end) || q.Due(end) {
		t.Error("after 28 days it is not")
	}
	pruned := q
	pruned.EscrowsPruned = true
	if !pruned.Ended(t0) || pruned.Due(t0.Add(48*time.Hour)) {
		t.Error("a pruned job waits from the beginning")
	}
	if again := pruned.Impose(engine.Cause{Reason: engine.QuarantineDeletes}, t0); !again.EscrowsPruned {
		t.Error("another reason makes no job well")
	}
}
