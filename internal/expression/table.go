package expression

// table lists every function of the language. Rules and sources: expressions.md 4, 5 and 8.
func table() []function {
	return []function{
		// Text.
		{Function: define("Append", "Adds suffix to the end of source.", required("source"), required("suffix")), strict: appendText},
		{Function: define("Prepend", "Adds prefix to the beginning of source.", required("prefix"), required("source")), strict: prepend, handlesNull: true},
		{Function: define("Join", "Joins texts and lists with a separator; null and empty sources are left out.", required("separator"), repeated("source")), strict: join, handlesNull: true},
		{Function: define("Left", "Returns the first numChars characters.", required("string"), required("numChars")), strict: left, handlesNull: true},
		{Function: define("Mid", "Returns length characters from position start, counted from 1.", required("source"), required("start"), required("length")), strict: mid},
		{Function: define("InStr", "Returns the position of value2 in value1, 0 when it is not there.", required("value1"), required("value2"), optional("start"), words("compareType", binaryCompare, textCompare)), strict: inStr, handlesNull: true},
		{Function: define("Replace", "Replaces text by plain text, by a regular expression or in a template.", required("source"), optional("oldValue"), optional("regexPattern"), optional("regexGroupName"), optional("replacementValue"), optional("replacementAttributeName"), optional("template")), strict: replace, handlesNull: true, check: checkReplace},
		{Function: define("StripSpaces", "Removes every blank, also inside the text.", required("source")), strict: stripSpaces, elementwise: true},
		{Function: define("Trim", "Removes leading and trailing white space.", required("value")), strict: trim, elementwise: true},
		{Function: define("ToLower", "Changes letters to lower case.", required("source"), optional("culture")), strict: toLower, elementwise: true},
		{Function: define("ToUpper", "Changes letters to upper case.", required("source"), optional("culture")), strict: toUpper, elementwise: true},
		{Function: define("PCase", "Writes the first letter of each word in upper case and all others in lower case.", required("source"), optional("wordSeparators")), strict: properCase, elementwise: true},
		{Function: define("NormalizeDiacritics", "Replaces letters with diacritics by their base letters.", required("source")), strict: normalizeDiacritics, elementwise: true},
		{Function: define("Word", "Returns word wordNumber, counted from 1; any of the delimiters ends a word.", required("string"), required("wordNumber"), required("delimiters")), strict: word, handlesNull: true},
		{Function: define("Split", "Cuts a text at each delimiter into a list.", required("source"), optional("delimiter")), strict: split},
		{Function: define("CStr", "Converts to text.", required("value")), strict: convertToText},
		{Function: define("ConvertToBase64", "Encodes the UTF-16 form of a text as base64.", required("source")), strict: convertToBase64, elementwise: true},
		{Function: define("ConvertFromBase64", "Decodes base64.", required("source"), words("encoding", encodingUnicode, encodingASCII, encodingUTF8)), strict: convertFromBase64},
		{Function: define("ConvertToUTF8Hex", "Writes the UTF-8 bytes of a text as hexadecimal digits.", required("source")), strict: convertToUTF8Hex, elementwise: true},

		// Tests and branches.
		{Function: define("IIF", "Returns one of two values, depending on a condition.", required("condition"), required("valueIfTrue"), required("valueIfFalse")), lazy: evaluateIIF, condition: true},
		{Function: define("Switch", "Returns the value of the first key that equals source, else defaultValue.", required("source"), optional("defaultValue"), repeated("key"), repeated("value")), lazy: evaluateSwitch, check: checkSwitch},
		{Function: define("Coalesce", "Returns the first source that is neither null nor empty; the last argument is the default.", required("source"), Parameter{Name: "sourceOrDefault", Repeats: true}), lazy: evaluateCoalesce},
		{Function: define("IgnoreFlowIfNullOrEmpty", "Leaves the target attribute alone when the value is null or empty.", required("source")), lazy: evaluateIgnoreFlow},
		{Function: define("IsNull", "Tests whether a value is null.", required("source")), strict: isNull, handlesNull: true},
		{Function: define("IsNothing", "Tests whether a value is null (older name of IsNull).", required("source")), strict: isNull, handlesNull: true},
		{Function: define("IsNullOrEmpty", "Tests whether a value is null or empty.", required("source")), strict: isNullOrEmpty, handlesNull: true},
		{Function: define("IsPresent", "Tests whether a value is neither null nor empty.", required("source")), strict: isPresent, handlesNull: true},
		{Function: define("IsString", "Tests whether a value can be turned into text.", required("source")), strict: isString, handlesNull: true},
		{Function: define("Not", "Returns False for True, and True for anything else.", required("source")), strict: not, handlesNull: true},
		{Function: define("CBool", "Converts a value or a comparison to True or False.", required("expression")), strict: convertToBoolean, condition: true, handlesNull: true},
		{Function: define("Error", "Fails the object with a message.", required("message")), strict: raise, handlesNull: true},
		{Function: define("Redact", "Returns the value unchanged and hides it in logs.", required("value")), strict: unchanged},

		// Lists and numbers.
		{Function: define("Item", "Returns one element of a list, counted from 1.", required("attribute"), required("index")), strict: item, handlesNull: true},
		{Function: define("Count", "Returns the number of elements.", required("attribute")), strict: countElements, handlesNull: true},
		{Function: define("RemoveDuplicates", "Removes repeated values from a list.", required("attribute")), strict: removeDuplicates},
		{Function: define("BitAnd", "Returns the bitwise AND of two integers.", required("value1"), required("value2")), strict: bitAnd},

		// Dates.
		{Function: define("CDate", "Converts a text to a date-time in UTC.", required("expression")), strict: convertToDate},
		{Function: define("Now", "Returns the current date-time in UTC."), strict: now},
		{Function: define("DateAdd", "Adds a number of intervals to a date-time.", required("interval"), required("value"), required("dateTime")), strict: dateAdd, handlesNull: true},
		{Function: define("DateDiff", "Returns the number of intervals from date1 to date2.", required("interval"), required("date1"), required("date2")), strict: dateDiff, handlesNull: true},
		{Function: formatDateTime(), strict: reformatDate, check: checkFormatDateTime},
		{Function: define("NumFromDate", "Converts a date-time to a Windows file time.", required("value")), strict: numFromDate},
		{Function: define("DateFromNum", "Converts a Windows file time to a date-time.", required("value")), strict: dateFromNum},

		// Roles.
		{Function: define("SingleAppRoleAssignment", "Returns the value of the user's only role.", required("appRoleAssignments")), strict: singleRole},
		{Function: define("AppRoleAssignmentsComplex", "Returns all roles of the user; roles are added on update.", required("appRoleAssignments")), strict: complexRoles},
		{Function: define("AssertiveAppRoleAssignmentsComplex", "Returns all roles of the user; roles are replaced on update.", required("appRoleAssignments")), strict: complexRoles},
	}
}

func define(name, summary string, parameters ...Parameter) Function {
	f := Function{Name: name, Summary: summary, Parameters: parameters, Minimum: requiredPlaces(parameters), Maximum: len(parameters)}
	if len(parameters) > 0 && parameters[len(parameters)-1].Repeats {
		f.Maximum = -1
	}
	return f
}

// formatDateTime may be written without dateTimeStyles, the older form with three places
// (expressions.md 4.5).
func formatDateTime() Function {
	f := define("FormatDateTime", "Reads a text by one date format and writes it by another.",
		required("source"), optional("dateTimeStyles"), required("inputFormat"), required("outputFormat"))
	f.Minimum = 3
	return f
}

func required(name string) Parameter { return Parameter{Name: name, Required: true} }

func optional(name string) Parameter { return Parameter{Name: name} }

func repeated(name string) Parameter { return Parameter{Name: name, Required: true, Repeats: true} }

func words(name string, accepted ...string) Parameter { return Parameter{Name: name, Words: accepted} }
