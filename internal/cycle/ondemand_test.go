package cycle_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

func askUsers(ids ...string) []cycle.Subject  { return subjects(directory.User, ids...) }
func askGroups(ids ...string) []cycle.Subject { return subjects(directory.Group, ids...) }

func subjects(objectType directory.ObjectType, ids ...string) []cycle.Subject {
	var asked []cycle.Subject
	for _, id := range ids {
		asked = append(asked, cycle.Subject{Type: objectType, ID: id})
	}
	return asked
}

// manual is a job whose cycles nobody runs.
func manual(d *job.Definition) { d.Run = job.RunManually }

func paused(d *job.Definition) { d.State = job.Paused }

func (w *world) onDemand(dry bool, asked ...cycle.Subject) string {
	w.t.Helper()
	results, err := w.engine.OnDemand(w.t.Context(), "wiki/main", asked, dry)
	if err != nil {
		w.t.Fatalf("on demand: %v", err)
	}
	return rendered(results)
}

// rendered is one line for each result, and one for each of its steps.
func rendered(results []cycle.OnDemandResult) string {
	var b strings.Builder
	for _, r := range results {
		fmt.Fprintf(&b, "%s %s: %s %s", r.Subject.Type, r.Subject.ID, r.Record.Action, r.Status)
		if r.Record.Status != r.Status {
			fmt.Fprintf(&b, " (%s)", r.Record.Status)
		}
		if r.Record.ErrorCode != "" {
			fmt.Fprintf(&b, " %s", r.Record.ErrorCode)
		}
		b.WriteString("\n")
		for _, step := range r.Record.Steps {
			fmt.Fprintf(&b, "  %s %s: %s\n", step.Type, step.Status, step.Description)
		}
	}
	return b.String()
}

func (w *world) wantOnDemand(dry bool, asked []cycle.Subject, want string) {
	w.t.Helper()
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), w.onDemand(dry, asked...)); diff != "" {
		w.t.Fatalf("(-want +got):\n%s", diff)
	}
}

// logged is the provisioning log, one line for each record.
func (w *world) logLines() string {
	w.t.Helper()
	records, err := w.store.ListLog(w.t.Context(), "wiki/main", 100)
	if err != nil {
		w.t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range records {
		fmt.Fprintf(&b, "%s %s %s %s %s\n", r.InitiatedBy, r.SourceName, r.Action, r.Status, r.ErrorCode)
	}
	return b.String()
}

func (w *world) stagedLines() string {
	w.t.Helper()
	entries, err := w.store.ListStaged(w.t.Context(), "wiki/main", store.LinkKey{}, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	var b strings.Builder
	for _, s := range entries {
		fmt.Fprintf(&b, "%s %s held=%t %s\n", s.Source, s.Action, s.Held, s.Reason)
	}
	return b.String()
}

// Every outcome a subject can have, dry first: a dry run foretells it and leaves no trace, the real one does it.
func TestOnDemandOutcomes(t *testing.T) {
	t.Parallel()
	notUnique := connectormemory.New(connectormemory.Options{Unique: map[directory.ObjectType][]string{}})
	for name, c := range map[string]struct {
		// before puts people and accounts in place; with linked, a first cycle runs over them before after changes them.
		before, after func(w *world)
		linked        bool
		change        func(*job.Definition)
		target        *connectormemory.Connector
		ask           string
		want          string
		held          bool // which a dry run says in other words
		accounts      []string
		logged        string
		staged        string
	}{
		"create": {
			before: func(w *world) { w.source.Put(person("ada", "Sales"), person("bob", "Sales")) },
			ask:    "ada@EXAMPLE.com",
			want: `
user ada@EXAMPLE.com: create success
  import success: user read from the source
  scoping success: in scope
  matching success: no account matches
  export success: the account is created
`,
			accounts: []string{"ada@example.com active=True department=Sales"},
			logged:   "on_demand ada@example.com create success \n",
		},
		"link": {
			before: func(w *world) {
				w.source.Put(person("ada", "Sales"))
				w.target.Put(account("a-1", "ada@example.com", "Sales"))
			},
			ask: "ada",
			want: `
user ada: other skipped RedundantExport
  import success: user read from the source
  scoping success: in scope
  matching success: matched by userName
  export skipped: source and target are equal
`,
			accounts: []string{"ada@example.com active=True department=Sales"},
			logged:   "on_demand ada@example.com other skipped RedundantExport\n",
		},
		"match and update": {
			before: func(w *world) {
				w.source.Put(person("ada", "Sales"))
				w.target.Put(account("a-1", "ada@example.com", "Old"))
			},
			ask: "ada",
			want: `
user ada: update success
  import success: user read from the source
  scoping success: in scope
  matching success: matched by userName
  export success: written: department
`,
			accounts: []string{"ada@example.com active=True department=Sales"},
			logged:   "on_demand ada@example.com update success \n",
		},
		"update": {
			before: func(w *world) { w.source.Put(person("ada", "Sales")) }, linked: true,
			after: func(w *world) { w.source.Put(person("ada", "HR")) },
			ask:   "ada",
			want: `
user ada: update success
  import success: user read from the source
  scoping success: in scope
  export success: written: department
`,
			accounts: []string{"ada@example.com active=True department=HR"},
			logged:   "commit ada@example.com create success \non_demand ada@example.com update success \n",
		},
		"nothing to do": {
			before: func(w *world) { w.source.Put(person("ada", "Sales")) }, linked: true,
			ask: "ada",
			want: `
user ada: other skipped RedundantExport
  import success: user read from the source
  scoping success: in scope
  export skipped: source and target are equal
`,
			accounts: []string{"ada@example.com active=True department=Sales"},
			logged:   "commit ada@example.com create success \non_demand ada@example.com other skipped RedundantExport\n",
		},
		"out of scope": {
			before: func(w *world) { w.source.Put(person("ada", "HR")) }, change: inDepartments("Sales"),
			ask: "ada",
			want: `
user ada: other skipped EntrySynchronizationSkipped
  import success: user read from the source
  scoping skipped: filter "department": department EQUALS "Sales" is false
  export skipped: filter "department": department EQUALS "Sales" is false
`,
			logged: "on_demand ada@example.com other skipped EntrySynchronizationSkipped\n",
		},
		"not assigned": {
			before: func(w *world) { w.source.Put(person("ada", "HR")) },
			change: func(d *job.Definition) { d.Scope = scope.ModeAssigned },
			ask:    "ada",
			want: `
user ada: other skipped EntrySynchronizationSkipped
  import success: user read from the source
  scoping skipped: not assigned to the application
  export skipped: not assigned to the application
`,
			logged: "on_demand ada@example.com other skipped EntrySynchronizationSkipped\n",
		},
		"disabled in the source": {
			before: func(w *world) { w.source.Put(person("ada", "HR", disabled)) },
			ask:    "ada",
			want: `
user ada: other skipped EntrySynchronizationSkipped
  import success: user read from the source
  scoping skipped: disabled in the source
  export skipped: disabled in the source
`,
			logged: "on_demand ada@example.com other skipped EntrySynchronizationSkipped\n",
		},
		"no matching value": {
			before: func(w *world) {
				w.source.Put(person("bob", "HR"), person("ada", "HR", func(o *directory.Object) { delete(o.Attributes, "userPrincipalName") }))
			},
			ask: "ada",
			want: `
user ada: other skipped ImportSkipped
  import skipped: no matching attribute has a value
`,
			logged: "on_demand  other skipped ImportSkipped\n",
		},
		"creating is off": {
			before: func(w *world) { w.source.Put(person("ada", "HR")) },
			change: func(d *job.Definition) { d.Mappings[0].Actions.Create = false },
			ask:    "ada",
			want: `
user ada: other skipped EntrySynchronizationSkipped
  import success: user read from the source
  scoping success: in scope
  matching success: no account matches
  export skipped: creating accounts is switched off
`,
			logged: "on_demand ada@example.com other skipped EntrySynchronizationSkipped\n",
		},
		"a mapping fails": {
			before: func(w *world) { w.source.Put(person("ada", "HR")) },
			change: func(d *job.Definition) { d.Mappings[0].Attributes[1].Expression = `CDate([department])` },
			ask:    "ada",
			want: `
user ada: other failure MappingFailed
  import success: user read from the source
  scoping success: in scope
  export failure: a mapping failed: attribute department: CDate (line 1, column 1): expression is not a date
`,
			logged: "on_demand ada@example.com other failure MappingFailed\n",
		},
		"two accounts in the target": {
			before: func(w *world) {
				w.source.Put(person("ada", "HR"))
				w.target.Put(account("a-1", "ada@example.com", "Old"))
				w.target.Put(account("a-2", "ada@example.com", "Older"))
			},
			target: notUnique, ask: "ada",
			want: `
user ada: other failure DuplicateTargetEntries
  import success: user read from the source
  scoping success: in scope
  matching failure: more than one account in the target has this object's value of userName
  export failure: more than one account in the target has this object's value of userName
`,
			accounts: []string{"ada@example.com active=True department=Old", "ada@example.com active=True department=Older"},
			logged:   "on_demand ada@example.com other failure DuplicateTargetEntries\n",
		},
		"another owner": {
			before: func(w *world) { w.source.Put(person("ada", "HR")) }, linked: true,
			after: func(w *world) {
				w.source.Put(person("ada2", "HR", func(o *directory.Object) { o.Attributes["userPrincipalName"] = directory.Text("ADA@example.com") }))
			},
			ask: "ada2",
			want: `
user ada2: other failure DuplicateSourceEntries
  import success: user read from the source
  scoping success: in scope
  matching failure: the account or its matching value belongs to another source object (ada)
  export failure: the account or its matching value belongs to another source object (ada)
`,
			accounts: []string{"ada@example.com active=True department=HR"},
			logged:   "commit ada@example.com create success \non_demand ADA@example.com other failure DuplicateSourceEntries\n",
		},
		"disable is staged": {
			before: func(w *world) { w.source.Put(person("ada", "HR")) }, linked: true,
			after: func(w *world) { w.source.Put(person("ada", "HR", disabled)) },
			ask:   "ada",
			want: `
user ada: stageddelete skipped
  import success: user read from the source
  scoping skipped: disabled in the source
  export skipped: disable is held: on demand nobody loses access (disabled in the source)
`,
			held:     true,
			accounts: []string{"ada@example.com active=True department=HR"},
			logged:   "commit ada@example.com create success \non_demand ada@example.com stageddelete skipped \n",
			staged:   "ada disable held=true disabled in the source\n",
		},
		"delete is staged": {
			before: func(w *world) { w.source.Put(person("ada", "HR")) }, linked: true,
			after: func(w *world) { w.source.Remove(directory.User, "ada") },
			ask:   "ada@example.com",
			want: `
user ada@example.com: stageddelete skipped
  import success: user read from the source
  scoping skipped: deleted in the source
  export skipped: delete is held: on demand nobody loses access (deleted in the source)
`,
			held:     true,
			accounts: []string{"ada@example.com active=True department=HR"},
			logged:   "commit ada@example.com create success \non_demand ada@example.com stageddelete skipped \n",
			staged:   "ada delete held=true deleted in the source\n",
		},
		"unknown": {
			before: func(w *world) { w.source.Put(person("ada", "HR"), person("adam", "HR"), person("zoe", "HR")) },
			ask:    "adda@example.com",
			want: `
user adda@example.com: other failure NotInSource
  import failure: job wiki/main: no user of the source has the id "adda@example.com", and none has it as its userName. Nearest: ada@example.com, adam@example.com
`,
		},
		"ambiguous": {
			before: func(w *world) {
				w.source.Put(person("b", "HR", named("ada@example.com")), person("a", "HR", named("Ada@example.com")))
			},
			ask: "ADA@example.com",
			want: `
user ADA@example.com: other failure AmbiguousSubject
  import failure: job wiki/main: "ADA@example.com" names 2 users; give one of their ids: a, b
`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if c.target != nil {
				w.target, w.connector = c.target, c.target
			}
			d := definition(manual)
			if c.linked {
				d = definition()
			}
			if c.change != nil {
				c.change(&d)
			}
			c.before(w)
			w.commit(d)
			if c.after != nil {
				c.after(w)
			}
			accounts, log := w.accounts(), w.logLines()
			dry := c.want
			if c.held {
				dry = strings.ReplaceAll(dry, "is held", "would be staged")
			}
			w.wantOnDemand(true, askUsers(c.ask), dry)
			if w.accounts() != accounts || w.logLines() != log || w.stagedLines() != "" || w.escrowed() != "" {
				t.Fatalf("the dry run left a trace: %s%s%s%s", w.accounts(), w.logLines(), w.stagedLines(), w.escrowed())
			}
			before := w.jobRecord()
			w.wantOnDemand(false, askUsers(c.ask), c.want)
			w.wantAccounts(c.accounts...)
			if diff := cmp.Diff(c.logged+c.staged, w.logLines()+w.stagedLines()); diff != "" {
				t.Fatalf("log and staged (-want +got):\n%s", diff)
			}
			after := w.jobRecord()
			before.Revision, before.UpdatedAt = after.Revision, after.UpdatedAt
			if diff := cmp.Diff(before, after); diff != "" {
				t.Fatalf("the job was changed:\n%s", diff)
			}
		})
	}
}

func named(upn string) func(*directory.Object) {
	return func(o *directory.Object) { o.Attributes["userPrincipalName"] = directory.Text(upn) }
}

func (w *world) jobRecord() store.JobRecord {
	w.t.Helper()
	record, err := w.store.GetJob(w.t.Context(), "wiki/main")
	if err != nil {
		w.t.Fatal(err)
	}
	return record
}

// A group brings its members that have accounts, a person joins the groups that have been provisioned; references and
// memberships of others wait for the cycle.
func TestOnDemandReferencesAndMemberships(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := definition(withGroups, manual)
	w.source.Put(person("ada", "IT", managedBy("bob")), person("bob", "IT"), person("cyn", "IT", managedBy("ada")), group("crew", "ada", "bob", "cyn"), group("club", "bob"))
	w.commit(d)

	w.wantOnDemand(false, askUsers("ada"), `
user ada: create success
  import success: user read from the source
  scoping success: in scope
  matching success: no account matches
  export success: the account is created
  referenceResolution skipped: `+managerAttribute+` waits: bob has no account that this job manages; it is written by the cycle that gives them one
`)
	w.wantOnDemand(false, askUsers("cyn", "bob"), `
user cyn: create success
  import success: user read from the source
  scoping success: in scope
  matching success: no account matches
  export success: the account is created
  referenceResolution success: written: `+managerAttribute+`
user bob: create success
  import success: user read from the source
  scoping success: in scope
  matching success: no account matches
  export success: the account is created
`)
	// ada's own manager is hers to ask for, or the next cycle's.
	w.wantAccounts("ada@example.com active=True department=IT", "bob@example.com active=True department=IT", "cyn@example.com active=True department=IT manager=ada@example.com")

	w.wantOnDemand(false, append(askGroups("crew"), askUsers("ada", "bob")...), `
group crew: create success
  import success: group read from the source
  scoping success: in scope
  matching success: no account matches
  export success: the account is created
  referenceResolution success: members added: ada@example.com, bob@example.com
user ada: update success
  import success: user read from the source
  scoping success: in scope
  export skipped: source and target are equal
  referenceResolution success: written: `+managerAttribute+`
  referenceResolution success: memberships added: crew
user bob: update success
  import success: user read from the source
  scoping success: in scope
  export skipped: source and target are equal
  referenceResolution success: memberships added: crew
`)
	withManager := "ada@example.com active=True department=IT manager=bob@example.com"
	w.wantAccounts(withManager, "bob@example.com active=True department=IT", "cyn@example.com active=True department=IT manager=ada@example.com",
		"group crew [ada@example.com bob@example.com]")

	w.source.Put(group("crew", "cyn"))
	want := `
group crew: update success
  import success: group read from the source
  scoping success: in scope
  export skipped: source and target are equal
  referenceResolution success: members added: cyn@example.com
  referenceResolution skipped: members not removed, because on demand nobody loses access; terraform plan shows it: ada@example.com, bob@example.com
`
	w.wantOnDemand(true, askGroups("crew"), strings.Replace(want, "members added", "members would be added", 1))
	w.wantOnDemand(false, askGroups("CREW"), strings.Replace(want, "group crew:", "group CREW:", 1))
	w.wantAccounts(withManager, "bob@example.com active=True department=IT", "cyn@example.com active=True department=IT manager=ada@example.com",
		"group crew [ada@example.com bob@example.com cyn@example.com]")
	if got := w.escrowed(); got != "" {
		t.Fatalf("left to the next cycle: %s", got)
	}

	d.Run = job.RunOnApply
	w.commit(d)
	w.wantAccounts(withManager, "bob@example.com active=True department=IT", "cyn@example.com active=True department=IT manager=ada@example.com",
		"group crew [cyn@example.com]", "group club [bob@example.com]")
}

// A failed connection test is the only step.
func TestOnDemandConnectionTest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "IT"))
	w.commit(definition(manual))
	w.connector = deaf{w.target}
	want := `
user ada: other failure SystemForCrossDomainIdentityManagementCredentialValidationUnavailable
  processing failure: the connection test failed: nobody answers
`
	w.wantOnDemand(true, askUsers("ada"), want)
	if got := w.logLines(); got != "" {
		t.Fatalf("a dry run logs: %s", got)
	}
	w.wantOnDemand(false, askUsers("ada"), want)
	if got, want := w.logLines(), "on_demand ada@example.com other failure SystemForCrossDomainIdentityManagementCredentialValidationUnavailable\n"; got != want {
		t.Fatalf("logged %q, want %q", got, want)
	}
	w.wantAccounts()
}

type deaf struct{ connector.Connector }

func (deaf) Test(context.Context, connector.Probe) error {
	return directory.Errorf(directory.Transient, "nobody answers")
}

// Whoever works on the job is not disturbed; a dry run disturbs nobody.
func TestOnDemandBesideACycle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "IT"))
	w.commit(definition(manual))
	if _, err := w.store.Lease(t.Context(), "wiki/main", "a cycle", w.now(), time.Hour); err != nil {
		t.Fatal(err)
	}
	_, err := w.engine.OnDemand(t.Context(), "wiki/main", askUsers("ada"), false)
	if !errors.Is(err, directory.Conflict) || !strings.Contains(err.Error(), "try again when it has ended") {
		t.Fatalf("got %v", err)
	}
	w.wantAccounts()
	w.onDemand(true, askUsers("ada")...)
}

func TestOnDemandRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.commit(definition(manual))
	if _, err := w.engine.OnDemand(t.Context(), "wiki/other", askUsers("ada"), false); !errors.Is(err, directory.NotFound) {
		t.Errorf("no such job: %v", err)
	}
	if _, err := w.engine.OnDemand(t.Context(), "wiki/main", nil, true); !errors.Is(err, directory.Invalid) {
		t.Errorf("nobody: %v", err)
	}
	results, err := w.engine.OnDemand(t.Context(), "wiki/main", subjects("robot", "r2"), true)
	if err != nil || len(results) != 1 || results[0].Status != provlog.StatusFailure {
		t.Errorf("no such type: %+v, %v", results, err)
	}
}

// A paused job provisions on demand: that is how a link is repaired (engine.md 10).
func TestOnDemandRepairsALinkOfAPausedJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "IT"), group("crew", "ada"))
	d := definition(withGroups)
	w.commit(d)
	paused(&d)
	w.commit(d)
	if err := w.engine.DeleteLink(t.Context(), "wiki/main", store.LinkKey{Type: directory.User, Source: "ada"}); err != nil {
		t.Fatal(err)
	}
	w.wantOnDemand(false, askUsers("ada@example.com"), `
user ada@example.com: update success
  import success: user read from the source
  scoping success: in scope
  matching success: matched by userName
  export skipped: source and target are equal
  referenceResolution success: memberships added: crew
`)
	w.wantAccounts("ada@example.com active=True department=IT", "group crew [ada@example.com]")
	d.State = job.Started
	w.commit(d)
	w.wantAccounts("ada@example.com active=True department=IT", "group crew [ada@example.com]")
}
