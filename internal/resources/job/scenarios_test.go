package job

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// scenarios say which tests hold the scenarios (T, section 7) and the pitfalls (P, section 6) of plan-preview-mechanics.md: Go
// tests of this folder or of another one, as folder:name, and scripts of internal/clitest.
func scenarios() map[string][]string {
	return map[string][]string{
		"T1 first create":                            {"TestAccT1CreateHasAKnownImpact", "saved_plan.txtar"},
		"T2 filter narrowed, saved plan":             {"TestAccT2NarrowedFilterUpdatesTheJob", "saved_plan.txtar", "../../cycle:TestNarrowedFilterDisablesAndReleases"},
		"T3 one more account between plan and apply": {"TestAccT3RefusesAnUnplannedAccount", "TestAccT3HoldsAnUnplannedAccount", "TestAccT3EngineHoldsWhoThePlanDidNotShow", "held.txtar", "refused.txtar"},
		"T4 an account vanishes between the two":     {"TestAccT4AppliesWhenAnAccountVanished", "held.txtar"},
		"T5 new filter, old one removed":             {"TestAccT5SwitchesFilters", "parallelism.txtar"},
		"T6 a target, then a full plan":              {"TestT6P1PlanAfterATargetedApplyOfTheFilter", "target.txtar"},
		"T7 unknown at plan":                         {"TestAccT7UnknownContent", "TestUnknownInputs", "unknown.txtar"},
		"T8 limit exceeded":                          {"TestAccT8Limits", "limits.txtar"},
		"T9 snapshot missing at apply":               {"TestAccT9AppliesWithoutThePinnedPosition"},
		"T10 without a refresh":                      {"TestT10P4PlanWithoutRefresh", "refresh.txtar"},
		"T11 saved destroy plan, one more account":   {"TestAccT11SavedDestroyPlan", "destroy_disable.txtar"},

		"P1 a target on a draft skips the preview":       {"TestT6P1PlanAfterATargetedApplyOfTheFilter", "target.txtar"},
		"P2 job and filter in two configurations":        {"stores.txtar", "../../api:TestPreviewRefuses"},
		"P3 limits stop a destroy with changes pending":  {"p03_destroy_pending.txtar"},
		"P4 old data is warned about":                    {"TestT10P4PlanWithoutRefresh"},
		"P5 orphan job: the guard uses live data":        {"p05_orphan_job.txtar"},
		"P6 replacement shows both halves":               {"TestP6PlanReplacement", "TestAccP6ReplacementCarriesOutThePolicy", "TestAccEngineAppIsReplaced", "replace.txtar"},
		"P7 partial apply":                               {"TestAccP7FailedCommitKeepsTheState", "p07_partial_apply.txtar"},
		"P8 failed and unknown plans are seen by gates":  {"limits.txtar", "unknown.txtar"},
		"P9 removed without destroy leaves a job behind": {"removed.txtar"},
		"P10 no name in a summary":                       {"TestP10ImpactSummary", "TestP10SummariesNameNobody"},
		"P11 names one a line, capped":                   {"TestP11LongListsAreCapped"},
		"P12 single paths are set":                       {"TestP12PlanLeavesTheConfigurationAlone"},
	}
}

// TestEveryScenarioHasATest keeps the table honest: what it names is there, and nothing of T1 to T11 and P1 to P12 is missing.
func TestEveryScenarioHasATest(t *testing.T) {
	t.Parallel()
	var ids []string
	for name, tests := range scenarios() {
		id, _, _ := strings.Cut(name, " ")
		ids = append(ids, id)
		if len(tests) == 0 {
			t.Errorf("%s has no test", name)
		}
		for _, test := range tests {
			if strings.HasSuffix(test, ".txtar") {
				if _, err := os.Stat(filepath.Join("..", "..", "clitest", "testdata", test)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			folder, function, elsewhere := strings.Cut(test, ":")
			if !elsewhere {
				folder, function = ".", test
			}
			if !declares(t, folder, function) {
				t.Errorf("%s: there is no test %s", name, test)
			}
		}
	}
	var want []string
	for n := range 11 {
		want = append(want, fmt.Sprintf("T%d", n+1))
	}
	for n := range 12 {
		want = append(want, fmt.Sprintf("P%d", n+1))
	}
	slices.Sort(want)
	slices.Sort(ids)
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// declares reports whether a test file of a folder has a test.
func declares(t *testing.T, folder, function string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), "\nfunc "+function+"(t *testing.T)") {
			return true
		}
	}
	return false
}

// TestP10SummariesNameNobody: names are in details only, whatever happens. Summaries decide about folding and end up in titles.
func TestP10SummariesNameNobody(t *testing.T) {
	t.Parallel()
	fake := inSales()
	s := newSession(t, fake, noon)
	config := s.config(values{"on_destroy": "delete"})
	state, private := s.created(config)
	fake.change(func(f *fakeEngine) { f.filters["wiki/people"] = "IT" })
	plans := map[string]plan{
		"narrowed":   s.plan(state, private, config),
		"limited":    s.plan(state, private, s.config(values{"on_destroy": "delete", "limits": values{"max_disable": 0}})),
		"replaced":   s.plan(state, private, s.config(values{"name": "other"})),
		"destroyed":  s.plan(state, private, s.null()),
		"restarting": s.plan(state, private, s.config(values{"restart": values{"scope": []string{"Full"}}})),
	}
	for name, planned := range plans {
		if len(planned.messages) == 0 {
			t.Errorf("%s: nothing is said", name)
		}
		named := false
		for _, m := range planned.messages {
			for _, person := range []string{"ann", "bob"} {
				if strings.Contains(m.Summary, person) {
					t.Errorf("%s: %q", name, m.Summary)
				}
				named = named || strings.Contains(m.Detail, "user "+person)
			}
		}
		if !named && name != "restarting" {
			t.Errorf("%s: nobody is named in any detail: %+v", name, planned.messages)
		}
	}
}

// TestP12PlanLeavesTheConfigurationAlone: a plan changes what the engine computes and nothing else, so that an absent set stays
// absent, an empty one empty, and a nested block as it was written.
func TestP12PlanLeavesTheConfigurationAlone(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string]values{
		"absent":           {"scoping_filter_ids": []string{"wiki/people"}},
		"empty":            {"scoping_filter_ids": []string{"wiki/people"}, "assignment_ids": []string{}, "limits": values{}},
		"nested and empty": {"limits": values{"max_delete": 3, "users": values{}}, "restart": values{"scope": []string{"Watermark"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := inSales()
			s := newSession(t, fake, noon)
			config := s.config(changes)
			state, private := s.created(config)
			fake.change(func(f *fakeEngine) { f.filters["wiki/people"] = "IT" })
			got := s.attributes(s.plan(state, private, config).state)
			computed := map[string]bool{"id": true}
			for _, f := range append(observedFields(), previewFields()...) {
				computed[f.name] = true
			}
			for attribute, want := range s.attributes(s.proposed(state, config)) {
				if !computed[attribute] && !got[attribute].Equal(want) {
					t.Errorf("%s: planned %s, proposed %s", attribute, got[attribute], want)
				}
			}
		})
	}
}
