package expression

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/google/go-cmp/cmp"
)

func mustParse(t testing.TB, source string) *Expression {
	t.Helper()
	e, err := Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestCanonicalText(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`Switch([IsSoftDeleted],,"False","True","True","False")`: `Switch([IsSoftDeleted], , "False", "True", "True", "False")`,
		` [userPrincipalName] `:                                  `[userPrincipalName]`,
		"join\t(\" \",\n[givenName] , [surname])":                `Join(" ", [givenName], [surname])`,
		`ISNULLOREMPTY([a])`:                                     `IsNullOrEmpty([a])`,
		`InStr([a], "x", 3, VBTEXTCOMPARE)`:                      `InStr([a], "x", 3, vbTextCompare)`,
		`IIF(([a])=("b"),ignoreattributeflow,true)`:              `IIF([a] = "b", IgnoreAttributeFlow, True)`,
		`IIF((([a]<>"b")),null,-5)`:                              `IIF([a] <> "b", NULL, -5)`,
		`"a"&("b"&[c])&("d")`:                                    `"a" & "b" & [c] & "d"`,
		`BitAnd(&h0f, &HF7)`:                                     `BitAnd(&HF, &HF7)`,
		`Replace([a],"b",,,"c",,)`:                               `Replace([a], "b", , , "c")`,
		`ToLower([a], )`:                                         `ToLower([a])`,
		`"\d\\d\"\,\\"`:                                          `"\\d\\d\"\\,\\"`,
		`[emails[type eq "work]"].value]`:                        `[emails[type eq "work]"].value]`,
		`[urn:ietf:params:scim:2.0:User:a-b_c.d]`:                `[urn:ietf:params:scim:2.0:User:a-b_c.d]`,
		`FormatDateTime([a],"yyyy","MM")`:                        `FormatDateTime([a], "yyyy", "MM")`,
		`FormatDateTime([a],,"yyyy","MM")`:                       `FormatDateTime([a], , "yyyy", "MM")`,
		`Append(007, 1.50)`:                                      `Append(007, 1.50)`,
		"\"line\n\tbreak\"":                                      "\"line\n\tbreak\"",
		`CBool("1" & "0" > 5)`:                                   `CBool("1" & "0" > 5)`,
		`Coalesce([a], [b], )`:                                   `Coalesce([a], [b])`,
		`Now( )`:                                                 `Now()`,
	} {
		e := mustParse(t, source)
		if got := e.String(); got != want {
			t.Errorf("%s prints %s, want %s", source, got, want)
		}
		if e.Source() != source {
			t.Errorf("Source() = %s, want %s", e.Source(), source)
		}
		if again := mustParse(t, want).String(); again != want {
			t.Errorf("%s prints %s", want, again)
		}
	}
}

// TestPrintIsAFixedPointForVectors: the canonical text of every vector parses, prints the same, and means
// the same (same result, same error).
func TestPrintIsAFixedPointForVectors(t *testing.T) {
	t.Parallel()
	for _, v := range readVectors(t) {
		e, err := Parse(v.Expression)
		if err != nil {
			continue
		}
		again := mustParse(t, e.String())
		if again.String() != e.String() {
			t.Errorf("%s: %s prints %s", v.ID, e, again)
		}
		environment := Environment{Attribute: func(name string) directory.Value { return v.Attributes[name] }, Now: v.Now}
		first, firstErr := e.Evaluate(environment)
		second, secondErr := again.Evaluate(environment)
		if diff := cmp.Diff(first, second); diff != "" || (firstErr == nil) != (secondErr == nil) {
			t.Errorf("%s: %s evaluates differently from its source: %s", v.ID, e, diff)
		}
	}
}

func TestAttributes(t *testing.T) {
	t.Parallel()
	e := mustParse(t, `IIF([b] = "x", Join("", [a], [b], [A]), Switch([c], [d], "k", "t" & [e]))`)
	if diff := cmp.Diff([]string{"A", "a", "b", "c", "d", "e"}, e.Attributes()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if names := mustParse(t, `"[a]"`).Attributes(); len(names) != 0 {
		t.Errorf("a constant refers to %v", names)
	}
}

func TestIsAttribute(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{"[manager]": "manager", "([manager])": "manager", `"manager"`: "", "Trim([manager])": "", `[a] & [b]`: ""} {
		if name, ok := mustParse(t, source).IsAttribute(); name != want || ok != (want != "") {
			t.Errorf("%s: %q, %v; want %q", source, name, ok, want)
		}
	}
}

func TestRedacted(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]bool{`Redact("x")`: true, `Append(redact([a]), "b")`: true, `"Redact(x)"`: false, "[Redact]": false} {
		if got := mustParse(t, source).Redacted(); got != want {
			t.Errorf("%s: %v, want %v", source, got, want)
		}
	}
}

// TestFunctionTable keeps the rows usable: documented, with one implementation, and arity that fits the
// parameters.
func TestFunctionTable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range table() {
		name := strings.ToLower(f.Name)
		if seen[name] {
			t.Errorf("%s occurs twice", f.Name)
		}
		seen[name] = true
		if f.Summary == "" || !strings.HasSuffix(f.Summary, ".") || (f.lazy == nil) == (f.strict == nil) {
			t.Errorf("%s is not described, or not implemented once", f.Name)
		}
		if f.Minimum > len(f.Parameters) || f.Maximum >= 0 && f.Maximum != len(f.Parameters) {
			t.Errorf("%s takes %d to %d arguments but has %d parameters", f.Name, f.Minimum, f.Maximum, len(f.Parameters))
		}
	}
	for _, name := range notAvailable() {
		if seen[strings.ToLower(name)] {
			t.Errorf("%s is in the table and listed as not available", name)
		}
	}
	functions := Functions()
	if !slices.IsSortedFunc(functions, func(a, b Function) int { return strings.Compare(a.Name, b.Name) }) || len(functions) != len(seen) {
		t.Error("Functions is not the sorted table")
	}
	signatures := map[string]string{"Now": "Now()", "Join": "Join(separator, source...)", "ToLower": "ToLower(source, culture?)", "Switch": "Switch(source, defaultValue?, key..., value...)"}
	for _, f := range functions {
		if want, ok := signatures[f.Name]; ok && f.Signature() != want {
			t.Errorf("%s, want %s", f.Signature(), want)
		}
	}
}

func TestConcurrentEvaluation(t *testing.T) {
	t.Parallel()
	e := mustParse(t, `Replace(Join(" ", [a], [b]), , "(?<n>\\d+)", , "<${n}>")`)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 50 {
				result, err := e.Evaluate(Environment{Attribute: func(name string) directory.Value { return directory.Text(name + "1") }})
				if text, _ := result.Value.Text(); err != nil || text != "a<1> b<1>" {
					t.Errorf("got %q, %v", text, err)
				}
			}
		})
	}
	wait.Wait()
}

func BenchmarkEvaluate(b *testing.B) {
	attributes := map[string]directory.Value{
		"userPrincipalName": directory.Text("john.doe@contoso.com"), "givenName": directory.Text("John"),
		"surname": directory.Text("Doe"), "IsSoftDeleted": directory.Boolean(false),
	}
	environment := Environment{Attribute: func(name string) directory.Value { return attributes[name] }, Now: time.Unix(0, 0)}
	for name, source := range map[string]string{
		"direct":  `[userPrincipalName]`,
		"join":    `Join(" ", [givenName], [surname])`,
		"switch":  `Switch([IsSoftDeleted], , "False", "True", "True", "False")`,
		"replace": `Replace([userPrincipalName], , "(?<Suffix>@(.)*)", "Suffix", "", , )`,
	} {
		b.Run(name, func(b *testing.B) {
			e := mustParse(b, source)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Evaluate(environment); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		mustParse(b, `Switch([IsSoftDeleted], , "False", "True", "True", "False")`)
	}
}
