package job

import (
	"context"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// The scenarios T1 to T11 are those of plan-preview-mechanics.md 7. Fixture: ann and bob are in Sales; cem, dora and
// eve in IT. Every step ends with an empty plan unless it says otherwise: the harness plans again after each apply.

const address = "provisioning_job.wiki"

func TestAccT1CreateHasAKnownImpact(t *testing.T) { // T1
	t.Parallel()
	fake := newFakeEngine()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{{
			ConfigDirectory: config.StaticDirectory("testdata/job"),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
					planned("id", knownvalue.StringExact("wiki/main")),
					planned("planned_impact", impactOf("new job", 0, 0)),
					plancheck.ExpectUnknownValue(address, tfjsonpath.New("planned_changes")),
					plancheck.ExpectUnknownValue(address, tfjsonpath.New("last_cycle")),
				},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				stored("planned_changes", changesOf(2, 0)),
				stored("managed_account_count", knownvalue.Int64Exact(2)),
				stored("status", knownvalue.StringExact("active")),
				stored("quarantine_reason", knownvalue.Null()),
				stored("generation", knownvalue.Int64Exact(1)),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("last_cycle").AtMapKey("created_count"), knownvalue.Int64Exact(2)),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("last_cycle").AtMapKey("started_at"), knownvalue.StringExact("2026-03-01T12:00:00Z")),
			},
		}},
	})
}

func TestAccT2NarrowedFilterUpdatesTheJob(t *testing.T) { // T2
	t.Parallel()
	fake := newFakeEngine()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{
			{ConfigDirectory: config.StaticDirectory("testdata/job")},
			{
				ConfigDirectory: config.StaticDirectory("testdata/job"),
				ConfigVariables: config.Variables{"department": config.StringVariable("IT")},
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
					planned("planned_impact", impactOf("^pinned position$", 2, 0, "ann", "bob")),
					planned("planned_changes", changesOf(3, 0)),
					plancheck.ExpectUnknownValue(address, tfjsonpath.New("destroy_impact")),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					stored("planned_impact", impactOf("^pinned position$", 2, 0, "ann", "bob")),
					stored("generation", knownvalue.Int64Exact(2)),
				},
			},
		},
	})
	want := map[string]bool{"ann": false, "bob": false, "cem": true, "dora": true, "eve": true}
	if diff := cmp.Diff(want, fake.accounts["wiki/main"]); diff != "" {
		t.Error(diff)
	}
}

func TestAccT3RefusesAnUnplannedAccount(t *testing.T) { // T3, T3b
	t.Parallel()
	fake := newFakeEngine()
	fail := config.Variables{"department": config.StringVariable("IT"), "on_unplanned": config.StringVariable("fail")}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{
			{ConfigDirectory: config.StaticDirectory("testdata/job")},
			{
				ConfigDirectory: config.StaticDirectory("testdata/job"), ConfigVariables: fail,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					planned("planned_impact", impactOf("^pinned position$", 2, 0, "ann", "bob")),
					meanwhile(fake, addFay),
				}},
				ExpectError: regexp.MustCompile(`(?s)Cannot commit provisioning job.*Run plan\s+again.*fay`),
			},
			{
				ConfigDirectory: config.StaticDirectory("testdata/job"), ConfigVariables: fail,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction("provisioning_scoping_filter.people", plancheck.ResourceActionNoop),
					planned("planned_impact", impactOf("^pinned position$", 3, 0, "ann", "bob", "fay")),
				}},
			},
		},
	})
	if fake.accounts["wiki/main"]["fay"] {
		t.Error("the second plan showed fay, its apply must disable her")
	}
}

func TestAccT3HoldsAnUnplannedAccount(t *testing.T) { // T3 with on_unplanned = "hold" (design.md 6.1 no. 3)
	t.Parallel()
	fake := newFakeEngine()
	variables := config.Variables{"department": config.StringVariable("IT")}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{
			{ConfigDirectory: config.StaticDirectory("testdata/job")},
			{
				ConfigDirectory: config.StaticDirectory("testdata/job"), ConfigVariables: variables,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{meanwhile(fake, addFay)}},
				ConfigStateChecks: []statecheck.StateCheck{
					stored("planned_impact", impactOf("^pinned position$", 2, 0, "ann", "bob")),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("last_cycle").AtMapKey("held_count"), knownvalue.Int64Exact(1)),
				},
				ExpectNonEmptyPlan: true,
			},
			{
				ConfigDirectory: config.StaticDirectory("testdata/job"), ConfigVariables: variables,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					planned("planned_impact", impactOf("^pinned position$", 1, 0, "fay")),
				}},
			},
		},
	})
}

func TestAccT4AppliesWhenAnAccountVanished(t *testing.T) { // T4
	t.Parallel()
	fake := newFakeEngine()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{
			{ConfigDirectory: config.StaticDirectory("testdata/job")},
			{
				ConfigDirectory: config.StaticDirectory("testdata/job"),
				ConfigVariables: config.Variables{"department": config.StringVariable("IT"), "on_unplanned": config.StringVariable("fail")},
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					meanwhile(fake, func(f *fakeEngine) { delete(f.accounts["wiki/main"], "ann") }),
				}},
			},
		},
	})
}

func TestAccT5SwitchesFilters(t *testing.T) { // T5
	t.Parallel()
	fake := newFakeEngine()
	useNew := func(use bool) config.Variables { return config.Variables{"use_new": config.BoolVariable(use)} }
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{
			{ConfigDirectory: config.StaticDirectory("testdata/switch"), ConfigVariables: useNew(false)},
			{
				ConfigDirectory: config.StaticDirectory("testdata/switch"), ConfigVariables: useNew(true),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					planned("planned_impact", impactOf("^pinned position$", 3, 0, "cem", "dora", "eve")),
				}},
			},
		},
	})
}

func TestAccT7UnknownContent(t *testing.T) { // T7
	t.Parallel()
	fake := newFakeEngine()
	department := func(name string) config.Variables {
		return config.Variables{"department": config.StringVariable(name)}
	}
	strict := department("Sales")
	strict["require_known_impact"] = config.BoolVariable(true)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{
			{
				ConfigDirectory: config.StaticDirectory("testdata/unknown"), ConfigVariables: strict,
				ExpectError: regexp.MustCompile(`Impact of job wiki/main is not known before apply`),
			},
			{ConfigDirectory: config.StaticDirectory("testdata/unknown"), ConfigVariables: department("Sales")},
			{
				ConfigDirectory: config.StaticDirectory("testdata/unknown"), ConfigVariables: department("IT"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectUnknownValue(address, tfjsonpath.New("planned_impact")),
					plancheck.ExpectUnknownValue(address, tfjsonpath.New("desired_digest")),
				}},
				ConfigStateChecks: []statecheck.StateCheck{stored("planned_impact", impactOf("^pinned position$", 2, 0, "ann", "bob"))},
			},
		},
	})
}

func TestAccT8Limits(t *testing.T) { // T8
	t.Parallel()
	fake := newFakeEngine()
	limited := func(disable int) config.Variables {
		return config.Variables{
			"department": config.StringVariable("IT"),
			"limits":     config.ObjectVariable(map[string]config.Variable{"max_disable": config.IntegerVariable(disable)}),
		}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{
			{ConfigDirectory: config.StaticDirectory("testdata/job")},
			{
				ConfigDirectory: config.StaticDirectory("testdata/job"), ConfigVariables: limited(1),
				ExpectError: regexp.MustCompile(`(?s)Limit of the provisioning job exceeded.*2 disables exceed max_disable = 1`),
			},
			{ConfigDirectory: config.StaticDirectory("testdata/job"), ConfigVariables: limited(2)},
			{
				ConfigDirectory: config.StaticDirectory("testdata/job"),
				ConfigVariables: config.Variables{"limits": config.ObjectVariable(map[string]config.Variable{"max_percent": config.IntegerVariable(101)})},
				ExpectError:     regexp.MustCompile(`between 0\.000000 and 100\.000000`),
			},
		},
	})
}

func TestAccT9AppliesWithoutThePinnedPosition(t *testing.T) { // T9
	t.Parallel()
	fake := newFakeEngine()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{
			{ConfigDirectory: config.StaticDirectory("testdata/job")},
			{
				ConfigDirectory: config.StaticDirectory("testdata/job"),
				ConfigVariables: config.Variables{"department": config.StringVariable("IT")},
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					meanwhile(fake, func(f *fakeEngine) { clear(f.pinned) }),
				}},
			},
		},
	})
}

func TestAccPeopleAreDrift(t *testing.T) { // design.md 4, "run = on_apply"
	t.Parallel()
	fake := newFakeEngine()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{
			{ConfigDirectory: config.StaticDirectory("testdata/job")},
			{
				// a joiner, a mover, a leaver
				PreConfig: func() {
					fake.change(func(f *fakeEngine) {
						f.people["gil"] = "Sales"
						f.people["bob"] = "IT"
						delete(f.people, "ann")
					})
				},
				ConfigDirectory: config.StaticDirectory("testdata/job"),
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
						planned("planned_impact", impactOf("^pinned position$", 1, 1, "ann", "bob")),
						planned("planned_changes", changesOf(1, 0)),
					},
					PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
			},
			{
				PreConfig:       func() { fake.change(func(f *fakeEngine) { f.people["bob"] = "Sales" }) },
				ConfigDirectory: config.StaticDirectory("testdata/job"),
				ConfigVariables: config.Variables{"run": config.StringVariable("manual")},
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)},
					// bob waits, but a manual job does not run on apply: no difference.
					PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
			},
		},
	})
	if fake.accounts["wiki/main"]["bob"] {
		t.Error("a manual job must not provision on apply")
	}
}

func TestAccSomebodyElseCommitted(t *testing.T) {
	t.Parallel()
	fake := newFakeEngine()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(t, fake),
		Steps: []resource.TestStep{
			{ConfigDirectory: config.StaticDirectory("testdata/job")},
			{
				PreConfig:       func() { fake.change(func(f *fakeEngine) { f.jobs["wiki/main"].DesiredDigest = "other" }) },
				ConfigDirectory: config.StaticDirectory("testdata/job"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				}},
			},
			{
				PreConfig: func() {
					fake.change(func(f *fakeEngine) { delete(f.jobs, "wiki/main"); f.accounts = map[string]map[string]bool{} })
				},
				ConfigDirectory: config.StaticDirectory("testdata/job"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
				}},
			},
		},
	})
}

func addFay(f *fakeEngine) {
	f.people["fay"] = "Sales"
	f.accounts["wiki/main"]["fay"] = true
}

// meanwhile changes the world between the saved plan and its apply (plan-preview-mechanics.md 8).
func meanwhile(fake *fakeEngine, edit func(*fakeEngine)) plancheck.PlanCheck {
	return planCheckFunc(func() { fake.change(edit) })
}

type planCheckFunc func()

func (f planCheckFunc) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	f()
}

func planned(attribute string, want knownvalue.Check) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(address, tfjsonpath.New(attribute), want)
}

func stored(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), want)
}

// impactOf is a planned_impact with these users, whose actions and reasons follow from the counts.
func impactOf(basis string, disabled, deleted int64, names ...string) knownvalue.Check {
	accounts := make([]knownvalue.Check, len(names))
	for i, name := range names {
		accounts[i] = knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"object_type": knownvalue.StringExact("user"), "name": knownvalue.StringExact(name),
		})
	}
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"disable_count":            knownvalue.Int64Exact(disabled),
		"delete_count":             knownvalue.Int64Exact(deleted),
		"membership_removal_count": knownvalue.Int64Exact(0),
		"accounts_digest":          knownvalue.NotNull(),
		"causes":                   knownvalue.NotNull(),
		"group_count":              knownvalue.Int64Exact(0),
		"groups":                   knownvalue.ListExact(nil),
		"accounts":                 knownvalue.ListExact(accounts),
		"accounts_truncated":       knownvalue.Bool(false),
		"basis":                    knownvalue.StringRegexp(regexp.MustCompile(basis)),
	})
}

func changesOf(created, updated int64) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"create_count":         knownvalue.Int64Exact(created),
		"update_count":         knownvalue.Int64Exact(updated),
		"membership_add_count": knownvalue.Int64Exact(0),
		"failure_count":        knownvalue.Int64Exact(0),
	})
}
