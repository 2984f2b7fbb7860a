package cycle_test

import (
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Whoever is new is there without what was refused, linked, and written to once it is taken.
func TestRefusedAttributesOfNewAccounts(t *testing.T) {
	t.Parallel()
	c := newChoosy(t, "title Boss")
	c.source.Put(person("ada", "Sales", withTitle("Boss"), managedBy("eve")), person("eve", "Sales", withTitle("Clerk")))
	report := c.commit(titled())
	eve := string(c.accountOf("eve"))
	c.wantAda("active=True department=Sales title=null manager=" + eve)
	if n := report.Cycle.Counts; n.Created != 2 || n.Failed != 1 || n.ReferencesFailed != 1 || report.FailureCount != 1 {
		t.Fatalf("%+v", report)
	}
	log := c.log(store.LogQuery{Object: "ada"})
	if made := log[len(log)-2]; made.Action != provlog.ActionCreate || made.Status != provlog.StatusWarning || made.ErrorCode != "AttributeRefused" || made.Reason != "refused: title" {
		t.Errorf("log %+v", made)
	}
	first := c.escrow()
	if first.Code != "AttributeRefused" || first.Message != titleRefused || !c.remembered().IsNull() {
		t.Errorf("escrow %+v, title %s", first, c.remembered())
	}
	c.calm("not due")
	if got := c.preview(titled()).Changes; got != (cycle.Changes{Updates: 1}) {
		t.Fatalf("preview %+v", got)
	}
	clear(c.refuses)
	c.reach(first.FirstFailure, 6*time.Hour)
	c.run()
	c.wantAda("active=True department=Sales title=Boss manager=" + eve)
	if left := c.escrows(); len(left) != 0 {
		t.Errorf("left %+v", left)
	}
	c.calm("all is written")
}

// Nobody is made without what accounts are matched by, and nobody on who must be off.
func TestRefusedNewAccounts(t *testing.T) {
	t.Parallel()
	for name, refuses := range map[string]string{"the name": "userName ada@example.com", "off": "active False"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChoosy(t, refuses)
			c.source.Put(person("ada", "Gone", withTitle("Boss")))
			report := c.commit(titled())
			if n := report.Cycle.Counts; n.Created != 0 || n.Failed != 1 || len(c.target.State()) != 0 || c.escrow().Code == "AttributeRefused" {
				t.Fatalf("%+v, %+v", report, c.target.State())
			}
			clear(c.refuses)
			c.reach(c.escrow().FirstFailure, 6*time.Hour)
			c.run()
			if got := c.entry("ada").Attributes["active"]; !got.Equal(directory.Boolean(false)) {
				t.Errorf("active %s", got)
			}
		})
	}
}
