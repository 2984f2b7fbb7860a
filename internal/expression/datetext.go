package expression

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// dateText reads a date and time in any order and notation that DateTime.Parse of .NET accepts with the invariant
// culture (expressions.md 4.5). A number of three digits or more is a year, a number before a colon starts a time, and
// all other numbers are month, day and two-digit year, in this order. Commas and points only separate.
type dateText struct {
	rest string

	numbers []int
	year    int
	// yearAt is how many numbers stood before the year; -1 without a year.
	yearAt  int
	month   int
	weekday int
	// open: a date separator was read, so another part of the date must follow.
	open bool

	timed bool
	clock clock
	half  string

	zoned  bool
	offset time.Duration
}

// parseDate reads a date as CDate does. Without an offset it is UTC; parts of the date that are missing come from today.
func parseDate(text string, today time.Time) (time.Time, bool) {
	d := dateText{rest: strings.ToLower(text), yearAt: -1, weekday: -1}
	if !d.read() || d.open {
		return time.Time{}, false
	}
	year, month, day, ok := d.date(today.UTC())
	if !ok || !d.clock.halve(d.half) {
		return time.Time{}, false
	}
	t, ok := exactTime(year, month, day, d.clock)
	if !ok || d.weekday >= 0 && int(t.Weekday()) != d.weekday {
		return time.Time{}, false
	}
	t = t.Add(-d.offset)
	return t, representable(t)
}

func (d *dateText) read() bool {
	for {
		d.rest = strings.TrimLeftFunc(d.rest, func(r rune) bool { return r == ',' || r == '.' || unicode.IsSpace(r) })
		ok := false
		switch {
		case d.rest == "":
			return true
		case isDigit(d.rest[0]):
			ok = d.number()
		case isLetter(d.rest[0]):
			ok = d.word()
		case d.timed || d.complete():
			ok = d.zone()
		}
		if !ok {
			return false
		}
	}
}

// number reads a number that starts a time or is a part of the date.
func (d *dateText) number() bool {
	n, length := d.digits()
	after := strings.TrimLeftFunc(d.rest, unicode.IsSpace)
	next := after[:letters(after)]
	switch {
	case strings.HasPrefix(after, ":"):
		d.rest = after
		return d.time(n)
	case length <= 2 && (next == "am" || next == "pm") && !d.timed && !d.open:
		d.timed, d.clock = true, clock{hour: n}
		return true
	case length > 2 && (d.yearAt >= 0 || length > 8):
		return false
	case length > 2:
		d.year, d.yearAt = n, len(d.numbers)
	case len(d.numbers) == 3:
		return false
	default:
		d.numbers = append(d.numbers, n)
	}
	if next == "t" && d.yearAt == 0 && len(d.numbers) == 2 && !d.timed {
		d.open, d.rest = false, after[1:]
		return d.isoTime()
	}
	d.separator()
	return true
}

// separator reads a slash or hyphen after a part of the date. After a complete date a hyphen starts an offset.
func (d *dateText) separator() {
	after := strings.TrimLeftFunc(d.rest, unicode.IsSpace)
	d.open = strings.HasPrefix(after, "/") || strings.HasPrefix(after, "-") && !d.complete()
	if d.open {
		d.rest = strings.TrimLeftFunc(after[1:], unicode.IsSpace)
	}
}

func (d *dateText) complete() bool {
	parts := len(d.numbers)
	if d.yearAt >= 0 {
		parts++
	}
	if d.month > 0 {
		parts++
	}
	return parts >= 3
}

// word reads the name of a month or weekday, a half of the day, or a time zone.
func (d *dateText) word() bool {
	length := letters(d.rest)
	word := d.rest[:length]
	d.rest = d.rest[length:]
	switch word {
	case "am", "pm":
		fits := d.timed && d.half == ""
		d.half = word
		return fits
	case "z", "gmt":
		fits := !d.zoned
		d.zoned = true
		return fits
	}
	if i := indexOfName(word, monthNames); i >= 0 && d.month == 0 {
		d.month = i + 1
		d.separator()
		return true
	}
	i := indexOfName(word, weekdayNames)
	fits := i >= 0 && d.weekday < 0
	d.weekday = i
	return fits
}

func indexOfName(word string, names func(short bool) []string) int {
	same := func(name string) bool { return strings.EqualFold(name, word) }
	return max(slices.IndexFunc(names(false), same), slices.IndexFunc(names(true), same))
}

// time reads minutes, and perhaps seconds with a fraction, after an hour.
func (d *dateText) time(hour int) bool {
	if d.timed || d.open {
		return false
	}
	d.timed, d.clock = true, clock{hour: hour}
	for i, field := range []*int{&d.clock.minute, &d.clock.second} {
		after := strings.TrimLeftFunc(d.rest, unicode.IsSpace)
		if !strings.HasPrefix(after, ":") {
			return i > 0
		}
		d.rest = strings.TrimLeftFunc(after[1:], unicode.IsSpace)
		n, length := d.digits()
		if length < 1 || length > 2 {
			return false
		}
		*field = n
	}
	d.fraction()
	return true
}

// isoTime reads what follows the T of ISO 8601: two digits in every field.
func (d *dateText) isoTime() bool {
	d.timed = true
	for i, field := range []*int{&d.clock.hour, &d.clock.minute, &d.clock.second} {
		if i > 0 {
			rest, colon := strings.CutPrefix(d.rest, ":")
			if !colon {
				return i == 2
			}
			d.rest = rest
		}
		n, length := d.digits()
		if length != 2 {
			return false
		}
		*field = n
	}
	d.fraction()
	return true
}

// fraction reads the fraction of a second; what is finer than a nanosecond is dropped.
func (d *dateText) fraction() {
	if len(d.rest) < 2 || d.rest[0] != '.' || !isDigit(d.rest[1]) {
		return
	}
	d.rest = d.rest[1:]
	for unit := int(time.Second) / 10; d.rest != "" && isDigit(d.rest[0]); unit /= 10 {
		d.clock.nanos += unit * int(d.rest[0]-'0')
		d.rest = d.rest[1:]
	}
}

// zone reads an offset: +2, +02, +200, +0200, +2:00 or +02:00.
func (d *dateText) zone() bool {
	sign := d.rest[0]
	if sign != '+' && sign != '-' || d.zoned {
		return false
	}
	d.rest = strings.TrimLeftFunc(d.rest[1:], unicode.IsSpace)
	hours, length := d.digits()
	minutes := 0
	switch rest, colon := strings.CutPrefix(d.rest, ":"); {
	case length == 0 || length > 4:
		return false
	case length > 2:
		hours, minutes = hours/100, hours%100
	case colon:
		d.rest = rest
		if minutes, length = d.digits(); length < 1 || length > 2 {
			return false
		}
	}
	var ok bool
	d.zoned = true
	d.offset, ok = offsetOf(sign == '-', hours, minutes)
	return ok
}

// digits reads a run of digits. A run that no date has is cut off by its length.
func (d *dateText) digits() (n, length int) {
	length = skipDigits(d.rest, 0)
	for _, c := range d.rest[:min(length, 9)] {
		n = 10*n + int(c-'0')
	}
	d.rest = d.rest[length:]
	return n, length
}

func letters(s string) int {
	n := 0
	for n < len(s) && isLetter(s[n]) {
		n++
	}
	return n
}

// date chooses which number is what.
func (d *dateText) date(today time.Time) (year, month, day int, ok bool) {
	n := d.numbers
	year, month, day = today.Year(), d.month, 1
	switch parts := len(n); {
	case d.yearAt >= 0 && d.month > 0 && parts <= 1, d.yearAt < 0 && d.month > 0 && (parts == 1 || parts == 2):
		if parts > 0 {
			day = n[0]
		}
	case d.yearAt >= 0 && d.month == 0 && (parts == 1 || parts == 2 && d.yearAt != 1), d.yearAt < 0 && d.month == 0 && parts >= 2:
		month = n[0]
		if parts > 1 {
			day = n[1]
		}
	case d.timed && d.yearAt < 0 && d.month == 0 && parts == 0:
		return today.Year(), int(today.Month()), today.Day(), true
	default:
		return 0, 0, 0, false
	}
	switch {
	case d.yearAt >= 0:
		year = d.year
	case d.month > 0 && len(n) == 2 || len(n) == 3:
		year = fullYear(n[len(n)-1])
	}
	return year, month, day, true
}
