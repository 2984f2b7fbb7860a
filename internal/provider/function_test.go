package provider_test

import (
	"context"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/provider"
)

// functions returns the provider's functions by name.
func functions(t *testing.T) map[string]function.Function {
	t.Helper()
	p, ok := provider.New("test", nil)().(fwprovider.ProviderWithFunctions)
	if !ok {
		t.Fatal("the provider has no functions")
	}
	all := map[string]function.Function{}
	for _, construct := range p.Functions(t.Context()) {
		f := construct()
		var metadata function.MetadataResponse
		f.Metadata(t.Context(), function.MetadataRequest{}, &metadata)
		all[metadata.Name] = f
	}
	return all
}

// call calls a function and returns its result, or its error.
func call(t *testing.T, name string, arguments ...attr.Value) (attr.Value, *function.FuncError) {
	t.Helper()
	f := functions(t)[name]
	var definition function.DefinitionResponse
	f.Definition(t.Context(), function.DefinitionRequest{}, &definition)
	result, funcErr := definition.Definition.Return.NewResultData(t.Context())
	if funcErr != nil {
		t.Fatal(funcErr)
	}
	resp := function.RunResponse{Result: result}
	f.Run(t.Context(), function.RunRequest{Arguments: function.NewArgumentsData(arguments)}, &resp)
	return resp.Result.Value(), resp.Error
}

// object is an object as a configuration writes it, with a type for each member.
func object(members map[string]attr.Value) types.Dynamic {
	memberTypes := map[string]attr.Type{}
	for name, member := range members {
		memberTypes[name] = member.Type(context.Background())
	}
	return types.DynamicValue(types.ObjectValueMust(memberTypes, members))
}

// tuple is what a configuration writes in brackets.
func tuple(elements ...attr.Value) attr.Value {
	elementTypes := []attr.Type{}
	for i, element := range elements {
		if dynamic, ok := element.(types.Dynamic); ok {
			elements[i] = dynamic.UnderlyingValue()
		}
		elementTypes = append(elementTypes, elements[i].Type(context.Background()))
	}
	return types.TupleValueMust(elementTypes, elements)
}

func text(s string) types.String { return types.StringValue(s) }

func TestFunctions(t *testing.T) {
	t.Parallel()
	all := functions(t)
	if diff := cmp.Diff([]string{"evaluate", "in_scope"}, slices.Sorted(maps.Keys(all))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, f := range all {
		var resp function.DefinitionResponse
		f.Definition(t.Context(), function.DefinitionRequest{}, &resp)
		if resp.Definition.Summary == "" || resp.Definition.MarkdownDescription == "" {
			t.Errorf("%s is not described", name)
		}
		for _, parameter := range resp.Definition.Parameters {
			if parameter.GetMarkdownDescription() == "" {
				t.Errorf("%s: %s is not described", name, parameter.GetName())
			}
		}
	}
}

func TestEvaluate(t *testing.T) {
	t.Parallel()
	huge, _, err := big.ParseFloat("123456789012345678901234567890", 10, 512, big.ToNearestEven)
	if err != nil {
		t.Fatal(err)
	}
	fraction, _, err := big.ParseFloat("0.1", 10, 512, big.ToNearestEven)
	if err != nil {
		t.Fatal(err)
	}
	role := object(map[string]attr.Value{"id": text("1"), "value": text("Admin"), "level": types.NumberValue(big.NewFloat(3))})
	roleType := map[string]attr.Type{"id": types.StringType, "value": types.StringType, "level": types.StringType}
	people := object(map[string]attr.Value{
		"givenName": text("Ada"), "surname": types.StringNull(), "empty": text(""), "enabled": types.BoolValue(true),
		"small": types.NumberValue(big.NewFloat(42)), "huge": types.NumberValue(huge), "fraction": types.NumberValue(fraction),
		"aliases": tuple(text("a"), text("b"), types.StringNull()), "proxies": types.SetValueMust(types.StringType, []attr.Value{text("x")}),
		"roles": tuple(role), "nothing": types.DynamicNull(), "none": tuple(),
		"mixed": tuple(text("a"), role),
	})
	list := func(texts ...string) attr.Value {
		elements := []attr.Value{}
		for _, s := range texts {
			elements = append(elements, text(s))
		}
		return types.DynamicValue(types.ListValueMust(types.StringType, elements))
	}
	adminRole := types.ObjectValueMust(roleType, map[string]attr.Value{"id": text("1"), "value": text("Admin"), "level": text("3")})
	for expression, want := range map[string]attr.Value{
		`Join(" ", [givenName], [surname])`: types.DynamicValue(text("Ada")),
		`[empty]`:                           types.DynamicValue(text("")),
		`[enabled]`:                         types.DynamicValue(text("True")),
		`[small]`:                           types.DynamicValue(text("42")),
		`[huge]`:                            types.DynamicValue(text("123456789012345678901234567890")),
		`[fraction]`:                        types.DynamicValue(text("0.1")),
		`[surname]`:                         types.DynamicNull(),
		`[nothing]`:                         types.DynamicNull(),
		`[notThere]`:                        types.DynamicNull(),
		`IgnoreFlowIfNullOrEmpty([empty])`:  types.DynamicNull(),
		`IgnoreObjectFlow`:                  types.DynamicNull(),
		`ToUpper([aliases])`: types.DynamicValue(types.ListValueMust(types.StringType, []attr.Value{
			text("A"), text("B"), types.StringNull(),
		})),
		`[proxies]`:                        list("x"),
		`[none]`:                           list(),
		`Split("a b", " ")`:                list("a", "b"),
		`SingleAppRoleAssignment([roles])`: types.DynamicValue(text("Admin")),
		`[roles]`:                          types.DynamicValue(types.ListValueMust(types.ObjectType{AttrTypes: roleType}, []attr.Value{adminRole})),
		`[mixed]`:                          types.DynamicValue(types.TupleValueMust([]attr.Type{types.StringType, types.ObjectType{AttrTypes: roleType}}, []attr.Value{text("a"), adminRole})),
		// What is not reached does no harm.
		`IIF(IsPresent([givenName]), "here", Now())`: types.DynamicValue(text("here")),
		`Append("Now(", "%Name%")`:                   types.DynamicValue(text("Now(%Name%")),
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			got, funcErr := call(t, "evaluate", text(expression), people)
			if funcErr != nil {
				t.Fatal(funcErr)
			}
			if !got.Equal(want) {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestEvaluateRefuses(t *testing.T) {
	t.Parallel()
	ada := types.DynamicValue(types.MapValueMust(types.StringType, map[string]attr.Value{"name": text("Ada")}))
	const outside = " depends on more than the arguments, and a Terraform function may not; try this expression with terraform-provider-provisioning eval\n    "
	for _, c := range []struct {
		name, expression string
		attributes       attr.Value
		argument         int64
		want             string
	}{
		{"syntax", `Upper([name])`, ada, 0, "line 1, column 1: "},
		{"evaluation", "Append([name],\n CDate(\"no date\"))", ada, 0, "line 2, column 2: CDate: "},
		{"clock", `DateAdd("d", 1, Now())`, ada, 0, "line 1, column 17: Now()" + outside + "DateAdd(\"d\", 1, Now())\n                    ^"},
		{"identifier", `"x" & Guid()`, ada, 0, "line 1, column 7: Guid()" + outside},
		{"chance", `Guid() & "x"`, ada, 0, "line 1, column 1: Guid()" + outside},
		{"password", `Redact(RandomString(8, 1, 1, 1, 1))`, ada, 0, "line 1, column 8: RandomString()" + outside},
		{"look-up", `SelectUniqueValue([name], "b")`, ada, 0, "line 1, column 1: SelectUniqueValue()" + outside},
		{"domain", `DefaultDomain()`, ada, 0, "line 1, column 1: DefaultDomain()" + outside},
		{"parameter", `Append([name], %Site%)`, ada, 0, "line 1, column 16: %Site%" + outside},
		{"no object", `[name]`, types.DynamicValue(tuple(text("Ada"))), 1, "attributes must be an object or a map"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, funcErr := call(t, "evaluate", text(c.expression), c.attributes)
			refused(t, funcErr, c.argument, c.want)
		})
	}
}

func refused(t *testing.T, funcErr *function.FuncError, argument int64, text string) {
	t.Helper()
	if funcErr == nil || funcErr.FunctionArgument == nil || *funcErr.FunctionArgument != argument || !strings.HasPrefix(funcErr.Text, text) {
		t.Errorf("got %+v, want %q at argument %d", funcErr, text, argument)
	}
}

func TestInScope(t *testing.T) {
	t.Parallel()
	clause := func(attribute, operator string, values ...string) attr.Value {
		members := map[string]attr.Value{"attribute": text(attribute), "operator": text(operator)}
		if values != nil {
			var elements []attr.Value
			for _, value := range values {
				elements = append(elements, text(value))
			}
			members["values"] = tuple(elements...)
		}
		return object(members)
	}
	person := object(map[string]attr.Value{
		"department": text("Sales"), "accountEnabled": types.BoolValue(false), "level": types.NumberValue(big.NewFloat(6)), "jobTitle": text(""),
	})
	resourceClause := map[string]attr.Type{
		"attribute": types.StringType, "operator": types.StringType, "value": types.StringType, "values": types.SetType{ElemType: types.StringType},
	}
	asInResource := func(attribute, operator string, value types.String, values ...attr.Value) attr.Value {
		several := types.SetNull(types.StringType)
		if len(values) > 0 {
			several = types.SetValueMust(types.StringType, values)
		}
		return types.ObjectValueMust(resourceClause, map[string]attr.Value{"attribute": text(attribute), "operator": text(operator), "value": value, "values": several})
	}
	for _, c := range []struct {
		name    string
		clauses attr.Value
		want    bool
	}{
		{"no clauses", tuple(), true},
		{"equals", tuple(clause("department", "EQUALS", "Sales")), true},
		{"none of", tuple(clause("department", "NOT EQUALS", "IT", "Sales")), false},
		{"unary", tuple(clause("accountEnabled", "IS FALSE"), clause("jobTitle", "IS NULL")), true},
		{"a number", tuple(clause("level", "GREATER_THAN", "5")), true},
		{"one of two is false", tuple(clause("level", "GREATER_THAN", "5"), clause("department", "EQUALS", "sales")), false},
		{"absent", tuple(clause("country", "NOT EQUALS", "US")), false},
		{"as the resource has them", types.ListValueMust(types.ObjectType{AttrTypes: resourceClause}, []attr.Value{
			asInResource("jobTitle", "IS NULL", types.StringNull()),
			asInResource("department", "EQUALS", text("Sales")),
			asInResource("department", "EQUALS", types.StringNull(), text("IT"), text("Sales")),
		}), true},
		{"one value", tuple(object(map[string]attr.Value{"attribute": text("department"), "operator": text("EQUALS"), "value": text("IT")})), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, funcErr := call(t, "in_scope", types.DynamicValue(c.clauses), person)
			if funcErr != nil {
				t.Fatal(funcErr)
			}
			if !got.Equal(types.BoolValue(c.want)) {
				t.Errorf("got %s, want %t", got, c.want)
			}
		})
	}

	for _, c := range []struct {
		name       string
		clauses    attr.Value
		attributes attr.Value
		argument   int64
		want       string
	}{
		{"no list", text("x"), person, 0, "clauses must be a list of objects"},
		{"no object", tuple(text("x")), person, 0, "clauses[0]: must be an object with attribute, operator and value or values"},
		{"operator", tuple(clause("a", "IS NULL"), clause("a", "Equals", "x")), person, 0, `clauses[1]: operator "Equals" is unknown: write "EQUALS"`},
		{"pattern", tuple(clause("a", "REGEX MATCH", "(")), person, 0, "clauses[0]: the pattern is not a regular expression of .NET"},
		{"value and values", tuple(object(map[string]attr.Value{"attribute": text("a"), "operator": text("EQUALS"), "value": text("x"), "values": tuple(text("y"))})), person, 0, "clauses[0]: it has value and values: remove one of them"},
		{"no values", tuple(clause("a", "EQUALS")), person, 0, "clauses[0]: EQUALS needs a value"},
		{"no attribute", tuple(object(map[string]attr.Value{"operator": text("IS NULL")})), person, 0, "clauses[0]: the clause names no attribute"},
		{"a member too many", tuple(object(map[string]attr.Value{"attribut": text("a")})), person, 0, "clauses[0]: attribut: a clause has no such member"},
		{"a text for values", tuple(object(map[string]attr.Value{"attribute": text("a"), "operator": text("EQUALS"), "values": text("x")})), person, 0, "clauses[0]: values: must be a list of texts, not a text"},
		{"a boolean for a value", tuple(object(map[string]attr.Value{"values": tuple(types.BoolValue(true))})), person, 0, "clauses[0]: values: must be a text, not a boolean"},
		{"attributes", tuple(), types.DynamicValue(text("x")), 1, "attributes must be an object or a map"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, funcErr := call(t, "in_scope", types.DynamicValue(c.clauses), c.attributes)
			refused(t, funcErr, c.argument, c.want)
		})
	}
}
