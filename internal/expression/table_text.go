package expression

import "github.com/app-provisioning/terraform-provider-provisioning/internal/directory"

func textFunctions() []function {
	text := directory.Text
	return []function{
		{
			Function: define("Append", "Adds suffix to the end of source.", required("source"), required("suffix")).explain(
				"Null when source is null; a null suffix adds nothing.",
				example(`Append([mailNickname], "@contoso.com")`, "j.smith@contoso.com", object{"mailNickname": text("j.smith")}),
				example(`Append([mailNickname], "@contoso.com")`, "null", nil)),
			strict: appendText,
		},
		{
			Function: define("Prepend", "Adds prefix to the beginning of source.", required("prefix"), required("source")).companion().explain(
				"Null when source is null. An older function: the operator & and Join do the same.",
				example(`Prepend("x-", [employeeId])`, "x-1001", object{"employeeId": text("1001")})),
			strict: prepend, handlesNull: true,
		},
		{
			Function: define("Join", "Joins texts and lists with a separator; null and empty sources are left out.", required("separator"), repeated("source")).explain(
				"Lists are joined element by element. A null or empty source contributes nothing, not even a separator; a blank does. Yields the empty text when nothing is left.",
				example(`Join(" ", [givenName], [surname])`, "John Smith", object{"givenName": text("John"), "surname": text("Smith")}),
				example(`Join(", ", [missing], [surname], [givenName])`, "Smith, John", object{"givenName": text("John"), "surname": text("Smith")}),
				example(`Join(";", [proxyAddresses])`, "a@contoso.com;b@contoso.com", object{"proxyAddresses": directory.List(text("a@contoso.com"), text("b@contoso.com"))})),
			strict: join, handlesNull: true, effort: joinEffort,
		},
		{
			Function: define("Left", "Returns the first numChars characters.", required("string"), required("numChars")).explain(
				"A shorter text is returned whole, and so is any text when numChars is negative. Yields the empty text when string is null. Fails when numChars is not an integer.",
				example(`Left([displayName], 4)`, "John", object{"displayName": text("John Smith")}),
				example(`Left([missing], 4)`, `""`, nil)),
			strict: left, handlesNull: true,
		},
		{
			Function: define("Mid", "Returns length characters from position start, counted from 1.", required("source"), required("start"), required("length")).explain(
				"A length past the end is cut at the end; a start past the end yields the empty text. Fails when start is below 1 or length is negative. Null when source is null.",
				example(`Mid([displayName], 6, 50)`, "Smith", object{"displayName": text("John Smith")})),
			strict: mid,
		},
		{
			Function: define("InStr", "Returns the position of value2 in value1, 0 when it is not there.", required("value1"), required("value2"), optional("start"), words("compareType", binaryCompare, textCompare)).explain(
				"Positions count from 1, also when the search begins at start. vbBinaryCompare, the default, distinguishes capitals; vbTextCompare does not. Yields 0 when value1 is null, and start when value2 is empty. Fails when start is below 1.",
				example(`InStr([mail], "@")`, "8", object{"mail": text("j.smith@contoso.com")}),
				example(`InStr([mail], "CONTOSO", 1, vbTextCompare)`, "9", object{"mail": text("j.smith@contoso.com")})),
			strict: inStr, handlesNull: true,
		},
		{
			Function: define("StripSpaces", "Removes every blank, also inside the text.", required("source")).explain(
				"Only the ordinary blank is removed; tabs and line breaks stay. A list is changed element by element. Null when source is null.",
				example(`StripSpaces([surname])`, "vandenBerg", object{"surname": text("van den Berg")})),
			strict: stripSpaces, elementwise: true,
		},
		{
			Function: define("Trim", "Removes leading and trailing white space.", required("value")).companion().explain(
				"A list is changed element by element. Null when value is null.",
				example(`Trim([department])`, "Sales", object{"department": text("  Sales ")})),
			strict: trim, elementwise: true,
		},
		{
			Function: define("ToLower", "Changes letters to lower case.", required("source"), optional("culture")).explain(
				"culture is the name of a culture such as en-US or tr-TR; without one the invariant culture applies. Turkish and Azeri map I to a dotless i. A list is changed element by element. Null when source is null; fails when culture is not the name of a culture.",
				example(`ToLower([mail])`, "john@contoso.com", object{"mail": text("John@Contoso.com")}),
				example(`ToLower("DIYARBAKIR", "tr-TR")`, "dıyarbakır", nil)),
			strict: toLower, elementwise: true,
		},
		{
			Function: define("ToUpper", "Changes letters to upper case.", required("source"), optional("culture")).explain(
				"culture is the name of a culture such as en-US or tr-TR; without one the invariant culture applies. A list is changed element by element. Null when source is null; fails when culture is not the name of a culture.",
				example(`ToUpper([country])`, "DE", object{"country": text("de")})),
			strict: toUpper, elementwise: true,
		},
		{
			Function: define("PCase", "Writes the first letter of each word in upper case and all others in lower case.", required("source"), optional("wordSeparators")).explain(
				"Words end at the characters of wordSeparators; without it they end at white space, punctuation and symbols, the apostrophe included. The separators stay where they are. A list is changed element by element. Null when source is null.",
				example(`PCase([surname])`, "Smith-O'Neil", object{"surname": text("SMITH-o'neil")}),
				example(`PCase([surname], "-")`, "Smith-O'neil", object{"surname": text("SMITH-o'neil")})),
			strict: properCase, elementwise: true, effort: delimiterEffort(1),
		},
		{
			Function: define("NormalizeDiacritics", "Replaces letters with diacritics by their base letters.", required("source")).explain(
				"An umlaut loses its dots: ä becomes a, never ae. The letters æ, ø, œ, ß, ı and ł, which have no base letter, become ae, oe, oe, ss, i and l. Other characters stay. A list is changed element by element. Null when source is null.",
				example(`NormalizeDiacritics([givenName])`, "Jose Muller", object{"givenName": text("José Müller")})),
			strict: normalizeDiacritics, elementwise: true,
		},
		{
			Function: define("Word", "Returns word wordNumber, counted from 1; any of the delimiters ends a word.", required("string"), required("wordNumber"), required("delimiters")).explain(
				"Each character of delimiters ends a word, and several in a row count as one. Yields the empty text when string is null, when wordNumber is below 1, and when there are fewer words.",
				example(`Word([mail], 2, "@.")`, "smith", object{"mail": text("john.smith@contoso.com")}),
				example(`Word([mail], 9, "@.")`, `""`, object{"mail": text("john.smith@contoso.com")})),
			strict: word, handlesNull: true, effort: delimiterEffort(2),
		},
		{
			Function: define("Split", "Cuts a text at each delimiter into a list.", required("source"), optional("delimiter")).explain(
				"delimiter is one text, not a set of characters; without it the text is cut at commas. White space around the elements is removed and empty elements are left out. Null when source is null.",
				example(`Split([roles], ",")`, "[reader, writer]", object{"roles": text("reader, writer,")}),
				example(`Item(Split([userPrincipalName], "@"), 1)`, "j.smith", object{"userPrincipalName": text("j.smith@contoso.com")})),
			strict: split, effort: splitEffort,
		},
		{
			Function: define("CStr", "Converts to text.", required("value")).explain(
				"Booleans become True and False, date-times the form M/d/yyyy h:mm:ss tt in UTC. Lists have no text form: use Join. Null when value is null.",
				example(`CStr([accountEnabled])`, "True", object{"accountEnabled": directory.Boolean(true)})),
			strict: convertToText,
		},
	}
}

func encodingFunctions() []function {
	text := directory.Text
	return []function{
		{
			Function: define("ConvertToBase64", "Encodes the UTF-16 form of a text as base64.", required("source")).explain(
				"The bytes are UTF-16 little-endian without a byte-order mark. A list is changed element by element. Null when source is null.",
				example(`ConvertToBase64("Hello world!")`, "SABlAGwAbABvACAAdwBvAHIAbABkACEA", nil)),
			strict: convertToBase64, elementwise: true,
		},
		{
			Function: define("ConvertFromBase64", "Decodes base64.", required("source"), words("encoding", encodingUnicode, encodingASCII, encodingUTF8)).companion().explain(
				"encoding is Unicode (UTF-16 little-endian, the default), ASCII or UTF8. Fails when source is not base64 or the bytes do not fit the encoding. Null when source is null.",
				example(`ConvertFromBase64("SABlAGwAbABvAA==")`, "Hello", nil),
				example(`ConvertFromBase64([note], UTF8)`, "Hello", object{"note": text("SGVsbG8=")})),
			strict: convertFromBase64,
		},
		{
			Function: define("ConvertToUTF8Hex", "Writes the UTF-8 bytes of a text as hexadecimal digits.", required("source")).explain(
				"The digits are capitals without separators. A list is changed element by element. Null when source is null.",
				example(`ConvertToUTF8Hex("Hello")`, "48656C6C6F", nil)),
			strict: convertToUTF8Hex, elementwise: true,
		},
	}
}

func replaceFunctions() []function {
	text := directory.Text
	return []function{{
		Function: define("Replace", "Replaces text by plain text, by a regular expression or in a template.", required("source"), optional("oldValue"), optional("regexPattern"), optional("regexGroupName"), optional("replacementValue"), optional("replacementAttributeName"), optional("template")).explain(
			"What it does depends on which places are filled in; an empty place differs from the empty text. "+
				"oldValue and replacementValue replace every occurrence; oldValue and template put source in the place of oldValue in the template; "+
				"regexPattern and replacementValue replace every match, and the replacement may refer to groups as ${name}; "+
				"with regexGroupName too, only the named group of each match is replaced, literally; "+
				"regexPattern, regexGroupName and replacementAttributeName return source, or when it is null or empty, what the group captures in the other attribute. "+
				"Any other combination is rejected. Patterns follow .NET, are limited in time, and distinguish capitals. Null when source is null, except in the last form, which is null when nothing matches.",
			example(`Replace([mail], "@old.com", , , "@contoso.com", , )`, "j.smith@contoso.com", object{"mail": text("j.smith@old.com")}),
			example(`Replace([mailNickname], "<name>", , , , , "CN=<name>,OU=People")`, "CN=j.smith,OU=People", object{"mailNickname": text("j.smith")}),
			example(`Replace([phone], , "[^0-9+]", , "", , )`, "+4930123456", object{"phone": text("+49 (30) 123-456")}),
			example(`Replace([displayName], , "^(?<first>\w+) (?<last>\w+)$", , "${last}, ${first}", , )`, "Smith, John", object{"displayName": text("John Smith")}),
			example(`Replace([userPrincipalName], , "(?<Suffix>@(.)*)", "Suffix", "", , )`, "j.smith", object{"userPrincipalName": text("j.smith@contoso.com")}),
			example(`Replace([mailNickname], , "(?<name>[^@]+)@", "name", , [userPrincipalName], )`, "j.smith", object{"userPrincipalName": text("j.smith@contoso.com")})),
		strict: replace, handlesNull: true, check: checkReplace, matches: true, effort: replaceEffort,
	}}
}
