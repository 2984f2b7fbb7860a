package sqlstore

import (
	"context"
	"slices"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// ListLog implements store.Links.
func (s *Store) ListLog(ctx context.Context, jobID string, limit int) (records []provlog.Record, err error) {
	err = s.read(ctx, "read the provisioning log of job "+jobID, func(t *tx) error {
		records, err = list(ctx, t, func(row scanner) (provlog.Record, error) {
			var text string
			if err := row.Scan(&text); err != nil {
				return provlog.Record{}, err
			}
			return decodeDocument[provlog.Record](text)
		}, "SELECT body FROM provisioning_log WHERE job_id = $1 ORDER BY at DESC, change_id DESC LIMIT $2", jobID, max(limit, 0))
		slices.Reverse(records)
		return err
	})
	return records, err
}

// PutPreview implements store.Previews.
func (s *Store) PutPreview(ctx context.Context, preview store.Preview, keep time.Duration) error {
	return s.write(ctx, "store a preview of job "+preview.JobID, func(t *tx) error {
		_, err := t.ExecContext(ctx, `
			INSERT INTO previews (job_id, digest, position, body, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (job_id, digest, position) DO UPDATE SET body = excluded.body, at = excluded.at`,
			preview.JobID, preview.Digest, preview.Position, string(preview.Body), millis(preview.At))
		if err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, "DELETE FROM previews WHERE at < $1", millis(preview.At.Add(-keep)))
		return err
	})
}

// GetPreview implements store.Previews.
func (s *Store) GetPreview(ctx context.Context, jobID, digest, position string) (store.Preview, error) {
	preview := store.Preview{JobID: jobID, Digest: digest, Position: position}
	err := s.read(ctx, "read a preview of job "+jobID, func(t *tx) error {
		var at int64
		err := t.QueryRowContext(ctx, "SELECT body, at FROM previews WHERE job_id = $1 AND digest = $2 AND position = $3",
			jobID, digest, position).Scan(&preview.Body, &at)
		if isNone(err) {
			return notFound("there is no preview of job %s with digest %s at position %s; plan again", jobID, digest, position)
		}
		preview.At = timeOf(at)
		return err
	})
	if err != nil {
		return store.Preview{}, err
	}
	return preview, nil
}
