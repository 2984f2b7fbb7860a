package source

import (
	"github.com/hashicorp/terraform-plugin-framework/resource"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
)

var _ draft.Model = (*ResourceModel)(nil)

// NewResource returns the resource.
func NewResource() resource.Resource {
	return draft.NewResource(draft.Object{
		Kind:     provisioningv1.DraftKind_DRAFT_KIND_SOURCE,
		TypeName: "source",
		Noun:     "source",
		Identity: []string{"key"},
		Schema:   resourceSchema,
		NewModel: func() draft.Model { return &ResourceModel{} },
	})
}
