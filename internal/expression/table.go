package expression

import "github.com/app-provisioning/terraform-provider-provisioning/internal/directory"

const functionSelectUniqueValue = "SelectUniqueValue"

// table lists every function of the language, by category. Rules and sources: expressions.md 4, 5 and 8.
func table() []function {
	var all []function
	for _, group := range []struct {
		category string
		rows     []function
	}{
		{"Text", textFunctions()},
		{"Replacing", replaceFunctions()},
		{"Encoding", encodingFunctions()},
		{"Tests and branches", branchFunctions()},
		{"Lists", listFunctions()},
		{"Numbers", numberFunctions()},
		{"Dates", dateFunctions()},
		{"Generators", generatorFunctions()},
		{"Directory names", identifierFunctions()},
		{"Roles", roleFunctions()},
		{"Logging and errors", loggingFunctions()},
	} {
		for _, row := range group.rows {
			row.Category = group.category
			all = append(all, row)
		}
	}
	return all
}

func define(name, summary string, parameters ...Parameter) Function {
	f := Function{Name: name, Summary: summary, Parameters: parameters, Minimum: requiredPlaces(parameters), Maximum: len(parameters)}
	if len(parameters) > 0 && parameters[len(parameters)-1].Repeats {
		f.Maximum = -1
	}
	return f
}

// explain adds the documentation.
func (f Function) explain(details string, examples ...Example) Function {
	f.Details, f.Examples = details, examples
	return f
}

// companion marks a function that is outside the main list of the reference.
func (f Function) companion() Function {
	f.Companion = true
	return f
}

func required(name string) Parameter { return Parameter{Name: name, Required: true} }

func optional(name string) Parameter { return Parameter{Name: name} }

func repeated(name string) Parameter { return Parameter{Name: name, Required: true, Repeats: true} }

func words(name string, accepted ...string) Parameter { return Parameter{Name: name, Words: accepted} }

// object is the source object of an example.
type object map[string]directory.Value

func example(expression, result string, attributes object) Example {
	return Example{Expression: expression, Result: result, Attributes: attributes}
}

// when adds what the example presumes.
func (e Example) when(note string) Example {
	e.Note = note
	return e
}
