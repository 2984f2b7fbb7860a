package ondemand

import (
	"context"
	"fmt"
	"strings"
	"time"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/engineaccess"
)

// runTimeout is the default of the timeouts attribute (terraform-conventions.md 9).
const runTimeout = 5 * time.Minute

// maxNames is how many failures a warning names.
const maxNames = 10

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
	if r.walk == nil || !r.walk.Configured() {
		diags.AddError("Provider is not configured",
			"Nobody can be provisioned because the provider's configuration is not known. Apply first what it depends on.")
		return false
	}
	engine, err := r.walk.Engine(ctx)
	if err != nil {
		diags.Append(engineaccess.Unopened(err))
		return false
	}
	request, more := model.toAPI(ctx)
	diags.Append(more...)
	if diags.HasError() {
		return false
	}
	answer, err := engine.Operations.ProvisionOnDemand(ctx, connect.NewRequest(request))
	if err != nil {
		diags.Append(engineaccess.Failure("provision on demand with", "provisioning job", request.GetJobId(), err))
		return false
	}
	diags.Append(model.fromAPI(answer.Msg)...)
	diags.Append(warnings(request.GetJobId(), answer.Msg.GetResults())...)
	return !diags.HasError()
}

// warnings tell who failed, and who would have lost access.
func warnings(jobID string, results []*provisioningv1.OnDemandResult) diag.Diagnostics {
	var failed, staged []string
	for _, result := range results {
		line := fmt.Sprintf("%s %s: %s", result.GetSubject().GetObjectType(), result.GetSubject().GetId(), result.GetRecord().GetReason())
		switch {
		case result.GetResult() == "failure":
			failed = append(failed, line)
		case result.GetRecord().GetAction() == "stageddelete":
			staged = append(staged, line)
		}
	}
	var diags diag.Diagnostics
	if len(failed) > 0 {
		diags.AddWarning("Provisioning on demand failed for some",
			fmt.Sprintf("Job %s could not provision %d of %d. Who is in the source is tried again by the next cycle; results has the codes.\n\n%s",
				jobID, len(failed), len(results), lines(failed)))
	}
	if len(staged) > 0 {
		diags.AddWarning("Provisioning on demand takes no access away",
			fmt.Sprintf("Job %s would disable or delete %d of %d. They are staged and wait for approval; the next plan of the job shows them.\n\n%s",
				jobID, len(staged), len(results), lines(staged)))
	}
	return diags
}

func lines(all []string) string {
	if len(all) > maxNames {
		return strings.Join(all[:maxNames], "\n") + fmt.Sprintf("\nand %d more", len(all)-maxNames)
	}
	return strings.Join(all, "\n")
}
