package file

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// position is a place in a file. Lines and columns count from 1, columns in characters.
type position struct{ line, column int }

// after returns the position behind some text that starts at p.
func (p position) after(passed []byte) position {
	if newline := bytes.LastIndexByte(passed, '\n'); newline >= 0 {
		p.line += bytes.Count(passed, []byte{'\n'})
		p.column = 1
		passed = passed[newline+1:]
	}
	p.column += utf8.RuneCount(passed)
	return p
}

func (p position) before(q position) bool {
	return p.line < q.line || p.line == q.line && p.column < q.column
}

// flaw is why the content cannot be read on from a position.
type flaw struct {
	at      position
	message string
}

func (f *flaw) Error() string { return f.message }

// text hands UTF-8 text to a decoder and remembers what the decoder has not used yet, so that a byte
// offset becomes a line and a column. It drops a byte order mark and refuses anything that is not UTF-8:
// the decoders of the standard library would replace it silently.
type text struct {
	source io.Reader
	buffer []byte
	ready  []byte // checked, not handed out
	rest   []byte // the beginning of a character whose end is not read yet
	failed error  // returned after ready
	wrong  string // a flaw behind ready

	window []byte // handed out; from head on not yet passed
	head   int
	offset int64 // of the first byte not passed
	at     position
}

// chunk is how much is read from the file at once, in bytes.
const chunk = 32 << 10

func newText(source io.Reader) *text {
	return &text{source: source, at: position{1, 1}}
}

// Read implements io.Reader. After all good text it returns the flaw that follows, or the read error.
func (t *text) Read(p []byte) (int, error) {
	for len(t.ready) == 0 {
		if t.wrong != "" {
			return 0, &flaw{at: t.at.after(t.window[t.head:]), message: t.wrong}
		}
		if t.failed != nil {
			return 0, t.failed
		}
		t.fill()
	}
	n := copy(p, t.ready)
	t.ready = t.ready[n:]
	if t.head > len(t.window)/2 {
		t.window = t.window[:copy(t.window, t.window[t.head:])]
		t.head = 0
	}
	t.window = append(t.window, p[:n]...)
	return n, nil
}

func (t *text) fill() {
	first := t.buffer == nil
	if first {
		t.buffer = make([]byte, chunk)
	}
	kept := copy(t.buffer, t.rest)
	n, err := io.ReadFull(t.source, t.buffer[kept:])
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	t.failed = err
	data := t.buffer[:kept+n]
	if first {
		if isUTF16(data) {
			t.wrong = "the file is UTF-16; save it as UTF-8"
			return
		}
		data = bytes.TrimPrefix(data, []byte("\ufeff"))
	}
	good, wrong := validPrefix(data, err != nil)
	t.ready, t.rest, t.wrong = data[:good], data[good:], wrong
}

// isUTF16 recognises UTF-16 by its byte order mark, or by the zero byte beside the first ASCII character.
func isUTF16(data []byte) bool {
	if len(data) < 2 {
		return false
	}
	return data[0] == 0xFF && data[1] == 0xFE || data[0] == 0xFE && data[1] == 0xFF || (data[0] == 0) != (data[1] == 0)
}

// validPrefix returns how many bytes of data are good text, and what is wrong behind them. A cut character
// at the end is wrong only when nothing follows.
func validPrefix(data []byte, last bool) (good int, wrong string) {
	zero := bytes.IndexByte(data, 0)
	if zero < 0 && utf8.Valid(data) {
		return len(data), ""
	}
	for good < len(data) {
		r, size := utf8.DecodeRune(data[good:])
		switch {
		case r == 0:
			return good, "zero byte; the file is not text"
		case r != utf8.RuneError || size > 1:
			good += size
		case last || utf8.FullRune(data[good:]):
			return good, "invalid UTF-8; save the file as UTF-8"
		default:
			return good, ""
		}
	}
	return good, ""
}

// pass moves to a byte offset that has been handed out, and returns the position there.
func (t *text) pass(offset int64) position {
	n := min(max(int(offset-t.offset), 0), len(t.window)-t.head)
	t.at = t.at.after(t.window[t.head : t.head+n])
	t.head += n
	t.offset += int64(n)
	return t.at
}

// skip moves over any of the given bytes, and returns the position behind them.
func (t *text) skip(set string) position {
	rest := t.window[t.head:]
	return t.pass(t.offset + int64(len(rest)-len(bytes.TrimLeft(rest, set))))
}

// locate returns the position of a byte column of a line that is not passed. Lines count from 1, byte
// columns too; the current position must be the beginning of a line.
func (t *text) locate(line, byteColumn int) position {
	rest := t.window[t.head:]
	for at := t.at.line; at < line; at++ {
		newline := bytes.IndexByte(rest, '\n')
		if newline < 0 {
			break
		}
		rest = rest[newline+1:]
	}
	// The decoder counts the line break as part of a line; a place behind it is the end of the line.
	if newline := bytes.IndexByte(rest, '\n'); newline >= 0 {
		rest = rest[:newline]
	}
	return position{line: line, column: 1 + utf8.RuneCount(rest[:min(byteColumn-1, len(rest))])}
}
