package app

import (
	"github.com/hashicorp/terraform-plugin-framework/resource"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
)

var _ draft.Model = (*ResourceModel)(nil)

// NewResource returns the resource.
func NewResource() resource.Resource {
	return draft.NewResource(draft.Object{
		Kind:     provisioningv1.DraftKind_DRAFT_KIND_APP,
		TypeName: "app",
		Noun:     "app",
		Identity: []string{"key"},
		Schema:   resourceSchema,
		NewModel: func() draft.Model { return &ResourceModel{} },
	})
}
