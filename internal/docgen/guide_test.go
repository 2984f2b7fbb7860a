package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// `make verify` checks the same; here it fails where the table is changed.
func TestTheCommittedGuideIsFresh(t *testing.T) {
	t.Parallel()
	committed, err := os.ReadFile("../../templates/guides/expressions.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(committed), guide(expression.Functions(), expression.Operators())); diff != "" {
		t.Errorf("run 'make docs' and commit the result (-committed +generated):\n%s", diff)
	}
}

func TestEveryFunctionIsExplainedOnce(t *testing.T) {
	t.Parallel()
	page := guide(expression.Functions(), expression.Operators())
	for _, f := range expression.Functions() {
		if strings.Count(page, "\n#### "+f.Name+"\n") != 1 || strings.Count(page, "["+f.Name+"](#") != 1 {
			t.Errorf("%s is not explained and listed once", f.Name)
		}
	}
	for _, action := range []string{"{{ operators }}", "{{ functions }}"} {
		if strings.Contains(page, action) {
			t.Errorf("%s was not replaced", action)
		}
	}
}

// Every example of the prose gives what it says. Those of the functions are checked in package expression.
func TestExamplesOfTheIntroduction(t *testing.T) {
	t.Parallel()
	blocks := regexp.MustCompile("(?s)\n```text\n(.*?)\n```\n").FindAllStringSubmatch(introduction, -1)
	if len(blocks) < 8 {
		t.Fatalf("%d examples", len(blocks))
	}
	for _, block := range blocks {
		lines := strings.Split(block[1], "\n")
		attributes := map[string]directory.Value{}
		want := ""
		for _, line := range lines[1:] {
			line = strings.TrimPrefix(line, "    ")
			if result, ok := strings.CutPrefix(line, "→ "); ok {
				want = result
				continue
			}
			name, value, _ := strings.Cut(line, " = ")
			attributes[strings.Trim(name, "[]")] = directory.Text(strings.Trim(value, `"`))
		}
		parsed, err := expression.Parse(lines[0])
		if err != nil {
			t.Error(err)
			continue
		}
		result, err := parsed.Evaluate(expression.Environment{Attribute: func(name string) directory.Value { return attributes[name] }})
		if err != nil || result.String() != want {
			t.Errorf("%s is %s (%v), the page says %s", lines[0], result, err, want)
		}
	}
}

// The figures of the page that the engine exports.
func TestLimitsOfTheIntroduction(t *testing.T) {
	t.Parallel()
	if expression.MaximumLength != 10_000 || expression.MaximumElements != 10_000 || expression.MaximumArguments != 2_500 {
		t.Error("the limits have changed: change introduction.md too")
	}
}

func TestGuideOfATable(t *testing.T) {
	t.Parallel()
	text := directory.Text
	got := functionReference([]expression.Function{
		{Name: "B", Category: "New", Summary: "Does b_b.", Details: "Not *a*.", Companion: true, Examples: []expression.Example{
			{Expression: `B("{{")`, Result: "{{x}}", Note: "it rains"},
		}},
		{
			Name: "C", Category: "Text", Summary: "Does c.", Details: "Null is null.",
			Parameters: []expression.Parameter{{Name: "a", Required: true}, {Name: "how", Words: []string{"x", "y"}}},
			Examples: []expression.Example{{
				Expression: "C([b], [a])", Result: `""`,
				Attributes: map[string]directory.Value{"b": directory.List(text("1"), directory.Integer(2)), "a": directory.Record(map[string]directory.Value{"f": text("g")})},
			}, {Expression: "C(1)", Result: "null"}},
		},
	})
	want := strings.ReplaceAll(`| | |
| --- | --- |
| Text | [C](#c) |
| New | [B](#b) |

### Text

#### C

'C(a, how?)'

Does c. Null is null.

'how' is one of 'x', 'y'.

'''text
C([b], [a])
    [a] = {f: "g"}
    [b] = ["1", 2]
    → ""

C(1)
    → null
'''

### New

#### B

'B()'

Does b\_b. Not \*a\*.

This function is not in the main list of the reference but in that of cloud-sync jobs, or in an older one.

'''text
B("{{"{{"}}")
    → {{"{{"}}x}}    when it rains
'''
`, "'", "`")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
