package attributemapping

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

func deprovisioningAttribute() schema.Attribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: "What becomes of the account of somebody who leaves, keyed by what happened: `unassigned`, `filter_failed` (a scoping " +
			"filter is not passed any more), `disabled` (in the source), `soft_deleted` or `hard_deleted`. Events that are not listed have the " +
			"[defaults](../guides/attribute-mappings#when-somebody-leaves). Whatever is listed here is planned, limited and held like any " +
			"other deprovisioning. `skip_out_of_scope_deletions` of the job goes before `unassigned` and `filter_failed`.",
		Validators: []validator.Map{
			mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues(),
			mapvalidator.KeysAre(stringvalidator.OneOf(names(job.DeprovisionEvents())...)),
		},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			// Required, but a schema that says so refuses policies that are not known yet: Mapping.Problems sees to it.
			"action": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Required. What is asked of the target: `none` (the account is left alone and stays managed), `disable` (what is mapped from " +
					"`[IsSoftDeleted]` is written), `set_attributes` (constants are written, which counts as disabling) or `delete`. " +
					"Groups cannot be disabled.",
				Validators: []validator.String{stringvalidator.OneOf(names(job.DeprovisionActions())...)},
			},
			"attributes": schema.MapAttribute{
				Optional:    true,
				ElementType: types.StringType,
				MarkdownDescription: "For `set_attributes`: what is written, keyed by the target attribute's path. The attributes need not be mapped; what is " +
					"not mapped keeps the value when the person returns. Not empty.",
				Validators: []validator.Map{
					mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues(), mapvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
			},
			"after_days": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "For `delete`: the account is disabled at once and deleted so many days after the engine first saw the event, unless the " +
					"person comes back. Plans show the disabling with its date, and the deletion when it is due. 1 to 3650. Default: deleted at once.",
				Validators: []validator.Int64{int64validator.Between(1, job.MaximumAfterDays)},
			},
		}},
	}
}
