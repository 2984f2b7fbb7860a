package scope

import (
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// Operator is the test a clause makes, in its canonical spelling (mappings-and-scoping.md 13.2).
type Operator string

// The operators.
const (
	Equals              Operator = "EQUALS"
	NotEquals           Operator = "NOT EQUALS"
	Includes            Operator = "INCLUDES"
	EndsWith            Operator = "ENDS_WITH"
	RegexMatch          Operator = "REGEX MATCH"
	NotRegexMatch       Operator = "NOT REGEX MATCH"
	GreaterThan         Operator = "GREATER_THAN"
	GreaterThanOrEquals Operator = "GREATER_THAN_OR_EQUALS"
	IsTrue              Operator = "IS TRUE"
	IsFalse             Operator = "IS FALSE"
	IsNull              Operator = "IS NULL"
	IsNotNull           Operator = "IS NOT NULL"
	// OccursIn is true when the attribute value occurs inside the clause value: the opposite direction of
	// Includes.
	OccursIn    Operator = "&"
	NotOccursIn Operator = "!&"
)

// Operators returns all operators, in the order of the reference.
func Operators() []Operator {
	return []Operator{
		Equals, NotEquals, Includes, EndsWith, RegexMatch, NotRegexMatch, GreaterThan, GreaterThanOrEquals,
		IsTrue, IsFalse, IsNull, IsNotNull, OccursIn, NotOccursIn,
	}
}

// Unary reports whether the operator takes no value.
func (o Operator) Unary() bool {
	switch o {
	case IsTrue, IsFalse, IsNull, IsNotNull:
		return true
	default:
		return false
	}
}

// positive returns the operator that a negative one negates. With several values a positive operator means
// any of them, a negative one none of them.
func (o Operator) positive() (base Operator, negated bool) {
	switch o {
	case NotEquals:
		return Equals, true
	case NotRegexMatch:
		return RegexMatch, true
	case NotOccursIn:
		return OccursIn, true
	default:
		return o, false
	}
}

func (o Operator) ordering() bool { return o == GreaterThan || o == GreaterThanOrEquals }

// advice says what to write instead of an unknown operator.
func (o Operator) advice() string {
	plain := func(o Operator) string {
		return strings.NewReplacer(" ", "", "_", "").Replace(strings.ToUpper(string(o)))
	}
	all := Operators()
	if i := slices.IndexFunc(all, func(known Operator) bool { return plain(known) == plain(o) }); i >= 0 {
		return `write "` + string(all[i]) + `"`
	}
	switch plain(o) {
	case "ISMEMBEROF":
		return "group membership cannot be tested: use assignments"
	case "LESSTHAN", "LESSTHANOREQUALS":
		return `there is no such operator: turn the clause around with "GREATER_THAN" or "GREATER_THAN_OR_EQUALS", or use a pattern`
	}
	best := maximumEdits + 1
	var near Operator
	for _, known := range all {
		if len(o) > maximumOperator {
			break
		}
		if n := expression.Distance(plain(o), plain(known)); n < best && len(plain(o)) > n {
			best, near = n, known
		}
	}
	if near != "" {
		return `the nearest one is "` + string(near) + `"`
	}
	names := make([]string, len(all))
	for i, known := range all {
		names[i] = `"` + string(known) + `"`
	}
	return "use one of " + strings.Join(names, ", ")
}

const (
	// maximumEdits is how far a mistyped operator may be from the one that is suggested.
	maximumEdits = 2
	// maximumOperator is the longest text, in bytes, that can be a mistyped operator.
	maximumOperator = 100
)
