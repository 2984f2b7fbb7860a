package validators

import (
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// Expression accepts what the engine's own parser accepts. The error shows the place with a caret.
func Expression() validator.String {
	return text{description: "an expression of the mapping language", check: func(value string) mistake {
		if _, err := expression.Parse(value); err != nil {
			return mistake{"Invalid expression", "the expression cannot be used: " + err.Error()}
		}
		return mistake{}
	}}
}
