package file

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// jsonReader reads the whole file token by token, so that memory does not grow with the file and every
// complaint has a position.
type jsonReader struct {
	text    *text
	decoder *json.Decoder
	intake  *intake
}

// token is a JSON token and where it starts.
type token struct {
	value json.Token
	at    position
}

func readJSON(text *text, intake *intake) error {
	r := &jsonReader{text: text, decoder: json.NewDecoder(text), intake: intake}
	r.decoder.UseNumber()
	first, err := r.token()
	if errors.Is(err, io.EOF) {
		return &flaw{at: position{1, 1}, message: `the file is empty; a source without people is {"users":[]}`}
	}
	if err != nil {
		return r.stop(err)
	}
	if first.value != json.Delim('{') {
		return &flaw{at: first.at, message: `the file holds ` + kindOf(first.value) + `; it must hold an object with the lists "users" and "groups"`}
	}
	if err := r.content(first.at); err != nil {
		return err
	}
	switch last, err := r.token(); {
	case err == nil:
		return &flaw{at: last.at, message: "text after the end of the JSON object"}
	case errors.Is(err, io.EOF):
		return nil
	default:
		return r.stop(err)
	}
}

// content reads the lists of the top-level object.
func (r *jsonReader) content(start position) error {
	var unknown []string
	var unknownAt position
	seen := map[string]bool{}
	err := r.properties(func(name string, at position) error {
		switch {
		case seen[name]:
			r.intake.reject(at, "%q occurs twice", name)
			return r.ignore()
		case name == "users":
			seen[name] = true
			return r.objects(name, directory.User)
		case name == "groups":
			seen[name] = true
			return r.objects(name, directory.Group)
		case isNextLink(name):
			r.intake.reject(at, "%s: the file is one page of a longer answer; fetch all pages and join them", name)
			return r.ignore()
		case isAnnotation(name):
			return r.ignore()
		default:
			if len(unknown) == 0 {
				unknownAt = at
			}
			const most = 5
			if len(unknown) < most {
				unknown = append(unknown, quoted(name))
			}
			return r.ignore()
		}
	})
	if err != nil {
		return err
	}
	const want = `a source file has the lists "users" and "groups"`
	switch {
	case len(unknown) > 0:
		r.intake.reject(unknownAt, "unknown key %s; %s", strings.Join(unknown, ", "), want)
	case len(seen) == 0:
		r.intake.reject(start, `the file names no people; %s, and one without people is {"users":[]}`, want)
	}
	return nil
}

// objects reads one of the two lists.
func (r *jsonReader) objects(name string, objectType directory.ObjectType) error {
	list, err := r.next()
	if err != nil {
		return err
	}
	if list.value != json.Delim('[') {
		r.intake.reject(list.at, "%q is %s, not a list", name, kindOf(list.value))
		return r.skip(list)
	}
	return r.elements(func(element token) error {
		if element.value != json.Delim('{') {
			r.intake.reject(element.at, "%s is %s, not an object", objectType, kindOf(element.value))
			return r.skip(element)
		}
		return r.object(objectType, element.at)
	})
}

// properties calls each for every property of an object whose brace has been read; each must read the value.
func (r *jsonReader) properties(each func(name string, at position) error) error {
	for r.decoder.More() {
		key, err := r.next()
		if err != nil {
			return err
		}
		name, ok := key.value.(string)
		if !ok {
			return &flaw{at: key.at, message: "property name expected"}
		}
		if err := each(name, key.at); err != nil {
			return err
		}
	}
	_, err := r.next()
	return err
}

// elements calls each for every element of a list whose bracket has been read; each must read the rest of it.
func (r *jsonReader) elements(each func(element token) error) error {
	for r.decoder.More() {
		element, err := r.next()
		if err != nil {
			return err
		}
		if err := each(element); err != nil {
			return err
		}
	}
	_, err := r.next()
	return err
}

// ignore reads over the next value.
func (r *jsonReader) ignore() error {
	value, err := r.next()
	if err != nil {
		return err
	}
	return r.skip(value)
}

// skip reads over the rest of a value that has begun. It does not recurse: what is skipped may be nested
// as deeply as it likes.
func (r *jsonReader) skip(value token) error {
	depth := 0
	for {
		switch value.value {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
		var err error
		if value, err = r.next(); err != nil {
			return err
		}
	}
}

// next reads the next token, which must exist.
func (r *jsonReader) next() (token, error) {
	t, err := r.token()
	if err != nil {
		return t, r.stop(err)
	}
	return t, nil
}

func (r *jsonReader) token() (token, error) {
	r.text.pass(r.decoder.InputOffset())
	value, err := r.decoder.Token()
	if err != nil {
		return token{}, err
	}
	return token{value: value, at: r.text.skip(" \t\r\n,:")}, nil
}

// stop turns a decoder's error into the flaw that ends the scan. The decoder's own offsets do not count
// the tokens it read one by one, so the position is taken from where it stands.
func (r *jsonReader) stop(err error) error {
	r.text.pass(r.decoder.InputOffset())
	at := r.text.skip(" \t\r\n")
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &flaw{at: at, message: "unexpected end of JSON"}
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return &flaw{at: at, message: fmt.Sprintf("not JSON: %s", syntax)}
	}
	return err
}

func isAnnotation(name string) bool { return strings.Contains(name, "@odata.") }

func isNextLink(name string) bool { return strings.HasSuffix(name, "@odata.nextLink") }

// kindOf names the kind of a JSON value for a message.
func kindOf(value json.Token) string {
	switch x := value.(type) {
	case nil:
		return "null"
	case string:
		return "text"
	case bool:
		return "true or false"
	case json.Number:
		return "a number"
	case json.Delim:
		if x == '[' {
			return "a list"
		}
		return "an object"
	default:
		return "an unknown value"
	}
}
