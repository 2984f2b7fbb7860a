package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// linkColumns are the columns of a link l, in the order scanLink reads them.
const linkColumns = "l.object_type, l.source_anchor, l.target_anchor, l.match_key, l.name, l.managed, l.active, l.exported, l.linked_at"

const selectLink = "SELECT " + linkColumns + " FROM links l WHERE l.job_id = $1 AND l.object_type = $2"

// linkRow receives the columns of a link, possibly among others.
type linkRow struct {
	link     store.Link
	exported string
	linkedAt int64
}

func (r *linkRow) columns() []any {
	l := &r.link
	return []any{&l.Type, &l.Source, &l.Target, &l.MatchKey, &l.Name, &l.Managed, &l.Active, &r.exported, &r.linkedAt}
}

func (r *linkRow) decode() (store.Link, error) {
	decoded, err := decodeBody(r.exported)
	if err != nil {
		return store.Link{}, fmt.Errorf("link of %s %s: %w", r.link.Type, r.link.Source, err)
	}
	r.link.Exported, r.link.LinkedAt = decoded.attributes, timeOf(r.linkedAt)
	return r.link, nil
}

func scanLink(row scanner) (store.Link, error) {
	var r linkRow
	if err := row.Scan(r.columns()...); err != nil {
		return store.Link{}, err
	}
	return r.decode()
}

// LinksBySource implements store.Links.
func (s *Store) LinksBySource(ctx context.Context, jobID string, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor]store.Link, error) {
	bySource := map[directory.Anchor]store.Link{}
	err := s.read(ctx, "read links of job "+jobID, func(t *tx) error {
		links, err := listIn(ctx, t, scanLink, selectLink+" AND l.source_anchor IN %IN%", anchors, jobID, string(objectType))
		for _, link := range links {
			bySource[link.Source] = link
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return bySource, nil
}

// LinksByMatchKey implements store.Links.
func (s *Store) LinksByMatchKey(ctx context.Context, jobID string, objectType directory.ObjectType, keys []string) (map[string][]store.Link, error) {
	return linksBy(ctx, s, jobID, objectType, "match_key", keys, func(link store.Link) string { return link.MatchKey })
}

// LinksByTarget implements store.Links.
func (s *Store) LinksByTarget(ctx context.Context, jobID string, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor][]store.Link, error) {
	return linksBy(ctx, s, jobID, objectType, "target_anchor", anchors, func(link store.Link) directory.Anchor { return link.Target })
}

func linksBy[K ~string](ctx context.Context, s *Store, jobID string, objectType directory.ObjectType, column string, keys []K, keyOf func(store.Link) K) (map[K][]store.Link, error) {
	byKey := map[K][]store.Link{}
	err := s.read(ctx, "read links of job "+jobID, func(t *tx) error {
		links, err := listIn(ctx, t, scanLink, selectLink+" AND l."+column+" IN %IN%", distinct(keys), jobID, string(objectType))
		// Sorted here: asked to sort, SQLite walks through all links of the job in order instead of using the index.
		slices.SortFunc(links, func(a, b store.Link) int { return cmp.Compare(a.Source, b.Source) })
		for _, link := range links {
			byKey[keyOf(link)] = append(byKey[keyOf(link)], link)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return byKey, nil
}

// ListLinks implements store.Links.
func (s *Store) ListLinks(ctx context.Context, jobID string, objectType directory.ObjectType, after directory.Anchor, limit int) (links []store.Link, err error) {
	err = s.read(ctx, "list links of job "+jobID, func(t *tx) error {
		links, err = list(ctx, t, scanLink, selectLink+" AND l.source_anchor > $3 ORDER BY l.source_anchor LIMIT $4",
			jobID, string(objectType), string(after), max(limit, 0))
		return err
	})
	return links, err
}

// OrphanLinks implements store.Links.
func (s *Store) OrphanLinks(ctx context.Context, jobID, copyID string, objectType directory.ObjectType, after directory.Anchor, limit int) (links []store.Link, err error) {
	err = s.read(ctx, "list links without an object of job "+jobID, func(t *tx) error {
		links, err = list(ctx, t, scanLink, selectLink+` AND l.source_anchor > $3
			AND NOT EXISTS (
				SELECT 1 FROM source_objects o
				WHERE o.copy_id = $4 AND o.object_type = l.object_type AND o.anchor = l.source_anchor)
			ORDER BY l.source_anchor LIMIT $5`, jobID, string(objectType), string(after), copyID, max(limit, 0))
		return err
	})
	return links, err
}

// CountManaged implements store.Links.
func (s *Store) CountManaged(ctx context.Context, jobID string) (map[directory.ObjectType]int64, error) {
	counts := map[directory.ObjectType]int64{}
	err := s.read(ctx, "count links of job "+jobID, func(t *tx) error {
		_, err := list(ctx, t, func(row scanner) (struct{}, error) {
			var objectType directory.ObjectType
			var count int64
			err := row.Scan(&objectType, &count)
			counts[objectType] = count
			return struct{}{}, err
		}, "SELECT object_type, COUNT(*) FROM links WHERE job_id = $1 AND managed = 1 GROUP BY object_type", jobID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return counts, nil
}

// distinct removes repeats and keeps the order.
func distinct[K comparable](keys []K) []K {
	seen := make(map[K]bool, len(keys))
	kept := make([]K, 0, len(keys))
	for _, key := range keys {
		if !seen[key] {
			seen[key] = true
			kept = append(kept, key)
		}
	}
	return kept
}
