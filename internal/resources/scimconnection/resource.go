package scimconnection

import (
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
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
		Secrets: []draft.Secret{
			{Name: job.SecretBearerToken, Value: path.Root("bearer_token_wo"), Version: path.Root("bearer_token_wo_version")},
			secret("oauth2", "client_secret", job.SecretClientSecret),
			secret("oauth2", "private_key", job.SecretPrivateKey),
			chosen(secret("basic", "password", job.SecretPassword)),
			secret("tls", "client_key", job.SecretClientKey),
			chosen(secret("proxy", "password", job.SecretProxyPassword)),
		},
		Validators: func() []resource.ConfigValidator { return []resource.ConfigValidator{credentialsValidator{}} },
	})
}

// secret is a write-only attribute of a nested one, with its version beside it.
func secret(parent, attribute, name string) draft.Secret {
	value := path.Root(parent).AtName(attribute + "_wo")
	return draft.Secret{Name: name, Value: value, Version: path.Root(parent).AtName(attribute + "_wo_version")}
}

func chosen(s draft.Secret) draft.Secret {
	s.Chosen = true
	return s
}
