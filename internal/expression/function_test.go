package expression

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/google/go-cmp/cmp"
)

// exampleEnvironment is what the examples of the function table presume.
func exampleEnvironment(attributes map[string]directory.Value) Environment {
	return Environment{
		Attribute:     func(name string) directory.Value { return attributes[name] },
		Now:           time.Date(2021, 7, 2, 15, 33, 38, 0, time.UTC),
		Random:        rand.NewChaCha8([32]byte{}),
		DefaultDomain: "contoso.com",
		Parameter:     func(name string) (string, bool) { return "ad.contoso.com", name == "DomainFQDN" },
		Taken: func(candidate directory.Value) (bool, error) {
			return candidate.Equal(directory.Text("John.Smith")), nil
		},
	}
}

// TestExamples evaluates every example of the function table.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, f := range Functions() {
		for i, x := range f.Examples {
			e, err := Parse(x.Expression)
			if err != nil {
				t.Errorf("%s: %v", f.Name, err)
				continue
			}
			if i == 0 && !e.Calls(f.Name) {
				t.Errorf("the first example of %s does not call it: %s", f.Name, x.Expression)
			}
			result, err := e.Evaluate(exampleEnvironment(x.Attributes))
			got := result.String()
			if failure, ok := errors.AsType[*EvaluationError](err); ok {
				got = "error: " + failure.Message
			}
			if got != x.Result {
				t.Errorf("%s = %s, but its example says %s", x.Expression, got, x.Result)
			}
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
		if f.Category == "" || len(f.Examples) == 0 || !strings.HasSuffix(f.Summary, ".") || !strings.HasSuffix(f.Details, ".") {
			t.Errorf("%s is not described", f.Name)
		}
		if (f.lazy == nil) == (f.strict == nil) {
			t.Errorf("%s is not implemented once", f.Name)
		}
		if f.Minimum > len(f.Parameters) || f.Maximum >= 0 && f.Maximum != len(f.Parameters) {
			t.Errorf("%s takes %d to %d arguments but has %d parameters", f.Name, f.Minimum, f.Maximum, len(f.Parameters))
		}
		if _, foreign := foreignHint(f.Name); foreign {
			t.Errorf("%s is both a function and one of another language", f.Name)
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

// TestEveryFunctionOfTheReference: the names of expressions.md 4, 5 and 8; those of 8 are companions.
func TestEveryFunctionOfTheReference(t *testing.T) {
	t.Parallel()
	main := strings.Fields(`Append AppRoleAssignmentsComplex AssertiveAppRoleAssignmentsComplex BitAnd CBool CDate Coalesce ConvertToBase64
		ConvertToUTF8Hex Count CStr DateAdd DateDiff DateFromNum FormatDateTime Guid IgnoreFlowIfNullOrEmpty IIF InStr IsNull IsNullOrEmpty
		IsPresent IsString Item Join Left Mid NormalizeDiacritics Not Now NumFromDate PCase RandomString Redact RemoveDuplicates Replace
		SelectUniqueValue SingleAppRoleAssignment Split StripSpaces Switch ToLower ToUpper Word`)
	companions := strings.Fields("Prepend IsNothing DefaultDomain Trim ConvertFromBase64 Error DNComponent StringFromSid")
	want := map[string]bool{}
	for _, name := range main {
		want[name] = false
	}
	for _, name := range companions {
		want[name] = true
	}
	got := map[string]bool{}
	for _, f := range Functions() {
		got[f.Name] = f.Companion
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("functions, and whether they are companions (-want +got):\n%s", diff)
	}
}

// TestFunctionsAreCopies: nobody can change the language through what it tells about itself.
func TestFunctionsAreCopies(t *testing.T) {
	t.Parallel()
	first := Functions()
	for i := range first {
		for j := range first[i].Parameters {
			first[i].Parameters[j].Name = "changed"
			for k := range first[i].Parameters[j].Words {
				first[i].Parameters[j].Words[k] = "changed"
			}
		}
		for j := range first[i].Examples {
			first[i].Examples[j].Expression = "changed"
			clear(first[i].Examples[j].Attributes)
		}
	}
	Words()[0] = "changed"
	for _, f := range Functions() {
		if strings.Contains(f.Signature(), "changed") || f.Examples[0].Expression == "changed" {
			t.Errorf("%s was changed", f.Name)
		}
		if f.Name == "Append" && len(f.Examples[0].Attributes) == 0 {
			t.Error("the attributes of an example were changed")
		}
	}
	want := []string{"ASCII", "False", "IgnoreAttributeFlow", "IgnoreObjectFlow", "NULL", "True", "UTF8", "Unicode", "vbBinaryCompare", "vbTextCompare"}
	if diff := cmp.Diff(want, Words()); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
}

// TestOperators: every operator parses where it is said to be allowed, and nowhere else.
func TestOperators(t *testing.T) {
	t.Parallel()
	for _, o := range Operators() {
		if _, err := Parse(`CBool("1" ` + o.Symbol + ` "2")`); err != nil {
			t.Errorf("%s in a condition: %v", o.Symbol, err)
		}
		if _, err := Parse(`"1" ` + o.Symbol + ` "2"`); (err != nil) != o.Comparison {
			t.Errorf("%s outside a condition: %v", o.Symbol, err)
		}
	}
}
