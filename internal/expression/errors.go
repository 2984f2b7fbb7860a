package expression

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// SyntaxError is a configuration error (expressions.md 1.4): the expression cannot be used at all. It is
// the only error type of Parse and CheckAttributes. It holds configuration text, never attribute values.
type SyntaxError struct {
	// Line and Column count from 1; Column counts characters.
	Line, Column int
	// Message says what is wrong and what was expected, in one line.
	Message string
	// Hint says what to do instead, or is empty.
	Hint string
	// Source is the whole expression.
	Source string
}

// Error renders position, message, hint, and the source line with a caret under the place.
func (e *SyntaxError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "line %d, column %d: %s", e.Line, e.Column, e.Message)
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	line, caret := e.excerpt()
	b.WriteString("\n    " + line + "\n    " + caret)
	return b.String()
}

// excerptWidth is how many characters of a long line are shown around the place.
const excerptWidth = 100

func (e *SyntaxError) excerpt() (line, caret string) {
	lines := strings.Split(e.Source, "\n")
	if e.Line < 1 || e.Line > len(lines) {
		return "", "^"
	}
	shown := []rune(strings.TrimSuffix(lines[e.Line-1], "\r"))
	at := min(e.Column-1, len(shown))
	before, after := "", ""
	if start := at - excerptWidth/2; len(shown) > excerptWidth && start > 0 {
		shown, at, before = shown[start:], at-start, "…"
	}
	if len(shown) > excerptWidth {
		shown, after = shown[:excerptWidth], "…"
	}
	padding := []rune(before)
	for i := range padding {
		padding[i] = ' '
	}
	for _, r := range shown[:at] {
		// A tab keeps its width, so the caret stays under the place.
		if r != '\t' {
			r = ' '
		}
		padding = append(padding, r)
	}
	return before + string(shown) + after, string(padding) + "^"
}

func syntaxErrorAt(source string, offset int, hint, format string, args ...any) *SyntaxError {
	line, column := position(source, offset)
	return &SyntaxError{Line: line, Column: column, Message: fmt.Sprintf(format, args...), Hint: hint, Source: source}
}

// position converts a byte offset to a line and a column, both from 1.
func position(source string, offset int) (line, column int) {
	before := source[:offset]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1
}

// EvaluationError is a failure for one source object (expressions.md 1.4): a bad date, number or index, or
// a call of Error. Other objects are unaffected. Its message holds no attribute value, except what the
// expression itself passes to Error.
type EvaluationError struct {
	// Function is the name of the function that failed, or the operator.
	Function     string
	Line, Column int
	Message      string
	// Err is the cause: ErrNoFreeCandidate, the error of Environment.Taken, or the text of Message.
	Err error
}

// ErrNoFreeCandidate is in the chain of an EvaluationError when SelectUniqueValue found every candidate taken or empty.
// The object is escrowed and nothing is created (expressions.md 4.6).
var ErrNoFreeCandidate = errors.New("no candidate is free")

// Error returns the function, its place in the expression and the message.
func (e *EvaluationError) Error() string {
	return fmt.Sprintf("%s (line %d, column %d): %s", e.Function, e.Line, e.Column, e.Message)
}

// Unwrap returns the cause.
func (e *EvaluationError) Unwrap() error { return e.Err }
