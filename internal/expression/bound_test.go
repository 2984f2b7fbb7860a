package expression

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// TestPatternsAreBounded: a call of Replace is over after about the time limit of one search, also when a pattern is slow
// for every one of many matches (expressions.md 7.4). The limit of the test is far above that of the code and far below
// what the searches would take.
func TestPatternsAreBounded(t *testing.T) {
	t.Parallel()
	slow := strings.Repeat("a", 22)
	for id, c := range map[string]struct{ source, text string }{
		"one slow search":      {`Replace([s], , "^(a|a?)+$", , "y")`, strings.Repeat("a", 40) + "!"},
		"many slow searches":   {`Replace([s], , "(a+)+b|c", , "y")`, strings.Repeat(slow+"c", 2000)},
		"named group":          {`Replace([s], , "(?<n>(?:a|a?)+b|c)", "n", "y")`, strings.Repeat(slow+"c", 2000)},
		"a comment at the end": {`Replace([s], , "(?x)(a+)+b|c # slow", , "y")`, strings.Repeat(slow+"c", 2000)},
		"quadratic":            {`Replace([s], , "x*y|a", , "y")`, strings.Repeat("x", 65000)},
		"group replace":        {`Replace([s], , "(a+)+b|(?<n>c)", "n", "y")`, strings.Repeat(slow+"c", 2000)},
		"fallback":             {`Replace([none], , "(?<n>(a+)+b)", "n", , [s])`, strings.Repeat("a", 60)},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			_, err := mustParse(t, c.source).Evaluate(Environment{Attribute: func(name string) directory.Value {
				if name == "s" {
					return directory.Text(c.text)
				}
				return directory.Null()
			}})
			took := time.Since(start)
			var failure *EvaluationError
			t.Logf("%s: %v", took, err)
			if !errors.As(err, &failure) {
				t.Errorf("the error is %v, want an *EvaluationError", err)
			}
			if took > 10*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

// TestLongTextsAreReplaced: the limits leave ordinary patterns on long texts alone. The texts are far from the longest
// one, so that a loaded machine with the race detector stays below the time limit.
func TestLongTextsAreReplaced(t *testing.T) {
	t.Parallel()
	n := maximumInput / 16
	for id, c := range map[string]struct{ source, text, want string }{
		"every character":  {`Replace([s], , ".", , "y")`, strings.Repeat("é", n), strings.Repeat("y", n)},
		"every empty":      {`Replace([s], , "", , "")`, strings.Repeat("xy", n), strings.Repeat("xy", n)},
		"whole text":       {`Replace([s], , ".*", , "y")`, strings.Repeat("xy", n), "yy"},
		"references":       {`Replace([s], , "(?<a>x)(y)", , "$1${a}")`, strings.Repeat("xy", n), strings.Repeat("yx", n)},
		"group":            {`Replace([s], , "x(?<a>y)", "a", "z")`, strings.Repeat("xy", n), strings.Repeat("xz", n)},
		"nothing":          {`Replace([s], , "q", , "z")`, strings.Repeat("xy", n), strings.Repeat("xy", n)},
		"lazy to the end":  {`Replace([s], , "^(.*?)$", , "z")`, strings.Repeat("xy", n), "z"},
		"longest to blank": {`Replace([s], , "\S+\s?", , "z")`, strings.Repeat("abc def ", n/4), strings.Repeat("z", n/4*2)},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			result, err := mustParse(t, c.source).Evaluate(Environment{Attribute: func(string) directory.Value { return directory.Text(c.text) }})
			t.Log(time.Since(start))
			if got, _ := result.Value.Text(); err != nil || got != c.want {
				t.Errorf("the result differs: %.50s, want %.50s (%v)", got, c.want, err)
			}
		})
	}
}
