package acctest

import (
	"context"

	"connectrpc.com/connect"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1/provisioningv1connect"
)

// fakeConnections are the connections of a Fake: nothing is known of any target, and none says anything about itself.
type fakeConnections struct {
	provisioningv1connect.UnimplementedConnectionServiceHandler
}

// GetConnection implements the API.
func (fakeConnections) GetConnection(context.Context, *connect.Request[provisioningv1.GetConnectionRequest]) (*connect.Response[provisioningv1.GetConnectionResponse], error) {
	return connect.NewResponse(&provisioningv1.GetConnectionResponse{}), nil
}

// DiscoverConnection implements the API.
func (fakeConnections) DiscoverConnection(context.Context, *connect.Request[provisioningv1.DiscoverConnectionRequest]) (*connect.Response[provisioningv1.DiscoverConnectionResponse], error) {
	return connect.NewResponse(&provisioningv1.DiscoverConnectionResponse{Discovery: &provisioningv1.Discovery{}}), nil
}
