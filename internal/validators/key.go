package validators

import (
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var keyPattern = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// KeyForm says in words what Key allows.
const KeyForm = "lower-case letters, digits and hyphens, 1 to 64 characters"

// Key accepts what an id may be made of: it appears in ids, imports and file names.
func Key() validator.String {
	return text{description: KeyForm, check: func(value string) mistake {
		if keyPattern.MatchString(value) {
			return mistake{}
		}
		return mistake{"Invalid key", fmt.Sprintf("%q cannot be part of an id: expected %s.", value, KeyForm)}
	}}
}
