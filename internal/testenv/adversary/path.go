package adversary

import (
	"encoding/json"
	"fmt"
	"strings"
)

// path is a PATCH path or the attribute of a filter (RFC 7644 3.5.2): attr, attr.sub, attr[by eq value], attr[by eq value].sub,
// each with a schema's URN before it.
type path struct {
	urn, attr, sub string
	by             string
	value          any
	// quoted says that the value of the filter stands in quotes.
	quoted bool
}

func parsePath(text string) (path, error) {
	var p path
	rest := text
	for _, urn := range []string{enterpriseURN, userURN, groupURN} {
		if len(rest) > len(urn) && strings.EqualFold(rest[:len(urn)], urn) && rest[len(urn)] == ':' {
			rest = rest[len(urn)+1:]
			if urn == enterpriseURN {
				p.urn = urn
			}
			break
		}
	}
	if strings.EqualFold(rest, enterpriseURN) {
		return path{attr: enterpriseURN}, nil
	}
	if bracket := strings.IndexByte(rest, '['); bracket >= 0 {
		end := strings.LastIndexByte(rest, ']')
		if end < bracket {
			return path{}, fmt.Errorf("path %q has no closing bracket", text)
		}
		by, value, quoted, err := parseComparison(rest[bracket+1 : end])
		if err != nil {
			return path{}, err
		}
		p.by, p.value, p.quoted = by, value, quoted
		p.attr, rest = rest[:bracket], rest[end+1:]
		p.sub = strings.TrimPrefix(rest, ".")
	} else {
		p.attr, p.sub, _ = strings.Cut(rest, ".")
	}
	if p.attr == "" || strings.ContainsAny(p.attr+p.sub, " \":[]") {
		return path{}, fmt.Errorf("path %q is not understood", text)
	}
	return p, nil
}

// parseComparison reads `attribute eq value`, the one comparison this server knows.
func parseComparison(text string) (attribute string, value any, quoted bool, err error) {
	attribute, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	operator, literal, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if !strings.EqualFold(operator, "eq") {
		return "", nil, false, fmt.Errorf("filter %q is not understood: only eq is", text)
	}
	literal = strings.TrimSpace(literal)
	if json.Unmarshal([]byte(literal), &value) != nil {
		return "", nil, false, fmt.Errorf("filter %q is not understood: the value is no JSON", text)
	}
	return attribute, value, strings.HasPrefix(literal, `"`), nil
}

// holder is the tree that has the path's attribute; made when it is not there and create says so.
func (p path) holder(attrs tree, create bool) tree {
	if p.urn == "" {
		return attrs
	}
	extension, ok := attrs[p.urn].(tree)
	if !ok && create {
		extension = tree{}
		attrs[p.urn] = extension
	}
	return extension
}

// selects reports whether an element is one the path's filter is about.
func (p path) selects(element any) bool {
	one, ok := element.(tree)
	return ok && same(field(one, p.by), p.value)
}

// same compares texts without regard to case, everything else exactly: a boolean is not its name.
func same(a, b any) bool {
	x, isText := a.(string)
	y, isTextToo := b.(string)
	if isText && isTextToo {
		return strings.EqualFold(x, y)
	}
	return a != nil && a == b
}

// values are what a filter compares: the attribute, its elements' values, or its sub-attributes.
func (p path) values(attrs tree) []any {
	holder := p.holder(attrs, false)
	list, ok := field(holder, p.attr).([]any)
	if !ok {
		list = []any{field(holder, p.attr)}
	}
	var found []any
	for _, element := range list {
		one, isObject := element.(tree)
		switch {
		case p.by != "" && !p.selects(element):
		case isObject && p.sub != "":
			found = append(found, field(one, p.sub))
		case isObject:
			found = append(found, field(one, "value"))
		case element != nil && p.sub == "":
			found = append(found, element)
		}
	}
	return found
}
