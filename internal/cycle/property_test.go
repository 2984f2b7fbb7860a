package cycle_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// setting is what a definition is generated from.
type setting struct {
	department string // of the filter; empty for no filter
	assigned   bool   // only g0 and its members, and p0, are assigned
	skip       bool   // skip-out-of-scope
	groups     bool
}

func (s setting) definition() job.Definition {
	d := definition()
	if s.groups {
		withGroups(&d)
	}
	if s.department != "" {
		inDepartments(s.department)(&d)
	}
	d.SkipOutOfScopeDeletions = s.skip
	if s.assigned {
		d.Scope = scope.ModeAssigned
		d.Assignments = []job.Assignment{{AppKey: "wiki", Name: "some", Users: []directory.Anchor{"p0"}, Groups: []directory.Anchor{"g0"}}}
	}
	return d
}

// oracle is what must be in the target, computed from the history of directory and settings alone, by the deprovisioning
// table (engine.md 13). Accounts and groups are named by the object they belong or belonged to.
type oracle struct {
	accounts map[directory.Anchor]bool               // whether the account is active
	members  map[directory.Anchor][]directory.Anchor // of the groups in the target
	managed  map[directory.Anchor]bool
	released map[directory.Anchor]bool
	written  map[string]bool // memberships that the engine wrote, "group member"
}

func newOracle() *oracle {
	return &oracle{
		accounts: map[directory.Anchor]bool{}, members: map[directory.Anchor][]directory.Anchor{},
		managed: map[directory.Anchor]bool{}, released: map[directory.Anchor]bool{}, written: map[string]bool{},
	}
}

// step is one commit.
func (o *oracle) step(objects map[directory.Anchor]directory.Object, s setting) {
	inAssignedGroup := map[directory.Anchor]bool{}
	for _, member := range objects["g0"].References["members"] {
		inAssignedGroup[member] = true
	}
	var deleted []directory.Anchor
	for _, anchor := range slices.Concat(people(), groups()) {
		object, exists := objects[anchor]
		isGroup := strings.HasPrefix(string(anchor), "g")
		if isGroup && !s.groups {
			continue
		}
		department, _ := object.Attributes["department"].Text()
		out := s.assigned && anchor != "p0" && anchor != "g0" && (isGroup || !inAssignedGroup[anchor]) ||
			!isGroup && s.department != "" && department != s.department
		// Soft deletion comes before everything else: the account stays managed, so that the hard deletion reaches it.
		out = out && object.Removed != directory.SoftDeleted
		switch {
		case !exists && o.managed[anchor], exists && out && isGroup && o.managed[anchor] && !s.skip:
			deleted = append(deleted, anchor)
		case !exists:
			if o.released[anchor] {
				o.forget(anchor)
			}
		case object.Removed == directory.SoftDeleted: // wherever it is: soft deletion outranks leaving scope
			if o.managed[anchor] {
				o.accounts[anchor] = false
			}
		case out && o.managed[anchor] && !s.skip:
			o.accounts[anchor] = false
			delete(o.managed, anchor)
			o.released[anchor] = true
		case out:
		case !isGroup && !object.Enabled():
			if o.managed[anchor] {
				o.accounts[anchor] = false
			}
		case isGroup:
			o.managed[anchor] = true
			if _, ok := o.members[anchor]; !ok {
				o.members[anchor] = nil
			}
		default:
			o.accounts[anchor] = true
			o.managed[anchor] = true
			delete(o.released, anchor)
		}
	}
	if s.groups {
		o.memberships(objects)
	}
	for _, anchor := range deleted {
		o.forget(anchor)
		delete(o.accounts, anchor)
		delete(o.members, anchor)
		for group := range o.members {
			o.members[group] = slices.DeleteFunc(o.members[group], func(m directory.Anchor) bool { return m == anchor })
		}
	}
}

func (o *oracle) memberships(objects map[directory.Anchor]directory.Object) {
	for _, group := range groups() {
		if _, exists := objects[group]; !exists || !o.managed[group] {
			continue
		}
		for _, member := range people() {
			key := string(group) + " " + string(member)
			_, exists := objects[member]
			wanted := slices.Contains(objects[group].References["members"], member)
			switch {
			case wanted && o.managed[member] && !o.written[key]:
				o.written[key] = true
				if !slices.Contains(o.members[group], member) {
					o.members[group] = append(o.members[group], member)
				}
			case !wanted && exists && o.written[key] && (o.managed[member] || o.released[member]):
				delete(o.written, key)
				o.members[group] = slices.DeleteFunc(o.members[group], func(m directory.Anchor) bool { return m == member })
			}
		}
	}
}

// forget is the end of a link.
func (o *oracle) forget(anchor directory.Anchor) {
	delete(o.managed, anchor)
	delete(o.released, anchor)
	maps.DeleteFunc(o.written, func(key string, _ bool) bool {
		group, member, _ := strings.Cut(key, " ")
		return group == string(anchor) || member == string(anchor)
	})
}

func (o *oracle) String() string {
	var all []string
	for anchor, active := range o.accounts {
		all = append(all, fmt.Sprintf("%s@example.com active=%t", anchor, active))
	}
	for group, members := range o.members {
		slices.Sort(members)
		all = append(all, fmt.Sprintf("%s %v", group, members))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// population renders the target as the oracle renders itself.
func (w *world) population() string {
	names := map[directory.Anchor]string{}
	var all []string
	for _, entry := range w.target.State() {
		if entry.Type == directory.User {
			name, _ := entry.Attributes["userName"].Text()
			names[entry.Anchor], _, _ = strings.Cut(name, "@")
			active, _ := entry.Attributes["active"].AsBoolean()
			all = append(all, fmt.Sprintf("%s active=%t", name, active))
			continue
		}
		var members []string
		for _, member := range entry.Members {
			members = append(members, names[member])
		}
		slices.Sort(members)
		name, _ := entry.Attributes["displayName"].Text()
		all = append(all, fmt.Sprintf("%s %v", name, members))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func people() []directory.Anchor { return []directory.Anchor{"p0", "p1", "p2", "p3", "p4"} }
func groups() []directory.Anchor { return []directory.Anchor{"g0", "g1"} }

// change makes a few random changes to the directory.
func change(t *rapid.T, objects map[directory.Anchor]directory.Object) {
	for range rapid.IntRange(0, 4).Draw(t, "changes") {
		anchor := rapid.SampledFrom(slices.Concat(people(), groups())).Draw(t, "object")
		if strings.HasPrefix(string(anchor), "g") {
			if rapid.IntRange(0, 5).Draw(t, "delete group") == 0 {
				delete(objects, anchor)
				continue
			}
			objects[anchor] = group(string(anchor), rapid.SliceOfDistinct(rapid.SampledFrom(people()), rapid.ID).Draw(t, "members")...)
			continue
		}
		object := person(string(anchor), rapid.SampledFrom([]string{"Sales", "HR"}).Draw(t, "department"))
		switch rapid.IntRange(0, 7).Draw(t, "fate") {
		case 0:
			delete(objects, anchor)
			continue
		case 1:
			disabled(&object)
		case 2:
			softDeleted(&object)
		case 3:
			managedBy(string(rapid.SampledFrom(people()).Draw(t, "manager")))(&object)
		}
		objects[anchor] = object
	}
}

func (w *world) show(objects map[directory.Anchor]directory.Object) {
	w.source.Set(slices.Collect(maps.Values(objects))...)
}

// TestAnyHistory lives random histories and checks, after every commit: what was executed is what the plan showed; what
// nobody was shown is held; a plan right after an apply is empty; and the target is what the history says.
func TestAnyHistory(t *testing.T) {
	t.Parallel()
	all := moments(t)[:1]
	held, executed, commits := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		w := at(t, all, 0)
		defer func() { _ = w.store.Close() }()
		w.engine.PageSize = rapid.SampledFrom([]int{1, 3, 500}).Draw(rt, "page size")
		objects := map[directory.Anchor]directory.Object{}
		for _, anchor := range people() {
			objects[anchor] = person(string(anchor), rapid.SampledFrom([]string{"Sales", "HR"}).Draw(rt, "department"))
		}
		for _, anchor := range groups() {
			objects[anchor] = group(string(anchor), rapid.SliceOfDistinct(rapid.SampledFrom(people()), rapid.ID).Draw(rt, "members")...)
		}
		s := setting{groups: true}
		truth := newOracle()
		for range rapid.IntRange(2, 5).Draw(rt, "commits") {
			change(rt, objects)
			w.show(objects)
			if rapid.IntRange(0, 2).Draw(rt, "edit") == 0 {
				s = setting{
					department: rapid.SampledFrom([]string{"", "Sales", "HR"}).Draw(rt, "filter"), assigned: rapid.Bool().Draw(rt, "assigned"),
					skip: rapid.IntRange(0, 3).Draw(rt, "skip") == 0, groups: rapid.IntRange(0, 3).Draw(rt, "groups") > 0,
				}
			}
			var between func()
			if rapid.Bool().Draw(rt, "moves") {
				between = func() { change(rt, objects); w.show(objects) }
			}
			report := w.prove(rt, s.definition(), between)
			commits, held, executed = commits+1, held+len(report.Held), executed+len(report.Executed)
			if len(report.Held) > 0 {
				if again := w.prove(rt, s.definition(), nil); len(again.Held) > 0 {
					rt.Fatalf("still held after they were shown: %s", cycle.Names(again.Held))
				}
			}
			truth.step(objects, s)
			if got, want := w.population(), truth.String(); got != want {
				rt.Fatalf("setting %+v\nwant:\n%s\ngot:\n%s", s, want, got)
			}
		}
	})
	t.Logf("%d commits, %d deprovisionings executed, %d held", commits, executed, held)
	if everything() && (executed == 0 || held == 0) {
		t.Errorf("nothing was taken away (%d) or held (%d)", executed, held)
	}
}

// prove plans and applies, and checks one against the other.
func (w *world) prove(rt *rapid.T, d job.Definition, between func()) cycle.Report {
	shown, err := w.engine.PreviewJob(w.t.Context(), d, "")
	if err != nil {
		rt.Fatalf("preview: %v", err)
	}
	report, err := w.tryCommit(w.t.Context(), d, between)
	if err != nil {
		rt.Fatalf("commit: %v", err)
	}
	if report.FailureCount > 0 {
		rt.Fatalf("failures: %+v", report.Failures)
	}
	approval := engine.Approve(shown.Affected)
	for _, affected := range report.Executed {
		if !approval.Covers(affected) {
			rt.Fatalf("executed, but nobody was shown: %+v\nshown:\n%s", affected, cycle.Names(shown.Affected))
		}
	}
	if between == nil {
		if engine.DigestAffected(shown.Affected) != engine.DigestAffected(report.Executed) {
			rt.Fatalf("shown:\n%s\nexecuted:\n%s", cycle.Names(shown.Affected), cycle.Names(report.Executed))
		}
		after, err := w.engine.PreviewJob(w.t.Context(), d, "")
		if err != nil {
			rt.Fatalf("preview: %v", err)
		}
		if len(after.Affected) > 0 || after.Changes != (cycle.Changes{}) {
			rt.Fatalf("a plan right after an apply is not empty: %+v\n%s", after.Changes, cycle.Names(after.Affected))
		}
	}
	return report
}
