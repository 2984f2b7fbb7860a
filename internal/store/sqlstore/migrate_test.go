package sqlstore

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

func TestMigrationsUpDownUp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	up := schema(t, s.writer)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	db, err := sql.Open("sqlite", dataSource(path, time.Second))
	if err != nil {
		t.Fatal(err)
	}
	provider, err := migrator(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	for _, statement := range schema(t, db) {
		if statement != "" && !isGoose(statement) {
			t.Errorf("left after going down: %s", statement)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	s, err = Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if diff := cmp.Diff(up, schema(t, s.writer)); diff != "" {
		t.Errorf("up, down and up again gives another schema:\n%s", diff)
	}
}

func isGoose(statement string) bool {
	return statement == "goose_db_version" || statement == "sqlite_sequence"
}

// schema lists the statements that made the tables and indexes, or their name where there is none.
func schema(t *testing.T, db *sql.DB) (statements []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `
		SELECT CASE WHEN tbl_name IN ('goose_db_version', 'sqlite_sequence') THEN tbl_name ELSE COALESCE(sql, name) END
		FROM sqlite_master ORDER BY name`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var statement string
		if err := rows.Scan(&statement); err != nil {
			t.Fatal(err)
		}
		statements = append(statements, statement)
	}
	return statements
}

// A token that was sealed when a connection had no other secret still opens.
func TestTokensOutliveTheTableOfSecrets(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	sealer, err := secret.LoadOrCreateKey(secret.KeyOptions{File: path + ".key", Create: true})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), Options{Path: path, Sealer: sealer})
	if err != nil {
		t.Fatal(err)
	}
	provider, err := migrator(s.writer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	// The row identity of that time.
	sealed, err := sealer.Seal(secret.New("the token"), `secret "crm/main" version 7`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.writer.ExecContext(t.Context(), "INSERT INTO secrets (owner, version, sealed) VALUES ('crm/main', 7, $1)", sealed); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s, err = Open(t.Context(), Options{Path: path, Sealer: sealer})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	token, err := s.GetSecret(t.Context(), "crm/main", job.SecretVersion{Name: job.SecretBearerToken, Version: 7})
	if err != nil || token.Reveal() != "the token" {
		t.Errorf("got %v", err)
	}
}
