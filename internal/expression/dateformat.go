package expression

import (
	"errors"
	"fmt"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// formatPart is a run of one format letter of .NET, such as yyyy, or literal text when letter is 0.
type formatPart struct {
	letter  byte
	count   int
	literal string
}

// formatLetters are the letters of .NET custom date formats that the language needs (expressions.md 4.5).
const formatLetters = "dfFhHKmMstyz"

// parseFormat cuts a .NET custom date format into parts.
func parseFormat(format string) ([]formatPart, error) {
	if len(format) == 1 && strings.Contains(formatLetters+"DGgOoRrsTtUuYy", format) {
		return nil, fmt.Errorf("%q is a standard date format: write out a custom format such as yyyy-MM-dd, or %%%s for the single field", format, format)
	}
	var parts []formatPart
	for i := 0; i < len(format); {
		c := format[i]
		switch {
		case c == '\'' || c == '"':
			end := strings.IndexByte(format[i+1:], c)
			if end < 0 {
				return nil, errors.New("the date format has an open quotation mark")
			}
			parts = append(parts, formatPart{literal: format[i+1 : i+1+end]})
			i += end + 2
		case c == '\\':
			if i+1 == len(format) {
				return nil, errors.New("the date format ends in a backslash")
			}
			parts = append(parts, formatPart{literal: format[i+1 : i+2]})
			i += 2
		case c == '%':
			i++
		case strings.IndexByte(formatLetters, c) >= 0:
			count := 1
			for c != 'K' && i+count < len(format) && format[i+count] == c {
				count++
			}
			if (c == 'f' || c == 'F') && count > 7 {
				return nil, errors.New("the date format has more than seven fraction digits")
			}
			parts = append(parts, formatPart{letter: c, count: count})
			i += count
		default:
			parts = append(parts, formatPart{literal: format[i : i+1]})
			i++
		}
	}
	return parts, nil
}

// dateStyles are the .NET DateTimeStyles; only the white-space ones and NoCurrentDateDefault change anything
// here, where every time is UTC.
type dateStyles struct {
	leading, trailing, inner, noCurrentDate bool
}

func parseStyles(text string) (dateStyles, error) {
	if strings.TrimSpace(text) == "" {
		return dateStyles{leading: true, trailing: true}, nil
	}
	var s dateStyles
	for name := range strings.SplitSeq(text, ",") {
		switch strings.ToLower(strings.TrimSpace(name)) {
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
	return s, nil
}

// checkFormatDateTime checks the required places of both forms.
func checkFormatDateTime(c *call) string {
	needed, names := []int{0, 1, 2}, "source, inputFormat, outputFormat"
	if len(c.places) == 4 {
		needed, names = []int{0, 2, 3}, "source, dateTimeStyles (may be empty), inputFormat, outputFormat"
	}
	for _, i := range needed {
		if c.places[i].node == nil {
			return fmt.Sprintf("FormatDateTime with %d arguments needs %s", len(c.places), names)
		}
	}
	return ""
}

// reformatDate is the function FormatDateTime.
func reformatDate(a arguments) (directory.Value, error) {
	texts, err := a.texts(len(a.call.places))
	if err != nil {
		return directory.Null(), err
	}
	if len(texts) == 3 {
		texts = []string{texts[0], "", texts[1], texts[2]}
	}
	if texts[0] == "" {
		return directory.Null(), nil
	}
	styles, err := parseStyles(texts[1])
	if err != nil {
		return directory.Null(), err
	}
	input, err := parseFormat(texts[2])
	if err != nil {
		return directory.Null(), err
	}
	output, err := parseFormat(texts[3])
	if err != nil {
		return directory.Null(), err
	}
	reader := dateReader{rest: texts[0], styles: styles}
	date, ok := reader.read(input, a.now.UTC())
	if !ok {
		return directory.Null(), errors.New("source does not have the form of inputFormat")
	}
	return directory.Text(formatDate(date, reader.zoned, output)), nil
}
