package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

func staged() []testCase {
	ctx := context.Background()
	row := func(objectType directory.ObjectType, source directory.Anchor, action string, held bool) store.Staged {
		return store.Staged{
			LinkKey: store.LinkKey{Type: objectType, Source: source}, Action: action, Event: "left scope", Reason: "no longer assigned",
			Held: held, CycleID: "cycle-1", Since: day,
		}
	}
	return []testCase{
		on("put, replace, drop and list in pages", func(t *testing.T, s store.Store) {
			b, a, g := row(directory.User, "b", "delete", false), row(directory.User, "a", "disable", true), row(directory.Group, "z", "delete", false)
			keep(t, s, store.Batch{PutStaged: []store.Staged{b, a, g}})
			list := func(after store.LinkKey, limit int) []store.Staged {
				found, err := s.ListStaged(ctx, jobID, after, limit)
				must(t, err)
				return found
			}
			equal(t, list(store.LinkKey{}, 2), []store.Staged{g, a})
			equal(t, list(a.LinkKey, 2), []store.Staged{b})
			replaced := store.Staged{LinkKey: a.LinkKey, Action: "delete", CycleID: "cycle-2", Since: day.Add(time.Minute)}
			keep(t, s, store.Batch{PutStaged: []store.Staged{replaced}, DropStaged: []store.LinkKey{b.LinkKey, userKey("nobody")}})
			equal(t, list(store.LinkKey{}, 10), []store.Staged{g, replaced})
		}),
		on("decisions and their times are kept, and go when the row is put without", func(t *testing.T, s store.Store) {
			decided := row(directory.User, "a", "disable", true)
			decided.Decision, decided.DecidedAt, decided.ExpiresAt, decided.DueAt = "approved", day.Add(time.Hour), day.Add(2*time.Hour), day.Add(3*time.Hour)
			keep(t, s, store.Batch{PutStaged: []store.Staged{decided}})
			list := func() []store.Staged {
				found, err := s.ListStaged(ctx, jobID, store.LinkKey{}, 10)
				must(t, err)
				return found
			}
			equal(t, list(), []store.Staged{decided})
			undecided := row(directory.User, "a", "delete", true)
			keep(t, s, store.Batch{PutStaged: []store.Staged{undecided}})
			equal(t, list(), []store.Staged{undecided})
		}),
		on("counted by action and whether held", func(t *testing.T, s store.Store) {
			keep(t, s, store.Batch{PutStaged: []store.Staged{
				row(directory.User, "a", "disable", true), row(directory.User, "b", "disable", false), row(directory.User, "c", "delete", false),
				row(directory.Group, "d", "delete", false),
			}})
			counts, err := s.CountStaged(ctx, jobID)
			must(t, err)
			equal(t, counts, []store.StagedCount{
				{Action: "delete", Count: 2}, {Action: "disable", Count: 1}, {Action: "disable", Held: true, Count: 1},
			})
		}),
	}
}

func escrow() []testCase {
	ctx := context.Background()
	return []testCase{
		on("put, replace, drop, count and list in pages", func(t *testing.T, s store.Store) {
			row := func(objectType directory.ObjectType, source directory.Anchor, attempts int64) store.Escrow {
				return store.Escrow{
					LinkKey: store.LinkKey{Type: objectType, Source: source}, Name: "n", Code: "DuplicateTargetEntries", Message: "two accounts",
					Attempts: attempts, FirstFailure: day, NextAttempt: day.Add(time.Hour),
				}
			}
			keep(t, s, store.Batch{PutEscrow: []store.Escrow{row(directory.User, "b", 1), row(directory.User, "a", 1), row(directory.Group, "z", 1)}})
			keep(t, s, store.Batch{PutEscrow: []store.Escrow{row(directory.User, "a", 2)}, DropEscrow: []store.LinkKey{userKey("b"), userKey("nobody")}})
			found, err := s.ListEscrow(ctx, jobID, store.LinkKey{}, 10)
			must(t, err)
			equal(t, found, []store.Escrow{row(directory.Group, "z", 1), row(directory.User, "a", 2)})
			found, err = s.ListEscrow(ctx, jobID, found[0].LinkKey, 1)
			must(t, err)
			equal(t, found, []store.Escrow{row(directory.User, "a", 2)})
			count, err := s.CountEscrow(ctx, jobID)
			must(t, err)
			equal(t, count, int64(2))
		}),
	}
}

func record() []testCase {
	ctx := context.Background()
	cycle := store.Cycle{
		ID: "cycle-1", Generation: 3, Full: true, CopyID: copyID, From: 5, To: 9, Phase: store.PhaseGroups, Cursor: 7,
		Counts:    store.Counts{Created: 1, Updated: 2, Disabled: 3, Deleted: 4, Skipped: 5, Failed: 6, Held: 7, MembershipsAdded: 8, MembershipsRemoved: 9, Linked: 10, ReferencesFailed: 11},
		StartedAt: day,
	}
	read := func(t *testing.T, s store.Store) store.JobRecord {
		t.Helper()
		found, err := s.GetJob(ctx, jobID)
		must(t, err)
		found.UpdatedAt = time.Time{} // the store's clock, which the suite does not set
		return found
	}
	return []testCase{
		on("the job must exist", func(t *testing.T, s store.Store) {
			fence, err := s.Lease(ctx, jobID, "test", day, time.Hour)
			must(t, err)
			wantKind(t, s.Record(ctx, jobID, fence, store.Batch{}), directory.NotFound)
		}),
		on("a running cycle is kept with its checkpoint and becomes the last one at its end", func(t *testing.T, s store.Store) {
			commit(t, s, jobID)
			want := read(t, s)
			want.Running = &cycle
			keep(t, s, store.Batch{Cycle: &cycle})
			equal(t, read(t, s), want)
			ended := cycle
			ended.Phase, ended.EndedAt, ended.Failure = store.PhaseDone, day.Add(time.Minute), "too many deletions"
			want.Running, want.LastCycle = nil, &ended
			keep(t, s, store.Batch{Cycle: &ended})
			equal(t, read(t, s), want)
			next := cycle
			next.ID = "cycle-2"
			want.Running = &next
			keep(t, s, store.Batch{Cycle: &next})
			equal(t, read(t, s), want)
		}),
		on("the watermark moves and marks the job initialised", func(t *testing.T, s store.Store) {
			commit(t, s, jobID)
			want := read(t, s)
			want.CopyID, want.Watermark, want.Initialised = copyID, 42, true
			keep(t, s, store.Batch{Watermark: &store.Watermark{CopyID: copyID, Position: 42}})
			equal(t, read(t, s), want)
		}),
		on("quarantine is set and lifted", func(t *testing.T, s store.Store) {
			quarantine, none := engine.Quarantine{
				Reason: engine.QuarantineException, CurrentBegan: day.Add(time.Hour), SeriesBegan: day, SeriesCount: 2, NextAttempt: day.Add(24 * time.Hour),
				Error:         engine.QuarantineError{Code: "Unauthorized", Message: "the token is refused", TenantActionable: true},
				EscrowsPruned: true, HoldsDeletes: true,
			}, engine.Quarantine{}
			keep(t, s, store.Batch{Quarantine: &quarantine})
			equal(t, read(t, s).Quarantine, quarantine)
			keep(t, s, store.Batch{})
			equal(t, read(t, s).Quarantine, quarantine)
			keep(t, s, store.Batch{Quarantine: &none})
			equal(t, read(t, s).Quarantine, none)
		}),
		on("the revision grows with what a preview depends on, and only with that", func(t *testing.T, s store.Store) {
			keep(t, s, fullBatch())
			full, none := fullBatch(), engine.Quarantine{}
			key := userKey("ann")
			for _, step := range []struct {
				name  string
				grows bool
				batch store.Batch
			}{
				{"nothing", false, store.Batch{}},
				{"log", false, store.Batch{Log: full.Log}},
				{"checkpoint", false, store.Batch{Cycle: &cycle}},
				{"watermark", false, store.Batch{Watermark: &store.Watermark{CopyID: copyID, Position: 1}}},
				{"links", true, store.Batch{PutLinks: full.PutLinks}},
				{"references", true, store.Batch{PutReferences: full.PutReferences}},
				{"members", true, store.Batch{PutMembers: full.PutMembers}},
				{"staged", true, store.Batch{PutStaged: full.PutStaged}},
				{"escrow", true, store.Batch{PutEscrow: full.PutEscrow}},
				{"quarantine", true, store.Batch{Quarantine: &none}},
				{"dropped references", true, store.Batch{DropReferences: full.PutReferences}},
				{"dropped members", true, store.Batch{DropMembers: full.PutMembers}},
				{"dropped members of a group", true, store.Batch{DropMembersOf: []store.LinkKey{{Type: directory.Group, Source: "g"}}}},
				{"dropped staged", true, store.Batch{DropStaged: []store.LinkKey{key}}},
				{"dropped escrow", true, store.Batch{DropEscrow: []store.LinkKey{key}}},
				{"deleted links", true, store.Batch{DeleteLinks: []store.LinkKey{key}}},
			} {
				before := read(t, s).Revision
				keep(t, s, step.batch)
				if after := read(t, s).Revision; after > before != step.grows {
					t.Errorf("%s: revision went from %d to %d", step.name, before, after)
				}
			}
		}),
		on("one batch may delete and put the same", func(t *testing.T, s store.Store) {
			keep(t, s, fullBatch())
			key := userKey("ann")
			batch := fullBatch()
			batch.DeleteLinks = []store.LinkKey{key}
			batch.DropReferences, batch.DropMembers = batch.PutReferences, batch.PutMembers
			batch.DropStaged, batch.DropEscrow = []store.LinkKey{key}, []store.LinkKey{key}
			keep(t, s, batch)
			equal(t, remember(t, s, jobID), remembered{Links: 2, References: 1, Members: 1, Staged: 1, Escrow: 1, Log: 1})
		}),
		on("a cancelled batch leaves nothing", func(t *testing.T, s store.Store) {
			fence := commit(t, s, jobID)
			cancelled, cancel := context.WithCancel(ctx)
			cancel()
			wantKind(t, s.Record(cancelled, jobID, fence, fullBatch()), directory.Transient)
			equal(t, remember(t, s, jobID), remembered{})
		}),
	}
}

func provisioningLog() []testCase {
	ctx := context.Background()
	entry := func(id string, after time.Duration) provlog.Record {
		return provlog.Record{
			ChangeID: id, CycleID: "cycle", JobID: jobID, Time: day.Add(after), Action: provlog.ActionUpdate, Status: provlog.StatusWarning,
			ObjectType: directory.User, Source: "a", SourceName: "a@example.com", Target: "t", ErrorCode: "E", Reason: "because",
			Steps:    []provlog.Step{{Name: "n", Type: provlog.StepScoping, Status: provlog.StatusSuccess, Description: "d", Details: map[string]string{"k": "v"}}},
			Modified: []provlog.ModifiedProperty{{DisplayName: "mail", OldValue: "o", NewValue: "n"}},
		}
	}
	list := func(t *testing.T, s store.Store, limit int) []provlog.Record {
		t.Helper()
		records, err := s.ListLog(ctx, jobID, limit)
		must(t, err)
		return records
	}
	return []testCase{
		on("sorted by time and change id, the newest at most", func(t *testing.T, s store.Store) {
			keep(t, s, store.Batch{Log: []provlog.Record{entry("b", time.Second), entry("z", 0), entry("a", time.Second)}})
			equal(t, list(t, s, 10), []provlog.Record{entry("z", 0), entry("a", time.Second), entry("b", time.Second)})
			equal(t, list(t, s, 2), []provlog.Record{entry("a", time.Second), entry("b", time.Second)})
			equal(t, len(list(t, s, 0)), 0)
		}),
		on("times have milliseconds", func(t *testing.T, s store.Store) {
			keep(t, s, store.Batch{Log: []provlog.Record{entry("a", 1_999_999)}})
			equal(t, list(t, s, 1), []provlog.Record{entry("a", time.Millisecond)})
		}),
		on("records are immutable", func(t *testing.T, s store.Store) {
			keep(t, s, store.Batch{Log: []provlog.Record{entry("a", 0)}})
			other := entry("a", 0)
			other.Reason = "another reason"
			keep(t, s, store.Batch{Log: []provlog.Record{other}})
			equal(t, list(t, s, 10), []provlog.Record{entry("a", 0)})
		}),
		on("a job's records are its own", func(t *testing.T, s store.Store) {
			keep(t, s, store.Batch{Log: []provlog.Record{entry("a", 0)}})
			fence := commit(t, s, "crm/other")
			must(t, s.Record(ctx, "crm/other", fence, store.Batch{Log: []provlog.Record{entry("a", 0), entry("b", 0)}}))
			equal(t, list(t, s, 10), []provlog.Record{entry("a", 0)})
		}),
	}
}
