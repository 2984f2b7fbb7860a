package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// GetJob implements store.Jobs.
func (s *Store) GetJob(ctx context.Context, jobID string) (record store.JobRecord, err error) {
	err = s.read(ctx, "read job "+jobID, func(t *tx) error {
		record, err = getJob(ctx, t, jobID)
		return err
	})
	return record, err
}

// ListJobs implements store.Jobs.
func (s *Store) ListJobs(ctx context.Context) (records []store.JobRecord, err error) {
	err = s.read(ctx, "list jobs", func(t *tx) error {
		records, err = list(ctx, t, scanJob, selectJob+" ORDER BY j.job_id")
		return err
	})
	return records, err
}

// CommitJob implements store.Jobs.
func (s *Store) CommitJob(ctx context.Context, definition job.Definition, expected int64, reset bool, now time.Time) (record store.JobRecord, err error) {
	if definition.ID == "" {
		return store.JobRecord{}, directory.Errorf(directory.Invalid, "commit a job: the definition has no id")
	}
	err = s.write(ctx, "commit job "+definition.ID, func(t *tx) error {
		if err := commitJob(ctx, t, definition, expected, reset, millis(now)); err != nil {
			return err
		}
		record, err = getJob(ctx, t, definition.ID)
		return err
	})
	return record, err
}

// DeleteJob implements store.Jobs. The lease stays: its fence must go on growing if the job is made again.
func (s *Store) DeleteJob(ctx context.Context, jobID string, fence int64) error {
	return s.write(ctx, "delete job "+jobID, func(t *tx) error {
		count, err := scalar[int64](ctx, t, "SELECT COUNT(*) FROM jobs WHERE job_id = $1", jobID)
		if err != nil || count == 0 {
			return err
		}
		if err := checkFence(ctx, t, jobID, fence); err != nil {
			return err
		}
		for _, table := range []string{
			"links", "pending_references", "memberships", "staged", "escrow", "drift", "drift_checks", "member_drift", "previews", "target_keys",
			"target_accounts", "generations", "jobs",
		} {
			if _, err := t.ExecContext(ctx, "DELETE FROM "+table+" WHERE job_id = $1", jobID); err != nil {
				return err
			}
		}
		return nil
	})
}

const selectJob = `
	SELECT g.definition, j.generation, g.digest, j.revision, j.copy_id, j.watermark, j.initialised, j.quarantine,
		j.last_cycle, j.running, j.created_at, j.updated_at
	FROM jobs j JOIN generations g ON g.job_id = j.job_id AND g.generation = j.generation`

func getJob(ctx context.Context, t *tx, jobID string) (store.JobRecord, error) {
	record, err := scanJob(t.QueryRowContext(ctx, selectJob+" WHERE j.job_id = $1", jobID))
	if isNone(err) {
		return store.JobRecord{}, notFound("there is no job %s", jobID)
	}
	return record, err
}

func scanJob(row scanner) (store.JobRecord, error) {
	var record store.JobRecord
	var definition, quarantine, lastCycle, running string
	var initialised, createdAt, updatedAt int64
	err := row.Scan(&definition, &record.Generation, &record.Digest, &record.Revision, &record.CopyID, &record.Watermark,
		&initialised, &quarantine, &lastCycle, &running, &createdAt, &updatedAt)
	if err != nil {
		return store.JobRecord{}, err
	}
	record.Initialised = initialised != 0
	record.CreatedAt, record.UpdatedAt = timeOf(createdAt), timeOf(updatedAt)
	if record.Definition, err = decodeDocument[job.Definition](definition); err != nil {
		return store.JobRecord{}, fmt.Errorf("definition: %w", err)
	}
	if record.Quarantine, err = decodeQuarantine(quarantine); err != nil {
		return store.JobRecord{}, fmt.Errorf("quarantine: %w", err)
	}
	if record.LastCycle, err = decodeCycle(lastCycle); err != nil {
		return store.JobRecord{}, fmt.Errorf("last cycle: %w", err)
	}
	if record.Running, err = decodeCycle(running); err != nil {
		return store.JobRecord{}, fmt.Errorf("running cycle: %w", err)
	}
	return record, nil
}

// commitJob writes the next generation. The statement that moves the generation also checks it, so that of two
// commits at once one finds nothing to change.
func commitJob(ctx context.Context, t *tx, definition job.Definition, expected int64, reset bool, now int64) error {
	var changed int64
	var err error
	if expected == 0 {
		changed, err = affected(ctx, t, `
			INSERT INTO jobs (job_id, generation, revision, copy_id, watermark, initialised, quarantine, last_cycle, running,
				created_at, updated_at)
			VALUES ($1, 1, 1, '', 0, 0, '', '', '', $2, $2)
			ON CONFLICT (job_id) DO NOTHING`, definition.ID, now)
	} else {
		changed, err = affected(ctx, t, `
			UPDATE jobs SET generation = generation + 1, revision = revision + 1, updated_at = $3,
				watermark = CASE WHEN $4 = 1 THEN 0 ELSE watermark END
			WHERE job_id = $1 AND generation = $2`, definition.ID, expected, now, flag(reset))
	}
	if err != nil {
		return err
	}
	if changed == 0 {
		return directory.Errorf(directory.Conflict,
			"commit job %s: it is no longer at generation %d; someone else changed it, plan again", definition.ID, expected)
	}
	document, err := encodeDocument(definition)
	if err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, `
		INSERT INTO generations (job_id, generation, digest, definition, committed_at) VALUES ($1, $2, $3, $4, $5)`,
		definition.ID, expected+1, definition.Digest(), document, now)
	return err
}
