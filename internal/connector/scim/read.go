package scim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// attributePaths are the attributes to read of every resource, parsed once.
type attributePaths struct {
	names []string
	paths []Path
}

func parsePaths(attributes []string) (attributePaths, error) {
	parsed := attributePaths{names: attributes, paths: make([]Path, len(attributes))}
	for i, attribute := range attributes {
		path, err := ParsePath(attribute)
		if err != nil {
			return attributePaths{}, invalid("", "%v", err)
		}
		parsed.paths[i] = path.resolved()
	}
	return parsed, nil
}

// paths parses attributes, and selects elements as the target does.
func (c *Connector) paths(attributes []string) (attributePaths, error) {
	parsed, err := parsePaths(attributes)
	p := c.dialect()
	for i, path := range parsed.paths {
		parsed.paths[i] = p.selected(path)
	}
	return parsed, err
}

// account reads a resource. Attributes keep the spelling of the mapping; those without value are absent.
func (a attributePaths) account(objectType directory.ObjectType, r resource) (connector.Account, error) {
	id := r.id()
	if id == "" {
		return connector.Account{}, fmt.Errorf("a %s without id", objectType)
	}
	account := connector.Account{Type: objectType, Anchor: id, Attributes: map[string]directory.Value{}}
	for i, path := range a.paths {
		if isMembers(path) {
			continue
		}
		if value := r.read(path); !value.IsNull() {
			account.Attributes[a.names[i]] = value
		}
	}
	return account, nil
}

// isMembers recognises the one attribute that is never returned: servers that ignore excludedAttributes
// deliver it all the same.
func isMembers(path Path) bool {
	return path.URN == "" && strings.EqualFold(path.Attribute, membersAttribute)
}

// id returns the resource's id, empty when it has none. Some servers write numbers.
func (r resource) id() directory.Anchor {
	switch id := r.get("id").(type) {
	case string:
		return directory.Anchor(id)
	case json.Number:
		return directory.Anchor(id.String())
	default:
		return ""
	}
}

// read returns the canonical value at a path, null when there is none.
func (r resource) read(path Path) directory.Value {
	raw := r.raw(path)
	value, err := directory.FromJSON(raw)
	if err != nil {
		return directory.Null()
	}
	made, err := canonicalAt(path, path.String(), value)
	if err != nil {
		// What the schema does not allow is kept as it is: it differs from any canonical value, and is replaced.
		return value
	}
	return made
}

// raw returns the JSON at a path: elements of a multi-valued attribute with the parts that are known, other objects
// reduced to their value sub-attribute.
func (r resource) raw(path Path) any {
	whole := r.whole(path)
	elements, multiple := whole.([]any)
	if !multiple {
		elements = []any{whole}
	}
	sub := path.Sub
	if sub == "" {
		sub = "value"
	}
	elementwise := kindOf(path) == kindElements && path.FilterBy == ""
	var found []any
	for _, element := range elements {
		object, isObject := asResource(element)
		switch {
		case isObject && elementwise:
			found = append(found, object.parts(path))
		case !isObject && path.Sub == "" && path.FilterBy == "" && element != nil:
			found = append(found, element)
		case isObject && path.FilterBy != "" && selects(path, object):
			return object.get(sub)
		case isObject && path.FilterBy == "" && object.get(sub) != nil:
			found = append(found, object.get(sub))
		}
	}
	if multiple {
		return found
	}
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// whole returns the JSON of the attribute a path begins with.
func (r resource) whole(path Path) any {
	if path.URN != "" {
		r, _ = asResource(r.get(path.URN))
	}
	return r.get(path.Attribute)
}

func asResource(raw any) (resource, bool) {
	switch object := raw.(type) {
	case map[string]any:
		return object, true
	case resource:
		return object, true
	default:
		return nil, false
	}
}

// decodeResource reads one JSON object and nothing after it.
func decodeResource(body []byte) (resource, error) {
	decoder := json.NewDecoder(bytes.NewReader(withoutBOM(body)))
	decoder.UseNumber()
	var r resource
	if err := decoder.Decode(&r); err != nil {
		return nil, err
	}
	if r == nil {
		return nil, fmt.Errorf("null instead of an object")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("something follows the object")
	}
	return r, nil
}
