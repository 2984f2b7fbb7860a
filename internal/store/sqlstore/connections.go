package sqlstore

import (
	"context"
	"fmt"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// PutLearned implements store.Connections.
func (s *Store) PutLearned(ctx context.Context, key store.ConnectionKey, learned store.Learned) error {
	facts, err := encodeDocument(learned.Facts)
	if err != nil {
		return err
	}
	return s.write(ctx, "store what was learned through connection "+key.ConnectionID, func(t *tx) error {
		_, err := t.ExecContext(ctx, `
			INSERT INTO connection_knowledge (connection_id, endpoint, learned, facts, learned_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (connection_id, endpoint) DO UPDATE SET learned = excluded.learned, facts = excluded.facts, learned_at = excluded.learned_at`,
			key.ConnectionID, key.Endpoint, string(learned.Document), facts, millis(learned.At))
		return err
	})
}

// PutDescribed implements store.Connections.
func (s *Store) PutDescribed(ctx context.Context, key store.ConnectionKey, described store.Described) error {
	return s.write(ctx, "store the description of the target of connection "+key.ConnectionID, func(t *tx) error {
		_, err := t.ExecContext(ctx, `
			INSERT INTO connection_knowledge (connection_id, endpoint, described, described_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (connection_id, endpoint) DO UPDATE SET described = excluded.described, described_at = excluded.described_at`,
			key.ConnectionID, key.Endpoint, string(described.Body), millis(described.At))
		return err
	})
}

// GetKnowledge implements store.Connections.
func (s *Store) GetKnowledge(ctx context.Context, key store.ConnectionKey) (store.Knowledge, error) {
	known := store.Knowledge{ConnectionKey: key}
	err := s.read(ctx, "read what is known through connection "+key.ConnectionID, func(t *tx) error {
		var learned, facts, described string
		var learnedAt, describedAt int64
		row := t.QueryRowContext(ctx, `
			SELECT learned, facts, learned_at, described, described_at FROM connection_knowledge WHERE connection_id = $1 AND endpoint = $2`,
			key.ConnectionID, key.Endpoint)
		if err := row.Scan(&learned, &facts, &learnedAt, &described, &describedAt); err != nil {
			if isNone(err) {
				return nil
			}
			return err
		}
		known.Learned.At, known.Described.At = timeOf(learnedAt), timeOf(describedAt)
		if learned != "" {
			known.Learned.Document = []byte(learned)
		}
		if described != "" {
			known.Described.Body = []byte(described)
		}
		if facts == "" {
			return nil
		}
		var err error
		if known.Learned.Facts, err = decodeDocument[[]store.LearnedFact](facts); err != nil {
			return fmt.Errorf("what was learned through connection %s: %w", key.ConnectionID, err)
		}
		return nil
	})
	if err != nil {
		return store.Knowledge{ConnectionKey: key}, err
	}
	return known, nil
}

// ForgetKnowledge implements store.Connections.
func (s *Store) ForgetKnowledge(ctx context.Context, connectionID string, keep []string) (forgotten bool, err error) {
	err = s.write(ctx, "forget what is known through connection "+connectionID, func(t *tx) error {
		statement, args := "DELETE FROM connection_knowledge WHERE connection_id = $1", []any{connectionID}
		if len(keep) > 0 {
			statement += " AND endpoint NOT IN (" + placeholders(2, len(keep)) + ")"
			for _, endpoint := range keep {
				args = append(args, endpoint)
			}
		}
		result, err := t.ExecContext(ctx, statement, args...)
		if err != nil {
			return err
		}
		rows, err := result.RowsAffected()
		forgotten = rows > 0
		return err
	})
	return forgotten, err
}
