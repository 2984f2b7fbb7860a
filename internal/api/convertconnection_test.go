package api

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

func TestCredentialsOfAConnection(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		message *provisioningv1.ScimConnection
		want    job.SCIMConnection
	}{
		{"client credentials", &provisioningv1.ScimConnection{Oauth2: &provisioningv1.OAuth2{
			TokenUrl: "https://login.example.com/token", ClientId: "me", ClientSecretVersion: 1, ClientAuthentication: "private_key_jwt", PrivateKeyVersion: 2,
			KeyId: "k", Scopes: []string{"b", "a"}, Audience: "https://login.example.com", TokenParameters: map[string]string{"resource": "scim"},
		}}, job.SCIMConnection{OAuth2: &job.OAuth2{
			TokenURL: "https://login.example.com/token", ClientID: "me", ClientSecretVersion: 1, ClientAuthentication: "private_key_jwt", PrivateKeyVersion: 2,
			KeyID: "k", Scopes: []string{"a", "b"}, Audience: "https://login.example.com", TokenParameters: map[string]string{"resource": "scim"},
		}}},
		{"basic", &provisioningv1.ScimConnection{Basic: &provisioningv1.BasicAuth{Username: "me", PasswordVersion: 4}},
			job.SCIMConnection{Basic: &job.BasicAuth{Username: "me", PasswordVersion: 4}}},
		{"nothing", &provisioningv1.ScimConnection{}, job.SCIMConnection{}},
	} {
		if diff := cmp.Diff(c.want, *connectionOf(c.message).SCIM); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}
