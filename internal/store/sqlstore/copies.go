package sqlstore

import (
	"context"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// CopyState implements store.Copies.
func (s *Store) CopyState(ctx context.Context, copyID string) (state store.CopyState, err error) {
	err = s.read(ctx, "read the state of copy "+copyID, func(t *tx) error {
		var readAt int64
		row := t.QueryRowContext(ctx, "SELECT watermark, position, read_at FROM copies WHERE copy_id = $1", copyID)
		if err := row.Scan(&state.Watermark, &state.Position, &readAt); err != nil && !isNone(err) {
			return err
		}
		state.ReadAt = timeOf(readAt)
		return nil
	})
	return state, err
}

const selectObject = "SELECT object_type, anchor, position, removed, body FROM source_objects"

// Objects implements store.Copies.
func (s *Store) Objects(ctx context.Context, copyID string, objectType directory.ObjectType, after, to int64, limit int) (objects []store.StoredObject, err error) {
	err = s.read(ctx, "read objects of copy "+copyID, func(t *tx) error {
		objects, err = list(ctx, t, scanObject, selectObject+`
			WHERE copy_id = $1 AND object_type = $2 AND position > $3 AND position <= $4
			ORDER BY position LIMIT $5`, copyID, string(objectType), after, to, max(limit, 0))
		if err != nil {
			return err
		}
		return addMembers(ctx, t, copyID, objects)
	})
	return objects, err
}

// ObjectsByAnchor implements store.Copies.
func (s *Store) ObjectsByAnchor(ctx context.Context, copyID string, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor]store.StoredObject, error) {
	var byAnchor map[directory.Anchor]store.StoredObject
	err := s.read(ctx, "read objects of copy "+copyID, func(t *tx) (err error) {
		byAnchor, err = objectsByAnchor(ctx, t, copyID, objectType, anchors)
		return err
	})
	return byAnchor, err
}

func objectsByAnchor(ctx context.Context, t *tx, copyID string, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor]store.StoredObject, error) {
	objects, err := listIn(ctx, t, scanObject, selectObject+" WHERE copy_id = $1 AND object_type = $2 AND anchor IN %IN%",
		anchors, copyID, string(objectType))
	if err != nil {
		return nil, err
	}
	if err := addMembers(ctx, t, copyID, objects); err != nil {
		return nil, err
	}
	byAnchor := make(map[directory.Anchor]store.StoredObject, len(objects))
	for _, object := range objects {
		byAnchor[object.Anchor] = object
	}
	return byAnchor, nil
}

func scanObject(row scanner) (store.StoredObject, error) {
	var object store.StoredObject
	var text string
	if err := row.Scan(&object.Type, &object.Anchor, &object.Position, &object.Removed, &text); err != nil {
		return store.StoredObject{}, err
	}
	if object.Removed == directory.HardDeleted {
		return object, nil
	}
	decoded, err := decodeBody(text)
	object.Attributes, object.References = decoded.attributes, decoded.references
	return object, err
}

// addMembers completes groups with their members, which are kept in a table of their own.
func addMembers(ctx context.Context, t *tx, copyID string, objects []store.StoredObject) error {
	groups := map[directory.Anchor]store.StoredObject{}
	var anchors []directory.Anchor
	for _, object := range objects {
		if object.Type == directory.Group && object.Removed != directory.HardDeleted {
			groups[object.Anchor] = object
			anchors = append(anchors, object.Anchor)
		}
	}
	members, err := listIn(ctx, t, func(row scanner) (m store.Membership, err error) {
		err = row.Scan(&m.Group, &m.Member)
		return m, err
	}, `SELECT group_anchor, member_anchor FROM source_members WHERE copy_id = $1 AND group_anchor IN %IN%
		ORDER BY group_anchor, member_anchor`, anchors, copyID)
	for _, m := range members {
		references := groups[m.Group].References
		references[directory.ReferenceMembers] = append(references[directory.ReferenceMembers], m.Member)
	}
	return err
}

// CountObjects implements store.Copies.
func (s *Store) CountObjects(ctx context.Context, copyID string, objectType directory.ObjectType, after, to int64) (count int64, err error) {
	err = s.read(ctx, "count objects of copy "+copyID, func(t *tx) error {
		count, err = scalar[int64](ctx, t, `
			SELECT COUNT(*) FROM source_objects
			WHERE copy_id = $1 AND object_type = $2 AND position > $3 AND position <= $4`, copyID, string(objectType), after, to)
		return err
	})
	return count, err
}

// AttributeNames implements store.Copies.
func (s *Store) AttributeNames(ctx context.Context, copyID string, objectType directory.ObjectType) (names []string, err error) {
	err = s.read(ctx, "read attribute names of copy "+copyID, func(t *tx) error {
		names, err = list(ctx, t, scanText[string], `
			SELECT name FROM source_attributes WHERE copy_id = $1 AND object_type = $2 ORDER BY name`,
			copyID, string(objectType))
		return err
	})
	return names, err
}

func scanText[T ~string](row scanner) (text T, err error) {
	err = row.Scan(&text)
	return text, err
}

// groupChunk is how many groups one statement of MembersAmong asks about.
const groupChunk = 100

// MembersAmong implements store.Copies.
func (s *Store) MembersAmong(ctx context.Context, copyID string, groups, candidates []directory.Anchor, nested bool) (map[directory.Anchor]bool, error) {
	members := map[directory.Anchor]bool{}
	if nested {
		err := s.read(ctx, "read nested group members of copy "+copyID, func(t *tx) error {
			all, err := s.reach.below(ctx, t, copyID, groups)
			for _, candidate := range candidates {
				if all[candidate] {
					members[candidate] = true
				}
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		return members, nil
	}
	err := s.read(ctx, "read group members of copy "+copyID, func(t *tx) error {
		granting, err := listIn(ctx, t, scanText[directory.Anchor], `
			SELECT anchor FROM source_objects WHERE copy_id = $1 AND object_type = 'group' AND grants = 1 AND anchor IN %IN%`,
			groups, copyID)
		if err != nil {
			return err
		}
		// Both lists go into one statement: the database tries the pairs, which is quicker than asking for each group.
		for chunk := range slices.Chunk(granting, groupChunk) {
			args := []any{copyID}
			for _, group := range chunk {
				args = append(args, string(group))
			}
			found, err := listIn(ctx, t, scanText[directory.Anchor], `
				SELECT member_anchor FROM source_members
				WHERE copy_id = $1 AND group_anchor IN (`+placeholders(2, len(chunk))+`) AND member_anchor IN %IN%`,
				candidates, args...)
			if err != nil {
				return err
			}
			for _, member := range found {
				members[member] = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return members, nil
}

// DeleteCopies implements store.Copies.
func (s *Store) DeleteCopies(ctx context.Context, sourceKey string, keep []string) error {
	defer s.reach.forget()
	return s.write(ctx, "delete copies of source "+sourceKey, func(t *tx) error {
		copies, err := list(ctx, t, scanText[string], "SELECT copy_id FROM copies WHERE source_key = $1 ORDER BY copy_id", sourceKey)
		if err != nil {
			return err
		}
		kept := make(map[string]bool, len(keep))
		for _, copyID := range keep {
			kept[copyID] = true
		}
		for _, copyID := range copies {
			if kept[copyID] {
				continue
			}
			for _, table := range []string{"source_members", "source_objects", "source_attributes", "copies"} {
				if _, err := t.ExecContext(ctx, "DELETE FROM "+table+" WHERE copy_id = $1", copyID); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// sourceKeyOf is the part of a copy's id before its last @: copies are named "<source key>@<configuration>"
// (job.Source.CopyID).
func sourceKeyOf(copyID string) string {
	if i := strings.LastIndexByte(copyID, '@'); i >= 0 {
		return copyID[:i]
	}
	return copyID
}
