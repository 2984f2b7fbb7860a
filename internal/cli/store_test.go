package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMoment(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2026-01-31T12:00:00+01:00": time.Date(2026, 1, 31, 11, 0, 0, 0, time.UTC),
		"2026-01-31":                time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC),
		"24h":                       now.Add(-24 * time.Hour),
		"1h30m":                     now.Add(-90 * time.Minute),
		"7d":                        now.AddDate(0, 0, -7),
		"0d":                        now,
	} {
		if got, err := moment("--since", text, now); err != nil || !got.Equal(want) {
			t.Errorf("%s is %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"yesterday", "-24h", "-1d", "d", "1.5d", "99999999999999999999d", "24", "", "31.01.2026"} {
		if got, err := moment("--since", text, now); err == nil || !strings.HasPrefix(err.Error(), "--since: ") {
			t.Errorf("%q is %s, %v; want an error that names the flag", text, got, err)
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	printed := table{to: &out}
	for _, page := range [][][]string{
		{{"NAME", "CODE", "REASON"}, {"Änne", "", ""}},
		nil,
		{{"bob\x1b[31m\nroot", "Conflict", "two  words"}, {"c", "", "why"}},
	} {
		if err := printed.rows(page...); err != nil {
			t.Fatal(err)
		}
	}
	want := "NAME  CODE  REASON\nÄnne\nbob [31m root  Conflict  two  words\nc                        why\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Commands that need a store make none.
func TestNoStore(t *testing.T) {
	t.Parallel()
	for _, command := range [][]string{{"logs"}, {"links", "list"}, {"links", "get", "x"}, {"links", "delete", "x"}} {
		dir := t.TempDir()
		for store, says := range map[string]string{filepath.Join(dir, "none.db"): "there is no store", dir: "is not a file"} {
			var out, err strings.Builder
			status := Run(t.Context(), append(command, "--store", store), Build{}, Streams{Out: &out, Err: &err})
			if status != 1 || out.Len() > 0 || !strings.Contains(err.String(), says) {
				t.Errorf("%s: status %d, %q, %q", command, status, out.String(), err.String())
			}
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s left %v, %v", command, left, err)
		}
	}
}

func TestPagesMustAdvance(t *testing.T) {
	t.Parallel()
	asked := []string{}
	err := eachPage(func(token string) (string, error) {
		asked = append(asked, token)
		return "same", nil
	})
	if diff := cmp.Diff([]string{"", "same"}, asked); diff != "" || err == nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
