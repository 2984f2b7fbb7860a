package api_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"connectrpc.com/connect"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// emptyEngine is an engine with an empty store.
func emptyEngine(t *testing.T) *wiring.Engine {
	t.Helper()
	engine, err := wiring.Embedded(t.Context(), wiring.Options{Store: filepath.Join(t.TempDir(), "store.db"), UserAgent: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	return engine
}

func appDraft(template string) *provisioningv1.Draft {
	return &provisioningv1.Draft{Kind: &provisioningv1.Draft_App{App: &provisioningv1.App{Key: "crm", DisplayName: "CRM", Template: template}}}
}

func mappingDraft(objectType string, exclude ...string) *provisioningv1.Draft {
	return &provisioningv1.Draft{Kind: &provisioningv1.Draft_AttributeMapping{AttributeMapping: &provisioningv1.AttributeMapping{
		AppId: "crm", ObjectType: objectType, Enabled: true, Preset: "template", Exclude: exclude, Actions: []string{"create"},
	}}}
}

func TestDraftsWithATemplate(t *testing.T) {
	t.Parallel()
	drafts := emptyEngine(t).Client().Drafts
	put := func(draft *provisioningv1.Draft) error {
		_, err := drafts.PutDraft(context.Background(), connect.NewRequest(&provisioningv1.PutDraftRequest{Draft: draft}))
		return err
	}
	for _, step := range []struct {
		name  string
		draft *provisioningv1.Draft
		want  string // of the error; empty: none
	}{
		{"the app is unknown", mappingDraft("user"), "not_found"},
		{"a key that nobody knows", appDraft("slak"), `app crm: template: there is no template "slak"; did you mean slack?`},
		{"no template", appDraft(""), ""},
		{"a mapping without one", mappingDraft("user"), "the app has no template with default mappings for user objects"},
		{"a product without groups", appDraft("smartsheet"), ""},
		{"its users", mappingDraft("user"), ""},
		{"its groups", mappingDraft("group"), "the app has no template with default mappings for group objects"},
		{"excluded without being there", mappingDraft("user", "nickName"), "the preset template maps no such attribute"},
	} {
		err := put(step.draft)
		if (err == nil) != (step.want == "") || err != nil && !strings.Contains(err.Error(), step.want) {
			t.Errorf("%s: %v, want %q", step.name, err, step.want)
		}
	}
}
