package cycle_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

func (w *world) log(query store.LogQuery) []provlog.Record {
	w.t.Helper()
	query.Limit = 1000
	records, err := w.store.SearchLog(w.t.Context(), definition().ID, query)
	if err != nil {
		w.t.Fatal(err)
	}
	return records
}

// What was written says how long it took, what was not does not, and all of it who began it. The clock moves a second
// with every look.
func TestLogSaysWhoBeganAndHowLongItTook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	namesake := person("ada-2", "Sales", func(o *directory.Object) { o.Attributes["userPrincipalName"] = directory.Text("ada@example.com") })
	w.source.Put(person("ada", "Sales"), namesake, group("staff", "ada"))
	w.commit(definition(withGroups))
	type line struct {
		Action  provlog.Action
		Status  provlog.Status
		Source  directory.Anchor
		Timed   bool
		Started provlog.Initiator
	}
	lines := map[line]int{}
	for _, r := range w.log(store.LogQuery{}) {
		lines[line{r.Action, r.Status, r.Source, r.DurationMS >= 1000, r.InitiatedBy}]++
	}
	want := map[line]int{
		{provlog.ActionCreate, provlog.StatusSuccess, "ada", true, provlog.InitiatorCommit}:   1,
		{provlog.ActionOther, provlog.StatusFailure, "ada-2", false, provlog.InitiatorCommit}: 1,
		{provlog.ActionCreate, provlog.StatusSuccess, "staff", true, provlog.InitiatorCommit}: 1,
		{provlog.ActionUpdate, provlog.StatusSuccess, "staff", true, provlog.InitiatorCommit}: 1, // its member
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Destroying a job is in its log, which outlives it.
func TestLogOfARetirement(t *testing.T) {
	t.Parallel()
	for policy, want := range map[job.DestroyPolicy][]provlog.Record{
		job.DestroyKeep: nil,
		job.DestroyDisable: {{
			Action: provlog.ActionDisable, Steps: []provlog.Step{{Name: "EntryExportUpdate"}},
			Modified: []provlog.ModifiedProperty{{DisplayName: "active", OldValue: "True", NewValue: "False"}},
		}},
		job.DestroyDelete: {{Action: provlog.ActionDelete, Steps: []provlog.Step{{Name: "EntryExportDelete"}}}},
	} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.source.Put(person("ada", "Sales"))
			w.commit(definition())
			if _, err := w.retire(definition(), policy); err != nil {
				t.Fatal(err)
			}
			for i := range want {
				reason := "the job is destroyed with on_destroy = " + string(policy)
				r := &want[i]
				r.JobID, r.Status, r.ObjectType, r.Source, r.SourceName, r.Reason = "wiki/main", provlog.StatusSuccess, directory.User, "ada", "ada@example.com", reason
				r.InitiatedBy, r.DurationMS = provlog.InitiatorRetirement, 1000
				r.Steps[0].Type, r.Steps[0].Status, r.Steps[0].Description = provlog.StepExport, provlog.StatusSuccess, reason
			}
			var got []provlog.Record
			for _, r := range w.log(store.LogQuery{}) {
				if r.InitiatedBy == provlog.InitiatorRetirement {
					got = append(got, r)
				}
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(provlog.Record{}, "ChangeID", "Time", "Target")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Every cycle throws away what is too old, of its own job and of destroyed ones: the log does not grow without bound.
func TestLogIsPruned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"))
	w.commit(definition())
	other := definition(func(d *job.Definition) { d.ID, d.Name = "wiki/other", "other" })
	w.commit(other)
	if _, err := w.retire(other, job.DestroyDisable); err != nil {
		t.Fatal(err)
	}
	gone := func() int {
		records, err := w.store.ListLog(t.Context(), other.ID, 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(records)
	}
	w.clock.Add((cycle.LogRetention - time.Hour).Milliseconds())
	w.source.Put(person("bob", "Sales"))
	w.commit(definition())
	if got := len(w.log(store.LogQuery{})); got != 2 || gone() == 0 {
		t.Fatalf("%d records before the retention is over, and %d of the destroyed job; want 2 and some", got, gone())
	}
	w.clock.Add((2 * time.Hour).Milliseconds())
	w.source.Put(person("cyn", "Sales"))
	w.commit(definition())
	var names []string
	for _, r := range w.log(store.LogQuery{}) {
		names = append(names, r.SourceName)
	}
	if diff := cmp.Diff([]string{"bob@example.com", "cyn@example.com"}, names); diff != "" || gone() != 0 {
		t.Errorf("%d records of the destroyed job are left; (-want +got):\n%s", gone(), diff)
	}
}

// A link that is deleted while the job is paused is made again by matching, although the source says nothing new.
func TestDeletedLinkIsMatchedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), group("staff", "ada"))
	w.commit(definition(withGroups))
	key := store.LinkKey{Type: directory.User, Source: "ada"}
	if err := w.engine.DeleteLink(t.Context(), definition().ID, key); directory.KindOf(err) != directory.Conflict {
		t.Fatalf("a running job let its link be deleted: %v", err)
	}
	w.commit(definition(withGroups, func(d *job.Definition) { d.State = job.Paused }))
	w.target.ResetCalls()
	if err := w.engine.DeleteLink(t.Context(), definition().ID, key); err != nil {
		t.Fatal(err)
	}
	if calls := w.target.Calls(); calls.Create+calls.Update+calls.Delete != 0 {
		t.Errorf("deleting a link wrote to the target: %+v", calls)
	}
	w.commit(definition(withGroups))
	w.wantAccounts("ada@example.com active=True department=Sales", "group staff [ada@example.com]")
	links, err := w.store.LinksBySource(t.Context(), definition().ID, directory.User, []directory.Anchor{"ada"})
	if err != nil || len(links) != 1 || w.target.Calls().Create != 0 {
		t.Errorf("links %+v, %v, calls %+v; want the link back and nothing created", links, err, w.target.Calls())
	}
}
