package scim_test

import (
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// TestStaysOn: an account that is on after it was switched off is a failure every time, also when nobody knows how it was before,
// as after a first update that failed.
func TestStaysOn(t *testing.T) {
	t.Parallel()
	target := newPicky()
	target.ignore = func(o operationJSON) bool { return o["path"] == "active" }
	c := target.connect(t, nil)
	user := createUser(t, c, values{"userName": text("ada"), "active": directory.Boolean(true)})
	for _, known := range []values{{"active": directory.Boolean(true)}, nil, {"active": directory.Null()}} {
		outcome := one(t, c, connector.Operation{ID: "u", Kind: connector.Update, Type: directory.User, Target: user,
			Changes: changesOf(values{"active": directory.Boolean(false)}), Current: known})
		if directory.KindOf(outcome.Err) != directory.Incompatible {
			t.Errorf("known to be %v: %+v", known, outcome)
		}
	}
}
