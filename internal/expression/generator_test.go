package expression

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/dlclark/regexp2/v2"
	"github.com/google/go-cmp/cmp"
)

func evaluateText(t *testing.T, e *Expression, environment Environment) string {
	t.Helper()
	result, err := e.Evaluate(environment)
	if err != nil {
		t.Fatal(err)
	}
	text, ok := result.Value.Text()
	if !ok {
		t.Fatalf("%s = %v, want a text", e, result)
	}
	return text
}

// TestGuid and TestRandomString are the checks of expressions.md 12 for functions without a fixed result.
func TestGuid(t *testing.T) {
	t.Parallel()
	e := mustParse(t, "Guid()")
	form := regexp2.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 1000 {
		guid := evaluateText(t, e, Environment{Random: rand.Reader})
		if match, err := form.MatchString(guid); !match || err != nil || seen[guid] {
			t.Fatalf("%s is not a new GUID", guid)
		}
		seen[guid] = true
	}
	if pair := evaluateText(t, mustParse(t, "Guid() & Guid()"), Environment{Random: rand.Reader}); pair[:36] == pair[36:] {
		t.Errorf("two calls yield the same: %s", pair)
	}
}

func TestRandomString(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source                                    string
		length, digits, specials, capitals, small int
		noSpecials, exact                         bool
		never                                     string
	}{
		{source: `RandomString(6, 3, 0, 0, 3)`, length: 6, digits: 3, small: 3, noSpecials: true, exact: true},
		{source: `RandomString(10, 2, 2, 2, 1, "?,")`, length: 10, digits: 2, specials: 2, capitals: 2, small: 1, never: "?,"},
		{source: `RandomString("16", "0", "0", "0", "0")`, length: 16, noSpecials: true},
		{source: `RandomString(256, 0, 256, 0, 0)`, length: 256, specials: 256, noSpecials: false, exact: true},
		{source: `RandomString(1, 0, 0, 0, 0, [missing])`, length: 1, noSpecials: true},
		{source: `RandomString(9, 0, 0, 9, 0, "ABCDEFGHIJKLMNOPQRSTUVWXY")`, length: 9, capitals: 9, exact: true, noSpecials: true, never: "ABCDEFGHIJKLMNOPQRSTUVWXY"},
	} {
		e := mustParse(t, c.source)
		for range 1000 {
			got := evaluateText(t, e, Environment{Random: rand.Reader})
			count := func(class string) (n int) {
				for _, r := range got {
					if strings.ContainsRune(class, r) {
						n++
					}
				}
				return n
			}
			counts := [4]int{count("0123456789"), count("~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/"), count("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), count("abcdefghijklmnopqrstuvwxyz")}
			least := [4]int{c.digits, c.specials, c.capitals, c.small}
			sum := 0
			for i := range counts {
				sum += counts[i]
				if counts[i] < least[i] || c.exact && counts[i] != least[i] {
					t.Fatalf("%s = %s has the counts %v, want %v", c.source, got, counts, least)
				}
			}
			if len(got) != c.length || sum != c.length || c.noSpecials && counts[1] > 0 || strings.ContainsAny(got, c.never) {
				t.Fatalf("%s = %s", c.source, got)
			}
		}
	}
}

// TestRandomStringIsEven counts how often each character comes at each place. With 62 characters and 62,000 draws a
// count has a standard deviation of about 31; a modulo of 256 would favour the first eight by a quarter.
func TestRandomStringIsEven(t *testing.T) {
	t.Parallel()
	e := mustParse(t, "RandomString(62, 0, 0, 0, 0)")
	counts := map[rune]int{}
	for range 1000 {
		for _, r := range evaluateText(t, e, Environment{Random: rand.Reader}) {
			counts[r]++
		}
	}
	if len(counts) != 62 {
		t.Errorf("%d characters occur, want 62", len(counts))
	}
	for r, n := range counts {
		if n < 1000-220 || n > 1000+220 {
			t.Errorf("%c occurs %d times in 62000, want about 1000", r, n)
		}
	}
	// The minimums are drawn class by class; without shuffling the digit would always be first.
	first := 0
	e = mustParse(t, "RandomString(2, 1, 0, 1, 0)")
	for range 1000 {
		if got := evaluateText(t, e, Environment{Random: rand.Reader}); got[0] <= '9' {
			first++
		}
	}
	if first < 350 || first > 650 {
		t.Errorf("the digit is first %d times in 1000, want about 500", first)
	}
}

func TestBrokenRandomness(t *testing.T) {
	t.Parallel()
	broken := errors.New("no entropy")
	for id, c := range map[string]struct {
		source string
		random io.Reader
		want   error
	}{
		"guid":             {"Guid()", iotest.ErrReader(broken), broken},
		"random string":    {"RandomString(8, 1, 1, 1, 1)", iotest.ErrReader(broken), broken},
		"guid, short":      {"Guid()", bytes.NewReader(make([]byte, 15)), io.ErrUnexpectedEOF},
		"always the same":  {"RandomString(8, 1, 1, 1, 1)", stuck{}, nil},
		"no source at all": {"RandomString(8, 1, 1, 1, 1)", nil, nil},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			_, err := mustParse(t, c.source).Evaluate(Environment{Random: c.random})
			if _, ok := errors.AsType[*EvaluationError](err); !ok || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("error %v, want an *EvaluationError because of %v", err, c.want)
			}
		})
	}
}

// stuck yields bytes that are always thrown away.
type stuck struct{}

func (stuck) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 0xff
	}
	return len(p), nil
}

func TestSelectUniqueValueAsksInOrder(t *testing.T) {
	t.Parallel()
	source := `SelectUniqueValue([missing], [empty], [first], Append([first], "2"), Append([first], "3"), Error("not evaluated"))`
	attributes := map[string]directory.Value{"empty": directory.Text(""), "first": directory.Integer(7)}
	var asked []directory.Value
	environment := Environment{
		Attribute: func(name string) directory.Value { return attributes[name] },
		Taken: func(candidate directory.Value) (bool, error) {
			asked = append(asked, candidate)
			return !candidate.Equal(directory.Text("73")), nil
		},
	}
	result, err := mustParse(t, source).Evaluate(environment)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(directory.Text("73"), result.Value); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]directory.Value{directory.Integer(7), directory.Text("72"), directory.Text("73")}, asked); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
	environment.Taken = nil
	if result, err := mustParse(t, source).Evaluate(environment); err != nil || !result.Value.Equal(directory.Integer(7)) {
		t.Errorf("with nobody to ask: %v, %v; want the first candidate", result, err)
	}
}

func TestSelectUniqueValueFailures(t *testing.T) {
	t.Parallel()
	e := mustParse(t, `SelectUniqueValue("a", "b")`)
	_, err := e.Evaluate(Environment{Taken: func(directory.Value) (bool, error) { return true, nil }})
	if _, ok := errors.AsType[*EvaluationError](err); !ok || !errors.Is(err, ErrNoFreeCandidate) {
		t.Errorf("error %v, want an *EvaluationError with ErrNoFreeCandidate", err)
	}
	answer := directory.Errorf(directory.Throttled, "searching cn=a: %w", context.DeadlineExceeded)
	asked := 0
	_, err = e.Evaluate(Environment{Taken: func(directory.Value) (bool, error) { asked++; return false, answer }})
	cause, ok := errors.AsType[*directory.Error](err)
	if !ok || cause != answer || !errors.Is(err, directory.Throttled) || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrNoFreeCandidate) {
		t.Errorf("error %v does not hold the error of the target", err)
	}
	if asked != 1 {
		t.Errorf("asked %d times after an error", asked)
	}
	drop, err := mustParse(t, `SelectUniqueValue("a", IgnoreAttributeFlow)`).Evaluate(Environment{Taken: func(directory.Value) (bool, error) { return true, nil }})
	if err != nil || drop.Outcome != DropAttribute {
		t.Errorf("got %v, %v; want the attribute dropped when the only candidate is taken", drop, err)
	}
}
