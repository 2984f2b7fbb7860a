package draft_test

import (
	"errors"
	"testing"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
)

func appConfig(f *terraform, displayName any) tftypes.Value {
	return f.config(map[string]tftypes.Value{
		"key":          tftypes.NewValue(tftypes.String, "wiki"),
		"display_name": tftypes.NewValue(tftypes.String, displayName),
	})
}

func TestRefusedCalls(t *testing.T) {
	t.Parallel()
	fake := acctest.NewFake()
	f := newTerraform(t, "provisioning_app", fake.Client(), "test.db")
	refusal := connect.NewError(connect.CodeUnavailable, errors.New("store is busy"))
	expect := func(summary string, got []*tfprotov6.Diagnostic) {
		t.Helper()
		if len(got) != 1 || got[0].Summary != summary {
			t.Errorf("got %v, want %q", got, summary)
		}
	}

	fake.Refuse("PutDraft", refusal)
	failed, diagnostics := f.apply(appConfig(f, "Wiki"), f.nothing())
	expect("Cannot create app", diagnostics)
	if !failed.state.IsNull() {
		t.Errorf("an app that was not created is in the state: %v", failed.state)
	}
	fake.Refuse("PutDraft", nil)
	fake.Refuse("GetDraft", refusal)
	_, diagnostics = f.apply(appConfig(f, "Wiki"), f.nothing())
	expect("Cannot create app", diagnostics)

	fake.Refuse("GetDraft", nil)
	created, diagnostics := f.apply(appConfig(f, "Wiki"), f.nothing())
	f.quiet(diagnostics)

	fake.Refuse("GetDraft", refusal)
	kept, diagnostics := f.read(created)
	expect("Cannot read app", diagnostics)
	if !kept.state.Equal(created.state) {
		t.Errorf("an app that could not be read changed: %v", kept.state)
	}
	fake.Refuse("PutDraft", refusal)
	kept, diagnostics = f.apply(appConfig(f, "Team wiki"), created)
	expect("Cannot update app", diagnostics)
	if !kept.state.Equal(created.state) {
		t.Errorf("an app that was not updated changed: %v", kept.state)
	}
	fake.Refuse("DeleteDraft", refusal)
	expect("Cannot delete app", f.destroy(created))
	fake.Refuse("DeleteDraft", connect.NewError(connect.CodeNotFound, errors.New("no such draft")))
	f.quiet(f.destroy(created))
}

// Terraform plans with provider values that are not known yet: what was seen last stays, and no call is made.
func TestUnconfiguredProvider(t *testing.T) {
	t.Parallel()
	f := newTerraform(t, "provisioning_app", acctest.NewFake().Client(), "test.db")
	created, diagnostics := f.apply(appConfig(f, "Wiki"), f.nothing())
	f.quiet(diagnostics)

	without := newTerraform(t, "provisioning_app", planwalk.Engine{}, tftypes.UnknownValue)
	kept, diagnostics := without.read(created)
	without.quiet(diagnostics)
	if !kept.state.Equal(created.state) {
		t.Errorf("got %v", kept.state)
	}
	without.quiet(without.plan(appConfig(without, "Team wiki"), created).Diagnostics)
	if diagnostics := without.destroy(created); len(diagnostics) != 1 || diagnostics[0].Summary != "Provider is not configured" {
		t.Errorf("got %v", diagnostics)
	}
	imported, err := without.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: "provisioning_app", ID: "wiki"})
	if err != nil || len(imported.Diagnostics) != 1 || imported.Diagnostics[0].Summary != "Provider is not configured" {
		t.Errorf("got %v, %v", imported.Diagnostics, err)
	}
}
