package connectortest

import (
	"errors"
	"fmt"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// testFindMany is for connectors that answer many queries at once: each as it is answered alone.
func testFindMany(x *target) {
	finder, ok := x.connector.(connector.ManyFinder)
	if !ok {
		return
	}
	var queries []connector.Query
	by := func(attribute string, value directory.Value, all bool) {
		queries = append(queries, connector.Query{Type: directory.User, Attribute: attribute, Value: value, Attributes: []string{display}, All: all})
	}
	for i := range 30 {
		name := fmt.Sprintf("user-%02d@example.com", i)
		x.create(directory.User, values{userName: text(name), display: text("The same")})
		by(userName, text(name), false)
		by(userName, text("nobody-"+name), i%2 == 0)
	}
	by(userName, text("user-07@example.com"), true)
	by(userName, text("user-07@example.com"), false)
	by(display, text("The same"), true)
	by(userName, text(""), false)
	found, err := finder.FindMany(x.t.Context(), queries)
	if errors.Is(err, directory.Unsupported) {
		return // it wraps one that cannot do it
	}
	if err != nil || len(found) != len(queries) {
		x.t.Fatalf("%d results for %d queries: %v", len(found), len(queries), err)
	}
	for i, query := range queries {
		want, err := x.connector.Find(x.t.Context(), query)
		if directory.KindOf(found[i].Err) != directory.KindOf(err) {
			x.t.Errorf("%s = %s: %v together, %v alone", query.Attribute, query.Value, found[i].Err, err)
		}
		anchors := func(accounts []connector.Account) map[directory.Anchor]string {
			held := map[directory.Anchor]string{}
			for _, account := range accounts {
				held[account.Anchor] = account.Attributes[display].String()
			}
			return held
		}
		if diff := gocmp.Diff(anchors(want), anchors(found[i].Accounts)); diff != "" {
			x.t.Errorf("%s = %s (-alone +together):\n%s", query.Attribute, query.Value, diff)
		}
	}
	if none, err := finder.FindMany(x.t.Context(), nil); err != nil || len(none) != 0 {
		x.t.Errorf("no query brings %v, %v", none, err)
	}
}
