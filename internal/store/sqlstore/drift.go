package sqlstore

import (
	"context"
	"fmt"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// driftRow is the stored form of the attributes that differ.
type driftRow struct {
	Attributes []engine.Drift `json:"attributes,omitempty"`
	Kept       []engine.Drift `json:"kept,omitempty"`
	Members    *memberRow     `json:"members,omitempty"`
}

// memberRow is the stored form of store.MembersDrifted.
type memberRow struct {
	Missing      int64    `json:"missing,omitempty"`
	Added        int64    `json:"added,omitempty"`
	MissingNames []string `json:"missingNames,omitempty"`
	AddedNames   []string `json:"addedNames,omitempty"`
}

// PutDrift implements store.Drifts. Rows of the checks before are told by their round.
func (s *Store) PutDrift(ctx context.Context, jobID string, revision int64, check store.DriftCheck, found []store.Drift, members []store.MemberDrift) error {
	return s.write(ctx, "store the drift of job "+jobID, func(t *tx) error {
		current, err := scalar[int64](ctx, t, "SELECT revision FROM jobs WHERE job_id = $1", jobID)
		switch {
		case isNone(err):
			return notFound("store the drift of job %s: there is no such job", jobID)
		case err != nil:
			return err
		case current != revision:
			return directory.Errorf(directory.Conflict, "store the drift of job %s: its accounts were written meanwhile", jobID)
		}
		_, err = t.ExecContext(ctx, `
			INSERT INTO drift_checks (job_id, round, at, compared, problem) VALUES ($1, 1, $2, $3, $4)
			ON CONFLICT (job_id) DO UPDATE SET round = drift_checks.round + 1, at = excluded.at, compared = excluded.compared, problem = excluded.problem`,
			jobID, millis(check.At), check.Compared, check.Problem)
		if err != nil || check.Problem != "" {
			return err
		}
		round, err := scalar[int64](ctx, t, "SELECT round FROM drift_checks WHERE job_id = $1", jobID)
		if err != nil {
			return err
		}
		if err := putDrift(ctx, t, jobID, round, millis(check.At), found); err != nil {
			return err
		}
		if err := putMemberDrift(ctx, t, jobID, round, members); err != nil {
			return err
		}
		for _, table := range []string{"drift", "member_drift"} {
			if _, err := t.ExecContext(ctx, "DELETE FROM "+table+" WHERE job_id = $1 AND round < $2", jobID, round); err != nil {
				return err
			}
		}
		return nil
	})
}

func putMemberDrift(ctx context.Context, t *tx, jobID string, round int64, members []store.MemberDrift) error {
	return execEach(ctx, t, members, `
		INSERT INTO member_drift (job_id, group_anchor, member_anchor, round, added) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (job_id, group_anchor, member_anchor) DO UPDATE SET round = excluded.round, added = excluded.added`,
		func(m store.MemberDrift) ([]any, error) {
			return []any{jobID, string(m.Group), string(m.Member), round, flag(m.Added)}, nil
		})
}

// ListMemberDrift implements store.Drifts.
func (s *Store) ListMemberDrift(ctx context.Context, jobID, copyID string, after store.Membership, limit int) (found []store.DriftedMembership, err error) {
	err = s.read(ctx, "list the member drift of job "+jobID, func(t *tx) error {
		found, err = list(ctx, t, func(row scanner) (d store.DriftedMembership, err error) {
			err = row.Scan(&d.Group, &d.Member, &d.GroupTarget, &d.MemberTarget, &d.GroupName, &d.MemberName, &d.Added, &d.Wanted)
			return d, err
		}, `
			SELECT d.group_anchor, d.member_anchor, g.target_anchor, u.target_anchor, g.name, u.name, d.added,
				EXISTS (
					SELECT 1 FROM source_members m
					WHERE m.copy_id = $2 AND m.group_anchor = d.group_anchor AND m.member_anchor = d.member_anchor)
			FROM member_drift d
			JOIN links g ON g.job_id = d.job_id AND g.object_type = 'group' AND g.source_anchor = d.group_anchor AND g.managed = 1
			JOIN links u ON u.job_id = d.job_id AND u.object_type = 'user' AND u.source_anchor = d.member_anchor AND u.managed = 1
			WHERE d.job_id = $1 AND (d.group_anchor, d.member_anchor) > ($3, $4)
				AND EXISTS (
					SELECT 1 FROM source_objects o
					WHERE o.copy_id = $2 AND o.object_type = 'group' AND o.anchor = d.group_anchor AND o.removed <> 'hard')
				AND EXISTS (
					SELECT 1 FROM source_objects o
					WHERE o.copy_id = $2 AND o.object_type = 'user' AND o.anchor = d.member_anchor AND o.removed <> 'hard')
				AND d.added <> EXISTS (
					SELECT 1 FROM memberships h
					WHERE h.job_id = d.job_id AND h.group_anchor = d.group_anchor AND h.member_anchor = d.member_anchor)
			ORDER BY d.group_anchor, d.member_anchor LIMIT $5`,
			jobID, copyID, string(after.Group), string(after.Member), max(limit, 0))
		return err
	})
	return found, err
}

func putDrift(ctx context.Context, t *tx, jobID string, round, at int64, found []store.Drift) error {
	return execEach(ctx, t, found, `
		INSERT INTO drift (job_id, object_type, source_anchor, round, target_anchor, name, managed, kind, since, attributes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (job_id, object_type, source_anchor) DO UPDATE SET
			since = CASE WHEN drift.kind = excluded.kind THEN drift.since ELSE excluded.since END,
			round = excluded.round, target_anchor = excluded.target_anchor, name = excluded.name, managed = excluded.managed,
			kind = excluded.kind, attributes = excluded.attributes`,
		func(d store.Drift) ([]any, error) {
			row := driftRow{Attributes: d.Attributes, Kept: d.Kept}
			if d.Members.Any() {
				members := memberRow(d.Members)
				row.Members = &members
			}
			attributes, err := encodeDocument(row)
			return []any{
				jobID, string(d.Type), string(d.Source), round, string(d.Target), d.Name, flag(d.Managed), string(d.Kind), at, attributes,
			}, err
		})
}

// recordDrift drops and puts what a batch says of drift. What it puts belongs to the round of the last check.
func recordDrift(ctx context.Context, t *tx, jobID string, batch store.Batch) error {
	err := execEach(ctx, t, batch.DropMemberDrift, "DELETE FROM member_drift WHERE job_id = $1 AND group_anchor = $2 AND member_anchor = $3", memberArgs(jobID))
	if err != nil {
		return err
	}
	err = execEach(ctx, t, batch.DropDrift, "DELETE FROM drift WHERE job_id = $1 AND object_type = $2 AND source_anchor = $3", keyArgs(jobID))
	if err != nil || len(batch.PutDrift) == 0 {
		return err
	}
	round, err := scalar[int64](ctx, t, "SELECT COALESCE(MAX(round), 0) FROM drift_checks WHERE job_id = $1", jobID)
	if err != nil {
		return err
	}
	return putDrift(ctx, t, jobID, round, t.now, batch.PutDrift)
}

// LastDriftCheck implements store.Drifts.
func (s *Store) LastDriftCheck(ctx context.Context, jobID string) (check store.DriftCheck, err error) {
	err = s.read(ctx, "read the last drift check of job "+jobID, func(t *tx) error {
		var at int64
		row := t.QueryRowContext(ctx, "SELECT at, compared, problem FROM drift_checks WHERE job_id = $1", jobID)
		if err := row.Scan(&at, &check.Compared, &check.Problem); err != nil && !isNone(err) {
			return err
		}
		check.At = timeOf(at)
		return nil
	})
	return check, err
}

const selectDrift = "SELECT object_type, source_anchor, target_anchor, name, managed, kind, since, attributes FROM drift WHERE job_id = $1"

func scanDrift(row scanner) (drift store.Drift, err error) {
	var since int64
	var attributes string
	err = row.Scan(&drift.Type, &drift.Source, &drift.Target, &drift.Name, &drift.Managed, &drift.Kind, &since, &attributes)
	if err != nil {
		return drift, err
	}
	drift.Since = timeOf(since)
	decoded, err := decodeDocument[driftRow](attributes)
	if err != nil {
		return drift, fmt.Errorf("drift of %s %s: %w", drift.Type, drift.Source, err)
	}
	drift.Attributes, drift.Kept = decoded.Attributes, decoded.Kept
	if decoded.Members != nil {
		drift.Members = store.MembersDrifted(*decoded.Members)
	}
	return drift, nil
}

// DriftBySource implements store.Drifts.
func (s *Store) DriftBySource(ctx context.Context, jobID string, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor]store.Drift, error) {
	bySource := map[directory.Anchor]store.Drift{}
	err := s.read(ctx, "read the drift of job "+jobID, func(t *tx) error {
		found, err := listIn(ctx, t, scanDrift, selectDrift+" AND object_type = $2 AND source_anchor IN %IN%", anchors, jobID, string(objectType))
		for _, drift := range found {
			bySource[drift.Source] = drift
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return bySource, nil
}

// ListDrift implements store.Drifts.
func (s *Store) ListDrift(ctx context.Context, jobID string, after store.LinkKey, limit int) (found []store.Drift, err error) {
	err = s.read(ctx, "list the drift of job "+jobID, func(t *tx) error {
		found, err = list(ctx, t, scanDrift, selectDrift+` AND kind <> $2 AND (object_type, source_anchor) > ($3, $4)
			ORDER BY object_type, source_anchor LIMIT $5`, jobID, string(store.DriftKept), string(after.Type), string(after.Source), max(limit, 0))
		return err
	})
	return found, err
}

// CountDrift implements store.Drifts.
func (s *Store) CountDrift(ctx context.Context, jobID string) (counts []store.DriftCount, err error) {
	err = s.read(ctx, "count the drift of job "+jobID, func(t *tx) error {
		counts, err = list(ctx, t, func(row scanner) (count store.DriftCount, err error) {
			err = row.Scan(&count.Kind, &count.Managed, &count.Count)
			return count, err
		}, "SELECT kind, managed, COUNT(*) FROM drift WHERE job_id = $1 AND kind <> $2 GROUP BY kind, managed ORDER BY kind, managed DESC",
			jobID, string(store.DriftKept))
		return err
	})
	return counts, err
}
