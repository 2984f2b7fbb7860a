package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

func previews() []testCase {
	ctx := context.Background()
	preview := func(job, digest, position, body string, at time.Time) store.Preview {
		return store.Preview{JobID: job, Digest: digest, Position: position, Body: []byte(body), At: at}
	}
	return []testCase{
		on("kept under job, digest and position, and replaced", func(t *testing.T, s store.Store) {
			others := []store.Preview{
				preview("x", "d", "p", "1", day), preview(jobID, "x", "p", "2", day), preview(jobID, "d", "x", "3", day),
			}
			for _, p := range append(others, preview(jobID, "d", "p", "old", day), preview(jobID, "d", "p", `{"v":1}`, day.Add(time.Second))) {
				must(t, s.PutPreview(ctx, p, time.Hour))
			}
			for _, want := range append(others, preview(jobID, "d", "p", `{"v":1}`, day.Add(time.Second))) {
				got, err := s.GetPreview(ctx, want.JobID, want.Digest, want.Position)
				must(t, err)
				equal(t, got, want)
			}
		}),
		on("not found", func(t *testing.T, s store.Store) {
			_, err := s.GetPreview(ctx, jobID, "d", "p")
			wantKind(t, err, directory.NotFound)
		}),
		on("old previews of any job are removed", func(t *testing.T, s store.Store) {
			must(t, s.PutPreview(ctx, preview("x", "d", "old", "1", day), time.Hour))
			must(t, s.PutPreview(ctx, preview("x", "d", "young", "2", day.Add(time.Minute)), time.Hour))
			must(t, s.PutPreview(ctx, preview(jobID, "d", "new", "3", day.Add(time.Hour+time.Second)), time.Hour))
			_, err := s.GetPreview(ctx, "x", "d", "old")
			wantKind(t, err, directory.NotFound)
			_, err = s.GetPreview(ctx, "x", "d", "young")
			must(t, err)
			_, err = s.GetPreview(ctx, jobID, "d", "new")
			must(t, err)
		}),
	}
}

func targets() []testCase {
	ctx := context.Background()
	account := func(objectType directory.ObjectType, anchor directory.Anchor, keys map[string][]string) store.TargetAccount {
		return store.TargetAccount{
			Type: objectType, Anchor: anchor, MatchKeys: keys,
			Attributes: map[string]directory.Value{"userName": directory.Text("n"), "active": directory.Boolean(false)},
		}
	}
	find := func(t *testing.T, s store.Store, attribute string, keys ...string) map[string][]store.TargetAccount {
		t.Helper()
		found, err := s.TargetsByMatchKey(ctx, jobID, directory.User, attribute, keys)
		must(t, err)
		return found
	}
	lease := func(t *testing.T, s store.Store, id string) int64 {
		t.Helper()
		fence, err := s.Lease(ctx, id, "test", day, time.Hour)
		must(t, err)
		return fence
	}
	putTargets := func(t *testing.T, s store.Store, id string, accounts ...store.TargetAccount) {
		t.Helper()
		must(t, s.PutTargets(ctx, id, lease(t, s, id), accounts))
	}
	return []testCase{
		on("by match key of one attribute, each list sorted", func(t *testing.T, s store.Store) {
			b := account(directory.User, "b", map[string][]string{"userName": {"same"}, "externalId": {"1"}})
			a := account(directory.User, "a", map[string][]string{"userName": {"same"}})
			c := account(directory.User, "c", map[string][]string{"userName": {"c"}, "externalId": {"same"}})
			g := account(directory.Group, "g", map[string][]string{"userName": {"same"}})
			putTargets(t, s, jobID, b, a, c, g)
			putTargets(t, s, "crm/other", account(directory.User, "o", map[string][]string{"userName": {"same"}}))
			equal(t, find(t, s, "userName", "same", "c", "none", "same"), map[string][]store.TargetAccount{"same": {a, b}, "c": {c}})
			equal(t, find(t, s, "externalId", "1"), map[string][]store.TargetAccount{"1": {b}})
		}),
		on("by any of several keys of one attribute", func(t *testing.T, s store.Store) {
			a := account(directory.User, "a", map[string][]string{"emails": {"one", "two", "one"}})
			putTargets(t, s, jobID, a)
			equal(t, find(t, s, "emails", "one", "two", "three"), map[string][]store.TargetAccount{"one": {a}, "two": {a}})
		}),
		on("an account is replaced with its keys, the last one wins", func(t *testing.T, s store.Store) {
			putTargets(t, s, jobID, account(directory.User, "a", map[string][]string{"userName": {"old"}, "externalId": {"1"}}))
			last := account(directory.User, "a", map[string][]string{"userName": {"new"}})
			putTargets(t, s, jobID, account(directory.User, "a", map[string][]string{"userName": {"middle"}}), last)
			equal(t, find(t, s, "userName", "old", "middle", "new"), map[string][]store.TargetAccount{"new": {last}})
			equal(t, find(t, s, "externalId", "1"), map[string][]store.TargetAccount{})
		}),
		on("clear empties one type of one job", func(t *testing.T, s store.Store) {
			both := []store.TargetAccount{
				account(directory.User, "u", map[string][]string{"userName": {"x"}}), account(directory.Group, "g", map[string][]string{"userName": {"x"}}),
			}
			putTargets(t, s, jobID, both...)
			putTargets(t, s, "crm/other", both...)
			must(t, s.ClearTargets(ctx, jobID, lease(t, s, jobID), directory.User))
			equal(t, find(t, s, "userName", "x"), map[string][]store.TargetAccount{})
			for _, left := range []struct {
				job        string
				objectType directory.ObjectType
			}{{jobID, directory.Group}, {"crm/other", directory.User}} {
				found, err := s.TargetsByMatchKey(ctx, left.job, left.objectType, "userName", []string{"x"})
				must(t, err)
				equal(t, len(found["x"]), 1)
			}
		}),
		on("only the holder of the lease may change the index", func(t *testing.T, s store.Store) {
			stale := lease(t, s, jobID)
			one := account(directory.User, "u", map[string][]string{"userName": {"x"}})
			putTargets(t, s, jobID, one)
			_, err := s.Lease(ctx, jobID, "successor", day.Add(2*time.Hour), time.Hour)
			must(t, err)
			wantKind(t, s.ClearTargets(ctx, jobID, stale, directory.User), directory.Conflict)
			wantKind(t, s.PutTargets(ctx, jobID, stale, []store.TargetAccount{account(directory.User, "u", nil)}), directory.Conflict)
			equal(t, find(t, s, "userName", "x"), map[string][]store.TargetAccount{"x": {one}})
		}),
		on("many keys at once", func(t *testing.T, s store.Store) {
			var accounts []store.TargetAccount
			var keys []string
			for i := range 1100 {
				keys = append(keys, fmt.Sprint(i))
				accounts = append(accounts, account(directory.User, directory.Anchor(keys[i]), map[string][]string{"userName": {keys[i]}}))
			}
			putTargets(t, s, jobID, accounts...)
			equal(t, len(find(t, s, "userName", keys...)), 1100)
		}),
	}
}
