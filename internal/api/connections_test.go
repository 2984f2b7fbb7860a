package api_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/api"
	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1/provisioningv1connect"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
	sourcememory "github.com/app-provisioning/terraform-provider-provisioning/internal/source/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store/sqlstore"
)

// watched is a target that fails its connection test when told to, and learns.
type watched struct {
	*connectormemory.Connector
	err    error
	probed []string
}

func (w *watched) Test(_ context.Context, probe connector.Probe) error {
	w.probed = append(w.probed, string(probe.Type)+" "+probe.Attribute)
	return w.err
}

func (w *watched) Learned() connector.Learning {
	return connector.Learning{Document: []byte("{}"), Facts: []connector.Fact{{Name: "a", Value: "b", Reason: "c"}}}
}

type connections struct {
	provisioningv1connect.ConnectionServiceClient
	drafts provisioningv1connect.DraftServiceClient
	target *watched
}

// newConnections is an engine with the draft of a connection and of a mapping of users by mail.
func newConnections(t *testing.T) connections {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: filepath.Join(t.TempDir(), "store.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	target := &watched{Connector: connectormemory.New(connectormemory.Options{Discovery: connector.Discovery{
		Features: &connector.Features{Patch: true, MaxResults: 7, Authentication: []string{"x"}}, Problems: []string{"odd"},
		Attributes: []connector.TargetAttribute{{ObjectType: directory.User, Path: "mail", Type: "string", Required: true, Mutability: "readWrite", Uniqueness: "none", CanonicalValues: []string{"v"}}},
	}})}
	var ids atomic.Int64
	client := &http.Client{Transport: api.InProcess{Handler: api.NewHandler(&cycle.Engine{
		Store: s, Now: func() time.Time { return noon }, Logger: slog.New(slog.DiscardHandler), NewID: func() string { return fmt.Sprint("id-", ids.Add(1)) },
		OpenSource:    func(job.Source) (source.Source, error) { return sourcememory.New(sourcememory.Options{}), nil },
		OpenConnector: func(cycle.Opening) (connector.Connector, error) { return target, nil },
	})}}
	c := connections{ConnectionServiceClient: provisioningv1connect.NewConnectionServiceClient(client, "http://engine.invalid"),
		drafts: provisioningv1connect.NewDraftServiceClient(client, "http://engine.invalid"), target: target}
	for _, draft := range []*provisioningv1.Draft{
		{Kind: &provisioningv1.Draft_ScimConnection{ScimConnection: &provisioningv1.ScimConnection{AppId: "wiki", Name: "scim", BaseUrl: "https://wiki.example.com/scim"}}},
		{Kind: &provisioningv1.Draft_AttributeMapping{AttributeMapping: &provisioningv1.AttributeMapping{AppId: "wiki", ObjectType: "user", Enabled: true, Actions: []string{"create", "update"},
			Attributes: []*provisioningv1.MappedAttribute{{Target: "mail", Expression: "[mail]", MatchingPrecedence: 1, FlowType: "Always"}, {Target: "nick", Expression: "[nick]", FlowType: "Always"}}}}},
	} {
		if _, err := c.drafts.PutDraft(t.Context(), connect.NewRequest(&provisioningv1.PutDraftRequest{Draft: draft})); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func TestTestConnection(t *testing.T) {
	t.Parallel()
	c := newConnections(t)
	request := connect.NewRequest(&provisioningv1.TestConnectionRequest{Id: "wiki/scim"})
	answer, err := c.TestConnection(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	want := &provisioningv1.TestConnectionResponse{Tests: []*provisioningv1.ConnectionTest{{ObjectType: "user", Attribute: "mail", Passed: true}}}
	if diff := cmp.Diff(want, answer.Msg, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	c.target.err = connector.TestFailure{Fault: connector.FaultForbidden, Resource: "User", Operation: "GET /Users", Status: 403, Headers: []string{"A: 1"}, Body: "no", Advice: "Ask.",
		Err: directory.Errorf(directory.Forbidden, "answered 403")}
	if answer, err = c.TestConnection(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	want.Tests[0] = &provisioningv1.ConnectionTest{ObjectType: "user", Attribute: "mail", Fault: "forbidden", Message: "answered 403", Advice: "Ask.", Resource: "User", Operation: "GET /Users", Status: 403, Headers: []string{"A: 1"}, Body: "no"}
	if diff := cmp.Diff(want, answer.Msg, protocmp.Transform()); diff != "" {
		t.Errorf("failed (-want +got):\n%s", diff)
	}
	_, err = c.TestConnection(t.Context(), connect.NewRequest(&provisioningv1.TestConnectionRequest{Id: "wiki/typo"}))
	refused(t, err, connect.CodeNotFound, "wiki/typo")
}

func TestDiscoverGetAndForgetConnection(t *testing.T) {
	t.Parallel()
	c := newConnections(t)
	get := func() *provisioningv1.GetConnectionResponse {
		t.Helper()
		answer, err := c.GetConnection(t.Context(), connect.NewRequest(&provisioningv1.GetConnectionRequest{Id: "wiki/scim"}))
		if err != nil {
			t.Fatal(err)
		}
		return answer.Msg
	}
	nothing := &provisioningv1.GetConnectionResponse{Endpoint: "https://wiki.example.com/scim rfc"}
	if diff := cmp.Diff(nothing, get(), protocmp.Transform()); diff != "" {
		t.Errorf("before (-want +got):\n%s", diff)
	}
	answer, err := c.DiscoverConnection(t.Context(), connect.NewRequest(&provisioningv1.DiscoverConnectionRequest{Id: "wiki/scim"}))
	if err != nil {
		t.Fatal(err)
	}
	discovery := &provisioningv1.Discovery{
		Features: &provisioningv1.TargetFeatures{Patch: true, MaxResults: 7, Authentication: []string{"x"}}, Problems: []string{"odd"}, AskedAt: timestamppb.New(noon),
		Attributes: []*provisioningv1.DescribedAttribute{{ObjectType: "user", Path: "mail", Type: "string", Required: true, Mutability: "readWrite", Uniqueness: "none", CanonicalValues: []string{"v"}}},
	}
	if diff := cmp.Diff(discovery, answer.Msg.GetDiscovery(), protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	known := &provisioningv1.GetConnectionResponse{Endpoint: nothing.GetEndpoint(), Discovery: discovery, LearnedAt: timestamppb.New(noon),
		Learned: []*provisioningv1.TargetCapability{{Name: "a", Value: "b", Reason: "c"}}}
	if diff := cmp.Diff(known, get(), protocmp.Transform()); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
	for _, want := range []bool{true, false} {
		forgotten, err := c.ForgetConnection(t.Context(), connect.NewRequest(&provisioningv1.ForgetConnectionRequest{Id: "wiki/scim"}))
		if err != nil || forgotten.Msg.GetForgotten() != want {
			t.Errorf("forget: %v, %v, want %v", forgotten, err, want)
		}
	}
	if diff := cmp.Diff(nothing, get(), protocmp.Transform()); diff != "" {
		t.Errorf("forgotten (-want +got):\n%s", diff)
	}
	_, err = c.ForgetConnection(t.Context(), connect.NewRequest(&provisioningv1.ForgetConnectionRequest{Id: "wiki/typo"}))
	refused(t, err, connect.CodeNotFound, "wiki/typo")
}

// What is known of a target goes with its connection.
func TestDeletingAConnectionForgetsItsTarget(t *testing.T) {
	t.Parallel()
	c := newConnections(t)
	if _, err := c.DiscoverConnection(t.Context(), connect.NewRequest(&provisioningv1.DiscoverConnectionRequest{Id: "wiki/scim"})); err != nil {
		t.Fatal(err)
	}
	kind := provisioningv1.DraftKind_DRAFT_KIND_SCIM_CONNECTION
	if _, err := c.drafts.DeleteDraft(t.Context(), connect.NewRequest(&provisioningv1.DeleteDraftRequest{Kind: kind, Id: "wiki/scim"})); err != nil {
		t.Fatal(err)
	}
	_, err := c.ForgetConnection(t.Context(), connect.NewRequest(&provisioningv1.ForgetConnectionRequest{Id: "wiki/scim"}))
	refused(t, err, connect.CodeNotFound, "wiki/scim")
}

// checkUp returns the checks, one line each, sorted by target in the order they came.
func (c connections) checkUp(t *testing.T, request *provisioningv1.CheckUpRequest) (lines []string, err error) {
	t.Helper()
	stream, err := c.CheckUp(t.Context(), connect.NewRequest(request))
	if err != nil {
		return nil, err
	}
	defer func() { _ = stream.Close() }()
	for stream.Receive() {
		check := stream.Msg().GetCheck()
		lines = append(lines, check.GetTarget()+": "+check.GetProbe()+" "+check.GetOutcome())
	}
	return lines, stream.Err()
}

func TestCheckUp(t *testing.T) {
	t.Parallel()
	c := newConnections(t)
	lines, err := c.checkUp(t, &provisioningv1.CheckUpRequest{ConnectionId: "wiki/scim"})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(lines, "\n")
	// A connection without a secret deserves a look; the mapping of nick is not in the schema.
	for _, want := range []string{"store: write pass", "connection wiki/scim: secret warn", "connection wiki/scim: test users pass", "connection wiki/scim: discovery warn", "connection wiki/scim: mappings warn"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not among\n%s", want, got)
		}
	}
	for name, request := range map[string]*provisioningv1.CheckUpRequest{"connection": {ConnectionId: "wiki/typo"}, "job": {JobId: "wiki/typo"}} {
		if _, err := c.checkUp(t, request); connect.CodeOf(err) != connect.CodeNotFound || !strings.Contains(err.Error(), "wiki/typo") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
