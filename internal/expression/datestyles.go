package expression

import (
	"errors"
	"slices"
	"strings"
	"unicode"
)

// dateStyles are the .NET DateTimeStyles; only the white-space ones and NoCurrentDateDefault change anything
// here, where every time is UTC.
type dateStyles struct {
	leading, trailing, inner, noCurrentDate bool
}

// parseStyles reads a list of names. An empty one has the documented default (expressions.md 4.5).
func parseStyles(text string) (dateStyles, error) {
	if strings.TrimSpace(text) == "" {
		return dateStyles{leading: true, trailing: true}, nil
	}
	var s dateStyles
	names := strings.Split(strings.ToLower(text), ",")
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
		switch names[i] {
		case "allowleadingwhite":
			s.leading = true
		case "allowtrailingwhite":
			s.trailing = true
		case "allowinnerwhite":
			s.inner = true
		case "allowwhitespaces":
			s.leading, s.trailing, s.inner = true, true, true
		case "nocurrentdatedefault":
			s.noCurrentDate = true
		case "none", "roundtripkind", "adjusttouniversal", "assumelocal", "assumeuniversal":
		default:
			return s, errors.New("dateTimeStyles is not a list of DateTimeStyles names")
		}
	}
	has := func(name string) bool { return slices.Contains(names, name) }
	if has("assumelocal") && has("assumeuniversal") || has("roundtripkind") && (has("assumelocal") || has("assumeuniversal") || has("adjusttouniversal")) {
		return s, errors.New("dateTimeStyles contradict each other")
	}
	return s, nil
}

// trim takes off the white space at the ends that the styles allow. .NET does so with text and format.
func (s dateStyles) trim(text string) string {
	if s.leading {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
	}
	if s.trailing {
		text = strings.TrimRightFunc(text, unicode.IsSpace)
	}
	return text
}
