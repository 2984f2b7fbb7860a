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

// Traits are what the decisions need to know of the target. They come from the connector, without asking the target.
type Traits struct {
	// ActiveAttribute turns an account on and off; empty when there is no such attribute.
	ActiveAttribute string
	// Immutable attributes cannot be mapped.
	Immutable []string
	// Exact are the attributes whose values are compared with regard to case.
	Exact []string
	// References are the attributes that hold another account's anchor, by object type.
	References map[directory.ObjectType][]string
	// Members is the attribute that holds a group's members; empty when groups have none.
	Members string
	// Canonical gives the form in which the target keeps a value. It is pure.
	Canonical func(directory.ObjectType, string, directory.Value) (directory.Value, error)
}

// Program is a definition made ready for evaluation: expressions parsed, filters compiled, attributes ordered. It is
// compiled once per generation and is safe for concurrent use.
type Program struct {
	definition job.Definition
	traits     Traits
	types      map[directory.ObjectType]*typeProgram
}

type typeProgram struct {
	mapping    job.Mapping
	attributes []attribute // sorted by target
	matching   []attribute // sorted by precedence
	scope      *scope.Set
	// softDeletedMapped says that some attribute depends on IsSoftDeleted.
	softDeletedMapped bool
	members           bool
}

type attribute struct {
	job.AttributeMapping
	expression *expression.Expression
	// reference is the source relation of a reference attribute (manager), or empty.
	reference string
	// lifecycle says that the expression reads IsSoftDeleted.
	lifecycle bool
}

// Compile makes a definition ready for evaluation. The error joins every problem found, each an Invalid error that
// names the object at fault.
func Compile(definition job.Definition, traits Traits) (*Program, error) {
	program := &Program{definition: definition, traits: traits, types: map[directory.ObjectType]*typeProgram{}}
	var problems []error
	for _, mapping := range definition.Mappings {
		if !mapping.Enabled {
			continue
		}
		compiled, err := compileType(definition, mapping, traits)
		problems = append(problems, err)
		program.types[mapping.ObjectType] = compiled
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return program, nil
}

func compileType(definition job.Definition, mapping job.Mapping, traits Traits) (*typeProgram, error) {
	compiled := &typeProgram{mapping: mapping}
	var problems []error
	fail := func(target, format string, args ...any) {
		problems = append(problems, directory.Errorf(directory.Invalid, "mapping %s, attribute %s: %w", mapping.ID(), target, fmt.Errorf(format, args...)))
	}
	for _, mapped := range mapping.Attributes {
		parsed, err := expression.Parse(mapped.Expression)
		if err != nil {
			fail(mapped.Target, "%w", err)
			continue
		}
		if slices.ContainsFunc(traits.Immutable, func(name string) bool { return strings.EqualFold(name, mapped.Target) }) {
			fail(mapped.Target, "the target chooses this attribute itself; remove the mapping")
			continue
		}
		if mapping.ObjectType == directory.Group && traits.Members != "" && strings.EqualFold(mapped.Target, traits.Members) {
			if name, ok := parsed.IsAttribute(); !ok || name != directory.ReferenceMembers {
				fail(mapped.Target, "members can only be mapped from [%s]", directory.ReferenceMembers)
			}
			if mapped.MatchingPrecedence > 0 {
				fail(mapped.Target, "members cannot be a matching attribute")
			}
			compiled.members = true
			continue
		}
		compiledAttribute := attribute{AttributeMapping: mapped, expression: parsed}
		compiledAttribute.lifecycle = slices.Contains(parsed.Attributes(), directory.AttributeIsSoftDeleted)
		if slices.ContainsFunc(traits.References[mapping.ObjectType], func(name string) bool { return strings.EqualFold(name, mapped.Target) }) {
			name, ok := parsed.IsAttribute()
			if !ok || name != directory.ReferenceManager {
				fail(mapped.Target, "a reference can only be mapped from the source relation [%s]", directory.ReferenceManager)
				continue
			}
			if mapped.MatchingPrecedence > 0 {
				fail(mapped.Target, "a reference cannot be a matching attribute")
				continue
			}
			compiledAttribute.reference = name
		} else if _, err := canonical(traits, mapping.ObjectType, mapped.Target, directory.Text("")); err != nil && isPathProblem(traits, mapping.ObjectType, mapped.Target) {
			fail(mapped.Target, "%w", err)
			continue
		}
		compiled.softDeletedMapped = compiled.softDeletedMapped || compiledAttribute.lifecycle
		compiled.attributes = append(compiled.attributes, compiledAttribute)
		if mapped.MatchingPrecedence > 0 {
			compiled.matching = append(compiled.matching, compiledAttribute)
		}
	}
	slices.SortFunc(compiled.attributes, func(a, b attribute) int { return cmp.Compare(a.Target, b.Target) })
	slices.SortFunc(compiled.matching, func(a, b attribute) int { return cmp.Compare(a.MatchingPrecedence, b.MatchingPrecedence) })
	set, err := scope.Compile(definition.FiltersOf(mapping.ObjectType))
	if err != nil {
		problems = append(problems, directory.Errorf(directory.Invalid, "scoping filters of %s: %w", mapping.ID(), err))
	}
	compiled.scope = set
	return compiled, errors.Join(problems...)
}

// isPathProblem reports whether an attribute takes no value at all, be it text, boolean or integer.
func isPathProblem(traits Traits, objectType directory.ObjectType, target string) bool {
	for _, value := range []directory.Value{directory.Text("x"), directory.Boolean(true), directory.Integer(1)} {
		if _, err := canonical(traits, objectType, target, value); err == nil {
			return false
		}
	}
	return true
}

func canonical(traits Traits, objectType directory.ObjectType, target string, value directory.Value) (directory.Value, error) {
	if traits.Canonical == nil {
		return value, nil
	}
	return traits.Canonical(objectType, target, value)
}

// Definition returns what was compiled.
func (p *Program) Definition() job.Definition { return p.definition }

// ObjectTypes returns the object types that are provisioned, users before groups.
func (p *Program) ObjectTypes() []directory.ObjectType {
	var types []directory.ObjectType
	for _, objectType := range directory.ObjectTypes() {
		if p.types[objectType] != nil {
			types = append(types, objectType)
		}
	}
	return types
}

// Memberships reports whether group memberships are provisioned.
func (p *Program) Memberships() bool {
	group := p.types[directory.Group]
	return group != nil && group.members && group.mapping.Actions.Update
}

// Targets returns the mapped target attributes of an object type, references included, sorted.
func (p *Program) Targets(objectType directory.ObjectType) []string {
	compiled := p.types[objectType]
	if compiled == nil {
		return nil
	}
	targets := make([]string, len(compiled.attributes))
	for i, mapped := range compiled.attributes {
		targets[i] = mapped.Target
	}
	return targets
}

// MatchingAttributes returns the matching target attributes of an object type in the order they are tried.
func (p *Program) MatchingAttributes(objectType directory.ObjectType) []string {
	compiled := p.types[objectType]
	if compiled == nil {
		return nil
	}
	targets := make([]string, len(compiled.matching))
	for i, mapped := range compiled.matching {
		targets[i] = mapped.Target
	}
	return targets
}

// CheckAttributes reports every source attribute of an object type that a mapping or filter names and that is not
// among known. The error joins all of them; each says what the source has.
func (p *Program) CheckAttributes(objectType directory.ObjectType, known []string) error {
	compiled := p.types[objectType]
	if compiled == nil {
		return nil
	}
	all := append([]string{"id", directory.AttributeObjectID, directory.AttributeIsSoftDeleted,
		directory.AttributeAccountEnabled, directory.ReferenceManager, directory.ReferenceMembers}, known...)
	slices.Sort(all)
	all = slices.Compact(all)
	var problems []error
	for _, mapped := range compiled.attributes {
		if err := mapped.expression.CheckAttributes(all); err != nil {
			problems = append(problems, directory.Errorf(directory.Invalid, "mapping %s, attribute %s: %w", compiled.mapping.ID(), mapped.Target, err))
		}
	}
	// IsSoftDeleted follows from the filters, so that no filter can test it.
	all = slices.DeleteFunc(all, func(name string) bool { return name == directory.AttributeIsSoftDeleted })
	for _, filter := range p.definition.FiltersOf(objectType) {
		for _, clause := range filter.Clauses {
			if !slices.Contains(all, clause.Attribute) {
				problems = append(problems, directory.Errorf(directory.Invalid,
					"scoping filter %q: the source %q has no %s attribute %q; it has: %s",
					filter.Name, p.definition.Source.Key, objectType, clause.Attribute, strings.Join(all, ", ")))
			}
		}
	}
	return errors.Join(problems...)
}

// ReferenceTargets returns the mapped reference attributes of an object type, sorted.
func (p *Program) ReferenceTargets(objectType directory.ObjectType) []string {
	var targets []string
	if compiled := p.types[objectType]; compiled != nil {
		for i := range compiled.attributes {
			if compiled.attributes[i].reference != "" {
				targets = append(targets, compiled.attributes[i].Target)
			}
		}
	}
	return targets
}

// Redacted reports whether the provisioning log must not show an attribute's value (expressions.md 4.8).
func (p *Program) Redacted(objectType directory.ObjectType, target string) bool {
	if compiled := p.types[objectType]; compiled != nil {
		for i := range compiled.attributes {
			if compiled.attributes[i].Target == target {
				return compiled.attributes[i].expression.Redacted()
			}
		}
	}
	return false
}
