package wiring

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/pace"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// Everything a connection says reaches the connector.
func TestOptionsOfAConnection(t *testing.T) {
	t.Parallel()
	got := scimOptions(job.SCIMConnection{
		BaseURL: "https://wiki.example.com/scim", TokenVersion: 1, Profile: "entra", RateLimit: job.RateLimit{RequestsPerSecond: 2.5, Concurrency: 3, Burst: 4},
		TLS:    job.TLS{CABundlePEM: "ca", ServerName: "name", MinVersion: "1.3", ClientCertificatePEM: "certificate", ClientKeyVersion: 1},
		OAuth2: &job.OAuth2{TokenURL: "url", ClientID: "id", ClientAuthentication: "basic", KeyID: "kid", Scopes: []string{"a"}, Audience: "aud", TokenParameters: map[string]string{"x": "y"}},
		Basic:  &job.BasicAuth{Username: "me"}, Proxy: &job.Proxy{URL: "proxy", NoProxy: []string{"b"}, Username: "you"},
		Headers: map[string]string{"X-Tenant": "1"}, TimeoutSeconds: 5,
		Compatibility: job.Compatibility{UpdateMethod: "put", Bulk: "off", MembersPerPatch: 6, VerifyMembers: true, NotFoundIsEmpty: true},
	}, map[string]secret.Text{
		"bearer_token": secret.New("1"), "client_key": secret.New("2"), "client_secret": secret.New("3"), "private_key": secret.New("4"),
		"password": secret.New("5"), "proxy_password": secret.New("6"),
	})
	want := scim.Options{
		BaseURL: "https://wiki.example.com/scim", BearerToken: secret.New("1"), Profile: "entra", RateLimit: pace.Limit{RequestsPerSecond: 2.5, Concurrency: 3, Burst: 4},
		TLS: scim.TLS{CABundlePEM: "ca", ServerName: "name", MinVersion: "1.3", ClientCertificatePEM: "certificate", ClientKeyPEM: secret.New("2")},
		OAuth2: &scim.OAuth2{TokenURL: "url", ClientID: "id", ClientAuthentication: "basic", ClientSecret: secret.New("3"), PrivateKeyPEM: secret.New("4"),
			KeyID: "kid", Scopes: []string{"a"}, Audience: "aud", Parameters: map[string]string{"x": "y"}},
		Basic: &scim.Basic{Username: "me", Password: secret.New("5")}, Proxy: &scim.Proxy{URL: "proxy", NoProxy: []string{"b"}, Username: "you", Password: secret.New("6")},
		Headers: map[string]string{"X-Tenant": "1"}, Timeout: 5 * time.Second,
		UpdateMethod: "put", Bulk: "off", MembersPerPatch: 6, VerifyMembers: true, NotFoundIsEmpty: true,
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b secret.Text) bool { return a.Reveal() == b.Reveal() })); diff != "" {
		t.Error(diff)
	}
}

// Two jobs on one connection keep to its limits together; another endpoint has limits of its own.
func TestJobsShareTheLimitsOfTheirConnection(t *testing.T) {
	t.Parallel()
	made := &connectors{logger: slog.New(slog.DiscardHandler), pacers: map[string]*pace.Pacer{}}
	connection := func(name, base string, concurrency int) job.Connection {
		return job.Connection{AppKey: "wiki", Name: name, SCIM: &job.SCIMConnection{BaseURL: base, RateLimit: job.RateLimit{RequestsPerSecond: 1, Burst: 1, Concurrency: concurrency}}}
	}
	open := func(c job.Connection) connector.Connector {
		t.Helper()
		opened, err := made.open(cycle.Opening{Connection: c})
		if err != nil {
			t.Fatal(err)
		}
		return opened
	}
	const base = "https://wiki.example.com/scim"
	first, other, elsewhere := open(connection("scim", base, 4)), open(connection("second", base, 5)), open(connection("scim", base+"/v2", 6))
	// The next job, or the next generation of the same one, brings another limit: it holds for the connectors that are there already.
	open(connection("scim", base, 2))
	for name, c := range map[string]struct {
		connector connector.Connector
		want      int
	}{"first": {first, 2}, "another connection": {other, 5}, "another endpoint": {elsewhere, 6}} {
		if got := c.connector.Capabilities().Concurrency; got != c.want {
			t.Errorf("%s: %d requests at a time, want %d", name, got, c.want)
		}
	}
	limit := pace.Limit{RequestsPerSecond: 1, Burst: 1, Concurrency: 2}
	if one, two := made.pacer(connection("scim", base, 2), limit), made.pacer(connection("scim", base, 2), limit); one != two {
		t.Error("two connectors on one connection have a pacer each")
	}
	if _, err := made.open(cycle.Opening{Connection: job.Connection{AppKey: "wiki", Name: "scim"}}); directory.KindOf(err) != directory.Invalid {
		t.Errorf("without an endpoint: got %v", err)
	}
}

// The profiles that a configuration may name are those that the connector has.
func TestProfilesAreThoseOfTheConnector(t *testing.T) {
	t.Parallel()
	for _, profile := range slices.Concat(job.Profiles(), scim.Profiles(), scim.ProfileVersions()) {
		if _, err := scim.New(scim.Options{BaseURL: "https://wiki.example.com", Profile: profile}); err != nil || !slices.Contains(job.Profiles(), profile) {
			t.Errorf("%s: %v", profile, err)
		}
	}
}

// The flags that say nothing about which system is reached are those that the connector drops: both rooms have a list.
func TestFlagsForEntraAreAccepted(t *testing.T) {
	t.Parallel()
	made := &connectors{logger: slog.New(slog.DiscardHandler), pacers: map[string]*pace.Pacer{}}
	connection := func(query string) job.Connection {
		return job.Connection{AppKey: "wiki", Name: "scim", SCIM: &job.SCIMConnection{BaseURL: "https://wiki.example.com/scim?" + query}}
	}
	for _, flag := range job.EntraFlags() {
		if _, err := made.open(cycle.Opening{Connection: connection(flag)}); err != nil {
			t.Errorf("%s: %v", flag, err)
		}
	}
	if _, err := made.open(cycle.Opening{Connection: connection("tenant")}); err == nil {
		t.Error("any query is accepted")
	}
}
