package expression

import (
	"errors"
	"strings"
	"unicode"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"golang.org/x/text/unicode/norm"
)

// The invariant culture of .NET leaves the dotted capital and the dotless small i as they are.
const (
	dottedCapital = 'İ'
	dotlessSmall  = 'ı'
)

func invariantLower(r rune) rune {
	if r == dottedCapital {
		return r
	}
	return unicode.ToLower(r)
}

func invariantUpper(r rune) rune {
	if r == dotlessSmall {
		return r
	}
	return unicode.ToUpper(r)
}

func toLower(a arguments) (directory.Value, error) {
	return changeCase(a, invariantLower, unicode.ToLower, unicode.TurkishCase.ToLower)
}

func toUpper(a arguments) (directory.Value, error) {
	return changeCase(a, invariantUpper, unicode.ToUpper, unicode.TurkishCase.ToUpper)
}

func changeCase(a arguments, invariant, general, turkish func(rune) rune) (directory.Value, error) {
	texts, err := a.texts(2)
	if err != nil {
		return directory.Null(), err
	}
	mapping := general
	switch language, _, _ := strings.Cut(strings.ToLower(texts[1]), "-"); {
	case texts[1] == "":
		mapping = invariant
	case strings.Trim(language, "abcdefghijklmnopqrstuvwxyz") != "" || len(language) < 2 || len(language) > 8:
		return directory.Null(), errors.New("culture is not the name of a culture such as en-US")
	case language == "tr" || language == "az":
		mapping = turkish
	}
	return directory.Text(strings.Map(mapping, texts[0])), nil
}

// properCase lowers everything and raises the first letter of each word. Without separators given, the
// categories of expressions.md 4.1 end a word; an apostrophe is one of them.
func properCase(a arguments) (directory.Value, error) {
	texts, err := a.texts(2)
	if err != nil {
		return directory.Null(), err
	}
	ends := func(r rune) bool {
		return unicode.In(r, unicode.Z, unicode.Cc, unicode.Cf, unicode.P, unicode.S)
	}
	if a.given(1) {
		ends = func(r rune) bool { return strings.ContainsRune(texts[1], r) }
	}
	started := false
	return directory.Text(strings.Map(func(r rune) rune {
		switch {
		case ends(r):
			started = false
		case !started && unicode.IsLetter(r):
			started = true
			return invariantUpper(invariantLower(r))
		}
		return invariantLower(r)
	}, texts[0])), nil
}

// normalizeDiacritics is the algorithm of expressions.md 4.1: decompose, delete nonspacing marks, replace
// the letters that do not decompose, recompose.
func normalizeDiacritics(a arguments) (directory.Value, error) {
	text, err := a.text(0)
	if err != nil {
		return directory.Null(), err
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(text) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		switch r {
		case 'æ':
			b.WriteString("ae")
		case 'Æ':
			b.WriteString("AE")
		case 'ø', 'œ':
			b.WriteString("oe")
		case 'Ø', 'Œ':
			b.WriteString("OE")
		case 'ß':
			b.WriteString("ss")
		case 'ẞ':
			b.WriteString("SS")
		case 'ı':
			b.WriteString("i")
		case 'ł':
			b.WriteString("l")
		case 'Ł':
			b.WriteString("L")
		default:
			b.WriteRune(r)
		}
	}
	return directory.Text(norm.NFC.String(b.String())), nil
}
