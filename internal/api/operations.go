package api

import "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1/provisioningv1connect"

// operationService operates committed jobs. Each group of calls has a file of its own.
type operationService struct {
	provisioningv1connect.UnimplementedOperationServiceHandler
	jobs jobService
	// turns are those of the on-demand runs.
	turns *turns
}
