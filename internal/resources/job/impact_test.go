package job

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/impact"
)

// reorganised is the impact of a reorganisation: two reasons, and memberships of 22 groups.
func reorganised() *provisioningv1.Impact {
	impact := &provisioningv1.Impact{
		DisableCount: 2, MembershipRemovalCount: 30, GroupCount: 22, AccountsDigest: "sha256:1",
		Accounts: []*provisioningv1.AffectedAccount{
			{ObjectType: "user", Name: "ann", Action: "disable", Reason: "no longer assigned", Cause: "unassigned", Origin: "configuration"},
			{ObjectType: "user", Name: "bob", Action: "disable", Reason: "disabled in the source; held by an earlier cycle", Cause: "disabled_in_source", Origin: "held"},
			{ObjectType: "group", Name: "team 00", Action: "remove_membership", Reason: "x", Cause: "no_member_in_source", Origin: "source", MemberName: "cyn"},
		},
		Causes: []*provisioningv1.CauseCount{
			{Action: "remove_membership", Cause: "no_member_in_source", Origin: "source", Count: 30},
			{Action: "disable", Cause: "disabled_in_source", Origin: "held", Count: 1}, {Action: "disable", Cause: "unassigned", Origin: "configuration", Count: 1},
		},
	}
	for i := range 20 {
		impact.Groups = append(impact.Groups, &provisioningv1.GroupImpact{Name: fmt.Sprintf("team %02d", i), RemovalCount: int64(20 - i)})
	}
	return impact
}

// TestImpactValueWithoutNames: counts stay, names of people and groups do not.
func TestImpactValueWithoutNames(t *testing.T) {
	t.Parallel()
	for detail, named := range map[string]bool{detailNames: true, detailCounts: false} {
		text := impact.Value(reorganised(), detail, basisPinned).String()
		for _, name := range []string{"ann", "bob", "team 00", "team 19", `"member":"cyn"`, `"member":<null>`} {
			if strings.Contains(text, name) != named {
				t.Errorf("%s: %q in %s", detail, name, text)
			}
		}
		for _, kept := range []string{`"group_count":22`, `"membership_removal_count":30`, `"cause":"no_member_in_source"`, `"count":30`} {
			if !strings.Contains(text, kept) {
				t.Errorf("%s: no %s in %s", detail, kept, text)
			}
		}
	}
}

func TestBreakdown(t *testing.T) {
	t.Parallel()
	const reasons = "\n\nremove membership 30: no longer a member in the source\ndisable 1: disabled in source, held by an earlier cycle\n" +
		"disable 1: no longer assigned, because the configuration changes"
	groups := make([]string, 20)
	for i := range groups {
		groups[i] = fmt.Sprintf("team %02d (%d)", i, 20-i)
	}
	want := reasons + "\n\nMemberships are removed from 22 groups: " + strings.Join(groups, ", ") + " and 2 more"
	if diff := cmp.Diff(want, breakdown(reorganised(), detailNames)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(reasons, breakdown(reorganised(), detailCounts)); diff != "" {
		t.Error(diff)
	}
	one := &provisioningv1.Impact{Causes: []*provisioningv1.CauseCount{{Action: "disable", Cause: "filter", Origin: "source", Count: 3}}}
	if got := breakdown(one, detailNames); got != "" {
		t.Errorf("one reason, which the names have: %q", got)
	}
	one.AccountsTruncated = true
	if diff := cmp.Diff("\n\ndisable 3: out of the scoping filters", breakdown(one, detailNames)); diff != "" {
		t.Error(diff)
	}
}
