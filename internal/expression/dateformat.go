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
	// utc: the literal is an unquoted Z, which says that the time is UTC.
	utc bool
}

// formatLetters are the letters of .NET custom date formats that the language needs (expressions.md 4.5).
const formatLetters = "dfFhHKmMstyz"

// parseFormat cuts a .NET date format into parts. A format of one letter stands for a longer one.
func parseFormat(format string) ([]formatPart, error) {
	if len(format) == 1 && isLetter(format[0]) {
		long := standardFormat(format[0])
		if long == "" {
			return nil, fmt.Errorf("%q is not a standard date format of .NET: write %%%s for the single field", format, format)
		}
		format = long
	}
	var parts []formatPart
	for i := 0; i < len(format); {
		part, length, err := nextPart(format[i:])
		if err != nil {
			return nil, err
		}
		if length != 1 || format[i] != '%' {
			parts = append(parts, part)
		}
		i += length
	}
	return parts, nil
}

// nextPart reads one part and says how many bytes it takes. A percent sign is a part without content.
func nextPart(format string) (formatPart, int, error) {
	switch c := format[0]; {
	case c == '\'' || c == '"':
		return quotedPart(format)
	case c == '\\' && len(format) == 1:
		return formatPart{}, 0, errors.New("the date format ends in a backslash")
	case c == '\\':
		return formatPart{literal: format[1:2]}, 2, nil
	case c == '%' && (len(format) == 1 || format[1] == '%'):
		return formatPart{}, 0, errors.New("the date format has a percent sign without a letter after it")
	case c == 'g':
		return formatPart{literal: "A.D."}, len(format) - len(strings.TrimLeft(format, "g")), nil
	case strings.IndexByte(formatLetters, c) >= 0:
		count := 1
		for c != 'K' && count < len(format) && format[count] == c {
			count++
		}
		if (c == 'f' || c == 'F') && count > 7 {
			return formatPart{}, 0, errors.New("the date format has more than seven fraction digits")
		}
		return formatPart{letter: c, count: count}, count, nil
	default:
		return formatPart{literal: format[:1], utc: c == 'Z'}, 1, nil
	}
}

// quotedPart reads literal text in quotation marks, inside which a backslash escapes.
func quotedPart(format string) (formatPart, int, error) {
	var literal strings.Builder
	for i := 1; i < len(format); i++ {
		switch c := format[i]; {
		case c == format[0]:
			return formatPart{literal: literal.String()}, i + 1, nil
		case c == '\\' && i+1 < len(format):
			i++
			literal.WriteByte(format[i])
		default:
			literal.WriteByte(c)
		}
	}
	return formatPart{}, 0, errors.New("the date format has an open quotation mark")
}

// standardFormat returns what a single letter means in the invariant culture of .NET, "" when it means nothing.
func standardFormat(letter byte) string {
	switch letter {
	case 'd':
		return "MM/dd/yyyy"
	case 'D':
		return "dddd, dd MMMM yyyy"
	case 'f':
		return "dddd, dd MMMM yyyy HH:mm"
	case 'F', 'U':
		return "dddd, dd MMMM yyyy HH:mm:ss"
	case 'g':
		return "MM/dd/yyyy HH:mm"
	case 'G':
		return "MM/dd/yyyy HH:mm:ss"
	case 'M', 'm':
		return "MMMM dd"
	case 'O', 'o':
		return "yyyy-MM-ddTHH:mm:ss.fffffffK"
	case 'R', 'r':
		return "ddd, dd MMM yyyy HH:mm:ss 'GMT'"
	case 's':
		return "yyyy-MM-ddTHH:mm:ss"
	case 't':
		return "HH:mm"
	case 'T':
		return "HH:mm:ss"
	case 'u':
		return "yyyy-MM-dd HH:mm:ssZ"
	case 'Y', 'y':
		return "yyyy MMMM"
	default:
		return ""
	}
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
	input, err := parseFormat(styles.trim(texts[2]))
	if err != nil {
		return directory.Null(), err
	}
	output, err := parseFormat(texts[3])
	if err != nil {
		return directory.Null(), err
	}
	reader := dateReader{rest: styles.trim(texts[0]), styles: styles}
	date, ok := reader.read(input, a.now.UTC())
	if !ok {
		return directory.Null(), errors.New("source does not have the form of inputFormat")
	}
	return directory.Text(formatDate(date, reader.zoned, output)), nil
}
