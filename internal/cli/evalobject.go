package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// sample is the source object of one evaluation.
type sample struct {
	attributes map[string]directory.Value
	// whole: the attributes are those of a source object, so that what the engine computes is there too.
	whole bool
}

// object reads the attributes that flags and files give.
func (c *evalCommand) object(in io.Reader) (*sample, error) {
	given := &sample{attributes: map[string]directory.Value{}}
	if c.Object != "" {
		attributes, err := readObject(c.Object, in)
		if err != nil {
			return nil, fmt.Errorf("--object %s: %w", c.Object, err)
		}
		given.attributes, given.whole = attributes, true
	}
	named := map[string]bool{}
	add := func(flag, pair string, read func(string) (directory.Value, error)) error {
		name, text, err := cut(flag, pair)
		if err != nil {
			return err
		}
		if named[name] {
			return fmt.Errorf("%s %q: attribute %s is given twice; a list is --attribute-json '%s=[…]'", flag, pair, name, name)
		}
		named[name] = true
		value, err := read(text)
		if err != nil {
			return fmt.Errorf("%s %q: the value is not JSON: %w; for a text use --attribute", flag, pair, err)
		}
		given.attributes[name] = value
		return nil
	}
	for _, pair := range c.Attribute {
		if err := add("--attribute", pair, func(text string) (directory.Value, error) { return directory.Text(text), nil }); err != nil {
			return nil, err
		}
	}
	for _, pair := range c.AttributeJSON {
		if err := add("--attribute-json", pair, parseValue); err != nil {
			return nil, err
		}
	}
	return given, nil
}

func parseValue(text string) (value directory.Value, err error) {
	err = json.Unmarshal([]byte(text), &value)
	return value, err
}

func readObject(path string, in io.Reader) (map[string]directory.Value, error) {
	var raw []byte
	var err error
	if path == "-" {
		raw, err = io.ReadAll(in)
	} else {
		raw, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	raw = bytes.TrimPrefix(raw, []byte(byteOrderMark))
	var object directory.Value
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil, fmt.Errorf("not JSON: %w", positioned(raw, err))
	}
	if object.Kind() != directory.KindRecord {
		return nil, fmt.Errorf("expected one JSON object with the attributes as members, got a %s", object.Kind())
	}
	if object.Field("users").Kind() == directory.KindList || object.Field("groups").Kind() == directory.KindList {
		return nil, errors.New(`this is a whole source; give one object of it, for example what "jq '.users[0]'" prints`)
	}
	attributes := map[string]directory.Value{}
	for _, name := range object.FieldNames() {
		if !strings.Contains(name, "@") {
			attributes[name] = object.Field(name)
		}
	}
	// A mapping sees a relation as the id at its other end, and only when there is exactly one.
	for _, relation := range []string{directory.ReferenceManager, directory.ReferenceMembers} {
		ends := attributes[relation].Elements()
		delete(attributes, relation)
		if len(ends) != 1 {
			continue
		}
		attributes[relation] = ends[0]
		if ends[0].Kind() == directory.KindRecord {
			attributes[relation] = ends[0].Field("id")
		}
	}
	return attributes, nil
}

// attribute returns an attribute as a job would see it.
func (s *sample) attribute(name string) directory.Value {
	value, ok := s.attributes[name]
	switch {
	case ok || !s.whole:
		return value
	case name == directory.AttributeObjectID:
		return s.attributes["id"]
	case name == directory.AttributeIsSoftDeleted:
		object := directory.Object{Attributes: s.attributes}
		return directory.Boolean(!object.Active() || !s.attributes["deletedDateTime"].IsNull())
	default:
		return directory.Null()
	}
}

// warn names the attributes that the expression reads and nobody gave: a typing error would pass for a null otherwise.
func (s *sample) warn(to io.Writer, parsed *expression.Expression) {
	var names []string
	for name := range s.attributes {
		names = append(names, name)
	}
	for _, name := range parsed.Attributes() {
		if _, ok := s.attributes[name]; ok || s.whole && (name == directory.AttributeObjectID || name == directory.AttributeIsSoftDeleted) {
			continue
		}
		advice := ""
		// The parser knows what is similar; it is asked about the attribute alone.
		if alone, err := expression.Parse("[" + name + "]"); err == nil {
			if unknown, ok := errors.AsType[*expression.SyntaxError](alone.CheckAttributes(names)); ok && strings.HasPrefix(unknown.Hint, "did you mean") {
				advice = "; " + unknown.Hint
			}
		}
		_, _ = fmt.Fprintf(to, "warning: attribute [%s] is not given and counts as null%s\n", name, advice)
	}
}

// positioned says where in a JSON text an error of its decoder is.
func positioned(raw []byte, err error) error {
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if !ok {
		return err
	}
	before := raw[:min(max(0, int(syntax.Offset)-1), len(raw))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:]))) + 1
	return fmt.Errorf("line %d, column %d: %w", line, column, err)
}
