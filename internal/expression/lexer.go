package expression

import (
	"strings"
)

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenText
	tokenNumber
	tokenHex
	tokenAttribute
	tokenParameter
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
	// Tokens of expressions that people write have at least four characters on average.
	l := &lexer{source: source, tokens: make([]token, 0, 4+len(source)/4)}
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
	case c == '%':
		return lexParameter
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
	// Most texts have no escapes and need no copy.
	if end := strings.IndexAny(l.source[l.at+1:], `"\`); end >= 0 && l.source[l.at+1+end] == '"' {
		return l.emit(tokenText, l.source[l.at+1:l.at+1+end], l.at+end+2)
	}
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
	hint := `write \" for a quotation mark inside a text`
	if strings.HasSuffix(strings.TrimRight(l.source, " \t\r\n),"), `\"`) {
		hint = `\" stands for a quotation mark: write \\" to end the text with a backslash`
	}
	return l.fail(l.at, hint, `the text is not closed: expected "`)
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
		case strings.ContainsRune("\"'[", rune(name[0])):
			return l.fail(l.at+1, "write ["+strings.Trim(name, "\"'[]")+"]", "the attribute name has %c before it: expected the name itself", name[0])
		case strings.ContainsAny(name, "\t\r\n") || strings.TrimSpace(name) != name:
			return l.fail(l.at, "names are matched exactly: write ["+strings.Join(strings.Fields(name), " ")+"]", "the attribute name has blanks around it or a line break in it")
		}
		return l.emit(tokenAttribute, name, i+1)
	}
	return l.fail(l.at, "write ["+nameAt(l.source, l.at+1)+"]", "the attribute reference is not closed: expected ]")
}

// lexParameter reads %Name%. Inside a string the percent sign has no meaning.
func lexParameter(l *lexer) state {
	end := l.at + 1
	for end < len(l.source) && (isLetter(l.source[end]) || isDigit(l.source[end]) || strings.IndexByte("_-.", l.source[end]) >= 0) {
		end++
	}
	name := l.source[l.at+1 : end]
	switch {
	case name == "":
		return l.fail(l.at, "write %Name%", "the environment parameter has no name: expected a letter or a digit after %%")
	case end == len(l.source) || l.source[end] != '%':
		return l.fail(l.at, "write %"+name+"%", "the environment parameter is not closed: expected %% after %s", name)
	}
	return l.emit(tokenParameter, name, end+1)
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
		return l.fail(l.at, "nest IIF in the true branch instead, or write & once to join texts", "there is no operator &&")
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
	for _, wrong := range [][2]string{{"==", "="}, {"=>", ">="}, {"=<", "<="}, {"><", "<>"}} {
		if strings.HasPrefix(l.rest(), wrong[0]) {
			return l.fail(l.at, "write "+wrong[1], "there is no operator %s", wrong[0])
		}
	}
	for _, operator := range []string{"<>", ">=", "<=", "=", ">", "<"} {
		if strings.HasPrefix(l.rest(), operator) {
			return l.emit(tokenComparison, operator, l.at+len(operator))
		}
	}
	return lexUnexpected
}

// nameAt returns the name that begins at an offset, for hints.
func nameAt(source string, at int) string {
	end := at
	for end < len(source) && isNameByte(source[end]) {
		end++
	}
	return source[at:end]
}

// nameBefore returns the name that ends at an offset, for hints.
func nameBefore(source string, at int) string {
	start := at
	for start > 0 && isNameByte(source[start-1]) {
		start--
	}
	return source[start:at]
}

func isNameByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c == '.' || c == '-' }

func skipDigits(s string, at int) int {
	for at < len(s) && isDigit(s[at]) {
		at++
	}
	return at
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHexDigit(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
