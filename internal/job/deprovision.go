package job

import (
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// DeprovisionEvents lists the events that a mapping can have a policy for.
func DeprovisionEvents() []DeprovisionEvent {
	return []DeprovisionEvent{EventUnassigned, EventFilterFailed, EventDisabled, EventSoftDeleted, EventHardDeleted}
}

// DeprovisionActions lists what a policy can ask for.
func DeprovisionActions() []DeprovisionAction {
	return []DeprovisionAction{DeprovisionNone, DeprovisionDisable, DeprovisionSetAttributes, DeprovisionDelete}
}

// MaximumAfterDays is the longest time an account can wait for its deletion, in days.
const MaximumAfterDays = 3650

// deprovisioning checks the policies. What the target can hold is checked when it is known (engine.Compile).
func (c *checker) deprovisioning() {
	var seen []DeprovisionEvent
	for _, rule := range c.mapping.Deprovisioning {
		event := string(rule.Event)
		if !slices.Contains(DeprovisionEvents(), rule.Event) {
			c.add(event, fieldDeprovisioning, "event %q is not known; the events are: %s", event, joined(DeprovisionEvents()))
		}
		if slices.Contains(seen, rule.Event) {
			c.add(event, fieldDeprovisioning, "the event has two policies; remove one of them")
		}
		seen = append(seen, rule.Event)
		c.policy(event, rule)
		c.constants(event, rule)
	}
}

// policy checks what a policy asks for.
func (c *checker) policy(event string, rule DeprovisionRule) {
	m := c.mapping
	disable, write, del := rule.Action == DeprovisionDisable, rule.Action == DeprovisionSetAttributes, rule.Action == DeprovisionDelete
	for _, check := range []struct {
		broken bool
		why    string
	}{
		{rule.Action == "", "action is missing; it is one of " + joined(DeprovisionActions())},
		{rule.Action != "" && !slices.Contains(DeprovisionActions(), rule.Action), "action " + quote(string(rule.Action)) + " is not known; the actions are: " + joined(DeprovisionActions())},
		{disable && m.ObjectType == directory.Group, "a group cannot be disabled: it has nothing to switch off; use delete, set_attributes or none"},
		{disable && m.ObjectType != directory.Group && !m.disables(), "accounts cannot be disabled: no mapping reads [" + directory.AttributeIsSoftDeleted +
			"], so nothing is known that switches them off; map such an attribute, or use delete or set_attributes"},
		{(disable || write) && !m.Actions.Update, "actions does not have update, and " + string(rule.Action) + " is an update; add it, or use none"},
		{del && !m.Actions.Delete, "actions does not have delete; add it, or use another action"},
		{rule.AfterDays != 0 && !del, "after_days is for the action delete; remove it"},
		{rule.AfterDays < 0 || rule.AfterDays > MaximumAfterDays, "after_days is between 1 and 3650"},
		{write && len(rule.Attributes) == 0, "set_attributes needs attributes to set"},
		{!write && len(rule.Attributes) > 0, "attributes are for the action set_attributes; remove them"},
	} {
		if check.broken {
			c.add(event, fieldDeprovisioning, "%s", check.why)
		}
	}
}

// constants checks the attributes that a policy sets.
func (c *checker) constants(event string, rule DeprovisionRule) {
	var seen []string
	for _, set := range rule.Attributes {
		listed := c.mapping.TargetAttribute(set.Target)
		if problem := pathProblem(set.Target); problem != "" {
			c.add(event, fieldDeprovisioning, "%s", problem)
		}
		if i := slices.IndexFunc(seen, func(other string) bool { return SameTarget(other, set.Target) }); i >= 0 {
			c.add(event, fieldDeprovisioning, "%s is set twice, as %s too; remove one of them", set.Target, seen[i])
		}
		seen = append(seen, set.Target)
		if set.Value == "" {
			c.add(event, fieldDeprovisioning, "%s is set to nothing; give it a value", set.Target)
		}
		switch {
		case listed.Mutability == ReadOnly, listed.Mutability == Immutable:
			c.add(event, fieldDeprovisioning, "%s is %s and cannot be set; remove it", set.Target, listed.Mutability)
		case listed.Type == TypeBinary, listed.Type == TypeReference:
			c.add(event, fieldDeprovisioning, "%s has the type %s and cannot be set to a constant; remove it", set.Target, listed.Type)
		default:
			if _, err := listed.Convert(directory.Text(set.Value)); err != nil {
				c.add(event, fieldDeprovisioning, "%s: %v", set.Target, err)
			}
		}
	}
}

// policyWarnings warns of accounts that stay switched on although their people left.
func (c *checker) policyWarnings() {
	m := c.mapping
	if m.ObjectType != directory.User || m.disables() {
		return
	}
	var open []string
	for _, event := range DeprovisionEvents() {
		i := slices.IndexFunc(m.Deprovisioning, func(rule DeprovisionRule) bool { return rule.Event == event })
		switch {
		case i < 0 && event != EventHardDeleted:
			open = append(open, string(event))
		case i >= 0 && m.Deprovisioning[i].AfterDays > 0:
			c.add(string(event), fieldDeprovisioning, "no mapping reads [%s], so accounts stay switched on until they are deleted", directory.AttributeIsSoftDeleted)
		}
	}
	mapIt := "map active from " + `Switch([IsSoftDeleted], , "False", "True", "True", "False")`
	switch {
	case len(m.Deprovisioning) == 0:
		c.add("", "", "no mapping reads [%s], so nobody is ever disabled: whoever leaves keeps an active account; %s", directory.AttributeIsSoftDeleted, mapIt)
	case len(open) > 0:
		c.add("", "", "no mapping reads [%s], and deprovisioning says nothing about %s: whoever leaves so keeps an active account; %s",
			directory.AttributeIsSoftDeleted, strings.Join(open, ", "), mapIt)
	}
}

// disables reports whether some attribute of existing accounts depends on IsSoftDeleted.
func (m Mapping) disables() bool {
	for _, a := range m.Effective() {
		if a.FlowType == FlowObjectAddOnly || strings.EqualFold(a.Target, ObjectFilter) {
			continue
		}
		if parsed, err := expression.Parse(a.Expression); err == nil && slices.Contains(parsed.Attributes(), directory.AttributeIsSoftDeleted) {
			return true
		}
	}
	return false
}
