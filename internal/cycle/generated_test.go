package cycle_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
)

// population is a generated directory.
type population map[directory.Anchor]directory.Object

// generatedPeople and generatedGroups are who may exist in a generated directory.
func generatedPeople() []directory.Anchor {
	return []directory.Anchor{"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7"}
}
func generatedGroups() []directory.Anchor { return []directory.Anchor{"g0", "g1", "g2"} }

func newPopulation(t *rapid.T) population {
	// Somebody has every attribute, so that any mapping finds a name it knows.
	all := population{"zz": person("zz", "Kitchen", disabled, managedBy("zz"), having("jobTitle", directory.Text("Cook")), having("tags", texts("a")))}
	for _, anchor := range slices.Concat(generatedPeople(), generatedGroups()) {
		if rapid.IntRange(0, 5).Draw(t, "missing") > 0 {
			all[anchor] = generatedObject(t, anchor)
		}
	}
	return all
}

func generatedObject(t *rapid.T, anchor directory.Anchor) directory.Object {
	if strings.HasPrefix(string(anchor), "g") {
		inside := slices.DeleteFunc(slices.Concat(generatedPeople(), generatedGroups()), func(a directory.Anchor) bool { return a == anchor })
		return group(string(anchor), rapid.SliceOfNDistinct(rapid.SampledFrom(inside), 0, 5, rapid.ID).Draw(t, "members")...)
	}
	object := person(string(anchor), rapid.SampledFrom([]string{"Sales", "HR", "IT"}).Draw(t, "department"))
	if title := rapid.SampledFrom([]string{"", "Clerk", "Cook"}).Draw(t, "title"); title != "" {
		object.Attributes["jobTitle"] = directory.Text(title)
	}
	if tags := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 2, rapid.ID).Draw(t, "tags"); len(tags) > 0 {
		object.Attributes["tags"] = texts(tags...)
	}
	switch rapid.IntRange(0, 9).Draw(t, "fate") {
	case 0:
		disabled(&object)
	case 1:
		softDeleted(&object)
	case 2, 3, 4:
		managedBy(string(rapid.SampledFrom(generatedPeople()).Draw(t, "manager")))(&object)
	}
	return object
}

// move makes a few changes.
func (p population) move(t *rapid.T, most int) {
	for range rapid.IntRange(0, most).Draw(t, "changes") {
		anchor := rapid.SampledFrom(slices.Concat(generatedPeople(), generatedGroups())).Draw(t, "object")
		if rapid.IntRange(0, 4).Draw(t, "delete") == 0 {
			delete(p, anchor)
		} else {
			p[anchor] = generatedObject(t, anchor)
		}
	}
}

// newConfiguration generates everything in a job that decides about objects: filters, mappings, scope, assignments,
// actions, deprovisioning, nested groups.
func newConfiguration(t *rapid.T) job.Definition {
	d := definition()
	chance := func(name string, of int) bool { return rapid.IntRange(1, of).Draw(t, name) == 1 }
	users := &d.Mappings[0]
	users.Attributes = append(slices.Clone(users.Attributes), job.AttributeMapping{
		Target: "title", FlowType: rapid.SampledFrom([]job.FlowType{job.FlowAlways, job.FlowAlways, job.FlowObjectAddOnly}).Draw(t, "flow of title"),
		Expression:     rapid.SampledFrom([]string{"[jobTitle]", `Append([department], " person")`, `ToUpper([jobTitle], )`}).Draw(t, "title is"),
		FlowNullValues: false,
	})
	if chance("null flows", 2) && users.Attributes[len(users.Attributes)-1].Expression == "[jobTitle]" {
		users.Attributes[len(users.Attributes)-1].FlowNullValues = true
		users.SourceAttributes = []job.SourceAttribute{{Name: "jobTitle", FlowNullValues: true}}
	}
	if chance("tags", 2) {
		users.Attributes = append(users.Attributes, job.AttributeMapping{Target: "tags", Expression: "[tags]", FlowType: job.FlowMultiValueAddOnly})
	}
	if chance("active is not mapped", 6) {
		users.Attributes = slices.DeleteFunc(users.Attributes, func(a job.AttributeMapping) bool { return a.Target == "active" })
	}
	users.Actions = job.Actions{Create: !chance("no create", 6), Update: !chance("no update", 6), Delete: !chance("no delete", 6)}
	for _, event := range []job.DeprovisionEvent{job.EventUnassigned, job.EventFilterFailed, job.EventDisabled, job.EventSoftDeleted, job.EventHardDeleted} {
		if chance("rule for "+string(event), 6) {
			action := job.DeprovisionNone
			if users.Actions.Delete {
				action = rapid.SampledFrom([]job.DeprovisionAction{job.DeprovisionNone, job.DeprovisionDelete}).Draw(t, "rule")
			}
			users.Deprovisioning = append(users.Deprovisioning, job.DeprovisionRule{Event: event, Action: action})
		}
	}
	slices.SortFunc(users.Deprovisioning, func(a, b job.DeprovisionRule) int { return strings.Compare(string(a.Event), string(b.Event)) })
	if !chance("no groups", 4) {
		withGroups(&d)
		d.Mappings[0].Actions.Delete = !chance("no delete of groups", 3)
	}
	if chance("filter", 2) {
		inDepartments(rapid.SampledFrom([]string{"Sales", "HR"}).Draw(t, "department"))(&d)
	}
	if len(d.Mappings) > 1 && chance("filter of groups", 4) {
		groupsNamed(rapid.SampledFrom([]string{"g0", "g1"}).Draw(t, "group"), "g2")(&d)
	}
	if chance("assigned only", 2) {
		d.Scope = scope.ModeAssigned
		d.NestedGroups = chance("nested groups", 2)
		d.Assignments = []job.Assignment{{
			AppKey: "wiki", Name: "some", Users: rapid.SliceOfNDistinct(rapid.SampledFrom(generatedPeople()), 0, 3, rapid.ID).Draw(t, "users"),
			Groups: rapid.SliceOfNDistinct(rapid.SampledFrom(generatedGroups()), 0, 2, rapid.ID).Draw(t, "groups"),
		}}
		slices.Sort(d.Assignments[0].Users)
		slices.Sort(d.Assignments[0].Groups)
	}
	d.SkipOutOfScopeDeletions = chance("skip", 4)
	return d
}

// empty is a database without anything, made once: migrating takes longer than a cycle.
func empty(t *testing.T) []moment {
	t.Helper()
	w := newWorld(t)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	database, err := os.ReadFile(w.path)
	if err != nil {
		t.Fatal(err)
	}
	w.store = nil
	w.open()
	return []moment{{database: database, clock: w.clock.Load()}}
}

// outcome is everything a job leaves behind in the target and in its links.
func (w *world) outcome() string {
	names := map[directory.Anchor]string{}
	for _, entry := range w.target.State() {
		names[entry.Anchor] = entry.Attributes["userName"].String() + entry.Attributes["displayName"].String()
	}
	var all []string
	for _, entry := range w.target.State() {
		line := string(entry.Type) + " " + names[entry.Anchor]
		for _, attribute := range slices.Sorted(maps.Keys(entry.Attributes)) {
			value := entry.Attributes[attribute].String()
			if attribute == managerAttribute {
				value = names[directory.Anchor(value)]
			}
			line += " " + attribute + "=" + value
		}
		var members []string
		for _, member := range entry.Members {
			members = append(members, names[member])
		}
		slices.Sort(members)
		all = append(all, line+" "+strings.Join(members, ","))
	}
	for _, objectType := range directory.ObjectTypes() {
		links, err := w.store.ListLinks(w.t.Context(), definition().ID, objectType, "", 1000)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, link := range links {
			all = append(all, fmt.Sprintf("link %s %s → %s managed=%t active=%t key=%s", link.Type, link.Source, names[link.Target], link.Managed, link.Active, link.MatchKey))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// shuffledSource hands out the changes of a source in another order and in pages of another size.
type shuffledSource struct {
	source.Source
	size  int
	order func([]source.Change)
}

func (s shuffledSource) Changes(ctx context.Context, since source.Watermark, deliver func([]source.Change) error) (source.Result, error) {
	var all []source.Change
	result, err := s.Source.Changes(ctx, since, func(page []source.Change) error { all = append(all, page...); return nil })
	if err != nil {
		return result, err
	}
	s.order(all)
	for page := range slices.Chunk(all, s.size) {
		if err := deliver(page); err != nil {
			return result, err
		}
	}
	return result, nil
}

// TestOrderOfTheSourceDoesNotMatter lives the same generated history twice, with the objects of the source in another order
// and in pages of another size. Accounts, memberships and links must be the same.
func TestOrderOfTheSourceDoesNotMatter(t *testing.T) {
	t.Parallel()
	all := empty(t)
	rapid.Check(t, func(rt *rapid.T) {
		one, two := at(t, all, 0), at(t, all, 0)
		defer func() { _, _ = one.store.Close(), two.store.Close() }()
		two.engine.PageSize = rapid.SampledFrom([]int{1, 2, 500}).Draw(rt, "page size")
		size := rapid.IntRange(1, 5).Draw(rt, "size of the source's pages")
		two.engine.OpenSource = func(job.Source) (source.Source, error) {
			return shuffledSource{two.source, size, func(changes []source.Change) {
				// An object occurs once in a read of this source, so that any order is the same history.
				mixed := rapid.Permutation(changes).Draw(rt, "order")
				copy(changes, mixed)
			}}, nil
		}
		objects := newPopulation(rt)
		for range rapid.IntRange(1, 3).Draw(rt, "commits") {
			d := newConfiguration(rt)
			for _, w := range []*world{one, two} {
				w.show(objects)
				if _, err := w.tryCommit(t.Context(), d, nil); err != nil {
					rt.Fatalf("commit: %v", err)
				}
			}
			if diff := cmp.Diff(one.outcome(), two.outcome()); diff != "" {
				rt.Fatalf("(-sorted +shuffled):\n%s", diff)
			}
			objects.move(rt, 5)
		}
	})
}

// TestPreviewForetellsAnything previews and commits generated changes of directory and configuration. Who loses access
// must be exactly who was shown, and creates, updates and memberships as many as were shown. A preview right after is
// empty, and another cycle writes nothing.
func TestPreviewForetellsAnything(t *testing.T) {
	t.Parallel()
	all := empty(t)
	var commits, affected, creates, updates, memberships int64
	rapid.Check(t, func(rt *rapid.T) {
		w := at(t, all, 0)
		defer func() { _ = w.store.Close() }()
		w.engine.PageSize = rapid.SampledFrom([]int{1, 3, 500}).Draw(rt, "page size")
		objects := newPopulation(rt)
		for range rapid.IntRange(2, 4).Draw(rt, "commits") {
			d := newConfiguration(rt)
			w.show(objects)
			shown, err := w.engine.PreviewJob(t.Context(), d, "")
			if err != nil {
				rt.Fatalf("preview: %v", err)
			}
			updated := map[directory.Anchor]connector.Operation{}
			managed, others := w.managedAccounts()
			w.connector = witness{w.target, func() {}, func(operation connector.Operation) {
				if operation.Kind == connector.Update && managed[operation.Target] && !switchesOff(operation) {
					updated[operation.Target] = operation
				}
			}}
			report, err := w.tryCommit(t.Context(), d, nil)
			w.connector = w.target
			if err != nil || report.FailureCount > 0 || len(report.Held) > 0 {
				rt.Fatalf("%v, %+v", err, report)
			}
			if engine.DigestAffected(shown.Affected) != engine.DigestAffected(report.Executed) {
				rt.Fatalf("shown:\n%s\nexecuted:\n%s", cycle.Names(shown.Affected), cycle.Names(report.Executed))
			}
			counts := report.Cycle.Counts
			// A preview does not ask the target: who finds an account that nobody manages was to be created, or taken back.
			if c := shown.Changes.Creates; c < counts.Created || c > counts.Created+others {
				rt.Fatalf("shown %+v, done %+v", shown.Changes, counts)
			}
			if n := int64(len(updated)); n > shown.Changes.Updates || shown.Changes.Updates > n+others {
				rt.Fatalf("shown %+v, updated %+v, done %+v", shown.Changes, updated, counts)
			}
			// Members who get their account in this very cycle are not counted ahead.
			if m := counts.MembershipsAdded; m < shown.Changes.MembershipsToAdd || m > shown.Changes.MembershipsToAdd && counts.Created+counts.Updated+counts.Linked == 0 {
				rt.Fatalf("shown %+v, done %+v", shown.Changes, counts)
			}
			commits, affected, creates = commits+1, affected+int64(len(shown.Affected)), creates+counts.Created
			updates, memberships = updates+counts.Updated, memberships+counts.MembershipsAdded
			after, err := w.engine.PreviewJob(t.Context(), d, "")
			if err != nil || len(after.Affected) > 0 || after.Changes != (cycle.Changes{}) {
				rt.Fatalf("a preview right after a commit is not empty: %v %+v\n%s", err, after.Changes, cycle.Names(after.Affected))
			}
			before := w.outcome()
			w.target.ResetCalls()
			if _, err := runOnce(t.Context(), w, cycle.RunRequest{JobID: d.ID, Full: rapid.Bool().Draw(rt, "full")}); err != nil {
				rt.Fatalf("run: %v", err)
			}
			if writes := w.target.Calls().Writes(); writes != 0 {
				rt.Fatalf("a cycle right after a commit writes %d times", writes)
			}
			if diff := cmp.Diff(before, w.outcome()); diff != "" {
				rt.Fatalf("(-before +after):\n%s", diff)
			}
			objects.move(rt, 5)
		}
	})
	t.Logf("%d commits: %d deprovisionings, %d creates, %d updates, %d memberships, as shown", commits, affected, creates, updates, memberships)
}

// managedAccounts are the accounts of the target that are managed, and how many are not.
func (w *world) managedAccounts() (managed map[directory.Anchor]bool, others int64) {
	managed = map[directory.Anchor]bool{}
	for _, objectType := range directory.ObjectTypes() {
		links, err := w.store.ListLinks(w.t.Context(), definition().ID, objectType, "", 1000)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, link := range links {
			managed[link.Target] = link.Managed
		}
	}
	for _, entry := range w.target.State() {
		if !managed[entry.Anchor] {
			others++
		}
	}
	return managed, others
}

// witness sees every write and lets something happen before it.
type witness struct {
	connector.Connector
	before func()
	saw    func(connector.Operation)
}

func (w witness) Test(ctx context.Context, probe connector.Probe) error {
	w.before()
	return w.Connector.Test(ctx, probe)
}

func (w witness) Apply(ctx context.Context, operations []connector.Operation) []connector.Outcome {
	w.before()
	for _, operation := range operations {
		w.saw(operation)
	}
	return w.Connector.Apply(ctx, operations)
}

// TestApplyStaysWithinItsPlan moves the directory between plan and apply and during the apply, at random. Every write
// that takes access away, as the target sees it, must be in the approved set.
func TestApplyStaysWithinItsPlan(t *testing.T) {
	t.Parallel()
	all := empty(t)
	taken, held, moved := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		w := at(t, all, 0)
		defer func() { _ = w.store.Close() }()
		w.engine.PageSize = rapid.SampledFrom([]int{1, 3, 500}).Draw(rt, "page size")
		objects := newPopulation(rt)
		w.show(objects)
		if _, err := w.tryCommit(t.Context(), newConfiguration(rt), nil); err != nil {
			rt.Fatalf("commit: %v", err)
		}
		for range rapid.IntRange(1, 3).Draw(rt, "commits") {
			d := newConfiguration(rt)
			objects.move(rt, 4)
			w.show(objects)
			shown, err := w.engine.PreviewJob(t.Context(), d, "")
			if err != nil {
				rt.Fatalf("preview: %v", err)
			}
			approved := map[string]bool{}
			for _, a := range shown.Affected {
				approved[loss(a.Action, a.Target, w.accountOf(a.Member))] = true
			}
			shift := func() {
				if rapid.IntRange(0, 2).Draw(rt, "moves") == 0 {
					moved++
					objects.move(rt, 3)
					w.show(objects)
				}
			}
			w.connector = witness{w.target, shift, func(operation connector.Operation) {
				for _, lost := range w.losses(operation) {
					taken++
					if !approved[lost] {
						rt.Fatalf("nobody was shown: %s\nshown:\n%s", lost, cycle.Names(shown.Affected))
					}
				}
			}}
			report, err := w.tryCommit(t.Context(), d, func() {
				objects.move(rt, 4)
				w.show(objects)
			})
			w.connector = w.target
			if err != nil || report.FailureCount > 0 {
				rt.Fatalf("commit: %v, %+v", err, report.Failures)
			}
			held += len(report.Held)
		}
	})
	t.Logf("%d losses, all shown; %d held; the directory moved %d times under way", taken, held, moved)
	if everything() && (taken == 0 || held == 0 || moved == 0) {
		t.Errorf("nothing was taken away (%d), held (%d) or moved (%d)", taken, held, moved)
	}
}

// loss names one thing that takes access away, as the target sees it.
func loss(action engine.Action, target, member directory.Anchor) string {
	return string(action) + " " + string(target) + " " + string(member)
}

// accountOf is the account of a user, or nothing.
func (w *world) accountOf(user directory.Anchor) directory.Anchor {
	links, err := w.store.LinksBySource(w.t.Context(), definition().ID, directory.User, []directory.Anchor{user})
	if err != nil {
		w.t.Fatal(err)
	}
	return links[user].Target
}

// losses says what an operation takes away from the accounts as they are.
func (w *world) losses(operation connector.Operation) (all []string) {
	before := map[directory.Anchor]connectormemory.Entry{}
	for _, entry := range w.target.State() {
		before[entry.Anchor] = entry
	}
	switch operation.Kind {
	case connector.Delete:
		return []string{loss(engine.Delete, operation.Target, "")}
	case connector.RemoveMembers:
		for _, member := range operation.Members {
			if slices.Contains(before[operation.Target].Members, member) {
				all = append(all, loss(engine.RemoveMembership, operation.Target, member))
			}
		}
	case connector.Update:
		on, told := before[operation.Target].Attributes["active"].AsBoolean()
		if switchesOff(operation) && (on || !told) {
			all = append(all, loss(engine.Disable, operation.Target, ""))
		}
	}
	return all
}

func switchesOff(operation connector.Operation) bool {
	return slices.ContainsFunc(operation.Changes, func(change connector.Change) bool {
		on, ok := change.Value.AsBoolean()
		return change.Attribute == "active" && ok && !on
	})
}
