package expression

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// dateReader reads a text exactly as a format says.
type dateReader struct {
	rest   string
	styles dateStyles

	year, month, day             int
	hour, minute, second, nanos  int
	hasYear, hasMonth, hasDay    bool
	twelveHours, afternoon, half bool
	weekday                      int
	zoned                        bool
	offset                       time.Duration
}

func (r *dateReader) read(format []formatPart, today time.Time) (time.Time, bool) {
	r.weekday = -1
	if r.styles.leading {
		r.rest = strings.TrimLeftFunc(r.rest, unicode.IsSpace)
	}
	for i, part := range format {
		if r.styles.inner {
			r.rest = strings.TrimLeftFunc(r.rest, unicode.IsSpace)
			if strings.TrimSpace(part.literal) == "" && part.letter == 0 {
				continue
			}
		}
		// A point before an F field may be missing together with the fraction.
		if part.literal == "." && i+1 < len(format) && format[i+1].letter == 'F' && !strings.HasPrefix(r.rest, ".") {
			continue
		}
		if !r.part(part) {
			return time.Time{}, false
		}
	}
	if r.styles.trailing {
		r.rest = strings.TrimRightFunc(r.rest, unicode.IsSpace)
	}
	if r.rest != "" {
		return time.Time{}, false
	}
	return r.date(today)
}

// date puts the fields together. Without any date field it is today, else missing fields are the first.
func (r *dateReader) date(today time.Time) (time.Time, bool) {
	if !r.hasYear && !r.hasMonth && !r.hasDay && !r.styles.noCurrentDate {
		r.year, r.month, r.day = today.Year(), int(today.Month()), today.Day()
	}
	if !r.hasYear && r.year == 0 {
		r.year = 1
		if !r.styles.noCurrentDate {
			r.year = today.Year()
		}
	}
	if !r.hasMonth {
		r.month = max(r.month, 1)
	}
	if !r.hasDay {
		r.day = max(r.day, 1)
	}
	if r.twelveHours {
		if r.hour < 1 || r.hour > 12 {
			return time.Time{}, false
		}
		r.hour %= 12
	}
	if r.half && r.afternoon && r.hour < 12 {
		r.hour += 12
	}
	t := time.Date(r.year, time.Month(r.month), r.day, r.hour, r.minute, r.second, r.nanos, time.UTC)
	// time.Date moves an impossible field on; then it differs from what was read.
	if t.Year() != r.year || int(t.Month()) != r.month || t.Day() != r.day || t.Hour() != r.hour || t.Minute() != r.minute || t.Second() != r.second {
		return time.Time{}, false
	}
	if r.weekday >= 0 && int(t.Weekday()) != r.weekday {
		return time.Time{}, false
	}
	t = t.Add(-r.offset)
	return t, representable(t)
}

func (r *dateReader) part(p formatPart) bool {
	two := min(p.count, 2)
	switch p.letter {
	case 0:
		rest, ok := strings.CutPrefix(r.rest, p.literal)
		r.rest = rest
		return ok
	case 'd':
		if p.count > 2 {
			return r.name(weekdayNames(p.count == 3), &r.weekday)
		}
		r.hasDay = true
		return r.digits(two, 2, &r.day)
	case 'M':
		r.hasMonth = true
		if p.count > 2 {
			ok := r.name(monthNames(p.count == 3), &r.month)
			r.month++
			return ok
		}
		return r.digits(two, 2, &r.month)
	case 'y':
		return r.yearField(p.count)
	case 'h', 'H':
		r.twelveHours = p.letter == 'h'
		return r.digits(two, 2, &r.hour)
	case 'm':
		return r.digits(two, 2, &r.minute)
	case 's':
		return r.digits(two, 2, &r.second)
	case 'f', 'F':
		return r.fraction(p)
	case 't':
		return r.halfDay(two)
	default:
		return r.zone(p)
	}
}

// digits reads between least and most decimal digits.
func (r *dateReader) digits(least, most int, value *int) bool {
	n, i := 0, 0
	for ; i < most && i < len(r.rest) && isDigit(r.rest[i]); i++ {
		n = 10*n + int(r.rest[i]-'0')
	}
	if i < least {
		return false
	}
	r.rest, *value = r.rest[i:], n
	return true
}

func (r *dateReader) yearField(count int) bool {
	r.hasYear = true
	switch {
	case count > 2:
		return r.digits(count, max(count, 4), &r.year) && r.year >= 1
	case !r.digits(count, 2, &r.year):
		return false
	case r.year < 50:
		// Two digits mean 1950 to 2049, as in .NET.
		r.year += 2000
	default:
		r.year += 1900
	}
	return true
}

func (r *dateReader) fraction(p formatPart) bool {
	least := p.count
	if p.letter == 'F' {
		least = 0
	}
	before := len(r.rest)
	if !r.digits(least, p.count, &r.nanos) {
		return false
	}
	for range 9 - (before - len(r.rest)) {
		r.nanos *= 10
	}
	return true
}

func (r *dateReader) halfDay(count int) bool {
	if len(r.rest) < count {
		return false
	}
	mark := strings.ToUpper(r.rest[:count])
	r.rest, r.half, r.afternoon = r.rest[count:], true, strings.HasPrefix(mark, "P")
	return slices.Contains([]string{"A", "P", "AM", "PM"}, mark)
}

// zone reads an offset: z, zz and zzz have one, K may have Z, an offset or nothing.
func (r *dateReader) zone(p formatPart) bool {
	if p.letter == 'K' {
		if rest, ok := strings.CutPrefix(r.rest, "Z"); ok {
			r.rest, r.zoned = rest, true
			return true
		}
		if r.rest == "" || r.rest[0] != '+' && r.rest[0] != '-' {
			return true
		}
		p.count = 3
	}
	if r.rest == "" || r.rest[0] != '+' && r.rest[0] != '-' {
		return false
	}
	negative := r.rest[0] == '-'
	r.rest, r.zoned = r.rest[1:], true
	var hours, minutes int
	if !r.digits(min(p.count, 2), 2, &hours) {
		return false
	}
	if p.count >= 3 {
		rest, ok := strings.CutPrefix(r.rest, ":")
		if r.rest = rest; !ok || !r.digits(2, 2, &minutes) {
			return false
		}
	}
	r.offset = time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if r.offset > 14*time.Hour || minutes > 59 {
		return false
	}
	if negative {
		r.offset = -r.offset
	}
	return true
}

func (r *dateReader) name(names []string, index *int) bool {
	for i, name := range names {
		if len(r.rest) >= len(name) && strings.EqualFold(r.rest[:len(name)], name) {
			r.rest, *index = r.rest[len(name):], i
			return true
		}
	}
	return false
}

func monthNames(short bool) []string {
	var names []string
	for m := time.January; m <= time.December; m++ {
		names = append(names, shorten(m.String(), short))
	}
	return names
}

func weekdayNames(short bool) []string {
	var names []string
	for d := time.Sunday; d <= time.Saturday; d++ {
		names = append(names, shorten(d.String(), short))
	}
	return names
}

func shorten(name string, short bool) string {
	if short {
		return name[:3]
	}
	return name
}
