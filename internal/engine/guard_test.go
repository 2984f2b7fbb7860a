package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	disable := func(n int64) job.Limits { return job.Limits{MaxDisable: &n} }
	del := func(n int64) job.Limits { return job.Limits{MaxDelete: &n} }
	percent := func(p float64) job.Limits { return job.Limits{MaxPercent: &p} }
	tests := []struct {
		name   string
		toll   engine.Toll
		limits job.Limits
		want   []engine.Violation
	}{
		{"no limits", engine.Toll{Disables: 1000, Deletes: 1000, Managed: 1000}, job.Limits{}, nil},
		// The vectors of engine.md 30: threshold 3.
		{"3 of 3", engine.Toll{Disables: 3, Managed: 100}, disable(3), nil},
		{"4 of 3", engine.Toll{Disables: 4, Managed: 100}, disable(3), []engine.Violation{{Limit: "max_disable", Message: "4 accounts would be disabled, max_disable is 3"}}},
		{"deletes, 3 of 3", engine.Toll{Deletes: 3, Managed: 100}, del(3), nil},
		{"deletes, 4 of 3", engine.Toll{Deletes: 4, Managed: 100}, del(3), []engine.Violation{{Limit: "max_delete", Message: "4 accounts would be deleted, max_delete is 3"}}},
		{"disables do not count as deletes", engine.Toll{Disables: 9, Managed: 100}, del(0), nil},
		{"deletes do not count as disables", engine.Toll{Deletes: 9, Managed: 100}, disable(0), nil},
		{"a limit of 0 allows none", engine.Toll{Deletes: 1, Managed: 100}, del(0), []engine.Violation{{Limit: "max_delete", Message: "1 accounts would be deleted, max_delete is 0"}}},
		{"a limit of 0 allows nothing to happen", engine.Toll{Managed: 100}, del(0), nil},

		{"percent, exactly", engine.Toll{Disables: 2, Deletes: 3, Managed: 100}, percent(5), nil},
		{"percent, both together", engine.Toll{Disables: 3, Deletes: 3, Managed: 100}, percent(5),
			[]engine.Violation{{Limit: "max_percent", Message: "6 of 100 managed accounts (6.0 %) would be disabled or deleted, max_percent is 5"}}},
		{"percent, just above", engine.Toll{Disables: 5001, Managed: 100000}, percent(5),
			[]engine.Violation{{Limit: "max_percent", Message: "5001 of 100000 managed accounts (5.0 %) would be disabled or deleted, max_percent is 5"}}},
		{"percent, a third", engine.Toll{Disables: 1, Managed: 3}, percent(33.3),
			[]engine.Violation{{Limit: "max_percent", Message: "1 of 3 managed accounts (33.3 %) would be disabled or deleted, max_percent is 33.3"}}},
		{"percent of nobody", engine.Toll{}, percent(0), nil},
		// Just matched accounts that a mapping switches off: there is nothing to take a percentage of; max_disable counts them.
		{"percent before anybody is managed", engine.Toll{Disables: 1}, percent(0), nil},
		{"all of them", engine.Toll{Deletes: 7, Managed: 7}, percent(100), nil},
		{"0 percent", engine.Toll{Deletes: 1, Managed: 1000}, percent(0),
			[]engine.Violation{{Limit: "max_percent", Message: "1 of 1000 managed accounts (0.1 %) would be disabled or deleted, max_percent is 0"}}},

		{"every limit, in order", engine.Toll{Disables: 2, Deletes: 2, Managed: 8}, job.Limits{MaxPercent: pointer(10.0), MaxDelete: pointer(int64(1)), MaxDisable: pointer(int64(1))},
			[]engine.Violation{
				{Limit: "max_disable", Message: "2 accounts would be disabled, max_disable is 1"},
				{Limit: "max_delete", Message: "2 accounts would be deleted, max_delete is 1"},
				{Limit: "max_percent", Message: "4 of 8 managed accounts (50.0 %) would be disabled or deleted, max_percent is 10"},
			}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, engine.Judge(test.toll, test.limits)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestActionsThatTakeAccessAway(t *testing.T) {
	t.Parallel()
	for action, want := range map[engine.Action]bool{
		engine.Skip: false, engine.Create: false, engine.Link: false, engine.Update: false, engine.Fail: false, engine.Disable: true, engine.Delete: true,
	} {
		if action.TakesAccessAway() != want {
			t.Errorf("%s takes access away: %v", action, !want)
		}
	}
}
