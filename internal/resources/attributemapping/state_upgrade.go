package attributemapping

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// UpgradeState gives states of version 0 the values that mappings had before they could be chosen, so that a plan shows
// no difference even when it does not refresh. The rest of version 0 is version 1 with less in it, which reads as null.
func (r *Resource) UpgradeState(ctx context.Context) map[int64]resource.StateUpgrader {
	var current resource.SchemaResponse
	r.Schema(ctx, resource.SchemaRequest{}, &current)
	return map[int64]resource.StateUpgrader{0: {PriorSchema: &current.Schema, StateUpgrader: upgradeFromVersion0}}
}

func upgradeFromVersion0(ctx context.Context, req resource.UpgradeStateRequest, resp *resource.UpgradeStateResponse) {
	var model ResourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	attributes := map[string]attributeModel{}
	resp.Diagnostics.Append(model.Attributes.ElementsAs(ctx, &attributes, false)...)
	for target, attribute := range attributes {
		attribute.FlowBehavior = types.StringValue(string(job.FlowWhenChanged))
		attribute.FlowNullValues = types.BoolValue(false)
		attributes[target] = attribute
	}
	model.Attributes = mapOf(ctx, attributeType(), attributes, &resp.Diagnostics)
	model.CompositeMatching = types.BoolValue(false)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
