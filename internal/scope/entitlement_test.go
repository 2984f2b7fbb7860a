package scope

import (
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/google/go-cmp/cmp"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	enabled := directory.Object{Type: directory.User, Attributes: map[string]directory.Value{
		"department": text("Sales"), "accountEnabled": directory.Boolean(true),
	}}
	disabled := directory.Object{Type: directory.User, Attributes: map[string]directory.Value{"accountEnabled": text("False")}}
	soft, hard := enabled, enabled
	soft.Removed, hard.Removed = directory.SoftDeleted, directory.HardDeleted
	sales := Filter{Name: "sales-only", Clauses: []Clause{clause("department", Equals, "Sales")}}
	finance := Filter{Name: "finance-only", Clauses: []Clause{clause("department", Equals, "Finance")}}

	for _, c := range []struct {
		id       string
		mode     Mode
		object   directory.Object
		assigned bool
		filters  []Filter
		in       bool
		reason   string
	}{
		{"all", ModeAll, enabled, false, nil, true, ""},
		{"all-filter", ModeAll, enabled, false, []Filter{sales}, true, ""},
		{"all-filtered-out", ModeAll, enabled, true, []Filter{finance}, false, `In provisioning scope: filter "finance-only": department EQUALS "Finance" is false`},
		{"assigned", ModeAssigned, enabled, true, []Filter{sales}, true, ""},
		{"assigned-without-accountEnabled", ModeAssigned, directory.Object{Type: directory.Group}, true, nil, true, ""},
		{"unassigned", ModeAssigned, enabled, false, []Filter{sales}, false, "Assigned to application: the object is assigned neither itself nor through a group"},
		{"disabled", ModeAll, disabled, false, nil, false, "Active in source system: the account is disabled"},
		{"soft-deleted", ModeAssigned, soft, true, []Filter{sales}, false, "Active in source system: the object is soft-deleted"},
		{"hard-deleted", ModeAll, hard, true, nil, false, "Active in source system: the object is deleted"},
		{"everything-fails", ModeAssigned, disabled, false, []Filter{finance}, false, "Active in source system: the account is disabled; " +
			"Assigned to application: the object is assigned neither itself nor through a group; " +
			`In provisioning scope: filter "finance-only": department EQUALS "Finance" is false`},
		{"unknown-mode-counts-as-assigned", "", enabled, false, nil, false, "Assigned to application: the object is assigned neither itself nor through a group"},
	} {
		t.Run(c.id, func(t *testing.T) {
			t.Parallel()
			e := Decide(c.mode, c.object, c.assigned, mustCompile(t, c.filters...))
			if e.In() != c.in || e.Reason() != c.reason {
				t.Errorf("in %v, reason %q; want %v, %q", e.In(), e.Reason(), c.in, c.reason)
			}
		})
	}
}

func TestChecksShowEachStep(t *testing.T) {
	t.Parallel()
	object := directory.Object{Type: directory.User, Removed: directory.SoftDeleted}
	want := []Check{
		{Name: "Active in source system", Detail: "the object is soft-deleted"},
		{Name: "Assigned to application", Passed: true, Detail: "the object is assigned"},
		{Name: "User has required role", Passed: true, Detail: "the assignment counts for provisioning"},
		{Name: "In provisioning scope", Passed: true, Detail: "no scoping filters"},
	}
	if diff := cmp.Diff(want, Decide(ModeAssigned, object, true, nil).Checks()); diff != "" {
		t.Errorf("mode assigned (-want +got):\n%s", diff)
	}
	want[1] = Check{Name: "Scope sync all", Passed: true, Detail: "all users and groups are candidates"}
	want[2].Detail = "no assignment is needed"
	if diff := cmp.Diff(want, Decide(ModeAll, object, false, nil).Checks()); diff != "" {
		t.Errorf("mode all (-want +got):\n%s", diff)
	}
}

// An assignment that does not count keeps an object out, and the skip says what of the rest is fine (engine.md 23).
func TestInvalidAssignment(t *testing.T) {
	t.Parallel()
	e := Entitlement{Active: true, Enabled: true, Assigned: true, Invalid: "the group is broken", Mode: ModeAssigned, Filter: Verdict{In: true}}
	if e.In() || e.Entitled() {
		t.Error("it is in scope")
	}
	const want = "the assignment is not valid for provisioning: the group is broken (Active=True, Assigned=True, Passed scope filter=True)"
	if got := e.Unentitled(); got != want {
		t.Errorf("%q", got)
	}
	if got := e.Reason(); got != "User has required role: the group is broken" {
		t.Errorf("reason %q", got)
	}
}
