package scim

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// An element of a multi-valued attribute (emails, roles) is the text of its value, or a record of its parts when more is
// known of it than the value. Its value says which element it is (mappings-and-scoping.md 9.4): what else a server adds
// to it, or leaves out, does not make it another one.

// roleType is the type of every role that comes from an app-role assignment (mappings-and-scoping.md 9.1).
const roleType = "WindowsAzureActiveDirectoryRole"

// The parts that elements have (RFC 7643 2.4, 4.1.2). References are the server's own.
var (
	elementParts = []string{"value", "display", "type", "primary"}
	addressParts = []string{"formatted", "streetAddress", "locality", "region", "postalCode", "country", "type", "primary"}
)

func isAddresses(path Path) bool {
	return path.URN == "" && strings.EqualFold(path.Attribute, "addresses")
}

func isRoles(path Path) bool { return path.URN == "" && strings.EqualFold(path.Attribute, "roles") }

func partsOf(path Path) []string {
	if isAddresses(path) {
		return addressParts
	}
	return elementParts
}

// partNamed returns the schema's spelling of a part, empty when elements have none of that name.
func partNamed(parts []string, name string) string {
	i := slices.IndexFunc(parts, func(part string) bool { return strings.EqualFold(part, name) })
	if i < 0 {
		return ""
	}
	return parts[i]
}

// canonicalElement returns null for an element without value.
func canonicalElement(path Path, attribute string, element directory.Value) (directory.Value, error) {
	if isRoles(path) {
		element = assignedRole(element)
	}
	switch element.Kind() {
	case directory.KindNull:
		return element, nil
	case directory.KindList:
		return directory.Null(), listInList(attribute)
	case directory.KindRecord:
		return canonicalRecord(path, attribute, element)
	}
	text, _ := element.Text()
	if isAddresses(path) {
		return directory.Record(map[string]directory.Value{"formatted": directory.Text(text)}), nil
	}
	return directory.Text(text), nil
}

func canonicalRecord(path Path, attribute string, element directory.Value) (directory.Value, error) {
	parts := partsOf(path)
	made := map[string]directory.Value{}
	for _, name := range element.FieldNames() {
		if strings.EqualFold(name, "$ref") || element.Field(name).IsNull() {
			continue
		}
		part := partNamed(parts, name)
		if part == "" {
			return directory.Null(), invalid("", "an element of attribute %s has no part %s; it has %s", attribute, name, strings.Join(parts, ", "))
		}
		at := path.container()
		at.Sub = part
		value, err := canonicalOne(at, attribute+"."+part, element.Field(name))
		if err != nil {
			return directory.Null(), err
		}
		made[part] = value
	}
	switch value := made["value"]; {
	case len(made) == 0, value.IsNull() && !isAddresses(path):
		return directory.Null(), nil
	case len(made) == 1 && !value.IsNull():
		return value, nil
	}
	return directory.Record(made), nil
}

// assignedRole turns an app-role assignment, as a record or as the JSON text that the role functions yield, into the role
// the target gets: primary and type are fixed, and the id is the directory's own (mappings-and-scoping.md 9.1). A target
// may hold such a text as the value of a role, because one of the documented requests writes it there. Anything else stays
// as it is.
func assignedRole(element directory.Value) directory.Value {
	role, text := element, element
	if value := element.Field("value"); !value.IsNull() {
		text = value
	}
	if assignment, ok := text.Text(); ok && strings.HasPrefix(assignment, "{") {
		if json.Unmarshal([]byte(assignment), &role) != nil {
			return element
		}
	}
	if role.Field("id").IsNull() && role.Field("displayName").IsNull() {
		return element
	}
	// The value of an assignment may be one in its turn; it would be read as one.
	return assignedRole(directory.Record(map[string]directory.Value{"value": role.Field("value"), "display": role.Field("displayName"),
		"type": directory.Text(roleType), "primary": directory.Boolean(false)}))
}

// identity is what tells an element from the others of its attribute.
func identity(element directory.Value) string {
	if value := element.Field("value"); !value.IsNull() {
		return value.String()
	}
	return element.String()
}

// missing returns the elements that are not among those that are there.
func missing(elements, there []directory.Value) []directory.Value {
	var absent []directory.Value
	for _, element := range elements {
		same := func(other directory.Value) bool { return identity(other) == identity(element) }
		if !slices.ContainsFunc(there, same) && !slices.ContainsFunc(absent, same) {
			absent = append(absent, element)
		}
	}
	return absent
}

// roleTexts are roles to add in the form of 2018: each is a JSON text inside value (mappings-and-scoping.md 9.2). The
// assignment's id is the directory's own, and not known here.
func roleTexts(roles []directory.Value) []any {
	texts := make([]any, len(roles))
	for i, role := range roles {
		parts := resource{}
		for part, name := range map[string]string{"value": "value", "display": "displayName"} {
			if value := role.Field(part); !value.IsNull() {
				parts[name] = plain(value)
			}
		}
		if role.Kind() != directory.KindRecord {
			parts["value"] = plain(role)
		}
		// Texts always become JSON.
		inside, _ := encode(parts)
		texts[i] = resource{"value": string(inside)}
	}
	return texts
}

// elementJSON is the one place where an element of a list, a role for one, gets its form on the wire.
func elementJSON(element directory.Value) any {
	if element.Kind() != directory.KindRecord {
		return resource{"value": plain(element)}
	}
	made := resource{}
	for _, part := range element.FieldNames() {
		made[part] = plain(element.Field(part))
	}
	return made
}

// parts keeps what this package knows of an element that a server delivers.
func (r resource) parts(path Path) map[string]any {
	kept := map[string]any{}
	for _, part := range partsOf(path) {
		if value := r.get(part); value != nil {
			kept[part] = value
		}
	}
	if _, named := kept["display"]; !named && isRoles(path) && r.get("displayName") != nil {
		// One of the documented forms of a role writes displayName (mappings-and-scoping.md 9.1).
		kept["display"] = r.get("displayName")
	}
	return kept
}
