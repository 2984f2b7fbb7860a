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

// The limits of one call and of one evaluation. Each bounds what an expression, well meant or not, can cost the process; exceeding one
// is an error.
const (
	// MaximumElements is how many elements a list may have, in the source and as a result.
	MaximumElements = 10_000
	// MaximumArguments is how many arguments a call may have.
	MaximumArguments = 2500
	// maximumText is the longest text, in bytes, that a function may yield. It bounds what nested replacements
	// can amplify.
	maximumText = 1 << 20
	// maximumWork is how many bytes and elements all parts of an evaluation may read and yield together.
	maximumWork = 64 << 20
	// maximumPatterns is how many regular expressions an evaluation may apply.
	maximumPatterns = 100
	// patience is what all patterns of an expression share, leastPatience what each gets at any rate. This room reads no
	// clock, so it is divided when the expression is parsed.
	patience      = 4 * time.Second
	leastPatience = 100 * time.Millisecond
	// longestMessage is how many characters of an error's message are kept.
	longestMessage = 1000
)

var (
	errTextTooLong = fmt.Errorf("the result is longer than %d bytes", maximumText)
	errTooMany     = fmt.Errorf("the list has more than %d elements", MaximumElements)
	errTooMuchWork = errors.New("the expression handles too much data: shorten the texts, or split the mapping")
	errPatterns    = fmt.Errorf("the expression applies more than %d patterns: split the mapping", maximumPatterns)
)

// budget counts what an evaluation has used up.
type budget struct {
	work     int
	patterns int
}

// spend takes from the work that is left.
func (b *budget) spend(work int) error {
	if work < 0 || work > maximumWork-b.work {
		return errTooMuchWork
	}
	b.work += work
	return nil
}

// take accounts for a value that is read or was made.
func (b *budget) take(value directory.Value) error {
	if value.Kind() == directory.KindList && len(value.Elements()) > MaximumElements {
		return errTooMany
	}
	return b.spend(sizeOf(value))
}

// sizeOf is roughly how many bytes handling a value touches.
func sizeOf(value directory.Value) int {
	switch value.Kind() {
	case directory.KindText:
		text, _ := value.Text()
		return 1 + len(text)
	case directory.KindList:
		size := 1
		for _, element := range value.Elements() {
			size += sizeOf(element)
		}
		return size
	default:
		return 1
	}
}

// bounded calls the implementation within the limits: an implementation may use memory and time in proportion to what
// its arguments, its row's effort and its result amount to.
func (f *function) bounded(a arguments) (directory.Value, error) {
	work := 1
	for _, value := range a.values {
		work += sizeOf(value)
	}
	if f.effort != nil {
		work += f.effort(a)
	}
	if err := a.budget.spend(work); err != nil {
		return directory.Null(), err
	}
	if f.matches && a.given(replacePattern) {
		if a.budget.patterns++; a.budget.patterns > maximumPatterns {
			return directory.Null(), errPatterns
		}
	}
	value, err := a.apply()
	if err != nil {
		return directory.Null(), err
	}
	if value.Kind() == directory.KindText && sizeOf(value) > maximumText {
		return directory.Null(), errTextTooLong
	}
	return value, a.budget.take(value)
}

// sharePatience divides the time for searching among the patterns of an expression, so that many slow ones do not add up.
func sharePatience(root node) {
	var patterns []*regexp2.Regexp
	walk(root, func(n node) {
		if c, ok := n.(*call); ok && c.pattern != nil {
			patterns = append(patterns, c.pattern)
		}
	})
	for _, pattern := range patterns {
		pattern.MatchTimeout = min(pattern.MatchTimeout, max(leastPatience, patience/time.Duration(len(patterns))))
	}
}

// lengthOf is the length of an argument's text form, or of all its elements' together.
func (a arguments) lengthOf(i int) int { return sizeOf(a.values[i]) }

// joinEffort is the separators that Join adds.
func joinEffort(a arguments) int {
	elements := 0
	for _, value := range a.values[1:] {
		elements += len(value.Elements())
	}
	return elements * a.lengthOf(0)
}

// replaceEffort is what a pattern that matches everywhere inserts.
func replaceEffort(a arguments) int {
	if !a.given(replacePattern) {
		return 0
	}
	return a.lengthOf(replaceSource) * a.lengthOf(replaceNew)
}

// splitEffort is the memory of the pieces, which is much more than their text.
func splitEffort(a arguments) int {
	const piece = 256
	text, _ := a.values[0].Text()
	delimiter, ok := a.values[1].Text()
	if !ok {
		delimiter = ","
	}
	if delimiter == "" {
		return 0
	}
	return piece * strings.Count(text, delimiter)
}

// delimiterEffort: each character of the text is looked up among the delimiters.
func delimiterEffort(delimiters int) func(arguments) int {
	return func(a arguments) int { return a.lengthOf(0) * a.lengthOf(delimiters) }
}

// abridge keeps a message readable.
func abridge(message string) string {
	if utf8.RuneCountInString(message) <= longestMessage {
		return message
	}
	return string([]rune(message)[:longestMessage]) + "…"
}
