package scimschema

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

func text(description string) schema.Attribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func yesNo(description string) schema.Attribute {
	return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
}

func number(description string) schema.Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description + " Null when the target does not say."}
}

func list(description string) schema.Attribute {
	return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
}

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "What the target behind a SCIM connection says about itself (its service provider configuration, resource types and " +
			"schemas), and what was found out about it while it was provisioned. Reading it asks the target and changes nothing there. A target that " +
			"cannot be reached from where Terraform runs is described as it described itself the last time, with a warning. Many targets describe " +
			"themselves in part or wrongly: `problems` says what is missing.",
		Attributes: map[string]schema.Attribute{
			"connection_id": schema.StringAttribute{Required: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				MarkdownDescription: "Id of the connection: `<app id>/<name>`."},
			"object_type": schema.StringAttribute{Optional: true, MarkdownDescription: "`user` or `group`: only attributes of this object type. Default: both.",
				Validators: []validator.String{stringvalidator.OneOf(string(directory.User), string(directory.Group))}},
			"remembered": yesNo("Whether the target could not be asked now, so that its last answer is shown."),
			"features": schema.SingleNestedAttribute{Computed: true, MarkdownDescription: "What the target announces; null when it announces nothing.",
				Attributes: features()},
			"attributes": schema.ListNestedAttribute{Computed: true,
				MarkdownDescription: "The attributes in the target's schemas, users before groups, sorted by path; empty when it publishes none.",
				NestedObject:        schema.NestedAttributeObject{Attributes: attribute()}},
			"problems": list("What is missing or wrong in the target's answers, one sentence each."),
			"learned": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "What was found out about the target, sorted by name; the same as `target_capabilities` of a job.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name":   text("What it is about."),
					"value":  text("How it is done now."),
					"reason": text("What the target did that taught it."),
				}}},
		},
	}
}

func features() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"patch":             yesNo("Whether it takes PATCH."),
		"bulk":              yesNo("Whether it takes several operations in one request."),
		"filter":            yesNo("Whether it searches."),
		"sort":              yesNo("Whether it sorts lists."),
		"etag":              yesNo("Whether it guards changes by version."),
		"change_password":   yesNo("Whether it lets passwords be changed."),
		"cursor_paging":     yesNo("Whether lists can be read by cursor."),
		"max_operations":    number("The most operations in one bulk request."),
		"max_payload_bytes": number("The largest bulk request, in bytes."),
		"max_results":       number("The most resources in one list."),
		"authentication":    list("Types of authentication, sorted."),
	}
}

func attribute() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"object_type":      text("`user` or `group`."),
		"path":             text("The attribute as a mapping names it, with its schema's URN where it is an extension's. Parts of an attribute are listed by themselves: `name.familyName`, `emails.value`."),
		"type":             text("`string`, `boolean`, `decimal`, `integer`, `dateTime`, `binary`, `reference` or `complex`."),
		"multi_valued":     yesNo("Whether it has several values."),
		"required":         yesNo("Whether an account must have a value."),
		"case_exact":       yesNo("Whether values differ by case."),
		"mutability":       text("`readOnly`, `readWrite`, `immutable` or `writeOnly`."),
		"uniqueness":       text("`none`, `server` or `global`."),
		"canonical_values": list("Values the target suggests, sorted."),
		"description":      text("The target's own words; null when it has none."),
	}
}
