package testenv

import (
	"cmp"
	"slices"
	"strings"
)

// Dump is everything a server holds, as the server itself tells it: read from its store, not through SCIM.
type Dump struct {
	Users  []Resource
	Groups []Resource
}

// Resource is one user or group with its attributes as SCIM names them. Members are ids.
type Resource struct {
	ID         string
	Attributes map[string]any
	Members    []string
}

// EnterpriseURN is the schema of employee number, department and manager (RFC 7643 4.3).
const EnterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// Text returns an attribute by its path: "title", "name.givenName", or "emails" for the value of the element
// of type work, or else of the first.
// Attributes of the enterprise extension go by their own name.
func (r Resource) Text(path string) string {
	first, second, _ := strings.Cut(path, ".")
	value := lookup(r.Attributes, first)
	if value == nil {
		extension, _ := r.Attributes[EnterpriseURN].(map[string]any)
		value = lookup(extension, first)
	}
	if list, ok := value.([]any); ok && len(list) > 0 {
		value = list[0]
		for _, element := range list {
			if one, isObject := element.(map[string]any); isObject && one["type"] == "work" {
				value = one
			}
		}
	}
	if one, ok := value.(map[string]any); ok {
		value = lookup(one, cmp.Or(second, "value"))
	}
	text, _ := value.(string)
	return text
}

// Active reports whether the account is on; an account without the attribute is.
func (r Resource) Active() bool {
	value := lookup(r.Attributes, "active")
	return value != false && value != "False" && value != "false"
}

func lookup(attributes map[string]any, name string) any {
	if value, ok := attributes[name]; ok {
		return value
	}
	for known, value := range attributes {
		if strings.EqualFold(known, name) {
			return value
		}
	}
	return nil
}

// User returns the account of a name, compared without regard to case.
func (d Dump) User(name string) (Resource, bool) { return named(d.Users, "userName", name) }

// Group returns the group of a name.
func (d Dump) Group(name string) (Resource, bool) { return named(d.Groups, "displayName", name) }

func named(resources []Resource, attribute, name string) (Resource, bool) {
	i := slices.IndexFunc(resources, func(r Resource) bool { return strings.EqualFold(r.Text(attribute), name) })
	if i < 0 {
		return Resource{}, false
	}
	return resources[i], true
}

// Name is the user name of an id, or the id itself when nobody has it.
func (d Dump) Name(id string) string {
	i := slices.IndexFunc(d.Users, func(r Resource) bool { return r.ID == id })
	if i < 0 {
		return id
	}
	return strings.ToLower(d.Users[i].Text("userName"))
}
