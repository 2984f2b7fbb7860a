package engine

import (
	"errors"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
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
	matching   []attribute // sorted by precedence and target
	// filters decide whether the object takes part at all; they are never sent.
	filters []attribute
	scope   *scope.Set
	// softDeletedMapped says that some attribute of existing accounts depends on IsSoftDeleted.
	softDeletedMapped bool
	members           bool
	// policies are what the configuration asks for instead of the default deprovisioning.
	policies map[Event]policy
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
		c := &compiler{traits: traits, compiled: &typeProgram{mapping: mapping}}
		problems = append(problems, c.compile(definition.FiltersOf(mapping.ObjectType)))
		program.types[mapping.ObjectType] = c.compiled
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return program, nil
}

// canonical gives a value the form in which the target keeps it.
func (t Traits) canonical(objectType directory.ObjectType, target string, value directory.Value) (directory.Value, error) {
	if t.Canonical == nil {
		return value, nil
	}
	return t.Canonical(objectType, target, value)
}

// exact reports whether the target compares an attribute's values with regard to case.
func (t Traits) exact(attribute string) bool { return contains(t.Exact, attribute) }

func contains(names []string, name string) bool {
	return slices.ContainsFunc(names, func(other string) bool { return strings.EqualFold(other, name) })
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

// SwitchesOff reports whether objects of a type that leave are switched off by what is mapped from IsSoftDeleted.
func (p *Program) SwitchesOff(objectType directory.ObjectType) bool {
	compiled := p.types[objectType]
	return compiled != nil && compiled.softDeletedMapped && compiled.mapping.Actions.Update
}

// Memberships reports whether group memberships are provisioned.
func (p *Program) Memberships() bool {
	group := p.types[directory.Group]
	return group != nil && group.members && group.mapping.Actions.Update
}

// Targets returns the target attributes of an object type that accounts are read with, references included, sorted.
// Attributes that cannot be read are left out.
func (p *Program) Targets(objectType directory.ObjectType) []string {
	compiled := p.types[objectType]
	if compiled == nil {
		return nil
	}
	targets := make([]string, 0, len(compiled.attributes))
	for i := range compiled.attributes {
		if compiled.attributes[i].listed.Mutability != job.WriteOnly {
			targets = append(targets, compiled.attributes[i].Target)
		}
	}
	return targets
}

// CheckAttributes reports every source attribute of an object type that a mapping or filter names and that is not
// among known. The error joins all of them; each says what the source has. What only the preset names may be missing:
// it is null then.
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
	for _, mapped := range slices.Concat(compiled.attributes, compiled.filters) {
		if mapped.expression == nil || !compiled.mapping.Owns(mapped.Target) {
			continue
		}
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
				return compiled.attributes[i].redacted
			}
		}
	}
	return false
}
