package wikiapp

import (
	"encoding/json"
	"fmt"
	"strings"
)

// maxDepth bounds parentheses, so that a hostile filter cannot exhaust the stack.
const maxDepth = 32

// parseFilter reads a filter of RFC 7644 3.4.2.2. Beyond the grammar it takes emails[type eq "work"].value eq "x", which
// provisioning clients send.
func parseFilter(t *resourceType, in string) (expr, error) {
	p := parser{in: in, scope: typeScope{t}}
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	p.space()
	if p.pos < len(p.in) {
		return nil, p.unexpected("and, or, or the end of the filter")
	}
	return e, nil
}

type parser struct {
	in    string
	pos   int
	depth int
	scope scope
	inner bool // inside a value filter, where value filters do not nest
}

func (p *parser) or() (expr, error) {
	left, err := p.and()
	for err == nil && p.keyword("or") {
		var right expr
		if right, err = p.and(); err == nil {
			left = either{left, right}
		}
	}
	return left, err
}

func (p *parser) and() (expr, error) {
	left, err := p.term()
	for err == nil && p.keyword("and") {
		var right expr
		if right, err = p.term(); err == nil {
			left = both{left, right}
		}
	}
	return left, err
}

func (p *parser) term() (expr, error) {
	p.space()
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("filter nests deeper than %d", maxDepth)
	}
	defer func() { p.depth-- }()

	if start := p.pos; p.keyword("not") {
		p.space()
		if p.peek() == '(' {
			e, err := p.group()
			return negated{e}, err
		}
		p.pos = start
	}
	if p.peek() == '(' {
		return p.group()
	}
	return p.comparison()
}

func (p *parser) group() (expr, error) {
	p.pos++
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	return e, p.expect(')')
}

func (p *parser) comparison() (expr, error) {
	at, err := p.path()
	if err != nil {
		return nil, err
	}
	if at.attr == nil {
		return nil, fmt.Errorf("%q names a schema, not an attribute", at)
	}
	p.space()
	word := p.name()
	if word == "" && at.filter != nil && at.sub == nil {
		return present{at}, nil
	}
	op := operator(strings.ToLower(word))
	if op == opPresent {
		return present{at}, nil
	}
	if !op.known() {
		// A value filter stands for itself, and "and" or "or" may follow it.
		if at.filter != nil && at.sub == nil {
			p.pos -= len(word)
			return present{at}, nil
		}
		return nil, fmt.Errorf("%q is not an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr)", word)
	}
	if at.leaf() == nil {
		return nil, fmt.Errorf("attribute %s is complex: compare one of its sub-attributes", at)
	}
	value, err := p.literal()
	if err != nil {
		return nil, err
	}
	return newCompare(at, op, value)
}

// path reads a name and what may follow it in brackets.
func (p *parser) path() (path, error) {
	name := p.name()
	if name == "" {
		return path{}, p.unexpected("an attribute name")
	}
	got, err := p.scope.resolve(name)
	if err != nil || p.peek() != '[' {
		return got, err
	}
	if p.inner || got.attr == nil || got.sub != nil || !got.attr.multi || got.attr.kind != complexed {
		return path{}, fmt.Errorf("%q takes no value filter in brackets", name)
	}
	p.pos++
	outer := p.scope
	p.scope, p.inner = elementScope{got.attr}, true
	got.filter, err = p.or()
	p.scope, p.inner = outer, false
	if err != nil {
		return path{}, err
	}
	if err := p.expect(']'); err != nil {
		return path{}, err
	}
	if p.peek() != '.' {
		return got, nil
	}
	p.pos++
	sub := p.name()
	if got.sub = got.attr.sub(sub); got.sub == nil {
		return path{}, fmt.Errorf("attribute %s has no sub-attribute %q", got.attr.name, sub)
	}
	return got, nil
}

// literal reads a JSON string, number, true, false or null.
func (p *parser) literal() (any, error) {
	p.space()
	start := p.pos
	if p.peek() == '"' {
		for p.pos++; p.pos < len(p.in) && p.in[p.pos] != '"'; p.pos++ {
			if p.in[p.pos] == '\\' {
				p.pos++
			}
		}
		if p.pos >= len(p.in) {
			return nil, fmt.Errorf("text that starts at character %d has no closing quote", start+1)
		}
		p.pos++
	} else {
		for p.pos < len(p.in) && !strings.ContainsRune(" \t)]", rune(p.in[p.pos])) {
			p.pos++
		}
	}
	word := p.in[start:p.pos]
	var v any
	if err := json.Unmarshal([]byte(word), &v); err != nil {
		return nil, fmt.Errorf("%q is no value: text stands in double quotes, with \\\" and \\\\ for a quote and a backslash", word)
	}
	switch v.(type) {
	case []any, map[string]any:
		return nil, fmt.Errorf("%q is no simple value", word)
	}
	return v, nil
}

func (p *parser) space() {
	for p.pos < len(p.in) && (p.in[p.pos] == ' ' || p.in[p.pos] == '\t') {
		p.pos++
	}
}

func (p *parser) peek() byte {
	if p.pos < len(p.in) {
		return p.in[p.pos]
	}
	return 0
}

// name reads the characters of attribute names, URNs and operators.
func (p *parser) name() string {
	start := p.pos
	for p.pos < len(p.in) {
		c := p.in[p.pos]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("-_$:.", rune(c)) {
			break
		}
		p.pos++
	}
	return p.in[start:p.pos]
}

// keyword consumes word when it comes next as a whole word, and otherwise nothing.
func (p *parser) keyword(word string) bool {
	start := p.pos
	p.space()
	if strings.EqualFold(p.name(), word) {
		return true
	}
	p.pos = start
	return false
}

func (p *parser) expect(c byte) error {
	p.space()
	if p.peek() != c {
		return p.unexpected(fmt.Sprintf("%q", c))
	}
	p.pos++
	return nil
}

func (p *parser) unexpected(wanted string) error {
	if p.pos >= len(p.in) {
		return fmt.Errorf("ends where %s was expected", wanted)
	}
	return fmt.Errorf("has %q at character %d, where %s was expected", p.in[p.pos:], p.pos+1, wanted)
}
