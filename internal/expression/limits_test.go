package expression

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// TestAmplification: expressions that multiply data end with an error, soon.
func TestAmplification(t *testing.T) {
	t.Parallel()
	megabyte := directory.Text(strings.Repeat("x", 1<<20))
	many := make([]directory.Value, MaximumElements)
	for i := range many {
		many[i] = directory.Text("xxxxxxxx")
	}
	attributes := map[string]directory.Value{
		"x": directory.Text("x"), "megabyte": megabyte, "many": directory.List(many...), "long": directory.Text(strings.Repeat("x", 60_000)),
		"commas": directory.Text(strings.Repeat(",", 16<<20)), "huge": directory.Text(strings.Repeat("x", 80<<20)),
	}
	nest := func(depth int, before, after string) string {
		return strings.Repeat(before, depth) + "[x]" + strings.Repeat(after, depth)
	}
	for id, source := range map[string]string{
		"replace":          nest(200, "Replace(", `, "x", , , "xx")`),
		"replace template": nest(40, "Replace(", `, "y", , , , , "yy")`),
		"replace pattern":  nest(40, "Replace(", `, , "x", , "$&$&")`),
		"replace group":    nest(40, "Replace(", `, , "(?<n>x)", "n", "xx")`),
		"group, long":      `Replace([long], , "(?<n>x)", "n", [megabyte])`,
		"pattern, long":    `Replace([long], , "x", , [megabyte])`,
		"whole input":      `Replace([long], , "x", , "$_")`,
		"join":             nest(100, `Join("", `, `, "a", [megabyte])`),
		"join separator":   `Join([megabyte], [many])`,
		"join lists":       `Join("", ` + strings.Repeat("[megabyte], ", 500) + `"")`,
		"concatenation":    strings.Repeat("[megabyte] & ", 500) + `""`,
		"word":             `Word([megabyte], 1, [megabyte])`,
		"proper case":      `PCase([megabyte], [megabyte])`,
		"split":            `Split([commas])`,
		"switch":           `Switch([x], ` + strings.Repeat(", [megabyte], [x]", 200) + `)`,
		"hexadecimal":      nest(100, "ConvertToUTF8Hex(", ")"),
		"base64":           nest(200, "ConvertToBase64(", ")"),
		"too large":        `IsPresent([huge])`,
		"time and again":   `Join("", ` + strings.Repeat("Trim([megabyte]), ", 300) + `"")`,
		"date format":      `FormatDateTime("2020", , "yyyy", Replace([long], "x", , , "dddddddddddddddddddd"))`,
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			e := mustParse(t, source)
			start := time.Now()
			result, err := e.Evaluate(Environment{Attribute: func(name string) directory.Value { return attributes[name] }})
			if _, ok := errors.AsType[*EvaluationError](err); !ok {
				text, _ := result.Value.Text()
				t.Errorf("a result of %d bytes and the error %v, want an *EvaluationError", len(text), err)
			}
			// Generous: the machine may be loaded. Without the limits most cases run for minutes or out of memory.
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

// TestWithinLimits: what people may well want is not in the way of the limits.
func TestWithinLimits(t *testing.T) {
	t.Parallel()
	many := make([]directory.Value, MaximumElements)
	for i := range many {
		many[i] = directory.Text("somebody@contoso.com")
	}
	attributes := map[string]directory.Value{"many": directory.List(many...), "photo": directory.Text(strings.Repeat("x", 8<<20)), "note": directory.Text(strings.Repeat("äbc ", 5_000))}
	for _, source := range []string{
		`[many]`, `RemoveDuplicates(ToLower([many]))`, `Join(";", [many])`, `Count([many])`, `[photo]`, `IIF(IsPresent([photo]), [photo], "")`, `Left([photo], 10)`,
		`Split([note], " ")`, `PCase([note], " -'")`, `Word([note], 4999, " ,.;")`, `Replace(Left([note], 1000), , "(?<first>\w)\w*", , "${first}.")`, `NormalizeDiacritics([note])`,
		strings.Repeat("Replace(", 100) + "[note]" + strings.Repeat(`, "ä", , , "ae")`, 100),
	} {
		if _, err := mustParse(t, source).Evaluate(Environment{Attribute: func(name string) directory.Value { return attributes[name] }}); err != nil {
			t.Errorf("%s: %v", source, err)
		}
	}
}

// TestPatternsShareTime: slow patterns do not add up.
func TestPatternsShareTime(t *testing.T) {
	t.Parallel()
	const simple = `Replace("a", , "a", , "b")`
	for count, want := range map[int]time.Duration{1: time.Second, 4: time.Second, 8: 500 * time.Millisecond, 100: 100 * time.Millisecond} {
		walk(mustParse(t, simple+strings.Repeat(" & "+simple, count-1)).root, func(n node) {
			if c, ok := n.(*call); ok && c.pattern.MatchTimeout != want {
				t.Errorf("of %d patterns each has %s, want %s", count, c.pattern.MatchTimeout, want)
			}
		})
	}
	for count, allowed := range map[int]bool{maximumPatterns: true, maximumPatterns + 1: false} {
		e := mustParse(t, simple+strings.Repeat(" & "+simple, count-1))
		if _, err := e.Evaluate(Environment{}); errors.Is(err, errPatterns) == allowed {
			t.Errorf("%d patterns: %v", count, err)
		}
	}
}
