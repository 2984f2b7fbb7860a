package job

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
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
	status, unread, err := currentStatus(ctx, engine, &model)
	if engineaccess.IsNotFound(err) {
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.AddWarning("Provisioning job is not in the engine's store", "The state has the job \""+model.ID.ValueString()+
			"\", the store does not know it. Was the state file made with another store, or was the store file lost? Check embedded.store of the "+
			"provider and PROVISIONING_STORE before you apply.\n\nApplying creates the job again. It finds the accounts that exist by their matching "+
			"attributes and links them; accounts of people who have left since are not known to it and stay as they are.")
		return
	}
	if err != nil {
		resp.Diagnostics.Append(engineaccess.Failure("read", noun, model.ID.ValueString(), err))
		return
	}
	resp.Diagnostics.Append(model.refresh(ctx, status)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	if unread != nil {
		// Nothing is pinned: the preview then reads the source the configuration names now, which may be another one,
		// and fails if that cannot be read either.
		resp.Diagnostics.Append(unreadable(model.ID.ValueString(), unread))
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, positionKey, nil)...)
		return
	}
	resp.Diagnostics.Append(save(ctx, resp.Private, positionKey, pin{Position: status.GetPosition(), ReadAt: r.now().UTC()})...)
}

// currentStatus reads the source first when people who come and go are part of the plan (design.md 6.1 no. 2). unread
// says why the committed source could not be read, which is no reason to lose the job: only the call that contacts
// nobody decides whether it exists. The run mode of a job that is being imported is not known before the engine told it.
func currentStatus(ctx context.Context, engine planwalk.Engine, model *ResourceModel) (status *provisioningv1.JobStatus, unread, err error) {
	id, run := model.ID.ValueString(), model.Run.ValueString()
	if run == runOnApply {
		status, unread = refreshed(ctx, engine, id)
		if unread == nil {
			return status, nil, nil
		}
	}
	answer, err := engine.Jobs.GetJob(ctx, connect.NewRequest(&provisioningv1.GetJobRequest{Id: id}))
	if err != nil {
		return nil, nil, err
	}
	status = answer.Msg.GetStatus()
	if run != "" || status.GetJob().GetRun() != runOnApply {
		return status, unread, nil
	}
	fresh, unread := refreshed(ctx, engine, id)
	if unread != nil {
		return status, unread, nil
	}
	return fresh, nil, nil
}

func refreshed(ctx context.Context, engine planwalk.Engine, id string) (*provisioningv1.JobStatus, error) {
	answer, err := engine.Jobs.RefreshJob(ctx, connect.NewRequest(&provisioningv1.RefreshJobRequest{Id: id}))
	if err != nil {
		return nil, err
	}
	return answer.Msg.GetStatus(), nil
}

func unreadable(id string, err error) diag.Diagnostic {
	cause := engineaccess.Failure("refresh", noun, id, err)
	return diag.NewWarningDiagnostic(fmt.Sprintf("Source of job %s cannot be read", id),
		"People who joined or left since the last apply are not known. The job and its accounts stay as they are.\n\n"+cause.Detail())
}

// gone reports whether an error means that the engine does not have the job. Other things can be "not found" as well:
// only the call that contacts nobody decides.
func gone(ctx context.Context, engine planwalk.Engine, id string, err error) bool {
	if !engineaccess.IsNotFound(err) {
		return false
	}
	_, err = engine.Jobs.GetJob(ctx, connect.NewRequest(&provisioningv1.GetJobRequest{Id: id}))
	return engineaccess.IsNotFound(err)
}
