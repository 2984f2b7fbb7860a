package job

import (
	"context"
	"fmt"
	"time"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/impact"
)

// staleAfter is the age from which pinned data is worth a warning (plan-preview-mechanics.md 6 no. 4).
const staleAfter = time.Hour

// ModifyPlan puts the preview into the plan. An attribute plan modifier is not enough: the preview depends on
// everything the job refers to, and one answer of the engine fills several attributes.
//
// Terraform calls it again at apply, in another process, and insists that every known value is the same. Everything
// known below is therefore a function of configuration, state, private data and the engine's preview for
// (digest, position); the clock and the luck of a look-up decide about warnings only.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, prior *ResourceModel
	if !req.State.Raw.IsNull() {
		prior = &ResourceModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	}
	if !req.Plan.Raw.IsNull() {
		plan = &ResourceModel{}
		resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	}
	switch {
	case resp.Diagnostics.HasError():
	case plan != nil:
		r.planCommit(ctx, req, resp, plan, prior)
	case prior != nil:
		r.planRetirement(ctx, resp, prior, "Destroying")
	}
}

func (r *Resource) planCommit(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, plan, prior *ResourceModel) {
	id := types.StringUnknown()
	if !plan.AppID.IsUnknown() && !plan.Name.IsUnknown() {
		id = types.StringValue(jobID(plan.AppID.ValueString(), plan.Name.ValueString()))
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), id)...)
	if !r.configured() {
		r.impactUnknown(ctx, resp, plan, id, "the provider's configuration is not known yet")
		return
	}
	// Terraform does not tell that an attribute asked for replacement (plan-preview-mechanics.md O7), and plans the new
	// job in a second call whose warnings are dropped (O6). So both halves are previewed here.
	if prior != nil && !id.Equal(prior.ID) {
		r.planRetirement(ctx, resp, prior, "Replacing")
		prior = nil
	}
	if !plan.known(ctx) {
		r.impactUnknown(ctx, resp, plan, id, "a value of the job itself is not known yet")
		return
	}
	planned, missing := plan.planned(ctx, r.walk)
	if missing != "" {
		r.impactUnknown(ctx, resp, plan, id, missing+" is not known yet")
		return
	}
	job, diags := plan.toAPI(ctx)
	resp.Diagnostics.Append(diags...)
	var pinned pin
	if prior != nil {
		_, diags = load(ctx, req.Private, positionKey, &pinned)
		resp.Diagnostics.Append(diags...)
	}
	engine, ok := r.engine(ctx, &resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	answer, err := engine.Jobs.PreviewJob(ctx, connect.NewRequest(&provisioningv1.PreviewJobRequest{
		Job: job, Planned: planned, Position: pinned.Position,
	}))
	if err != nil {
		resp.Diagnostics.Append(plan.refused(ctx, id.ValueString(), err))
		return
	}
	preview := answer.Msg
	resp.Diagnostics.Append(remarks(id.ValueString(), preview.GetWarnings(), plan.PreviewDetail.ValueString())...)
	resp.Diagnostics.Append(existence(id.ValueString(), prior != nil, preview)...)
	if resp.Diagnostics.HasError() {
		return
	}
	waiting := plan.runsOnApply() && pending(preview)
	unchanged := prior != nil && req.Plan.Raw.Equal(req.State.Raw) && prior.DesiredDigest.ValueString() == preview.GetDesiredDigest()
	if unchanged && !waiting {
		return
	}
	resp.Diagnostics.Append(plan.show(ctx, resp, preview, prior == nil, pinned.Position)...)
	resp.Diagnostics.Append(r.age(id.ValueString(), pinned)...)
}

// show writes the preview into the plan. Single paths are set, never whole models (terraform-conventions.md 8).
func (m *ResourceModel) show(ctx context.Context, resp *resource.ModifyPlanResponse, preview *provisioningv1.PreviewJobResponse, isNew bool, position string) diag.Diagnostics {
	basis := basisNewest
	switch {
	case isNew:
		basis = basisNew
	case position != "":
		basis = basisPinned
	}
	diags := setUnknown(ctx, resp, append(observedFields(), previewFields()...))
	diags.Append(resp.Plan.SetAttribute(ctx, path.Root("desired_digest"), preview.GetDesiredDigest())...)
	diags.Append(resp.Plan.SetAttribute(ctx, path.Root("planned_impact"), impact.Value(preview.GetImpact(), m.PreviewDetail.ValueString(), basis))...)
	// Without a pinned position the directory may move between plan and apply, and these numbers with it
	// (design.md 6.1 no. 1).
	if position != "" {
		diags.Append(resp.Plan.SetAttribute(ctx, path.Root("planned_changes"), impact.ChangesValue(preview.GetChanges()))...)
	}
	id := jobID(m.AppID.ValueString(), m.Name.ValueString())
	names := accountLines(preview.GetImpact(), m.PreviewDetail.ValueString())
	if summary := impactSummary("Job "+id+" would", preview.GetImpact(), preview.GetManagedAccountCount()); summary != "" {
		diags.AddWarning(summary, "Applying this plan takes access away. planned_impact in the plan has the details."+
			breakdown(preview.GetImpact(), m.PreviewDetail.ValueString())+names)
	}
	diags.Append(m.forgets(ctx, id, preview.GetForgotten())...)
	for _, violation := range preview.GetViolations() {
		diags.AddAttributeError(limitPath(violation.GetLimit()), "Limit of the provisioning job exceeded",
			fmt.Sprintf("Job %s: %s\n\nNothing has been changed. If this is intended, raise the limit and plan again; otherwise widen "+
				"the filter, mapping, scope or assignments so that fewer accounts lose access, or check that the source is complete.%s",
				id, violation.GetMessage(), names))
	}
	return diags
}

// pending reports whether a cycle would do anything. Objects that cannot be provisioned stay as they are until
// something else changes, so they alone are no reason for an apply.
func pending(preview *provisioningv1.PreviewJobResponse) bool {
	impact, changes := preview.GetImpact(), preview.GetChanges()
	return takesAway(impact) || changes.GetCreateCount() > 0 || changes.GetUpdateCount() > 0 || changes.GetMembershipAddCount() > 0
}

func (m *ResourceModel) runsOnApply() bool {
	return m.Run.ValueString() == runOnApply && m.State.ValueString() == stateStarted
}

// impactUnknown marks everything computed as known after apply and says so once.
func (r *Resource) impactUnknown(ctx context.Context, resp *resource.ModifyPlanResponse, plan *ResourceModel, id types.String, reason string) {
	resp.Diagnostics.Append(setUnknown(ctx, resp, append(observedFields(), previewFields()...))...)
	subject := "the job"
	if !id.IsUnknown() {
		subject = "job " + id.ValueString()
	}
	summary := fmt.Sprintf("Impact of %s is not known before apply", subject)
	detail := fmt.Sprintf("This plan cannot say who would lose access, because %s. At apply only the limits of the job bound what is "+
		"disabled or deleted. To see the impact first, apply what the job depends on (-target), then plan again.", reason)
	if plan.RequireKnownImpact.ValueBool() {
		resp.Diagnostics.AddAttributeError(path.Root("require_known_impact"), summary, detail)
		return
	}
	resp.Diagnostics.AddWarning(summary, detail)
}

// existence compares what Terraform and the engine believe about the job.
func existence(id string, inState bool, preview *provisioningv1.PreviewJobResponse) diag.Diagnostics {
	var diags diag.Diagnostics
	switch {
	case inState && !preview.GetExists():
		diags.AddError("Provisioning job is not in this store",
			fmt.Sprintf("The state has job %s, but the engine's store does not. The state may belong to another store, or the job was "+
				"removed in the meantime. Run plan again without -refresh=false, or correct the provider's store.", id))
	case !inState && preview.GetExists() && preview.GetResumable():
		diags.AddWarning(fmt.Sprintf("Job %s was interrupted and will be resumed", id),
			"An earlier apply created this job in the engine but did not finish its first cycle. Creating it again continues where "+
				"it stopped; accounts that were created already are kept.")
	case !inState && preview.GetExists():
		diags.AddAttributeError(path.Root("name"), "Provisioning job already exists",
			fmt.Sprintf("Job %s exists in the engine's store but not in this state. Choose another name, or import it with\n\n"+
				"    terraform import <address of this resource> %s\n\nand plan again to see the difference.", id, id))
	}
	return diags
}

// age warns about a preview on old data. Only the warning may use the clock.
func (r *Resource) age(id string, pinned pin) diag.Diagnostics {
	var diags diag.Diagnostics
	if pinned.Position == "" || r.now().Sub(pinned.ReadAt) <= staleAfter {
		return diags
	}
	diags.AddWarning(fmt.Sprintf("Preview of job %s uses old data", id),
		fmt.Sprintf("The source was last read at %s. People who joined or left since are not in this plan; an apply holds accounts it "+
			"did not show. Plan again without -refresh=false to see them.", pinned.ReadAt.UTC().Format(time.RFC3339)))
	return diags
}

func setUnknown(ctx context.Context, resp *resource.ModifyPlanResponse, fields []field) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, f := range fields {
		unknown, err := f.kind.ValueFromTerraform(ctx, tftypes.NewValue(f.kind.TerraformType(ctx), tftypes.UnknownValue))
		if err != nil {
			diags.AddAttributeError(path.Root(f.name), "Cannot plan "+noun, "Marking the value as unknown: "+err.Error())
			continue
		}
		diags.Append(resp.Plan.SetAttribute(ctx, path.Root(f.name), unknown)...)
	}
	return diags
}
