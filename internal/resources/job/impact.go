package job

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

// impactValue is the planned_impact of a preview. Names are left out when detail says so.
func impactValue(impact *provisioningv1.Impact, detail, basis string) types.Object {
	return types.ObjectValueMust(attrTypes(impactFields()), map[string]attr.Value{
		"disable_count":            types.Int64Value(impact.GetDisableCount()),
		"delete_count":             types.Int64Value(impact.GetDeleteCount()),
		"membership_removal_count": types.Int64Value(impact.GetMembershipRemovalCount()),
		"accounts_digest":          types.StringValue(impact.GetAccountsDigest()),
		"causes":                   causesValue(impact.GetCauses()),
		"group_count":              types.Int64Value(impact.GetGroupCount()),
		"groups":                   groupsValue(impact.GetGroups(), detail),
		"accounts":                 accountsValue(impact.GetAccounts(), detail),
		"accounts_truncated":       types.BoolValue(impact.GetAccountsTruncated()),
		"basis":                    types.StringValue(basis),
	})
}

// accountsValue names accounts, or nobody when detail says so.
func accountsValue(accounts []*provisioningv1.AffectedAccount, detail string) types.List {
	values := []attr.Value{}
	if detail != detailCounts {
		for _, account := range accounts {
			values = append(values, types.ObjectValueMust(attrTypes(accountFields()), map[string]attr.Value{
				"object_type": types.StringValue(account.GetObjectType()),
				"name":        types.StringValue(account.GetName()),
				"action":      types.StringValue(account.GetAction()),
				"reason":      types.StringValue(account.GetReason()),
				"cause":       types.StringValue(account.GetCause()),
				"origin":      types.StringValue(account.GetOrigin()),
			}))
		}
	}
	return types.ListValueMust(accountType(), values)
}

func groupsValue(groups []*provisioningv1.GroupImpact, detail string) types.List {
	values := []attr.Value{}
	if detail != detailCounts {
		for _, group := range groups {
			values = append(values, types.ObjectValueMust(attrTypes(groupFields()), map[string]attr.Value{
				"name": types.StringValue(group.GetName()), "removal_count": types.Int64Value(group.GetRemovalCount()),
			}))
		}
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: attrTypes(groupFields())}, values)
}

func causesValue(causes []*provisioningv1.CauseCount) types.List {
	values := []attr.Value{}
	for _, cause := range causes {
		values = append(values, types.ObjectValueMust(attrTypes(causeFields()), map[string]attr.Value{
			"action": types.StringValue(cause.GetAction()), "cause": types.StringValue(cause.GetCause()),
			"origin": types.StringValue(cause.GetOrigin()), "count": types.Int64Value(cause.GetCount()),
		}))
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: attrTypes(causeFields())}, values)
}
