package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

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

// evaluate runs the mappings of an object. With lifecycleOnly, only mappings that read IsSoftDeleted run: an object
// that is leaving sends nothing but what switches it off.
func (p *Program) evaluate(compiled *typeProgram, object directory.Object, softDeleted, lifecycleOnly bool, now time.Time) (flow, error) {
	var result flow
	environment := expression.Environment{Attribute: sourceAttribute(object, softDeleted), Now: now}
	for i := range compiled.attributes {
		mapped := &compiled.attributes[i]
		if mapped.reference != "" || (lifecycleOnly && !mapped.lifecycle) {
			continue
		}
		produced, err := p.produce(compiled, mapped, environment)
		if err != nil {
			return flow{}, err
		}
		if produced.Outcome == expression.DropObject {
			return flow{dropObject: true}, nil
		}
		result.values = append(result.values, flowed{attribute: mapped, value: produced.Value, dropped: produced.Outcome == expression.DropAttribute})
	}
	return result, nil
}

func (p *Program) produce(compiled *typeProgram, mapped *attribute, environment expression.Environment) (expression.Result, error) {
	result, err := mapped.expression.Evaluate(environment)
	if err != nil {
		return result, directory.Errorf(directory.Invalid, "%w: attribute %s: %w", errMapping, mapped.Target, err)
	}
	if result.Outcome != expression.Produced || result.Value.IsNull() {
		return result, nil
	}
	result.Value, err = canonical(p.traits, compiled.mapping.ObjectType, mapped.Target, result.Value)
	if err != nil {
		return result, directory.Errorf(directory.Invalid, "%w: attribute %s: %w", errMapping, mapped.Target, err)
	}
	return result, nil
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

// MatchValue is one matching attribute's value for an object.
type MatchValue struct {
	Attribute string
	Value     directory.Value
	// Key is the value in the form it is compared in.
	Key string
}

// MatchKey is the form in which matching values are compared: one text per attribute and value. Case counts where the
// target says that it does, so that looking an account up in the index and asking the target give the same answer.
func (p *Program) MatchKey(attribute string, value directory.Value) string {
	text, ok := value.Text()
	if !ok {
		return ""
	}
	if !p.exact(attribute) {
		text = strings.ToLower(text)
	}
	return strings.ToLower(attribute) + "=" + text
}

// exact reports whether case counts in an attribute's values.
func (p *Program) exact(attribute string) bool {
	return slices.ContainsFunc(p.traits.Exact, func(name string) bool { return strings.EqualFold(name, attribute) })
}

// matchValues returns an object's matching values in the order they are tried. Mappings without a value are passed
// over (engine.md 9).
func (p *Program) matchValues(compiled *typeProgram, object directory.Object, now time.Time) ([]MatchValue, error) {
	environment := expression.Environment{Attribute: sourceAttribute(object, false), Now: now}
	var values []MatchValue
	for i := range compiled.matching {
		mapped := &compiled.matching[i]
		result, err := p.produce(compiled, mapped, environment)
		if err != nil {
			return nil, err
		}
		if result.Outcome != expression.Produced || result.Value.IsEmpty() {
			continue
		}
		key := p.MatchKey(mapped.Target, result.Value)
		if key == "" {
			return nil, directory.Errorf(directory.Invalid, "%w: %w", errMapping,
				fmt.Errorf("matching attribute %s yields a %s; it must be a single value", mapped.Target, result.Value.Kind()))
		}
		values = append(values, MatchValue{Attribute: mapped.Target, Value: result.Value, Key: key})
	}
	return values, nil
}
