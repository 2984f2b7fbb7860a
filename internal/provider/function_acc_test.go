package provider_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/rogpeppe/go-internal/txtar"
)

// A call of a function needs the provider's address, so the harness has to be told the namespace, as for the examples of the
// provider block.
func TestAccExamplesOfFunctions(t *testing.T) {
	t.Setenv("TF_ACC_PROVIDER_NAMESPACE", "app-provisioning")
	for name, outputs := range map[string]map[string]knownvalue.Check{
		"evaluate": {
			"login": knownvalue.StringExact("zoe.king"),
			"mailboxes": knownvalue.ListExact([]knownvalue.Check{
				knownvalue.StringExact("zoe@example.com"), knownvalue.StringExact("king@example.com"),
			}),
		},
		"in_scope": {"sales": knownvalue.Bool(true), "without_id": knownvalue.Bool(false)},
	} {
		t.Run(name, func(t *testing.T) {
			step := example(t, []string{filepath.Join(examples, "functions", name, "function.tf")})
			step.ProtoV6ProviderFactories = bench(t).Factories()
			for output, check := range outputs {
				step.ConfigStateChecks = append(step.ConfigStateChecks, statecheck.ExpectKnownOutputValue(output, check))
			}
			resource.Test(t, resource.TestCase{Steps: []resource.TestStep{step}})
		})
	}
}

// `terraform test` cannot run in the harness. The scripts of package clitest run it on the same files.
func TestExamplesOfFunctionsAreScripted(t *testing.T) {
	t.Parallel()
	script, err := txtar.ParseFile("../clitest/testdata/functions.txtar")
	if err != nil {
		t.Fatal(err)
	}
	scripted := map[string]string{}
	for _, file := range script.Files {
		scripted[file.Name] = string(file.Data)
	}
	files, err := filepath.Glob(filepath.Join(examples, "functions/*/*"))
	if err != nil || len(files) < 3 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(filepath.Dir(path)) + "/" + filepath.Base(path)
		if diff := cmp.Diff(string(raw), scripted[name]); diff != "" {
			t.Errorf("%s differs from the file in the script (-example +script):\n%s", name, diff)
		}
	}
}
