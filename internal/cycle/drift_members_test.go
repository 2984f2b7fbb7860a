package cycle_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// member makes somebody a member of a group by hand, or no longer one.
func (h hands) member(group, name string, in bool) {
	h.t.Helper()
	_, groupID := h.find(group)
	_, id := h.find(name)
	if h.wiki == nil {
		entry := h.entryByAnchor(groupID)
		entry.Members = slices.DeleteFunc(entry.Members, func(m directory.Anchor) bool { return m == id })
		if in {
			entry.Members = append(entry.Members, id)
		}
		h.target.Put(entry)
		return
	}
	op := fmt.Sprintf(`{"op":"remove","path":"members[value eq \"%s\"]"}`, id)
	if in {
		op = fmt.Sprintf(`{"op":"add","path":"members","value":[{"value":%q}]}`, id)
	}
	body := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + op + `]}`
	if answer := h.wiki.ask(http.MethodPatch, "/Groups/"+string(groupID), body); answer.Code >= 300 {
		h.t.Fatalf("%d %s", answer.Code, answer.Body)
	}
}

func (h hands) watching(mode job.DriftMode) job.Definition {
	d := h.definition()
	d.Drift = mode
	return d
}

// meddle is what somebody did to the members of staff: bob is out, cyn is in, whom the job knows, and zed, whom it does not.
func (h hands) meddle() {
	h.member("staff", "bob@example.com", false)
	h.member("staff", "cyn@example.com", true)
	h.member("staff", "zed@example.com", true)
}

func (h hands) begin(d job.Definition) {
	h.make("zed@example.com", "Kitchen")
	h.source.Put(person("ada", "Sales"), person("bob", "Sales"), person("cyn", "Sales"), group("staff", "ada", "bob"), group("club", "cyn"), group("empty"))
	h.commit(d)
}

// wantTeams expects the usual people, and these members of staff.
func (h hands) wantTeams(staff string) {
	h.t.Helper()
	h.want("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales", "cyn@example.com active=True department=Sales",
		"zed@example.com active=True department=Kitchen", "group club [cyn@example.com]", "group empty []", "group staff ["+staff+"]")
}

const outsider = "remove_membership group staff: cyn@example.com was made a member in the target, and is none in the source"

func TestMemberDriftIsReported(t *testing.T) {
	t.Parallel()
	byHands(t, func(t *testing.T, h hands) {
		d := h.watching(job.DriftReport)
		h.begin(d)
		h.meddle()
		preview := h.planned(d)
		if len(preview.Affected) > 0 || preview.Changes != (cycle.Changes{}) {
			t.Errorf("a report plans something: %+v", preview)
		}
		want := []string{`1 account was changed in the target (1 changed) since the job wrote them. drift is "report": nothing is done about it` +
			"\ngroup staff: changed: members (1 missing, 1 added)"}
		if diff := cmp.Diff(want, preview.Warnings); diff != "" {
			t.Errorf("warnings (-want +got):\n%s", diff)
		}
		h.commit(d)
		h.run()
		h.wantTeams("ada@example.com cyn@example.com zed@example.com")
		found, err := h.store.ListDrift(t.Context(), d.ID, store.LinkKey{}, 10)
		if err != nil || len(found) != 1 {
			t.Fatalf("%+v, %v", found, err)
		}
		members := store.MembersDrifted{Missing: 1, Added: 1, MissingNames: []string{"bob@example.com"}, AddedNames: []string{"cyn@example.com"}}
		if diff := cmp.Diff(members, found[0].Members); diff != "" || found[0].Kind != store.DriftChanged {
			t.Errorf("%s (-want +got):\n%s", found[0].Kind, diff)
		}
	})
}

// TestMemberDriftIsRepaired: what the plan shows is what the apply does, and then there is nothing left.
func TestMemberDriftIsRepaired(t *testing.T) {
	t.Parallel()
	byHands(t, func(t *testing.T, h hands) {
		d := h.watching(job.DriftRepair)
		h.begin(d)
		h.meddle()
		preview := h.planned(d)
		if got := cycle.Names(preview.Affected); got != outsider || preview.Changes != (cycle.Changes{MembershipsToAdd: 1}) {
			t.Errorf("shown %q, changes %+v", got, preview.Changes)
		}
		report := h.commit(d)
		if c := report.Cycle.Counts; c.MembershipsAdded != 1 || c.MembershipsRemoved != 1 || c.Updated != 0 || report.FailureCount > 0 || len(report.Held) > 0 {
			t.Errorf("counts %+v, held %+v", c, report.Held)
		}
		h.wantTeams("ada@example.com bob@example.com zed@example.com")
		if after := h.planned(d); len(after.Affected) > 0 || after.Changes != (cycle.Changes{}) || len(after.Warnings) > 0 {
			t.Errorf("the next plan is not empty: %+v", after)
		}
	})
}

// TestMemberDriftThatNoPlanShowedIsHeld: nobody leaves a group unapproved, however they came in.
func TestMemberDriftThatNoPlanShowedIsHeld(t *testing.T) {
	t.Parallel()
	byHands(t, func(t *testing.T, h hands) {
		d := h.watching(job.DriftRepair)
		h.begin(d)
		report, err := h.tryCommit(t.Context(), d, h.meddle)
		if err != nil || len(report.Held) != 1 || report.Held[0].Member != "cyn" || report.Cycle.Counts.MembershipsAdded != 1 {
			t.Fatalf("%v, %+v", err, report)
		}
		h.wantTeams("ada@example.com bob@example.com cyn@example.com zed@example.com")
		if got := cycle.Names(h.planned(d).Affected); !strings.HasPrefix(got, "remove_membership group staff: cyn@example.com") || strings.Contains(got, "\n") {
			t.Errorf("the next plan shows %q", got)
		}
		h.commit(d)
		h.wantTeams("ada@example.com bob@example.com zed@example.com")
	})
}

// TestMemberDriftOvertaken: what somebody did by hand is what the source wants meanwhile. Nothing is left to do.
func TestMemberDriftOvertaken(t *testing.T) {
	t.Parallel()
	byHands(t, func(t *testing.T, h hands) {
		d := h.watching(job.DriftRepair)
		h.begin(d)
		h.meddle()
		h.source.Put(group("staff", "ada", "cyn"))
		if preview := h.planned(d); len(preview.Affected) > 0 {
			t.Errorf("shown %q", cycle.Names(preview.Affected))
		}
		if report := h.commit(d); report.Cycle.Counts.MembershipsRemoved != 0 || len(report.Held) > 0 {
			t.Errorf("%+v", report)
		}
		h.wantTeams("ada@example.com cyn@example.com zed@example.com")
		if after := h.planned(d); len(after.Affected) > 0 || after.Changes != (cycle.Changes{}) || len(after.Warnings) > 0 {
			t.Errorf("the next plan is not empty: %+v", after)
		}
	})
}

// TestMembershipsOfAnAccountThatIsGone: they went with it, so that none is left to be removed, neither of a member nor of a group.
func TestMembershipsOfAnAccountThatIsGone(t *testing.T) {
	t.Parallel()
	for _, gone := range []string{"bob@example.com", "staff"} {
		byHands(t, func(t *testing.T, h hands) {
			d := h.watching(job.DriftRepair)
			h.begin(d)
			h.remove(gone)
			h.source.Put(group("staff", "ada"))
			if preview := h.planned(d); len(preview.Affected) > 0 {
				t.Errorf("%s is gone, shown %q", gone, cycle.Names(preview.Affected))
			}
			if report := h.commit(d); report.Cycle.Counts.MembershipsRemoved != 0 || len(report.Held) > 0 || report.FailureCount > 0 {
				t.Errorf("%+v", report)
			}
			h.wantTeams("ada@example.com")
			if after := h.planned(d); len(after.Affected) > 0 || after.Changes != (cycle.Changes{}) || len(after.Warnings) > 0 {
				t.Errorf("the next plan is not empty: %+v", after)
			}
		})
	}
}

// TestReleasedMembersAreLeftAlone: somebody whose account the job let go is nobody it knows.
func TestReleasedMembersAreLeftAlone(t *testing.T) {
	t.Parallel()
	byHands(t, func(t *testing.T, h hands) {
		d := h.watching(job.DriftRepair)
		h.begin(d)
		h.source.Put(person("cyn", "IT"), group("club"))
		d.Filters = definition(inDepartments("Sales", "HR")).Filters
		h.commit(d)
		h.member("staff", "cyn@example.com", true)
		if preview := h.planned(d); len(preview.Affected) > 0 || len(preview.Warnings) > 0 {
			t.Errorf("%+v", preview)
		}
	})
}

// quiet is a target that tells no members, or says that it cannot.
type quiet struct {
	connector.Connector
	err error
}

func (q quiet) Members(context.Context, directory.Anchor) ([]directory.Anchor, error) {
	return nil, q.err
}

// TestTargetThatTellsNoMembers: no member of any group is no answer. It never means that everybody left.
func TestTargetThatTellsNoMembers(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{"silent": nil, "unsupported": directory.Errorf(directory.Unsupported, "no members here")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := hands{world: newWorld(t)}
			h.connector = quiet{h.target, err}
			d := h.watching(job.DriftRepair)
			h.begin(d)
			h.meddle()
			h.tamper("ada", map[string]directory.Value{"department": directory.Text("Legal")})
			preview := h.planned(d)
			if len(preview.Affected) > 0 || preview.Changes != (cycle.Changes{Updates: 1}) {
				t.Errorf("shown %q, changes %+v", cycle.Names(preview.Affected), preview.Changes)
			}
			h.target.ResetCalls()
			h.commit(d)
			if calls := h.target.Calls(); calls.AddMembers+calls.RemoveMembers > 0 {
				t.Errorf("members were written: %+v", calls)
			}
		})
	}
}

// TestMemberRepairKilledAnywhere kills the process after every single write and every single transaction of a repair of members.
func TestMemberRepairKilledAnywhere(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"write", "record"} {
		for _, pageSize := range []int{1, 500} {
			t.Run(fmt.Sprintf("after a %s, pages of %d", kind, pageSize), func(t *testing.T) {
				t.Parallel()
				tried := 0
				for cut := int64(1); ; cut += stride() {
					h := hands{world: newWorld(t)}
					d := h.watching(job.DriftRepair)
					h.begin(d)
					h.meddle()
					h.member("club", "cyn@example.com", false)
					h.member("empty", "ada@example.com", true)
					doom := &fate{kind: kind}
					doom.left.Store(cut)
					h.process(doom, pageSize)
					_, err := h.tryCommit(t.Context(), d, nil)
					if !doom.dead.Load() {
						break
					}
					if err == nil && kind == "write" {
						t.Fatalf("cut %d: the killed commit reported success", cut)
					}
					tried++
					h.process(nil, 501-pageSize)
					if report, err := h.tryCommit(t.Context(), d, nil); err != nil || report.FailureCount > 0 || len(report.Held) > 0 {
						t.Fatalf("cut %d: %v, %+v", cut, err, report)
					}
					h.wantTeams("ada@example.com bob@example.com zed@example.com")
					h.wantNoDrift(d)
				}
				if tried == 0 {
					t.Fatal("nothing was cut")
				}
				t.Logf("%d cuts", tried)
			})
		}
	}
}
