package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
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

func restart() []testCase {
	ctx := context.Background()
	return []testCase{
		{"what was stored is there after reopening", func(t *testing.T, open func() store.Store) {
			s := open()
			state := put(t, s, true, user("a"), group("g", "a"))
			keep(t, s, fullBatch())
			must(t, s.PutSecret(ctx, "crm/main", 1, secret.New("token")))
			want := remember(t, s, jobID)
			wantJob, err := s.GetJob(ctx, jobID)
			must(t, err)
			must(t, s.Close())
			must(t, s.Close())

			s = openFor(t, open)
			equal(t, remember(t, s, jobID), want)
			gotJob, err := s.GetJob(ctx, jobID)
			must(t, err)
			equal(t, gotJob, wantJob)
			got, err := s.CopyState(ctx, copyID)
			must(t, err)
			equal(t, got, state)
			equal(t, get(t, s, directory.Group, "g"), group("g", "a"))
			token, err := s.GetSecret(ctx, "crm/main", 1)
			must(t, err)
			equal(t, token.Reveal(), "token")
			// Positions and fences go on from where they were.
			equal(t, put(t, s, true, user("a"), user("b"), group("g", "a")).Position, state.Position+1)
			_, err = s.Lease(ctx, jobID, "other", day, time.Hour)
			wantKind(t, err, directory.Conflict)
		}},
	}
}

// texts are told apart and sorted by their bytes: no folding, no trimming, no normalising, no language.
var texts = []string{" a", "A", "B", "a", "a ", "a%", "a_", "b", "e\u0301", "i", "ß", "É", "é", "ı", "ﬀ", "𝒜"}

func text() []testCase {
	ctx := context.Background()
	return []testCase{
		on("anchors differ by bytes and sort by bytes", func(t *testing.T, s store.Store) {
			var objects []directory.Object
			var batch store.Batch
			for i := range texts {
				anchor := directory.Anchor(texts[len(texts)-1-i])
				objects = append(objects, user(anchor))
				batch.PutLinks = append(batch.PutLinks, link(directory.User, anchor))
			}
			put(t, s, true, objects...)
			keep(t, s, batch)
			found, err := s.ListLinks(ctx, jobID, directory.User, "", 100)
			must(t, err)
			var sorted []string
			for _, l := range found {
				sorted = append(sorted, string(l.Source))
			}
			equal(t, sorted, texts)
			for _, anchor := range texts {
				equal(t, get(t, s, directory.User, directory.Anchor(anchor)), user(directory.Anchor(anchor)))
				byKey, err := s.LinksByMatchKey(ctx, jobID, directory.User, []string{anchor})
				must(t, err)
				equal(t, byKey, map[string][]store.Link{anchor: {link(directory.User, directory.Anchor(anchor))}})
			}
		}),
		on("pages by text meet every text once", func(t *testing.T, s store.Store) {
			var members []directory.Anchor
			batch := store.Batch{PutLinks: []store.Link{link(directory.Group, "g")}}
			for _, anchor := range texts {
				members = append(members, directory.Anchor(anchor))
				batch.PutLinks = append(batch.PutLinks, link(directory.User, directory.Anchor(anchor)))
			}
			put(t, s, true, group("g", members...))
			keep(t, s, batch)
			var met []directory.Anchor
			for after := (store.Membership{}); ; {
				page, err := s.MembershipsToAdd(ctx, jobID, copyID, after, 1)
				must(t, err)
				if len(page) == 0 {
					break
				}
				after = page[0].Membership
				met = append(met, after.Member)
			}
			equal(t, met, members)
		}),
		on("ids and versions are not patterns", func(t *testing.T, s store.Store) {
			for _, id := range texts {
				must(t, s.PutDraft(ctx, store.Draft{Kind: store.DraftApp, ID: id, Body: []byte(id)}))
			}
			must(t, s.DeleteDraft(ctx, store.DraftApp, "a%"))
			all, err := s.ListDrafts(ctx, store.DraftApp)
			must(t, err)
			equal(t, len(all), len(texts)-1)
		}),
	}
}
