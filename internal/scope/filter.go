package scope

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/dlclark/regexp2/v2"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// Clause tests one source attribute. Values are used verbatim; unary operators have none.
type Clause struct {
	Attribute string
	Operator  Operator
	Values    []string
}

// String prints the clause for people, for example department EQUALS "Sales".
func (c Clause) String() string {
	text := c.Attribute + " " + string(c.Operator)
	for i, value := range c.Values {
		if i > 0 {
			text += ","
		}
		text += " " + strconv.Quote(value)
	}
	return text
}

// Filter is a scoping filter: all its clauses must be true. A filter without clauses is true.
type Filter struct {
	Name    string
	Clauses []Clause
}

// ClauseError says why a clause cannot be used and what to do. Clause counts from 1. ValidateClause, which
// sees one clause only, leaves Filter empty and Clause 0.
type ClauseError struct {
	Filter  string
	Clause  int
	Message string
}

// Error returns the place and the message.
func (e *ClauseError) Error() string {
	if e.Clause == 0 {
		return e.Message
	}
	return fmt.Sprintf("scoping filter %q, clause %d: %s", e.Filter, e.Clause, e.Message)
}

// Set is a compiled set of scoping filters. It is immutable and safe for concurrent use. A nil Set has no
// filters, so every object passes.
type Set struct {
	filters []compiledFilter
}

type compiledFilter struct {
	name    string
	clauses []compiledClause
}

type compiledClause struct {
	Clause
	// patterns are the compiled values of the pattern operators, numbers those of the ordering operators.
	patterns []*regexp2.Regexp
	numbers  []int64
}

// Compile checks and prepares the filters of one object mapping. The error joins one *ClauseError for each
// mistake, in order, so all can be mended at once.
func Compile(filters []Filter) (*Set, error) {
	set := &Set{}
	var mistakes []error
	for _, filter := range filters {
		compiled := compiledFilter{name: filter.Name}
		for i, clause := range filter.Clauses {
			c, problems := compile(clause)
			for _, problem := range problems {
				mistakes = append(mistakes, &ClauseError{Filter: filter.Name, Clause: i + 1, Message: problem})
			}
			compiled.clauses = append(compiled.clauses, c)
		}
		set.filters = append(set.filters, compiled)
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	return set, nil
}

// ValidateClause checks one clause. The error joins one *ClauseError for each mistake.
func ValidateClause(c Clause) error {
	_, problems := compile(c)
	var mistakes []error
	for _, problem := range problems {
		mistakes = append(mistakes, &ClauseError{Message: problem})
	}
	return errors.Join(mistakes...)
}

// Attributes returns the names of the attributes the clauses test, sorted, without repeats.
func (s *Set) Attributes() []string {
	if s == nil {
		return nil
	}
	var names []string
	for _, filter := range s.filters {
		for _, clause := range filter.clauses {
			names = append(names, clause.Attribute)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func compile(c Clause) (compiledClause, []string) {
	compiled := compiledClause{Clause: c}
	compiled.Values = slices.Clone(c.Values)
	var problems []string
	if problem := unusable(c.Attribute); problem != "" {
		problems = append(problems, problem)
	}
	switch {
	case !slices.Contains(Operators(), c.Operator):
		return compiled, append(problems, fmt.Sprintf("operator %q is unknown: %s", string(c.Operator), c.Operator.advice()))
	case c.Operator.Unary() && len(c.Values) > 0:
		return compiled, append(problems, fmt.Sprintf("%s takes no value, not %d: remove the values", c.Operator, len(c.Values)))
	case !c.Operator.Unary() && len(c.Values) == 0:
		return compiled, append(problems, fmt.Sprintf("%s needs a value: add one", c.Operator))
	}
	for _, value := range c.Values {
		if problem := compiled.add(value); problem != "" {
			problems = append(problems, problem)
		}
	}
	return compiled, problems
}

// add prepares one clause value. A value that could never be true is a mistake: it would put everybody out
// of scope.
func (c *compiledClause) add(value string) string {
	base, _ := c.Operator.positive()
	switch {
	case value == "":
		return fmt.Sprintf("the value of %s is empty: use %s or %s to test for a missing value", c.Operator, IsNull, IsNotNull)
	case base == RegexMatch:
		pattern, err := expression.CompilePattern(value)
		if err != nil {
			return fmt.Sprintf("the pattern is %v", err)
		}
		c.patterns = append(c.patterns, pattern)
	case base.ordering():
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return fmt.Sprintf("%s compares integers, and %q is not one: give an integer", c.Operator, value)
		}
		c.numbers = append(c.numbers, n)
	}
	return ""
}
