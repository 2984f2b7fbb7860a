package attributemapping

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/validators"
)

// The target object actions, as the API spells them (configuration.proto, AttributeMapping.actions).
const (
	actionCreate = "create"
	actionUpdate = "update"
	actionDelete = "delete"
)

func resourceSchema() schema.Schema {
	objectType := draft.ObjectType("mapped", "Changing it replaces the mapping.")
	objectType.PlanModifiers = []planmodifier.String{stringplanmodifier.RequiresReplace()}
	return schema.Schema{
		MarkdownDescription: "What the attributes of one object type of an app receive, and by which of them existing accounts are found.\n\n" +
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
				Validators:          []validator.Bool{enabledForUsers{}},
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
			"attributes": attributesAttribute(),
		},
	}
}

func attributesAttribute() schema.Attribute {
	return schema.MapNestedAttribute{
		Required: true,
		MarkdownDescription: "What each target attribute receives, keyed by the attribute's path in the target: `userName`, `name.familyName`, " +
			"`emails[type eq \"work\"].value`, `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`. At least one " +
			"attribute needs a `matching_precedence`. `id`, `meta` and `schemas` cannot be mapped.",
		Validators: []validator.Map{
			mapvalidator.SizeAtLeast(1),
			mapvalidator.KeysAre(targetPath()),
			matching{},
		},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"expression": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Where the value comes from: a source attribute (`[userPrincipalName]`), a constant (`\"Contoso\"`), or an " +
					"expression (`Join(\" \", [givenName], [surname])`). It is checked by the engine's own parser when Terraform validates.",
				Validators: []validator.String{validators.Expression()},
			},
			"default_value": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Written when an account is created and the expression yields nothing. Not empty. Default: none.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"matching_precedence": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "Makes it a matching attribute, by which existing accounts are found; the lowest number is tried first. " +
					"1 or higher, each number once; the expression has to refer to exactly one source attribute. Default: not a matching attribute.",
				Validators: []validator.Int64{int64validator.Between(1, maxPrecedence)},
			},
			"flow_type": schema.StringAttribute{
				Optional: true,
				Computed: true,
				Default:  stringdefault.StaticString(string(job.FlowAlways)),
				MarkdownDescription: "When the attribute is written: `Always`, `ObjectAddOnly` (only when the account is created) or " +
					"`AttributeAddOnly` (only while the target has no value). Default `Always`.",
				Validators: []validator.String{stringvalidator.OneOf(flowTypes()...)},
			},
		}},
	}
}

// maxPrecedence keeps precedences within the API's 32 bits.
const maxPrecedence = 1000

func flowTypes() []string {
	var names []string
	for _, flow := range job.FlowTypes() {
		names = append(names, string(flow))
	}
	return names
}

// joined lists names for a message.
func joined(names []string) string { return `"` + strings.Join(names, `", "`) + `"` }
