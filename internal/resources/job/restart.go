package job

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"google.golang.org/protobuf/proto"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	definition "github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

func restartSchema() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "A restart: what the job forgets, so that the next cycle looks again. It is carried out once, by the apply that adds this " +
			"attribute to an existing job or changes its `scope` or `triggers`, before the cycle of that apply; the plan is computed as if it had been. " +
			"Nothing in the application is wiped. Taking the attribute away does nothing, nor does it do anything when the job is created.",
		Attributes: map[string]schema.Attribute{
			"scope": schema.SetAttribute{
				Optional:    true,
				ElementType: types.StringType,
				MarkdownDescription: "What is reset. `Watermark`: every object is evaluated again. `Escrows`: stored failures are forgotten. `QuarantineState`: quarantine " +
					"is lifted. `ForceDeletes`: everything that is staged is approved. `ConnectorDataStore`: links between people and accounts are forgotten, " +
					"and every object is evaluated again. `Full`: all of these but `ForceDeletes`. `None`: quarantine is lifted and nothing is forgotten. Default: " +
					"`QuarantineState`, `Watermark` and `Escrows`. Links survive everything but `ConnectorDataStore` and `Full`.",
				Validators: []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.OneOf(definition.ResetScopes()...))},
			},
			"triggers": schema.MapAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Values of your own, for example a reason; a change of any of them asks for another restart.",
				Validators:          []validator.Map{mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues()},
			},
			"acknowledge_orphans": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Required, as `true`, for `ConnectorDataStore` and `Full`: accounts of people who are out of scope or gone are not found " +
					"again, and nobody would disable them any more. The plan counts and names them.",
			},
		},
	}
}

type restartModel struct {
	Scope              types.Set  `tfsdk:"scope"`
	Triggers           types.Map  `tfsdk:"triggers"`
	AcknowledgeOrphans types.Bool `tfsdk:"acknowledge_orphans"`
}

func restartTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"scope": types.SetType{ElemType: types.StringType}, "triggers": types.MapType{ElemType: types.StringType}, "acknowledge_orphans": types.BoolType,
	}
}

// restartToAPI returns nil for a null restart.
func restartToAPI(ctx context.Context, restart types.Object) (*provisioningv1.Restart, diag.Diagnostics) {
	if restart.IsNull() || restart.IsUnknown() {
		return nil, nil
	}
	var model restartModel
	diags := restart.As(ctx, &model, basetypes.ObjectAsOptions{})
	message := &provisioningv1.Restart{AcknowledgeOrphans: model.AcknowledgeOrphans.ValueBool()}
	diags.Append(model.Scope.ElementsAs(ctx, &message.Scope, false)...)
	diags.Append(model.Triggers.ElementsAs(ctx, &message.Triggers, false)...)
	slices.Sort(message.Scope)
	return message, diags
}

// restartFromAPI keeps what was written when it says the same: the engine does not tell null from false.
func restartFromAPI(ctx context.Context, prior types.Object, committed *provisioningv1.Restart) (types.Object, diag.Diagnostics) {
	written, diags := restartToAPI(ctx, prior)
	switch {
	case committed == nil:
		return types.ObjectNull(restartTypes()), diags
	case written != nil && proto.Equal(written, committed):
		return prior, diags
	}
	model := restartModel{Scope: types.SetNull(types.StringType), Triggers: types.MapNull(types.StringType), AcknowledgeOrphans: types.BoolNull()}
	if len(committed.GetScope()) > 0 {
		scope, scopeDiags := types.SetValueFrom(ctx, types.StringType, committed.GetScope())
		diags.Append(scopeDiags...)
		model.Scope = scope
	}
	if len(committed.GetTriggers()) > 0 {
		triggers, triggerDiags := types.MapValueFrom(ctx, types.StringType, committed.GetTriggers())
		diags.Append(triggerDiags...)
		model.Triggers = triggers
	}
	if committed.GetAcknowledgeOrphans() {
		model.AcknowledgeOrphans = types.BoolValue(true)
	}
	value, objectDiags := types.ObjectValueFrom(ctx, restartTypes(), model)
	diags.Append(objectDiags...)
	return value, diags
}

// toAPI needs known values.
func (m *ResourceModel) toAPI(ctx context.Context) (*provisioningv1.Job, diag.Diagnostics) {
	job, diags := m.settings.toAPI(ctx)
	restart, restartDiags := restartToAPI(ctx, m.Restart)
	diags.Append(restartDiags...)
	job.Restart = restart
	return job, diags
}

// forgets says what the restart of a plan would forget: an error until it is acknowledged, then a warning.
func (m *ResourceModel) forgets(ctx context.Context, id string, forgotten *provisioningv1.Forgotten) diag.Diagnostics {
	if forgotten.GetLinkCount() == 0 {
		return nil
	}
	restart, diags := restartToAPI(ctx, m.Restart)
	summary := fmt.Sprintf("Job %s would forget %s and leave %s behind", id, plural(forgotten.GetLinkCount(), "link"), plural(forgotten.GetOrphanCount(), "account"))
	detail := "The restart forgets which account belongs to whom. People in scope are found again by their matching attributes. Nobody would disable " +
		"or delete the accounts that are left behind any more." + namedLines(forgotten.GetOrphans(), forgotten.GetOrphanCount(), m.PreviewDetail.ValueString())
	if from := forgotten.GetMovedFrom(); from != "" {
		summary = fmt.Sprintf("Job %s would leave %s behind at another endpoint", id, plural(forgotten.GetOrphanCount(), "account"))
		detail = "The connection is at another system now, where other accounts are. The accounts at " + from + " stay as they are, switched on or off: the job " +
			"forgets them, and nobody would disable or delete them any more. People are matched anew at the new endpoint; nothing is disabled or deleted at " +
			"either of them by the move." + namedLines(forgotten.GetOrphans(), forgotten.GetOrphanCount(), m.PreviewDetail.ValueString())
	}
	if !restart.GetAcknowledgeOrphans() {
		diags.AddAttributeError(path.Root("restart").AtName("acknowledge_orphans"), summary,
			"Nothing has been changed. To go on all the same, set acknowledge_orphans = true; otherwise apply without the restart first, so that the job "+
				"disables them, or choose a scope that keeps links.\n\n"+detail)
		return diags
	}
	diags.AddWarning(summary, detail)
	return diags
}
