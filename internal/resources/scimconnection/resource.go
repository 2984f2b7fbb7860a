package scimconnection

import (
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
)

var _ draft.Model = (*ResourceModel)(nil)

const noun = "SCIM connection"

// NewResource returns the resource.
func NewResource() resource.Resource {
	return draft.NewResource(draft.Object{
		Kind:     provisioningv1.DraftKind_DRAFT_KIND_SCIM_CONNECTION,
		TypeName: "scim_connection",
		Noun:     noun,
		Identity: []string{"app_id", "name"},
		Schema:   resourceSchema,
		NewModel: func() draft.Model { return &ResourceModel{} },
		Secret: &draft.Secret{
			Value:   path.Root("bearer_token_wo"),
			Version: path.Root("bearer_token_wo_version"),
		},
	})
}
