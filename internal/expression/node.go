package expression

import (
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/dlclark/regexp2/v2"
)

// node is a part of a parsed expression. The set is closed: reference, environmentParameter, constant, marker, option,
// call, comparison and concatenation.
type node interface {
	// print appends the canonical text.
	print(*strings.Builder)
	// children returns the parts in source order.
	children() []node
}

// reference is an attribute of the source object.
type reference struct {
	name   string
	offset int
}

// environmentParameter is %Name%, a parameter of the job (expressions.md 8).
type environmentParameter struct {
	name   string
	offset int
}

// constant is a text, a number, or one of the words True, False and NULL; spelling is its canonical text.
type constant struct {
	value    directory.Value
	spelling string
}

// marker is one of the words IgnoreAttributeFlow and IgnoreObjectFlow (expressions.md 1.5).
type marker struct {
	outcome Outcome
	name    string
}

// option is a word that one parameter of one function understands, such as vbTextCompare.
type option struct {
	name  string
	value directory.Value
}

// call is a function call. places are the arguments as written; trailing empty places are dropped.
type call struct {
	function *function
	places   []place
	offset   int
	// pattern is the compiled regular expression when Replace has a constant one, else nil.
	pattern *regexp2.Regexp
}

// place is one argument place; node is nil when the place is empty.
type place struct {
	node   node
	offset int
}

// comparison and concatenation know where they start and where their operator stands.
type comparison struct {
	operator      string
	left, right   node
	start, offset int
}

type concatenation struct {
	parts         []node
	start, offset int
}

func (n *reference) print(b *strings.Builder)            { b.WriteString("[" + n.name + "]") }
func (n *environmentParameter) print(b *strings.Builder) { b.WriteString("%" + n.name + "%") }
func (n *constant) print(b *strings.Builder)             { b.WriteString(n.spelling) }
func (n *marker) print(b *strings.Builder)               { b.WriteString(n.name) }
func (n *option) print(b *strings.Builder)               { b.WriteString(n.name) }

func (n *call) print(b *strings.Builder) {
	b.WriteString(n.function.Name + "(")
	for i, p := range n.places {
		if i > 0 {
			b.WriteString(", ")
		}
		if p.node != nil {
			p.node.print(b)
		}
	}
	b.WriteString(")")
}

func (n *comparison) print(b *strings.Builder) {
	n.left.print(b)
	b.WriteString(" " + n.operator + " ")
	n.right.print(b)
}

func (n *concatenation) print(b *strings.Builder) {
	for i, part := range n.parts {
		if i > 0 {
			b.WriteString(" & ")
		}
		part.print(b)
	}
}

func (n *reference) children() []node            { return nil }
func (n *environmentParameter) children() []node { return nil }
func (n *constant) children() []node             { return nil }
func (n *marker) children() []node               { return nil }
func (n *option) children() []node               { return nil }
func (n *comparison) children() []node           { return []node{n.left, n.right} }
func (n *concatenation) children() []node        { return n.parts }

func (n *call) children() []node {
	nodes := make([]node, 0, len(n.places))
	for _, p := range n.places {
		if p.node != nil {
			nodes = append(nodes, p.node)
		}
	}
	return nodes
}

// canonical returns the text of a part in its canonical form.
func canonical(n node) string {
	var b strings.Builder
	n.print(&b)
	return b.String()
}

// startOf returns where a part begins in the source. ok is false for a part that is nothing but a constant or a word.
func startOf(n node) (offset int, ok bool) {
	switch n := n.(type) {
	case *reference:
		return n.offset, true
	case *environmentParameter:
		return n.offset, true
	case *call:
		return n.offset, true
	case *comparison:
		return n.start, true
	case *concatenation:
		return n.start, true
	default:
		return 0, false
	}
}

// walk visits a node and all its parts in source order.
func walk(n node, visit func(node)) {
	visit(n)
	for _, child := range n.children() {
		walk(child, visit)
	}
}

// quote prints a text as a string of the language.
func quote(text string) string {
	if !strings.ContainsAny(text, `"\`) {
		return `"` + text + `"`
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(text) {
		if text[i] == '"' || text[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
	b.WriteByte('"')
	return b.String()
}
