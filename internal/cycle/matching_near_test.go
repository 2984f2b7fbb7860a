package cycle_test

import (
	"fmt"
	"testing"
)

// TestNearlyIsSomebodyElse: whoever is matched is written to, so that an account whose name is nearly the one that is looked for is
// left alone, whichever way it is looked for. Case alone makes no difference.
func TestNearlyIsSomebodyElse(t *testing.T) {
	t.Parallel()
	bothPaths(t, func(t *testing.T, crowd int) {
		w := newWorld(t)
		var strangers []string
		for i, near := range []string{
			"ada@example.co", "da@example.com", "ada@example.com.example", "ada@example.com ", " ada@example.com", "ada@example.com\u200b", "\u00e1da@example.com", "a\u0301da@example.com", "ad*", "%",
		} {
			w.target.Put(account(fmt.Sprintf("s-%d", i), near, "Elsewhere"))
			strangers = append(strangers, near+" active=True department=Elsewhere")
		}
		w.target.Put(account("b-1", "BOB@example.com", "Elsewhere"))
		w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
		want := w.join("new", crowd)
		w.commit(definition())
		w.took(crowd)
		w.wantAccounts(with(with(want, strangers...), "ada@example.com active=True department=Sales", "BOB@example.com active=True department=Sales")...)
	})
}
