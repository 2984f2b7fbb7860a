package impact

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Field describes one computed value once, for resources, data sources and the attribute types of models.
type Field struct {
	Name        string
	Kind        attr.Type
	Description string
}

// Types are the attribute types of fields.
func Types(fields []Field) map[string]attr.Type {
	kinds := make(map[string]attr.Type, len(fields))
	for _, f := range fields {
		kinds[f.Name] = f.Kind
	}
	return kinds
}

// AccountType is an account that loses access.
func AccountType() types.ObjectType { return types.ObjectType{AttrTypes: Types(Accounts())} }

// Accounts describes an account that loses access.
func Accounts() []Field {
	return []Field{
		{"object_type", types.StringType, "`user` or `group`."},
		{"name", types.StringType, "Value of the matching attribute, and the group of a membership."},
		{"member", types.StringType, "Who would leave the group, by the value of the matching attribute; null unless `action` is `remove_membership`."},
		{"action", types.StringType, "`disable`, `delete` or `remove_membership`."},
		{"reason", types.StringType, "Why access is taken away, and what changed, for people."},
		{"cause", types.StringType, "What is the matter, for policies: `unassigned`, `filter`, `disabled_in_source`, `soft_deleted_in_source`, `deleted_in_source`, " +
			"`not_in_the_other_source`, `mapping`, `no_member_in_source`, `job_destroyed`."},
		{"origin", types.StringType, "What changed: the `configuration`, people in the `source`, the app itself (`target`, a repair of drift), a delayed delete that is " +
			"due (`schedule`), or nothing: it is `held` since an earlier cycle."},
	}
}

// Groups describes a group that loses members.
func Groups() []Field {
	return []Field{
		{"name", types.StringType, "Name of the group."},
		{"removal_count", types.Int64Type, "Number of memberships it would lose."},
	}
}

// Causes describes how many lose access for which reason.
func Causes() []Field {
	return []Field{
		{"action", types.StringType, "`disable`, `delete` or `remove_membership`."},
		{"cause", types.StringType, "As of `accounts`."},
		{"origin", types.StringType, "As of `accounts`."},
		{"count", types.Int64Type, "How many."},
	}
}

// ListOf is a list of objects with these fields.
func ListOf(fields []Field) types.ListType {
	return types.ListType{ElemType: types.ObjectType{AttrTypes: Types(fields)}}
}

// Impact describes what takes access away.
func Impact() []Field {
	return []Field{
		{"disable_count", types.Int64Type, "Number of accounts that would be disabled."},
		{"delete_count", types.Int64Type, "Number of accounts that would be deleted."},
		{"membership_removal_count", types.Int64Type, "Number of group memberships that would be removed."},
		{"accounts_digest", types.StringType, "Digest over the complete list of affected accounts; empty before the first plan after an import."},
		{"causes", ListOf(Causes()), "How many lose access by which action and for which reason, complete, the most frequent first."},
		{"group_count", types.Int64Type, "Number of groups that would lose memberships."},
		{"groups", ListOf(Groups()), "Groups that would lose memberships, at most 20, the hardest hit first, then by name; empty with `preview_detail = \"counts\"`."},
		{"accounts", types.ListType{ElemType: AccountType()}, "The affected accounts, at most 50, sorted; empty with `preview_detail = \"counts\"`."},
		{"accounts_truncated", types.BoolType, "Whether more accounts are affected than `accounts` names."},
		{"basis", types.StringType, "What the preview was computed on: `new job`, `pinned position` (the state of source and accounts that this plan read), or `newest data` when nothing is pinned. `applied`: the plan could not know the impact, this is what the apply did. `imported`: there was no plan yet."},
	}
}

// Changes describes what gives or changes access.
func Changes() []Field {
	return []Field{
		{"create_count", types.Int64Type, "Number of accounts and groups that would be created."},
		{"update_count", types.Int64Type, "Number of accounts and groups that would be updated."},
		{"membership_add_count", types.Int64Type, "Number of group memberships that would be added."},
		{"failure_count", types.Int64Type, "Number of objects that cannot be provisioned as they are."},
	}
}
