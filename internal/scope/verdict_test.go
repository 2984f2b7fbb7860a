package scope

import (
	"strings"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/google/go-cmp/cmp"
)

func text(s string) directory.Value { return directory.Text(s) }

func texts(elements ...string) directory.Value {
	values := make([]directory.Value, len(elements))
	for i, element := range elements {
		values[i] = directory.Text(element)
	}
	return directory.List(values...)
}

func clause(attribute string, operator Operator, values ...string) Clause {
	return Clause{Attribute: attribute, Operator: operator, Values: values}
}

func mustCompile(t testing.TB, filters ...Filter) *Set {
	t.Helper()
	set, err := Compile(filters)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// only answers every attribute with one value.
func only(value directory.Value) func(string) directory.Value {
	return func(string) directory.Value { return value }
}

type clauseCase struct {
	id     string
	clause Clause
	value  directory.Value
	want   bool
}

func (c clauseCase) run(t *testing.T) {
	t.Run(c.id, func(t *testing.T) {
		t.Parallel()
		set := mustCompile(t, Filter{Name: "f", Clauses: []Clause{c.clause}})
		want := Verdict{In: c.want, Filters: []FilterVerdict{{Name: "f", In: c.want, Clauses: []ClauseVerdict{{Clause: c.clause, Value: c.value, In: c.want}}}}}
		if diff := cmp.Diff(want, set.Evaluate(only(c.value))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.clause, diff)
		}
	})
}

// TestReferenceTable is the table of mappings-and-scoping.md 13.5; the two rows about several clauses and
// filters are in TestFiltersAreOredAndClausesAnded.
func TestReferenceTable(t *testing.T) {
	t.Parallel()
	null := directory.Null()
	for _, c := range []clauseCase{
		{"equals-same", clause("department", Equals, "Sales"), text("Sales"), true},
		{"equals-case", clause("department", Equals, "Sales"), text("sales"), false},
		{"equals-null", clause("department", Equals, "Sales"), null, false},
		{"not-equals-other", clause("department", NotEquals, "Sales"), text("HR"), true},
		{"not-equals-same", clause("department", NotEquals, "Sales"), text("Sales"), false},
		{"not-equals-null", clause("department", NotEquals, "Sales"), null, false},
		{"not-equals-empty", clause("department", NotEquals, "Sales"), text(""), false},
		{"includes", clause("mail", Includes, "@contoso.com"), text("a@contoso.com"), true},
		{"includes-case", clause("mail", Includes, "@contoso.com"), text("a@Contoso.com"), false},
		{"ends-with", clause("mail", EndsWith, ".com"), text("a@x.com"), true},
		{"ends-with-other", clause("mail", EndsWith, ".com"), text("a@x.org"), false},
		{"ends-with-null", clause("mail", EndsWith, ".com"), null, false},
		{"regex", clause("employeeId", RegexMatch, "([1-9][0-9])"), text("42"), true},
		{"regex-unanchored", clause("employeeId", RegexMatch, "([1-9][0-9])"), text("100"), true},
		{"regex-other", clause("employeeId", RegexMatch, "([1-9][0-9])"), text("7"), false},
		{"not-regex-other", clause("userPrincipalName", NotRegexMatch, `.*\@domain.com`), text("a@other.com"), true},
		{"not-regex-found", clause("userPrincipalName", NotRegexMatch, `.*\@domain.com`), text("a@domain.com"), false},
		{"not-regex-null", clause("userPrincipalName", NotRegexMatch, `.*\@domain.com`), null, false},
		{"greater-above", clause("level", GreaterThan, "5"), text("6"), true},
		{"greater-equal", clause("level", GreaterThan, "5"), text("5"), false},
		{"greater-text", clause("level", GreaterThan, "5"), text("x"), false},
		{"greater-null", clause("level", GreaterThan, "5"), null, false},
		{"is-false-false", clause("accountEnabled", IsFalse), text("False"), true},
		{"is-false-true", clause("accountEnabled", IsFalse), text("True"), false},
		{"is-false-null", clause("accountEnabled", IsFalse), null, false},
		{"is-null-null", clause("jobTitle", IsNull), null, true},
		{"is-null-empty", clause("jobTitle", IsNull), text(""), true},
		{"is-null-value", clause("jobTitle", IsNull), text("x"), false},
		{"occurs-in", clause("country", OccursIn, "USA,CAN"), text("CAN"), true},
		{"occurs-in-other", clause("country", OccursIn, "USA,CAN"), text("MEX"), false},
		{"occurs-in-null", clause("country", OccursIn, "USA,CAN"), null, false},
		{"not-occurs-in-other", clause("country", NotOccursIn, "USA,CAN"), text("MEX"), true},
		{"not-occurs-in-found", clause("country", NotOccursIn, "USA,CAN"), text("CAN"), false},
		{"not-occurs-in-null", clause("country", NotOccursIn, "USA,CAN"), null, false},
	} {
		c.run(t)
	}
}

// TestNullAndEmptyFailEveryOperatorButIsNull covers the general rule of mappings-and-scoping.md 13.2.
func TestNullAndEmptyFailEveryOperatorButIsNull(t *testing.T) {
	t.Parallel()
	for _, operator := range Operators() {
		c := Clause{Attribute: "a", Operator: operator}
		if !operator.Unary() {
			c.Values = []string{"5"}
		}
		for id, value := range map[string]directory.Value{"null": directory.Null(), "empty": text(""), "empty-list": directory.List()} {
			clauseCase{string(operator) + "-" + id, c, value, operator == IsNull}.run(t)
		}
	}
}

func TestValuesThatAreNotText(t *testing.T) {
	t.Parallel()
	for _, c := range []clauseCase{
		{"equals-integer", clause("a", Equals, "7"), directory.Integer(7), true},
		{"equals-integer-leading-zero", clause("a", Equals, "007"), directory.Integer(7), true},
		{"equals-text-leading-zero", clause("a", Equals, "007"), text("7"), false},
		{"equals-integer-text", clause("a", Equals, "seven"), directory.Integer(7), false},
		{"not-equals-integer", clause("a", NotEquals, "7"), directory.Integer(8), true},
		{"equals-boolean", clause("a", Equals, "True"), directory.Boolean(true), true},
		{"equals-boolean-lower", clause("a", Equals, "true"), directory.Boolean(true), false},
		{"greater-integer", clause("a", GreaterThan, "5"), directory.Integer(6), true},
		{"greater-negative", clause("a", GreaterThan, "-5"), directory.Integer(-4), true},
		{"greater-as-number", clause("a", GreaterThan, "9"), text("10"), true},
		{"greater-fraction", clause("a", GreaterThan, "5"), text("6.5"), false},
		{"at-least-same", clause("a", GreaterThanOrEquals, "5"), text("5"), true},
		{"at-least-below", clause("a", GreaterThanOrEquals, "5"), directory.Integer(4), false},
		{"is-true-boolean", clause("a", IsTrue), directory.Boolean(true), true},
		{"is-true-text", clause("a", IsTrue), text("TRUE"), true},
		{"is-true-integer", clause("a", IsTrue), directory.Integer(1), false},
		{"is-false-integer", clause("a", IsFalse), directory.Integer(0), false},
		{"regex-integer", clause("a", RegexMatch, "^4"), directory.Integer(42), true},
		{"regex-case", clause("a", RegexMatch, "(?i)^SALES$"), text("sales"), true},
		{"regex-lookahead", clause("a", RegexMatch, "^(?!ext-)"), text("int-1"), true},
		{"verbatim", clause("a", Equals, " Sales "), text("Sales"), false},
		{"any-of", clause("a", Equals, "x", "y"), text("y"), true},
		{"any-of-none", clause("a", Equals, "x", "y"), text("z"), false},
		{"none-of", clause("a", NotEquals, "x", "y"), text("z"), true},
		{"none-of-one", clause("a", NotEquals, "x", "y"), text("y"), false},
		{"none-of-patterns", clause("a", NotRegexMatch, "^x", "^y"), text("yes"), false},
		{"list-every", clause("a", EndsWith, ".com"), texts("a.com", "b.com"), true},
		{"list-not-every", clause("a", EndsWith, ".com"), texts("a.com", "b.org"), false},
		{"list-negative-every", clause("a", NotEquals, "x"), texts("y", "x"), false},
		{"list-with-empty", clause("a", EndsWith, ".com"), texts("a.com", ""), false},
		{"list-is-not-null", clause("a", IsNotNull), texts("a"), true},
		{"list-regex-every", clause("a", RegexMatch, "^s"), texts("sales", "support"), true},
		{"list-regex-not-every", clause("a", RegexMatch, "^s"), texts("sales", "hr"), false},
		{"list-not-regex", clause("a", NotRegexMatch, "^s"), texts("hr", "sales"), false},
		{"list-any-of", clause("a", Equals, "x", "y"), texts("y", "x"), true},
		{"list-none-of", clause("a", NotEquals, "x", "y"), texts("z", "w"), true},
		{"list-greater", clause("a", GreaterThan, "5"), directory.List(directory.Integer(6), text("7")), true},
		{"list-is-true", clause("a", IsTrue), directory.List(directory.Boolean(true), directory.Boolean(false)), false},
		{"list-occurs-in", clause("a", OccursIn, "USA,CAN"), texts("USA", "CAN"), true},
		{"extension-single", clause("extension_0123456789abcdef0123456789abcdef_teams", Equals, "x"), text("x"), true},
		{"includes-several", clause("a", Includes, "@x", "@y"), text("a@y"), true},
		{"includes-integer", clause("a", Includes, "2"), directory.Integer(123), true},
		{"ends-with-case", clause("a", EndsWith, ".COM"), text("a.com"), false},
		{"ends-with-several", clause("a", EndsWith, ".org", ".com"), text("a.com"), true},
		{"occurs-in-case", clause("a", OccursIn, "USA,CAN"), text("can"), false},
		{"occurs-in-part", clause("a", OccursIn, "USA,CAN"), text("SA,C"), true},
		{"not-occurs-in-any", clause("a", NotOccursIn, "USA", "CAN"), text("CAN"), false},
		{"occurs-in-not-includes", clause("a", OccursIn, "CAN"), text("CANADA"), false},
		{"greater-any-of", clause("a", GreaterThan, "9", "5"), text("6"), true},
		{"at-least-above", clause("a", GreaterThanOrEquals, "5"), text("6"), true},
		{"at-least-largest", clause("a", GreaterThanOrEquals, "9223372036854775807"), text("9223372036854775807"), true},
		{"greater-beyond-64-bits", clause("a", GreaterThan, "5"), text("9223372036854775808"), false},
		{"greater-blank", clause("a", GreaterThan, "5"), text(" 6"), false},
		{"greater-boolean", clause("a", GreaterThan, "-1"), directory.Boolean(true), false},
		{"not-equals-boolean", clause("a", NotEquals, "True"), directory.Boolean(false), true},
		{"not-equals-integer-leading-zero", clause("a", NotEquals, "007"), directory.Integer(7), false},
		{"not-equals-integer-text", clause("a", NotEquals, "seven"), directory.Integer(7), true},
		{"not-equals-case", clause("a", NotEquals, "Sales"), text("sales"), true},
		{"is-true-other", clause("a", IsTrue), text("yes"), false},
		{"is-false-other", clause("a", IsFalse), text("no"), false},
		{"is-not-null-boolean", clause("a", IsNotNull), directory.Boolean(false), true},
		{"is-null-integer", clause("a", IsNull), directory.Integer(0), false},
		{"blank-is-not-empty", clause("a", IsNull), text(" "), false},
		{"verbatim-pattern", clause("a", RegexMatch, " x"), text("x"), false},
		{"regex-dot-is-any", clause("a", RegexMatch, `.*\@domain.com`), text("a@domainxcom"), true},
		{"regex-millions", clause("a", RegexMatch, "(1[0-9][0-9][0-9][0-9][0-9][0-9])"), text("1999999"), true},
		{"regex-case-sensitive", clause("a", RegexMatch, "^sales$"), text("Sales"), false},
		{"regex-dollar-before-newline", clause("a", RegexMatch, "^sales$"), text("sales\n"), true},
		{"regex-named-group", clause("a", RegexMatch, `(?<d>\d)\k<d>`), text("a11"), true},
		{"regex-dialect-digits", clause("a", RegexMatch, `^\d$`), text("\u0663"), true},
		{"list-is-null", clause("a", IsNull), texts("a"), false},
	} {
		c.run(t)
	}
}

func TestFiltersAreOredAndClausesAnded(t *testing.T) {
	t.Parallel()
	yes, no := clause("a", Equals, "x"), clause("a", Equals, "y")
	filter := func(name string, clauses ...Clause) Filter { return Filter{Name: name, Clauses: clauses} }
	for _, c := range []struct {
		id      string
		filters []Filter
		want    bool
		reason  string
	}{
		{"no-filter", nil, true, "no scoping filters"},
		{"filter-without-clauses", []Filter{filter("all")}, true, `filter "all" is true`},
		{"two-clauses-one-false", []Filter{filter("f", yes, no)}, false, `filter "f": a EQUALS "y" is false`},
		{"two-clauses-true", []Filter{filter("f", yes, yes)}, true, `filter "f" is true`},
		{"two-filters-one-false", []Filter{filter("f", no), filter("g", yes)}, true, `filter "g" is true`},
		{"two-filters-false", []Filter{filter("f", yes, no), filter("", clause("b", IsNull))}, false, `filter "f": a EQUALS "y" is false; filter 2: b IS NULL is false`},
		{"several-values", []Filter{filter("f", clause("a", Equals, "p", `q"`))}, false, `filter "f": a EQUALS "p", "q\"" is false`},
	} {
		t.Run(c.id, func(t *testing.T) {
			t.Parallel()
			v := mustCompile(t, c.filters...).Evaluate(only(text("x")))
			if v.In != c.want || v.Reason() != c.reason {
				t.Errorf("got %v, %q; want %v, %q", v.In, v.Reason(), c.want, c.reason)
			}
		})
	}
}

func TestEveryClauseIsShown(t *testing.T) {
	t.Parallel()
	set := mustCompile(t, Filter{Name: "f", Clauses: []Clause{clause("b", Equals, "1"), clause("a", IsNull)}}, Filter{Name: "g", Clauses: []Clause{clause("a", Includes, "x")}})
	attributes := map[string]directory.Value{"a": text("xyz")}
	got := set.Evaluate(func(name string) directory.Value { return attributes[name] })
	want := Verdict{In: true, Filters: []FilterVerdict{
		{Name: "f", Clauses: []ClauseVerdict{{Clause: clause("b", Equals, "1")}, {Clause: clause("a", IsNull), Value: text("xyz")}}},
		{Name: "g", In: true, Clauses: []ClauseVerdict{{Clause: clause("a", Includes, "x"), Value: text("xyz"), In: true}}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a", "b"}, set.Attributes()); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

// TestProblemsAreReportedWithoutTheValue: a clause that cannot be tested is false, for negative operators
// too, and says why.
func TestProblemsAreReportedWithoutTheValue(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat("a", 40)
	for id, c := range map[string]struct {
		clause  Clause
		value   directory.Value
		problem string
	}{
		"timeout-or-stack": {clause("a", NotRegexMatch, "^(a+)+$"), text(secret + "!"), "make it simpler"},
		"too-long":         {clause("a", RegexMatch, "a"), text(strings.Repeat(secret, 2000)), "longer than the 65536 bytes"},
		"record":           {clause("a", NotEquals, "x"), directory.Record(map[string]directory.Value{"id": text(secret)}), "a record"},
		"extension-list":   {clause("extension_0123456789abcdef0123456789abcdef_teams", NotEquals, "x"), texts("y", secret), "a multi-valued directory extension"},
		"date":             {clause("a", NotEquals, "x"), directory.DateTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), "a date"},
		"list-of-lists":    {clause("a", NotEquals, "x"), directory.List(texts(secret)), "a list"},
		"list-of-records":  {clause("a", Equals, "x"), directory.List(directory.Record(nil)), "a record"},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			v := mustCompile(t, Filter{Name: "f", Clauses: []Clause{c.clause}}).Evaluate(only(c.value))
			got := v.Filters[0].Clauses[0]
			if v.In || got.In || !strings.Contains(got.Problem, c.problem) || !strings.Contains(v.Reason(), got.Problem) {
				t.Errorf("in %v, problem %q, reason %q; want false and %q", v.In, got.Problem, v.Reason(), c.problem)
			}
			if strings.Contains(v.Reason(), secret) {
				t.Error("the reason holds the attribute value")
			}
		})
	}
}
