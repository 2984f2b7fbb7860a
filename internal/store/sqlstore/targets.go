package sqlstore

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// PutTargets implements store.Targets.
func (s *Store) PutTargets(ctx context.Context, jobID string, fence int64, accounts []store.TargetAccount) error {
	return s.write(ctx, "store target accounts of job "+jobID, func(t *tx) error {
		if err := checkFence(ctx, t, jobID, fence); err != nil {
			return err
		}
		// The keys an account had and no longer has must go; the last of several entries for an account wins.
		err := execEach(ctx, t, accounts, "DELETE FROM target_keys WHERE job_id = $1 AND object_type = $2 AND anchor = $3",
			func(a store.TargetAccount) ([]any, error) { return []any{jobID, string(a.Type), string(a.Anchor)}, nil })
		if err != nil {
			return err
		}
		accounts = lastOfEach(accounts)
		err = execEach(ctx, t, accounts, `
			INSERT INTO target_accounts (job_id, object_type, anchor, match_keys, attributes) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (job_id, object_type, anchor) DO UPDATE SET match_keys = excluded.match_keys, attributes = excluded.attributes`,
			func(a store.TargetAccount) ([]any, error) {
				keys, err := encodeDocument(a.MatchKeys)
				if err != nil {
					return nil, err
				}
				attributes, err := attributesText(a.Attributes)
				return []any{jobID, string(a.Type), string(a.Anchor), keys, attributes}, err
			})
		if err != nil {
			return err
		}
		return execEach(ctx, t, keysOf(accounts), `
			INSERT INTO target_keys (job_id, object_type, anchor, attribute, match_key) VALUES ($1, $2, $3, $4, $5)`,
			func(k targetKey) ([]any, error) {
				return []any{jobID, string(k.objectType), string(k.anchor), k.attribute, k.matchKey}, nil
			})
	})
}

// targetKey is one matching value of one account.
type targetKey struct {
	objectKey
	attribute, matchKey string
}

func keysOf(accounts []store.TargetAccount) []targetKey {
	var keys []targetKey
	for _, account := range accounts {
		for _, attribute := range slices.Sorted(maps.Keys(account.MatchKeys)) {
			for _, key := range distinct(account.MatchKeys[attribute]) {
				keys = append(keys, targetKey{objectKey{account.Type, account.Anchor}, attribute, key})
			}
		}
	}
	return keys
}

func lastOfEach(accounts []store.TargetAccount) []store.TargetAccount {
	last := make(map[objectKey]int, len(accounts))
	for i, account := range accounts {
		last[objectKey{account.Type, account.Anchor}] = i
	}
	kept := make([]store.TargetAccount, 0, len(last))
	for i, account := range accounts {
		if last[objectKey{account.Type, account.Anchor}] == i {
			kept = append(kept, account)
		}
	}
	return kept
}

// TargetsByMatchKey implements store.Targets.
func (s *Store) TargetsByMatchKey(ctx context.Context, jobID string, objectType directory.ObjectType, attribute string, keys []string) (map[string][]store.TargetAccount, error) {
	byKey := map[string][]store.TargetAccount{}
	type hit struct {
		key     string
		account store.TargetAccount
	}
	err := s.read(ctx, "read target accounts of job "+jobID, func(t *tx) error {
		hits, err := listIn(ctx, t, func(row scanner) (h hit, err error) {
			h.key, h.account, err = scanTarget(row)
			return h, err
		}, `
			SELECT k.match_key, a.object_type, a.anchor, a.match_keys, a.attributes
			FROM target_keys k
			JOIN target_accounts a ON a.job_id = k.job_id AND a.object_type = k.object_type AND a.anchor = k.anchor
			WHERE k.job_id = $1 AND k.object_type = $2 AND k.attribute = $3 AND k.match_key IN %IN%`,
			distinct(keys), jobID, string(objectType), attribute)
		slices.SortFunc(hits, func(a, b hit) int { return cmp.Compare(a.account.Anchor, b.account.Anchor) })
		for _, h := range hits {
			byKey[h.key] = append(byKey[h.key], h.account)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return byKey, nil
}

func scanTarget(row scanner) (key string, account store.TargetAccount, err error) {
	var keys, attributes string
	if err := row.Scan(&key, &account.Type, &account.Anchor, &keys, &attributes); err != nil {
		return "", account, err
	}
	if account.MatchKeys, err = decodeDocument[map[string][]string](keys); err != nil {
		return "", account, err
	}
	decoded, err := decodeBody(attributes)
	account.Attributes = decoded.attributes
	return key, account, err
}

// ClearTargets implements store.Targets.
func (s *Store) ClearTargets(ctx context.Context, jobID string, fence int64, objectType directory.ObjectType) error {
	return s.write(ctx, "clear target accounts of job "+jobID, func(t *tx) error {
		if err := checkFence(ctx, t, jobID, fence); err != nil {
			return err
		}
		for _, table := range []string{"target_keys", "target_accounts"} {
			_, err := t.ExecContext(ctx, "DELETE FROM "+table+" WHERE job_id = $1 AND object_type = $2", jobID, string(objectType))
			if err != nil {
				return err
			}
		}
		return nil
	})
}
