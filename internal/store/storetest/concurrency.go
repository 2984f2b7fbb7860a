package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

func concurrency() []testCase {
	ctx := context.Background()
	return []testCase{
		{"of several commits of one generation one wins", func(t *testing.T, open func() store.Store) {
			stores := []store.Store{openFor(t, open), openFor(t, open)}
			errs := together(8, func(i int) error {
				_, err := stores[i%2].CommitJob(ctx, job.Definition{ID: jobID, Name: fmt.Sprint(i)}, 0, false, day)
				return err
			})
			wantWinners(t, errs, 1)
			found, err := stores[0].GetJob(ctx, jobID)
			must(t, err)
			equal(t, found.Generation, int64(1))
		}},
		{"of several owners one gets the lease", func(t *testing.T, open func() store.Store) {
			stores := []store.Store{openFor(t, open), openFor(t, open)}
			errs := together(8, func(i int) error {
				_, err := stores[i%2].Lease(ctx, jobID, fmt.Sprint(i), day, time.Minute)
				return err
			})
			wantWinners(t, errs, 1)
		}},
		{"two stores record side by side and nothing is lost", func(t *testing.T, open func() store.Store) {
			stores := []store.Store{openFor(t, open), openFor(t, open)}
			fences := []int64{commit(t, stores[0], "crm/0"), commit(t, stores[1], "crm/1")}
			errs := together(20, func(i int) error {
				batch := store.Batch{PutLinks: []store.Link{link(directory.User, directory.Anchor(fmt.Sprint(i)))}}
				return stores[i%2].Record(ctx, fmt.Sprintf("crm/%d", i%2), fences[i%2], batch)
			})
			wantWinners(t, errs, 20)
			for i, s := range stores {
				counts, err := s.CountManaged(ctx, fmt.Sprintf("crm/%d", i))
				must(t, err)
				equal(t, counts, map[directory.ObjectType]int64{directory.User: 10})
			}
		}},
		{"two stores import into one copy and positions stay unique", func(t *testing.T, open func() store.Store) {
			stores := []store.Store{openFor(t, open), openFor(t, open)}
			errs := together(10, func(i int) error {
				_, err := stores[i%2].Import(ctx, copyID, day, func(im store.Importer) (store.ImportResult, error) {
					return store.ImportResult{}, im.Put(ctx, []store.ObjectChange{{Object: user(directory.Anchor(fmt.Sprint(i)))}})
				})
				return err
			})
			wantWinners(t, errs, 10)
			objects, err := stores[0].Objects(ctx, copyID, directory.User, 0, everything, 100)
			must(t, err)
			for i, object := range objects {
				equal(t, object.Position, int64(i+1))
			}
			equal(t, len(objects), 10)
		}},
		on("an import is not visible before its end, and reading goes on meanwhile", func(t *testing.T, s store.Store) {
			before := put(t, s, true, user("a"))
			_, err := s.Import(ctx, copyID, day, func(im store.Importer) (store.ImportResult, error) {
				must(t, im.Put(ctx, []store.ObjectChange{{Object: user("b")}}))
				equal(t, changed(t, s, directory.User, 0), []directory.Anchor{"a"})
				state, err := s.CopyState(ctx, copyID)
				must(t, err)
				equal(t, state, before)
				return store.ImportResult{}, nil
			})
			must(t, err)
			equal(t, changed(t, s, directory.User, 0), []directory.Anchor{"a", "b"})
		}),
	}
}

// together calls f n times at once.
func together(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = f(i) })
	}
	all.Wait()
	return errs
}

// wantWinners checks that so many calls succeeded and the others met a conflict.
func wantWinners(t *testing.T, errs []error, want int) {
	t.Helper()
	winners := 0
	for _, err := range errs {
		if err == nil {
			winners++
			continue
		}
		wantKind(t, err, directory.Conflict)
	}
	equal(t, winners, want)
}
