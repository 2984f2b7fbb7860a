package adversary_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/testenv/adversary"
)

var update = flag.Bool("update", false, "rewrite docs/scim-peculiarities.md")

// everyWay is set by `make test-cuts`, which is part of `make test`, and by `make explore`. Otherwise, which means under the race
// detector and ten times as slow, each server is provisioned in one way, with requests that overtake each other.
const everyWay = "PROVISIONING_TEST_EVERY_CUT"

// exploring is set by `make explore`.
const exploring = "PROVISIONING_TEST_EXPLORE"

// ways are the ways in which the n-th server is provisioned. Where each gets one, all profiles, and bulk requests and none, are among
// those of its neighbours.
func ways(n int) []adversary.Way {
	all := adversary.Ways()
	switch {
	case os.Getenv(exploring) != "":
		return all
	case os.Getenv(everyWay) != "":
		// One at a time and without bulk requests, or neither; the one profile between the others has the latter only.
		return slices.DeleteFunc(all, func(w adversary.Way) bool {
			return w.Bulk != (w.Concurrency > 1) || w.Profile == adversary.EntraCompliant && w.Concurrency == 1
		})
	default:
		all = slices.DeleteFunc(all, func(w adversary.Way) bool { return w.Concurrency == 1 })
		return all[n%len(all):][:1]
	}
}

// TestHonest: without a switch the server is one that everything works with.
func TestHonest(t *testing.T) {
	t.Parallel()
	for _, way := range adversary.Ways() {
		t.Run(way.String(), func(t *testing.T) {
			t.Parallel()
			report(t, live(t, adversary.Row{}, way))
		})
	}
}

func TestSwitches(t *testing.T) {
	t.Parallel()
	for i, row := range adversary.Rows() {
		for _, way := range ways(i) {
			t.Run(string(row.Switch)+"/"+way.String(), func(t *testing.T) {
				t.Parallel()
				report(t, live(t, row, way, row.Switch))
			})
		}
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

Each server is provisioned with each wire profile, with one request at a time and with eight that overtake each other, with bulk
requests and without. Where a profile gets another result, or another way to it, the line says so; what stands first is the profile
` + "`rfc`" + `, and all others.

For every line holds, whatever the last column says: no account is created twice, no account of a stranger is changed or
deleted, nobody is switched off or deleted who should not be, no member is lost who stays, and no request is repeated for
ever. "Everything" means that the server ends up exactly as the directory wants it.

Sources: numbers are sections and rows of the project's notes on SCIM clients; RT are servers seen in the field.
`)
	for _, area := range adversary.Areas() {
		b.WriteString("\n## " + area.Name + "\n\n| A server that … | Source | What we do | What is reached |\n| --- | --- | --- | --- |\n")
		for _, row := range area.Rows {
			b.WriteString("| " + strings.Join([]string{row.Does, row.Source, perProfile(row, copes), perProfile(row, reached)}, " | ") + " |\n")
		}
	}
	return b.String()
}

func copes(row adversary.Row) string { return row.Copes }

// perProfile is what a row says, and then what it says of the profiles of which it says something else.
func perProfile(row adversary.Row, say func(adversary.Row) string) string {
	text := say(row)
	said := map[string][]string{}
	var order []string
	for _, profile := range adversary.Profiles() {
		other := say(row.In(adversary.Way{Profile: profile}))
		if other == text {
			continue
		}
		if said[other] == nil {
			order = append(order, other)
		}
		said[other] = append(said[other], "`"+profile+"`")
	}
	for _, other := range order {
		text += "; " + strings.Join(said[other], " and ") + ": " + other
	}
	return text
}

func reached(row adversary.Row) string {
	var excepted []string
	for _, aspect := range row.Except {
		excepted = append(excepted, string(aspect))
	}
	switch {
	case row.Refused:
		return "nothing is written; the error says why"
	case len(excepted) > 0:
		return "everything but: " + strings.Join(excepted, ", ")
	case row.Doubts:
		return "everything, although it is not said so"
	case row.Rounds > 0:
		return "everything, some of it a cycle later"
	default:
		return "everything"
	}
}
