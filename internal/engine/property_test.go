package engine_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
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
	behavior := rapid.SampledFrom(job.FlowBehaviors())
	mappings := []job.AttributeMapping{
		mapped("title", rapid.SampledFrom(title).Draw(t, "title"), flowing(flow.Draw(t, "title flow")), behaving(behavior.Draw(t, "title behavior")), func(m *job.AttributeMapping) {
			m.FlowNullValues = rapid.Bool().Draw(t, "title flows null")
		}),
		mapped("tags", "[tags]", flowing(flow.Draw(t, "tags flow")), behaving(behavior.Draw(t, "tags behavior")), defaulting(rapid.SampledFrom([]string{"", "none"}).Draw(t, "default"))),
		mapped(managerAttribute, "[manager]", flowing(flow.Draw(t, "manager flow"))),
	}
	if rapid.Bool().Draw(t, "note mapped") {
		mappings = append(mappings, mapped("note", "", defaulting("none"), flowing(flow.Draw(t, "note flow"))))
	}
	var list []job.TargetAttribute
	if rapid.Bool().Draw(t, "listed") {
		list = append(list, job.TargetAttribute{
			Name: "tags", CaseExact: pointer(rapid.Bool().Draw(t, "case exact")), Required: rapid.Bool().Draw(t, "required"),
			Mutability: rapid.SampledFrom([]job.Mutability{"", job.ReadWrite, job.Immutable, job.WriteOnly}).Draw(t, "mutability"),
		})
	}
	if rapid.Bool().Draw(t, "active mapped") {
		mappings = append(mappings, mapped("active", rapid.SampledFrom(active).Draw(t, "active")))
	}
	definition := definition(attributes(mappings...), func(d *job.Definition) {
		d.Scope = rapid.SampledFrom(scope.Modes()).Draw(t, "scope")
		d.SkipOutOfScopeDeletions = rapid.Bool().Draw(t, "skip out of scope")
		users(d).TargetAttributes = list
		if rapid.Bool().Draw(t, "source flows null") {
			users(d).SourceAttributes = []job.SourceAttribute{{Name: "jobTitle", FlowNullValues: true}}
		}
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
	for _, name := range []string{"userName", "title", "tags", "note", managerAttribute} {
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
		assessment := s.program.Assess(s.object, s.assigned, s.link, inputs())
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

// A process may be killed between a write and its record: the write happened or not, and the source has moved on. The next
// decision brings the account to where it would be had everything been known.
func TestWhateverBecameOfAWrite(t *testing.T) {
	t.Parallel()
	single := []directory.Value{directory.Null(), directory.Text(""), directory.Text("a"), directory.Text("b")}
	doubt := directory.Text("doubt")
	rapid.Check(t, func(t *rapid.T) {
		flow := rapid.SampledFrom([]job.FlowType{job.FlowAlways, job.FlowAlways, job.FlowMultiValueAddOnly}).Draw(t, "flow")
		set := title("[jobTitle]", flowing(flow))
		value := rapid.SampledFrom(append(single, tags("a", "b"), tags("b", "c")))
		if flow == job.FlowAlways && rapid.Bool().Draw(t, "flows null") { // only for single values
			set, value = withNull(), rapid.SampledFrom(single)
		}
		program, err := engine.Compile(definition(set), traits())
		if err != nil {
			t.Fatal(err)
		}
		held := account()
		if before := value.Draw(t, "held"); !before.IsNull() {
			held["title"] = before
		}
		first := decide(program, ada(with("jobTitle", value.Draw(t, "first"))), true, linkHolding(held), noMatch)
		actual := held
		if rapid.Bool().Draw(t, "written") {
			actual = first.Afterwards()
		}
		next := ada(with("jobTitle", value.Draw(t, "next")))
		informed := decide(program, next, true, linkHolding(actual), noMatch)
		doubtful := decide(program, next, true, linkHolding(first.Meanwhile(doubt)), noMatch)
		want, got := written(actual, informed)["title"], written(actual, doubtful)["title"]
		if !sameTexts(want, got) {
			t.Fatalf("want %s, got %s: %s, then %s", want, got, show(first), show(doubtful))
		}
	})
}

// written is what a target holds after the changes of a decision.
func written(held map[string]directory.Value, d engine.Decision) map[string]directory.Value {
	after := maps.Clone(held)
	for _, change := range d.Changes {
		switch {
		case change.New.IsNull():
			delete(after, change.Attribute)
		case change.Add:
			elements := slices.Clone(after[change.Attribute].Elements())
			for _, element := range change.New.Elements() {
				if !slices.ContainsFunc(elements, element.Equal) {
					elements = append(elements, element)
				}
			}
			after[change.Attribute] = directory.List(elements...)
		default:
			after[change.Attribute] = change.New
		}
	}
	return after
}

// sameTexts compares without regard to order, and a single value with a list of one.
func sameTexts(a, b directory.Value) bool {
	sorted := func(v directory.Value) []string {
		var texts []string
		for _, element := range v.Elements() {
			texts = append(texts, element.String())
		}
		slices.Sort(texts)
		return texts
	}
	return slices.Equal(sorted(a), sorted(b))
}

// counter is a source of randomness that never repeats.
type counter struct{ n byte }

func (c *counter) Read(p []byte) (int, error) {
	for i := range p {
		c.n++
		p[i] = c.n
	}
	return len(p), nil
}

// What gives another value every time never settles, unless it is only for accounts without one.
func TestGeneratedValuesSettleWhenTheyAreWrittenOnce(t *testing.T) {
	t.Parallel()
	for flow, settles := range map[job.FlowType]bool{
		job.FlowAlways: false, job.FlowMultiValueAddOnly: false, job.FlowValueAddOnly: false, job.FlowObjectAddOnly: true, job.FlowAttributeAddOnly: true,
	} {
		program := compile(t, title("Guid()", flowing(flow)))
		in := engine.Inputs{Now: now, Random: &counter{}}
		first := program.Decide(program.Assess(ada(), true, nil, in), noMatch, in)
		if len(first.Changes) != 2 {
			t.Fatalf("%s: %s: %s", flow, show(first), first.Reason)
		}
		again := program.Assess(ada(), true, carriedOut(nil, first), in).Decision
		if settled := len(again.Changes) == 0; settled != settles {
			t.Errorf("%s: %s", flow, show(again))
		}
	}
}
