package draft

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/objectid"
)

// ImportState takes the id, or the identity on CLIs that have it. Read does the rest.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if r.walk != nil && !r.walk.Configured() {
		resp.Diagnostics.AddError("Provider is not configured",
			"The "+r.object.Noun+" cannot be imported because the provider's configuration is not known yet. Apply first what it depends on.")
		return
	}
	parts := make([]string, len(r.object.Identity))
	if req.ID != "" {
		var err error
		if parts, err = objectid.Parse(req.ID, r.object.Identity); err != nil {
			resp.Diagnostics.AddError("Cannot import "+r.object.Noun, "The import id cannot be used: "+err.Error()+".")
			return
		}
	} else {
		for i, name := range r.object.Identity {
			var part types.String
			resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root(name), &part)...)
			parts[i] = part.ValueString()
		}
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, idPath, objectid.Join(parts...))...)
	for i, name := range r.object.Identity {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), parts[i])...)
		if resp.Identity != nil {
			resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root(name), parts[i])...)
		}
	}
}
