package api

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// A definition holds what the app's template says: what is committed does not depend on what a template says later.
func TestADefinitionHoldsTheTemplate(t *testing.T) {
	t.Parallel()
	planned := drafts()
	planned[0].GetApp().Template = "slack"
	planned[2].GetScimConnection().RateLimit, planned[2].GetScimConnection().Profile = nil, ""
	groups := planned[4].GetAttributeMapping()
	groups.Preset, groups.Attributes = job.PresetTemplate, nil
	resolve, err := newResolver(draftService{}, planned)
	if err != nil {
		t.Fatal(err)
	}
	got, err := resolve.definition(t.Context(), message())
	if err != nil {
		t.Fatal(err)
	}
	want := wanted()
	want.App.Template = "slack"
	want.Connection.SCIM.RateLimit = job.RateLimit{RequestsPerSecond: 3} // data/slack.json; the update method is the connection's own
	want.Mappings[0].Preset, want.Mappings[0].Attributes = job.PresetTemplate, nil
	want.Mappings[0].TemplateRows = []job.AttributeMapping{
		{Target: "displayName", Expression: "[displayName]", MatchingPrecedence: 1, FlowType: job.FlowAlways, FlowBehavior: job.FlowWhenChanged},
		{Target: "members", Expression: "[members]", FlowType: job.FlowAlways, FlowBehavior: job.FlowWhenChanged},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	planned[0].GetApp().Template = "slak"
	if _, err := resolve.definition(t.Context(), message()); !errors.Is(err, directory.Invalid) || !strings.Contains(err.Error(), `there is no template "slak"`) {
		t.Error(err)
	}
}

// Without a template everything is as it is written down, and the profile is the default.
func TestADefinitionWithoutATemplate(t *testing.T) {
	t.Parallel()
	planned := drafts()
	planned[2].Kind = &provisioningv1.Draft_ScimConnection{ScimConnection: &provisioningv1.ScimConnection{AppId: "wiki", Name: "scim", BaseUrl: "https://wiki.example.com/scim"}}
	resolve, err := newResolver(draftService{}, planned)
	if err != nil {
		t.Fatal(err)
	}
	got, err := resolve.definition(t.Context(), message())
	if err != nil {
		t.Fatal(err)
	}
	want := &job.SCIMConnection{BaseURL: "https://wiki.example.com/scim", Profile: "rfc"}
	if diff := cmp.Diff(want, got.Connection.SCIM); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
