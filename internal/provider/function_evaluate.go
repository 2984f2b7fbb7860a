package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

var _ function.Function = evaluateFunction{}

// evaluateFunction is provider::provisioning::evaluate.
type evaluateFunction struct{}

func newEvaluateFunction() function.Function { return evaluateFunction{} }

// Metadata names the function.
func (evaluateFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "evaluate"
}

// Definition describes parameters and result.
func (evaluateFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Evaluates a mapping expression for one source object",
		MarkdownDescription: "Evaluates an expression of the mapping language as a job would, for a source object made up here. Use it in " +
			"`check` blocks and in `terraform test` to prove a mapping before anybody's account depends on it.\n\n" +
			"The result is a text in the form in which it is written (`True`, `42`, `1/31/2026 12:00:00 PM`), a list of such texts, or a list " +
			"of objects for roles. It is null when the expression yields null, and also when it drops the attribute or the object " +
			"(`IgnoreFlowIfNullOrEmpty`, `IgnoreAttributeFlow`, `IgnoreObjectFlow`).\n\n" +
			"Terraform demands that a function always gives the same result. An evaluation that reaches `Now()`, `Guid()`, `RandomString()`, " +
			"`SelectUniqueValue()`, `DefaultDomain()` or a parameter such as `%Name%` is therefore an error; try such an expression with " +
			"`terraform-provider-provisioning eval`.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "expression", MarkdownDescription: "The expression, as in `provisioning_attribute_mapping`."},
			function.DynamicParameter{
				Name: "attributes",
				MarkdownDescription: "The source object: an object or a map from attribute names to texts, numbers, booleans, lists, null, or " +
					"lists of role objects. Names are matched exactly. An attribute that is not there is null.",
			},
		},
		Return: function.DynamicReturn{},
	}
}

// Run evaluates. Every error is about the expression, except that attributes may not be an object at all.
func (evaluateFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var source string
	var argument types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &source, &argument); resp.Error != nil {
		return
	}
	attributes, err := sourceObject(ctx, argument)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(1, err.Error())
		return
	}
	result, err := evaluate(source, attributes)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	answer := types.DynamicNull()
	if result.Outcome == expression.Produced && !result.Value.IsNull() {
		value, diags := toTerraform(ctx, result.Value)
		if resp.Error = function.FuncErrorFromDiags(ctx, diags); resp.Error != nil {
			return
		}
		answer = types.DynamicValue(value)
	}
	resp.Error = resp.Result.Set(ctx, answer)
}

var errLookUp = errors.New("there is no target to ask")

// evaluate evaluates where nothing but the attributes can be seen. Its errors show the place in the expression.
func evaluate(source string, attributes map[string]directory.Value) (expression.Result, error) {
	parsed, err := expression.Parse(source)
	if err != nil {
		return expression.Result{}, err
	}
	var outside *expression.Step
	result, err := parsed.Evaluate(expression.Environment{
		Attribute: func(name string) directory.Value { return attributes[name] },
		Taken:     func(directory.Value) (bool, error) { return false, errLookUp },
		Trace: func(step expression.Step) {
			if outside == nil && looksOutside(step.Expression) {
				outside = &step
			}
		},
	})
	if outside != nil {
		return expression.Result{}, &expression.SyntaxError{
			Line: outside.Line, Column: outside.Column, Source: source,
			Message: fmt.Sprintf("%s depends on more than the arguments, and a Terraform function may not", outsideName(outside.Expression)),
			Hint:    "try this expression with terraform-provider-provisioning eval",
		}
	}
	if evaluation, ok := errors.AsType[*expression.EvaluationError](err); ok {
		return expression.Result{}, &expression.SyntaxError{
			Line: evaluation.Line, Column: evaluation.Column, Source: source, Message: evaluation.Function + ": " + evaluation.Message,
		}
	}
	return result, err
}

// looksOutside reports whether an evaluated part begins with one that depends on the clock, on chance or on settings. The
// beginning of a part is always evaluated when the part is, so that the innermost such part is the first one found.
func looksOutside(part string) bool {
	if strings.HasPrefix(part, "%") {
		return true
	}
	name, _, isCall := strings.Cut(part, "(")
	return isCall && expression.ReadsEnvironment(name)
}

// outsideName is what the expression is said to use: Now() or %Name%.
func outsideName(part string) string {
	if rest, ok := strings.CutPrefix(part, "%"); ok {
		name, _, _ := strings.Cut(rest, "%")
		return "%" + name + "%"
	}
	name, _, _ := strings.Cut(part, "(")
	return name + "()"
}
