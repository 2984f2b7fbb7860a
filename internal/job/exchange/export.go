package exchange

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// The parts of a synchronization schema in Graph's form.
type (
	schemaForm struct {
		Directories          []directoryForm `json:"directories"`
		SynchronizationRules []ruleForm      `json:"synchronizationRules"`
	}
	directoryForm struct {
		Name    string       `json:"name"`
		Objects []objectForm `json:"objects"`
	}
	objectForm struct {
		Name       string          `json:"name"`
		Attributes []attributeForm `json:"attributes"`
	}
	attributeForm struct {
		Anchor            bool    `json:"anchor"`
		CaseExact         bool    `json:"caseExact"`
		DefaultValue      *string `json:"defaultValue"`
		FlowNullValues    bool    `json:"flowNullValues"`
		Multivalued       bool    `json:"multivalued"`
		Mutability        string  `json:"mutability"`
		Name              string  `json:"name"`
		Required          bool    `json:"required"`
		Type              string  `json:"type"`
		Metadata          []any   `json:"metadata"`
		ReferencedObjects []any   `json:"referencedObjects"`
	}
	ruleForm struct {
		Editable            bool                `json:"editable"`
		Name                string              `json:"name"`
		Priority            int                 `json:"priority"`
		SourceDirectoryName string              `json:"sourceDirectoryName"`
		TargetDirectoryName string              `json:"targetDirectoryName"`
		Metadata            []any               `json:"metadata"`
		ObjectMappings      []objectMappingForm `json:"objectMappings"`
	}
	objectMappingForm struct {
		Enabled           bool          `json:"enabled"`
		FlowTypes         string        `json:"flowTypes"`
		Name              string        `json:"name"`
		SourceObjectName  string        `json:"sourceObjectName"`
		TargetObjectName  string        `json:"targetObjectName"`
		Metadata          []any         `json:"metadata"`
		Scope             *scopeForm    `json:"scope"`
		AttributeMappings []mappingForm `json:"attributeMappings"`
	}
	scopeForm struct {
		CategoryFilterGroups []any       `json:"categoryFilterGroups"`
		Groups               []groupForm `json:"groups"`
		InputFilterGroups    []any       `json:"inputFilterGroups"`
	}
	groupForm struct {
		Clauses []clauseForm `json:"clauses"`
		Name    string       `json:"name"`
	}
	clauseForm struct {
		OperatorName      string      `json:"operatorName"`
		SourceOperandName string      `json:"sourceOperandName"`
		TargetOperand     operandForm `json:"targetOperand"`
	}
	operandForm struct {
		Values []string `json:"values"`
	}
	mappingForm struct {
		DefaultValue            *string     `json:"defaultValue"`
		ExportMissingReferences bool        `json:"exportMissingReferences"`
		FlowBehavior            string      `json:"flowBehavior"`
		FlowType                string      `json:"flowType"`
		FlowNullValues          bool        `json:"flowNullValues,omitempty"`
		MatchingPriority        int         `json:"matchingPriority"`
		TargetAttributeName     string      `json:"targetAttributeName"`
		Source                  *sourceForm `json:"source"`
	}
	sourceForm struct {
		Expression string          `json:"expression"`
		Name       string          `json:"name"`
		Type       string          `json:"type"`
		Parameters []parameterForm `json:"parameters"`
	}
	parameterForm struct {
		Key   string     `json:"key"`
		Value sourceForm `json:"value"`
	}
)

// Schema returns the configuration as a synchronization schema in Graph's form, indented. Presets are written out. The
// directories describe the attributes that are used. Equal configurations give equal bytes. The error says which
// expression cannot be read.
func (c Configuration) Schema() ([]byte, error) {
	rule := ruleForm{
		Editable: true, Name: "USER_OUTBOUND_USER", Priority: 1, Metadata: []any{},
		SourceDirectoryName: sourceNames()[0], TargetDirectoryName: c.App.DisplayName, ObjectMappings: []objectMappingForm{},
	}
	source := directoryForm{Name: rule.SourceDirectoryName, Objects: []objectForm{}}
	target := directoryForm{Name: rule.TargetDirectoryName, Objects: []objectForm{}}
	for _, m := range c.Mappings {
		filters := slices.DeleteFunc(slices.Clone(c.Filters), func(f job.Filter) bool { return f.ObjectType != m.ObjectType })
		mapping, err := mappingOf(m, filters, c.App)
		if err != nil {
			return nil, err
		}
		rule.ObjectMappings = append(rule.ObjectMappings, mapping)
		source.Objects = append(source.Objects, sourceAttributesOf(m, filters))
		target.Objects = append(target.Objects, targetAttributesOf(m))
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(schemaForm{Directories: []directoryForm{source, target}, SynchronizationRules: []ruleForm{rule}})
	return b.Bytes(), err
}

func mappingOf(m job.Mapping, filters []job.Filter, app job.App) (objectMappingForm, error) {
	form := objectMappingForm{
		Enabled: m.Enabled, FlowTypes: flowTypesOf(m.Actions), Metadata: []any{},
		Name:             "Synchronize " + sourceNames()[0] + " " + sourceObject(m.ObjectType) + "s to " + app.DisplayName,
		SourceObjectName: sourceObject(m.ObjectType), TargetObjectName: targetObject(m.ObjectType),
		AttributeMappings: []mappingForm{},
	}
	for _, a := range m.Effective() {
		mapping := mappingForm{
			DefaultValue: a.DefaultValue, FlowBehavior: string(job.FlowWhenChanged), FlowType: string(a.FlowType),
			FlowNullValues: a.FlowNullValues, MatchingPriority: a.MatchingPrecedence, TargetAttributeName: a.Target,
		}
		if a.FlowBehavior != "" {
			mapping.FlowBehavior = string(a.FlowBehavior)
		}
		if a.Expression != "" {
			parsed, err := expression.Parse(a.Expression)
			if err != nil {
				return form, err
			}
			source := sourceOf(parsed.Tree())
			source.Expression = a.Expression
			mapping.Source = &source
		}
		form.AttributeMappings = append(form.AttributeMappings, mapping)
	}
	if len(filters) > 0 {
		form.Scope = &scopeForm{CategoryFilterGroups: []any{}, Groups: []groupForm{}, InputFilterGroups: []any{}}
	}
	for _, filter := range filters {
		group := groupForm{Name: filter.Name, Clauses: []clauseForm{}}
		for _, c := range filter.Clauses {
			clause := clauseForm{OperatorName: string(c.Operator), SourceOperandName: c.Attribute, TargetOperand: operandForm{Values: []string{}}}
			clause.TargetOperand.Values = append(clause.TargetOperand.Values, c.Values...)
			group.Clauses = append(group.Clauses, clause)
		}
		form.Scope.Groups = append(form.Scope.Groups, group)
	}
	return form, nil
}

func flowTypesOf(actions job.Actions) string {
	var words []string
	for _, name := range actionNames(actions) {
		words = append(words, map[string]string{"create": "Add", "update": "Update", "delete": "Delete"}[name])
	}
	return strings.Join(words, ", ")
}

func sourceOf(t expression.Tree) sourceForm {
	form := sourceForm{Expression: t.Expression, Name: t.Name, Type: string(t.Type), Parameters: []parameterForm{}}
	for _, p := range t.Parameters {
		form.Parameters = append(form.Parameters, parameterForm{Key: p.Key, Value: sourceOf(p.Value)})
	}
	return form
}

// sourceAttributesOf describes the source attributes that a mapping and its filters use.
func sourceAttributesOf(m job.Mapping, filters []job.Filter) objectForm {
	names := []string{"objectId"}
	for _, a := range m.Effective() {
		if parsed, err := expression.Parse(a.Expression); err == nil {
			names = append(names, parsed.Attributes()...)
		}
	}
	for _, filter := range filters {
		for _, c := range filter.Clauses {
			names = append(names, c.Attribute)
		}
	}
	slices.Sort(names)
	form := objectForm{Name: sourceObject(m.ObjectType)}
	for _, name := range slices.Compact(names) {
		a := described(name)
		a.Anchor = name == "objectId"
		a.FlowNullValues = slices.Contains(m.SourceAttributes, job.SourceAttribute{Name: name, FlowNullValues: true})
		switch name {
		case directory.AttributeIsSoftDeleted, directory.AttributeAccountEnabled:
			a.Type = string(job.TypeBoolean)
		case "manager":
			a.Type = string(job.TypeReference)
		case "members":
			a.Type, a.Multivalued = string(job.TypeReference), true
		case "appRoleAssignments":
			a.Multivalued = true
		}
		form.Attributes = append(form.Attributes, a)
	}
	return form
}

func targetAttributesOf(m job.Mapping) objectForm {
	anchor := described("id")
	anchor.Anchor, anchor.Mutability = true, string(job.ReadOnly)
	form := objectForm{Name: targetObject(m.ObjectType), Attributes: []attributeForm{anchor}}
	for _, mapping := range m.Effective() {
		a, said := described(mapping.Target), m.TargetAttribute(mapping.Target)
		if said.Type != "" {
			a.Type = string(said.Type)
		}
		if said.Mutability != "" {
			a.Mutability = string(said.Mutability)
		}
		a.Required, a.DefaultValue = said.Required, said.DefaultValue
		a.Multivalued = said.Multivalued != nil && *said.Multivalued
		a.CaseExact = said.CaseExact != nil && *said.CaseExact
		form.Attributes = append(form.Attributes, a)
	}
	return form
}

// described is an attribute with the defaults of an attribute list.
func described(name string) attributeForm {
	return attributeForm{
		Name: name, Type: string(job.TypeString), Mutability: string(job.ReadWrite), Metadata: []any{}, ReferencedObjects: []any{},
	}
}
