package cycle_test

import (
	"fmt"
	"testing"

	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// BenchmarkDrift measures what looking for drift adds to a plan once everybody is linked: the comparison alone, on a target
// that answers at once.
func BenchmarkDrift(b *testing.B) {
	w := newWorld(b)
	w.target = connectormemory.New(connectormemory.Options{PageSize: 1000, Unique: map[directory.ObjectType][]string{}})
	w.connector = w.target
	for i := range benchPeople {
		w.source.Put(person(fmt.Sprintf("u%07d", i), "Sales"))
	}
	d := definition(drift(job.DriftRepair))
	w.commit(d)
	plain := definition()
	for name, watched := range map[string]job.Definition{"plan that ignores drift": plain, "plan that looks for it": d} {
		w.commit(watched)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				w.target.ResetCalls()
				if _, err := w.engine.Refresh(b.Context(), watched.ID); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(w.target.Calls().Pages), "pages")
			}
		})
	}
}
