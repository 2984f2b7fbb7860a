package expression_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// outline prints a tree with the names of its places: name(key=part, …).
func outline(t expression.Tree) string {
	if t.Type != expression.TreeFunction {
		return string(t.Type[:1]) + ":" + t.Name
	}
	var parts []string
	for _, p := range t.Parameters {
		parts = append(parts, p.Key+"="+outline(p.Value))
	}
	return t.Name + "(" + strings.Join(parts, ", ") + ")"
}

// The places of Replace and Switch are those of expressions.md 3.
func TestTree(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`[mail]`:                         `A:mail`,
		`"a \"b\" \\ c"`:                 `C:a "b" \ c`,
		`42`:                             `C:42`,
		`&HF`:                            `C:&HF`,
		`Mid([mailNickname], 2, 4)`:      `Mid(source=A:mailNickname, start=C:2, length=C:4)`,
		`Join("-", [a], [b], [c])`:       `Join(separator=C:-, source=A:a, source=A:b, source=A:c)`,
		`Replace([a], "-", , , "_", , )`: `Replace(source=A:a, Find=C:-, Replacement=C:_)`,
		`Replace([a], , "x", , "y", , )`: `Replace(source=A:a, RegularExpression=C:x, Replacement=C:y)`,
		`Replace([a], , "(?<g>x)", "g", , [b], )`: `Replace(source=A:a, RegularExpression=C:(?<g>x), RegularExpressionGroupName=C:g, ReplacementPropertyName=A:b)`,
		`Replace([a], "x", , , , , "t")`:          `Replace(source=A:a, Find=C:x, Template=C:t)`,
		`switch([a], , "1", "2", "3", "4")`:       `Switch(source=A:a, switchValue=C:1, switchValue=C:2, switchValue=C:3, switchValue=C:4)`,
		`Switch([a], "d", "1", "2")`:              `Switch(source=A:a, defaultValue=C:d, switchValue=C:1, switchValue=C:2)`,
		`SingleAppRoleAssignment([roles])`:        `SingleAppRoleAssignment(source=A:roles)`,
		`FormatDateTime([a], "x", "y")`:           `FormatDateTime(source=A:a, inputFormat=C:x, outputFormat=C:y)`,
		`FormatDateTime([a], , "x", "y")`:         `FormatDateTime(source=A:a, inputFormat=C:x, outputFormat=C:y)`,
		`IIF([a]="x", IgnoreAttributeFlow, "y")`:  `IIF(condition==(left=A:a, right=C:x), valueIfTrue=C:IgnoreAttributeFlow, valueIfFalse=C:y)`,
		`[a] & "x" & [b]`:                         `&(source=A:a, source=C:x, source=A:b)`,
		`InStr([a], "x", , vbtextcompare)`:        `InStr(value1=A:a, value2=C:x, compareType=C:vbTextCompare)`,
	} {
		parsed, err := expression.Parse(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got := outline(parsed.Tree()); got != want {
			t.Errorf("%s: got %s, want %s", source, got, want)
		}
	}
}

// The example of expressions.md 3, in whole.
func TestTreeOfNumbers(t *testing.T) {
	t.Parallel()
	parsed, err := expression.Parse("Mid([mailNickname], 2, 4)")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(expression.Tree{
		Type: expression.TreeFunction, Name: "Mid", Expression: "Mid([mailNickname], 2, 4)",
		Parameters: []expression.TreeParameter{
			{Key: "source", Value: expression.Tree{Type: expression.TreeAttribute, Name: "mailNickname", Expression: "[mailNickname]"}},
			{Key: "start", Value: expression.Tree{Type: expression.TreeConstant, Name: "2", Expression: `"2"`}},
			{Key: "length", Value: expression.Tree{Type: expression.TreeConstant, Name: "4", Expression: `"4"`}},
		},
	}, parsed.Tree()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Every function has a name for each of its places.
func TestStoredKeys(t *testing.T) {
	t.Parallel()
	for _, f := range expression.Functions() {
		if keys := expression.StoredKeys(f.Name); len(f.Parameters) > 0 && len(keys) == 0 {
			t.Errorf("%s has no names for its places", f.Name)
		}
		if got := len(expression.ParameterNames(f.Name)); got != len(f.Parameters) {
			t.Errorf("%s has %d names for %d parameters", f.Name, got, len(f.Parameters))
		}
	}
	if expression.StoredKeys("NoSuchFunction") != nil || expression.ParameterNames("NoSuchFunction") != nil {
		t.Error("an unknown function has places")
	}
}
