package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// claims: of two jobs that record a link to one account, the first one has it.
func claims() []testCase {
	ctx := context.Background()
	at := func(t *testing.T, s store.Store, id, url string) (fence int64) {
		t.Helper()
		_, err := s.CommitJob(ctx, job.Definition{ID: id, Connection: job.Connection{SCIM: &job.SCIMConnection{BaseURL: url}}}, 0, false, day)
		must(t, err)
		fence, err = s.Lease(ctx, id, "test", day, time.Hour)
		must(t, err)
		return fence
	}
	claiming := func(url string, links ...store.Link) store.Batch {
		batch := store.Batch{PutLinks: links}
		for _, l := range links {
			batch.Claims = append(batch.Claims, store.Claim{LinkKey: l.LinkKey, Target: l.Target, Endpoint: job.Connection{SCIM: &job.SCIMConnection{BaseURL: url}}.Endpoint()})
		}
		return batch
	}
	const here, there = "https://wiki.example.com/scim", "https://crm.example.com/scim"
	return []testCase{
		on("the second one stores nothing, and learns whose the account is", func(t *testing.T, s store.Store) {
			first, second := at(t, s, "crm/first", here), at(t, s, "crm/second", here)
			must(t, s.Record(ctx, "crm/first", first, claiming(here, link(directory.User, "a"), link(directory.User, "b"))))
			mine := link(directory.User, "z")
			mine.Target = "t-a"
			err := s.Record(ctx, "crm/second", second, claiming(here, mine, link(directory.User, "c")))
			wantKind(t, err, directory.Conflict)
			claimed, ok := errors.AsType[*store.ClaimedError](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			equal(t, claimed.Owners, map[store.LinkKey]store.Owner{userKey("z"): {JobID: "crm/first", Link: link(directory.User, "a")}})
			links, err := s.ListLinks(ctx, "crm/second", directory.User, "", 10)
			must(t, err)
			equal(t, len(links), 0)
			must(t, s.Record(ctx, "crm/second", second, claiming(here, link(directory.User, "c"))))
			must(t, s.Record(ctx, "crm/first", first, claiming(here, link(directory.User, "a"))))
		}),
		on("what is released, of another type or on another endpoint is free", func(t *testing.T, s store.Store) {
			first, second, third := at(t, s, "crm/first", here), at(t, s, "crm/second", here), at(t, s, "crm/third", there)
			released := link(directory.User, "a")
			released.Managed = false
			must(t, s.Record(ctx, "crm/first", first, claiming(here, released, link(directory.User, "b"), link(directory.Group, "c"))))
			must(t, s.Record(ctx, "crm/second", second, claiming(here, link(directory.User, "a"), link(directory.Group, "b"), link(directory.User, "c"))))
			must(t, s.Record(ctx, "crm/third", third, claiming(there, link(directory.User, "a"), link(directory.User, "b"))))
		}),
		on("what is not claimed is not looked at", func(t *testing.T, s store.Store) {
			first, second := at(t, s, "crm/first", here), at(t, s, "crm/second", here)
			must(t, s.Record(ctx, "crm/first", first, claiming(here, link(directory.User, "a"))))
			must(t, s.Record(ctx, "crm/second", second, store.Batch{PutLinks: []store.Link{link(directory.User, "a")}}))
		}),
	}
}
