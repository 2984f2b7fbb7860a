package api

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// An explanation with everything in it arrives whole.
func TestExplanationMessage(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	key := store.LinkKey{Type: directory.User, Source: "ada"}
	got, err := explanationMessage(cycle.Explanation{
		Subject: cycle.Subject{Type: directory.User, ID: "ada"}, Name: "ada@example.com", Summary: "so\xff", Action: engine.Fail, Code: "MappingFailed", InScope: true,
		Steps: []provlog.Step{{Name: "IsActive", Type: provlog.StepScoping, Status: provlog.StatusSuccess, Description: "d", Details: map[string]string{"k": "v"}}},
		Mappings: []engine.MappingValue{
			{Target: "birthday", Expression: "CDate([born])", Err: errors.New("no date")},
			{Target: "nickName", Expression: "[nick]", Dropped: true},
			{Target: "userName", Expression: "[upn]", Value: directory.Text("ada@example.com"), MatchingPrecedence: 1},
		},
		Changes: []provlog.ModifiedProperty{{DisplayName: "title", OldValue: "a", NewValue: "b"}},
		Link: &store.Link{LinkKey: key, Target: "t", Name: "ada@example.com", Managed: true, LinkedAt: at, Exported: map[string]directory.Value{
			"title": directory.Text("a"), "left": directory.Text("over"),
		}},
		Escrow: &store.Escrow{LinkKey: key, Name: "ada@example.com", Code: "MappingFailed", Message: "no date", Attempts: 2, FirstFailure: at, NextAttempt: at.Add(time.Hour)},
		Staged: &store.Staged{LinkKey: key, Action: "disable", Event: "disabled", Reason: "r", Held: true, Since: at},
		Log:    []provlog.Record{{ChangeID: "c-1", Time: at, Action: provlog.ActionOther, Status: provlog.StatusFailure, ObjectType: directory.User, Source: "ada"}},
		State:  cycle.SourcePresent, Attributes: map[string]directory.Value{"upn": directory.Text("ada@example.com"), "born": directory.Text("<1815>")},
	}, disclosure{directory.User: {"title"}})
	if err != nil {
		t.Fatal(err)
	}
	want := &provisioningv1.ExplainObjectResponse{
		Subject: &provisioningv1.Subject{ObjectType: "user", Id: "ada"}, Name: "ada@example.com", Summary: "so\ufffd", Action: "fail", Code: "MappingFailed", InScope: true,
		Steps: []*provisioningv1.LogStep{{Name: "IsActive", Type: "scoping", Status: "success", Description: "d", Details: map[string]string{"k": "v"}}},
		Mappings: []*provisioningv1.ExplainedMapping{
			{Target: "birthday", Expression: "CDate([born])", Error: "no date"}, {Target: "nickName", Expression: "[nick]", Dropped: true},
			{Target: "userName", Expression: "[upn]", ValueJson: `"ada@example.com"`, MatchingPrecedence: 1},
		},
		Changes: []*provisioningv1.ModifiedProperty{{DisplayName: "title", OldValue: "a", NewValue: "b"}},
		Link: &provisioningv1.Link{ObjectType: "user", SourceId: "ada", TargetId: "t", Name: "ada@example.com", Managed: true, LinkedAt: timestamppb.New(at),
			ExportedJson: `{"left":"[Redact]","title":"a"}`},
		Escrow: &provisioningv1.Escrow{ObjectType: "user", SourceId: "ada", Name: "ada@example.com", Code: "MappingFailed", Message: "no date", Attempts: 2,
			FirstFailure: timestamppb.New(at), NextAttempt: timestamppb.New(at.Add(time.Hour))},
		Staged:      &provisioningv1.Staged{ObjectType: "user", SourceId: "ada", Name: "ada@example.com", Action: "disable", Event: "disabled", Reason: "r", Held: true, Since: timestamppb.New(at)},
		Log:         []*provisioningv1.LogRecord{{ChangeId: "c-1", Time: timestamppb.New(at), Action: "other", Status: "failure", ObjectType: "user", SourceId: "ada"}},
		SourceState: "present", SourceAttributesJson: `{"born":"<1815>","upn":"ada@example.com"}`,
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
