package expression

import "strings"

// foreignHint tells what to use instead of a function that people know from elsewhere: the sibling engine
// (expressions.md 8), Visual Basic, spreadsheets. The names are in lower case.
func foreignHint(name string) (hint string, known bool) {
	const sync = "it belongs to the sync engine's dialect, not to this language"
	switch strings.ToLower(name) {
	case "right":
		return sync + `; use Replace with a pattern such as "^.*(?=.{3}$)"`, true
	case "instrrev", "replacechars":
		return sync + "; use Replace with a pattern", true
	case "len":
		return sync + "; to limit the length use Left, to test for content use IsNullOrEmpty", true
	case "padleft", "padright":
		return sync + "; to fill up on the left use Replace with a pattern on Append(\"0000\", [x])", true
	case "randomnum":
		return sync + "; use RandomString(length, length, 0, 0, 0)", true
	case "where", "select", "with":
		return sync + "; there is no loop over lists; use Item, Join or RemoveDuplicates", true
	case "bitor", "isbitset":
		return sync + "; use BitAnd", true
	case "isnumeric", "isdate", "isguid":
		return sync + "; use Replace with a pattern, and compare the result", true
	case "cref", "cguid", "escapedncomponent", "dncomponentrev", "itemornull", "convertfromutf8hex":
		return sync, true
	case "ltrim", "rtrim":
		return sync + "; use Trim", true
	case "lcase":
		return sync + "; use ToLower", true
	case "ucase":
		return sync + "; use ToUpper", true
	case "contains":
		return sync + "; use InStr, which yields 0 when the text is not there", true
	case "cnum":
		return sync + "; digits in quotation marks are numbers without it", true
	case "isempty":
		return sync + "; use IsNullOrEmpty", true
	case "approleassignments":
		return "use SingleAppRoleAssignment or AppRoleAssignmentsComplex", true
	case "if":
		return "use IIF", true
	case "and", "or":
		return "nest IIF instead: there are no logical operators", true
	case "concat", "concatenate", "textjoin":
		return "use Join or Append", true
	case "substring", "substr":
		return "use Mid, which counts from 1", true
	case "lower", "tolowercase":
		return "use ToLower", true
	case "upper", "touppercase":
		return "use ToUpper", true
	case "proper", "titlecase":
		return "use PCase", true
	case "length":
		return "to limit the length use Left, to test for content use IsNullOrEmpty", true
	case "substitute", "regexreplace":
		return "use Replace", true
	case "indexof", "find":
		return "use InStr", true
	case "newguid", "uuid":
		return "use Guid", true
	case "today", "utcnow", "getdate":
		return "use Now", true
	case "format", "todate", "parsedate":
		return "use FormatDateTime", true
	case "case", "lookup":
		return "use Switch", true
	case "ifnull", "isnullorelse", "nvl":
		return "use Coalesce", true
	default:
		return "", false
	}
}
