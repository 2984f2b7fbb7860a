package scim

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/pace"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

const (
	connectTimeout        = 10 * time.Second
	defaultRequestTimeout = 60 * time.Second
	defaultUserAgent      = "terraform-provider-provisioning"
)

// Options configure a connection to one SCIM target.
type Options struct {
	// BaseURL is the URL that /Users and /Groups are appended to. It is https, or http on this machine.
	BaseURL string
	// At most one of BearerToken, OAuth2 and Basic is set; a client certificate goes with each, or stands alone. What they yield
	// goes with every request to BaseURL's host, and nowhere else. Without any, or without their secrets, a connector can be built,
	// so that values can be compared before the secrets are known; every request fails with Invalid.
	BearerToken secret.Text
	OAuth2      *OAuth2
	Basic       *Basic
	// Profile is the wire profile; empty means rfc.
	Profile string
	// RateLimit is what the target allows; zero fields take the defaults of package pace.
	RateLimit pace.Limit
	// Pacer is shared with other connectors to the same target, instead of one that RateLimit makes.
	Pacer *pace.Pacer
	TLS   TLS
	// Proxy replaces the proxy settings of the environment; nil means those.
	Proxy *Proxy
	// Headers go with every request, in place of those of the wire profile.
	Headers map[string]string
	// MaxBody is how many bytes an answer may have, unpacked; 0 means 64 MiB.
	MaxBody int64
	// Learned is what an earlier connector found out about the target (connector.Learning.Document); empty means nothing.
	Learned []byte
	// Described is what the target said about itself not long ago (Discover); nil means that it is asked when that matters.
	Described *connector.Discovery
	// Bulk is "auto": used when the target announces it (RFC 7644 3.7), or "off"; empty means auto.
	Bulk string
	// UpdateMethod is "patch", "put", or "auto": PATCH, and PUT where the target cannot do that; empty means auto.
	UpdateMethod string
	// MembersPerPatch is how many members one request adds or removes; 0 means 100.
	MembersPerPatch int
	// VerifyMembers reads a group back after its members were written (scim-client.md 17, row 20).
	VerifyMembers bool
	// NotFoundIsEmpty takes 404 and 400 on a search for "nobody has this value" (scim-client.md 17, row 16).
	NotFoundIsEmpty bool
	// UserAgent names this client to the target; empty means the provider's name.
	UserAgent string
	// Timeout is how long one request may take; 0 means 60 seconds.
	Timeout time.Duration
	// Transport sends the requests; nil means the network, with TLS as configured.
	Transport http.RoundTripper
	// Logger gets a debug record of every attempt; nil means none.
	Logger *slog.Logger
	// Clock tells the time; nil means time.Now.
	Clock func() time.Time
}

// TLS says how the target proves who it is.
type TLS struct {
	// CABundlePEM holds the certificates to trust instead of the system's; empty means the system's.
	CABundlePEM string
	// ServerName is the name the certificate must have when it is not the host of BaseURL.
	ServerName string
	// MinVersion is "1.2" or "1.3"; empty means 1.2.
	MinVersion string
	// ClientCertificatePEM, with its chain, and ClientKeyPEM prove who is asking, when the target wants to know.
	ClientCertificatePEM string
	ClientKeyPEM         secret.Text
}

// featureFlags are the flags that Entra ID takes as part of the tenant URL (scim-client.md 1). The profile
// decides here, so they are dropped.
var featureFlags = []string{"aadoptscim062020", "azureadscimpatch2017"}

// newClient validates the options.
func newClient(options Options) (*client, error) {
	base, err := parseBaseURL(options.BaseURL)
	if err != nil {
		return nil, invalid("", "base_url %v", err)
	}
	if err := options.RateLimit.Validate(); err != nil {
		return nil, invalid("", "rate_limit: %v", err)
	}
	if options.Timeout < 0 {
		return nil, invalid("", "timeout must be positive, not %v", options.Timeout)
	}
	if options.MaxBody < 0 {
		return nil, invalid("", "the largest answer must have a positive size, not %d", options.MaxBody)
	}
	extra, err := checkHeaders(options.Headers)
	if err != nil {
		return nil, err
	}
	c := &client{base: base, mask: &mask{}, extra: extra, userAgent: options.UserAgent, timeout: options.Timeout, maxBody: options.MaxBody,
		logger: options.Logger, now: options.Clock, jitter: rand.Float64, pacer: options.Pacer}
	if c.userAgent == "" {
		c.userAgent = defaultUserAgent
	}
	if c.timeout == 0 {
		c.timeout = defaultRequestTimeout
	}
	if c.logger == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.maxBody == 0 {
		c.maxBody = defaultMaxBody
	}
	if c.pacer == nil {
		c.pacer = pace.New(options.RateLimit, c.now)
	}
	if c.lacking, err = c.authenticate(options); err != nil {
		return nil, err
	}
	if err := c.connect(options); err != nil {
		return nil, err
	}
	c.http = newRetryingClient(c)
	return c, nil
}

func parseBaseURL(text string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimSpace(text))
	switch {
	case text == "":
		return nil, fmt.Errorf("is empty; give the SCIM endpoint, for example https://example.com/scim/v2")
	case err != nil:
		// The parser's message repeats the text, which may hold a password.
		return nil, fmt.Errorf("is not a URL; give the SCIM endpoint, for example https://example.com/scim/v2")
	case base.User != nil:
		return nil, fmt.Errorf("must not hold a user name or password; use bearer_token_wo, oauth2 or basic")
	case base.Scheme != "https" && base.Scheme != "http" || base.Hostname() == "":
		return nil, fmt.Errorf("%q is not an http or https URL with a host", text)
	case base.Scheme == "http" && !isLoopback(base.Hostname()):
		return nil, fmt.Errorf("%q uses http, which would send credentials and personal data unencrypted; use https (http is allowed for this machine only: localhost, 127.0.0.1, ::1)", text)
	case base.Fragment != "":
		return nil, fmt.Errorf("%q must not have a fragment (#%s)", text, base.Fragment)
	}
	for _, flag := range strings.FieldsFunc(base.RawQuery, func(r rune) bool { return r == '&' }) {
		name, value, _ := strings.Cut(flag, "=")
		if value != "" || !slices.Contains(featureFlags, strings.ToLower(name)) {
			return nil, fmt.Errorf("must not have a query (%q)", name)
		}
	}
	// An opaque path stays as it was escaped: an escaped slash at its end belongs to it.
	escaped := strings.TrimRight(base.EscapedPath(), "/")
	path, err := url.PathUnescape(escaped)
	if err != nil {
		return nil, fmt.Errorf("%q has a path that cannot be read", text)
	}
	return &url.URL{Scheme: base.Scheme, Host: base.Host, Path: path, RawPath: escaped}, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
