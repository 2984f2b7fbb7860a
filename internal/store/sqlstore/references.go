package sqlstore

import (
	"context"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// ReadyReferences implements store.Links. A removal needs only the account that holds the reference.
func (s *Store) ReadyReferences(ctx context.Context, jobID string, objectType directory.ObjectType, after store.Reference, limit int) (ready []store.ReadyReference, err error) {
	err = s.read(ctx, "list references of job "+jobID, func(t *tx) error {
		ready, err = list(ctx, t, scanReadyReference, `
			SELECT r.attribute, r.wanted, COALESCE(w.target_anchor, ''), `+linkColumns+`
			FROM pending_references r
			JOIN links l ON l.job_id = r.job_id AND l.object_type = r.object_type AND l.source_anchor = r.source_anchor
			LEFT JOIN links w ON w.job_id = r.job_id AND w.object_type = 'user' AND w.source_anchor = r.wanted AND w.managed = 1
			WHERE r.job_id = $1 AND r.object_type = $2 AND (r.source_anchor, r.attribute) > ($3, $4)
				AND l.managed = 1 AND (r.wanted = '' OR w.source_anchor IS NOT NULL)
			ORDER BY r.source_anchor, r.attribute LIMIT $5`,
			jobID, string(objectType), string(after.Source), after.Attribute, max(limit, 0))
		return err
	})
	return ready, err
}

func scanReadyReference(row scanner) (store.ReadyReference, error) {
	var ready store.ReadyReference
	var holder linkRow
	err := row.Scan(append([]any{&ready.Attribute, &ready.Wanted, &ready.Target}, holder.columns()...)...)
	if err != nil {
		return store.ReadyReference{}, err
	}
	ready.Link, err = holder.decode()
	ready.LinkKey = ready.Link.LinkKey
	if ready.Wanted == "" {
		ready.Target = ""
	}
	return ready, err
}

// CountPendingReferences implements store.Links.
func (s *Store) CountPendingReferences(ctx context.Context, jobID string) (int64, error) {
	return s.count(ctx, jobID, "SELECT COUNT(*) FROM pending_references WHERE job_id = $1")
}

// count answers a query for one number about a job.
func (s *Store) count(ctx context.Context, jobID, query string) (count int64, err error) {
	err = s.read(ctx, "count rows of job "+jobID, func(t *tx) error {
		count, err = scalar[int64](ctx, t, query, jobID)
		return err
	})
	return count, err
}

// MembershipsToAdd implements store.Links. Members are users: a group inside a group is not expanded and not
// written (engine.md 14).
func (s *Store) MembershipsToAdd(ctx context.Context, jobID, copyID string, after store.Membership, limit int) (changes []store.MembershipChange, err error) {
	err = s.read(ctx, "list memberships to add of job "+jobID, func(t *tx) error {
		changes, err = list(ctx, t, scanMembershipChange, `
			SELECT m.group_anchor, m.member_anchor, g.target_anchor, u.target_anchor, g.name, u.name
			FROM source_members m
			JOIN links g ON g.job_id = $1 AND g.object_type = 'group' AND g.source_anchor = m.group_anchor AND g.managed = 1
			JOIN links u ON u.job_id = $1 AND u.object_type = 'user' AND u.source_anchor = m.member_anchor AND u.managed = 1
			WHERE m.copy_id = $2 AND (m.group_anchor, m.member_anchor) > ($3, $4)
				AND NOT EXISTS (
					SELECT 1 FROM memberships h
					WHERE h.job_id = $1 AND h.group_anchor = m.group_anchor AND h.member_anchor = m.member_anchor)
			ORDER BY m.group_anchor, m.member_anchor LIMIT $5`,
			jobID, copyID, string(after.Group), string(after.Member), max(limit, 0))
		return err
	})
	return changes, err
}

// ListMemberships implements store.Links.
func (s *Store) ListMemberships(ctx context.Context, jobID string, after store.Membership, limit int) (changes []store.MembershipChange, err error) {
	err = s.read(ctx, "list memberships of job "+jobID, func(t *tx) error {
		changes, err = list(ctx, t, scanMembershipChange, `
			SELECT h.group_anchor, h.member_anchor, g.target_anchor, u.target_anchor, g.name, u.name
			FROM memberships h
			JOIN links g ON g.job_id = h.job_id AND g.object_type = 'group' AND g.source_anchor = h.group_anchor AND g.managed = 1
			JOIN links u ON u.job_id = h.job_id AND u.object_type = 'user' AND u.source_anchor = h.member_anchor AND u.managed = 1
			WHERE h.job_id = $1 AND (h.group_anchor, h.member_anchor) > ($2, $3)
			ORDER BY h.group_anchor, h.member_anchor LIMIT $4`,
			jobID, string(after.Group), string(after.Member), max(limit, 0))
		return err
	})
	return changes, err
}

// MembershipsToRemove implements store.Links.
func (s *Store) MembershipsToRemove(ctx context.Context, jobID, copyID string, after store.Membership, limit int) ([]store.MembershipChange, error) {
	return s.unwantedMemberships(ctx, jobID, copyID, true, after, limit)
}

// MembershipsLeftOver implements store.Links.
func (s *Store) MembershipsLeftOver(ctx context.Context, jobID, copyID string, after store.Membership, limit int) ([]store.MembershipChange, error) {
	return s.unwantedMemberships(ctx, jobID, copyID, false, after, limit)
}

// unwantedMemberships are the job's memberships that the copy no longer has, of groups that are managed or of those that are not.
func (s *Store) unwantedMemberships(ctx context.Context, jobID, copyID string, managed bool, after store.Membership, limit int) (changes []store.MembershipChange, err error) {
	err = s.read(ctx, "list memberships to remove of job "+jobID, func(t *tx) error {
		changes, err = list(ctx, t, scanMembershipChange, `
			SELECT h.group_anchor, h.member_anchor, g.target_anchor, u.target_anchor, g.name, u.name
			FROM memberships h
			JOIN links g ON g.job_id = h.job_id AND g.object_type = 'group' AND g.source_anchor = h.group_anchor AND g.managed = $6
			JOIN links u ON u.job_id = h.job_id AND u.object_type = 'user' AND u.source_anchor = h.member_anchor
			WHERE h.job_id = $1 AND (h.group_anchor, h.member_anchor) > ($3, $4)
				AND NOT EXISTS (
					SELECT 1 FROM source_members m
					WHERE m.copy_id = $2 AND m.group_anchor = h.group_anchor AND m.member_anchor = h.member_anchor)
				AND EXISTS (
					SELECT 1 FROM source_objects o
					WHERE o.copy_id = $2 AND o.object_type = 'group' AND o.anchor = h.group_anchor AND o.removed <> 'hard')
				AND EXISTS (
					SELECT 1 FROM source_objects o
					WHERE o.copy_id = $2 AND o.object_type = 'user' AND o.anchor = h.member_anchor AND o.removed <> 'hard')
			ORDER BY h.group_anchor, h.member_anchor LIMIT $5`,
			jobID, copyID, string(after.Group), string(after.Member), max(limit, 0), flag(managed))
		return err
	})
	return changes, err
}

func scanMembershipChange(row scanner) (change store.MembershipChange, err error) {
	err = row.Scan(&change.Group, &change.Member, &change.GroupTarget, &change.MemberTarget, &change.GroupName, &change.MemberName)
	return change, err
}
