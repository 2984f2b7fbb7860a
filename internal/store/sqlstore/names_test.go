package sqlstore

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// TestNamesAreIndexed: SQLite uses an index on an expression only for the same expression.
func TestNamesAreIndexed(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "store.db"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, attribute := range namedBy {
		var plan strings.Builder
		rows, err := s.reader.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+objectsNamed(attribute), "copy", string(directory.User), "name", 10)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			plan.WriteString(detail + "\n")
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if got := plan.String(); !strings.Contains(got, "USING INDEX source_") || !strings.Contains(got, "<expr>=?") {
			t.Errorf("%s is looked up by %s", attribute, got)
		}
	}
}
