package draft

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

// Object is one kind of draft, as a Terraform resource.
type Object struct {
	Kind provisioningv1.DraftKind
	// TypeName without the provider's name, for example "scoping_filter".
	TypeName string
	// Noun in diagnostics, for example "scoping filter".
	Noun string
	// Identity names the attributes that make up the id, in order. All are required strings or have a default.
	Identity []string
	// Schema returns the resource's schema without id and timeouts, which every draft has.
	Schema func() schema.Schema
	// NewModel returns an empty model.
	NewModel func() Model
	// Secrets are empty when the draft has none.
	Secrets []Secret
	// Validators check what concerns several attributes; nil when nothing does.
	Validators func() []resource.ConfigValidator
}

// Model is a pointer to a struct that embeds Common and has a field for every other attribute.
type Model interface {
	// ToAPI returns the draft. It is only called when every attribute but the timeouts is known. Lists whose
	// order means nothing are sorted.
	ToAPI(ctx context.Context) (*provisioningv1.Draft, diag.Diagnostics)
	// FromAPI takes over what the engine holds and leaves alone what only Terraform knows. What the engine does
	// not hold becomes null.
	FromAPI(ctx context.Context, draft *provisioningv1.Draft) diag.Diagnostics
}

// Common holds the attributes that every draft has.
type Common struct {
	ID       types.String   `tfsdk:"id"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// Secret is a write-only attribute that goes to the engine when its version changes (terraform-conventions.md 11).
type Secret struct {
	// Name under which the engine keeps it.
	Name    string
	Value   path.Path // write-only string
	Version path.Path // whole number above 0
	// Chosen is true for what people choose, which is easier to guess than a random token.
	Chosen bool
}

// kindOf returns which kind of draft the engine answered with.
func kindOf(draft *provisioningv1.Draft) provisioningv1.DraftKind {
	switch draft.GetKind().(type) {
	case *provisioningv1.Draft_Source:
		return provisioningv1.DraftKind_DRAFT_KIND_SOURCE
	case *provisioningv1.Draft_App:
		return provisioningv1.DraftKind_DRAFT_KIND_APP
	case *provisioningv1.Draft_ScimConnection:
		return provisioningv1.DraftKind_DRAFT_KIND_SCIM_CONNECTION
	case *provisioningv1.Draft_AttributeMapping:
		return provisioningv1.DraftKind_DRAFT_KIND_ATTRIBUTE_MAPPING
	case *provisioningv1.Draft_ScopingFilter:
		return provisioningv1.DraftKind_DRAFT_KIND_SCOPING_FILTER
	case *provisioningv1.Draft_AppAssignment:
		return provisioningv1.DraftKind_DRAFT_KIND_APP_ASSIGNMENT
	default:
		return provisioningv1.DraftKind_DRAFT_KIND_UNSPECIFIED
	}
}
