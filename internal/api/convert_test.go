package api

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

func drafts() []*provisioningv1.Draft {
	return []*provisioningv1.Draft{
		{Kind: &provisioningv1.Draft_App{App: &provisioningv1.App{Key: "wiki", DisplayName: "Wiki"}}},
		{Kind: &provisioningv1.Draft_Source{Source: &provisioningv1.Source{Key: "people", Origin: &provisioningv1.Source_File{
			File: &provisioningv1.FileSource{Path: "people.csv", Format: "csv", GroupsColumn: "teams"},
		}}}},
		{Kind: &provisioningv1.Draft_ScimConnection{ScimConnection: &provisioningv1.ScimConnection{
			AppId: "wiki", Name: "scim", BaseUrl: "https://wiki.example.com/scim", TokenVersion: 3, Profile: "rfc",
			RateLimit: &provisioningv1.RateLimit{RequestsPerSecond: 2.5, Concurrency: 4, Burst: 9},
			Tls:       &provisioningv1.Tls{CaBundlePem: "pem", ServerName: "wiki", MinVersion: "1.3", ClientCertificatePem: "certificate", ClientKeyVersion: 5},
			Proxy:     &provisioningv1.Proxy{Url: "http://proxy:3128", NoProxy: []string{"b", "a"}, Username: "me", PasswordVersion: 6},
			Headers:   map[string]string{"X-Tenant": "1"}, TimeoutSeconds: 7,
			Compatibility: &provisioningv1.ScimCompatibility{
				UpdateMethod: "put", Bulk: "off", MembersPerPatch: 8, VerifyMembers: proto.Bool(true), NotFoundIsEmpty: proto.Bool(true),
			},
		}}},
		{Kind: &provisioningv1.Draft_AttributeMapping{AttributeMapping: &provisioningv1.AttributeMapping{
			AppId: "wiki", ObjectType: "user", Enabled: true, Actions: []string{"update", "create"}, CompositeMatching: true, Attributes: []*provisioningv1.MappedAttribute{
				{Target: "userName", Expression: "[userPrincipalName]", MatchingPrecedence: 1, FlowType: "Always"},
				{Target: "title", Expression: "[jobTitle]", DefaultValue: proto.String(""), FlowType: "ObjectAddOnly"},
			},
		}}},
		{Kind: &provisioningv1.Draft_AttributeMapping{AttributeMapping: &provisioningv1.AttributeMapping{
			AppId: "wiki", ObjectType: "group", Actions: []string{"delete"}, Attributes: []*provisioningv1.MappedAttribute{
				{Target: "displayName", Expression: "[displayName]", MatchingPrecedence: 1, FlowType: "Always"},
			},
		}}},
		{Kind: &provisioningv1.Draft_ScopingFilter{ScopingFilter: &provisioningv1.ScopingFilter{
			AppId: "wiki", Name: "sales", ObjectType: "user", Clauses: []*provisioningv1.Clause{{Attribute: "department", Operator: "EQUALS", Values: []string{"Sales", "HR"}}},
		}}},
		{Kind: &provisioningv1.Draft_AppAssignment{AppAssignment: &provisioningv1.AppAssignment{
			AppId: "wiki", Name: "staff", UserIds: []string{"b", "a", "b"}, GroupIds: []string{"g"},
		}}},
	}
}

// wanted is what the drafts and the message mean.
func wanted() job.Definition {
	empty, disable, percent := "", int64(0), 1.5
	return job.Definition{
		ID: "wiki/main", Name: "main", App: job.App{Key: "wiki", DisplayName: "Wiki"},
		Source: job.Source{Key: "people", File: &job.FileSource{Path: "people.csv", Format: "csv", GroupsColumn: "teams"}},
		Connection: job.Connection{AppKey: "wiki", Name: "scim", SCIM: &job.SCIMConnection{
			BaseURL: "https://wiki.example.com/scim", TokenVersion: 3, Profile: "rfc",
			RateLimit: job.RateLimit{RequestsPerSecond: 2.5, Concurrency: 4, Burst: 9},
			TLS:       job.TLS{CABundlePEM: "pem", ServerName: "wiki", MinVersion: "1.3", ClientCertificatePEM: "certificate", ClientKeyVersion: 5},
			Proxy:     &job.Proxy{URL: "http://proxy:3128", NoProxy: []string{"a", "b"}, Username: "me", PasswordVersion: 6},
			Headers:   map[string]string{"X-Tenant": "1"}, TimeoutSeconds: 7,
			Compatibility: job.Compatibility{UpdateMethod: "put", Bulk: "off", MembersPerPatch: 8, VerifyMembers: true, NotFoundIsEmpty: true},
		}},
		Mappings: []job.Mapping{
			{AppKey: "wiki", ObjectType: directory.Group, Actions: job.Actions{Delete: true}, Attributes: []job.AttributeMapping{
				{Target: "displayName", Expression: "[displayName]", MatchingPrecedence: 1, FlowType: job.FlowAlways},
			}},
			{AppKey: "wiki", ObjectType: directory.User, Enabled: true, Actions: job.Actions{Create: true, Update: true}, CompositeMatching: true, Attributes: []job.AttributeMapping{
				{Target: "title", Expression: "[jobTitle]", DefaultValue: &empty, FlowType: job.FlowObjectAddOnly},
				{Target: "userName", Expression: "[userPrincipalName]", MatchingPrecedence: 1, FlowType: job.FlowAlways},
			}},
		},
		Filters: []job.Filter{{AppKey: "wiki", Name: "sales", ObjectType: directory.User, Clauses: []scope.Clause{
			{Attribute: "department", Operator: scope.Equals, Values: []string{"Sales", "HR"}},
		}}},
		Assignments: []job.Assignment{{AppKey: "wiki", Name: "staff", Users: []directory.Anchor{"a", "b"}, Groups: []directory.Anchor{"g"}}},
		Scope:       scope.ModeAssigned, State: job.Paused, Run: job.RunManually,
		Limits: job.Limits{MaxDisable: &disable, MaxPercent: &percent}, OnDestroy: job.DestroyDisable, Unplanned: job.FailUnplanned, SkipOutOfScopeDeletions: true,
	}
}

func message(change ...func(*provisioningv1.Job)) *provisioningv1.Job {
	m := &provisioningv1.Job{
		AppId: "wiki", Name: "main", SourceId: "people", ConnectionId: "wiki/scim", MappingIds: []string{"wiki/group", "wiki/user"},
		ScopingFilterIds: []string{"wiki/sales"}, AssignmentIds: []string{"wiki/staff"}, Scope: "assigned", State: "paused", Run: "manual",
		Limits:    &provisioningv1.Limits{MaxDisable: proto.Int64(0), MaxPercent: proto.Float64(1.5)},
		OnDestroy: "disable", OnUnplanned: "fail", SkipOutOfScopeDeletions: true,
	}
	for _, c := range change {
		c(m)
	}
	return m
}

func TestJobRoundTrip(t *testing.T) {
	t.Parallel()
	shuffled := message(func(m *provisioningv1.Job) { m.MappingIds = []string{"wiki/user", "wiki/group", "wiki/user"} })
	unlimited := message(func(m *provisioningv1.Job) { m.Limits = nil })
	unlimitedWords := message(func(m *provisioningv1.Job) { m.Limits = &provisioningv1.Limits{} })
	tests := []struct {
		name string
		sent *provisioningv1.Job
		want func(*job.Definition)
		back *provisioningv1.Job
	}{
		{"everything", message(), func(*job.Definition) {}, message()},
		{"order and repeats of ids do not matter", shuffled, func(*job.Definition) {}, message()},
		{"without limits", unlimited, func(d *job.Definition) { d.Limits = job.Limits{} }, unlimited},
		{"limits without a limit", unlimitedWords, func(d *job.Definition) { d.Limits = job.Limits{} }, unlimited},
		{"without filters and assignments", message(func(m *provisioningv1.Job) { m.ScopingFilterIds, m.AssignmentIds = nil, nil }),
			func(d *job.Definition) { d.Filters, d.Assignments = nil, nil }, message(func(m *provisioningv1.Job) { m.ScopingFilterIds, m.AssignmentIds = nil, nil })},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			resolve, err := newResolver(draftService{}, drafts())
			if err != nil {
				t.Fatal(err)
			}
			got, err := resolve.definition(t.Context(), test.sent)
			if err != nil {
				t.Fatal(err)
			}
			want := wanted()
			test.want(&want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("definition (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.back, jobMessage(got), protocmp.Transform()); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
			if got.Digest() != want.Digest() {
				t.Error("the same definition has another digest")
			}
		})
	}
}

func TestIdentifyAndValidate(t *testing.T) {
	t.Parallel()
	var got []string
	for _, draft := range drafts() {
		kind, id, err := identify(draft)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(kind)+" "+id)
		if err := validate(draft); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	want := []string{
		string(store.DraftApp) + " wiki", string(store.DraftSource) + " people", string(store.DraftConnection) + " wiki/scim",
		string(store.DraftMapping) + " wiki/user", string(store.DraftMapping) + " wiki/group", string(store.DraftFilter) + " wiki/sales", string(store.DraftAssignment) + " wiki/staff",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, empty := range []*provisioningv1.Draft{nil, {}} {
		if _, _, err := identify(empty); !errors.Is(err, directory.Invalid) {
			t.Errorf("an empty draft: %v", err)
		}
	}
	broken := []*provisioningv1.Draft{
		{Kind: &provisioningv1.Draft_App{App: &provisioningv1.App{Key: "Wiki"}}},
		{Kind: &provisioningv1.Draft_Source{Source: &provisioningv1.Source{Key: "people"}}},
		{Kind: &provisioningv1.Draft_ScimConnection{ScimConnection: &provisioningv1.ScimConnection{AppId: "wiki", Name: "s c"}}},
		{Kind: &provisioningv1.Draft_AttributeMapping{AttributeMapping: &provisioningv1.AttributeMapping{AppId: "wiki", ObjectType: "user"}}},
		{Kind: &provisioningv1.Draft_ScopingFilter{ScopingFilter: &provisioningv1.ScopingFilter{AppId: "wiki", Name: "sales", ObjectType: "device"}}},
		{Kind: &provisioningv1.Draft_AppAssignment{AppAssignment: &provisioningv1.AppAssignment{AppId: "wiki"}}},
	}
	for _, draft := range broken {
		if err := validate(draft); !errors.Is(err, directory.Invalid) {
			t.Errorf("%v: %v", draft, err)
		}
	}
}

// The list of accounts stops at 50; counts and digest are of all (plan-preview-mechanics.md 5.3).
func TestImpactMessage(t *testing.T) {
	t.Parallel()
	var affected []engine.Affected
	for i := range maxNames + 2 {
		affected = append(affected, engine.Affected{Type: directory.User, Source: directory.Anchor(strings.Repeat("x", i+1)), Action: engine.Disable, Name: "ada", Reason: "disabled in the source"})
	}
	affected[0].Action = engine.Delete
	affected[1].Type, affected[1].Action = directory.Group, engine.RemoveMembership
	m := impactMessage(affected, false)
	if m.GetDisableCount() != maxNames || m.GetDeleteCount() != 1 || m.GetMembershipRemovalCount() != 1 || len(m.GetAccounts()) != maxNames || !m.GetAccountsTruncated() || m.GetAccountsDigest() != engine.DigestAffected(affected) {
		t.Errorf("%d disables, %d deletes, %d removals, %d named, truncated %v", m.GetDisableCount(), m.GetDeleteCount(), m.GetMembershipRemovalCount(), len(m.GetAccounts()), m.GetAccountsTruncated())
	}
	want := &provisioningv1.AffectedAccount{ObjectType: "user", Name: "ada", Action: "delete", Reason: "disabled in the source", SourceId: "x"}
	if diff := cmp.Diff(want, m.GetAccounts()[0], protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if exact := impactMessage(slices.Clone(affected[:maxNames]), false); exact.GetAccountsTruncated() || len(exact.GetAccounts()) != maxNames {
		t.Error("exactly as many as fit are cut")
	}
	if all := impactMessage(affected, true); all.GetAccountsTruncated() || len(all.GetAccounts()) != maxNames+2 {
		t.Errorf("asked for all: %d of %d", len(all.GetAccounts()), maxNames+2)
	}
	if none := impactMessage(nil, false); none.GetAccountsDigest() != engine.DigestAffected(nil) || len(none.GetAccounts()) != 0 {
		t.Errorf("impact of nothing: %v", none)
	}
}
