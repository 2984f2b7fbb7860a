package job

import "slices"

// Connection is an endpoint of an app with its credentials. Secrets are not part of it: they are kept sealed
// under (connection id, name of the secret, version).
type Connection struct {
	AppKey string          `json:"app_key"`
	Name   string          `json:"name"`
	SCIM   *SCIMConnection `json:"scim,omitempty"`
}

// ID is "<app key>/<name>".
func (c Connection) ID() string { return c.AppKey + "/" + c.Name }

// SCIMConnection speaks SCIM 2.0.
type SCIMConnection struct {
	BaseURL string `json:"base_url"`
	// TokenVersion is the version of the bearer token, chosen by the user. 0: no token. The versions of the other secrets
	// mean the same.
	TokenVersion int64 `json:"token_version"`
	// Profile is the wire profile. Empty in a draft: that of the app's template, otherwise DefaultProfile (WithProfile).
	Profile   string    `json:"profile"`
	RateLimit RateLimit `json:"rate_limit"`
	TLS       TLS       `json:"tls"`
	// At most one of TokenVersion, OAuth2 and Basic is set; a client certificate goes with each, or stands alone.
	OAuth2 *OAuth2    `json:"oauth2,omitempty"`
	Basic  *BasicAuth `json:"basic,omitempty"`
	Proxy  *Proxy     `json:"proxy,omitempty"`
	// Headers of every request, besides those of the protocol.
	Headers map[string]string `json:"headers,omitempty"`
	// TimeoutSeconds is how long one request may take; 0 means the default (scim-client.md 14).
	TimeoutSeconds int64         `json:"timeout_seconds,omitempty"`
	Compatibility  Compatibility `json:"compatibility,omitzero"`
}

// The wire profiles (scim-client.md).
const (
	ProfileRFC            = "rfc"
	ProfileEntra          = "entra"
	ProfileEntraCompliant = "entra-compliant"
	// DefaultProfile is for new targets (design.md 7).
	DefaultProfile = ProfileRFC
)

// Profiles lists the wire profiles: the newest version of each, and each version by its number, for who does not want to be moved
// on when a service changes its form (scim-client.md 17, row 23).
func Profiles() []string {
	return []string{ProfileRFC, ProfileEntra, ProfileEntraCompliant, ProfileRFC + "@1", ProfileEntra + "@1", ProfileEntraCompliant + "@1"}
}

// WithProfile returns the connection with a wire profile: its own, or else that of the app's template, or else the default.
func (c Connection) WithProfile(ofTemplate string) Connection {
	if c.SCIM == nil || c.SCIM.Profile != "" {
		return c
	}
	resolved := *c.SCIM
	if resolved.Profile = ofTemplate; resolved.Profile == "" {
		resolved.Profile = DefaultProfile
	}
	c.SCIM = &resolved
	return c
}

// OAuth2 gets access tokens with the client credentials grant (RFC 6749 4.4).
type OAuth2 struct {
	TokenURL            string `json:"token_url"`
	ClientID            string `json:"client_id"`
	ClientSecretVersion int64  `json:"client_secret_version,omitempty"`
	// ClientAuthentication is one of ClientAuthentications; empty means ClientSecretInBody.
	ClientAuthentication string `json:"client_authentication,omitempty"`
	PrivateKeyVersion    int64  `json:"private_key_version,omitempty"`
	// KeyID is the assertion's "kid".
	KeyID string `json:"key_id,omitempty"`
	// Scopes are sorted.
	Scopes []string `json:"scopes,omitempty"`
	// Audience is the assertion's "aud"; empty means TokenURL.
	Audience        string            `json:"audience,omitempty"`
	TokenParameters map[string]string `json:"token_parameters,omitempty"`
}

// How a client proves to a token endpoint who it is (RFC 6749 2.3.1, RFC 7523 2.2).
const (
	ClientSecretInBody  = "body"
	ClientSecretAsBasic = "basic"
	PrivateKeyJWT       = "private_key_jwt"
)

// ClientAuthentications lists the ways.
func ClientAuthentications() []string {
	return []string{ClientSecretInBody, ClientSecretAsBasic, PrivateKeyJWT}
}

// BasicAuth sends a user name and a password (RFC 7617).
type BasicAuth struct {
	Username        string `json:"username"`
	PasswordVersion int64  `json:"password_version"`
}

// Proxy replaces the proxy settings of the environment.
type Proxy struct {
	URL string `json:"url"`
	// NoProxy are the hosts, domains and networks that are reached directly, sorted.
	NoProxy         []string `json:"no_proxy,omitempty"`
	Username        string   `json:"username,omitempty"`
	PasswordVersion int64    `json:"password_version,omitempty"`
}

// Compatibility says how the client copes with a target that has a part of the protocol missing or wrong. Zero values
// mean the defaults.
type Compatibility struct {
	// UpdateMethod is one of UpdateMethods.
	UpdateMethod string `json:"update_method,omitempty"`
	// Bulk is one of BulkModes.
	Bulk            string `json:"bulk,omitempty"`
	MembersPerPatch int    `json:"members_per_patch,omitempty"`
	VerifyMembers   bool   `json:"verify_members,omitempty"`
	NotFoundIsEmpty bool   `json:"not_found_is_empty,omitempty"`
}

// UpdateMethods lists how accounts are updated: "auto" is PATCH, and PUT where the target cannot do that.
func UpdateMethods() []string { return []string{"auto", "patch", "put"} }

// BulkModes lists when bulk requests are used: "auto" is when the target announces them.
func BulkModes() []string { return []string{"auto", "off"} }

// RateLimit bounds what is sent through a connection. Zero values mean the defaults (scim-client.md 14).
type RateLimit struct {
	RequestsPerSecond float64 `json:"requests_per_second,omitempty"`
	Concurrency       int     `json:"concurrency,omitempty"`
	Burst             int     `json:"burst,omitempty"`
}

// TLS settings of a connection. Verification cannot be turned off.
type TLS struct {
	CABundlePEM string `json:"ca_bundle_pem,omitempty"`
	ServerName  string `json:"server_name,omitempty"`
	// MinVersion is one of TLSVersions; empty means "1.2".
	MinVersion string `json:"min_version,omitempty"`
	// ClientCertificatePEM is what this side proves itself with.
	ClientCertificatePEM string `json:"client_certificate_pem,omitempty"`
	ClientKeyVersion     int64  `json:"client_key_version,omitempty"`
}

// TLSVersions lists the lowest versions that can be asked for.
func TLSVersions() []string { return []string{"1.2", "1.3"} }

// The names of a connection's secrets.
const (
	SecretBearerToken   = "bearer_token"
	SecretClientSecret  = "client_secret"
	SecretPrivateKey    = "private_key"
	SecretPassword      = "password"
	SecretClientKey     = "client_key"
	SecretProxyPassword = "proxy_password"
)

// SecretVersion is a secret that a connection uses.
type SecretVersion struct {
	Name    string
	Version int64
}

// Secrets returns the secrets that a connection uses, in a fixed order.
func (c Connection) Secrets() []SecretVersion {
	if c.SCIM == nil {
		return nil
	}
	used := []SecretVersion{{SecretBearerToken, c.SCIM.TokenVersion}, {SecretClientKey, c.SCIM.TLS.ClientKeyVersion}}
	if o := c.SCIM.OAuth2; o != nil {
		used = append(used, SecretVersion{SecretClientSecret, o.ClientSecretVersion}, SecretVersion{SecretPrivateKey, o.PrivateKeyVersion})
	}
	if b := c.SCIM.Basic; b != nil {
		used = append(used, SecretVersion{SecretPassword, b.PasswordVersion})
	}
	if p := c.SCIM.Proxy; p != nil {
		used = append(used, SecretVersion{SecretProxyPassword, p.PasswordVersion})
	}
	return slices.DeleteFunc(used, func(s SecretVersion) bool { return s.Version == 0 })
}
