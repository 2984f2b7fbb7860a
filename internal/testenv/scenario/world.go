package scenario

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
	sourcememory "github.com/app-provisioning/terraform-provider-provisioning/internal/source/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store/sqlstore"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store/sqlstore/sqlstoretest"
)

// World is a source, an engine with a store of its own, and a target behind a connector.
type World struct {
	t      testing.TB
	source *sourcememory.Source
	engine *cycle.Engine
	ids    atomic.Int64
	// last is the connector of the last cycle, which says what it learned.
	last       connector.Connector
	definition job.Definition
}

// NewWorld makes a world. connect is called for every plan and every cycle, as in a new process,
// with what earlier connectors learned.
func NewWorld(t testing.TB, connect func(learned []byte) (connector.Connector, error), change ...func(*job.Definition)) *World {
	t.Helper()
	w := &World{t: t, source: sourcememory.New(sourcememory.Options{}), definition: Definition()}
	for _, c := range change {
		c(&w.definition)
	}
	opened, err := sqlstore.Open(context.Background(), sqlstore.Options{Path: sqlstoretest.Empty(t), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	w.engine = &cycle.Engine{
		Store:      opened,
		OpenSource: func(job.Source) (source.Source, error) { return w.source, nil },
		OpenConnector: func(opening cycle.Opening) (connector.Connector, error) {
			made, err := connect(opening.Learned)
			w.last = made
			return made, err
		},
		Now:    time.Now,
		NewID:  func() string { return fmt.Sprintf("id-%d", w.ids.Add(1)) },
		Logger: slog.New(slog.DiscardHandler),
	}
	return w
}

// Told is everything that somebody was told about a cycle.
type Told struct {
	Failures []cycle.Failure
	Warnings []string
	Facts    []connector.Fact
	Held     int
	Err      error
}

// Calm reports whether nothing is left to be done.
func (t Told) Calm() bool { return t.Err == nil && len(t.Failures) == 0 && t.Held == 0 }

// Log is what the provisioning log says of everything that was less than a success.
func (w *World) Log(ctx context.Context) []string {
	w.t.Helper()
	records, err := w.engine.Store.ListLog(ctx, w.definition.ID, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	var told []string
	for _, r := range records {
		if r.Status != provlog.StatusSuccess {
			told = append(told, fmt.Sprintf("%s %s: %s: %s", r.Action, r.SourceName, r.Status, r.Reason))
		}
	}
	return told
}

// Put makes the source hold a directory.
func (w *World) Put(d Directory) { w.source.Set(d.Objects()...) }

// Unattended runs a cycle that nobody asked for, as a schedule does.
func (w *World) Unattended(ctx context.Context) Told {
	ran, err := w.engine.RunJob(ctx, cycle.RunRequest{JobID: w.definition.ID}, nil)
	return Told{Failures: ran.Failures, Warnings: ran.Warnings, Held: len(ran.Held), Err: err}
}

// Cycle plans and applies, as Terraform does.
func (w *World) Cycle(ctx context.Context) Told {
	report, err := w.apply(ctx)
	told := Told{Failures: report.Failures, Warnings: report.Warnings, Held: len(report.Held), Err: err}
	if learner, ok := w.last.(connector.Learner); ok {
		told.Facts = learner.Learned().Facts
	}
	return told
}

func (w *World) apply(ctx context.Context) (cycle.Report, error) {
	position, create := "", true
	if status, err := w.engine.Refresh(ctx, w.definition.ID); err == nil {
		if create = !status.Record.Initialised; !create {
			position = status.Position
		}
	} else if !errors.Is(err, directory.NotFound) {
		return cycle.Report{}, err
	}
	preview, err := w.engine.PreviewJob(ctx, w.definition, position)
	if err != nil {
		return cycle.Report{}, err
	}
	digest := engine.DigestAffected(preview.Affected)
	return w.engine.Commit(ctx, cycle.CommitRequest{Definition: w.definition, Position: position, AccountsDigest: &digest, Create: create}, nil)
}

// Definition is the job of the scenario.
func Definition() job.Definition {
	const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"
	always := func(target, expression string) job.AttributeMapping {
		return job.AttributeMapping{Target: target, Expression: expression, FlowType: job.FlowAlways}
	}
	matching := func(target, expression string) job.AttributeMapping {
		m := always(target, expression)
		m.MatchingPrecedence = 1
		return m
	}
	actions := job.Actions{Create: true, Update: true, Delete: true}
	return job.Definition{
		ID: "app/main", Name: "main", App: job.App{Key: "app"},
		Source:     job.Source{Key: "people", File: &job.FileSource{Path: "people.json"}},
		Connection: job.Connection{AppKey: "app", Name: "scim", SCIM: &job.SCIMConnection{BaseURL: "https://app.example.com/scim"}},
		Mappings: []job.Mapping{
			{AppKey: "app", ObjectType: directory.Group, Enabled: true, Actions: actions, Attributes: []job.AttributeMapping{
				matching("displayName", "[displayName]"), always("members", "[members]")}},
			{AppKey: "app", ObjectType: directory.User, Enabled: true, Actions: actions, Attributes: []job.AttributeMapping{
				always("active", `Switch([IsSoftDeleted], , "False", "True", "True", "False")`),
				always(`emails[type eq "work"].value`, "[mail]"),
				always("externalId", "[employeeId]"),
				always(`phoneNumbers[type eq "work"].value`, "[telephoneNumber]"),
				always("title", "[jobTitle]"),
				always(enterprise+"department", "[department]"),
				always(enterprise+"manager", "[manager]"),
				matching("userName", "[userPrincipalName]")}},
		},
		Scope: scope.ModeAll, State: job.Started, Run: job.RunOnApply, OnDestroy: job.DestroyKeep, Unplanned: job.HoldUnplanned,
	}
}
