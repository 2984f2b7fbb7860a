package job

import (
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// Warnings returns what is legal but hardly meant, sorted as Problems. A mapping with Problems may have misleading
// warnings: settle those first.
func (m Mapping) Warnings() []Problem {
	c := &checker{mapping: m}
	var cleared []string // source attributes that some mapping with the second switch reads
	for _, a := range m.Effective() {
		if a.FlowBehavior == FlowInEveryUpdate && a.FlowType == FlowObjectAddOnly {
			c.add(a.Target, fieldFlowBehavior, "the attribute is written on create only (flow_type %s), so flow_behavior %s changes nothing", a.FlowType, a.FlowBehavior)
		}
		if a.DefaultValue != nil && *a.DefaultValue == "" && a.Expression != "" {
			c.add(a.Target, fieldDefault, "an empty default means that there is none; remove it")
		}
		if listed := m.TargetAttribute(a.Target); hasText(listed.DefaultValue) && !listed.Required {
			c.add(listed.Name, fieldList, "the default is used for required attributes only, so it changes nothing; set required, or give the mapping the default_value")
		}
		if a.Expression == "" {
			continue
		}
		parsed, err := expression.Parse(a.Expression)
		if err != nil {
			continue
		}
		used := parsed.Attributes()
		if function, settles := parsed.Settles(); !settles && a.FlowType != FlowObjectAddOnly && a.FlowType != FlowAttributeAddOnly {
			c.add(a.Target, fieldExpression, "%s gives another value in every cycle: every plan shows an update of every account, and every cycle writes it; set flow_type = %q", function, FlowObjectAddOnly)
		}
		if a.FlowNullValues {
			cleared = append(cleared, used...)
			c.oneSwitch(a, used)
		}
	}
	for _, source := range m.SourceAttributes {
		if source.FlowNullValues && !slices.Contains(cleared, source.Name) {
			c.add(source.Name, fieldSource, "flow_null_values does nothing alone: no mapping that reads the attribute has it; set it there too, or remove it here")
		}
	}
	for _, excluded := range m.Exclude {
		if m.Owns(excluded) {
			c.add(excluded, fieldExclude, "the attribute is mapped nevertheless, which overrides the preset anyway; remove it from exclude")
		}
	}
	if m.CompositeMatching && !m.sharesPrecedence() {
		c.add("", fieldComposite, "no two attributes share a matching precedence, so nothing is matched together; give the attributes that "+
			"identify an account together the same matching_precedence, or remove composite_matching")
	}
	c.policyWarnings()
	return c.sorted()
}

// sharesPrecedence reports whether two attributes have the same matching precedence.
func (m Mapping) sharesPrecedence() bool {
	seen := map[int]bool{}
	for _, a := range m.Effective() {
		if a.MatchingPrecedence > 0 && seen[a.MatchingPrecedence] {
			return true
		}
		seen[a.MatchingPrecedence] = true
	}
	return false
}

// oneSwitch warns when the second switch is on and does nothing.
func (c *checker) oneSwitch(a AttributeMapping, used []string) {
	if len(used) == 0 {
		c.add(a.Target, fieldFlowNull, "the expression reads no source attribute, so flow_null_values does nothing; remove it")
	}
	for _, name := range used {
		if !c.mapping.FlowsNull([]string{name}) {
			c.add(a.Target, fieldFlowNull, "flow_null_values does nothing alone: source_attributes does not have it for %s; set it there too, or remove it here", name)
			return
		}
	}
	switch a.FlowType {
	case FlowObjectAddOnly, FlowValueAddOnly, FlowAttributeAddOnly:
		c.add(a.Target, fieldFlowNull, "with flow_type %s nothing is ever cleared; remove flow_null_values, or use %s", a.FlowType, FlowAlways)
	case FlowAlways, FlowMultiValueAddOnly:
	}
}
