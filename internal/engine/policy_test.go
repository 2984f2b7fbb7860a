package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// leaving gives users a policy for every event.
func leaving(action job.DeprovisionAction, change ...func(*job.DeprovisionRule)) func(*job.Definition) {
	return func(d *job.Definition) {
		for _, event := range job.DeprovisionEvents() {
			rule := job.DeprovisionRule{Event: event, Action: action}
			for _, c := range change {
				c(&rule)
			}
			users(d).Deprovisioning = append(users(d).Deprovisioning, rule)
		}
	}
}

func setting(target, value string) func(*job.DeprovisionRule) {
	return func(r *job.DeprovisionRule) {
		r.Attributes = append(r.Attributes, job.AttributeValue{Target: target, Value: value})
	}
}

func after(days int64) func(*job.DeprovisionRule) {
	return func(r *job.DeprovisionRule) { r.AfterDays = days }
}

// departures are ada in each event.
var departures = []struct {
	event      engine.Event
	object     directory.Object
	unassigned bool
}{
	{engine.Unassigned, ada(), true},
	{engine.FilterFailed, ada(inHR), false},
	{engine.Disabled, ada(disabled), false},
	{engine.SoftDeleted, ada(softDeleted), false},
	{engine.HardDeleted, ada(hardDeleted), false},
}

// Every policy on every event: the extension of engine.md 13.
func TestPolicies(t *testing.T) {
	t.Parallel()
	const skipped = " EntrySynchronizationSkipped"
	set := leaving(job.DeprovisionSetAttributes, setting("department", "Former"), setting("nickName", "gone"))
	constants := " department:Sales→Former nickName:null→gone"
	for _, test := range []struct {
		name string
		set  []func(*job.Definition)
		want [5]string // unassigned, filter_failed, disabled, soft_deleted, hard_deleted
	}{
		{"none", []func(*job.Definition){leaving(job.DeprovisionNone)},
			[5]string{"skip keep" + skipped, "skip keep" + skipped, "skip keep" + skipped, "skip keep" + skipped, "skip drop" + skipped}},
		{"disable", []func(*job.Definition){leaving(job.DeprovisionDisable)},
			[5]string{"disable release " + switchedOff, "disable release " + switchedOff, "disable keep " + switchedOff, "disable keep " + switchedOff, "disable drop " + switchedOff}},
		{"set_attributes", []func(*job.Definition){set},
			[5]string{"disable release" + constants, "disable release" + constants, "disable keep" + constants, "disable keep" + constants, "disable drop" + constants}},
		{"delete", []func(*job.Definition){leaving(job.DeprovisionDelete)},
			[5]string{"delete drop", "delete drop", "delete drop", "delete drop", "delete drop"}},
		{"delete later", []func(*job.Definition){leaving(job.DeprovisionDelete, after(30))},
			[5]string{"disable keep " + switchedOff, "disable keep " + switchedOff, "disable keep " + switchedOff, "disable keep " + switchedOff, "disable keep " + switchedOff}},
		{"delete later, nothing to switch off", []func(*job.Definition){leaving(job.DeprovisionDelete, after(30)), columns[1].set},
			[5]string{"skip keep" + skipped, "skip keep" + skipped, "skip keep" + skipped, "skip keep" + skipped, "skip keep" + skipped}},
		{"delete, deletes off", []func(*job.Definition){leaving(job.DeprovisionDelete), columns[3].set},
			[5]string{"skip release" + skipped, "skip release" + skipped, "skip keep" + skipped, "skip keep" + skipped, "skip drop" + skipped}},
		{"set_attributes, updates off", []func(*job.Definition){set, columns[2].set},
			[5]string{"skip release" + skipped, "skip release" + skipped, "skip keep" + skipped, "skip keep" + skipped, "skip drop" + skipped}},
		// engine.md 29: the flag covers rows 1 to 5, whatever the policy.
		{"delete, skip-out-of-scope", []func(*job.Definition){leaving(job.DeprovisionDelete), columns[4].set},
			[5]string{"skip keep" + skipped, "skip keep" + skipped, "delete drop", "delete drop", "delete drop"}},
		{"delete later, skip-out-of-scope", []func(*job.Definition){leaving(job.DeprovisionDelete, after(30)), columns[4].set},
			[5]string{"skip keep" + skipped, "skip keep" + skipped, "disable keep " + switchedOff, "disable keep " + switchedOff, "disable keep " + switchedOff}},
	} {
		for i, departure := range departures {
			t.Run(test.name+"/"+string(departure.event), func(t *testing.T) {
				t.Parallel()
				got := decide(compile(t, test.set...), departure.object, !departure.unassigned, link(), noMatch)
				if show(got) != test.want[i] {
					t.Errorf("\ngot  %s (%s)\nwant %s", show(got), got.Reason, test.want[i])
				}
				waits := strings.HasPrefix(test.name, "delete later") && (!strings.HasSuffix(test.name, "skip-out-of-scope") || i >= 2)
				if waits != got.DueAt.Equal(now.AddDate(0, 0, 30)) || !waits && !got.DueAt.IsZero() {
					t.Errorf("due %s", got.DueAt)
				}
			})
		}
	}
}

// What is not managed any more is nobody's to touch, whatever the policy (row 9).
func TestPoliciesLeaveReleasedAccountsAlone(t *testing.T) {
	t.Parallel()
	released := link(func(l *engine.Linked) { l.Managed = false })
	for _, departure := range departures {
		got := decide(compile(t, leaving(job.DeprovisionDelete)), departure.object, !departure.unassigned, released, noMatch)
		if got.Action != engine.Skip || (got.Aftermath == engine.DropLink) != (departure.event == engine.HardDeleted) {
			t.Errorf("%s: %s", departure.event, show(got))
		}
	}
}

// The days are counted from when the event was first seen, and another event begins anew.
func TestDelayedDelete(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	off := link(func(l *engine.Linked) {
		l.Active = false
		l.Exported["active"] = directory.Boolean(false)
	})
	for _, test := range []struct {
		name string
		away engine.Away
		want string
		due  time.Time
	}{
		{"first seen", engine.Away{}, "skip keep RedundantExport", now.Add(30 * day)},
		{"seen yesterday", engine.Away{Event: engine.Unassigned, Since: now.Add(-day)}, "skip keep RedundantExport", now.Add(29 * day)},
		{"a moment before", engine.Away{Event: engine.Unassigned, Since: now.Add(-30*day + time.Millisecond)}, "skip keep RedundantExport", now.Add(time.Millisecond)},
		{"due", engine.Away{Event: engine.Unassigned, Since: now.Add(-30 * day)}, "delete drop", time.Time{}},
		{"long due", engine.Away{Event: engine.Unassigned, Since: now.Add(-300 * day)}, "delete drop", time.Time{}},
		{"away for another reason", engine.Away{Event: engine.Disabled, Since: now.Add(-300 * day)}, "skip keep RedundantExport", now.Add(30 * day)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			linked := *off
			linked.Away = test.away
			got := decide(compile(t, leaving(job.DeprovisionDelete, after(30))), ada(), false, &linked, noMatch)
			if show(got) != test.want || !got.DueAt.Equal(test.due) {
				t.Errorf("%s, due %s; want %s, due %s", show(got), got.DueAt, test.want, test.due)
			}
			since := test.away.Since
			if test.away.Event != engine.Unassigned {
				since = now
			}
			if !got.Since.Equal(since) {
				t.Errorf("since %s, want %s", got.Since, since)
			}
		})
	}
	back := *off
	back.Away = engine.Away{Event: engine.Unassigned, Since: now.Add(-300 * day)}
	if got := decide(compile(t, leaving(job.DeprovisionDelete, after(30))), ada(), true, &back, noMatch); show(got) != "update keep "+switchedOn {
		t.Errorf("back: %s", show(got))
	}
}

// Groups can be deleted, later too, and set; they are never switched off.
func TestPoliciesOfGroups(t *testing.T) {
	t.Parallel()
	policy := func(action job.DeprovisionAction, change ...func(*job.DeprovisionRule)) func(*job.Definition) {
		return func(d *job.Definition) {
			leaving(action, change...)(d)
			users(d).Deprovisioning, groups(d).Deprovisioning = nil, users(d).Deprovisioning
		}
	}
	for _, test := range []struct {
		name string
		set  func(*job.Definition)
		want string
	}{
		{"none", policy(job.DeprovisionNone), "skip keep EntrySynchronizationSkipped"},
		{"set_attributes", policy(job.DeprovisionSetAttributes, setting("displayName", "former")), "disable release displayName:Staff→former"},
		{"delete later", policy(job.DeprovisionDelete, after(7)), "skip keep EntrySynchronizationSkipped"},
		{"delete", policy(job.DeprovisionDelete), "delete drop"},
	} {
		if got := decide(compile(t, test.set), staff(), false, groupLink(), noMatch); show(got) != test.want {
			t.Errorf("%s: %s, want %s", test.name, show(got), test.want)
		}
	}
}

func TestConstants(t *testing.T) {
	t.Parallel()
	set := func(change ...func(*job.DeprovisionRule)) func(*job.Definition) {
		return leaving(job.DeprovisionSetAttributes, change...)
	}
	t.Run("what is there is not written again", func(t *testing.T) {
		t.Parallel()
		former := link(func(l *engine.Linked) { l.Exported["department"] = directory.Text("FORMER") })
		if got := decide(compile(t, set(setting("department", "Former"))), ada(disabled), true, former, noMatch); show(got) != "skip keep RedundantExport" {
			t.Error(show(got))
		}
	})
	t.Run("one that switches the account off", func(t *testing.T) {
		t.Parallel()
		got := decide(compile(t, set(setting("active", "False"))), ada(disabled), true, link(), noMatch)
		if show(got) != "disable keep "+switchedOff || got.Active {
			t.Error(show(got), got.Active)
		}
	})
	t.Run("one that does not", func(t *testing.T) {
		t.Parallel()
		if got := decide(compile(t, set(setting("nickName", "x"))), ada(disabled), true, link(), noMatch); !got.Active {
			t.Error(show(got))
		}
	})
	t.Run("the mapping's spelling, so that the mapping takes it back", func(t *testing.T) {
		t.Parallel()
		program := compile(t, set(setting("DEPARTMENT", "Former")))
		got := decide(program, ada(disabled), true, link(), noMatch)
		back := decide(program, ada(), true, carriedOut(link(), got), noMatch)
		if show(got) != "disable keep department:Sales→Former" || show(back) != "update keep department:Former→Sales" {
			t.Errorf("%s, then %s", show(got), show(back))
		}
	})
	for _, test := range []struct{ name, target, value, want string }{
		{"chosen by the target", "id", "x", "deprovisioning.unassigned, attribute id: the target chooses this attribute itself"},
		{"a reference", managerAttribute, "x", "a reference cannot be set to a constant"},
		{"no such attribute", "nonsense[", "x", "deprovisioning.unassigned, attribute nonsense[: the value cannot be used: there is no attribute nonsense["},
		{"a value that does not fit", "active", "perhaps", "attribute active: the value cannot be used: active is true or false"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := engine.Compile(definition(set(setting(test.target, test.value))), traits())
			if err == nil || !strings.Contains(err.Error(), test.want) || directory.KindOf(err) != directory.Invalid {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("members", func(t *testing.T) {
		t.Parallel()
		_, err := engine.Compile(definition(func(d *job.Definition) {
			groups(d).Deprovisioning = []job.DeprovisionRule{{Event: job.EventUnassigned, Action: job.DeprovisionSetAttributes, Attributes: []job.AttributeValue{{Target: "Members", Value: "x"}}}}
		}), traits())
		if err == nil || !strings.Contains(err.Error(), "members cannot be set to a constant") {
			t.Errorf("got %v", err)
		}
	})
}

// Somebody who is gone has no attributes: only what follows from the departure alone is written.
func TestDisablingWhoIsGone(t *testing.T) {
	t.Parallel()
	program := compile(t, leaving(job.DeprovisionDisable), func(d *job.Definition) {
		users(d).Attributes = append(users(d).Attributes, mapped("title", `Switch([IsSoftDeleted], [jobTitle], "True", Append("Former ", [jobTitle]))`))
	})
	if got := decide(program, ada(hardDeleted), true, link(), noMatch); show(got) != "disable drop "+switchedOff {
		t.Error(show(got))
	}
	if got := decide(program, ada(softDeleted), true, link(), noMatch); show(got) != "disable keep "+switchedOff+" title:null→Former " {
		t.Error(show(got))
	}
}

func TestPolicyReasons(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		set  func(*job.Definition)
		want string
	}{
		{leaving(job.DeprovisionNone), "disabled in the source; the account is left alone because deprovisioning.disabled says so"},
		{leaving(job.DeprovisionDisable), "disabled in the source; deprovisioning.disabled disables the account"},
		{leaving(job.DeprovisionSetAttributes, setting("department", "x"), setting("title", "y")), "disabled in the source; deprovisioning.disabled sets department, title"},
		{leaving(job.DeprovisionDelete), "disabled in the source; deprovisioning.disabled deletes the account"},
		{leaving(job.DeprovisionDelete, after(30)), "disabled in the source; deprovisioning.disabled deletes the account after 30 days, on 2026-02-01"},
		{leaving(job.DeprovisionDelete, after(1)), "disabled in the source; deprovisioning.disabled deletes the account after 1 day, on 2026-01-03"},
	} {
		if got := decide(compile(t, test.set), ada(disabled), true, link(), noMatch).Reason; got != test.want {
			t.Errorf("\ngot  %s\nwant %s", got, test.want)
		}
	}
	due := link(func(l *engine.Linked) { l.Away = engine.Away{Event: engine.Disabled, Since: now.AddDate(0, 0, -31)} })
	if got := decide(compile(t, leaving(job.DeprovisionDelete, after(30))), ada(disabled), true, due, noMatch).Reason; got != "disabled in the source; deprovisioning.disabled deletes the account after 30 days, on 2026-01-01" {
		t.Error(got)
	}
	groupsNone := func(d *job.Definition) {
		groups(d).Deprovisioning = []job.DeprovisionRule{{Event: job.EventUnassigned, Action: job.DeprovisionDisable}}
	}
	if got := decide(compile(t, groupsNone), staff(), false, groupLink(), noMatch).Reason; got != "no longer assigned to the application; a group cannot be switched off" {
		t.Error(got)
	}
}
