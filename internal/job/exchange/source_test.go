package exchange_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/exchange"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// around makes a schema of a user mapping with userName and some more.
func around(mappings, more string) []byte {
	const match = `{"targetAttributeName": "userName", "matchingPriority": 1, "source": {"type": "Attribute", "name": "userPrincipalName", "expression": "[userPrincipalName]"}}`
	return fmt.Appendf(nil, `{"synchronizationRules": [{"sourceDirectoryName": "Azure Active Directory", "targetDirectoryName": "Wiki", "objectMappings": [
		{"sourceObjectName": "User", "targetObjectName": "User", %s "attributeMappings": [%s%s]}]}]}`, more, match, mappings)
}

func attributes(i exchange.Import) map[string]job.AttributeMapping {
	all := map[string]job.AttributeMapping{}
	for _, m := range i.Mappings {
		for _, a := range m.Attributes {
			all[a.Target] = a
		}
	}
	return all
}

// said are the messages of the notes that are no remarks.
func said(i exchange.Import) string {
	var lines []string
	for _, n := range i.Notes {
		if n.Kind != exchange.Remark {
			lines = append(lines, n.Kind.String()+": "+n.Message)
		}
	}
	return strings.Join(lines, "\n")
}

func TestSources(t *testing.T) {
	t.Parallel()
	const tree = `"type": "Function", "name": "Append", "parameters": [
		{"key": "source", "value": {"type": "Attribute", "name": "mail", "expression": "[mail]"}},
		{"key": "suffix", "value": {"type": "Constant", "name": "x", "expression": "\"x\""}}]`
	for name, c := range map[string]struct{ source, want, note string }{
		"direct":                   {`{"type": "Attribute", "name": "mail", "expression": "[mail]", "parameters": []}`, `[mail]`, ""},
		"direct by name alone":     {`{"type": "attribute", "name": "mail"}`, `[mail]`, ""},
		"direct by text alone":     {`{"type": "Attribute", "expression": "[mail]"}`, `[mail]`, ""},
		"direct, contradicting":    {`{"type": "Attribute", "name": "mail", "expression": "[upn]"}`, `[mail]`, `changed: the text of the expression is "[upn]"`},
		"extension attribute":      {`{"type": "Attribute", "name": "extension_0a1b_costCentre"}`, `[extension_0a1b_costCentre]`, ""},
		"constant":                 {`{"type": "Constant", "name": "Contoso", "expression": "\"Contoso\""}`, `"Contoso"`, ""},
		"constant without marks":   {`{"type": "Constant", "name": "Contoso", "expression": "Contoso"}`, `"Contoso"`, ""},
		"constant with escapes":    {`{"type": "Constant", "name": "a \"b\" \\ c"}`, `"a \"b\" \\ c"`, ""},
		"constant, empty":          {`{"type": "Constant", "name": "", "expression": "\"\""}`, `""`, ""},
		"constant as a number":     {`{"type": "Constant", "name": 7}`, `"7"`, ""},
		"text and tree agree":      {`{"expression": "Append( [mail],\"x\" )", ` + tree + `}`, `Append( [mail],"x" )`, ""},
		"text is missing":          {`{"expression": null, ` + tree + `}`, `Append([mail], "x")`, ""},
		"text does not parse":      {`{"expression": "Append([mail", ` + tree + `}`, `Append([mail], "x")`, `changed: the text of the expression is "Append([mail"`},
		"text disagrees":           {`{"expression": "Append([mail], \"y\")", ` + tree + `}`, `Append([mail], "x")`, "the latter is used"},
		"tree is missing":          {`{"type": "Function", "name": "Trim", "expression": "Trim([mail])", "parameters": []}`, `Trim([mail])`, ""},
		"tree does not parse":      {`{"type": "Function", "name": "Append", "expression": "Append([mail], \"x\")", "parameters": [{"key": "source", "value": {"type": "Attribute", "name": "mail"}}]}`, `Append([mail], "x")`, "which cannot be read; the text is used"},
		"places are skipped":       {`{"type": "Function", "name": "Replace", "parameters": [{"key": "source", "value": {"type": "Attribute", "name": "a"}}, {"key": "RegularExpression", "value": {"type": "Constant", "name": "x+"}}, {"key": "Replacement", "value": {"type": "Constant", "name": ""}}]}`, `Replace([a], , "x+", , "")`, ""},
		"documented names":         {`{"type": "Function", "name": "Replace", "parameters": [{"key": "source", "value": {"type": "Attribute", "name": "a"}}, {"key": "oldValue", "value": {"type": "Constant", "name": "x"}}, {"key": "template", "value": {"type": "Constant", "name": "y"}}]}`, `Replace([a], "x", , , , , "y")`, ""},
		"unknown names keep order": {`{"type": "Function", "name": "Append", "parameters": [{"key": "p0", "value": {"type": "Attribute", "name": "a"}}, {"key": "p1", "value": {"type": "Attribute", "name": "b"}}]}`, `Append([a], [b])`, ""},
		"default of Switch":        {`{"type": "Function", "name": "Switch", "parameters": [{"key": "source", "value": {"type": "Attribute", "name": "a"}}, {"key": "defaultValue", "value": {"type": "Constant", "name": "d"}}, {"key": "switchValue", "value": {"type": "Constant", "name": "1"}}, {"key": "switchValue", "value": {"type": "Constant", "name": "2"}}]}`, `Switch([a], "d", "1", "2")`, ""},
		"word":                     {`{"type": "Function", "name": "InStr", "parameters": [{"key": "value1", "value": {"type": "Attribute", "name": "a"}}, {"key": "value2", "value": {"type": "Constant", "name": "x"}}, {"key": "compareType", "value": {"type": "Constant", "name": "vbTextCompare", "expression": "vbTextCompare"}}]}`, `InStr([a], "x", , vbTextCompare)`, ""},
		"condition as text":        {`{"type": "Function", "name": "IIF", "parameters": [{"key": "condition", "value": {"expression": "[a]=\"x\""}}, {"key": "valueIfTrue", "value": {"type": "Constant", "name": "1"}}, {"key": "valueIfFalse", "value": {"type": "Constant", "name": "2"}}]}`, `IIF([a]="x", "1", "2")`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := imported(t, around(`, {"targetAttributeName": "title", "source": `+c.source+`}`, ""), exchange.Options{})
			if got := attributes(i)["title"].Expression; got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if got := said(i); c.note == "" && got != "" || !strings.Contains(got, c.note) {
				t.Errorf("notes %q, want %q", got, c.note)
			}
		})
	}
}

func TestAttributeMappings(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	mail := job.AttributeMapping{Target: "title", Expression: "[mail]", FlowType: job.FlowAlways, FlowBehavior: job.FlowWhenChanged}
	for name, c := range map[string]struct {
		members string
		change  func(*job.AttributeMapping)
		note    string
	}{
		"defaults":           {`"flowType": "Always", "flowBehavior": "FlowWhenChanged", "matchingPriority": 0, "defaultValue": null, "exportMissingReferences": false`, func(*job.AttributeMapping) {}, ""},
		"nothing said":       {`"x@odata.type": "y"`, func(*job.AttributeMapping) {}, ""},
		"default value":      {`"defaultValue": "none"`, func(a *job.AttributeMapping) { a.DefaultValue = text("none") }, ""},
		"empty default":      {`"defaultValue": ""`, func(*job.AttributeMapping) {}, ""},
		"matching":           {`"matchingPriority": 2`, func(a *job.AttributeMapping) { a.MatchingPrecedence = 2 }, ""},
		"matching twice":     {`"matchingPriority": 1`, func(a *job.AttributeMapping) { a.MatchingPrecedence = 2 }, "matchingPriority 1 is used twice; this one became 2"},
		"matching, negative": {`"matchingPriority": -1`, func(*job.AttributeMapping) {}, "is not a number from 0"},
		"on creation":        {`"flowType": "objectaddonly"`, func(a *job.AttributeMapping) { a.FlowType = job.FlowObjectAddOnly }, ""},
		"unknown flow":       {`"flowType": "Sometimes"`, func(*job.AttributeMapping) {}, `changed: flowType "Sometimes" is not known`},
		"every update":       {`"flowBehavior": "FlowAlways"`, func(a *job.AttributeMapping) { a.FlowBehavior = job.FlowInEveryUpdate }, ""},
		"null values":        {`"flowNullValues": true`, func(a *job.AttributeMapping) { a.FlowNullValues = true }, ""},
		"null values, text":  {`"flowNullValues": "True"`, func(a *job.AttributeMapping) { a.FlowNullValues = true }, ""},
		"missing references": {`"exportMissingReferences": true`, func(*job.AttributeMapping) {}, "left out: exportMissingReferences is true"},
		"a form of its own":  {`"flowType": ["Always"]`, func(*job.AttributeMapping) {}, `left out: the member "flowType" has no counterpart`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := imported(t, around(`, {"targetAttributeName": "title", "source": {"type": "Attribute", "name": "mail"}, `+c.members+`}`, ""), exchange.Options{})
			want := mail
			c.change(&want)
			if diff := cmp.Diff(want, attributes(i)["title"]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := said(i); c.note == "" && got != "" || !strings.Contains(got, c.note) {
				t.Errorf("notes %q, want %q", got, c.note)
			}
		})
	}
}

func TestNoneMapping(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{
		"null": "null", "empty": "{}", "members that say nothing": `{"type": null, "name": null, "expression": "", "parameters": []}`,
	} {
		i := imported(t, around(`, {"targetAttributeName": "title", "source": `+source+`, "defaultValue": "d"}`, ""), exchange.Options{})
		if a := attributes(i)["title"]; a.Expression != "" || a.DefaultValue == nil || *a.DefaultValue != "d" || said(i) != "" {
			t.Errorf("%s: %+v, %s", name, a, said(i))
		}
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	clause := func(attribute, operator, values string) string {
		return `{"sourceOperandName": "` + attribute + `", "operatorName": "` + operator + `", "targetOperand": {"values": ` + values + `}}`
	}
	group := func(name string, clauses ...string) string {
		return `{"name": "` + name + `", "clauses": [` + strings.Join(clauses, ", ") + `]}`
	}
	sales := clause("department", "EQUALS", `["Sales"]`)
	salesFilter := job.Filter{AppKey: "wiki", Name: "sales", ObjectType: "user", Clauses: []scope.Clause{{Attribute: "department", Operator: scope.Equals, Values: []string{"Sales"}}}}
	for name, c := range map[string]struct {
		groups []string
		want   []job.Filter
		note   string
	}{
		"none": {nil, nil, ""},
		"one":  {[]string{group("sales", sales)}, []job.Filter{salesFilter}, ""},
		"the same name twice": {[]string{group("sales", sales), group("Sales", sales)}, []job.Filter{
			salesFilter, {AppKey: "wiki", Name: "user-sales", ObjectType: "user", Clauses: salesFilter.Clauses},
		}, ""},
		"no name": {[]string{group("", sales)}, []job.Filter{{AppKey: "wiki", Name: "user-filter-1", ObjectType: "user", Clauses: salesFilter.Clauses}}, ""},
		"unary": {[]string{group("sales", clause("mail", "IS_NOT_NULL", `[""]`))}, []job.Filter{{AppKey: "wiki", Name: "sales", ObjectType: "user", Clauses: []scope.Clause{
			{Attribute: "mail", Operator: scope.IsNotNull},
		}}}, ""},
		"a filter that lets everybody in": {[]string{group("sales", sales), group("all")}, nil, "no filter has an effect"},
		"one of two cannot be used":       {[]string{group("sales", sales), group("x", sales, clause("manager", "IS NULL", "[]"))}, []job.Filter{salesFilter}, "attention: people whom only a filter that was left out lets in"},
		"none can be used":                {[]string{group("x", clause("country", "Present", "[]"))}, nil, "attention: no filter is left: EVERYBODY is in scope"},
		"pattern that is none":            {[]string{group("x", clause("country", "REGEX MATCH", `["("]`))}, nil, "left out: the filter cannot be used: clause 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := imported(t, around(``, `"scope": {"groups": [`+strings.Join(c.groups, ", ")+`]},`), exchange.Options{})
			if diff := cmp.Diff(c.want, i.Filters); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := said(i); c.note == "" && got != "" || !strings.Contains(got, c.note) {
				t.Errorf("notes %q, want %q", got, c.note)
			}
		})
	}
}
