package job

import (
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// roleType is the fixed type of every role that comes from an app-role assignment (mappings-and-scoping.md 9.1).
const roleType = "WindowsAzureActiveDirectoryRole"

const (
	elementValue = "].value"
	elementType  = "].type"
)

// Implied returns the mappings that follow from Effective and stand in no configuration, sorted by target: the type of the
// role that SingleAppRoleAssignment writes into one element, such as roles[primary eq "True"].value. Whoever maps the type
// himself decides about it.
func (m Mapping) Implied() []AttributeMapping {
	effective := m.Effective()
	var implied []AttributeMapping
	for _, a := range effective {
		element, found := strings.CutSuffix(a.Target, elementValue)
		parsed, err := expression.Parse(a.Expression)
		if !found || err != nil || !parsed.Calls(RoleSingle) {
			continue
		}
		target := element + elementType
		if slices.ContainsFunc(effective, func(other AttributeMapping) bool { return SameTarget(other.Target, target) }) {
			continue
		}
		implied = append(implied, AttributeMapping{
			Target: target, Expression: "IIF(IsPresent(" + a.Expression + "), " + expression.Quote(roleType) + ", IgnoreAttributeFlow)",
			FlowType: a.FlowType, FlowBehavior: FlowWhenChanged,
		})
	}
	sortMappings(implied)
	return implied
}
