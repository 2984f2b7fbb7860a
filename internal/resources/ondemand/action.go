package ondemand

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/engineaccess"
)

// maxProgress is how many subjects an action names one by one.
const maxProgress = 50

// Action is the action provisioning_on_demand, for Terraform 1.14 and later.
type Action struct{ walk *planwalk.Walk }

var (
	_ action.ActionWithConfigure      = (*Action)(nil)
	_ action.ActionWithValidateConfig = (*Action)(nil)
)

// NewAction returns the action. Its provider data is a *planwalk.Walk.
func NewAction() action.Action { return &Action{} }

// Metadata implements action.Action.
func (a *Action) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_on_demand"
}

// Configure takes over the walk.
func (a *Action) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	walk, diags := engineaccess.Walk(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	a.walk = walk
}

type actionModel struct {
	JobID    types.String `tfsdk:"job_id"`
	Subjects types.Set    `tfsdk:"subjects"`
	DryRun   types.Bool   `tfsdk:"dry_run"`
	Timeout  types.String `tfsdk:"timeout"`
}

const actionDescription = `Provisions chosen people and groups at once, each through the steps of a cycle: import, scope, match, action; then references and ` +
	`memberships, as far as both ends have accounts. Needs Terraform 1.14 or later; before, the resource ` + "`provisioning_on_demand`" + ` does the same.

Progress tells what became of each. Somebody who fails fails the action, after everybody else was provisioned, and is tried again by the next cycle.

**Cannot disable or delete accounts.** Somebody who is out of scope, disabled or gone is staged and waits for approval, which is a warning; the next ` +
	`plan of the job shows it. Nobody is removed from a group.`

// Schema implements action.Action.
func (a *Action) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: actionDescription, Attributes: map[string]schema.Attribute{
		"job_id": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Id of the job.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"subjects": schema.SetNestedAttribute{
			Required:            true,
			MarkdownDescription: subjectsDescription,
			Validators:          []validator.Set{setvalidator.SizeAtLeast(1)},
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"object_type": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "One of `user`, `group`; default `user`.",
					Validators:          []validator.String{stringvalidator.OneOf(string(directory.User), string(directory.Group))},
				},
				"id": schema.StringAttribute{
					Required:            true,
					MarkdownDescription: "Id in the source, or the value of the first matching attribute, such as `ann@example.com`.",
					Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				},
			}},
		},
		"dry_run": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Say what would be done, and do nothing to anybody; default `false`.",
		},
		"timeout": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "How long the run may take, for example `2m`. Default `5m`.",
		},
	}}
}

// ValidateConfig checks the timeout.
func (a *Action) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	var timeout types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("timeout"), &timeout)...)
	if timeout.IsNull() || timeout.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(timeout.ValueString()); err != nil || d <= 0 {
		resp.Diagnostics.AddAttributeError(path.Root("timeout"), "Invalid timeout", fmt.Sprintf("%q is no time that a run could take; write for example 90s or 5m.", timeout.ValueString()))
	}
}

// Invoke runs.
func (a *Action) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var model actionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout := runTimeout
	if d, err := time.ParseDuration(model.Timeout.ValueString()); err == nil {
		timeout = d
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, diags := onDemandRequest(ctx, model.JobID, model.Subjects)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	request.DryRun = model.DryRun.ValueBool()
	say := func(format string, args ...any) {
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(format, args...)})
	}
	say("provisioning %d on demand with job %s%s", len(request.GetSubjects()), request.GetJobId(), dryly(request))
	answer, ok := provision(ctx, a.walk, request, &resp.Diagnostics)
	if !ok {
		return
	}
	for i, result := range answer.GetResults() {
		if i == maxProgress {
			say("and %d more", len(answer.GetResults())-i)
			break
		}
		say("%s", progressOf(result))
	}
	failed, warnings := told(request.GetJobId(), answer.GetResults())
	resp.Diagnostics.Append(warnings...)
	if failed != "" {
		resp.Diagnostics.AddError(failedSummary, failed)
	}
}

func dryly(request *provisioningv1.ProvisionOnDemandRequest) string {
	if request.GetDryRun() {
		return " (dry run: nothing is written)"
	}
	return ""
}

// progressOf is one line about one subject.
func progressOf(result *provisioningv1.OnDemandResult) string {
	record := result.GetRecord()
	line := fmt.Sprintf("%s %s: %s, %s", result.GetSubject().GetObjectType(), result.GetSubject().GetId(), record.GetAction(), result.GetResult())
	if record.GetReason() != "" {
		line += ": " + record.GetReason()
	}
	return line
}
