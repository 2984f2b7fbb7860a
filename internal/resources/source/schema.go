package source

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/validators"
)

const (
	formatJSON = "json"
	formatCSV  = "csv"
)

func resourceSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Where people and groups are read: a file. Like everything but the job, a source is a draft and " +
			"has no effect until a `provisioning_job` that refers to it is applied.\n\n" +
			"**On destroy** the draft is removed; no account is touched, and a job keeps the source it has committed. " +
			"**Replaced** when `key` changes. Pointing a job at another file may disable or delete accounts; the job's plan shows which.",
		Attributes: map[string]schema.Attribute{
			"key": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Key of the source, which is also its id: " + validators.KeyForm + ". Changing it replaces the source.",
				Validators:          []validator.String{validators.Key()},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"default_domain": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Default domain of the directory, for example `example.com`: the result of `DefaultDomain()` in expressions. " +
					"Without it, mappings that call `DefaultDomain()` fail. A change makes a job read and evaluate everybody again.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"file": schema.SingleNestedAttribute{
				Required:            true,
				MarkdownDescription: "Reads a JSON or CSV file on the machine where the engine runs. Nothing is provisioned from a file that does not parse whole.",
				Attributes: map[string]schema.Attribute{
					"path": schema.StringAttribute{
						Required: true,
						MarkdownDescription: "Path of the file. A relative path starts at the directory in which Terraform runs; " +
							"`${path.module}/people.json` is the usual form.",
						Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
					},
					"format": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "Format of the file, `json` or `csv`. Default: by the file's extension.",
						Validators:          []validator.String{stringvalidator.OneOf(formatJSON, formatCSV)},
					},
					"groups_column": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "Column of a CSV file that names a person's groups, separated by semicolons. Default `groups`.",
						Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
					},
				},
			},
		},
	}
}
