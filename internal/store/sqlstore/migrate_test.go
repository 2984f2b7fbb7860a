package sqlstore

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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
