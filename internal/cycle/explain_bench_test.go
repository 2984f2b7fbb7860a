package cycle_test

import (
	"errors"
	"fmt"
	"testing"

	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// crowd is a world of many linked people in groups of a hundred, on a target that answers at once.
func crowdWorld(b *testing.B, d job.Definition) *world {
	b.Helper()
	w := newWorld(b)
	w.target = connectormemory.New(connectormemory.Options{PageSize: 1000, Unique: map[directory.ObjectType][]string{}})
	w.connector = w.target
	var members []directory.Anchor
	for i := range benchPeople {
		id := fmt.Sprintf("u%07d", i)
		w.source.Put(person(id, "Sales"))
		if members = append(members, directory.Anchor(id)); len(members) == 100 {
			w.source.Put(group("g-"+id, members...))
			members = nil
		}
	}
	w.commit(d)
	return w
}

// BenchmarkExplain measures how long it takes to say why somebody among many is provisioned. The bar by id and by name is 50 ms.
func BenchmarkExplain(b *testing.B) {
	w := crowdWorld(b, definition())
	for name, id := range map[string]string{"by id": "u0077777", "by name": "U0077777@example.com", "by a name nobody has": "u00777x7@example.com"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := w.engine.Explain(b.Context(), "wiki/main", cycle.Subject{Type: directory.User, ID: id})
				if missing := name == "by a name nobody has"; err != nil && !missing || missing && !errors.Is(err, directory.NotFound) {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMemberDrift measures what comparing members adds to a plan: one question for each group.
func BenchmarkMemberDrift(b *testing.B) {
	d := definition(withGroups, drift(job.DriftRepair))
	w := crowdWorld(b, d)
	b.ResetTimer()
	for b.Loop() {
		w.target.ResetCalls()
		if _, err := w.engine.Refresh(b.Context(), d.ID); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(w.target.Calls().Members), "groups")
	}
}
