package job

import (
	"errors"
	"regexp"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

func TestAccDestroyPolicies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		policy string
		want   map[string]bool
	}{
		{"keep", map[string]bool{"ann": true, "bob": true}},
		{"disable", map[string]bool{"ann": false, "bob": false}},
		{"delete", map[string]bool{}},
	}
	for _, test := range tests {
		t.Run(test.policy, func(t *testing.T) {
			t.Parallel()
			fake := newFakeEngine()
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories(t, fake),
				Steps: []resource.TestStep{{
					ConfigDirectory: config.StaticDirectory("testdata/job"),
					ConfigVariables: config.Variables{"on_destroy": config.StringVariable(test.policy)},
				}},
			})
			if diff := cmp.Diff(test.want, fake.accounts["wiki/main"]); diff != "" {
				t.Errorf("accounts after destroy: %s", diff)
			}
			if len(fake.jobs) != 0 {
				t.Errorf("jobs after destroy: %v", fake.jobs)
			}
		})
	}
}

func TestAccT11SavedDestroyPlan(t *testing.T) { // T11
	t.Parallel()
	fake := newFakeEngine()
	variables := config.Variables{"on_destroy": config.StringVariable("disable")}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{
			{ConfigDirectory: config.StaticDirectory("testdata/job"), ConfigVariables: variables},
			{
				// The job becomes an orphan: its destroy plan has no order against anything.
				ConfigDirectory: config.StaticDirectory("testdata/empty"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroy),
					meanwhile(fake, addFay),
				}},
				ExpectError: regexp.MustCompile(`(?s)Cannot destroy provisioning job.*fay`),
			},
			{
				ConfigDirectory: config.StaticDirectory("testdata/empty"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroy),
				}},
			},
		},
	})
	if diff := cmp.Diff(map[string]bool{"ann": false, "bob": false, "fay": false}, fake.accounts["wiki/main"]); diff != "" {
		t.Error(diff)
	}
}

func TestAccDestroyBeyondLimits(t *testing.T) {
	t.Parallel()
	fake := newFakeEngine()
	limited := func(disable int) config.Variables {
		return config.Variables{
			"on_destroy": config.StringVariable("disable"),
			"limits":     config.ObjectVariable(map[string]config.Variable{"max_disable": config.IntegerVariable(disable)}),
		}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{
			{ConfigDirectory: config.StaticDirectory("testdata/job"), ConfigVariables: limited(1)},
			{
				ConfigDirectory: config.StaticDirectory("testdata/empty"),
				ExpectError:     regexp.MustCompile(`(?s)Destroying the provisioning job exceeds a limit.*limits\.max_disable`),
			},
			{ConfigDirectory: config.StaticDirectory("testdata/job"), ConfigVariables: limited(2)},
			{ConfigDirectory: config.StaticDirectory("testdata/empty")},
		},
	})
}

func TestAccP6ReplacementCarriesOutThePolicy(t *testing.T) {
	t.Parallel()
	fake := newFakeEngine()
	named := func(name string) config.Variables {
		return config.Variables{"on_destroy": config.StringVariable("disable"), "name": config.StringVariable(name)}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{
			{ConfigDirectory: config.StaticDirectory("testdata/job"), ConfigVariables: named("one")},
			{
				ConfigDirectory: config.StaticDirectory("testdata/job"), ConfigVariables: named("two"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace),
					planned("id", knownvalue.StringExact("wiki/two")),
					planned("planned_impact", impactOf("^new job$", 0, 0)),
				}},
				ConfigStateChecks: []statecheck.StateCheck{stored("id", knownvalue.StringExact("wiki/two"))},
			},
		},
	})
	if diff := cmp.Diff(map[string]bool{"ann": false, "bob": false}, fake.accounts["wiki/one"]); diff != "" {
		t.Errorf("accounts of the replaced job: %s", diff)
	}
}

func TestAccImport(t *testing.T) {
	t.Parallel()
	fake := newFakeEngine()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{
			{ConfigDirectory: config.StaticDirectory("testdata/job")},
			{
				ConfigDirectory: config.StaticDirectory("testdata/job"),
				ResourceName:    address, ImportState: true, ImportStateId: "wiki/main", ImportStateVerify: true,
				// The engine does not keep the preview of the last apply.
				ImportStateVerifyIgnore: []string{"planned_impact", "planned_changes"},
			},
			{
				ConfigDirectory: config.StaticDirectory("testdata/job"),
				ResourceName:    address, ImportState: true, ImportStateId: "wiki",
				ExpectError: regexp.MustCompile(`expected the form\s+<app_id>/<name>`),
			},
		},
	})
}

func TestAccImportBlockPlansNothingElse(t *testing.T) {
	t.Parallel()
	fake := newFakeEngine()
	most := int64(3)
	_, err := fake.commit(&provisioningv1.CommitJobRequest{Create: true, Job: &provisioningv1.Job{
		AppId: "wiki", Name: "main", SourceId: "people", ConnectionId: "wiki/main", MappingIds: []string{"wiki/user"}, Scope: scopeAll,
		State: stateStarted, Run: runOnApply, OnDestroy: destroyKeep, OnUnplanned: unplannedHold, Limits: &provisioningv1.Limits{MaxDisable: &most},
	}})
	if err != nil {
		t.Fatal(err)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{{
			ConfigDirectory: config.StaticDirectory("testdata/import"),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop)},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				stored("planned_impact", knownvalue.ObjectPartial(map[string]knownvalue.Check{
					"accounts_digest": knownvalue.StringExact(""), "basis": knownvalue.StringExact("imported"),
				})),
				stored("managed_account_count", knownvalue.Int64Exact(5)),
			},
		}},
	})
}

func TestAccExistingJob(t *testing.T) {
	t.Parallel()
	fake := newFakeEngine()
	fake.jobs["wiki/main"] = &provisioningv1.JobStatus{Job: &provisioningv1.Job{AppId: "wiki", Name: "main"}}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{
			{
				ConfigDirectory: config.StaticDirectory("testdata/job"),
				ExpectError:     regexp.MustCompile(`(?s)Provisioning job already exists.*terraform import`),
			},
			{
				// An interrupted create is resumed.
				PreConfig:       func() { fake.change(func(f *fakeEngine) { f.resumable["wiki/main"] = true }) },
				ConfigDirectory: config.StaticDirectory("testdata/job"),
			},
		},
	})
}

func TestAccP7FailedCommitKeepsTheState(t *testing.T) {
	t.Parallel()
	fake := newFakeEngine()
	unreachable := connect.NewError(connect.CodeUnavailable, errors.New("GET http://127.0.0.1:1/scim/v2/Users: connection refused"))
	refused := regexp.MustCompile(`(?s)Cannot commit provisioning job.*GET\s+http://127.0.0.1:1/scim/v2/Users`)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{
			{
				PreConfig:       func() { fake.change(func(f *fakeEngine) { f.commitError = unreachable }) },
				ConfigDirectory: config.StaticDirectory("testdata/job"),
				ExpectError:     refused,
			},
			{
				PreConfig:       func() { fake.change(func(f *fakeEngine) { f.commitError = nil }) },
				ConfigDirectory: config.StaticDirectory("testdata/job"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
				}},
			},
			{
				PreConfig:       func() { fake.change(func(f *fakeEngine) { f.commitError = unreachable }) },
				ConfigDirectory: config.StaticDirectory("testdata/job"),
				ConfigVariables: config.Variables{"department": config.StringVariable("IT")},
				ExpectError:     refused,
			},
			{
				PreConfig:       func() { fake.change(func(f *fakeEngine) { f.commitError = nil }) },
				ConfigDirectory: config.StaticDirectory("testdata/job"),
				ConfigVariables: config.Variables{"department": config.StringVariable("IT")},
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
					planned("planned_impact", impactOf("^pinned position$", 2, 0, "ann", "bob")),
				}},
			},
		},
	})
}

func TestAccEveryAttributeAndDataSource(t *testing.T) {
	t.Parallel()
	fake := newFakeEngine()
	checks := []statecheck.StateCheck{
		stored("scoping_filter_ids", knownvalue.SetExact([]knownvalue.Check{})),
		stored("planned_impact", impactOf("^new job$", 0, 0)),
	}
	for _, of := range []string{address, "data.provisioning_job.by_id", "data.provisioning_job.by_keys"} {
		for name, want := range map[string]knownvalue.Check{
			"id":             knownvalue.StringExact("wiki/nightly"),
			"source_id":      knownvalue.StringExact("people"),
			"mapping_ids":    knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("wiki/group"), knownvalue.StringExact("wiki/user")}),
			"assignment_ids": knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("wiki/pilot")}),
			"scope":          knownvalue.StringExact("assigned"),
			"nested_groups":  knownvalue.Bool(true),
			"parameters":     knownvalue.MapExact(map[string]knownvalue.Check{"Prefix": knownvalue.StringExact("ext-"), "Domain": knownvalue.StringExact("example.com")}),
			"limits": knownvalue.ObjectExact(map[string]knownvalue.Check{
				"max_disable": knownvalue.Int64Exact(20), "max_delete": knownvalue.Int64Exact(5), "max_percent": knownvalue.Float64Exact(99.5), "percent_floor": knownvalue.Int64Exact(50),
				"users":  knownvalue.ObjectPartial(map[string]knownvalue.Check{"max_disable": knownvalue.Int64Exact(15)}),
				"groups": knownvalue.Null(),
			}),
			"log_retention_days":          knownvalue.Int64Exact(90),
			"on_destroy":                  knownvalue.StringExact("keep"),
			"on_unplanned":                knownvalue.StringExact("fail"),
			"skip_out_of_scope_deletions": knownvalue.Bool(true),
			"managed_account_count":       knownvalue.Int64Exact(5),
			"status":                      knownvalue.StringExact("active"),
			"destroy_impact": knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"disable_count": knownvalue.Int64Exact(0), "delete_count": knownvalue.Int64Exact(0)}),
		} {
			checks = append(checks, statecheck.ExpectKnownValue(of, tfjsonpath.New(name), want))
		}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps:                    []resource.TestStep{{ConfigDirectory: config.StaticDirectory("testdata/lookup"), ConfigStateChecks: checks}},
	})
}
