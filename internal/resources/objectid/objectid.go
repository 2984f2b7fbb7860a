package objectid

import (
	"fmt"
	"strings"
)

const separator = "/"

// Join returns the id with these parts.
func Join(parts ...string) string { return strings.Join(parts, separator) }

// Parse splits an id that has one part for each name. The error states the expected form.
func Parse(id string, names []string) ([]string, error) {
	parts := strings.Split(id, separator)
	whole := len(parts) == len(names)
	for _, part := range parts {
		whole = whole && part != ""
	}
	if !whole {
		placeholders := make([]string, len(names))
		for i, name := range names {
			placeholders[i] = "<" + name + ">"
		}
		return nil, fmt.Errorf("expected the form %s, got %q", Join(placeholders...), id)
	}
	return parts, nil
}
