package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cli"
)

const smallSchema = `{"synchronizationRules": [{"sourceDirectoryName": "Azure Active Directory", "targetDirectoryName": "Contoso Wiki",
  "objectMappings": [{"sourceObjectName": "User", "targetObjectName": "User", "novelty": 1, "attributeMappings": [
    {"targetAttributeName": "userName", "matchingPriority": 1, "source": {"type": "Attribute", "name": "userPrincipalName"}}]}]}]}`

func exchanged(t *testing.T, in string, args ...string) (status int, out, err string) {
	t.Helper()
	var stdout, stderr strings.Builder
	status = cli.Run(t.Context(), args, cli.Build{}, cli.Streams{In: strings.NewReader(in), Out: &stdout, Err: &stderr})
	return status, stdout.String(), stderr.String()
}

func TestSchemaCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	schema, config, back := filepath.Join(dir, "schema.json"), filepath.Join(dir, "wiki.tf"), filepath.Join(dir, "back.json")
	if err := os.WriteFile(schema, []byte(smallSchema), 0o600); err != nil {
		t.Fatal(err)
	}

	status, out, said := exchanged(t, "", "import-schema", schema, "-o", config)
	if status != 0 || out != "" || !strings.Contains(said, "  left out: the member \"novelty\" has no counterpart (synchronizationRules[0].objectMappings[0].novelty)\n") {
		t.Fatalf("import: %d %q %q", status, out, said)
	}
	status, out, said = exchanged(t, smallSchema, "import-schema", "-", "--app", "wiki", "--mappings-only")
	if status != 0 || !strings.Contains(out, "app_id      = provisioning_app.wiki.id") || strings.Contains(out, "provisioning_job") || said == "" {
		t.Errorf("import of standard input: %d %q %q", status, out, said)
	}
	status, _, said = exchanged(t, "", "import-schema", schema, "-o", config)
	if status != 1 || !strings.Contains(said, "file exists") {
		t.Errorf("import over a file: %d %q", status, said)
	}

	if status, out, said = exchanged(t, "", "export-schema", dir, "-o", back); status != 0 || out != "" || said != "" {
		t.Fatalf("export: %d %q %q", status, out, said)
	}
	_, first, _ := exchanged(t, "", "import-schema", back, "--mappings-only")
	_, second, _ := exchanged(t, smallSchema, "import-schema", "-", "--mappings-only")
	if mapping(first) == "" || mapping(first) != mapping(second) {
		t.Errorf("the schema came back as\n%s\nwant\n%s", first, second)
	}
	if status, out, _ = exchanged(t, "", "export-schema", config); status != 0 || !strings.Contains(out, `"targetDirectoryName": "Contoso Wiki"`) {
		t.Errorf("export of a file: %d %q", status, out)
	}
	state := `{"format_version": "1.0", "values": {"root_module": {"resources": [{"mode": "managed", "type": "provisioning_scoping_filter", "address": "a.b", "values": {
		"app_id": "crm", "object_type": "user", "name": "f", "clauses": [{"attribute": "mail", "operator": "IS NULL"}]}}]}}}`
	if status, out, _ = exchanged(t, state, "export-schema", "-", "--app", "crm"); status != 0 || !strings.Contains(out, `"targetDirectoryName": "crm"`) {
		t.Errorf("export of standard input: %d %q", status, out)
	}
}

// mapping is the part of an import between the lines that say where it comes from and what is not used.
func mapping(text string) string {
	_, rest, _ := strings.Cut(text, "resource \"provisioning_attribute_mapping\"")
	rest, _, _ = strings.Cut(rest, "\n}\n")
	return rest
}

func TestSchemaCommandErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	variable := filepath.Join(dir, "main.tf")
	if err := os.WriteFile(variable, []byte("resource \"provisioning_attribute_mapping\" \"m\" {\n  app_id = var.app\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args   []string
		in     string
		status int
		want   string
	}{
		"no file":        {[]string{"import-schema"}, "", 2, "expected \"<file>\""},
		"missing file":   {[]string{"import-schema", filepath.Join(dir, "none.json")}, "", 1, "no such file"},
		"bad JSON":       {[]string{"import-schema", "-"}, "{\n oops", 1, "standard input: line 2, column 2: not valid JSON"},
		"bad preset":     {[]string{"import-schema", "-", "--preset", "x"}, "", 2, "--preset must be one of"},
		"bad key":        {[]string{"import-schema", "-", "--app", "A B"}, smallSchema, 1, "app key"},
		"empty dir":      {[]string{"export-schema", t.TempDir()}, "", 1, "there are no .tf files"},
		"not literal":    {[]string{"export-schema", dir}, "", 1, variable + ":2: "},
		"no state":       {[]string{"export-schema", "-"}, "{}", 1, "-: this is not the output of terraform show -json"},
		"missing config": {[]string{"export-schema", filepath.Join(dir, "none.tf")}, "", 1, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if status, out, said := exchanged(t, c.in, c.args...); status != c.status || !strings.Contains(said, c.want) || out != "" {
				t.Errorf("%d %q %q, want %d %q", status, out, said, c.status, c.want)
			}
		})
	}
	for _, command := range []string{"import-schema", "export-schema"} {
		if status, out, _ := exchanged(t, "", command, "-h"); status != 0 || !strings.Contains(out, "Examples:") {
			t.Errorf("%s -h: %d %q", command, status, out)
		}
	}
}
