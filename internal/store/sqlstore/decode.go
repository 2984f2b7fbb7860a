package sqlstore

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// body is what objectText and attributesText write.
type body struct {
	attributes map[string]directory.Value
	references map[string][]directory.Anchor
}

// decodeBody reads a stored body. It reads exactly what encode.go writes; anything else is damage, or a document of
// a newer version, and an error.
func decodeBody(text string) (body, error) {
	r := reader{text: text}
	var decoded body
	r.expect('{')
	for r.more('}') {
		switch name := r.name(); name {
		case "v":
			if version, _ := r.value().AsInteger(); version != bodyVersion {
				r.fail("document of version %d, this binary knows %d", version, bodyVersion)
			}
		case "attributes":
			decoded.attributes = r.attributes()
		case "references":
			decoded.references = r.references()
		default:
			r.fail("unknown part %q", name)
		}
	}
	if r.err == nil && r.at != len(r.text) {
		r.fail("text after the end")
	}
	if r.err != nil {
		return body{}, r.err
	}
	return decoded, nil
}

// reader walks through a JSON text without blanks. After the first error it stands still.
type reader struct {
	text string
	at   int
	err  error
	// begun is set between an opening bracket and its first element.
	begun bool
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("stored body at byte %d: %s", r.at, fmt.Sprintf(format, args...))
		r.at = len(r.text)
	}
}

func (r *reader) peek() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

func (r *reader) expect(c byte) {
	if r.peek() != c {
		r.fail("expected %q", c)
		return
	}
	r.at++
	r.begun = c == '{' || c == '['
}

// more reports whether another element follows, and steps over the comma or the closing bracket.
func (r *reader) more(closing byte) bool {
	if r.err != nil {
		return false
	}
	first := r.begun
	r.begun = false
	if r.peek() == closing {
		r.at++
		return false
	}
	if !first {
		r.expect(',')
	}
	return r.err == nil
}

// name reads a field's name and the colon.
func (r *reader) name() string {
	name := r.string()
	r.expect(':')
	return name
}

func (r *reader) attributes() map[string]directory.Value {
	attributes := map[string]directory.Value{}
	r.expect('{')
	for r.more('}') {
		name := r.name()
		attributes[name] = r.value()
	}
	return attributes
}

func (r *reader) references() map[string][]directory.Anchor {
	references := map[string][]directory.Anchor{}
	r.expect('{')
	for r.more('}') {
		name := r.name()
		var anchors []directory.Anchor
		r.expect('[')
		for r.more(']') {
			anchors = append(anchors, directory.Anchor(r.string()))
		}
		references[name] = anchors
	}
	return references
}

func (r *reader) value() directory.Value {
	switch c := r.peek(); {
	case c == '"':
		return directory.Text(r.string())
	case c == '[':
		elements := []directory.Value{}
		r.expect('[')
		for r.more(']') {
			elements = append(elements, r.value())
		}
		return directory.List(elements...)
	case c == '{':
		return r.record()
	case c == '-' || c >= '0' && c <= '9':
		return r.integer()
	case r.word("true"):
		return directory.Boolean(true)
	case r.word("false"):
		return directory.Boolean(false)
	case r.word("null"):
		return directory.Null()
	default:
		r.fail("expected a value")
		return directory.Null()
	}
}

func (r *reader) word(word string) bool {
	if !strings.HasPrefix(r.text[r.at:], word) {
		return false
	}
	r.at += len(word)
	return true
}

func (r *reader) integer() directory.Value {
	start := r.at
	for r.at < len(r.text) && (r.text[r.at] == '-' || r.text[r.at] >= '0' && r.text[r.at] <= '9') {
		r.at++
	}
	n, err := strconv.ParseInt(r.text[start:r.at], 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != r.text[start:r.at] {
		r.fail("expected an integer")
	}
	return directory.Integer(n)
}

// record reads a record or a date-time, which is written as a record. They are rare, so package directory, which
// owns the form of date-times, decodes them.
func (r *reader) record() directory.Value {
	decoder := json.NewDecoder(strings.NewReader(r.text[r.at:]))
	var value directory.Value
	if err := decoder.Decode(&value); err != nil {
		r.fail("%v", err)
		return directory.Null()
	}
	r.at += int(decoder.InputOffset())
	return value
}

// string reads a JSON string. Without an escape it is a part of the text, not a copy.
func (r *reader) string() string {
	r.expect('"')
	if r.err != nil {
		return ""
	}
	r.begun = false
	start := r.at
	for end := start; end < len(r.text); end++ {
		switch c := r.text[end]; {
		case c == '"':
			r.at = end + 1
			return r.text[start:end]
		case c == '\\':
			return r.escaped(start - 1)
		case c < ' ':
			r.fail("control character in a string")
			return ""
		}
	}
	r.fail("string without an end")
	return ""
}

// escaped reads a string with an escape in it, from its quote.
func (r *reader) escaped(start int) string {
	var text string
	decoder := json.NewDecoder(strings.NewReader(r.text[start:]))
	if err := decoder.Decode(&text); err != nil {
		r.fail("%v", err)
		return ""
	}
	r.at = start + int(decoder.InputOffset())
	return text
}
