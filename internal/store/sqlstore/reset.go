package sqlstore

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// forget deletes the rows a reset names. The watermark is part of the job's own row (recordJob).
func forget(ctx context.Context, t *tx, jobID string, batch store.Batch) error {
	var tables []string
	if batch.Reset.Links {
		tables = append(tables, "links", "pending_references", "memberships", "staged", "drift", "drift_checks", "member_drift", "target_keys", "target_accounts")
	}
	if batch.Reset.Escrows {
		for _, objectType := range directory.ObjectTypes() {
			if _, err := t.ExecContext(ctx, "DELETE FROM escrow WHERE job_id = $1 AND object_type = $2", jobID, string(objectType)); err != nil {
				return err
			}
		}
	}
	if batch.Reset.Links {
		_, err := t.ExecContext(ctx, "DELETE FROM escrow WHERE job_id = $1 AND object_type <> $2 AND object_type <> $3",
			jobID, string(directory.User), string(directory.Group))
		if err != nil {
			return err
		}
	}
	for _, table := range tables {
		if _, err := t.ExecContext(ctx, "DELETE FROM "+table+" WHERE job_id = $1", jobID); err != nil {
			return err
		}
	}
	return nil
}
