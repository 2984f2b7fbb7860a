// Package internal_test holds the house rules of internal/: which room may import which, and why. Arrows go down,
// brothers do not know each other, only wiring names implementations, pure rooms see no I/O, no clock and no context,
// and test helpers stay out of the binary. The page behind it is docs/architecture.md (design.md 5).
//
// Tests may import what they need; the rules are about what ends up in the binary.
package internal_test

import (
	"strings"
	"testing"
)

// An arrow says that the packages matching from may import those matching to. Both hold patterns below internal/,
// separated by blanks: "source" is that package alone, "source/*" is everything beneath it. "main" is the module root.
// Packages of one unit (a room, or one implementation, resource or generated tree of a room) import each other freely.
type arrow struct{ from, to, why string }

var arrows = []arrow{
	// Words and rules: pure.
	{"directory", "", "the words everybody else uses"},
	{"expression", "directory", "expressions read and yield directory values"},
	{"scope", "directory expression", "clauses test attributes, and compare as the mapping language does"},
	{"job", "directory expression scope", "a definition holds parsed mappings and filters"},
	{"job/*", "job directory expression scope", "another form of the same definition"},
	{"engine", "directory expression scope job", "decides about objects under a definition"},
	{"provlog", "directory", "records name objects and anchors"},
	{"engine", "provlog", "the steps of a decision are the steps of the log, so that they never disagree"},

	// Small tools without knowledge of the product.
	{"secret", "directory", "a value that never prints, and its sealing; its errors have directory's kinds"},
	{"pace", "", "rate and concurrency limits"},
	{"telemetry", "", "metrics and traces"},
	{"bus", "directory secret", "carries objects and error kinds between engine and agent"},
	{"bus/*", "bus", "the in-process server of the same messages"},

	// Contracts, then their implementations, which know their contract and never a brother.
	{"source connector", "directory secret pace", "speak of objects, hold credentials, keep to a rate"},
	{"source/*", "source directory secret pace", "a source and its contract"},
	{"connector/*", "connector directory secret pace", "a connector and its contract"},
	{"connector/remote", "bus", "the only connector that is a message to somebody else"},
	{"store", "directory job engine provlog secret", "keeps their types; secrets sealed"},
	{"store/*", "store directory job engine provlog secret", "a store and its contract"},

	// Doing: contracts only.
	{"cycle", "directory expression scope job engine", "read, decide, act"},
	{"cycle", "source connector store provlog", "through the contracts; never an implementation"},
	{"cycle", "secret", "hands a connection's secret on to whoever opens the connector"},
	{"checkup", "cycle store source connector directory job", "asks each part of an engine whether it works, through the engine and the contracts"},
	{"scheduler", "cycle store bus", "which cycle runs where and when"},
	{"agent", "connector bus directory secret pace telemetry", "answers requests; it is given its connectors"},

	// Edges.
	{"api", "api/gen/*", "implements the generated interfaces"},
	{"api", "directory expression scope job engine provlog", "translates their types to messages"},
	{"api", "store cycle checkup", "contracts: keeps drafts, commits, previews, runs, checks"},
	{"api", "connector", "what a target says about itself, in the contract's own words"},
	{"api", "secret", "a token that arrives is wrapped before anything else sees it"},
	{"planwalk", "api/gen/*", "overlays planned objects in the API's own types"},
	{"provider resources/*", "api/gen/* planwalk", "the engine is reached through the API alone, embedded or not"},
	{"provider resources/*", "directory expression scope job", "plan-time validation with the engine's own words, parser and rules"},
	{"provider resources/*", "customtypes validators planmodifiers", "what several Terraform objects share"},
	{"resources/*", "resources/draft resources/engineaccess resources/impact resources/objectid", "shared by Terraform objects, and none of them is one"},
	{"api provider resources/* validators docgen", "job/template", "what is known about products: filled in, checked and shown"},
	{"provider", "resources/*", "registers every Terraform object"},
	{"customtypes validators planmodifiers", "directory expression scope job", "check attributes as the engine would"},
	{"web", "api/gen/*", "the dashboard lives on the public API"},
	{"cli", "api/gen/* directory expression scope job job/* provlog", "commands call the API and print its answers"},
	{"cli", "wiring", "commands start what wiring built"},
	{"docgen", "directory expression", "writes the guides that are made from data; a tool of the build, not in the binary"},

	// The one room that names implementations.
	{"wiring", "source/* connector/* store/* bus/*", "chooses who implements each contract"},
	{"wiring", "source connector store bus secret pace telemetry provlog", "hands them to each other"},
	{"wiring", "directory expression scope job engine", "their parameters"},
	{"wiring", "cycle scheduler agent api api/gen/* web", "what it builds"},
	{"main", "provider cli wiring", "Terraform's handshake, otherwise the command line"},
	{"wiring main", "planwalk", "the type in which an engine's client is handed to the provider"},
	{"api/gen/*", "", "generated from proto/"},
}

// Rooms whose direct children are units of their own: implementations of one contract, Terraform objects, generated code.
const roomsOfUnits = "source connector store bus resources api"

const implementations = "source/* connector/* store/* bus/*"

const pureRooms = "directory expression scope job engine provlog"

// What a pure room must be given instead of reaching for it: I/O, cancellation, randomness.
const impureImports = "context os os/* io/fs net net/http net/http/* database/sql database/sql/* syscall math/rand math/rand/* crypto/rand"

// Functions of package time that look at a clock or wait for one.
const clockFunctions = "Now Since Until Sleep After AfterFunc Tick NewTimer NewTicker"

func TestEveryRoomIsInTheTable(t *testing.T) {
	t.Parallel()
	report(t, unknownRooms(loadGraph(t), arrows))
}

func TestArrowsGoDown(t *testing.T) {
	t.Parallel()
	report(t, forbiddenArrows(loadGraph(t), arrows))
}

func TestOnlyWiringNamesImplementations(t *testing.T) {
	t.Parallel()
	report(t, namedImplementations(loadGraph(t)))
}

func TestPureRoomsSeeNoWorld(t *testing.T) {
	t.Parallel()
	g := loadGraph(t)
	report(t, impureRooms(g))
	report(t, clockReaders(t, g))
}

func TestHelpersStayOutOfTheBinary(t *testing.T) {
	t.Parallel()
	report(t, helpersInBinary(loadGraph(t)))
}

// The table itself must not drift: only wiring's rows give access to implementations, and pure rooms rest on pure
// rooms alone.
func TestTableKeepsTheRules(t *testing.T) {
	t.Parallel()
	for _, a := range arrows {
		if a.why == "" {
			t.Errorf("arrow %q → %q has no reason", a.from, a.to)
		}
		for _, from := range strings.Fields(a.from) {
			for _, to := range strings.Fields(a.to) {
				if matches(implementations, to) && from != "wiring" {
					t.Errorf("arrow %q → %q: only wiring names implementations", from, to)
				}
				if matches(pureRooms, from) && !matches(pureRooms, to) {
					t.Errorf("arrow %q → %q: a pure room rests on pure rooms", from, to)
				}
			}
		}
	}
}

func report(t *testing.T, violations []string) {
	t.Helper()
	for _, v := range violations {
		t.Error(v)
	}
}
