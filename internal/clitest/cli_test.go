package clitest_test

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
)

const (
	address = "app-provisioning/provisioning"
	binary  = "terraform-provider-provisioning"
	// token opens the application. It must not turn up anywhere but in its requests.
	token = "opensesame-4d7e0c52b1"
)

func TestAccCLI(t *testing.T) {
	t.Parallel()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run with TF_ACC=1")
	}
	terraform := found(t)
	cliConfig := install(t)
	testscript.Run(t, testscript.Params{
		Dir:                "testdata",
		Setup:              func(env *testscript.Env) error { return newStage(env, terraform, cliConfig) },
		Cmds:               commands(),
		RequireUniqueNames: true,
		UpdateScripts:      os.Getenv("UPDATE_SCRIPTS") != "",
	})
}

// found is the path of Terraform.
func found(t *testing.T) string {
	t.Helper()
	terraform, err := exec.LookPath(cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"))
	if err != nil {
		t.Fatalf("terraform is missing: install it, or name it in TF_ACC_TERRAFORM_PATH: %v", err)
	}
	if terraform, err = filepath.Abs(terraform); err != nil {
		t.Fatal(err)
	}
	return terraform
}

// install builds the provider and returns the path of a CLI configuration that uses it.
func install(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", filepath.Join(dir, binary), ".")
	build.Dir = filepath.Join("..", "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the provider: %v\n%s", err, out)
	}
	path := filepath.Join(dir, "cli.tfrc")
	config := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", address, dir)
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// stage is what one script plays on: a directory of its own and an application without accounts.
type stage struct {
	terraform string
	dir       string
	env       []string
	app       *wikiapp.App
}

type stageKey struct{}

func newStage(env *testscript.Env, terraform, cliConfig string) error {
	s := &stage{terraform: terraform, dir: env.WorkDir, app: wikiapp.New(wikiapp.Options{Token: token})}
	server := httptest.NewServer(s.app)
	env.Defer(server.Close)
	// A script's own file of the same name wins.
	files, err := os.ReadDir(filepath.Join("testdata", "stage"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if _, err := os.Stat(filepath.Join(env.WorkDir, file.Name())); err == nil {
			continue
		}
		raw, err := os.ReadFile(filepath.Join("testdata", "stage", file.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(env.WorkDir, file.Name()), raw, 0o600); err != nil {
			return err
		}
	}
	for name, value := range map[string]string{
		"TF_CLI_CONFIG_FILE": cliConfig,
		"TF_CLI_ARGS":        "-no-color",
		"TF_INPUT":           "0",
		"CHECKPOINT_DISABLE": "1",
		"TF_VAR_base_url":    server.URL + wikiapp.Prefix,
		"TF_VAR_token":       token,
	} {
		env.Setenv(name, value)
	}
	s.env = env.Vars
	env.Values[stageKey{}] = s
	return nil
}

// show returns the JSON of a plan or a state.
func (s *stage) show(ts *testscript.TestScript, file string) []byte {
	command := exec.Command(s.terraform, "show", "-json", ts.MkAbs(file))
	command.Dir, command.Env = s.dir, s.env
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		ts.Fatalf("show %s: %v\n%s", file, err, &stderr)
	}
	return out
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
