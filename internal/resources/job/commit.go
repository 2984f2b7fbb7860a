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
	"github.com/hashicorp/terraform-plugin-log/tflog"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/engineaccess"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/impact"
)

// Create commits the first generation. When that fails nothing is kept in the state, because Terraform would replace a
// tainted job, and replacing carries out on_destroy: the next apply resumes what the engine has.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model ResourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := model.Timeouts.Create(ctx, commitTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	status := r.commit(ctx, &model, &provisioningv1.CommitJobRequest{Create: true}, &resp.Diagnostics)
	if status == nil || resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, model.AppID.ValueString(), model.Name.ValueString())...)
	resp.Diagnostics.Append(r.pin(ctx, resp.Private, status)...)
}

// Update commits a new generation and carries out what is pending. A refused commit leaves the state as it was; a
// commit that ended in quarantine is in the state and an error.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var model ResourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	var pinned pin
	_, diags := load(ctx, req.Private, positionKey, &pinned)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := model.Timeouts.Update(ctx, commitTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	status := r.commit(ctx, &model, &provisioningv1.CommitJobRequest{Position: pinned.Position}, &resp.Diagnostics)
	if status == nil {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, model.AppID.ValueString(), model.Name.ValueString())...)
	resp.Diagnostics.Append(r.pin(ctx, resp.Private, status)...)
}

// pin remembers the position after a commit, for a plan with -refresh=false.
func (r *Resource) pin(ctx context.Context, private keyWriter, status *provisioningv1.JobStatus) diag.Diagnostics {
	return save(ctx, private, positionKey, pin{Position: status.GetPosition(), ReadAt: r.now().UTC()})
}

// commit sends what the plan showed, waits for the result and completes the model with it. The answer is nil when the
// engine refused or failed.
func (r *Resource) commit(ctx context.Context, model *ResourceModel, request *provisioningv1.CommitJobRequest, diags *diag.Diagnostics) *provisioningv1.JobStatus {
	engine, ok := r.engine(ctx, diags)
	if !ok {
		return nil
	}
	job, jobDiags := model.toAPI(ctx)
	diags.Append(jobDiags...)
	digest, digestDiags := approvedDigest(model.PlannedImpact)
	diags.Append(digestDiags...)
	if diags.HasError() {
		return nil
	}
	request.Job, request.AccountsDigest = job, digest
	if known := model.DesiredDigest; !known.IsUnknown() && !known.IsNull() {
		request.DesiredDigest = known.ValueStringPointer()
	}
	id := jobID(job.GetAppId(), job.GetName())
	var result *provisioningv1.CommitResult
	stream, err := engine.Jobs.CommitJob(ctx, connect.NewRequest(request))
	if err == nil {
		report := r.progress("Committing provisioning job", id)
		for stream.Receive() {
			report(ctx, stream.Msg().GetProgress())
			if received := stream.Msg().GetResult(); received != nil {
				result = received
			}
		}
		err = stream.Err()
		_ = stream.Close() // the stream has ended, there is nothing left to learn
	}
	switch {
	case err != nil:
		diags.Append(unnamed(engineaccess.Failure("commit", noun, id, err), model.PreviewDetail.ValueString()))
		return nil
	case result == nil:
		diags.Append(engineaccess.Bug("Cannot commit "+noun, fmt.Sprintf("The engine ended the commit of %q without a result.", id)))
		return nil
	}
	model.complete(id, result)
	diags.Append(model.outcome(id, result)...)
	return result.GetStatus()
}

// approvedDigest is the digest the plan showed, nil when the plan could not know the impact.
func approvedDigest(impact types.Object) (*string, diag.Diagnostics) {
	if impact.IsUnknown() || impact.IsNull() {
		return nil, nil
	}
	digest, ok := impact.Attributes()["accounts_digest"].(types.String)
	if !ok || digest.IsUnknown() {
		return nil, diag.Diagnostics{engineaccess.Bug("Cannot commit "+noun, "The planned impact has no digest.")}
	}
	return digest.ValueStringPointer(), nil
}

// complete fills in what the plan left unknown. Values that were planned stay as planned, as Terraform demands; should
// the engine have committed something else, the next Read shows it.
func (m *ResourceModel) complete(id string, result *provisioningv1.CommitResult) {
	plannedDigest := m.DesiredDigest
	m.ID = types.StringValue(id)
	m.observed.fromAPI(result.GetStatus())
	m.HeldAccounts = impact.AccountsValue(result.GetStatus().GetHeld(), m.PreviewDetail.ValueString())
	if !plannedDigest.IsUnknown() {
		m.DesiredDigest = plannedDigest
	}
	if m.PlannedImpact.IsUnknown() {
		m.PlannedImpact = impact.Value(result.GetExecuted(), m.PreviewDetail.ValueString(), basisApplied)
	}
	if m.PlannedChanges.IsUnknown() {
		var cycle *provisioningv1.Cycle
		if m.runsOnApply() {
			cycle = result.GetStatus().GetLastCycle()
		}
		m.PlannedChanges = impact.ChangesValue(carriedOut(cycle))
	}
}

// outcome says what the user should know about a finished commit.
func (m *ResourceModel) outcome(id string, result *provisioningv1.CommitResult) diag.Diagnostics {
	var diags diag.Diagnostics
	detail := m.PreviewDetail.ValueString()
	if n := result.GetHeldCount(); n > 0 {
		diags.AddWarning(fmt.Sprintf("Job %s held %s that the plan did not show", id, plural(n, "account")),
			"They would lose access now, but no plan has shown that yet, so they were left untouched. Run plan again: it shows them as "+
				"pending."+namedLines(result.GetHeld(), n, detail))
	}
	if n := result.GetFailureCount(); n > 0 {
		diags.AddWarning(fmt.Sprintf("Job %s could not provision %s", id, plural(n, "object")),
			"They are in escrow and are tried again by the next cycles; everything else was provisioned. escrow_count and last_cycle of "+
				"the job have the numbers, the engine's provisioning log has every attempt.\n\n"+failureLines(result.GetFailures(), detail))
	}
	diags.Append(remarks(id, result.GetWarnings(), m.PreviewDetail.ValueString())...)
	if status := result.GetStatus(); status.GetStatus() == statusQuarantine && m.runsOnApply() {
		diags.AddAttributeError(path.Root("status"), "Provisioning job is in quarantine",
			fmt.Sprintf("Job %s stopped itself: %s\n\nWhat it had done by then stays. Remove the cause and apply again.", id, status.GetQuarantineReason()))
	}
	return diags
}

// progress returns a function that logs progress, at most once a second.
func (r *Resource) progress(message, id string) func(context.Context, *provisioningv1.Progress) {
	var last time.Time
	return func(ctx context.Context, progress *provisioningv1.Progress) {
		now := r.now()
		if progress == nil || now.Sub(last) < time.Second {
			return
		}
		last = now
		tflog.Info(ctx, message, map[string]any{
			"job": id, "phase": progress.GetPhase(), "done": progress.GetDone(), "total": progress.GetTotal(),
			"objects_per_second": progress.GetObjectsPerSecond(), "eta_seconds": progress.GetEtaSeconds(),
		})
	}
}
