package expression

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const arithmeticHint = "there is no arithmetic; dates are moved with DateAdd"

// lexUnexpected names the character that begins no token, with a hint for what people paste or carry over from other
// languages.
func lexUnexpected(l *lexer) state {
	rest := l.rest()
	r, size := utf8.DecodeRuneInString(rest)
	following := rest[size:]
	for _, wrong := range [][2]string{
		{"||", "nest IIF in the false branch instead, or write & to join texts"}, {"!=", "write <>"}, {"!", "write Not(...)"}, {"|", "write & to join texts"},
	} {
		if strings.HasPrefix(rest, wrong[0]) {
			return l.fail(l.at, wrong[1], "there is no operator %s", wrong[0])
		}
	}
	if strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, "/*") || strings.HasPrefix(rest, "--") || r == '#' {
		return l.fail(l.at, "put it outside the expression", "there are no comments")
	}
	hint := ""
	switch r {
	case '\'', '“', '”', '„', '«', '»', '‘', '’', '`':
		return l.fail(l.at, `write "`+quotedText(following)+`" with straight quotation marks`, "unexpected character %q", r)
	case '\u00a0', '\u200b', '\ufeff', '\u202f', '\u2060':
		return l.fail(l.at, "replace it by an ordinary blank", "unexpected invisible character %U", r)
	case ']':
		if name := nameBefore(l.source, l.at); name != "" {
			hint = "write [" + name + "]"
		}
		return l.fail(l.at, hint, "unexpected ]: there is no [ before it")
	case '（', '）', '，', '［', '］', '；':
		hint = "write the ASCII character"
	case '{', '}', '$', '@':
		hint = "attributes stand in square brackets: [" + attributeOr(strings.TrimLeft(rest, "{$@(")) + "]"
	case ';':
		hint = "arguments are separated by commas"
	case '+':
		hint = "write & to join texts; numbers are written without +"
	case '-', '*', '/', '^':
		hint = arithmeticHint
	case '.':
		hint = "numbers begin with a digit; a path stands inside the brackets: [name.givenName]"
	case '\\':
		hint = "a backslash stands inside quotation marks"
	default:
		if unicode.IsLetter(r) {
			hint = "names outside brackets have the letters A to Z only; attributes need brackets, texts quotation marks"
		}
	}
	return l.fail(l.at, hint, "unexpected character %q: expected a function, an attribute such as [mail], a text or a number", r)
}

// quotedText is what stands before the next quotation mark of any kind.
func quotedText(following string) string {
	const longest = 40
	text := following
	if end := strings.IndexAny(following, "'\"“”„«»‘’`\n"); end >= 0 {
		text = following[:end]
	}
	if text == "" || len(text) > longest {
		return "text"
	}
	return text
}

func attributeOr(text string) string {
	if name := nameAt(text, 0); name != "" {
		return name
	}
	return "mail"
}
