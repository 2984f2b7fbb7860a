package storetest

import (
	"context"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
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
			must(t, s.PutSecret(ctx, "crm/main", token(1), secret.New("token")))
			must(t, s.DeleteDraft(ctx, store.DraftConnection, "crm/main"))
			must(t, s.DeleteDraft(ctx, store.DraftConnection, "crm/main"))
			_, err := s.GetDraft(ctx, store.DraftConnection, "crm/main")
			wantKind(t, err, directory.NotFound)
			kept, err := s.GetSecret(ctx, "crm/main", token(1))
			must(t, err)
			equal(t, kept.Reveal(), "token")
		}),
	}
}

// token names a version of a bearer token.
func token(version int64) job.SecretVersion {
	return job.SecretVersion{Name: job.SecretBearerToken, Version: version}
}

func secrets() []testCase {
	ctx := context.Background()
	reveal := func(t *testing.T, s store.Store, owner string, version int64) string {
		value, err := s.GetSecret(ctx, owner, token(version))
		must(t, err)
		return value.Reveal()
	}
	return []testCase{
		on("put, get and replace", func(t *testing.T, s store.Store) {
			must(t, s.PutSecret(ctx, "crm/main", token(1), secret.New("first")))
			must(t, s.PutSecret(ctx, "crm/main", token(2), secret.New("second")))
			must(t, s.PutSecret(ctx, "crm/main", token(1), secret.New("replaced")))
			equal(t, reveal(t, s, "crm/main", 1), "replaced")
			equal(t, reveal(t, s, "crm/main", 2), "second")
		}),
		on("each name has versions of its own", func(t *testing.T, s store.Store) {
			password := job.SecretVersion{Name: job.SecretPassword, Version: 1}
			must(t, s.PutSecret(ctx, "crm/main", token(1), secret.New("the token")))
			_, err := s.GetSecret(ctx, "crm/main", password)
			wantKind(t, err, directory.NotFound)
			must(t, s.PutSecret(ctx, "crm/main", password, secret.New("the password")))
			must(t, s.PutSecret(ctx, "crm/main", job.SecretVersion{Name: job.SecretPassword, Version: 2}, secret.New("the next password")))
			equal(t, reveal(t, s, "crm/main", 1), "the token")
			got, err := s.GetSecret(ctx, "crm/main", password)
			must(t, err)
			equal(t, got.Reveal(), "the password")
			must(t, s.DeleteSecrets(ctx, "crm/main", []job.SecretVersion{password, token(2)}))
			_, err = s.GetSecret(ctx, "crm/main", password)
			must(t, err)
			for _, gone := range []job.SecretVersion{token(1), {Name: job.SecretPassword, Version: 2}} {
				_, err = s.GetSecret(ctx, "crm/main", gone)
				wantKind(t, err, directory.NotFound)
			}
		}),
		on("not found", func(t *testing.T, s store.Store) {
			must(t, s.PutSecret(ctx, "crm/main", token(1), secret.New("first")))
			_, err := s.GetSecret(ctx, "crm/main", token(2))
			wantKind(t, err, directory.NotFound)
			_, err = s.GetSecret(ctx, "crm/other", token(1))
			wantKind(t, err, directory.NotFound)
		}),
		on("delete all versions but some", func(t *testing.T, s store.Store) {
			for version := range int64(4) {
				must(t, s.PutSecret(ctx, "crm/main", token(version), secret.New("x")))
			}
			must(t, s.PutSecret(ctx, "crm/other", token(1), secret.New("other")))
			must(t, s.DeleteSecrets(ctx, "crm/main", []job.SecretVersion{token(2), token(3), token(9)}))
			for version, kind := range []directory.ErrorKind{directory.NotFound, directory.NotFound, "", ""} {
				_, err := s.GetSecret(ctx, "crm/main", token(int64(version)))
				wantKind(t, err, kind)
			}
			must(t, s.DeleteSecrets(ctx, "crm/main", nil))
			_, err := s.GetSecret(ctx, "crm/main", token(3))
			wantKind(t, err, directory.NotFound)
			equal(t, reveal(t, s, "crm/other", 1), "other")
		}),
	}
}
