package expression

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares with a file under testdata, or rewrites it with -update.
func golden(t *testing.T, file, got string) {
	t.Helper()
	path := "testdata/" + file
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// TestSyntaxErrors fixes every rendered message as a whole.
func TestSyntaxErrors(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, source := range []string{
		"",
		"  \n ",
		"Appnd([a], \"b\")",
		"Zzz([a])",
		"Len([a])",
		"UCase([a])",
		"SelectUniqueValue([a])",
		"ToLower(SelectUniqueValue([a], [b]))",
		"SelectUniqueValue([a], SelectUniqueValue([b], [c]))",
		"IIF(IsPresent([a]), SelectUniqueValue([a], [b]), [c])",
		"SelectUniqueValue([a], )",
		"ToLower",
		"ToLower(department)",
		"Join(\" \", [givenName], [surname)",
		"Join(\" \", [givenName], \"open)",
		"[]",
		"[ mail]",
		"mail]",
		"'text'",
		"“text”",
		"Append([a],\u00a0\"b\")",
		"%Domain",
		"Append([a], %)",
		"%Domain Name%",
		"Join(\" \", givenName, surname)",
		"Append('a', [b])",
		"Append(“a”, [b])",
		"Append([\"mail\"], \"x\")",
		"[[mail]]",
		"Append(mail], \"x\")",
		"Append({mail}, \"x\")",
		"Append(${user.mail}, \"x\")",
		"Append([mail]; \"x\")",
		"Append([mail], \"C:\\\")",
		"Append([mail], \"say \"\"hi\"\"\")",
		"IIF([a] == \"b\", \"1\", \"2\")",
		"IIF([a] != \"b\", \"1\", \"2\")",
		"IIF(!IsPresent([a]), \"1\", \"2\")",
		"IIF([a] => 1, \"1\", \"2\")",
		"IIF([a] = \"b\" AND [c] = \"d\", \"1\", \"2\")",
		"IIF(IsPresent([a]) or IsPresent([b]), \"1\", \"2\")",
		"[a] + [b]",
		"[a] - 1",
		"[a] * 2",
		"[a] | [b]",
		"[a] & ",
		"[name].givenName",
		"[straße] & straße",
		"# lower case\nToLower([a])",
		"ToLower([a]) // lower case",
		"=ToLower([a])",
		"ToLower([a]))",
		"[a], [b]",
		"Append(([a], \"b\")",
		"If([a] = \"b\", \"1\", \"2\")",
		"IIF([a] = \"b\" then \"1\" else \"2\")",
		"And([a], [b])",
		"Right([a], 3)",
		"Contains([a], \"b\")",
		"Concat([a], [b])",
		"Substring([a], 0, 3)",
		"Length([a])",
		"Where([a], \"b\")",
		"RandomNum(1, 9)",
		"IsNumeric([a])",
		"Uuid()",
		"NormaliseDiacritics([a])",
		"SingleAppRole([a])",
		"AppRoleAssignments([appRoleAssignments])",
		"Append([a], “b”)",
		"Append（[a]， \"b\"）",
		"RandomString(10, 2)",
		"Guid([a])",
		"DNComponent([dn])",
		"InStr([a], [b], , vbText)",
		"[a] || [b]",
		"[a] && [b]",
		"{",
		"[a] [b]",
		"Append([a] \"b\")",
		"Append([a], \"b\"",
		"(\"a\"",
		"Append([a], ",
		"&HFFFFFFFFFFFFFFFFF",
		"[a] = \"b\"",
		"Not([a] = \"b\")",
		"IIF([a] = [b] = [c], \"1\", \"2\")",
		"IIF(([a] = [b]) = [c], \"1\", \"2\")",
		"IIF(([a] = [b]) & \"x\", \"1\", \"2\")",
		"IIF([a], \"1\")",
		"IIF([a], , \"2\")",
		"Left([a])",
		"Left([a], 1, 2)",
		"Now(1)",
		"Trim()",
		"Join(\",\")",
		"Join(\",\", [a], , [b])",
		"Switch([state], \"d\", \"NSW\")",
		"Switch([state], , \"NSW\", )",
		"InStr([a], [b], 1, vbBinary)",
		"InStr([a], [b], vbTextCompare)",
		"InStr([a], [b], 1, UTF8)",
		"InStr([a], [b], 1, \"exact\")",
		"Append([a], UTF8)",
		"Replace([a], \"x\", \"y\", , \"z\")",
		"Replace([a], \"\", , , \"z\")",
		"Replace([a], , \"(\", , \"z\")",
		"Replace([a], , \"(?<n>x)\", \"m\", \"z\")",
		"FormatDateTime([a], , \"yyyy\", )",
		"FormatDateTime([a], , \"yyyy\")",
		"Switch([a], ,\n\t\"x\",\tTolowr([b]))",
		strings.Repeat("\"0123456789\" & ", 20) + "Foo(1)" + strings.Repeat(" & \"0123456789\"", 20),
	} {
		_, err := Parse(source)
		var mistake *SyntaxError
		if !errors.As(err, &mistake) {
			t.Errorf("Parse(%q) = %v, want a *SyntaxError", source, err)
			continue
		}
		if mistake.Source != source {
			t.Errorf("the error of %q has the source %q", source, mistake.Source)
		}
		fmt.Fprintf(&b, "%s\n\n", err)
	}
	golden(t, "syntax-errors.golden", b.String())
}

func TestSyntaxErrorsOfOversizedSources(t *testing.T) {
	t.Parallel()
	for id, c := range map[string]struct{ source, want string }{
		"length":    {`"` + strings.Repeat("ä", 9_999) + `"`, "line 1, column 1: the expression has 10001 characters, at most 10000 are allowed; split the mapping\n"},
		"calls":     {strings.Repeat("Trim(", 251) + "[a]" + strings.Repeat(")", 251), "line 1, column 1251: the expression is nested more than 250 levels deep; split the mapping\n"},
		"groups":    {strings.Repeat("(", 5000), "line 1, column 251: the expression is nested more than 250 levels deep; split the mapping\n"},
		"arguments": {`Join("",` + strings.Repeat("1,", 2499) + "1)", "line 1, column 5007: Join has more than 2500 arguments; split the mapping\n"},
		"long name": {strings.Repeat("x", 9_000) + "()", "line 1, column 1: unknown function xxx"},
		"utf-8":     {"\"\xff\"", "line 1, column 1: the expression is not valid UTF-8\n"},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			if _, err := Parse(c.source); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	for id, source := range map[string]string{
		"longest": `"` + strings.Repeat("ä", 9_998) + `"`,
		"widest":  `Join("",` + strings.Repeat("1,", 2498) + "1)",
		"deepest": strings.Repeat("Trim(", 250) + "[a]" + strings.Repeat(")", 250),
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			e, err := Parse(source)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Evaluate(Environment{}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCheckAttributes(t *testing.T) {
	t.Parallel()
	known := []string{"department", "displayName", "givenName", "mail", "mailNickname", "surname"}
	var b strings.Builder
	for _, source := range []string{
		`Join(" ", [givenname], [surname])`,
		`Join(" ", [givenName],` + "\n" + `     [mial])`,
		`[extension_1234_costCentre]`,
	} {
		fmt.Fprintf(&b, "%v\n\n", mustParse(t, source).CheckAttributes(known))
	}
	golden(t, "unknown-attributes.golden", b.String())
	for _, source := range []string{`"constant"`, `Join([objectId], [mail], [id])`, `Not([IsSoftDeleted])`} {
		if err := mustParse(t, source).CheckAttributes(known); err != nil {
			t.Errorf("%s: %v", source, err)
		}
	}
}

// TestEvaluationErrors fixes the messages, none of which may hold an attribute value.
func TestEvaluationErrors(t *testing.T) {
	t.Parallel()
	attributes := map[string]directory.Value{
		"secret": directory.Text("s3cret"), "list": directory.List(directory.Text("s3cret"), directory.Text("b")),
		"role": directory.Record(map[string]directory.Value{"value": directory.Text("s3cret")}), "long": directory.Text(strings.Repeat("s3cret", 20_000)),
	}
	attributes["huge"] = directory.List(make([]directory.Value, MaximumElements+1)...)
	many := make([]directory.Value, 1000)
	for i := range many {
		many[i] = directory.Text("x")
	}
	attributes["many"] = directory.List(many...)
	attributes["commas"] = directory.Text(strings.Repeat("x,", MaximumElements+1))
	attributes["megabyte"] = directory.Text(strings.Repeat("x", 1<<20))
	attributes["roles"] = directory.List(attributes["role"], attributes["role"])
	attributes["a"] = directory.Text(strings.Repeat("a", 40) + "!")
	var b strings.Builder
	for _, source := range []string{
		`Left([secret], [secret])`,
		`Append([list], "x")`,
		`Append([role], "x")`,
		`ToLower(Append("a",` + "\n" + `  Mid([secret], 0, 1)))`,
		`Mid([secret], 1, -1)`,
		`InStr([secret], "x", 0)`,
		`InStr([secret], "x", 1, [secret])`,
		`Item([list], 3)`,
		`Item([missing], 1)`,
		`Item([list], 0)`,
		`IIF([list] = "x", "1", "2")`,
		`[role] & "x"`,
		`Switch([list], , "x", "y")`,
		`ToLower([secret], "not a culture")`,
		`CDate([secret])`,
		`CDate("")`,
		`DateAdd("q", 1, Now())`,
		`DateAdd("yyyy", 9999, Now())`,
		`DateAdd("s", 9223372036854775807, Now())`,
		`DateDiff("w", Now(), Now())`,
		`NumFromDate("1600-01-01")`,
		`DateFromNum(-1)`,
		`DateFromNum(9223372036854775807)`,
		`FormatDateTime([secret], , "yyyy", "yyyy")`,
		`FormatDateTime("2020", "Nonsense", "yyyy", "yyyy")`,
		`FormatDateTime("2020-02-30", , "yyyy-MM-dd", "yyyy")`,
		`FormatDateTime("2020-1-01", , "yyyy-MM-dd", "yyyy")`,
		`FormatDateTime("2020-01-01x", , "yyyy-MM-dd", "yyyy")`,
		`FormatDateTime(" 2020", "None", "yyyy", "yyyy")`,
		`FormatDateTime("Mon, 1 Mar 2020", , "ddd, d MMM yyyy", "yyyy")`,
		`FormatDateTime("13 PM", , "hh tt", "HH")`,
		`FormatDateTime("10 +15:00", , "HH zzz", "HH")`,
		`FormatDateTime("2020", , "yyyy'", "yyyy")`,
		`FormatDateTime("2020", , "yyyyffffffff", "yyyy")`,
		`ConvertFromBase64([secret])`,
		`ConvertFromBase64("YQ==")`,
		`BitAnd([secret], 1)`,
		`SingleAppRoleAssignment([roles])`,
		`AppRoleAssignmentsComplex([secret])`,
		`Error("AccountName is required")`,
		`Error([missing])`,
		`Replace([secret], [missing], , , "x")`,
		`Replace([secret], , Append("(", ""), , "x")`,
		`Replace([secret], , Append("(?<n>x)", ""), "m", "x")`,
		`Replace([long], , "x", , "y")`,
		`Replace([a], , "^(a|a?)+$", , "y")`,
		`Replace([long], "s", , , "` + strings.Repeat("x", 100) + `")`,
		`Guid()`,
		`RandomString(8, 1, 1, 1, 1)`,
		`RandomString(257, 1, 1, 1, 1)`,
		`RandomString(8, 3, 3, 3, 0)`,
		`RandomString(0, 0, 0, 0, 0)`,
		`RandomString(-1, 0, 0, 0, 0)`,
		`RandomString([missing], 0, 0, 0, 0)`,
		`RandomString([secret], 0, 0, 0, 0)`,
		`DefaultDomain()`,
		`"x" & %DomainFQDN%`,
		`DNComponent("cn=a,dc=b", 3)`,
		`DNComponent("cn=a,dc=b", 0)`,
		`DNComponent([secret], 1)`,
		`DNComponent("cn=a\\", 1)`,
		`DNComponent("cn=\ff", 1)`,
		`StringFromSid([secret])`,
		`StringFromSid("AQUAAAAAAAUVAAAA")`,
		`SelectUniqueValue([list], "x")`,
		`SelectUniqueValue([missing], "")`,
		`[huge]`,
		`Count(Split([commas], ","))`,
		`[long] & [long] & [long] & [long] & [long] & [long] & [long] & [long] & [long]`,
		`Word([long], 1, [long])`,
		`PCase([long], [long])`,
		`Join([long], [many])`,
		`Switch("x", , ` + strings.Repeat(`[megabyte], "y", `, 70) + `"x", "y")`,
		`Error([long])`,
	} {
		_, err := mustParse(t, source).Evaluate(Environment{Attribute: func(name string) directory.Value { return attributes[name] }})
		var failure *EvaluationError
		if !errors.As(err, &failure) {
			t.Errorf("%s: error %v, want an *EvaluationError", source, err)
			continue
		}
		if strings.Contains(err.Error(), "s3cret") && !strings.HasPrefix(source, "Error(") {
			t.Errorf("%s: the message holds an attribute value: %v", source, err)
		}
		fmt.Fprintf(&b, "%.80s\n    %s\n", source, err)
	}
	golden(t, "evaluation-errors.golden", b.String())
}

// TestForeignFunctions: the functions of the sibling engine (expressions.md 8) and of other languages are unknown, and the
// hint names nothing that does not exist.
func TestForeignFunctions(t *testing.T) {
	t.Parallel()
	sibling := strings.Fields(`Len Right LTrim RTrim PadLeft PadRight LCase UCase Contains BitOr RandomNum Where Select With CRef CNum CGuid InStrRev
		ReplaceChars IsNumeric IsDate IsGuid IsBitSet IsEmpty`)
	others := strings.Fields(`If And Or Concat TextJoin Substring Lower Upper Proper Length Substitute RegexReplace IndexOf Find NewGuid Uuid Today
		Format Case Lookup IfNull Nvl AppRoleAssignments`)
	for _, name := range append(sibling, others...) {
		_, err := Parse(name + "([a])")
		mistake, ok := errors.AsType[*SyntaxError](err)
		if !ok || mistake.Message != "unknown function "+name || mistake.Hint == "" {
			t.Errorf("%s: %v, want an unknown function with a hint", name, err)
			continue
		}
		_, use, _ := strings.Cut(mistake.Hint, "use ")
		use, _, _ = strings.Cut(use, " ")
		use, _, _ = strings.Cut(strings.TrimRight(use, ",;"), "(")
		if _, known := find(use); use != "" && !known {
			t.Errorf("%s: the hint %q names %s, which does not exist", name, mistake.Hint, use)
		}
	}
}
