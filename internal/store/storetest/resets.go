package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// resets are the cases of Batch.Reset.
func resets() []testCase {
	ctx := context.Background()
	full := remembered{Links: 2, References: 1, Members: 1, Staged: 1, Escrow: 1, Previews: 1, Targets: 1, Log: 1}
	const other = "crm/other"
	quarantine := engine.Quarantine{Reason: engine.QuarantineDeletes, CurrentBegan: day, SeriesBegan: day, NextAttempt: day.Add(time.Hour)}
	running := store.Cycle{ID: "cut", Generation: 1, CopyID: copyID, From: 0, To: 42, Phase: store.PhaseUsers, Cursor: 20, StartedAt: day}
	begin := func(t *testing.T, s store.Store) map[string]int64 {
		fences := map[string]int64{}
		for _, id := range []string{jobID, other} {
			fences[id] = commit(t, s, id)
			batch := fullBatch()
			batch.Watermark, batch.Quarantine, batch.Cycle = &store.Watermark{CopyID: copyID, Position: 42}, &quarantine, &running
			must(t, s.Record(ctx, id, fences[id], batch))
			must(t, s.PutPreview(ctx, store.Preview{JobID: id, Digest: "digest", Position: "1", Body: []byte("{}"), At: day}, time.Hour))
			must(t, s.PutTargets(ctx, id, fences[id], []store.TargetAccount{{Type: directory.User, Anchor: "t", MatchKeys: map[string][]string{"userName": {"ann"}}}}))
		}
		return fences
	}
	forgets := func(name string, reset store.Reset, watermark int64, resumed bool, want remembered) testCase {
		return on(name, func(t *testing.T, s store.Store) {
			fences := begin(t, s)
			before, err := s.GetJob(ctx, jobID)
			must(t, err)
			must(t, s.Record(ctx, jobID, fences[jobID], store.Batch{Reset: reset}))
			got, err := s.GetJob(ctx, jobID)
			must(t, err)
			equal(t, got.Watermark, watermark)
			equal(t, got.Running != nil, resumed)
			equal(t, got.Quarantine, before.Quarantine)
			equal(t, got.Initialised, true)
			equal(t, got.Generation, before.Generation)
			equal(t, got.Revision > before.Revision, reset != store.Reset{})
			if reset.Links { // memberships are counted through links
				equal(t, remember(t, s, jobID).Links, 0)
				must(t, s.Record(ctx, jobID, fences[jobID], store.Batch{PutLinks: fullBatch().PutLinks}))
				want.Links = 2
			}
			equal(t, remember(t, s, jobID), want)
			equal(t, remember(t, s, other), full)
			untouched, err := s.GetJob(ctx, other)
			must(t, err)
			equal(t, untouched.Watermark, int64(42))
			equal(t, untouched.Running != nil, true)
		})
	}
	without := func(change func(*remembered)) remembered {
		r := full
		change(&r)
		return r
	}
	return []testCase{
		forgets("nothing", store.Reset{}, 42, true, full),
		forgets("the watermark, with the cut cycle", store.Reset{Watermark: true}, 0, false, full),
		forgets("stored failures", store.Reset{Escrows: true}, 42, true, without(func(r *remembered) { r.Escrow = 0 })),
		forgets("links, with what hangs on them", store.Reset{Links: true}, 42, true,
			without(func(r *remembered) { r.References, r.Members, r.Staged, r.Targets = 0, 0, 0, 0 })),
		forgets("everything", store.Reset{Watermark: true, Escrows: true, Links: true}, 0, false,
			without(func(r *remembered) { r.References, r.Members, r.Staged, r.Targets, r.Escrow = 0, 0, 0, 0, 0 })),
		on("a reset goes before what the batch puts", func(t *testing.T, s store.Store) {
			fences := begin(t, s)
			batch := fullBatch()
			batch.Reset = store.Reset{Watermark: true, Escrows: true, Links: true}
			batch.Watermark = &store.Watermark{CopyID: copyID, Position: 7}
			must(t, s.Record(ctx, jobID, fences[jobID], batch))
			got, err := s.GetJob(ctx, jobID)
			must(t, err)
			equal(t, got.Watermark, int64(7))
			equal(t, remember(t, s, jobID), without(func(r *remembered) { r.Targets = 0 }))
		}),
		on("a reset checks the fence", func(t *testing.T, s store.Store) {
			fences := begin(t, s)
			all := store.Batch{Reset: store.Reset{Watermark: true, Escrows: true, Links: true}}
			wantKind(t, s.Record(ctx, jobID, fences[jobID]+1, all), directory.Conflict)
			equal(t, remember(t, s, jobID), full)
		}),
	}
}
