package scope

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/dlclark/regexp2/v2"
)

// Verdict is what the filters say about one object.
type Verdict struct {
	// In is true when there is no filter or one of them is true.
	In bool
	// Filters holds every filter in order.
	Filters []FilterVerdict
}

// FilterVerdict is what one filter says; Clauses holds every clause in order, also those after a false one.
type FilterVerdict struct {
	Name    string
	In      bool
	Clauses []ClauseVerdict
}

// ClauseVerdict is what one clause says about the attribute's value.
type ClauseVerdict struct {
	Clause Clause
	Value  directory.Value
	In     bool
	// Problem says why the clause could not be tested, in which case In is false. It holds no attribute value.
	Problem string
}

// Evaluate tests every clause of every filter. attribute returns a source attribute, null when the object
// has none.
func (s *Set) Evaluate(attribute func(string) directory.Value) Verdict {
	if s == nil || len(s.filters) == 0 {
		return Verdict{In: true}
	}
	var verdict Verdict
	for _, filter := range s.filters {
		f := FilterVerdict{Name: filter.name, In: true}
		for _, clause := range filter.clauses {
			c := ClauseVerdict{Clause: clause.Clause, Value: attribute(clause.Attribute)}
			c.In, c.Problem = clause.holds(c.Value)
			f.In = f.In && c.In
			f.Clauses = append(f.Clauses, c)
		}
		verdict.In = verdict.In || f.In
		verdict.Filters = append(verdict.Filters, f)
	}
	return verdict
}

// Reason names, in one line, the filter that passes or else the first failing clause of every filter. It
// never holds the object's attribute values.
func (v Verdict) Reason() string {
	if len(v.Filters) == 0 {
		return "no scoping filters"
	}
	var failing []string
	for i, filter := range v.Filters {
		name := "filter " + strconv.Quote(filter.Name)
		if filter.Name == "" {
			name = fmt.Sprintf("filter %d", i+1)
		}
		if filter.In {
			return name + " is true"
		}
		first := slices.IndexFunc(filter.Clauses, func(c ClauseVerdict) bool { return !c.In })
		if first < 0 {
			continue
		}
		reason := fmt.Sprintf("%s: %s is false", name, filter.Clauses[first].Clause)
		if problem := filter.Clauses[first].Problem; problem != "" {
			reason += " (" + problem + ")"
		}
		failing = append(failing, reason)
	}
	return strings.Join(failing, "; ")
}

// holds tests a value. Of several values every one must satisfy the clause; an empty list is empty
// (mappings-and-scoping.md 13.2).
func (c compiledClause) holds(value directory.Value) (in bool, problem string) {
	if value.Kind() != directory.KindList || value.IsEmpty() {
		return c.holdsFor(value)
	}
	if isExtension(c.Attribute) {
		return false, "the attribute is a multi-valued directory extension, which cannot be tested"
	}
	for _, element := range value.Elements() {
		if in, problem = c.holdsFor(element); !in {
			return false, problem
		}
	}
	return true, ""
}

// holdsFor tests a single value. Null and empty values fail every operator except IS NULL.
func (c compiledClause) holdsFor(value directory.Value) (in bool, problem string) {
	switch {
	case c.Operator == IsNull:
		return value.IsEmpty(), ""
	case value.IsEmpty():
		return false, ""
	case c.Operator == IsNotNull:
		return true, ""
	case value.Kind() == directory.KindDateTime:
		return false, "the attribute is a date, which cannot be tested"
	}
	text, ok := value.Text()
	switch {
	case !ok:
		return false, fmt.Sprintf("the attribute is a %s, which cannot be tested", value.Kind())
	case c.Operator == IsTrue:
		return strings.EqualFold(text, "true"), ""
	case c.Operator == IsFalse:
		return strings.EqualFold(text, "false"), ""
	}
	base, negated := c.Operator.positive()
	for i := range c.Values {
		in, problem = c.matches(base, i, value, text)
		if problem != "" {
			return false, problem
		}
		if in {
			return !negated, ""
		}
	}
	return negated, ""
}

// matches tests a value against one clause value.
func (c compiledClause) matches(operator Operator, i int, value directory.Value, text string) (bool, string) {
	switch operator {
	case Equals:
		if n, ok := value.AsInteger(); ok {
			wanted, err := strconv.ParseInt(c.Values[i], 10, 64)
			return err == nil && n == wanted, ""
		}
		return text == c.Values[i], ""
	case Includes:
		return strings.Contains(text, c.Values[i]), ""
	case EndsWith:
		return strings.HasSuffix(text, c.Values[i]), ""
	case OccursIn:
		return strings.Contains(c.Values[i], text), ""
	case RegexMatch:
		return search(c.patterns[i], text)
	default:
		n, err := strconv.ParseInt(text, 10, 64)
		return err == nil && (n > c.numbers[i] || operator == GreaterThanOrEquals && n == c.numbers[i]), ""
	}
}

// maximumInput is the longest text, in bytes, a pattern is applied to.
const maximumInput = 64 << 10

// search looks for the pattern anywhere in the text. The engine's own error text quotes the value, so it is
// not passed on.
func search(pattern *regexp2.Regexp, text string) (bool, string) {
	if len(text) > maximumInput {
		return false, fmt.Sprintf("the attribute is longer than the %d bytes a pattern is applied to", maximumInput)
	}
	found, err := pattern.MatchString(text)
	switch {
	case err == nil:
		return found, ""
	case errors.Is(err, regexp2.ErrBacktrackingStackLimit):
		return false, "the pattern backtracks too much: make it simpler"
	default:
		return false, fmt.Sprintf("the pattern took longer than %s: make it simpler", pattern.MatchTimeout)
	}
}
