package clitest_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// piece is configuration that a page of the documentation shows.
type piece struct{ page, text string }

var (
	fenced = regexp.MustCompile("(?ms)^```(?:terraform|hcl)\n(.*?)^```")
	// argument begins a piece that is a part of a resource.
	argument = regexp.MustCompile(`\A(?:#.*\n)*(\w+)\s*=`)
	opening  = regexp.MustCompile(`(?m)^(\w+)(?: "[^"]*")* \{`)
	declared = regexp.MustCompile(`(?m)^variable "(\w+)" \{[^}]*\}`)
	readFile = regexp.MustCompile(`file\("(?:\$\{path\.module\}/)?([^"$]+)"\)`)
	referred = regexp.MustCompile(`\b(provisioning_\w+)\.(\w+)\.id\b`)
	module   = regexp.MustCompile(`piece_\d+`)
	// outside are blocks that no module takes: those of tests, of the root, and of later versions of Terraform.
	outside = []string{"run", "import", "action"}
)

const (
	partOfJob = `resource "provisioning_job" "example" {
  app_id        = "wiki"
  source_id     = "people"
  connection_id = "wiki/scim"
  mapping_ids   = ["wiki/user"]
%s}
`
	partOfConnection = `resource "provisioning_scim_connection" "example" {
  app_id                  = "wiki"
  base_url                = "https://wiki.example.com/scim/v2"
  bearer_token_wo         = "an-example"
  bearer_token_wo_version = 1
%s}
`
	requirement = `terraform {
  required_providers {
    provisioning = { source = "app-provisioning/provisioning" }
  }
}
`
)

// wholes has the resource that an attribute, shown by itself, is a part of.
var wholes = map[string]string{"limits": partOfJob, "restart": partOfJob, "tls": partOfConnection}

// ids are those of resources that a page refers to and describes in words.
var ids = map[string]string{
	"provisioning_source": "people", "provisioning_app": "wiki", "provisioning_scim_connection": "wiki/scim",
	"provisioning_attribute_mapping": "wiki/user", "provisioning_scoping_filter": "wiki/sales-only", "provisioning_job": "wiki/main",
}

// pieces finds the pieces of every page that the registry shows, in the order of their paths. What a guide shows in several places
// belongs together.
func pieces(t *testing.T) []piece {
	t.Helper()
	docs := filepath.Join("..", "..", "docs")
	var found []piece
	err := filepath.WalkDir(docs, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".md" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var together strings.Builder
		for _, match := range fenced.FindAllSubmatch(text, -1) {
			p := piece{path, string(match[1])}
			switch {
			case slices.ContainsFunc(opening.FindAllStringSubmatch(p.text, -1), func(block []string) bool { return slices.Contains(outside, block[1]) }):
			case filepath.Base(filepath.Dir(path)) == "guides" && !argument.MatchString(p.text):
				together.WriteString(p.text)
			default:
				found = append(found, p)
			}
		}
		if together.Len() > 0 {
			found = append(found, piece{path, together.String()})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// complete returns a piece as a module of its own.
func (p piece) complete(t *testing.T) string {
	t.Helper()
	text := p.text
	if match := argument.FindStringSubmatch(text); match != nil {
		whole, known := wholes[match[1]]
		if !known {
			t.Fatalf("%s shows %s by itself; name the resource it is a part of in this test", p.page, match[1])
		}
		text = fmt.Sprintf(whole, text)
	}
	text = referred.ReplaceAllStringFunc(text, func(reference string) string {
		name := referred.FindStringSubmatch(reference)
		if id := ids[name[1]]; id != "" && !strings.Contains(text, fmt.Sprintf("resource %q %q", name[1], name[2])) {
			return fmt.Sprintf("%q", id)
		}
		return reference
	})
	if !strings.Contains(text, "required_providers") {
		text = requirement + text
	}
	return text
}

// TestAccPagesShowValidConfiguration: Terraform and the provider accept whatever configuration a page shows. Each piece is a module,
// so that one run of Terraform reads them all.
func TestAccPagesShowValidConfiguration(t *testing.T) {
	t.Parallel()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run with TF_ACC=1")
	}
	terraform, cliConfig, dir := found(t), install(t), t.TempDir()
	made, err := selfSigned(time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made.Certificate[0]}))
	var root strings.Builder
	pages := map[string]string{}
	for i, p := range pieces(t) {
		name, text := fmt.Sprintf("piece_%d", i), p.complete(t)
		pages[name] = p.page
		fmt.Fprintf(&root, "module %q {\n  source = %q\n", name, "./"+name)
		for _, variable := range declared.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(variable[0], "default") {
				fmt.Fprintf(&root, "  %s = null\n", variable[1])
			}
		}
		root.WriteString("}\n")
		write(t, filepath.Join(dir, name, "main.tf"), text)
		for _, file := range readFile.FindAllStringSubmatch(text, -1) {
			write(t, filepath.Join(dir, name, file[1]), certificate)
		}
	}
	if len(pages) < 30 {
		t.Fatalf("%d pieces of configuration were found", len(pages))
	}
	write(t, filepath.Join(dir, "main.tf"), root.String())
	run := func(arguments ...string) []byte {
		t.Helper()
		command := exec.CommandContext(t.Context(), terraform, arguments...)
		command.Dir, command.Env = dir, append(os.Environ(), "TF_CLI_CONFIG_FILE="+cliConfig, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
		var said, complained bytes.Buffer
		command.Stdout, command.Stderr = &said, &complained
		if err := command.Run(); err != nil {
			named := module.ReplaceAllStringFunc(said.String()+complained.String(), func(name string) string { return cmp.Or(pages[name], name) })
			t.Fatalf("terraform %s: %v\n%s", arguments[0], err, named)
		}
		return said.Bytes()
	}
	run("get")
	run("validate", "-no-color")
	known := attributes(t, run("providers", "schema", "-json"))
	for _, p := range pieces(t) {
		for _, name := range assigned.FindAllStringSubmatch(p.text, -1) {
			if !known[name[1]] && !slices.Contains(ownNames, name[1]) {
				t.Errorf("%s: the provider has no attribute %s; Terraform drops it inside braces without a word", p.page, name[1])
			}
		}
	}
}

var assigned = regexp.MustCompile(`(?m)(?:^\s*|[{,]\s*)(\w+)\s*=(?:[^=>]|$)`)

// ownNames are Terraform's, and those that an example gives to its own data: keys of maps, source attributes, locals.
var ownNames = []string{
	"condition", "default", "ephemeral", "provisioning", "required_version",
	"Prefix", "Region", "department", "employeeId", "entitlements", "givenName", "login", "nickName", "proxyAddresses", "round", "sales_only", "surname",
}

// attributes lists the names of all attributes that the provider has anywhere.
func attributes(t *testing.T, schema []byte) map[string]bool {
	t.Helper()
	var document any
	if err := json.Unmarshal(schema, &document); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	var walk func(node any)
	walk = func(node any) {
		fields, _ := node.(map[string]any)
		for key, value := range fields {
			if listed, isMap := value.(map[string]any); isMap && (key == "attributes" || key == "block_types") {
				for name := range listed {
					names[name] = true
				}
			}
			walk(value)
		}
	}
	walk(document)
	return names
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
