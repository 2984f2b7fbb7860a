package job

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/engineaccess"
)

// planRetirement previews what destroying the job does and leaves what it showed for Delete. Private data of a destroy
// plan, and of a replacement, does reach Delete (plan-preview-mechanics.md 3.4, O6).
func (r *Resource) planRetirement(ctx context.Context, resp *resource.ModifyPlanResponse, prior *ResourceModel, doing string) {
	id := prior.ID.ValueString()
	if !r.configured() {
		resp.Diagnostics.AddWarning(fmt.Sprintf("Impact of destroying job %s is not known before apply", id),
			"The provider's configuration is not known yet. Destroying the job will be refused if it would disable or delete any account.")
		return
	}
	engine, ok := r.engine(ctx, &resp.Diagnostics)
	if !ok {
		return
	}
	answer, err := engine.Jobs.PreviewRetirement(ctx, connect.NewRequest(&provisioningv1.PreviewRetirementRequest{
		Id: id, OnDestroy: prior.OnDestroy.ValueString(),
	}))
	if engineaccess.IsNotFound(err) {
		return
	}
	if err != nil {
		resp.Diagnostics.Append(engineaccess.Failure("plan the destruction of", noun, id, err))
		return
	}
	preview := answer.Msg
	names := accountLines(preview.GetImpact(), prior.PreviewDetail.ValueString())
	subject := fmt.Sprintf("%s job %s would", doing, id)
	if summary := impactSummary(subject, preview.GetImpact(), preview.GetManagedAccountCount()); summary != "" {
		resp.Diagnostics.AddWarning(summary, fmt.Sprintf("The job has on_destroy = %q. To keep the accounts as they are, apply "+
			"on_destroy = %q first.%s", prior.OnDestroy.ValueString(), destroyKeep, names))
	}
	for _, violation := range preview.GetViolations() {
		resp.Diagnostics.AddError(doing+" the provisioning job exceeds a limit",
			fmt.Sprintf("Job %s: %s (%s)\n\nNothing has been changed. Apply a higher limit or on_destroy = %q first, then destroy.%s",
				id, violation.GetMessage(), limitPath(violation.GetLimit()), destroyKeep, names))
	}
	resp.Diagnostics.Append(save(ctx, resp.Private, retirementKey, approval{
		AccountsDigest: preview.GetImpact().GetAccountsDigest(), Position: preview.GetPosition(),
	})...)
}

// Delete carries out the destroy policy of the state, bounded by what the destroy plan showed.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var model ResourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := model.Timeouts.Delete(ctx, commitTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	engine, ok := r.engine(ctx, &resp.Diagnostics)
	if !ok {
		return
	}
	id := model.ID.ValueString()
	request := &provisioningv1.RetireJobRequest{Id: id, OnDestroy: model.OnDestroy.ValueString()}
	var approved approval
	found, diags := load(ctx, req.Private, retirementKey, &approved)
	resp.Diagnostics.Append(diags...)
	if found {
		request.AccountsDigest, request.Position = &approved.AccountsDigest, approved.Position
	}
	stream, err := engine.Jobs.RetireJob(ctx, connect.NewRequest(request))
	if err == nil {
		report := r.progress("Retiring provisioning job", id)
		for stream.Receive() {
			report(ctx, stream.Msg().GetProgress())
		}
		err = stream.Err()
		_ = stream.Close() // the stream has ended, there is nothing left to learn
	}
	if err != nil && !gone(ctx, engine, id, err) {
		resp.Diagnostics.Append(engineaccess.Failure("destroy", noun, id, err))
	}
}
