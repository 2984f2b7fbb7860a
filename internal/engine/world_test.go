package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

const (
	managerAttribute = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"
	lifecycle        = `Switch([IsSoftDeleted], , "False", "True", "True", "False")` // mappings-and-scoping.md 7.1, row 2
)

func inputs() engine.Inputs { return engine.Inputs{Now: now, Random: zeros{}} }

// zeros is a source of randomness that is none.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func pointer[T any](v T) *T { return &v }

// mapped makes an attribute mapping that always flows; change may alter it.
func mapped(target, expression string, change ...func(*job.AttributeMapping)) job.AttributeMapping {
	m := job.AttributeMapping{Target: target, Expression: expression, FlowType: job.FlowAlways}
	for _, c := range change {
		c(&m)
	}
	return m
}

func matching(precedence int) func(*job.AttributeMapping) {
	return func(m *job.AttributeMapping) { m.MatchingPrecedence = precedence }
}

func defaulting(value string) func(*job.AttributeMapping) {
	return func(m *job.AttributeMapping) { m.DefaultValue = &value }
}

func flowing(flowType job.FlowType) func(*job.AttributeMapping) {
	return func(m *job.AttributeMapping) { m.FlowType = flowType }
}

// definition provisions assigned users and groups of department Sales, or of no department; change may alter it.
func definition(change ...func(*job.Definition)) job.Definition {
	everything := job.Actions{Create: true, Update: true, Delete: true}
	d := job.Definition{
		ID: "wiki/main", Name: "main", App: job.App{Key: "wiki"}, Source: job.Source{Key: "people"},
		Mappings: []job.Mapping{
			{AppKey: "wiki", ObjectType: directory.Group, Enabled: true, Actions: everything, Attributes: []job.AttributeMapping{
				mapped("displayName", "[displayName]", matching(1)), mapped("members", "[members]"),
			}},
			{AppKey: "wiki", ObjectType: directory.User, Enabled: true, Actions: everything, Attributes: []job.AttributeMapping{
				mapped("userName", "[userPrincipalName]", matching(1)), mapped("active", lifecycle), mapped("department", "[department]"),
				mapped(managerAttribute, "[manager]"),
			}},
		},
		Filters: []job.Filter{
			{AppKey: "wiki", Name: "sales", ObjectType: directory.User, Clauses: []scope.Clause{{Attribute: "department", Operator: scope.Equals, Values: []string{"Sales"}}}},
			{AppKey: "wiki", Name: "open", ObjectType: directory.Group, Clauses: []scope.Clause{{Attribute: "closed", Operator: scope.IsNull}}},
		},
		Scope: scope.ModeAssigned,
	}
	for _, c := range change {
		c(&d)
	}
	return d
}

func groups(d *job.Definition) *job.Mapping { return &d.Mappings[0] }
func users(d *job.Definition) *job.Mapping  { return &d.Mappings[1] }

// attributes replaces the mappings of users, next to the matching userName.
func attributes(mappings ...job.AttributeMapping) func(*job.Definition) {
	return func(d *job.Definition) {
		users(d).Attributes = append([]job.AttributeMapping{mapped("userName", "[userPrincipalName]", matching(1))}, mappings...)
	}
}

// traits are those of a target like SCIM: active is a boolean, everything else is text.
func traits() engine.Traits {
	return engine.Traits{
		ActiveAttribute: "active", Immutable: []string{"id"}, Members: "members", Exact: []string{"externalId"},
		References: map[directory.ObjectType][]string{directory.User: {managerAttribute}},
		Canonical: func(_ directory.ObjectType, attribute string, value directory.Value) (directory.Value, error) {
			if attribute == "nonsense[" {
				return directory.Value{}, directory.Errorf(directory.Invalid, "there is no attribute %s", attribute)
			}
			if attribute != "active" || value.IsNull() {
				return value, nil
			}
			if _, ok := value.AsBoolean(); ok {
				return value, nil
			}
			switch text, _ := value.Text(); text {
			case "True":
				return directory.Boolean(true), nil
			case "False":
				return directory.Boolean(false), nil
			default:
				return directory.Value{}, directory.Errorf(directory.Invalid, "active is true or false")
			}
		},
	}
}

func compile(t testing.TB, change ...func(*job.Definition)) *engine.Program {
	t.Helper()
	program, err := engine.Compile(definition(change...), traits())
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// ada is a user in scope, if assigned; change may alter her.
func ada(change ...func(*directory.Object)) directory.Object {
	object := directory.Object{Type: directory.User, Anchor: "u-ada", Attributes: map[string]directory.Value{
		"userPrincipalName": directory.Text("ada@example.com"), "department": directory.Text("Sales"), "accountEnabled": directory.Boolean(true),
	}}
	for _, c := range change {
		c(&object)
	}
	return object
}

func with(name string, value directory.Value) func(*directory.Object) {
	return func(o *directory.Object) { o.Attributes[name] = value }
}

func managedBy(anchors ...directory.Anchor) func(*directory.Object) {
	return func(o *directory.Object) { o.References = map[string][]directory.Anchor{"manager": anchors} }
}

func staff(change ...func(*directory.Object)) directory.Object {
	object := directory.Object{Type: directory.Group, Anchor: "g-staff", Attributes: map[string]directory.Value{"displayName": directory.Text("Staff")},
		References: map[string][]directory.Anchor{"members": {"u-ada", "u-bob"}}}
	for _, c := range change {
		c(&object)
	}
	return object
}

var (
	disabled    = with("accountEnabled", directory.Boolean(false))
	inHR        = with("department", directory.Text("HR"))
	softDeleted = func(o *directory.Object) { o.Removed = directory.SoftDeleted }
	hardDeleted = func(o *directory.Object) {
		*o = directory.Object{Type: o.Type, Anchor: o.Anchor, Removed: directory.HardDeleted}
	}
)

// account is what the target holds for ada when nothing differs.
func account(change ...func(map[string]directory.Value)) map[string]directory.Value {
	held := map[string]directory.Value{
		"userName": directory.Text("ada@example.com"), "active": directory.Boolean(true), "department": directory.Text("Sales"),
	}
	for _, c := range change {
		c(held)
	}
	return held
}

func holding(name string, value directory.Value) func(map[string]directory.Value) {
	return func(held map[string]directory.Value) { held[name] = value }
}

// link is ada's link, with nothing to change.
func link(change ...func(*engine.Linked)) *engine.Linked {
	l := &engine.Linked{Target: "t-ada", Managed: true, Active: true, Exported: account(), Name: "ada@example.com", MatchKey: "username=ada@example.com"}
	for _, c := range change {
		c(l)
	}
	return l
}

func groupLink() *engine.Linked {
	return &engine.Linked{Target: "t-staff", Managed: true, Active: true, Name: "Staff", MatchKey: "displayname=staff",
		Exported: map[string]directory.Value{"displayName": directory.Text("Staff")}}
}

// found is a match by userName of an account that holds these attributes.
func found(held map[string]directory.Value) engine.Match {
	return engine.Match{Attribute: "userName", Found: 1, Target: "t-ada", Attributes: held}
}

// decide runs an assessment through to its decision. match is asked only when it is needed.
func decide(program *engine.Program, object directory.Object, assigned bool, linked *engine.Linked, match engine.Match) engine.Decision {
	assessment := program.Assess(object, assigned, linked, inputs())
	if assessment.NeedsMatch {
		return program.Decide(assessment, match, inputs())
	}
	return assessment.Decision
}

// carriedOut is the link after a decision, as a cycle that succeeds records it. nil: there is none.
func carriedOut(linked *engine.Linked, d engine.Decision) *engine.Linked {
	if d.Action == engine.Fail || d.Aftermath == engine.DropLink || linked == nil && d.Action == engine.Skip {
		return nil
	}
	after := engine.Linked{Target: "t-ada", Managed: true, Exported: map[string]directory.Value{}}
	if linked != nil {
		after = *linked
	}
	if d.Action != engine.Skip {
		after.Target, after.Managed, after.Name, after.MatchKey = d.Target, true, d.Name, d.MatchKey
		after.Exported = d.Afterwards()
	}
	after.Active = d.Active
	for _, reference := range d.References {
		after.Exported[reference.Attribute] = directory.Text(string(reference.Wanted))
	}
	if d.Aftermath == engine.ReleaseLink {
		after.Managed = false
	}
	return &after
}

// arrow tells an addition from a replacement.
func arrow(change engine.Change) string {
	if change.Add {
		return "+"
	}
	return "→"
}

// show renders a decision in one line: what is done; what becomes of the link; the code; what is written.
func show(d engine.Decision) string {
	parts := []string{string(d.Action), string(d.Aftermath)}
	if d.Code != "" {
		parts = append(parts, d.Code)
	}
	for _, change := range d.Changes {
		parts = append(parts, fmt.Sprintf("%s:%s%s%s", change.Attribute, change.Old, arrow(change), change.New))
	}
	for _, reference := range d.References {
		parts = append(parts, fmt.Sprintf("manager=%q", reference.Wanted))
	}
	return strings.Join(parts, " ")
}
