package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Import implements store.Copies.
func (s *Store) Import(ctx context.Context, copyID string, now time.Time, read func(store.Importer) (store.ImportResult, error)) (state store.CopyState, err error) {
	// What read returns must come back unchanged, so it takes another way out than this package's own errors.
	var refused error
	err = s.write(ctx, "import into copy "+copyID, func(t *tx) (err error) {
		im, err := beginImport(ctx, t, copyID)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, im.close()) }()
		result, err := read(im)
		if err != nil {
			refused = err
			return err
		}
		state, err = im.finish(ctx, result, millis(now))
		return err
	})
	if refused != nil {
		return store.CopyState{}, refused
	}
	return state, err
}

// importer is one import. It holds the write lock of the copy, so the counters can be kept here until the end.
type importer struct {
	t      *tx
	copyID string
	// start is the position before the import; what is above it was changed by this import.
	start, position int64
	// numbers is the last number given to an object; seen says which objects were put.
	numbers int64
	seen    bitmap
	// attributes are the names that changed objects have.
	attributes map[attributeName]bool
	// groups are the anchors of the copy's groups, read when the first membership changes; moved are those among them
	// that changed as members of another group.
	groups, moved map[directory.Anchor]bool

	upsert, touch, addMember, dropMember *sql.Stmt
}

var _ store.Importer = (*importer)(nil)

func beginImport(ctx context.Context, t *tx, copyID string) (*importer, error) {
	im := &importer{t: t, copyID: copyID, attributes: map[attributeName]bool{}, moved: map[directory.Anchor]bool{}}
	// The update without effect locks the row in databases with several writers.
	err := t.QueryRowContext(ctx, `
		INSERT INTO copies (copy_id, source_key, watermark, position, numbers, read_at) VALUES ($1, $2, '', 0, 0, 0)
		ON CONFLICT (copy_id) DO UPDATE SET copy_id = excluded.copy_id
		RETURNING position, numbers`, copyID, sourceKeyOf(copyID)).Scan(&im.start, &im.numbers)
	if err != nil {
		return nil, err
	}
	im.position = im.start
	for _, statement := range []struct {
		into **sql.Stmt
		text string
	}{
		{&im.upsert, `
			INSERT INTO source_objects (copy_id, object_type, anchor, number, position, removed, grants, hash, body)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (copy_id, object_type, anchor) DO UPDATE SET
				position = excluded.position, removed = excluded.removed, grants = excluded.grants,
				hash = excluded.hash, body = excluded.body`},
		{&im.touch, `
			UPDATE source_objects SET position = $3
			WHERE copy_id = $1 AND object_type = 'user' AND anchor = $2 AND position <= $4 AND removed <> 'hard'`},
		{&im.addMember, "INSERT INTO source_members (copy_id, group_anchor, member_anchor) VALUES ($1, $2, $3)"},
		{&im.dropMember, "DELETE FROM source_members WHERE copy_id = $1 AND group_anchor = $2 AND member_anchor = $3"},
	} {
		if *statement.into, err = t.PrepareContext(ctx, statement.text); err != nil {
			return nil, errors.Join(err, im.close())
		}
	}
	return im, nil
}

func (im *importer) close() error {
	var err error
	for _, statement := range []*sql.Stmt{im.upsert, im.touch, im.addMember, im.dropMember} {
		if statement != nil {
			err = errors.Join(err, statement.Close())
		}
	}
	return err
}

// finish tombstones what a complete read did not deliver, touches the users below groups that moved, and writes the
// counters back.
func (im *importer) finish(ctx context.Context, result store.ImportResult, now int64) (store.CopyState, error) {
	if result.Complete {
		for _, objectType := range directory.ObjectTypes() {
			if err := im.removeUnseen(ctx, objectType); err != nil {
				return store.CopyState{}, err
			}
		}
	}
	if err := im.touchBelow(ctx); err != nil {
		return store.CopyState{}, err
	}
	if err := im.flushAttributes(ctx); err != nil {
		return store.CopyState{}, err
	}
	_, err := im.t.ExecContext(ctx, "UPDATE copies SET watermark = $2, position = $3, numbers = $4, read_at = $5 WHERE copy_id = $1",
		im.copyID, result.Watermark, im.position, im.numbers, now)
	return store.CopyState{Watermark: result.Watermark, Position: im.position, ReadAt: timeOf(now)}, err
}

// removeUnseen walks through the objects as they were by position. Tombstones get a position above the walk.
func (im *importer) removeUnseen(ctx context.Context, objectType directory.ObjectType) error {
	const page = 5000
	type place struct {
		anchor           directory.Anchor
		number, position int64
	}
	scan := func(row scanner) (p place, err error) {
		err = row.Scan(&p.anchor, &p.number, &p.position)
		return p, err
	}
	for after, to := int64(0), im.position; ; {
		places, err := list(ctx, im.t, scan, `
			SELECT anchor, number, position FROM source_objects
			WHERE copy_id = $1 AND object_type = $2 AND position > $3 AND position <= $4 AND removed <> 'hard'
			ORDER BY position LIMIT $5`, im.copyID, string(objectType), after, to, page)
		if err != nil || len(places) == 0 {
			return err
		}
		after = places[len(places)-1].position
		var gone []store.ObjectChange
		for _, p := range places {
			if !im.seen.has(p.number) {
				gone = append(gone, store.ObjectChange{
					Object: directory.Object{Type: objectType, Anchor: p.anchor, Removed: directory.HardDeleted},
				})
			}
		}
		if err := im.Put(ctx, gone); err != nil {
			return err
		}
	}
}

// bitmap is a set of small positive numbers: one bit for each object a copy ever had.
type bitmap struct{ words []uint64 }

func (b *bitmap) add(n int64) {
	for int64(len(b.words)) <= n/64 {
		b.words = append(b.words, 0)
	}
	b.words[n/64] |= 1 << (n % 64)
}

func (b *bitmap) has(n int64) bool {
	return n/64 < int64(len(b.words)) && b.words[n/64]&(1<<(n%64)) != 0
}
