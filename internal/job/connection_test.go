package job_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

func TestConnectionValidate(t *testing.T) {
	t.Parallel()
	oauth2 := func(change func(*job.OAuth2)) func(*job.SCIMConnection) {
		return func(c *job.SCIMConnection) {
			c.OAuth2 = &job.OAuth2{TokenURL: "https://login.example.com/token", ClientID: "me", ClientSecretVersion: 1}
			change(c.OAuth2)
		}
	}
	for _, c := range []struct {
		name   string
		change func(*job.SCIMConnection)
		want   string // part of the error; empty: accepted
	}{
		{"nothing", func(*job.SCIMConnection) {}, ""},
		{"bearer", func(c *job.SCIMConnection) { c.TokenVersion = 1 }, ""},
		{"client secret", oauth2(func(*job.OAuth2) {}), ""},
		{"private key", oauth2(func(o *job.OAuth2) {
			o.ClientSecretVersion, o.PrivateKeyVersion, o.ClientAuthentication, o.KeyID, o.Audience = 0, 1, job.PrivateKeyJWT, "k", "a"
		}), ""},
		{"certificate", func(c *job.SCIMConnection) { c.TLS.ClientCertificatePEM, c.TLS.ClientKeyVersion = "pem", 1 }, ""},
		{"certificate and bearer", func(c *job.SCIMConnection) {
			c.TLS.ClientCertificatePEM, c.TLS.ClientKeyVersion, c.TokenVersion = "pem", 1, 1
		}, ""},
		{"everything known", func(c *job.SCIMConnection) {
			c.Profile, c.TLS.MinVersion, c.Compatibility.Bulk, c.Compatibility.UpdateMethod = "entra-compliant", "1.3", "off", "put"
		}, ""},

		{"two methods", func(c *job.SCIMConnection) { c.TokenVersion, c.Basic = 1, &job.BasicAuth{Username: "me"} }, "bearer_token_wo and basic exclude each other"},
		{"two others", func(c *job.SCIMConnection) {
			oauth2(func(*job.OAuth2) {})(c)
			c.Basic = &job.BasicAuth{Username: "me"}
		}, "oauth2 and basic exclude each other"},
		{"no user name", func(c *job.SCIMConnection) { c.Basic = &job.BasicAuth{} }, "basic.username must not be empty"},
		{"colon", func(c *job.SCIMConnection) { c.Basic = &job.BasicAuth{Username: "a:b"} }, "must not hold a colon"},
		{"certificate alone", func(c *job.SCIMConnection) { c.TLS.ClientCertificatePEM = "pem" }, "go together"},
		{"key alone", func(c *job.SCIMConnection) { c.TLS.ClientKeyVersion = 1 }, "go together"},
		{"password for nobody", func(c *job.SCIMConnection) { c.Proxy = &job.Proxy{URL: "http://p", PasswordVersion: 1} }, "proxy.password_wo needs proxy.username"},
		{"no client", oauth2(func(o *job.OAuth2) { o.ClientID = "" }), "oauth2 needs token_url and client_id"},
		{"no token url", oauth2(func(o *job.OAuth2) { o.TokenURL = "" }), "oauth2 needs token_url and client_id"},
		{"secret and assertion", oauth2(func(o *job.OAuth2) { o.ClientAuthentication = job.PrivateKeyJWT }), "client_secret_wo is not used with private_key_jwt"},
		{"audience without assertion", oauth2(func(o *job.OAuth2) { o.Audience = "api" }), "goes to token_parameters"},
		{"key without assertion", oauth2(func(o *job.OAuth2) { o.PrivateKeyVersion = 1 }), "are for client_authentication = private_key_jwt"},
		{"client authentication", oauth2(func(o *job.OAuth2) { o.ClientAuthentication = "digest" }), `oauth2.client_authentication "digest" is not known; use body, basic, private_key_jwt`},
		{"profile", func(c *job.SCIMConnection) { c.Profile = "okta" }, `profile "okta" is not known; use rfc, entra, entra-compliant, rfc@1`},
		{"TLS", func(c *job.SCIMConnection) { c.TLS.MinVersion = "1.1" }, `tls.min_version "1.1" is not known; use 1.2, 1.3`},
		{"update method", func(c *job.SCIMConnection) { c.Compatibility.UpdateMethod = "post" }, `compatibility.update_method "post" is not known`},
		{"bulk", func(c *job.SCIMConnection) { c.Compatibility.Bulk = "on" }, `compatibility.bulk "on" is not known`},
		{"members", func(c *job.SCIMConnection) { c.Compatibility.MembersPerPatch = -1 }, "members_per_patch take numbers from 0 up"},
		{"timeout", func(c *job.SCIMConnection) { c.TimeoutSeconds = -1 }, "timeout_seconds"},
		{"burst", func(c *job.SCIMConnection) { c.RateLimit.Burst = -1 }, "rate_limit takes numbers from 0 up"},
	} {
		connection := job.Connection{AppKey: "wiki", Name: "scim", SCIM: &job.SCIMConnection{BaseURL: "https://wiki.example.com"}}
		c.change(connection.SCIM)
		err := connection.Validate()
		if c.want == "" && err != nil || c.want != "" && (directory.KindOf(err) != directory.Invalid || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestConnectionSecrets(t *testing.T) {
	t.Parallel()
	all := job.Connection{SCIM: &job.SCIMConnection{
		TokenVersion: 1, TLS: job.TLS{ClientKeyVersion: 2}, OAuth2: &job.OAuth2{ClientSecretVersion: 3, PrivateKeyVersion: 4},
		Basic: &job.BasicAuth{PasswordVersion: 5}, Proxy: &job.Proxy{PasswordVersion: 6},
	}}
	want := []job.SecretVersion{
		{Name: "bearer_token", Version: 1}, {Name: "client_key", Version: 2}, {Name: "client_secret", Version: 3},
		{Name: "private_key", Version: 4}, {Name: "password", Version: 5}, {Name: "proxy_password", Version: 6},
	}
	if diff := cmp.Diff(want, all.Secrets()); diff != "" {
		t.Error(diff)
	}
	none := job.Connection{SCIM: &job.SCIMConnection{OAuth2: &job.OAuth2{}, Basic: &job.BasicAuth{}, Proxy: &job.Proxy{}}}
	if got := append(none.Secrets(), job.Connection{}.Secrets()...); len(got) > 0 {
		t.Errorf("got %v, want none", got)
	}
}

func TestWithProfile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ own, template, want string }{
		{"", "", "rfc"}, {"", "entra", "entra"}, {"rfc", "entra", "rfc"}, {"entra-compliant", "", "entra-compliant"},
	} {
		before := job.Connection{SCIM: &job.SCIMConnection{Profile: c.own}}
		if got := before.WithProfile(c.template).SCIM.Profile; got != c.want || before.SCIM.Profile != c.own {
			t.Errorf("%q with template %q: got %q (the draft says %q), want %q", c.own, c.template, got, before.SCIM.Profile, c.want)
		}
	}
	if (job.Connection{}).WithProfile("entra").SCIM != nil {
		t.Error("a connection without an endpoint got one")
	}
}
