package exchange_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/exchange"
)

func configuration(t testing.TB, text []byte) exchange.Configuration {
	t.Helper()
	resources, err := exchange.ReadConfiguration([]exchange.File{{Name: "main.tf", Text: text}})
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := resources.Configuration("")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func schema(t testing.TB, c exchange.Configuration) []byte {
	t.Helper()
	raw, err := c.Schema()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// normalised reduces a schema to what has to survive both ways, and drops the losses that are allowed: what LeftOut
// lists, metadata, names of object mappings, definitions of attributes that no mapping uses, what the source says of its
// attributes, references, and the text of inner parts of an expression. Order does not count, an empty default is none.
func normalised(t testing.TB, raw []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	root := schemaOf(v).(map[string]any)
	rule := root["synchronizationRules"].([]any)[0].(map[string]any)
	mappings := map[string]any{}
	for _, raw := range rule["objectMappings"].([]any) {
		m := raw.(map[string]any)
		delete(m, "metadata")
		delete(m, "name")
		used := map[string]any{}
		for _, raw := range m["attributeMappings"].([]any) {
			a := raw.(map[string]any)
			used[a["targetAttributeName"].(string)] = a
			if a["defaultValue"] == "" {
				a["defaultValue"] = nil
			}
			innerTexts(a["source"])
		}
		m["attributeMappings"] = used
		for _, raw := range root["directories"].([]any)[1].(map[string]any)["objects"].([]any) {
			if object := raw.(map[string]any); object["name"] == m["targetObjectName"] {
				m["definitions"] = definitions(object, used)
			}
		}
		if scope, ok := m["scope"].(map[string]any); ok {
			slices.SortFunc(scope["groups"].([]any), func(a, b any) int {
				return strings.Compare(a.(map[string]any)["name"].(string), b.(map[string]any)["name"].(string))
			})
		}
		mappings[m["sourceObjectName"].(string)] = m
	}
	return map[string]any{"from": rule["sourceDirectoryName"], "to": rule["targetDirectoryName"], "mappings": mappings}
}

func definitions(object map[string]any, used map[string]any) map[string]any {
	kept := map[string]any{}
	for _, raw := range object["attributes"].([]any) {
		a := raw.(map[string]any)
		for _, name := range []string{"metadata", "referencedObjects", "apiExpressions", "flowNullValues"} {
			delete(a, name)
		}
		if name := a["name"].(string); used[name] != nil {
			kept[name] = a
		}
	}
	return kept
}

func innerTexts(source any) {
	s, ok := source.(map[string]any)
	if !ok {
		return
	}
	for _, raw := range s["parameters"].([]any) {
		value := raw.(map[string]any)["value"].(map[string]any)
		delete(value, "expression")
		innerTexts(value)
	}
}

func TestSchemaSurvivesBothWays(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"default.json", "customised.json"} {
		for _, preset := range []string{"", job.PresetEntra} {
			raw := read(t, file)
			back := schema(t, configuration(t, imported(t, raw, exchange.Options{Preset: preset}).HCL(exchange.Form{})))
			if diff := cmp.Diff(normalised(t, raw), normalised(t, back)); diff != "" {
				t.Errorf("%s with preset %q (-before +after):\n%s", file, preset, diff)
			}
		}
	}
}

func TestConfigurationIsAFixpoint(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"default.json", "customised.json", "onpremises.json"} {
		first := imported(t, read(t, file), exchange.Options{}).HCL(exchange.Form{})
		second := imported(t, schema(t, configuration(t, first)), exchange.Options{}).HCL(exchange.Form{})
		if diff := cmp.Diff(uncommented(first), uncommented(second)); diff != "" {
			t.Errorf("%s: configuration (-first +second):\n%s", file, diff)
		}
		third := imported(t, schema(t, configuration(t, second)), exchange.Options{}).HCL(exchange.Form{})
		if diff := cmp.Diff(string(second), string(third)); diff != "" {
			t.Errorf("%s: with comments (-second +third):\n%s", file, diff)
		}
	}
}

func uncommented(text []byte) string {
	var kept []string
	for line := range strings.Lines(string(text)) {
		if trimmed := strings.TrimSpace(line); !strings.HasPrefix(trimmed, "#") && trimmed != "" {
			// A comment within a map parts the lines that are aligned.
			kept = append(kept, strings.Join(strings.Fields(line), " "))
		}
	}
	return strings.Join(kept, "\n")
}

// Every expression of the conformance vectors is stored as a tree and rebuilt from it without its text.
func TestExpressionsAreRebuiltFromTheirTrees(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../expression/testdata/expression-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct{ ID, Expression string }
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, vector := range vectors {
		parsed, err := expression.Parse(vector.Expression)
		if err != nil {
			continue
		}
		tried++
		c := exchange.Configuration{App: job.App{Key: "app", DisplayName: "app"}, Mappings: []job.Mapping{{
			AppKey: "app", ObjectType: directory.User, Enabled: true, Actions: job.Actions{Create: true},
			Attributes: []job.AttributeMapping{
				{Target: "userName", Expression: "[userPrincipalName]", MatchingPrecedence: 1, FlowType: job.FlowAlways},
				{Target: "title", Expression: vector.Expression, FlowType: job.FlowAlways},
			},
		}}}
		var stored any
		if err := json.Unmarshal(schema(t, c), &stored); err != nil {
			t.Fatal(err)
		}
		visit(stored, "", nil, func(path string, v any, replace func(any)) {
			// Words and hexadecimal numbers are only known by their text.
			if text, ok := v.(string); ok && strings.HasSuffix(path, ".expression") && (strings.HasSuffix(path, "source.expression") || strings.HasPrefix(text, `"`)) {
				replace(nil)
			}
		})
		got := ""
		i := imported(t, marshal(t, stored), exchange.Options{})
		for _, m := range i.Mappings {
			for _, a := range m.Attributes {
				if a.Target == "title" {
					got = a.Expression
				}
			}
		}
		for _, n := range i.Notes {
			// What cannot be a mapping by itself is there as well, in a comment.
			if n.Attribute != nil {
				got = n.Attribute.Expression
			}
		}
		again, err := expression.Parse(got)
		if err != nil {
			t.Errorf("%s: %s became %s: %v", vector.ID, vector.Expression, got, err)
			continue
		}
		if diff := cmp.Diff(withoutTexts(parsed.Tree()), withoutTexts(again.Tree())); diff != "" {
			t.Errorf("%s: %s became %s (-want +got):\n%s", vector.ID, vector.Expression, got, diff)
		}
	}
	if tried < 150 {
		t.Errorf("only %d expressions were tried", tried)
	}
}

// withoutTexts drops the text of each part: numbers come back as texts (expressions.md 1.1).
func withoutTexts(t expression.Tree) expression.Tree {
	t.Expression = ""
	t.Parameters = slices.Clone(t.Parameters)
	for i, p := range t.Parameters {
		t.Parameters[i].Value = withoutTexts(p.Value)
	}
	return t
}
