package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

//go:embed migrations/sqlite/*.sql
var migrationFiles embed.FS

// migrator builds goose's provider for the embedded migrations.
func migrator(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrationFiles, "migrations/sqlite")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
}

// migrate brings the schema up to this binary's version. Another process may be doing the same. Each migration is
// one transaction and its version can be noted once only, so of two processes one fails, and goes on from the
// version that the other one reached.
func migrate(ctx context.Context, db *sql.DB) error {
	provider, err := migrator(db)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	sources := provider.ListSources()
	known := sources[len(sources)-1].Version
	for {
		version, err := schemaVersion(ctx, db)
		switch {
		case err != nil:
			return err
		case version > known:
			return directory.Errorf(directory.Invalid,
				"it was written by a newer version (schema %d, this one knows %d); use the newer version", version, known)
		case version == known:
			return nil
		}
		if _, failure := provider.Up(ctx); failure != nil {
			reached, err := schemaVersion(ctx, db)
			if err != nil || reached == version {
				return errors.Join(fmt.Errorf("migrate the schema from version %d to %d: %w", version, known, failure), err)
			}
		}
	}
}

// schemaVersion reads goose's table directly: asking goose would write to a file that may be newer than we are.
func schemaVersion(ctx context.Context, db *sql.DB) (int64, error) {
	var tables int64
	err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'goose_db_version'").Scan(&tables)
	if err != nil || tables == 0 {
		return 0, err
	}
	var version int64
	err = db.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version").Scan(&version)
	return version, err
}
