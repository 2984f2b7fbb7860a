package cycle_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

func (m mortalStore) PutDrift(ctx context.Context, jobID string, revision int64, check store.DriftCheck, found []store.Drift, members []store.MemberDrift) error {
	return m.after(func() error { return m.Store.PutDrift(ctx, jobID, revision, check, found, members) })
}

// damage changes everything a repair can put right, at once.
func damage(w *world) {
	text := directory.Text
	w.remove("ada")
	w.remove("staff")
	w.tamper("bob", map[string]directory.Value{"department": text("Legal"), managerAttribute: text("stranger")})
	w.switchOn("cyn")
}

// TestDriftRepairKilledAnywhere kills the process after every single write to the target and every single transaction of a
// repair, plan included. Whoever goes on must bring the target to the state that was there before the damage; overtaken, to
// the one that is wanted once the directory has moved on, where what was seen in the target is wanted.
func TestDriftRepairKilledAnywhere(t *testing.T) {
	t.Parallel()
	d := definition(withGroups, inDepartments("Sales", "Legal"), drift(job.DriftRepair))
	for _, kind := range []string{"write", "record"} {
		for _, pageSize := range []int{1, 500} {
			for _, overtaken := range []bool{false, true} {
				t.Run(fmt.Sprintf("after a %s, pages of %d, overtaken %v", kind, pageSize, overtaken), func(t *testing.T) {
					t.Parallel()
					tried := 0
					for cut := int64(1); ; cut += stride() {
						w := tended(t, d)
						damage(w)
						doom := &fate{kind: kind}
						doom.left.Store(cut)
						w.process(doom, pageSize)
						_, err := w.tryCommit(t.Context(), d, nil)
						if !doom.dead.Load() {
							break
						}
						if err == nil && kind == "write" {
							t.Fatalf("cut %d: the killed commit reported success", cut)
						}
						tried++
						w.process(nil, 501-pageSize)
						want := tendedAccounts()
						if overtaken {
							w.source.Put(person("bob", "Legal", managedBy("ada")), person("cyn", "Sales", managedBy("ada")))
							want[2] = "bob@example.com active=True department=Legal manager=ada@example.com"
							want[3] = "cyn@example.com active=True department=Sales manager=ada@example.com"
						}
						if report, err := w.tryCommit(t.Context(), d, nil); err != nil || report.FailureCount > 0 || len(report.Held) > 0 {
							t.Fatalf("cut %d: %v, %+v", cut, err, report)
						}
						if diff := w.is(want); diff != "" {
							t.Fatalf("cut %d (-want +got):\n%s", cut, diff)
						}
						w.wantNoDrift(d)
					}
					t.Logf("%d cuts", tried)
					if tried == 0 {
						t.Fatal("nothing was cut")
					}
				})
			}
		}
	}
}

// TestDriftRepairRestoresAnything changes anything in the target by hand, again and again. One plan with its apply brings
// back every account the job manages, and touches no other.
func TestDriftRepairRestoresAnything(t *testing.T) {
	t.Parallel()
	d := definition(withGroups, inDepartments("Sales"), drift(job.DriftRepair))
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		w.target.Put(account("stranger", "zed@example.com", "Kitchen"))
		var members []directory.Anchor
		for i := range 6 {
			id := fmt.Sprintf("p%d", i)
			members = append(members, directory.Anchor(id))
			w.source.Put(person(id, "Sales", managedBy(fmt.Sprintf("p%d", rapid.IntRange(0, 5).Draw(r, "manager")))))
		}
		w.source.Put(group("g0", members[:4]...), group("g1", members[2:]...))
		w.commit(d)
		leaver := rapid.IntRange(0, 5).Draw(r, "leaver")
		w.source.Put(person(fmt.Sprintf("p%d", leaver), "Sales", managedBy("p0"), disabled))
		w.commit(d)
		leaverName := fmt.Sprintf("p%d@example.com", leaver)
		expected := strings.Split(w.accounts(), "\n")
		for range rapid.IntRange(1, 2).Draw(r, "rounds") {
			var told []string
			for range rapid.IntRange(1, 6).Draw(r, "changes") {
				told = append(told, tamperAnyhow(r, w, leaverName))
			}
			strangers := w.entryByAnchor("stranger")
			report, err := w.tryCommit(t.Context(), d, nil)
			if err != nil || report.FailureCount > 0 || len(report.Held) > 0 {
				r.Fatalf("after %v: %v, %+v", told, err, report)
			}
			if diff := w.is(withStranger(expected, strangers)); diff != "" {
				r.Fatalf("after %v (-want +got):\n%s", told, diff)
			}
			if preview := w.planned(d); len(preview.Affected) > 0 || preview.Changes != (cycle.Changes{}) {
				r.Fatalf("after %v the next plan is not empty: %+v", told, preview)
			}
		}
	})
}

// tamperAnyhow makes one change by hand. The leaver is only switched on and off: of an account that is off nothing else is
// compared, and nobody would make it again.
func tamperAnyhow(r *rapid.T, w *world, leaver string) string {
	state := w.target.State()
	entry := state[rapid.IntRange(0, len(state)-1).Draw(r, "account")]
	name, _ := entry.Attributes["userName"].Text()
	if entry.Type == directory.Group {
		if rapid.Bool().Draw(r, "members") {
			member := state[rapid.IntRange(0, len(state)-1).Draw(r, "member")]
			if member.Type == directory.Group || member.Anchor == "stranger" {
				return "nothing to " + string(entry.Anchor)
			}
			before := len(entry.Members)
			entry.Members = slices.DeleteFunc(entry.Members, func(m directory.Anchor) bool { return m == member.Anchor })
			if len(entry.Members) == before {
				entry.Members = append(entry.Members, member.Anchor)
			}
			w.target.Put(entry)
			return "change whether " + string(member.Anchor) + " is in " + string(entry.Anchor)
		}
		if rapid.Bool().Draw(r, "delete") && len(state) > 3 {
			w.target.Remove(entry.Type, entry.Anchor)
			return "delete " + string(entry.Anchor)
		}
		entry.Attributes["displayName"] = directory.Text(rapid.SampledFrom([]string{"x", "y"}).Draw(r, "name") + string(entry.Anchor))
		w.target.Put(entry)
		return "rename " + string(entry.Anchor)
	}
	attribute := rapid.SampledFrom([]string{"department", "active", managerAttribute, "title", "delete"}).Draw(r, "attribute")
	if name == leaver {
		attribute = "active"
	}
	if entry.Anchor == "stranger" && (attribute == "delete" || attribute == managerAttribute) {
		return "nothing to " + name
	}
	switch attribute {
	case "delete":
		w.target.Remove(entry.Type, entry.Anchor)
		return "delete " + name
	case "active":
		on, _ := entry.Attributes["active"].AsBoolean()
		entry.Attributes["active"] = directory.Boolean(!on)
	case managerAttribute:
		entry.Attributes[attribute] = directory.Text(string(state[rapid.IntRange(0, len(state)-1).Draw(r, "manager")].Anchor))
	default:
		entry.Attributes[attribute] = directory.Text(rapid.SampledFrom([]string{"Legal", "Garden", "Sales "}).Draw(r, "value"))
	}
	w.target.Put(entry)
	return "change " + attribute + " of " + name
}

func (w *world) entryByAnchor(anchor directory.Anchor) connectormemory.Entry {
	for _, entry := range w.target.State() {
		if entry.Anchor == anchor {
			return entry
		}
	}
	w.t.Fatalf("there is no account %s", anchor)
	return connectormemory.Entry{}
}

// withStranger is what is expected, with the stranger as somebody left it.
func withStranger(expected []string, left connectormemory.Entry) []string {
	lines := slices.DeleteFunc(slices.Clone(expected), func(line string) bool { return strings.HasPrefix(line, "zed@") })
	return append(lines, fmt.Sprintf("%s active=%s department=%s", left.Attributes["userName"], left.Attributes["active"], left.Attributes["department"]))
}
