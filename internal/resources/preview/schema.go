package preview

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/impact"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/validators"
)

const description = "What committing a job would do to accounts, without doing it: of the job as it is committed, or with some of its settings " +
	"changed (a what-if). It writes nothing to the app, commits nothing, and leaves drafts as they are. The source is read, and the app only if " +
	"the job looks for drift.\n\n" +
	"**When it is read.** Terraform reads it while planning only if every argument is known then and neither it nor its module depends on a resource " +
	"with pending changes; otherwise it waits until apply, and says nothing in the plan. So give it variables, locals and literal ids. It does not see " +
	"what the same plan is about to change: for that, read `planned_impact` of the job.\n\n" +
	"**Without a what-if** the committed configuration is previewed, and drafts stored since are not part of it. **With one**, the job is previewed as an apply " +
	"would commit it: with the drafts as they are stored now.\n\n" +
	"Names of accounts are personal data and are kept in the state; `preview_detail = \"counts\"` leaves them out."

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	notEmpty := stringvalidator.LengthAtLeast(1)
	ids := func(description string, atLeast int) schema.Attribute {
		return schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description,
			Validators: []validator.Set{setvalidator.SizeAtLeast(atLeast), setvalidator.ValueStringsAre(notEmpty)}}
	}
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"job_id":    schema.StringAttribute{Required: true, Validators: []validator.String{notEmpty}, MarkdownDescription: "Id of a job that exists, `<app id>/<name>`."},
			"source_id": schema.StringAttribute{Optional: true, Validators: []validator.String{notEmpty}, MarkdownDescription: "What if the job read this source. It has to exist."},
			"scope": schema.StringAttribute{Optional: true, MarkdownDescription: "What if these were in scope before filters: `all` or `assigned`.",
				Validators: []validator.String{stringvalidator.OneOf(string(scope.ModeAll), string(scope.ModeAssigned))}},
			"skip_out_of_scope_deletions": schema.BoolAttribute{Optional: true, MarkdownDescription: "What if accounts of people who go out of scope were left alone, or no longer were."},
			"parameters":                  schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "What if expressions had these parameters, and no others."},
			"limits":                      limitsSchema(),
			"mapping_ids":                 ids("What if the job used these attribute mappings, and no others.", 1),
			"scoping_filter_ids":          ids("What if the job used these scoping filters, and no others; `[]` for none.", 0),
			"assignment_ids":              ids("What if the job used these app assignments, and no others; `[]` for none.", 0),
			"scoping_filters":             filtersSchema(),
			"preview_detail": schema.StringAttribute{Optional: true, MarkdownDescription: "What is said of affected accounts: their `names`, or only `counts`. Default `names`.",
				Validators: []validator.String{stringvalidator.OneOf(impact.DetailNames, impact.DetailCounts)}},

			"planned_impact":  impact.ImpactAttribute("Who would lose access, as `planned_impact` of the job says."),
			"planned_changes": impact.ChangesAttribute("What gives or changes access, as `planned_changes` of the job says."),
			"limit_violations": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "The limits that would be exceeded; an apply would be refused.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"limit": text("Name of the limit, for example `max_disable` or `users.max_percent`."), "message": text("How many there would be, and how many may be."),
				}}},
			"managed_account_count": schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of accounts the job manages now."},
			"held_count":            schema.Int64Attribute{Computed: true, MarkdownDescription: "How many of the affected accounts are held since an earlier cycle."},
			"warnings":              schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "What a plan of the job would warn about, besides the impact."},
		},
	}
}

func limitsSchema() schema.Attribute {
	attributes := typeLimitsSchema()
	attributes["users"] = schema.SingleNestedAttribute{Optional: true, MarkdownDescription: "Limits for users alone.", Attributes: typeLimitsSchema()}
	attributes["groups"] = schema.SingleNestedAttribute{Optional: true, MarkdownDescription: "Limits for groups alone.", Attributes: typeLimitsSchema()}
	return schema.SingleNestedAttribute{Optional: true, MarkdownDescription: "What if the job had these limits, and no others.", Attributes: attributes,
		Validators: []validator.Object{validators.SaysSomething()}}
}

func typeLimitsSchema() map[string]schema.Attribute {
	count := func(description string) schema.Attribute {
		return schema.Int64Attribute{Optional: true, MarkdownDescription: description, Validators: []validator.Int64{int64validator.AtLeast(0)}}
	}
	return map[string]schema.Attribute{
		"max_disable":   count("Most that may be disabled."),
		"max_delete":    count("Most that may be deleted."),
		"percent_floor": count("`max_percent` is ignored while fewer are managed."),
		"max_percent": schema.Float64Attribute{Optional: true, MarkdownDescription: "Most that may be disabled or deleted together, as a percentage of those managed.",
			Validators: []validator.Float64{float64validator.Between(0, 100)}},
	}
}

func filtersSchema() schema.Attribute {
	operators := scope.Operators()
	names := make([]string, len(operators))
	for i, operator := range operators {
		names[i] = string(operator)
	}
	required := func(description string, rules ...validator.String) schema.Attribute {
		return schema.StringAttribute{Required: true, MarkdownDescription: description, Validators: rules}
	}
	return schema.ListNestedAttribute{
		Optional: true,
		MarkdownDescription: "What if the scoping filters of these names were like this. One that the job does not use is added. Nothing is stored. The meaning is that of " +
			"`provisioning_scoping_filter`.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name":        required("Name of the filter within the app of the job.", validators.Key()),
			"object_type": required("`user` or `group`.", stringvalidator.OneOf(string(directory.User), string(directory.Group))),
			"clauses": schema.ListNestedAttribute{Required: true, MarkdownDescription: "Clauses; all of them have to be true.",
				Validators: []validator.List{listvalidator.SizeAtLeast(1)},
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"attribute": required("Source attribute that is tested."),
					"operator":  required("Test that is made: `"+strings.Join(names, "`, `")+"`.", stringvalidator.OneOf(names...)),
					"value": schema.StringAttribute{Optional: true, MarkdownDescription: "Value the attribute is compared with.",
						Validators: []validator.String{stringvalidator.ConflictsWith(path.MatchRelative().AtParent().AtName("values"))}},
					"values": schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Several values, instead of `value`."},
				}}},
		}},
	}
}
