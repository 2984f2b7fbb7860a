package job_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// mappings-and-scoping.md 9.1: every role has the fixed type.
func TestImplied(t *testing.T) {
	t.Parallel()
	const single = "SingleAppRoleAssignment([appRoleAssignments])"
	value := job.AttributeMapping{Target: `roles[primary eq "True"].value`, Expression: single, FlowType: job.FlowObjectAddOnly}
	typed := job.AttributeMapping{Target: `roles[primary eq "True"].type`, Expression: `IIF(IsPresent(` + single + `), "WindowsAzureActiveDirectoryRole", IgnoreAttributeFlow)`,
		FlowType: job.FlowObjectAddOnly, FlowBehavior: job.FlowWhenChanged}
	for _, c := range []struct {
		name       string
		attributes []job.AttributeMapping
		want       []job.AttributeMapping
	}{
		{"the value of one role", []job.AttributeMapping{value}, []job.AttributeMapping{typed}},
		{"the type is mapped", []job.AttributeMapping{value, {Target: `Roles[primary eq "True"].Type`, Expression: `"mine"`}}, nil},
		{"another part", []job.AttributeMapping{{Target: `roles[primary eq "True"].display`, Expression: single}}, nil},
		{"another attribute", []job.AttributeMapping{{Target: "title", Expression: single}}, nil},
		{"another function", []job.AttributeMapping{{Target: `emails[type eq "work"].value`, Expression: "[mail]"}}, nil},
		{"no expression", []job.AttributeMapping{{Target: `roles[primary eq "True"].value`}}, nil},
	} {
		mapping := job.Mapping{AppKey: "wiki", ObjectType: directory.User, Attributes: c.attributes}
		if diff := cmp.Diff(c.want, mapping.Implied()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
