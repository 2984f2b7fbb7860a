package job

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	notEmpty := []validator.String{stringvalidator.LengthAtLeast(1)}
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	ids := func(description string) schema.Attribute {
		return schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	attributes := map[string]schema.Attribute{
		"id":            schema.StringAttribute{Optional: true, Computed: true, Validators: notEmpty, MarkdownDescription: "`<app id>/<name>`. Give either this or `app_id`."},
		"app_id":        schema.StringAttribute{Optional: true, Computed: true, Validators: notEmpty, MarkdownDescription: "Id of the job's app."},
		"name":          schema.StringAttribute{Optional: true, Computed: true, Validators: notEmpty, MarkdownDescription: "Name of the job within its app. Default `main`."},
		"source_id":     text("Id of the source people and groups are read from."),
		"connection_id": text("Id of the connection to the app's endpoint."),

		"mapping_ids":        ids("Ids of the attribute mappings the job uses."),
		"scoping_filter_ids": ids("Ids of the scoping filters the job uses; null when there are none."),
		"assignment_ids":     ids("Ids of the app assignments the job uses; null when there are none."),

		"scope": text("Who is in scope before filters apply: `all` or `assigned`."),
		"nested_groups": schema.BoolAttribute{Computed: true,
			MarkdownDescription: "Whether people in groups inside an assigned group count as assigned."},
		"parameters": schema.MapAttribute{Computed: true, ElementType: types.StringType,
			MarkdownDescription: "Values of the parameters that expressions refer to as `%Name%`; null when there are none."},
		"state":        text("`started` or `paused`."),
		"run":          text("When cycles run: `on_apply` or `manual`."),
		"on_destroy":   text("What destroying the job does to its accounts: `keep`, `disable` or `delete`."),
		"on_unplanned": text("What happens at apply to accounts the plan did not show: `hold` or `fail`."),
		"skip_out_of_scope_deletions": schema.BoolAttribute{Computed: true,
			MarkdownDescription: "Whether accounts of people who go out of scope are left alone."},
		"drift": text("What becomes of accounts that somebody changed in the app itself: `ignore`, `report` or `repair`."),
		"log_retention_days": schema.Int64Attribute{Computed: true,
			MarkdownDescription: "Days that records of the provisioning log are kept."},
		"limits": limitsDataSource(),
	}
	for _, f := range observedFields() {
		attributes[f.name] = dataSourceAttribute(f)
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A committed provisioning job as the engine has it: its settings, status and last cycle. Reading it contacts " +
			"neither the source nor the app, and changes nothing.",
		Attributes: attributes,
	}
}

func dataSourceAttribute(f field) schema.Attribute {
	if nested := nestedFields(f.name); nested != nil {
		children := make(map[string]schema.Attribute, len(nested))
		for _, child := range nested {
			children[child.name] = dataSourceAttribute(child)
		}
		return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: f.description, Attributes: children}
	}
	if parts := elements(f.name); parts != nil {
		children := make(map[string]schema.Attribute, len(parts))
		for _, child := range parts {
			children[child.name] = dataSourceAttribute(child)
		}
		return schema.ListNestedAttribute{Computed: true, MarkdownDescription: f.description, NestedObject: schema.NestedAttributeObject{Attributes: children}}
	}
	switch f.kind {
	case types.Int64Type:
		return schema.Int64Attribute{Computed: true, MarkdownDescription: f.description}
	case types.BoolType:
		return schema.BoolAttribute{Computed: true, MarkdownDescription: f.description}
	case timetypes.RFC3339Type{}:
		return schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}, MarkdownDescription: f.description}
	default:
		return schema.StringAttribute{Computed: true, MarkdownDescription: f.description}
	}
}
