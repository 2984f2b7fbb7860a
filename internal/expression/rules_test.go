package expression

import (
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/google/go-cmp/cmp"
)

// TestRules covers what the conformance vectors leave open. Every case names its section of
// expressions.md. The attributes are the same for all cases.
func TestRules(t *testing.T) {
	t.Parallel()
	text, integer, null, list := directory.Text, directory.Integer, directory.Null(), directory.List
	yes, no := directory.Boolean(true), directory.Boolean(false)
	attributes := map[string]directory.Value{
		"given": text("Ann"), "empty": text(""), "blank": text(" "), "seven": integer(7), "true": yes, "false": no,
		"digits": text("007"), "list": list(text("b"), text("A"), null, text("b")), "none": list(), "one": list(text("x")),
		"mixed": list(integer(1), text("1"), yes), "when": directory.DateTime(time.Date(2024, 2, 29, 13, 5, 9, 0, time.UTC)),
		"emoji": text("😀éx"), "phone": text("+49 123"), "turkish": text("Iiıİ"),
		"emails[type eq \"work\"].value": text("a@b"),
	}
	now := time.Date(2021, 7, 2, 15, 33, 38, 0, time.UTC)
	drop := func(o Outcome) Result { return Result{Outcome: o} }
	for _, c := range []struct {
		section, source string
		want            any
	}{
		{"1.1", `Append([true], "")`, text("True")},
		{"1.1", `Append([when], "")`, text("2/29/2024 1:05:09 PM")},
		{"1.1", `Append(007, "")`, text("007")},
		{"1.1", `Left("abc", " +2 ")`, text("ab")},
		{"1.2", `[missing]`, null},
		{"1.2", `[empty]`, text("")},
		{"1.2", `Append([missing], "x")`, null},
		{"1.2", `Append("x", [missing])`, text("x")},
		{"1.2", `Append([empty], "x")`, text("x")},
		{"1.2", `ToLower([missing])`, null},
		{"1.2", `Split([missing], ",")`, null},
		{"1.2", `Replace([missing], "a", , , "b")`, null},
		{"1.2", `CDate([missing])`, null},
		{"1.3", `IIF("True", "1", Error("other branch"))`, text("1")},
		{"1.3", `IIF("False", Error("other branch"), "2")`, text("2")},
		{"1.3", `Switch("a", Error("default"), "a", "1", Error("later key"), Error("later value"))`, text("1")},
		{"1.3", `Switch("b", "d", "a", Error("unused value"))`, text("d")},
		{"1.3", `Coalesce([missing], "1", Error("later"))`, text("1")},
		{"1.5", `IgnoreAttributeFlow`, drop(DropAttribute)},
		{"1.5", `IIF([given] = "Ann", ignoreobjectflow, "x")`, drop(DropObject)},
		{"1.5", `Switch([given], IgnoreAttributeFlow, "Bob", "x")`, drop(DropAttribute)},
		{"1.5", `Switch(IgnoreObjectFlow, "d", "k", "v")`, drop(DropObject)},
		{"1.5", `Coalesce([missing], IgnoreAttributeFlow, "x")`, drop(DropAttribute)},
		{"1.5", `IsNullOrEmpty(IgnoreFlowIfNullOrEmpty([empty]))`, drop(DropAttribute)},
		{"1.5", `Append("a", IgnoreObjectFlow)`, drop(DropObject)},
		{"1.5", `"a" & IgnoreAttributeFlow`, drop(DropAttribute)},
		{"1.5", `CBool(IgnoreAttributeFlow = "x")`, drop(DropAttribute)},
		{"1.5", `IgnoreFlowIfNullOrEmpty([none])`, drop(DropAttribute)},
		{"1.5", `IgnoreFlowIfNullOrEmpty([blank])`, text(" ")},
		{"2.2", `[emails[type eq "work"].value]`, text("a@b")},
		{"2.3", `"\d\+\,\2C\\\""`, text(`\d\+\,\2C\"`)},
		{"2.3", "\"a\nb\"", text("a\nb")},
		{"2.6", `CBool("1" = 1)`, yes},
		{"2.6", `CBool("01" = 1)`, yes},
		{"2.6", `CBool(1.5 > 1.25)`, yes},
		{"2.6", `CBool("10" > "9")`, yes},
		{"2.6", `CBool("10" > "9a")`, no},
		{"2.6", `CBool("B" < "a")`, yes},
		{"2.6", `CBool("a" = "A")`, no},
		{"2.6", `CBool(99999999999999999999 > 9999999999999999999)`, yes},
		{"2.6", `IIF([missing] <> "x", "1", "2")`, text("2")},
		{"2.6", `IIF([empty] = "", "1", "2")`, text("2")},
		{"2.6", `IIF("" <> [none], "1", "2")`, text("2")},
		{"2.6", `IIF(Append([empty], "") = "", "1", "2")`, text("1")},
		{"2.6", `IIF(BitAnd([seven], 8) = "0", "1", "2")`, text("1")},
		{"2.7", `iif(ISPRESENT([given]), "1", "2")`, text("1")},
		{"4.1", `Join("-", [list], [missing], [empty], [blank], "z")`, text("b-A-b- -z")},
		{"4.1", `Join([missing], "a", "b")`, text("ab")},
		{"4.1", `Join(",", [missing], [none])`, text("")},
		{"4.1", `Left([emoji], 2)`, text("😀é")},
		{"4.1", `Mid([emoji], 2, 1)`, text("é")},
		{"4.1", `Mid("John", 5, 1)`, text("")},
		{"4.1", `Mid("John", 1, 0)`, text("")},
		{"4.1", `InStr([missing], "x")`, integer(0)},
		{"4.1", `InStr("abc", "", 2)`, integer(2)},
		{"4.1", `InStr("abc", "c", 9)`, integer(0)},
		{"4.1", `InStr([emoji], "x")`, integer(3)},
		{"4.1", `InStr("abc", "B", , vbtextcompare)`, integer(2)},
		{"4.1", "StripSpaces(\"a b\tc\")", text("ab\tc")},
		{"4.1", `ToLower([turkish])`, text("iiıİ")},
		{"4.1", `ToUpper([turkish])`, text("IIıİ")},
		{"4.1", `ToLower([turkish], "tr-TR")`, text("ıiıi")},
		{"4.1", `ToUpper([turkish], "az")`, text("IİIİ")},
		{"4.1", `ToUpper("ı", "en-US")`, text("I")},
		{"4.1", `PCase("o'neil JOHN's 3rd-day")`, text("O'Neil John'S 3Rd-Day")},
		{"4.1", `PCase("o'neil-smith x", " ")`, text("O'neil-smith X")},
		{"4.1", `NormalizeDiacritics("ẞđþ é한")`, text("SSđþ e한")},
		{"4.1", `Word("a,,b;c", 2, ",;")`, text("b")},
		{"4.1", `Word("a b", -1, " ")`, text("")},
		{"4.1", `Split(" a ,, b ", )`, list(text("a"), text("b"))},
		{"4.1", `Split("a--b-c", "--")`, list(text("a"), text("b-c"))},
		{"4.1", `Split("a,b", "")`, list(text("a,b"))},
		{"4.1", `Split([empty], ",")`, list()},
		{"4.1", `CStr([seven])`, text("7")},
		{"4.1", `ConvertToBase64("😀")`, text("PdgA3g==")},
		{"4.2", `IIF([seven], "1", "2")`, text("1")},
		{"4.2", `IIF("0", "1", "2")`, text("2")},
		{"4.2", `IIF([missing], "1", "2")`, text("2")},
		{"4.2", `Switch([true], "d", "True", "1")`, text("1")},
		{"4.2", `Switch([seven], "d", 7, "1")`, text("1")},
		{"4.2", `Switch(" 7", "d", "7", "1")`, text("d")},
		{"4.2", `Switch([none], "d", "", "1")`, text("1")},
		{"4.2", `Switch("a", , "a", "1", "a", "2")`, text("1")},
		{"4.2", `Switch("b", , "a", "1")`, null},
		{"4.2", `Switch("a", , ToLower("A"), "1")`, text("1")},
		{"4.2", `Coalesce([empty], [given])`, text("Ann")},
		{"4.2", `Coalesce([given], [empty])`, text("Ann")},
		{"4.2", `Coalesce([missing], [empty])`, text("")},
		{"4.2", `IsNull([empty])`, no},
		{"4.2", `IsNullOrEmpty([none])`, yes},
		{"4.2", `IsString([list])`, no},
		{"4.2", `IsString([missing])`, no},
		{"4.2", `Not("TRUE")`, no},
		{"4.2", `Not([missing])`, yes},
		{"4.2", `CBool([seven])`, yes},
		{"4.2", `CBool("abc")`, no},
		{"4.2", `CBool(-0.5)`, yes},
		{"4.3", `Item([given], 1)`, text("Ann")},
		{"4.3", `Count([missing])`, integer(0)},
		{"4.3", `Count([given])`, integer(1)},
		{"4.3", `RemoveDuplicates([mixed])`, list(integer(1), yes)},
		{"4.3", `RemoveDuplicates(Split("a,A,a", ","))`, list(text("a"), text("A"))},
		{"4.3", `ToUpper([list])`, list(text("B"), text("A"), null, text("B"))},
		{"4.4", `BitAnd(&HFFFFFFFFFFFFFFFF, "6")`, integer(6)},
		{"4.4", `BitAnd([missing], 1)`, null},
		{"4.5", `CDate("2024-02-29 13:05:09.5 +01:00") & ""`, text("2/29/2024 12:05:09 PM")},
		{"4.5", `CDate("3/6/2012 7:00:00 am") & ""`, text("3/6/2012 7:00:00 AM")},
		{"4.5", `CDate("2024-02-29T13:05Z") & ""`, text("2/29/2024 1:05:00 PM")},
		{"4.5", `CDate("3/6/2012") & ""`, text("3/6/2012 12:00:00 AM")},
		{"4.5", `DateAdd("m", 1, "2024-01-31") & ""`, text("2/29/2024 12:00:00 AM")},
		{"4.5", `DateAdd("yyyy", 1, [when]) & ""`, text("2/28/2025 1:05:09 PM")},
		{"4.5", `DateAdd("m", -14, "2024-03-31") & ""`, text("1/31/2023 12:00:00 AM")},
		{"4.5", `DateAdd("n", -1, Now()) & ""`, text("7/2/2021 3:32:38 PM")},
		{"4.5", `DateDiff("yyyy", "2020-12-31", "2021-01-01")`, integer(1)},
		{"4.5", `DateDiff("h", "2020-01-01T10:59:59", "2020-01-01T09:00:00")`, integer(-1)},
		{"4.5", `DateDiff("s", "0001-01-01", "9999-12-31")`, integer(315537811200)},
		{"4.5", `DateDiff("ww", "2021-08-28", "2021-08-29")`, integer(1)},
		{"4.5", `FormatDateTime("2020-03-16T07:08:09.120", , "yyyy-MM-ddTHH:mm:ss.fff", "dddd, d MMMM yyyy h:mm tt FFF")`, text("Monday, 16 March 2020 7:08 AM 12")},
		{"4.5", `FormatDateTime("20200101 013000+02:00", , "yyyyMMdd HHmmsszzz", "yyyy-MM-dd HH:mmK zzz")`, text("2019-12-31 23:30Z +00:00")},
		{"4.5", `FormatDateTime("1/2/49", , "M/d/yy", "yyyy")`, text("2049")},
		{"4.5", `FormatDateTime("12:05 AM", "NoCurrentDateDefault", "hh:mm tt", "yyyy HH:mm")`, text("0001 00:05")},
		{"4.5", `FormatDateTime(" Mar 2020 ", , "MMM yyyy", "'on' M\y%y")`, text("on 3y20")},
		{"4.5", `FormatDateTime("10:00", , "HH:mm", "yyyyMMddHHmm")`, text("202107021000")},
		{"4.5", `FormatDateTime("10:00:05", , "HH:mm:ss.FFF", "s.fF")`, text("5.0")},
		{"4.5", `FormatDateTime([empty], , "yyyy", "yyyy")`, null},
		{"4.5", `FormatDateTime("2020-01-01T23:30Z", , "yyyy-MM-ddTHH:mmK", "yyyyMMdd HHK")`, text("20200101 23Z")},
		{"4.5", `FormatDateTime("2020-01-01T23:30", , "yyyy-MM-ddTHH:mmK", "yyyyMMdd HHK")`, text("20200101 23")},
		{"4.5", `FormatDateTime("2020-01-01T23:30-01:30", , "yyyy-MM-ddTHH:mmK", "yyyyMMdd HHmm")`, text("20200102 0100")},
		{"4.5", `FormatDateTime("20200101 +5", , "yyyyMMdd z", "yyyyMMddHH")`, text("2019123119")},
		{"4.5", `FormatDateTime("1 / 2 / 2020", "AllowInnerWhite", "M/d/yyyy", "yyyy-MM-dd")`, text("2020-01-02")},
		{"4.5", `FormatDateTime(" 2020 ", "AllowLeadingWhite, AllowTrailingWhite", "yyyy", "%M")`, text("1")},
		{"4.5", `FormatDateTime("Sun, 1 Mar 2020 12 P", , "ddd, d MMM yyyy h t", "ddd HH t")`, text("Sun 12 P")},
		{"4.5", `FormatDateTime("10:00:05.25", , "HH:mm:ss.FFF", "s.FF ffff")`, text("5.25 2500")},
		{"4.5", `NumFromDate("1601-01-01 00:00:01+00:00")`, integer(10000000)},
		{"4.5", `DateFromNum(10000000) & ""`, text("1/1/1601 12:00:01 AM")},
		{"4.8", `Redact([seven])`, integer(7)},
		{"5", `Replace("aXbX", "X", , , "-")`, text("a-b-")},
		{"5", `Replace([missing], , "(?<n>\d+)", "n", , [phone])`, text("49")},
		{"5", `Replace([missing], , "(?<n>x)", "n", , [phone])`, null},
		{"5", `Replace([missing], , "(?<n>x)", "n", , [missing])`, null},
		{"5", `Replace("a1b2", , "[a-z](?<n>\d)", "n", "$0")`, text("a$0b$0")},
		{"5", `Replace("a1b", , "[a-z](?<n>\d)?", "n", "-")`, text("a-b")},
		{"5", `Replace("é1é2", , "é(?<n>\d)", "n", "-")`, text("é-é-")},
		{"5", `Replace([empty], "<u>", , , , , "<u>@x")`, text("@x")},
		{"7.2", `Replace("straße ١٢", , "\w+|\d+", , "x")`, text("x x")},
		{"7.2", `Replace("CN=a\,b,OU=c", , "^.*?(?<!\\\\),(?=OU)", , "")`, text("OU=c")},
		{"7.3", `Replace("abc", , ".*", , "X")`, text("XX")},
		{"7.3", `Replace("john_doe72", , "[a-zA-Z_]*", , "-")`, text("--7-2-")},
		{"7.3", `Replace("abc", , "b", , "[$&$$$'${none}]")`, text("a[b$c${none}]c")},
		{"7.3", `Replace("abc", , "(b)", , "$1W")`, text("abWc")},
		{"8", `Prepend("x", [given])`, text("xAnn")},
		{"8", `Prepend("x", [missing])`, null},
		{"8", `IsNothing([missing])`, yes},
		{"8", `Trim([list])`, list(text("b"), text("A"), null, text("b"))},
		{"8", `ConvertFromBase64("w6k=", "ASCII")`, text("??")},
		{"8", `SingleAppRoleAssignment([none])`, null},
		{"10", `"a" & [missing] & 1`, text("a1")},
		{"10", `"a" & &H10`, text("a16")},
		{"10", `CBool("a" & "b" = "ab")`, yes},
		{"10", `IIF(TRUE, null, false)`, null},
	} {
		t.Run(c.section+" "+c.source, func(t *testing.T) {
			t.Parallel()
			want, ok := c.want.(Result)
			if !ok {
				want.Value, _ = c.want.(directory.Value)
			}
			got, err := mustParse(t, c.source).Evaluate(Environment{Attribute: func(name string) directory.Value { return attributes[name] }, Now: now})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
