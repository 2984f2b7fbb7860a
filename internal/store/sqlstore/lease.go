package sqlstore

import (
	"context"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Lease implements store.Jobs.
func (s *Store) Lease(ctx context.Context, jobID, owner string, now time.Time, ttl time.Duration) (fence int64, err error) {
	if owner == "" {
		return 0, directory.Errorf(directory.Invalid, "lease job %s: the lease needs an owner", jobID)
	}
	err = s.write(ctx, "lease job "+jobID, func(t *tx) error {
		fence, err = takeLease(ctx, t, jobID, owner, millis(now), millis(now.Add(ttl)))
		if !isNone(err) {
			return err
		}
		return leaseHeld(ctx, t, jobID, now)
	})
	return fence, err
}

// takeLease takes or extends a lease in one statement. It changes no row when another owner holds the lease.
func takeLease(ctx context.Context, t *tx, jobID, owner string, now, until int64) (int64, error) {
	return scalar[int64](ctx, t, `
		INSERT INTO leases (job_id, owner, fence, expires_at) VALUES ($1, $2, 1, $4)
		ON CONFLICT (job_id) DO UPDATE SET
			fence = leases.fence + CASE WHEN leases.owner = excluded.owner THEN 0 ELSE 1 END,
			owner = excluded.owner,
			expires_at = excluded.expires_at
		WHERE leases.owner = excluded.owner OR leases.expires_at <= $3
		RETURNING fence`, jobID, owner, now, until)
}

func leaseHeld(ctx context.Context, t *tx, jobID string, now time.Time) error {
	var holder string
	var expires int64
	err := t.QueryRowContext(ctx, "SELECT owner, expires_at FROM leases WHERE job_id = $1", jobID).Scan(&holder, &expires)
	if err != nil {
		return err
	}
	held := directory.Errorf(directory.Conflict, "job %s is being worked on by %s until %s; wait for it to end",
		jobID, holder, timeOf(expires).Format(time.RFC3339))
	held.RetryAfter = timeOf(expires).Sub(now)
	return held
}

// Release implements store.Jobs.
func (s *Store) Release(ctx context.Context, jobID, owner string) error {
	return s.write(ctx, "release job "+jobID, func(t *tx) error {
		_, err := t.ExecContext(ctx, "UPDATE leases SET owner = '', expires_at = 0 WHERE job_id = $1 AND owner = $2", jobID, owner)
		return err
	})
}

// checkFence fails with Conflict unless fence is the one of the lease that is held. It writes the row unchanged so
// that, in databases with several writers, nobody can take the lease before this transaction ends.
func checkFence(ctx context.Context, t *tx, jobID string, fence int64) error {
	held, err := affected(ctx, t, "UPDATE leases SET fence = fence WHERE job_id = $1 AND fence = $2 AND owner <> ''", jobID, fence)
	if err != nil {
		return err
	}
	if held == 0 {
		return directory.Errorf(directory.Conflict,
			"job %s: lease %d is no longer held, another process has taken over; stop working on the job", jobID, fence)
	}
	return nil
}
