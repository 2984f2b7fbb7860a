package scim

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// equals builds the filter that finds a value (RFC 7644 3.4.2.2). A filtered path becomes one value path with
// two comparisons, because the grammar has no sub-attribute after the brackets, unless the profile has it the other way.
func equals(p profile, path Path, value directory.Value) string {
	comparison := " eq " + p.literal(value)
	if path.FilterBy == "" {
		return path.wire() + comparison
	}
	if p.comparedPaths {
		return p.wire(path) + comparison
	}
	by := path.FilterBy + " eq " + p.literal(path.filterValue())
	return path.container().wire() + "[" + by + " and " + path.Sub + comparison + "]"
}

// literal prints a value as a JSON literal, which is what the filter grammar takes.
func literal(value directory.Value) string {
	if b, ok := value.AsBoolean(); ok {
		return strconv.FormatBool(b)
	}
	if n, ok := value.AsInteger(); ok {
		return strconv.FormatInt(n, 10)
	}
	text, _ := value.Text()
	return quote(text)
}

// literal prints a value inside a filter: a boolean as the profile has it (scim-client.md 6.4).
func (p profile) literal(value directory.Value) string {
	if on, boolean := value.AsBoolean(); boolean && p.quotedBooleans {
		return quote(capitalised(on))
	}
	return literal(value)
}

// capitalised is the text form of a boolean that Microsoft's service writes.
func capitalised(on bool) string {
	if on {
		return "True"
	}
	return "False"
}

// quote writes a JSON string with the fewest escapes: servers with parsers of their own know \" and \\ but
// not always \u003c.
func quote(text string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	// Encoding a string cannot fail: bytes that are not UTF-8 are replaced.
	_ = encoder.Encode(text)
	return strings.TrimSuffix(b.String(), "\n")
}

// filterValue is the value a path's filter compares with: mappings quote even booleans (mappings-and-scoping.md 8). In
// an extension, whose types nobody knows, a quoted boolean is one.
func (p Path) filterValue() directory.Value {
	by := p.container()
	by.Sub = p.FilterBy
	if known := kindOf(by); known == kindBoolean || known == kindUnknown {
		switch strings.ToLower(p.FilterValue) {
		case "true":
			return directory.Boolean(true)
		case "false":
			return directory.Boolean(false)
		}
	}
	return directory.Text(p.FilterValue)
}
