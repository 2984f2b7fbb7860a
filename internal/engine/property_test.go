package engine_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// situation is a program, an object and what is known about it.
type situation struct {
	program  *engine.Program
	object   directory.Object
	assigned bool
	link     *engine.Linked
	match    engine.Match
}

func (s situation) decide() engine.Decision {
	return decide(s.program, s.object, s.assigned, s.link, s.match)
}

// secret marks every attribute value of the person, so that it is recognised wherever it turns up.
const secret = "zq#"

// situations are drawn by a generator of each test's own: generators are not safe for concurrent use.
func situations() *rapid.Generator[situation] {
	personal := rapid.Map(rapid.IntRange(0, 3), func(n int) directory.Value { return directory.Text(fmt.Sprintf("%s%d", secret, n)) })
	anything := rapid.OneOf(personal, personal, rapid.Just(directory.Null()), rapid.Just(directory.Text("")),
		rapid.Map(rapid.SliceOfN(personal, 0, 3), func(elements []directory.Value) directory.Value { return directory.List(elements...) }))
	department := rapid.OneOf(rapid.Just(directory.Text("Sales")), rapid.Just(directory.Text("Sales")), personal, rapid.Just(directory.Null()))
	anyAnchor := rapid.SampledFrom([]directory.Anchor{"u-zoe", "u-bob"})
	return rapid.Custom(func(t *rapid.T) situation {
		return drawSituation(t, anything, department, anyAnchor)
	})
}

func drawSituation(t *rapid.T, anything, department *rapid.Generator[directory.Value], anyAnchor *rapid.Generator[directory.Anchor]) situation {
	flow := rapid.SampledFrom(job.FlowTypes())
	title := []string{"[jobTitle]", `Append([jobTitle], "x")`, `IIF([IsSoftDeleted], "left", [jobTitle])`, `DateAdd("d", 1, [jobTitle])`,
		"IIF(IsPresent([jobTitle]), IgnoreAttributeFlow, [jobTitle])", "IIF(IsPresent([jobTitle]), IgnoreObjectFlow, [jobTitle])"}
	active := []string{lifecycle, lifecycle, `IIF(IsPresent([jobTitle]), "False", "True")`, "[jobTitle]"}
	mappings := []job.AttributeMapping{
		mapped("title", rapid.SampledFrom(title).Draw(t, "title"), flowing(flow.Draw(t, "title flow"))),
		mapped("tags", "[tags]", flowing(flow.Draw(t, "tags flow")), defaulting(rapid.SampledFrom([]string{"", "none"}).Draw(t, "default"))),
		mapped(managerAttribute, "[manager]", flowing(flow.Draw(t, "manager flow"))),
	}
	if rapid.Bool().Draw(t, "active mapped") {
		mappings = append(mappings, mapped("active", rapid.SampledFrom(active).Draw(t, "active")))
	}
	definition := definition(attributes(mappings...), func(d *job.Definition) {
		d.Scope = rapid.SampledFrom(scope.Modes()).Draw(t, "scope")
		d.SkipOutOfScopeDeletions = rapid.Bool().Draw(t, "skip out of scope")
		users(d).Actions = job.Actions{Create: rapid.Bool().Draw(t, "create"), Update: rapid.Bool().Draw(t, "update"), Delete: rapid.Bool().Draw(t, "delete")}
	})
	program, err := engine.Compile(definition, traits())
	if err != nil {
		t.Fatal(err)
	}
	s := situation{program: program, assigned: rapid.Bool().Draw(t, "assigned")}
	s.object = ada(with("userPrincipalName", anything.Draw(t, "name")), with("department", department.Draw(t, "department")),
		with("jobTitle", anything.Draw(t, "job title")), with("tags", anything.Draw(t, "tags")), with("accountEnabled", directory.Boolean(rapid.IntRange(0, 3).Draw(t, "enabled") > 0)))
	if rapid.Bool().Draw(t, "has manager") {
		s.object.References = map[string][]directory.Anchor{"manager": {anyAnchor.Draw(t, "manager")}}
	}
	s.object.Removed = rapid.SampledFrom([]directory.Removal{directory.Present, directory.Present, directory.Present, directory.SoftDeleted, directory.HardDeleted}).Draw(t, "removed")
	held := map[string]directory.Value{}
	for _, name := range []string{"userName", "title", "tags", managerAttribute} {
		if value := anything.Draw(t, "held "+name); !value.IsNull() {
			held[name] = value
		}
	}
	if rapid.Bool().Draw(t, "has active") {
		held["active"] = directory.Boolean(rapid.Bool().Draw(t, "held active"))
	}
	switch rapid.IntRange(0, 3).Draw(t, "link") {
	case 0, 1:
		s.link = &engine.Linked{Target: "t-ada", Managed: true, Active: rapid.Bool().Draw(t, "link active"), Exported: held, Name: "n", MatchKey: "k"}
		if reference, ok := held[managerAttribute]; ok && reference.Kind() != directory.KindText {
			delete(held, managerAttribute) // links remember references as anchors
		}
	case 2:
		s.link = &engine.Linked{Target: "t-old", Exported: held}
	}
	if rapid.Bool().Draw(t, "found") {
		s.match = found(held)
	}
	return s
}

func TestDecidingTwiceGivesTheSame(t *testing.T) {
	t.Parallel()
	generator := situations()
	rapid.Check(t, func(t *rapid.T) {
		s := generator.Draw(t, "situation")
		first, second := s.decide(), s.decide()
		if !reflect.DeepEqual(first, second) || !reflect.DeepEqual(first.Steps(), second.Steps()) {
			t.Fatalf("%s\n%s", show(first), show(second))
		}
	})
}

func TestCarryingADecisionOutLeavesNothingToDo(t *testing.T) {
	t.Parallel()
	generator := situations()
	rapid.Check(t, func(t *rapid.T) {
		s := generator.Draw(t, "situation")
		first := s.decide()
		if first.Action == engine.Fail || first.Action == engine.Skip && first.Aftermath == engine.KeepLink {
			return // nothing was carried out
		}
		s.link = carriedOut(s.link, first)
		if s.link == nil {
			return // deleted, or nothing left to remember
		}
		s.match = engine.Match{}
		second := s.decide()
		if second.Action != engine.Skip || len(second.Changes) > 0 || len(second.References) > 0 {
			t.Fatalf("first  %s\nsecond %s (%s)", show(first), show(second), second.Reason)
		}
	})
}

func TestReasonsHoldNoAttributeValue(t *testing.T) {
	t.Parallel()
	generator := situations()
	rapid.Check(t, func(t *rapid.T) {
		d := generator.Draw(t, "situation").decide()
		if text := d.Reason + d.Code + fmt.Sprint(d.Steps()); strings.Contains(text, secret) {
			t.Fatalf("%s: %s", show(d), text)
		}
	})
}

func TestObjectsOutOfScopeNeverAskTheTarget(t *testing.T) {
	t.Parallel()
	generator := situations()
	rapid.Check(t, func(t *rapid.T) {
		s := generator.Draw(t, "situation")
		assessment := s.program.Assess(s.object, s.assigned, s.link, now)
		in := scope.Decide(s.program.Definition().Scope, s.object, s.assigned, nil).In() && s.object.Attributes["department"].Equal(directory.Text("Sales"))
		if !in && (assessment.NeedsMatch || len(assessment.MatchValues) > 0) {
			t.Fatalf("event %q asks for a match", assessment.Event)
		}
		if !in && s.link == nil && assessment.Decision.Action != engine.Skip {
			t.Fatalf("never linked and out of scope: %s", show(assessment.Decision))
		}
		if in != (assessment.Event == engine.NoEvent) {
			t.Fatalf("in scope %v, event %q", in, assessment.Event)
		}
	})
}

// Access is taken away from managed or just matched accounts only, within what the mapping may do, and always with a reason.
func TestAccessIsTakenAwayWithinTheSettings(t *testing.T) {
	t.Parallel()
	generator := situations()
	rapid.Check(t, func(t *rapid.T) {
		s := generator.Draw(t, "situation")
		d := s.decide()
		mapping, _ := s.program.Definition().Mapping(directory.User)
		managed := s.link != nil && s.link.Managed
		switch {
		case !d.Action.TakesAccessAway():
			return
		case d.Reason == "" || d.Target == "" || d.Event == engine.NoEvent || d.Active:
			t.Fatalf("%s of %q, active %v, event %q, reason %q", d.Action, d.Target, d.Active, d.Event, d.Reason)
		case d.Action == engine.Delete && (!mapping.Actions.Delete || !managed || d.Event != engine.HardDeleted):
			t.Fatalf("deletes after %q, managed %v, may delete %v", d.Event, managed, mapping.Actions.Delete)
		case d.Action == engine.Disable && (!mapping.Actions.Update || len(d.Changes) == 0 || !managed && d.Event != engine.TurnedOff):
			t.Fatalf("disables after %q, managed %v, may update %v, changes %d", d.Event, managed, mapping.Actions.Update, len(d.Changes))
		}
	})
}
