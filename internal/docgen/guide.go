package main

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

//go:embed introduction.md
var introduction string

// guide returns the page: the introduction with the operators and the functions in their places.
func guide(functions []expression.Function, operators []expression.Operator) string {
	page := strings.Replace(introduction, "{{ operators }}\n", operatorTable(operators), 1)
	return strings.Replace(page, "{{ functions }}\n", functionReference(functions), 1)
}

func operatorTable(operators []expression.Operator) string {
	var b strings.Builder
	b.WriteString("| Operator | Meaning |\n| --- | --- |\n")
	for _, operator := range operators {
		if operator.Comparison {
			fmt.Fprintf(&b, "| `%s` | %s |\n", operator.Symbol, literal(operator.Summary))
		}
	}
	return b.String()
}

// categories returns the categories in which the page explains them; those it does not know come last.
func categories(functions []expression.Function) []string {
	order := []string{
		"Text", "Replacing", "Encoding", "Tests and branches", "Lists", "Numbers", "Dates", "Generators", "Directory names", "Roles",
		"Logging and errors",
	}
	present := map[string]bool{}
	for _, f := range functions {
		present[f.Category] = true
	}
	order = slices.DeleteFunc(order, func(name string) bool { return !present[name] })
	for _, name := range slices.Sorted(maps.Keys(present)) {
		if !slices.Contains(order, name) {
			order = append(order, name)
		}
	}
	return order
}

// functionReference lists the functions and then explains them, by category and there by name.
func functionReference(functions []expression.Function) string {
	var index, reference strings.Builder
	index.WriteString("| | |\n| --- | --- |\n")
	for _, category := range categories(functions) {
		var links []string
		fmt.Fprintf(&reference, "\n### %s\n", category)
		for _, f := range functions {
			if f.Category != category {
				continue
			}
			links = append(links, fmt.Sprintf("[%s](#%s)", f.Name, strings.ToLower(f.Name)))
			reference.WriteString(explanation(f))
		}
		fmt.Fprintf(&index, "| %s | %s |\n", category, strings.Join(links, ", "))
	}
	return index.String() + reference.String()
}

func explanation(f expression.Function) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n#### %s\n\n`%s`\n\n%s %s\n", f.Name, f.Signature(), prose(f.Summary), prose(f.Details))
	for _, parameter := range f.Parameters {
		if len(parameter.Words) > 0 {
			fmt.Fprintf(&b, "\n`%s` is one of `%s`.\n", parameter.Name, strings.Join(parameter.Words, "`, `"))
		}
	}
	if f.Companion {
		b.WriteString("\nThis function is not in the main list of the reference but in that of cloud-sync jobs, or in an older one.\n")
	}
	b.WriteString("\n```text\n")
	for i, example := range f.Examples {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(literal(example.Expression) + "\n")
		for _, name := range slices.Sorted(maps.Keys(example.Attributes)) {
			b.WriteString(literal(fmt.Sprintf("    [%s] = %s", name, source(example.Attributes[name]))) + "\n")
		}
		b.WriteString("    → " + literal(example.Result))
		if example.Note != "" {
			b.WriteString("    when " + literal(example.Note))
		}
		b.WriteString("\n")
	}
	b.WriteString("```\n")
	return b.String()
}

// source writes an attribute's value so that a text differs from a value of another type.
func source(value directory.Value) string {
	switch value.Kind() {
	case directory.KindText:
		return `"` + value.String() + `"`
	case directory.KindList:
		var elements []string
		for _, element := range value.Elements() {
			elements = append(elements, source(element))
		}
		return "[" + strings.Join(elements, ", ") + "]"
	case directory.KindRecord:
		var fields []string
		for _, name := range value.FieldNames() {
			fields = append(fields, name+": "+source(value.Field(name)))
		}
		return "{" + strings.Join(fields, ", ") + "}"
	default:
		return value.String()
	}
}

// prose makes a plain sentence safe for Markdown and for the template.
func prose(text string) string {
	return literal(strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "[", `\[`, "|", `\|`).Replace(text))
}

// literal keeps braces of a text from being taken for an action of the template.
func literal(text string) string { return strings.ReplaceAll(text, "{{", `{{"{{"}}`) }
