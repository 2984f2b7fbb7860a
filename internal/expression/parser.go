package expression

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// maximumDepth is the deepest nesting accepted. expressions.md 2.8 asks for at least 100; the cap keeps the
// recursion of parser and evaluation within a small stack.
const maximumDepth = 250

// parser is a recursive-descent parser of the grammar in expressions.md 2: one method for each rule.
type parser struct {
	source string
	tokens []token
	next   int
	depth  int
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != tokenEnd {
		p.next++
	}
	return t
}

func (p *parser) fail(t token, hint, format string, args ...any) error {
	return syntaxErrorAt(p.source, t.offset, hint, format, args...)
}

// whole parses the complete source.
func (p *parser) whole() (node, error) {
	n, err := p.expression(false)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokenEnd {
		return nil, p.fail(t, p.misplaced(t), "unexpected %s: expected the end of the expression", describe(t))
	}
	return n, nil
}

const comparisonHint = "wrap it in CBool(...)"

// expression parses a term and, where a condition stands, at most one comparison.
func (p *parser) expression(condition bool) (node, error) {
	start := p.peek().offset
	left, err := p.term(condition)
	if err != nil {
		return nil, err
	}
	operator := p.peek()
	if operator.kind != tokenComparison {
		return left, nil
	}
	if !condition {
		return nil, p.fail(operator, comparisonHint, "a comparison is only allowed in the condition of IIF and in CBool")
	}
	if _, chained := left.(*comparison); chained {
		return nil, p.fail(operator, "nest IIF instead", "only one comparison is allowed in a condition")
	}
	p.take()
	right, err := p.term(false)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind == tokenComparison {
		return nil, p.fail(t, "nest IIF instead", "only one comparison is allowed in a condition")
	}
	return &comparison{operator: operator.text, left: left, right: right, start: start, offset: operator.offset}, nil
}

func (p *parser) term(condition bool) (node, error) {
	start := p.peek().offset
	first, err := p.primary(condition)
	if err != nil {
		return nil, err
	}
	t := p.peek()
	if t.kind != tokenConcatenate {
		return first, nil
	}
	if _, compared := first.(*comparison); compared {
		return nil, p.fail(t, comparisonHint, "a comparison cannot be part of a text")
	}
	joined := &concatenation{start: start, offset: t.offset}
	part := first
	for {
		// Parentheses around a concatenation make no difference, so nested parts become one row.
		if inner, ok := part.(*concatenation); ok {
			joined.parts = append(joined.parts, inner.parts...)
		} else {
			joined.parts = append(joined.parts, part)
		}
		if p.peek().kind != tokenConcatenate {
			return joined, nil
		}
		p.take()
		if part, err = p.primary(false); err != nil {
			return nil, err
		}
	}
}

func (p *parser) primary(condition bool) (node, error) {
	t := p.take()
	switch t.kind {
	case tokenAttribute:
		return &reference{name: t.text, offset: t.offset}, nil
	case tokenParameter:
		return &environmentParameter{name: t.text, offset: t.offset}, nil
	case tokenText:
		return &constant{value: directory.Text(t.text), spelling: quote(t.text)}, nil
	case tokenNumber:
		return number(t.text), nil
	case tokenHex:
		n, err := strconv.ParseUint(t.text, 16, 64)
		if err != nil {
			return nil, p.fail(t, "", "the hexadecimal number has more than 64 bits")
		}
		spelling := "&H" + strings.ToUpper(strconv.FormatUint(n, 16))
		return &constant{value: directory.Integer(int64(n)), spelling: spelling}, nil
	case tokenWord:
		if p.peek().kind == tokenOpen {
			return p.call(t)
		}
		return p.word(t)
	case tokenOpen:
		return p.group(t, condition)
	default:
		hint := ""
		if t.kind == tokenComparison && p.next == 1 {
			hint = "an expression does not begin with " + t.text
		}
		return nil, p.fail(t, hint, "unexpected %s: expected a function, an attribute such as [mail], a text or a number", describe(t))
	}
}

// number keeps the spelling as text form, as the service stores numbers as text (expressions.md 1.1).
func number(spelling string) *constant {
	value := directory.Text(spelling)
	if n, err := strconv.ParseInt(spelling, 10, 64); err == nil && strconv.FormatInt(n, 10) == spelling {
		value = directory.Integer(n)
	}
	return &constant{value: value, spelling: spelling}
}

func (p *parser) group(open token, condition bool) (node, error) {
	if err := p.enter(open); err != nil {
		return nil, err
	}
	defer p.leave()
	n, err := p.expression(condition)
	if err != nil {
		return nil, err
	}
	if t := p.take(); t.kind != tokenClose {
		return nil, p.fail(t, p.unclosed(t, open), "unexpected %s: expected )", describe(t))
	}
	return n, nil
}

func (p *parser) call(name token) (node, error) {
	if err := p.enter(name); err != nil {
		return nil, err
	}
	defer p.leave()
	f, err := p.lookup(name)
	if err != nil {
		return nil, err
	}
	open := p.take()
	c := &call{function: f, offset: name.offset, places: make([]place, 0, 4)}
	for p.peek().kind != tokenClose || len(c.places) > 0 {
		argument := place{offset: p.peek().offset}
		if kind := p.peek().kind; kind != tokenComma && kind != tokenClose {
			if argument.node, err = p.expression(f.condition && len(c.places) == 0); err != nil {
				return nil, err
			}
		}
		c.places = append(c.places, argument)
		if t := p.peek(); t.kind == tokenClose {
			break
		} else if t.kind != tokenComma {
			return nil, p.fail(t, p.unclosed(t, open), "unexpected %s in the arguments of %s: expected , or )", describe(t), f.Name)
		}
		p.take()
		if len(c.places) == MaximumArguments {
			return nil, p.fail(p.peek(), "split the mapping", "%s has more than %d arguments", f.Name, MaximumArguments)
		}
	}
	if err := check(p.source, c, p.take().offset); err != nil {
		return nil, err
	}
	return c, nil
}

// unclosed is the hint for a token that stands where a comma or the parenthesis that closes open is expected.
func (p *parser) unclosed(t, open token) string {
	if t.kind == tokenEnd {
		line, column := position(p.source, open.offset)
		return fmt.Sprintf("the ( at line %d, column %d is not closed", line, column)
	}
	return p.misplaced(t)
}

// misplaced is the hint for a token that stands right after a value.
func (p *parser) misplaced(t token) string {
	switch t.kind {
	case tokenText:
		if t.offset > 0 && p.source[t.offset-1] == '"' {
			return `write \" for a quotation mark inside a text`
		}
		return "separate arguments by commas, join texts with &"
	case tokenWord:
		if strings.EqualFold(t.text, "and") || strings.EqualFold(t.text, "or") {
			return "there are no logical operators: nest IIF"
		}
		return "separate arguments by commas, join texts with &"
	case tokenAttribute, tokenParameter, tokenNumber, tokenHex, tokenOpen:
		return "separate arguments by commas, join texts with &"
	case tokenClose:
		return "there is one ) more than there are ("
	case tokenComma:
		return "arguments stand in the parentheses of a function"
	default:
		return ""
	}
}

func (p *parser) enter(t token) error {
	if p.depth++; p.depth > maximumDepth {
		return p.fail(t, "split the mapping", "the expression is nested more than %d levels deep", maximumDepth)
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// word parses the words that stand without a parenthesis (expressions.md 1.5, 10). Case does not matter.
func (p *parser) word(t token) (node, error) {
	switch lower := strings.ToLower(t.text); lower {
	case "ignoreattributeflow":
		return &marker{outcome: DropAttribute, name: wordIgnoreAttribute}, nil
	case "ignoreobjectflow":
		return &marker{outcome: DropObject, name: wordIgnoreObject}, nil
	case "true":
		return &constant{value: directory.Boolean(true), spelling: wordTrue}, nil
	case "false":
		return &constant{value: directory.Boolean(false), spelling: wordFalse}, nil
	case "null":
		return &constant{value: directory.Null(), spelling: wordNull}, nil
	default:
		if word, known := language().options[lower]; known {
			return word, nil
		}
		return nil, p.unknownWord(t)
	}
}

func (p *parser) unknownWord(t token) error {
	if f, found := find(t.text); found {
		return p.fail(t, "write "+f.Signature(), "%s is a function: expected ( after it", f.Name)
	}
	hint := "write [" + t.text + "] for an attribute or \"" + t.text + "\" for a text"
	if use, known := foreignHint(t.text); known {
		hint = use + "; " + hint
	} else if near := nearest(t.text, language().words, 1); len(near) > 0 {
		hint = "did you mean " + near[0] + "? Otherwise " + hint
	}
	return p.fail(t, hint, "unknown word %s", t.text)
}

// lookup finds a function by name, ignoring case (expressions.md 2.7).
func (p *parser) lookup(name token) (*function, error) {
	if f, found := find(name.text); found {
		return f, nil
	}
	hint, known := foreignHint(name.text)
	if near := nearest(name.text, language().names, 1); !known && len(near) > 0 {
		hint = "did you mean " + near[0] + "?"
	}
	return nil, p.fail(name, hint, "unknown function %s", name.text)
}

// describe names a token for messages.
func describe(t token) string {
	switch t.kind {
	case tokenEnd:
		return "end"
	case tokenText:
		return "text"
	case tokenNumber, tokenHex:
		return "number"
	case tokenAttribute:
		return "attribute [" + t.text + "]"
	case tokenParameter:
		return "parameter %" + t.text + "%"
	case tokenWord:
		return "word " + t.text
	default:
		return t.text
	}
}
