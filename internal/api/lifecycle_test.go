package api_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/api"
	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1/provisioningv1connect"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
	sourcememory "github.com/app-provisioning/terraform-provider-provisioning/internal/source/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store/sqlstore"
)

// operated is an engine with a source and a target in memory, and its clients.
type operated struct {
	source     *sourcememory.Source
	target     *connectormemory.Connector
	drafts     provisioningv1connect.DraftServiceClient
	jobs       provisioningv1connect.JobServiceClient
	operations provisioningv1connect.OperationServiceClient
}

// newOperated has a job wiki/main, and a person who has no account yet.
func newOperated(t *testing.T) operated {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: filepath.Join(t.TempDir(), "store.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	o := operated{source: sourcememory.New(sourcememory.Options{}), target: connectormemory.New(connectormemory.Options{})}
	o.source.Put(directory.Object{Type: directory.User, Anchor: "ada", Attributes: map[string]directory.Value{"mail": directory.Text("ada@example.com")}})
	definition := job.Definition{
		ID: "wiki/main", Name: "main", App: job.App{Key: "wiki"}, Source: job.Source{Key: "people", File: &job.FileSource{Path: "people.json"}},
		Connection: job.Connection{AppKey: "wiki", Name: "scim", SCIM: &job.SCIMConnection{BaseURL: "https://wiki.example.com/scim"}},
		Mappings: []job.Mapping{{
			AppKey: "wiki", ObjectType: directory.User, Enabled: true, Actions: job.Actions{Create: true, Update: true, Delete: true},
			Attributes: []job.AttributeMapping{{Target: "userName", Expression: "[mail]", MatchingPrecedence: 1, FlowType: job.FlowAlways}},
		}},
		Scope: scope.ModeAll, State: job.Started, Run: job.RunManually, OnDestroy: job.DestroyKeep, Unplanned: job.HoldUnplanned,
	}
	if _, err := s.CommitJob(t.Context(), definition, 0, false, noon); err != nil {
		t.Fatal(err)
	}
	var ids atomic.Int64
	client := &http.Client{Transport: api.InProcess{Handler: api.NewHandler(&cycle.Engine{
		Store: s, Now: func() time.Time { return noon }, Logger: slog.New(slog.DiscardHandler), NewID: func() string { return fmt.Sprint("id-", ids.Add(1)) },
		OpenSource:    func(job.Source) (source.Source, error) { return o.source, nil },
		OpenConnector: func(cycle.Opening) (connector.Connector, error) { return o.target, nil },
	})}}
	o.drafts = provisioningv1connect.NewDraftServiceClient(client, "http://engine.invalid")
	o.jobs = provisioningv1connect.NewJobServiceClient(client, "http://engine.invalid")
	o.operations = provisioningv1connect.NewOperationServiceClient(client, "http://engine.invalid")
	return o
}

// run runs a job and returns its result, and the phases that were reported.
func (o operated) run(t *testing.T, request *provisioningv1.RunJobRequest) (result *provisioningv1.CommitResult, phases []string, err error) {
	t.Helper()
	stream, err := o.operations.RunJob(t.Context(), connect.NewRequest(request))
	if err != nil {
		return nil, nil, err
	}
	for stream.Receive() {
		if progress := stream.Msg().GetProgress(); progress != nil && (len(phases) == 0 || phases[len(phases)-1] != progress.GetPhase()) {
			phases = append(phases, progress.GetPhase())
		}
		if received := stream.Msg().GetResult(); received != nil {
			result = received
		}
	}
	err = stream.Err()
	_ = stream.Close()
	return result, phases, err
}

func TestRunPauseStart(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	result, phases, err := o.run(t, &provisioningv1.RunJobRequest{}) // the only job need not be named
	if err != nil || result.GetWithheld() || result.GetStatus().GetStatus() != "active" || strings.Join(phases, " ") != "users user_references guard" {
		t.Fatalf("%v, %v, phases %v", err, result, phases)
	}
	if c := result.GetStatus().GetLastCycle().GetCounts(); c.GetCreated() != 1 || c.GetImported() != 1 || c.GetEntitled() != 1 || c.GetExported() != 1 || c.GetEscrowed() != 0 {
		t.Fatalf("counts %v", c)
	}
	paused, err := o.operations.PauseJob(t.Context(), connect.NewRequest(&provisioningv1.PauseJobRequest{Id: "wiki/main"}))
	if err != nil || paused.Msg.GetStatus().GetStatus() != "paused" || paused.Msg.GetStatus().GetJob().GetState() != "paused" || paused.Msg.GetStatus().GetGeneration() != 2 {
		t.Fatalf("%v, %v", err, paused)
	}
	o.target.ResetCalls()
	result, phases, err = o.run(t, &provisioningv1.RunJobRequest{Id: "wiki/main", Full: true})
	if err != nil || !result.GetWithheld() || phases != nil || len(result.GetWarnings()) != 1 || o.target.Calls() != (connectormemory.Calls{}) {
		t.Fatalf("%v, %v, phases %v", err, result, phases)
	}
	started, err := o.operations.StartJob(t.Context(), connect.NewRequest(&provisioningv1.StartJobRequest{Id: "wiki/main"}))
	if err != nil || started.Msg.GetStatus().GetStatus() != "active" {
		t.Fatalf("%v, %v", err, started)
	}
	all, err := o.jobs.ListJobs(t.Context(), connect.NewRequest(&provisioningv1.ListJobsRequest{}))
	if err != nil || len(all.Msg.GetJobs()) != 1 || all.Msg.GetJobs()[0].GetGeneration() != 3 {
		t.Fatalf("%v, %v", err, all)
	}
}

func TestRestartOverTheAPI(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	if _, _, err := o.run(t, &provisioningv1.RunJobRequest{}); err != nil {
		t.Fatal(err)
	}
	ask := func(request *provisioningv1.RestartJobRequest) (*provisioningv1.RestartJobResponse, error) {
		answer, err := o.operations.RestartJob(t.Context(), connect.NewRequest(request))
		if err != nil {
			return nil, err
		}
		return answer.Msg, nil
	}
	dry, err := ask(&provisioningv1.RestartJobRequest{Id: "wiki/main", Scope: []string{"Full"}, DryRun: true})
	if err != nil || dry.GetForgottenLinkCount() != 1 || dry.GetOrphanCount() != 0 || dry.GetStatus().GetManagedAccountCount() != 1 {
		t.Fatalf("%v, %v", err, dry)
	}
	for _, test := range []struct {
		request *provisioningv1.RestartJobRequest
		code    connect.Code
	}{
		{&provisioningv1.RestartJobRequest{Id: "wiki/main", Scope: []string{"Full"}}, connect.CodeFailedPrecondition},
		{&provisioningv1.RestartJobRequest{Id: "wiki/main", Scope: []string{"Fuller"}}, connect.CodeInvalidArgument},
		{&provisioningv1.RestartJobRequest{Id: "wiki/other"}, connect.CodeNotFound},
	} {
		if _, err := ask(test.request); connect.CodeOf(err) != test.code {
			t.Errorf("%v: %v", test.request, err)
		}
	}
	done, err := ask(&provisioningv1.RestartJobRequest{Scope: []string{"Full"}, AcknowledgeOrphans: true})
	if err != nil || done.GetForgottenLinkCount() != 1 || done.GetStatus().GetManagedAccountCount() != 0 {
		t.Fatalf("%v, %v", err, done)
	}
	result, _, err := o.run(t, &provisioningv1.RunJobRequest{})
	if err != nil || result.GetStatus().GetManagedAccountCount() != 1 || !result.GetStatus().GetLastCycle().GetFull() || o.target.Calls().Create != 1 {
		t.Fatalf("%v, %v", err, result)
	}
}
