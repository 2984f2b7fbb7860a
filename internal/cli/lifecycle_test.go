package cli_test

import (
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cli"
)

// TestLifecycleCommandLines: what is refused before a store is opened, and what help says. What the commands do is in the
// scripts of internal/clitest: lifecycle, run and restart.
func TestLifecycleCommandLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args   string
		status int
		says   string
	}{
		{"run --all --job wiki/main", 2, "name a job or --all, not both"},
		{"run --store missing.db", 1, "there is no store missing.db"},
		{"status --store missing.db", 1, "there is no store missing.db"},
		{"restart --store missing.db --scope Full", 1, "there is no store missing.db"},
		{"run -h", 0, "3 when it ended, but something failed or is held"},
		{"restart -h", 0, "ConnectorDataStore"},
		{"status -h", 0, "countEntitled"},
		{"jobs -h", 0, "sorted by id"},
		{"pause -h", 0, "waits for a cycle under way"},
		{"start -h", 0, "quarantine"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			var out, err strings.Builder
			status := cli.Run(t.Context(), strings.Fields(c.args), cli.Build{Version: "1", Commit: "c"}, cli.Streams{Out: &out, Err: &err})
			if said := strings.Join(strings.Fields(out.String()+err.String()), " "); status != c.status || !strings.Contains(said, c.says) {
				t.Errorf("status %d: %s", status, said)
			}
		})
	}
}
