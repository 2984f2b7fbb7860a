package expression

import (
	"fmt"
	"slices"
	"strings"
)

// check verifies a call's arguments against its row. closing is the offset of the closing parenthesis.
func check(source string, c *call, closing int) error {
	f := c.function
	usage := "write " + f.Signature()
	fail := func(offset int, format string, args ...any) error {
		return syntaxErrorAt(source, offset, usage, format, args...)
	}
	if f.Maximum >= 0 && len(c.places) > f.Maximum {
		return fail(c.places[f.Maximum].offset, "%s takes %s, not %d", f.Name, count(f.Maximum), len(c.places))
	}
	for i, p := range c.places {
		if err := checkPlace(f, i, p, fail); err != nil {
			return err
		}
	}
	if len(c.places) < f.Minimum {
		return fail(closing, "%s needs at least %s, not %d", f.Name, count(f.Minimum), len(c.places))
	}
	if f.check != nil {
		if message := f.check(c); message != "" {
			return syntaxErrorAt(source, c.offset, "", "%s", message)
		}
	}
	for len(c.places) > 0 && c.places[len(c.places)-1].node == nil {
		c.places = c.places[:len(c.places)-1]
	}
	return nil
}

func checkPlace(f *function, index int, p place, fail func(int, string, ...any) error) error {
	parameter := f.parameter(index)
	switch n := p.node.(type) {
	case nil:
		// The older form of FormatDateTime counts its places differently; its row checks them.
		if parameter.Required && f.Minimum >= requiredPlaces(f.Parameters) {
			return fail(p.offset, "argument %d (%s) of %s must not be empty", index+1, parameter.Name, f.Name)
		}
	case *option:
		if !slices.Contains(parameter.Words, n.name) {
			return fail(p.offset, "argument %d (%s) of %s cannot be the word %s", index+1, parameter.Name, f.Name, n.name)
		}
	case *constant:
		text, _ := n.value.Text()
		if len(parameter.Words) > 0 && !slices.ContainsFunc(parameter.Words, func(w string) bool { return strings.EqualFold(w, text) }) {
			return fail(p.offset, "argument %d (%s) of %s must be one of %s", index+1, parameter.Name, f.Name, strings.Join(parameter.Words, ", "))
		}
	}
	return nil
}

// requiredPlaces returns the number of places up to the last required parameter.
func requiredPlaces(parameters []Parameter) int {
	for i := len(parameters); i > 0; i-- {
		if parameters[i-1].Required {
			return i
		}
	}
	return 0
}

func count(n int) string {
	switch n {
	case 0:
		return "no arguments"
	case 1:
		return "1 argument"
	default:
		return fmt.Sprintf("%d arguments", n)
	}
}
