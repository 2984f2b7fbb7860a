package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// definition is a job definition with something in every part that has a shape of its own.
func definition(displayName string) job.Definition {
	limit, percent, standard := int64(5), 2.5, "none"
	return job.Definition{
		ID: jobID, Name: "people",
		App:        job.App{Key: "crm", DisplayName: displayName},
		Source:     job.Source{Key: "hr", File: &job.FileSource{Path: "people.csv", Format: "csv"}},
		Connection: job.Connection{AppKey: "crm", Name: "main", SCIM: &job.SCIMConnection{BaseURL: "https://crm.example/scim", TokenVersion: 3}},
		Mappings: []job.Mapping{{
			AppKey: "crm", ObjectType: directory.User, Enabled: true, Actions: job.Actions{Create: true},
			Attributes: []job.AttributeMapping{{
				Target: `emails[type eq "work"].value`, Expression: "[mail]", DefaultValue: &standard, MatchingPrecedence: 1, FlowType: job.FlowAlways,
			}},
		}},
		Assignments: []job.Assignment{{AppKey: "crm", Name: "all", Users: []directory.Anchor{"a"}, Groups: []directory.Anchor{"g"}}},
		State:       job.Started, Run: job.RunOnApply, OnDestroy: job.DestroyKeep, Unplanned: job.HoldUnplanned,
		Limits: job.Limits{MaxDisable: &limit, MaxPercent: &percent},
	}
}

func jobs() []testCase {
	ctx := context.Background()
	later := day.Add(time.Hour)
	return []testCase{
		on("the first commit makes the job", func(t *testing.T, s store.Store) {
			got, err := s.CommitJob(ctx, definition("CRM"), 0, false, day)
			must(t, err)
			want := store.JobRecord{
				Definition: definition("CRM"), Generation: 1, Digest: definition("CRM").Digest(), Revision: 1, CreatedAt: day, UpdatedAt: day,
			}
			equal(t, got, want)
			got, err = s.GetJob(ctx, jobID)
			must(t, err)
			equal(t, got, want)
		}),
		on("the next commit is the next generation", func(t *testing.T, s store.Store) {
			_, err := s.CommitJob(ctx, definition("CRM"), 0, false, day)
			must(t, err)
			got, err := s.CommitJob(ctx, definition("CRM 2"), 1, false, later)
			must(t, err)
			equal(t, got, store.JobRecord{
				Definition: definition("CRM 2"), Generation: 2, Digest: definition("CRM 2").Digest(), Revision: 2, CreatedAt: day, UpdatedAt: later,
			})
		}),
		on("a commit against another generation is a conflict and changes nothing", func(t *testing.T, s store.Store) {
			for _, expected := range []int64{1, 7} {
				_, err := s.CommitJob(ctx, definition("CRM"), expected, false, day)
				wantKind(t, err, directory.Conflict)
			}
			want, err := s.CommitJob(ctx, definition("CRM"), 0, false, day)
			must(t, err)
			for _, expected := range []int64{0, 2} {
				_, err = s.CommitJob(ctx, definition("other"), expected, true, later)
				wantKind(t, err, directory.Conflict)
			}
			got, err := s.GetJob(ctx, jobID)
			must(t, err)
			equal(t, got, want)
		}),
		on("reset moves the watermark to 0, otherwise it stays", func(t *testing.T, s store.Store) {
			fence := commit(t, s, jobID)
			must(t, s.Record(ctx, jobID, fence, store.Batch{Watermark: &store.Watermark{CopyID: copyID, Position: 42}}))
			got, err := s.CommitJob(ctx, definition("CRM"), 1, false, later)
			must(t, err)
			equal(t, got.Watermark, int64(42))
			got, err = s.CommitJob(ctx, definition("CRM"), 2, true, later)
			must(t, err)
			equal(t, got.Watermark, int64(0))
			equal(t, got.Initialised, true)
		}),
		on("a commit needs an id", func(t *testing.T, s store.Store) {
			_, err := s.CommitJob(ctx, job.Definition{}, 0, false, day)
			wantKind(t, err, directory.Invalid)
		}),
		on("not found", func(t *testing.T, s store.Store) {
			_, err := s.GetJob(ctx, jobID)
			wantKind(t, err, directory.NotFound)
		}),
		on("list is sorted by id", func(t *testing.T, s store.Store) {
			for _, id := range []string{"b/x", "a/x", "B/x"} {
				_, err := s.CommitJob(ctx, job.Definition{ID: id}, 0, false, day)
				must(t, err)
			}
			records, err := s.ListJobs(ctx)
			must(t, err)
			var ids []string
			for _, r := range records {
				ids = append(ids, r.Definition.ID)
			}
			equal(t, ids, []string{"B/x", "a/x", "b/x"})
		}),
		on("delete erases what the job remembers, but not its log nor other jobs", deleteErases),
		on("delete checks the fence", func(t *testing.T, s store.Store) {
			fence := commit(t, s, jobID)
			wantKind(t, s.DeleteJob(ctx, jobID, fence+1), directory.Conflict)
			_, err := s.GetJob(ctx, jobID)
			must(t, err)
		}),
		on("deleting what is not there is a success", func(t *testing.T, s store.Store) {
			must(t, s.DeleteJob(ctx, jobID, 0))
		}),
	}
}

// fullBatch has a row for everything a job remembers.
func fullBatch() store.Batch {
	key := store.LinkKey{Type: directory.User, Source: "ann"}
	return store.Batch{
		PutLinks: []store.Link{
			{LinkKey: key, Target: "t-ann", MatchKey: "ann", Name: "Ann", Managed: true, Active: true},
			{LinkKey: store.LinkKey{Type: directory.Group, Source: "staff"}, Target: "t-staff", Name: "Staff", Managed: true, Active: true},
		},
		PutReferences: []store.Reference{{LinkKey: key, Attribute: "manager", Wanted: "bob"}},
		PutMembers:    []store.Membership{{Group: "staff", Member: "ann"}},
		PutStaged:     []store.Staged{{LinkKey: key, Action: "disable", Since: day}},
		PutEscrow:     []store.Escrow{{LinkKey: key, Code: "X", Attempts: 1, FirstFailure: day, NextAttempt: day}},
		Log:           []provlog.Record{{ChangeID: "c1", JobID: jobID, Time: day}},
	}
}

// remembered counts what a job remembers.
type remembered struct {
	Links, References, Members, Staged, Escrow, Previews, Targets, Log int
}

func remember(t *testing.T, s store.Store, id string) (r remembered) {
	t.Helper()
	ctx := context.Background()
	// Memberships are counted as those to remove from a copy that has the objects and none of the memberships.
	const bare = "bare@1"
	_, err := s.Import(ctx, bare, day, func(im store.Importer) (store.ImportResult, error) {
		return store.ImportResult{}, im.Put(ctx, []store.ObjectChange{{Object: user("ann")}, {Object: user("bob")}, {Object: group("staff")}})
	})
	must(t, err)
	for _, objectType := range directory.ObjectTypes() {
		found, err := s.ListLinks(ctx, id, objectType, "", 10)
		must(t, err)
		r.Links += len(found)
	}
	pending, err := s.CountPendingReferences(ctx, id)
	must(t, err)
	r.References = int(pending)
	members, err := s.MembershipsToRemove(ctx, id, bare, store.Membership{}, 10)
	must(t, err)
	r.Members = len(members)
	stagedRows, err := s.ListStaged(ctx, id, store.LinkKey{}, 10)
	must(t, err)
	r.Staged = len(stagedRows)
	escrowRows, err := s.CountEscrow(ctx, id)
	must(t, err)
	r.Escrow = int(escrowRows)
	if _, err := s.GetPreview(ctx, id, "digest", "1"); err == nil {
		r.Previews = 1
	}
	accounts, err := s.TargetsByMatchKey(ctx, id, directory.User, "userName", []string{"ann"})
	must(t, err)
	r.Targets = len(accounts["ann"])
	records, err := s.ListLog(ctx, id, 10)
	must(t, err)
	r.Log = len(records)
	return r
}

func deleteErases(t *testing.T, s store.Store) {
	ctx := context.Background()
	full := remembered{Links: 2, References: 1, Members: 1, Staged: 1, Escrow: 1, Previews: 1, Targets: 1, Log: 1}
	fences := map[string]int64{}
	for _, id := range []string{jobID, "crm/other"} {
		fences[id] = commit(t, s, id)
		must(t, s.Record(ctx, id, fences[id], fullBatch()))
		must(t, s.PutPreview(ctx, store.Preview{JobID: id, Digest: "digest", Position: "1", Body: []byte("{}"), At: day}, time.Hour))
		must(t, s.PutTargets(ctx, id, fences[id], []store.TargetAccount{{Type: directory.User, Anchor: "t", MatchKeys: map[string][]string{"userName": {"ann"}}}}))
		equal(t, remember(t, s, id), full)
	}
	must(t, s.DeleteJob(ctx, jobID, fences[jobID]))
	_, err := s.GetJob(ctx, jobID)
	wantKind(t, err, directory.NotFound)
	// Memberships are counted through links, so the job gets its links back: they must not come with the rest.
	fence := commit(t, s, jobID)
	must(t, s.Record(ctx, jobID, fence, store.Batch{PutLinks: fullBatch().PutLinks}))
	equal(t, remember(t, s, jobID), remembered{Links: 2, Log: 1})
	equal(t, remember(t, s, "crm/other"), full)
	again, err := s.GetJob(ctx, jobID)
	must(t, err)
	equal(t, again.Generation, int64(1))
}
