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
	return goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithSessionLocker(writeLock{}), goose.WithDisableGlobalRegistry(true))
}

// migrate brings the schema up to this binary's version.
func migrate(ctx context.Context, db *sql.DB) error {
	provider, err := migrator(db)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	sources := provider.ListSources()
	known := sources[len(sources)-1].Version
	version, err := schemaVersion(ctx, db)
	if err != nil {
		return fmt.Errorf("read the schema version: %w", err)
	}
	switch {
	case version > known:
		return directory.Errorf(directory.Invalid,
			"it was written by a newer version (schema %d, this one knows %d); use the newer version", version, known)
	case version == known:
		return nil
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the schema from version %d to %d: %w", version, known, err)
	}
	return nil
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

// writeLock keeps other processes from migrating the same file at once. In exclusive locking mode a connection
// that has written keeps its write lock after the transaction ends.
type writeLock struct{}

// SessionLock takes the write lock, waiting for the busy timeout.
func (writeLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	for _, statement := range []string{"PRAGMA locking_mode=EXCLUSIVE", "BEGIN IMMEDIATE", "COMMIT"} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			_, undo := conn.ExecContext(ctx, "PRAGMA locking_mode=NORMAL")
			return errors.Join(err, undo)
		}
	}
	return nil
}

// SessionUnlock gives the lock back. The mode takes effect with the next access to the file.
func (writeLock) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	for _, statement := range []string{"PRAGMA locking_mode=NORMAL", "SELECT COUNT(*) FROM sqlite_master"} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
