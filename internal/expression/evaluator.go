package expression

import (
	"errors"
	"fmt"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// evaluation is the state of one walk over the tree for one source object.
type evaluation struct {
	Environment
	source string
	budget budget
	// depth is how many parts enclose the one being evaluated.
	depth int
	// stack holds the arguments of the strict calls under way, top is how many there are.
	stack []directory.Value
	top   int
	// room is how many arguments the expression needs at once.
	room int
	// now is Environment.Now.
	now time.Time
}

// evaluator walks the tree once for one source object.
type evaluator struct{ *evaluation }

func produced(value directory.Value) Result { return Result{Value: value} }

// evaluate computes a part, and tells whoever traces.
func (v evaluator) evaluate(n node) (Result, error) {
	if v.Trace == nil {
		return v.part(n)
	}
	v.depth++
	result, err := v.part(n)
	v.depth--
	if offset, ok := startOf(n); ok || v.depth == 0 {
		step := Step{Expression: canonical(n), Depth: v.depth, Result: result, Err: err}
		step.Line, step.Column = position(v.source, offset)
		v.Trace(step)
	}
	return result, err
}

func (v evaluator) part(n node) (Result, error) {
	switch n := n.(type) {
	case *reference:
		return v.attribute(n)
	case *environmentParameter:
		return v.parameter(n)
	case *constant:
		return produced(n.value), nil
	case *option:
		return produced(n.value), nil
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
	return &EvaluationError{Function: name, Line: line, Column: column, Message: abridge(err.Error()), Err: err}
}

func (v evaluator) attribute(n *reference) (Result, error) {
	value := v.Attribute(n.name)
	if err := v.budget.take(value); err != nil {
		return Result{}, v.fail("["+n.name+"]", n.offset, err)
	}
	return produced(value), nil
}

func (v evaluator) parameter(n *environmentParameter) (Result, error) {
	name := "%" + n.name + "%"
	if v.Parameter != nil {
		if value, ok := v.Parameter(n.name); ok {
			return produced(directory.Text(value)), nil
		}
	}
	return Result{}, v.fail(name, n.offset, fmt.Errorf("the job has no parameter %s: set it in the job's `parameters`", n.name))
}

// strict evaluates all arguments and calls the implementation.
func (v evaluator) strict(c *call) (Result, error) {
	top := v.top
	defer func() { v.top = top }()
	a := arguments{evaluator: v, call: c, values: v.reserve(c.slots())}
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
	value, err := c.function.bounded(a)
	if err != nil {
		return Result{}, v.fail(c.function.Name, c.offset, err)
	}
	return produced(value), nil
}

// reserve returns n null values. They are valid until the call that reserved them returns.
func (v evaluator) reserve(n int) []directory.Value {
	if v.stack == nil {
		v.stack = make([]directory.Value, v.room)
	}
	values := v.stack[v.top : v.top+n : v.top+n]
	clear(values)
	v.top += n
	return values
}

// roomFor returns how many arguments of strict calls are held at once while a part is evaluated.
func roomFor(n node) int {
	room := 0
	for _, child := range n.children() {
		room = max(room, roomFor(child))
	}
	if c, ok := n.(*call); ok && c.function.strict != nil {
		room += c.slots()
	}
	return room
}

// slots is the number of arguments an implementation may ask for.
func (c *call) slots() int { return max(len(c.places), len(c.function.Parameters)) }

// concatenate joins texts; null counts as empty (expressions.md 10).
func (v evaluator) concatenate(n *concatenation) (Result, error) {
	var joined []byte
	for _, part := range n.parts {
		result, err := v.evaluate(part)
		if err != nil || result.Outcome != Produced {
			return result, err
		}
		text, err := textOf(result.Value)
		if err == nil && len(joined)+len(text) > maximumText {
			err = errTextTooLong
		}
		if err != nil {
			return Result{}, v.fail("&", n.offset, err)
		}
		joined = append(joined, text...)
	}
	value := directory.Text(string(joined))
	if err := v.budget.take(value); err != nil {
		return Result{}, v.fail("&", n.offset, err)
	}
	return produced(value), nil
}

// arguments are the evaluated arguments of a strict function, one for each parameter; places left out are
// null. The values must not be kept after the call.
type arguments struct {
	evaluator
	call   *call
	values []directory.Value
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
		a.values[0] = element
		var err error
		if mapped[i], err = f.strict(a); err != nil {
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
