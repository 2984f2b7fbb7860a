package scim

import (
	"context"
	"sync"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// locks keep writes of one resource apart: there are never two at a time (scim-client.md 14). Callers may run Apply side by
// side, so the operations of one call being about different accounts is not enough.
type locks struct {
	mu   sync.Mutex
	held map[string]*lock
}

type lock struct {
	// free holds one token, which the owner has.
	free chan struct{}
	// users have the lock or wait for it.
	users int
}

// acquire waits for its turn to write a resource. The error is the context's.
func (l *locks) acquire(ctx context.Context, name string) (release func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]*lock{}
	}
	mine := l.held[name]
	if mine == nil {
		mine = &lock{free: make(chan struct{}, 1)}
		mine.free <- struct{}{}
		l.held[name] = mine
	}
	mine.users++
	l.mu.Unlock()
	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if mine.users--; mine.users == 0 {
			delete(l.held, name)
		}
	}
	select {
	case <-mine.free:
		return func() {
			mine.free <- struct{}{}
			leave()
		}, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}

func lockName(at endpoint, target directory.Anchor) string { return at.path + "/" + string(target) }
