package expression

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Positions and lengths count characters (Unicode code points), so that no character is ever cut in two.

func appendText(a arguments) (directory.Value, error) {
	texts, err := a.texts(2)
	if err != nil {
		return directory.Null(), err
	}
	return directory.Text(texts[0] + texts[1]), nil
}

// prepend is null when its source, the second argument, is null.
func prepend(a arguments) (directory.Value, error) {
	if a.values[1].IsNull() {
		return directory.Null(), nil
	}
	return appendText(a)
}

// join leaves null and empty sources out, together with their separator (expressions.md 4.1).
func join(a arguments) (directory.Value, error) {
	separator, err := a.text(0)
	if err != nil {
		return directory.Null(), err
	}
	var parts []string
	for _, value := range a.values[1:] {
		for _, element := range value.Elements() {
			text, err := textOf(element)
			if err != nil {
				return directory.Null(), a.about(1, err)
			}
			if text != "" {
				parts = append(parts, text)
			}
		}
	}
	return directory.Text(strings.Join(parts, separator)), nil
}

func left(a arguments) (directory.Value, error) {
	text, err := a.text(0)
	if err != nil {
		return directory.Null(), err
	}
	n, err := a.integer(1)
	if err != nil {
		return directory.Null(), err
	}
	characters := []rune(text)
	if n < 0 || n >= int64(len(characters)) {
		return directory.Text(text), nil
	}
	return directory.Text(string(characters[:n])), nil
}

func mid(a arguments) (directory.Value, error) {
	text, err := a.text(0)
	if err != nil {
		return directory.Null(), err
	}
	start, err := a.integer(1)
	if err != nil {
		return directory.Null(), err
	}
	length, err := a.integer(2)
	if err != nil {
		return directory.Null(), err
	}
	if start < 1 || length < 0 {
		return directory.Null(), fmt.Errorf("start is %d and length is %d: the first character is 1 and the length must not be negative", start, length)
	}
	characters := []rune(text)
	if start > int64(len(characters)) {
		return directory.Text(""), nil
	}
	characters = characters[start-1:]
	return directory.Text(string(characters[:min(length, int64(len(characters)))])), nil
}

const (
	binaryCompare = "vbBinaryCompare"
	textCompare   = "vbTextCompare"
)

// inStr returns the position of the second text in the first, 0 when it is not there.
func inStr(a arguments) (directory.Value, error) {
	texts, err := a.texts(2)
	if err != nil {
		return directory.Null(), err
	}
	start := int64(1)
	if a.given(2) && !a.values[2].IsEmpty() {
		if start, err = a.integer(2); err != nil {
			return directory.Null(), err
		}
	}
	if start < 1 {
		return directory.Null(), fmt.Errorf("start is %d: the first character is 1", start)
	}
	mode, err := a.text(3)
	if err != nil {
		return directory.Null(), err
	}
	switch {
	case strings.EqualFold(mode, textCompare):
		texts[0], texts[1] = strings.Map(fold, texts[0]), strings.Map(fold, texts[1])
	case mode != "" && !strings.EqualFold(mode, binaryCompare):
		return directory.Null(), errors.New("compareType is neither vbBinaryCompare nor vbTextCompare")
	}
	if a.values[0].IsNull() {
		return directory.Integer(0), nil
	}
	if texts[1] == "" {
		return directory.Integer(start), nil
	}
	characters := []rune(texts[0])
	if start > int64(len(characters)) {
		return directory.Integer(0), nil
	}
	rest := string(characters[start-1:])
	before, _, found := strings.Cut(rest, texts[1])
	if !found {
		return directory.Integer(0), nil
	}
	return directory.Integer(start + int64(len([]rune(before)))), nil
}

func fold(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }

func stripSpaces(a arguments) (directory.Value, error) {
	text, err := a.text(0)
	return directory.Text(strings.ReplaceAll(text, " ", "")), err
}

func trim(a arguments) (directory.Value, error) {
	text, err := a.text(0)
	return directory.Text(strings.TrimSpace(text)), err
}

// word splits at any one of the delimiter characters; runs of them make no empty words.
func word(a arguments) (directory.Value, error) {
	text, err := a.text(0)
	if err != nil {
		return directory.Null(), err
	}
	n, err := a.integer(1)
	if err != nil {
		return directory.Null(), err
	}
	delimiters, err := a.text(2)
	if err != nil {
		return directory.Null(), err
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(delimiters, r) })
	if n < 1 || n > int64(len(words)) {
		return directory.Text(""), nil
	}
	return directory.Text(words[n-1]), nil
}

// split trims the elements and leaves empty ones out (expressions.md 4.1).
func split(a arguments) (directory.Value, error) {
	texts, err := a.texts(2)
	if err != nil {
		return directory.Null(), err
	}
	delimiter := texts[1]
	if !a.given(1) {
		delimiter = ","
	}
	parts := []string{texts[0]}
	if delimiter != "" {
		parts = strings.Split(texts[0], delimiter)
	}
	elements := []directory.Value{}
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" {
			elements = append(elements, directory.Text(part))
		}
	}
	return directory.List(elements...), nil
}

func convertToText(a arguments) (directory.Value, error) {
	text, err := a.text(0)
	return directory.Text(text), err
}

// raise is the function Error.
func raise(a arguments) (directory.Value, error) {
	text, err := a.text(0)
	if err != nil {
		return directory.Null(), err
	}
	if text == "" {
		text = "the mapping reports an error"
	}
	return directory.Null(), errors.New(text)
}

func unchanged(a arguments) (directory.Value, error) { return a.values[0], nil }
