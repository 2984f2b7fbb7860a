package job

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/impact"
)

func TestDriftSetting(t *testing.T) {
	t.Parallel()
	for configured, sent := range map[string]string{driftIgnore: "", driftReport: driftReport, driftRepair: driftRepair} {
		none := types.SetNull(types.StringType)
		s := settings{
			Drift: types.StringValue(configured), MappingIDs: none, ScopingFilterIDs: none, AssignmentIDs: none,
			Parameters: types.MapNull(types.StringType), Limits: types.ObjectNull(impact.LimitsTypes()),
		}
		message, diags := s.toAPI(t.Context())
		if diags.HasError() || message.GetDrift() != sent {
			t.Errorf("%s is sent as %q: %v", configured, message.GetDrift(), diags)
		}
		var back settings
		if diags := back.fromAPI(t.Context(), message); diags.HasError() || back.Drift.ValueString() != configured {
			t.Errorf("%s comes back as %s: %v", configured, back.Drift, diags)
		}
	}
}

func TestRemarksNameNobodyWhenOnlyCountsAreWanted(t *testing.T) {
	t.Parallel()
	message := "2 accounts were changed\nuser ann@example.com: gone\nuser bob@example.com: gone"
	for detail, want := range map[string]string{detailNames: message, detailCounts: "2 accounts were changed"} {
		diags := remarks("wiki/main", []string{message}, detail)
		if len(diags) != 1 || diags[0].Detail() != want || strings.Contains(diags[0].Summary(), "ann") {
			t.Errorf("%s: %v", detail, diags)
		}
	}
}
