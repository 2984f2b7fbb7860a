package draft_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
)

func connection(f *terraform, token any, version any) tftypes.Value {
	return f.config(map[string]tftypes.Value{
		"app_id":                  tftypes.NewValue(tftypes.String, "wiki"),
		"base_url":                tftypes.NewValue(tftypes.String, "https://wiki.example.com/scim"),
		"bearer_token_wo":         tftypes.NewValue(tftypes.String, token),
		"bearer_token_wo_version": tftypes.NewValue(tftypes.Number, version),
	})
}

func TestChangedSecretWithUnchangedVersion(t *testing.T) {
	t.Parallel()
	f := newTerraform(t, "provisioning_scim_connection", acctest.NewFake().Client(), "test.db")
	created, diagnostics := f.apply(connection(f, "first", 1), f.nothing())
	f.quiet(diagnostics)

	for _, c := range []struct {
		name    string
		token   any
		version any
		warned  bool
	}{
		{"same", "first", 1, false},
		{"changed", "second", 1, true},
		{"changed with its version", "second", 2, false},
		{"not known yet", tftypes.UnknownValue, 1, false},
		{"not supplied", nil, 1, false},
	} {
		planned := f.plan(connection(f, c.token, c.version), created)
		if !c.warned {
			f.quiet(planned.Diagnostics)
			continue
		}
		if len(planned.Diagnostics) != 1 || planned.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityWarning ||
			planned.Diagnostics[0].Summary != "Changed secret is not sent" || strings.Contains(planned.Diagnostics[0].Detail, "second") {
			t.Errorf("%s: got %v", c.name, planned.Diagnostics)
		}
	}

	// After the new token was sent, it is the one to compare with.
	updated, diagnostics := f.apply(connection(f, "second", 2), created)
	f.quiet(diagnostics)
	f.quiet(f.plan(connection(f, "second", 2), updated).Diagnostics)
	if warned := f.plan(connection(f, "first", 2), updated).Diagnostics; len(warned) != 1 {
		t.Errorf("the old token came back: got %v", warned)
	}
	if bytes.Contains(updated.private, []byte("second")) {
		t.Error("the token is in private data")
	}

	// Without a secret there is nothing to compare with, and nothing to warn about.
	open, diagnostics := f.apply(connection(f, nil, nil), updated)
	f.quiet(diagnostics)
	f.quiet(f.plan(connection(f, nil, nil), open).Diagnostics)
}

// An ephemeral variable that was supplied to plan and forgotten for apply.
func TestMissingSecretAtApply(t *testing.T) {
	t.Parallel()
	fake := acctest.NewFake()
	f := newTerraform(t, "provisioning_scim_connection", fake.Client(), "test.db")
	created, diagnostics := f.apply(connection(f, nil, 1), f.nothing())
	if len(diagnostics) != 1 || diagnostics[0].Summary != "Secret is missing" || !created.state.IsNull() {
		t.Errorf("got %v, %v", diagnostics, created.state)
	}
	if puts := fake.Puts(); len(puts) > 0 {
		t.Errorf("written: %v", puts)
	}
}
