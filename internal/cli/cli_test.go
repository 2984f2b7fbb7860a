package cli_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cli"
)

func TestRun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		args     []string
		status   int
		out, err string // texts that have to be there; empty: nothing at all
	}{
		{"version", []string{"version"}, 0, "terraform-provider-provisioning 1.2.3 (commit abc, " + runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH + ")\n", ""},
		{"help", []string{"--help"}, 0, "Terraform and OpenTofu start this program by themselves", ""},
		{"help of a command", []string{"version", "-h"}, 0, "Print version, commit, Go version and platform.", ""},
		{"help of eval", []string{"eval", "-h"}, 0, "terraform-provider-provisioning eval 'Join(", ""},
		{"no command", nil, 0, "version", ""},
		{"unknown command", []string{"provision"}, 2, "", "terraform-provider-provisioning --help"},
		{"missing argument", []string{"connection", "test"}, 2, "", `expected "<id>"; see terraform-provider-provisioning connection test --help`},
		{"argument too many", []string{"preview", "wiki/main"}, 2, "", "unexpected argument wiki/main; see terraform-provider-provisioning preview --help"},
		{"unknown flag", []string{"doctor", "--jobs=x"}, 2, "", "; see terraform-provider-provisioning doctor --help"},
		{"unknown flag", []string{"version", "--frobnicate"}, 2, "", "unknown flag --frobnicate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out, err strings.Builder
			status := cli.Run(t.Context(), c.args, cli.Build{Version: "1.2.3", Commit: "abc"}, cli.Streams{Out: &out, Err: &err})
			if status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			for stream, texts := range map[string][2]string{"standard output": {out.String(), c.out}, "standard error": {err.String(), c.err}} {
				if got, want := texts[0], texts[1]; !strings.Contains(got, want) || want == "" && got != "" {
					t.Errorf("%s is %q, want %q", stream, got, want)
				}
			}
		})
	}
}
