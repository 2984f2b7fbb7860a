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

// TestObjectsNoJobRefersTo: a preview warns about each mapping, filter and assignment of its app that no job uses, this one as it
// would be or another one as it is committed (design.md 3). Those of other apps are not its business.
func TestObjectsNoJobRefersTo(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	filter := func(app, name string) *provisioningv1.Draft {
		return &provisioningv1.Draft{Kind: &provisioningv1.Draft_ScopingFilter{ScopingFilter: &provisioningv1.ScopingFilter{
			AppId: app, Name: name, ObjectType: "user", Clauses: []*provisioningv1.Clause{{Attribute: "mail", Operator: "IS NOT NULL"}},
		}}}
	}
	drafts := []*provisioningv1.Draft{
		{Kind: &provisioningv1.Draft_App{App: &provisioningv1.App{Key: "wiki", DisplayName: "Wiki"}}},
		{Kind: &provisioningv1.Draft_Source{Source: &provisioningv1.Source{Key: "people", Origin: &provisioningv1.Source_File{File: &provisioningv1.FileSource{Path: "people.json"}}}}},
		{Kind: &provisioningv1.Draft_ScimConnection{ScimConnection: &provisioningv1.ScimConnection{AppId: "wiki", Name: "scim", BaseUrl: "https://wiki.example.com/scim"}}},
		{Kind: &provisioningv1.Draft_AttributeMapping{AttributeMapping: &provisioningv1.AttributeMapping{
			AppId: "wiki", ObjectType: "user", Enabled: true, Actions: []string{"create", "update", "delete"},
			Attributes: []*provisioningv1.MappedAttribute{{Target: "userName", Expression: "[mail]", MatchingPrecedence: 1, FlowType: "Always"}},
		}}},
		filter("wiki", "used"), filter("wiki", "used-by-the-other"), filter("wiki", "forgotten"), filter("intranet", "of-another-app"),
	}
	for _, draft := range drafts {
		if _, err := o.drafts.PutDraft(t.Context(), connect.NewRequest(&provisioningv1.PutDraftRequest{Draft: draft})); err != nil {
			t.Fatal(err)
		}
	}
	theJob := func(name string, filters ...string) *provisioningv1.Job {
		return &provisioningv1.Job{
			AppId: "wiki", Name: name, SourceId: "people", ConnectionId: "wiki/scim", MappingIds: []string{"wiki/user"}, ScopingFilterIds: filters,
			Scope: "all", State: "started", Run: "manual", OnDestroy: "keep", OnUnplanned: "hold",
		}
	}
	warnings := func(filters ...string) []string {
		t.Helper()
		answer, err := o.previewed(t, &provisioningv1.PreviewJobRequest{Job: theJob("nightly", filters...)})
		if err != nil {
			t.Fatal(err)
		}
		return answer.GetWarnings()
	}
	unused := func(name string) string { return "The filter wiki/" + name + " has no effect: no job refers to it." }
	if diff := cmp.Diff([]string{unused("forgotten"), unused("used-by-the-other")}, warnings("wiki/used")); diff != "" {
		t.Errorf("before the other job is committed (-want +got):\n%s", diff)
	}
	stream, err := o.jobs.CommitJob(t.Context(), connect.NewRequest(&provisioningv1.CommitJobRequest{Job: theJob("other", "wiki/used-by-the-other"), Create: true}))
	if err != nil {
		t.Fatal(err)
	}
	for stream.Receive() {
	}
	if err := stream.Err(); err != nil {
		t.Fatal(err)
	}
	_ = stream.Close()
	if diff := cmp.Diff([]string{unused("forgotten")}, warnings("wiki/used")); diff != "" {
		t.Errorf("two jobs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{unused("forgotten"), unused("used")}, warnings()); diff != "" {
		t.Errorf("the job lets its filter go (-want +got):\n%s", diff)
	}
}

// TestDisabledIsGone: a plan that disables accounts says when the product deletes them, and only then.
func TestDisabledIsGone(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	person := func(department string) {
		o.source.Put(directory.Object{Type: directory.User, Anchor: "ada", Attributes: map[string]directory.Value{
			"mail": directory.Text("ada@example.com"), "department": directory.Text(department), "IsSoftDeleted": directory.Boolean(false),
		}})
	}
	person("Sales")
	for _, draft := range []*provisioningv1.Draft{
		{Kind: &provisioningv1.Draft_App{App: &provisioningv1.App{Key: "sheets", DisplayName: "Sheets", Template: "smartsheet"}}},
		{Kind: &provisioningv1.Draft_Source{Source: &provisioningv1.Source{Key: "people", Origin: &provisioningv1.Source_File{File: &provisioningv1.FileSource{Path: "people.json"}}}}},
		{Kind: &provisioningv1.Draft_ScimConnection{ScimConnection: &provisioningv1.ScimConnection{AppId: "sheets", Name: "scim", BaseUrl: "https://scim.smartsheet.com/v2"}}},
		{Kind: &provisioningv1.Draft_AttributeMapping{AttributeMapping: &provisioningv1.AttributeMapping{
			AppId: "sheets", ObjectType: "user", Enabled: true, Actions: []string{"create", "update", "delete"},
			Attributes: []*provisioningv1.MappedAttribute{
				{Target: "userName", Expression: "[mail]", MatchingPrecedence: 1, FlowType: "Always"},
				{Target: "active", Expression: `Switch([IsSoftDeleted], , "False", "True", "True", "False")`, FlowType: "Always"},
			},
		}}},
		{Kind: &provisioningv1.Draft_ScopingFilter{ScopingFilter: &provisioningv1.ScopingFilter{
			AppId: "sheets", Name: "sales", ObjectType: "user", Clauses: []*provisioningv1.Clause{{Attribute: "department", Operator: "EQUALS", Values: []string{"Sales"}}},
		}}},
	} {
		if _, err := o.drafts.PutDraft(t.Context(), connect.NewRequest(&provisioningv1.PutDraftRequest{Draft: draft})); err != nil {
			t.Fatal(err)
		}
	}
	theJob := &provisioningv1.Job{
		AppId: "sheets", Name: "main", SourceId: "people", ConnectionId: "sheets/scim", MappingIds: []string{"sheets/user"}, ScopingFilterIds: []string{"sheets/sales"},
		Scope: "all", State: "started", Run: "on_apply", OnDestroy: "keep", OnUnplanned: "hold",
	}
	stream, err := o.jobs.CommitJob(t.Context(), connect.NewRequest(&provisioningv1.CommitJobRequest{Job: theJob, Create: true}))
	if err != nil {
		t.Fatal(err)
	}
	for stream.Receive() {
	}
	if err := stream.Err(); err != nil {
		t.Fatal(err)
	}
	_ = stream.Close()
	gone := func() (said bool, disabled int64) {
		t.Helper()
		answer, err := o.previewed(t, &provisioningv1.PreviewJobRequest{Job: theJob})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(strings.Join(answer.GetWarnings(), "\n"), "deleted when it is disabled"), answer.GetImpact().GetDisableCount()
	}
	if said, disabled := gone(); said || disabled != 0 {
		t.Errorf("nobody leaves: warned %t, %d disabled", said, disabled)
	}
	person("IT")
	if said, disabled := gone(); !said || disabled != 1 {
		t.Errorf("ada leaves: warned %t, %d disabled", said, disabled)
	}
}
