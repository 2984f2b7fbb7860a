package expression

import "time"

// clock is a time of day.
type clock struct{ hour, minute, second, nanos int }

// halve applies AM or PM in any case. 12 is the first hour of a half; PM leaves hours of the second half as they are.
func (c *clock) halve(half string) bool {
	switch {
	case half == "":
	case half == "am" && c.hour > 12:
		return false
	case half == "am":
		c.hour %= 12
	case c.hour < 12:
		c.hour += 12
	}
	return true
}

// exactTime puts a UTC time together; ok is false when a field is out of its range.
func exactTime(year, month, day int, c clock) (t time.Time, ok bool) {
	t = time.Date(year, time.Month(month), day, c.hour, c.minute, c.second, c.nanos, time.UTC)
	// time.Date moves an impossible field on; then it differs from what was given.
	ok = t.Year() == year && int(t.Month()) == month && t.Day() == day && t.Hour() == c.hour && t.Minute() == c.minute && t.Second() == c.second
	return t, ok && representable(t)
}

// offsetOf returns the distance from UTC, which .NET allows up to 14 hours.
func offsetOf(negative bool, hours, minutes int) (time.Duration, bool) {
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	ok := minutes < 60 && offset <= 14*time.Hour
	if negative {
		offset = -offset
	}
	return offset, ok
}

// fullYear gives two digits the years 1950 to 2049, as the invariant culture of .NET does.
func fullYear(twoDigits int) int {
	if twoDigits < 50 {
		return twoDigits + 2000
	}
	return twoDigits + 1900
}
