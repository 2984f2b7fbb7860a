package adversary_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/testenv/adversary"
)

var seed = flag.Uint64("pairs.seed", 0, "which pairs are tried; 0: the same every time, or in make explore others every time")

// pairs is how many pairs are tried.
func pairs() int {
	switch {
	case os.Getenv(exploring) != "":
		return 1000
	case os.Getenv(everyWay) != "":
		return 150
	default:
		return 12
	}
}

// TestPairs: real servers get several things wrong at once. Nobody knows what two oddities together make impossible, so that less is
// asked than of one: nobody gets two accounts, no stranger is touched, nobody is switched off or removed who stays, nothing goes on
// for ever, and whatever is not as it should be has been told.
func TestPairs(t *testing.T) {
	t.Parallel()
	rows := slices.DeleteFunc(adversary.Rows(), func(row adversary.Row) bool { return row.Refused })
	which := *seed
	if which == 0 && os.Getenv(exploring) != "" {
		which = uint64(time.Now().UnixNano())
		t.Logf("again with: -pairs.seed=%d", which)
	}
	random := rand.New(rand.NewPCG(which, 5))
	all := adversary.Ways()
	for range pairs() {
		a, b, way := rows[random.IntN(len(rows))], rows[random.IntN(len(rows))], all[random.IntN(len(all))]
		if a.Switch == b.Switch {
			continue
		}
		row := adversary.Both(a.In(way), b.In(way))
		t.Run(string(row.Switch)+"/"+way.String(), func(t *testing.T) {
			t.Parallel()
			report(t, live(t, row, way, a.Switch, b.Switch))
		})
	}
}
