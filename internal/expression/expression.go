package expression

import (
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// MaximumLength is how many characters an expression may have (expressions.md 2.8).
const MaximumLength = 10_000

// Expression is a parsed mapping expression. It is immutable and safe for concurrent use.
type Expression struct {
	source string
	root   node
	// room is what roomFor says of root.
	room int
}

// Parse parses an expression, which may also be a bare attribute or constant. The error is a *SyntaxError:
// a configuration error in the sense of expressions.md 1.4.
func Parse(source string) (*Expression, error) {
	if !utf8.ValidString(source) {
		return nil, &SyntaxError{Line: 1, Column: 1, Message: "the expression is not valid UTF-8"}
	}
	if length := utf8.RuneCountInString(source); length > MaximumLength {
		return nil, syntaxErrorAt(source, 0, "split the mapping",
			"the expression has %d characters, at most %d are allowed", length, MaximumLength)
	}
	if strings.TrimSpace(source) == "" {
		return nil, syntaxErrorAt(source, 0, "", "the expression is empty: expected a function, an attribute such as [mail], a text or a number")
	}
	tokens, err := lex(source)
	if err != nil {
		return nil, err
	}
	p := &parser{source: source, tokens: tokens}
	root, err := p.whole()
	if err != nil {
		return nil, err
	}
	if err := checkOutermost(source, root); err != nil {
		return nil, err
	}
	sharePatience(root)
	return &Expression{source: source, root: root, room: roomFor(root)}, nil
}

// Source returns the text that was parsed.
func (e *Expression) Source() string { return e.source }

// String returns the canonical text: functions and words in their documented spelling, one blank after each
// comma, no redundant parentheses, no trailing empty arguments. Parsing it prints the same text again,
// unless the added blanks and backslashes make it longer than MaximumLength.
func (e *Expression) String() string { return canonical(e.root) }

// Attributes returns the names of the source attributes referred to, sorted, without repeats.
func (e *Expression) Attributes() []string {
	var names []string
	for _, r := range e.references() {
		names = append(names, r.name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// IsAttribute returns the attribute's name when the expression is nothing but one attribute, [name]: a
// direct mapping, the only form that may carry references such as [manager].
func (e *Expression) IsAttribute() (name string, ok bool) {
	r, ok := e.root.(*reference)
	if !ok {
		return "", false
	}
	return r.name, true
}

// Redacted reports whether the expression calls Redact: logs then show [Redact] instead of the result
// (expressions.md 4.8).
func (e *Expression) Redacted() bool { return e.Calls("Redact") }

// CheckAttributes returns a *SyntaxError for the first reference to an attribute that is not among the
// known names, which are compared exactly. The object's own id is always known.
func (e *Expression) CheckAttributes(known []string) error {
	for _, r := range e.references() {
		if slices.Contains(known, r.name) || r.name == "id" || r.name == directory.AttributeObjectID || r.name == directory.AttributeIsSoftDeleted {
			continue
		}
		hint := "names are matched exactly, including case"
		if near := nearest(r.name, known, 3); len(near) > 0 {
			hint = "did you mean [" + strings.Join(near, "] or [") + "]?"
		}
		return syntaxErrorAt(e.source, r.offset, hint, "the source has no attribute [%s]", r.name)
	}
	return nil
}

// Calls reports whether the function of a canonical name is called anywhere in the expression.
func (e *Expression) Calls(name string) bool {
	found := false
	walk(e.root, func(n node) {
		if c, ok := n.(*call); ok && c.function.Name == name {
			found = true
		}
	})
	return found
}

// SelectsUnique reports whether the expression is a call of SelectUniqueValue, which is only allowed outermost: its
// mapping applies when the object is created and cannot be a matching one (expressions.md 4.6).
func (e *Expression) SelectsUnique() bool {
	c, ok := e.root.(*call)
	return ok && c.function.Name == functionSelectUniqueValue
}

// IsConstant returns the value when the expression is nothing but a constant.
func (e *Expression) IsConstant() (directory.Value, bool) {
	c, ok := e.root.(*constant)
	if !ok {
		return directory.Null(), false
	}
	return c.value, true
}

// Parameters returns the names of the environment parameters referred to as %Name%, sorted, without repeats.
func (e *Expression) Parameters() []string {
	var names []string
	walk(e.root, func(n node) {
		if p, ok := n.(*environmentParameter); ok {
			names = append(names, p.name)
		}
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// Settles reports whether equal input gives an equal result in every run. If not, reason is the name of the first
// function that prevents it.
func (e *Expression) Settles() (reason string, ok bool) {
	walk(e.root, func(n node) {
		if c, isCall := n.(*call); isCall && c.function.varies && reason == "" {
			reason = c.function.Name
		}
	})
	return reason, reason == ""
}

func (e *Expression) references() []*reference {
	var references []*reference
	walk(e.root, func(n node) {
		if r, ok := n.(*reference); ok {
			references = append(references, r)
		}
	})
	return references
}

// Environment is what an evaluation may see besides the expression.
type Environment struct {
	// Attribute returns a source attribute, null when the object has none. Nil means no attributes.
	Attribute func(name string) directory.Value
	// Now is the clock of the function Now.
	Now time.Time
	// Random is the source of Guid and RandomString; it must be cryptographic. Nil: these functions fail.
	Random io.Reader
	// DefaultDomain is the result of DefaultDomain. Empty: the function fails.
	DefaultDomain string
	// Parameter returns the value of %Name%; ok is false when there is no such parameter. Nil: there are none.
	Parameter func(name string) (value string, ok bool)
	// Taken says whether a candidate of SelectUniqueValue is used in the target already. Nil: none is. Its error ends
	// the evaluation and is returned wrapped.
	Taken func(candidate directory.Value) (bool, error)
	// Trace is called with every part of the expression once it is evaluated, inner parts first. Nil: nobody listens.
	Trace func(Step)
}

// Step is one evaluated part of an expression. The results of a Redacted expression are not for people's eyes, those of
// its parts neither.
type Step struct {
	// Expression is the canonical text of the part.
	Expression string
	// Line and Column count from 1; Depth is 0 for the whole expression.
	Line, Column, Depth int
	Result              Result
	// Err is why the part has no result, or nil.
	Err error
}

// Outcome says what an evaluation decided.
type Outcome uint8

// The outcomes (expressions.md 1.5).
const (
	// Produced: Result.Value is the value, possibly null.
	Produced Outcome = iota
	// DropAttribute: leave the attribute out of the request; defaults do not apply.
	DropAttribute
	// DropObject: leave the whole object out.
	DropObject
)

// String names the outcome for messages.
func (o Outcome) String() string {
	switch o {
	case Produced:
		return "produced"
	case DropAttribute:
		return "drop attribute"
	case DropObject:
		return "drop object"
	default:
		return "unknown"
	}
}

// Result is what an evaluation yields. Value is null unless Outcome is Produced.
type Result struct {
	Value   directory.Value
	Outcome Outcome
}

// String writes the result for people: the value's text form, "" for the empty text, null, a list as [a, b], or the
// outcome when there is no value.
func (r Result) String() string {
	if r.Outcome != Produced {
		return r.Outcome.String()
	}
	if text, ok := r.Value.Text(); ok && text == "" {
		return `""`
	}
	return r.Value.String()
}

// Evaluate computes the expression for one source object. The error is an *EvaluationError.
func (e *Expression) Evaluate(environment Environment) (Result, error) {
	if environment.Attribute == nil {
		environment.Attribute = func(string) directory.Value { return directory.Null() }
	}
	if r, ok := e.root.(*reference); ok && environment.Trace == nil {
		// Most mappings are direct ones; they need no state.
		value := environment.Attribute(r.name)
		var b budget
		if b.take(value) == nil {
			return produced(value), nil
		}
	}
	v := evaluator{&evaluation{Environment: environment, source: e.source, room: e.room, now: environment.Now}}
	return v.evaluate(e.root)
}
