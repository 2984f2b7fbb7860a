package job

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/engineaccess"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/objectid"
)

// Defaults of the timeouts attribute (terraform-conventions.md 9).
const (
	commitTimeout = 20 * time.Minute
	readTimeout   = 5 * time.Minute
)

// Resource is provisioning_job.
type Resource struct {
	walk *planwalk.Walk
	now  func() time.Time
}

var (
	_ resource.Resource                = (*Resource)(nil)
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// NewResource returns the resource. Its provider data is a *planwalk.Walk.
func NewResource() resource.Resource { return newResource(time.Now) }

func newResource(now func() time.Time) *Resource { return &Resource{now: now} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_job"
}

// Configure takes over the walk.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	walk, diags := engineaccess.Walk(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	r.walk = walk
}

func identityParts() []string { return []string{"app_id", "name"} }

// IdentitySchema has the parts of the id.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"app_id": identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the job's app."},
		"name":   identityschema.StringAttribute{RequiredForImport: true, Description: "Name of the job within its app."},
	}}
}

// ImportState takes "<app id>/<name>", or the identity on CLIs that have it. Read fills in the rest.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.configured() {
		resp.Diagnostics.AddError("Provider is not configured",
			"The job cannot be imported because the provider's configuration is not known yet. Apply first what it depends on.")
		return
	}
	parts := make([]string, len(identityParts()))
	if req.ID != "" {
		var err error
		if parts, err = objectid.Parse(req.ID, identityParts()); err != nil {
			resp.Diagnostics.AddError("Cannot import "+noun, "The import id cannot be used: "+err.Error()+".")
			return
		}
	} else {
		for i, name := range identityParts() {
			var part types.String
			resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root(name), &part)...)
			parts[i] = part.ValueString()
		}
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), jobID(parts[0], parts[1]))...)
	for i, name := range identityParts() {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), parts[i])...)
	}
	resp.Diagnostics.Append(identify(ctx, resp.Identity, parts[0], parts[1])...)
}

func (r *Resource) configured() bool { return r.walk != nil && r.walk.Configured() }

// engine returns the engine, or false after adding an error.
func (r *Resource) engine(ctx context.Context, diags *diag.Diagnostics) (planwalk.Engine, bool) {
	if !r.configured() {
		diags.AddError("Provider is not configured",
			"The job cannot be reached because the provider's configuration is not known. Apply first what it depends on.")
		return planwalk.Engine{}, false
	}
	engine, err := r.walk.Engine(ctx)
	if err != nil {
		diags.Append(engineaccess.Unopened(err))
		return planwalk.Engine{}, false
	}
	return engine, true
}

func identify(ctx context.Context, identity *tfsdk.ResourceIdentity, appID, name string) diag.Diagnostics {
	if identity == nil { // a CLI without identities
		return nil
	}
	diags := identity.SetAttribute(ctx, path.Root("app_id"), appID)
	diags.Append(identity.SetAttribute(ctx, path.Root("name"), name)...)
	return diags
}
