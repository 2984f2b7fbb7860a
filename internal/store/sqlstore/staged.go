package sqlstore

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// ListStaged implements store.Links.
func (s *Store) ListStaged(ctx context.Context, jobID string, after store.LinkKey, limit int) (staged []store.Staged, err error) {
	err = s.read(ctx, "list staged deprovisionings of job "+jobID, func(t *tx) error {
		staged, err = list(ctx, t, scanStaged, `
			SELECT object_type, source_anchor, action, event, reason, held, cycle_id, since, decision, decided_at, expires_at, due_at FROM staged
			WHERE job_id = $1 AND (object_type, source_anchor) > ($2, $3)
			ORDER BY object_type, source_anchor LIMIT $4`, jobID, string(after.Type), string(after.Source), max(limit, 0))
		return err
	})
	return staged, err
}

func scanStaged(row scanner) (staged store.Staged, err error) {
	var since, decided, expires, due int64
	err = row.Scan(&staged.Type, &staged.Source, &staged.Action, &staged.Event, &staged.Reason, &staged.Held, &staged.CycleID, &since,
		&staged.Decision, &decided, &expires, &due)
	staged.Since, staged.DecidedAt, staged.ExpiresAt, staged.DueAt = timeOf(since), timeOf(decided), timeOf(expires), timeOf(due)
	return staged, err
}

// CountStaged implements store.Links. The counts are sorted by action, those not held first.
func (s *Store) CountStaged(ctx context.Context, jobID string) (counts []store.StagedCount, err error) {
	err = s.read(ctx, "count staged deprovisionings of job "+jobID, func(t *tx) error {
		counts, err = list(ctx, t, func(row scanner) (count store.StagedCount, err error) {
			err = row.Scan(&count.Action, &count.Held, &count.Count)
			return count, err
		}, "SELECT action, held, COUNT(*) FROM staged WHERE job_id = $1 GROUP BY action, held ORDER BY action, held", jobID)
		return err
	})
	return counts, err
}

// ListEscrow implements store.Links.
func (s *Store) ListEscrow(ctx context.Context, jobID string, after store.LinkKey, limit int) (escrow []store.Escrow, err error) {
	err = s.read(ctx, "list stored failures of job "+jobID, func(t *tx) error {
		escrow, err = list(ctx, t, scanEscrow, `
			SELECT object_type, source_anchor, name, code, message, attempts, first_failure, next_attempt FROM escrow
			WHERE job_id = $1 AND (object_type, source_anchor) > ($2, $3)
			ORDER BY object_type, source_anchor LIMIT $4`, jobID, string(after.Type), string(after.Source), max(limit, 0))
		return err
	})
	return escrow, err
}

func scanEscrow(row scanner) (escrow store.Escrow, err error) {
	var first, next int64
	err = row.Scan(&escrow.Type, &escrow.Source, &escrow.Name, &escrow.Code, &escrow.Message, &escrow.Attempts, &first, &next)
	escrow.FirstFailure, escrow.NextAttempt = timeOf(first), timeOf(next)
	return escrow, err
}

// CountEscrow implements store.Links.
func (s *Store) CountEscrow(ctx context.Context, jobID string) (int64, error) {
	return s.count(ctx, jobID, "SELECT COUNT(*) FROM escrow WHERE job_id = $1")
}
