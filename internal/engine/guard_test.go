package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	disable := func(n int64) job.Limits { return job.Limits{MaxDisable: &n} }
	del := func(n int64) job.Limits { return job.Limits{MaxDelete: &n} }
	percent := func(p float64) job.Limits { return job.Limits{MaxPercent: &p} }
	above := func(floor int64, p float64) job.Limits { return job.Limits{MaxPercent: &p, PercentFloor: &floor} }
	both := engine.Toll{Users: engine.Losses{Disables: 3, Deletes: 1, Managed: 100}, Groups: engine.Losses{Deletes: 2, Managed: 5}}
	tests := []struct {
		name   string
		toll   engine.Toll
		limits job.Limits
		want   []engine.Violation
	}{
		{"no limits", engine.Toll{Users: engine.Losses{Disables: 1000, Deletes: 1000, Managed: 1000}}, job.Limits{}, nil},
		// The vectors of engine.md 30: threshold 3.
		{"3 of 3", engine.Toll{Users: engine.Losses{Disables: 3, Managed: 100}}, disable(3), nil},
		{"4 of 3", engine.Toll{Users: engine.Losses{Disables: 4, Managed: 100}}, disable(3), []engine.Violation{{Limit: "max_disable", Message: "4 accounts would be disabled, max_disable is 3"}}},
		{"deletes, 3 of 3", engine.Toll{Users: engine.Losses{Deletes: 3, Managed: 100}}, del(3), nil},
		{"deletes, 4 of 3", engine.Toll{Users: engine.Losses{Deletes: 4, Managed: 100}}, del(3), []engine.Violation{{Limit: "max_delete", Message: "4 accounts would be deleted, max_delete is 3"}}},
		{"disables do not count as deletes", engine.Toll{Users: engine.Losses{Disables: 9, Managed: 100}}, del(0), nil},
		{"deletes do not count as disables", engine.Toll{Users: engine.Losses{Deletes: 9, Managed: 100}}, disable(0), nil},
		{"a limit of 0 allows none", engine.Toll{Users: engine.Losses{Deletes: 1, Managed: 100}}, del(0), []engine.Violation{{Limit: "max_delete", Message: "1 account would be deleted, max_delete is 0"}}},
		{"a limit of 0 allows nothing to happen", engine.Toll{Users: engine.Losses{Managed: 100}}, del(0), nil},

		{"percent, exactly", engine.Toll{Users: engine.Losses{Disables: 2, Deletes: 3, Managed: 100}}, percent(5), nil},
		{"percent, both together", engine.Toll{Users: engine.Losses{Disables: 3, Deletes: 3, Managed: 100}}, percent(5),
			[]engine.Violation{{Limit: "max_percent", Message: "6 of 100 managed accounts (6.0 %) would be disabled or deleted, max_percent is 5"}}},
		{"percent, just above", engine.Toll{Users: engine.Losses{Disables: 5001, Managed: 100000}}, percent(5),
			[]engine.Violation{{Limit: "max_percent", Message: "5001 of 100000 managed accounts (5.0 %) would be disabled or deleted, max_percent is 5"}}},
		{"percent, a third", engine.Toll{Users: engine.Losses{Disables: 1, Managed: 3}}, above(0, 33.3),
			[]engine.Violation{{Limit: "max_percent", Message: "1 of 3 managed accounts (33.3 %) would be disabled or deleted, max_percent is 33.3"}}},
		{"percent of nobody", engine.Toll{}, percent(0), nil},
		// Just matched accounts that a mapping switches off: there is nothing to take a percentage of; max_disable counts them.
		{"percent before anybody is managed", engine.Toll{Users: engine.Losses{Disables: 1}}, percent(0), nil},
		{"all of them", engine.Toll{Users: engine.Losses{Deletes: 7, Managed: 7}}, percent(100), nil},
		{"0 percent", engine.Toll{Users: engine.Losses{Deletes: 1, Managed: 1000}}, percent(0),
			[]engine.Violation{{Limit: "max_percent", Message: "1 of 1000 managed accounts (0.1 %) would be disabled or deleted, max_percent is 0"}}},

		// The floor: of few accounts a percentage says nothing.
		{"below the default floor", engine.Toll{Users: engine.Losses{Disables: 9, Managed: 9}}, percent(50), nil},
		{"at the default floor", engine.Toll{Users: engine.Losses{Disables: 6, Managed: 10}}, percent(50),
			[]engine.Violation{{Limit: "max_percent", Message: "6 of 10 managed accounts (60.0 %) would be disabled or deleted, max_percent is 50"}}},
		{"below the floor that was set", engine.Toll{Users: engine.Losses{Disables: 90, Managed: 99}}, above(100, 20), nil},
		{"at the floor that was set", engine.Toll{Users: engine.Losses{Disables: 21, Managed: 100}}, above(100, 20),
			[]engine.Violation{{Limit: "max_percent", Message: "21 of 100 managed accounts (21.0 %) would be disabled or deleted, max_percent is 20"}}},
		{"0 percent knows no floor", engine.Toll{Users: engine.Losses{Deletes: 1, Managed: 2}}, percent(0),
			[]engine.Violation{{Limit: "max_percent", Message: "1 of 2 managed accounts (50.0 %) would be disabled or deleted, max_percent is 0"}}},
		{"the floor is for percentages alone", engine.Toll{Users: engine.Losses{Disables: 2, Managed: 9}}, disable(1),
			[]engine.Violation{{Limit: "max_disable", Message: "2 accounts would be disabled, max_disable is 1"}}},
		{"a type has the floor of all", both, job.Limits{PercentFloor: pointer(int64(5)), Groups: &job.TypeLimits{MaxPercent: pointer(39.9)}},
			[]engine.Violation{{Limit: "groups.max_percent", Message: "2 of 5 managed groups (40.0 %) would be disabled or deleted, groups.max_percent is 39.9"}}},
		{"a type has the default floor", both, job.Limits{Groups: &job.TypeLimits{MaxPercent: pointer(39.9)}}, nil},
		{"a floor of a type is not that of all", engine.Toll{Users: engine.Losses{Disables: 8, Managed: 8}},
			job.Limits{MaxPercent: pointer(50.0), Users: &job.TypeLimits{PercentFloor: pointer(int64(1))}}, nil},

		{"every limit, in order", engine.Toll{Users: engine.Losses{Disables: 2, Deletes: 2, Managed: 8}}, job.Limits{MaxPercent: pointer(10.0), PercentFloor: pointer(int64(8)), MaxDelete: pointer(int64(1)), MaxDisable: pointer(int64(1))},
			[]engine.Violation{
				{Limit: "max_disable", Message: "2 accounts would be disabled, max_disable is 1"},
				{Limit: "max_delete", Message: "2 accounts would be deleted, max_delete is 1"},
				{Limit: "max_percent", Message: "4 of 8 managed accounts (50.0 %) would be disabled or deleted, max_percent is 10"},
			}},

		// Limits for one object type, besides those for all.
		{"users, 3 of 3", both, job.Limits{Users: &job.TypeLimits{MaxDisable: pointer(int64(3))}}, nil},
		{"users, 3 of 2", both, job.Limits{Users: &job.TypeLimits{MaxDisable: pointer(int64(2))}},
			[]engine.Violation{{Limit: "users.max_disable", Message: "3 users would be disabled, users.max_disable is 2"}}},
		{"groups, 2 of 1", both, job.Limits{Groups: &job.TypeLimits{MaxDelete: pointer(int64(1)), MaxDisable: pointer(int64(0))}},
			[]engine.Violation{{Limit: "groups.max_delete", Message: "2 groups would be deleted, groups.max_delete is 1"}}},
		{"percent of the groups alone", both, job.Limits{MaxPercent: pointer(10.0), Users: &job.TypeLimits{MaxPercent: pointer(5.0)}, Groups: &job.TypeLimits{MaxPercent: pointer(39.9), PercentFloor: pointer(int64(5))}},
			[]engine.Violation{{Limit: "groups.max_percent", Message: "2 of 5 managed groups (40.0 %) would be disabled or deleted, groups.max_percent is 39.9"}}},
		{"all accounts are users and groups", both, disable(2), []engine.Violation{{Limit: "max_disable", Message: "3 accounts would be disabled, max_disable is 2"}}},
		{"all of them in order", both, job.Limits{MaxDelete: pointer(int64(1)), Users: &job.TypeLimits{MaxDelete: pointer(int64(0))}, Groups: &job.TypeLimits{MaxDelete: pointer(int64(0))}},
			[]engine.Violation{
				{Limit: "max_delete", Message: "3 accounts would be deleted, max_delete is 1"},
				{Limit: "users.max_delete", Message: "1 user would be deleted, users.max_delete is 0"},
				{Limit: "groups.max_delete", Message: "2 groups would be deleted, groups.max_delete is 0"},
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

func TestTollCounts(t *testing.T) {
	t.Parallel()
	var toll engine.Toll
	toll.Manage(map[directory.ObjectType]int64{directory.User: 9, directory.Group: 4})
	for _, action := range []engine.Action{engine.Disable, engine.Delete, engine.Delete, engine.RemoveMembership, engine.Update} {
		toll.Count(directory.Group, action)
	}
	toll.Count(directory.User, engine.Disable)
	want := engine.Toll{Users: engine.Losses{Disables: 1, Managed: 9}, Groups: engine.Losses{Disables: 1, Deletes: 2, Managed: 4}}
	if diff := cmp.Diff(want, toll); diff != "" || toll.Lost() != 4 {
		t.Errorf("%d in all (-want +got):\n%s", toll.Lost(), diff)
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
