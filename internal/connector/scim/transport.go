package scim

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// suites are those of scim-client.md 16 that are considered safe, and ChaCha20; the ones in CBC mode are left out. TLS 1.3
// chooses by itself.
func suites() []uint16 {
	return []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	}
}

// connect gives the client its ways to the target and to the token endpoint.
func (c *client) connect(options Options) error {
	if options.Transport != nil {
		c.transport, c.tokenTransport = options.Transport, options.Transport
		return nil
	}
	config, err := c.tlsConfig(options.TLS)
	if err != nil {
		return invalid("", "tls: %v", err)
	}
	proxy, err := c.proxy(options.Proxy)
	if err != nil {
		return invalid("", "proxy: %v", err)
	}
	elsewhere := elsewhere(config, options.TLS.CABundlePEM)
	c.transport = networkTransport(config, elsewhere, proxy)
	c.tokenTransport = c.transport
	if options.OAuth2 == nil {
		return nil
	}
	if address, err := url.Parse(options.OAuth2.TokenURL); err == nil && strings.EqualFold(hostPort(address), hostPort(c.base)) {
		return nil
	}
	c.tokenTransport = networkTransport(elsewhere, elsewhere, proxy)
	return nil
}

// elsewhere is for hosts that are not the target: the pinned name is the target's, and so is the authority. A token endpoint or a proxy
// may have a public one.
func elsewhere(config *tls.Config, bundlePEM string) *tls.Config {
	config = config.Clone()
	config.ServerName = ""
	if bundlePEM != "" {
		if roots, err := x509.SystemCertPool(); err == nil {
			roots.AppendCertsFromPEM([]byte(bundlePEM))
			config.RootCAs = roots
		}
	}
	return config
}

func (c *client) tlsConfig(options TLS) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: options.ServerName, CipherSuites: suites(), VerifyConnection: strongKeys}
	switch options.MinVersion {
	case "", "1.2":
	case "1.3":
		config.MinVersion = tls.VersionTLS13
	default:
		return nil, fmt.Errorf("min_version %q is not known; use 1.2 or 1.3", options.MinVersion)
	}
	if options.CABundlePEM != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(options.CABundlePEM)) {
			return nil, errors.New("ca_bundle_pem holds no certificate in PEM form")
		}
	}
	switch {
	case options.ClientCertificatePEM == "" && options.ClientKeyPEM.IsZero():
		return config, nil
	case options.ClientCertificatePEM == "":
		return nil, errors.New("client_key_wo needs client_certificate_pem")
	case options.ClientKeyPEM.IsZero():
		// The key was not stored yet.
		c.lacking = "the connection has a client certificate but not its key; set tls.client_key_wo and tls.client_key_wo_version"
		return config, nil
	}
	c.mask.hide(options.ClientKeyPEM.Reveal())
	pair, err := tls.X509KeyPair([]byte(options.ClientCertificatePEM), []byte(options.ClientKeyPEM.Reveal()))
	if err != nil {
		return nil, fmt.Errorf("client_certificate_pem and client_key_wo cannot be used together: %w", err)
	}
	// Whatever authorities the target names: its refusal says more than a certificate that was not sent.
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	return config, nil
}

// strongKeys refuses a chain with a key that is too short (scim-client.md 16). The authority's own is its owner's choice.
func strongKeys(state tls.ConnectionState) error {
	if len(state.VerifiedChains) == 0 {
		return nil
	}
	chain := state.VerifiedChains[0]
	for _, certificate := range chain[:max(1, len(chain)-1)] {
		algorithm, bits, least := keyOf(certificate)
		if bits < least {
			return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates,
				Err: shortKeyError{algorithm: algorithm, bits: bits, least: least}}
		}
	}
	return nil
}

func keyOf(certificate *x509.Certificate) (algorithm string, bits, least int) {
	switch key := certificate.PublicKey.(type) {
	case *rsa.PublicKey:
		return "RSA", key.N.BitLen(), smallestRSA
	case *ecdsa.PublicKey:
		return "EC", key.Curve.Params().BitSize, smallestEC
	default:
		return "", 0, 0
	}
}

// CloseIdleConnections gives back the connections that are kept for the next request, to the target and to the token endpoint.
func (c *client) CloseIdleConnections() {
	for _, transport := range []http.RoundTripper{c.transport, c.tokenTransport} {
		if keeping, ok := transport.(interface{ CloseIdleConnections() }); ok {
			keeping.CloseIdleConnections()
		}
	}
}

// networkTransport reaches hosts with config, and the proxies on the way to them with that for elsewhere.
func networkTransport(config, elsewhere *tls.Config, proxy route) *http.Transport {
	dialer := &net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second}
	made := &http.Transport{
		Proxy:                  proxy.choose,
		OnProxyConnectResponse: refusedByProxy,
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    connectTimeout,
		TLSClientConfig:        config,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    64,
		IdleConnTimeout:        90 * time.Second,
	}
	if len(proxy.encrypted) > 0 {
		// The library takes one configuration for the proxy and what is behind it.
		made.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			ctx, cancel := context.WithTimeout(ctx, 2*connectTimeout)
			defer cancel()
			return (&tls.Dialer{NetDialer: dialer, Config: firstHop(config, elsewhere, proxy.encrypted[address])}).DialContext(ctx, network, address)
		}
	}
	return made
}

// firstHop is the configuration for who is connected to first: the proxy of that name, which is nobody to whom a client certificate is
// shown, or the host itself.
func firstHop(config, elsewhere *tls.Config, proxy string) *tls.Config {
	if proxy == "" {
		config = config.Clone()
		config.NextProtos = []string{"h2", "http/1.1"}
		return config
	}
	config = elsewhere.Clone()
	config.ServerName, config.GetClientCertificate, config.NextProtos = proxy, nil, []string{"http/1.1"}
	return config
}

// tlsAlert returns the alert by which the other side ended a TLS connection (RFC 8446 6.2).
func tlsAlert(err error) (number string, alerted bool) {
	operation, ok := errors.AsType[*net.OpError](err)
	if !ok || operation.Op != "remote error" {
		return "", false
	}
	return fmt.Sprintf("%d", operation.Err), true
}

// certificateAlerts are about this side's certificate: bad, unsupported, revoked, expired, unknown, of an unknown authority, not
// allowed in, required.
var certificateAlerts = map[string]bool{"42": true, "43": true, "44": true, "45": true, "46": true, "48": true, "49": true, "116": true}

func alertVerdict(number, host string) (verdict, string) {
	if certificateAlerts[number] {
		return verdict{kind: directory.Unauthorised, code: verdicts[http.StatusUnauthorized].code},
			fmt.Sprintf("%s refused the client certificate, or wants one (TLS alert %s); check tls.client_certificate_pem and tls.client_key_wo", host, number)
	}
	return verdict{kind: directory.Invalid, code: codeProtocol},
		fmt.Sprintf("%s refused the TLS connection (alert %s); check tls.min_version and what the target supports, and tls.client_certificate_pem if it wants to know who is asking", host, number)
}
