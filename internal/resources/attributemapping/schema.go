package attributemapping

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
)

// The target object actions, as the API spells them (configuration.proto, AttributeMapping.actions).
const (
	actionCreate = "create"
	actionUpdate = "update"
	actionDelete = "delete"
)

// schemaVersion counts the forms of the state. Version 0 knew no flow behaviour and no null flow (state_upgrade.go).
const schemaVersion = 1

func resourceSchema() schema.Schema {
	objectType := draft.ObjectType("mapped", "Changing it replaces the mapping.")
	objectType.PlanModifiers = []planmodifier.String{stringplanmodifier.RequiresReplace()}
	return schema.Schema{
		Version: schemaVersion,
		MarkdownDescription: "What the attributes of one object type of an app receive, and by which of them existing accounts are found. " +
			"The guide [Attribute mappings](../guides/attribute-mappings) is a tour of it.\n\n" +
			"A mapping is a draft and has no effect until a `provisioning_job` that refers to it is applied. " +
			"**On destroy** the draft is removed; a job keeps the mapping it has committed. **Replaced** when `app_id` or `object_type` change. " +
			"A changed mapping can update every account when the job is applied. What may be done to accounts is bounded by `actions`; " +
			"without a mapping of `active` to `IsSoftDeleted` nobody is ever disabled.",
		Attributes: map[string]schema.Attribute{
			"app_id":      draft.AppID(noun),
			"object_type": objectType,
			"enabled": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
				MarkdownDescription: "Whether objects of this type are provisioned. Only group mappings can be disabled. Default `true`.",
			},
			"actions": schema.SetAttribute{
				Optional:    true,
				Computed:    true,
				ElementType: types.StringType,
				Default: setdefault.StaticValue(types.SetValueMust(types.StringType, []attr.Value{
					types.StringValue(actionCreate), types.StringValue(actionUpdate), types.StringValue(actionDelete),
				})),
				MarkdownDescription: "What may be done to objects of the target: any of `create`, `update` (which includes disabling) and `delete`. Default all three.",
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.ValueStringsAre(stringvalidator.OneOf(actionCreate, actionUpdate, actionDelete)),
				},
			},
			"preset": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Table of default mappings to start from: " + alternatives(job.Presets()) + ". `template` is the table of the template " +
					"that the app names ([App templates](../guides/app-templates)). `attributes` overrides the table, target by target; " +
					"`exclude` leaves targets out. Default: none.",
				Validators: []validator.String{stringvalidator.OneOf(job.Presets()...)},
			},
			"exclude": schema.SetAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Target attributes of `preset` that are not mapped. Only together with `preset`. Default: none.",
				Validators:          []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.NoNullValues()},
			},
			"composite_matching": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
				MarkdownDescription: "Lets attributes share a `matching_precedence`: they are matched together, so an account has to hold the values of all of them. " +
					"Whoever has no value for one of them is not looked for by the others. Without it, a precedence that occurs twice is an error. " +
					"Microsoft Entra has no such thing. Default `false`.",
			},
			"attributes":        attributesAttribute(),
			"source_attributes": sourceAttributesAttribute(),
			"target_attributes": targetAttributesAttribute(),
			"deprovisioning":    deprovisioningAttribute(),
		},
	}
}
