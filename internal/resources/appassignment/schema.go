package appassignment

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
)

func resourceSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A named set of users and groups of a source that are assigned to an app. Assignments count for jobs with " +
			"`scope = \"assigned\"`; somebody reached by several assignments stays in scope until the last one goes. " +
			"Nested groups are not expanded: only the direct members of an assigned group are reached.\n\n" +
			"An assignment is a draft and has no effect until a `provisioning_job` that refers to it is applied. " +
			"**On destroy** the draft is removed; a job keeps the assignment it has committed. **Replaced** when `app_id` or `name` change. " +
			"Removing somebody takes access away when the job is applied; the job's plan shows who.",
		Attributes: map[string]schema.Attribute{
			"app_id": draft.AppID(noun),
			"name":   draft.Name(noun),
			"user_ids": schema.SetAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Ids of the assigned users, as the source has them. At least one of `user_ids` and `group_ids` is needed.",
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
					setvalidator.AtLeastOneOf(path.MatchRoot("group_ids")),
				},
			},
			"group_ids": schema.SetAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Ids of the assigned groups, as the source has them. Their direct members are assigned too, unless the group has `securityEnabled` false: then they are skipped as `NotEffectivelyEntitled`.",
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
			},
		},
	}
}
