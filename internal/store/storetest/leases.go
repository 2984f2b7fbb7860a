package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

func leases() []testCase {
	ctx := context.Background()
	take := func(t *testing.T, s store.Store, owner string, after time.Duration) int64 {
		t.Helper()
		fence, err := s.Lease(ctx, jobID, owner, day.Add(after), time.Minute)
		must(t, err)
		return fence
	}
	return []testCase{
		on("extending keeps the fence", func(t *testing.T, s store.Store) {
			first := take(t, s, "a", 0)
			equal(t, take(t, s, "a", 30*time.Second), first)
			// The second call moved the end, so a minute after the first one it is still held.
			_, err := s.Lease(ctx, jobID, "b", day.Add(70*time.Second), time.Minute)
			wantKind(t, err, directory.Conflict)
		}),
		on("a lease held by another owner is a conflict that says when it ends", func(t *testing.T, s store.Store) {
			take(t, s, "a", 0)
			_, err := s.Lease(ctx, jobID, "b", day.Add(20*time.Second), time.Minute)
			wantKind(t, err, directory.Conflict)
			if e, ok := errors.AsType[*directory.Error](err); !ok || e.RetryAfter != 40*time.Second {
				t.Errorf("got %#v, want RetryAfter 40s", err)
			}
		}),
		on("a lease that ran out changes hands with a higher fence", func(t *testing.T, s store.Store) {
			first := take(t, s, "a", 0)
			second := take(t, s, "b", time.Minute)
			third := take(t, s, "a", 3*time.Minute)
			if first >= second || second >= third {
				t.Errorf("fences %d, %d, %d do not grow", first, second, third)
			}
		}),
		on("release lets another owner in, with a higher fence", func(t *testing.T, s store.Store) {
			first := take(t, s, "a", 0)
			must(t, s.Release(ctx, jobID, "a"))
			if second := take(t, s, "b", 0); second <= first {
				t.Errorf("fence went from %d to %d", first, second)
			}
		}),
		on("releasing what is not held is a success and takes nothing away", func(t *testing.T, s store.Store) {
			must(t, s.Release(ctx, jobID, "a"))
			take(t, s, "a", 0)
			must(t, s.Release(ctx, jobID, "b"))
			_, err := s.Lease(ctx, jobID, "b", day, time.Minute)
			wantKind(t, err, directory.Conflict)
		}),
		on("jobs have leases of their own", func(t *testing.T, s store.Store) {
			take(t, s, "a", 0)
			_, err := s.Lease(ctx, "crm/other", "b", day, time.Minute)
			must(t, err)
		}),
		on("a lease needs an owner", func(t *testing.T, s store.Store) {
			_, err := s.Lease(ctx, jobID, "", day, time.Minute)
			wantKind(t, err, directory.Invalid)
		}),
		on("record refuses a fence that is not the job's", func(t *testing.T, s store.Store) {
			fence := commit(t, s, jobID)
			batch := fullBatch()
			wantKind(t, s.Record(ctx, jobID, fence-1, batch), directory.Conflict)
			wantKind(t, s.Record(ctx, jobID, fence+1, batch), directory.Conflict)
			equal(t, remember(t, s, jobID), remembered{})
			must(t, s.Record(ctx, jobID, fence, batch))
		}),
		on("record refuses a fence after the lease changed hands or was released", func(t *testing.T, s store.Store) {
			fence := commit(t, s, jobID)
			next, err := s.Lease(ctx, jobID, "other", day.Add(2*time.Hour), time.Hour)
			must(t, err)
			wantKind(t, s.Record(ctx, jobID, fence, fullBatch()), directory.Conflict)
			must(t, s.Release(ctx, jobID, "other"))
			wantKind(t, s.Record(ctx, jobID, next, fullBatch()), directory.Conflict)
			equal(t, remember(t, s, jobID), remembered{})
		}),
		on("the fence goes on growing when a job is deleted and made again", func(t *testing.T, s store.Store) {
			fence := commit(t, s, jobID)
			must(t, s.DeleteJob(ctx, jobID, fence))
			must(t, s.Release(ctx, jobID, "test"))
			if again := commit(t, s, jobID); again <= fence {
				t.Errorf("fence went from %d to %d", fence, again)
			}
		}),
	}
}
