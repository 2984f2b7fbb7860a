package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// answer is the JSON of one evaluation: exactly one of Value, Dropped and Error is there.
type answer struct {
	ID json.RawMessage `json:"id,omitempty"`
	// Value points to nil for null.
	Value   *any     `json:"value,omitempty"`
	Dropped string   `json:"dropped,omitempty"`
	Error   *mistake `json:"error,omitempty"`
	Trace   []traced `json:"trace,omitempty"`
}

type mistake struct {
	Message string `json:"message"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
}

// traced is the JSON of one part of an expression.
type traced struct {
	Expression string `json:"expression"`
	Line       int    `json:"line"`
	Column     int    `json:"column"`
	Depth      int    `json:"depth"`
	answer
}

func answerOf(result expression.Result, err error) answer {
	switch {
	case err != nil:
		return answer{Error: mistakeOf(err)}
	case result.Outcome == expression.DropAttribute:
		return answer{Dropped: "attribute"}
	case result.Outcome == expression.DropObject:
		return answer{Dropped: "object"}
	default:
		value := plain(result.Value)
		return answer{Value: &value}
	}
}

func traceOf(step expression.Step) traced {
	return traced{step.Expression, step.Line, step.Column, step.Depth, answerOf(step.Result, step.Err)}
}

// plain converts a value to what encoding/json writes: texts in the form of expressions.md 1.1, lists and objects of
// them, and null.
func plain(value directory.Value) any {
	if text, ok := value.Text(); ok {
		return text
	}
	switch value.Kind() {
	case directory.KindList:
		list := []any{}
		for _, element := range value.Elements() {
			list = append(list, plain(element))
		}
		return list
	case directory.KindRecord:
		record := map[string]any{}
		for _, name := range value.FieldNames() {
			record[name] = plain(value.Field(name))
		}
		return record
	default:
		return nil
	}
}

// mistakeOf takes an error of the parser or of an evaluation apart.
func mistakeOf(err error) *mistake {
	if syntax, ok := errors.AsType[*expression.SyntaxError](err); ok {
		message := syntax.Message
		if syntax.Hint != "" {
			message += "; " + syntax.Hint
		}
		return &mistake{message, syntax.Line, syntax.Column}
	}
	if evaluation, ok := errors.AsType[*expression.EvaluationError](err); ok {
		return &mistake{evaluation.Function + ": " + evaluation.Message, evaluation.Line, evaluation.Column}
	}
	return &mistake{Message: err.Error()}
}

// withCaret shows an error of an evaluation in its expression, as the parser shows its own.
func withCaret(source string, err error) error {
	evaluation, ok := errors.AsType[*expression.EvaluationError](err)
	if !ok {
		return err
	}
	m := mistakeOf(err)
	shown := &expression.SyntaxError{Line: m.Line, Column: m.Column, Message: m.Message, Source: source}
	// The message tells where a job has the setting; here it is a flag.
	switch {
	case evaluation.Function == "DefaultDomain":
		shown.Hint = "here: --default-domain DOMAIN"
	case strings.HasPrefix(evaluation.Function, "%"):
		shown.Hint = "here: --parameter NAME=TEXT"
	}
	return shown
}

func writeJSON(to io.Writer, value any) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// printResult prints a result for people and pipes: only what is written to the target goes to standard output.
func printResult(streams Streams, result expression.Result) error {
	switch {
	case result.Outcome == expression.DropAttribute:
		return note(streams.Err, "the attribute is dropped: it is left out of the request")
	case result.Outcome == expression.DropObject:
		return note(streams.Err, "the object is dropped: nothing is written for it")
	case result.Value.IsNull():
		return note(streams.Err, "the value is null")
	case result.Value.Kind() == directory.KindList && result.Value.IsEmpty():
		return note(streams.Err, "the value is an empty list")
	}
	for _, element := range result.Value.Elements() {
		if text, ok := element.Text(); ok {
			if _, err := io.WriteString(streams.Out, text+"\n"); err != nil {
				return err
			}
		} else if err := writeJSON(streams.Out, plain(element)); err != nil {
			return err
		}
	}
	return nil
}

func note(to io.Writer, text string) error {
	_, err := io.WriteString(to, text+"\n")
	return err
}

// widest is how much of a part is shown in a trace; inner parts have lines of their own.
const widest = 72

// printTrace prints one line for each part, inner parts first and indented.
func printTrace(to io.Writer, steps []expression.Step) {
	type line struct{ part, value string }
	var lines []line
	width := 0
	for _, step := range steps {
		value := shown(step)
		// A constant says what it is.
		if text, ok := step.Result.Value.Text(); ok && (step.Expression == value || step.Expression == text) {
			continue
		}
		part := strings.Repeat("  ", step.Depth) + shortened(step.Expression)
		width = max(width, utf8.RuneCountInString(part))
		lines = append(lines, line{part, value})
	}
	for _, l := range lines {
		_, _ = fmt.Fprintf(to, "%-*s = %s\n", width, l.part, l.value)
	}
}

func shortened(part string) string {
	runes := []rune(strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(part))
	if len(runes) > widest {
		runes = append(runes[:widest-1], '…')
	}
	return string(runes)
}

// shown tells a text from a value of another type by its quotation marks.
func shown(step expression.Step) string {
	switch {
	case step.Err != nil:
		return "error: " + mistakeOf(step.Err).Message
	case step.Result.Outcome != expression.Produced:
		return step.Result.Outcome.String()
	default:
		return quotedValue(step.Result.Value)
	}
}

func quotedValue(value directory.Value) string {
	switch value.Kind() {
	case directory.KindText:
		return strconv.Quote(value.String())
	case directory.KindList:
		var elements []string
		for _, element := range value.Elements() {
			elements = append(elements, quotedValue(element))
		}
		return "[" + strings.Join(elements, ", ") + "]"
	case directory.KindRecord:
		var fields []string
		for _, name := range value.FieldNames() {
			fields = append(fields, name+": "+quotedValue(value.Field(name)))
		}
		return "{" + strings.Join(fields, ", ") + "}"
	default:
		return value.String()
	}
}
