package acctest

import (
	"context"

	"connectrpc.com/connect"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1/provisioningv1connect"
)

// fakeOperations are the operations of a Fake: nothing has happened to anybody.
type fakeOperations struct {
	provisioningv1connect.UnimplementedOperationServiceHandler
}

// ListLogs implements the API.
func (fakeOperations) ListLogs(context.Context, *connect.Request[provisioningv1.ListLogsRequest]) (*connect.Response[provisioningv1.ListLogsResponse], error) {
	return connect.NewResponse(&provisioningv1.ListLogsResponse{}), nil
}

// ListLinks implements the API.
func (fakeOperations) ListLinks(context.Context, *connect.Request[provisioningv1.ListLinksRequest]) (*connect.Response[provisioningv1.ListLinksResponse], error) {
	return connect.NewResponse(&provisioningv1.ListLinksResponse{}), nil
}
