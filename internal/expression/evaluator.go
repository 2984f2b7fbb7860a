package expression

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// maximumText is the longest text, in bytes, that a function may yield. It bounds what nested replacements
// can amplify.
const maximumText = 1 << 20

// evaluator walks the tree once for one source object.
type evaluator struct {
	source      string
	environment Environment
}

func produced(value directory.Value) Result { return Result{Value: value} }

func (v evaluator) evaluate(n node) (Result, error) {
	switch n := n.(type) {
	case *reference:
		return produced(v.environment.Attribute(n.name)), nil
	case *constant:
		return produced(n.value), nil
	case *option:
		return produced(directory.Text(n.name)), nil
	case *marker:
		return Result{Outcome: n.outcome}, nil
	case *comparison:
		return v.compare(n)
	case *concatenation:
		return v.concatenate(n)
	case *call:
		if n.function.lazy != nil {
			return n.function.lazy(v, n)
		}
		return v.strict(n)
	default:
		return Result{}, fmt.Errorf("expression part of unknown type %T", n)
	}
}

// fail reports an error of a function or operator at its place.
func (v evaluator) fail(name string, offset int, err error) error {
	line, column := position(v.source, offset)
	return &EvaluationError{Function: name, Line: line, Column: column, Message: err.Error()}
}

// strict evaluates all arguments and calls the implementation.
func (v evaluator) strict(c *call) (Result, error) {
	a := arguments{call: c, now: v.environment.Now, values: make([]directory.Value, max(len(c.places), len(c.function.Parameters)))}
	for i, p := range c.places {
		if p.node == nil {
			continue
		}
		result, err := v.evaluate(p.node)
		if err != nil || result.Outcome != Produced {
			return result, err
		}
		a.values[i] = result.Value
	}
	value, err := a.apply()
	if err == nil && value.Kind() == directory.KindText {
		if text, _ := value.Text(); len(text) > maximumText {
			err = fmt.Errorf("the result is longer than %d bytes", maximumText)
		}
	}
	if err != nil {
		return Result{}, v.fail(c.function.Name, c.offset, err)
	}
	return produced(value), nil
}

// compare evaluates a condition. An attribute that is null or empty fails it, whatever the operator
// (expressions.md 2.6).
func (v evaluator) compare(n *comparison) (Result, error) {
	var texts [2]string
	failed := false
	for i, side := range []node{n.left, n.right} {
		result, err := v.evaluate(side)
		if err != nil || result.Outcome != Produced {
			return result, err
		}
		if _, attribute := side.(*reference); attribute && result.Value.IsEmpty() {
			failed = true
			continue
		}
		if texts[i], err = textOf(result.Value); err != nil {
			return Result{}, v.fail(n.operator, n.offset, err)
		}
	}
	return produced(directory.Boolean(!failed && holds(n.operator, order(texts[0], texts[1])))), nil
}

func holds(operator string, order int) bool {
	switch operator {
	case "=":
		return order == 0
	case "<>":
		return order != 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "<":
		return order < 0
	default:
		return order <= 0
	}
}

// order compares as numbers when both texts are numeric, else ordinally.
func order(left, right string) int {
	if l, ok := integerOf(left); ok {
		if r, ok := integerOf(right); ok {
			return compareIntegers(l, r)
		}
	}
	l, leftNumeric := decimalOf(left)
	r, rightNumeric := decimalOf(right)
	if leftNumeric && rightNumeric {
		return l.Cmp(r)
	}
	return strings.Compare(left, right)
}

func compareIntegers(l, r int64) int {
	switch {
	case l < r:
		return -1
	case l > r:
		return 1
	default:
		return 0
	}
}

// concatenate joins texts; null counts as empty (expressions.md 10).
func (v evaluator) concatenate(n *concatenation) (Result, error) {
	var b strings.Builder
	for _, part := range n.parts {
		result, err := v.evaluate(part)
		if err != nil || result.Outcome != Produced {
			return result, err
		}
		text, err := textOf(result.Value)
		if err != nil {
			return Result{}, v.fail("&", n.offset, err)
		}
		b.WriteString(text)
	}
	return produced(directory.Text(b.String())), nil
}

// arguments are the evaluated arguments of a strict function, one for each parameter; places left out are
// null.
type arguments struct {
	call   *call
	values []directory.Value
	now    time.Time
}

// apply calls the implementation under the null and list policies of the row.
func (a arguments) apply() (directory.Value, error) {
	f := a.call.function
	if len(a.values) == 0 || f.handlesNull {
		return f.strict(a)
	}
	first := a.values[0]
	if first.IsNull() {
		return directory.Null(), nil
	}
	if !f.elementwise || first.Kind() != directory.KindList {
		return f.strict(a)
	}
	elements := first.Elements()
	mapped := make([]directory.Value, len(elements))
	for i, element := range elements {
		if element.IsNull() {
			continue
		}
		single := arguments{call: a.call, now: a.now, values: append([]directory.Value{element}, a.values[1:]...)}
		var err error
		if mapped[i], err = f.strict(single); err != nil {
			return directory.Null(), fmt.Errorf("element %d: %w", i+1, err)
		}
	}
	return directory.List(mapped...), nil
}

// given reports whether the place was filled in, which is not the same as having a value
// (expressions.md 2.5).
func (a arguments) given(i int) bool {
	return i < len(a.call.places) && a.call.places[i].node != nil
}

// text returns an argument's text form; null is the empty text.
func (a arguments) text(i int) (string, error) {
	text, err := textOf(a.values[i])
	if err != nil {
		return "", a.about(i, err)
	}
	return text, nil
}

// texts returns the text forms of the first n arguments.
func (a arguments) texts(n int) ([]string, error) {
	texts := make([]string, n)
	for i := range texts {
		var err error
		if texts[i], err = a.text(i); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

var errNotInteger = errors.New("is not an integer")

func (a arguments) integer(i int) (int64, error) {
	text, err := a.text(i)
	if err != nil {
		return 0, err
	}
	n, ok := integerOf(text)
	if !ok {
		return 0, a.about(i, errNotInteger)
	}
	return n, nil
}

func (a arguments) about(i int, err error) error {
	return fmt.Errorf("%s %w", a.call.function.parameter(i).Name, err)
}

// textOf returns the text form of a value, empty for null.
func textOf(value directory.Value) (string, error) {
	if value.IsNull() {
		return "", nil
	}
	text, ok := value.Text()
	if !ok {
		return "", fmt.Errorf("is a %s, which has no text form", value.Kind())
	}
	return text, nil
}

// integerOf converts text to an integer: optional sign and digits, surrounding blanks ignored
// (expressions.md 1.1).
func integerOf(text string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	return n, err == nil
}

// longestNumber bounds the conversion of digits nobody means as a number.
const longestNumber = 400

func decimalOf(text string) (*big.Rat, bool) {
	text = strings.TrimSpace(text)
	digits := strings.TrimLeft(text, "+-")
	if len(text) > longestNumber || len(text)-len(digits) > 1 || digits == "" || strings.Trim(digits, "0123456789.") != "" ||
		!isDigit(digits[0]) || !isDigit(digits[len(digits)-1]) {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// truth converts a value to a boolean: true in any case and numbers other than zero (expressions.md 1.1,
// 4.2). Everything else is false.
func truth(value directory.Value) bool {
	text, ok := value.Text()
	if !ok {
		return false
	}
	if strings.EqualFold(strings.TrimSpace(text), "true") {
		return true
	}
	number, ok := decimalOf(text)
	return ok && number.Sign() != 0
}
