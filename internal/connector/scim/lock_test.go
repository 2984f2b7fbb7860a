package scim

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

func TestLocks(t *testing.T) {
	t.Parallel()
	var l locks
	var workers sync.WaitGroup
	var inside [2]atomic.Int32
	for worker := range 16 {
		workers.Go(func() {
			for range 50 {
				name, at := "a", worker%2
				if at == 1 {
					name = "b"
				}
				release, err := l.acquire(t.Context(), name)
				if err != nil {
					t.Error(err)
					return
				}
				if inside[at].Add(1) != 1 {
					t.Error("two hold one lock")
				}
				inside[at].Add(-1)
				release()
			}
		})
	}
	workers.Wait()
	release, err := l.acquire(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.acquire(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("whoever gives up waiting: %v", err)
	}
	release()
	if len(l.held) != 0 {
		t.Errorf("%d locks are kept though nobody has them", len(l.held))
	}
}
