package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// batchItem is one evaluation of --batch (expressions.md 12).
type batchItem struct {
	id         json.RawMessage
	expression string
	attributes map[string]directory.Value
	now        *time.Time
	taken      []string
}

// evaluateBatch evaluates every item of a JSON array. Nothing is written unless the whole input has the right form; an
// expression that fails is a result like any other.
func evaluateBatch(in io.Reader, out io.Writer, shared expression.Environment) error {
	raw, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	items, err := batchItems(bytes.TrimPrefix(raw, []byte(byteOrderMark)))
	if err != nil {
		return fmt.Errorf("standard input: %w", err)
	}
	buffered := bufio.NewWriter(out)
	separator := "[\n"
	parser := batchParser{}
	for _, item := range items {
		if _, err := buffered.WriteString(separator); err != nil {
			return err
		}
		separator = ",\n"
		if err := writeJSON(newlineTrimmer{buffered}, parser.evaluate(item, shared)); err != nil {
			return err
		}
	}
	end := "\n]\n"
	if len(items) == 0 {
		end = "[]\n"
	}
	if _, err := buffered.WriteString(end); err != nil {
		return err
	}
	return buffered.Flush()
}

// newlineTrimmer takes away the line end that json.Encoder writes after each value, so that the comma follows it.
type newlineTrimmer struct{ to io.Writer }

// Write writes all but a trailing line end.
func (w newlineTrimmer) Write(p []byte) (int, error) {
	if _, err := w.to.Write(bytes.TrimSuffix(p, []byte("\n"))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// batchParser parses each expression once.
type batchParser map[string]parsed

type parsed struct {
	*expression.Expression
	err error
}

func (p batchParser) evaluate(item batchItem, environment expression.Environment) answer {
	e, known := p[item.expression]
	if !known {
		e.Expression, e.err = expression.Parse(item.expression)
		p[item.expression] = e
	}
	var result expression.Result
	err := e.err
	if err == nil {
		environment.Attribute = func(name string) directory.Value { return item.attributes[name] }
		environment.Taken = taken(item.taken)
		if item.now != nil {
			environment.Now = *item.now
		}
		result, err = e.Evaluate(environment)
	}
	answer := answerOf(result, err)
	answer.ID = item.id
	return answer
}

// batchItems reads the input. Its errors name the item, counted from 0, and the member.
func batchItems(raw []byte) ([]batchItem, error) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, errors.New(`it is empty; expected a JSON array such as [{"id": 1, "expression": "[mail]", "attributes": {"mail": "a@example.com"}}]`)
	}
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		if _, ok := errors.AsType[*json.SyntaxError](err); ok {
			return nil, fmt.Errorf("not JSON: %w", positioned(raw, err))
		}
		return nil, fmt.Errorf("expected a JSON array, got %s", kindOf(raw))
	}
	if elements == nil {
		return nil, errors.New("expected a JSON array, got null")
	}
	items := make([]batchItem, len(elements))
	for i, element := range elements {
		// A map, because encoding/json would take members of a struct in any case.
		var members map[string]json.RawMessage
		if err := json.Unmarshal(element, &members); err != nil || members == nil {
			return nil, fmt.Errorf("[%d]: expected an object, got %s", i, kindOf(element))
		}
		var err error
		if items[i], err = readItem(members); err != nil {
			return nil, fmt.Errorf("[%d].%w", i, err)
		}
	}
	return items, nil
}

// readItem reads one item; its errors begin with the name of the member.
func readItem(members map[string]json.RawMessage) (batchItem, error) {
	item := batchItem{id: members["id"]}
	for _, name := range []string{"id", "expression"} {
		if members[name] == nil {
			return item, fmt.Errorf("%s: is missing", name)
		}
	}
	var source *string
	if err := json.Unmarshal(members["expression"], &source); err != nil || source == nil {
		return item, fmt.Errorf("expression: expected a text, got %s", kindOf(members["expression"]))
	}
	item.expression = *source
	if err := readAttributes(members["attributes"], &item); err != nil {
		return item, err
	}
	var now *string
	if raw := members["now"]; raw != nil && json.Unmarshal(raw, &now) != nil {
		return item, fmt.Errorf("now: expected a text, got %s", kindOf(raw))
	}
	if now != nil {
		at, err := instant(*now)
		if err != nil {
			return item, fmt.Errorf("now: %w", err)
		}
		item.now = &at
	}
	if raw := members["target_existing"]; raw != nil {
		var existing directory.Value
		if err := json.Unmarshal(raw, &existing); err != nil || !existing.IsNull() && existing.Kind() != directory.KindList {
			return item, fmt.Errorf("target_existing: expected a list, got %s", kindOf(raw))
		}
		for i, value := range existing.Elements() {
			text, ok := value.Text()
			if !ok {
				return item, fmt.Errorf("target_existing[%d]: expected a text, got a %s", i, value.Kind())
			}
			item.taken = append(item.taken, text)
		}
	}
	return item, nil
}

func readAttributes(raw json.RawMessage, item *batchItem) error {
	if raw == nil {
		return nil
	}
	var attributes map[string]json.RawMessage
	if err := json.Unmarshal(raw, &attributes); err != nil {
		return fmt.Errorf("attributes: expected an object, got %s", kindOf(raw))
	}
	item.attributes = make(map[string]directory.Value, len(attributes))
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		var value directory.Value
		if err := json.Unmarshal(attributes[name], &value); err != nil {
			return fmt.Errorf("attributes.%s: %w", name, err)
		}
		item.attributes[name] = value
	}
	return nil
}

// kindOf names the kind of a JSON value.
func kindOf(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0:
		return "nothing"
	case raw[0] == '{':
		return "an object"
	case raw[0] == '[':
		return "a list"
	case raw[0] == '"':
		return "a text"
	case raw[0] == 't' || raw[0] == 'f':
		return "a boolean"
	case raw[0] == 'n':
		return "null"
	default:
		return "a number"
	}
}
