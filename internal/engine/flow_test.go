package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

func title(expression string, change ...func(*job.AttributeMapping)) func(*job.Definition) {
	return attributes(mapped("title", expression, change...))
}

var (
	noMatch   = engine.Match{}
	sysadmin  = directory.Text("Sysadmin")
	hasTitle  = with("jobTitle", sysadmin)
	noTitle   = func(*directory.Object) {}
	nullTitle = with("jobTitle", directory.Null())
	blank     = with("jobTitle", directory.Text(""))
)

// withNull turns on both switches of "flow null values" for title, from jobTitle.
func withNull(change ...func(*job.AttributeMapping)) func(*job.Definition) {
	return func(d *job.Definition) {
		title("[jobTitle]", append(change, func(m *job.AttributeMapping) { m.FlowNullValues = true })...)(d)
		users(d).SourceAttributes = []job.SourceAttribute{{Name: "jobTitle", FlowNullValues: true}}
	}
}

// listing says something about title in the attribute list.
func listing(set func(*job.Definition), attribute job.TargetAttribute) func(*job.Definition) {
	return func(d *job.Definition) {
		set(d)
		attribute.Name = "Title"
		users(d).TargetAttributes = []job.TargetAttribute{attribute}
	}
}

func tags(names ...string) directory.Value {
	elements := make([]directory.Value, len(names))
	for i, name := range names {
		elements[i] = directory.Text(name)
	}
	return directory.List(elements...)
}

// What is written to title: the decision table of mappings-and-scoping.md 3.2, row by row. Then the flow types of
// section 4.
func TestFlow(t *testing.T) {
	t.Parallel()
	const nothing = "nothing"
	add, attributeAdd := flowing(job.FlowObjectAddOnly), flowing(job.FlowAttributeAddOnly)
	additions, valueAdd := flowing(job.FlowMultiValueAddOnly), flowing(job.FlowValueAddOnly)
	const dropping = "IgnoreAttributeFlow"
	tests := []struct {
		name string
		set  func(*job.Definition)
		ada  func(*directory.Object)
		// held is the title the account has; nil creates the account.
		held *directory.Value
		want string
	}{
		{"create, value, no default", title("[jobTitle]"), hasTitle, nil, "null→Sysadmin"},
		{"create, value, default", title("[jobTitle]", defaulting("none")), hasTitle, nil, "null→Sysadmin"},
		{"create, null, default", title("[jobTitle]", defaulting("none")), nullTitle, nil, "null→none"},
		{"create, absent, default", title("[jobTitle]", defaulting("none")), noTitle, nil, "null→none"},
		{"create, null, no default", title("[jobTitle]"), nullTitle, nil, nothing},
		{"create, null, empty default", title("[jobTitle]", defaulting("")), nullTitle, nil, nothing},
		{"create, empty text, no default", title("[jobTitle]"), blank, nil, "null→"},
		{"create, empty text, default", title("[jobTitle]", defaulting("none")), blank, nil, "null→"},
		{"create, constant", title(`"staff"`), noTitle, nil, "null→staff"},
		{"create, drop marker", title(dropping), hasTitle, nil, nothing},
		{"create, drop marker, default", title(dropping, defaulting("none")), hasTitle, nil, nothing},

		{"update, value, same", title("[jobTitle]"), hasTitle, pointer(sysadmin), nothing},
		{"update, value, other", title("[jobTitle]"), hasTitle, pointer(directory.Text("Analyst")), "Analyst→Sysadmin"},
		{"update, value, target empty", title("[jobTitle]"), hasTitle, pointer(directory.Null()), "null→Sysadmin"},
		{"update, null", title("[jobTitle]"), nullTitle, pointer(sysadmin), nothing},
		{"update, null, default", title("[jobTitle]", defaulting("none")), nullTitle, pointer(sysadmin), nothing},
		{"update, null, default, target empty", title("[jobTitle]", defaulting("none")), nullTitle, pointer(directory.Null()), nothing},
		{"update, empty text", title("[jobTitle]"), blank, pointer(sysadmin), "Sysadmin→"},
		{"update, empty text, same", title("[jobTitle]"), blank, pointer(directory.Text("")), nothing},
		{"update, drop marker", title(dropping), hasTitle, pointer(directory.Text("Analyst")), nothing},

		{"create, empty text, flow null, default", withNull(defaulting("none")), blank, nil, "null→none"},
		{"create, empty text, flow null, no default", withNull(), blank, nil, nothing},
		{"create, null, flow null, default", withNull(defaulting("none")), nullTitle, nil, "null→none"},
		{"create, value, flow null", withNull(defaulting("none")), hasTitle, nil, "null→Sysadmin"},
		{"update, value, flow null", withNull(), hasTitle, pointer(directory.Text("Analyst")), "Analyst→Sysadmin"},
		{"update, null, flow null", withNull(), nullTitle, pointer(sysadmin), "Sysadmin→null"},
		{"update, absent, flow null", withNull(), noTitle, pointer(sysadmin), "Sysadmin→null"},
		{"update, empty text, flow null", withNull(), blank, pointer(sysadmin), "Sysadmin→null"},
		{"update, null, flow null, default is not used", withNull(defaulting("none")), nullTitle, pointer(sysadmin), "Sysadmin→null"},
		{"update, null, flow null, empty text in the target", withNull(), nullTitle, pointer(directory.Text("")), "→null"},
		{"update, null, flow null, target empty", withNull(), nullTitle, pointer(directory.Null()), nothing},
		{"update, null, flow null, several values", withNull(), nullTitle, pointer(tags("a")), nothing},
		{"update, null, the mapping's switch alone", title("[jobTitle]", func(m *job.AttributeMapping) { m.FlowNullValues = true }), nullTitle, pointer(sysadmin), nothing},
		{"update, null, the source's switch alone", func(d *job.Definition) { withNull()(d); users(d).Attributes[1].FlowNullValues = false }, nullTitle, pointer(sysadmin), nothing},
		{"update, empty text, one switch alone", title("[jobTitle]", func(m *job.AttributeMapping) { m.FlowNullValues = true }), blank, pointer(sysadmin), "Sysadmin→"},
		{"update, null, one of two sources switched on", func(d *job.Definition) {
			withNull()(d)
			users(d).Attributes[1].Expression = "Coalesce([jobTitle], [position])"
		}, nullTitle, pointer(sysadmin), nothing},
		{"update, drop marker, flow null", func(d *job.Definition) {
			withNull()(d)
			users(d).Attributes[1].Expression = "IgnoreFlowIfNullOrEmpty([jobTitle])"
		}, nullTitle, pointer(sysadmin), nothing},
		{"update, null, flow null, if empty", withNull(attributeAdd), nullTitle, pointer(sysadmin), nothing},
		{"update, null, flow null, value additions", withNull(flowing(job.FlowValueAddOnly)), nullTitle, pointer(sysadmin), nothing},

		{"create, none", title("", defaulting("none")), hasTitle, nil, "null→none"},
		{"update, none, target empty", title("", defaulting("none")), hasTitle, pointer(directory.Null()), "null→none"},
		{"update, none, target blank", title("", defaulting("none")), hasTitle, pointer(directory.Text("")), "→none"},
		{"update, none, target has value", title("", defaulting("none")), hasTitle, pointer(sysadmin), nothing},
		{"update, none, create only", title("", defaulting("none"), add), hasTitle, pointer(directory.Null()), nothing},

		{"case alone", title("[jobTitle]"), hasTitle, pointer(directory.Text("SYSADMIN")), nothing},
		{"case alone, beyond ASCII", title("[jobTitle]"), with("jobTitle", directory.Text("ÄRZTIN")), pointer(directory.Text("ärztin")), nothing},
		{"blanks count", title("[jobTitle]"), hasTitle, pointer(directory.Text("Sysadmin ")), "Sysadmin →Sysadmin"},
		{"number and its text", title("[jobTitle]"), with("jobTitle", directory.Integer(7)), pointer(directory.Text("7")), nothing},

		{"list, same", title("[tags]"), with("tags", directory.List(directory.Text("a"), directory.Text("b"))), pointer(directory.List(directory.Text("a"), directory.Text("b"))), nothing},
		{"list, another order", title("[tags]"), with("tags", directory.List(directory.Text("a"), directory.Text("b"))), pointer(directory.List(directory.Text("B"), directory.Text("A"))), nothing},
		{"list, one more", title("[tags]"), with("tags", directory.List(directory.Text("a"), directory.Text("b"))), pointer(directory.List(directory.Text("a"))), "[a]→[a, b]"},
		{"list, repeated", title("[tags]"), with("tags", directory.List(directory.Text("a"), directory.Text("a"))), pointer(directory.List(directory.Text("a"), directory.Text("b"))), "[a, b]→[a, a]"},
		{"list of one and a single value", title("[tags]"), with("tags", directory.List(directory.Text("a"))), pointer(directory.Text("a")), nothing},
		{"list, emptied", title("[tags]"), with("tags", directory.List()), pointer(directory.List(directory.Text("a"))), "[a]→[]"},

		{"add only, create", title("[jobTitle]", add), hasTitle, nil, "null→Sysadmin"},
		{"add only, create, null, default", title("[jobTitle]", add, defaulting("none")), nullTitle, nil, "null→none"},
		{"add only, update, other", title("[jobTitle]", add), hasTitle, pointer(directory.Text("Analyst")), nothing},
		{"add only, update, target empty", title("[jobTitle]", add), hasTitle, pointer(directory.Null()), nothing},
		{"if empty, create", title("[jobTitle]", attributeAdd), hasTitle, nil, "null→Sysadmin"},
		{"if empty, update, other", title("[jobTitle]", attributeAdd), hasTitle, pointer(directory.Text("Analyst")), nothing},
		{"if empty, update, target null", title("[jobTitle]", attributeAdd), hasTitle, pointer(directory.Null()), "null→Sysadmin"},
		{"if empty, update, target blank", title("[jobTitle]", attributeAdd), hasTitle, pointer(directory.Text("")), "→Sysadmin"},
		{"if empty, update, target empty list", title("[jobTitle]", attributeAdd), hasTitle, pointer(directory.List()), "[]→Sysadmin"},

		{"additions, create", title("[tags]", additions), with("tags", tags("a", "b")), nil, "null→[a, b]"},
		{"additions, target empty", title("[tags]", additions), with("tags", tags("a", "b")), pointer(directory.Null()), "null+[a, b]"},
		{"additions, one more, one less", title("[tags]", additions), with("tags", tags("b", "c")), pointer(tags("a", "B")), "[a, B]+[c]"},
		{"additions, one less", title("[tags]", additions), with("tags", tags("a")), pointer(tags("a", "b")), nothing},
		{"additions, repeated and blank", title("[tags]", additions), with("tags", tags("b", "B", "", "b")), pointer(tags("a")), "[a]+[b]"},
		{"additions, emptied", title("[tags]", additions), with("tags", directory.List()), pointer(tags("a")), nothing},
		{"additions, null", title("[tags]", additions), noTitle, pointer(tags("a")), nothing},
		{"additions, single values", title("[jobTitle]", additions), hasTitle, pointer(directory.Text("Analyst")), "Analyst+[Sysadmin]"},
		{"value additions, create", title("[tags]", valueAdd), with("tags", tags("a")), nil, "null→[a]"},
		{"value additions, target empty", title("[jobTitle]", valueAdd), hasTitle, pointer(directory.Null()), "null→Sysadmin"},
		{"value additions, single value replaced", title("[jobTitle]", valueAdd), hasTitle, pointer(directory.Text("Analyst")), "Analyst→Sysadmin"},
		{"value additions, list", title("[tags]", valueAdd), with("tags", tags("b")), pointer(tags("a")), "[a]+[b]"},
		{"value additions, one into a list", title("[jobTitle]", valueAdd), hasTitle, pointer(tags("a")), "[a]+[Sysadmin]"},
		{"value additions, several by the list", listing(title("[jobTitle]", valueAdd), job.TargetAttribute{Multivalued: pointer(true)}), hasTitle, pointer(directory.Text("a")), "a+[Sysadmin]"},
		{"value additions, one by the list", listing(title("[tags]", valueAdd), job.TargetAttribute{Multivalued: pointer(false)}), with("tags", tags("b")), pointer(directory.Text("a")), "a→b"},
		{"value additions, empty text", title("[jobTitle]", valueAdd), blank, pointer(sysadmin), nothing},
		{"value additions, emptied list", title("[tags]", valueAdd), with("tags", directory.List()), pointer(tags("a")), nothing},
		{"value additions, removal", title("[tags]", valueAdd), with("tags", tags("a")), pointer(tags("a", "b")), nothing},

		{"immutable, create", listing(title("[jobTitle]"), job.TargetAttribute{Mutability: job.Immutable}), hasTitle, nil, "null→Sysadmin"},
		{"immutable, update", listing(title("[jobTitle]"), job.TargetAttribute{Mutability: job.Immutable}), hasTitle, pointer(directory.Text("Analyst")), nothing},
		{"case-exact by the list", listing(title("[jobTitle]"), job.TargetAttribute{CaseExact: pointer(true)}), hasTitle, pointer(directory.Text("SYSADMIN")), "SYSADMIN→Sysadmin"},
		{"converted", listing(title("[level]"), job.TargetAttribute{Type: job.TypeInteger}), with("level", directory.Text(" 7 ")), pointer(directory.Integer(8)), "8→7"},
		{"converted, same", listing(title("[level]"), job.TargetAttribute{Type: job.TypeInteger}), with("level", directory.Text(" 7 ")), pointer(directory.Integer(7)), nothing},
		{"converted default", listing(title("[level]", defaulting("07")), job.TargetAttribute{Type: job.TypeInteger}), noTitle, nil, "null→7"},
		{"required, default of the mapping", listing(title("[jobTitle]", defaulting("none")), job.TargetAttribute{Required: true, DefaultValue: pointer("listed")}), noTitle, nil, "null→none"},
		{"required, default of the list", listing(title("[jobTitle]"), job.TargetAttribute{Required: true, DefaultValue: pointer("listed")}), noTitle, nil, "null→listed"},
		{"required, empty default, default of the list", listing(title("[jobTitle]", defaulting("")), job.TargetAttribute{Required: true, DefaultValue: pointer("listed")}), noTitle, nil, "null→listed"},
		{"not required, default of the list", listing(title("[jobTitle]"), job.TargetAttribute{DefaultValue: pointer("listed")}), noTitle, nil, nothing},
		{"required, not mapped, create", listing(attributes(), job.TargetAttribute{Required: true, DefaultValue: pointer("listed")}), hasTitle, nil, "null→listed"},
		{"required, not mapped, update", listing(attributes(), job.TargetAttribute{Required: true, DefaultValue: pointer("listed")}), hasTitle, pointer(directory.Null()), nothing},
		{"required, update, null", listing(title("[jobTitle]"), job.TargetAttribute{Required: true}), nullTitle, pointer(sysadmin), nothing},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			program, object := compile(t, test.set), ada(test.ada)
			decisions := map[string]engine.Decision{"create": decide(program, object, true, nil, noMatch)}
			if test.held != nil {
				held := account(holding("title", *test.held))
				decisions = map[string]engine.Decision{
					"linked":  decide(program, object, true, link(func(l *engine.Linked) { l.Exported = held }), noMatch),
					"matched": decide(program, object, true, nil, found(held)),
				}
			}
			for name, d := range decisions {
				got := nothing
				for _, change := range d.Changes {
					if strings.EqualFold(change.Attribute, "title") {
						got = change.Old.String() + arrow(change) + change.New.String()
					}
				}
				if got != test.want {
					t.Errorf("%s: got %s, want %s (%s)", name, got, test.want, show(d))
				}
			}
		})
	}
}

func TestDefaultIsMadeCanonical(t *testing.T) {
	t.Parallel()
	object := ada()
	d := decide(compile(t, attributes(mapped("active", "[state]", defaulting("False")))), object, true, nil, noMatch)
	if got, want := show(d), "create keep active:null→False userName:null→ada@example.com"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	if d.Changes[0].New.Kind() != directory.KindBoolean || d.Active {
		t.Errorf("active is a %s, the account is on: %v", d.Changes[0].New.Kind(), d.Active)
	}
	_, err := engine.Compile(definition(attributes(mapped("active", "[state]", defaulting("perhaps")))), traits())
	if want := "mapping wiki/user, attribute active: the default cannot be used: active is true or false"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

// A dropped object is left alone, wherever it is met (expressions.md 1.5); one whose mapping fails is tried again (1.4).
func TestObjectsThatAMappingDropsOrFails(t *testing.T) {
	t.Parallel()
	drop := compile(t, title(`IIF(IsPresent([jobTitle]), IgnoreObjectFlow, "x")`))
	fail := compile(t, title(`DateAdd("d", 1, [jobTitle])`))
	const failed = "fail keep MappingFailed"
	tests := []struct {
		name    string
		program *engine.Program
		link    *engine.Linked
		match   engine.Match
		want    string
	}{
		{"drop, new", drop, nil, noMatch, "skip keep EntrySynchronizationSkipped"},
		{"drop, matched", drop, nil, found(account()), "skip keep EntrySynchronizationSkipped"},
		{"drop, linked", drop, link(), noMatch, "skip keep EntrySynchronizationSkipped"},
		{"fail, new", fail, nil, noMatch, failed},
		{"fail, matched", fail, nil, found(account()), failed},
		{"fail, linked", fail, link(), noMatch, failed},
	}
	for _, test := range tests {
		d := decide(test.program, ada(hasTitle), true, test.link, test.match)
		if show(d) != test.want {
			t.Errorf("%s: got %s, want %s", test.name, show(d), test.want)
		}
		if strings.Contains(d.Reason, "Sysadmin") || (d.Action == engine.Fail) != strings.HasPrefix(d.Reason, "a mapping failed: attribute title: ") {
			t.Errorf("%s: reason %q", test.name, d.Reason)
		}
	}
}

// A mapping that yields what the target can never take fails its object; the account stays as it is, and managed.
func TestValuesTheTargetCannotTake(t *testing.T) {
	t.Parallel()
	program := compile(t, attributes(mapped("active", `Switch([IsSoftDeleted], , "False", "True", "True", "gone")`)))
	want := "a mapping failed: attribute active: active is true or false"
	d := decide(program, ada(inHR), true, link(), noMatch)
	if d.Action != engine.Fail || d.Reason != want || d.Aftermath != engine.KeepLink || !d.Active {
		t.Errorf("%s, active %v: %s", show(d), d.Active, d.Reason)
	}
}

func TestLeavingObjectsSendNothingElse(t *testing.T) {
	t.Parallel()
	program := compile(t, attributes(mapped("active", lifecycle), mapped("department", "[department]"),
		mapped("status", `IIF([IsSoftDeleted], "left", "works")`), mapped("note", `IIF([IsSoftDeleted], "x", "y")`, flowing(job.FlowObjectAddOnly))))
	held := account(holding("status", directory.Text("works")), holding("note", directory.Text("y")))
	got := decide(program, ada(inHR, managedBy("u-zoe")), true, link(func(l *engine.Linked) { l.Exported = held }), noMatch)
	if want := "disable release active:True→False status:works→left"; show(got) != want || got.Active || got.Target != "t-ada" {
		t.Errorf("got %s, want %s", show(got), want)
	}
}

// The cases around active: a mapping may switch an account off although its owner is in scope.
func TestAccountsThatAMappingSwitchesOff(t *testing.T) {
	t.Parallel()
	program := compile(t, attributes(mapped("active", `IIF([contract], "True", "False")`), mapped("title", "[jobTitle]")))
	on, off := with("contract", directory.Boolean(true)), with("contract", directory.Boolean(false))
	inactive := account(holding("active", directory.Boolean(false)))
	tests := []struct {
		name   string
		object directory.Object
		link   *engine.Linked
		match  engine.Match
		want   string
		active bool
		event  engine.Event
	}{
		{"created inactive", ada(off), nil, noMatch, "create keep active:null→False userName:null→ada@example.com", false, engine.NoEvent},
		{"linked, turned off", ada(off), link(), noMatch, "disable keep active:True→False", false, engine.TurnedOff},
		{"matched, turned off", ada(off), nil, found(account()), "disable keep active:True→False", false, engine.TurnedOff},
		{"matched without active, turned off", ada(off), nil, found(map[string]directory.Value{"userName": directory.Text("ada@example.com")}), "disable keep active:null→False", false, engine.TurnedOff},
		{"linked, stays off", ada(off), link(func(l *engine.Linked) { l.Active, l.Exported = false, inactive }), noMatch, "skip keep RedundantExport", false, engine.NoEvent},
		{"linked, stays off, something else changes", ada(off, hasTitle), link(func(l *engine.Linked) { l.Active, l.Exported = false, inactive }), noMatch,
			"update keep title:null→Sysadmin", false, engine.NoEvent},
		{"matched, stays off, something else changes", ada(off, hasTitle), nil, found(inactive), "update keep title:null→Sysadmin", false, engine.NoEvent},
		{"matched, stays off", ada(off), nil, found(inactive), "link keep RedundantExport", false, engine.NoEvent},
		{"linked, turned on", ada(on), link(func(l *engine.Linked) { l.Active, l.Exported = false, inactive }), noMatch, "update keep active:False→True", true, engine.NoEvent},
		{"matched, turned on", ada(on), nil, found(inactive), "update keep active:False→True", true, engine.NoEvent},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := decide(program, test.object, true, test.link, test.match)
			if show(d) != test.want || d.Active != test.active || d.Event != test.event {
				t.Errorf("got %s, active %v, event %q; want %s, %v, %q", show(d), d.Active, d.Event, test.want, test.active, test.event)
			}
		})
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	written := func(anchor string) func(*engine.Linked) {
		return func(l *engine.Linked) { l.Exported[managerAttribute] = directory.Text(anchor) }
	}
	flow := func(flowType job.FlowType) func(*job.Definition) {
		return func(d *job.Definition) { users(d).Attributes[3].FlowType = flowType }
	}
	held := account(holding(managerAttribute, directory.Text("t-zoe")))
	const created = "create keep active:null→True department:null→Sales userName:null→ada@example.com"
	tests := []struct {
		name   string
		set    func(*job.Definition)
		object directory.Object
		link   *engine.Linked
		match  engine.Match
		want   string
	}{
		{"create", flow(job.FlowAlways), ada(managedBy("u-zoe")), nil, noMatch, created + ` manager="u-zoe"`},
		{"create without", flow(job.FlowAlways), ada(), nil, noMatch, created},
		{"linked, same", flow(job.FlowAlways), ada(managedBy("u-zoe")), link(written("u-zoe")), noMatch, "skip keep RedundantExport"},
		{"linked, other", flow(job.FlowAlways), ada(managedBy("u-bob")), link(written("u-zoe")), noMatch, `skip keep RedundantExport manager="u-bob"`},
		{"linked, new", flow(job.FlowAlways), ada(managedBy("u-bob")), link(), noMatch, `skip keep RedundantExport manager="u-bob"`},
		{"linked, removed", flow(job.FlowAlways), ada(), link(written("u-zoe")), noMatch, `skip keep RedundantExport manager=""`},
		{"linked, case of an anchor counts", flow(job.FlowAlways), ada(managedBy("U-ZOE")), link(written("u-zoe")), noMatch, `skip keep RedundantExport manager="U-ZOE"`},
		{"matched: written to make sure", flow(job.FlowAlways), ada(managedBy("u-zoe")), nil, found(held), `link keep RedundantExport manager="u-zoe"`},
		{"matched without", flow(job.FlowAlways), ada(), nil, found(held), "link keep RedundantExport"},
		{"updates off", func(d *job.Definition) { users(d).Actions.Update = false }, ada(managedBy("u-bob")), link(written("u-zoe")), noMatch, "skip keep EntrySynchronizationSkipped"},
		{"add only, create", flow(job.FlowObjectAddOnly), ada(managedBy("u-zoe")), nil, noMatch, created + ` manager="u-zoe"`},
		{"add only, linked", flow(job.FlowObjectAddOnly), ada(managedBy("u-bob")), link(written("u-zoe")), noMatch, "skip keep RedundantExport"},
		{"add only, matched", flow(job.FlowObjectAddOnly), ada(managedBy("u-zoe")), nil, found(account()), "link keep RedundantExport"},
		{"if empty, linked, empty", flow(job.FlowAttributeAddOnly), ada(managedBy("u-bob")), link(), noMatch, `skip keep RedundantExport manager="u-bob"`},
		{"if empty, linked, written", flow(job.FlowAttributeAddOnly), ada(managedBy("u-bob")), link(written("u-zoe")), noMatch, "skip keep RedundantExport"},
		{"if empty, matched, held", flow(job.FlowAttributeAddOnly), ada(managedBy("u-bob")), nil, found(held), "link keep RedundantExport"},
		{"if empty, matched, empty", flow(job.FlowAttributeAddOnly), ada(managedBy("u-bob")), nil, found(account()), `link keep RedundantExport manager="u-bob"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := decide(compile(t, test.set), test.object, true, test.link, test.match)
			if show(d) != test.want {
				t.Errorf("got %s, want %s", show(d), test.want)
			}
		})
	}
}

// What a link remembers of a matched account's manager: nothing, because the target answers with its own anchor; or that
// there is one, when the mapping is only for accounts without.
func TestReferencesOfAMatchedAccount(t *testing.T) {
	t.Parallel()
	held := account(holding(managerAttribute, directory.Text("t-zoe")))
	for flowType, want := range map[job.FlowType]bool{job.FlowAlways: false, job.FlowObjectAddOnly: false, job.FlowAttributeAddOnly: true} {
		program := compile(t, func(d *job.Definition) { users(d).Attributes[3].FlowType = flowType })
		first := decide(program, ada(managedBy("u-bob")), true, nil, found(held))
		if _, got := first.Current[managerAttribute]; got != want {
			t.Errorf("%s: the link remembers the target's own anchor: %v", flowType, got)
		}
		second := decide(program, ada(managedBy("u-bob")), true, carriedOut(nil, first), noMatch)
		if flowType == job.FlowAttributeAddOnly && len(second.References) > 0 {
			t.Errorf("the manager of the target is overwritten in the second cycle: %s", show(second))
		}
	}
}

// Changes come sorted by attribute, whatever the order of the mappings.
func TestChangesAreSorted(t *testing.T) {
	t.Parallel()
	d := decide(compile(t, attributes(mapped("z", `"1"`), mapped("a", `"2"`), mapped("m", `"3"`))), ada(), true, nil, noMatch)
	var got []string
	for _, change := range d.Changes {
		got = append(got, change.Attribute)
	}
	if diff := cmp.Diff([]string{"a", "m", "userName", "z"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
