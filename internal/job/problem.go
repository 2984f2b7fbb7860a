package job

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// Problem is one thing that is wrong, or odd, with a mapping.
type Problem struct {
	// Target is the target attribute at fault, perhaps one of the preset; for the fields exclude, source_attributes and
	// target_attributes it is the name in that list, for deprovisioning the event. Empty: the mapping as a whole.
	Target string
	// Field is the setting at fault: target, expression, default_value, matching_precedence, flow_type, flow_behavior,
	// flow_null_values, preset, exclude, source_attributes, target_attributes, object_type, enabled, deprovisioning, composite_matching,
	// or empty.
	Field string
	// Message says what is wrong and what to do. It holds no attribute value.
	Message string
}

// The fields of problems.
const (
	fieldTarget         = "target"
	fieldExpression     = "expression"
	fieldDefault        = "default_value"
	fieldMatching       = "matching_precedence"
	fieldFlowType       = "flow_type"
	fieldFlowBehavior   = "flow_behavior"
	fieldFlowNull       = "flow_null_values"
	fieldPreset         = "preset"
	fieldExclude        = "exclude"
	fieldSource         = "source_attributes"
	fieldList           = "target_attributes"
	fieldObjectType     = "object_type"
	fieldEnabled        = "enabled"
	fieldDeprovisioning = "deprovisioning"
	fieldComposite      = "composite_matching"
)

// roleFunctions read app-role assignments (mappings-and-scoping.md 9).
func roleFunctions() []string {
	return []string{RoleSingle, RoleAdding, RoleReplacing}
}

// The role functions (expressions.md 4.7).
const (
	RoleSingle = "SingleAppRoleAssignment"
	// RoleAdding only ever adds roles on update.
	RoleAdding = "AppRoleAssignmentsComplex"
	// RoleReplacing leaves exactly the assigned roles.
	RoleReplacing = "AssertiveAppRoleAssignmentsComplex"
)

// AttributeRoles is the source attribute that only role functions can use.
const AttributeRoles = "appRoleAssignments"

// Problems returns everything that is wrong with the mapping by itself, sorted by target, field and message. The source,
// the target and the job have their own say later (engine.Compile, Definition.Validate).
func (m Mapping) Problems() []Problem {
	c := &checker{mapping: m}
	c.whole()
	c.lists()
	for _, attribute := range m.Effective() {
		c.attribute(attribute)
	}
	c.required()
	c.deprovisioning()
	return c.sorted()
}

// Validate reports everything that is wrong with a mapping (Problems).
func (m Mapping) Validate() error {
	problems := []error{ValidateKey("app key", m.AppKey)}
	for _, problem := range m.Problems() {
		subject := ""
		switch {
		case problem.Field == fieldDeprovisioning:
			subject = "deprovisioning." + problem.Target + ": "
		case problem.Target != "":
			subject = "attribute " + problem.Target + ": "
		}
		problems = append(problems, invalid("mapping %s: %s%s", m.ID(), subject, problem.Message))
	}
	return errors.Join(problems...)
}

// checker collects problems.
type checker struct {
	mapping  Mapping
	found    []Problem
	targets  []string       // mapped so far
	matching map[int]string // target by precedence
}

func (c *checker) add(target, field, format string, args ...any) {
	c.found = append(c.found, Problem{Target: target, Field: field, Message: fmt.Sprintf(format, args...)})
}

func (c *checker) sorted() []Problem {
	slices.SortFunc(c.found, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Target, b.Target), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(c.found)
}

// whole checks what is not about one attribute.
func (c *checker) whole() {
	m := c.mapping
	if !slices.Contains(directory.ObjectTypes(), m.ObjectType) {
		c.add("", fieldObjectType, "object type %q is not user or group", m.ObjectType)
	}
	if m.ObjectType == directory.User && !m.Enabled {
		c.add("", fieldEnabled, "a user mapping cannot be disabled; to stop provisioning users, pause the job or narrow a scoping filter")
	}
	table, known := m.table()
	if m.Preset != "" && !slices.Contains(Presets(), m.Preset) {
		c.add("", fieldPreset, "preset %q is not known; the presets are: %s", m.Preset, strings.Join(Presets(), ", "))
	}
	untabled := m.Preset == PresetTemplate && !known
	if untabled {
		c.add("", fieldPreset, "the app has no template with default mappings for %s objects; set template in its provisioning_app to one that has "+
			"(the command templates show lists what a template maps), use another preset, or write the attributes down", m.ObjectType)
	}
	for _, excluded := range m.Exclude {
		switch {
		case m.Preset == "":
			c.add(excluded, fieldExclude, "there is no preset to exclude it from; remove it, or set preset")
		case known && !slices.ContainsFunc(table, func(a AttributeMapping) bool { return SameTarget(a.Target, excluded) }):
			c.add(excluded, fieldExclude, "the preset %s maps no such attribute; remove it", m.Preset)
		}
	}
	if m.Enabled && !untabled && !slices.ContainsFunc(m.Effective(), func(a AttributeMapping) bool { return a.MatchingPrecedence > 0 }) {
		c.add("", fieldMatching, "no attribute has a matching precedence, so existing accounts could not be found and would be created again; "+
			"give the attribute that identifies an account matching_precedence = 1")
	}
}

// lists checks the attribute lists (mappings-and-scoping.md 6).
func (c *checker) lists() {
	var seen []string
	for _, source := range c.mapping.SourceAttributes {
		if source.Name == "" {
			c.add("", fieldSource, "a source attribute without a name; remove it")
		}
		if slices.Contains(seen, source.Name) {
			c.add(source.Name, fieldSource, "the source attribute is listed twice; remove one of them")
		}
		seen = append(seen, source.Name)
	}
	seen = nil
	for _, target := range c.mapping.TargetAttributes {
		if i := slices.IndexFunc(seen, func(other string) bool { return SameTarget(other, target.Name) }); i >= 0 {
			c.add(target.Name, fieldList, "the target attribute is listed twice, as %s too; names ignore case; remove one of them", seen[i])
		}
		seen = append(seen, target.Name)
		c.listed(target)
	}
}

func (c *checker) listed(target TargetAttribute) {
	if !validPath(target.Name) {
		c.add(target.Name, fieldList, "%s", pathProblem(target.Name))
	}
	if target.Type != "" && !slices.Contains(AttributeTypes(), target.Type) {
		c.add(target.Name, fieldList, "type %q is not known; use one of %s", target.Type, joined(AttributeTypes()))
	}
	if target.Mutability != "" && !slices.Contains(Mutabilities(), target.Mutability) {
		c.add(target.Name, fieldList, "mutability %q is not known; use one of %s", target.Mutability, joined(Mutabilities()))
	}
	if target.Required && target.Mutability == ReadOnly {
		c.add(target.Name, fieldList, "an attribute that is ReadOnly cannot be required: nothing could give it a value; remove one of the two")
	}
	if hasText(target.DefaultValue) {
		if _, err := target.Convert(directory.Text(*target.DefaultValue)); err != nil {
			c.add(target.Name, fieldList, "the default cannot be used: %v", err)
		}
	}
}

// required checks that what an account needs can have a value.
func (c *checker) required() {
	for _, target := range c.mapping.TargetAttributes {
		mapped := slices.ContainsFunc(c.targets, func(other string) bool { return SameTarget(other, target.Name) })
		if target.Required && !mapped && !hasText(target.DefaultValue) {
			c.add(target.Name, fieldList, "the attribute is required, but it is not mapped and has no default; map it, or set its default_value")
		}
	}
}

// attribute checks one mapping.
func (c *checker) attribute(a AttributeMapping) {
	c.target(a)
	if !slices.Contains(FlowTypes(), a.FlowType) {
		c.add(a.Target, fieldFlowType, "flow type %q is not known; use one of %s", a.FlowType, joined(FlowTypes()))
	}
	if a.FlowBehavior != "" && !slices.Contains(FlowBehaviors(), a.FlowBehavior) {
		c.add(a.Target, fieldFlowBehavior, "flow behavior %q is not known; use one of %s", a.FlowBehavior, joined(FlowBehaviors()))
	}
	if a.MatchingPrecedence < 0 {
		c.add(a.Target, fieldMatching, "matching precedence starts at 1; leave it out when the attribute is not for matching")
	}
	if a.MatchingPrecedence > 0 {
		c.precedence(a)
	}
	listed := c.mapping.TargetAttribute(a.Target)
	c.list(a, listed)
	if a.Expression == "" {
		c.none(a)
		return
	}
	parsed, err := expression.Parse(a.Expression)
	if err != nil {
		c.add(a.Target, fieldExpression, "%v", err)
		return
	}
	c.expression(a, parsed, listed)
}

func (c *checker) target(a AttributeMapping) {
	if problem := pathProblem(a.Target); problem != "" {
		c.add(a.Target, fieldTarget, "%s", problem)
	}
	if i := slices.IndexFunc(c.targets, func(other string) bool { return SameTarget(other, a.Target) }); i >= 0 {
		c.add(a.Target, fieldTarget, "the attribute is mapped twice, as %s too; names of target attributes ignore case; remove one of them", c.targets[i])
	}
	c.targets = append(c.targets, a.Target)
	if !strings.EqualFold(a.Target, ObjectFilter) {
		return
	}
	for field, set := range map[string]bool{fieldMatching: a.MatchingPrecedence > 0, fieldDefault: hasText(a.DefaultValue), fieldFlowNull: a.FlowNullValues} {
		if set {
			c.add(a.Target, field, "objectFilter only decides whether the object is left out (IgnoreObjectFlow) and is never written; remove %s", field)
		}
	}
}

// precedence checks that the order of matching attributes is known.
func (c *checker) precedence(a AttributeMapping) {
	if c.matching == nil {
		c.matching = map[int]string{}
	}
	first, taken := c.matching[a.MatchingPrecedence]
	if !taken {
		c.matching[a.MatchingPrecedence] = a.Target
		return
	}
	if c.mapping.CompositeMatching { // they are matched together
		return
	}
	// The preset cannot be edited: what is said about it is said where it can be changed.
	own, other := a.Target, first
	if !c.mapping.Owns(own) {
		own, other = other, own
	}
	c.add(own, fieldMatching, "%s has the same matching precedence %d, so the order in which they are tried is not known; give each its own number, or set composite_matching = true to match by all of them together",
		other, a.MatchingPrecedence)
}

// list checks a mapping against what the attribute list says of its target.
func (c *checker) list(a AttributeMapping, listed TargetAttribute) {
	switch listed.Mutability {
	case ReadOnly:
		c.add(a.Target, fieldTarget, "the target attribute is ReadOnly and cannot be mapped; %s", c.removal(a))
	case WriteOnly:
		if a.MatchingPrecedence > 0 {
			c.add(a.Target, fieldMatching, "the target attribute is WriteOnly: it cannot be read, so nothing matches it; match by another attribute")
		}
	case ReadWrite, Immutable:
	}
	if listed.Type == TypeReference && listed.Required {
		c.add(listed.Name, fieldList, "a Reference cannot be required: accounts are created before references are written; remove required")
	}
	if listed.Type == TypeBinary {
		c.add(a.Target, fieldTarget, "the target attribute has the type Binary, which is not provisioned; %s", c.removal(a))
	}
	// A filter picks one element, and each part of an element is a single value.
	single := listed.Multivalued != nil && !*listed.Multivalued || strings.Contains(a.Target, "[")
	if a.FlowType == FlowMultiValueAddOnly && single {
		c.add(a.Target, fieldFlowType, "MultiValueAddOnly is for attributes with several values, and this one has a single value; use Always or AttributeAddOnly")
	}
	if hasText(a.DefaultValue) {
		if _, err := listed.Convert(directory.Text(*a.DefaultValue)); err != nil {
			c.add(a.Target, fieldDefault, "the default cannot be used: %v", err)
		}
	}
	if a.FlowNullValues {
		c.flowNull(a, listed)
	}
}

// removal says how a mapping is removed: one of the preset is excluded.
func (c *checker) removal(a AttributeMapping) string {
	if c.mapping.Owns(a.Target) {
		return "remove the mapping"
	}
	return "add it to exclude"
}

// flowNull checks the second of the two switches (mappings-and-scoping.md 3.3).
func (c *checker) flowNull(a AttributeMapping, listed TargetAttribute) {
	for _, rule := range []struct {
		broken bool
		why    string
	}{
		{a.Expression == "", "there is no expression, so nothing can become empty"},
		{a.MatchingPrecedence > 0, "a matching attribute must keep its value"},
		{listed.Required, "a required attribute must keep its value"},
		{a.FlowType == FlowMultiValueAddOnly || listed.Multivalued != nil && *listed.Multivalued, "only attributes with a single value can be cleared"},
	} {
		if rule.broken {
			c.add(a.Target, fieldFlowNull, "%s; remove flow_null_values", rule.why)
		}
	}
}

// none checks a mapping without an expression.
func (c *checker) none(a AttributeMapping) {
	if strings.EqualFold(a.Target, ObjectFilter) {
		c.add(a.Target, fieldExpression, "objectFilter needs an expression that yields IgnoreObjectFlow for the objects to leave out")
		return
	}
	if !hasText(a.DefaultValue) {
		c.add(a.Target, fieldDefault, "a mapping without an expression leaves the target alone and needs a default_value for when it is empty; set it, or give an expression")
	}
	if a.MatchingPrecedence > 0 {
		c.add(a.Target, fieldMatching, "a mapping without an expression has no value to match by; give an expression")
	}
	if c.mapping.TargetAttribute(a.Target).Type == TypeReference {
		c.add(a.Target, fieldExpression, "the target attribute has the type Reference and can only be mapped from [%s]", directory.ReferenceManager)
	}
}

// expression checks what an expression may be used for (expressions.md 1.4, 4.6, 4.7).
func (c *checker) expression(a AttributeMapping, parsed *expression.Expression, listed TargetAttribute) {
	name, direct := parsed.IsAttribute()
	if direct && name == AttributeRoles {
		c.add(a.Target, fieldExpression, "[%s] cannot be mapped directly; use a role function: %s", AttributeRoles, strings.Join(roleFunctions(), ", "))
	}
	if listed.Type == TypeReference && (!direct || name != directory.ReferenceManager) && (name != directory.ReferenceMembers || c.mapping.ObjectType != directory.Group) {
		c.add(a.Target, fieldExpression, "the target attribute has the type Reference and can only be mapped from [%s]", directory.ReferenceManager)
	}
	if a.FlowNullValues && (parsed.Calls(RoleAdding) || parsed.Calls(RoleReplacing)) {
		c.add(a.Target, fieldFlowNull, "only attributes with a single value can be cleared; remove flow_null_values")
	}
	if parsed.SelectsUnique() {
		if a.FlowType != FlowObjectAddOnly {
			c.add(a.Target, fieldFlowType, "SelectUniqueValue chooses a value for a new account; set flow_type = %q", FlowObjectAddOnly)
		}
		if a.MatchingPrecedence > 0 {
			c.add(a.Target, fieldMatching, "SelectUniqueValue cannot be used for matching: it never gives a value that an account has; match by another attribute")
		}
		return
	}
	if a.MatchingPrecedence <= 0 {
		return
	}
	switch used := parsed.Attributes(); len(used) {
	case 1:
	case 0:
		c.add(a.Target, fieldExpression, "the expression of a matching attribute has to refer to exactly one source attribute, and this one refers to none: everybody would match the same account")
	default:
		c.add(a.Target, fieldExpression, "the expression of a matching attribute has to refer to exactly one source attribute, and this one refers to %s; "+
			"match by one of them, or give each a mapping with its own precedence", strings.Join(used, ", "))
	}
	if function, ok := parsed.Settles(); !ok {
		c.add(a.Target, fieldExpression, "%s gives another value every time, so nothing would ever match; match by something that stays", function)
	}
}

// hasText reports whether a default is set: an empty one means none (mappings-and-scoping.md 3.1).
func hasText(value *string) bool { return value != nil && *value != "" }

func quote(text string) string { return strconv.Quote(text) }

func joined[T ~string](names []T) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = string(name)
	}
	return strings.Join(texts, ", ")
}
