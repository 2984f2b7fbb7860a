package expression

import (
	"errors"
	"math/rand/v2"
	"runtime/metrics"
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

// What one evaluation may take in the fuzzers. The time limit leaves room for a loaded machine.
const (
	fuzzTime       = 15 * time.Second
	fuzzAllocation = 1 << 30
)

// allocated returns how many bytes the process has allocated so far.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// fuzzEnvironment gives every attribute a value: its kind depends on the length of the name.
func fuzzEnvironment(value string, number int64) Environment {
	text := directory.Text(value)
	long := directory.Text(strings.Repeat(value+"a", 1<<uint(number&15)))
	many := make([]directory.Value, min(uint64(number), MaximumElements+1))
	for i := range many {
		many[i] = text
	}
	return Environment{
		Now:           time.Unix(number%1e11, 0),
		Random:        rand.NewChaCha8([32]byte{byte(number)}),
		DefaultDomain: value,
		Parameter:     func(name string) (string, bool) { return name + value, len(name)%2 == 1 },
		Taken: func(candidate directory.Value) (bool, error) {
			candidateText, _ := candidate.Text()
			return len(candidateText)%2 == 1, nil
		},
		Attribute: func(name string) directory.Value {
			switch len(name) % 8 {
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
			case 5:
				return long
			case 6:
				return directory.List(many...)
			default:
				return text
			}
		},
	}
}

// FuzzEvaluate: no panic; it ends in time and memory, whatever the pattern; every error is an EvaluationError; a drop
// marker carries no value; evaluation is repeatable; listening changes nothing.
func FuzzEvaluate(f *testing.F) {
	seed(f, func(v vector) { f.Add(v.Expression, "John Doe", int64(7)) })
	for _, function := range Functions() {
		for _, x := range function.Examples {
			f.Add(x.Expression, "1", int64(11))
		}
	}
	f.Fuzz(func(t *testing.T, source, value string, number int64) {
		if len(value) > 1000 {
			return
		}
		e, err := Parse(source)
		if err != nil {
			return
		}
		before, start := allocated(), time.Now()
		first, err := e.Evaluate(fuzzEnvironment(value, number))
		took := time.Since(start)
		if used := allocated() - before; used > fuzzAllocation || took > fuzzTime {
			t.Fatalf("%s took %s and %d bytes", source, took, used)
		}
		if err != nil {
			if _, ok := errors.AsType[*EvaluationError](err); !ok {
				t.Fatalf("%s: error %T", source, err)
			}
			return
		}
		if first.Outcome != Produced && !first.Value.IsNull() {
			t.Fatalf("%s: %v with the value %v", source, first.Outcome, first.Value)
		}
		// A second run of a slow pattern could meet the time limit.
		if took > 100*time.Millisecond {
			return
		}
		environment := fuzzEnvironment(value, number)
		steps := 0
		environment.Trace = func(Step) { steps++ }
		second, err := e.Evaluate(environment)
		if err != nil || second.Outcome != first.Outcome || !second.Value.Equal(first.Value) || steps == 0 {
			t.Fatalf("%s: first %v, then %v (%v, %d steps)", source, first.Value, second.Value, err, steps)
		}
	})
}

// FuzzDate holds the reader and the writer of dates against each other: what a format writes it reads again as the same;
// the text form of a date-time is a date; file times lead back.
func FuzzDate(f *testing.F) {
	for _, v := range readVectors(f) {
		if e, err := Parse(v.Expression); err == nil && e.Calls("FormatDateTime") {
			for _, name := range e.Attributes() {
				text, _ := v.Attributes[name].Text()
				f.Add(text, "yyyy-MM-dd", "", int64(1))
			}
		}
	}
	for _, format := range []string{"yyyy-MM-ddTHH:mm:ss.fffffffK", "M/d/yyyy h:mm:ss tt", "dddd, d MMMM yyyy", "yyyyMMdd HHmmsszzz", "ddd, dd MMM yy HH:mm:ss 'GMT'", "%d", `\yyyyy`} {
		f.Add("2024-02-29T13:05:09.1234567Z", format, "", int64(133536855090000000))
		f.Add("2/29/2024 1:05:09 PM", format, "AssumeUniversal", int64(-1))
	}
	cdate, numeric := mustParse(f, `CDate([text])`), mustParse(f, `DateFromNum(NumFromDate([text]))`)
	number, back := mustParse(f, `DateFromNum([number])`), mustParse(f, `NumFromDate(DateFromNum([number]))`)
	written, read := mustParse(f, `FormatDateTime(CDate([text]), , "M/d/yyyy h:mm:ss tt", [format])`), mustParse(f, `FormatDateTime([text], [styles], [format], [format])`)
	f.Fuzz(func(t *testing.T, text, format, styles string, count int64) {
		if len(text) > 1000 || len(format) > 1000 {
			return
		}
		attributes := map[string]directory.Value{"format": directory.Text(format), "styles": directory.Text(styles), "number": directory.Integer(count)}
		evaluate := func(e *Expression, text string) (directory.Value, bool) {
			attributes["text"] = directory.Text(text)
			result, err := e.Evaluate(Environment{Attribute: func(name string) directory.Value { return attributes[name] }, Now: time.Unix(1e9, 0)})
			if _, ok := errors.AsType[*EvaluationError](err); err != nil && !ok {
				t.Fatalf("error %T", err)
			}
			return result.Value, err == nil
		}
		if date, ok := evaluate(cdate, text); ok && !date.IsNull() {
			form, _ := date.Text()
			again, ok := evaluate(cdate, form)
			if again, _ := again.Text(); !ok || again != form {
				t.Fatalf("CDate(%q) = %s, which CDate reads as %s", text, form, again)
			}
			if through, ok := evaluate(numeric, text); ok {
				a, _ := date.AsDateTime()
				if b, _ := through.AsDateTime(); !a.Truncate(100).Equal(b) {
					t.Fatalf("CDate(%q) = %s, through a file time %s", text, a, b)
				}
			}
		}
		if _, ok := evaluate(number, ""); ok {
			if n, _ := evaluate(back, ""); !n.Equal(directory.Integer(count)) {
				t.Fatalf("NumFromDate(DateFromNum(%d)) = %s", count, n)
			}
		}
		for _, first := range []*Expression{written, read} {
			value, ok := evaluate(first, text)
			if !ok || value.IsEmpty() {
				continue
			}
			once, _ := value.Text()
			// Not every format can be read again: it may write a year with two digits, or name fields twice.
			value, ok = evaluate(read, once)
			if !ok || value.IsEmpty() {
				continue
			}
			twice, _ := value.Text()
			if value, ok = evaluate(read, twice); !ok {
				if ambiguous(format) {
					continue
				}
				t.Fatalf("format %q writes %q, which it reads as %q, which it does not read", format, once, twice)
			}
			if thrice, _ := value.Text(); thrice != twice && !ambiguous(format) {
				t.Fatalf("format %q writes %q, then %q, then %q", format, once, twice, thrice)
			}
		}
	})
}

// ambiguous reports whether fields of a date format can run into each other or into a literal digit, such as "zd": the
// text "+011" can be read in two ways; or whether it names the hour twice, by 24 and by 12 without AM or PM.
func ambiguous(format string) bool {
	if strings.ContainsAny(format, "0123456789\"'\\%") || strings.Contains(format, "H") && strings.Contains(format, "h") {
		return true
	}
	loose := false // the field before has no fixed width
	for i := 0; i < len(format); {
		end := i
		for end < len(format) && format[end] == format[i] {
			end++
		}
		width := end - i
		fixed := strings.IndexByte("dMHhms", format[i]) >= 0 && width == 2 || format[i] == 'y' && (width == 2 || width == 4) || format[i] == 'f'
		digits := strings.IndexByte("dMHhmsyfFzK", format[i]) >= 0
		if loose && digits || i > 0 && digits && !fixed && strings.IndexByte("dMHhmsyfFzK", format[i-1]) >= 0 {
			return true
		}
		loose = digits && !fixed
		i = end
	}
	return false
}
