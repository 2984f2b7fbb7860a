package exchange_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/exchange"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func read(t testing.TB, file string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func imported(t testing.TB, raw []byte, options exchange.Options) exchange.Import {
	t.Helper()
	i, err := exchange.ReadSchema(raw, options)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// The golden files were read by a person: mappings-and-scoping.md 7.1 and 7.2 row by row, and the others against the
// script of their schemas. internal/clitest proves that Terraform accepts them.
func TestImportGolden(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		schema, golden string
		options        exchange.Options
		form           exchange.Form
	}{
		{schema: "default.json", golden: "default.tf"},
		{schema: "customised.json", golden: "customised.tf", options: exchange.Options{AppKey: "wiki", AppName: "Wiki of Contoso"}},
		{schema: "onpremises.json", golden: "onpremises.tf"},
		{schema: "default.json", golden: "default-preset.tf", options: exchange.Options{AppKey: "crm", Preset: job.PresetEntra}, form: exchange.Form{MappingsOnly: true}},
		{schema: "customised.json", golden: "customised-preset.tf", options: exchange.Options{Preset: job.PresetEntra}, form: exchange.Form{MappingsOnly: true}},
	} {
		t.Run(c.golden, func(t *testing.T) {
			t.Parallel()
			i := imported(t, read(t, c.schema), c.options)
			c.form.From = c.schema
			golden(t, c.golden, string(i.HCL(c.form)))
			golden(t, strings.TrimSuffix(c.golden, ".tf")+".txt", i.Summary(c.schema))
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", file), []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(read(t, file)), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// The same schema in the forms in which it is met.
func TestImportForms(t *testing.T) {
	t.Parallel()
	want := imported(t, read(t, "customised.json"), exchange.Options{})
	plain := string(read(t, "customised.json"))
	utf16 := []byte{0xFF, 0xFE}
	for _, r := range plain {
		utf16 = append(utf16, byte(r), byte(r>>8))
	}
	for name, raw := range map[string][]byte{
		"downloaded on Windows":      read(t, "portal.json"),
		"redirected by PowerShell":   utf16,
		"within a template":          []byte(`{"@odata.context": "https://graph.microsoft.com/v1.0/$metadata", "schema": ` + plain + `}`),
		"in a list":                  []byte(`{"value": [` + plain + `]}`),
		"with names in upper case":   []byte(strings.NewReplacer(`"synchronizationRules"`, `"SynchronizationRules"`, `"attributeMappings"`, `"AttributeMappings"`, `"source"`, `"Source"`).Replace(plain)),
		"with annotations of OData":  []byte(strings.ReplaceAll(plain, `"enabled": true`, `"enabled": true, "scope@odata.context": "x", "@odata.type": "#microsoft.graph.objectMapping"`)),
		"with members that are null": []byte(strings.ReplaceAll(plain, `"enabled": true`, `"enabled": true, "later": null, "soon": []`)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := imported(t, raw, exchange.Options{})
			if diff := cmp.Diff(want.Configuration, got.Configuration); diff != "" {
				t.Errorf("configuration (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(len(want.Notes), len(got.Notes)); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestImportErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ raw, want string }{
		"empty":       {"  \n", "the file is empty"},
		"no JSON":     {"{\n  \"a\": 1,\n  oops\n}", "line 3, column 3: not valid JSON"},
		"cut off":     {`{"synchronizationRules": [`, "line 1, column 26: not valid JSON: unexpected end of JSON input"},
		"two values":  {"{}\n{}", "line 2, column 1: not valid JSON"},
		"not UTF-8":   {"{\"a\": \"\xff\"}", "the file is not UTF-8"},
		"another":     {`{"displayName": "x", "id": "y"}`, "there is no synchronizationRules in it, only displayName, id"},
		"a list":      {`[]`, "expected a JSON object"},
		"two schemas": {`{"value": [{"synchronizationRules": []}, {"synchronizationRules": []}]}`, "a list of 2 schemas: keep one"},
		"too deep":    {strings.Repeat(`{"a":`, 1100) + "1" + strings.Repeat("}", 1100), "nested more than 1000 levels deep"},
		"too large":   {strings.Repeat(" ", exchange.MaximumInput) + "{}", "at most 16777216 are read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := exchange.ReadSchema([]byte(c.raw), exchange.Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if _, err := exchange.ReadSchema([]byte(`{"synchronizationRules": []}`), exchange.Options{AppKey: "No Key"}); err == nil || !strings.Contains(err.Error(), "app key") {
		t.Errorf("a bad key: %v", err)
	}
}

// The guide has a table of what is left out without a note. It must not fall behind.
func TestGuideListsWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../../templates/guides/migrate-from-entra.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range exchange.LeftOut() {
		if want := "| `" + row.Path + "` | " + row.Why + " |"; !strings.Contains(string(guide), want) {
			t.Errorf("the guide lacks the row\n%s", want)
		}
	}
}

// What the guide shows is what the command writes.
func TestGuideShowsAnImport(t *testing.T) {
	t.Parallel()
	const guide = "../../../examples/guides/migrate-from-entra/"
	schema, err := os.ReadFile(guide + "schema.json")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(guide + "mapping.tf")
	if err != nil {
		t.Fatal(err)
	}
	got := imported(t, schema, exchange.Options{AppKey: "wiki"}).HCL(exchange.Form{From: "schema.json", MappingsOnly: true})
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("(-example +import):\n%s", diff)
	}
}
