package cli_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cli"
)

// said is everything a command leaves behind.
type said struct {
	Status   int
	Out, Err string
}

func run(t *testing.T, in string, args ...string) said {
	t.Helper()
	return runCommand(t.Context(), in, args...)
}

func runCommand(ctx context.Context, in string, args ...string) said {
	var out, err strings.Builder
	status := cli.Run(ctx, args, cli.Build{}, cli.Streams{In: strings.NewReader(in), Out: &out, Err: &err})
	return said{status, out.String(), err.String()}
}

const prefix = "terraform-provider-provisioning: error: "

func TestEval(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		args []string
		in   string
		want said
	}{
		{
			"text", []string{`Join(" ", [givenName], [surname])`, "--attribute", "givenName=Ada", "--attribute=surname=King"}, "",
			said{Out: "Ada King\n"},
		},
		{"a value with commas and equal signs", []string{"[dn]", "--attribute", "dn=CN=Ada,OU=a;b"}, "", said{Out: "CN=Ada,OU=a;b\n"}},
		{"empty text", []string{"[mail]", "--attribute", "mail="}, "", said{Out: "\n"}},
		{"null that is given", []string{"[mail]", "--attribute-json", "mail=null"}, "", said{Err: "the value is null\n"}},
		{
			"null for want of an attribute", []string{"[givenNam]", "--attribute", "givenName=Ada", "--attribute", "surname=King"}, "",
			said{Err: "warning: attribute [givenNam] is not given and counts as null; did you mean [givenName]?\nthe value is null\n"},
		},
		{"nothing similar", []string{"IsNull([mail])"}, "", said{Out: "True\n", Err: "warning: attribute [mail] is not given and counts as null\n"}},
		{"boolean and integer", []string{`Join("/", CStr(IsNull([n])), [n])`, "--attribute-json", "n=9007199254740993"}, "", said{Out: "False/9007199254740993\n"}},
		{"list", []string{`Split("a,b", ",")`}, "", said{Out: "a\nb\n"}},
		{"empty list", []string{`RemoveDuplicates([list])`, "--attribute-json", "list=[]"}, "", said{Err: "the value is an empty list\n"}},
		{
			"roles", []string{"SingleAppRoleAssignment([appRoleAssignments])", "--attribute-json", `appRoleAssignments=[{"id":"1","value":"Admin"}]`}, "",
			said{Out: "Admin\n"},
		},
		{"record", []string{"[r]", "--attribute-json", `r=[{"b":true,"a":"<"}]`}, "", said{Out: `{"a":"<","b":"True"}` + "\n"}},
		{"dropped attribute", []string{`IgnoreFlowIfNullOrEmpty("")`}, "", said{Err: "the attribute is dropped: it is left out of the request\n"}},
		{"dropped object", []string{"IgnoreObjectFlow"}, "", said{Err: "the object is dropped: nothing is written for it\n"}},
		{"clock", []string{"Now()", "--now", "2026-01-31T14:00:00+02:00"}, "", said{Out: "1/31/2026 12:00:00 PM\n"}},
		{"clock without an offset", []string{"Now()", "--now", "2026-01-31T14:00:00"}, "", said{Out: "1/31/2026 2:00:00 PM\n"}},
		{"day", []string{"Now()", "--now", "2026-01-31"}, "", said{Out: "1/31/2026 12:00:00 AM\n"}},
		{"from standard input", []string{"-"}, "\ufeffToUpper(\"it's\")\r\n", said{Out: "IT'S\n"}},
		{
			"json", []string{"--json", `Split([a], "-")`, "--attribute", "a=<x>-y"}, "",
			said{Out: `{"value":["<x>","y"]}` + "\n"},
		},
		{"json null", []string{"--json", "NULL"}, "", said{Out: `{"value":null}` + "\n"}},
		{"json empty list", []string{"--json", "[l]", "--attribute-json", "l=[]"}, "", said{Out: `{"value":[]}` + "\n"}},
		{"json drop", []string{"--json", "IgnoreAttributeFlow"}, "", said{Out: `{"dropped":"attribute"}` + "\n"}},
		{
			"syntax error", []string{`ToLower("Ada"`}, "",
			said{1, "", prefix + `line 1, column 14: `},
		},
		{
			"evaluation error", []string{"-"}, "Append(\"x\",\n    CDate(\"no date\"))",
			said{1, "", prefix + "line 2, column 5: CDate: "},
		},
		{"json error", []string{"--json", `Error("no")`}, "", said{1, `{"error":{"message":"Error: no","line":1,"column":1}}` + "\n", prefix + "line 1, column 1: Error: no\n    Error(\"no\")\n    ^\n"}},
		{"no expression", nil, "", said{2, "", prefix + "eval: expected an expression"}},
		{"empty expression", []string{""}, "", said{1, "", prefix + "line 1, column 1: the expression is empty"}},
		{"no value", []string{"[a]", "--attribute", "a"}, "", said{1, "", prefix + `--attribute "a": expected NAME=VALUE`}},
		{"twice", []string{"[a]", "--attribute", "a=1", "--attribute-json", "a=2"}, "", said{1, "", prefix + `--attribute-json "a=2": attribute a is given twice`}},
		{"no JSON", []string{"[a]", "--attribute-json", "a=Ada"}, "", said{1, "", prefix + `--attribute-json "a=Ada": the value is not JSON: `}},
		{"no time", []string{"Now()", "--now", "today"}, "", said{1, "", prefix + `--now: "today" is not a time such as 2026-01-31T12:00:00Z`}},
		{"input twice", []string{"-", "--object", "-"}, "", said{2, "", prefix + "eval: the expression and --object cannot both be read from standard input"}},
		{"batch with an expression", []string{"--batch", "[a]"}, "", said{2, "", prefix + "eval: --batch reads expressions"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := run(t, c.in, append([]string{"eval"}, c.args...)...)
			// The words of an error belong to others; here it is told that it is there, and where.
			if strings.HasPrefix(c.want.Err, prefix) && strings.HasPrefix(got.Err, c.want.Err) {
				got.Err = c.want.Err
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What an evaluation is told about the world besides the source object.
func TestEvalEnvironment(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"taken", []string{`SelectUniqueValue([a], [b], [c])`, "--taken", "ADA", "--taken", "ada,2", "--attribute", "a=ada", "--attribute", "b=ada,2", "--attribute", "c=ada3"}, "ada3\n"},
		{"default domain", []string{`"ada@" & DefaultDomain()`, "--default-domain", "example.com"}, "ada@example.com\n"},
		{"parameter", []string{`%TargetDomain%`, "--parameter", "TargetDomain=ad.example.com"}, "ad.example.com\n"},
		{"randomness", []string{`Replace(RandomString(12, 12, 0, 0, 0), , "[0-9]", , "#", , )`}, "############\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(said{Out: c.want}, run(t, "", append([]string{"eval"}, c.args...)...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A setting of a job is a flag here, and the message says so.
func TestEvalNamesTheFlag(t *testing.T) {
	t.Parallel()
	for expression, flag := range map[string]string{`DefaultDomain()`: "; here: --default-domain DOMAIN\n", `%Site%`: "; here: --parameter NAME=TEXT\n"} {
		if got := run(t, "", "eval", expression); got.Status != 1 || got.Out != "" || !strings.Contains(got.Err, flag) {
			t.Errorf("%s: said %+v, want %q", expression, got, flag)
		}
	}
}

func TestEvalTrace(t *testing.T) {
	t.Parallel()
	args := []string{"eval", "--trace", `Append(ToLower([givenName]), Item(Split("a b", " "), 2))`, "--attribute", "givenName=Ada"}
	want := said{Out: "adab\n", Err: strings.TrimPrefix(`
    [givenName] = "Ada"
  ToLower([givenName]) = "ada"
    Split("a b", " ") = ["a", "b"]
  Item(Split("a b", " "), 2) = "b"
Append(ToLower([givenName]), Item(Split("a b", " "), 2)) = "adab"
`, "\n")}
	got := run(t, "", args...)
	if diff := cmp.Diff(squeezed(want), squeezed(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	column := strings.Index(strings.SplitN(got.Err, "\n", 2)[0], " = ")
	for line := range strings.Lines(got.Err) {
		if len(line) < column+3 || line[column:column+3] != " = " {
			t.Errorf("values do not stand below each other:\n%s", got.Err)
		}
	}

	got = run(t, "", "eval", "--trace", "--json", `Mid([name], 0, 1)`, "--attribute", "name=Ada")
	var answer struct {
		Error *struct{ Line, Column int }
		Trace []map[string]any
	}
	if err := json.Unmarshal([]byte(got.Out), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Error == nil || len(answer.Trace) == 0 || got.Status != 1 {
		t.Fatalf("said %+v", got)
	}
	first := map[string]any{"expression": "[name]", "line": 1.0, "column": 5.0, "depth": 1.0, "value": "Ada"}
	if diff := cmp.Diff(first, answer.Trace[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if last := answer.Trace[len(answer.Trace)-1]; last["expression"] != "Mid([name], 0, 1)" || last["error"] == nil || last["depth"] != 0.0 {
		t.Errorf("the last part is %v", last)
	}
}

// squeezed leaves indentation and takes repeated blanks elsewhere for one.
func squeezed(s said) said {
	var lines []string
	for line := range strings.SplitSeq(s.Err, "\n") {
		text := strings.TrimLeft(line, " ")
		lines = append(lines, line[:len(line)-len(text)]+strings.Join(strings.Fields(text), " "))
	}
	s.Err = strings.Join(lines, "\n")
	return s
}

func TestEvalObject(t *testing.T) {
	t.Parallel()
	const person = `{
		"@odata.type": "#microsoft.graph.user", "id": "7", "displayName": "Ada", "mail": null, "accountEnabled": false,
		"manager": {"id": "9", "displayName": "Bob"}, "employeeNumber": 12345678901234567890
	}`
	path := filepath.Join(t.TempDir(), "person.json")
	if err := os.WriteFile(path, []byte(person), 0o600); err != nil {
		t.Fatal(err)
	}
	const expression = `Join("|", [id], [objectId], [displayName], [mail], [manager], [employeeNumber], CStr([IsSoftDeleted]))`
	want := said{Out: "7|7|Ada|9|12345678901234567890|True\n"}
	if diff := cmp.Diff(want, run(t, "", "eval", expression, "--object", path)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want = said{Out: "7|7|Eve|9|12345678901234567890|True\n"}
	if diff := cmp.Diff(want, run(t, person, "eval", expression, "--object", "-", "--attribute", "displayName=Eve")); diff != "" {
		t.Errorf("with standard input (-want +got):\n%s", diff)
	}
	for _, c := range []struct{ in, want string }{
		{"{\n  'a'", "--object -: not JSON: line 2, column 3: "},
		{"[1]", "--object -: expected one JSON object with the attributes as members, got a list"},
		{`{"users": []}`, "--object -: this is a whole source; give one object of it"},
	} {
		if got := run(t, c.in, "eval", "[id]", "--object", "-"); got.Status != 1 || !strings.HasPrefix(got.Err, prefix+c.want) {
			t.Errorf("%s: status %d, %q, want %q", c.in, got.Status, got.Err, c.want)
		}
	}
}
