package wiring

import (
	"log/slog"
	"sync"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/pace"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// connectors builds connectors. It is safe for concurrent use.
type connectors struct {
	userAgent string
	logger    *slog.Logger

	mu sync.Mutex
	// pacers are those of the connections in use, by connection and endpoint: all jobs of this process on a connection share its
	// rate limit, and the pauses that its target asks for.
	pacers map[string]*pace.Pacer
}

// open builds the connector that a connection names.
func (c *connectors) open(opening cycle.Opening) (connector.Connector, error) {
	if opening.Connection.SCIM == nil {
		return nil, directory.Errorf(directory.Invalid, "connection %s has no endpoint", opening.Connection.ID())
	}
	options := scimOptions(*opening.Connection.SCIM, opening.Secrets)
	options.UserAgent, options.Logger, options.Learned, options.Described = c.userAgent, c.logger, opening.Learned, opening.Described
	if err := options.RateLimit.Validate(); err == nil {
		options.Pacer = c.pacer(opening.Connection, options.RateLimit)
	}
	return scim.New(options)
}

// pacer returns the pacer of a connection, with the limit that was asked for last.
func (c *connectors) pacer(connection job.Connection, limit pace.Limit) *pace.Pacer {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := connection.ID() + " " + connection.Endpoint()
	shared, known := c.pacers[key]
	if !known {
		shared = pace.New(limit, time.Now)
		c.pacers[key] = shared
	}
	shared.SetLimit(limit)
	return shared
}

// scimOptions says a connection in the connector's words.
func scimOptions(c job.SCIMConnection, secrets map[string]secret.Text) scim.Options {
	options := scim.Options{
		BaseURL: c.BaseURL, BearerToken: secrets[job.SecretBearerToken], Profile: c.Profile, Headers: c.Headers,
		RateLimit: pace.Limit{RequestsPerSecond: c.RateLimit.RequestsPerSecond, Burst: c.RateLimit.Burst, Concurrency: c.RateLimit.Concurrency},
		TLS: scim.TLS{
			CABundlePEM: c.TLS.CABundlePEM, ServerName: c.TLS.ServerName, MinVersion: c.TLS.MinVersion,
			ClientCertificatePEM: c.TLS.ClientCertificatePEM, ClientKeyPEM: secrets[job.SecretClientKey],
		},
		Timeout: time.Duration(c.TimeoutSeconds) * time.Second,
		Bulk:    c.Compatibility.Bulk, UpdateMethod: c.Compatibility.UpdateMethod, MembersPerPatch: c.Compatibility.MembersPerPatch,
		VerifyMembers: c.Compatibility.VerifyMembers, NotFoundIsEmpty: c.Compatibility.NotFoundIsEmpty,
	}
	if o := c.OAuth2; o != nil {
		options.OAuth2 = &scim.OAuth2{
			TokenURL: o.TokenURL, ClientID: o.ClientID, ClientAuthentication: o.ClientAuthentication, ClientSecret: secrets[job.SecretClientSecret],
			PrivateKeyPEM: secrets[job.SecretPrivateKey], KeyID: o.KeyID, Audience: o.Audience, Scopes: o.Scopes, Parameters: o.TokenParameters,
		}
	}
	if b := c.Basic; b != nil {
		options.Basic = &scim.Basic{Username: b.Username, Password: secrets[job.SecretPassword]}
	}
	if p := c.Proxy; p != nil {
		options.Proxy = &scim.Proxy{URL: p.URL, NoProxy: p.NoProxy, Username: p.Username, Password: secrets[job.SecretProxyPassword]}
	}
	return options
}
