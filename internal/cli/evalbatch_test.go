package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEvalBatch(t *testing.T) {
	t.Parallel()
	const in = `[
		{"id": 1, "expression": "[a]", "attributes": {"a": true, "A": "other"}, "note": "ignored", "Expression": "ignored"},
		{"id": "two", "expression": "[a]", "attributes": {"a": 123456789012345678901234567890}},
		{"id": {"three": 12345678901234567890}, "expression": "ToLower(", "attributes": {}},
		{"id": null, "expression": "[a]"},
		{"id": [5], "expression": "[a]", "attributes": null},
		{"id": 6, "expression": "SelectUniqueValue([a], [b])", "attributes": {"a": "<x>", "b": "y"}, "target_existing": ["<X>"]},
		{"id": 7, "expression": "SelectUniqueValue([a], [b])", "attributes": {"a": "x", "b": "y"}, "target_existing": null},
		{"id": 8, "expression": "Now()", "now": "2026-01-31T12:00:00Z", "profile": "cloud-sync"},
		{"id": 9, "expression": "Now()"},
		{"id": 10, "expression": "Split([a], \",\")", "attributes": {"a": "1,2"}},
		{"id": 11, "expression": "[r]", "attributes": {"r": [{"id": 7, "value": null}, "x", null]}},
		{"id": 12, "expression": "IgnoreAttributeFlow"},
		{"id": 13, "expression": "IgnoreObjectFlow"},
		{"id": 14, "expression": "Append(\"a\",\n Error(\"no\"))"},
		{"id": 15, "expression": "[a]", "attributes": {"a": ""}},
		{"id": 16, "expression": "DefaultDomain() & %Site%"}
	]`
	want := []string{
		`{"id":1,"value":"True"}`,
		`{"id":"two","value":"123456789012345678901234567890"}`,
		`{"id":{"three":12345678901234567890},"error":{"message":"expected a value, found the end of the expression","line":1,"column":9}}`,
		`{"id":null,"value":null}`,
		`{"id":[5],"value":null}`,
		`{"id":6,"value":"y"}`,
		`{"id":7,"value":"x"}`,
		`{"id":8,"value":"1/31/2026 12:00:00 PM"}`,
		`{"id":9,"value":"2/1/2026 12:00:00 AM"}`,
		`{"id":10,"value":["1","2"]}`,
		`{"id":11,"value":[{"id":"7","value":null},"x",null]}`,
		`{"id":12,"dropped":"attribute"}`,
		`{"id":13,"dropped":"object"}`,
		`{"id":14,"error":{"message":"Error: no","line":2,"column":2}}`,
		`{"id":15,"value":""}`,
		`{"id":16,"value":"example.com-HQ"}`,
	}
	got := run(t, in, "eval", "--batch", "--now", "2026-02-01T00:00:00Z", "--default-domain", "example.com", "--parameter", "Site=-HQ")
	lines := strings.Split(strings.TrimSuffix(strings.TrimPrefix(got.Out, "[\n"), "\n]\n"), ",\n")
	// The words of a syntax error belong to the parser.
	if len(lines) > 2 {
		lines[2], want[2] = place(t, lines[2]), place(t, want[2])
	}
	if diff := cmp.Diff(want, lines); diff != "" || got.Status != 0 || got.Err != "" {
		t.Errorf("status %d, %q (-want +got):\n%s", got.Status, got.Err, diff)
	}
	if !json.Valid([]byte(got.Out)) {
		t.Errorf("not JSON: %s", got.Out)
	}
	if diff := cmp.Diff(said{Out: "[]\n"}, run(t, "[]", "eval", "--batch")); diff != "" {
		t.Errorf("nothing to do (-want +got):\n%s", diff)
	}
}

// place keeps the id of a failed item and says whether its error has a message and a line.
func place(t *testing.T, line string) string {
	t.Helper()
	var item struct {
		ID    json.RawMessage
		Error struct {
			Message      string
			Line, Column int
		}
	}
	if err := json.Unmarshal([]byte(line), &item); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s %t line %d", item.ID, item.Error.Message != "", item.Error.Line)
}

func TestEvalBatchRefuses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" \n":                              "it is empty",
		"[\n {\"id\": 1,}]":                "not JSON: line 2, column 11: ",
		"[] []":                            "not JSON: line 1, column 4: ",
		`{"id": 1}`:                        "expected a JSON array, got an object",
		"null":                             "expected a JSON array, got null",
		`[{"id":1,"expression":"[a]"}, 7]`: "[1]: expected an object, got a number",
		`[null]`:                           "[0]: expected an object, got null",
		`[{"expression":"[a]"}]`:           "[0].id: is missing",
		`[{"id":1}]`:                       "[0].expression: is missing",
		`[{"id":1,"expression":5}]`:        "[0].expression: expected a text, got a number",
		`[{"id":1,"expression":null}]`:     "[0].expression: expected a text, got null",
		item(`"attributes": []`):           "[0].attributes: expected an object, got a list",
		item(`"now": 5`):                   "[0].now: expected a text, got a number",
		item(`"now": "yesterday"`):         `[0].now: "yesterday" is not a time such as 2026-01-31T12:00:00Z`,
		item(`"target_existing": "a"`):     "[0].target_existing: expected a list, got a text",
		item(`"target_existing": [["a"]]`): "[0].target_existing[0]: expected a text, got a list",
		item(`"attributes": {"d": {"$dateTime": "x"}}`): "[0].attributes.d: date-time value: ",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			got := run(t, in, "eval", "--batch")
			if got.Status != 1 || got.Out != "" || !strings.HasPrefix(got.Err, prefix+"standard input: "+want) {
				t.Errorf("%s: said %+v, want %q", in, got, want)
			}
		})
	}
}

func item(member string) string { return `[{"id": 1, "expression": "[a]", ` + member + `}]` }

// Every conformance vector gives its result through the command, and the vector file is valid input as it is.
func TestEvalBatchVectors(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../expression/testdata/expression-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		ID       string
		Expected any
		Flow     string
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&vectors); err != nil {
		t.Fatal(err)
	}
	said := run(t, string(raw), "eval", "--batch")
	var results []map[string]any
	if err := json.Unmarshal([]byte(said.Out), &results); err != nil || said.Status != 0 {
		t.Fatalf("%v: status %d, %s", err, said.Status, said.Err)
	}
	if len(results) != len(vectors) || len(vectors) != 191 {
		t.Fatalf("%d results of %d vectors", len(results), len(vectors))
	}
	for i, v := range vectors {
		got := results[i]
		if _, fails := v.Expected.(map[string]any); fails {
			problem, _ := got["error"].(map[string]any)
			if problem["message"] == "" || problem["line"] == nil || problem["column"] == nil || len(got) != 2 || got["id"] != v.ID {
				t.Errorf("%s: %v, want an error", v.ID, got)
			}
			continue
		}
		want := map[string]any{"id": v.ID, "value": inText(v.Expected)}
		if v.Flow != "" {
			want = map[string]any{"id": v.ID, "dropped": v.Flow}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", v.ID, diff)
		}
	}
}

// inText converts expected values to text, as expressions.md 12 says how to compare them.
func inText(expected any) any {
	switch x := expected.(type) {
	case bool:
		if x {
			return "True"
		}
		return "False"
	case json.Number:
		return x.String()
	case []any:
		texts := []any{}
		for _, element := range x {
			texts = append(texts, inText(element))
		}
		return texts
	default:
		return x
	}
}

func BenchmarkEvalBatch(b *testing.B) {
	const items = 10_000
	var in strings.Builder
	in.WriteString("[")
	for i := range items {
		if i > 0 {
			in.WriteString(",")
		}
		fmt.Fprintf(&in, `{"id":%d,"expression":"Join(\".\", ToLower([givenName]), ToLower(NormalizeDiacritics([surname])))","attributes":{"givenName":"Ada%d","surname":"Lovelacé"}}`, i, i)
	}
	in.WriteString("]")
	for b.Loop() {
		if got := runCommand(b.Context(), in.String(), "eval", "--batch"); got.Status != 0 {
			b.Fatal(got.Err)
		}
	}
}

// Whatever comes in, either everything is answered in order or nothing is.
func FuzzEvalBatch(f *testing.F) {
	f.Add(`[{"id":1,"expression":"[a]","attributes":{"a":[1,null,{"value":"x"}]}}]`)
	f.Add(`[{"id":{"a":1e400},"expression":"CDate([a])","attributes":{"a":"2020-03-16"},"now":"2020-01-01T00:00:00Z","target_existing":["a",1]}]`)
	f.Add("\ufeff [ ] ")
	f.Add(`[{"id":1,"expression":"("},{"id":2}]`)
	f.Fuzz(func(t *testing.T, in string) {
		got := run(t, in, "eval", "--batch")
		if got.Status != 0 {
			if got.Out != "" || !strings.HasPrefix(got.Err, prefix+"standard input: ") {
				t.Fatalf("said %+v", got)
			}
			return
		}
		given, answered := ids(t, strings.TrimPrefix(in, "\ufeff")), ids(t, got.Out)
		if diff := cmp.Diff(given, answered); diff != "" {
			t.Errorf("ids (-given +answered):\n%s", diff)
		}
	})
}

// ids returns the ids of a list of objects, numbers with all their digits.
func ids(t *testing.T, list string) []any {
	t.Helper()
	var items []map[string]any
	decoder := json.NewDecoder(strings.NewReader(list))
	decoder.UseNumber()
	if err := decoder.Decode(&items); err != nil {
		t.Fatalf("%v: %s", err, list)
	}
	all := []any{}
	for _, item := range items {
		all = append(all, item["id"])
	}
	return all
}
