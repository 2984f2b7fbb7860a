package cycle_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"testing"
)

const (
	// generatedHistories is how many histories a property is tried on when nothing else is said. The race detector makes each of
	// them ten times as slow; `make test-cuts` tries the library's own number of them without it.
	generatedHistories = "6"
	// seed makes a run of the tests the same as the one before, so that a red one is caused by the change at hand. `make explore`
	// looks for histories that nobody has seen.
	seed = "20261130"
	// exploring is set by `make explore`.
	exploring = "PROVISIONING_TEST_EXPLORE"
)

func TestMain(m *testing.M) {
	flag.Parse()
	said := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { said[f.Name] = true })
	var err error
	if !said["rapid.checks"] && !everything() {
		err = flag.Set("rapid.checks", generatedHistories)
	}
	if !said["rapid.seed"] && os.Getenv(exploring) == "" {
		err = cmp.Or(err, flag.Set("rapid.seed", seed))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
