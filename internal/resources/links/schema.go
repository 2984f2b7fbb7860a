package links

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int32validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// The engine's page sizes.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	notEmpty := stringvalidator.LengthAtLeast(1)
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The links of a job: which account belongs to whom, sorted by object type and source id. Reading them contacts neither " +
			"the source nor the app, and changes nothing. Links name people, and what is read here is kept in the state.",
		Attributes: map[string]schema.Attribute{
			"job_id": schema.StringAttribute{Required: true, Validators: []validator.String{notEmpty}, MarkdownDescription: "Id of the job."},
			"object_type": schema.StringAttribute{Optional: true, MarkdownDescription: "`user` or `group`. Default: both.",
				Validators: []validator.String{stringvalidator.OneOf(string(directory.User), string(directory.Group))}},
			"managed": schema.BoolAttribute{Optional: true, MarkdownDescription: "`true` for links that the job keeps up to date, `false` for those it has let go. Default: all."},
			"active":  schema.BoolAttribute{Optional: true, MarkdownDescription: "`true` for accounts last written as active, `false` for the others. Default: all."},
			"name_prefix": schema.StringAttribute{Optional: true, Validators: []validator.String{notEmpty},
				MarkdownDescription: "A beginning of the name, without regard to case."},
			"limit": schema.Int32Attribute{Optional: true, Validators: []validator.Int32{int32validator.Between(1, maxLimit)},
				MarkdownDescription: "The most links to return. From 1 to 1000, default 100."},
			"details": schema.BoolAttribute{Optional: true,
				MarkdownDescription: "Whether to return `exported_json`, which holds values of people. Default `false`."},
			"truncated": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether there are more links than `limit`. Narrow the filters to see them."},
			"links": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "The links.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"object_type": text("`user` or `group`."),
					"source_id":   text("Id of the object in the source."),
					"target_id":   text("Id of the account in the app."),
					"name":        text("Value of the first matching attribute."),
					"managed":     schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the job keeps the account up to date. It no longer does after the person left the scope."},
					"active":      schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the account was last written as active."},
					"linked_at":   schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}, MarkdownDescription: "When the link was made, UTC."},
					"exported_json": schema.StringAttribute{Computed: true,
						MarkdownDescription: "What was last written or read, as a JSON object by target attribute; null without `details`. Values that a mapping hides with `Redact` are `[Redact]`."},
				}}},
		},
	}
}
