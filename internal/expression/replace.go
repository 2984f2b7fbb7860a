package expression

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/dlclark/regexp2/v2"
)

// The places of Replace.
const (
	replaceSource = iota
	replaceOld
	replacePattern
	replaceGroup
	replaceNew
	replaceAttribute
	replaceTemplate
	replacePlaces
)

// replaceMode is what a call of Replace does, decided by which places are filled (expressions.md 5):
//
//	oldValue pattern group replacement attribute template
//	   -       x       x        -          x        -      fallback
//	   -       x       x        x          -        -      group
//	   -       x       -        x          -        -      pattern
//	   x       -       -        -          -        x      template
//	   x       -       -        x          -        -      plain
type replaceMode uint8

const (
	replaceNothing replaceMode = iota
	replaceByFallback
	replaceInGroup
	replaceByPattern
	replaceInTemplate
	replacePlain
)

func modeOf(c *call) replaceMode {
	var filled [replacePlaces]bool
	for i, p := range c.places {
		filled[i] = p.node != nil
	}
	filled[replaceSource] = false
	switch filled {
	case [replacePlaces]bool{replacePattern: true, replaceGroup: true, replaceAttribute: true}:
		return replaceByFallback
	case [replacePlaces]bool{replacePattern: true, replaceGroup: true, replaceNew: true}:
		return replaceInGroup
	case [replacePlaces]bool{replacePattern: true, replaceNew: true}:
		return replaceByPattern
	case [replacePlaces]bool{replaceOld: true, replaceTemplate: true}:
		return replaceInTemplate
	case [replacePlaces]bool{replaceOld: true, replaceNew: true}:
		return replacePlain
	default:
		return replaceNothing
	}
}

var errEmptyOldValue = errors.New("oldValue must not be empty")

// checkReplace rejects combinations without a meaning and compiles a constant pattern.
func checkReplace(c *call) string {
	switch modeOf(c) {
	case replaceNothing:
		return "this combination of arguments means nothing to Replace: give oldValue with replacementValue or template, " +
			"or regexPattern with replacementValue, with regexGroupName and replacementValue, or with regexGroupName and replacementAttributeName"
	case replaceInTemplate, replacePlain:
		if old, ok := constantText(c, replaceOld); ok && old == "" {
			return errEmptyOldValue.Error()
		}
		return ""
	}
	source, ok := constantText(c, replacePattern)
	if !ok {
		return ""
	}
	pattern, err := compile(source)
	if err != nil {
		return err.Error()
	}
	c.pattern = pattern
	if group, ok := constantText(c, replaceGroup); ok && pattern.GroupNumberFromName(group) < 0 {
		return errNoGroup.Error()
	}
	return ""
}

func constantText(c *call, i int) (string, bool) {
	if i >= len(c.places) {
		return "", false
	}
	n, ok := c.places[i].node.(*constant)
	if !ok {
		return "", false
	}
	text, _ := n.value.Text()
	return text, true
}

const (
	// matchTimeout bounds one search of a backtracking pattern (expressions.md 7.4).
	matchTimeout = time.Second
	// maximumInput is the longest text, in bytes, a pattern is applied to.
	maximumInput = 64 << 10
	// maximumExpansion bounds, in bytes, what a replacement with references can grow to.
	maximumExpansion = 64 << 20
)

var errNoGroup = errors.New("regexPattern has no group of the name regexGroupName")

func compile(source string) (*regexp2.Regexp, error) {
	if len(source) > MaximumLength {
		return nil, fmt.Errorf("regexPattern is longer than %d bytes", MaximumLength)
	}
	pattern, err := regexp2.Compile(source)
	if err != nil {
		return nil, fmt.Errorf("regexPattern is not a regular expression of .NET: %w", err)
	}
	pattern.MatchTimeout = matchTimeout
	return pattern, nil
}

func replace(a arguments) (directory.Value, error) {
	mode := modeOf(a.call)
	source := a.values[replaceSource]
	if mode == replaceByFallback {
		return replaceFallback(a)
	}
	if source.IsNull() {
		return directory.Null(), nil
	}
	texts, err := a.texts(replacePlaces)
	if err != nil {
		return directory.Null(), err
	}
	switch mode {
	case replaceInGroup:
		return replaceGroupText(a, texts)
	case replaceByPattern:
		return replaceMatches(a, texts)
	case replaceInTemplate:
		return replaceAll(texts[replaceTemplate], texts[replaceOld], texts[replaceSource])
	default:
		return replaceAll(texts[replaceSource], texts[replaceOld], texts[replaceNew])
	}
}

func replaceAll(text, old, replacement string) (directory.Value, error) {
	if old == "" {
		return directory.Null(), errEmptyOldValue
	}
	if strings.Count(text, old)*len(replacement) > maximumText {
		return directory.Null(), fmt.Errorf("the result is longer than %d bytes", maximumText)
	}
	return directory.Text(strings.ReplaceAll(text, old, replacement)), nil
}

// replaceFallback takes the source, or when it is empty a part of another attribute.
func replaceFallback(a arguments) (directory.Value, error) {
	if !a.values[replaceSource].IsEmpty() {
		return a.values[replaceSource], nil
	}
	if a.values[replaceAttribute].IsNull() {
		return directory.Null(), nil
	}
	texts, err := a.texts(replacePlaces)
	if err != nil {
		return directory.Null(), err
	}
	pattern, err := a.pattern(texts, texts[replaceAttribute])
	if err != nil {
		return directory.Null(), err
	}
	match, err := pattern.FindStringMatch(texts[replaceAttribute])
	if err != nil {
		return directory.Null(), matchError(err)
	}
	if match == nil {
		return directory.Null(), nil
	}
	group := match.GroupByName(texts[replaceGroup])
	if group == nil || len(group.Captures) == 0 {
		return directory.Null(), nil
	}
	return directory.Text(group.String()), nil
}

// replaceGroupText replaces, in every match, the place of the named group; the replacement is literal.
func replaceGroupText(a arguments, texts []string) (directory.Value, error) {
	text := texts[replaceSource]
	pattern, err := a.pattern(texts, text)
	if err != nil {
		return directory.Null(), err
	}
	var b strings.Builder
	end := 0
	match, err := pattern.FindStringMatch(text)
	for ; match != nil && err == nil; match, err = pattern.FindNextMatch(match) {
		group := match.GroupByName(texts[replaceGroup])
		if group == nil || len(group.Captures) == 0 {
			continue
		}
		index, length := group.ByteRange()
		// A group inside a lookbehind can lie before what was copied already.
		if index < end {
			continue
		}
		b.WriteString(text[end:index] + texts[replaceNew])
		end = index + length
	}
	if err != nil {
		return directory.Null(), matchError(err)
	}
	b.WriteString(text[end:])
	return directory.Text(b.String()), nil
}

// replaceMatches replaces every match by a .NET replacement pattern (expressions.md 7.3).
func replaceMatches(a arguments, texts []string) (directory.Value, error) {
	text, replacement := texts[replaceSource], texts[replaceNew]
	pattern, err := a.pattern(texts, text)
	if err != nil {
		return directory.Null(), err
	}
	grown := (len(text) + 1) * len(replacement)
	if strings.Contains(replacement, "$") {
		// $_, $` and $' copy the input, once for each match.
		grown *= len(text) + 1
	}
	if grown > maximumExpansion {
		return directory.Null(), errors.New("text and replacementValue together are too long")
	}
	result, err := pattern.Replace(text, replacement, -1, -1)
	if err != nil {
		return directory.Null(), matchError(err)
	}
	return directory.Text(result), nil
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
		if pattern, err = compile(texts[replacePattern]); err != nil {
			return nil, err
		}
	}
	if a.given(replaceGroup) && pattern.GroupNumberFromName(texts[replaceGroup]) < 0 {
		return nil, errNoGroup
	}
	return pattern, nil
}

// matchError hides the engine's text, which quotes the input.
func matchError(err error) error {
	if errors.Is(err, regexp2.ErrBacktrackingStackLimit) {
		return errors.New("regexPattern backtracks too much: make it simpler")
	}
	return fmt.Errorf("regexPattern took longer than %s: make it simpler", matchTimeout)
}
