package expression

import (
	"strconv"
	"strings"
	"time"
)

// formatDate prints a UTC time by a .NET custom format. zoned says whether the time is known to be UTC,
// which only the field K shows.
func formatDate(t time.Time, zoned bool, format []formatPart) string {
	var b strings.Builder
	for i, p := range format {
		fraction := ""
		if i+1 < len(format) && format[i+1].letter == 'F' {
			fraction = datePart(t, zoned, format[i+1])
		}
		// The point before an F field goes when there is no fraction.
		if p.literal == "." && i+1 < len(format) && format[i+1].letter == 'F' && fraction == "" {
			continue
		}
		b.WriteString(datePart(t, zoned, p))
	}
	return b.String()
}

func datePart(t time.Time, zoned bool, p formatPart) string {
	switch p.letter {
	case 0:
		return p.literal
	case 'd':
		if p.count > 2 {
			return weekdayNames(p.count == 3)[t.Weekday()]
		}
		return pad(t.Day(), p.count)
	case 'M':
		if p.count > 2 {
			return monthNames(p.count == 3)[t.Month()-1]
		}
		return pad(int(t.Month()), p.count)
	case 'y':
		if p.count <= 2 {
			return pad(t.Year()%100, p.count)
		}
		return pad(t.Year(), p.count)
	case 'h':
		return pad((t.Hour()+11)%12+1, min(p.count, 2))
	case 'H':
		return pad(t.Hour(), min(p.count, 2))
	case 'm':
		return pad(t.Minute(), min(p.count, 2))
	case 's':
		return pad(t.Second(), min(p.count, 2))
	case 'f':
		return pad(t.Nanosecond(), 9)[:p.count]
	case 'F':
		return strings.TrimRight(pad(t.Nanosecond(), 9)[:p.count], "0")
	case 't':
		return t.Format("PM")[:min(p.count, 2)]
	case 'K':
		if zoned {
			return "Z"
		}
		return ""
	default:
		return []string{"+0", "+00", "+00:00"}[min(p.count, 3)-1]
	}
}

func pad(n, width int) string {
	digits := strconv.Itoa(n)
	return strings.Repeat("0", max(width-len(digits), 0)) + digits
}
