package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// applicationID marks our files (PRAGMA application_id): "prov" in ASCII.
const applicationID = 0x70726f76

// readers is how many queries can run at once besides the one writer.
const readers = 4

// openSQLite opens the writing and the reading side of a file and brings its schema up to date.
func openSQLite(ctx context.Context, path string, busy time.Duration) (writer, reader *sql.DB, err error) {
	if err := makeFile(path); err != nil {
		return nil, nil, err
	}
	writer, err = sql.Open("sqlite", dataSource(path, busy, "_txlock=immediate", "_pragma=cache_size(-32000)", "_pragma=wal_autocheckpoint(4000)"))
	if err != nil {
		return nil, nil, err
	}
	writer.SetMaxOpenConns(1)
	if err := prepareFile(ctx, writer, busy); err != nil {
		return nil, nil, errors.Join(err, writer.Close())
	}
	reader, err = sql.Open("sqlite", dataSource(path, busy, "_pragma=query_only(1)", "_pragma=cache_size(-8000)"))
	if err != nil {
		return nil, nil, errors.Join(err, writer.Close())
	}
	reader.SetMaxOpenConns(readers)
	reader.SetMaxIdleConns(readers)
	return writer, reader, nil
}

// makeFile sees to it that the file exists and belongs to us alone. SQLite gives its side files the same mode.
func makeFile(path string) error {
	if path == "" {
		return directory.Errorf(directory.Invalid, "the store has no path; name a file")
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return directory.Errorf(directory.NotFound, "the directory %s does not exist; create it or choose another place for the store",
			filepath.Dir(path))
	case errors.Is(err, fs.ErrPermission):
		return directory.Errorf(directory.Fatal, "%w; make the file and its directory writable for this user", err)
	case err != nil:
		return directory.Errorf(directory.Fatal, "%w", err)
	}
	return file.Close()
}

func dataSource(path string, busy time.Duration, settings ...string) string {
	// "file://" needs an absolute path; "file:" takes either. Escaping keeps ? and # in names.
	escaped := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	settings = append([]string{
		fmt.Sprintf("_busy_timeout=%d", busy.Milliseconds()),
		"_pragma=synchronous(NORMAL)",
		"_pragma=foreign_keys(1)",
		"_dqs=0",
	}, settings...)
	return "file:" + escaped + "?" + strings.Join(settings, "&")
}

// prepareFile checks that the file is ours, switches it to write-ahead logging and migrates it.
func prepareFile(ctx context.Context, db *sql.DB, busy time.Duration) error {
	if err := checkOwner(ctx, db); err != nil {
		return err
	}
	if err := enterWAL(ctx, db, busy); err != nil {
		return err
	}
	return migrate(ctx, db)
}

// checkOwner marks an empty file as ours and refuses the database of another program. Only a file without our mark
// needs the write lock, so that opening never waits for a process at work.
func checkOwner(ctx context.Context, db *sql.DB) error {
	var id, tables int64
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil || id == applicationID {
		return err
	}
	return transact(ctx, db, nil, "mark the file", time.Time{}, func(t *tx) error {
		if err := t.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil || id == applicationID {
			return err
		}
		if err := t.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_master").Scan(&tables); err != nil {
			return err
		}
		if id != 0 || tables != 0 {
			return directory.Errorf(directory.Invalid, "the file is the database of another program; choose another file for the store")
		}
		_, err := t.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID))
		return err
	})
}

// enterWAL repeats the switch while another process makes it: SQLite reports that clash at once, without
// waiting for the busy timeout. In a file that has made the switch this only reads.
func enterWAL(ctx context.Context, db *sql.DB, busy time.Duration) error {
	const pause = 10 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		var mode string
		err := db.QueryRowContext(ctx, "PRAGMA journal_mode=WAL").Scan(&mode)
		switch {
		case err == nil && mode == "wal":
			return nil
		case err == nil:
			return directory.Errorf(directory.Fatal, "the file system does not support SQLite's write-ahead log (journal mode %s); put the store on a local disk", mode)
		case primaryCode(err) != sqlitelib.SQLITE_BUSY || waited >= busy:
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// primaryCode returns SQLite's result code, without its extension, or 0.
func primaryCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// classify gives a database error its kind and says what was being done. Errors that have a kind already, or do
// not come from the database, pass unchanged.
func classify(err error, doing string) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*directory.Error](err); ok {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return directory.Errorf(directory.Transient, "%s: %w", doing, err)
	}
	switch primaryCode(err) {
	case 0:
		return directory.Errorf(directory.Fatal, "%s: %w", doing, err)
	case sqlitelib.SQLITE_BUSY, sqlitelib.SQLITE_LOCKED:
		return directory.Errorf(directory.Transient, "%s: another process holds the store; wait until it is done and try again: %w", doing, err)
	case sqlitelib.SQLITE_INTERRUPT:
		return directory.Errorf(directory.Transient, "%s: interrupted: %w", doing, err)
	case sqlitelib.SQLITE_NOTADB:
		return directory.Errorf(directory.Invalid, "%s: the file is not an SQLite database; choose another file for the store: %w", doing, err)
	case sqlitelib.SQLITE_READONLY, sqlitelib.SQLITE_CANTOPEN, sqlitelib.SQLITE_PERM:
		return directory.Errorf(directory.Fatal, "%s: make the store's file and its directory readable and writable for this user: %w", doing, err)
	case sqlitelib.SQLITE_FULL:
		return directory.Errorf(directory.Fatal, "%s: the disk is full; free some space and try again: %w", doing, err)
	case sqlitelib.SQLITE_CORRUPT:
		return directory.Errorf(directory.Fatal, "%s: the store is damaged; restore it from a backup: %w", doing, err)
	default:
		return directory.Errorf(directory.Fatal, "%s: %w", doing, err)
	}
}
