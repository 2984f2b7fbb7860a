package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

func restart() []testCase {
	ctx := context.Background()
	return []testCase{
		{"what was stored is there after reopening", func(t *testing.T, open func() store.Store) {
			s := open()
			state := put(t, s, true, user("a"), group("g", "a"))
			keep(t, s, fullBatch())
			must(t, s.PutSecret(ctx, "crm/main", token(1), secret.New("token")))
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
			kept, err := s.GetSecret(ctx, "crm/main", token(1))
			must(t, err)
			equal(t, kept.Reveal(), "token")
			// Positions and fences go on from where they were.
			equal(t, put(t, s, true, user("a"), user("b"), group("g", "a")).Position, state.Position+1)
			_, err = s.Lease(ctx, jobID, "other", day, time.Hour)
			wantKind(t, err, directory.Conflict)
		}},
	}
}
