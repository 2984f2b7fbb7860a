package expression

import (
	"fmt"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/google/go-cmp/cmp"
)

// TestTrace: inner parts first, with their place in the source; branches that are not evaluated do not occur.
func TestTrace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source string
		want   []string
	}{
		{`"x"`, []string{`0 1:1 "x" = x`}},
		{`[a]`, []string{`0 1:1 [a] = A`}},
		{`%p%`, []string{`0 1:1 %p% = P`}},
		{"join(\" \",\n  tolower([a]), [missing])", []string{
			`2 2:11 [a] = A`, `1 2:3 ToLower([a]) = a`, `1 2:17 [missing] = null`, `0 1:1 Join(" ", ToLower([a]), [missing]) = a`,
		}},
		{`IIF([a] = "A", Trim("b"), Error("not evaluated"))`, []string{
			`2 1:5 [a] = A`, `1 1:5 [a] = "A" = True`, `1 1:16 Trim("b") = b`, `0 1:1 IIF([a] = "A", Trim("b"), Error("not evaluated")) = b`,
		}},
		{`Switch([a], Error("not evaluated"), "A", [list], "B", [a])`, []string{
			`1 1:8 [a] = A`, `1 1:42 [list] = [A, null]`, `0 1:1 Switch([a], Error("not evaluated"), "A", [list], "B", [a]) = [A, null]`,
		}},
		{`Coalesce([missing], "" & [a], [a])`, []string{
			`1 1:10 [missing] = null`, `2 1:26 [a] = A`, `1 1:21 "" & [a] = A`, `0 1:1 Coalesce([missing], "" & [a], [a]) = A`,
		}},
		{`SelectUniqueValue([a], Trim([a]), Append([a], "2"), Guid())`, []string{
			`1 1:19 [a] = A`, `2 1:29 [a] = A`, `1 1:24 Trim([a]) = A`, `2 1:42 [a] = A`, `1 1:35 Append([a], "2") = A2`,
			`0 1:1 SelectUniqueValue([a], Trim([a]), Append([a], "2"), Guid()) = A2`,
		}},
		{`Append(IgnoreFlowIfNullOrEmpty([missing]), "x")`, []string{
			`2 1:32 [missing] = null`, `1 1:8 IgnoreFlowIfNullOrEmpty([missing]) = drop attribute`, `0 1:1 Append(IgnoreFlowIfNullOrEmpty([missing]), "x") = drop attribute`,
		}},
		{`Append(Left([a], "x"), [a])`, []string{
			`2 1:13 [a] = A`, `1 1:8 Left([a], "x"): Left (line 1, column 8): numChars is not an integer`,
			`0 1:1 Append(Left([a], "x"), [a]): Left (line 1, column 8): numChars is not an integer`,
		}},
	} {
		var got []string
		attributes := map[string]directory.Value{"a": directory.Text("A"), "list": directory.List(directory.Text("A"), directory.Null())}
		environment := Environment{
			Attribute: func(name string) directory.Value { return attributes[name] },
			Parameter: func(string) (string, bool) { return "P", true },
			Taken:     func(candidate directory.Value) (bool, error) { return candidate.Equal(directory.Text("A")), nil },
			Trace: func(s Step) {
				line := fmt.Sprintf("%d %d:%d %s", s.Depth, s.Line, s.Column, s.Expression)
				if s.Err != nil {
					got = append(got, line+": "+s.Err.Error())
					return
				}
				got = append(got, line+" = "+s.Result.String())
			},
		}
		traced, tracedErr := mustParse(t, c.source).Evaluate(environment)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.source, diff)
		}
		environment.Trace = nil
		plain, plainErr := mustParse(t, c.source).Evaluate(environment)
		if diff := cmp.Diff(plain, traced); diff != "" || (plainErr == nil) != (tracedErr == nil) {
			t.Errorf("%s: the trace changes the result: %s", c.source, diff)
		}
	}
}
