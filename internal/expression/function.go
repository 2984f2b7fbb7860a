package expression

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Function describes one function of the language, for documentation and completion.
type Function struct {
	Name       string
	Parameters []Parameter
	// Category is the heading under which the function is explained.
	Category string
	// Summary is one sentence for people.
	Summary string
	// Details are a few plain sentences: null handling, errors and limits.
	Details string
	// Companion: the function is not in the main list of the reference, but in that of the companion dialect or in an
	// older list (expressions.md 8).
	Companion bool
	Examples  []Example
	// Minimum and Maximum bound the number of argument places; Maximum is -1 when there is no upper bound.
	Minimum, Maximum int
}

// Example is a call and its result.
type Example struct {
	Expression string
	// Attributes are those of the source object.
	Attributes map[string]directory.Value
	// Result is as Result.String writes it; an error begins with "error: ". A random result is that of one run.
	Result string
	// Note is what the example presumes besides the attributes, or empty; it reads after "when".
	Note string
}

// Parameter is one place of a function.
type Parameter struct {
	Name     string
	Required bool
	// Repeats: the parameter may be given any number of times. Several repeating parameters alternate.
	Repeats bool
	// Words are the words the parameter accepts; empty when it takes any value.
	Words []string
}

// Signature returns the function with its parameters, for example Left(string, numChars); optional ones end
// in "?", repeating ones in "...".
func (f Function) Signature() string {
	names := make([]string, len(f.Parameters))
	for i, p := range f.Parameters {
		names[i] = p.Name
		if p.Repeats {
			names[i] += "..."
		}
		if !p.Required {
			names[i] += "?"
		}
	}
	return f.Name + "(" + strings.Join(names, ", ") + ")"
}

// parameter returns the parameter of an argument place.
func (f Function) parameter(index int) Parameter {
	if index < len(f.Parameters) {
		return f.Parameters[index]
	}
	first := slices.IndexFunc(f.Parameters, func(p Parameter) bool { return p.Repeats })
	return f.Parameters[first+(index-first)%(len(f.Parameters)-first)]
}

// Functions returns every function of the language, sorted by name. The caller may change what it gets.
func Functions() []Function {
	functions := make([]Function, 0, len(language().names))
	for _, name := range language().names {
		f := language().rows[strings.ToLower(name)].Function
		f.Parameters, f.Examples = slices.Clone(f.Parameters), slices.Clone(f.Examples)
		for i := range f.Parameters {
			f.Parameters[i].Words = slices.Clone(f.Parameters[i].Words)
		}
		for i := range f.Examples {
			f.Examples[i].Attributes = maps.Clone(f.Examples[i].Attributes)
		}
		functions = append(functions, f)
	}
	return functions
}

// Words returns the words that stand without quotation marks, sorted: markers, constants, and those that some
// parameter accepts.
func Words() []string { return slices.Clone(language().words) }

// Operator is a sign between two values.
type Operator struct {
	Symbol string
	// Summary is one sentence for people.
	Summary string
	// Comparison: only allowed in the condition of IIF and in CBool (expressions.md 2.6).
	Comparison bool
}

// Operators returns the operators of the language, in the order in which they are explained.
func Operators() []Operator {
	return []Operator{
		{Symbol: "&", Summary: "Joins two texts; null counts as empty."},
		{Symbol: "=", Summary: "Tests whether two values are equal; case matters.", Comparison: true},
		{Symbol: "<>", Summary: "Tests whether two values differ.", Comparison: true},
		{Symbol: ">", Summary: "Tests whether the first number or text is greater.", Comparison: true},
		{Symbol: ">=", Summary: "Tests whether the first number or text is greater or equal.", Comparison: true},
		{Symbol: "<", Summary: "Tests whether the first number or text is less.", Comparison: true},
		{Symbol: "<=", Summary: "Tests whether the first number or text is less or equal.", Comparison: true},
	}
}

// function is a row of the table: the description and one of two implementations.
type function struct {
	Function
	// lazy evaluates its arguments itself (expressions.md 1.3).
	lazy func(evaluator, *call) (Result, error)
	// strict gets its arguments evaluated; a drop marker among them is the result without a call.
	strict func(arguments) (directory.Value, error)
	// condition: the first argument may be a comparison (expressions.md 2.6).
	condition bool
	// handlesNull: strict decides about a null first argument. Otherwise the result is null
	// (expressions.md 1.2).
	handlesNull bool
	// elementwise: a list as first argument is mapped element by element (expressions.md 4.3).
	elementwise bool
	// varies: equal arguments give different results.
	varies bool
	// settings: the result is a setting of the job or its source.
	settings bool
	// matches: the function applies a regular expression when its place for one is given.
	matches bool
	// effort is the work of a call beyond reading the arguments and making the result, or nil.
	effort func(arguments) int
	// check rejects what arity does not: it returns a message, or "" when the call is right. It may
	// prepare the call.
	check func(*call) string
}

// lexicon is the table made ready for looking up. It is never changed once built.
type lexicon struct {
	// rows are the functions by name in lower case.
	rows map[string]*function
	// names are those of the functions, sorted.
	names []string
	// options and words are in canonical spelling, by their lower-case form; words has all of them, sorted.
	options map[string]*option
	words   []string
}

// language is built on first use, once.
var language = sync.OnceValue(func() lexicon {
	l := lexicon{rows: map[string]*function{}, options: map[string]*option{}, words: reservedWords()}
	for _, f := range table() {
		l.rows[strings.ToLower(f.Name)] = &f
		l.names = append(l.names, f.Name)
		for _, p := range f.Parameters {
			for _, w := range p.Words {
				l.options[strings.ToLower(w)] = &option{name: w, value: directory.Text(w)}
				l.words = append(l.words, w)
			}
		}
	}
	slices.Sort(l.names)
	slices.Sort(l.words)
	l.words = slices.Compact(l.words)
	return l
})

// reservedWords mean the same at every place (expressions.md 1.5, 10).
func reservedWords() []string {
	return []string{wordIgnoreAttribute, wordIgnoreObject, wordTrue, wordFalse, wordNull}
}

const (
	wordIgnoreAttribute = "IgnoreAttributeFlow"
	wordIgnoreObject    = "IgnoreObjectFlow"
	wordTrue            = "True"
	wordFalse           = "False"
	wordNull            = "NULL"
)

// find looks a function up, ignoring case (expressions.md 2.7).
func find(name string) (*function, bool) {
	f, found := language().rows[strings.ToLower(name)]
	return f, found
}

// ReadsEnvironment reports whether a function yields something besides what its arguments say: the clock, chance, what the
// target holds, or a setting. It ignores case.
func ReadsEnvironment(function string) bool {
	f, ok := find(function)
	return ok && (f.varies || f.settings)
}
