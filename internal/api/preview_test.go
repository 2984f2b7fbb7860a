package api_test

import (
	"fmt"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// previewed asks for a preview and returns it, or the error.
func (o operated) previewed(t *testing.T, request *provisioningv1.PreviewJobRequest) (*provisioningv1.PreviewJobResponse, error) {
	t.Helper()
	answer, err := o.jobs.PreviewJob(t.Context(), connect.NewRequest(request))
	if err != nil {
		return nil, err
	}
	return answer.Msg, nil
}

// TestPreviewOfACommittedJob: by its id alone, with the complete list on demand, without the drafts it was made of.
func TestPreviewOfACommittedJob(t *testing.T) {
	t.Parallel()
	const leavers = 60
	o := newOperated(t)
	for i := range leavers {
		anchor := fmt.Sprintf("u%02d", i)
		o.source.Put(directory.Object{Type: directory.User, Anchor: directory.Anchor(anchor), Attributes: map[string]directory.Value{"mail": directory.Text(anchor + "@example.com")}})
	}
	before, err := o.previewed(t, &provisioningv1.PreviewJobRequest{Id: "wiki/main"})
	if err != nil || before.GetChanges().GetCreateCount() != leavers+1 || !before.GetExists() || before.GetDesiredDigest() != before.GetCommittedDigest() {
		t.Fatalf("%v, %v", err, before)
	}
	if writes := o.target.Calls().Writes(); writes != 0 {
		t.Fatalf("a preview wrote %d times", writes)
	}
	if _, _, err := o.run(t, &provisioningv1.RunJobRequest{Id: "wiki/main", Force: true}); err != nil {
		t.Fatal(err)
	}
	for i := range leavers {
		o.source.Remove(directory.User, directory.Anchor(fmt.Sprintf("u%02d", i)))
	}
	o.target.ResetCalls()
	some, err := o.previewed(t, &provisioningv1.PreviewJobRequest{Id: "wiki/main"})
	if err != nil {
		t.Fatal(err)
	}
	all, err := o.previewed(t, &provisioningv1.PreviewJobRequest{Id: "wiki/main", All: true})
	if err != nil {
		t.Fatal(err)
	}
	if calls := o.target.Calls(); calls.Writes() != 0 {
		t.Errorf("calls of a preview: %+v", calls)
	}
	if n := len(some.GetImpact().GetAccounts()); n != 50 || !some.GetImpact().GetAccountsTruncated() {
		t.Errorf("%d named, truncated %t", n, some.GetImpact().GetAccountsTruncated())
	}
	if n := len(all.GetImpact().GetAccounts()); n != leavers || all.GetImpact().GetAccountsTruncated() || all.GetImpact().GetDeleteCount() != leavers {
		t.Errorf("%d named, %d deletes", n, all.GetImpact().GetDeleteCount())
	}
	if some.GetImpact().GetAccountsDigest() != all.GetImpact().GetAccountsDigest() {
		t.Error("the digest depends on how many are named")
	}
	first := all.GetImpact().GetAccounts()[0]
	first.TargetId = "" // the target's to choose
	want := &provisioningv1.AffectedAccount{
		ObjectType: "user", Name: "u00@example.com", Action: "delete", Reason: "deleted in the source", Cause: "deleted_in_source", Origin: "source", SourceId: "u00",
	}
	if diff := cmp.Diff(want, first, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := all.GetImpact().GetCauses(); len(got) != 1 || got[0].GetCount() != leavers || got[0].GetCause() != "deleted_in_source" {
		t.Errorf("causes: %v", got)
	}
	if all.GetManagedAccountCount() != leavers+1 || all.GetJob().GetAppId() != "wiki" {
		t.Errorf("%d managed, job %v", all.GetManagedAccountCount(), all.GetJob())
	}
}

func TestPreviewRefuses(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	for name, test := range map[string]struct {
		request *provisioningv1.PreviewJobRequest
		code    connect.Code
		said    string
	}{
		"an unknown job": {&provisioningv1.PreviewJobRequest{Id: "wiki/other"}, connect.CodeNotFound, "wiki/other"},
		"both":           {&provisioningv1.PreviewJobRequest{Id: "wiki/main", Job: &provisioningv1.Job{AppId: "wiki", Name: "main"}}, connect.CodeInvalidArgument, "not of both"},
		"drafts that are not there": {&provisioningv1.PreviewJobRequest{Job: &provisioningv1.Job{AppId: "wiki", Name: "main", SourceId: "people", ConnectionId: "wiki/scim"}},
			connect.CodeInvalidArgument, "is it managed by another provider configuration?"},
	} {
		if _, err := o.previewed(t, test.request); connect.CodeOf(err) != test.code || !strings.Contains(err.Error(), test.said) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
