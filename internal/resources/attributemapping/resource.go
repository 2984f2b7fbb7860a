package attributemapping

import (
	"github.com/hashicorp/terraform-plugin-framework/resource"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
)

var _ draft.Model = (*ResourceModel)(nil)

const noun = "attribute mapping"

// NewResource returns the resource.
func NewResource() resource.Resource {
	return draft.NewResource(draft.Object{
		Kind:     provisioningv1.DraftKind_DRAFT_KIND_ATTRIBUTE_MAPPING,
		TypeName: "attribute_mapping",
		Noun:     noun,
		Identity: []string{"app_id", "object_type"},
		Schema:   resourceSchema,
		NewModel: func() draft.Model { return &ResourceModel{} },
	})
}
