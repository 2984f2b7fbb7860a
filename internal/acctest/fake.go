package acctest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1/provisioningv1connect"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
)

// Fake is an engine that keeps drafts and has no accounts. It records what is written, so that a test can tell which
// calls were not made, and refuses calls on demand. It is safe for concurrent use.
type Fake struct {
	provisioningv1connect.UnimplementedJobServiceHandler

	mu     sync.Mutex
	drafts map[string]*provisioningv1.Draft
	puts   []*provisioningv1.PutDraftRequest
	refuse map[string]error
}

// NewFake returns an empty engine.
func NewFake() *Fake {
	return &Fake{drafts: map[string]*provisioningv1.Draft{}, refuse: map[string]error{}}
}

// Refuse makes every further call of a method ("PutDraft") fail, or succeed again when err is nil.
func (f *Fake) Refuse(method string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refuse[method] = err
}

// Puts returns the requests that wrote a draft, in order, also the refused ones.
func (f *Fake) Puts() []*provisioningv1.PutDraftRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*provisioningv1.PutDraftRequest(nil), f.puts...)
}

// Client returns the engine as the provider sees it.
func (f *Fake) Client() planwalk.Engine {
	path, handler := provisioningv1connect.NewDraftServiceHandler(f)
	mux := http.NewServeMux()
	mux.Handle(path, handler)
	mux.Handle(provisioningv1connect.NewJobServiceHandler(f))
	mux.Handle(provisioningv1connect.NewOperationServiceHandler(fakeOperations{}))
	mux.Handle(provisioningv1connect.NewConnectionServiceHandler(fakeConnections{}))
	client := &http.Client{Transport: inProcess{mux}}
	return planwalk.Engine{
		Drafts:      provisioningv1connect.NewDraftServiceClient(client, "http://engine"),
		Jobs:        provisioningv1connect.NewJobServiceClient(client, "http://engine"),
		Operations:  provisioningv1connect.NewOperationServiceClient(client, "http://engine"),
		Connections: provisioningv1connect.NewConnectionServiceClient(client, "http://engine"),
	}
}

// inProcess answers requests without a network.
type inProcess struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t inProcess) RoundTrip(request *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	t.handler.ServeHTTP(recorder, request)
	return recorder.Result(), nil
}

// PutDraft implements the API.
func (f *Fake) PutDraft(_ context.Context, req *connect.Request[provisioningv1.PutDraftRequest]) (*connect.Response[provisioningv1.PutDraftResponse], error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.puts = append(f.puts, proto.CloneOf(req.Msg))
	if err := f.refuse["PutDraft"]; err != nil {
		return nil, err
	}
	f.drafts[keyOf(req.Msg.GetDraft())] = proto.CloneOf(req.Msg.GetDraft())
	return connect.NewResponse(&provisioningv1.PutDraftResponse{Draft: req.Msg.GetDraft()}), nil
}

// GetDraft implements the API.
func (f *Fake) GetDraft(_ context.Context, req *connect.Request[provisioningv1.GetDraftRequest]) (*connect.Response[provisioningv1.GetDraftResponse], error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.refuse["GetDraft"]; err != nil {
		return nil, err
	}
	found, ok := f.drafts[key(req.Msg.GetKind(), req.Msg.GetId())]
	if !ok {
		return nil, connect.NewError(connect.CodeNotFound, fmt.Errorf("no %s with id %q", req.Msg.GetKind(), req.Msg.GetId()))
	}
	return connect.NewResponse(&provisioningv1.GetDraftResponse{Draft: proto.CloneOf(found)}), nil
}

// DeleteDraft implements the API.
func (f *Fake) DeleteDraft(_ context.Context, req *connect.Request[provisioningv1.DeleteDraftRequest]) (*connect.Response[provisioningv1.DeleteDraftResponse], error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.refuse["DeleteDraft"]; err != nil {
		return nil, err
	}
	delete(f.drafts, key(req.Msg.GetKind(), req.Msg.GetId()))
	return connect.NewResponse(&provisioningv1.DeleteDraftResponse{}), nil
}

// GetJob implements the API: every job exists and has not run.
func (f *Fake) GetJob(_ context.Context, req *connect.Request[provisioningv1.GetJobRequest]) (*connect.Response[provisioningv1.GetJobResponse], error) {
	app, name, _ := strings.Cut(req.Msg.GetId(), "/")
	return connect.NewResponse(&provisioningv1.GetJobResponse{Status: &provisioningv1.JobStatus{
		Job:    &provisioningv1.Job{AppId: app, Name: name, Scope: "all", State: "started", Run: "on_apply", OnDestroy: "keep", OnUnplanned: "hold"},
		Status: "not_run", Position: "0", DestroyImpact: &provisioningv1.Impact{}, CreatedAt: timestamppb.New(time.Unix(0, 0)),
	}}), nil
}

// PreviewJob implements the API: nothing would happen to anybody.
func (f *Fake) PreviewJob(context.Context, *connect.Request[provisioningv1.PreviewJobRequest]) (*connect.Response[provisioningv1.PreviewJobResponse], error) {
	return connect.NewResponse(&provisioningv1.PreviewJobResponse{
		DesiredDigest: "digest", Impact: &provisioningv1.Impact{AccountsDigest: "nobody"}, Changes: &provisioningv1.Changes{}, Position: "0",
	}), nil
}

func key(kind provisioningv1.DraftKind, id string) string { return kind.String() + " " + id }

func keyOf(draft *provisioningv1.Draft) string {
	switch kind := draft.GetKind().(type) {
	case *provisioningv1.Draft_Source:
		return key(provisioningv1.DraftKind_DRAFT_KIND_SOURCE, kind.Source.GetKey())
	case *provisioningv1.Draft_App:
		return key(provisioningv1.DraftKind_DRAFT_KIND_APP, kind.App.GetKey())
	case *provisioningv1.Draft_ScimConnection:
		return key(provisioningv1.DraftKind_DRAFT_KIND_SCIM_CONNECTION, kind.ScimConnection.GetAppId()+"/"+kind.ScimConnection.GetName())
	case *provisioningv1.Draft_AttributeMapping:
		return key(provisioningv1.DraftKind_DRAFT_KIND_ATTRIBUTE_MAPPING, kind.AttributeMapping.GetAppId()+"/"+kind.AttributeMapping.GetObjectType())
	case *provisioningv1.Draft_ScopingFilter:
		return key(provisioningv1.DraftKind_DRAFT_KIND_SCOPING_FILTER, kind.ScopingFilter.GetAppId()+"/"+kind.ScopingFilter.GetName())
	case *provisioningv1.Draft_AppAssignment:
		return key(provisioningv1.DraftKind_DRAFT_KIND_APP_ASSIGNMENT, kind.AppAssignment.GetAppId()+"/"+kind.AppAssignment.GetName())
	default:
		return key(provisioningv1.DraftKind_DRAFT_KIND_UNSPECIFIED, "")
	}
}
