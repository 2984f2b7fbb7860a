package cycle_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
	sourcememory "github.com/app-provisioning/terraform-provider-provisioning/internal/source/memory"
)

// assignedTo makes a job for the members of groups, at any depth when nested.
func assignedTo(nested bool, groups ...directory.Anchor) job.Definition {
	return definition(func(d *job.Definition) {
		d.Scope = scope.ModeAssigned
		d.NestedGroups = nested
		d.Assignments = []job.Assignment{{AppKey: "wiki", Name: "staff", Groups: groups}}
	})
}

func unsecured(o directory.Object) directory.Object {
	o.Attributes["securityEnabled"] = directory.Boolean(false)
	return o
}

// active renders who has an account, and who had one.
func (w *world) active() string {
	var all []string
	for _, entry := range w.target.State() {
		name, _ := entry.Attributes["userName"].Text()
		name, _, _ = strings.Cut(name, "@")
		if on, _ := entry.Attributes["active"].AsBoolean(); !on {
			name += "(off)"
		}
		all = append(all, name)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// A change of a nested group reaches the people below it in an incremental cycle, however deep they are.
func TestNestedGroupsChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change []directory.Object
		want   string
	}{
		{"nothing", nil, "ann bob cem"},
		{"a group leaves its place", []directory.Object{group("mid", "bob")}, "ann bob cem(off)"},
		{"a group in the middle is removed", []directory.Object{group("top", "ann")}, "ann bob(off) cem(off)"},
		{"a group comes", []directory.Object{group("top", "ann", "mid", "side")}, "ann bob cem dora"},
		{"a group moves up", []directory.Object{group("mid", "bob"), group("top", "ann", "mid", "low")}, "ann bob cem"},
		{"a group is no longer security-enabled", []directory.Object{unsecured(group("mid", "bob", "low"))}, "ann bob(off) cem(off)"},
		{"the lowest group changes its members", []directory.Object{group("low", "dora", "top")}, "ann bob cem(off) dora"},
		{"a group is soft-deleted", []directory.Object{func() directory.Object {
			o := group("low", "cem", "top")
			softDeleted(&o)
			return o
		}()}, "ann bob cem(off)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.source.Put(person("ann", "HR"), person("bob", "HR"), person("cem", "HR"), person("dora", "HR"),
				group("top", "ann", "mid"), group("mid", "bob", "low"), group("low", "cem", "top"), group("side", "dora"))
			w.commit(assignedTo(true, "top"))
			w.source.Put(c.change...)
			report := w.commit(assignedTo(true, "top"))
			if got := w.active(); got != c.want || report.Cycle.Full {
				t.Errorf("accounts %q after a cycle with full %t, want %q after an incremental one", got, report.Cycle.Full, c.want)
			}
		})
	}
}

// A group that goes for good, and turning the option on and off.
func TestNestedGroupsOption(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ann", "HR"), person("bob", "HR"), person("cem", "HR"), group("top", "ann", "mid"), group("mid", "bob", "low"), group("low", "cem"))
	for _, step := range []struct {
		nested bool
		change func()
		full   bool
		want   string
	}{
		{false, func() {}, true, "ann"},
		{true, func() {}, true, "ann bob cem"},
		{true, func() { w.source.Remove(directory.Group, "low") }, false, "ann bob cem(off)"},
		{true, func() { w.source.Put(group("low", "cem")) }, false, "ann bob cem"},
		{false, func() {}, true, "ann bob(off) cem(off)"},
	} {
		step.change()
		shown := w.preview(assignedTo(step.nested, "top"))
		report := w.commit(assignedTo(step.nested, "top"))
		if got := w.active(); got != step.want || report.Cycle.Full != step.full {
			t.Fatalf("nested %t: accounts %q, full %t; want %q, full %t", step.nested, got, report.Cycle.Full, step.want, step.full)
		}
		if engine.DigestAffected(shown.Affected) != engine.DigestAffected(report.Executed) {
			t.Fatalf("shown:\n%s\nexecuted:\n%s", cycle.Names(shown.Affected), cycle.Names(report.Executed))
		}
	}
}

// staff is what a history of groups makes of people: the members of every group that counts, and who ever had an account.
type staff struct {
	members map[directory.Anchor][]directory.Anchor
	had     map[directory.Anchor]bool
}

// expect walks down from the assigned group and renders the accounts as world.active does.
func (s *staff) expect(root directory.Anchor, nested bool) string {
	in := map[directory.Anchor]bool{}
	var walk func(group directory.Anchor)
	seen := map[directory.Anchor]bool{}
	walk = func(group directory.Anchor) {
		if seen[group] {
			return
		}
		seen[group] = true
		for _, member := range s.members[group] {
			in[member] = true
			if nested {
				walk(member)
			}
		}
	}
	walk(root)
	var all []string
	for _, anchor := range people() {
		switch {
		case in[anchor]:
			s.had[anchor] = true
			all = append(all, string(anchor))
		case s.had[anchor]:
			all = append(all, string(anchor)+"(off)")
		}
	}
	return strings.Join(all, " ")
}

// TestNestedGroupsAnyHistory: after any changes of groups, an incremental cycle leaves what the groups alone say, and so
// does a full one.
func TestNestedGroupsAnyHistory(t *testing.T) {
	t.Parallel()
	groups := []directory.Anchor{"g0", "g1", "g2", "g3", "g4"}
	incremental, taken := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		defer func() { _ = w.store.Close() }()
		w.source = sourcememory.New(sourcememory.Options{Partial: rapid.Bool().Draw(rt, "partial"), Duplicate: rapid.Bool().Draw(rt, "duplicate")})
		w.engine.PageSize = rapid.SampledFrom([]int{1, 2, 500}).Draw(rt, "page size")
		truth := &staff{members: map[directory.Anchor][]directory.Anchor{}, had: map[directory.Anchor]bool{}}
		change := func(anchor directory.Anchor) {
			members := rapid.SliceOfNDistinct(rapid.SampledFrom(slices.Concat(people(), groups)), 0, 5, rapid.ID).Draw(rt, fmt.Sprint(anchor, " contains"))
			object := group(string(anchor), members...)
			delete(truth.members, anchor)
			switch rapid.IntRange(0, 6).Draw(rt, "fate") {
			case 0:
				w.source.Remove(directory.Group, anchor)
				return
			case 1:
				unsecured(object)
			case 2:
				softDeleted(&object)
			default:
				truth.members[anchor] = members
			}
			w.source.Put(object)
		}
		for _, anchor := range people() {
			w.source.Put(person(string(anchor), "HR"))
		}
		for _, anchor := range groups {
			change(anchor)
		}
		nested := true
		for range rapid.IntRange(2, 5).Draw(rt, "commits") {
			report := w.prove(rt, assignedTo(nested, "g0"), nil)
			if !report.Cycle.Full {
				incremental++
			}
			taken += len(report.Executed)
			if got, want := w.active(), truth.expect("g0", nested); got != want {
				rt.Fatalf("nested %t, full %t, groups %v:\nwant %s\ngot  %s", nested, report.Cycle.Full, truth.members, want, got)
			}
			for range rapid.IntRange(0, 3).Draw(rt, "changes") {
				change(rapid.SampledFrom(groups).Draw(rt, "group"))
			}
			if rapid.IntRange(0, 5).Draw(rt, "turn") == 0 {
				nested = !nested
			}
		}
	})
	if everything() && (incremental == 0 || taken == 0) {
		t.Errorf("%d incremental cycles, %d accounts taken away: nothing is proven", incremental, taken)
	}
}
