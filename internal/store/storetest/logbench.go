package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// BenchmarkLog measures one page of 100 records of a log of 1,000,000: for each filter the last page there is, which has the
// most to pass over. Of a thousand records one failed.
func BenchmarkLog(b *testing.B, setup Setup) {
	const records, perCycle = 1_000_000, 1000
	ctx := context.Background()
	s := openFor(b, setup(b))
	fence := commit(b, s, jobID)
	for from := 0; from < records; from += perCycle {
		batch := store.Batch{Log: linkBatch(from, perCycle).Log}
		for i := range batch.Log {
			batch.Log[i].CycleID = fmt.Sprintf("cycle-%d", from/perCycle)
		}
		batch.Log[perCycle-1].Status, batch.Log[perCycle-1].ErrorCode = provlog.StatusFailure, "Conflict"
		must(b, s.Record(ctx, jobID, fence, batch))
	}
	end := day.Add(records * time.Millisecond)
	for _, c := range []struct {
		name  string
		query store.LogQuery
		want  int
	}{
		{"no filter", store.LogQuery{Newest: true}, 100},
		{"time", store.LogQuery{Since: end.Add(-100 * time.Millisecond)}, 100},
		{"object", store.LogQuery{Object: "person999999@example.com"}, 1},
		{"cycle", store.LogQuery{CycleID: "cycle-999"}, 100},
		{"change", store.LogQuery{ChangeID: "change-999999"}, 1},
		{"code", store.LogQuery{ErrorCode: "Conflict", Newest: true}, 100},
		{"failures", store.LogQuery{Statuses: []provlog.Status{provlog.StatusFailure}}, 100},
		{"deletes, of which there are none", store.LogQuery{Actions: []provlog.Action{provlog.ActionDelete}}, 0},
		{"groups, of which there are none", store.LogQuery{ObjectType: "group"}, 0},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.query.Limit = 100
			for range b.N {
				found, err := s.SearchLog(ctx, jobID, c.query)
				must(b, err)
				equal(b, len(found), c.want)
			}
		})
	}
	b.Run("prune 100000", func(b *testing.B) {
		for i := range b.N {
			_, err := s.PruneLog(ctx, jobID, day.Add(time.Duration(i+1)*100*time.Second))
			must(b, err)
		}
	})
}
