package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// explainable is a program with a mapping of every kind.
func explainable(t *testing.T) *engine.Program {
	t.Helper()
	fallback := "Guest"
	program, err := engine.Compile(job.Definition{
		ID: "wiki/main", Scope: scope.ModeAll,
		Mappings: []job.Mapping{{AppKey: "wiki", ObjectType: directory.User, Enabled: true, Actions: job.Actions{Create: true, Update: true, Delete: true}, Attributes: []job.AttributeMapping{
			{Target: "active", Expression: "Not([IsSoftDeleted])", FlowType: job.FlowAlways},
			{Target: "birthday", Expression: "CDate([born])", FlowType: job.FlowAlways},
			{Target: "manager", Expression: "[manager]", FlowType: job.FlowAlways},
			{Target: "nickName", Expression: `IIF(IsPresent([nick]), [nick], IgnoreFlowIfNullOrEmpty([nick]))`, FlowType: job.FlowAlways},
			{Target: "secret", Expression: `Redact([number])`, FlowType: job.FlowAlways},
			{Target: "userName", Expression: "[upn]", MatchingPrecedence: 1, FlowType: job.FlowAlways},
			{Target: "userType", DefaultValue: &fallback, FlowType: job.FlowAlways},
		}}, {AppKey: "wiki", ObjectType: directory.Group, Enabled: true, Actions: job.Actions{Create: true, Update: true, Delete: true}, Attributes: []job.AttributeMapping{
			{Target: "displayName", Expression: "[displayName]", MatchingPrecedence: 1, FlowType: job.FlowAlways},
			{Target: "members", Expression: "[members]", FlowType: job.FlowAlways},
		}}},
		Filters: []job.Filter{
			{AppKey: "wiki", Name: "sales", ObjectType: directory.User, Clauses: []scope.Clause{
				{Attribute: "upn", Operator: scope.IsNotNull}, {Attribute: "number", Operator: scope.Equals, Values: []string{"7"}},
			}},
			{AppKey: "wiki", Name: "board", ObjectType: directory.User, Clauses: []scope.Clause{{Attribute: "nick", Operator: scope.IsNull}}},
		},
	}, engine.Traits{ActiveAttribute: "active", Members: "members", References: map[directory.ObjectType][]string{directory.User: {"manager"}}})
	if err != nil {
		t.Fatal(err)
	}
	return program
}

func adaExplained() directory.Object {
	return directory.Object{
		Type: directory.User, Anchor: "ada", References: map[string][]directory.Anchor{"manager": {"bob"}},
		Attributes: map[string]directory.Value{"upn": directory.Text("ada@example.com"), "number": directory.Text("42"), "born": directory.Text("long ago")},
	}
}

// valueOf is one value for comparison.
type valueOf struct {
	Value      string
	Dropped    bool
	Failed     bool
	Precedence int
}

func valuesOf(values []engine.MappingValue) map[string]valueOf {
	all := map[string]valueOf{}
	for _, v := range values {
		all[v.Target] = valueOf{v.Value.String(), v.Dropped, v.Err != nil, v.MatchingPrecedence}
	}
	return all
}

// Every mapping has its value, also those behind one that fails; nothing redacted is shown.
func TestMappingValues(t *testing.T) {
	t.Parallel()
	program := explainable(t)
	got := program.MappingValues(adaExplained(), engine.NoEvent, engine.Inputs{})
	for i := 1; i < len(got); i++ {
		if got[i-1].Target > got[i].Target {
			t.Errorf("%s is before %s", got[i-1].Target, got[i].Target)
		}
	}
	want := map[string]valueOf{
		"active": {Value: "True"}, "birthday": {Value: "null", Failed: true}, "manager": {Value: "bob"}, "nickName": {Value: "null", Dropped: true},
		"secret": {Value: provlog.Redacted}, "userName": {Value: "ada@example.com", Precedence: 1}, "userType": {Value: "Guest"},
	}
	if diff := cmp.Diff(want, valuesOf(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Somebody who leaves is evaluated as soft-deleted.
	if got := valuesOf(program.MappingValues(adaExplained(), engine.Disabled, engine.Inputs{}))["active"]; got.Value != "False" {
		t.Errorf("active of somebody who leaves is %s", got.Value)
	}
	group := directory.Object{Type: directory.Group, Anchor: "g", References: map[string][]directory.Anchor{"members": {"ada", "bob"}}}
	if got := valuesOf(program.MappingValues(group, engine.NoEvent, engine.Inputs{}))["members"]; got.Value != directory.List(directory.Text("ada"), directory.Text("bob")).String() {
		t.Errorf("members are %s", got.Value)
	}
	if got := program.RedactedSources(directory.User); !cmp.Equal(got, []string{"number"}) {
		t.Errorf("redacted sources %v", got)
	}
	if _, ok := program.FirstMatchValue(directory.Object{Type: directory.User, Anchor: "x"}, engine.Inputs{}); ok {
		t.Error("an object without a matching value has a name")
	}
	if value, ok := program.FirstMatchValue(adaExplained(), engine.Inputs{}); !ok || value.Key != program.MatchKey("userName", directory.Text("ADA@example.com")) {
		t.Errorf("got %+v, %t", value, ok)
	}
}

func TestScopeSteps(t *testing.T) {
	t.Parallel()
	object := adaExplained()
	object.Attributes["nick"] = directory.Text("Countess")
	object.Attributes["accountEnabled"] = directory.Boolean(false)
	decision := explainable(t).Assess(object, false, nil, engine.Inputs{}).Decision
	want := []provlog.Step{
		{Name: "IsActive", Type: provlog.StepScoping, Status: provlog.StatusSkipped, Description: "Active in source system: the account is disabled",
			Details: map[string]string{"Active in source system": "False"}},
		{Name: "ScopeSyncAll", Type: provlog.StepScoping, Status: provlog.StatusSuccess, Description: "Scope sync all: all users and groups are candidates",
			Details: map[string]string{"Scope sync all": "True"}},
		{Name: "IsEffectivelyEntitledForProvisioning", Type: provlog.StepScoping, Status: provlog.StatusSuccess, Description: "User has required role: no assignment is needed",
			Details: map[string]string{"User has required role": "True"}},
		{Name: "IsInProvisioningScope", Type: provlog.StepScoping, Status: provlog.StatusSkipped,
			Description: `In provisioning scope: filter "sales": number EQUALS "7" is false; filter "board": nick IS NULL is false`, Details: map[string]string{"In provisioning scope": "False"}},
		{Name: "ScopeEvaluationResult", Type: provlog.StepScoping, Status: provlog.StatusSkipped, Description: `filter "sales" is false`,
			Details: map[string]string{"upn IS NOT NULL": "True", `number EQUALS "7"`: "False"}},
		{Name: "ScopeEvaluationResult", Type: provlog.StepScoping, Status: provlog.StatusSkipped, Description: `filter "board" is false`,
			Details: map[string]string{"nick IS NULL": "False"}},
	}
	if diff := cmp.Diff(want, decision.ScopeSteps()); diff != "" || decision.InScope() {
		t.Errorf("in scope: %t (-want +got):\n%s", decision.InScope(), diff)
	}
	gone := explainable(t).Assess(directory.Object{Type: directory.User, Anchor: "ada", Removed: directory.HardDeleted}, false, nil, engine.Inputs{}).Decision
	if gone.InScope() || gone.ScopeSteps() != nil {
		t.Errorf("who is gone is in scope: %t, %v", gone.InScope(), gone.ScopeSteps())
	}
}
