package draft

import (
	"context"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/engineaccess"
)

var (
	_ resource.ResourceWithConfigValidators = (*Resource)(nil)
	_ resource.ResourceWithConfigure        = (*Resource)(nil)
	_ resource.ResourceWithIdentity         = (*Resource)(nil)
	_ resource.ResourceWithImportState      = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan       = (*Resource)(nil)
)

var idPath = path.Root("id")

// Resource is a Terraform resource whose object is a draft.
type Resource struct {
	object Object
	walk   *planwalk.Walk
}

// NewResource returns the resource of an object.
func NewResource(object Object) *Resource { return &Resource{object: object} }

// Metadata sets the type name.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + r.object.TypeName
}

// Schema returns the object's schema with the attributes every draft has.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.object.Schema()
	attributes := maps.Clone(resp.Schema.Attributes)
	attributes["id"] = schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "Id of the " + r.object.Noun + ", `" + r.idForm() + "`. It follows from the configuration, so it is known when planning.",
	}
	attributes["timeouts"] = timeoutsAttribute(ctx)
	resp.Schema.Attributes = attributes
}

// IdentitySchema returns the parts of the id.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	attributes := map[string]identityschema.Attribute{}
	for _, name := range r.object.Identity {
		attributes[name] = identityschema.StringAttribute{
			RequiredForImport: true,
			Description:       "Part of the id of the " + r.object.Noun + ".",
		}
	}
	resp.IdentitySchema = identityschema.Schema{Attributes: attributes}
}

// ConfigValidators returns the object's checks of several attributes together.
func (r *Resource) ConfigValidators(context.Context) []resource.ConfigValidator {
	if r.object.Validators == nil {
		return nil
	}
	return r.object.Validators()
}

// Configure takes over the walk.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	walk, diags := engineaccess.Walk(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	r.walk = walk
}

// idForm is how the id looks, for example "<app_id>/<name>".
func (r *Resource) idForm() string { return "<" + strings.Join(r.object.Identity, ">/<") + ">" }
