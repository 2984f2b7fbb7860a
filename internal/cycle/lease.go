package cycle

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// A job is worked on by one process at a time. The lease runs out by itself when its holder is killed, so the next one
// waits at most leaseTTL.
const (
	leaseTTL   = 15 * time.Second
	leaseRenew = 5 * time.Second
)

// lease is the right to work on a job, renewed until it is released.
type lease struct {
	engine *Engine
	jobID  string
	owner  string
	fence  int64
	stop   chan struct{}
	done   sync.WaitGroup
}

// acquire waits for the right to work on a job.
func (e *Engine) acquire(ctx context.Context, jobID string) (*lease, error) {
	l := &lease{engine: e, jobID: jobID, owner: e.NewID(), stop: make(chan struct{})}
	for {
		fence, err := e.Store.Lease(ctx, jobID, l.owner, e.Now(), leaseTTL)
		if err == nil {
			l.fence = fence
			break
		}
		if !errors.Is(err, directory.Conflict) {
			return nil, err
		}
		e.Logger.InfoContext(ctx, "waiting for another process that works on the job", "job", jobID)
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("job %s is being worked on by another process: %w", jobID, errors.Join(err, ctx.Err()))
		case <-time.After(time.Second):
		}
	}
	l.done.Go(l.keep)
	return l, nil
}

// keep renews the lease until it is released. The fence stays what it was when the lease was taken: if somebody else had
// the lease meanwhile, the next record fails.
func (l *lease) keep() {
	ticker := time.NewTicker(leaseRenew)
	defer ticker.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-ticker.C:
			if _, err := l.engine.Store.Lease(context.Background(), l.jobID, l.owner, l.engine.Now(), leaseTTL); err != nil {
				l.engine.Logger.Warn("cannot renew the lease", "job", l.jobID, "error", err)
			}
		}
	}
}

// current is the fence that proves the right to work.
func (l *lease) current() int64 { return l.fence }

// release gives the lease back.
func (l *lease) release(ctx context.Context) {
	close(l.stop)
	l.done.Wait()
	if err := l.engine.Store.Release(context.WithoutCancel(ctx), l.jobID, l.owner); err != nil {
		l.engine.Logger.Warn("cannot release the lease", "job", l.jobID, "error", err)
	}
}
