package validators

import (
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// KeyForm says in words what Key allows.
const KeyForm = "1 to 64 lower-case letters, digits and hyphens, with a letter or digit at both ends"

// Key accepts what an id may be made of, by the engine's own rule.
func Key() validator.String {
	return text{description: KeyForm, check: func(value string) mistake {
		if err := job.ValidateKey("key", value); err != nil {
			return mistake{"Invalid key", "the value cannot be part of an id: " + err.Error() + "."}
		}
		return mistake{}
	}}
}
