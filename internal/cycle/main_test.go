package cycle_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// generatedHistories is how many histories a property is tried on when nothing else is said. The race detector makes each of
// them ten times as slow; `make test-cuts` tries the library's own number of them without it.
const generatedHistories = "6"

func TestMain(m *testing.M) {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "rapid.checks" })
	if !said && os.Getenv(everyCut) == "" {
		if err := flag.Set("rapid.checks", generatedHistories); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}
