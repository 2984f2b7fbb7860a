package job

import (
	"context"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/engineaccess"
)

// Read refreshes what the engine reports and pins the position the next preview is made at. The preview of the last
// apply stays: the engine does not keep it, and clearing it would be a permanent difference.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model ResourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(identify(ctx, resp.Identity, model.AppID.ValueString(), model.Name.ValueString())...)
	if !r.configured() {
		return // the plan warns; the last known state is the best there is
	}
	timeout, diags := model.Timeouts.Read(ctx, readTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	engine, ok := r.engine(ctx, &resp.Diagnostics)
	if !ok {
		return
	}
	status, err := currentStatus(ctx, engine, &model)
	if gone(ctx, engine, model.ID.ValueString(), err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(engineaccess.Failure("read", noun, model.ID.ValueString(), err))
		return
	}
	resp.Diagnostics.Append(model.refresh(ctx, status)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	resp.Diagnostics.Append(save(ctx, resp.Private, positionKey, pin{Position: status.GetPosition(), ReadAt: r.now().UTC()})...)
}

// currentStatus reads the source first when people who come and go are part of the plan (design.md 6.1 no. 2). The
// run mode of a job that is being imported is not known before the engine told it.
func currentStatus(ctx context.Context, engine planwalk.Engine, model *ResourceModel) (*provisioningv1.JobStatus, error) {
	id := model.ID.ValueString()
	run := model.Run.ValueString()
	var status *provisioningv1.JobStatus
	if run != runOnApply {
		answer, err := engine.Jobs.GetJob(ctx, connect.NewRequest(&provisioningv1.GetJobRequest{Id: id}))
		if err != nil {
			return nil, err
		}
		status = answer.Msg.GetStatus()
		if run != "" || status.GetJob().GetRun() != runOnApply {
			return status, nil
		}
	}
	answer, err := engine.Jobs.RefreshJob(ctx, connect.NewRequest(&provisioningv1.RefreshJobRequest{Id: id}))
	if err != nil {
		return nil, err
	}
	return answer.Msg.GetStatus(), nil
}

// gone reports whether an error means that the engine does not have the job. A source whose file is missing is "not
// found" as well, and must not cost the job its state: only the call that contacts nobody decides.
func gone(ctx context.Context, engine planwalk.Engine, id string, err error) bool {
	if !engineaccess.IsNotFound(err) {
		return false
	}
	_, err = engine.Jobs.GetJob(ctx, connect.NewRequest(&provisioningv1.GetJobRequest{Id: id}))
	return engineaccess.IsNotFound(err)
}
