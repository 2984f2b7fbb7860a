package sqlstore

import (
	"context"
	"fmt"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// PutDraft implements store.Drafts.
func (s *Store) PutDraft(ctx context.Context, draft store.Draft) error {
	return s.write(ctx, fmt.Sprintf("store %s %s", draft.Kind, draft.ID), func(t *tx) error {
		_, err := t.ExecContext(ctx, `
			INSERT INTO drafts (kind, id, body) VALUES ($1, $2, $3)
			ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body`,
			string(draft.Kind), draft.ID, string(draft.Body))
		return err
	})
}

// GetDraft implements store.Drafts.
func (s *Store) GetDraft(ctx context.Context, kind store.DraftKind, id string) (store.Draft, error) {
	draft := store.Draft{Kind: kind, ID: id}
	err := s.read(ctx, fmt.Sprintf("read %s %s", kind, id), func(t *tx) error {
		text, err := scalar[string](ctx, t, "SELECT body FROM drafts WHERE kind = $1 AND id = $2", string(kind), id)
		if isNone(err) {
			return notFound("there is no %s %s", kind, id)
		}
		draft.Body = []byte(text)
		return err
	})
	if err != nil {
		return store.Draft{}, err
	}
	return draft, nil
}

// ListDrafts implements store.Drafts.
func (s *Store) ListDrafts(ctx context.Context, kind store.DraftKind) (drafts []store.Draft, err error) {
	err = s.read(ctx, fmt.Sprintf("list drafts of kind %s", kind), func(t *tx) error {
		drafts, err = list(ctx, t, func(row scanner) (store.Draft, error) {
			draft := store.Draft{Kind: kind}
			err := row.Scan(&draft.ID, &draft.Body)
			return draft, err
		}, "SELECT id, body FROM drafts WHERE kind = $1 ORDER BY id", string(kind))
		return err
	})
	return drafts, err
}

// DeleteDraft implements store.Drafts.
func (s *Store) DeleteDraft(ctx context.Context, kind store.DraftKind, id string) error {
	return s.write(ctx, fmt.Sprintf("delete %s %s", kind, id), func(t *tx) error {
		_, err := t.ExecContext(ctx, "DELETE FROM drafts WHERE kind = $1 AND id = $2", string(kind), id)
		return err
	})
}

// PutSecret implements store.Drafts.
func (s *Store) PutSecret(ctx context.Context, owner string, which job.SecretVersion, value secret.Text) error {
	if err := s.needSealer(); err != nil {
		return err
	}
	sealed, err := s.options.Sealer.Seal(value, secretIdentity(owner, which))
	if err != nil {
		return classify(err, "seal a secret of "+owner)
	}
	return s.write(ctx, "store a secret of "+owner, func(t *tx) error {
		_, err := t.ExecContext(ctx, `
			INSERT INTO secrets (owner, name, version, sealed) VALUES ($1, $2, $3, $4)
			ON CONFLICT (owner, name, version) DO UPDATE SET sealed = excluded.sealed`, owner, which.Name, which.Version, sealed)
		return err
	})
}

// GetSecret implements store.Drafts.
func (s *Store) GetSecret(ctx context.Context, owner string, which job.SecretVersion) (secret.Text, error) {
	if err := s.needSealer(); err != nil {
		return secret.Text{}, err
	}
	var sealed []byte
	err := s.read(ctx, "read a secret of "+owner, func(t *tx) (err error) {
		sealed, err = scalar[[]byte](ctx, t, "SELECT sealed FROM secrets WHERE owner = $1 AND name = $2 AND version = $3", owner, which.Name, which.Version)
		if isNone(err) {
			return notFound("there is no %s of %s with version %d", which.Name, owner, which.Version)
		}
		return err
	})
	if err != nil {
		return secret.Text{}, err
	}
	return s.options.Sealer.Open(sealed, secretIdentity(owner, which))
}

// DeleteSecrets implements store.Drafts.
func (s *Store) DeleteSecrets(ctx context.Context, owner string, keep []job.SecretVersion) error {
	return s.write(ctx, "delete secrets of "+owner, func(t *tx) error {
		statement, args := "DELETE FROM secrets WHERE owner = $1", []any{owner}
		for _, kept := range keep {
			statement += fmt.Sprintf(" AND NOT (name = $%d AND version = $%d)", len(args)+1, len(args)+2)
			args = append(args, kept.Name, kept.Version)
		}
		_, err := t.ExecContext(ctx, statement, args...)
		return err
	})
}

func (s *Store) needSealer() error {
	if s.options.Sealer == nil {
		return directory.Errorf(directory.Invalid, "the store has no key for secrets; set %s or name a key file", secret.KeyVariable)
	}
	return nil
}

// secretIdentity names a row of table secrets. Quoting keeps two owners from making the same name. Bearer tokens have no name in
// it: those that were sealed when a connection had no other secret still open.
func secretIdentity(owner string, which job.SecretVersion) string {
	if which.Name == job.SecretBearerToken {
		return fmt.Sprintf("secret %q version %d", owner, which.Version)
	}
	return fmt.Sprintf("secret %q %q version %d", owner, which.Name, which.Version)
}
