package expression

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dlclark/regexp2/v2"
)

// substitution is a replacement pattern of .NET, cut into parts (expressions.md 7.3).
type substitution []substitutionPart

// substitutionPart is literal text, or what a reference takes from the match. reference is 0 for literal text, '&' for a
// group, else the character after the dollar sign.
type substitutionPart struct {
	reference byte
	literal   string
	group     int
}

// parseSubstitution cuts a replacement. A reference to a group that the pattern does not have stays as typed.
func parseSubstitution(replacement string, pattern *regexp2.Regexp) substitution {
	var parts substitution
	for replacement != "" {
		literal, reference, found := strings.Cut(replacement, "$")
		parts = append(parts, substitutionPart{literal: literal})
		if !found {
			break
		}
		part, length := referenceOf(reference, pattern)
		parts = append(parts, part)
		replacement = reference[length:]
	}
	return parts
}

// referenceOf reads what follows a dollar sign.
func referenceOf(rest string, pattern *regexp2.Regexp) (part substitutionPart, length int) {
	dollar := substitutionPart{literal: "$"}
	if rest == "" {
		return dollar, 0
	}
	switch c := rest[0]; {
	case c == '$':
		return dollar, 1
	case c == '&':
		return substitutionPart{reference: '&'}, 1
	case c == '+':
		return substitutionPart{reference: '&', group: slices.Max(pattern.GetGroupNumbers())}, 1
	case c == '`' || c == '\'' || c == '_':
		return substitutionPart{reference: c}, 1
	case c == '{':
		name, _, closed := strings.Cut(rest[1:], "}")
		if number := pattern.GroupNumberFromName(name); closed && name != "" && number >= 0 {
			return substitutionPart{reference: '&', group: number}, len(name) + 2
		}
	case isDigit(c):
		// The longest number that is a group.
		for length := skipDigits(rest, 0); length > 0; length-- {
			number, err := strconv.Atoi(rest[:length])
			if err == nil && slices.Contains(pattern.GetGroupNumbers(), number) {
				return substitutionPart{reference: '&', group: number}, length
			}
		}
	}
	return dollar, 0
}

// expand returns the replacement for one match. A group that took no part in it is empty.
func (s substitution) expand(text string, match *regexp2.Match) (string, error) {
	var b strings.Builder
	start, length := match.ByteRange()
	for _, part := range s {
		switch part.reference {
		case 0:
			b.WriteString(part.literal)
		case '&':
			if group := match.GroupByNumber(part.group); group != nil {
				b.WriteString(group.String())
			}
		case '`':
			b.WriteString(text[:start])
		case '\'':
			b.WriteString(text[start+length:])
		default:
			b.WriteString(text)
		}
		if b.Len() > maximumText {
			return "", errTextTooLong
		}
	}
	return b.String(), nil
}
