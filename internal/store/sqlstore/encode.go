package sqlstore

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// bodyVersion is the version of the documents this package writes itself.
const bodyVersion = 1

// Bodies are written and read by hand, not by reflection: every import writes or compares each object of a source,
// and every full evaluation reads each of them. The bytes are those of directory.Value's own JSON.

// appendAttributes writes attributes as a JSON object with sorted names. Null attributes are left out: an absent
// attribute is null.
func appendAttributes(dst []byte, attributes map[string]directory.Value) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		value := attributes[name]
		if value.IsNull() {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = appendText(dst, name)
		dst = append(dst, ':')
		var err error
		if dst, err = appendValue(dst, value); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

func appendValue(dst []byte, value directory.Value) ([]byte, error) {
	var err error
	switch value.Kind() {
	case directory.KindText:
		text, _ := value.Text()
		return appendText(dst, text), nil
	case directory.KindInteger:
		n, _ := value.AsInteger()
		return strconv.AppendInt(dst, n, 10), nil
	case directory.KindBoolean:
		b, _ := value.AsBoolean()
		return strconv.AppendBool(dst, b), nil
	case directory.KindList:
		dst = append(dst, '[')
		for i, element := range value.Elements() {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendValue(dst, element); err != nil {
				return nil, err
			}
		}
		return append(dst, ']'), nil
	default:
		encoded, err := value.MarshalJSON()
		return append(dst, encoded...), err
	}
}

// appendReferences writes relations as a JSON object with sorted names, without the empty ones.
func appendReferences(dst []byte, references map[string][]directory.Anchor) []byte {
	dst = append(dst, '{')
	first := true
	for _, name := range slices.Sorted(maps.Keys(references)) {
		anchors := references[name]
		if len(anchors) == 0 {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = appendText(dst, name)
		dst = append(dst, ':', '[')
		for i, anchor := range anchors {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendText(dst, string(anchor))
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// appendText writes a JSON string. Nearly every text needs no escape; the rest is left to encoding/json.
func appendText(dst []byte, text string) []byte {
	plain := !strings.ContainsFunc(text, func(r rune) bool {
		// U+2028 and U+2029 are escaped by encoding/json in every mode.
		return r < ' ' || r == '"' || r == '\\' || r == utf8.RuneError || r == '\u2028' || r == '\u2029'
	})
	if plain {
		dst = append(dst, '"')
		dst = append(dst, text...)
		return append(dst, '"')
	}
	// A string always encodes.
	encoded, _ := json.Marshal(text)
	return append(dst, encoded...)
}

// attributesText is the stored form of attributes on their own.
func attributesText(attributes map[string]directory.Value) (string, error) {
	dst := append(make([]byte, 0, 256), `{"v":1,"attributes":`...)
	dst, err := appendAttributes(dst, attributes)
	return string(append(dst, '}')), err
}

// objectText is the stored form of an object's content: attributes and references.
func objectText(object directory.Object) (string, error) {
	dst := append(make([]byte, 0, 512), `{"v":1,"attributes":`...)
	dst, err := appendAttributes(dst, object.Attributes)
	if err != nil {
		return "", err
	}
	dst = append(dst, `,"references":`...)
	dst = appendReferences(dst, object.References)
	return string(append(dst, '}')), nil
}
