package expression

import (
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Function describes one function of the language, for documentation and completion.
type Function struct {
	Name       string
	Parameters []Parameter
	// Summary is one sentence for people.
	Summary string
	// Minimum and Maximum bound the number of argument places; Maximum is -1 when there is no upper bound.
	Minimum, Maximum int
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
	first := slices.IndexFunc(f.Parameters, func(p Parameter) bool { return p.Repeats })
	if first >= 0 && index >= first {
		index = first + (index-first)%(len(f.Parameters)-first)
	}
	return f.Parameters[index]
}

// Functions returns every function of the language that is available, sorted by name.
func Functions() []Function {
	var all []Function
	for _, f := range table() {
		all = append(all, f.Function)
	}
	slices.SortFunc(all, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	return all
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
	// check rejects what arity does not: it returns a message, or "" when the call is right. It may
	// prepare the call.
	check func(*call) string
}

// find looks a function up, ignoring case (expressions.md 2.7).
func find(name string) (*function, bool) {
	for _, f := range table() {
		if strings.EqualFold(f.Name, name) {
			return &f, true
		}
	}
	return nil, false
}

func functionNames() []string {
	var names []string
	for _, f := range Functions() {
		names = append(names, f.Name)
	}
	return names
}

// optionWords returns every word some parameter accepts, sorted, without repeats.
func optionWords() []string {
	var words []string
	for _, f := range table() {
		for _, p := range f.Parameters {
			words = append(words, p.Words...)
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// notAvailable lists the functions of the reference that this version does not implement.
func notAvailable() []string {
	return []string{"DefaultDomain", "DNComponent", "Guid", "RandomString", "SelectUniqueValue", "StringFromSid"}
}

// siblingHint tells what to use instead of a function of the sibling engine (expressions.md 8).
func siblingHint(name string) (hint string, known bool) {
	const foreign = "it belongs to the sync engine's dialect, not to this language"
	switch strings.ToLower(name) {
	case "right", "instrrev", "replacechars":
		return foreign + "; use Replace with a pattern", true
	case "len", "padleft", "padright", "randomnum", "where", "select", "with", "bitor", "isnumeric", "isdate",
		"isguid", "isbitset", "cref", "cguid":
		return foreign, true
	case "ltrim", "rtrim":
		return foreign + "; use Trim", true
	case "lcase":
		return foreign + "; use ToLower", true
	case "ucase":
		return foreign + "; use ToUpper", true
	case "contains":
		return foreign + "; use InStr", true
	case "cnum":
		return foreign + "; digits in quotation marks are numbers without it", true
	case "approleassignments":
		return "use SingleAppRoleAssignment or AppRoleAssignmentsComplex", true
	default:
		return "", false
	}
}
