package impact

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

// What preview_detail says about affected accounts.
const (
	DetailNames  = "names"
	DetailCounts = "counts"
)

// Value is the planned_impact of a preview. Names are left out when detail says so.
func Value(impact *provisioningv1.Impact, detail, basis string) types.Object {
	return types.ObjectValueMust(Types(Impact()), map[string]attr.Value{
		"disable_count":            types.Int64Value(impact.GetDisableCount()),
		"delete_count":             types.Int64Value(impact.GetDeleteCount()),
		"membership_removal_count": types.Int64Value(impact.GetMembershipRemovalCount()),
		"accounts_digest":          types.StringValue(impact.GetAccountsDigest()),
		"causes":                   causesValue(impact.GetCauses()),
		"group_count":              types.Int64Value(impact.GetGroupCount()),
		"groups":                   groupsValue(impact.GetGroups(), detail),
		"accounts":                 AccountsValue(impact.GetAccounts(), detail),
		"accounts_truncated":       types.BoolValue(impact.GetAccountsTruncated()),
		"basis":                    types.StringValue(basis),
	})
}

// AccountsValue names accounts, or nobody when detail says so.
func AccountsValue(accounts []*provisioningv1.AffectedAccount, detail string) types.List {
	values := []attr.Value{}
	if detail != DetailCounts {
		for _, account := range accounts {
			values = append(values, types.ObjectValueMust(Types(Accounts()), map[string]attr.Value{
				"object_type": types.StringValue(account.GetObjectType()),
				"name":        types.StringValue(account.GetName()),
				"member":      memberValue(account),
				"action":      types.StringValue(account.GetAction()),
				"reason":      types.StringValue(account.GetReason()),
				"cause":       types.StringValue(account.GetCause()),
				"origin":      types.StringValue(account.GetOrigin()),
			}))
		}
	}
	return types.ListValueMust(AccountType(), values)
}

// memberValue is who leaves a group; null for an account of its own.
func memberValue(account *provisioningv1.AffectedAccount) types.String {
	if account.GetMemberName() == "" {
		return types.StringNull()
	}
	return types.StringValue(account.GetMemberName())
}

func groupsValue(groups []*provisioningv1.GroupImpact, detail string) types.List {
	values := []attr.Value{}
	if detail != DetailCounts {
		for _, group := range groups {
			values = append(values, types.ObjectValueMust(Types(Groups()), map[string]attr.Value{
				"name": types.StringValue(group.GetName()), "removal_count": types.Int64Value(group.GetRemovalCount()),
			}))
		}
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: Types(Groups())}, values)
}

func causesValue(causes []*provisioningv1.CauseCount) types.List {
	values := []attr.Value{}
	for _, cause := range causes {
		values = append(values, types.ObjectValueMust(Types(Causes()), map[string]attr.Value{
			"action": types.StringValue(cause.GetAction()), "cause": types.StringValue(cause.GetCause()),
			"origin": types.StringValue(cause.GetOrigin()), "count": types.Int64Value(cause.GetCount()),
		}))
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: Types(Causes())}, values)
}

// ChangesValue is the planned_changes of a preview.
func ChangesValue(changes *provisioningv1.Changes) types.Object {
	return types.ObjectValueMust(Types(Changes()), map[string]attr.Value{
		"create_count":         types.Int64Value(changes.GetCreateCount()),
		"update_count":         types.Int64Value(changes.GetUpdateCount()),
		"membership_add_count": types.Int64Value(changes.GetMembershipAddCount()),
		"failure_count":        types.Int64Value(changes.GetFailureCount()),
	})
}
