package cycle_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// deprovisionColumns are the settings of engine.md 13, in the order of the document.
var deprovisionColumns = []struct {
	name string
	set  func(*job.Mapping)
	skip bool
}{
	{name: "default", set: func(*job.Mapping) {}},
	{name: "unmapped", set: func(m *job.Mapping) {
		if m.ObjectType == directory.User {
			m.Attributes = m.Attributes[1:]
		}
	}},
	{name: "update-off", set: func(m *job.Mapping) { m.Actions.Update = false }},
	{name: "delete-off", set: func(m *job.Mapping) { m.Actions.Delete = false }},
	{name: "skip-oos", set: func(*job.Mapping) {}, skip: true},
}

type edit = func(*job.Definition)

// assigning assigns users and groups, and nobody else is.
func assigning(users []directory.Anchor, groups ...directory.Anchor) edit {
	return func(d *job.Definition) {
		d.Scope, d.Assignments = scope.ModeAssigned, []job.Assignment{{AppKey: "wiki", Name: "staff", Users: users, Groups: groups}}
	}
}

func users(anchors ...directory.Anchor) []directory.Anchor { return anchors }

func inScopeAll(d *job.Definition) { d.Scope = scope.ModeAll }

func openGroups(d *job.Definition) {
	d.Filters = append(d.Filters, job.Filter{AppKey: "wiki", Name: "open", ObjectType: directory.Group, Clauses: []scope.Clause{{Attribute: "closed", Operator: scope.Equals, Values: []string{"no"}}}})
}

func crewOf(closed string, members ...directory.Anchor) directory.Object {
	crew := group("crew", members...)
	crew.Attributes["closed"] = directory.Text(closed)
	return crew
}

// history is a row: what is so before the event, and the event. Steps are committed one after the other; the last is the event.
type history struct {
	row     string
	subject store.LinkKey
	groups  bool
	steps   []step
}

type step struct {
	edits []edit
	do    func(w *world)
}

func put(objects ...directory.Object) func(*world) {
	return func(w *world) { w.source.Put(objects...) }
}

func remove(objectType directory.ObjectType, anchor directory.Anchor) func(*world) {
	return func(w *world) { w.source.Remove(objectType, anchor) }
}

func nothing(*world) {}

// byHand does something to ada's account in the target, behind the engine's back.
func byHand(kind connector.OperationKind, changes ...connector.Change) func(*world) {
	return func(w *world) {
		operation := connector.Operation{ID: "hand", Kind: kind, Type: directory.User, Target: w.ada().Anchor, Changes: changes}
		if outcome := w.target.Apply(w.t.Context(), []connector.Operation{operation}); outcome[0].Err != nil {
			w.t.Fatal(outcome[0].Err)
		}
	}
}

func together(do ...func(*world)) func(*world) {
	return func(w *world) {
		for _, f := range do {
			f(w)
		}
	}
}

// histories: ada is assigned directly, eve as a member of team; bob is not assigned. Crew is provisioned as a group.
func histories() []history {
	ada, eve, bob := store.LinkKey{Type: directory.User, Source: "ada"}, store.LinkKey{Type: directory.User, Source: "eve"}, store.LinkKey{Type: directory.User, Source: "bob"}
	crew := store.LinkKey{Type: directory.Group, Source: "crew"}
	sales := inDepartments("Sales", "Support")
	normal := []edit{sales, assigning(users("ada"), "team")}
	unassigned := []edit{sales, assigning(nil, "team")}
	withBob := []edit{sales, assigning(users("ada", "bob"), "team")}
	withCrew := []edit{sales, openGroups, assigning(users("ada", "bob"), "crew")}
	ignoring := func(d *job.Definition) {
		d.Mappings[0].Attributes = append(d.Mappings[0].Attributes, job.AttributeMapping{Target: job.ObjectFilter, Expression: "IgnoreObjectFlow", FlowType: job.FlowAlways})
	}
	groupsOff := func(d *job.Definition) { d.Mappings[0].Enabled = false }
	paused := func(d *job.Definition) { d.State = job.Paused }
	first := step{normal, nothing}
	gone := step{normal, remove(directory.User, "ada")}
	out := put(person("ada", "HR"))
	return []history{
		{"D01", ada, false, []step{first, {unassigned, nothing}}},
		{"D02-left-group", eve, false, []step{first, {normal, put(group("team"))}}},
		{"D02-group-unassigned", eve, false, []step{first, {[]edit{sales, assigning(users("ada"))}, nothing}}},
		{"D03", ada, false, []step{first, {normal, out}}},
		{"D04", ada, false, []step{{[]edit{assigning(users("ada"))}, nothing}, {[]edit{inDepartments("Board"), assigning(users("ada"))}, nothing}}},
		{"D05", bob, false, []step{{[]edit{inScopeAll}, nothing}, {[]edit{assigning(users("ada", "eve"))}, nothing}}},
		{"D06", ada, false, []step{first, {normal, put(person("ada", "Sales", disabled))}}},
		{"D07", ada, false, []step{first, {normal, put(person("ada", "Sales", softDeleted))}}},
		{"D08", ada, false, []step{first, gone}},
		{"D08-after-D06", ada, false, []step{first, {normal, put(person("ada", "Sales", disabled))}, gone}},
		{"D08-after-D07", ada, false, []step{first, {normal, put(person("ada", "Sales", softDeleted))}, gone}},
		{"D09-after-D01", ada, false, []step{first, {unassigned, nothing}, {unassigned, remove(directory.User, "ada")}}},
		{"D09-after-D03", ada, false, []step{first, {normal, out}, gone}},
		{"D09-soft-deleted", ada, false, []step{first, {normal, out}, {normal, put(person("ada", "HR", softDeleted))}}},
		{"D10", ada, false, []step{first, {normal, put(person("ada", "Sales", disabled))}, {normal, put(person("ada", "Sales"))}}},
		{"D11", ada, false, []step{first, {normal, put(person("ada", "Sales", softDeleted))}, {normal, put(person("ada", "Sales"))}}},
		{"D12-after-D01", ada, false, []step{first, {unassigned, nothing}, first}},
		{"D12-after-D03", ada, false, []step{first, {normal, out}, {normal, put(person("ada", "Sales"))}}},
		{"D13-unassigned", bob, false, []step{first, {normal, put(person("bob", "Support"))}}},
		{"D13-out-of-scope", bob, false, []step{{withBob, put(person("bob", "HR"))}, {withBob, put(person("bob", "Board"))}}},
		{"D13-soft-deleted", bob, false, []step{{withBob, put(person("bob", "HR"))}, {withBob, put(person("bob", "HR", softDeleted))}}},
		{"D13-hard-deleted", bob, false, []step{{withBob, put(person("bob", "HR"))}, {withBob, remove(directory.User, "bob")}}},
		{"D14", bob, false, []step{first, {withBob, put(person("bob", "Sales", disabled))}}},
		{"D15", crew, true, []step{{withCrew, nothing}, {append(withCrew[:3:3], groupsOff), remove(directory.Group, "crew")}}},
		{"D16", ada, false, []step{first, {append(normal[:2:2], ignoring), put(person("ada", "Support"))}}},
		{"D17-unassigned", crew, true, []step{{withCrew, nothing}, {[]edit{sales, openGroups, assigning(users("ada", "bob"))}, nothing}}},
		{"D17-out-of-scope", crew, true, []step{{withCrew, nothing}, {withCrew, put(crewOf("yes", "ada", "bob"))}}},
		{"D18", crew, true, []step{{withCrew, nothing}, {withCrew, remove(directory.Group, "crew")}}},
		{"D19-group", crew, true, []step{{withCrew, nothing}, {withCrew, put(crewOf("no", "ada"))}}},
		{"D19-user", bob, true, []step{{withCrew, nothing}, {withCrew, put(crewOf("no", "ada"))}}},
		{"D20", ada, false, []step{first, {append(unassigned[:2:2], paused), nothing}}},
		{"D21-changed", ada, false, []step{first, {normal, byHand(connector.Update, connector.Change{Attribute: "department", Value: directory.Text("by hand")})}}},
		{"D21-deleted", ada, false, []step{first, {normal, together(byHand(connector.Delete), put(person("ada", "Support")))}}},
	}
}

// Every cell of the table that package engine decides by is carried out: is the request really sent, is the account managed
// afterwards, does it count towards the limits?
func TestDeprovisioningTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../engine/testdata/deprovisioning.txt")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]history{}
	for _, h := range histories() {
		rows[h.row] = h
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] == "#" {
			continue
		}
		h, ok := rows[fields[0]]
		if !ok || len(fields) != 1+len(deprovisionColumns) {
			t.Fatalf("nobody lives this row, or it has not five cells: %s", line)
		}
		delete(rows, h.row)
		for i, column := range deprovisionColumns {
			t.Run(h.row+"/"+column.name, func(t *testing.T) {
				t.Parallel()
				set := func(d *job.Definition) {
					for i := range d.Mappings {
						column.set(&d.Mappings[i])
					}
					d.SkipOutOfScopeDeletions = column.skip
				}
				if got := h.live(t, set); got != fields[i+1] {
					t.Errorf("lived %s, the document says %s", got, fields[i+1])
				}
			})
		}
	}
	for row := range rows {
		t.Errorf("the document has no row %s", row)
	}
}

// live carries a history out and says what its event did.
func (h history) live(t *testing.T, set edit) string {
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("eve", "Sales"), person("bob", "Sales"), group("team", "eve"), crewOf("no", "ada", "bob"))
	defined := func(s step, more ...edit) job.Definition {
		edits := []edit{set}
		if h.groups {
			edits = []edit{withGroups, set}
		}
		return definition(append(append(edits, s.edits...), more...)...)
	}
	event := h.steps[len(h.steps)-1]
	for _, s := range h.steps[:len(h.steps)-1] {
		s.do(w)
		w.commit(defined(s))
	}
	event.do(w)
	before := w.look(h.subject)
	w.target.ResetCalls()
	counts := "-"
	_, err := w.tryCommit(t.Context(), defined(event, limited(0, 0)), nil)
	switch {
	case errors.Is(err, directory.LimitExceeded):
		counts = "counts"
		if w.target.Calls().Writes() != 0 {
			t.Error("a refused commit wrote to the target")
		}
		w.commit(defined(event))
	case err != nil:
		t.Fatal(err)
	}
	request := requested(before, w.look(h.subject))
	calls := w.target.Calls()
	if h.subject.Type == directory.User {
		calls.RemoveMembers = 0 // that is the group's
	}
	if wrote := calls.Writes() > 0; wrote != (request != "none") {
		t.Errorf("request %s, calls %+v", request, calls)
	}
	if again := w.preview(defined(event)); len(again.Affected) != 0 {
		t.Errorf("the plan after it is not empty: %+v", again.Affected)
	}
	return request + "/" + w.linkOf(h.subject) + "/" + counts
}

// sight is what is in the target for an object.
type sight struct {
	anchor  directory.Anchor
	active  bool
	members int
}

func (w *world) look(key store.LinkKey) sight {
	for _, entry := range w.target.State() {
		name, _ := entry.Attributes["displayName"].Text()
		if key.Type == directory.User {
			name, _ = entry.Attributes["userName"].Text()
			name, _, _ = strings.Cut(name, "@")
		}
		if entry.Type == key.Type && name == string(key.Source) {
			active, ok := entry.Attributes["active"].AsBoolean()
			return sight{anchor: entry.Anchor, active: active || !ok, members: len(entry.Members)}
		}
	}
	return sight{}
}

// ada is the account of the one whom all these tests are about.
func (w *world) ada() connectormemory.Entry {
	w.t.Helper()
	anchor := w.look(store.LinkKey{Type: directory.User, Source: "ada"}).anchor
	for _, entry := range w.target.State() {
		if entry.Anchor == anchor {
			return entry
		}
	}
	w.t.Fatal("ada has no account")
	return connectormemory.Entry{}
}

// requested names the difference between two sights.
func requested(before, after sight) string {
	switch {
	case after.anchor == "" && before.anchor != "":
		return "delete"
	case after.anchor != before.anchor, before.anchor == "" && after.anchor != "":
		return "create"
	case before.active && !after.active:
		return "disable"
	case !before.active && after.active:
		return "enable"
	case after.members < before.members:
		return "remove-member"
	default:
		return "none"
	}
}

func (w *world) linkOf(key store.LinkKey) string {
	w.t.Helper()
	links, err := w.store.LinksBySource(w.t.Context(), "wiki/main", key.Type, []directory.Anchor{key.Source})
	if err != nil {
		w.t.Fatal(err)
	}
	link, ok := links[key.Source]
	switch {
	case !ok:
		return "none"
	case link.Managed:
		return "managed"
	default:
		return "released"
	}
}

// Row 11: Microsoft does not restore the memberships of a restored user; this engine does (engine.md 14).
func TestRestoredUserGetsMembershipsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"), group("crew", "ada", "bob"))
	d := definition(withGroups)
	w.commit(d)
	w.source.Put(person("ada", "Sales", softDeleted), group("crew", "bob"))
	w.commit(d)
	w.wantAccounts("ada@example.com active=False department=Sales", "bob@example.com active=True department=Sales", "group crew [bob@example.com]")
	w.source.Put(person("ada", "Sales"), group("crew", "ada", "bob"))
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales", "group crew [ada@example.com bob@example.com]")
}

// Row 21: what was changed by hand is overwritten by the next write of that attribute, and not before.
func TestChangeByHandIsOverwrittenByTheNextWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"))
	w.commit(definition())
	byHand(connector.Update, connector.Change{Attribute: "department", Value: directory.Text("by hand")})(w)
	w.commit(definition())
	w.wantAccounts("ada@example.com active=True department=by hand")
	w.source.Put(person("ada", "Support"))
	w.commit(definition())
	w.wantAccounts("ada@example.com active=True department=Support")
}

// Row 21: the link of an account that is gone is dropped, and its object matched once.
func TestAccountDeletedByHandIsMatchedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"))
	w.commit(definition())
	byHand(connector.Delete)(w)
	w.source.Put(person("ada", "Support"))
	w.target.ResetCalls()
	report := w.commit(definition())
	if calls := w.target.Calls(); report.Cycle.Counts.Created != 1 || report.FailureCount != 0 || calls.Find != 1 {
		t.Errorf("counts %+v, calls %+v, failures %v", report.Cycle.Counts, calls, report.Failures)
	}
	if got := w.linkOf(store.LinkKey{Type: directory.User, Source: "ada"}); got != "managed" {
		t.Errorf("link %s", got)
	}
}
