package api_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/api"
	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1/provisioningv1connect"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store/sqlstore"
)

// TestSecretsOfAConnection: what a connection uses is sealed under its name and version, kept while it is in use, and in no
// answer and no file.
func TestSecretsOfAConnection(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "store.db")
	sealer, err := secret.LoadOrCreateKey(secret.KeyOptions{File: path + ".key", Create: true})
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: path, Sealer: sealer})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	drafts := provisioningv1connect.NewDraftServiceClient(&http.Client{Transport: api.InProcess{Handler: api.NewHandler(&cycle.Engine{
		Store: s, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
	})}}, "http://engine.invalid")
	kept := func(name string, version int64) string {
		t.Helper()
		value, err := s.GetSecret(t.Context(), "wiki/scim", job.SecretVersion{Name: name, Version: version})
		if err != nil {
			return ""
		}
		return value.Reveal()
	}
	put := func(connection *provisioningv1.ScimConnection, secrets map[string]string) error {
		t.Helper()
		connection.AppId, connection.Name, connection.BaseUrl = "wiki", "scim", "https://wiki.example.com/scim"
		answer, err := drafts.PutDraft(t.Context(), connect.NewRequest(&provisioningv1.PutDraftRequest{
			Draft: &provisioningv1.Draft{Kind: &provisioningv1.Draft_ScimConnection{ScimConnection: connection}}, Secrets: secrets,
		}))
		for _, value := range secrets {
			if err == nil && strings.Contains(answer.Msg.String(), value) || err != nil && strings.Contains(err.Error(), value) {
				t.Errorf("a secret came back: %v, %v", answer, err)
			}
		}
		return err
	}
	refused := func(err error, with string) {
		t.Helper()
		if connect.CodeOf(err) != connect.CodeInvalidArgument || !strings.Contains(err.Error(), with) {
			t.Errorf("got %v, want %q", err, with)
		}
	}
	oauth2 := func(version int64) *provisioningv1.ScimConnection {
		return &provisioningv1.ScimConnection{
			Oauth2: &provisioningv1.OAuth2{TokenUrl: "https://login.example.com/token", ClientId: "me", ClientSecretVersion: version},
			Tls:    &provisioningv1.Tls{ClientCertificatePem: "pem", ClientKeyVersion: 1},
		}
	}

	if err := put(oauth2(1), map[string]string{"client_secret": "the-client-secret", "client_key": "the-client-key"}); err != nil {
		t.Fatal(err)
	}
	if kept("client_secret", 1) != "the-client-secret" || kept("client_key", 1) != "the-client-key" {
		t.Error("the secrets are not kept")
	}
	if err := put(oauth2(1), nil); err != nil {
		t.Errorf("the same versions again: %v", err)
	}
	refused(put(oauth2(2), nil), "version 2 of client_secret is not stored; set client_secret_wo")
	refused(put(oauth2(1), map[string]string{"password": "the-password", "bearer_token": "the-token"}), "bearer_token, password")
	if kept("password", 0) != "" || kept("password", 1) != "" {
		t.Error("a secret that nothing uses was kept")
	}
	if err := put(&provisioningv1.ScimConnection{
		Basic: &provisioningv1.BasicAuth{Username: "me", PasswordVersion: 1}, Proxy: &provisioningv1.Proxy{Url: "http://proxy", Username: "me", PasswordVersion: 3},
	}, map[string]string{"password": "the-password", "proxy_password": "the-proxy-password"}); err != nil {
		t.Fatal(err)
	}

	for _, name := range []string{"store.db", "store.db-wal"} {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range []string{"the-client-secret", "the-client-key", "the-password", "the-proxy-password"} {
			if bytes.Contains(content, []byte(value)) {
				t.Errorf("%s is readable in %s", value, name)
			}
		}
	}

	if _, err := drafts.DeleteDraft(t.Context(), connect.NewRequest(&provisioningv1.DeleteDraftRequest{
		Kind: provisioningv1.DraftKind_DRAFT_KIND_SCIM_CONNECTION, Id: "wiki/scim",
	})); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"client_secret", "client_key", "password"} {
		if kept(name, 1) != "" {
			t.Errorf("%s is kept for nobody", name)
		}
	}
}
