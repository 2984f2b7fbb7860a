package attributemapping

import (
	"github.com/hashicorp/terraform-plugin-framework/resource"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
)

var (
	_ draft.Model                         = (*ResourceModel)(nil)
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithUpgradeState   = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
)

const noun = "attribute mapping"

// Resource is a draft whose configuration is checked as a whole, by the engine's rules.
type Resource struct{ *draft.Resource }

// NewResource returns the resource.
func NewResource() resource.Resource {
	return &Resource{draft.NewResource(draft.Object{
		Kind:     provisioningv1.DraftKind_DRAFT_KIND_ATTRIBUTE_MAPPING,
		TypeName: "attribute_mapping",
		Noun:     noun,
		Identity: []string{"app_id", "object_type"},
		Schema:   resourceSchema,
		NewModel: func() draft.Model { return &ResourceModel{} },
	})}
}
