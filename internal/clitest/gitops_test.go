package clitest_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// The pipelines and policies of examples/gitops are run here: their shell steps with Terraform and an application, the policies
// with Open Policy Agent and jq. What talks to GitHub, GitLab or Atlantis is not.

const (
	gitops   = "../../examples/gitops"
	policies = gitops + "/policy"
	gate     = gitops + "/gate.json"
)

// evaluator builds the command that evaluates policies, which is a module of its own.
func evaluator(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "opa")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", path, ".")
	build.Dir = filepath.Join("..", "testenv", "opa")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build internal/testenv/opa: %v\n%s", err, out)
	}
	return path
}

// denials are why a policy denies a plan, sorted: those of Open Policy Agent and those of jq.
func denials(opa string, plan []byte) (byOPA, byJQ []string, err error) {
	command := exec.Command(opa, policies, gate)
	command.Stdin = bytes.NewReader(plan)
	said, err := command.CombinedOutput()
	if err != nil {
		return nil, nil, errors.New(string(said))
	}
	byOPA = lines(string(said))
	command = exec.Command("jq", "-n", "-r", "-f", gitops+"/gate.jq", "--slurpfile", "gate", gate)
	command.Stdin = bytes.NewReader(plan)
	said, err = command.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return nil, nil, errors.New("jq is missing, or failed: " + err.Error() + ": " + string(said))
	}
	if byJQ = lines(strings.ReplaceAll(string(said), "fail: ", "")); err == nil {
		byJQ = slices.DeleteFunc(byJQ, func(line string) bool { return line == "this plan may be applied" })
	}
	return byOPA, byJQ, nil
}

func lines(text string) []string {
	found := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return line == "" })
	slices.Sort(found)
	return found
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	opa := evaluator(t)
	out, err := exec.CommandContext(t.Context(), opa, "-test", policies).CombinedOutput()
	if err != nil || !strings.HasSuffix(string(out), "passed: 23\n") {
		t.Errorf("the policy's own tests: %v\n%s", err, out)
	}
	unnamed := func(address string) string {
		return address + ": not everybody who loses access is named, so it is not known whether somebody is protected"
	}
	for name, want := range map[string][]string{
		"plan.json": {
			`12 would lose access because of "filter", 5 may`, `19 would lose access, 10 may`, `2 would be deleted, and nobody has approved deletes`,
			`6 would lose access because of "job_destroyed", 0 may`, `module.apps["erp"].provisioning_job.this[0]: who loses access is not known before apply`,
			unnamed("provisioning_job.new"), unnamed("provisioning_job.old"), unnamed("provisioning_job.renamed"),
		},
		"nothing.json": {},
		"errored.json": {"planning failed, so the plan says nothing about accounts"},
		"partial.json": {},
		"counts.json":  {unnamed("provisioning_job.wiki")},
		"hostile.json": {"18 would lose access, 10 may"},
		"later.json":   {"1 would be deleted, and nobody has approved deletes"},
		"state":        {"this is not the JSON of a plan"},
		"deferred":     {`provisioning_job.x: what it does is put off until a later plan`},
	} {
		plan := []byte(`{"format_version":"1.0","values":{}}`)
		switch name {
		case "state":
		case "deferred":
			plan = []byte(`{"format_version":"1.2","planned_values":{},"deferred_changes":[{"reason":"x","resource_change":{"type":"provisioning_job","address":"provisioning_job.x"}}]}`)
		default:
			if plan, err = os.ReadFile(filepath.Join("..", "cli", "testdata", "preview", name)); err != nil {
				t.Fatal(err)
			}
		}
		byOPA, byJQ, err := denials(opa, plan)
		if err != nil {
			t.Fatal(err)
		}
		for policy, got := range map[string][]string{"Open Policy Agent": byOPA, "jq": byJQ} {
			if diff := diff.Diff(want, append([]string{}, got...)); diff != "" {
				t.Errorf("%s by %s (-want +got):\n%s", name, policy, diff)
			}
		}
	}
	for name, input := range map[string]string{"nothing at all": "", "half a plan": `{"format_version":"1.2","planned_values":{`} {
		if _, _, err := denials(opa, []byte(input)); err == nil {
			t.Errorf("%s is approved", name)
		}
		command := exec.CommandContext(t.Context(), "jq", "-n", "-r", "-f", gitops+"/gate.jq", "--slurpfile", "gate", gate)
		if command.Stdin = strings.NewReader(input); command.Run() == nil {
			t.Errorf("%s is approved by jq", name)
		}
	}
}

// pipeline are the shell steps of a pipeline, by name.
func pipeline(opa, file string) (map[string]string, error) {
	out, err := exec.Command(opa, "-yaml", filepath.Join(gitops, file)).Output()
	if err != nil {
		return nil, err
	}
	type step struct{ Name, Uses, Run string }
	var document struct {
		Jobs        map[string]struct{ Steps []step }
		Plan, Gate  struct{ Script []string }
		Apply       struct{ Script []string }
		Workflows   map[string]map[string]struct{ Steps []any }
		Concurrency any
	}
	if err := json.Unmarshal(out, &document); err != nil {
		return nil, err
	}
	steps := map[string]string{}
	for name, job := range document.Jobs {
		for _, step := range job.Steps {
			if step.Run != "" {
				steps[name+"/"+step.Name] = "set -euo pipefail\n" + step.Run
			}
		}
	}
	for name, script := range map[string][]string{"plan": document.Plan.Script, "gate": document.Gate.Script, "apply": document.Apply.Script} {
		if len(script) > 0 {
			steps[name] = "set -eo pipefail\n" + strings.Join(script, "\n")
		}
	}
	for _, stages := range document.Workflows {
		for name, stage := range stages {
			var runs []string
			for _, each := range stage.Steps {
				if named, ok := each.(map[string]any); ok {
					if run, ok := named["run"].(string); ok {
						runs = append(runs, run)
					}
				}
			}
			if len(runs) > 0 {
				steps[name] = "set -e\n" + strings.Join(runs, "\n")
			}
		}
	}
	return steps, nil
}

// TestPipelines: every shell step is either run by a script of testdata/gitops or known to talk to somebody else.
func TestPipelines(t *testing.T) {
	t.Parallel()
	opa := evaluator(t)
	for file, want := range map[string]struct{ run, elsewhere []string }{
		"github-actions.yml": {[]string{"apply/Apply", "plan/Gate", "plan/Plan"}, []string{"apply/Fetch", "apply/Init", "plan/Comment", "plan/Init"}},
		"gitlab-ci.yml":      {[]string{"apply", "gate", "plan"}, nil},
		"atlantis.yaml":      {[]string{"plan", "policy_check"}, nil},
	} {
		steps, err := pipeline(opa, file)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		names := slices.Sorted(slices.Values(slices.Concat(want.run, want.elsewhere)))
		if diff := diff.Diff(names, slices.Sorted(maps.Keys(steps))); diff != "" {
			t.Errorf("steps of %s (-want +got):\n%s", file, diff)
		}
		script, err := os.ReadFile(filepath.Join("testdata", "gitops", strings.TrimSuffix(strings.TrimSuffix(file, ".yml"), ".yaml")+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range want.run {
			if !strings.Contains(string(script), "step "+file+" "+name+"\n") {
				t.Errorf("no script runs %s of %s", name, file)
			}
			if strings.Contains(steps[name], "${{") {
				t.Errorf("%s of %s takes values into its text; they belong into env", name, file)
			}
		}
		check := exec.CommandContext(t.Context(), "bash", "-n")
		for _, name := range names {
			check.Stdin = strings.NewReader(steps[name])
			if out, err := check.CombinedOutput(); err != nil {
				t.Errorf("%s of %s: %v\n%s", name, file, err, out)
			}
			check = exec.CommandContext(t.Context(), "bash", "-n")
		}
	}
}

func TestAccGitOps(t *testing.T) {
	t.Parallel()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run with TF_ACC=1")
	}
	terraform, cliConfig, opa := found(t), install(t), evaluator(t)
	tools := t.TempDir()
	for name, target := range map[string]string{"terraform": terraform, binary: filepath.Join(filepath.Dir(cliConfig), binary)} {
		if err := os.Symlink(target, filepath.Join(tools, name)); err != nil {
			t.Fatal(err)
		}
	}
	run := commands()
	// [!] step FILE NAME runs a shell step of a pipeline, which has to succeed, or to fail.
	run["step"] = func(ts *testscript.TestScript, neg bool, args []string) {
		steps, err := pipeline(opa, args[0])
		ts.Check(err)
		text := cmp.Or(steps[args[1]], "exit 99")
		text = strings.ReplaceAll(text, "/etc/atlantis/", ts.MkAbs("policy")+"/")
		if err := ts.Exec("bash", "-c", text); (err != nil) != neg {
			ts.Fatalf("%s of %s: %v", args[1], args[0], err)
		}
	}
	// policies PLAN demands that both policies say the same of a plan, and prints it.
	run["policies"] = func(ts *testscript.TestScript, _ bool, args []string) {
		byOPA, byJQ, err := denials(opa, []byte(ts.ReadFile(args[0])))
		ts.Check(err)
		if diff := diff.Diff(byOPA, byJQ); diff != "" {
			ts.Fatalf("(-Open Policy Agent +jq):\n%s", diff)
		}
		_, err = ts.Stdout().Write([]byte(strings.Join(byOPA, "\n") + "\n"))
		ts.Check(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "gitops"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", tools+string(os.PathListSeparator)+env.Getenv("PATH"))
			for from, to := range map[string]string{gate: "policy/gate.json", gitops + "/gate.jq": "policy/gate.jq", gitops + "/recipes/gates.tf": "recipes/gates.tf"} {
				raw, err := os.ReadFile(from)
				if err == nil {
					err = os.MkdirAll(filepath.Dir(filepath.Join(env.WorkDir, to)), fs.ModePerm)
				}
				if err == nil {
					err = os.WriteFile(filepath.Join(env.WorkDir, to), raw, 0o600)
				}
				if err != nil {
					return err
				}
			}
			return newStage(env, terraform, cliConfig)
		},
		Cmds:               run,
		RequireUniqueNames: true,
	})
}
