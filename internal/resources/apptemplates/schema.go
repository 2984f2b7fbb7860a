package apptemplates

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/validators"
)

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Well-known products with a SCIM endpoint: what an app with a `template` takes from it. Every fact names its public source; what is not " +
			"known is null or missing. The guide [App templates](../guides/app-templates) shows the same. Nothing is contacted.",
		Attributes: map[string]schema.Attribute{
			"key": schema.StringAttribute{Optional: true, MarkdownDescription: "Key of the one template to return. Default: all.",
				Validators: []validator.String{validators.Template(), stringvalidator.ConflictsWith(path.MatchRoot("search"))}},
			"search": schema.StringAttribute{Optional: true, MarkdownDescription: "A text that the key, the name or the vendor contains, without regard to case. Default: all.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)}},
			"templates": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "The templates, sorted by key.",
				NestedObject: schema.NestedAttributeObject{Attributes: templateAttributes()}},
		},
	}
}

func templateAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"key":                 text("Key of the template."),
		"name":                text("Name of the product."),
		"vendor":              text("Who makes it."),
		"status":              text("`documented` when the addresses and the attributes are, otherwise `reported`."),
		"documentation":       texts("Where the vendor explains provisioning."),
		"base_urls":           texts("Forms of the endpoint's address; braces enclose what differs from customer to customer."),
		"authentication":      texts("Kinds of authentication that work: `bearer`, `client_credentials`, `basic`."),
		"profile":             text("Wire profile."),
		"requests_per_second": schema.Float64Attribute{Computed: true, MarkdownDescription: "Requests per second that are allowed for long."},
		"update_method":       text("`patch` or `put`."),
		"bulk":                schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether several changes fit into one request."},
		"members_per_patch":   schema.Int64Attribute{Computed: true, MarkdownDescription: "The most members that one request adds or removes."},
		"page_size":           schema.Int64Attribute{Computed: true, MarkdownDescription: "The most resources on one page of a list."},
		"user_attributes":     mapped("users"),
		"group_attributes":    mapped("groups"),
		"facts": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "Every fact in words.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"subject": text("What it is about, for example `users: delete`."),
				"value":   text("The value."),
				"note":    text("What qualifies it, or null."),
				"source":  text("Name of the source."),
			}}},
		"sources": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "Where the facts come from, sorted by name.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"name":   text("Name of the source."),
				"url":    text("Where it can be read."),
				"dated":  text("The date it carries (`YYYY-MM-DD`), or null."),
				"status": text("`documented` when a vendor says so, otherwise `reported`."),
			}}},
	}
}

func text(description string) schema.Attribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func texts(description string) schema.Attribute {
	return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
}

func mapped(objects string) schema.Attribute {
	return schema.MapNestedAttribute{Computed: true, MarkdownDescription: "Default mapping of " + objects + ", by target attribute; null when there is none.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"expression":          text("What the attribute receives."),
			"matching_precedence": schema.Int64Attribute{Computed: true, MarkdownDescription: "Matching precedence, or null."},
		}}}
}
