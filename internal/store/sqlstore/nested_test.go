package sqlstore

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Each step down starts from the anchors found so far. Any other order reads all memberships of the copy in each step.
func TestTheDescentStartsFromWhatWasFound(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "store.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var plan []string
	err = s.read(t.Context(), "explain", func(tx *tx) error {
		plan, err = list(t.Context(), tx, func(row scanner) (detail string, err error) {
			var id, parent, unused int
			err = row.Scan(&id, &parent, &unused, &detail)
			return detail, err
		}, "EXPLAIN QUERY PLAN "+strings.Replace(selectBelow, "%IN%", "($2)", 1), "copy", "group")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	step := slices.Index(plan, "RECURSIVE STEP")
	if step < 0 || step+1 == len(plan) || plan[step+1] != "SCAN b" {
		t.Errorf("the step does not start from what was found:\n%s", strings.Join(plan, "\n"))
	}
}
