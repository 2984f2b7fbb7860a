package job

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// computedNames are set by the engine; a plan either knows them or says "unknown".
var computedNames = []string{
	"desired_digest", "planned_impact", "planned_changes", "managed_account_count", "last_cycle", "status", "generation",
	"escrow_count", "held_count", "destroy_impact", "quarantine_reason",
}

// inSales is an engine whose one filter lets ann and bob in.
func inSales() *fakeEngine {
	fake := newFakeEngine()
	fake.filters["wiki/people"] = "Sales"
	return fake
}

func TestPlanOfANarrowedFilter(t *testing.T) {
	t.Parallel()
	fake := inSales()
	s := newSession(t, fake, noon)
	config := s.config(nil)
	state, private := s.created(config)
	fake.change(func(f *fakeEngine) { f.filters["wiki/people"] = "IT" })

	got := s.plan(state, private, config)
	want := []message{{
		Severity: "WARNING",
		Summary:  "Job wiki/main would disable 2 of 2 accounts",
		Detail: "Applying this plan takes access away. planned_impact in the plan has the details.\n\n" +
			"user ann disable — department is Sales\nuser bob disable — department is Sales",
	}}
	if diff := cmp.Diff(want, got.messages); diff != "" {
		t.Error(diff)
	}
	if position := fake.previews[len(fake.previews)-1].GetPosition(); position == "" {
		t.Error("the preview is not pinned")
	}
	wantValues := values{
		"desired_digest": digestOf(fake.previews[len(fake.previews)-1].GetJob(), []string{"IT"}),
		"planned_impact": values{
			"disable_count": 2.0, "delete_count": 0.0, "membership_removal_count": 0.0, "accounts_truncated": false,
			"accounts_digest": hash("ann:disable,bob:disable,"), "basis": "pinned position",
			"accounts": []any{
				values{"object_type": "user", "name": "ann", "member": nil, "action": "disable", "reason": "department is Sales", "cause": "filter", "origin": "configuration"},
				values{"object_type": "user", "name": "bob", "member": nil, "action": "disable", "reason": "department is Sales", "cause": "filter", "origin": "configuration"},
			},
			"causes": []any{values{"action": "disable", "cause": "filter", "origin": "configuration", "count": 2.0}},
			"groups": []any{}, "group_count": 0.0,
		},
		"planned_changes":       values{"create_count": 3.0, "update_count": 0.0, "membership_add_count": 0.0, "failure_count": 0.0},
		"managed_account_count": "unknown", "last_cycle": "unknown", "status": "unknown", "generation": "unknown",
		"escrow_count": "unknown", "held_count": "unknown", "destroy_impact": "unknown", "quarantine_reason": "unknown",
	}
	if diff := cmp.Diff(wantValues, s.pick(got.state, computedNames...)); diff != "" {
		t.Error(diff)
	}
}

// The second planning pass runs in another process, after the drafts were written and while the directory moves on. Core
// demands equal known values.
func TestSecondPassPlansTheSame(t *testing.T) {
	t.Parallel()
	fake := inSales()
	s := newSession(t, fake, noon)
	config := s.config(nil)
	state, private := s.created(config)
	fake.change(func(f *fakeEngine) { f.filters["wiki/people"] = "IT" })
	first := s.plan(state, private, config)
	fake.change(func(f *fakeEngine) { addFay(f); f.people["hal"] = "IT" })
	second := newSession(t, fake, noon.Add(2*time.Hour)).plan(state, private, config)
	if diff := cmp.Diff(s.pick(first.state, computedNames...), s.pick(second.state, computedNames...)); diff != "" {
		t.Errorf("second pass differs: %s", diff)
	}
	if len(second.messages) != 2 || second.messages[1].Summary != "Preview of job wiki/main uses old data" {
		t.Errorf("only the warning may use the clock, got %+v", second.messages)
	}
}

// T6: -target on the filter writes its draft and leaves the job out of the walk.
func TestT6P1PlanAfterATargetedApplyOfTheFilter(t *testing.T) {
	t.Parallel()
	fake := inSales()
	s := newSession(t, fake, noon)
	config := s.config(nil)
	state, private := s.created(config)
	fake.change(func(f *fakeEngine) { f.filters["wiki/people"] = "IT" })
	if diff := cmp.Diff(map[string]bool{"ann": true, "bob": true}, fake.accounts["wiki/main"]); diff != "" {
		t.Errorf("a draft must touch nobody: %s", diff)
	}
	state, private, _ = s.read(state, private)
	if got := s.plan(state, private, config); len(got.messages) != 1 || got.messages[0].Summary != "Job wiki/main would disable 2 of 2 accounts" {
		t.Errorf("got %+v", got.messages)
	}
}

func TestPlanWithoutChanges(t *testing.T) {
	t.Parallel()
	fake := inSales()
	s := newSession(t, fake, noon)
	config := s.config(nil)
	state, private := s.created(config)
	// Objects that cannot be provisioned and remarks are no difference.
	fake.change(func(f *fakeEngine) { f.remarks = []string{"filter \"wiki/old\" has no effect", "another"} })
	got := s.plan(state, private, config)
	if !got.state.Equal(state) {
		t.Errorf("the plan is not empty: %v", cmp.Diff(s.pick(state, computedNames...), s.pick(got.state, computedNames...)))
	}
	want := []message{
		{"WARNING", "", "Job wiki/main: remark 1 of 2", "filter \"wiki/old\" has no effect"},
		{"WARNING", "", "Job wiki/main: remark 2 of 2", "another"},
	}
	if diff := cmp.Diff(want, got.messages); diff != "" {
		t.Error(diff)
	}
}

func TestPendingPeopleAreADifferenceOnlyOnApply(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		config  values
		pending bool
	}{
		{"on apply", nil, true},
		{"manual", values{"run": "manual"}, false},
		{"paused", values{"state": "paused"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := inSales()
			s := newSession(t, fake, noon)
			config := s.config(test.config)
			state, private := s.created(config)
			fake.change(func(f *fakeEngine) { f.people["gil"] = "Sales" })
			state, private, _ = s.read(state, private)
			if got := s.plan(state, private, config); got.state.Equal(state) == test.pending {
				t.Errorf("pending is %v, want %v", !test.pending, test.pending)
			}
		})
	}
}

func TestPlanWithoutNames(t *testing.T) {
	t.Parallel()
	fake := inSales()
	s := newSession(t, fake, noon)
	counts := s.config(values{"preview_detail": "counts"})
	state, private := s.created(counts)
	limited := s.config(values{"preview_detail": "counts", "on_destroy": "disable", "limits": values{"max_disable": 1}})
	fake.change(func(f *fakeEngine) { f.filters["wiki/people"] = "IT" })
	got := s.plan(state, private, limited)
	for _, m := range got.messages {
		if text := m.Summary + m.Detail; strings.Contains(text, "user ann") || strings.Contains(text, "user bob") {
			t.Errorf("a name in %+v", m)
		}
	}
	if len(got.messages) != 2 || got.messages[1].Path != `AttributeName("limits").AttributeName("max_disable")` {
		t.Errorf("got %+v", got.messages)
	}
	impact, _ := s.pick(got.state, "planned_impact")["planned_impact"].(values)
	if diff := cmp.Diff(values{"disable_count": 2.0, "accounts": []any{}}, values{"disable_count": impact["disable_count"], "accounts": impact["accounts"]}); diff != "" {
		t.Error(diff)
	}
	fake.change(func(f *fakeEngine) { f.filters["wiki/people"] = "Sales"; f.jobs["wiki/main"].Job.OnDestroy = "disable" })
	state, private, _ = s.read(state, private)
	destroy := s.plan(state, private, s.null())
	want := []message{{"WARNING", "", "Destroying job wiki/main would disable 2 of 2 accounts",
		`The job has on_destroy = "disable". To keep the accounts as they are, apply on_destroy = "keep" first.`}}
	if diff := cmp.Diff(want, destroy.messages); diff != "" {
		t.Error(diff)
	}
}

func TestP11LongListsAreCapped(t *testing.T) {
	t.Parallel()
	fake := inSales()
	for i := range 60 {
		fake.people[fmt.Sprintf("p%02d", i)] = "Sales"
	}
	s := newSession(t, fake, noon)
	config := s.config(nil)
	state, private := s.created(config)
	fake.change(func(f *fakeEngine) { f.filters["wiki/people"] = "IT" })
	got := s.plan(state, private, config)
	// Reasons that many share are said once.
	if headings := strings.Count(got.messages[0].Detail, "disable — department is Sales:\n"); headings != 1 {
		t.Errorf("%d headings in %q", headings, got.messages[0].Detail)
	}
	if lines := strings.Count(got.messages[0].Detail, "\n  user "); lines != 50 || !strings.HasSuffix(got.messages[0].Detail, "\n… and 12 more") {
		t.Errorf("%d lines in %q", lines, got.messages[0].Detail)
	}
}

func TestP6PlanReplacement(t *testing.T) {
	t.Parallel()
	fake := inSales()
	s := newSession(t, fake, noon)
	state, private := s.created(s.config(values{"on_destroy": "delete"}))
	config := s.config(values{"name": "other"})
	first := s.plan(state, private, config)
	if first.replace != 1 || len(first.messages) != 1 || first.messages[0].Summary != "Replacing job wiki/main would delete 2 of 2 accounts" {
		t.Errorf("first call: %d paths, %+v", first.replace, first.messages)
	}
	// The second call gets the first one's private data, at apply it gets none: the values must not depend on it.
	second := s.plan(s.null(), first.private, config)
	again := s.plan(s.null(), nil, config)
	if diff := cmp.Diff(s.pick(second.state, computedNames...), s.pick(again.state, computedNames...)); diff != "" {
		t.Error(diff)
	}
	if _, _, got := s.apply(state, plan{state: s.null(), private: second.private}, s.null()); len(got) > 0 {
		t.Errorf("delete: %+v", got)
	}
	if diff := cmp.Diff(map[string]bool{}, fake.accounts["wiki/main"]); diff != "" {
		t.Error(diff)
	}
}

func TestDestroyWithoutAPlanTouchesNobody(t *testing.T) {
	t.Parallel()
	fake := inSales()
	s := newSession(t, fake, noon)
	state, private := s.created(s.config(values{"on_destroy": "disable"}))
	if _, _, got := s.apply(state, plan{state: s.null(), private: private}, s.null()); len(got) != 1 || got[0].Summary != "Cannot destroy provisioning job" {
		t.Errorf("got %+v", got)
	}
	if fake.retired[0].AccountsDigest != nil {
		t.Error("nothing was approved")
	}
	fake.change(func(f *fakeEngine) { delete(f.jobs, "wiki/main") })
	if _, _, got := s.apply(state, plan{state: s.null()}, s.null()); len(got) > 0 {
		t.Errorf("a job that is gone is destroyed: %+v", got)
	}
}

func TestUnconfiguredProvider(t *testing.T) {
	t.Parallel()
	fake := inSales()
	config := newSession(t, fake, noon)
	state, private := config.created(config.config(nil))
	s := configured(t, fake, noon, tftypes.NewValue(tftypes.String, tftypes.UnknownValue))
	calls := len(fake.calls)
	if read, _, got := s.read(state, private); !read.Equal(state) || len(got) > 0 {
		t.Errorf("read without an engine: %+v", got)
	}
	got := s.plan(state, private, s.config(nil))
	want := values{"id": "wiki/main"}
	for _, name := range computedNames {
		want[name] = "unknown"
	}
	if diff := cmp.Diff(want, s.pick(got.state, append(computedNames, "id")...)); diff != "" {
		t.Error(diff)
	}
	if len(got.messages) != 1 || got.messages[0].Summary != "Impact of job wiki/main is not known before apply" {
		t.Errorf("got %+v", got.messages)
	}
	if destroy := s.plan(state, private, s.null()); len(destroy.messages) != 1 || destroy.messages[0].Severity != "WARNING" {
		t.Errorf("got %+v", destroy.messages)
	}
	if len(fake.calls) != calls {
		t.Errorf("the engine was called: %v", fake.calls[calls:])
	}
}

func TestUnknownInputs(t *testing.T) {
	t.Parallel()
	fake := inSales()
	s := newSession(t, fake, noon)
	for _, attribute := range []string{"app_id", "source_id", "mapping_ids", "limits", "on_destroy", "preview_detail"} {
		got := s.plan(s.null(), nil, s.config(values{attribute: tftypes.UnknownValue}))
		if len(got.messages) != 1 || !strings.HasSuffix(got.messages[0].Summary, "is not known before apply") || s.pick(got.state, "planned_impact")["planned_impact"] != "unknown" {
			t.Errorf("%s unknown: %+v", attribute, got.messages)
		}
	}
	if len(fake.previews) != 0 {
		t.Errorf("previewed %v", fake.previews)
	}
}

func TestRefusedPreview(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		code    connect.Code
		message string
		path    string
	}{
		{"unknown filter", connect.CodeFailedPrecondition, `scoping filter "wiki/people" is not known`, `AttributeName("scoping_filter_ids")`},
		{"broken expression", connect.CodeInvalidArgument, `mapping "wiki/user" of app "wiki": unknown function Swich`, `AttributeName("mapping_ids")`},
		{"unreadable file", connect.CodeFailedPrecondition, `source "people": people.json:3:7: unexpected end`, `AttributeName("source_id")`},
		{"app", connect.CodeFailedPrecondition, `app "wiki" is not known`, `AttributeName("app_id")`},
		{"nothing quoted", connect.CodeUnavailable, "no answer", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := inSales()
			fake.previewError = connect.NewError(test.code, errors.New(test.message))
			s := newSession(t, fake, noon)
			got := s.plan(s.null(), nil, s.config(nil))
			if len(got.messages) != 1 {
				t.Fatalf("got %+v", got.messages)
			}
			m := got.messages[0]
			if m.Severity != "ERROR" || m.Path != test.path || m.Summary != "Cannot plan provisioning job" || !strings.HasSuffix(m.Detail, "The engine says: "+test.message) {
				t.Errorf("got %+v", m)
			}
		})
	}
}

func TestT10P4PlanWithoutRefresh(t *testing.T) { // T10
	t.Parallel()
	fake := inSales()
	s := newSession(t, fake, noon)
	state, private := s.created(s.config(nil))
	fake.change(func(f *fakeEngine) { f.filters["wiki/people"] = "IT" })
	// Old data: the pinned position is used, and its age is worth a warning.
	late := newSession(t, fake, noon.Add(61*time.Minute)).plan(state, private, s.config(nil))
	want := "The source was last read at 2026-03-01T12:00:00Z. People who joined or left since are not in this plan; an apply holds " +
		"accounts it did not show. Plan again without -refresh=false to see them."
	if len(late.messages) != 2 || late.messages[1].Detail != want {
		t.Errorf("got %+v", late.messages)
	}
	// No private data, as in a state that was written by hand: newest data, changes unknown.
	got := s.plan(state, nil, s.config(nil))
	impact, _ := s.pick(got.state, "planned_impact")["planned_impact"].(values)
	if impact["basis"] != "newest data" || s.pick(got.state, "planned_changes")["planned_changes"] != "unknown" {
		t.Errorf("got %+v", s.pick(got.state, computedNames...))
	}
	// The engine lost the job.
	fake.change(func(f *fakeEngine) { delete(f.jobs, "wiki/main") })
	if gone := s.plan(state, private, s.config(nil)); len(gone.messages) != 1 || gone.messages[0].Summary != "Provisioning job is not in this store" {
		t.Errorf("got %+v", gone.messages)
	}
}

func TestOutcomeOfACommit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		detail string
		want   []message
	}{
		{"names", "names", []message{
			{"WARNING", "", "Job wiki/main held 1 account that the plan did not show", "They would lose access now, but no plan has shown that yet, " +
				"so they were left untouched. Run plan again: it shows them as pending.\n\nuser fay disable — department is Sales"},
			{"WARNING", "", "Job wiki/main could not provision 2 objects", "They are in escrow and are tried again by the next cycles; everything " +
				"else was provisioned. escrow_count and last_cycle of the job have the numbers, the engine's provisioning log has every attempt." +
				"\n\nuser hal: InvalidValue: 400 userName is too long\nuser ida: InvalidValue: 400 userName is empty"},
		}},
		{"counts", "counts", []message{
			{"WARNING", "", "Job wiki/main held 1 account that the plan did not show", "They would lose access now, but no plan has shown that yet, " +
				"so they were left untouched. Run plan again: it shows them as pending."},
			{"WARNING", "", "Job wiki/main could not provision 2 objects", "They are in escrow and are tried again by the next cycles; everything " +
				"else was provisioned. escrow_count and last_cycle of the job have the numbers, the engine's provisioning log has every attempt." +
				"\n\nuser: InvalidValue"},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := inSales()
			s := newSession(t, fake, noon)
			config := s.config(values{"preview_detail": test.detail})
			state, private := s.created(config)
			fake.change(func(f *fakeEngine) { f.filters["wiki/people"] = "IT" })
			approved := s.plan(state, private, config)
			fake.change(func(f *fakeEngine) {
				addFay(f)
				f.progress = 3
				f.failures = []*provisioningv1.ObjectFailure{
					{ObjectType: "user", Name: "hal", Code: "InvalidValue", Message: "400 userName is too long"},
					{ObjectType: "user", Name: "ida", Code: "InvalidValue", Message: "400 userName is empty"},
				}
			})
			_, _, got := s.apply(state, approved, config)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if commit := fake.commits[1]; commit.GetAccountsDigest() != hash("ann:disable,bob:disable,") || commit.GetPosition() == "" || commit.GetCreate() {
				t.Errorf("committed %v", commit)
			}
		})
	}
}

func TestQuarantine(t *testing.T) {
	t.Parallel()
	fake := inSales()
	s := newSession(t, fake, noon)
	config := s.config(nil)
	state, private := s.created(config)
	fake.change(func(f *fakeEngine) { f.filters["wiki/people"] = "IT"; f.quarantine = "60 of 100 objects failed" })
	next, _, got := s.apply(state, s.plan(state, private, config), config)
	if len(got) != 1 || got[0].Severity != "ERROR" || !strings.Contains(got[0].Detail, "60 of 100 objects failed") {
		t.Errorf("got %+v", got)
	}
	want := values{"status": "quarantine", "quarantine_reason": "60 of 100 objects failed", "generation": 2.0}
	if diff := cmp.Diff(want, s.pick(next, "status", "quarantine_reason", "generation")); diff != "" {
		t.Errorf("an update that ended in quarantine is in the state: %s", diff)
	}
	// A create is not: Terraform would replace a tainted job.
	fresh := inSales()
	fresh.quarantine = "no answer"
	s = newSession(t, fresh, noon)
	if next, _, got := s.apply(s.null(), s.plan(s.null(), nil, config), config); !next.IsNull() || len(got) != 1 {
		t.Errorf("state %v, %+v", next, got)
	}
}

func TestReadPinsAndRefreshes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		run  string
		call string
	}{{"on_apply", "RefreshJob"}, {"manual", "GetJob"}}
	for _, test := range tests {
		t.Run(test.run, func(t *testing.T) {
			t.Parallel()
			fake := inSales()
			s := newSession(t, fake, noon)
			state, private := s.created(s.config(values{"run": test.run}))
			if got := fake.calls[len(fake.calls)-1]; got != test.call {
				t.Errorf("read called %s", got)
			}
			if want := fmt.Sprintf(`{"position":"p%d","read_at":"2026-03-01T12:00:00Z"}`, fake.counter); !strings.Contains(unquoted(private), want) {
				t.Errorf("private is %s, want %s", unquoted(private), want)
			}
			if _, _, got := s.read(state, private); len(got) > 0 {
				t.Error(got)
			}
		})
	}
}

// A source whose file is gone is "not found" on the wire, like a job that is gone.
func TestMissingSourceDoesNotForgetTheJob(t *testing.T) {
	t.Parallel()
	fake := inSales()
	s := newSession(t, fake, noon)
	state, private := s.created(s.config(nil))
	fake.change(func(f *fakeEngine) {
		f.refreshError = connect.NewError(connect.CodeNotFound, errors.New("people.json does not exist"))
	})
	kept, unpinned, got := s.read(state, private)
	if kept.IsNull() || len(got) != 1 || got[0].Severity != "WARNING" || !strings.HasSuffix(got[0].Detail, "people.json does not exist") {
		t.Errorf("state %v, %+v", kept, got)
	}
	s.plan(kept, unpinned, s.config(nil))
	if position := fake.previews[len(fake.previews)-1].GetPosition(); position != "" {
		t.Errorf("the preview must read the configured source, it was pinned to %s", position)
	}
	fake.change(func(f *fakeEngine) { f.refreshError = nil; delete(f.jobs, "wiki/main") })
	removed, _, got := s.read(state, private)
	if !removed.IsNull() || len(got) != 1 || got[0].Severity != "WARNING" || !strings.Contains(got[0].Detail, "made with another store") {
		t.Errorf("state %v, %+v", removed, got)
	}
}
