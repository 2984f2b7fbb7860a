package wikiapp

import (
	"fmt"
	"strings"
	"time"
)

// subject is what a filter is asked about: a resource or one element of a multi-valued attribute.
type subject interface {
	// values are the values at the path, those of every element of a multi-valued attribute; a complex attribute yields
	// its elements.
	values(path) []any
}

// shortcut is a subject that can answer some comparisons without listing values, such as "is x a member".
type shortcut interface {
	decide(compare) (match, known bool)
}

// expr is a parsed filter.
type expr interface {
	match(subject) bool
}

type (
	both    struct{ left, right expr }
	either  struct{ left, right expr }
	negated struct{ of expr }
	present struct{ at path }
)

func (e both) match(s subject) bool    { return e.left.match(s) && e.right.match(s) }
func (e either) match(s subject) bool  { return e.left.match(s) || e.right.match(s) }
func (e negated) match(s subject) bool { return !e.of.match(s) }

func (e present) match(s subject) bool {
	for _, v := range s.values(e.at) {
		if v != nil && v != "" {
			return true
		}
	}
	return false
}

type operator string

const (
	opEqual    operator = "eq"
	opNotEqual operator = "ne"
	opContains operator = "co"
	opStarts   operator = "sw"
	opEnds     operator = "ew"
	opMore     operator = "gt"
	opMoreEq   operator = "ge"
	opLess     operator = "lt"
	opLessEq   operator = "le"
	opPresent  operator = "pr"
)

func (o operator) known() bool {
	switch o {
	case opEqual, opNotEqual, opContains, opStarts, opEnds, opMore, opMoreEq, opLess, opLessEq, opPresent:
		return true
	}
	return false
}

// compare holds for a multi-valued attribute when it holds for one of its values (RFC 7644 3.4.2.2).
type compare struct {
	at    path
	op    operator
	value any
	exact bool
	when  time.Time // value as a time, for a dateTime attribute
}

func newCompare(at path, op operator, value any) (expr, error) {
	leaf := at.leaf()
	c := compare{at: at, op: op, value: value, exact: leaf.exact}
	words, isText := value.(string)
	switch {
	case op == opEqual || op == opNotEqual:
	case leaf.kind == flag || !isText:
		return nil, fmt.Errorf("operator %s does not go with attribute %s and that value", op, at)
	}
	switch {
	case isText && leaf.kind == moment:
		var err error
		if c.when, err = time.Parse(time.RFC3339Nano, words); err != nil {
			return nil, fmt.Errorf("attribute %s is a time, %q is not", at, words)
		}
	case isText && !c.exact:
		c.value = strings.ToLower(words)
	}
	return c, nil
}

func (c compare) match(s subject) bool {
	if q, ok := s.(shortcut); ok {
		if match, known := q.decide(c); known {
			return match
		}
	}
	found := false
	for _, v := range s.values(c.at) {
		if element, ok := v.(map[string]any); ok {
			v = element["value"]
		}
		if v == nil {
			continue
		}
		found = true
		if c.holds(v) {
			return true
		}
	}
	// An attribute without a value equals null and differs from everything else.
	return !found && (c.op == opEqual) == (c.value == nil) && (c.op == opEqual || c.op == opNotEqual)
}

func (c compare) holds(v any) bool {
	have, ok := v.(string)
	want, textual := c.value.(string)
	if !ok || !textual {
		return (v == c.value) == (c.op == opEqual)
	}
	order := 0
	if !c.when.IsZero() {
		t, err := time.Parse(time.RFC3339Nano, have)
		if err != nil {
			return false
		}
		order = t.Compare(c.when)
	} else {
		if !c.exact {
			have = strings.ToLower(have)
		}
		order = strings.Compare(have, want)
	}
	switch c.op {
	case opEqual:
		return order == 0
	case opNotEqual:
		return order != 0
	case opContains:
		return strings.Contains(have, want)
	case opStarts:
		return strings.HasPrefix(have, want)
	case opEnds:
		return strings.HasSuffix(have, want)
	case opMore:
		return order > 0
	case opMoreEq:
		return order >= 0
	case opLess:
		return order < 0
	case opLessEq:
		return order <= 0
	}
	return false
}

// element is one element of a multi-valued attribute as the subject of a value filter.
type element map[string]any

func (e element) values(p path) []any { return valuesAt(e, p) }

// valuesAt looks a path up in an attribute tree.
func valuesAt(tree map[string]any, p path) []any {
	if p.ext != nil {
		tree, _ = tree[p.ext.urn].(map[string]any)
	}
	v, ok := tree[p.attr.name]
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	if p.filter == nil && p.sub == nil {
		return list
	}
	var out []any
	for _, v := range list {
		m, ok := v.(map[string]any)
		if !ok || p.filter != nil && !p.filter.match(element(m)) {
			continue
		}
		if p.sub == nil {
			out = append(out, m)
		} else if s, ok := m[p.sub.name]; ok {
			out = append(out, s)
		}
	}
	return out
}
