package expression

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2/v2"
)

const (
	// matchTimeout bounds one search of a backtracking pattern, and by the guard also all searches of one call together
	// (expressions.md 7.4).
	matchTimeout = time.Second
	// maximumInput is the longest text, in bytes, a pattern is applied to.
	maximumInput = 64 << 10
	// unguardedInput is the longest text that is too short for many slow matches.
	unguardedInput = 32
	// guardStack is how many places the guard may remember, enough for the longest text.
	guardStack = 1 << 20
)

// CompilePattern compiles a regular expression in the dialect of .NET, for mappings and scoping filters alike
// (expressions.md 7). A search with it takes at most a second; what it is applied to should be bounded. The error goes on
// from "the pattern is".
func CompilePattern(source string) (*regexp2.Regexp, error) {
	if len(source) > MaximumLength {
		return nil, fmt.Errorf("longer than %d bytes", MaximumLength)
	}
	pattern, err := regexp2.Compile(expandBlocks(source))
	if err != nil {
		return nil, fmt.Errorf("not a regular expression of .NET: %w", err)
	}
	pattern.MatchTimeout = matchTimeout
	return pattern, nil
}

// pattern returns the compiled pattern for an input. It has the named group when one is given.
func (a arguments) pattern(texts []string, input string) (*regexp2.Regexp, error) {
	if len(input) > maximumInput {
		return nil, fmt.Errorf("the text is longer than the %d bytes a pattern is applied to", maximumInput)
	}
	if !utf8.ValidString(input) {
		return nil, errors.New("the text is not valid UTF-8")
	}
	pattern := a.call.pattern
	if pattern == nil {
		var err error
		if pattern, err = CompilePattern(texts[replacePattern]); err != nil {
			return nil, patternError(err)
		}
	}
	if a.given(replaceGroup) && pattern.GroupNumberFromName(texts[replaceGroup]) < 0 {
		return nil, errNoGroup
	}
	return pattern, nil
}

// patternError names the argument that is no pattern.
func patternError(err error) error { return fmt.Errorf("regexPattern is %w", err) }

// eachMatch calls replace for every match, from left to right.
func eachMatch(pattern *regexp2.Regexp, guardOf func(*regexp2.Regexp) *regexp2.Regexp, text string, replace func(*regexp2.Match) error) error {
	if len(text) > unguardedInput {
		if guard := guardOf(pattern); guard != nil {
			if _, err := guard.MatchString(text); err != nil {
				return matchError(err)
			}
		}
	}
	match, err := pattern.FindStringMatch(text)
	for ; match != nil && err == nil; match, err = pattern.FindNextMatch(match) {
		if err := replace(match); err != nil {
			return err
		}
	}
	return matchError(err)
}

// compileGuard returns a pattern whose one search takes as long as the searches for all matches together. The engine
// limits only single searches, and this room reads no clock. So the guard tries the pattern where those searches do:
// over and over, stepping on by one character where it does not match. What it finds is of no use, only that it ends.
// Nil: the pattern cannot be embedded.
func compileGuard(pattern *regexp2.Regexp) *regexp2.Regexp {
	// With the option x the pattern may end in a comment, which the line break ends.
	for _, end := range []string{"", "\n"} {
		guard, err := regexp2.Compile(`\A(?>(?>(?>`+pattern.String()+end+`)(?s:.)?|(?s:.))*)`, regexp2.OptionMaxBacktrackingStackSize(guardStack))
		if err == nil {
			guard.MatchTimeout = pattern.MatchTimeout
			return guard
		}
	}
	return nil
}

// matchError hides the engine's text, which quotes the input.
func matchError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, regexp2.ErrBacktrackingStackLimit):
		return errors.New("regexPattern backtracks too much: make it simpler")
	default:
		return fmt.Errorf("regexPattern took longer than %s: make it simpler", matchTimeout)
	}
}
