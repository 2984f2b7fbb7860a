package job

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// AttributeTypes lists the attribute types.
func AttributeTypes() []AttributeType {
	return []AttributeType{TypeString, TypeInteger, TypeBoolean, TypeBinary, TypeDateTime, TypeReference}
}

// Mutabilities lists the mutabilities.
func Mutabilities() []Mutability { return []Mutability{ReadWrite, ReadOnly, Immutable, WriteOnly} }

// TargetAttribute returns what the attribute list says of a target; the zero TargetAttribute when it says nothing.
func (m Mapping) TargetAttribute(target string) TargetAttribute {
	for _, attribute := range m.TargetAttributes {
		if SameTarget(attribute.Name, target) {
			return attribute
		}
	}
	return TargetAttribute{}
}

// FlowsNull reports whether the attribute list lets an empty value of every one of these source attributes clear the
// target: the first of the two switches (mappings-and-scoping.md 3.3). Names are matched exactly.
func (m Mapping) FlowsNull(names []string) bool {
	for _, name := range names {
		if !slices.Contains(m.SourceAttributes, SourceAttribute{Name: name, FlowNullValues: true}) {
			return false
		}
	}
	return len(names) > 0
}

// Convert gives a value the type and the number of values that the attribute list asks for (mappings-and-scoping.md 6).
// Null stays null. The error names no value.
func (a TargetAttribute) Convert(value directory.Value) (directory.Value, error) {
	if value.Kind() != directory.KindList {
		return a.Type.convert(value)
	}
	elements := value.Elements()
	if a.Multivalued != nil && !*a.Multivalued {
		switch len(elements) {
		case 0:
			return directory.Null(), nil
		case 1:
			return a.Type.convert(elements[0])
		default:
			return directory.Null(), fmt.Errorf("the attribute takes one value, and the expression gives %d; choose one, for example with Item", len(elements))
		}
	}
	converted := make([]directory.Value, len(elements))
	for i, element := range elements {
		var err error
		if converted[i], err = a.Type.convert(element); err != nil {
			return directory.Null(), err
		}
	}
	return directory.List(converted...), nil
}

// convert converts one value. Records, which only the role functions yield, are the connector's business.
func (t AttributeType) convert(value directory.Value) (directory.Value, error) {
	text, ok := value.Text()
	if !ok {
		if value.IsNull() || t == "" || t == TypeString {
			return value, nil
		}
		return value, errors.New("a " + value.Kind().String() + " cannot be made a value of type " + string(t))
	}
	switch t {
	case TypeString, TypeDateTime: // a DateTime is passed as text (mappings-and-scoping.md 6)
		return directory.Text(text), nil
	case TypeInteger:
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return value, errors.New("the value is not an integer, and the target attribute has the type Integer")
		}
		return directory.Integer(n), nil
	case TypeBoolean:
		switch strings.ToLower(text) {
		case "true":
			return directory.Boolean(true), nil
		case "false":
			return directory.Boolean(false), nil
		}
		return value, errors.New("the value is neither true nor false, and the target attribute has the type Boolean")
	default:
		return value, nil
	}
}
