package draft

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/objectid"
)

// ModifyPlan makes the id known and records the planned content for the job's preview. An attribute plan
// modifier is not enough for either: the id has several parts, and the record needs the whole plan. It also
// runs, and records, when nothing changes: the job resolves its references from the walk.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	id, diags := r.plannedID(ctx, resp.Plan)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, idPath, id)...)
	for _, secret := range r.object.Secrets {
		resp.Diagnostics.Append(secret.warnIfUnsent(ctx, req)...)
	}
	if id.IsUnknown() || r.walk == nil || resp.Diagnostics.HasError() {
		return
	}
	if !contentKnown(resp.Plan.Raw) {
		r.walk.Plan(r.object.Kind, id.ValueString(), nil)
		return
	}
	model := r.object.NewModel()
	resp.Diagnostics.Append(resp.Plan.Get(ctx, model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	content, diags := model.ToAPI(ctx)
	resp.Diagnostics.Append(diags...)
	if !diags.HasError() {
		r.walk.Plan(r.object.Kind, id.ValueString(), content)
	}
}

// plannedID returns the id, unknown when one of its parts is.
func (r *Resource) plannedID(ctx context.Context, plan getter) (types.String, diag.Diagnostics) {
	var diags diag.Diagnostics
	parts := make([]string, len(r.object.Identity))
	for i, name := range r.object.Identity {
		var part types.String
		diags.Append(plan.GetAttribute(ctx, path.Root(name), &part)...)
		if part.IsUnknown() {
			return types.StringUnknown(), diags
		}
		parts[i] = part.ValueString()
	}
	return types.StringValue(objectid.Join(parts...)), diags
}

// contentKnown reports whether everything that ends up in the draft is known.
func contentKnown(plan tftypes.Value) bool {
	var attributes map[string]tftypes.Value
	if err := plan.As(&attributes); err != nil {
		return false
	}
	for name, value := range attributes {
		if name != "timeouts" && !value.IsFullyKnown() {
			return false
		}
	}
	return true
}
