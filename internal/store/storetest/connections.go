package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

func connections() []testCase {
	ctx := context.Background()
	key := store.ConnectionKey{ConnectionID: "wiki/scim", Endpoint: "scim https://wiki.example/scim rfc"}
	moved := store.ConnectionKey{ConnectionID: "wiki/scim", Endpoint: "scim https://new.example/scim rfc"}
	learned := store.Learned{Document: []byte(`{"v":1}`), At: day, Facts: []store.LearnedFact{
		{Name: "booleans in PATCH", Value: "strings", Reason: "it answered 400 to true"}, {Name: "manager", Value: "a string", Reason: "é"},
	}}
	described := store.Described{Body: []byte(`{"v":1,"attributes":[]}`), At: day.Add(time.Hour)}
	want := func(t *testing.T, s store.Store, expected store.Knowledge) {
		t.Helper()
		got, err := s.GetKnowledge(ctx, expected.ConnectionKey)
		must(t, err)
		equal(t, got, expected)
	}
	return []testCase{
		on("nothing is known of a target nobody met", func(t *testing.T, s store.Store) {
			want(t, s, store.Knowledge{ConnectionKey: key})
			forgotten, err := s.ForgetKnowledge(ctx, key.ConnectionID, nil)
			must(t, err)
			equal(t, forgotten, false)
		}),
		on("what is learned and what is described do not replace each other", func(t *testing.T, s store.Store) {
			must(t, s.PutLearned(ctx, key, learned))
			want(t, s, store.Knowledge{ConnectionKey: key, Learned: learned})
			must(t, s.PutDescribed(ctx, key, described))
			want(t, s, store.Knowledge{ConnectionKey: key, Learned: learned, Described: described})
			more := store.Learned{Document: []byte(`{"v":2}`), At: day.Add(2 * time.Hour), Facts: learned.Facts[1:]}
			must(t, s.PutLearned(ctx, key, more))
			again := store.Described{Body: []byte(`{"v":2}`), At: day.Add(3 * time.Hour)}
			must(t, s.PutDescribed(ctx, key, again))
			want(t, s, store.Knowledge{ConnectionKey: key, Learned: more, Described: again})
		}),
		on("another endpoint is another target", func(t *testing.T, s store.Store) {
			must(t, s.PutLearned(ctx, key, learned))
			want(t, s, store.Knowledge{ConnectionKey: moved})
			must(t, s.PutDescribed(ctx, moved, described))
			want(t, s, store.Knowledge{ConnectionKey: moved, Described: described})
			want(t, s, store.Knowledge{ConnectionKey: key, Learned: learned})
		}),
		on("forgetting keeps what is named, and other connections", func(t *testing.T, s store.Store) {
			other := store.ConnectionKey{ConnectionID: "crm/scim", Endpoint: key.Endpoint}
			for _, k := range []store.ConnectionKey{key, moved, other} {
				must(t, s.PutLearned(ctx, k, learned))
			}
			forgotten, err := s.ForgetKnowledge(ctx, key.ConnectionID, []string{moved.Endpoint, "scim elsewhere"})
			must(t, err)
			equal(t, forgotten, true)
			want(t, s, store.Knowledge{ConnectionKey: key})
			want(t, s, store.Knowledge{ConnectionKey: moved, Learned: learned})
			forgotten, err = s.ForgetKnowledge(ctx, key.ConnectionID, nil)
			must(t, err)
			equal(t, forgotten, true)
			want(t, s, store.Knowledge{ConnectionKey: moved})
			want(t, s, store.Knowledge{ConnectionKey: other, Learned: learned})
		}),
		{"knowledge outlives the process", func(t *testing.T, open func() store.Store) {
			must(t, openFor(t, open).PutLearned(ctx, key, learned))
			want(t, openFor(t, open), store.Knowledge{ConnectionKey: key, Learned: learned})
		}},
	}
}
