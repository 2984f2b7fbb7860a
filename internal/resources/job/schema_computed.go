package job

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/impact"
)

// field describes one computed value once, for the resource, the data source and the attribute types of models.
type field struct {
	name        string
	kind        attr.Type
	description string
}

// shared takes over fields that other Terraform objects show as well.
func shared(fields []impact.Field) []field {
	own := make([]field, len(fields))
	for i, f := range fields {
		own[i] = field{f.Name, f.Kind, f.Description}
	}
	return own
}

func destroyFields() []field {
	return []field{
		{"disable_count", types.Int64Type, "Number of accounts that destroying the job would disable."},
		{"delete_count", types.Int64Type, "Number of accounts that destroying the job would delete."},
		{"accounts_digest", types.StringType, "Digest over the complete list of these accounts."},
	}
}

func cycleFields() []field {
	return []field{
		{"id", types.StringType, "Id of the cycle."},
		{"full", types.BoolType, "Whether it looked at every object and not only at changed ones."},
		{"created_count", types.Int64Type, "Objects created."},
		{"updated_count", types.Int64Type, "Objects updated."},
		{"disabled_count", types.Int64Type, "Accounts disabled."},
		{"deleted_count", types.Int64Type, "Accounts deleted."},
		{"skipped_count", types.Int64Type, "Objects skipped."},
		{"failed_count", types.Int64Type, "Objects that failed and are in escrow."},
		{"held_count", types.Int64Type, "Accounts held because no plan had shown them."},
		{"memberships_added_count", types.Int64Type, "Group memberships added."},
		{"memberships_removed_count", types.Int64Type, "Group memberships removed."},
		{"imported_count", types.Int64Type, "Source objects looked at."},
		{"entitled_count", types.Int64Type, "Those of the imported objects that are in scope."},
		{"escrowed_count", types.Int64Type, "Failures stored to be tried again: of objects, references and memberships."},
		{"exported_count", types.Int64Type, "Objects written: created, updated, disabled and deleted."},
		{"started_at", timetypes.RFC3339Type{}, "When it started (RFC 3339, UTC)."},
		{"ended_at", timetypes.RFC3339Type{}, "When it ended (RFC 3339, UTC)."},
		{"failure", types.StringType, "Why it ended early; null when it did not."},
	}
}

func quarantineFields() []field {
	return []field{
		{"reason", types.StringType, "Why, in the words of Entra, for example `TooManyDeletes`."},
		{"error_code", types.StringType, "Code of the error behind it; null when there is none."},
		{"error_message", types.StringType, "What went wrong."},
		{"current_began", timetypes.RFC3339Type{}, "When it was last imposed (RFC 3339, UTC)."},
		{"series_began", timetypes.RFC3339Type{}, "When it was first imposed since the job was last well (RFC 3339, UTC)."},
		{"series_count", types.Int64Type, "How often it was found to last."},
		{"next_attempt", timetypes.RFC3339Type{}, "When the next cycle that nobody asks for may run (RFC 3339, UTC)."},
		{"ended", types.BoolType, "Whether no cycle runs any more until the job is started or applied."},
	}
}

// observedFields are what the engine reports of a job.
func observedFields() []field {
	return []field{
		{"destroy_impact", types.ObjectType{AttrTypes: attrTypes(destroyFields())}, "What destroying the job would do to its accounts now, by the applied `on_destroy`. Destroy plans show it in `before`."},
		{"managed_account_count", types.Int64Type, "Number of accounts the job manages."},
		{"desired_digest", types.StringType, "Digest of the committed configuration, with everything it refers to. A change of any of it is an update of the job."},
		{"status", types.StringType, "`not_run`, `active`, `paused` or `quarantine`."},
		{"quarantine_reason", types.StringType, "Why the job is in quarantine; null when it is not."},
		{"quarantine", types.ObjectType{AttrTypes: attrTypes(quarantineFields())}, "The quarantine the job is in; null when it is in none."},
		{"generation", types.Int64Type, "Number of the committed generation."},
		{"escrow_count", types.Int64Type, "Number of objects that failed and wait to be tried again."},
		{"held_count", types.Int64Type, "Number of accounts held because no plan has shown them yet."},
		{"staged_count", types.Int64Type, "Number of disables and deletes that wait, held ones included."},
		{"last_cycle", types.ObjectType{AttrTypes: attrTypes(cycleFields())}, "The last finished cycle; null before the first one."},
		capabilitiesField(),
	}
}

// previewFields exist on the resource only: they belong to a plan, or name accounts as far as preview_detail lets them.
func previewFields() []field {
	return []field{
		{"held_accounts", impact.ListOf(impact.Accounts()), "The first of the `held_count` accounts, at most 50, sorted; empty with `preview_detail = \"counts\"`. The next plan shows them in `planned_impact`."},
		{"planned_impact", types.ObjectType{AttrTypes: impact.Types(impact.Impact())}, "Who would lose access, or lost it in the last apply. Known in the plan, except while something the job refers to is not known yet."},
		{"planned_changes", types.ObjectType{AttrTypes: impact.Types(impact.Changes())}, "What gives or changes access. Not known in the plan that creates the job."},
	}
}

func attrTypes(fields []field) map[string]attr.Type {
	kinds := make(map[string]attr.Type, len(fields))
	for _, f := range fields {
		kinds[f.name] = f.kind
	}
	return kinds
}

// nestedFields returns the fields of a nested computed value, nil for a plain one.
func nestedFields(name string) []field {
	switch name {
	case "destroy_impact":
		return destroyFields()
	case "last_cycle":
		return cycleFields()
	case "quarantine":
		return quarantineFields()
	case "planned_impact":
		return shared(impact.Impact())
	case "planned_changes":
		return shared(impact.Changes())
	default:
		return nil
	}
}

func computedAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{Computed: true, MarkdownDescription: "`<app id>/<name>`."},
	}
	for _, f := range append(observedFields(), previewFields()...) {
		attributes[f.name] = computedAttribute(f)
	}
	return attributes
}

func computedAttribute(f field) schema.Attribute {
	if nested := nestedFields(f.name); nested != nil {
		return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: f.description, Attributes: computedChildren(nested)}
	}
	if _, list := f.kind.(types.ListType); list {
		return schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: f.description,
			NestedObject: schema.NestedAttributeObject{Attributes: computedChildren(elements(f.name))},
		}
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

func computedChildren(fields []field) map[string]schema.Attribute {
	children := make(map[string]schema.Attribute, len(fields))
	for _, f := range fields {
		children[f.name] = computedAttribute(f)
	}
	return children
}

// elements returns the fields of the objects in a list, nil for what is no list.
func elements(name string) []field {
	switch name {
	case "accounts", "held_accounts":
		return shared(impact.Accounts())
	case "groups":
		return shared(impact.Groups())
	case "causes":
		return shared(impact.Causes())
	case capabilitiesName:
		return capabilityFields()
	default:
		return nil
	}
}
