package ondemand

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/engineaccess"
)

// runTimeout is the default of the timeouts attribute (terraform-conventions.md 9).
const runTimeout = 5 * time.Minute

// Resource is provisioning_on_demand.
type Resource struct{ walk *planwalk.Walk }

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// NewResource returns the resource. Its provider data is a *planwalk.Walk.
func NewResource() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_on_demand"
}

// Configure takes over the walk.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	walk, diags := engineaccess.Walk(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	r.walk = walk
}

// ImportState says that there is nothing to import.
func (r *Resource) ImportState(_ context.Context, _ resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.AddError("Cannot import provisioning on demand",
		"A run on demand leaves nothing behind that could be imported: accounts and links belong to the job, which can be imported, and the provisioning "+
			"log has the records. Write the resource into the configuration and apply; that provisions its subjects again, which changes nothing for those who are as they should be.")
}

// ModifyPlan keeps the results when nothing is run: other timeouts are no reason to provision anybody.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || req.State.Raw.IsNull() {
		return
	}
	var planned, prior resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &planned)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	if !resp.Diagnostics.HasError() && planned.sameRun(prior) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("results"), prior.Results)...)
	}
}

// Create runs.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := model.Timeouts.Create(ctx, runTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if r.run(ctx, &model, &resp.Diagnostics) {
		resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	}
}

// Read keeps what is known: results are those of the last run, and looking costs nobody anything.
func (r *Resource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update runs again, unless only the timeouts changed.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var model, prior resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := model.Timeouts.Update(ctx, runTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if model.sameRun(prior) || r.run(ctx, &model, &resp.Diagnostics) {
		resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	}
}

// Delete does nothing to anybody.
func (r *Resource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// run provisions the subjects and completes the model, or returns false after adding an error.
func (r *Resource) run(ctx context.Context, model *resourceModel, diags *diag.Diagnostics) bool {
	request, more := onDemandRequest(ctx, model.JobID, model.Subjects)
	diags.Append(more...)
	if diags.HasError() {
		return false
	}
	answer, ok := provision(ctx, r.walk, request, diags)
	if !ok {
		return false
	}
	diags.Append(model.fromAPI(answer)...)
	failed, warnings := told(request.GetJobId(), answer.GetResults())
	if failed != "" {
		diags.AddWarning(failedSummary, failed)
	}
	diags.Append(warnings...)
	return !diags.HasError()
}
