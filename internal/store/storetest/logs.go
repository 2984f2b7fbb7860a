package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// logOf is a small log with something for every filter to find, and to leave. Its names are its change ids.
func logOf() []provlog.Record {
	return []provlog.Record{
		{ChangeID: "c1-1", CycleID: "c1", JobID: jobID, Time: day, Action: provlog.ActionCreate, Status: provlog.StatusSuccess,
			ObjectType: directory.User, Source: "a", SourceName: "ann", Target: "t-a", InitiatedBy: provlog.InitiatorCommit, DurationMS: 12},
		{ChangeID: "c1-2", CycleID: "c1", JobID: jobID, Time: day, Action: provlog.ActionCreate, Status: provlog.StatusFailure,
			ObjectType: directory.User, Source: "b", SourceName: "bob", ErrorCode: "Conflict", Reason: "taken"},
		{ChangeID: "c1-3", CycleID: "c1", JobID: jobID, Time: day.Add(time.Second), Action: provlog.ActionUpdate, Status: provlog.StatusWarning,
			ObjectType: directory.Group, Source: "ann", SourceName: "staff"},
		{ChangeID: "c2-1", CycleID: "c2", JobID: jobID, Time: day.Add(time.Minute), Action: provlog.ActionDisable, Status: provlog.StatusSuccess,
			ObjectType: directory.User, Source: "a", SourceName: "ann"},
		{ChangeID: "c2-2", CycleID: "c2", JobID: jobID, Time: day.Add(time.Minute), Action: provlog.ActionStagedDelete, Status: provlog.StatusSkipped,
			ObjectType: directory.User, Source: "Ann", SourceName: "ANN", ErrorCode: "conflict"},
		{ChangeID: "c2-3", CycleID: "c2", JobID: jobID, Time: day.Add(time.Hour), Action: provlog.ActionDelete, Status: provlog.StatusFailure,
			ObjectType: directory.Group, Source: "g", SourceName: "g", ErrorCode: "Timeout"},
	}
}

func logSearch() []testCase {
	ctx := context.Background()
	changes := func(t *testing.T, s store.Store, id string, query store.LogQuery) []string {
		t.Helper()
		found, err := s.SearchLog(ctx, id, query)
		must(t, err)
		ids := []string{}
		for _, record := range found {
			ids = append(ids, record.ChangeID)
		}
		return ids
	}
	var cases []testCase
	for _, c := range []struct {
		name  string
		query store.LogQuery
		want  []string
	}{
		{"everything", store.LogQuery{}, []string{"c1-1", "c1-2", "c1-3", "c2-1", "c2-2", "c2-3"}},
		{"since is included", store.LogQuery{Since: day.Add(time.Minute)}, []string{"c2-1", "c2-2", "c2-3"}},
		{"since a nanosecond later", store.LogQuery{Since: day.Add(time.Minute + 1)}, []string{"c2-3"}},
		{"until is not included", store.LogQuery{Until: day.Add(time.Second)}, []string{"c1-1", "c1-2"}},
		{"until a nanosecond later", store.LogQuery{Until: day.Add(time.Second + 1)}, []string{"c1-1", "c1-2", "c1-3"}},
		{"times in any zone", store.LogQuery{Since: day.In(time.FixedZone("", 7200)), Until: day.Add(1)}, []string{"c1-1", "c1-2"}},
		{"one action", store.LogQuery{Actions: []provlog.Action{provlog.ActionUpdate}}, []string{"c1-3"}},
		{"rare actions", store.LogQuery{Actions: []provlog.Action{provlog.ActionDelete, provlog.ActionDisable}}, []string{"c2-1", "c2-3"}},
		{"actions, rare and not", store.LogQuery{Actions: []provlog.Action{provlog.ActionDelete, provlog.ActionCreate}}, []string{"c1-1", "c1-2", "c2-3"}},
		{"one status", store.LogQuery{Statuses: []provlog.Status{provlog.StatusFailure}}, []string{"c1-2", "c2-3"}},
		{"statuses, rare and not", store.LogQuery{Statuses: []provlog.Status{provlog.StatusSuccess, provlog.StatusSkipped}}, []string{"c1-1", "c2-1", "c2-2"}},
		{"type", store.LogQuery{ObjectType: directory.Group}, []string{"c1-3", "c2-3"}},
		{"object by name, and by an id that is somebody's name", store.LogQuery{Object: "ann"}, []string{"c1-1", "c1-3", "c2-1"}},
		{"object by id", store.LogQuery{Object: "a"}, []string{"c1-1", "c2-1"}},
		{"object whose id is its name, once", store.LogQuery{Object: "g"}, []string{"c2-3"}},
		{"object with regard to case", store.LogQuery{Object: "ANN"}, []string{"c2-2"}},
		{"nobody", store.LogQuery{Object: "an"}, []string{}},
		{"cycle", store.LogQuery{CycleID: "c2"}, []string{"c2-1", "c2-2", "c2-3"}},
		{"change", store.LogQuery{ChangeID: "c1-3"}, []string{"c1-3"}},
		{"code with regard to case", store.LogQuery{ErrorCode: "Conflict"}, []string{"c1-2"}},
		{"everything at once", store.LogQuery{
			Since: day, Until: day.Add(time.Hour), Actions: []provlog.Action{provlog.ActionCreate}, Statuses: []provlog.Status{provlog.StatusFailure},
			ObjectType: directory.User, Object: "bob", CycleID: "c1", ChangeID: "c1-2", ErrorCode: "Conflict",
		}, []string{"c1-2"}},
		{"behind a position", store.LogQuery{After: store.LogPosition{Time: day, ChangeID: "c1-1"}}, []string{"c1-2", "c1-3", "c2-1", "c2-2", "c2-3"}},
		{"behind a position nobody has", store.LogQuery{After: store.LogPosition{Time: day.Add(time.Second), ChangeID: "c"}},
			[]string{"c1-3", "c2-1", "c2-2", "c2-3"}},
		{"behind a position, one object", store.LogQuery{Object: "ann", After: store.LogPosition{Time: day, ChangeID: "c1-1"}}, []string{"c1-3", "c2-1"}},
		{"before a position", store.LogQuery{Newest: true, After: store.LogPosition{Time: day.Add(time.Minute), ChangeID: "c2-2"}},
			[]string{"c1-1", "c1-2", "c1-3", "c2-1"}},
	} {
		cases = append(cases, on(c.name, func(t *testing.T, s store.Store) {
			keep(t, s, store.Batch{Log: logOf()})
			c.query.Limit = 100
			equal(t, changes(t, s, jobID, c.query), c.want)
			// The same in pages of one, from both ends, and nobody else's.
			c.query.Limit = 1
			for _, newest := range []bool{false, true} {
				if c.query.After.ChangeID != "" {
					break
				}
				walked, query := []string{}, c.query
				query.Newest = newest
				for range len(c.want) + 1 {
					page, err := s.SearchLog(ctx, jobID, query)
					must(t, err)
					for _, record := range page {
						query.After = store.LogPosition{Time: record.Time, ChangeID: record.ChangeID}
						if newest {
							walked = append([]string{record.ChangeID}, walked...)
						} else {
							walked = append(walked, record.ChangeID)
						}
					}
				}
				equal(t, walked, c.want)
			}
			c.query.Limit = 100
			equal(t, changes(t, s, "crm/other", c.query), []string{})
		}))
	}
	return append(cases,
		on("records come back as they were", func(t *testing.T, s store.Store) {
			keep(t, s, store.Batch{Log: logOf()})
			found, err := s.SearchLog(ctx, jobID, store.LogQuery{Limit: 100})
			must(t, err)
			equal(t, found, logOf())
		}),
		on("new records do not shift pages", func(t *testing.T, s store.Store) {
			log := logOf()
			keep(t, s, store.Batch{Log: log[:4]})
			first, err := s.SearchLog(ctx, jobID, store.LogQuery{Limit: 2})
			must(t, err)
			keep(t, s, store.Batch{Log: log[4:]})
			next, err := s.SearchLog(ctx, jobID, store.LogQuery{Limit: 100, After: store.LogPosition{Time: first[1].Time, ChangeID: first[1].ChangeID}})
			must(t, err)
			equal(t, append(first, next...), log)
		}),
		on("no limit is no record", func(t *testing.T, s store.Store) {
			keep(t, s, store.Batch{Log: logOf()})
			equal(t, changes(t, s, jobID, store.LogQuery{}), []string{})
		}),
		on("a text is never a pattern", func(t *testing.T, s store.Store) {
			keep(t, s, store.Batch{Log: logOf()})
			for _, text := range []string{"%", "a%", "_nn", "*", "'", "' OR '1'='1"} {
				equal(t, changes(t, s, jobID, store.LogQuery{Object: text, Limit: 9}), []string{})
			}
		}),
	)
}

func logRetention() []testCase {
	ctx := context.Background()
	left := func(t *testing.T, s store.Store, id string) int {
		t.Helper()
		records, err := s.ListLog(ctx, id, 100_000)
		must(t, err)
		return len(records)
	}
	return []testCase{
		on("what is older goes, of one job", func(t *testing.T, s store.Store) {
			keep(t, s, store.Batch{Log: logOf()})
			fence := commit(t, s, "crm/other")
			must(t, s.Record(ctx, "crm/other", fence, store.Batch{Log: logOf()}))
			removed, err := s.PruneLog(ctx, jobID, day.Add(time.Minute))
			must(t, err)
			equal(t, removed, int64(3))
			found, err := s.SearchLog(ctx, jobID, store.LogQuery{Limit: 100})
			must(t, err)
			equal(t, found, logOf()[3:])
			equal(t, left(t, s, "crm/other"), 6)
			removed, err = s.PruneLog(ctx, jobID, day.Add(time.Minute))
			must(t, err)
			equal(t, removed, int64(0))
		}),
		on("many", func(t *testing.T, s store.Store) {
			var log []provlog.Record
			for i := range 12_001 {
				log = append(log, provlog.Record{ChangeID: fmt.Sprint(i), Time: day.Add(time.Duration(i) * time.Millisecond)})
			}
			keep(t, s, store.Batch{Log: log})
			removed, err := s.PruneLog(ctx, jobID, day.Add(12*time.Second))
			must(t, err)
			equal(t, removed, int64(12_000))
			equal(t, left(t, s, jobID), 1)
		}),
		on("the logs of destroyed jobs", func(t *testing.T, s store.Store) {
			keep(t, s, store.Batch{Log: logOf()})
			for _, id := range []string{"a/gone", "z/gone"} {
				fence := commit(t, s, id)
				must(t, s.Record(ctx, id, fence, store.Batch{Log: logOf()}))
				must(t, s.DeleteJob(ctx, id, fence))
			}
			removed, err := s.PruneLog(ctx, "", day.Add(time.Minute))
			must(t, err)
			equal(t, removed, int64(6))
			for id, want := range map[string]int{"a/gone": 3, "z/gone": 3, jobID: 6} {
				equal(t, left(t, s, id), want)
			}
		}),
		on("an empty log", func(t *testing.T, s store.Store) {
			for _, id := range []string{"", jobID} {
				removed, err := s.PruneLog(ctx, id, day)
				must(t, err)
				equal(t, removed, int64(0))
			}
		}),
	}
}
