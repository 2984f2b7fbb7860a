package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
)

// chunkSize is how many values one IN list holds; databases limit the parameters of a statement.
const chunkSize = 500

// placeholders writes "$first,$first+1,…" for n parameters.
func placeholders(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(first + i))
	}
	return b.String()
}

// scanner is a row to read from.
type scanner interface{ Scan(dest ...any) error }

// list reads all rows of a query.
func list[T any](ctx context.Context, t *tx, scan func(scanner) (T, error), query string, args ...any) (_ []T, err error) {
	rows, err := t.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var found []T
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, item)
	}
	return found, rows.Err()
}

// listIn is list for a query with an IN list, asked in chunks. The query holds %IN% where the list goes; args come
// before the list's parameters.
func listIn[T any, V ~string](ctx context.Context, t *tx, scan func(scanner) (T, error), query string, values []V, args ...any) ([]T, error) {
	var found []T
	for len(values) > 0 {
		chunk := values[:min(len(values), chunkSize)]
		values = values[len(chunk):]
		all := make([]any, 0, len(args)+len(chunk))
		all = append(all, args...)
		for _, value := range chunk {
			all = append(all, string(value))
		}
		text := strings.Replace(query, "%IN%", "("+placeholders(len(args)+1, len(chunk))+")", 1)
		part, err := list(ctx, t, scan, text, all...)
		if err != nil {
			return nil, err
		}
		found = append(found, part...)
	}
	return found, nil
}

// scalar reads one value.
func scalar[T any](ctx context.Context, t *tx, query string, args ...any) (value T, err error) {
	err = t.QueryRowContext(ctx, query, args...).Scan(&value)
	return value, err
}

// execEach runs one statement for every item.
func execEach[T any](ctx context.Context, t *tx, items []T, statement string, args func(T) ([]any, error)) (err error) {
	if len(items) == 0 {
		return nil
	}
	prepared, err := t.PrepareContext(ctx, statement)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, prepared.Close()) }()
	for _, item := range items {
		values, err := args(item)
		if err != nil {
			return err
		}
		if _, err := prepared.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
	return nil
}

// affected runs a statement and returns how many rows it changed.
func affected(ctx context.Context, t *tx, statement string, args ...any) (int64, error) {
	result, err := t.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// isNone reports that a query for one row found none.
func isNone(err error) bool { return errors.Is(err, sql.ErrNoRows) }
