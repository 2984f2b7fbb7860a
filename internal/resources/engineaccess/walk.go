package engineaccess

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
)

const issues = "https://github.com/app-provisioning/terraform-provider-provisioning/issues"

// Walk returns the walk that the provider handed to an object. It is nil without an error when the provider
// is not configured at all, as in the validate walk.
func Walk(providerData any) (*planwalk.Walk, diag.Diagnostics) {
	if providerData == nil {
		return nil, nil
	}
	walk, ok := providerData.(*planwalk.Walk)
	if !ok {
		return nil, diag.Diagnostics{Bug("Unexpected provider data",
			fmt.Sprintf("The provider handed over %T where the walk was expected.", providerData))}
	}
	return walk, nil
}

// Bug returns an error for a situation that only a mistake in this provider can cause.
func Bug(summary, detail string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summary, detail+"\n\nThis is a bug in the provider. Please report it at "+issues+
		" with the configuration that led here.")
}
