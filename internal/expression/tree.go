package expression

import "strings"

// TreeType is the kind of a part of a Tree.
type TreeType string

// The kinds, spelled as synchronization schemas do.
const (
	TreeAttribute TreeType = "Attribute"
	TreeConstant  TreeType = "Constant"
	TreeFunction  TreeType = "Function"
)

// Tree is an expression in the stored form of expressions.md 3.
type Tree struct {
	Type TreeType
	// Name is the attribute, the unescaped text of a constant, or the function. A comparison and a concatenation are
	// functions named like their operator; the reference does not say how they are stored.
	Name string
	// Expression is the canonical text of the part. Numbers are stored as texts; words such as vbTextCompare, NULL and
	// hexadecimal numbers keep their spelling, as a quoted text would mean something else.
	Expression string
	// Parameters are the arguments of a function; skipped ones are not among them.
	Parameters []TreeParameter
}

// TreeParameter is one argument of a function with the name of its place. Names repeat where places do.
type TreeParameter struct {
	Key   string
	Value Tree
}

// Tree returns the expression in its stored form.
func (e *Expression) Tree() Tree { return treeOf(e.root) }

func treeOf(n node) Tree {
	var text strings.Builder
	n.print(&text)
	t := Tree{Expression: text.String()}
	switch n := n.(type) {
	case *reference:
		t.Type, t.Name = TreeAttribute, n.name
	case *constant:
		t.Type, t.Name = TreeConstant, n.spelling
		if value, ok := n.value.Text(); ok && !strings.HasPrefix(n.spelling, "&") {
			t.Name, t.Expression = value, quote(value)
		}
	case *comparison:
		t.Type, t.Name = TreeFunction, n.operator
		t.Parameters = []TreeParameter{{"left", treeOf(n.left)}, {"right", treeOf(n.right)}}
	case *concatenation:
		t.Type, t.Name = TreeFunction, "&"
		for _, part := range n.parts {
			t.Parameters = append(t.Parameters, TreeParameter{"source", treeOf(part)})
		}
	case *call:
		t.Type, t.Name = TreeFunction, n.function.Name
		for i, p := range n.places {
			if p.node != nil {
				t.Parameters = append(t.Parameters, TreeParameter{n.function.storedKey(i, len(n.places)), treeOf(p.node)})
			}
		}
	default:
		t.Type, t.Name = TreeConstant, t.Expression
	}
	return t
}

// storedKey returns the name under which the argument of a place is stored.
func (f Function) storedKey(index, places int) string {
	if f.Name == "FormatDateTime" && places == 3 && index > 0 {
		index++ // the older form has no place for dateTimeStyles
	}
	keys := StoredKeys(f.Name)
	return keys[min(index, len(keys)-1)] // what repeats is last
}

// StoredKeys returns the names under which the arguments of a function are stored, in the order of its places
// (expressions.md 3). Nil when there is no such function.
func StoredKeys(function string) []string {
	f, found := find(function)
	if !found {
		return nil
	}
	switch f.Name {
	case "Replace":
		return []string{"source", "Find", "RegularExpression", "RegularExpressionGroupName", "Replacement", "ReplacementPropertyName", "Template"}
	case "Switch":
		return []string{"source", "defaultValue", "switchValue", "switchValue"}
	case "SingleAppRoleAssignment", "AppRoleAssignmentsComplex", "AssertiveAppRoleAssignmentsComplex":
		return []string{"source"}
	}
	return ParameterNames(f.Name)
}

// ParameterNames returns the names of a function's parameters as its documentation has them, in the order of its places.
// Nil when there is no such function.
func ParameterNames(function string) []string {
	f, found := find(function)
	if !found {
		return nil
	}
	names := make([]string, len(f.Parameters))
	for i, p := range f.Parameters {
		names[i] = p.Name
	}
	return names
}

// Quote returns a text as a constant of the language.
func Quote(text string) string { return quote(text) }
