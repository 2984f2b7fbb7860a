package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// MappingValue is what one mapping yields for an object, by itself: whether it is sent is the decision's matter.
type MappingValue struct {
	Target string
	// Expression as it was written; empty for the mapping type None.
	Expression string
	// Value in the form the target keeps it; for a reference or for members, the ids in the source. Null when there is none.
	// The value of a redacted mapping is provlog.Redacted.
	Value directory.Value
	// Dropped: the mapping leaves the attribute, or the whole object, out.
	Dropped bool
	// Err is why there is no value.
	Err error
	// MatchingPrecedence is 0 for what is no matching attribute.
	MatchingPrecedence int
}

// MappingValues evaluates every mapping of an object, also those after a failing one and those that the decision does not
// need, sorted by target. event is that of the decision: an object that is leaving is evaluated as soft-deleted. It is empty
// when objects of the type are not provisioned.
func (p *Program) MappingValues(object directory.Object, event Event, in Inputs) []MappingValue {
	compiled := p.types[object.Type]
	if compiled == nil {
		return nil
	}
	environment := p.environment(object, event != NoEvent, in)
	var values []MappingValue
	for _, mapped := range slices.Concat(compiled.attributes, compiled.filters) {
		made := MappingValue{Target: mapped.Target, Expression: mapped.Expression, MatchingPrecedence: mapped.MatchingPrecedence, Value: mapped.fallback}
		switch {
		case mapped.reference != "":
			made.Value = anchorsValue(object.References[mapped.reference])
		case mapped.expression != nil:
			result, err := p.produce(compiled, &mapped, environment, in)
			made.Value, made.Dropped, made.Err = result.Value, result.Outcome != expression.Produced, err
		}
		if made.Err != nil || made.Dropped {
			made.Value = directory.Null()
		}
		if mapped.redacted && !made.Value.IsEmpty() {
			made.Value = directory.Text(provlog.Redacted)
		}
		values = append(values, made)
	}
	if compiled.members {
		values = append(values, MappingValue{
			Target: p.traits.Members, Expression: "[" + directory.ReferenceMembers + "]",
			Value: directory.List(anchorsValue(object.References[directory.ReferenceMembers]).Elements()...),
		})
	}
	slices.SortFunc(values, func(a, b MappingValue) int { return cmp.Compare(a.Target, b.Target) })
	return values
}

// anchorsValue is a list of ids, one id, or null.
func anchorsValue(anchors []directory.Anchor) directory.Value {
	texts := make([]directory.Value, len(anchors))
	for i, anchor := range anchors {
		texts[i] = directory.Text(string(anchor))
	}
	switch len(texts) {
	case 0:
		return directory.Null()
	case 1:
		return texts[0]
	default:
		return directory.List(texts...)
	}
}

// RedactedSources returns the source attributes that redacted mappings of an object type read, sorted: whoever must not see
// the result must not see what it is made of.
func (p *Program) RedactedSources(objectType directory.ObjectType) []string {
	var names []string
	if compiled := p.types[objectType]; compiled != nil {
		for _, mapped := range slices.Concat(compiled.attributes, compiled.filters) {
			if mapped.redacted {
				names = append(names, mapped.expression.Attributes()...)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// InScope reports whether every check of engine.md 4 passed. An object that is gone is not in scope.
func (d Decision) InScope() bool { return d.entitlement.Mode != "" && d.entitlement.In() }

// MatchValues returns the values the object's account is looked for by, in order.
func (d Decision) MatchValues() []MatchValue { return slices.Clone(d.matchValues) }

// ScopeSteps renders every check of engine.md 4 by itself, also those after a failing one, and below the filters every
// clause. They hold no attribute value.
func (d Decision) ScopeSteps() []provlog.Step {
	if d.entitlement.Mode == "" {
		return nil
	}
	var steps []provlog.Step
	for _, check := range d.entitlement.Checks() {
		step := scopeStep(checkName(check.Name), check.Passed, check.Name+": "+check.Detail)
		step.Details = map[string]string{check.Name: passed(check.Passed)}
		steps = append(steps, step)
	}
	for i, filter := range d.entitlement.Filter.Filters {
		name := strconv.Quote(filter.Name)
		if filter.Name == "" {
			name = strconv.Itoa(i + 1)
		}
		step := scopeStep("ScopeEvaluationResult", filter.In, fmt.Sprintf("filter %s is %t", name, filter.In))
		step.Details = map[string]string{}
		for _, clause := range filter.Clauses {
			text := passed(clause.In)
			if clause.Problem != "" {
				text += " (" + clause.Problem + ")"
			}
			step.Details[clause.Clause.String()] = text
		}
		steps = append(steps, step)
	}
	return steps
}

// checkName is the name of engine.md 4 for a check.
func checkName(check string) string {
	switch check {
	case scope.CheckActive:
		return "IsActive"
	case scope.CheckAssigned:
		return "Assigned"
	case scope.CheckSyncAll:
		return "ScopeSyncAll"
	case scope.CheckRole:
		return "IsEffectivelyEntitledForProvisioning"
	default:
		return "IsInProvisioningScope"
	}
}

func passed(in bool) string {
	text, _ := directory.Boolean(in).Text()
	return text
}

func scopeStep(name string, in bool, description string) provlog.Step {
	step := provlog.Step{Name: name, Type: provlog.StepScoping, Status: provlog.StatusSuccess, Description: description}
	if !in {
		step.Status = provlog.StatusSkipped
	}
	return step
}

// FirstMatchValue returns the value that names an object: its first matching value. ok is false when it has none, or when
// objects of the type are not provisioned.
func (p *Program) FirstMatchValue(object directory.Object, in Inputs) (value MatchValue, ok bool) {
	compiled := p.types[object.Type]
	if compiled == nil {
		return MatchValue{}, false
	}
	values, _, err := p.matchValues(compiled, object, in)
	if err != nil || len(values) == 0 {
		return MatchValue{}, false
	}
	return values[0], true
}

// NameSources returns the source attributes that the matching values of an object type are taken from, when all of them are
// mapped as they are. ok is false otherwise: then names follow from mappings alone.
func (p *Program) NameSources(objectType directory.ObjectType) (attributes []string, ok bool) {
	compiled := p.types[objectType]
	if compiled == nil {
		return nil, false
	}
	for _, together := range compiled.composites() {
		if len(together) > 1 || together[0].from() == "" || !together[0].fallback.IsNull() {
			return nil, false
		}
		attributes = append(attributes, together[0].from())
	}
	return attributes, len(attributes) > 0
}
