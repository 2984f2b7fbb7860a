package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

// TestPreviewOfAStore: what only a store knows: members, exceeded limits, warnings, and accounts that are left behind.
func TestPreviewOfAStore(t *testing.T) {
	t.Parallel()
	job := previewedJob("wiki/main", &provisioningv1.PreviewJobResponse{
		ManagedAccountCount: 5, HeldCount: 1, Warnings: []string{"Two objects cannot be provisioned:\nann@example.com\nbob@example.com"},
		Job: &provisioningv1.Job{State: "paused"},
		Impact: &provisioningv1.Impact{
			DisableCount: 1, MembershipRemovalCount: 2, AccountsDigest: "sha256:1", AccountsTruncated: true, GroupCount: 2,
			Groups: []*provisioningv1.GroupImpact{{Name: "staff", RemovalCount: 1, SourceId: "g"}},
			Causes: []*provisioningv1.CauseCount{{Action: "remove_membership", Cause: "no_member_in_source", Origin: "held", Count: 1}},
			Accounts: []*provisioningv1.AffectedAccount{
				{ObjectType: "group", Name: "staff", Action: "remove_membership", Reason: "no longer a member", SourceId: "g", MemberId: "m", MemberName: "cem@example.com"},
				{ObjectType: "user", Name: "ann@example.com", Action: "disable", Reason: "disabled in the source", SourceId: "a"},
			},
		},
		Violations: []*provisioningv1.LimitViolation{{Limit: "max_disable", Message: "1 account would be disabled, max_disable is 0"}},
		Forgotten: &provisioningv1.Forgotten{LinkCount: 4, OrphanCount: 3, MovedFrom: "https://old.example.com/scim", Orphans: []*provisioningv1.AffectedAccount{
			{ObjectType: "user", Name: "dora@example.com", Action: "leave", Reason: "its link is forgotten"},
		}},
	})
	report := previewReport{Version: previewVersion, Origin: "store", Jobs: []previewJob{job}}
	const want = `wiki/main: update; paused, nothing is carried out until it is started
  takes access away  1 account disabled, 0 deleted, 2 memberships removed, of 5 managed accounts
  gives or changes   0 created, 0 updated, 0 memberships added, 0 failures
  why                remove membership 1: no member in source (held)
  group              staff loses 1 member
  group              … and 1 more group
  held               1 account since an earlier cycle
  forgotten          4 links, 3 accounts left as they are in https://old.example.com/scim
  note               limit exceeded: 1 account would be disabled, max_disable is 0
  note               Two objects cannot be provisioned:
                     ann@example.com
                     bob@example.com

  ACTION             TYPE   NAME                    WHY
  remove membership  group  staff: cem@example.com  no longer a member
  disable            user   ann@example.com         disabled in the source
  leave              user   dora@example.com        its link is forgotten
  … and 3 more

Access is taken away: 1 account disabled, 0 deleted, 2 memberships removed. 1 limit exceeded.
`
	var text strings.Builder
	if err := report.print(&text); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	harmless(t, report.markdown())
	report.withoutNames()
	for _, shown := range []string{report.markdown(), differ(previewReport{Origin: "store"}, report).text()} {
		for _, name := range []string{"example.com\"", "ann@", "bob@", "cem@", "dora@", "staff"} {
			if strings.Contains(shown, name) {
				t.Errorf("%q is named without names: %s", name, shown)
			}
		}
	}
}

func TestPreviewOfATooLargePlan(t *testing.T) {
	t.Parallel()
	file, err := os.Open(filepath.Join("testdata", "preview", "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // it was only read
	if _, err := readPlanWithin(file, 1000); err == nil || err.Error() != "the plan is larger than 1000 bytes" {
		t.Errorf("%v", err)
	}
}
