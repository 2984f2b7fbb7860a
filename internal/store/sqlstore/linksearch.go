package sqlstore

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// SearchLinks implements store.Links. Names are compared here, while the rows come: no database folds case as Go does.
func (s *Store) SearchLinks(ctx context.Context, jobID string, query store.LinkQuery) (links []store.Link, err error) {
	w := where{}
	w.and("l.job_id = ", jobID)
	if query.Type != "" {
		w.and("l.object_type = ", string(query.Type))
	}
	if query.Managed != nil {
		w.and("l.managed = ", flag(*query.Managed))
	}
	if query.Active != nil {
		w.and("l.active = ", flag(*query.Active))
	}
	if query.After != (store.LinkKey{}) {
		objectType := w.bind(string(query.After.Type))
		w.literal("(l.object_type, l.source_anchor) > (" + objectType + ", " + w.bind(string(query.After.Source)) + ")")
	}
	statement := "SELECT " + linkColumns + " FROM links l WHERE " + w.text.String() + " ORDER BY l.object_type, l.source_anchor"
	if query.NamePrefix == "" {
		statement += " LIMIT " + w.bind(max(query.Limit, 0))
	}
	err = s.read(ctx, "search links of job "+jobID, func(t *tx) error {
		links, err = searchRows(ctx, t, query, statement, w.args)
		return err
	})
	return links, err
}

// searchRows reads rows until there are enough links with the wanted name, and decodes only those.
func searchRows(ctx context.Context, t *tx, query store.LinkQuery, statement string, args []any) (links []store.Link, err error) {
	rows, err := t.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for len(links) < query.Limit && rows.Next() {
		var row linkRow
		if err := rows.Scan(row.columns()...); err != nil {
			return nil, err
		}
		if !hasPrefixFold(row.link.Name, query.NamePrefix) {
			continue
		}
		link, err := row.decode()
		if err != nil {
			return nil, err
		}
		links = append(links, link)
	}
	return links, rows.Err()
}

// hasPrefixFold compares rune by rune: folding may change how many bytes a rune has.
func hasPrefixFold(text, prefix string) bool {
	for _, want := range prefix {
		got, size := utf8.DecodeRuneInString(text)
		if size == 0 || got != want && !strings.EqualFold(string(got), string(want)) {
			return false
		}
		text = text[size:]
	}
	return true
}
