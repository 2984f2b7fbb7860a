package api

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

func TestDriftOfMembers(t *testing.T) {
	t.Parallel()
	got := newDisclosure(job.Definition{}).drift(store.Drift{Members: store.MembersDrifted{Missing: 2, MissingNames: []string{"ada", "bob"}, Added: 12, AddedNames: []string{"cyn"}}})
	want := []*provisioningv1.ModifiedProperty{{DisplayName: "members", OldValue: "ada, bob"}, {DisplayName: "members", NewValue: "cyn and 11 more"}}
	if diff := cmp.Diff(want, got.GetChanges(), protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDriftHidesRedactedValues(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	shown := newDisclosure(job.Definition{Mappings: []job.Mapping{{ObjectType: directory.User, Enabled: true, Attributes: []job.AttributeMapping{
		{Target: "title", Expression: "[title]"}, {Target: "employeeId", Expression: "Redact([employeeId])"}, {Target: "active", Expression: "[accountEnabled]"},
	}}}})
	got := shown.drift(store.Drift{
		LinkKey: store.LinkKey{Type: directory.User, Source: "ada"}, Target: "t-1", Name: "ada@example.com", Managed: true, Kind: store.DriftSwitchedOn, Since: at,
		Attributes: []engine.Drift{
			{Attribute: "active", Written: directory.Boolean(false), Observed: directory.Boolean(true)},
			{Attribute: "employeeId", Written: directory.Text("4711"), Observed: directory.Null()},
			{Attribute: "title", Written: directory.Text("Clerk"), Observed: directory.Text("Boss")},
		},
	})
	want := &provisioningv1.Drift{
		ObjectType: "user", SourceId: "ada", TargetId: "t-1", Name: "ada@example.com", Managed: true, Kind: "switched_on", Since: timestamppb.New(at),
		Changes: []*provisioningv1.ModifiedProperty{
			{DisplayName: "active", OldValue: "False", NewValue: "True"}, {DisplayName: "employeeId", OldValue: provlog.Redacted},
			{DisplayName: "title", OldValue: "Clerk", NewValue: "Boss"},
		},
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
