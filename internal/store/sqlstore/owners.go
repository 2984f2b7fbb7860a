package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// OwnersByTarget implements store.Links.
func (s *Store) OwnersByTarget(ctx context.Context, jobIDs []string, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor][]store.Owner, error) {
	return ownersBy(ctx, s, jobIDs, objectType, "target_anchor", anchors, func(owner store.Owner) directory.Anchor { return owner.Target })
}

// OwnersByMatchKey implements store.Links.
func (s *Store) OwnersByMatchKey(ctx context.Context, jobIDs []string, objectType directory.ObjectType, keys []string) (map[string][]store.Owner, error) {
	return ownersBy(ctx, s, jobIDs, objectType, "match_key", keys, func(owner store.Owner) string { return owner.MatchKey })
}

func ownersBy[K ~string](ctx context.Context, s *Store, jobIDs []string, objectType directory.ObjectType, column string, keys []K, keyOf func(store.Owner) K) (map[K][]store.Owner, error) {
	byKey := map[K][]store.Owner{}
	if len(jobIDs) == 0 {
		return byKey, nil
	}
	err := s.read(ctx, "read who manages accounts", func(t *tx) error {
		owners, err := owners(ctx, t, jobIDs, objectType, column, keys)
		slices.SortFunc(owners, func(a, b store.Owner) int {
			return cmp.Or(cmp.Compare(a.JobID, b.JobID), cmp.Compare(a.Source, b.Source))
		})
		for _, owner := range owners {
			byKey[keyOf(owner)] = append(byKey[keyOf(owner)], owner)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return byKey, nil
}

// owners returns managed links of some jobs, in no order.
func owners[K ~string](ctx context.Context, t *tx, jobIDs []string, objectType directory.ObjectType, column string, keys []K) ([]store.Owner, error) {
	jobIDs = distinct(jobIDs)
	args := []any{string(objectType)}
	for _, jobID := range jobIDs {
		args = append(args, jobID)
	}
	return listIn(ctx, t, scanOwner, fmt.Sprintf(
		"SELECT l.job_id, "+linkColumns+" FROM links l WHERE l.object_type = $1 AND l.managed = 1 AND l.job_id IN (%s) AND l.%s IN %%IN%%",
		placeholders(2, len(jobIDs)), column), distinct(keys), args...)
}

// checkClaims refuses claims to accounts that other jobs on the same endpoint manage.
func checkClaims(ctx context.Context, t *tx, jobID string, claims []store.Claim) error {
	if len(claims) == 0 {
		return nil
	}
	records, err := list(ctx, t, scanJob, selectJob+" WHERE j.job_id <> $1", jobID)
	if err != nil || len(records) == 0 {
		return err
	}
	jobs := map[string][]string{}
	for _, record := range records {
		endpoint := record.Definition.Connection.Endpoint()
		jobs[endpoint] = append(jobs[endpoint], record.Definition.ID)
	}
	type account struct {
		endpoint   string
		objectType directory.ObjectType
	}
	targets := map[account][]directory.Anchor{}
	for _, claim := range claims {
		on := account{claim.Endpoint, claim.Type}
		targets[on] = append(targets[on], claim.Target)
	}
	claimed := &store.ClaimedError{Owners: map[store.LinkKey]store.Owner{}}
	for on, anchors := range targets {
		if len(jobs[on.endpoint]) == 0 {
			continue
		}
		found, err := owners(ctx, t, jobs[on.endpoint], on.objectType, "target_anchor", anchors)
		if err != nil {
			return err
		}
		for _, owner := range found {
			for _, claim := range claims {
				if claim.Endpoint == on.endpoint && claim.Type == on.objectType && claim.Target == owner.Target {
					claimed.Owners[claim.LinkKey] = owner
				}
			}
		}
	}
	if len(claimed.Owners) == 0 {
		return nil
	}
	return directory.Errorf(directory.Conflict, "record results of job %s: %w", jobID, claimed)
}

func scanOwner(row scanner) (owner store.Owner, err error) {
	var r linkRow
	if err := row.Scan(append([]any{&owner.JobID}, r.columns()...)...); err != nil {
		return owner, err
	}
	owner.Link, err = r.decode()
	return owner, err
}
