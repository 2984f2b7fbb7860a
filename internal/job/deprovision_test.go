package job_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

func leaving(event job.DeprovisionEvent, action job.DeprovisionAction, change ...func(*job.DeprovisionRule)) func(*job.Mapping) {
	rule := job.DeprovisionRule{Event: event, Action: action}
	for _, c := range change {
		c(&rule)
	}
	return func(m *job.Mapping) { m.Deprovisioning = append(m.Deprovisioning, rule) }
}

func after(days int64) func(*job.DeprovisionRule) {
	return func(r *job.DeprovisionRule) { r.AfterDays = days }
}

func setting(target, value string) func(*job.DeprovisionRule) {
	return func(r *job.DeprovisionRule) {
		r.Attributes = append(r.Attributes, job.AttributeValue{Target: target, Value: value})
	}
}

func withoutLifecycle(m *job.Mapping) { m.Attributes = m.Attributes[1:] }

func doing(update, del bool) func(*job.Mapping) {
	return func(m *job.Mapping) { m.Actions = job.Actions{Create: true, Update: update, Delete: del} }
}

// Every rule about policies, one by one: the beginning of what is said, by event.
func TestDeprovisioningProblems(t *testing.T) {
	t.Parallel()
	type edit = func(*job.Mapping)
	user := func(changes ...edit) job.Mapping { return userMapping(changes...) }
	group := func(changes ...edit) job.Mapping {
		return groupMapping(append(changes, doing(true, true))...)
	}
	for _, test := range []struct {
		name    string
		mapping job.Mapping
		want    []string // event: message
	}{
		{"every action", user(leaving("unassigned", "delete", after(30)), leaving("filter_failed", "set_attributes", setting("title", "former")),
			leaving("disabled", "none"), leaving("soft_deleted", "disable"), leaving("hard_deleted", "delete")), nil},
		{"hard deletion may set attributes, disable, wait and leave alone", user(leaving("hard_deleted", "set_attributes", setting("nickName", "x"))), nil},
		{"a target without an attribute to switch off can delete", user(withoutLifecycle, leaving("disabled", "delete")), nil},
		{"groups", group(leaving("unassigned", "delete", after(1)), leaving("filter_failed", "none"), leaving("soft_deleted", "set_attributes", setting("displayName", "x"))), nil},
		{"longest time", user(leaving("unassigned", "delete", after(3650))), nil},

		{"unknown event", user(leaving("retired", "none")), []string{`retired: event "retired" is not known; the events are: unassigned, filter_failed, disabled, soft_deleted, hard_deleted`}},
		{"unknown action", user(leaving("disabled", "archive")), []string{`disabled: action "archive" is not known; the actions are: none, disable, set_attributes, delete`}},
		{"no action", user(leaving("disabled", "")), []string{"disabled: action is missing; it is one of none, disable, set_attributes, delete"}},
		{"two policies", user(leaving("disabled", "none"), leaving("disabled", "delete")), []string{"disabled: the event has two policies"}},
		{"group disabled", group(leaving("unassigned", "disable")), []string{"unassigned: a group cannot be disabled: it has nothing to switch off; use delete, set_attributes or none"}},
		{"nothing to switch off", user(withoutLifecycle, leaving("unassigned", "disable")), []string{
			"unassigned: accounts cannot be disabled: no mapping reads [IsSoftDeleted], so nothing is known that switches them off; map such an attribute, or use delete or set_attributes"}},
		{"disable without update", user(doing(false, true), leaving("unassigned", "disable")), []string{"unassigned: actions does not have update, and disable is an update"}},
		{"set without update", user(doing(false, true), leaving("unassigned", "set_attributes", setting("title", "x"))), []string{"unassigned: actions does not have update, and set_attributes is an update"}},
		{"delete without delete", user(doing(true, false), leaving("unassigned", "delete")), []string{"unassigned: actions does not have delete"}},
		{"days of another action", user(leaving("disabled", "disable", after(3))), []string{"disabled: after_days is for the action delete"}},
		{"negative days", user(leaving("disabled", "delete", after(-1))), []string{"disabled: after_days is between 1 and 3650"}},
		{"too many days", user(leaving("disabled", "delete", after(3651))), []string{"disabled: after_days is between 1 and 3650"}},
		{"nothing to set", user(leaving("disabled", "set_attributes")), []string{"disabled: set_attributes needs attributes to set"}},
		{"attributes of another action", user(leaving("disabled", "delete", setting("title", "x"))), []string{"disabled: attributes are for the action set_attributes"}},
		{"no path", user(leaving("disabled", "set_attributes", setting("name..x", "x"))), []string{`disabled: "name..x" is not the path of an attribute`}},
		{"primary key", user(leaving("disabled", "set_attributes", setting("id", "x"))), []string{"disabled: id is set by the target itself"}},
		{"set twice", user(leaving("disabled", "set_attributes", setting("TITLE", "x"), setting("title", "y"))), []string{"disabled: title is set twice, as TITLE too"}},
		{"set to nothing", user(leaving("disabled", "set_attributes", setting("title", ""))), []string{"disabled: title is set to nothing"}},
		{"read only", user(listed(job.TargetAttribute{Name: "nickName", Mutability: job.ReadOnly}), leaving("disabled", "set_attributes", setting("nickName", "x"))), []string{"disabled: nickName is ReadOnly and cannot be set"}},
		{"reference", user(listed(job.TargetAttribute{Name: "nickName", Type: job.TypeReference}), leaving("disabled", "set_attributes", setting("nickName", "x"))), []string{"disabled: nickName has the type Reference"}},
		{"wrong type", user(listed(job.TargetAttribute{Name: "level", Type: job.TypeInteger}), leaving("disabled", "set_attributes", setting("level", "x"))), []string{"disabled: level: the value is not an integer"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			problems := test.mapping.Problems()
			if len(problems) != len(test.want) {
				t.Fatalf("got %+v, want %q", problems, test.want)
			}
			for i, problem := range problems {
				if got := problem.Target + ": " + problem.Message; problem.Field != "deprovisioning" || !strings.HasPrefix(got, test.want[i]) {
					t.Errorf("got %s %q, want %q", problem.Field, got, test.want[i])
				}
			}
			err := test.mapping.Validate()
			if (err == nil) != (len(test.want) == 0) || err != nil && !strings.Contains(err.Error(), "deprovisioning."+problems[0].Target+": ") {
				t.Errorf("validate: %v", err)
			}
		})
	}
}

func TestDeprovisioningWarnings(t *testing.T) {
	t.Parallel()
	const mapIt = `map active from Switch([IsSoftDeleted], , "False", "True", "True", "False")`
	all := []func(*job.Mapping){withoutLifecycle, leaving("unassigned", "delete"), leaving("filter_failed", "delete"), leaving("disabled", "none")}
	for _, test := range []struct {
		name    string
		mapping job.Mapping
		want    []job.Problem
	}{
		{"no policy", userMapping(withoutLifecycle), []job.Problem{{Message: "no mapping reads [IsSoftDeleted], so nobody is ever disabled: whoever leaves keeps an active account; " + mapIt}}},
		{"policies for some", userMapping(all...), []job.Problem{{Message: "no mapping reads [IsSoftDeleted], and deprovisioning says nothing about soft_deleted: whoever leaves so keeps an active account; " + mapIt}}},
		{"policies for all", userMapping(append(all, leaving("soft_deleted", "delete"))...), nil},
		{"waits switched on", userMapping(append(all, leaving("soft_deleted", "delete", after(7)))...), []job.Problem{
			{Target: "soft_deleted", Field: "deprovisioning", Message: "no mapping reads [IsSoftDeleted], so accounts stay switched on until they are deleted"}}},
		{"waits switched off", userMapping(leaving("soft_deleted", "delete", after(7))), nil},
		{"groups have nothing to switch off", job.Mapping{AppKey: "wiki", ObjectType: directory.Group, Enabled: true, Preset: job.PresetEntra}, nil},
	} {
		if diff := cmp.Diff(test.want, test.mapping.Warnings()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// A mapping without policies is stored as it was before there were any: nobody's accounts are evaluated anew.
func TestPoliciesAreEvaluated(t *testing.T) {
	t.Parallel()
	plain := definition()
	changed := definition(func(d *job.Definition) { leaving("disabled", "none")(&d.Mappings[0]) })
	if plain.EvaluationDigest() == changed.EvaluationDigest() {
		t.Error("a policy does not start a full cycle")
	}
}
