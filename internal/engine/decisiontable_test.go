package engine_test

import (
	"os"
	"strings"
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
	{"update-off", func(d *job.Definition) { users(d).Actions.Update, groups(d).Actions.Update = false, false }},
	{"delete-off", func(d *job.Definition) { users(d).Actions.Delete, groups(d).Actions.Delete = false, false }},
	{"skip-oos", func(d *job.Definition) { d.SkipOutOfScopeDeletions = true }},
	{"create-off", func(d *job.Definition) { users(d).Actions.Create, groups(d).Actions.Create = false, false }},
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

// The deprovisioning cells that D01 to D05 share (engine.md 13, rows 1 to 5).
func leavingScope() map[string]string {
	return map[string]string{
		"default":    "disable release " + switchedOff,
		"unmapped":   "skip release EntrySynchronizationSkipped",
		"update-off": "skip release EntrySynchronizationSkipped",
		"skip-oos":   "skip keep EntrySynchronizationSkipped",
	}
}

// Rows 6 and 7: as 1 to 5, but the account stays managed, and skip-out-of-scope has no say (engine.md 29).
func goingInactive() map[string]string {
	return map[string]string{
		"default":    "disable keep " + switchedOff,
		"unmapped":   "skip keep EntrySynchronizationSkipped",
		"update-off": "skip keep EntrySynchronizationSkipped",
	}
}

// Row 8.
func deletedWhileManaged() map[string]string {
	return map[string]string{"default": "delete drop", "delete-off": "skip drop EntrySynchronizationSkipped"}
}

// Row 9: nothing, unless skip-out-of-scope kept the account, which then is row 8.
func deletedAfterLeaving() map[string]string {
	return map[string]string{"default": "skip drop EntrySynchronizationSkipped", "skip-oos": "delete drop"}
}

// Rows 10 and 11.
func comingBack() map[string]string {
	return map[string]string{
		"default":    "update keep " + switchedOn,
		"unmapped":   "skip keep RedundantExport",
		"update-off": "skip keep EntrySynchronizationSkipped",
	}
}

// Row 12: the released account is matched again. What skip-out-of-scope kept is still linked and as it should be.
func comingBackIntoScope() map[string]string {
	return map[string]string{
		"default":    "update keep " + switchedOn,
		"unmapped":   "link keep RedundantExport",
		"update-off": "link keep EntrySynchronizationSkipped",
		"skip-oos":   "skip keep RedundantExport",
	}
}

func syncAll(d *job.Definition) { d.Scope = scope.ModeAll }

// ignored has an object filter that leaves everybody out: what stands for an input filter here.
func ignored(d *job.Definition) {
	users(d).Attributes = append(users(d).Attributes, mapped("objectFilter", "IgnoreObjectFlow"))
}

func everyDepartment(d *job.Definition) { d.Filters = d.Filters[1:] }

// switchedOffAccount is what a target holds after D01 to D05, in the column's own way.
func switchedOffAccount(column string) map[string]directory.Value {
	if column == "default" || column == "delete-off" || column == "create-off" {
		return account(holding("active", directory.Boolean(false)))
	}
	return account()
}

func tableCases(column string) []tableCase {
	none := engine.Match{}
	inScope := moment{object: ada()}
	again := moment{object: ada(), match: found(switchedOffAccount(column))}
	skipped := map[string]string{"default": "skip keep EntrySynchronizationSkipped"}
	equal := map[string]string{"default": "skip keep RedundantExport", "update-off": "skip keep EntrySynchronizationSkipped"}
	groupLeaves := map[string]string{
		"default": "delete drop", "delete-off": "skip release EntrySynchronizationSkipped", "skip-oos": "skip keep EntrySynchronizationSkipped",
	}
	return []tableCase{
		// engine.md 12
		{"A1", nil, []moment{{object: ada(), match: none}}, map[string]string{
			"default":    "create keep active:null→True department:null→Sales userName:null→ada@example.com",
			"unmapped":   "create keep department:null→Sales userName:null→ada@example.com",
			"create-off": "skip keep EntrySynchronizationSkipped",
		}},
		{"A2", nil, []moment{{object: ada(), match: none, edit: func(d *job.Definition) { users(d).Actions.Create = false }}}, skipped},
		{"A3", nil, []moment{{object: ada(), match: found(account(holding("department", directory.Text("Support"))))}}, map[string]string{
			"default":    "update keep department:Support→Sales",
			"update-off": "link keep EntrySynchronizationSkipped",
		}},
		{"A4", nil, []moment{{object: ada(), match: found(account())}}, map[string]string{
			"default":    "link keep RedundantExport",
			"update-off": "link keep EntrySynchronizationSkipped",
		}},
		{"A5", nil, []moment{{object: ada(), match: found(account(holding("department", directory.Text("Support")))), edit: func(d *job.Definition) { users(d).Actions.Update = false }}},
			map[string]string{"default": "link keep EntrySynchronizationSkipped"}},
		{"A6", link(func(l *engine.Linked) { l.Exported["department"] = directory.Text("Support") }), []moment{inScope}, map[string]string{
			"default":    "update keep department:Support→Sales",
			"update-off": "skip keep EntrySynchronizationSkipped",
		}},
		{"A7", link(), []moment{inScope}, equal},
		{"A8", nil, []moment{{object: ada(inHR)}}, skipped},
		{"A9", link(), []moment{{object: ada(inHR)}}, leavingScope()},

		// engine.md 13
		{"D01", link(), []moment{{object: ada(), unassigned: true}}, leavingScope()},
		{"D02-left-group", link(), []moment{inScope, {object: ada(), unassigned: true}}, leavingScope()},
		{"D03", link(), []moment{inScope, {object: ada(inHR)}}, leavingScope()},
		{"D04", link(), []moment{{object: ada(), edit: everyDepartment}, {object: ada(), edit: func(d *job.Definition) { d.Filters[0].Clauses[0].Values = []string{"Board"} }}}, leavingScope()},
		{"D05", link(), []moment{{object: ada(), unassigned: true, edit: syncAll}, {object: ada(), unassigned: true}}, leavingScope()},
		{"D06", link(), []moment{{object: ada(disabled)}}, goingInactive()},
		{"D07", link(), []moment{{object: ada(softDeleted)}}, goingInactive()},
		{"D08", link(), []moment{{object: ada(hardDeleted)}}, deletedWhileManaged()},
		{"D08-after-D06", link(), []moment{{object: ada(disabled)}, {object: ada(hardDeleted)}}, deletedWhileManaged()},
		{"D08-after-D07", link(), []moment{{object: ada(softDeleted)}, {object: ada(hardDeleted)}}, deletedWhileManaged()},
		{"D08-unassigned", link(), []moment{{object: ada(hardDeleted), unassigned: true}}, deletedWhileManaged()},
		{"D09-after-D01", link(), []moment{{object: ada(), unassigned: true}, {object: ada(hardDeleted), unassigned: true}}, deletedAfterLeaving()},
		{"D09-after-D03", link(), []moment{{object: ada(inHR)}, {object: ada(hardDeleted)}}, deletedAfterLeaving()},
		{"D09-soft-deleted", link(), []moment{{object: ada(inHR)}, {object: ada(softDeleted)}}, map[string]string{
			"default": "skip keep EntrySynchronizationSkipped", "skip-oos": "disable keep " + switchedOff,
		}},
		{"D10", link(), []moment{{object: ada(disabled)}, inScope}, comingBack()},
		{"D11", link(), []moment{{object: ada(softDeleted)}, inScope}, comingBack()},
		{"D12-after-D01", link(), []moment{{object: ada(), unassigned: true}, again}, comingBackIntoScope()},
		{"D12-after-D03", link(), []moment{{object: ada(inHR)}, again}, comingBackIntoScope()},
		{"D13-unassigned", nil, []moment{{object: ada(), unassigned: true}}, skipped},
		{"D13-out-of-scope", nil, []moment{{object: ada(inHR)}}, skipped},
		{"D13-soft-deleted", nil, []moment{{object: ada(softDeleted)}}, skipped},
		{"D13-hard-deleted", nil, []moment{{object: ada(hardDeleted)}}, skipped},
		{"D14", nil, []moment{{object: ada(disabled)}}, skipped},
		{"D15", groupLink(), []moment{{object: staff(hardDeleted), edit: func(d *job.Definition) { groups(d).Enabled = false }}}, skipped},
		{"D16", link(), []moment{{object: ada(), edit: ignored}}, skipped},
		{"D17-unassigned", groupLink(), []moment{{object: staff(), unassigned: true}}, groupLeaves},
		{"D17-out-of-scope", groupLink(), []moment{{object: staff(with("closed", directory.Text("yes")))}}, groupLeaves},
		{"D18", groupLink(), []moment{{object: staff(hardDeleted)}}, deletedWhileManaged()},
		{"D18-soft-deleted", groupLink(), []moment{{object: staff(softDeleted)}}, skipped},
		// The group is not written by its decision, and the user is touched by D02 alone.
		{"D19-group", groupLink(), []moment{{object: staff()}, {object: staff(func(o *directory.Object) { o.References = nil })}}, equal},
		{"D19-user", link(), []moment{inScope, inScope}, equal},
		{"D21-changed", link(), []moment{{object: ada(), match: found(account(holding("department", directory.Text("changed by hand"))))}}, equal},

		// Two events at once: leaving scope ends the management whatever else happens, and sends nothing twice.
		{"D06-then-D03", link(), []moment{{object: ada(disabled)}, {object: ada(disabled, inHR)}}, map[string]string{
			"default":    "skip release RedundantExport",
			"unmapped":   "skip release EntrySynchronizationSkipped",
			"update-off": "skip release EntrySynchronizationSkipped",
			"skip-oos":   "skip keep EntrySynchronizationSkipped",
		}},
		{"D01-and-D06", link(), []moment{{object: ada(disabled), unassigned: true}}, leavingScope()},
	}
}

// The two tables of doc.go, cell by cell. Where testdata has the cell too, it has to say the same of the request, of the link,
// and of the limits.
func TestDecisionTables(t *testing.T) {
	t.Parallel()
	document := documentCells(t)
	decided := map[string]bool{}
	for _, column := range columns {
		for _, test := range tableCases(column.name) {
			decided[test.id] = true
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
				if cell, ok := document[test.id+"/"+column.name]; ok && !elsewhere[test.id] && cellOf(got, linked) != cell {
					t.Errorf("the document says %s, decided was %s", cell, cellOf(got, linked))
				}
			})
		}
	}
	for cell := range document {
		if row, _, _ := strings.Cut(cell, "/"); !decided[row] && !elsewhere[row] {
			t.Errorf("nobody decides row %s", row)
		}
	}
}

// elsewhere are the rows that are not about the decision on one object: package cycle has them.
var elsewhere = map[string]bool{"D02-group-unassigned": true, "D19-group": true, "D20": true, "D21-deleted": true}

// documentCells reads testdata/deprovisioning.txt: cells by "row/column".
func documentCells(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/deprovisioning.txt")
	if err != nil {
		t.Fatal(err)
	}
	cells := map[string]string{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] == "#" {
			continue
		}
		if len(fields) != 6 {
			t.Fatalf("not a row of five cells: %s", line)
		}
		for i, column := range columns[:5] {
			cells[fields[0]+"/"+column.name] = fields[i+1]
		}
	}
	return cells
}

// cellOf is a decision in the words of the document.
func cellOf(d engine.Decision, linked *engine.Linked) string {
	request, link, counts := string(d.Action), "none", "-"
	if d.Action == engine.Skip || d.Action == engine.Link {
		request = "none"
	}
	if d.Action == engine.Update && d.Active {
		request = "enable"
	}
	if linked != nil {
		link = "released"
		if linked.Managed {
			link = "managed"
		}
	}
	if d.Action.TakesAccessAway() {
		counts = "counts"
	}
	return request + "/" + link + "/" + counts
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
			for _, policy := range append(job.DeprovisionActions(), "") {
				for _, s.Delayed = range []bool{false, true} {
					s.Policy = policy
					checkCell(t, event, s, engine.Deprovision(event, true, s))
				}
			}
		}
	}
}

func checkCell(t *testing.T, event engine.Event, s engine.DeprovisionSettings, got engine.Deprovisioning) {
	t.Helper()
	outOfScope := event == engine.Unassigned || event == engine.FilterFailed
	for _, rule := range []struct {
		broken bool
		what   string
	}{
		{got.Request == engine.RequestDelete && !s.Delete, "deletes although deletes are off"},
		{got.Request == engine.RequestDelete && s.Policy == job.DeprovisionDelete && s.Delayed, "deletes before the time"},
		{got.Request == engine.RequestDelete && s.ObjectType == directory.User && event != engine.HardDeleted && s.Policy != job.DeprovisionDelete, "deletes a user who is not gone"},
		{got.Request == engine.RequestDelete && got.Aftermath != engine.DropLink, "keeps the link of what it deletes"},
		{got.Request == engine.RequestDisable && (!s.Update || !s.SoftDeletedMapped || s.ObjectType == directory.Group), "disables what it cannot"},
		{got.Request == engine.RequestSetAttributes && (!s.Update || s.Policy != job.DeprovisionSetAttributes), "sets attributes"},
		{got.Waits && (s.Policy != job.DeprovisionDelete || !s.Delayed || !s.Delete || got.Aftermath != engine.KeepLink), "waits"},
		{outOfScope && s.SkipOutOfScope && got != (engine.Deprovisioning{Request: engine.RequestNone, Aftermath: engine.KeepLink}), "touches what skip-out-of-scope keeps"},
		{s.Policy == job.DeprovisionNone && got.Request != engine.RequestNone, "does something for none"},
	} {
		if rule.broken {
			t.Errorf("%s, %+v: %s: %+v", event, s, rule.what, got)
		}
	}
}
