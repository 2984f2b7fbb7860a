package expression

import (
	"sync"
	"testing"

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
		`append( "@" , %Domain-FQDN.1_x% )`:                      `Append("@", %Domain-FQDN.1_x%)`,
		`"100% %x% \""`:                                          `"100% %x% \""`,
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
		environment := Environment{Attribute: func(name string) directory.Value { return v.Attributes[name] }, Now: v.Now, Taken: v.taken}
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

// TestWhatAnExpressionIs covers the questions other rooms ask about an expression without evaluating it.
func TestWhatAnExpressionIs(t *testing.T) {
	t.Parallel()
	type answers struct {
		Attribute, Constant string
		Redacted, Selects   bool
		Parameters          []string
		Varying             string
	}
	for source, want := range map[string]answers{
		"[manager]":                      {Attribute: "manager"},
		"([manager])":                    {Attribute: "manager"},
		`"manager"`:                      {Constant: "manager"},
		`"Redact(x) %a%"`:                {Constant: "Redact(x) %a%"},
		"7":                              {Constant: "7"},
		"NULL":                           {Constant: "null"},
		"IgnoreAttributeFlow":            {},
		"Trim([manager])":                {},
		"[a] & [b]":                      {},
		"[Redact]":                       {Attribute: "Redact"},
		`Redact("x")`:                    {Redacted: true},
		`Append(redact([a]), "b")`:       {Redacted: true},
		`%b% & Append(%a%, %b%)`:         {Parameters: []string{"a", "b"}},
		`SelectUniqueValue([a], Guid())`: {Selects: true, Varying: "SelectUniqueValue"},
		`(selectuniquevalue([a], [b]))`:  {Selects: true, Varying: "SelectUniqueValue"},
		`IIF([a] = "x", RandomString(1,0,0,0,0), guid())`: {Varying: "RandomString"},
		`DateDiff("d", [a], Now())`:                       {Varying: "Now"},
		`DefaultDomain()`:                                 {},
	} {
		e := mustParse(t, source)
		var got answers
		got.Attribute, _ = e.IsAttribute()
		if value, ok := e.IsConstant(); ok {
			got.Constant = value.String()
		}
		got.Redacted, got.Selects, got.Parameters = e.Redacted(), e.SelectsUnique(), e.Parameters()
		var settles bool
		if got.Varying, settles = e.Settles(); settles != (want.Varying == "") {
			t.Errorf("%s settles: %v", source, settles)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", source, diff)
		}
	}
	e := mustParse(t, `Append(toupper([a]), "Trim")`)
	if !e.Calls("ToUpper") || e.Calls("toupper") || e.Calls("Trim") || e.Calls("") {
		t.Error("Calls does not find the function by its canonical name")
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
