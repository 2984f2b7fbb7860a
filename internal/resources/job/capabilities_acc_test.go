package job

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

// What a cycle learned shows after a refresh, in the job and in the data source, and never makes a plan do anything.
func TestAccTargetCapabilities(t *testing.T) {
	t.Parallel()
	fake := newFakeEngine()
	everywhere := func(want knownvalue.Check) (checks []statecheck.StateCheck) {
		for _, of := range []string{address, "data.provisioning_job.by_id"} {
			checks = append(checks, statecheck.ExpectKnownValue(of, tfjsonpath.New("target_capabilities"), want))
		}
		return checks
	}
	fact := func(name, value string, reason knownvalue.Check) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{"name": knownvalue.StringExact(name), "value": knownvalue.StringExact(value), "reason": reason})
	}
	empty := resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{
			{ConfigDirectory: config.StaticDirectory("testdata/lookup"), ConfigPlanChecks: empty, ConfigStateChecks: everywhere(knownvalue.ListExact(nil))},
			{
				PreConfig: func() {
					fake.mu.Lock()
					defer fake.mu.Unlock()
					fake.learned = []*provisioningv1.TargetCapability{{Name: "booleans", Value: "strings", Reason: "it answered 400"}, {Name: "manager", Value: "text"}}
				},
				ConfigDirectory: config.StaticDirectory("testdata/lookup"),
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}, PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
				ConfigStateChecks: everywhere(knownvalue.ListExact([]knownvalue.Check{
					fact("booleans", "strings", knownvalue.StringExact("it answered 400")), fact("manager", "text", knownvalue.Null()),
				})),
			},
		},
	})
}
