package cycle_test

import (
	"fmt"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// exchange deletes an account by hand and makes another one with the same values and no members, which is in no group.
func (w *world) exchange(name string) {
	w.t.Helper()
	entry := w.entry(name)
	w.target.Remove(entry.Type, entry.Anchor)
	entry.Anchor, entry.Members = directory.Anchor("other "+name), nil
	w.target.Put(entry)
}

// TestOtherAccountsKilledAnywhere kills the process after every single write to the target and every single transaction of a commit
// that finds other accounts in the place of those it knew: of bob, who is managed, and of cyn and the group club, who come back. Whoever
// goes on makes them members, and gives them members, as the source says.
func TestOtherAccountsKilledAnywhere(t *testing.T) {
	t.Parallel()
	everybody, few := definition(keepingGroups), definition(keepingGroups, inDepartments("Sales"), groupsNamed("staff"))
	for _, kind := range []string{"write", "record"} {
		for _, pageSize := range []int{1, 500} {
			t.Run(fmt.Sprintf("after a %s, pages of %d", kind, pageSize), func(t *testing.T) {
				t.Parallel()
				tried := 0
				for cut := int64(1); ; cut += stride() {
					w := newWorld(t)
					w.source.Put(person("ada", "Sales", managedBy("cyn")), person("bob", "Sales"), person("cyn", "HR"), person("dan", "Sales", managedBy("bob")), group("staff", "ada", "bob", "cyn"), group("club", "ada", "bob"))
					w.commit(everybody)
					w.commit(few)
					w.exchange("bob")
					w.exchange("cyn")
					w.exchange("club")
					w.source.Put(person("bob", "HR"))
					doom := &fate{kind: kind}
					doom.left.Store(cut)
					w.process(doom, pageSize)
					_, err := w.tryCommit(t.Context(), everybody, nil)
					if !doom.dead.Load() {
						break
					}
					if err == nil && kind == "write" {
						t.Fatalf("cut %d: the killed commit reported success", cut)
					}
					tried++
					w.process(nil, 501-pageSize)
					if report := w.commit(everybody); report.FailureCount > 0 || len(report.Held) > 0 || len(w.escrows()) > 0 {
						t.Fatalf("cut %d: %+v, left %+v", cut, report, w.escrows())
					}
					diff := w.is([]string{
						ada + " manager=cyn@example.com", bob, "dan@example.com active=True department=Sales manager=bob@example.com",
						"cyn@example.com active=True department=HR", "group club [ada@example.com bob@example.com]", "group staff [ada@example.com bob@example.com cyn@example.com]",
					})
					if diff != "" {
						t.Fatalf("cut %d (-want +got):\n%s", cut, diff)
					}
					w.settled(everybody)
				}
				if tried == 0 {
					t.Fatal("nothing was cut")
				}
				t.Logf("%d cuts", tried)
			})
		}
	}
}
