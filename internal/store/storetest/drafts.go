package storetest

import (
	"context"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

func drafts() []testCase {
	ctx := context.Background()
	draft := func(kind store.DraftKind, id, body string) store.Draft {
		return store.Draft{Kind: kind, ID: id, Body: []byte(body)}
	}
	return []testCase{
		on("put, get and replace", func(t *testing.T, s store.Store) {
			for _, body := range []string{`{"v":1}`, `{"v":1,"name":"ünïcode '\" \u0000"}`} {
				want := draft(store.DraftApp, "crm", body)
				must(t, s.PutDraft(ctx, want))
				got, err := s.GetDraft(ctx, store.DraftApp, "crm")
				must(t, err)
				equal(t, got, want)
			}
		}),
		on("a kind has ids of its own", func(t *testing.T, s store.Store) {
			must(t, s.PutDraft(ctx, draft(store.DraftApp, "crm", "1")))
			must(t, s.PutDraft(ctx, draft(store.DraftSource, "crm", "2")))
			got, err := s.GetDraft(ctx, store.DraftApp, "crm")
			must(t, err)
			equal(t, got, draft(store.DraftApp, "crm", "1"))
			_, err = s.GetDraft(ctx, store.DraftMapping, "crm")
			wantKind(t, err, directory.NotFound)
		}),
		on("list is sorted by id", func(t *testing.T, s store.Store) {
			for _, id := range []string{"b", "a", "C"} {
				must(t, s.PutDraft(ctx, draft(store.DraftFilter, id, id)))
			}
			got, err := s.ListDrafts(ctx, store.DraftFilter)
			must(t, err)
			equal(t, got, []store.Draft{
				draft(store.DraftFilter, "C", "C"), draft(store.DraftFilter, "a", "a"), draft(store.DraftFilter, "b", "b"),
			})
		}),
		on("delete, also what is not there", func(t *testing.T, s store.Store) {
			must(t, s.PutDraft(ctx, draft(store.DraftConnection, "crm/main", "1")))
			must(t, s.PutSecret(ctx, "crm/main", 1, secret.New("token")))
			must(t, s.DeleteDraft(ctx, store.DraftConnection, "crm/main"))
			must(t, s.DeleteDraft(ctx, store.DraftConnection, "crm/main"))
			_, err := s.GetDraft(ctx, store.DraftConnection, "crm/main")
			wantKind(t, err, directory.NotFound)
			kept, err := s.GetSecret(ctx, "crm/main", 1)
			must(t, err)
			equal(t, kept.Reveal(), "token")
		}),
	}
}

func secrets() []testCase {
	ctx := context.Background()
	reveal := func(t *testing.T, s store.Store, owner string, version int64) string {
		value, err := s.GetSecret(ctx, owner, version)
		must(t, err)
		return value.Reveal()
	}
	return []testCase{
		on("put, get and replace", func(t *testing.T, s store.Store) {
			must(t, s.PutSecret(ctx, "crm/main", 1, secret.New("first")))
			must(t, s.PutSecret(ctx, "crm/main", 2, secret.New("second")))
			must(t, s.PutSecret(ctx, "crm/main", 1, secret.New("replaced")))
			equal(t, reveal(t, s, "crm/main", 1), "replaced")
			equal(t, reveal(t, s, "crm/main", 2), "second")
		}),
		on("not found", func(t *testing.T, s store.Store) {
			must(t, s.PutSecret(ctx, "crm/main", 1, secret.New("first")))
			_, err := s.GetSecret(ctx, "crm/main", 2)
			wantKind(t, err, directory.NotFound)
			_, err = s.GetSecret(ctx, "crm/other", 1)
			wantKind(t, err, directory.NotFound)
		}),
		on("delete all versions but some", func(t *testing.T, s store.Store) {
			for version := range int64(4) {
				must(t, s.PutSecret(ctx, "crm/main", version, secret.New("x")))
			}
			must(t, s.PutSecret(ctx, "crm/other", 1, secret.New("other")))
			must(t, s.DeleteSecrets(ctx, "crm/main", []int64{2, 3, 9}))
			for version, kind := range []directory.ErrorKind{directory.NotFound, directory.NotFound, "", ""} {
				_, err := s.GetSecret(ctx, "crm/main", int64(version))
				wantKind(t, err, kind)
			}
			must(t, s.DeleteSecrets(ctx, "crm/main", nil))
			_, err := s.GetSecret(ctx, "crm/main", 3)
			wantKind(t, err, directory.NotFound)
			equal(t, reveal(t, s, "crm/other", 1), "other")
		}),
	}
}
