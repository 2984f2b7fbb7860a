package wikiapp

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

const urnPatch = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

// operation is one entry of a PATCH (RFC 7644 3.5.2), its path already parsed.
type operation struct {
	verb  string // add, remove, replace
	whole bool   // without a path: value holds attributes
	at    path
	value any
	given bool // whether a value was sent at all
}

// readPatch checks a PATCH message. Paths are parsed here, so that nothing is locked for a request that cannot succeed.
func readPatch(t *resourceType, body map[string]any) ([]operation, error) {
	if !slices.Contains(listed(body, "schemas"), urnPatch) {
		return nil, invalidSyntax("schemas must list %s", urnPatch)
	}
	list, _ := folded(body, "Operations").([]any)
	if len(list) == 0 {
		return nil, invalidSyntax("Operations must be a list of at least one operation")
	}
	ops := make([]operation, 0, len(list))
	for i, v := range list {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, invalidSyntax("operation %d must be an object", i+1)
		}
		op, err := readOperation(t, m)
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
	return ops, nil
}

func readOperation(t *resourceType, m map[string]any) (operation, error) {
	var op operation
	op.verb, _ = folded(m, "op").(string)
	if !slices.Contains([]string{"add", "remove", "replace"}, op.verb) {
		return op, invalidSyntax("op must be add, remove or replace, not %s", shape(folded(m, "op")))
	}
	op.value = folded(m, "value")
	for k := range m {
		op.given = op.given || strings.EqualFold(k, "value")
	}
	if !op.given && op.verb != "remove" {
		return op, invalidValue("%s needs a value", op.verb)
	}
	where, given := folded(m, "path").(string)
	if !given && folded(m, "path") != nil {
		return op, invalidPath("a path must be text")
	}
	if op.whole = where == ""; op.whole {
		if op.verb == "remove" {
			return op, noTarget("remove needs a path")
		}
		return op, nil
	}
	at, err := parsePath(t, where)
	if err != nil {
		return op, invalidPath("path %q: %s", where, err)
	}
	if at.readOnly() {
		return op, mutability("%s is read-only", at)
	}
	op.at = at
	return op, nil
}

// draft is a resource while it is being changed. It owns its trees; nothing is visible to others before it is stored.
type draft struct {
	kind    *resourceType
	attrs   map[string]any
	members *memberEdit // groups only
}

// apply carries out one operation.
func (d *draft) apply(op operation) error {
	if op.whole {
		return d.applyObject(op, nil, op.value)
	}
	if op.at.attr == nil {
		if op.verb == "remove" || op.value == nil {
			delete(d.attrs, op.at.ext.urn)
			return nil
		}
		return d.applyObject(op, op.at.ext, op.value)
	}
	if op.at.attr.name == "members" && d.members != nil {
		return d.members.apply(op)
	}
	return d.applyAttribute(op)
}

// applyObject takes each attribute of a value object as an operation of its own. Keys are attribute names, not paths.
func (d *draft) applyObject(op operation, ext *schema, v any) error {
	m, ok := v.(map[string]any)
	if !ok {
		return invalidValue("an operation without an attribute in its path needs an object as value, not %s", shape(v))
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		at := path{ext: ext}
		if ext != nil {
			at.attr = named(ext.attrs, key)
		} else if at.ext = d.kind.extension(key); at.ext == nil {
			at.attr = d.kind.attribute(key)
		}
		switch {
		case at.attr == nil && (ext != nil || at.ext == nil):
			return invalidPath("%q is not the name of an attribute of a %s; a value object takes names, not paths", key, d.kind.name)
		case at.attr != nil && at.attr.name == "schemas":
			continue // which schemas apply follows from the values
		case at.readOnly():
			return mutability("%s is read-only", at)
		}
		if err := d.apply(operation{verb: op.verb, at: at, value: m[key], given: true}); err != nil {
			return err
		}
	}
	return nil
}

func (d *draft) applyAttribute(op operation) error {
	at := op.at
	if op.value == nil {
		op.verb = "remove" // null is "no value" (RFC 7643 2.5)
	}
	if op.verb == "remove" && at.attr.required && at.sub == nil {
		return mutability("%s is required and cannot be removed", at)
	}
	tree := d.attrs
	if at.ext != nil {
		tree, _ = d.attrs[at.ext.urn].(map[string]any)
		if tree == nil {
			tree = map[string]any{}
		}
		defer func() {
			if len(tree) > 0 {
				d.attrs[at.ext.urn] = tree
			} else {
				delete(d.attrs, at.ext.urn)
			}
		}()
	}
	v, err := changed(op, tree[at.attr.name])
	if err != nil {
		return err
	}
	if v == nil {
		delete(tree, at.attr.name)
	} else {
		tree[at.attr.name] = v
	}
	return nil
}

// changed returns the attribute's new value, nil when it has none left. The old value may be modified in place.
func changed(op operation, old any) (any, error) {
	at := op.at
	switch {
	case at.attr.multi:
		list, _ := old.([]any)
		list, err := changedList(op, list)
		if len(list) == 0 {
			return nil, err
		}
		return list, err
	case op.verb == "remove" && at.sub == nil:
		return nil, nil
	case at.attr.kind != complexed:
		return checkedOne(at.attr, op.value)
	}
	m, _ := old.(map[string]any)
	m, err := merged(op, m)
	if len(m) == 0 {
		return nil, err
	}
	return m, err
}

// merged changes one complex value: the sub-attribute of the path, or those the value names; others stay (RFC 7644
// 3.5.2.3).
func merged(op operation, into map[string]any) (map[string]any, error) {
	if into == nil {
		into = map[string]any{}
	}
	at := op.at
	if at.sub != nil {
		if op.verb == "remove" {
			delete(into, at.sub.name)
			return into, nil
		}
		v, err := checkedOne(at.sub, op.value)
		into[at.sub.name] = v
		return into, err
	}
	v, err := checkedOne(at.attr, op.value)
	if err != nil {
		return nil, err
	}
	// checkedOne drops nulls; here they take a value away.
	sent, _ := op.value.(map[string]any)
	for key, given := range sent {
		if sub := at.attr.sub(key); given == nil && !sub.readOnly {
			delete(into, sub.name)
		}
	}
	named, _ := v.(map[string]any)
	maps.Copy(into, named)
	return into, nil
}

// changedList changes a multi-valued attribute.
func changedList(op operation, list []any) ([]any, error) {
	at := op.at
	if at.filter == nil && at.sub == nil {
		return changedWhole(op, list)
	}
	var hit []int
	for i, v := range list {
		m, ok := v.(map[string]any)
		if ok && (at.filter == nil || at.filter.match(element(m))) {
			hit = append(hit, i)
		}
	}
	if op.verb == "remove" && at.sub == nil {
		for _, i := range slices.Backward(hit) {
			list = slices.Delete(list, i, i+1)
		}
		return list, nil
	}
	if len(hit) == 0 && op.verb != "remove" {
		return nil, noTarget("no value of %s matches the path", at.attr.name)
	}
	for _, i := range hit {
		old, _ := list[i].(map[string]any)
		if at.sub == nil && op.verb == "replace" {
			old = nil
		}
		m, err := merged(op, old)
		if err != nil {
			return nil, err
		}
		list[i] = m
	}
	list, err := onePrimary(list, hit)
	return slices.DeleteFunc(list, func(v any) bool { m, ok := v.(map[string]any); return ok && len(m) == 0 }), err
}

func changedWhole(op operation, list []any) ([]any, error) {
	if op.verb == "remove" {
		return nil, nil
	}
	if m, ok := op.value.(map[string]any); ok {
		op.value = []any{m} // one value may be sent without its list
	}
	v, err := checked(op.at.attr, op.value)
	if err != nil {
		return nil, err
	}
	more, _ := v.([]any)
	if op.verb == "replace" {
		return more, nil
	}
	var touched []int
	for _, v := range more {
		// A value that is there already is not added twice (RFC 7644 3.5.2.1).
		if !slices.ContainsFunc(list, func(have any) bool { return reflect.DeepEqual(have, v) }) {
			touched = append(touched, len(list))
			list = append(list, v)
		}
	}
	return onePrimary(list, touched)
}

// onePrimary takes "primary" from older values when a touched one has it now (RFC 7644 3.5.2).
func onePrimary(list []any, touched []int) ([]any, error) {
	newest := 0
	for _, i := range touched {
		if isPrimary(list[i]) {
			newest++
		}
	}
	if newest > 1 {
		return nil, invalidValue("more than one value would be primary")
	}
	if newest == 0 {
		return list, nil
	}
	for i, v := range list {
		if m, ok := v.(map[string]any); ok && m["primary"] == true && !slices.Contains(touched, i) {
			m["primary"] = false
		}
	}
	return list, nil
}
