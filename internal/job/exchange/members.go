package exchange

import (
	"encoding/json"
	"iter"
	"maps"
	"math/big"
	"slices"
	"strconv"
)

// sortedMembers yields the members of an object whose members are objects, sorted by name.
func sortedMembers(raw any) iter.Seq2[string, map[string]any] {
	object, _ := raw.(map[string]any)
	return func(yield func(string, map[string]any) bool) {
		for _, name := range slices.Sorted(maps.Keys(object)) {
			member, ok := object[name].(map[string]any)
			if ok && !yield(name, member) {
				return
			}
		}
	}
}

func textIn(object map[string]any, name string) string {
	text, _ := object[name].(string)
	return text
}

func flagIn(object map[string]any, name string) bool {
	set, _ := object[name].(bool)
	return set
}

// pointerIn returns a member that may be null.
func pointerIn[T any](object map[string]any, name string) *T {
	if value, ok := object[name].(T); ok {
		return &value
	}
	return nil
}

// wholeIn returns a number of configuration or JSON, 0 when it is none.
func wholeIn(object map[string]any, name string) int {
	switch n := object[name].(type) {
	case json.Number:
		whole, _ := strconv.Atoi(n.String())
		return whole
	case *big.Float:
		whole, _ := n.Int64()
		return int(whole)
	default:
		return 0
	}
}
