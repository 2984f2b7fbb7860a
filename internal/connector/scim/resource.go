package scim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// resource is a SCIM resource, or a part of one, as JSON: numbers are json.Number.
type resource map[string]any

// endpoint is where the resources of a type live, and what they are called.
type endpoint struct {
	path, name, schema string
	// query goes with every read: members are never wanted (scim-client.md 10).
	query string
}

func endpointOf(objectType directory.ObjectType) (endpoint, error) {
	switch objectType {
	case directory.User:
		return endpoint{path: "/Users", name: "User", schema: coreUserURN}, nil
	case directory.Group:
		return endpoint{path: "/Groups", name: "Group", schema: coreGroupURN, query: "excludedAttributes=members"}, nil
	default:
		return endpoint{}, invalid("", "a SCIM target has no objects of type %q", objectType)
	}
}

// newResource builds the body of a POST (scim-client.md 4): nested, and never a null. Every extension is listed in
// schemas, as RFC 7643 3 demands, or as the profile has it: Microsoft's service leaves custom ones out
// (mappings-and-scoping.md 8.1), and strict servers refuse that.
func newResource(p profile, at endpoint, changes []connector.Change) (resource, error) {
	body := resource{"meta": resource{"resourceType": at.name}}
	schemas := slices.Clone(p.schemas[at.name])
	for _, change := range changes {
		if change.Value.IsNull() {
			continue
		}
		path, err := ParsePath(change.Attribute)
		if err != nil {
			return nil, invalid("", "%v", err)
		}
		path = path.resolved()
		if path.URN != "" && p.listExtensions && !slices.ContainsFunc(schemas, func(s string) bool { return strings.EqualFold(s, path.URN) }) {
			schemas = append(schemas, path.URN)
		}
		if err := body.set(path, p.value(path, change)); err != nil {
			return nil, invalid("", "attribute %s: %v", change.Attribute, err)
		}
	}
	body["schemas"] = schemas
	return body, nil
}

// set stores a value where a path points, making the objects and elements on the way.
func (r resource) set(path Path, value any) error {
	if path.URN != "" {
		extension, err := r.object(path.URN)
		if err != nil {
			return err
		}
		path.URN = ""
		return extension.set(path, value)
	}
	switch {
	case path.FilterBy != "":
		element, err := r.element(path)
		if err != nil {
			return err
		}
		element[element.key(path.Sub)] = value
	case path.Sub != "":
		parent, err := r.object(path.Attribute)
		if err != nil {
			return err
		}
		parent[parent.key(path.Sub)] = value
	default:
		if _, taken := r[r.key(path.Attribute)]; taken {
			return fmt.Errorf("another mapping writes it, or a part of it, too")
		}
		r[path.Attribute] = value
	}
	return nil
}

// object returns the object under a name, making it when there is none.
func (r resource) object(name string) (resource, error) {
	key := r.key(name)
	if _, ok := r[key]; !ok {
		r[key] = resource{}
	}
	object, ok := r[key].(resource)
	if !ok {
		return nil, fmt.Errorf("another mapping writes %s as a whole", name)
	}
	return object, nil
}

// element returns the element a filtered path selects, making it when there is none: all mappings with the
// same filter share one element. A role made here has the type its mapping gives it, or none: RFC 7643 knows no fixed one,
// and a path does not tell which function its value came from.
func (r resource) element(path Path) (resource, error) {
	key := r.key(path.Attribute)
	elements, ok := r[key].([]any)
	if _, taken := r[key]; taken && !ok {
		return nil, fmt.Errorf("another mapping writes %s as a whole", path.Attribute)
	}
	for _, element := range elements {
		if object, ok := element.(resource); ok && selects(path, object) {
			return object, nil
		}
	}
	made := resource{path.FilterBy: plain(path.filterValue())}
	r[key] = append(elements, made)
	return made, nil
}

// key returns the spelling in which a resource holds a name: names are case-insensitive.
func (r resource) key(name string) string {
	if _, ok := r[name]; ok {
		return name
	}
	found := name
	for key := range r {
		// The smallest spelling, so that the choice does not depend on the order of a map.
		if strings.EqualFold(key, name) && (found == name || key < found) {
			found = key
		}
	}
	return found
}

func (r resource) get(name string) any { return r[r.key(name)] }

// selects reports whether an element is the one a path's filter selects. Values are compared exactly
// (mappings-and-scoping.md 8), booleans also in their text form.
func selects(path Path, element resource) bool {
	have, err := directory.FromJSON(element.get(path.FilterBy))
	if err != nil {
		return false
	}
	haveText, ok := have.Text()
	if !ok {
		return false
	}
	if path.filterValue().Kind() == directory.KindBoolean {
		return strings.EqualFold(haveText, path.FilterValue)
	}
	return haveText == path.FilterValue
}

// value is the JSON of a change's value: references, unless the profile has them bare, and the values of elements are
// objects.
func (p profile) value(path Path, change connector.Change) any {
	whole := path.Sub == ""
	if whole && (change.Reference || containerKind(path) == kindComplex) && !p.bareReferences {
		return resource{"value": plain(change.Value)}
	}
	if whole && containerKind(path) == kindElements {
		elements := []any{}
		for _, element := range change.Value.Elements() {
			elements = append(elements, elementJSON(element))
		}
		return elements
	}
	return plain(change.Value)
}

// plain is the JSON of a canonical value.
func plain(value directory.Value) any {
	if b, ok := value.AsBoolean(); ok {
		return b
	}
	if n, ok := value.AsInteger(); ok {
		return n
	}
	if value.Kind() == directory.KindList {
		list := []any{}
		for _, element := range value.Elements() {
			list = append(list, plain(element))
		}
		return list
	}
	text, _ := value.Text()
	return text
}

// encode writes JSON with sorted keys and without HTML escapes.
func encode(body any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return nil, invalid("", "cannot be written as JSON: %v", err)
	}
	return bytes.TrimRight(buffer.Bytes(), "\n"), nil
}
