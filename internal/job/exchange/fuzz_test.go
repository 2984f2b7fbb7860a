package exchange_test

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/exchange"
)

// Whatever a file contains, it is refused or becomes configuration that parses and can be exported.
func FuzzImport(f *testing.F) {
	f.Add([]byte(`{"synchronizationRules": []}`))
	f.Add(around(`, {"targetAttributeName": "a\"${b}%{c}\n\r\u2028", "source": {"type": "Constant", "name": "${x}%{y}\u0000\u0085\n*/ #"}, "extra\n}": "}\n# {"}`, `"name": "x\n}\nresource", "scope": {"groups": [{"name": "\n}", "clauses": [{"sourceOperandName": "a\n", "operatorName": "EQUALS", "targetOperand": {"values": ["${a}\n", "é"]}}]}]},`))
	f.Add(around(`, {"targetAttributeName": "title", "source": {"type": "Function", "name": "IIF", "parameters": [{"key": "condition", "value": {"expression": "[a]=\"x\""}}]}}`, ""))
	f.Fuzz(func(t *testing.T, raw []byte) {
		survives(t, raw, "")
		survives(t, raw, job.PresetEntra)
	})
}

func survives(t *testing.T, raw []byte, preset string) {
	t.Helper()
	i, err := exchange.ReadSchema(raw, exchange.Options{Preset: preset})
	if err != nil {
		return
	}
	_ = i.Summary("x")
	text := i.HCL(exchange.Form{From: "x"})
	if _, diagnostics := hclsyntax.ParseConfig(text, "main.tf", hcl.InitialPos); diagnostics.HasErrors() {
		t.Fatalf("%s\n%s", diagnostics, text)
	}
	if len(i.Mappings) == 0 {
		return
	}
	resources, err := exchange.ReadConfiguration([]exchange.File{{Name: "main.tf", Text: text}})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	c, _, err := resources.Configuration("")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if _, err := c.Schema(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// Texts of every place where a schema has one.
func FuzzTexts(f *testing.F) {
	f.Add("title", "Append([mail], \"x\")", "a\"${b}%{c}\n", "department")
	f.Add("emails[type eq \"work\"].value", "\"\u0000\"", "x\\", "[")
	f.Fuzz(func(t *testing.T, target, expression, text, attribute string) {
		part := func(kind, name, expression string) map[string]any {
			return map[string]any{"type": kind, "name": name, "expression": expression, "parameters": []any{
				map[string]any{"key": text, "value": map[string]any{"type": "Constant", "name": text}},
			}}
		}
		mapping := func(target string, source any) map[string]any {
			return map[string]any{"targetAttributeName": target, "source": source, "defaultValue": text, "matchingPriority": 1}
		}
		raw := marshal(t, map[string]any{text: expression, "synchronizationRules": []any{map[string]any{
			"targetDirectoryName": text, "objectMappings": []any{map[string]any{
				"name": text, "sourceObjectName": "User", "targetObjectName": "User", "flowTypes": text + ", Add",
				"attributeMappings": []any{
					mapping("userName", map[string]any{"type": "Attribute", "name": attribute}), mapping(target, part("Function", text, expression)),
					mapping(text, part("Constant", text, expression)), mapping(target+"x", part(text, "", expression)),
				},
				"scope": map[string]any{"groups": []any{map[string]any{"name": text, "clauses": []any{
					map[string]any{"sourceOperandName": attribute, "operatorName": "EQUALS", "targetOperand": map[string]any{"values": []any{text, expression}}},
				}}}},
			}},
		}}})
		survives(t, raw, "")
	})
}
