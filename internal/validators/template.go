package validators

import (
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
)

// Template accepts the keys of templates.
func Template() validator.String {
	return text{description: "the key of a template", check: func(value string) mistake {
		if _, err := template.Find(value); err != nil {
			return mistake{"Unknown template", err.Error() + "."}
		}
		return mistake{}
	}}
}
