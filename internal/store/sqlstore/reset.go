package sqlstore

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// forget deletes the rows a reset names. The watermark is part of the job's own row (recordJob).
func forget(ctx context.Context, t *tx, jobID string, batch store.Batch) error {
	var tables []string
	if batch.Reset.Links {
		tables = append(tables, "links", "pending_references", "memberships", "staged", "drift", "drift_checks", "target_keys", "target_accounts")
	}
	if batch.Reset.Escrows {
		tables = append(tables, "escrow")
	}
	for _, table := range tables {
		if _, err := t.ExecContext(ctx, "DELETE FROM "+table+" WHERE job_id = $1", jobID); err != nil {
			return err
		}
	}
	return nil
}
