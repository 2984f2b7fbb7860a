package scim

import (
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// canonical returns the form in which a SCIM server keeps a value: booleans and texts where the schema says
// so, and integers and booleans as they are where it says nothing.
func canonical(attribute string, value directory.Value) (directory.Value, error) {
	path, err := ParsePath(attribute)
	if err != nil {
		return directory.Null(), invalid("", "%v", err)
	}
	path = path.resolved()
	if containerKind(path) == kindReadOnly {
		return directory.Null(), invalid("", "attribute %s cannot be written: the target itself sets it, or it has no source", attribute)
	}
	if path.Sub != "" && path.FilterBy == "" && containerKind(path) == kindElements {
		return directory.Null(), invalid("", "attribute %s: %s has several values; say which one, for example %s[type eq \"work\"].%s",
			attribute, path.Attribute, path.Attribute, path.Sub)
	}
	if path.Sub == "" && path.URN == "" && containerKind(path) == kindComplex {
		return directory.Null(), invalid("", "attribute %s has parts; name one, for example %s.formatted", attribute, attribute)
	}
	return canonicalAt(path, attribute, value)
}

// canonicalAt is canonical for a path that can be written. It also reads what a server delivers.
func canonicalAt(path Path, attribute string, value directory.Value) (directory.Value, error) {
	if value.Kind() == directory.KindList || kindOf(path) == kindElements {
		return canonicalList(path, attribute, value.Elements())
	}
	return canonicalOne(path, attribute, value)
}

func canonicalList(path Path, attribute string, elements []directory.Value) (directory.Value, error) {
	switch {
	case len(elements) == 0:
		return directory.Null(), nil
	case takesOne(path) && len(elements) == 1:
		return canonicalOne(path, attribute, elements[0])
	case takesOne(path):
		return directory.Null(), invalid("SchemaPropertyCanOnlyAcceptValue", "attribute %s takes one value, not %d", attribute, len(elements))
	}
	canonicalOf := canonicalOne
	if kindOf(path) == kindElements {
		canonicalOf = canonicalElement
	}
	values := make([]directory.Value, 0, len(elements))
	primaries := 0
	for _, element := range elements {
		value, err := canonicalOf(path, attribute, element)
		if err != nil {
			return directory.Null(), err
		}
		if value.IsNull() || slices.ContainsFunc(values, value.Equal) {
			continue
		}
		if value.Field("primary").Equal(directory.Boolean(true)) {
			primaries++
		}
		values = append(values, value)
	}
	switch {
	case len(values) == 0:
		return directory.Null(), nil
	case primaries > 1:
		return directory.Null(), invalid("", "attribute %s has %d primary elements; there can be one", attribute, primaries)
	}
	return directory.List(values...), nil
}

// takesOne reports whether a path has room for one value only.
func takesOne(path Path) bool {
	known := kindOf(path)
	return path.Sub != "" || known == kindText || known == kindBoolean || known == kindComplex
}

func listInList(attribute string) error {
	return invalid("", "attribute %s cannot hold a list inside a list", attribute)
}

func canonicalOne(path Path, attribute string, value directory.Value) (directory.Value, error) {
	known := kindOf(path)
	switch value.Kind() {
	case directory.KindNull:
		return value, nil
	case directory.KindList:
		return directory.Null(), listInList(attribute)
	case directory.KindRecord:
		return directory.Null(), invalid("", "attribute %s cannot hold a record", attribute)
	case directory.KindInteger, directory.KindBoolean:
		if known == kindUnknown {
			return value, nil
		}
	}
	text, _ := value.Text()
	if known != kindBoolean {
		return directory.Text(text), nil
	}
	switch strings.ToLower(text) {
	case "true":
		return directory.Boolean(true), nil
	case "false":
		return directory.Boolean(false), nil
	default:
		return directory.Null(), invalid("", "attribute %s takes true or false, and the value is neither", attribute)
	}
}

func invalid(code, format string, args ...any) *directory.Error {
	err := directory.Errorf(directory.Invalid, format, args...)
	err.Code = code
	return err
}
