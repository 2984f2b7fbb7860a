package cycle_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// choosy is a world whose target refuses changes.
type choosy struct {
	*world
	// refuses are the changes that are refused, "attribute value" for everybody.
	refuses map[string]bool
}

func newChoosy(t testing.TB, refuses ...string) *choosy {
	c := &choosy{world: newWorld(t), refuses: map[string]bool{}}
	for _, change := range refuses {
		c.refuses[change] = true
	}
	c.target = connectormemory.New(connectormemory.Options{Refuses: func(_ directory.Anchor, change connector.Change) bool {
		return c.refuses[change.Attribute+" "+change.Value.String()]
	}})
	c.connector = c.target
	return c
}

// titled is the usual job with a title. Whoever is in the department Gone is switched off.
func titled(change ...func(*job.Definition)) job.Definition {
	d := definition(change...)
	users := &d.Mappings[len(d.Mappings)-1]
	users.Attributes = append([]job.AttributeMapping{}, users.Attributes...)
	users.Attributes[0].Expression = `Switch([department], "True", "Gone", "False")`
	users.Attributes = append(users.Attributes, job.AttributeMapping{Target: "title", Expression: "[jobTitle]", FlowType: job.FlowAlways})
	return d
}

func withTitle(title string) func(*directory.Object) {
	return func(o *directory.Object) { o.Attributes["jobTitle"] = directory.Text(title) }
}

// wantAda compares the account of ada.
func (c *choosy) wantAda(want string) {
	c.t.Helper()
	entry := c.entry("ada")
	got := fmt.Sprintf("active=%s department=%s title=%s", entry.Attributes["active"], entry.Attributes["department"], entry.Attributes["title"])
	if manager, ok := entry.Attributes[managerAttribute].Text(); ok {
		got += " manager=" + manager
	}
	if got != want {
		c.t.Fatalf("ada is %s, want %s", got, want)
	}
}

// remembered is the title that the link of ada remembers.
func (c *choosy) remembered() directory.Value {
	c.t.Helper()
	links, err := c.store.LinksBySource(c.t.Context(), definition().ID, directory.User, []directory.Anchor{"ada"})
	if err != nil {
		c.t.Fatal(err)
	}
	return links["ada"].Exported["title"]
}

// calm runs a cycle in which nothing may be written.
func (c *choosy) calm(what string) {
	c.t.Helper()
	c.target.ResetCalls()
	if report := c.run(); report.FailureCount > 0 || c.target.Calls().Writes() > 0 {
		c.t.Fatalf("%s: %+v, %+v", what, report, c.target.Calls())
	}
}

const titleRefused = "the target refused title; what it takes is written, and this is tried again. Its answer is in the provisioning log"

func TestRefusedAttributesClimbTheLadder(t *testing.T) {
	t.Parallel()
	c := newChoosy(t, "title Boss")
	c.source.Put(person("ada", "Sales", withTitle("Clerk")), person("eve", "Sales", withTitle("Clerk")))
	c.commit(titled())
	eve := string(c.accountOf("eve"))

	// Everything else is written, and the reference with it.
	c.source.Put(person("ada", "HR", withTitle("Boss"), managedBy("eve")))
	report := c.run()
	c.wantAda("active=True department=HR title=Clerk manager=" + eve)
	want := []cycle.Failure{{Type: directory.User, Name: "ada@example.com", Code: "AttributeRefused", Message: titleRefused}}
	if diff := cmp.Diff(want, report.Failures); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
	if n := report.Cycle.Counts; n.Updated != 1 || n.Failed != 1 || n.ReferencesFailed != 1 {
		t.Errorf("counts %+v", n)
	}
	first := c.escrow()
	wantFirst := store.Escrow{LinkKey: store.LinkKey{Type: directory.User, Source: "ada"}, Name: "ada@example.com", Code: "AttributeRefused", Message: titleRefused,
		Attempts: 1, FirstFailure: first.FirstFailure, NextAttempt: first.FirstFailure.Add(6 * time.Hour)}
	if diff := cmp.Diff(wantFirst, first); diff != "" {
		t.Errorf("stored failure (-want +got):\n%s", diff)
	}
	log := c.log(store.LogQuery{Object: "ada"})
	written := log[len(log)-2] // the reference comes last
	wantRecord := provlog.Record{
		JobID: "wiki/main", Action: provlog.ActionUpdate, Status: provlog.StatusWarning, ObjectType: directory.User, Source: "ada", SourceName: "ada@example.com",
		Target: c.accountOf("ada"), ErrorCode: "AttributeRefused", Reason: "refused: title", InitiatedBy: provlog.InitiatorCycle,
		Modified: []provlog.ModifiedProperty{{DisplayName: "department", OldValue: "Sales", NewValue: "HR"}},
	}
	if diff := cmp.Diff(wantRecord, written, cmpopts.IgnoreFields(provlog.Record{}, "ChangeID", "CycleID", "Time", "Steps", "DurationMS")); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if got := c.remembered(); !got.Equal(directory.Text("Clerk")) {
		t.Errorf("the link remembers %s", got)
	}

	// Nothing but the title is left. A plan shows it, a schedule tries it when it is due, an apply at once.
	for range 2 {
		c.calm("not due")
		if got := c.preview(titled()).Changes; got != (cycle.Changes{Updates: 1}) {
			t.Fatalf("preview %+v", got)
		}
	}
	for i, step := range []struct {
		age  time.Duration
		next time.Duration
		run  func() cycle.Report
	}{
		{5 * time.Hour, 6 * time.Hour, nil},
		{6 * time.Hour, 12 * time.Hour, c.run},
		{12 * time.Hour, 24 * time.Hour, c.run},
		{13 * time.Hour, 24 * time.Hour, func() cycle.Report { return c.commit(titled()) }},
	} {
		c.reach(first.FirstFailure, step.age)
		if step.run == nil {
			c.calm("not due")
			continue
		}
		c.target.ResetCalls()
		report := step.run()
		if n := report.Cycle.Counts; report.FailureCount != 1 || n.Updated != 0 || n.Failed != 1 || n.ReferencesFailed != 0 || c.target.Calls().Writes() != 1 {
			t.Fatalf("%v: %+v %+v", step.age, report, c.target.Calls())
		}
		got := c.escrow()
		if got.Attempts != int64(i+1) || got.FirstFailure != first.FirstFailure || got.NextAttempt != first.FirstFailure.Add(step.next) {
			t.Fatalf("%v: %+v", step.age, got)
		}
	}
	c.wantAda("active=True department=HR title=Clerk manager=" + eve)

	clear(c.refuses)
	c.reach(first.FirstFailure, 48*time.Hour)
	if report := c.run(); report.FailureCount != 0 || report.Cycle.Counts.Updated != 1 {
		t.Fatalf("%+v", report)
	}
	c.wantAda("active=True department=HR title=Boss manager=" + eve)
	if got := c.remembered(); !got.Equal(directory.Text("Boss")) || len(c.escrows()) != 0 {
		t.Errorf("the link remembers %s, escrows %+v", got, c.escrows())
	}
	if got := c.preview(titled()).Changes; got != (cycle.Changes{}) {
		t.Errorf("preview %+v", got)
	}
	c.calm("all is written")
}

// A change in the source is due at once, whatever it is.
func TestRefusedAttributesThatChange(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, title string
		writes      int
	}{
		{"to what was there", "Clerk", 0}, {"to what is taken", "Chief", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newChoosy(t, "title Boss")
			c.source.Put(person("ada", "Sales", withTitle("Clerk")))
			c.commit(titled())
			c.source.Put(person("ada", "Sales", withTitle("Boss")))
			if report := c.run(); report.FailureCount != 1 || len(c.escrows()) != 1 {
				t.Fatalf("%+v", report)
			}
			c.target.ResetCalls()
			c.source.Put(person("ada", "Sales", withTitle(test.title)))
			if report := c.run(); report.FailureCount != 0 || c.target.Calls().Writes() != test.writes || len(c.escrows()) != 0 {
				t.Fatalf("%+v, %+v", report, c.target.Calls())
			}
			c.wantAda("active=True department=Sales title=" + test.title)
			c.calm("all is written")
		})
	}
}

// An account that is taken over is linked, although all that was to be written to it was refused.
func TestRefusedAttributesOfFoundAccounts(t *testing.T) {
	t.Parallel()
	c := newChoosy(t, "title Boss")
	c.target.Put(account("found", "ada@example.com", "Sales"))
	c.source.Put(person("ada", "Sales", withTitle("Boss"), managedBy("eve")), person("eve", "Sales"))
	c.commit(titled())
	if got := c.accountOf("ada"); got != "found" || !c.remembered().IsNull() || c.escrow().Code != "AttributeRefused" {
		t.Fatalf("linked to %q, title %s, escrow %+v", got, c.remembered(), c.escrows())
	}
	if got := c.entry("ada").Attributes[managerAttribute]; !got.Equal(directory.Text(string(c.accountOf("eve")))) {
		t.Fatalf("manager %s", got)
	}
}

// Whoever is switched off is off although the title was refused, and the title is tried again.
func TestSwitchedOffWithARefusedAttribute(t *testing.T) {
	t.Parallel()
	c := newChoosy(t, "title Boss")
	c.source.Put(person("ada", "Sales", withTitle("Clerk")))
	c.commit(titled())
	c.source.Put(person("ada", "Gone", withTitle("Boss")))
	report := c.commit(titled())
	c.wantAda("active=False department=Gone title=Clerk")
	first := c.escrow()
	if report.Cycle.Counts.Disabled != 1 || len(report.Executed) != 1 || report.FailureCount != 1 || first.Code != "AttributeRefused" {
		t.Fatalf("%+v, %+v", report, first)
	}
	if preview := c.preview(titled()); preview.Changes != (cycle.Changes{Updates: 1}) || len(preview.Affected) > 0 {
		t.Fatalf("%+v", preview)
	}
	c.calm("not due")
	clear(c.refuses)
	c.reach(first.FirstFailure, 6*time.Hour)
	c.run()
	c.wantAda("active=False department=Gone title=Boss")
	if left := c.escrows(); len(left) != 0 {
		t.Fatalf("left %+v", left)
	}
}

// Whoever is provisioned on demand without an attribute is escrowed like anybody else, and the answer names the attribute.
func TestRefusedOnDemand(t *testing.T) {
	t.Parallel()
	c := newChoosy(t, "title Boss")
	c.source.Put(person("ada", "Sales", withTitle("Clerk")))
	c.commit(titled())
	c.source.Put(person("ada", "HR", withTitle("Boss")))
	for attempt := range 2 {
		results, err := c.engine.OnDemand(t.Context(), definition().ID, []cycle.Subject{{Type: directory.User, ID: "ada"}}, false)
		if err != nil || len(results) != 1 || results[0].Record.Status != provlog.StatusWarning || results[0].Record.Reason != "refused: title" {
			t.Fatalf("%+v, %v", results, err)
		}
		c.wantAda("active=True department=HR title=Clerk")
		if got := c.escrow(); got.Code != "AttributeRefused" || got.Attempts != int64(attempt+1) {
			t.Fatalf("%+v", got)
		}
	}
}

// liar reports attributes as refused that connectors must not: those that switch an account off.
type liar struct {
	connector.Connector
	refuses func(connector.Change) bool
}

func (l liar) Apply(ctx context.Context, operations []connector.Operation) []connector.Outcome {
	outcomes := make([]connector.Outcome, len(operations))
	for i, operation := range operations {
		var kept []connector.Change
		var refused []string
		for _, change := range operation.Changes {
			if l.refuses(change) {
				refused = append(refused, change.Attribute)
			} else {
				kept = append(kept, change)
			}
		}
		operation.Changes = kept
		outcomes[i] = l.Connector.Apply(ctx, []connector.Operation{operation})[0]
		outcomes[i].Unwritten, outcomes[i].Warning = refused, "refused: "+strings.Join(refused, ", ")
	}
	return outcomes
}

func (l liar) Members(ctx context.Context, group directory.Anchor) ([]directory.Anchor, error) {
	return l.Connector.(connector.MemberReader).Members(ctx, group)
}

// Nobody counts as switched off who is not, whoever says so, and whatever else was written.
func TestRefusedSwitchOffIsAFailure(t *testing.T) {
	t.Parallel()
	off := func(change connector.Change) bool {
		return change.Attribute == "active" && change.Value.Equal(directory.Boolean(false))
	}
	for name, target := range map[string]func(*choosy) connector.Connector{
		"told by the connector": func(c *choosy) connector.Connector { c.refuses["active False"] = true; return c.target },
		"told as an attribute":  func(c *choosy) connector.Connector { return liar{c.target, off} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChoosy(t)
			c.source.Put(person("ada", "Sales", withTitle("Clerk")))
			c.commit(titled())
			c.connector = target(c)
			c.source.Put(person("ada", "Gone", withTitle("Boss")))
			report := c.commit(titled())
			if n := report.Cycle.Counts; n.Disabled != 0 || n.Failed != 1 || n.ReferencesFailed != 0 || len(report.Executed) != 0 {
				t.Fatalf("%+v", report)
			}
			c.wantAda("active=True department=Gone title=Boss")
			if preview := c.preview(titled()); len(preview.Affected) != 1 {
				t.Fatalf("the next plan does not show it: %+v", preview)
			}
			if executed, err := c.retire(titled(), job.DestroyDisable); err == nil || len(executed) != 0 {
				t.Fatalf("destroyed: %+v, %v", executed, err)
			}
			c.connector, c.refuses = c.target, map[string]bool{}
			c.commit(titled())
			c.wantAda("active=False department=Gone title=Boss")
		})
	}
}

// What is written to the account of somebody who leaves takes access away, whichever attribute it is.
func TestRefusedDepartureIsAFailure(t *testing.T) {
	t.Parallel()
	c := newChoosy(t, "nickName gone")
	c.source.Put(person("ada", "Sales"))
	d := definition(policy(job.EventDisabled, job.DeprovisionSetAttributes, constantly("department", "Former"), constantly("nickName", "gone")))
	c.commit(d)
	c.source.Put(person("ada", "Sales", disabled))
	report := c.commit(d)
	if n := report.Cycle.Counts; n.Disabled != 0 || n.Failed != 1 || n.ReferencesFailed != 0 || len(report.Executed) != 0 {
		t.Fatalf("%+v", report)
	}
	if preview := c.preview(d); len(preview.Affected) != 1 {
		t.Fatalf("the next plan does not show it: %+v", preview)
	}
	clear(c.refuses)
	if report := c.commit(d); report.Cycle.Counts.Disabled != 1 || len(c.escrows()) != 0 {
		t.Fatalf("%+v", report)
	}
}

// A reference that is refused stays pending, as one whose write failed.
func TestRefusedReferencesStayPending(t *testing.T) {
	t.Parallel()
	c := newChoosy(t)
	c.source.Put(person("ada", "Sales", withTitle("Clerk")), person("eve", "Sales"))
	c.commit(titled())
	eve := string(c.accountOf("eve"))
	c.refuses[managerAttribute+" "+eve] = true
	c.source.Put(person("ada", "Sales", withTitle("Clerk"), managedBy("eve")))
	for range 2 {
		if report := c.run(); report.FailureCount != 1 || report.Cycle.Counts.ReferencesFailed != 1 || len(c.escrows()) != 0 {
			t.Fatalf("%+v", report)
		}
	}
	c.wantAda("active=True department=Sales title=Clerk")
	clear(c.refuses)
	c.run()
	c.wantAda("active=True department=Sales title=Clerk manager=" + eve)
	c.calm("all is written")
}

// An account that is changed by hand is repaired, whenever the title is due.
func TestRefusedAttributesDoNotDelayRepairs(t *testing.T) {
	t.Parallel()
	c := newChoosy(t, "title Boss")
	d := titled(drift(job.DriftRepair))
	c.source.Put(person("ada", "Sales", withTitle("Clerk")))
	c.commit(d)
	c.source.Put(person("ada", "Sales", withTitle("Boss")))
	c.run()
	first := c.escrow()
	c.tamper("ada", map[string]directory.Value{"department": directory.Text("Cellar")})
	c.reach(first.FirstFailure, time.Hour)
	c.run()
	c.wantAda("active=True department=Sales title=Clerk")
	if again := c.escrow(); again.Attempts != 2 || again.FirstFailure != first.FirstFailure {
		t.Fatalf("%+v", again)
	}
	c.calm("nothing is due")
}

// TestKilledWhileAttributesAreRefused kills the process after every write and every transaction, and lets the source move on or
// not, before the target takes the title or not.
func TestKilledWhileAttributesAreRefused(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"write", "record"} {
		for _, title := range []string{"Boss", "Clerk", "Chief"} {
			t.Run(kind+", then "+title, func(t *testing.T) {
				t.Parallel()
				tried := 0
				for cut := int64(1); ; cut++ {
					c := newChoosy(t, "title Boss")
					c.source.Put(person("ada", "Sales", withTitle("Clerk")), person("eve", "Sales"))
					c.commit(titled())
					eve := string(c.accountOf("eve"))
					doom := &fate{kind: kind}
					doom.left.Store(cut)
					c.process(doom, 500)
					c.source.Put(person("ada", "HR", withTitle("Boss"), managedBy("eve")))
					_, _ = c.tryCommit(t.Context(), titled(), nil)
					if !doom.dead.Load() {
						break
					}
					tried++
					c.process(nil, 1)
					c.source.Put(person("ada", "HR", withTitle(title), managedBy("eve")))
					c.commit(titled())
					held, left := title, 0
					if title == "Boss" {
						held, left = "Clerk", 1
					}
					c.wantAda("active=True department=HR title=" + held + " manager=" + eve)
					if got := c.escrows(); len(got) != left {
						t.Fatalf("cut %d: left %+v", cut, got)
					}
					clear(c.refuses)
					if report := c.commit(titled()); report.FailureCount != 0 || len(c.escrows()) != 0 {
						t.Fatalf("cut %d: %+v", cut, report)
					}
					c.wantAda("active=True department=HR title=" + title + " manager=" + eve)
					c.calm(fmt.Sprintf("cut %d", cut))
				}
				if tried < 2 {
					t.Fatalf("only %d cuts", tried)
				}
			})
		}
	}
}
