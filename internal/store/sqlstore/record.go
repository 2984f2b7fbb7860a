package sqlstore

import (
	"context"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Record implements store.Store. What a batch deletes or drops goes before what it puts, so a batch may replace.
func (s *Store) Record(ctx context.Context, jobID string, fence int64, batch store.Batch) error {
	return s.write(ctx, "record results of job "+jobID, func(t *tx) error {
		if err := checkFence(ctx, t, jobID, fence); err != nil {
			return err
		}
		if err := checkClaims(ctx, t, jobID, batch.Claims); err != nil {
			return err
		}
		if err := recordJob(ctx, t, jobID, batch); err != nil {
			return err
		}
		for _, record := range []func(context.Context, *tx, string, store.Batch) error{
			forget, deleteLinks, dropRows, putLinks, putReferences, putMembers, putStaged, putEscrow, recordDrift,
		} {
			if err := record(ctx, t, jobID, batch); err != nil {
				return err
			}
		}
		return appendLog(ctx, t, jobID, batch.Log)
	})
}

// changesAccounts reports whether a batch changes what a preview depends on; the log and checkpoints do not.
func changesAccounts(b store.Batch) bool {
	return len(b.PutLinks)+len(b.DeleteLinks)+len(b.PutReferences)+len(b.DropReferences)+len(b.PutMembers)+
		len(b.DropMembers)+len(b.DropMembersOf)+len(b.PutStaged)+len(b.DropStaged)+len(b.PutEscrow)+len(b.DropEscrow)+len(b.PutDrift)+len(b.DropDrift)+len(b.DropMemberDrift) > 0 || b.Quarantine != nil ||
		b.Reset != (store.Reset{})
}

// recordJob changes the row of the job itself.
func recordJob(ctx context.Context, t *tx, jobID string, batch store.Batch) error {
	found, err := affected(ctx, t, "UPDATE jobs SET revision = revision + $2, updated_at = $3 WHERE job_id = $1",
		jobID, flag(changesAccounts(batch)), t.now)
	if err != nil {
		return err
	}
	if found == 0 {
		return notFound("record results of job %s: there is no such job", jobID)
	}
	if batch.Reset.Watermark {
		if _, err := t.ExecContext(ctx, "UPDATE jobs SET watermark = 0, running = '' WHERE job_id = $1", jobID); err != nil {
			return err
		}
	}
	if batch.Cycle != nil {
		if err := recordCycle(ctx, t, jobID, *batch.Cycle); err != nil {
			return err
		}
	}
	if w := batch.Watermark; w != nil {
		_, err := t.ExecContext(ctx, "UPDATE jobs SET copy_id = $2, watermark = $3, initialised = 1 WHERE job_id = $1",
			jobID, w.CopyID, w.Position)
		if err != nil {
			return err
		}
	}
	if batch.Quarantine == nil {
		return nil
	}
	text, err := encodeQuarantine(*batch.Quarantine)
	if err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, "UPDATE jobs SET quarantine = $2 WHERE job_id = $1", jobID, text)
	return err
}

func recordCycle(ctx context.Context, t *tx, jobID string, cycle store.Cycle) error {
	text, err := encodeCycle(cycle)
	if err != nil {
		return err
	}
	statement := "UPDATE jobs SET running = $2 WHERE job_id = $1"
	if !cycle.EndedAt.IsZero() {
		statement = "UPDATE jobs SET last_cycle = $2, running = '' WHERE job_id = $1"
	}
	_, err = t.ExecContext(ctx, statement, jobID, text)
	return err
}

// deleteLinks deletes links with everything that hangs on them.
func deleteLinks(ctx context.Context, t *tx, jobID string, batch store.Batch) error {
	byKey := keyArgs(jobID)
	for _, table := range []string{"links", "pending_references", "staged", "escrow", "drift"} {
		statement := "DELETE FROM " + table + " WHERE job_id = $1 AND object_type = $2 AND source_anchor = $3"
		if err := execEach(ctx, t, batch.DeleteLinks, statement, byKey); err != nil {
			return err
		}
	}
	return dropMembersOf(ctx, t, jobID, slices.Concat(batch.DeleteLinks, batch.DropMembersOf))
}

// dropMembersOf deletes the memberships of groups and members. An anchor is a group's or a member's, never both.
func dropMembersOf(ctx context.Context, t *tx, jobID string, keys []store.LinkKey) error {
	byAnchor := func(key store.LinkKey) ([]any, error) { return []any{jobID, string(key.Source)}, nil }
	for _, column := range []string{"group_anchor", "member_anchor"} {
		if err := execEach(ctx, t, keys, "DELETE FROM memberships WHERE job_id = $1 AND "+column+" = $2", byAnchor); err != nil {
			return err
		}
	}
	return nil
}

func dropRows(ctx context.Context, t *tx, jobID string, batch store.Batch) error {
	err := execEach(ctx, t, batch.DropReferences, `
		DELETE FROM pending_references WHERE job_id = $1 AND object_type = $2 AND source_anchor = $3 AND attribute = $4`,
		func(r store.Reference) ([]any, error) {
			return []any{jobID, string(r.Type), string(r.Source), r.Attribute}, nil
		})
	if err != nil {
		return err
	}
	err = execEach(ctx, t, batch.DropMembers, "DELETE FROM memberships WHERE job_id = $1 AND group_anchor = $2 AND member_anchor = $3",
		memberArgs(jobID))
	if err != nil {
		return err
	}
	err = execEach(ctx, t, batch.DropStaged, "DELETE FROM staged WHERE job_id = $1 AND object_type = $2 AND source_anchor = $3", keyArgs(jobID))
	if err != nil {
		return err
	}
	return execEach(ctx, t, batch.DropEscrow, "DELETE FROM escrow WHERE job_id = $1 AND object_type = $2 AND source_anchor = $3", keyArgs(jobID))
}

func keyArgs(jobID string) func(store.LinkKey) ([]any, error) {
	return func(key store.LinkKey) ([]any, error) {
		return []any{jobID, string(key.Type), string(key.Source)}, nil
	}
}

func memberArgs(jobID string) func(store.Membership) ([]any, error) {
	return func(m store.Membership) ([]any, error) {
		return []any{jobID, string(m.Group), string(m.Member)}, nil
	}
}

func putLinks(ctx context.Context, t *tx, jobID string, batch store.Batch) error {
	return execEach(ctx, t, batch.PutLinks, `
		INSERT INTO links (job_id, object_type, source_anchor, target_anchor, match_key, name, managed, active, exported, linked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (job_id, object_type, source_anchor) DO UPDATE SET
			target_anchor = excluded.target_anchor, match_key = excluded.match_key, name = excluded.name,
			managed = excluded.managed, active = excluded.active, exported = excluded.exported, linked_at = excluded.linked_at`,
		func(l store.Link) ([]any, error) {
			exported, err := attributesText(l.Exported)
			return []any{
				jobID, string(l.Type), string(l.Source), string(l.Target), l.MatchKey, l.Name, flag(l.Managed), flag(l.Active),
				exported, millis(l.LinkedAt),
			}, err
		})
}

func putReferences(ctx context.Context, t *tx, jobID string, batch store.Batch) error {
	return execEach(ctx, t, batch.PutReferences, `
		INSERT INTO pending_references (job_id, object_type, source_anchor, attribute, wanted) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (job_id, object_type, source_anchor, attribute) DO UPDATE SET wanted = excluded.wanted`,
		func(r store.Reference) ([]any, error) {
			return []any{jobID, string(r.Type), string(r.Source), r.Attribute, string(r.Wanted)}, nil
		})
}

func putMembers(ctx context.Context, t *tx, jobID string, batch store.Batch) error {
	return execEach(ctx, t, batch.PutMembers, `
		INSERT INTO memberships (job_id, group_anchor, member_anchor) VALUES ($1, $2, $3)
		ON CONFLICT (job_id, group_anchor, member_anchor) DO NOTHING`, memberArgs(jobID))
}

func putStaged(ctx context.Context, t *tx, jobID string, batch store.Batch) error {
	return execEach(ctx, t, batch.PutStaged, `
		INSERT INTO staged (job_id, object_type, source_anchor, action, event, reason, held, cycle_id, since,
			decision, decided_at, expires_at, due_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (job_id, object_type, source_anchor) DO UPDATE SET
			action = excluded.action, event = excluded.event, reason = excluded.reason, held = excluded.held,
			cycle_id = excluded.cycle_id, since = excluded.since, decision = excluded.decision,
			decided_at = excluded.decided_at, expires_at = excluded.expires_at, due_at = excluded.due_at`,
		func(s store.Staged) ([]any, error) {
			return []any{
				jobID, string(s.Type), string(s.Source), s.Action, s.Event, s.Reason, flag(s.Held), s.CycleID, millis(s.Since),
				s.Decision, millis(s.DecidedAt), millis(s.ExpiresAt), millis(s.DueAt),
			}, nil
		})
}

func putEscrow(ctx context.Context, t *tx, jobID string, batch store.Batch) error {
	return execEach(ctx, t, batch.PutEscrow, `
		INSERT INTO escrow (job_id, object_type, source_anchor, name, code, message, attempts, first_failure, next_attempt)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (job_id, object_type, source_anchor) DO UPDATE SET
			name = excluded.name, code = excluded.code, message = excluded.message, attempts = excluded.attempts,
			first_failure = excluded.first_failure, next_attempt = excluded.next_attempt`,
		func(e store.Escrow) ([]any, error) {
			return []any{
				jobID, string(e.Type), string(e.Source), e.Name, e.Code, e.Message, e.Attempts, millis(e.FirstFailure), millis(e.NextAttempt),
			}, nil
		})
}

// appendLog adds log records. Records are immutable: one that is there already stays as it is.
func appendLog(ctx context.Context, t *tx, jobID string, records []provlog.Record) error {
	return execEach(ctx, t, records, `
		INSERT INTO provisioning_log (job_id, at, change_id, cycle_id, action, status, object_type, source_id, source_name, error_code, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (job_id, at, change_id) DO NOTHING`,
		func(r provlog.Record) ([]any, error) {
			r.Time = truncated(r.Time)
			text, err := encodeDocument(r)
			return []any{
				jobID, millis(r.Time), r.ChangeID, r.CycleID, string(r.Action), string(r.Status), string(r.ObjectType), string(r.Source),
				r.SourceName, r.ErrorCode, text,
			}, err
		})
}
