package adversary_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/testenv/adversary"
)

var update = flag.Bool("update", false, "rewrite docs/scim-peculiarities.md")

// gaps are the switches whose row is not kept to yet, and what happens instead. Whoever closes one takes it out: a gap that is
// closed fails the test too.
var gaps = map[adversary.Switch]string{}

// TestHonest: without a switch the server is one that everything works with.
func TestHonest(t *testing.T) {
	t.Parallel()
	report(t, live(t, adversary.Row{}))
}

func TestSwitches(t *testing.T) {
	t.Parallel()
	for _, row := range adversary.Rows() {
		t.Run(string(row.Switch), func(t *testing.T) {
			t.Parallel()
			l := live(t, row)
			instead, known := gaps[row.Switch]
			switch {
			case known && len(l.problems) == 0:
				t.Errorf("this works now; take it out of the gaps (it says: %s), and write the table anew (-update)", instead)
			case known:
				t.Logf("known gap: %s\n%s", instead, strings.Join(l.problems, "\n"))
			default:
				report(t, l)
			}
		})
	}
}

func report(t *testing.T, l *life) {
	t.Helper()
	if len(l.problems) > 0 {
		t.Errorf("%s\nrequests:\n%s", strings.Join(l.problems, "\n"), strings.Join(l.log, "\n"))
	}
}

// TestRowsAreWhole: every switch is in the table once, and says all that users want to know.
func TestRowsAreWhole(t *testing.T) {
	t.Parallel()
	seen := map[adversary.Switch]bool{}
	for _, row := range adversary.Rows() {
		if row.Switch == "" || row.Does == "" || row.Source == "" || row.Copes == "" || seen[row.Switch] {
			t.Errorf("row %q is not whole, or is there twice", row.Switch)
		}
		seen[row.Switch] = true
	}
	for gap := range gaps {
		if !seen[gap] {
			t.Errorf("gap %q is about no switch", gap)
		}
	}
}

// TestTable compares docs/scim-peculiarities.md with the rows.
func TestTable(t *testing.T) {
	t.Parallel()
	const path = "../../../docs/scim-peculiarities.md"
	want := table()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("write it anew with: go test ./internal/testenv/adversary -run TestTable -update (-want +got):\n%s", diff)
	}
}

// table is the page for users.
func table() string {
	var b strings.Builder
	b.WriteString(`# What SCIM servers get wrong, and what happens then

Written by ` + "`go test ./internal/testenv/adversary -run TestTable -update`" + `. Each line is a server that the tests are run against: three
cycles with people who join, move and leave, with managers, groups and memberships. What the server holds at the end is
compared with what the directory says it should hold.

For every line holds, whatever the last column says: no account is created twice, no account of a stranger is changed or
deleted, nobody is switched off or deleted who should not be, no member is lost who stays, and no request is repeated for
ever. "Everything" means that the server ends up exactly as the directory wants it.

Sources: numbers are sections and rows of the project's notes on SCIM clients; RT are servers seen in the field.
`)
	for _, area := range adversary.Areas() {
		b.WriteString("\n## " + area.Name + "\n\n| A server that … | Source | What we do | What is reached |\n| --- | --- | --- | --- |\n")
		for _, row := range area.Rows {
			b.WriteString("| " + strings.Join([]string{row.Does, row.Source, row.Copes, reached(row)}, " | ") + " |\n")
		}
	}
	return b.String()
}

func reached(row adversary.Row) string {
	if instead, known := gaps[row.Switch]; known {
		return "not yet: " + instead
	}
	var excepted []string
	for _, aspect := range row.Except {
		excepted = append(excepted, string(aspect))
	}
	switch {
	case row.Refused:
		return "nothing is written; the error says why"
	case len(excepted) > 0:
		return "everything but: " + strings.Join(excepted, ", ")
	case row.Rounds > 0:
		return "everything, some of it a cycle later"
	default:
		return "everything"
	}
}
