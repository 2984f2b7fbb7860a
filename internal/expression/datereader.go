package expression

import (
	"strings"
	"time"
	"unicode"
)

// dateReader reads a text exactly as a format says.
type dateReader struct {
	rest   string
	styles dateStyles

	// fields holds what was read, by format letter; h stands for H, too. A field may occur twice with the same value.
	fields      map[byte]int
	twelveHours bool
	half        string
	zoned       bool
	offset      time.Duration
}

// weekdayField is the key of a field that has no letter of its own.
const weekdayField = 'w'

func (r *dateReader) read(format []formatPart, today time.Time) (time.Time, bool) {
	r.fields = map[byte]int{}
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
	if r.rest != "" {
		return time.Time{}, false
	}
	return r.date(today)
}

// date puts the fields together. Without any date field it is today, else a missing year is the current one and other
// missing fields are the first.
func (r *dateReader) date(today time.Time) (time.Time, bool) {
	year, hasYear := r.fields['y']
	month, hasMonth := r.fields['M']
	day, hasDay := r.fields['d']
	switch {
	case !hasYear && !hasMonth && !hasDay && r.styles.noCurrentDate:
		year, month, day = 1, 1, 1
	case !hasYear && !hasMonth && !hasDay:
		year, month, day = today.Year(), int(today.Month()), today.Day()
	default:
		if !hasYear {
			year = today.Year()
		}
		if !hasMonth {
			month = 1
		}
		if !hasDay {
			day = 1
		}
	}
	c := clock{hour: r.fields['h'], minute: r.fields['m'], second: r.fields['s'], nanos: r.fields['f']}
	switch {
	case r.twelveHours && c.hour > 12:
		return time.Time{}, false
	case r.twelveHours && r.half == "":
		r.half = "am"
	case !r.twelveHours && (r.half == "am" && c.hour >= 12 || r.half == "pm" && c.hour < 12):
		// A half of the day only goes with an hour of 24 that lies in it.
		return time.Time{}, false
	}
	t, ok := time.Time{}, c.halve(r.half)
	if ok {
		t, ok = exactTime(year, month, day, c)
	}
	if weekday, named := r.fields[weekdayField]; !ok || named && int(t.Weekday()) != weekday {
		return time.Time{}, false
	}
	t = t.Add(-r.offset)
	return t, representable(t)
}

func (r *dateReader) part(p formatPart) bool {
	switch p.letter {
	case 0:
		rest, ok := strings.CutPrefix(r.rest, p.literal)
		r.rest = rest
		return ok && (!p.utc || r.shift(0))
	case 'd':
		if p.count > 2 {
			return r.name(weekdayField, weekdayNames(p.count == 3), 0)
		}
		return r.number('d', p.count, max(p.count, 2))
	case 'M':
		if p.count > 2 {
			return r.name('M', monthNames(p.count == 3), 1)
		}
		return r.number('M', p.count, max(p.count, 2))
	case 'y':
		return r.yearField(p.count)
	case 'h', 'H':
		r.twelveHours = r.twelveHours || p.letter == 'h'
		return r.number('h', min(p.count, 2), 2)
	case 'm', 's':
		return r.number(p.letter, min(p.count, 2), 2)
	case 'f', 'F':
		return r.fraction(p)
	case 't':
		return r.halfDay(min(p.count, 2))
	default:
		return r.zone(p)
	}
}

// set keeps a field. A second value must be the same.
func (r *dateReader) set(field byte, value int) bool {
	old, known := r.fields[field]
	r.fields[field] = value
	return !known || old == value
}

func (r *dateReader) number(field byte, least, most int) bool {
	n, ok := r.digits(least, most)
	return ok && r.set(field, n)
}

// digits reads between least and most decimal digits.
func (r *dateReader) digits(least, most int) (n int, ok bool) {
	i := 0
	for ; i < most && i < len(r.rest) && isDigit(r.rest[i]); i++ {
		n = 10*n + int(r.rest[i]-'0')
	}
	r.rest = r.rest[i:]
	return n, i >= least
}

func (r *dateReader) yearField(count int) bool {
	year, ok := r.digits(count, max(count, 2))
	if count <= 2 {
		year = fullYear(year)
	}
	return ok && r.set('y', year)
}

func (r *dateReader) fraction(p formatPart) bool {
	least := p.count
	if p.letter == 'F' {
		least = 0
	}
	before := len(r.rest)
	nanos, ok := r.digits(least, p.count)
	for range 9 - (before - len(r.rest)) {
		nanos *= 10
	}
	return ok && r.set('f', nanos)
}

func (r *dateReader) halfDay(count int) bool {
	if len(r.rest) < count {
		return false
	}
	for _, half := range []string{"am", "pm"} {
		if strings.EqualFold(r.rest[:count], half[:count]) {
			same := r.half == "" || r.half == half
			r.rest, r.half = r.rest[count:], half
			return same
		}
	}
	return false
}

// zone reads an offset: z, zz and zzz have one, K may have Z, an offset or nothing.
func (r *dateReader) zone(p formatPart) bool {
	if p.letter == 'K' {
		if rest, ok := strings.CutPrefix(r.rest, "Z"); ok {
			r.rest = rest
			return r.shift(0)
		}
		p.count = 3
	}
	if r.rest == "" || r.rest[0] != '+' && r.rest[0] != '-' {
		return p.letter == 'K'
	}
	negative := r.rest[0] == '-'
	r.rest = r.rest[1:]
	least := 1
	if p.count == 2 {
		least = 2
	}
	hours, ok := r.digits(least, 2)
	if !ok {
		return false
	}
	minutes := 0
	if p.count >= 3 {
		// .NET lets the colon be left out.
		r.rest = strings.TrimPrefix(r.rest, ":")
		if minutes, ok = r.digits(2, 2); !ok {
			return false
		}
	}
	offset, ok := offsetOf(negative, hours, minutes)
	return ok && r.shift(offset)
}

// shift keeps the distance from UTC. A second one must be the same.
func (r *dateReader) shift(offset time.Duration) bool {
	same := !r.zoned || r.offset == offset
	r.zoned, r.offset = true, offset
	return same
}

// name reads one of the names; the field is its index plus first.
func (r *dateReader) name(field byte, names []string, first int) bool {
	for i, name := range names {
		if len(r.rest) >= len(name) && strings.EqualFold(r.rest[:len(name)], name) {
			r.rest = r.rest[len(name):]
			return r.set(field, i+first)
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
