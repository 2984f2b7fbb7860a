package directory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind says which of the closed set of value forms a Value has.
type Kind uint8

// The kinds of value (expressions.md 1).
const (
	KindNull Kind = iota
	KindText
	KindInteger
	KindBoolean
	KindDateTime
	KindList
	KindRecord
)

// String names the kind the way error messages name it.
func (k Kind) String() string {
	switch k {
	case KindNull:
		return "null"
	case KindText:
		return "text"
	case KindInteger:
		return "integer"
	case KindBoolean:
		return "boolean"
	case KindDateTime:
		return "date-time"
	case KindList:
		return "list"
	case KindRecord:
		return "record"
	default:
		return "unknown"
	}
}

// Value is one attribute value: null, text, an integer, a boolean, a date-time (always UTC), a list
// of values, or a record (an opaque complex value such as an app-role assignment). The zero Value is
// null. Values are immutable; copies share their parts.
type Value struct {
	kind   Kind
	text   string
	number int64
	when   time.Time
	list   []Value
	record map[string]Value
}

// Null returns the null value.
func Null() Value { return Value{} }

// Text returns a text value. The empty text is a value of its own, different from null.
func Text(s string) Value { return Value{kind: KindText, text: s} }

// Integer returns an integer value.
func Integer(n int64) Value { return Value{kind: KindInteger, number: n} }

// Boolean returns a boolean value.
func Boolean(b bool) Value {
	v := Value{kind: KindBoolean}
	if b {
		v.number = 1
	}
	return v
}

// DateTime returns a date-time value, converted to UTC.
func DateTime(t time.Time) Value { return Value{kind: KindDateTime, when: t.UTC()} }

// List returns a list value. The slice is not copied; the caller must not change it afterwards.
func List(elements ...Value) Value { return Value{kind: KindList, list: elements} }

// Record returns an opaque complex value. The map is not copied; the caller must not change it afterwards.
func Record(fields map[string]Value) Value { return Value{kind: KindRecord, record: fields} }

// Kind returns the kind of the value.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether the value is null. An empty text is not null.
func (v Value) IsNull() bool { return v.kind == KindNull }

// IsEmpty reports whether the value is null, the empty text, or an empty list.
func (v Value) IsEmpty() bool {
	switch v.kind {
	case KindNull:
		return true
	case KindText:
		return v.text == ""
	case KindList:
		return len(v.list) == 0
	default:
		return false
	}
}

// AsInteger returns the integer and true when the value is of kind integer.
func (v Value) AsInteger() (int64, bool) { return v.number, v.kind == KindInteger }

// AsBoolean returns the boolean and true when the value is of kind boolean.
func (v Value) AsBoolean() (bool, bool) { return v.number != 0, v.kind == KindBoolean }

// AsDateTime returns the time (UTC) and true when the value is of kind date-time.
func (v Value) AsDateTime() (time.Time, bool) { return v.when, v.kind == KindDateTime }

// Elements returns the elements of a list, nothing for null, and the value itself otherwise: a single
// value counts as a list of one (expressions.md 4.3). The caller must not change the slice.
func (v Value) Elements() []Value {
	switch v.kind {
	case KindNull:
		return nil
	case KindList:
		return v.list
	default:
		return []Value{v}
	}
}

// Field returns a field of a record, null when there is none or the value is not a record.
func (v Value) Field(name string) Value { return v.record[name] }

// FieldNames returns the names of a record's fields, sorted.
func (v Value) FieldNames() []string {
	names := make([]string, 0, len(v.record))
	for name := range v.record {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// dateTimeText is the text form of a date-time (expressions.md 1.1): invariant culture, UTC.
const dateTimeText = "1/2/2006 3:04:05 PM"

// Text returns the text form that every function of the mapping language uses (expressions.md 1.1):
// True/False, decimal digits, M/d/yyyy h:mm:ss tt. ok is false for null, lists and records, which have none.
func (v Value) Text() (text string, ok bool) {
	switch v.kind {
	case KindText:
		return v.text, true
	case KindInteger:
		return strconv.FormatInt(v.number, 10), true
	case KindBoolean:
		if v.number != 0 {
			return "True", true
		}
		return "False", true
	case KindDateTime:
		return v.when.Format(dateTimeText), true
	default:
		return "", false
	}
}

// Equal reports whether two values have the same kind and content. Text compares ordinally.
func (v Value) Equal(w Value) bool {
	if v.kind != w.kind {
		return false
	}
	switch v.kind {
	case KindNull:
		return true
	case KindText:
		return v.text == w.text
	case KindInteger, KindBoolean:
		return v.number == w.number
	case KindDateTime:
		return v.when.Equal(w.when)
	case KindList:
		return slices.EqualFunc(v.list, w.list, Value.Equal)
	default:
		if len(v.record) != len(w.record) {
			return false
		}
		for name, field := range v.record {
			other, ok := w.record[name]
			if !ok || !field.Equal(other) {
				return false
			}
		}
		return true
	}
}

// String prints the value for people: the text form, "null", or the elements in brackets. It is for
// messages, not for storage.
func (v Value) String() string {
	if text, ok := v.Text(); ok {
		return text
	}
	switch v.kind {
	case KindList:
		parts := make([]string, len(v.list))
		for i, element := range v.list {
			parts[i] = element.String()
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case KindRecord:
		parts := make([]string, 0, len(v.record))
		for _, name := range v.FieldNames() {
			parts = append(parts, name+": "+v.record[name].String())
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
		return "null"
	}
}

// dateTimeKey marks a date-time in JSON, which has no such type.
const dateTimeKey = "$dateTime"

// MarshalJSON writes plain JSON. A date-time becomes {"$dateTime":"RFC 3339"}, so that reading the text
// back yields the same kind; object keys are sorted, so equal values have equal bytes.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.kind {
	case KindNull:
		return []byte("null"), nil
	case KindText:
		return marshalText(v.text)
	case KindInteger:
		return strconv.AppendInt(nil, v.number, 10), nil
	case KindBoolean:
		return strconv.AppendBool(nil, v.number != 0), nil
	case KindDateTime:
		return json.Marshal(map[string]string{dateTimeKey: v.when.Format(time.RFC3339Nano)})
	case KindList:
		if v.list == nil {
			return []byte("[]"), nil
		}
		return json.Marshal(v.list)
	case KindRecord:
		if v.record == nil {
			return []byte("{}"), nil
		}
		return json.Marshal(v.record)
	default:
		return nil, fmt.Errorf("value of unknown kind %d", v.kind)
	}
}

func marshalText(s string) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buffer.Bytes(), "\n"), nil
}

// UnmarshalJSON reads what MarshalJSON writes, and any other JSON: objects become records, numbers without
// a fraction become integers, other numbers keep their text.
func (v *Value) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var raw any
	if err := decoder.Decode(&raw); err != nil {
		return err
	}
	value, err := FromJSON(raw)
	if err != nil {
		return err
	}
	*v = value
	return nil
}

// FromJSON converts what encoding/json decodes into any (best with UseNumber) to a Value.
func FromJSON(raw any) (Value, error) {
	switch x := raw.(type) {
	case nil:
		return Null(), nil
	case string:
		return Text(x), nil
	case bool:
		return Boolean(x), nil
	case json.Number:
		if n, err := x.Int64(); err == nil {
			return Integer(n), nil
		}
		return Text(x.String()), nil
	case float64:
		if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
			return Integer(int64(x)), nil
		}
		return Text(strconv.FormatFloat(x, 'f', -1, 64)), nil
	case []any:
		list := make([]Value, len(x))
		for i, element := range x {
			value, err := FromJSON(element)
			if err != nil {
				return Value{}, err
			}
			list[i] = value
		}
		return List(list...), nil
	case map[string]any:
		if text, ok := x[dateTimeKey].(string); ok && len(x) == 1 {
			when, err := time.Parse(time.RFC3339Nano, text)
			if err != nil {
				return Value{}, fmt.Errorf("date-time value: %w", err)
			}
			// An offset can push the first or last day of the calendar beyond what RFC 3339 writes.
			if year := when.UTC().Year(); year < 1 || year > 9999 {
				return Value{}, fmt.Errorf("date-time value %s is not between the years 1 and 9999 in UTC", text)
			}
			return DateTime(when), nil
		}
		fields := make(map[string]Value, len(x))
		for name, field := range x {
			value, err := FromJSON(field)
			if err != nil {
				return Value{}, err
			}
			fields[name] = value
		}
		return Record(fields), nil
	default:
		return Value{}, fmt.Errorf("cannot convert %T to a value", raw)
	}
}
