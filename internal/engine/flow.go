package engine

import (
	"errors"
	"io"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// Inputs are what a decision depends on besides the object and its account.
type Inputs struct {
	Now time.Time
	// Random is the source of generated values; it must be cryptographic. Nil: mappings that generate values fail.
	Random io.Reader
	// Taken says whether a candidate of SelectUniqueValue is used already for a target attribute, by an account of the
	// target or by another object of this cycle. Nil: none is. A preview has none: it never contacts the target. An error
	// fails the object.
	Taken func(target string, candidate directory.Value) (bool, error)
	// Unentitled says why none of the object's assignments counts for provisioning; empty when one does, or there is none.
	Unentitled string
}

// flow is what the mappings of one object yield.
type flow struct {
	values []flowed
	// dropObject is set when a mapping yields "drop this object" (expressions.md 1.5).
	dropObject bool
}

// flowed is the result of one mapping.
type flowed struct {
	attribute *attribute
	// value in canonical form; null when the mapping yields nothing.
	value   directory.Value
	dropped bool
}

// errMapping marks a failing mapping; the object fails and is retried, other objects are unaffected
// (expressions.md 1.4).
var errMapping = errors.New("a mapping failed")

// purpose is what the mappings of an object are evaluated for.
type purpose uint8

const (
	creating purpose = iota
	updating
	// leaving: only mappings that read IsSoftDeleted run. An object that is leaving sends nothing but what switches it off.
	leaving
	// gone: the object is not in the source any more, so only mappings that read nothing but IsSoftDeleted can run.
	gone
)

// concerns reports whether a mapping takes part.
func (a *attribute) concerns(why purpose) bool {
	switch {
	case a.reference != "":
		return false
	case why == leaving:
		return a.lifecycle && a.update != never
	case why == gone:
		return a.onlyLifecycle && a.update != never
	case why == updating:
		return a.update != never
	default:
		return true
	}
}

// evaluate runs the mappings of an object. What matchValues has evaluated is not evaluated again.
func (p *Program) evaluate(compiled *typeProgram, a Assessment, why purpose, in Inputs) (flow, error) {
	away := why == leaving || why == gone
	environment := p.environment(a.Object, away, in)
	if !away {
		for i := range compiled.filters {
			filter := &compiled.filters[i]
			result, err := filter.expression.Evaluate(environment)
			if err != nil {
				return flow{}, directory.Errorf(directory.Invalid, "%w: attribute %s: %w", errMapping, filter.Target, err)
			}
			if result.Outcome == expression.DropObject {
				return flow{dropObject: true}, nil
			}
		}
	}
	result := flow{values: make([]flowed, 0, len(compiled.attributes))}
	for i := range compiled.attributes {
		mapped := &compiled.attributes[i]
		if !mapped.concerns(why) {
			continue
		}
		var produced expression.Result
		var err error
		if mapped.rank > 0 && !away {
			produced = a.results[mapped.rank-1]
		} else if produced, err = p.produce(compiled, mapped, environment, in); err != nil {
			return flow{}, err
		}
		if produced.Outcome == expression.DropObject {
			return flow{dropObject: true}, nil
		}
		result.values = append(result.values, flowed{attribute: mapped, value: produced.Value, dropped: produced.Outcome == expression.DropAttribute})
	}
	return result, nil
}

// environment is what the expressions of an object may see.
func (p *Program) environment(object directory.Object, softDeleted bool, in Inputs) expression.Environment {
	return expression.Environment{
		Attribute: sourceAttribute(object, softDeleted), Now: in.Now, Random: in.Random, DefaultDomain: p.definition.Source.DefaultDomain,
		Parameter: func(name string) (string, bool) {
			value, ok := p.definition.Parameters[name]
			return value, ok
		},
	}
}

// produce evaluates one mapping. Its value is null, or in canonical form.
func (p *Program) produce(compiled *typeProgram, mapped *attribute, environment expression.Environment, in Inputs) (expression.Result, error) {
	if mapped.expression == nil {
		return expression.Result{}, nil
	}
	if in.Taken != nil && mapped.expression.SelectsUnique() {
		environment.Taken = func(candidate directory.Value) (bool, error) {
			value, err := p.fit(compiled, mapped, candidate)
			if err != nil {
				return false, err
			}
			return in.Taken(mapped.Target, value)
		}
	}
	result, err := mapped.expression.Evaluate(environment)
	if err == nil && result.Outcome == expression.Produced {
		result.Value, err = p.fit(compiled, mapped, result.Value)
	}
	if err != nil {
		return result, directory.Errorf(directory.Invalid, "%w: attribute %s: %w", errMapping, mapped.Target, err)
	}
	return result, nil
}

// errRedacted stands for the target's own words, which may quote the value.
var errRedacted = errors.New("the target cannot take the value; what it is, is redacted")

// fit gives a value the type of the attribute list, and then the form in which the target keeps it.
func (p *Program) fit(compiled *typeProgram, mapped *attribute, value directory.Value) (directory.Value, error) {
	if text, ok := value.Text(); ok && text == "" && mapped.clears {
		value = directory.Null()
	}
	if value.IsNull() {
		return value, nil
	}
	value, err := mapped.listed.Convert(value)
	if err != nil || value.IsNull() {
		return value, err
	}
	value, err = p.traits.canonical(compiled.mapping.ObjectType, mapped.Target, value)
	if err != nil && mapped.redacted {
		err = errRedacted
	}
	return value, err
}

// sourceAttribute gives expressions and filters the attributes of an object, the computed ones included
// (mappings-and-scoping.md 7.3).
func sourceAttribute(object directory.Object, softDeleted bool) func(string) directory.Value {
	return func(name string) directory.Value {
		if name == directory.AttributeIsSoftDeleted {
			return directory.Boolean(softDeleted)
		}
		value := object.Attribute(name)
		if value.IsNull() {
			if anchors := object.References[name]; len(anchors) == 1 {
				return directory.Text(string(anchors[0]))
			}
		}
		return value
	}
}
