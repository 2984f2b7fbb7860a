package wikiapp

import (
	"fmt"
	"strings"
)

// path names a place in a resource (RFC 7644 3.5.2 and 3.10): attr, attr.sub, attr[filter], attr[filter].sub, each with or
// without the URN of its schema.
type path struct {
	ext    *schema    // nil for the core schema and inside a value filter
	attr   *attribute // nil when the path is the URN of an extension
	filter expr       // nil without a value filter
	sub    *attribute // nil when the whole attribute is meant
}

// String prints the path in canonical spelling, without its filter's text.
func (p path) String() string {
	var b strings.Builder
	if p.ext != nil {
		b.WriteString(p.ext.urn)
		if p.attr != nil {
			b.WriteByte(':')
		}
	}
	if p.attr != nil {
		b.WriteString(p.attr.name)
	}
	if p.filter != nil {
		b.WriteString("[...]")
	}
	if p.sub != nil {
		b.WriteString("." + p.sub.name)
	}
	return b.String()
}

// readOnly tells whether a client may not write to the place.
func (p path) readOnly() bool {
	return p.attr != nil && (p.attr.readOnly || p.sub != nil && p.sub.readOnly)
}

// leaf is the attribute whose values a comparison with the path sees; nil when there is none.
func (p path) leaf() *attribute {
	switch {
	case p.attr == nil:
		return nil
	case p.sub != nil:
		return p.sub
	}
	return p.attr.leaf()
}

// parsePath reads the path of a PATCH operation or an entry of "attributes".
func parsePath(t *resourceType, in string) (path, error) {
	p := parser{in: in, scope: typeScope{t}}
	got, err := p.path()
	if err != nil {
		return path{}, err
	}
	if p.pos < len(p.in) {
		return path{}, p.unexpected("the end of the path")
	}
	return got, nil
}

// scope resolves names: those of a resource type, or inside a value filter those of one attribute.
type scope interface {
	resolve(name string) (path, error)
}

type typeScope struct{ t *resourceType }

func (s typeScope) resolve(name string) (path, error) {
	t := s.t
	ext, rest := (*schema)(nil), name
	find := t.attribute
	if strings.HasPrefix(strings.ToLower(name), "urn:") {
		owner, after := longestURN(t, name)
		if owner == nil {
			return path{}, fmt.Errorf("no schema of a %s starts like %q", t.name, name)
		}
		rest = after
		if owner != t.core {
			ext = owner
			find = func(n string) *attribute { return named(owner.attrs, n) }
		}
		if rest == "" {
			if ext == nil {
				return path{}, fmt.Errorf("%q names a schema, not an attribute", name)
			}
			return path{ext: ext}, nil
		}
	}
	attrName, subName, dotted := strings.Cut(rest, ".")
	attr := find(attrName)
	if attr == nil {
		return path{}, fmt.Errorf("a %s has no attribute %q", t.name, name)
	}
	p := path{ext: ext, attr: attr}
	if dotted {
		if p.sub = attr.sub(subName); p.sub == nil {
			return path{}, fmt.Errorf("attribute %s has no sub-attribute %q", attr.name, subName)
		}
	}
	return p, nil
}

// longestURN finds the schema whose URN name starts with, and what follows it. The dots of "2.0" rule out a plain split.
func longestURN(t *resourceType, name string) (*schema, string) {
	for _, s := range append([]*schema{t.core}, t.extensions...) {
		if strings.EqualFold(name, s.urn) {
			return s, ""
		}
		n := len(s.urn)
		if len(name) > n+1 && name[n] == ':' && strings.EqualFold(name[:n], s.urn) {
			return s, name[n+1:]
		}
	}
	return nil, ""
}

type elementScope struct{ attr *attribute }

func (s elementScope) resolve(name string) (path, error) {
	sub := s.attr.sub(name)
	if sub == nil {
		return path{}, fmt.Errorf("attribute %s has no sub-attribute %q", s.attr.name, name)
	}
	return path{attr: sub}, nil
}
