package logs

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int32validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The engine's page sizes.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// The words of the log (engine.md 23). The provider may not import the engine's record; a test compares the lists.
func actions() []string {
	return []string{"create", "update", "delete", "stageddelete", "disable", "other"}
}
func statuses() []string    { return []string{"success", "warning", "failure", "skipped"} }
func objectTypes() []string { return []string{"user", "group"} }

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	filter := func(description string, validators ...validator.String) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: append(validators, stringvalidator.LengthAtLeast(1))}
	}
	words := func(description string, allowed []string) schema.Attribute {
		return schema.SetAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: description,
			Validators: []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.OneOf(allowed...))},
		}
	}
	bound := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, CustomType: timetypes.RFC3339Type{}, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The provisioning log of a job: what was done to whom, and why, oldest first. Reading it contacts neither the " +
			"source nor the app, and changes nothing. Records name people, and what is read here is kept in the state.",
		Attributes: map[string]schema.Attribute{
			"job_id": schema.StringAttribute{Required: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				MarkdownDescription: "Id of the job. The log of a destroyed job can be read until its records are too old."},
			"since":       bound("Records from this time on, such as `2026-01-31T12:00:00Z`."),
			"until":       bound("Records before this time."),
			"actions":     words("What was done: any of `create`, `update`, `delete`, `stageddelete` (a deprovisioning that was not carried out), `disable` and `other`. Default: all.", actions()),
			"statuses":    words("How it ended: any of `success`, `warning` (written, but something was left out), `failure` and `skipped`. Default: all.", statuses()),
			"object_type": filter("`user` or `group`. Default: both.", stringvalidator.OneOf(objectTypes()...)),
			"object":      filter("Source id or name of an object. It is compared exactly, with regard to case."),
			"cycle_id":    filter("Id of a cycle."),
			"change_id":   filter("Id of a change."),
			"error_code":  filter("An error code such as `DuplicateTargetEntries`. It is compared exactly, with regard to case."),
			"limit": schema.Int32Attribute{Optional: true, Validators: []validator.Int32{int32validator.Between(1, maxLimit)},
				MarkdownDescription: "The most records to return: the oldest of those that fit the filters. From 1 to 1000, default 100."},
			"details": schema.BoolAttribute{Optional: true,
				MarkdownDescription: "Whether to return `steps` and `modified_properties`, which hold values of people. Default `false`."},
			"truncated": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether there are more records than `limit`. Narrow the filters, or continue with `since`."},
			"records": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "The records, oldest first.",
				NestedObject: schema.NestedAttributeObject{Attributes: recordAttributes()}},
		},
	}
}

func computed(description string) schema.Attribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func recordAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"change_id":          computed("Id of the change."),
		"cycle_id":           computed("Id of the cycle the change belongs to; null for the end of a job."),
		"time":               schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}, MarkdownDescription: "When it was recorded, UTC."},
		"action":             computed("What was done."),
		"status":             computed("How it ended."),
		"object_type":        computed("`user` or `group`."),
		"source_id":          computed("Id of the object in the source."),
		"source_name":        computed("Value of the first matching attribute."),
		"target_id":          computed("Id of the account; null when there is none."),
		"error_code":         computed("What went wrong, or why nothing was done, as a stable code; null when neither is so."),
		"reason":             computed("The same in words."),
		"recommended_action": computed("What to do about the error code."),
		"duration_ms":        schema.Int64Attribute{Computed: true, MarkdownDescription: "How long the write took, in milliseconds; accounts that were written together share the time."},
		"initiated_by":       computed("`cycle`, `commit`, `on_demand` or `retirement` (the end of the job)."),
		"steps": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "How the decision came about; null without `details`.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"name":        computed("Name of the step."),
				"type":        computed("`import`, `scoping`, `matching`, `processing`, `referenceResolution` or `export`."),
				"status":      computed("How the step ended."),
				"description": computed("What was found."),
				"details":     schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Particulars, by name."},
			}}},
		"modified_properties": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "What was written; null without `details`. Values that a mapping hides with `Redact` are `[Redact]`.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"display_name": computed("Name of the target attribute."),
				"old_value":    computed("Value before; null when there was none or it is not known."),
				"new_value":    computed("Value written; null when the attribute was emptied."),
			}}},
	}
}
