package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Options configure a store.
type Options struct {
	// Path of the SQLite file. It is created, readable by its owner only, when it does not exist; its directory
	// must exist.
	Path string
	// Sealer seals secrets. Nil: PutSecret and GetSecret fail with Invalid.
	Sealer secret.Sealer
	// Now is the clock for changes whose caller gives no time. Nil: time.Now.
	Now func() time.Time
	// BusyTimeout is how long to wait for another process that is writing. Zero: 15 seconds.
	BusyTimeout time.Duration
}

// Store is a store.Store in a SQL database.
type Store struct {
	options Options
	// SQLite lets one connection write at a time; waiting in the pool is fairer than waiting for the file's lock.
	writer, reader *sql.DB
	close          func() error
	reach          reach
}

var _ store.Store = (*Store)(nil)

// Open opens the store, and creates or upgrades its schema.
//
// Errors: NotFound when the directory does not exist, Invalid when the file is not a store or was written by a
// newer version, Transient when another process holds the store, Fatal when the file cannot be read or written.
func Open(ctx context.Context, options Options) (*Store, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.BusyTimeout == 0 {
		options.BusyTimeout = 15 * time.Second
	}
	writer, reader, err := openSQLite(ctx, options.Path, options.BusyTimeout)
	if err != nil {
		return nil, openError(err, options.Path)
	}
	s := &Store{options: options, writer: writer, reader: reader}
	s.close = sync.OnceValue(func() error {
		// The writer goes last: the last connection to leave folds the write-ahead log into the file.
		return errors.Join(reader.Close(), writer.Close())
	})
	return s, nil
}

// openError says which file an error of opening is about.
func openError(err error, path string) error {
	doing := "open the store " + path
	if e, ok := errors.AsType[*directory.Error](err); ok {
		return &directory.Error{Kind: e.Kind, Message: doing + ": " + e.Message, Err: err}
	}
	return classify(err, doing)
}

// Close implements store.Store.
func (s *Store) Close() error { return s.close() }

// tx is a transaction with the one time that everything in it happens at.
type tx struct {
	*sql.Tx
	now int64
}

// write runs f in a transaction that may change things, and commits when f succeeds. doing names the work in errors.
func (s *Store) write(ctx context.Context, doing string, f func(*tx) error) error {
	return transact(ctx, s.writer, nil, doing, s.options.Now(), f)
}

// read runs f in a transaction that sees one state of the database.
func (s *Store) read(ctx context.Context, doing string, f func(*tx) error) error {
	return transact(ctx, s.reader, &sql.TxOptions{ReadOnly: true}, doing, s.options.Now(), f)
}

func transact(ctx context.Context, db *sql.DB, options *sql.TxOptions, doing string, now time.Time, f func(*tx) error) error {
	begun, err := db.BeginTx(ctx, options)
	if err != nil {
		return classify(err, doing)
	}
	// After a commit this does nothing; after an error or a panic it undoes everything.
	defer func() { _ = begun.Rollback() }()
	if err := f(&tx{Tx: begun, now: millis(now)}); err != nil {
		return classify(err, doing)
	}
	if err := begun.Commit(); err != nil {
		return classify(err, doing)
	}
	return nil
}

// millis converts a time for storage; the zero time becomes 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// timeOf is the reverse of millis.
func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// notFound is the answer for one named thing that is not there.
func notFound(format string, args ...any) error {
	return directory.Errorf(directory.NotFound, format, args...)
}
