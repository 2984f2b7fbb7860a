package expression

import (
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

const intervalDetails = "interval is yyyy, m, d, ww, h, n or s: year, month, day, week, hour, minute, second. "

func dateFunctions() []function {
	text := directory.Text
	hired := object{"hireDate": text("2020-03-16-07:00")}
	return []function{
		{
			Function: define("CDate", "Converts a text to a date-time in UTC.", required("expression")).explain(
				"Reads ISO 8601 with or without time, fraction and offset, and the form M/d/yyyy h:mm:ss tt. A date without a time means midnight, a time without an offset is UTC. Null when the text is null; fails when it is empty or not a date.",
				example(`CDate([hireDate])`, "3/16/2020 7:00:00 AM", hired)),
			strict: convertToDate,
		},
		{
			Function: define("Now", "Returns the current date-time in UTC.").explain(
				"It changes from run to run: do not use it where a steady value is wanted.",
				example(`Now()`, "7/2/2021 3:33:38 PM", nil).when("it is that time")),
			strict: now, varies: true,
		},
		{
			Function: define("DateAdd", "Adds a number of intervals to a date-time.", required("interval"), required("value"), required("dateTime")).explain(
				intervalDetails+"A negative value goes back. In a shorter month the day becomes its last. Null when dateTime is null; fails when it is not a date or the result is not between year 1 and year 9999.",
				example(`DateAdd("m", 1, CDate("2024-01-31"))`, "2/29/2024 12:00:00 AM", nil),
				example(`DateAdd("d", -14, [hireDate])`, "3/2/2020 7:00:00 AM", hired)),
			strict: dateAdd, handlesNull: true,
		},
		{
			Function: define("DateDiff", "Returns the number of intervals from date1 to date2.", required("interval"), required("date1"), required("date2")).explain(
				intervalDetails+"Positive when date2 is later. Years, months and weeks count turns of the calendar, the others elapsed time, truncated. Null when a date is null; fails when one is not a date.",
				example(`DateDiff("d", [hireDate], Now())`, "473", hired).when("it is 2021-07-02 15:33:38 UTC"),
				example(`DateDiff("yyyy", "2020-12-31", "2021-01-01")`, "1", nil)),
			strict: dateDiff, handlesNull: true,
		},
		{
			Function: formatDateTime().explain(
				"Formats are those of .NET, for example yyyy-MM-ddTHH:mm:ss. dateTimeStyles is a list of .NET styles or an empty place; it may be left out with its comma. The text must fit inputFormat exactly. An offset in the text moves the result to UTC. Null when source is null or empty; fails when it does not fit.",
				example(`FormatDateTime([hireDate], , "yyyy-MM-ddzzz", "yyyyMMdd")`, "20200316", hired),
				example(`FormatDateTime(CDate([hireDate]), , "M/d/yyyy h:mm:ss tt", "dd MMM yyyy")`, "16 Mar 2020", hired),
				example(`FormatDateTime("20200316", "yyyyMMdd", "yyyy-MM-dd")`, "2020-03-16", nil)),
			strict: reformatDate, check: checkFormatDateTime,
		},
		{
			Function: define("NumFromDate", "Converts a date-time to a Windows file time.", required("value")).explain(
				"A file time counts steps of 100 nanoseconds from 1601-01-01 UTC, as in accountExpires. Null when value is null; fails when it is not a date or before 1601.",
				example(`NumFromDate("2020-01-01T00:00:00Z")`, "132223104000000000", nil)),
			strict: numFromDate,
		},
		{
			Function: define("DateFromNum", "Converts a Windows file time to a date-time.", required("value")).explain(
				"The inverse of NumFromDate. Null when value is null; fails when it is negative or not an integer.",
				example(`DateFromNum(132223104000000000)`, "1/1/2020 12:00:00 AM", nil),
				example(`CStr([lastLogon])`, "3/16/2020 7:00:00 AM", object{"lastLogon": directory.DateTime(time.Date(2020, 3, 16, 7, 0, 0, 0, time.UTC))})),
			strict: dateFromNum,
		},
	}
}

// formatDateTime may be written without dateTimeStyles, the older form with three places
// (expressions.md 4.5).
func formatDateTime() Function {
	f := define("FormatDateTime", "Reads a text by one date format and writes it by another.",
		required("source"), optional("dateTimeStyles"), required("inputFormat"), required("outputFormat"))
	f.Minimum = 3
	return f
}
