package api

import (
	"net/http"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1/provisioningv1connect"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
)

// NewHandler serves an engine's API.
func NewHandler(engine *cycle.Engine) http.Handler {
	drafts := draftService{store: engine.Store}
	mux := http.NewServeMux()
	mux.Handle(provisioningv1connect.NewDraftServiceHandler(drafts))
	jobs := jobService{drafts: drafts, engine: engine}
	mux.Handle(provisioningv1connect.NewJobServiceHandler(jobs))
	mux.Handle(provisioningv1connect.NewOperationServiceHandler(operationService{jobs: jobs, turns: &turns{}}))
	mux.Handle(provisioningv1connect.NewConnectionServiceHandler(connectionService{jobs: jobs}))
	return mux
}
