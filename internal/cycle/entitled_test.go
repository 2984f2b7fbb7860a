package cycle_test

import (
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// TestAssignmentsThatDoNotCount (engine.md 4): who is assigned through a group that is not security-enabled, or has disabled app roles
// alone, is skipped as not effectively entitled. It ends where a valid assignment begins, and comes back with the validity.
func TestAssignmentsThatDoNotCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	role := func(enabled bool) func(*directory.Object) {
		return func(o *directory.Object) {
			o.Attributes["appRoleAssignments"] = directory.List(directory.Record(map[string]directory.Value{
				"id": directory.Text("r-1"), "value": directory.Text("admin"), "isEnabled": directory.Boolean(enabled),
			}))
		}
	}
	mailing := func(security bool, members ...directory.Anchor) directory.Object {
		object := group("mailing", members...)
		object.Attributes["securityEnabled"] = directory.Boolean(security)
		return object
	}
	d := definition(func(d *job.Definition) {
		d.Scope = scope.ModeAssigned
		d.Assignments = []job.Assignment{{AppKey: "wiki", Name: "staff", Users: []directory.Anchor{"ada", "bob", "eve"}, Groups: []directory.Anchor{"crew", "mailing"}}}
	})
	w.source.Put(person("ada", "Sales"), person("bob", "Sales", role(false)), person("eve", "Sales", role(true)), person("cyn", "Sales"), person("dan", "Sales"), person("fay", "Sales"),
		group("crew", "dan"), mailing(false, "ada", "cyn", "dan"))
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=Sales", "eve@example.com active=True department=Sales", "dan@example.com active=True department=Sales")

	const because = "the assignment is not valid for provisioning: it is assigned through group mailing, which is not security-enabled (Active=True, Assigned=True, Passed scope filter=True)"
	results, err := w.engine.OnDemand(t.Context(), d.ID, askUsers("cyn"), true)
	if err != nil || results[0].Status != provlog.StatusSkipped || results[0].Record.ErrorCode != "NotEffectivelyEntitled" || results[0].Record.Reason != because {
		t.Fatalf("%+v, %v", results, err)
	}
	for _, step := range results[0].Record.Steps {
		switch {
		case step.Type == provlog.StepScoping && step.Details["User has required role"] != "False", step.Type == provlog.StepScoping && step.Details["Assigned to application"] != "True",
			step.Type == provlog.StepExport && step.Details["SkipReason"] != "NotEffectivelyEntitled":
			t.Errorf("step %+v", step)
		}
	}
	for id, want := range map[string][2]string{
		"cyn": {"NotEffectivelyEntitled", "which is not security-enabled"}, "bob": {"NotEffectivelyEntitled", "all of its app roles are disabled"},
		"fay": {"EntrySynchronizationSkipped", "not assigned to the application"},
	} {
		x, err := w.engine.Explain(t.Context(), d.ID, cycle.Subject{Type: directory.User, ID: id})
		if err != nil || x.Code != want[0] || !strings.Contains(x.Summary, want[1]) || x.InScope {
			t.Errorf("%s: %s %q, %v", id, x.Code, x.Summary, err)
		}
	}

	// The group counts, and so does the role: both come in. Then both are broken, and take access away like any lost assignment.
	w.source.Put(mailing(true, "ada", "cyn", "dan"), person("bob", "Sales", role(true)))
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales", "cyn@example.com active=True department=Sales",
		"eve@example.com active=True department=Sales", "dan@example.com active=True department=Sales")
	w.source.Put(mailing(false, "ada", "cyn", "dan"), person("bob", "Sales", role(false)))
	preview := w.preview(d)
	if len(preview.Affected) != 2 || !strings.HasPrefix(preview.Affected[1].Reason, because) {
		t.Fatalf("shown:\n%s", cycle.Names(preview.Affected))
	}
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=False department=Sales", "cyn@example.com active=False department=Sales",
		"eve@example.com active=True department=Sales", "dan@example.com active=True department=Sales")
}
