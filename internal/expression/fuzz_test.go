package expression

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// seed adds the expressions of the vectors; more seeds are under testdata/fuzz.
func seed(f *testing.F, add func(v vector)) {
	for _, v := range readVectors(f) {
		// The rows of the diacritics table are one expression.
		if !strings.HasPrefix(v.ID, "diacritics-row") {
			add(v)
		}
	}
}

// FuzzParse: no panic; every error is a SyntaxError that points into the source; what parses prints to a
// text that parses and prints the same.
func FuzzParse(f *testing.F) {
	seed(f, func(v vector) { f.Add(v.Expression) })
	f.Fuzz(func(t *testing.T, source string) {
		e, err := Parse(source)
		if err != nil {
			mistake, ok := errors.AsType[*SyntaxError](err)
			if !ok {
				t.Fatalf("error %T", err)
			}
			if lines := strings.Split(source, "\n"); mistake.Line > len(lines) || mistake.Column < 1 ||
				mistake.Column > utf8.RuneCountInString(lines[mistake.Line-1])+1 {
				t.Fatalf("the error points to line %d, column %d of %q", mistake.Line, mistake.Column, source)
			}
			if !strings.HasSuffix(err.Error(), "^") {
				t.Fatalf("no caret in %q", err)
			}
			return
		}
		printed := e.String()
		if utf8.RuneCountInString(printed) > MaximumLength {
			return
		}
		again, err := Parse(printed)
		if err != nil {
			t.Fatalf("%q prints %q, which does not parse: %v", source, printed, err)
		}
		if again.String() != printed {
			t.Fatalf("%q prints %q", printed, again)
		}
	})
}

// FuzzEvaluate: no panic; every error is an EvaluationError; a drop marker carries no value; evaluation is
// repeatable.
func FuzzEvaluate(f *testing.F) {
	seed(f, func(v vector) { f.Add(v.Expression, "John Doe", int64(7)) })
	f.Fuzz(func(t *testing.T, source, value string, number int64) {
		// Patterns may take their full second, which is tested elsewhere.
		if len(source) > 1000 || len(value) > 1000 || strings.Contains(strings.ToLower(source), "replace") && strings.ContainsAny(source, "*+{") {
			return
		}
		e, err := Parse(source)
		if err != nil {
			return
		}
		environment := Environment{Now: time.Unix(0, 0), Attribute: func(name string) directory.Value {
			text := directory.Text(value)
			switch len(name) % 6 {
			case 0:
				return directory.Null()
			case 1:
				return directory.Integer(number)
			case 2:
				return directory.List(text, directory.Null(), directory.Integer(number))
			case 3:
				return directory.DateTime(time.Unix(number%1e11, 0))
			case 4:
				return directory.List(directory.Record(map[string]directory.Value{"value": text}))
			default:
				return text
			}
		}}
		first, err := e.Evaluate(environment)
		if err != nil {
			if _, ok := errors.AsType[*EvaluationError](err); !ok {
				t.Fatalf("%s: error %T", source, err)
			}
			return
		}
		if first.Outcome != Produced && !first.Value.IsNull() {
			t.Fatalf("%s: %v with the value %v", source, first.Outcome, first.Value)
		}
		second, err := e.Evaluate(environment)
		if err != nil || second.Outcome != first.Outcome || !second.Value.Equal(first.Value) {
			t.Fatalf("%s: first %v, then %v (%v)", source, first.Value, second.Value, err)
		}
	})
}
