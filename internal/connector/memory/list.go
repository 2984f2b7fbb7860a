package memory

import (
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// takesOne reports whether an attribute has room for one value only; all others may hold a list.
func takesOne(attribute string) bool {
	return isBoolean(attribute) || strings.Contains(attribute, "].")
}

func canonicalList(attribute string, elements []directory.Value) (directory.Value, error) {
	if len(elements) > 0 && takesOne(attribute) {
		return directory.Null(), directory.Errorf(directory.Invalid, "attribute %s takes one value, not a list", attribute)
	}
	var made []directory.Value
	for _, element := range elements {
		value, err := canonicalElement(attribute, element)
		if err != nil {
			return directory.Null(), err
		}
		if !value.IsNull() && !slices.ContainsFunc(made, value.Equal) {
			made = append(made, value)
		}
	}
	if len(made) == 0 {
		return directory.Null(), nil
	}
	return directory.List(made...), nil
}

func canonicalElement(attribute string, element directory.Value) (directory.Value, error) {
	switch element.Kind() {
	case directory.KindNull:
		return element, nil
	case directory.KindList:
		return directory.Null(), directory.Errorf(directory.Invalid, "attribute %s cannot hold a list in a list", attribute)
	case directory.KindRecord:
	default:
		return canonicalText(attribute, element)
	}
	fields := map[string]directory.Value{}
	for _, name := range element.FieldNames() {
		field := element.Field(name)
		if _, ok := field.Text(); !ok {
			if !field.IsNull() {
				return directory.Null(), directory.Errorf(directory.Invalid, "attribute %s.%s cannot hold a %s", attribute, name, field.Kind())
			}
			continue
		}
		value, err := canonicalText(attribute+"."+name, field)
		if err != nil {
			return directory.Null(), err
		}
		fields[name] = value
	}
	return directory.Record(fields), nil
}

// union appends the elements that are not there yet.
func union(there directory.Value, added []directory.Value) directory.Value {
	elements := slices.Clone(there.Elements())
	for _, element := range added {
		if !slices.ContainsFunc(elements, func(other directory.Value) bool { return identity(other) == identity(element) }) {
			elements = append(elements, element)
		}
	}
	return directory.List(elements...)
}

// identity is what tells an element from the others: its value, whatever else is known of it (mappings-and-scoping.md 9.4).
func identity(element directory.Value) string {
	if value := element.Field("value"); !value.IsNull() {
		return value.String()
	}
	return element.String()
}
