package expression

import (
	"errors"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// representable: .NET dates reach from year 1 to year 9999.
func representable(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 }

var (
	errNotDate     = errors.New("is not a date")
	errDateRange   = errors.New("the result is not between year 1 and year 9999")
	errNotInterval = errors.New("interval is none of yyyy, m, d, ww, h, n, s")
)

// date returns an argument as a date-time: one already, or text that CDate accepts.
func (a arguments) date(i int) (time.Time, error) {
	if t, ok := a.values[i].AsDateTime(); ok {
		return t, nil
	}
	text, err := a.text(i)
	if err != nil {
		return time.Time{}, err
	}
	t, ok := parseDate(text, a.now)
	if !ok {
		return time.Time{}, a.about(i, errNotDate)
	}
	return t, nil
}

func convertToDate(a arguments) (directory.Value, error) {
	t, err := a.date(0)
	if err != nil {
		return directory.Null(), err
	}
	return directory.DateTime(t), nil
}

func now(a arguments) (directory.Value, error) { return directory.DateTime(a.now), nil }

// secondsOf returns the length of an interval that has a fixed one.
func secondsOf(interval string) (int64, bool) {
	switch interval {
	case "ww":
		return 7 * 86400, true
	case "d":
		return 86400, true
	case "h":
		return 3600, true
	case "n":
		return 60, true
	case "s":
		return 1, true
	default:
		return 0, false
	}
}

// farthest bounds the seconds that can be added without leaving the range of years.
const farthest = 10_000 * 366 * 86400

func dateAdd(a arguments) (directory.Value, error) {
	if a.values[2].IsNull() {
		return directory.Null(), nil
	}
	interval, err := a.text(0)
	if err != nil {
		return directory.Null(), err
	}
	value, err := a.integer(1)
	if err != nil {
		return directory.Null(), err
	}
	date, err := a.date(2)
	if err != nil {
		return directory.Null(), err
	}
	if value > farthest || value < -farthest {
		return directory.Null(), errDateRange
	}
	seconds, fixed := secondsOf(interval)
	switch {
	case fixed && (value*seconds > farthest || value*seconds < -farthest):
		return directory.Null(), errDateRange
	case fixed:
		date = time.Unix(date.Unix()+value*seconds, int64(date.Nanosecond())).UTC()
	case interval == "m":
		date = addMonths(date, value)
	case interval == "yyyy":
		date = addMonths(date, 12*value)
	default:
		return directory.Null(), errNotInterval
	}
	if !representable(date) {
		return directory.Null(), errDateRange
	}
	return directory.DateTime(date), nil
}

// addMonths keeps the day and clamps it to the end of a shorter month.
func addMonths(t time.Time, months int64) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	last := time.Date(first.Year(), first.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

// dateDiff follows the rules of Visual Basic (expressions.md 4.5).
func dateDiff(a arguments) (directory.Value, error) {
	interval, err := a.text(0)
	if err != nil {
		return directory.Null(), err
	}
	if a.values[1].IsNull() || a.values[2].IsNull() {
		return directory.Null(), nil
	}
	from, err := a.date(1)
	if err != nil {
		return directory.Null(), err
	}
	to, err := a.date(2)
	if err != nil {
		return directory.Null(), err
	}
	years := int64(to.Year() - from.Year())
	switch interval {
	case "yyyy":
		return directory.Integer(years), nil
	case "m":
		return directory.Integer(years*12 + int64(to.Month()) - int64(from.Month())), nil
	case "ww":
		days := elapsed(weekStart(from), weekStart(to)) / 86400
		return directory.Integer(days / 7), nil
	}
	seconds, fixed := secondsOf(interval)
	if !fixed {
		return directory.Null(), errNotInterval
	}
	return directory.Integer(elapsed(from, to) / seconds), nil
}

// weekStart shifts a date back by its weekday number, Sunday being 1.
func weekStart(t time.Time) time.Time { return t.AddDate(0, 0, -int(t.Weekday())-1) }

// elapsed returns the seconds between two times, truncated towards zero. A time.Duration could overflow.
func elapsed(from, to time.Time) int64 {
	seconds, fraction := to.Unix()-from.Unix(), to.Nanosecond()-from.Nanosecond()
	switch {
	case seconds > 0 && fraction < 0:
		return seconds - 1
	case seconds < 0 && fraction > 0:
		return seconds + 1
	default:
		return seconds
	}
}

const (
	// fileTimeEpoch is 1601-01-01 in Unix seconds, fileTimeUnit a step of Windows file time.
	fileTimeEpoch = -11644473600
	fileTimeUnit  = 100 * time.Nanosecond
	stepsInSecond = int64(time.Second / fileTimeUnit)
)

func numFromDate(a arguments) (directory.Value, error) {
	t, err := a.date(0)
	if err != nil {
		return directory.Null(), err
	}
	if t.Unix() < fileTimeEpoch {
		return directory.Null(), errors.New("value is before the year 1601")
	}
	return directory.Integer((t.Unix()-fileTimeEpoch)*stepsInSecond + int64(t.Nanosecond())/int64(fileTimeUnit)), nil
}

func dateFromNum(a arguments) (directory.Value, error) {
	n, err := a.integer(0)
	if err != nil {
		return directory.Null(), err
	}
	if n < 0 {
		return directory.Null(), errors.New("value is negative")
	}
	t := time.Unix(fileTimeEpoch+n/stepsInSecond, n%stepsInSecond*int64(fileTimeUnit)).UTC()
	if !representable(t) {
		return directory.Null(), errDateRange
	}
	return directory.DateTime(t), nil
}
