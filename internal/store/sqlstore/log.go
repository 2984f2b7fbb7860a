package sqlstore

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// pruneChunk is how many log records one transaction removes, so that others can write in between.
const pruneChunk = 5000

// ListLog implements store.Links.
func (s *Store) ListLog(ctx context.Context, jobID string, limit int) ([]provlog.Record, error) {
	return s.SearchLog(ctx, jobID, store.LogQuery{Newest: true, Limit: limit})
}

// SearchLog implements store.Links.
func (s *Store) SearchLog(ctx context.Context, jobID string, query store.LogQuery) (records []provlog.Record, err error) {
	statement, args := logStatement(jobID, query)
	err = s.read(ctx, "read the provisioning log of job "+jobID, func(t *tx) error {
		records, err = list(ctx, t, func(row scanner) (provlog.Record, error) {
			var text, changeID string
			var at int64
			if err := row.Scan(&at, &changeID, &text); err != nil {
				return provlog.Record{}, err
			}
			return decodeDocument[provlog.Record](text)
		}, statement, args...)
		if query.Newest {
			slices.Reverse(records)
		}
		return err
	})
	return records, err
}

// logStatement builds the statement of a query.
func logStatement(jobID string, query store.LogQuery) (string, []any) {
	w := where{}
	w.and("job_id = ", jobID)
	logConditions(&w, query)
	const columns = "SELECT at, change_id, body FROM provisioning_log WHERE "
	statement := columns + w.text.String()
	if query.Object != "" {
		// Two questions instead of one with OR: each has an index that also gives the order.
		object := w.bind(query.Object)
		statement = statement + " AND source_id = " + object +
			" UNION ALL " + statement + " AND source_name = " + object + " AND source_id <> " + object
	}
	order := " ORDER BY at, change_id"
	if query.Newest {
		order = " ORDER BY at DESC, change_id DESC"
	}
	return statement + order + " LIMIT " + w.bind(max(query.Limit, 0)), w.args
}

func logConditions(w *where, query store.LogQuery) {
	if !query.Since.IsZero() {
		w.and("at >= ", ceilMillis(query.Since))
	}
	if !query.Until.IsZero() {
		w.and("at < ", ceilMillis(query.Until))
	}
	if query.After.ChangeID != "" {
		beyond := ">"
		if query.Newest {
			beyond = "<"
		}
		at := w.bind(millis(query.After.Time))
		w.literal("(at, change_id) " + beyond + " (" + at + ", " + w.bind(query.After.ChangeID) + ")")
	}
	if len(query.Actions) > 0 {
		w.in("action", texts(query.Actions))
		if !slices.Contains(query.Actions, provlog.ActionCreate) && !slices.Contains(query.Actions, provlog.ActionUpdate) {
			w.literal("action NOT IN ('create', 'update')") // the words of log_removal
		}
	}
	if len(query.Statuses) > 0 {
		w.in("status", texts(query.Statuses))
		if !slices.Contains(query.Statuses, provlog.StatusSuccess) {
			w.literal("status <> 'success'") // the words of log_trouble
		}
	}
	if query.ErrorCode != "" {
		w.and("error_code = ", query.ErrorCode)
		w.literal("error_code <> ''") // the words of log_code
	}
	if query.CycleID != "" {
		w.and("cycle_id = ", query.CycleID)
	}
	if query.ChangeID != "" {
		w.and("change_id = ", query.ChangeID)
	}
	if query.ObjectType != "" {
		w.and("object_type = ", string(query.ObjectType))
		if query.ObjectType != directory.User {
			w.literal("object_type <> 'user'") // the words of log_group
		}
	}
}

// ceilMillis is the first stored time that is not before t.
func ceilMillis(t time.Time) int64 {
	return t.Add(time.Millisecond - time.Nanosecond).UnixMilli()
}

func texts[T ~string](values []T) []string {
	converted := make([]string, len(values))
	for i, value := range values {
		converted[i] = string(value)
	}
	return converted
}

// where collects the conditions of a statement with their parameters.
type where struct {
	text strings.Builder
	args []any
}

// bind adds a parameter and returns how the statement refers to it.
func (w *where) bind(value any) string {
	w.args = append(w.args, value)
	return "$" + strconv.Itoa(len(w.args))
}

func (w *where) and(left string, value any) { w.literal(left + w.bind(value)) }

func (w *where) literal(condition string) {
	if w.text.Len() > 0 {
		w.text.WriteString(" AND ")
	}
	w.text.WriteString(condition)
}

func (w *where) in(column string, values []string) {
	first := len(w.args) + 1
	for _, value := range values {
		w.args = append(w.args, value)
	}
	w.literal(column + " IN (" + placeholders(first, len(values)) + ")")
}

// PruneLog implements store.Links.
func (s *Store) PruneLog(ctx context.Context, jobID string, before time.Time) (removed int64, err error) {
	if jobID != "" {
		return s.pruneLog(ctx, jobID, before)
	}
	var gone []string
	err = s.read(ctx, "find the provisioning logs of destroyed jobs", func(t *tx) error {
		// Steps from job to job along the index instead of reading every record.
		gone, err = list(ctx, t, func(row scanner) (id string, err error) { return id, row.Scan(&id) }, `
			WITH RECURSIVE logged (id) AS (
				SELECT MIN(job_id) FROM provisioning_log
				UNION ALL
				SELECT (SELECT MIN(l.job_id) FROM provisioning_log l WHERE l.job_id > logged.id) FROM logged WHERE logged.id IS NOT NULL)
			SELECT id FROM logged WHERE id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.job_id = logged.id)`)
		return err
	})
	for _, id := range gone {
		n, err := s.pruneLog(ctx, id, before)
		removed += n
		if err != nil {
			return removed, err
		}
	}
	return removed, err
}

func (s *Store) pruneLog(ctx context.Context, jobID string, before time.Time) (removed int64, err error) {
	for {
		var n int64
		err := s.write(ctx, "prune the provisioning log of job "+jobID, func(t *tx) (err error) {
			n, err = affected(ctx, t, `
				DELETE FROM provisioning_log WHERE (job_id, at, change_id) IN (
					SELECT job_id, at, change_id FROM provisioning_log WHERE job_id = $1 AND at < $2 LIMIT $3)`,
				jobID, ceilMillis(before), pruneChunk)
			return err
		})
		if err != nil {
			return removed, err
		}
		if removed += n; n < pruneChunk {
			return removed, nil
		}
	}
}

// PutPreview implements store.Previews.
func (s *Store) PutPreview(ctx context.Context, preview store.Preview, keep time.Duration) error {
	return s.write(ctx, "store a preview of job "+preview.JobID, func(t *tx) error {
		_, err := t.ExecContext(ctx, `
			INSERT INTO previews (job_id, digest, position, body, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (job_id, digest, position) DO UPDATE SET body = excluded.body, at = excluded.at`,
			preview.JobID, preview.Digest, preview.Position, string(preview.Body), millis(preview.At))
		if err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, "DELETE FROM previews WHERE at < $1", millis(preview.At.Add(-keep)))
		return err
	})
}

// GetPreview implements store.Previews.
func (s *Store) GetPreview(ctx context.Context, jobID, digest, position string) (store.Preview, error) {
	preview := store.Preview{JobID: jobID, Digest: digest, Position: position}
	err := s.read(ctx, "read a preview of job "+jobID, func(t *tx) error {
		var at int64
		err := t.QueryRowContext(ctx, "SELECT body, at FROM previews WHERE job_id = $1 AND digest = $2 AND position = $3",
			jobID, digest, position).Scan(&preview.Body, &at)
		if isNone(err) {
			return notFound("there is no preview of job %s with digest %s at position %s; plan again", jobID, digest, position)
		}
		preview.At = timeOf(at)
		return err
	})
	if err != nil {
		return store.Preview{}, err
	}
	return preview, nil
}
