package engine

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// attribute is one attribute mapping, made ready.
type attribute struct {
	job.AttributeMapping
	// listed is what the attribute list says of the target.
	listed job.TargetAttribute
	// expression is nil for the mapping type None.
	expression *expression.Expression
	// reference is the source relation of a reference attribute (manager), or empty.
	reference string
	// lifecycle says that the expression reads IsSoftDeleted; onlyLifecycle, that it reads nothing else.
	lifecycle, onlyLifecycle bool
	redacted                 bool
	// exact says that a change of case alone is a change.
	exact bool
	// update says when an existing account receives the value.
	update updateRule
	// rank is the place among the matching attributes, from 1; 0 when it is none.
	rank int
	// clears says that an empty value clears the attribute: both switches are on (mappings-and-scoping.md 3.3).
	clears bool
	// replaces says that the target ends up with exactly the assigned roles, none included (mappings-and-scoping.md 9).
	replaces bool
	// fallback is the default in canonical form, null when there is none.
	fallback directory.Value
}

// updateRule says when an existing account receives a value: the flow types of mappings-and-scoping.md 4, with what else
// bears on them.
type updateRule uint8

const (
	// whenDifferent: Always.
	whenDifferent updateRule = iota
	// never: ObjectAddOnly, attributes that are Immutable, and defaults of attributes that are not mapped.
	never
	// whenEmpty: AttributeAddOnly and the mapping type None.
	whenEmpty
	// additions: MultiValueAddOnly, and AppRoleAssignmentsComplex whatever its flow type (section 9).
	additions
	// valueAdditions: ValueAddOnly. Lists only grow; a single value is replaced, and never cleared.
	valueAdditions
)

func ruleOf(a attribute) updateRule {
	switch {
	case a.FlowType == job.FlowObjectAddOnly, a.listed.Mutability == job.Immutable:
		return never
	case a.expression == nil:
		return whenEmpty
	case a.expression.Calls(job.RoleAdding), a.FlowType == job.FlowMultiValueAddOnly:
		return additions
	case a.FlowType == job.FlowAttributeAddOnly:
		return whenEmpty
	case a.FlowType == job.FlowValueAddOnly:
		return valueAdditions
	default:
		return whenDifferent
	}
}

// compiler makes the mapping of one object type ready.
type compiler struct {
	traits   Traits
	compiled *typeProgram
	problems []error
}

func (c *compiler) fail(target, format string, args ...any) {
	c.problems = append(c.problems, directory.Errorf(directory.Invalid, "mapping %s, attribute %s: %w", c.compiled.mapping.ID(), target, fmt.Errorf(format, args...)))
}

func (c *compiler) compile(filters []scope.Filter) error {
	mapping := c.compiled.mapping
	for _, mapped := range slices.Concat(mapping.Effective(), mapping.Implied()) {
		c.attribute(mapped)
	}
	c.required()
	slices.SortFunc(c.compiled.attributes, func(a, b attribute) int { return cmp.Compare(a.Target, b.Target) })
	slices.SortFunc(c.compiled.matching, func(a, b attribute) int {
		return cmp.Or(cmp.Compare(a.MatchingPrecedence, b.MatchingPrecedence), cmp.Compare(a.Target, b.Target))
	})
	for i := range c.compiled.attributes {
		same := func(a attribute) bool { return a.Target == c.compiled.attributes[i].Target }
		c.compiled.attributes[i].rank = slices.IndexFunc(c.compiled.matching, same) + 1
	}
	c.policies()
	set, err := scope.Compile(filters)
	if err != nil {
		c.problems = append(c.problems, directory.Errorf(directory.Invalid, "scoping filters of %s: %w", mapping.ID(), err))
	}
	c.compiled.scope = set
	return errors.Join(c.problems...)
}

func (c *compiler) attribute(mapped job.AttributeMapping) {
	mapping := c.compiled.mapping
	made := attribute{AttributeMapping: mapped, listed: mapping.TargetAttribute(mapped.Target), exact: c.traits.exact(mapped.Target)}
	if made.listed.CaseExact != nil {
		made.exact = *made.listed.CaseExact
	}
	if mapped.Expression != "" {
		parsed, err := expression.Parse(mapped.Expression)
		if err != nil {
			c.fail(mapped.Target, "%w", err)
			return
		}
		made.expression = parsed
		made.redacted = parsed.Redacted()
		made.replaces = parsed.Calls(job.RoleReplacing)
		made.clears = mapped.FlowNullValues && mapping.FlowsNull(parsed.Attributes())
	}
	if strings.EqualFold(mapped.Target, job.ObjectFilter) {
		c.compiled.filters = append(c.compiled.filters, made)
		return
	}
	made.update = ruleOf(made)
	if made.expression != nil {
		read := made.expression.Attributes()
		made.lifecycle = slices.Contains(read, directory.AttributeIsSoftDeleted)
		made.onlyLifecycle = made.lifecycle && len(read) == 1
	}
	if contains(c.traits.Immutable, mapped.Target) {
		c.fail(mapped.Target, "the target chooses this attribute itself; remove the mapping")
		return
	}
	if mapping.ObjectType == directory.Group && c.traits.Members != "" && strings.EqualFold(mapped.Target, c.traits.Members) {
		c.members(made)
		return
	}
	if made.listed.Type == job.TypeReference || contains(c.traits.References[mapping.ObjectType], mapped.Target) {
		if !c.reference(&made) {
			return
		}
	} else if !c.writable(&made) {
		return
	}
	c.compiled.softDeletedMapped = c.compiled.softDeletedMapped || made.lifecycle && made.update != never
	c.compiled.attributes = append(c.compiled.attributes, made)
	if mapped.MatchingPrecedence > 0 {
		c.compiled.matching = append(c.compiled.matching, made)
	}
}

func (c *compiler) members(made attribute) {
	if made.from() != directory.ReferenceMembers {
		c.fail(made.Target, "members can only be mapped from [%s]", directory.ReferenceMembers)
	}
	if made.MatchingPrecedence > 0 {
		c.fail(made.Target, "members cannot be a matching attribute")
	}
	c.compiled.members = true
}

// from returns the source attribute of a direct mapping, or "".
func (a *attribute) from() string {
	if a.expression == nil {
		return ""
	}
	name, _ := a.expression.IsAttribute()
	return name
}

func (c *compiler) reference(made *attribute) bool {
	switch {
	case made.from() != directory.ReferenceManager:
		c.fail(made.Target, "a reference can only be mapped from the source relation [%s]", directory.ReferenceManager)
	case made.MatchingPrecedence > 0:
		c.fail(made.Target, "a reference cannot be a matching attribute")
	case made.listed.Required:
		c.fail(made.Target, "a reference cannot be required: accounts are created before references are written")
	default:
		made.reference = directory.ReferenceManager
		return true
	}
	return false
}

// writable checks that the target can have the attribute at all, and makes its default ready.
func (c *compiler) writable(made *attribute) bool {
	objectType := c.compiled.mapping.ObjectType
	if _, err := c.traits.canonical(objectType, made.Target, directory.Text("")); err != nil && c.isPathProblem(made.Target) {
		if !c.compiled.mapping.Owns(made.Target) {
			err = fmt.Errorf("%w; exclude it from the preset", err)
		}
		c.fail(made.Target, "%w", err)
		return false
	}
	text := made.DefaultValue
	if (text == nil || *text == "") && made.listed.Required {
		text = made.listed.DefaultValue
	}
	if text == nil || *text == "" { // an empty default means none (mappings-and-scoping.md 3.1)
		return true
	}
	value, err := made.listed.Convert(directory.Text(*text))
	if err == nil {
		value, err = c.traits.canonical(objectType, made.Target, value)
	}
	if err != nil {
		c.fail(made.Target, "the default cannot be used: %w", err)
		return false
	}
	made.fallback = value
	return true
}

// required adds what every account needs and no mapping gives: the default of the attribute list, on create.
func (c *compiler) required() {
	for _, listed := range c.compiled.mapping.TargetAttributes {
		mapped := slices.ContainsFunc(c.compiled.attributes, func(a attribute) bool { return job.SameTarget(a.Target, listed.Name) })
		if !listed.Required || mapped {
			continue
		}
		made := attribute{AttributeMapping: job.AttributeMapping{Target: listed.Name, FlowType: job.FlowObjectAddOnly}, listed: listed, update: never}
		if c.writable(&made) {
			c.compiled.attributes = append(c.compiled.attributes, made)
		}
	}
}

// isPathProblem reports whether an attribute takes no value at all, be it text, boolean or integer.
func (c *compiler) isPathProblem(target string) bool {
	for _, value := range []directory.Value{directory.Text("x"), directory.Boolean(true), directory.Integer(1)} {
		if _, err := c.traits.canonical(c.compiled.mapping.ObjectType, target, value); err == nil {
			return false
		}
	}
	return true
}
