package cycle_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
	sourcememory "github.com/app-provisioning/terraform-provider-provisioning/internal/source/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store/sqlstore"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store/sqlstore/sqlstoretest"
)

// world is a source, a target and an engine between them.
type world struct {
	t      testing.TB
	path   string
	source *sourcememory.Source
	target *connectormemory.Connector
	// connector is what the engine uses: the target, or something around it.
	connector connector.Connector
	engine    *cycle.Engine
	store     *sqlstore.Store
	clock     atomic.Int64
	ids       atomic.Int64
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{
		t: t, path: sqlstoretest.Empty(t),
		source: sourcememory.New(sourcememory.Options{}), target: connectormemory.New(connectormemory.Options{}),
	}
	w.connector = w.target
	w.clock.Store(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli())
	w.open()
	t.Cleanup(func() { _ = w.store.Close() })
	return w
}

// open starts an engine on the store, as a new process would.
func (w *world) open() {
	w.t.Helper()
	if w.store != nil {
		if err := w.store.Close(); err != nil {
			w.t.Fatal(err)
		}
	}
	opened, err := sqlstore.Open(context.Background(), sqlstore.Options{Path: w.path, Now: w.now})
	if err != nil {
		w.t.Fatal(err)
	}
	w.store = opened
	w.engine = &cycle.Engine{
		Store:         opened,
		OpenSource:    func(job.Source) (source.Source, error) { return w.source, nil },
		OpenConnector: func(cycle.Opening) (connector.Connector, error) { return w.connector, nil },
		Now:           w.now,
		NewID:         func() string { return fmt.Sprintf("id-%d", w.ids.Add(1)) },
		Logger:        slog.New(slog.DiscardHandler),
	}
}

// now is a clock that moves a second with every look, so that nothing depends on it standing still. Leases run out by
// it too: a process that was killed blocks nobody for long.
func (w *world) now() time.Time { return time.UnixMilli(w.clock.Add(1000)).UTC() }

// commit previews and commits, as terraform plan and apply do.
func (w *world) commit(definition job.Definition) cycle.Report {
	w.t.Helper()
	report, err := w.tryCommit(w.t.Context(), definition, nil)
	if err != nil {
		w.t.Fatalf("commit: %v", err)
	}
	return report
}

// tryCommit runs between between plan and apply.
func (w *world) tryCommit(ctx context.Context, definition job.Definition, between func()) (cycle.Report, error) {
	w.t.Helper()
	position, create := "", true
	if status, err := w.engine.Refresh(ctx, definition.ID); err == nil {
		position, create = status.Position, !status.Record.Initialised
		if create {
			position = ""
		}
	}
	preview, err := w.engine.PreviewJob(ctx, definition, position)
	if err != nil {
		return cycle.Report{}, err
	}
	if between != nil {
		between()
	}
	digest := engine.DigestAffected(preview.Affected)
	return w.engine.Commit(ctx, cycle.CommitRequest{Definition: definition, Position: position, AccountsDigest: &digest, Create: create}, nil)
}

func (w *world) preview(definition job.Definition) cycle.Preview {
	w.t.Helper()
	preview, err := w.engine.PreviewJob(w.t.Context(), definition, "")
	if err != nil {
		w.t.Fatalf("preview: %v", err)
	}
	return preview
}

// accounts renders the target: one line for each account, sorted.
func (w *world) accounts() string {
	var lines []string
	names := map[directory.Anchor]string{}
	for _, entry := range w.target.State() {
		names[entry.Anchor] = entry.Attributes["userName"].String()
	}
	for _, entry := range w.target.State() {
		if entry.Type == directory.Group {
			var members []string
			for _, member := range entry.Members {
				members = append(members, names[member])
			}
			slices.Sort(members)
			lines = append(lines, fmt.Sprintf("group %s [%s]", entry.Attributes["displayName"], strings.Join(members, " ")))
			continue
		}
		line := fmt.Sprintf("%s active=%s department=%s", names[entry.Anchor], entry.Attributes["active"], entry.Attributes["department"])
		if manager, ok := entry.Attributes[managerAttribute].Text(); ok {
			line += " manager=" + names[directory.Anchor(manager)]
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func (w *world) wantAccounts(want ...string) {
	w.t.Helper()
	slices.Sort(want)
	if diff := cmp.Diff(strings.Join(want, "\n"), w.accounts()); diff != "" {
		w.t.Fatalf("accounts (-want +got):\n%s", diff)
	}
}

const managerAttribute = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"

// person makes a user of the source; change may alter it.
func person(id, department string, change ...func(*directory.Object)) directory.Object {
	object := directory.Object{Type: directory.User, Anchor: directory.Anchor(id), Attributes: map[string]directory.Value{
		"userPrincipalName": directory.Text(id + "@example.com"), "department": directory.Text(department), "accountEnabled": directory.Boolean(true),
	}}
	for _, c := range change {
		c(&object)
	}
	return object
}

func disabled(o *directory.Object) { o.Attributes["accountEnabled"] = directory.Boolean(false) }

func softDeleted(o *directory.Object) { o.Removed = directory.SoftDeleted }

func managedBy(id string) func(*directory.Object) {
	return func(o *directory.Object) {
		o.References = map[string][]directory.Anchor{"manager": {directory.Anchor(id)}}
	}
}

func group(id string, members ...directory.Anchor) directory.Object {
	return directory.Object{
		Type: directory.Group, Anchor: directory.Anchor(id), Attributes: map[string]directory.Value{"displayName": directory.Text(id)},
		References: map[string][]directory.Anchor{"members": members},
	}
}

// definition makes a job with the usual mappings; change may alter it.
func definition(change ...func(*job.Definition)) job.Definition {
	d := job.Definition{
		ID: "wiki/main", Name: "main", App: job.App{Key: "wiki"},
		Source:     job.Source{Key: "people", File: &job.FileSource{Path: "people.json"}},
		Connection: job.Connection{AppKey: "wiki", Name: "scim", SCIM: &job.SCIMConnection{BaseURL: "https://wiki.example.com/scim"}},
		Mappings: []job.Mapping{{
			AppKey: "wiki", ObjectType: directory.User, Enabled: true, Actions: job.Actions{Create: true, Update: true, Delete: true},
			Attributes: []job.AttributeMapping{
				{Target: "active", Expression: `Switch([IsSoftDeleted], , "False", "True", "True", "False")`, FlowType: job.FlowAlways},
				{Target: "department", Expression: "[department]", FlowType: job.FlowAlways},
				{Target: managerAttribute, Expression: "[manager]", FlowType: job.FlowAlways},
				{Target: "userName", Expression: "[userPrincipalName]", MatchingPrecedence: 1, FlowType: job.FlowAlways},
			},
		}},
		Scope: scope.ModeAll, State: job.Started, Run: job.RunOnApply, OnDestroy: job.DestroyKeep, Unplanned: job.HoldUnplanned,
	}
	for _, c := range change {
		c(&d)
	}
	return d
}

func withGroups(d *job.Definition) {
	d.Mappings = append([]job.Mapping{{
		AppKey: "wiki", ObjectType: directory.Group, Enabled: true, Actions: job.Actions{Create: true, Update: true, Delete: true},
		Attributes: []job.AttributeMapping{
			{Target: "displayName", Expression: "[displayName]", MatchingPrecedence: 1, FlowType: job.FlowAlways},
			{Target: "members", Expression: "[members]", FlowType: job.FlowAlways},
		},
	}}, d.Mappings...)
}

func inDepartments(departments ...string) func(*job.Definition) {
	return func(d *job.Definition) {
		d.Filters = []job.Filter{{AppKey: "wiki", Name: "department", ObjectType: directory.User, Clauses: []scope.Clause{
			{Attribute: "department", Operator: scope.Equals, Values: departments},
		}}}
	}
}

func limited(disable, del int64) func(*job.Definition) {
	return func(d *job.Definition) { d.Limits = job.Limits{MaxDisable: &disable, MaxDelete: &del} }
}
