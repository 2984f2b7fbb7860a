package job

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

// capabilitiesName is what was found out about the target.
const capabilitiesName = "target_capabilities"

func capabilityFields() []field {
	return []field{
		{"name", types.StringType, "What it is about."},
		{"value", types.StringType, "How the target wants it."},
		{"reason", types.StringType, "What the target did that taught it."},
	}
}

func capabilityType() types.ObjectType {
	return types.ObjectType{AttrTypes: attrTypes(capabilityFields())}
}

func capabilitiesField() field {
	return field{capabilitiesName, types.ListType{ElemType: capabilityType()}, "What was found out about the target while it was provisioned: how it wants requests that " +
		"others take in another form. Sorted by name. It changes when a cycle or a connection test finds out more, and with it nothing else does."}
}

func capabilitiesValue(learned []*provisioningv1.TargetCapability) types.List {
	values := []attr.Value{}
	for _, fact := range learned {
		values = append(values, types.ObjectValueMust(attrTypes(capabilityFields()), map[string]attr.Value{
			"name": types.StringValue(fact.GetName()), "value": types.StringValue(fact.GetValue()), "reason": stringOrNull(fact.GetReason()),
		}))
	}
	return types.ListValueMust(capabilityType(), values)
}
