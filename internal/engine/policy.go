package engine

import (
	"fmt"
	"strings"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// policy is what the configuration asks for on one event, made ready.
type policy struct {
	job.DeprovisionRule
	constants []constant
}

// constant is a value to write, in canonical form.
type constant struct {
	attribute string
	value     directory.Value
	exact     bool
}

// Away is since when an object has been gone for a reason. The zero Away: it is not known to be.
type Away struct {
	Event Event
	Since time.Time
}

// policies makes the policies of a mapping ready.
func (c *compiler) policies() {
	for _, rule := range c.compiled.mapping.Deprovisioning {
		made := policy{DeprovisionRule: rule}
		for _, wanted := range rule.Attributes {
			if value, ok := c.constant(rule.Event, wanted); ok {
				made.constants = append(made.constants, value)
			}
		}
		if c.compiled.policies == nil {
			c.compiled.policies = map[Event]policy{}
		}
		c.compiled.policies[Event(rule.Event)] = made
	}
}

// constant checks that the target can hold the value. The attribute need not be mapped; where it is, it has the mapping's
// spelling, so that the mapping takes it back when the object returns.
func (c *compiler) constant(event job.DeprovisionEvent, wanted job.AttributeValue) (constant, bool) {
	mapping := c.compiled.mapping
	fail := func(format string, args ...any) (constant, bool) {
		c.problems = append(c.problems, directory.Errorf(directory.Invalid, "mapping %s, deprovisioning.%s, attribute %s: %w",
			mapping.ID(), event, wanted.Target, fmt.Errorf(format, args...)))
		return constant{}, false
	}
	listed := mapping.TargetAttribute(wanted.Target)
	switch {
	case contains(c.traits.Immutable, wanted.Target):
		return fail("the target chooses this attribute itself; remove it")
	case listed.Type == job.TypeReference || contains(c.traits.References[mapping.ObjectType], wanted.Target):
		return fail("a reference cannot be set to a constant; remove it")
	case mapping.ObjectType == directory.Group && c.traits.Members != "" && strings.EqualFold(wanted.Target, c.traits.Members):
		return fail("members cannot be set to a constant; remove it")
	}
	value, err := listed.Convert(directory.Text(wanted.Value))
	if err == nil {
		value, err = c.traits.canonical(mapping.ObjectType, wanted.Target, value)
	}
	if err != nil {
		return fail("the value cannot be used: %w", err)
	}
	made := constant{attribute: wanted.Target, value: value, exact: c.traits.exact(wanted.Target)}
	if listed.CaseExact != nil {
		made.exact = *listed.CaseExact
	}
	for i := range c.compiled.attributes {
		if job.SameTarget(c.compiled.attributes[i].Target, wanted.Target) {
			made.attribute = c.compiled.attributes[i].Target
		}
	}
	return made, true
}

// Delays reports whether accounts of an object type are deleted some time after they left: decisions about them depend on
// since when they are away.
func (p *Program) Delays(objectType directory.ObjectType) bool {
	if compiled := p.types[objectType]; compiled != nil {
		for _, made := range compiled.mapping.Deprovisioning {
			if made.AfterDays > 0 {
				return true
			}
		}
	}
	return false
}

// changes are the constants that an account does not hold already.
func (p policy) changes(held map[string]directory.Value) []Change {
	var changes []Change
	for _, c := range p.constants {
		if old := held[c.attribute]; !sameValue(old, c.value, c.exact) {
			changes = append(changes, Change{Attribute: c.attribute, Old: old, New: c.value})
		}
	}
	return changes
}

// due is when an account is deleted that has been away since then: whole days of 24 hours later.
func (p policy) due(since time.Time) time.Time {
	return since.Add(time.Duration(p.AfterDays) * 24 * time.Hour)
}

// describe says which policy applies, in the words of the configuration. The text is the same before a delayed delete is due
// and afterwards: what people decided about it holds as long as the reason is the same.
func (p policy) describe(since time.Time) string {
	text := "deprovisioning." + string(p.Event)
	switch p.Action {
	case job.DeprovisionNone:
		return "the account is left alone because " + text + " says so"
	case job.DeprovisionDisable:
		return text + " disables the account"
	case job.DeprovisionSetAttributes:
		targets := make([]string, len(p.constants))
		for i, c := range p.constants {
			targets[i] = c.attribute
		}
		return text + " sets " + strings.Join(targets, ", ")
	case job.DeprovisionDelete:
		if p.AfterDays > 0 {
			return fmt.Sprintf("%s deletes the account after %s, on %s", text, days(p.AfterDays), p.due(since).UTC().Format(time.DateOnly))
		}
	}
	return text + " deletes the account"
}

func days(n int64) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}
