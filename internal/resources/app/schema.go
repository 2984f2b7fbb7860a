package app

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/validators"
)

func resourceSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "An application that receives accounts. Connections, mappings, filters and assignments refer to it.\n\n" +
			"**On destroy** the draft is removed; no account is touched, and a job keeps the app it has committed. " +
			"**Replaced** when `key` changes, together with everything that refers to it. It never disables or deletes accounts by itself.",
		Attributes: map[string]schema.Attribute{
			"key": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Key of the app, which is also its id and the first part of the ids of everything that belongs to it: " +
					validators.KeyForm + ". Changing it replaces the app.",
				Validators:    []validator.String{validators.Key()},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"display_name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name of the app for people, at most 256 characters. A change updates the app in place.",
				Validators:          []validator.String{stringvalidator.LengthBetween(1, 256)},
			},
			"template": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Key of a well-known product, for example `slack`. Mappings with `preset = \"template\"` take their table from it, and a " +
					"connection takes from it what it leaves unset. The guide [App templates](../guides/app-templates) lists the keys and what they stand for; " +
					"so does the data source `provisioning_app_templates`. A change updates the app in place, and shows in the plan of the job. Default: none.",
				Validators: []validator.String{validators.Template()},
			},
		},
	}
}
