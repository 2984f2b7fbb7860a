package wikiapp

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// document is what a POST or PUT asks for, checked against the schema and in canonical spelling.
type document struct {
	attrs   map[string]any
	members []string // user ids in the order sent; groups only
}

// readDocument checks a whole resource. What is read-only is ignored (RFC 7644 3.3), what the schema does not know is
// refused.
func readDocument(t *resourceType, body map[string]any) (document, error) {
	declared, err := declaredSchemas(t, body)
	if err != nil {
		return document{}, err
	}
	doc := document{attrs: map[string]any{}}
	for _, key := range slices.Sorted(maps.Keys(body)) {
		v := body[key]
		if ext := t.extension(key); ext != nil {
			if err := doc.readExtension(ext, v, declared); err != nil {
				return document{}, err
			}
			continue
		}
		attr := t.attribute(key)
		switch {
		case attr == nil:
			return document{}, invalidSyntax("a %s has no attribute %q", t.name, key)
		case attr.readOnly:
			continue
		case attr.name == "members":
			if doc.members, err = memberIDs(v); err != nil {
				return document{}, err
			}
			continue
		}
		if err := put(doc.attrs, attr, v); err != nil {
			return document{}, err
		}
	}
	return doc, complete(t, doc.attrs)
}

func (d *document) readExtension(ext *schema, v any, declared []string) error {
	if v == nil {
		return nil
	}
	body, ok := v.(map[string]any)
	if !ok {
		return invalidSyntax("%s must hold an object", ext.urn)
	}
	if !slices.ContainsFunc(declared, func(s string) bool { return strings.EqualFold(s, ext.urn) }) {
		return invalidSyntax("%s is used but not listed in schemas", ext.urn)
	}
	attrs := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(body)) {
		attr := named(ext.attrs, key)
		if attr == nil {
			return invalidSyntax("%s has no attribute %q", ext.urn, key)
		}
		if err := put(attrs, attr, body[key]); err != nil {
			return err
		}
	}
	if len(attrs) > 0 {
		d.attrs[ext.urn] = attrs
	}
	return nil
}

// declaredSchemas reads "schemas", which must name at least the core schema (RFC 7643 3).
func declaredSchemas(t *resourceType, body map[string]any) ([]string, error) {
	declared := listed(body, "schemas")
	if !slices.ContainsFunc(declared, func(s string) bool { return strings.EqualFold(s, t.core.urn) }) {
		return nil, invalidSyntax("schemas must list %s", t.core.urn)
	}
	return declared, nil
}

// listed reads a list of texts from a message; anything else reads as an empty list.
func listed(body map[string]any, key string) []string {
	var out []string
	list, _ := folded(body, key).([]any)
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// folded looks a key up without regard to case. An exact match goes first, so that the answer does not depend on the
// order of the map.
func folded(m map[string]any, key string) any {
	if v, ok := m[key]; ok {
		return v
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if strings.EqualFold(k, key) {
			return m[k]
		}
	}
	return nil
}

// complete demands the required attributes and fills what the application decides itself.
func complete(t *resourceType, attrs map[string]any) error {
	for _, a := range t.core.attrs {
		if a.required && (attrs[a.name] == nil || attrs[a.name] == "") {
			return invalidValue("%s is required", a.name)
		}
	}
	if a := t.attribute("active"); a != nil && attrs["active"] == nil {
		attrs["active"] = true
	}
	return nil
}

// put checks a value and stores it under the attribute's canonical name. Null and the empty list mean "no value"
// (RFC 7643 2.5).
func put(into map[string]any, attr *attribute, v any) error {
	if _, twice := into[attr.name]; twice {
		return invalidSyntax("attribute %s appears twice", attr.name)
	}
	v, err := checked(attr, v)
	if err != nil || v == nil {
		return err
	}
	into[attr.name] = v
	return nil
}

// checked returns the value in canonical form, nil when it is unassigned.
func checked(attr *attribute, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	if !attr.multi {
		return checkedOne(attr, v)
	}
	list, ok := v.([]any)
	if !ok {
		return nil, invalidValue("%s must be a list", attr.name)
	}
	out := make([]any, 0, len(list))
	for _, v := range list {
		one, err := checkedOne(attr, v)
		if err != nil {
			return nil, err
		}
		if one != nil {
			out = append(out, one)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	if primaries(out) > 1 {
		return nil, invalidValue("%s has more than one primary value", attr.name)
	}
	return out, nil
}

// checkedOne checks a single value or one element. A complex value without any sub-attribute is no value.
func checkedOne(attr *attribute, v any) (any, error) {
	switch attr.kind {
	case complexed:
		m, ok := v.(map[string]any)
		if !ok {
			return nil, invalidValue("%s must be an object, not %s", attr.name, shape(v))
		}
		out := map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(m)) {
			sub := attr.sub(key)
			if sub == nil {
				return nil, invalidSyntax("attribute %s has no sub-attribute %q", attr.name, key)
			}
			if sub.readOnly {
				continue
			}
			if err := put(out, sub, m[key]); err != nil {
				return nil, err
			}
		}
		if len(out) == 0 {
			return nil, nil
		}
		return out, nil
	case flag:
		if _, ok := v.(bool); !ok {
			return nil, invalidValue("%s must be true or false, not %s", attr.name, shape(v))
		}
	case moment:
		s, ok := v.(string)
		if _, err := time.Parse(time.RFC3339Nano, s); !ok || err != nil {
			return nil, invalidValue("%s must be a time as in RFC 3339", attr.name)
		}
	default:
		if _, ok := v.(string); !ok {
			return nil, invalidValue("%s must be text, not %s", attr.name, shape(v))
		}
	}
	return v, nil
}

// shape names a JSON value for an error message without repeating long content.
func shape(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		if len(v) <= 20 {
			return "the text \"" + v + "\""
		}
		return "text"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	}
	return "a number"
}

func primaries(list []any) int {
	n := 0
	for _, v := range list {
		if isPrimary(v) {
			n++
		}
	}
	return n
}

func isPrimary(v any) bool {
	m, _ := v.(map[string]any)
	return m["primary"] == true
}

// memberIDs reads a list of members, or a single one, as ids of users.
func memberIDs(v any) ([]string, error) {
	if m, ok := v.(map[string]any); ok {
		v = []any{m}
	}
	if v == nil {
		return nil, nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, invalidValue("members must be a list, not %s", shape(v))
	}
	ids := make([]string, 0, len(list))
	for _, v := range list {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, invalidValue("a member must be an object with a value, not %s", shape(v))
		}
		id, ok := folded(m, "value").(string)
		if !ok || id == "" {
			return nil, invalidValue("a member needs a value: the id of a user")
		}
		if kind := folded(m, "type"); kind != nil && kind != "User" {
			return nil, invalidValue("a member of type %s: only users can be members", shape(kind))
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// cloned copies a tree so that the copy can be changed.
func cloned(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = cloned(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = cloned(e)
		}
		return out
	}
	return v
}
