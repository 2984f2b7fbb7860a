package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"
	"github.com/scim2/filter-parser/v2"
)

// copyOf copies a tree deeply, by way of its text.
func copyOf(attrs map[string]any) map[string]any {
	out := map[string]any{}
	text, err := json.Marshal(attrs)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		return map[string]any{}
	}
	return out
}

func key(m map[string]any, name string) string {
	for k := range m {
		if strings.EqualFold(k, name) {
			return k
		}
	}
	return name
}

// holder is the tree an attribute is in: the resource, or one of its extensions.
func holder(attrs map[string]any, path filter.AttributePath, create bool) map[string]any {
	uri := path.URI()
	if uri == "" || strings.Contains(uri, ":core:") {
		return attrs
	}
	k := key(attrs, uri)
	inner, ok := attrs[k].(map[string]any)
	if !ok && create {
		inner = map[string]any{}
		attrs[k] = inner
	}
	return inner
}

// matches evaluates a filter with the operators eq and pr, and, or, not.
func matches(e filter.Expression, attrs map[string]any) bool {
	switch e := e.(type) {
	case *filter.LogicalExpression:
		if e.Operator == filter.AND {
			return matches(e.Left, attrs) && matches(e.Right, attrs)
		}
		return matches(e.Left, attrs) || matches(e.Right, attrs)
	case *filter.NotExpression:
		return !matches(e.Expression, attrs)
	case *filter.ValuePath:
		inner := holder(attrs, e.AttributePath, false)
		list, _ := inner[key(inner, e.AttributePath.AttributeName)].([]any)
		return slices.ContainsFunc(list, func(element any) bool {
			one, ok := element.(map[string]any)
			return ok && matches(e.ValueFilter, one)
		})
	case *filter.AttributeExpression:
		for _, have := range values(e.AttributePath, attrs) {
			if e.Operator == filter.PR && have != nil || e.Operator == filter.EQ && equal(have, e.CompareValue) {
				return true
			}
		}
	}
	return false
}

func values(path filter.AttributePath, attrs map[string]any) []any {
	inner := holder(attrs, path, false)
	value := inner[key(inner, path.AttributeName)]
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	var found []any
	for _, element := range list {
		one, isObject := element.(map[string]any)
		switch {
		case isObject && path.SubAttribute != nil:
			found = append(found, one[key(one, path.SubAttributeName())])
		case isObject:
			found = append(found, one["value"])
		default:
			found = append(found, element)
		}
	}
	return found
}

func equal(have, want any) bool {
	x, isText := have.(string)
	y, isTextToo := want.(string)
	return isText && isTextToo && strings.EqualFold(x, y) || !isText && have == want
}

// apply performs one operation of a PATCH (RFC 7644 3.5.2).
func apply(attrs map[string]any, o scim.PatchOperation) error {
	if o.Path == nil {
		object, ok := o.Value.(map[string]any)
		if !ok {
			return errors.ScimErrorNoTarget
		}
		for name, value := range object {
			attrs[key(attrs, name)] = value
		}
		return nil
	}
	inner := holder(attrs, o.Path.AttributePath, o.Op != scim.PatchOperationRemove)
	name := key(inner, o.Path.AttributePath.AttributeName)
	if o.Path.ValueExpression != nil {
		return applyFiltered(inner, name, o)
	}
	if sub := o.Path.AttributePath.SubAttributeName() + o.Path.SubAttributeName(); sub != "" {
		object, ok := inner[name].(map[string]any)
		if !ok {
			if o.Op == scim.PatchOperationRemove {
				return nil
			}
			object = map[string]any{}
			inner[name] = object
		}
		inner, name = object, key(object, sub)
	}
	applyTo(inner, name, o)
	return nil
}

func applyTo(inner map[string]any, name string, o scim.PatchOperation) {
	list, plural := o.Value.([]any)
	there, _ := inner[name].([]any)
	object, isObject := o.Value.(map[string]any)
	held, isThere := inner[name].(map[string]any)
	switch {
	case o.Op == scim.PatchOperationRemove:
		delete(inner, name)
	case o.Op == scim.PatchOperationAdd && plural:
		for _, element := range list {
			if !slices.ContainsFunc(there, func(have any) bool { return sameMember(have, element) }) {
				there = append(there, element)
			}
		}
		inner[name] = there
	case isObject && isThere:
		maps.Copy(held, object)
	default:
		inner[name] = o.Value
	}
}

// sameMember recognises a member that is there; other elements are told apart by all they have.
func sameMember(a, b any) bool {
	x, y := copyOf(map[string]any{"e": a}), copyOf(map[string]any{"e": b})
	first, _ := json.Marshal(x)
	second, _ := json.Marshal(y)
	return string(first) == string(second)
}

func applyFiltered(inner map[string]any, name string, o scim.PatchOperation) error {
	list, _ := inner[name].([]any)
	var kept []any
	hit := false
	for _, element := range list {
		one, ok := element.(map[string]any)
		if !ok || !matches(o.Path.ValueExpression, one) {
			kept = append(kept, element)
			continue
		}
		hit = true
		sub := key(one, o.Path.SubAttributeName())
		switch {
		case o.Op == scim.PatchOperationRemove && sub == "":
			continue
		case o.Op == scim.PatchOperationRemove:
			delete(one, sub)
		case sub == "":
			if object, isObject := o.Value.(map[string]any); isObject {
				maps.Copy(one, object)
			}
		default:
			one[sub] = o.Value
		}
		kept = append(kept, one)
	}
	if !hit {
		return errors.ScimErrorNoTarget
	}
	inner[name] = kept
	if len(kept) == 0 {
		delete(inner, name)
	}
	return nil
}
