package sqlstore

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// A log that the first schema holds is found by every filter after the upgrade.
func TestLogOfTheFirstSchema(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	provider, err := migrator(s.writer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	const body = `{"v":1,"body":{"changeId":"c-1","cycleId":"c","jobId":"wiki/main","activityDateTime":"2026-01-02T03:04:05.006Z","provisioningAction":"disable",` +
		`"status":"failure","objectType":"user","sourceId":"a","sourceName":"ann","targetId":"t","errorCode":"Conflict"}}`
	want := provlog.Record{
		ChangeID: "c-1", CycleID: "c", JobID: "wiki/main", Time: time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.UTC), Action: provlog.ActionDisable,
		Status: provlog.StatusFailure, ObjectType: directory.User, Source: "a", SourceName: "ann", Target: "t", ErrorCode: "Conflict",
	}
	for _, row := range []struct{ change, body string }{{"c-1", body}, {"c-2", `{"v":1,"body":{"sourceId":"b"}}`}} {
		_, err := s.writer.ExecContext(t.Context(), "INSERT INTO provisioning_log VALUES ('wiki/main', $1, $2, $3)", want.Time.UnixMilli(), row.change, row.body)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(t.Context(), Options{Path: path}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, query := range map[string]store.LogQuery{
		"cycle": {CycleID: "c"}, "change": {ChangeID: "c-1"}, "action": {Actions: []provlog.Action{provlog.ActionDisable}},
		"status": {Statuses: []provlog.Status{provlog.StatusFailure}}, "type": {ObjectType: directory.User}, "id": {Object: "a"},
		"name": {Object: "ann"}, "code": {ErrorCode: "Conflict"},
	} {
		query.Limit = 10
		got, err := s.SearchLog(t.Context(), "wiki/main", query)
		if diff := cmp.Diff([]provlog.Record{want}, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

// Filters that find little in a long log must not read all of it: each has its index, and none sorts what it has found as a
// whole (sorting records of the same millisecond is fine).
func TestLogFiltersHaveIndexes(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "store.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const primary = "sqlite_autoindex_provisioning_log_1"
	for _, c := range []struct {
		name    string
		query   store.LogQuery
		indexes []string
	}{
		{"no filter", store.LogQuery{}, []string{primary}},
		{"time", store.LogQuery{Since: time.Unix(1, 0), Until: time.Unix(2, 0)}, []string{primary}},
		{"page", store.LogQuery{After: store.LogPosition{Time: time.Unix(1, 0), ChangeID: "c"}}, []string{primary}},
		{"object", store.LogQuery{Object: "a"}, []string{"log_source_id", "log_source_name"}},
		{"object since", store.LogQuery{Object: "a", Since: time.Unix(1, 0)}, []string{"log_source_id", "log_source_name"}},
		{"cycle", store.LogQuery{CycleID: "c"}, []string{"log_cycle"}},
		{"change", store.LogQuery{ChangeID: "c"}, []string{"log_change"}},
		{"code", store.LogQuery{ErrorCode: "Conflict"}, []string{"log_code"}},
		{"failures", store.LogQuery{Statuses: []provlog.Status{provlog.StatusFailure}}, []string{"log_trouble"}},
		{"groups", store.LogQuery{ObjectType: directory.Group}, []string{"log_group"}},
		{"deletes", store.LogQuery{Actions: []provlog.Action{provlog.ActionDelete}}, []string{"log_removal"}},
	} {
		for _, newest := range []bool{false, true} {
			c.query.Limit, c.query.Newest = 100, newest
			plan := explain(t, s.reader, c.query)
			for _, index := range c.indexes {
				if !strings.Contains(plan, index) {
					t.Errorf("%s, newest %t: %s is not used:\n%s", c.name, newest, index, plan)
				}
			}
			if strings.Contains(plan, "SCAN provisioning_log") || strings.Contains(plan, "TEMP B-TREE FOR ORDER BY") {
				t.Errorf("%s, newest %t: reads or sorts everything:\n%s", c.name, newest, plan)
			}
		}
	}
}

func explain(t *testing.T, db *sql.DB, query store.LogQuery) string {
	t.Helper()
	statement, args := logStatement("wiki/main", query)
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+statement, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(detail + "\n")
	}
	return plan.String()
}
