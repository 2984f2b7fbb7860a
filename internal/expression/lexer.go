package expression

import (
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenText
	tokenNumber
	tokenHex
	tokenAttribute
	tokenComparison
	tokenConcatenate
	tokenOpen
	tokenClose
	tokenComma
)

// token is one piece of source. text is its meaning: the text of a string without quotes and escapes, the
// name of an attribute without brackets, the digits of a hexadecimal number, else the spelling.
type token struct {
	kind   tokenKind
	text   string
	offset int
}

// lexer cuts source into tokens. Each state function reads one class of token and returns the next state.
type lexer struct {
	source string
	at     int
	tokens []token
	err    error
}

type state func(*lexer) state

func lex(source string) ([]token, error) {
	l := &lexer{source: source}
	for next := lexAny; next != nil; {
		next = next(l)
	}
	return l.tokens, l.err
}

func (l *lexer) emit(kind tokenKind, text string, end int) state {
	l.tokens = append(l.tokens, token{kind: kind, text: text, offset: l.at})
	l.at = end
	return lexAny
}

func (l *lexer) fail(offset int, hint, format string, args ...any) state {
	l.err = syntaxErrorAt(l.source, offset, hint, format, args...)
	return nil
}

func (l *lexer) rest() string { return l.source[l.at:] }

func lexAny(l *lexer) state {
	l.at += len(l.rest()) - len(strings.TrimLeft(l.rest(), " \t\r\n"))
	rest := l.rest()
	if rest == "" {
		l.emit(tokenEnd, "", l.at)
		return nil
	}
	switch c := rest[0]; {
	case c == '"':
		return lexText
	case c == '[':
		return lexAttribute
	case isDigit(c) || c == '-' && len(rest) > 1 && isDigit(rest[1]):
		return lexNumber
	case c == '&':
		return lexAmpersand
	case isLetter(c):
		return lexWord
	case c == '(':
		return l.emit(tokenOpen, "(", l.at+1)
	case c == ')':
		return l.emit(tokenClose, ")", l.at+1)
	case c == ',':
		return l.emit(tokenComma, ",", l.at+1)
	case strings.IndexByte("=<>", c) >= 0:
		return lexComparison
	default:
		return lexUnexpected
	}
}

// lexText reads a string. A backslash escapes only a backslash and a quotation mark; before anything else
// it stands for itself (expressions.md 2.3).
func lexText(l *lexer) state {
	var text strings.Builder
	for i := l.at + 1; i < len(l.source); i++ {
		c := l.source[i]
		switch {
		case c == '"':
			return l.emit(tokenText, text.String(), i+1)
		case c == '\\' && i+1 < len(l.source) && (l.source[i+1] == '\\' || l.source[i+1] == '"'):
			i++
			text.WriteByte(l.source[i])
		default:
			text.WriteByte(c)
		}
	}
	return l.fail(l.at, `write \" for a quotation mark inside a text`, `the text is not closed: expected "`)
}

// lexAttribute reads up to the matching bracket; brackets inside quotes do not count (expressions.md 2.2).
func lexAttribute(l *lexer) state {
	depth, quoted := 0, false
	for i := l.at; i < len(l.source); i++ {
		switch c := l.source[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			depth++
		case c == ']':
			depth--
		}
		if depth > 0 {
			continue
		}
		name := l.source[l.at+1 : i]
		switch {
		case name == "":
			return l.fail(l.at, "", "the attribute reference has no name: expected a name between [ and ]")
		case strings.ContainsAny(name, "\t\r\n") || strings.TrimSpace(name) != name:
			return l.fail(l.at, "names are matched exactly", "the attribute name has blanks around it or a line break in it")
		}
		return l.emit(tokenAttribute, name, i+1)
	}
	return l.fail(l.at, "", "the attribute reference is not closed: expected ]")
}

func lexNumber(l *lexer) state {
	end := l.at + 1
	end = skipDigits(l.source, end)
	if end+1 < len(l.source) && l.source[end] == '.' && isDigit(l.source[end+1]) {
		end = skipDigits(l.source, end+1)
	}
	return l.emit(tokenNumber, l.source[l.at:end], end)
}

// lexAmpersand tells a hexadecimal number from the concatenation operator: &H before a hexadecimal digit is
// always a number (expressions.md 10).
func lexAmpersand(l *lexer) state {
	rest := l.rest()
	if len(rest) > 2 && (rest[1] == 'H' || rest[1] == 'h') && isHexDigit(rest[2]) {
		end := l.at + 2
		for end < len(l.source) && isHexDigit(l.source[end]) {
			end++
		}
		return l.emit(tokenHex, l.source[l.at+2:end], end)
	}
	if strings.HasPrefix(rest, "&&") {
		return l.fail(l.at, "nest IIF in the true branch instead", "there is no operator &&")
	}
	return l.emit(tokenConcatenate, "&", l.at+1)
}

func lexWord(l *lexer) state {
	end := l.at
	for end < len(l.source) && (isLetter(l.source[end]) || isDigit(l.source[end]) || l.source[end] == '_') {
		end++
	}
	return l.emit(tokenWord, l.source[l.at:end], end)
}

func lexComparison(l *lexer) state {
	for _, operator := range []string{"<>", ">=", "<=", "=", ">", "<"} {
		if strings.HasPrefix(l.rest(), operator) {
			return l.emit(tokenComparison, operator, l.at+len(operator))
		}
	}
	return lexUnexpected
}

// lexUnexpected names the character, with a hint for what people paste or carry over from other languages.
func lexUnexpected(l *lexer) state {
	r, _ := utf8.DecodeRuneInString(l.rest())
	switch {
	case strings.ContainsRune("“”„«»‘’'", r):
		return l.fail(l.at, `put texts in straight quotation marks: "text"`, "unexpected character %q", r)
	case r == '\u00a0' || r == '\u200b' || r == '\ufeff':
		return l.fail(l.at, "replace it by an ordinary blank", "unexpected invisible character %U", r)
	case strings.HasPrefix(l.rest(), "||"):
		return l.fail(l.at, "nest IIF in the false branch instead", "there is no operator ||")
	case r == '%':
		return l.fail(l.at, "write the value as a text", "environment parameters such as %%Name%% are not available in this version")
	case r == ']':
		return l.fail(l.at, "", "unexpected ]: there is no [ before it")
	default:
		return l.fail(l.at, "", "unexpected character %q: expected a function, an attribute such as [mail], a text or a number", r)
	}
}

func skipDigits(s string, at int) int {
	for at < len(s) && isDigit(s[at]) {
		at++
	}
	return at
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHexDigit(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
