package scope

import (
	"errors"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/google/go-cmp/cmp"
)

func TestValidateClause(t *testing.T) {
	t.Parallel()
	const operators = `"EQUALS", "NOT EQUALS", "INCLUDES", "ENDS_WITH", "REGEX MATCH", "NOT REGEX MATCH", "GREATER_THAN", ` +
		`"GREATER_THAN_OR_EQUALS", "IS TRUE", "IS FALSE", "IS NULL", "IS NOT NULL", "&", "!&"`
	for _, c := range []struct {
		id     string
		clause Clause
		want   string
	}{
		{"good", clause("department", Equals, "Sales"), ""},
		{"good-unary", clause("department", IsNull), ""},
		{"unknown-operator", clause("a", "LIKE", "x"), `operator "LIKE" is unknown: use one of ` + operators},
		{"operator-spelling", clause("a", "Greater_Than_OR_EQUALS", "1"), `operator "Greater_Than_OR_EQUALS" is unknown: write "GREATER_THAN_OR_EQUALS"`},
		{"operator-nearest", clause("a", "EQUAL", "1"), `operator "EQUAL" is unknown: the nearest one is "EQUALS"`},
		{"operator-nearest-negative", clause("a", "not_equls", "1"), `operator "not_equls" is unknown: the nearest one is "NOT EQUALS"`},
		{"operator-nearest-plural", clause("a", "Include", "1"), `operator "Include" is unknown: the nearest one is "INCLUDES"`},
		{"operator-empty", clause("a", "", "1"), `operator "" is unknown: use one of ` + operators},
		{"operator-never-documented", clause("a", "Present"), `operator "Present" is unknown: use one of ` + operators},
		{"operator-less", clause("a", "LESS_THAN", "1"), `operator "LESS_THAN" is unknown: there is no such operator: turn the clause around with "GREATER_THAN" or "GREATER_THAN_OR_EQUALS", or use a pattern`},
		{"membership", clause("a", "IsMemberOf", "1"), `operator "IsMemberOf" is unknown: group membership cannot be tested: use assignments`},
		{"value-missing", clause("a", Equals), "EQUALS needs a value: add one"},
		{"value-surplus", clause("a", IsNull, "x"), "IS NULL takes no value, not 1: remove the values"},
		{"value-empty", clause("a", Equals, ""), "the value of EQUALS is empty: use IS NULL or IS NOT NULL to test for a missing value"},
		{"not-integer", clause("a", GreaterThan, "5.5"), `GREATER_THAN compares integers, and "5.5" is not one: give an integer`},
		{"pattern", clause("a", RegexMatch, "(x"), "the pattern is not a regular expression of .NET: error parsing regexp: missing closing ) in `(x`"},
		{"no-attribute", clause("", IsNull), "the clause names no attribute: name a source attribute"},
		{"blank-attribute", clause("a ", IsNull), `attribute "a " has blanks around it: remove them`},
		{"manager", clause("manager", IsNull), "attribute manager cannot be used in a scoping filter: test another attribute, or use assignments"},
		{"date", clause("accountExpires", IsNull), "attribute accountExpires is a date, which cannot be used in a scoping filter: test another attribute"},
		{"soft-deleted", clause("IsSoftDeleted", IsFalse), "attribute IsSoftDeleted follows from the scoping filters and cannot be used in one: test accountEnabled instead"},
		{"pattern-too-long", clause("a", NotRegexMatch, strings.Repeat("a", 10_001)), "the pattern is longer than 10000 bytes"},
		{"several-values-one-wrong", clause("a", GreaterThanOrEquals, "1", "9223372036854775808"), `GREATER_THAN_OR_EQUALS compares integers, and "9223372036854775808" is not one: give an integer`},
		{"several-empty", clause("a", Includes, "x", ""), "the value of INCLUDES is empty: use IS NULL or IS NOT NULL to test for a missing value"},
		{"unary-false", clause("a", IsFalse, "x", "y"), "IS FALSE takes no value, not 2: remove the values"},
		{"two-mistakes", clause("userType", GreaterThan, "x"), "attribute userType cannot be used in a scoping filter: test another attribute, or use assignments\n" +
			`GREATER_THAN compares integers, and "x" is not one: give an integer`},
	} {
		t.Run(c.id, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := ValidateClause(c.clause); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestUnusableAttributes is mappings-and-scoping.md 13.4; names are told apart from others that only look like them.
func TestUnusableAttributes(t *testing.T) {
	t.Parallel()
	const extension = "extension_0123456789abcdef0123456789ABCDEF_"
	for attribute, want := range map[string]bool{
		"appRoleAssignments": false, "userType": false, "manager": false, "members": false, "Members": false,
		"accountExpires": false, "ACCOUNTEXPIRES": false, "employeeHireDate": false, "employeehiredate": false,
		"employeeLeaveDateTime": false, "createdDateTime": false, "deletedDateTime": false, "StatusHireDate": false,
		"StatusTerminationDate": false, "terminationDate": false, "startDate": false, "EndDate": false, "contractEndDate": false,
		"lastPasswordChangeDateTime": false, "onPremisesLastSyncDateTime": false, "birthday": false, "whenCreated": false,
		extension + "hireDate": false, "IsSoftDeleted": false, "issoftdeleted": false, "": false, " city": false,
		"candidate": true, "mandate": true, "Update": true, "dateFormat": true, "managerId": true, "memberships": true, "accountEnabled": true,
		"userTypes": true, extension + "costCentre": true, "objectId": true, "userPrincipalName": true,
	} {
		if err := ValidateClause(clause(attribute, IsNull)); (err == nil) != want {
			t.Errorf("%q can be tested: %t, want %t (%v)", attribute, err == nil, want, err)
		}
	}
}

func TestCompileReportsEveryMistake(t *testing.T) {
	t.Parallel()
	set, err := Compile([]Filter{
		{Name: "sales", Clauses: []Clause{clause("department", Equals, "Sales"), clause("department", "NE", "x")}},
		{Name: "groups", Clauses: []Clause{clause("members", IsNull)}},
	})
	if set != nil || err == nil {
		t.Fatal("want an error and no set")
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("%T does not join errors", err)
	}
	var places []ClauseError
	for _, mistake := range joined.Unwrap() {
		var c *ClauseError
		if !errors.As(mistake, &c) {
			t.Fatalf("%T is not a ClauseError", mistake)
		}
		places = append(places, ClauseError{Filter: c.Filter, Clause: c.Clause})
	}
	if diff := cmp.Diff([]ClauseError{{Filter: "sales", Clause: 2}, {Filter: "groups", Clause: 1}}, places); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if want := `scoping filter "groups", clause 1: attribute members cannot be used`; !strings.Contains(err.Error(), want) {
		t.Errorf("%q lacks %q", err, want)
	}
}

func TestNilSetPasses(t *testing.T) {
	t.Parallel()
	var set *Set
	if v := set.Evaluate(only(directory.Null())); !v.In || set.Attributes() != nil {
		t.Errorf("a nil set does not pass: %v", v)
	}
}

// TestSetKeepsItsValues: changing the caller's slice afterwards changes nothing.
func TestSetKeepsItsValues(t *testing.T) {
	t.Parallel()
	values := []string{"x"}
	set := mustCompile(t, Filter{Clauses: []Clause{{Attribute: "a", Operator: Equals, Values: values}}})
	values[0] = "y"
	if !set.Evaluate(only(text("x"))).In {
		t.Error("the set changed with the caller's slice")
	}
}

func FuzzCompile(f *testing.F) {
	for _, pattern := range []string{"([1-9][0-9])", `.*\@domain.com`, "(1[0-9][0-9])", "(?i)^a|b$", "(?<n>x)\\k<n>", "[a-z-[aeiou]]", "(", "(?(a)b|c)", "\\p{IsGreek}", "(a+)+$"} {
		f.Add(pattern, "a@domain.com")
	}
	f.Fuzz(func(t *testing.T, pattern, value string) {
		if len(pattern) > 200 || len(value) > 200 {
			return
		}
		set, err := Compile([]Filter{
			{Name: "found", Clauses: []Clause{clause("a", RegexMatch, pattern)}},
			{Name: "not found", Clauses: []Clause{clause("a", NotRegexMatch, pattern)}},
		})
		if err != nil {
			if mistake, ok := errors.AsType[*ClauseError](err); !ok || mistake.Clause != 1 || mistake.Message == "" {
				t.Fatalf("error without its place: %v", err)
			}
			return
		}
		v := set.Evaluate(only(text(value)))
		found, missing := v.Filters[0].Clauses[0], v.Filters[1].Clauses[0]
		switch {
		case found.In && missing.In:
			t.Error("a pattern is both found and not found")
		case value == "" && v.In:
			t.Error("an empty value passes")
		case value != "" && !v.In && found.Problem == "" && missing.Problem == "":
			t.Error("a pattern is neither found nor not found, without a problem")
		}
	})
}
