package scope

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// readFilters reads the filters of a fuzz input: a line is a clause, its fields are separated by tabs (attribute, operator,
// values), and an empty line begins another filter.
func readFilters(input string) []Filter {
	filters := []Filter{{}}
	for line := range strings.SplitSeq(input, "\n") {
		if line == "" {
			filters = append(filters, Filter{})
			continue
		}
		fields := strings.Split(line, "\t")
		read := Clause{Attribute: fields[0]}
		if len(fields) > 1 {
			read.Operator = Operator(fields[1])
			read.Values = fields[2:]
		}
		last := &filters[len(filters)-1]
		last.Clauses = append(last.Clauses, read)
	}
	return filters
}

// readObject reads the attributes of a fuzz input: a line is a name and values, each with a letter for its kind.
func readObject(input string) map[string]directory.Value {
	attributes := map[string]directory.Value{}
	for line := range strings.SplitSeq(input, "\n") {
		fields := strings.Split(line, "\t")
		var values []directory.Value
		for _, field := range fields[1:] {
			kind, rest := byte('t'), field
			if field != "" {
				kind, rest = field[0], field[1:]
			}
			switch kind {
			case 'i':
				values = append(values, directory.Integer(int64(len(rest))))
			case 'b':
				values = append(values, directory.Boolean(rest == ""))
			case 'd':
				values = append(values, directory.DateTime(time.Unix(int64(len(rest)), 0)))
			case 'r':
				values = append(values, directory.Record(map[string]directory.Value{rest: directory.Text(rest)}))
			case 'l':
				values = append(values, directory.List(directory.Text(rest), directory.Null()))
			case 'n':
				values = append(values, directory.Null())
			default:
				values = append(values, directory.Text(rest))
			}
		}
		switch len(values) {
		case 0:
			attributes[fields[0]] = directory.List()
		case 1:
			attributes[fields[0]] = values[0]
		default:
			attributes[fields[0]] = directory.List(values...)
		}
	}
	return attributes
}

// FuzzFilter compiles any clauses and evaluates them over any attributes.
func FuzzFilter(f *testing.F) {
	f.Add("department\tEQUALS\tSales\ncity\tNOT EQUALS\tBern\tBasel\n\nlevel\tGREATER_THAN\t5", "department\ttSales\ncity\ttBern\nlevel\ti123456")
	f.Add("mail\tREGEX MATCH\t.*\\@domain.com\tx\n\nmail\tNOT REGEX MATCH\t(?i)^ext-", "mail\tta@domain.com\ttb")
	f.Add("a\tIS NULL\n\na\tIS NOT NULL\n\na\tIS TRUE\n\na\tIS FALSE\n\na\tINCLUDES\tx\n\na\tENDS_WITH\tx\n\na\t&\txyz\n\na\t!&\txyz", "a\tb\tr\tl\td\tn\tt")
	f.Add("manager\tEQUAL\t1\nhireDate\tIS NULL\tx\na\tREGEX MATCH\t(", "")
	f.Fuzz(func(t *testing.T, clauses, attributes string) {
		filters, object := readFilters(clauses), readObject(attributes)
		if len(clauses) > 400 || len(attributes) > 400 || strings.Count(clauses, string(RegexMatch)) > 3 {
			return // each pattern may take its full second
		}
		set, err := Compile(filters)
		mistakes := 0
		for i, filter := range filters {
			for j, clause := range filter.Clauses {
				wrong := ValidateClause(clause)
				if wrong != nil {
					mistakes++
				}
				if alone, err := Compile(filters[i : i+1]); (alone == nil) != (err != nil) || wrong != nil && err == nil {
					t.Fatalf("filter %d compiles although clause %d is wrong: %v", i, j, wrong)
				}
			}
		}
		if (err != nil) != (mistakes > 0) {
			t.Fatalf("%d wrong clauses, but compiling says %v", mistakes, err)
		}
		if err != nil {
			if mistake, ok := errors.AsType[*ClauseError](err); !ok || mistake.Clause == 0 || mistake.Message == "" {
				t.Fatalf("error without its place: %v", err)
			}
			return
		}
		checkVerdict(t, set, object)
	})
}

// checkVerdict checks what holds for every set and every object.
func checkVerdict(t *testing.T, set *Set, object map[string]directory.Value) {
	t.Helper()
	began := time.Now()
	verdict := set.Evaluate(func(name string) directory.Value { return object[name] })
	if took := time.Since(began); took > 8*time.Second {
		t.Fatalf("took %s", took)
	}
	anyFilter := false
	for _, filter := range verdict.Filters {
		all := true
		for _, c := range filter.Clauses {
			all = all && c.In
			empty := c.Value.IsEmpty()
			switch {
			case c.Problem != "" && c.In:
				t.Errorf("%s is true although it could not be tested: %s", c.Clause, c.Problem)
			case empty && c.In != (c.Clause.Operator == IsNull):
				t.Errorf("%s is %t for an empty value", c.Clause, c.In)
			case c.Value.Kind() == directory.KindText && !empty && c.Problem == "":
				if base, negated := c.Clause.Operator.positive(); negated {
					opposite := mustCompile(t, Filter{Clauses: []Clause{{Attribute: c.Clause.Attribute, Operator: base, Values: c.Clause.Values}}})
					if got := opposite.Evaluate(only(c.Value)); got.In == c.In && got.Filters[0].Clauses[0].Problem == "" {
						t.Errorf("%s and its opposite are both %t", c.Clause, c.In)
					}
				}
			}
		}
		if all != filter.In {
			t.Errorf("filter %v, its clauses together %v", filter.In, all)
		}
		anyFilter = anyFilter || filter.In
	}
	if verdict.In != (anyFilter || len(verdict.Filters) == 0) || verdict.Reason() == "" {
		t.Errorf("verdict %v, reason %q, filters together %v", verdict.In, verdict.Reason(), anyFilter)
	}
	none := set.Evaluate(only(directory.Null()))
	for _, filter := range none.Filters {
		for _, c := range filter.Clauses {
			if c.In != (c.Clause.Operator == IsNull) {
				t.Errorf("%s is %t for an absent attribute", c.Clause, c.In)
			}
		}
	}
	again := set.Evaluate(func(name string) directory.Value { return object[name] })
	if diff := cmp.Diff(verdict.Reason(), again.Reason()); diff != "" && !strings.Contains(diff, "make it simpler") {
		t.Errorf("two evaluations differ: %s", diff)
	}
}

// TestPatternTimeLimit: a match ends after its second, the clause is false for either operator, and the reason says why.
func TestPatternTimeLimit(t *testing.T) {
	t.Parallel()
	for _, operator := range []Operator{RegexMatch, NotRegexMatch} {
		t.Run(string(operator), func(t *testing.T) {
			t.Parallel()
			slow := clause("a", operator, `(.*?)(.*?)(.*?)(.*?)(.*?)\d`)
			set := mustCompile(t, Filter{Name: "f", Clauses: []Clause{slow}})
			began := time.Now()
			verdict := set.Evaluate(only(text(strings.Repeat("a", 3000))))
			took := time.Since(began)
			want := `filter "f": ` + slow.String() + " is false (the pattern took longer than 1s: make it simpler)"
			if verdict.In || verdict.Reason() != want {
				t.Errorf("in %t, reason %q", verdict.In, verdict.Reason())
			}
			if took < 500*time.Millisecond || took > 30*time.Second {
				t.Errorf("took %s, want about a second", took)
			}
		})
	}
}
