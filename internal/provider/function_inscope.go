package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

var _ function.Function = inScopeFunction{}

// inScopeFunction is provider::provisioning::in_scope.
type inScopeFunction struct{}

func newInScopeFunction() function.Function { return inScopeFunction{} }

// Metadata names the function.
func (inScopeFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "in_scope"
}

// Definition describes parameters and result.
func (inScopeFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	var operators []string
	for _, operator := range scope.Operators() {
		operators = append(operators, "`"+string(operator)+"`")
	}
	resp.Definition = function.Definition{
		Summary: "Tests whether one scoping filter lets a source object in",
		MarkdownDescription: "Tests the clauses of a scoping filter as a job would, for a source object made up here. The result is true when every " +
			"clause is true, and for no clauses at all. A job with several filters takes an object that passes any of them: join the " +
			"results with `||`.\n\n" +
			"A clause on an attribute that is null or empty is false, except with `IS NULL`. A list passes a clause when each of its elements " +
			"does.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name: "clauses",
				MarkdownDescription: "The clauses, as in `provisioning_scoping_filter`: a list of objects with `attribute`, `operator` (" +
					strings.Join(operators, ", ") + ") and `value` or `values`, which are left out for operators that take none.",
			},
			function.DynamicParameter{
				Name: "attributes",
				MarkdownDescription: "The source object: an object or a map from attribute names to texts, numbers, booleans, lists or null. " +
					"Names are matched exactly. An attribute that is not there is null.",
			},
		},
		Return: function.BoolReturn{},
	}
}

// Run tests.
func (inScopeFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var clausesArgument, attributesArgument types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &clausesArgument, &attributesArgument); resp.Error != nil {
		return
	}
	clauses, err := clausesOf(ctx, clausesArgument)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	attributes, err := sourceObject(ctx, attributesArgument)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(1, err.Error())
		return
	}
	filters, err := scope.Compile([]scope.Filter{{Clauses: clauses}})
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	verdict := filters.Evaluate(func(name string) directory.Value { return attributes[name] })
	resp.Error = resp.Result.Set(ctx, verdict.In)
}

// clausesOf reads and checks the clauses argument. The error names every clause that is wrong, counted from 0 as in the
// configuration.
func clausesOf(ctx context.Context, argument types.Dynamic) ([]scope.Clause, error) {
	elements, ok := elementsOf(argument)
	if !ok {
		return nil, errors.New(`clauses must be a list of objects such as { attribute = "department", operator = "EQUALS", values = ["Sales"] }`)
	}
	clauses := make([]scope.Clause, len(elements))
	var mistakes []error
	for i, element := range elements {
		var err error
		if clauses[i], err = clauseOf(ctx, element); err == nil {
			err = scope.ValidateClause(clauses[i])
		}
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("clauses[%d]: %w", i, err))
		}
	}
	return clauses, errors.Join(mistakes...)
}

func clauseOf(ctx context.Context, element attr.Value) (scope.Clause, error) {
	members, ok := membersOf(element)
	if !ok {
		return scope.Clause{}, errors.New("must be an object with attribute, operator and value or values")
	}
	var clause scope.Clause
	var several []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		value, err := fromTerraform(ctx, members[name])
		if err != nil {
			return clause, fmt.Errorf("%s: %w", name, err)
		}
		switch name {
		case "attribute":
			clause.Attribute, err = textMember(value)
		case "operator":
			var operator string
			operator, err = textMember(value)
			clause.Operator = scope.Operator(operator)
		case "value":
			var text string
			if text, err = textMember(value); !value.IsNull() {
				clause.Values = []string{text}
			}
		case "values":
			several, err = textMembers(value)
		default:
			err = errors.New("a clause has no such member: it has attribute, operator, value and values")
		}
		if err != nil {
			return clause, fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(clause.Values) > 0 && len(several) > 0 {
		return clause, errors.New("it has value and values: remove one of them")
	}
	clause.Values = append(clause.Values, several...)
	return clause, nil
}

// textMember reads a text; null is empty and left to the rules of clauses.
func textMember(value directory.Value) (string, error) {
	text, ok := value.Text()
	if !value.IsNull() && (!ok || value.Kind() == directory.KindBoolean) {
		return "", fmt.Errorf("must be a text, not a %s", value.Kind())
	}
	return text, nil
}

func textMembers(value directory.Value) ([]string, error) {
	if !value.IsNull() && value.Kind() != directory.KindList {
		return nil, fmt.Errorf("must be a list of texts, not a %s", value.Kind())
	}
	var texts []string
	for _, element := range value.Elements() {
		text, err := textMember(element)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}
