package planwalk_test

import (
	"context"
	"errors"
	"testing"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
)

func TestWalkRemembersPlannedDrafts(t *testing.T) {
	t.Parallel()
	walk := planwalk.New(nil)
	if walk.Configured() {
		t.Fatal("a walk without an opener is not configured")
	}
	kind := provisioningv1.DraftKind_DRAFT_KIND_APP
	if _, seen := walk.Planned(kind, "wiki"); seen {
		t.Fatal("nothing was planned yet")
	}
	draft := &provisioningv1.Draft{}
	walk.Plan(kind, "wiki", draft)
	if got, seen := walk.Planned(kind, "wiki"); !seen || got != draft {
		t.Fatalf("got %v, %v", got, seen)
	}
	if _, seen := walk.Planned(provisioningv1.DraftKind_DRAFT_KIND_SOURCE, "wiki"); seen {
		t.Fatal("kinds must not be mixed up")
	}
	walk.Plan(kind, "wiki", nil)
	if got, seen := walk.Planned(kind, "wiki"); !seen || got != nil {
		t.Fatalf("unknown content: got %v, %v", got, seen)
	}
}

func TestWalkOpensOnceAndRetriesAfterFailure(t *testing.T) {
	t.Parallel()
	calls := 0
	failure := errors.New("store is locked")
	walk := planwalk.New(func(context.Context) (planwalk.Engine, error) {
		calls++
		if calls == 1 {
			return planwalk.Engine{}, failure
		}
		return planwalk.Engine{}, nil
	})
	if _, err := walk.Engine(t.Context()); !errors.Is(err, failure) {
		t.Fatalf("got %v", err)
	}
	for range 3 {
		if _, err := walk.Engine(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if calls != 2 {
		t.Fatalf("opened %d times", calls)
	}
}
