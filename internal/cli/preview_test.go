package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cli"
)

func previewFile(name string) string { return filepath.Join("testdata", "preview", name) }

// previewed runs preview with a file, or other input, as standard input.
func previewed(t testing.TB, input []byte, args ...string) (status int, out, err string) {
	t.Helper()
	var stdout, stderr strings.Builder
	status = cli.Run(t.Context(), append([]string{"preview"}, args...), cli.Build{}, cli.Streams{In: bytes.NewReader(input), Out: &stdout, Err: &stderr})
	return status, stdout.String(), stderr.String()
}

// TestPreviewGolden: each format of each plan, and the status with --exit-code. UPDATE_SCRIPTS=1 takes over what is right.
func TestPreviewGolden(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		plan, golden string
		status       int
		args         []string
	}{
		{"plan.json", "plan.txt", 3, nil},
		{"plan.json", "plan.md", 3, []string{"--markdown"}},
		{"plan.json", "plan.report.json", 3, []string{"--json"}},
		{"plan.json", "plan.counts.txt", 3, []string{"--counts"}},
		{"nothing.json", "nothing.txt", 0, nil},
		{"nothing.json", "nothing.md", 0, []string{"--markdown"}},
		{"errored.json", "errored.txt", 1, nil},
		{"errored.json", "errored.md", 1, []string{"--markdown"}},
		{"errored.json", "errored.report.json", 1, []string{"--json"}},
		{"partial.json", "partial.txt", 0, nil},
		{"counts.json", "counts.md", 3, []string{"--markdown"}},
		{"hostile.json", "hostile.md", 3, []string{"--markdown"}},
		{"hostile.json", "hostile.txt", 3, nil},
		{"later.json", "diff.txt", 3, []string{"--diff", "earlier"}},
		{"later.json", "diff.md", 3, []string{"--diff", "earlier", "--markdown"}},
		{"later.json", "diff.report.json", 3, []string{"--diff", "earlier", "--json"}},
		{"later.json", "diff.same.txt", 3, []string{"--diff", "later"}},
		{"many.json", "diff.truncated.txt", 3, []string{"--diff", "many"}},
		{"many.json", "diff.others.txt", 3, []string{"--diff", "others"}},
		{"plan.json", "diff.unknown.txt", 3, []string{"--diff", "later"}},
	} {
		t.Run(c.golden, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"--plan", previewFile(c.plan), "--exit-code"}, c.args...)
			for i, arg := range args {
				if i > 0 && args[i-1] == "--diff" {
					_, earlier, _ := previewed(t, nil, "--plan", previewFile(arg+".json"), "--json")
					args[i] = filepath.Join(t.TempDir(), "earlier.json")
					if err := os.WriteFile(args[i], []byte(earlier), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			status, out, said := previewed(t, nil, args...)
			if status != c.status || (said != "") != (c.status == 1) {
				t.Errorf("status %d, want %d: %s", status, c.status, said)
			}
			golden := filepath.Join("testdata", "preview", "golden", c.golden)
			if os.Getenv("UPDATE_SCRIPTS") != "" {
				if err := os.WriteFile(golden, []byte(out), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, again, _ := previewed(t, nil, args...); again != out {
				t.Error("the same input has another output")
			}
		})
	}
}

// TestPreviewWrongInput: what is no preview never looks like one.
func TestPreviewWrongInput(t *testing.T) {
	t.Parallel()
	plan, err := os.ReadFile(previewFile("plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	with := func(from, to string) string { return strings.Replace(string(plan), from, to, 1) }
	for name, c := range map[string]struct {
		input  string
		status int
		said   string
		args   []string
	}{
		"nothing":              {"", 1, "ends too early", nil},
		"truncated":            {string(plan[:len(plan)/2]), 1, "ends too early", nil},
		"a state":              {`{"format_version":"1.0","values":{"root_module":{}}}`, 1, "this is a state, not a plan", nil},
		"another JSON":         {`{"format_version":"1.0"}`, 1, "this is not a plan", nil},
		"a list":               {`[]`, 1, "this is not a plan", nil},
		"text":                 {`No changes.`, 1, "this is not a plan", nil},
		"the plan itself":      {"PK\x03\x04", 1, "this is a plan file itself", nil},
		"log of plan -json":    {"{\"@level\":\"info\"}\n{\"@level\":\"info\"}\n", 1, "log of terraform plan -json", nil},
		"without version":      {`{"planned_values":{}}`, 1, "this is not a plan", nil},
		"a newer format":       {with(`"1.2"`, `"2.0"`), 1, `format version "2.0"`, nil},
		"an unknown action":    {with(`"forget"`, `"shred"`), 1, "which this program does not know", nil},
		"a count below zero":   {with(`"disable_count": 12`, `"disable_count": -12`), 1, "-12 is no number of accounts", nil},
		"a count that is text": {with(`"disable_count": 12`, `"disable_count": "12"`), 1, "provisioning_job.wiki in the plan cannot be read", nil},
		"errored is text":      {with(`"errored": false`, `"errored": "no"`), 1, "errored of the plan cannot be read", nil},
		"both formats":         {"", 2, "not both", []string{"--json", "--markdown"}},
		"all of a plan":        {"", 2, "--all does not go with --plan", []string{"--all"}},
		"a job of a plan":      {"", 2, "--job does not go with --plan", []string{"--job", "wiki/main"}},
		"diff with a plan":     {string(plan), 1, "this is not what preview --json prints", []string{"--diff", previewFile("plan.json")}},
		"diff with an error":   {string(plan), 1, "a plan that failed", []string{"--diff", filepath.Join("testdata", "preview", "golden", "errored.report.json")}},
		"diff with nothing":    {string(plan), 1, "no such file", []string{"--diff", previewFile("missing.json")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, out, said := previewed(t, []byte(c.input), append([]string{"--plan", "-"}, c.args...)...)
			if status != c.status || !strings.Contains(said, c.said) || out != "" {
				t.Errorf("status %d, want %d; said %q, want %q; printed %q", status, c.status, said, c.said, out)
			}
		})
	}
}

// TestPreviewWithoutNumbers: an impact that is missing, null or without a number is not known, and never nobody.
func TestPreviewWithoutNumbers(t *testing.T) {
	t.Parallel()
	const frame = `{"format_version":"1.2","resource_changes":[{"address":"provisioning_job.x","mode":"managed","type":"provisioning_job","change":%s}]}`
	for name, change := range map[string]string{
		"null":             `{"actions":["update"],"after":{"id":"a/b","planned_impact":null}}`,
		"missing":          `{"actions":["create"],"after":{"id":"a/b"}}`,
		"no number":        `{"actions":["update"],"after":{"id":"a/b","planned_impact":{"disable_count":0}}}`,
		"partly unknown":   `{"actions":["update"],"after":{"id":"a/b","planned_impact":{"disable_count":0,"delete_count":0}},"after_unknown":{"planned_impact":{"accounts":true}}}`,
		"destroy":          `{"actions":["delete"],"before":{"id":"a/b"}}`,
		"replace, half":    `{"actions":["create","delete"],"before":{"id":"a/b"},"after":{"id":"a/b","planned_impact":{"disable_count":0,"delete_count":0}}}`,
		"nothing about it": `{"actions":["delete"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, out, said := previewed(t, []byte(strings.Replace(frame, "%s", change, 1)), "--plan", "-", "--exit-code")
			if status != 3 || !strings.Contains(out, "Not known before apply for 1 job.") || strings.Contains(out, "Nobody") {
				t.Errorf("status %d: %s%s", status, out, said)
			}
		})
	}
}
