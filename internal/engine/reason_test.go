package engine_test

import (
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// Reasons are read in plans: they say what happened and, when nothing is asked of the target, which setting says so.
func TestReasons(t *testing.T) {
	t.Parallel()
	column := map[string]func(*job.Definition){}
	for _, c := range columns {
		column[c.name] = c.set
	}
	unmanaged := link(func(l *engine.Linked) { l.Managed = false })
	tests := []struct {
		name       string
		set        func(*job.Definition)
		object     directory.Object
		unassigned bool
		link       *engine.Linked
		want       string
	}{
		{"unassigned", column["default"], ada(), true, link(), "no longer assigned to the application"},
		{"filter", column["default"], ada(inHR), false, link(), `filter "sales": department EQUALS "Sales" is false`},
		{"disabled", column["default"], ada(disabled), false, link(), "disabled in the source"},
		{"soft-deleted", column["default"], ada(softDeleted), false, link(), "soft-deleted in the source"},
		{"hard-deleted", column["default"], ada(hardDeleted), false, link(), "deleted in the source"},
		{"never linked", column["default"], ada(disabled), false, nil, "disabled in the source"},
		{"skip-out-of-scope", column["skip-oos"], ada(inHR), false, link(), `filter "sales": department EQUALS "Sales" is false; the account is left alone because skip_out_of_scope_deletions is on`},
		{"skip-out-of-scope, group", column["skip-oos"], staff(), true, groupLink(), "no longer assigned to the application; the account is left alone because skip_out_of_scope_deletions is on"},
		{"deletes off", column["delete-off"], ada(hardDeleted), false, link(), "deleted in the source; the account is left alone because deletes are switched off"},
		{"deletes off, group leaves", column["delete-off"], staff(), true, groupLink(), "no longer assigned to the application; the account is left alone because deletes are switched off"},
		{"updates off", column["update-off"], ada(disabled), false, link(), "disabled in the source; the account is left alone because updates are switched off"},
		{"unmapped", column["unmapped"], ada(inHR), false, link(), `filter "sales": department EQUALS "Sales" is false; the account is left alone because no mapping reads IsSoftDeleted`},
		{"released before", column["default"], ada(hardDeleted), false, unmanaged, "deleted in the source; the account is no longer managed"},
		{"group without a switch", column["default"], staff(softDeleted), false, groupLink(), "soft-deleted in the source; a group cannot be switched off"},
		{"type off", func(d *job.Definition) { groups(d).Enabled = false }, staff(), false, groupLink(), "provisioning of group objects is off"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := decide(compile(t, test.set), test.object, !test.unassigned, test.link, noMatch).Reason; got != test.want {
				t.Errorf("\ngot  %s\nwant %s", got, test.want)
			}
		})
	}
}
