package internal_test

import (
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// A house in which every rule is broken once, so that a rule that no longer fires is noticed.
var brokenHouse = graph{imports: map[string][]string{
	"main":                      {"cli", "provider"},
	"provider":                  {"resources/job", "wiring"},
	"resources/job":             {"resources/app", "planwalk", "api/gen/provisioning/v1"},
	"resources/app":             {},
	"planwalk":                  {"api/gen/provisioning/v1"},
	"api/gen/provisioning/v1":   {},
	"cli":                       {"wiring"},
	"wiring":                    {"connector/scim", "cycle"},
	"cycle":                     {"connector", "connector/scim", "directory"},
	"connector":                 {"directory"},
	"connector/connectortest":   {"connector", "testing"},
	"connector/scim":            {"connector", "connector/scim/filter", "connector/connectortest"},
	"connector/scim/filter":     {"connector/memory"},
	"connector/memory":          {"connector"},
	"directory":                 {"context", "net/url", "strings", "cycle"},
	"shed":                      {},
	"resources/job/testdatakit": {},
}}

func TestRulesFire(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule string
		got  []string
		want []string
	}{
		{"unknown rooms", unknownRooms(brokenHouse, arrows), []string{
			"internal/shed is not in the table: add it to the table in internal/imports_test.go, with what it may import and why",
		}},
		{"arrows", forbiddenArrows(brokenHouse, arrows), []string{
			"connector/scim/filter may not import connector/memory: main → cli → wiring → connector/scim → connector/scim/filter → connector/memory",
			"cycle may not import connector/scim: main → cli → wiring → cycle → connector/scim",
			"directory may not import cycle: main → cli → wiring → cycle → directory → cycle",
			"provider may not import wiring: main → provider → wiring",
			"resources/job may not import resources/app: main → provider → resources/job → resources/app",
		}},
		{"implementations", namedImplementations(brokenHouse), []string{
			"only wiring names implementations: main → cli → wiring → connector/scim → connector/scim/filter → connector/memory",
			"only wiring names implementations: main → cli → wiring → cycle → connector/scim",
		}},
		{"purity", impureRooms(brokenHouse), []string{
			"directory is pure and may not import context",
		}},
		{"helpers", helpersInBinary(brokenHouse), []string{
			"test helpers stay out of the binary: main → cli → wiring → connector/scim → connector/connectortest",
		}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.rule, strings.Join(c.got, "\n     "), strings.Join(c.want, "\n     "))
		}
	}
}

func TestClockUsesAreFound(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]int{
		`package p; import "time"; var a, b = time.Now(), time.Second`:            1,
		`package p; import clock "time"; var f, d = clock.Now, clock.Since(zero)`: 2,
		`package p; import "time"; var t = time.Unix(0, 0).Add(time.Hour)`:        0,
		`package p; var time clock; var t = time.Now()`:                           0,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "p.go", source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(clockUses(file)); got != want {
			t.Errorf("%s: %d uses of the clock, want %d", source, got, want)
		}
	}
}
