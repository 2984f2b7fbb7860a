package ondemand

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

const description = `Provisions chosen people and groups at once, when it is applied: with a job whose cycles run elsewhere, or ` +
	`one that is paused, or to see what becomes of the first few people. Each goes through the steps of a cycle: import, scope, ` +
	`match, action; then references and memberships, as far as both ends have accounts. There is no limit to how many.

It runs when it is created, and again when ` + "`subjects` or `triggers`" + ` change. A plan contacts neither source nor application, so ` +
	"`results`" + ` are known after the apply. Somebody who fails is a warning and a result, and is tried again by the next cycle; to make it ` +
	`an error, write a postcondition on ` + "`results`" + `.

**On destroy** nothing happens: nobody is deprovisioned, and the job keeps what was provisioned.

**Replaced** when ` + "`job_id`" + ` changes, which runs it with the other job.

**Cannot disable or delete accounts.** Somebody who is out of scope, disabled or gone is staged and waits for approval; the next plan of the ` +
	`job shows it. Nobody is removed from a group.

**Cannot be imported.** A run leaves nothing behind that could be: accounts and links belong to the job. Write the resource and apply; ` +
	`that changes nothing for those who are as they should be.

On Terraform 1.14 and later the action of the same name does it without leaving anything in the state.`

const subjectsDescription = "Who is provisioned. A group brings all of its members that have accounts, and a person joins all of their groups that have " +
	"been provisioned; with both people and groups, memberships are written among these alone."

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: description, Attributes: map[string]schema.Attribute{
		"job_id": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Id of the job. Changing it replaces the resource.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
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
		"triggers": schema.MapAttribute{
			Optional:            true,
			ElementType:         types.StringType,
			MarkdownDescription: "Any values; when one of them changes, everybody is provisioned again.",
		},
		"results": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "What became of each subject when it last ran, sorted by object type and id.",
			NestedObject:        schema.NestedAttributeObject{Attributes: resultAttributes()},
		},
		"timeouts": timeoutsSchema(ctx),
	}}
}

func resultAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"object_type": text("`user` or `group`."),
		"id":          text("The id as it is given in `subjects`."),
		"result":      text("`success`, `skipped` or `failure`."),
		"action":      text("What was done: `create`, `update`, `stageddelete` for what waits for approval, or `other`."),
		"error_code":  text("Code of the failure or of the reason to skip, such as `DuplicateTargetEntries`."),
		"reason":      text("Why it was skipped or failed."),
		"target_id":   text("Id of the account in the application."),
	}
}

func timeoutsSchema(ctx context.Context) schema.Attribute {
	attribute := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, CreateDescription: "How long the run may take, for example `2m`. Default `5m`.",
		Update: true, UpdateDescription: "How long a run with other subjects or triggers may take. Default `5m`.",
	})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "How long operations may take before they fail."
		return nested
	}
	return attribute
}
