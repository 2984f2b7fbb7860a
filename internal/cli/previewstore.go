package cli

import (
	"context"
	"fmt"

	"connectrpc.com/connect"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// fromStore asks the engine what applying the committed configuration would do: of one job, or of all.
func (c *previewCommand) fromStore(ctx context.Context, engine *wiring.Engine) (previewReport, error) {
	report := previewReport{Version: previewVersion, Origin: "store", Jobs: []previewJob{}}
	ids := []string{c.Job}
	if c.Job == "" {
		answer, err := engine.Client().Jobs.ListJobs(ctx, connect.NewRequest(&provisioningv1.ListJobsRequest{}))
		if err != nil {
			return report, err
		}
		ids = nil
		for _, status := range answer.Msg.GetJobs() {
			ids = append(ids, jobID(status))
		}
		if len(ids) == 0 {
			return report, fmt.Errorf("there is no job in %s; was it made with another store?", c.Store)
		}
	}
	for _, id := range ids {
		answer, err := engine.Client().Jobs.PreviewJob(ctx, connect.NewRequest(&provisioningv1.PreviewJobRequest{Id: id, All: c.All}))
		if err != nil {
			return report, fmt.Errorf("preview of %s: %w", id, told(err))
		}
		report.Jobs = append(report.Jobs, previewedJob(id, answer.Msg))
	}
	report.sort()
	return report, nil
}

func previewedJob(id string, m *provisioningv1.PreviewJobResponse) previewJob {
	managed := m.GetManagedAccountCount()
	j := previewJob{
		ID: id, Action: previewNone, Known: true, Paused: m.GetJob().GetState() == "paused", Managed: &managed,
		Impact: previewedImpact(m.GetImpact()), Held: m.GetHeldCount(), Warnings: m.GetWarnings(),
		Changes: &previewChanges{
			Create: m.GetChanges().GetCreateCount(), Update: m.GetChanges().GetUpdateCount(),
			Additions: m.GetChanges().GetMembershipAddCount(), Failures: m.GetChanges().GetFailureCount(),
		},
	}
	if j.Impact.total() > 0 || j.Changes.Create+j.Changes.Update+j.Changes.Additions > 0 || m.GetForgotten() != nil {
		j.Action = previewUpdate
	}
	for _, violation := range m.GetViolations() {
		j.Exceeded = append(j.Exceeded, previewExceeded{violation.GetLimit(), violation.GetMessage()})
	}
	if forgotten := m.GetForgotten(); forgotten != nil {
		j.Forgotten = &previewForgotten{
			Links: forgotten.GetLinkCount(), Orphans: forgotten.GetOrphanCount(), Accounts: previewedAccounts(forgotten.GetOrphans()), MovedFrom: forgotten.GetMovedFrom(),
		}
	}
	return j
}

func previewedImpact(m *provisioningv1.Impact) *previewImpact {
	impact := &previewImpact{
		Disable: m.GetDisableCount(), Delete: m.GetDeleteCount(), Removals: m.GetMembershipRemovalCount(), Digest: m.GetAccountsDigest(),
		GroupsAll: m.GetGroupCount(), Accounts: previewedAccounts(m.GetAccounts()), Truncated: m.GetAccountsTruncated(),
	}
	for _, cause := range m.GetCauses() {
		impact.Causes = append(impact.Causes, previewCause{cause.GetAction(), cause.GetCause(), cause.GetOrigin(), cause.GetCount()})
	}
	for _, group := range m.GetGroups() {
		impact.Groups = append(impact.Groups, previewGroup{group.GetName(), group.GetRemovalCount()})
	}
	return impact
}

func previewedAccounts(messages []*provisioningv1.AffectedAccount) (accounts []previewAccount) {
	for _, m := range messages {
		accounts = append(accounts, previewAccount{
			Type: m.GetObjectType(), Name: m.GetName(), Action: m.GetAction(), Reason: m.GetReason(), Cause: m.GetCause(), Origin: m.GetOrigin(),
			Member: m.GetMemberName(), SourceID: m.GetSourceId(), MemberID: m.GetMemberId(),
		})
	}
	return accounts
}
