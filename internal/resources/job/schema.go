package job

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	definition "github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/validators"
)

const resourceDescription = `A provisioning job: it binds a source, an app's connection, its mappings, filters and ` +
	`assignments, and is the **commit point** of all of them. Every other resource of this provider only writes a ` +
	`draft; drafts take effect when the job that refers to them is created or updated.

The plan says what the commit would do: ` + "`planned_impact`" + ` lists who would lose access, and a warning names them. ` +
	`With ` + "`run = \"on_apply\"`" + ` people who join, move or leave show up in the plan of an unchanged configuration.

**On destroy** the engine forgets the job. Its accounts stay as they are unless ` + "`on_destroy`" + ` was set to ` +
	"`disable` or `delete`" + ` in an earlier apply; the destroy plan shows the numbers.

**Replaced** when ` + "`app_id` or `name`" + ` change: the old job is destroyed with its own ` + "`on_destroy`" + `.

**Can disable or delete accounts**: any update of the job (a narrower filter, another mapping, scope or source, fewer ` +
	`assignments, people who left the source), and destroying it with ` + "`on_destroy`" + ` other than ` + "`keep`" + `. ` +
	"`limits`" + ` bound all of it, in the plan and again at apply. Accounts the plan did not show are never touched.`

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"app_id": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Id of the app that receives the accounts. Changing it replaces the job.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"name": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(defaultName),
			MarkdownDescription: "Name of the job within its app: " + validators.KeyForm + ". Default `main`. Changing it replaces the job.",
			Validators:          []validator.String{validators.Key()},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"source_id": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Id of the source people and groups are read from. Another source can take everybody out of scope.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"connection_id": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Id of the connection to the app's endpoint.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"mapping_ids": idSet(true, "Ids of the attribute mappings the job uses, at most one for each object type."),
		"scoping_filter_ids": idSet(false, "Ids of the scoping filters the job uses. Filters of one object type are ORed. "+
			"Without any filter for an object type, all of its objects are in scope."),
		"assignment_ids": idSet(false, "Ids of the app assignments the job uses; they decide who is in scope when `scope` is `assigned`."),
		"scope": choice(scopeAll, []string{scopeAll, scopeAssigned},
			"Who is in scope before filters apply: `all` people and groups of the source, or only those `assigned` to the app."),
		"nested_groups": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether people in groups inside an assigned group count as assigned, at any depth. Default `false`: only immediate " +
				"members of an assigned group do, which is what Entra does; it has no such option. The nested groups themselves are not provisioned " +
				"unless they are assigned. A nested group that is not security-enabled, and what is below it, does not count. Turning it off disables the accounts " +
				"of people who are assigned only through nested groups; the plan shows them.",
		},
		"parameters": schema.MapAttribute{
			Optional:    true,
			ElementType: types.StringType,
			MarkdownDescription: "Values of the parameters that the expressions of the mappings refer to as `%Name%`, by name without the percent signs. " +
				"A mapping that refers to a parameter that is not here is an error of the plan.",
			Validators: []validator.Map{
				mapvalidator.SizeAtLeast(1),
				mapvalidator.KeysAre(stringvalidator.RegexMatches(parameterName(), "must be the name of a parameter: letters, digits, dots, hyphens and underscores")),
				mapvalidator.NoNullValues(),
			},
		},
		"state": choice(stateStarted, []string{stateStarted, statePaused},
			"Whether the job runs: `started`, or `paused`, which commits changes of the configuration without provisioning anything."),
		"run": choice(runOnApply, []string{runOnApply, runManually},
			"When cycles run: `on_apply` runs one cycle in every apply and shows pending changes of the source in every plan; `manual` runs none."),
		"limits":     limitsSchema(),
		"on_destroy": choice(destroyKeep, []string{destroyKeep, destroyDisable, destroyDelete}, "What happens to the job's accounts when the job is destroyed or replaced: `keep` them as they are, `disable` or `delete` them. It must be applied before the job is destroyed."),
		"on_unplanned": choice(unplannedHold, []string{unplannedHold, unplannedFail},
			"What happens at apply to accounts whose disable or delete the plan did not show: `hold` leaves them untouched, names them in a warning and shows them in the next plan; `fail` refuses the whole apply."),
		"skip_out_of_scope_deletions": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether accounts of people who go out of scope are left alone instead of being disabled or deleted. Default `false`.",
		},
		"drift": choice(driftIgnore, []string{driftIgnore, driftReport, driftRepair},
			"What becomes of accounts that somebody changed, switched on or off, or deleted in the app itself: `ignore` does not look, which is what "+
				"Entra does; `report` compares the app with what was last written in every plan and every cycle, and warns; `repair` also puts right what differs, "+
				"shown in the plan, and in `planned_impact` where it takes access away. Both list all accounts of the app."),
		"log_retention_days": schema.Int64Attribute{
			Optional: true, Computed: true, Default: int64default.StaticInt64(definition.DefaultLogRetentionDays),
			MarkdownDescription: "Days that records of the provisioning log are kept, 1 or more; older ones are removed at the end of each cycle. Default `30`.",
			Validators:          []validator.Int64{int64validator.Between(1, definition.MaximumLogRetentionDays)},
		},
		"preview_detail": choice(detailNames, []string{detailNames, detailCounts},
			"What plans, state and warnings say about affected accounts: their `names` (personal data), or only `counts`."),
		"require_known_impact": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether a plan whose impact is not known before apply is an error instead of a warning. Default `false`.",
		},
		"restart":  restartSchema(),
		"timeouts": timeoutsSchema(ctx),
	}
	for name, attribute := range computedAttributes() {
		attributes[name] = attribute
	}
	resp.Schema = schema.Schema{MarkdownDescription: resourceDescription, Attributes: attributes}
}

func timeoutsSchema(ctx context.Context) schema.Attribute {
	attribute := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, Read: true, Update: true, Delete: true,
		CreateDescription: "How long the first cycle may take, for example `45m`. Default `20m`.",
		ReadDescription:   "How long reading the source may take, which every plan does. Default `5m`.",
		UpdateDescription: "How long a commit with its cycle may take. Default `20m`.",
		DeleteDescription: "How long carrying out `on_destroy` may take. Default `20m`.",
	})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "How long operations may take before they fail."
		return nested
	}
	return attribute
}

// choice is an optional attribute with a default and a closed set of values.
func choice(fallback string, allowed []string, description string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Computed: true, Default: stringdefault.StaticString(fallback),
		MarkdownDescription: fmt.Sprintf("%s One of `%s`; default `%s`.", description, strings.Join(allowed, "`, `"), fallback),
		Validators:          []validator.String{stringvalidator.OneOf(allowed...)},
	}
}

func idSet(required bool, description string) schema.SetAttribute {
	checks := []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))}
	if required {
		checks = append(checks, setvalidator.SizeAtLeast(1))
	}
	return schema.SetAttribute{
		ElementType: types.StringType,
		Required:    required, Optional: !required,
		MarkdownDescription: description,
		Validators:          checks,
	}
}
