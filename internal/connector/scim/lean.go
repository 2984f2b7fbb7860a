package scim

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

const (
	// maxRaw bounds an answer whose members are dropped while it arrives.
	maxRaw = 1 << 30
	// maxDepth is how deep an answer may be nested; a list of users with extensions takes seven.
	maxDepth = 64
	// maxName is how much of a name is looked at.
	maxName = 128
)

var errTooDeep = errors.New("the answer is nested too deep")

// errFull says that a limit of a leanReader is reached.
var errFull = errors.New("no more is read")

// leanReader copies JSON without the members of groups. A page may hold a million of them although nobody asked for any
// (scim-client.md 17, row 14); null takes their place, and they are never held in memory. It does not check the JSON: whoever
// decodes the copy does.
type leanReader struct {
	from *bufio.Reader
	to   bytes.Buffer
	// most is how many bytes may still come, kept how many may be kept.
	most, kept int64
	// open are the brackets that are open.
	open []byte
}

// readLean reads an answer to its end, at most so many bytes, of which so many may be kept. The error is a tooLargeError,
// errTooDeep or the reader's.
func readLean(from io.Reader, most, kept int64) ([]byte, error) {
	r := &leanReader{from: bufio.NewReaderSize(from, 32<<10), most: most, kept: kept}
	switch err := r.copy(); {
	case errors.Is(err, errFull) && r.kept < 0:
		return nil, &tooLargeError{kept}
	case errors.Is(err, errFull):
		return nil, &tooLargeError{most}
	case !errors.Is(err, io.EOF):
		return nil, err
	default:
		return r.to.Bytes(), nil
	}
}

func (r *leanReader) copy() error {
	// naming says that the next text is a name.
	naming := false
	for {
		b, err := r.next(true)
		if err != nil {
			return err
		}
		switch b {
		case '{', '[':
			if len(r.open) >= maxDepth {
				return errTooDeep
			}
			r.open = append(r.open, b)
			naming = b == '{'
		case '}', ']':
			r.open = r.open[:max(0, len(r.open)-1)]
			naming = false
		case ',':
			naming = len(r.open) > 0 && r.open[len(r.open)-1] == '{'
		case '"':
			name, err := r.text(true)
			if err != nil {
				return err
			}
			if naming && r.inResource() && isMembersName(name) {
				if err := r.drop(); err != nil {
					return err
				}
			}
			naming = false
		}
	}
}

// inResource reports whether a name that stands here is one of a resource: the answer itself, or an element of its list.
func (r *leanReader) inResource() bool {
	at := string(r.open)
	return at == "{" || at == "{[{"
}

func isMembersName(raw []byte) bool {
	var name string
	return json.Unmarshal([]byte(`"`+string(raw)+`"`), &name) == nil && strings.EqualFold(name, membersAttribute)
}

// next reads one byte, and keeps it if it is to be kept.
func (r *leanReader) next(keep bool) (byte, error) {
	b, err := r.from.ReadByte()
	if err != nil {
		return 0, err
	}
	r.most--
	if keep {
		r.kept--
		r.to.WriteByte(b)
	}
	if r.most < 0 || r.kept < 0 {
		return 0, errFull
	}
	return b, nil
}

// text reads on to the quote that ends a text, and returns its beginning as it is written.
func (r *leanReader) text(keep bool) ([]byte, error) {
	var name []byte
	for escaped := false; ; {
		b, err := r.next(keep)
		switch {
		case err != nil:
			return nil, err
		case !escaped && b == '"':
			return name, nil
		}
		escaped = !escaped && b == '\\'
		if len(name) < maxName {
			name = append(name, b)
		}
	}
}

// drop reads the value after a name, and keeps null instead.
func (r *leanReader) drop() error {
	depth, begun := 0, false
	for {
		b, err := r.next(false)
		if err != nil {
			return err
		}
		switch b {
		case ' ', '\t', '\r', '\n', ':':
			if !begun || depth > 0 {
				continue
			}
		case '{', '[':
			if depth++; depth > maxDepth {
				return errTooDeep
			}
		case '}', ']':
			depth--
		case '"':
			if _, err := r.text(false); err != nil {
				return err
			}
		}
		ended := begun && depth == 0 && (b == ',' || b == ' ' || b == '\t' || b == '\r' || b == '\n')
		switch {
		case depth < 0, ended:
			// What follows the value belongs to what holds it.
			r.most++
			if err := r.from.UnreadByte(); err != nil {
				return err
			}
			return r.put(":null")
		case depth == 0 && (b == '}' || b == ']' || b == '"'):
			return r.put(":null")
		}
		begun = true
	}
}

func (r *leanReader) put(text string) error {
	r.to.WriteString(text)
	if r.kept -= int64(len(text)); r.kept < 0 {
		return errFull
	}
	return nil
}
