package engine_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

func behaving(behavior job.FlowBehavior) func(*job.AttributeMapping) {
	return func(m *job.AttributeMapping) { m.FlowBehavior = behavior }
}

func linkHolding(held map[string]directory.Value) *engine.Linked {
	return link(func(l *engine.Linked) { l.Exported = held })
}

// FlowAlways goes along with every update, and causes none (mappings-and-scoping.md 4).
func TestWhatFlowsInEveryUpdate(t *testing.T) {
	t.Parallel()
	every := behaving(job.FlowInEveryUpdate)
	program := func(change ...func(*job.AttributeMapping)) *engine.Program {
		return compile(t, attributes(mapped("active", lifecycle, every), mapped("dept", "[department]"), mapped("title", "[jobTitle]", append(change, every)...)))
	}
	held := func(title directory.Value, department string) map[string]directory.Value {
		h := account(holding("dept", directory.Text(department)))
		delete(h, "department")
		if !title.IsNull() {
			h["title"] = title
		}
		return h
	}
	for _, c := range []struct {
		name    string
		program *engine.Program
		object  directory.Object
		held    map[string]directory.Value
		want    string
	}{
		{"nothing differs", program(), ada(hasTitle), held(sysadmin, "Sales"), "skip keep RedundantExport"},
		{"something differs", program(), ada(hasTitle), held(sysadmin, "HR"), "update keep active:True→True dept:HR→Sales title:Sysadmin→Sysadmin"},
		{"it differs itself", program(), ada(hasTitle), held(directory.Text("x"), "Sales"), "update keep active:True→True title:x→Sysadmin"},
		{"case differs", program(), ada(hasTitle), held(directory.Text("SYSADMIN"), "HR"), "update keep active:True→True dept:HR→Sales title:SYSADMIN→Sysadmin"},
		{"null is no value", program(), ada(), held(sysadmin, "HR"), "update keep active:True→True dept:HR→Sales"},
		{"create only", program(flowing(job.FlowObjectAddOnly)), ada(hasTitle), held(sysadmin, "HR"), "update keep active:True→True dept:HR→Sales"},
		{"only if empty", program(flowing(job.FlowAttributeAddOnly)), ada(hasTitle), held(sysadmin, "HR"), "update keep active:True→True dept:HR→Sales"},
		{"additions", program(flowing(job.FlowMultiValueAddOnly)), ada(hasTitle), held(tags("a", "Sysadmin"), "HR"), "update keep active:True→True dept:HR→Sales title:[a, Sysadmin]+[Sysadmin]"},
		{"leaving", program(), ada(inHR), held(sysadmin, "Sales"), "disable release active:True→False"},
	} {
		linked := linkHolding(c.held)
		d := decide(c.program, c.object, true, linked, noMatch)
		if show(d) != c.want {
			t.Errorf("%s: got %s, want %s", c.name, show(d), c.want)
		}
		if d.Action != engine.Disable {
			if again := decide(c.program, c.object, true, carriedOut(linked, d), noMatch); again.Action != engine.Skip {
				t.Errorf("%s: it never settles: %s", c.name, show(again))
			}
		}
	}
}

func role(name string) directory.Value {
	return directory.Record(map[string]directory.Value{"id": directory.Text("r-" + name), "value": directory.Text(name), "displayName": directory.Text(name)})
}

// mappings-and-scoping.md 9: one role function only adds, whatever its flow type says, and the other one replaces.
func TestRoles(t *testing.T) {
	t.Parallel()
	roles := func(names ...string) func(*directory.Object) {
		elements := make([]directory.Value, len(names))
		for i, name := range names {
			elements[i] = role(name)
		}
		return with("appRoleAssignments", directory.List(elements...))
	}
	for _, c := range []struct {
		function string
		flow     job.FlowType
		want     string // the kind of change when admin is held and editor is assigned
		elements int
		after    int
	}{
		{job.RoleAdding, job.FlowAlways, "+", 1, 2},
		{job.RoleAdding, job.FlowMultiValueAddOnly, "+", 1, 2},
		{job.RoleAdding, job.FlowAttributeAddOnly, "+", 1, 2},
		{job.RoleAdding, job.FlowObjectAddOnly, "", 0, 1},
		{job.RoleReplacing, job.FlowAlways, "→", 1, 1},
		{job.RoleReplacing, job.FlowMultiValueAddOnly, "+", 1, 2},
	} {
		program := compile(t, attributes(mapped("active", lifecycle), mapped("roles", c.function+"([appRoleAssignments])", flowing(c.flow))))
		created := decide(program, ada(roles("admin")), true, nil, noMatch)
		linked := carriedOut(nil, created)
		second := decide(program, ada(roles("editor")), true, linked, noMatch)
		got, elements := "", 0
		for _, change := range second.Changes {
			got, elements = arrow(change), len(change.New.Elements())
		}
		after := len(second.Afterwards()["roles"].Elements())
		if len(created.Changes) != 3 || got != c.want || elements != c.elements || after != c.after {
			t.Errorf("%s, %s: created %s, then %q of %d, %d afterwards", c.function, c.flow, show(created), got, elements, after)
		}
		if third := decide(program, ada(roles("editor")), true, carriedOut(linked, second), noMatch); third.Action != engine.Skip {
			t.Errorf("%s, %s: it never settles: %s", c.function, c.flow, show(third))
		}
		none := decide(program, ada(roles()), true, linked, noMatch)
		cleared := len(none.Changes) == 1 && none.Changes[0].New.IsEmpty()
		if want := c.function == job.RoleReplacing && c.flow == job.FlowAlways; cleared != want {
			t.Errorf("%s, %s: without a role: %s", c.function, c.flow, show(none))
		}
	}
}

// A role is recognised by its value: what a target adds to it or leaves out of it is no change (mappings-and-scoping.md 9.4).
func TestRoleIsRecognisedByItsValue(t *testing.T) {
	t.Parallel()
	program := compile(t, attributes(mapped("active", lifecycle), mapped("roles", "[assigned]")))
	object := ada(with("assigned", directory.List(role("admin"))))
	linked := carriedOut(nil, decide(program, object, true, nil, noMatch))
	linked.Exported["roles"] = directory.List(directory.Record(map[string]directory.Value{"value": directory.Text("admin"), "$ref": directory.Text("x")}))
	if again := decide(program, object, true, linked, noMatch); again.Action != engine.Skip {
		t.Errorf("written again: %s", show(again))
	}
}

// A target named objectFilter decides about the object and is never sent (expressions.md 1.5).
func TestObjectFilter(t *testing.T) {
	t.Parallel()
	program := compile(t, attributes(mapped("active", lifecycle), mapped("ObjectFilter", `IIF([department]="Sales", IgnoreObjectFlow, [nowhere])`),
		mapped("title", `DateAdd("d", 1, [jobTitle])`)))
	fine := with("jobTitle", directory.Text("1/1/2026 1:00:00 AM"))
	none := compile(t, attributes(mapped("active", lifecycle), mapped("objectFilter", `IIF([department]="HR", IgnoreObjectFlow, "x")`), mapped("title", `"y"`)))
	for _, c := range []struct {
		name    string
		program *engine.Program
		object  directory.Object
		link    *engine.Linked
		want    string
	}{
		{"left out, new", program, ada(fine), nil, "skip keep EntrySynchronizationSkipped"},
		{"left out, linked", program, ada(fine), link(), "skip keep EntrySynchronizationSkipped"},
		{"left out before anything else fails", program, ada(hasTitle), link(), "skip keep EntrySynchronizationSkipped"},
		{"taken, new", none, ada(), nil, "create keep active:null→True title:null→y userName:null→ada@example.com"},
		{"leaving all the same", program, ada(inHR), link(), "disable release active:True→False"},
		{"a filter that fails", compile(t, attributes(mapped("objectFilter", `DateAdd("d", 1, [jobTitle])`))), ada(hasTitle), link(), "fail keep MappingFailed"},
	} {
		if d := decide(c.program, c.object, true, c.link, noMatch); show(d) != c.want {
			t.Errorf("%s: got %s, want %s", c.name, show(d), c.want)
		}
	}
	if diff := cmp.Diff([]string{"active", "title", "userName"}, program.Targets(directory.User)); diff != "" {
		t.Errorf("accounts are read with (-want +got):\n%s", diff)
	}
	if err := program.CheckAttributes(directory.User, []string{"userPrincipalName", "department", "jobTitle"}); err == nil || !strings.Contains(err.Error(), "[nowhere]") {
		t.Errorf("a filter reads what the source does not have: %v", err)
	}
}

func TestUniqueValues(t *testing.T) {
	t.Parallel()
	const unique = `SelectUniqueValue([alias], Append([alias], "1"), Append([alias], "2"))`
	program := compile(t, attributes(mapped("nickName", unique, flowing(job.FlowObjectAddOnly))), func(d *job.Definition) {
		users(d).TargetAttributes = []job.TargetAttribute{{Name: "nickname", Type: job.TypeString}}
	})
	object := ada(with("alias", directory.Integer(7)))
	assess := func(taken func(string, directory.Value) (bool, error), linked *engine.Linked) engine.Decision {
		in := inputs()
		in.Taken = taken
		assessment := program.Assess(object, true, linked, in)
		if !assessment.NeedsMatch {
			return assessment.Decision
		}
		return program.Decide(assessment, noMatch, in)
	}
	var asked []string
	among := func(used ...string) func(string, directory.Value) (bool, error) {
		return func(target string, candidate directory.Value) (bool, error) {
			asked = append(asked, target+" "+candidate.Kind().String()+" "+candidate.String())
			return strings.Contains(strings.Join(used, " "), candidate.String()), nil
		}
	}
	for _, c := range []struct {
		name string
		got  engine.Decision
		want string
	}{
		{"free", assess(among(), nil), "create keep nickName:null→7 userName:null→ada@example.com"},
		{"taken", assess(among("7", "71"), nil), "create keep nickName:null→72 userName:null→ada@example.com"},
		{"none free", assess(among("7", "71", "72"), nil), "fail keep NoUniqueValue"},
		{"nobody to ask", assess(nil, nil), "create keep nickName:null→7 userName:null→ada@example.com"},
	} {
		if show(c.got) != c.want {
			t.Errorf("%s: got %s, want %s", c.name, show(c.got), c.want)
		}
		if strings.Contains(c.got.Reason, "7") {
			t.Errorf("%s: the reason holds a value: %s", c.name, c.got.Reason)
		}
	}
	if d := assess(among("7", "71", "72"), link()); d.Action == engine.Fail || len(d.Changes) > 0 {
		t.Errorf("an account has its value already: %s: %s", show(d), d.Reason)
	}
	if len(asked) != 1+3+3 || asked[0] != "nickName text 7" {
		t.Errorf("asked in the form the target keeps it: %q", asked)
	}
	down := errors.New("no answer")
	if d := assess(func(string, directory.Value) (bool, error) { return false, down }, nil); d.Action != engine.Fail || d.Code == engine.CodeNoUniqueValue {
		t.Errorf("an error of the target: %s, %s", show(d), d.Reason)
	}
}

// No account is created without what it needs (mappings-and-scoping.md 3.1).
func TestRequiredAttributes(t *testing.T) {
	t.Parallel()
	required := job.TargetAttribute{Required: true}
	for name, set := range map[string]func(*job.Definition){
		"null":    listing(title("[jobTitle]"), required),
		"dropped": listing(title("IgnoreFlowIfNullOrEmpty([jobTitle])", defaulting("none")), required),
	} {
		d := decide(compile(t, set), ada(), true, nil, noMatch)
		if want := "a required attribute has no value: title; give it one in the source, or set a default_value"; show(d) != "fail keep MandatoryFieldsMissing" || d.Reason != want {
			t.Errorf("%s: %s: %s", name, show(d), d.Reason)
		}
		if d := decide(compile(t, set), ada(), true, link(), noMatch); d.Action == engine.Fail {
			t.Errorf("%s: an account that is there: %s", name, show(d))
		}
	}
}

// Values that do not fit fail the object, and nobody reads them in the reason.
func TestValuesOfTheWrongType(t *testing.T) {
	t.Parallel()
	wrong := with("jobTitle", directory.Text(secret))
	for _, c := range []struct {
		set    func(*job.Definition)
		object directory.Object
		want   string
	}{
		{listing(title("[jobTitle]"), job.TargetAttribute{Type: job.TypeInteger}), ada(wrong), "the value is not an integer, and the target attribute has the type Integer"},
		{listing(title("[jobTitle]"), job.TargetAttribute{Type: job.TypeBoolean}), ada(wrong), "the value is neither true nor false, and the target attribute has the type Boolean"},
		{listing(title("[tags]"), job.TargetAttribute{Multivalued: pointer(false)}), ada(with("tags", tags(secret, "b"))), "the attribute takes one value, and the expression gives 2; choose one, for example with Item"},
		{listing(title("Redact([jobTitle])"), job.TargetAttribute{Type: job.TypeBoolean}), ada(wrong), "the value is neither true nor false, and the target attribute has the type Boolean"},
	} {
		d := decide(compile(t, c.set), c.object, true, link(), noMatch)
		if want := "a mapping failed: attribute title: " + c.want; d.Code != engine.CodeMappingFailed || d.Reason != want {
			t.Errorf("got %s: %s, want %s", show(d), d.Reason, want)
		}
	}
	d := decide(compile(t, attributes(mapped("active", "Redact([jobTitle])"))), ada(wrong), true, link(), noMatch)
	if want := "a mapping failed: attribute active: the target cannot take the value; what it is, is redacted"; d.Reason != want {
		t.Errorf("got %q", d.Reason)
	}
}

// What is written on create only is not even evaluated later: its failures and its unique values are no concern then.
func TestCreateOnlyIsNotEvaluatedLater(t *testing.T) {
	t.Parallel()
	program := compile(t, title(`DateAdd("d", 1, [jobTitle])`, flowing(job.FlowObjectAddOnly)))
	if d := decide(program, ada(hasTitle), true, nil, noMatch); d.Action != engine.Fail {
		t.Errorf("create: %s", show(d))
	}
	for name, d := range map[string]engine.Decision{
		"linked":  decide(program, ada(hasTitle), true, link(), noMatch),
		"matched": decide(program, ada(hasTitle), true, nil, found(account())),
	} {
		if d.Action == engine.Fail {
			t.Errorf("%s: %s", name, d.Reason)
		}
	}
}

// An attribute that cannot be read is written to an account that was matched, and remembered from then on.
func TestWriteOnlyAttributes(t *testing.T) {
	t.Parallel()
	program := compile(t, listing(title("[jobTitle]"), job.TargetAttribute{Mutability: job.WriteOnly}))
	first := decide(program, ada(hasTitle), true, nil, found(account(holding("title", sysadmin))))
	if want := "update keep title:null→Sysadmin"; show(first) != want {
		t.Errorf("got %s, want %s", show(first), want)
	}
	if second := decide(program, ada(hasTitle), true, carriedOut(nil, first), noMatch); second.Action != engine.Skip {
		t.Errorf("again: %s", show(second))
	}
	if diff := cmp.Diff([]string{"userName"}, program.Targets(directory.User)); diff != "" {
		t.Errorf("accounts are read with (-want +got):\n%s", diff)
	}
}

// What nobody knows while a write is under way: whatever became of it, the next decision writes what is wanted then.
func TestMeanwhile(t *testing.T) {
	t.Parallel()
	doubt := directory.Text("doubt")
	for _, c := range []struct {
		name string
		set  func(*job.Definition)
		ada  func(*directory.Object)
		held directory.Value
		want directory.Value
	}{
		{"replaced", title("[jobTitle]"), hasTitle, directory.Text("x"), doubt},
		{"set where nothing was: null never clears it", title("[jobTitle]"), hasTitle, directory.Null(), directory.Null()},
		{"set where nothing was, and null clears it", withNull(), hasTitle, directory.Null(), doubt},
		{"cleared", withNull(), nullTitle, sysadmin, doubt},
		{"added to", title("[tags]", flowing(job.FlowMultiValueAddOnly)), with("tags", tags("b")), tags("a"), tags("a")},
		{"filled", title("[jobTitle]", flowing(job.FlowAttributeAddOnly)), hasTitle, directory.Text(""), directory.Null()},
		{"filled by a default", title("", defaulting("none")), hasTitle, directory.Text(""), directory.Null()},
		{"filled, value additions", title("[jobTitle]", flowing(job.FlowValueAddOnly)), hasTitle, directory.Text(""), directory.Null()},
		{"replaced, value additions", title("[jobTitle]", flowing(job.FlowValueAddOnly)), hasTitle, directory.Text("x"), doubt},
	} {
		program := compile(t, c.set)
		held := account()
		if !c.held.IsNull() {
			held["title"] = c.held
		}
		d := decide(program, ada(c.ada), true, linkHolding(held), noMatch)
		if len(d.Changes) != 1 {
			t.Errorf("%s: %s", c.name, show(d))
			continue
		}
		meanwhile := d.Meanwhile(doubt)
		if got := meanwhile["title"]; !got.Equal(c.want) || !meanwhile["userName"].Equal(held["userName"]) {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		again := decide(program, ada(c.ada), true, linkHolding(meanwhile), noMatch)
		if len(again.Changes) != 1 || !again.Changes[0].New.Equal(d.Changes[0].New) {
			t.Errorf("%s: it is not written again: %s", c.name, show(again))
		}
	}
	deleted := decide(compile(t), ada(hardDeleted), true, link(), noMatch).Meanwhile(doubt)
	for attribute, value := range deleted {
		if !value.Equal(doubt) {
			t.Errorf("deleted, but %s is certain", attribute)
		}
	}
}

// What only the preset reads may be missing in the source; what the mapping itself reads may not.
func TestPresetAttributesMayBeMissing(t *testing.T) {
	t.Parallel()
	known := []string{"userPrincipalName", "displayName", "department"}
	set := func(own ...job.AttributeMapping) func(*job.Definition) {
		return func(d *job.Definition) {
			m := users(d)
			m.Preset, m.Attributes, m.Exclude = job.PresetEntra, own, []string{`phoneNumbers[type eq "fax"].value`}
		}
	}
	program := compile(t, set())
	if err := program.CheckAttributes(directory.User, known); err != nil {
		t.Errorf("the preset alone: %v", err)
	}
	d := decide(program, ada(), true, nil, noMatch)
	if want := "create keep active:null→True name.formatted:null→ urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department:null→Sales userName:null→ada@example.com"; show(d) != want {
		t.Errorf("got  %s\nwant %s", show(d), want)
	}
	if got := len(program.Targets(directory.User)); got != 21 {
		t.Errorf("%d targets", got)
	}
	err := compile(t, set(mapped("Title", "[position]"))).CheckAttributes(directory.User, known)
	if err == nil || !strings.Contains(err.Error(), "attribute Title: ") || strings.Contains(err.Error(), "jobTitle") {
		t.Errorf("an own mapping that overrides the preset: %v", err)
	}
}

func TestDefaultDomainAndParameters(t *testing.T) {
	t.Parallel()
	program := compile(t, title(`Join("@", %Prefix%, DefaultDomain())`), func(d *job.Definition) {
		d.Source.DefaultDomain, d.Parameters = "example.com", map[string]string{"Prefix": "x"}
	})
	if d := decide(program, ada(), true, link(), noMatch); show(d) != "update keep title:null→x@example.com" {
		t.Errorf("got %s: %s", show(d), d.Reason)
	}
}

// A reference by the attribute list is one like the target's own.
func TestReferencesByTheList(t *testing.T) {
	t.Parallel()
	set := func(change ...func(*job.AttributeMapping)) func(*job.Definition) {
		return listing(title("[manager]", change...), job.TargetAttribute{Type: job.TypeReference})
	}
	program := compile(t, set())
	if d := decide(program, ada(managedBy("u-zoe")), true, link(), noMatch); show(d) != `skip keep RedundantExport manager="u-zoe"` {
		t.Errorf("got %s", show(d))
	}
	if diff := cmp.Diff([]string{"title"}, program.ReferenceTargets(directory.User)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	written := link(func(l *engine.Linked) { l.Exported["title"] = directory.Text("u-zoe") })
	if d := decide(compile(t, set(flowing(job.FlowValueAddOnly))), ada(), true, written, noMatch); show(d) != "skip keep RedundantExport" {
		t.Errorf("additions remove a reference: %s", show(d))
	}
	_, err := engine.Compile(definition(listing(title("[manager]"), job.TargetAttribute{Type: job.TypeReference, Required: true})), traits())
	if err == nil || !strings.Contains(err.Error(), "a reference cannot be required") {
		t.Errorf("got %v", err)
	}
}

// Redacted stays redacted, whatever the mapping's kind.
func TestRedactedTargets(t *testing.T) {
	t.Parallel()
	program := compile(t, attributes(mapped("secret", "Redact(RandomString(8, 1, 1, 1, 1))", flowing(job.FlowObjectAddOnly)), mapped("open", "", defaulting("x"))))
	for target, want := range map[string]bool{"secret": true, "open": false, "userName": false, "nowhere": false} {
		if got := program.Redacted(directory.User, target); got != want {
			t.Errorf("%s: %v", target, got)
		}
	}
}
