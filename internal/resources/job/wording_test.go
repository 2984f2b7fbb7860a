package job

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

func TestP10ImpactSummary(t *testing.T) {
	t.Parallel()
	tests := []struct {
		disables, deletes, removals, managed int64
		want                                 string
	}{
		{0, 0, 0, 120, ""},
		{3, 1, 0, 120, "Job wiki/main would disable 3 and delete 1 of 120 accounts"},
		{0, 1, 0, 1, "Job wiki/main would delete 1 of 1 account"},
		{0, 0, 1, 120, "Job wiki/main would remove 1 group membership"},
		{2, 0, 4, 120, "Job wiki/main would disable 2 of 120 accounts and remove 4 group memberships"},
	}
	for _, test := range tests {
		got := impactSummary("Job wiki/main would", &provisioningv1.Impact{
			DisableCount: test.disables, DeleteCount: test.deletes, MembershipRemovalCount: test.removals,
		}, test.managed)
		if got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestRefusalWithoutNames(t *testing.T) {
	t.Parallel()
	const why = "Could not commit it. Run plan again.\n\nThe engine says: 2 accounts would lose access."
	for name, test := range map[string]struct{ engine, detail, want string }{
		"names":             {why + "\ndisable user ann: left\ndisable user bob: left", detailNames, why + "\ndisable user ann: left\ndisable user bob: left"},
		"counts":            {why + "\ndisable user ann: left\ndisable user bob: left", detailCounts, why},
		"nobody is named":   {why, detailCounts, why},
		"the engine is mum": {"Could not commit it.", detailCounts, "Could not commit it."},
	} {
		got := unnamed(diag.NewErrorDiagnostic("Cannot commit", test.engine), test.detail)
		if got.Summary() != "Cannot commit" || got.Detail() != test.want || got.Severity() != diag.SeverityError {
			t.Errorf("%s: got %s %q %q, want %q", name, got.Severity(), got.Summary(), got.Detail(), test.want)
		}
	}
}

func TestProgressIsLoggedOnceASecond(t *testing.T) {
	t.Parallel()
	now := noon
	r := newResource(func() time.Time { return now })
	var log bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &log)
	report := r.progress("Committing", "wiki/main")
	for range 25 { // every 100 ms, for 2.4 s
		report(ctx, &provisioningv1.Progress{Phase: "users"})
		now = now.Add(100 * time.Millisecond)
	}
	report(ctx, nil)
	if lines := strings.Count(log.String(), "\n"); lines != 3 {
		t.Errorf("%d lines: %s", lines, log.String())
	}
}
