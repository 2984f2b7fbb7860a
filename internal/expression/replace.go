package expression

import (
	"errors"
	"strings"
	"sync"

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
	pattern, err := CompilePattern(source)
	if err != nil {
		return patternError(err).Error()
	}
	c.pattern = pattern
	c.function = guarded(c.function, pattern)
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

var errNoGroup = errors.New("regexPattern has no group of the name regexGroupName")

// guarded returns the row of Replace for calls with this pattern, so that its guard is compiled once, when it is needed.
func guarded(row *function, pattern *regexp2.Regexp) *function {
	guard := sync.OnceValue(func() *regexp2.Regexp { return compileGuard(pattern) })
	own := *row
	own.strict = func(a arguments) (directory.Value, error) {
		return replaceBy(a, func(*regexp2.Regexp) *regexp2.Regexp { return guard() })
	}
	return &own
}

func replace(a arguments) (directory.Value, error) { return replaceBy(a, compileGuard) }

func replaceBy(a arguments, guardOf func(*regexp2.Regexp) *regexp2.Regexp) (directory.Value, error) {
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
		return replaceGroupText(a, texts, guardOf)
	case replaceByPattern:
		return replaceMatches(a, texts, guardOf)
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
		return directory.Null(), errTextTooLong
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
func replaceGroupText(a arguments, texts []string, guardOf func(*regexp2.Regexp) *regexp2.Regexp) (directory.Value, error) {
	text := texts[replaceSource]
	pattern, err := a.pattern(texts, text)
	if err != nil {
		return directory.Null(), err
	}
	result := expansion{text: text}
	err = eachMatch(pattern, guardOf, text, func(match *regexp2.Match) error {
		group := match.GroupByName(texts[replaceGroup])
		if group == nil || len(group.Captures) == 0 {
			return nil
		}
		// A group inside a lookbehind can lie before what was copied already.
		start, length := group.ByteRange()
		if start < result.copied {
			return nil
		}
		return result.replace(start, start+length, texts[replaceNew])
	})
	return result.finish(err)
}

// replaceMatches replaces every match by a .NET replacement pattern (expressions.md 7.3).
func replaceMatches(a arguments, texts []string, guardOf func(*regexp2.Regexp) *regexp2.Regexp) (directory.Value, error) {
	text := texts[replaceSource]
	pattern, err := a.pattern(texts, text)
	if err != nil {
		return directory.Null(), err
	}
	template := parseSubstitution(texts[replaceNew], pattern)
	result := expansion{text: text}
	err = eachMatch(pattern, guardOf, text, func(match *regexp2.Match) error {
		start, length := match.ByteRange()
		replacement, err := template.expand(text, match)
		if err != nil {
			return err
		}
		return result.replace(start, start+length, replacement)
	})
	return result.finish(err)
}

// expansion is the text that a replacement builds up.
type expansion struct {
	text   string
	copied int
	result strings.Builder
}

// replace copies the text up to start and leaves out what is there up to end.
func (e *expansion) replace(start, end int, replacement string) error {
	e.result.WriteString(e.text[e.copied:start])
	e.result.WriteString(replacement)
	e.copied = end
	if e.result.Len() > maximumText {
		return errTextTooLong
	}
	return nil
}

// finish copies the rest, unless the replacement failed.
func (e *expansion) finish(err error) (directory.Value, error) {
	if err == nil {
		err = e.replace(len(e.text), len(e.text), "")
	}
	if err != nil {
		return directory.Null(), err
	}
	return directory.Text(e.result.String()), nil
}
