package engine_test

import (
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// columns are the settings of engine.md 13, and one more for the action table.
var columns = []struct {
	name string
	set  func(*job.Definition)
}{
	{"default", func(*job.Definition) {}},
	{"unmapped", func(d *job.Definition) {
		users(d).Attributes = append(users(d).Attributes[:1:1], users(d).Attributes[2:]...)
	}},
	{"no_update", func(d *job.Definition) { users(d).Actions.Update, groups(d).Actions.Update = false, false }},
	{"no_delete", func(d *job.Definition) { users(d).Actions.Delete, groups(d).Actions.Delete = false, false }},
	{"skip_oos", func(d *job.Definition) { d.SkipOutOfScopeDeletions = true }},
	{"no_create", func(d *job.Definition) { users(d).Actions.Create, groups(d).Actions.Create = false, false }},
}

// moment is what is known of an object at one time.
type moment struct {
	object     directory.Object
	unassigned bool
	edit       func(*job.Definition)
	match      engine.Match
}

// tableCase is one row of the tables in doc.go. The moments follow each other; each decision is carried out before the
// next, and the last one is compared.
type tableCase struct {
	id      string
	link    *engine.Linked
	moments []moment
	// want by column: action, aftermath, code, changes. A column that is missing is as the default.
	want map[string]string
}

const (
	switchedOff = "active:True→False"
	switchedOn  = "active:False→True"
)

// The deprovisioning cells that D1 to D5 share (engine.md 13, rows 1 to 5).
func leavingScope() map[string]string {
	return map[string]string{
		"default":   "disable release " + switchedOff,
		"unmapped":  "skip release EntrySynchronizationSkipped",
		"no_update": "skip release EntrySynchronizationSkipped",
		"skip_oos":  "skip keep EntrySynchronizationSkipped",
	}
}

// Rows 6 and 7: as 1 to 5, but the account stays managed, and skip-out-of-scope has no say (engine.md 29).
func goingInactive() map[string]string {
	return map[string]string{
		"default":   "disable keep " + switchedOff,
		"unmapped":  "skip keep EntrySynchronizationSkipped",
		"no_update": "skip keep EntrySynchronizationSkipped",
	}
}

// Row 8.
func deletedWhileManaged() map[string]string {
	return map[string]string{"default": "delete drop", "no_delete": "skip drop EntrySynchronizationSkipped"}
}

// Row 9: nothing, unless skip-out-of-scope kept the account, which then is row 8.
func deletedAfterLeaving() map[string]string {
	return map[string]string{"default": "skip drop EntrySynchronizationSkipped", "skip_oos": "delete drop"}
}

// Rows 10 and 11.
func comingBack() map[string]string {
	return map[string]string{
		"default":   "update keep " + switchedOn,
		"unmapped":  "skip keep RedundantExport",
		"no_update": "skip keep EntrySynchronizationSkipped",
	}
}

// Row 12: the released account is matched again. What skip-out-of-scope kept is still linked and as it should be.
func comingBackIntoScope() map[string]string {
	return map[string]string{
		"default":   "update keep " + switchedOn,
		"unmapped":  "link keep RedundantExport",
		"no_update": "link keep EntrySynchronizationSkipped",
		"skip_oos":  "skip keep RedundantExport",
	}
}

func syncAll(d *job.Definition) { d.Scope = scope.ModeAll }

func everyDepartment(d *job.Definition) { d.Filters = d.Filters[1:] }

// switchedOffAccount is what a target holds after D1 to D5, in the column's own way.
func switchedOffAccount(column string) map[string]directory.Value {
	if column == "default" || column == "no_delete" || column == "no_create" {
		return account(holding("active", directory.Boolean(false)))
	}
	return account()
}

func tableCases(column string) []tableCase {
	none := engine.Match{}
	inScope := moment{object: ada()}
	again := moment{object: ada(), match: found(switchedOffAccount(column))}
	skipped := map[string]string{"default": "skip keep EntrySynchronizationSkipped"}
	equal := map[string]string{"default": "skip keep RedundantExport", "no_update": "skip keep EntrySynchronizationSkipped"}
	groupLeaves := map[string]string{
		"default": "delete drop", "no_delete": "skip release EntrySynchronizationSkipped", "skip_oos": "skip keep EntrySynchronizationSkipped",
	}
	return []tableCase{
		// engine.md 12
		{"A1", nil, []moment{{object: ada(), match: none}}, map[string]string{
			"default":   "create keep active:null→True department:null→Sales userName:null→ada@example.com",
			"unmapped":  "create keep department:null→Sales userName:null→ada@example.com",
			"no_create": "skip keep EntrySynchronizationSkipped",
		}},
		{"A2", nil, []moment{{object: ada(), match: none, edit: func(d *job.Definition) { users(d).Actions.Create = false }}}, skipped},
		{"A3", nil, []moment{{object: ada(), match: found(account(holding("department", directory.Text("Support"))))}}, map[string]string{
			"default":   "update keep department:Support→Sales",
			"no_update": "link keep EntrySynchronizationSkipped",
		}},
		{"A4", nil, []moment{{object: ada(), match: found(account())}}, map[string]string{
			"default":   "link keep RedundantExport",
			"no_update": "link keep EntrySynchronizationSkipped",
		}},
		{"A5", nil, []moment{{object: ada(), match: found(account(holding("department", directory.Text("Support")))), edit: func(d *job.Definition) { users(d).Actions.Update = false }}},
			map[string]string{"default": "link keep EntrySynchronizationSkipped"}},
		{"A6", link(func(l *engine.Linked) { l.Exported["department"] = directory.Text("Support") }), []moment{inScope}, map[string]string{
			"default":   "update keep department:Support→Sales",
			"no_update": "skip keep EntrySynchronizationSkipped",
		}},
		{"A7", link(), []moment{inScope}, equal},
		{"A8", nil, []moment{{object: ada(inHR)}}, skipped},
		{"A9", link(), []moment{{object: ada(inHR)}}, leavingScope()},

		// engine.md 13
		{"D1", link(), []moment{{object: ada(), unassigned: true}}, leavingScope()},
		{"D2", link(), []moment{inScope, {object: ada(), unassigned: true}}, leavingScope()},
		{"D3", link(), []moment{inScope, {object: ada(inHR)}}, leavingScope()},
		{"D4", link(), []moment{{object: ada(), edit: everyDepartment}, {object: ada(), edit: func(d *job.Definition) { d.Filters[0].Clauses[0].Values = []string{"Board"} }}}, leavingScope()},
		{"D5", link(), []moment{{object: ada(), unassigned: true, edit: syncAll}, {object: ada(), unassigned: true}}, leavingScope()},
		{"D6", link(), []moment{{object: ada(disabled)}}, goingInactive()},
		{"D7", link(), []moment{{object: ada(softDeleted)}}, goingInactive()},
		{"D8", link(), []moment{{object: ada(hardDeleted)}}, deletedWhileManaged()},
		{"D8 after D6", link(), []moment{{object: ada(disabled)}, {object: ada(hardDeleted)}}, deletedWhileManaged()},
		{"D8 after D7", link(), []moment{{object: ada(softDeleted)}, {object: ada(hardDeleted)}}, deletedWhileManaged()},
		{"D8 unassigned", link(), []moment{{object: ada(hardDeleted), unassigned: true}}, deletedWhileManaged()},
		{"D9 after D1", link(), []moment{{object: ada(), unassigned: true}, {object: ada(hardDeleted), unassigned: true}}, deletedAfterLeaving()},
		{"D9 after D3", link(), []moment{{object: ada(inHR)}, {object: ada(hardDeleted)}}, deletedAfterLeaving()},
		{"D9 soft-deleted", link(), []moment{{object: ada(inHR)}, {object: ada(softDeleted)}}, map[string]string{
			"default": "skip keep EntrySynchronizationSkipped", "skip_oos": "disable keep " + switchedOff,
		}},
		{"D10", link(), []moment{{object: ada(disabled)}, inScope}, comingBack()},
		{"D11", link(), []moment{{object: ada(softDeleted)}, inScope}, comingBack()},
		{"D12 after D1", link(), []moment{{object: ada(), unassigned: true}, again}, comingBackIntoScope()},
		{"D12 after D3", link(), []moment{{object: ada(inHR)}, again}, comingBackIntoScope()},
		{"D13 unassigned", nil, []moment{{object: ada(), unassigned: true}}, skipped},
		{"D13 out of scope", nil, []moment{{object: ada(inHR)}}, skipped},
		{"D13 soft-deleted", nil, []moment{{object: ada(softDeleted)}}, skipped},
		{"D13 hard-deleted", nil, []moment{{object: ada(hardDeleted)}}, skipped},
		{"D14", nil, []moment{{object: ada(disabled)}}, skipped},
		{"D15", groupLink(), []moment{{object: staff(hardDeleted), edit: func(d *job.Definition) { groups(d).Enabled = false }}}, skipped},
		{"D17 unassigned", groupLink(), []moment{{object: staff(), unassigned: true}}, groupLeaves},
		{"D17 out of scope", groupLink(), []moment{{object: staff(with("closed", directory.Text("yes")))}}, groupLeaves},
		{"D18", groupLink(), []moment{{object: staff(hardDeleted)}}, deletedWhileManaged()},
		{"D18 soft-deleted", groupLink(), []moment{{object: staff(softDeleted)}}, skipped},
		// The group is not written by its decision, and the user is touched by D2 alone.
		{"D19 the group", groupLink(), []moment{{object: staff()}, {object: staff(func(o *directory.Object) { o.References = nil })}}, equal},
		{"D19 a user with another path", link(), []moment{inScope, inScope}, equal},
		{"D21", link(), []moment{{object: ada(), match: found(account(holding("department", directory.Text("changed by hand"))))}}, equal},

		// Two events at once: leaving scope ends the management whatever else happens, and sends nothing twice.
		{"D6 then D3", link(), []moment{{object: ada(disabled)}, {object: ada(disabled, inHR)}}, map[string]string{
			"default":   "skip release RedundantExport",
			"unmapped":  "skip release EntrySynchronizationSkipped",
			"no_update": "skip release EntrySynchronizationSkipped",
			"skip_oos":  "skip keep EntrySynchronizationSkipped",
		}},
		{"D1 and D6", link(), []moment{{object: ada(disabled), unassigned: true}}, leavingScope()},
	}
}

// The two tables of doc.go, cell by cell. D16 (input filters) does not exist in this version; D20 (paused) is about
// cycles, which then do not ask.
func TestDecisionTables(t *testing.T) {
	t.Parallel()
	for _, column := range columns {
		for _, test := range tableCases(column.name) {
			t.Run(test.id+"/"+column.name, func(t *testing.T) {
				t.Parallel()
				linked := test.link
				var got engine.Decision
				for _, m := range test.moments {
					edits := []func(*job.Definition){column.set}
					if m.edit != nil {
						edits = append(edits, m.edit)
					}
					got = decide(compile(t, edits...), m.object, !m.unassigned, linked, m.match)
					linked = carriedOut(linked, got)
				}
				want, ok := test.want[column.name]
				if !ok {
					want = test.want["default"]
				}
				if show(got) != want {
					t.Errorf("\ngot  %s (%s)\nwant %s", show(got), got.Reason, want)
				}
			})
		}
	}
}

// Column by column, what the table function alone says for every event, managed or not.
func TestDeprovisionIsTotal(t *testing.T) {
	t.Parallel()
	events := []engine.Event{engine.Unassigned, engine.FilterFailed, engine.Disabled, engine.SoftDeleted, engine.HardDeleted}
	for _, event := range events {
		for bits := range 32 {
			s := engine.DeprovisionSettings{ObjectType: directory.User, SoftDeletedMapped: bits&1 != 0, Update: bits&2 != 0, Delete: bits&4 != 0, SkipOutOfScope: bits&8 != 0}
			if bits&16 != 0 {
				s.ObjectType = directory.Group
			}
			got := engine.Deprovision(event, false, s)
			if got.Request != engine.RequestNone || (got.Aftermath == engine.DropLink) != (event == engine.HardDeleted) {
				t.Errorf("%s, not managed, %+v: %+v", event, s, got)
			}
			got = engine.Deprovision(event, true, s)
			switch {
			case got.Request == engine.RequestDelete && !s.Delete:
				t.Errorf("%s, %+v: deletes although deletes are off", event, s)
			case got.Request == engine.RequestDelete && s.ObjectType == directory.User && event != engine.HardDeleted:
				t.Errorf("%s, %+v: deletes a user who is not gone", event, s)
			case got.Request == engine.RequestDisable && (!s.Update || !s.SoftDeletedMapped || s.ObjectType == directory.Group):
				t.Errorf("%s, %+v: disables", event, s)
			case got.Request == engine.RequestDelete && got.Aftermath != engine.DropLink:
				t.Errorf("%s, %+v: keeps the link of what it deletes", event, s)
			}
		}
	}
}
