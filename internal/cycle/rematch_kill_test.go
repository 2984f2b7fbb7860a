package cycle_test

import (
	"fmt"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
)

// TestRematchKilledAnywhere kills the process after every single write to the target and every single transaction of a cycle that
// runs into accounts and groups which somebody deleted. Whoever goes on makes each of them once, with everything that hung on it.
func TestRematchKilledAnywhere(t *testing.T) {
	t.Parallel()
	d := definition(withGroups)
	for _, kind := range []string{"write", "record"} {
		for _, pageSize := range []int{1, 500} {
			t.Run(fmt.Sprintf("after a %s, pages of %d", kind, pageSize), func(t *testing.T) {
				t.Parallel()
				tried := 0
				for cut := int64(1); ; cut += stride() {
					w := newWorld(t)
					w.source.Put(person("ada", "Sales"), person("bob", "Sales", managedBy("ada")), person("cyn", "Sales"), person("dan", "Sales"),
						group("staff", "ada", "bob"), group("club", "cyn"))
					w.commit(d)
					h := hands{world: w}
					h.remove("ada@example.com", "bob@example.com", "staff")
					w.source.Put(person("cyn", "Sales", managedBy("ada")), group("staff", "ada", "bob", "dan"), group("club", "cyn", "bob"))
					doom := &fate{kind: kind}
					doom.left.Store(cut)
					w.process(doom, pageSize)
					_, err := runOnce(t.Context(), w, cycle.RunRequest{JobID: d.ID})
					if !doom.dead.Load() {
						break
					}
					if err == nil && kind == "write" {
						t.Fatalf("cut %d: the killed cycle reported success", cut)
					}
					tried++
					w.process(nil, 501-pageSize)
					report := w.run()
					if report.FailureCount > 0 || len(report.Held) > 0 || len(w.escrows()) > 0 {
						t.Fatalf("cut %d: %+v, left %+v", cut, report, w.escrows())
					}
					diff := w.is([]string{
						"ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales manager=ada@example.com",
						"cyn@example.com active=True department=Sales manager=ada@example.com", "dan@example.com active=True department=Sales",
						"group club [bob@example.com cyn@example.com]", "group staff [ada@example.com bob@example.com dan@example.com]",
					})
					if diff != "" {
						t.Fatalf("cut %d (-want +got):\n%s", cut, diff)
					}
					if users := len(w.target.State()); users != 6 {
						t.Fatalf("cut %d: %d accounts and groups", cut, users)
					}
					w.settled(d)
				}
				if tried == 0 {
					t.Fatal("nothing was cut")
				}
				t.Logf("%d cuts", tried)
			})
		}
	}
}
