package cycle_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// explained is an explanation as text: what a reader needs to see, in order.
func (w *world) explained(objectType directory.ObjectType, id string) string {
	w.t.Helper()
	calls := w.target.Calls()
	x, err := w.engine.Explain(w.t.Context(), "wiki/main", cycle.Subject{Type: objectType, ID: id})
	if err != nil {
		w.t.Fatalf("explain: %v", err)
	}
	if w.target.Calls() != calls {
		w.t.Fatalf("the target was contacted: %+v", w.target.Calls())
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s %s in=%t source=%s\n", x.Summary, x.Action, x.Code, x.InScope, x.State)
	for _, step := range x.Steps {
		fmt.Fprintf(&b, "%s %s: %s\n", step.Name, step.Status, step.Description)
		if step.Name == "Assigned" || step.Name == "ScopeEvaluationResult" {
			fmt.Fprintf(&b, "  %v\n", step.Details)
		}
	}
	for _, m := range x.Mappings {
		fmt.Fprintf(&b, "%s = %s", m.Target, m.Value)
		if m.Dropped {
			b.WriteString(" dropped")
		}
		if m.Err != nil {
			fmt.Fprintf(&b, " error: %v", m.Err)
		}
		b.WriteString("\n")
	}
	for _, change := range x.Changes {
		fmt.Fprintf(&b, "%s: %q → %q\n", change.DisplayName, change.OldValue, change.NewValue)
	}
	if x.Link != nil {
		fmt.Fprintf(&b, "link %s managed=%t active=%t\n", x.Link.Target, x.Link.Managed, x.Link.Active)
	}
	if x.Escrow != nil {
		fmt.Fprintf(&b, "escrow %s %d\n", x.Escrow.Code, x.Escrow.Attempts)
	}
	if x.Staged != nil {
		fmt.Fprintf(&b, "staged %s held=%t\n", x.Staged.Action, x.Staged.Held)
	}
	for _, record := range x.Log {
		fmt.Fprintf(&b, "log %s %s %s\n", record.InitiatedBy, record.Action, record.Status)
	}
	return b.String()
}

func (w *world) wantExplained(id, want string) {
	w.t.Helper()
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), w.explained(directory.User, id)); diff != "" {
		w.t.Fatalf("(-want +got):\n%s", diff)
	}
	if again := w.explained(directory.User, id); again != strings.TrimPrefix(want, "\n") {
		w.t.Fatalf("explained again, it is another explanation:\n%s", again)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	assignedCrew := func(d *job.Definition) {
		d.Scope = scope.ModeAssigned
		d.Assignments = []job.Assignment{
			{AppKey: "wiki", Name: "board", Users: []directory.Anchor{"zoe"}},
			{AppKey: "wiki", Name: "crew", Groups: []directory.Anchor{"crew"}},
		}
	}
	for name, c := range map[string]struct {
		definition job.Definition
		before     func(w *world)
		// after changes the source, or what the engine remembers, after the first cycle; the source is read then.
		after func(w *world)
		ask   string
		want  string
	}{
		"nothing to write": {
			definition: definition(inDepartments("Sales")),
			before:     func(w *world) { w.source.Put(person("ada", "Sales")) },
			ask:        "ADA@example.com",
			want: `
ada@example.com has account user-1, and nothing is to be written: source and target are equal
skip RedundantExport in=true source=present
EntryImport success: user read from the source
EntrySynchronizationScoping success: in scope
IsActive success: Active in source system: the object exists and is enabled
ScopeSyncAll success: Scope sync all: all users and groups are candidates
IsEffectivelyEntitledForProvisioning success: User has required role: no assignment is needed
IsInProvisioningScope success: In provisioning scope: filter "department" is true
ScopeEvaluationResult success: filter "department" is true
  map[department EQUALS "Sales":True]
EntrySynchronizationSkip skipped: source and target are equal
active = True
department = Sales
MANAGER = null
userName = ada@example.com
link user-1 managed=true active=true
log commit create success
`,
		},
		"a change, a reference that waits": {
			definition: definition(inDepartments("Sales", "HR")),
			before:     func(w *world) { w.source.Put(person("ada", "Sales")) },
			after:      func(w *world) { w.source.Put(person("ada", "HR", managedBy("bob")), person("bob", "IT")) },
			ask:        "ada",
			want: `
ada@example.com has account user-1; the next cycle writes department
update  in=true source=present
EntryImport success: user read from the source
EntrySynchronizationScoping success: in scope
IsActive success: Active in source system: the object exists and is enabled
ScopeSyncAll success: Scope sync all: all users and groups are candidates
IsEffectivelyEntitledForProvisioning success: User has required role: no assignment is needed
IsInProvisioningScope success: In provisioning scope: filter "department" is true
ScopeEvaluationResult success: filter "department" is true
  map[department EQUALS "Sales", "HR":True]
EntryExportUpdate success: written: department
ReferenceResolution skipped: MANAGER waits: bob has no account that this job manages; it is written by the cycle that gives them one
active = True
department = HR
MANAGER = bob
userName = ada@example.com
department: "Sales" → "HR"
link user-1 managed=true active=true
log commit create success
`,
		},
		// Every check is made, also those after the one that decides.
		"disabled, unassigned and filtered": {
			definition: definition(inDepartments("Sales"), assignedCrew),
			before:     func(w *world) { w.source.Put(person("ada", "HR", disabled), group("crew", "bob")) },
			ask:        "ada",
			want: `
ada@example.com is not provisioned: not assigned to the application
skip EntrySynchronizationSkipped in=false source=present
EntryImport success: user read from the source
EntrySynchronizationScoping skipped: not assigned to the application
IsActive skipped: Active in source system: the account is disabled
Assigned skipped: Assigned to application: the object is assigned neither itself nor through a group
  map[Assigned to application:False assignment wiki/board:does not name it assignment wiki/crew:does not name it]
IsEffectivelyEntitledForProvisioning skipped: User has required role: there is no assignment
IsInProvisioningScope skipped: In provisioning scope: filter "department": department EQUALS "Sales" is false
ScopeEvaluationResult skipped: filter "department" is false
  map[department EQUALS "Sales":False]
EntrySynchronizationSkip skipped: not assigned to the application
active = False
department = HR
MANAGER = null
userName = ada@example.com
`,
		},
		"assigned through a group, no account yet": {
			definition: definition(assignedCrew, manual),
			before:     func(w *world) { w.source.Put(person("ada", "HR"), group("crew", "ada")) },
			ask:        "ada",
			want: `
ada@example.com has no account that this job knows of; the next cycle looks for one by userName, and creates it when there is none
create  in=true source=present
EntryImport success: user read from the source
EntrySynchronizationScoping success: in scope
IsActive success: Active in source system: the object exists and is enabled
Assigned success: Assigned to application: the object is assigned
  map[Assigned to application:True assignment wiki/board:does not name it assignment wiki/crew:through group crew]
IsEffectivelyEntitledForProvisioning success: User has required role: the assignment counts for provisioning
IsInProvisioningScope success: In provisioning scope: no scoping filters
EntrySynchronizationMatch skipped: not looked for: explain contacts nobody; a cycle looks for an account before it creates one
EntryExportAdd success: the account is created
active = True
department = HR
MANAGER = null
userName = ada@example.com
active: "" → "True"
department: "" → "HR"
userName: "" → "ada@example.com"
`,
		},
		"gone, and waiting for approval": {
			definition: definition(),
			before:     func(w *world) { w.source.Put(person("ada", "HR")) },
			after: func(w *world) {
				w.source.Remove(directory.User, "ada")
				w.onDemand(false, askUsers("ada")...)
			},
			ask: "ada@example.com",
			want: `
ada@example.com has account user-1, which the next cycle would delete: deleted in the source; it waits for approval
delete  in=false source=hard
EntryImport success: user read from the source
EntrySynchronizationScoping skipped: deleted in the source
EntryExportDelete success: deleted in the source
active = False
department = null
MANAGER = null
userName = null
link user-1 managed=true active=true
staged delete held=true
log commit create success
log on_demand stageddelete skipped
`,
		},
		"failed before": {
			definition: definition(func(d *job.Definition) {
				d.Mappings[0].Attributes[1].Expression = `Join("-", CDate([department]), Redact([department]))`
				d.State = job.Started
			}),
			before: func(w *world) { w.source.Put(person("ada", "HR")) },
			ask:    "ada",
			want: `
ada@example.com cannot be provisioned: a mapping failed: attribute department: CDate (line 1, column 11): expression is not a date; it failed before (MappingFailed)
fail MappingFailed in=true source=present
EntryImport success: user read from the source
EntrySynchronizationScoping success: in scope
IsActive success: Active in source system: the object exists and is enabled
ScopeSyncAll success: Scope sync all: all users and groups are candidates
IsEffectivelyEntitledForProvisioning success: User has required role: no assignment is needed
IsInProvisioningScope success: In provisioning scope: no scoping filters
EntrySynchronizationSkip failure: a mapping failed: attribute department: CDate (line 1, column 11): expression is not a date
active = True
department = null error: a mapping failed: attribute department: CDate (line 1, column 11): expression is not a date
MANAGER = null
userName = ada@example.com
escrow MappingFailed 1
log commit other failure
`,
		},
		"paused": {
			definition: definition(paused),
			before:     func(w *world) { w.source.Put(person("ada", "HR", disabled)) },
			ask:        "ada",
			want: `
ada@example.com is not provisioned: disabled in the source; the job is paused
skip EntrySynchronizationSkipped in=false source=present
EntryImport success: user read from the source
EntrySynchronizationScoping skipped: disabled in the source
IsActive skipped: Active in source system: the account is disabled
ScopeSyncAll success: Scope sync all: all users and groups are candidates
IsEffectivelyEntitledForProvisioning success: User has required role: no assignment is needed
IsInProvisioningScope success: In provisioning scope: no scoping filters
EntrySynchronizationSkip skipped: disabled in the source
active = False
department = HR
MANAGER = null
userName = ada@example.com
`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.before(w)
			w.commit(c.definition)
			if c.after != nil {
				c.after(w)
				if _, _, err := w.engine.Import(t.Context(), c.definition.Source); err != nil {
					t.Fatal(err)
				}
			}
			w.wantExplained(c.ask, strings.ReplaceAll(c.want, "MANAGER", managerAttribute))
		})
	}
}

// What a redacted mapping yields is shown nowhere, nor is what it is made of.
func TestExplainHidesRedacted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "TopSecret"))
	w.commit(definition(manual, func(d *job.Definition) { d.Mappings[0].Attributes[1].Expression = `Redact(Append([department], "-x"))` }))
	for range 2 { // without an account, then with one
		x, err := w.engine.Explain(t.Context(), "wiki/main", askUsers("ada")[0])
		if err != nil {
			t.Fatal(err)
		}
		if all := fmt.Sprintf("%+v %+v", x, x.Link); strings.Contains(all, "TopSecret") || !strings.Contains(all, provlog.Redacted) {
			t.Errorf("%s", all)
		}
		if got := x.Attributes["department"].String(); got != provlog.Redacted {
			t.Errorf("department is shown as %s", got)
		}
		w.onDemand(false, askUsers("ada")...)
	}
}

func TestExplainNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "IT"), person("adam", "IT"), person("b2", "IT", named("bob@example.com")), person("b1", "IT", named("Bob@example.com")))
	w.commit(definition(manual))
	for id, want := range map[string]struct {
		kind error
		says string
	}{
		"ada@exmple.com":  {directory.NotFound, `no user of the source has the id "ada@exmple.com", and none has it as its userName. Nearest: ada@example.com`},
		"nobody":          {directory.NotFound, `no user of the source has the id "nobody", and none has it as its userName`},
		"bob@example.com": {directory.Invalid, `"bob@example.com" names 2 users; give one of their ids: b1, b2`},
	} {
		_, err := w.engine.Explain(t.Context(), "wiki/main", cycle.Subject{Type: directory.User, ID: id})
		if !errors.Is(err, want.kind) || !strings.HasSuffix(err.Error(), want.says) {
			t.Errorf("%s: got %v, want %q", id, err, want.says)
		}
	}
	if _, err := w.engine.Explain(t.Context(), "wiki/other", askUsers("ada")[0]); !errors.Is(err, directory.NotFound) {
		t.Errorf("no such job: %v", err)
	}
}

// What explain says a cycle would write is what the cycle writes.
func TestExplainForetellsTheStory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	checked := 0
	for i, s := range story() {
		foretold := map[cycle.Subject]string{}
		s.change(w)
		if i > 0 && s.definition.EvaluationDigest() == story()[i-1].definition.EvaluationDigest() {
			if _, _, err := w.engine.Import(t.Context(), s.definition.Source); err != nil {
				t.Fatal(err)
			}
			for _, subject := range wholeStory() {
				x, err := w.engine.Explain(t.Context(), s.definition.ID, subject)
				if err != nil {
					continue // not born yet
				}
				foretold[x.Subject] = string(x.Action)
			}
		}
		report := w.commit(s.definition)
		if len(foretold) == 0 {
			continue
		}
		records, err := w.store.ListLog(t.Context(), s.definition.ID, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range records {
			if record.CycleID != report.Cycle.ID || len(record.Modified) > 0 && record.Modified[0].DisplayName == "members" || record.Steps[0].Name == "ReferenceResolution" {
				continue
			}
			checked++
			if got := foretold[cycle.Subject{Type: record.ObjectType, ID: string(record.Source)}]; got != string(record.Action) {
				t.Errorf("stage %d: %s was %sd, and explain said %q", i, record.SourceName, record.Action, got)
			}
		}
	}
	if checked < 5 {
		t.Errorf("only %d records were compared", checked)
	}
}
