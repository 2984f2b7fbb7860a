package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Setup makes a new, empty database and returns a function that opens it. Opening it several times gives several
// stores on the same data, as several processes would have.
type Setup func(tb testing.TB) (open func() store.Store)

// Run runs the suite.
func Run(t *testing.T, setup Setup) {
	for _, area := range []struct {
		name string
		test func(*testing.T, Setup)
	}{} {
		t.Run(area.name, func(t *testing.T) {
			t.Parallel()
			area.test(t, setup)
		})
	}
}

// copyID names the copy most tests use, in the form of job.Source.CopyID.
const copyID = "hr@0123456789abcdef"

// day is when tests happen.
var day = time.Date(2026, 3, 14, 9, 26, 53, 589_000_000, time.UTC)

// openFor opens a store and closes it with the test.
func openFor(tb testing.TB, open func() store.Store) store.Store {
	s := open()
	tb.Cleanup(func() { must(tb, s.Close()) })
	return s
}

// commit makes a job and takes its lease.
func commit(tb testing.TB, s store.Store, jobID string) (fence int64) {
	tb.Helper()
	ctx := context.Background()
	_, err := s.CommitJob(ctx, job.Definition{ID: jobID}, 0, false, day)
	must(tb, err)
	fence, err = s.Lease(ctx, jobID, "test", day, time.Hour)
	must(tb, err)
	return fence
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// equal compares whole values.
func equal(tb testing.TB, got, want any) {
	tb.Helper()
	if diff := cmp.Diff(want, got, cmp.Comparer(directory.Value.Equal)); diff != "" {
		tb.Errorf("(-want +got):\n%s", diff)
	}
}

// wantKind checks the kind of an error.
func wantKind(tb testing.TB, err error, kind directory.ErrorKind) {
	tb.Helper()
	if directory.KindOf(err) != kind {
		tb.Errorf("got error %v of kind %q, want kind %q", err, directory.KindOf(err), kind)
	}
}
