package job

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// field describes one computed value once, for the resource, the data source and the attribute types of models.
type field struct {
	name        string
	kind        attr.Type
	description string
}

func accountType() types.ObjectType { return types.ObjectType{AttrTypes: attrTypes(accountFields())} }

func accountFields() []field {
	return []field{
		{"object_type", types.StringType, "`user` or `group`."},
		{"name", types.StringType, "Value of the matching attribute, and the group of a membership."},
		{"action", types.StringType, "`disable`, `delete` or `remove_membership`."},
		{"reason", types.StringType, "Why access is taken away, and what changed, for people."},
		{"cause", types.StringType, "What is the matter, for policies: `unassigned`, `filter`, `disabled_in_source`, `soft_deleted_in_source`, `deleted_in_source`, " +
			"`not_in_the_other_source`, `mapping`, `no_member_in_source`, `job_destroyed`."},
		{"origin", types.StringType, "What changed: the `configuration`, people in the `source`, the app itself (`target`, a repair of drift), a delayed delete that is " +
			"due (`schedule`), or nothing: it is `held` since an earlier cycle."},
	}
}

func groupFields() []field {
	return []field{
		{"name", types.StringType, "Name of the group."},
		{"removal_count", types.Int64Type, "Number of memberships it would lose."},
	}
}

func causeFields() []field {
	return []field{
		{"action", types.StringType, "`disable`, `delete` or `remove_membership`."},
		{"cause", types.StringType, "As of `accounts`."},
		{"origin", types.StringType, "As of `accounts`."},
		{"count", types.Int64Type, "How many."},
	}
}

// listOf is a list of objects with these fields.
func listOf(fields []field) types.ListType {
	return types.ListType{ElemType: types.ObjectType{AttrTypes: attrTypes(fields)}}
}

func impactFields() []field {
	return []field{
		{"disable_count", types.Int64Type, "Number of accounts that would be disabled."},
		{"delete_count", types.Int64Type, "Number of accounts that would be deleted."},
		{"membership_removal_count", types.Int64Type, "Number of group memberships that would be removed."},
		{"accounts_digest", types.StringType, "Digest over the complete list of affected accounts; empty before the first plan after an import."},
		{"causes", listOf(causeFields()), "How many lose access by which action and for which reason, complete, the most frequent first."},
		{"group_count", types.Int64Type, "Number of groups that would lose memberships."},
		{"groups", listOf(groupFields()), "Groups that would lose memberships, at most 20, the hardest hit first, then by name; empty with `preview_detail = \"counts\"`."},
		{"accounts", types.ListType{ElemType: accountType()}, "The affected accounts, at most 50, sorted; empty with `preview_detail = \"counts\"`."},
		{"accounts_truncated", types.BoolType, "Whether more accounts are affected than `accounts` names."},
		{"basis", types.StringType, "What the preview was computed on: `new job`, `pinned position` (the state of source and accounts that this plan read), or `newest data` when nothing is pinned. `applied`: the plan could not know the impact, this is what the apply did. `imported`: there was no plan yet."},
	}
}

func changesFields() []field {
	return []field{
		{"create_count", types.Int64Type, "Number of accounts and groups that would be created."},
		{"update_count", types.Int64Type, "Number of accounts and groups that would be updated."},
		{"membership_add_count", types.Int64Type, "Number of group memberships that would be added."},
		{"failure_count", types.Int64Type, "Number of objects that cannot be provisioned as they are."},
	}
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
		{"held_accounts", listOf(accountFields()), "The first of the `held_count` accounts, at most 50, sorted; empty with `preview_detail = \"counts\"`. The next plan shows them in `planned_impact`."},
		{"planned_impact", types.ObjectType{AttrTypes: attrTypes(impactFields())}, "Who would lose access, or lost it in the last apply. Known in the plan, except while something the job refers to is not known yet."},
		{"planned_changes", types.ObjectType{AttrTypes: attrTypes(changesFields())}, "What gives or changes access. Not known in the plan that creates the job."},
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
		return impactFields()
	case "planned_changes":
		return changesFields()
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
		return accountFields()
	case "groups":
		return groupFields()
	case "causes":
		return causeFields()
	case capabilitiesName:
		return capabilityFields()
	default:
		return nil
	}
}
