package exchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// MaximumInput is the largest input, in bytes. Real schemas have some hundred kilobytes.
	MaximumInput = 16 << 20
	// maximumDepth bounds the nesting of JSON. An expression of the deepest nesting takes three levels for each of its own.
	maximumDepth = 1000
)

type kind uint8

const (
	isNull kind = iota
	isText
	isNumber
	isBoolean
	isArray
	isObject
)

// value is a part of a JSON document. It knows whether it was read: what nobody reads has to be reported.
type value struct {
	kind kind
	// text of a text, spelling of a number or boolean.
	text     string
	names    []string // of the members of an object
	elements []*value // of an array, or members of an object
	path     string
	read     bool
}

// parseJSON reads a whole document. The error names line and column.
func parseJSON(raw []byte) (*value, error) {
	if len(raw) > MaximumInput {
		return nil, fmt.Errorf("the file has %d bytes, at most %d are read: a schema is never that large, check that it is the right file", len(raw), MaximumInput)
	}
	raw, err := asUTF8(raw)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, errors.New("the file is empty")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(raw, &whole); err != nil {
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			return nil, fmt.Errorf("%s: not valid JSON: %w", place(raw, syntax.Offset-1), err)
		}
		return nil, fmt.Errorf("not valid JSON: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	parser := jsonParser{raw: raw, decoder: decoder}
	root, err := parser.value(0)
	if err != nil {
		return nil, err
	}
	root.locate("")
	return root, nil
}

// asUTF8 undoes what PowerShell's redirections do to a file: a byte order mark, and UTF-16.
func asUTF8(raw []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(raw, []byte{0xEF, 0xBB, 0xBF}):
		return raw[3:], nil
	case bytes.HasPrefix(raw, []byte{0xFF, 0xFE}), bytes.HasPrefix(raw, []byte{0xFE, 0xFF}):
		units := make([]uint16, 0, len(raw)/2)
		for i := 2; i+1 < len(raw); i += 2 {
			low, high := raw[i], raw[i+1]
			if raw[0] == 0xFE {
				low, high = high, low
			}
			units = append(units, uint16(low)|uint16(high)<<8)
		}
		return []byte(string(utf16.Decode(units))), nil
	case !utf8.Valid(raw):
		return nil, errors.New("the file is not UTF-8: save it as UTF-8")
	default:
		return raw, nil
	}
}

func place(raw []byte, offset int64) string {
	before := raw[:max(0, min(int(offset), len(raw)))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return fmt.Sprintf("line %d, column %d", bytes.Count(before, []byte{'\n'})+1, utf8.RuneCount(before[start:])+1)
}

type jsonParser struct {
	raw     []byte
	decoder *json.Decoder
}

func (p jsonParser) value(depth int) (*value, error) {
	token, err := p.decoder.Token()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("%s: not valid JSON: %w", place(p.raw, p.decoder.InputOffset()), err)
	}
	switch token := token.(type) {
	case string:
		return &value{kind: isText, text: token}, nil
	case json.Number:
		return &value{kind: isNumber, text: token.String()}, nil
	case bool:
		return &value{kind: isBoolean, text: fmt.Sprint(token)}, nil
	case json.Delim:
		if depth >= maximumDepth {
			return nil, fmt.Errorf("%s: nested more than %d levels deep", place(p.raw, p.decoder.InputOffset()), maximumDepth)
		}
		return p.compound(token, depth)
	default:
		return &value{kind: isNull}, nil
	}
}

func (p jsonParser) compound(open json.Delim, depth int) (*value, error) {
	v := &value{kind: isArray}
	if open == '{' {
		v.kind = isObject
	}
	for p.decoder.More() {
		if v.kind == isObject {
			name, err := p.value(depth + 1)
			if err != nil {
				return nil, err
			}
			v.names = append(v.names, name.text)
		}
		element, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		v.elements = append(v.elements, element)
	}
	_, err := p.decoder.Token()
	return v, err
}

// locate gives every part below v its path.
func (v *value) locate(path string) {
	v.path = path
	for i, element := range v.elements {
		switch {
		case v.kind == isArray:
			element.locate(fmt.Sprintf("%s[%d]", path, i))
		case path == "":
			element.locate(v.names[i])
		default:
			element.locate(path + "." + v.names[i])
		}
	}
}

// find returns a member without reading it; nil when there is none. Case does not count, as tools differ in it.
func (v *value) find(name string) *value {
	if v == nil || v.kind != isObject {
		return nil
	}
	i := slices.IndexFunc(v.names, func(other string) bool { return strings.EqualFold(other, name) })
	if i < 0 {
		return nil
	}
	return v.elements[i]
}

// scalar reads a member that is a text, a number or a boolean. ok is false when there is none, or null. Another form is
// not read, and so reported.
func (v *value) scalar(name string) (text string, ok bool) {
	member := v.find(name)
	if member == nil || member.kind == isArray || member.kind == isObject {
		return "", false
	}
	member.read = true
	return member.text, member.kind != isNull
}

// flag reads a boolean member, which some tools write as text. Anything else is not read, and so reported.
func (v *value) flag(name string) (set, ok bool) {
	member := v.find(name)
	if member == nil || member.kind == isArray || member.kind == isObject {
		return false, false
	}
	switch strings.ToLower(member.text) {
	case "true":
		member.read = true
		return true, true
	case "false", "":
		member.read = true
		return false, member.text != ""
	default:
		return false, false
	}
}

// list reads a member that is an array of objects, and the objects themselves but not their members.
func (v *value) list(name string) []*value {
	member := v.find(name)
	if member == nil || member.kind != isArray && member.kind != isNull {
		return nil
	}
	member.read = true
	var objects []*value
	for _, element := range member.elements {
		if element.kind == isObject {
			element.read = true
			objects = append(objects, element)
		}
	}
	return objects
}

// object reads a member that is an object, but not the members of that; nil when there is none.
func (v *value) object(name string) *value {
	member := v.find(name)
	if member == nil || member.kind != isObject && member.kind != isNull {
		return nil
	}
	member.read = true
	if member.kind == isNull {
		return nil
	}
	return member
}

// consume marks a part and everything in it as read.
func (v *value) consume() {
	if v == nil {
		return
	}
	v.read = true
	for _, element := range v.elements {
		element.consume()
	}
}

// empty reports whether a part says nothing.
func (v *value) empty() bool {
	switch v.kind {
	case isNull:
		return true
	case isText:
		return v.text == ""
	case isArray, isObject:
		return len(v.elements) == 0
	default:
		return false
	}
}

// lineWidth is how long a line of printed JSON gets before it is broken.
const lineWidth = 110

// lines prints a part as JSON, one element to a line where it is long. Members that say nothing are left out.
func (v *value) lines() []string {
	if line := v.compact(); len(line) <= lineWidth || v.kind != isArray && v.kind != isObject {
		return []string{line}
	}
	brackets := "[]"
	if v.kind == isObject {
		brackets = "{}"
	}
	lines := []string{brackets[:1]}
	for i, element := range v.elements {
		if v.kind == isObject && element.empty() {
			continue
		}
		inner := element.lines()
		if v.kind == isObject {
			inner[0] = quoteJSON(v.names[i]) + ": " + inner[0]
		}
		inner[len(inner)-1] += ","
		for _, line := range inner {
			lines = append(lines, "  "+line)
		}
	}
	if len(lines) > 1 {
		lines[len(lines)-1] = strings.TrimSuffix(lines[len(lines)-1], ",")
	}
	return append(lines, brackets[1:])
}

func (v *value) compact() string {
	var b strings.Builder
	v.print(&b)
	return b.String()
}

func (v *value) print(b *strings.Builder) {
	switch v.kind {
	case isNull:
		b.WriteString("null")
	case isText:
		b.WriteString(quoteJSON(v.text))
	case isNumber, isBoolean:
		b.WriteString(v.text)
	case isArray:
		b.WriteString("[")
		for i, element := range v.elements {
			if i > 0 {
				b.WriteString(", ")
			}
			element.print(b)
		}
		b.WriteString("]")
	case isObject:
		b.WriteString("{")
		first := true
		for i, element := range v.elements {
			if element.empty() {
				continue
			}
			if !first {
				b.WriteString(", ")
			}
			first = false
			b.WriteString(quoteJSON(v.names[i]) + ": ")
			element.print(b)
		}
		b.WriteString("}")
	}
}

func quoteJSON(text string) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}
