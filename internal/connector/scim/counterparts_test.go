package scim_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// authority issues certificates for one test.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	// PEM is the authority's certificate.
	PEM string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	a.cert, a.key = a.issue(&x509.Certificate{
		Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	a.PEM = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}))
	return a
}

func (a *authority) issue(template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

// pair issues a certificate with its key, in PEM.
func (a *authority) pair(template *x509.Certificate) (certificate, key string) {
	a.t.Helper()
	cert, private := a.issue(template)
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		a.t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func (a *authority) server(name string) tls.Certificate {
	a.t.Helper()
	certificate, key := a.pair(&x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	if err != nil {
		a.t.Fatal(err)
	}
	return pair
}

// serveTLS starts a TLS server on loopback that is closed with the test.
func serveTLS(t *testing.T, config *tls.Config, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.TLS = config
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func okHandler(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		w.WriteHeader(http.StatusCreated)
	}
	_, _ = io.WriteString(w, okUser)
}

// TestClientCertificate: mutual TLS alone and with another method, and each way it can go wrong.
func TestClientCertificate(t *testing.T) {
	t.Parallel()
	trusted, foreign := newAuthority(t), newAuthority(t)
	certificate, key := trusted.pair(clientTemplate())
	foreignCertificate, foreignKey := foreign.pair(clientTemplate())
	roots := x509.NewCertPool()
	roots.AddCert(trusted.cert)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		server := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{trusted.server("wiki.internal")}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: roots,
			MinVersion: tls.VersionTLS12, MaxVersion: version}, func(w http.ResponseWriter, r *http.Request) {
			if name := r.TLS.PeerCertificates[0].Subject.CommonName; name != "provisioner" {
				t.Errorf("the client is %q", name)
			}
			w.Header().Set("X-Authorization", r.Header.Get("Authorization"))
			okHandler(w, r)
		})
		for _, test := range []struct {
			name    string
			change  func(*scim.Options)
			kind    directory.ErrorKind
			message string
		}{
			{"alone", func(*scim.Options) {}, "", ""},
			{"with a token", func(o *scim.Options) { o.BearerToken = secret.New(token) }, "", ""},
			{"with a password", func(o *scim.Options) { o.Basic = &scim.Basic{Username: "me", Password: secret.New("pw")} }, "", ""},
			{"of another authority", func(o *scim.Options) {
				o.TLS.ClientCertificatePEM, o.TLS.ClientKeyPEM = foreignCertificate, secret.New(foreignKey)
			}, directory.Unauthorised, "refused the client certificate, or wants one"},
			{"none", func(o *scim.Options) {
				o.BearerToken, o.TLS.ClientCertificatePEM, o.TLS.ClientKeyPEM = secret.New(token), "", secret.Text{}
			}, directory.Unauthorised, "check tls.client_certificate_pem"},
			{"without its key", func(o *scim.Options) { o.TLS.ClientKeyPEM = secret.Text{} }, directory.Invalid, "but not its key"},
		} {
			t.Run(fmt.Sprintf("%s %s", tls.VersionName(version), test.name), func(t *testing.T) {
				t.Parallel()
				options := scim.Options{BaseURL: server.URL, RateLimit: unlimited, TLS: scim.TLS{
					CABundlePEM: trusted.PEM, ServerName: "wiki.internal", ClientCertificatePEM: certificate, ClientKeyPEM: secret.New(key)}}
				test.change(&options)
				c, err := scim.New(options)
				if err != nil {
					t.Fatal(err)
				}
				err = write("create")(t.Context(), c)
				if test.name == "none" && version == tls.VersionTLS12 {
					test.kind, test.message = directory.Invalid, "tls.client_certificate_pem" // RFC 5246 7.4.6: a handshake failure, whatever else it may mean
				}
				// A server that refuses may close its end before the alert is read.
				lost := test.kind == directory.Unauthorised && directory.KindOf(err) == directory.Transient
				if !lost && (directory.KindOf(err) != test.kind || test.kind != "" && !strings.Contains(err.Error(), test.message)) {
					t.Errorf("got %q: %v, want %q: %q", directory.KindOf(err), err, test.kind, test.message)
				}
			})
		}
	}
	for name, set := range map[string]scim.TLS{
		"client_key_wo needs client_certificate_pem": {ClientKeyPEM: secret.New(key)},
		"private key does not match public key":      {ClientCertificatePEM: certificate, ClientKeyPEM: secret.New(foreignKey)},
		"failed to find any PEM data in key input":   {ClientCertificatePEM: certificate, ClientKeyPEM: secret.New("no key")},
	} {
		_, err := scim.New(scim.Options{BaseURL: "https://app.example.com", BearerToken: secret.New(token), TLS: set})
		if directory.KindOf(err) != directory.Invalid || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "BEGIN") {
			t.Errorf("got %v, want %q", err, name)
		}
	}
}

// TestTLSVersionsAndSuites: what scim-client.md 16 offers, and nothing weaker.
func TestTLSVersionsAndSuites(t *testing.T) {
	t.Parallel()
	trusted := newAuthority(t)
	for _, test := range []struct {
		name    string
		server  *tls.Config
		minimum string
		says    string
	}{
		{"1.2", &tls.Config{MaxVersion: tls.VersionTLS12}, "", ""},
		{"1.3", &tls.Config{MinVersion: tls.VersionTLS13}, "", ""},
		{"1.3 only", &tls.Config{MinVersion: tls.VersionTLS13}, "1.3", ""},
		{"1.2 against 1.3", &tls.Config{MaxVersion: tls.VersionTLS12}, "1.3", "check tls.min_version"},
		{"1.1", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, "", "check tls.min_version"},
		{"GCM", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384}}, "", ""},
		{"CBC", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}}, "", "check tls.min_version and what the target supports"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config := test.server.Clone()
			config.Certificates = []tls.Certificate{trusted.server("wiki.internal")}
			server := serveTLS(t, config, okHandler)
			err := getUser(t.Context(), connect(t, scim.Options{BaseURL: server.URL, TLS: scim.TLS{CABundlePEM: trusted.PEM, MinVersion: test.minimum}}))
			if test.says == "" && err != nil || test.says != "" && (directory.KindOf(err) != directory.Invalid || !strings.Contains(err.Error(), test.says)) {
				t.Errorf("got %v, want %q", err, test.says)
			}
		})
	}
}

// tunnels is a proxy that leads every CONNECT to one server, whatever host it names.
type tunnels struct {
	server string
	// credentials that it demands; empty demands none.
	credentials string
	refuse      int

	mu   sync.Mutex
	seen []string
}

func (p *tunnels) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.seen = append(p.seen, fmt.Sprintf("%s %s %q", r.Method, r.Host, r.Header.Get("Authorization")))
	p.mu.Unlock()
	switch {
	case r.Method != http.MethodConnect:
		w.WriteHeader(http.StatusMethodNotAllowed)
	case p.credentials != "" && r.Header.Get("Proxy-Authorization") != p.credentials:
		w.WriteHeader(http.StatusProxyAuthRequired)
		_, _ = io.WriteString(w, r.Header.Get("Proxy-Authorization"))
	case p.refuse != 0:
		w.WriteHeader(p.refuse)
	default:
		p.join(w)
	}
}

func (p *tunnels) join(w http.ResponseWriter) {
	to, err := net.Dial("tcp", p.server)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	from, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = to.Close()
		return
	}
	_, _ = io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		_, _ = io.Copy(to, bufio.NewReader(buffered))
		_ = to.Close()
	}()
	go func() {
		_, _ = io.Copy(from, to)
		_ = from.Close()
	}()
}

// TestProxy: requests go through the proxy, except to this machine and to who is named; the proxy never sees the token, and its
// password is never seen.
func TestProxy(t *testing.T) {
	t.Parallel()
	trusted := newAuthority(t)
	server := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{trusted.server("app.example.com")}}, okHandler)
	address := strings.TrimPrefix(server.URL, "https://")
	const password = "pr0xy-passw0rd"
	for _, test := range []struct {
		name    string
		proxy   *tunnels
		base    string
		change  func(*scim.Proxy)
		tunnels int
		kind    directory.ErrorKind
		says    string
	}{
		{name: "through", proxy: &tunnels{}, tunnels: 1},
		{name: "with a password", proxy: &tunnels{credentials: "Basic bWU6cHIweHktcGFzc3cwcmQ="}, change: func(p *scim.Proxy) {
			p.Username, p.Password = "me", secret.New(password)
		}, tunnels: 1},
		{name: "with a wrong one", proxy: &tunnels{credentials: "Basic other"}, change: func(p *scim.Proxy) {
			p.Username, p.Password = "me", secret.New(password)
		}, tunnels: 1, kind: directory.Unauthorised, says: "answered 407; check proxy.username and proxy.password_wo"},
		{name: "refused", proxy: &tunnels{refuse: 403}, tunnels: 1, kind: directory.Transient, says: "not sent: the proxy 127.0.0.1:"},
		{name: "this machine", proxy: &tunnels{}, base: server.URL},
		{name: "named", proxy: &tunnels{}, change: func(p *scim.Proxy) { p.NoProxy = []string{".example.com"} }, kind: directory.Transient, says: "cannot be found"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.proxy.server = address
			listening := httptest.NewServer(test.proxy)
			t.Cleanup(listening.Close)
			settings := &scim.Proxy{URL: listening.URL}
			if test.change != nil {
				test.change(settings)
			}
			base := test.base
			if base == "" {
				base = "https://app.example.com"
			}
			if len(settings.NoProxy) > 0 {
				base = "https://nobody.example.invalid"
				settings.NoProxy = []string{".example.invalid"}
			}
			var logs bytes.Buffer
			c := connect(t, scim.Options{BaseURL: base, Proxy: settings, TLS: scim.TLS{CABundlePEM: trusted.PEM},
				Logger: slog.New(slog.NewTextHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))})
			err := write("create")(t.Context(), c)
			if directory.KindOf(err) != test.kind || test.says != "" && !strings.Contains(err.Error(), test.says) || directory.OutcomeUnknown(err) {
				t.Errorf("got %q: %v, want %q: %q", directory.KindOf(err), err, test.kind, test.says)
			}
			if len(test.proxy.seen) != test.tunnels {
				t.Errorf("the proxy saw %q, want %d requests", test.proxy.seen, test.tunnels)
			}
			for _, seen := range test.proxy.seen {
				if seen != `CONNECT app.example.com:443 ""` {
					t.Errorf("the proxy saw %s", seen)
				}
			}
			if text := fmt.Sprint(err) + logs.String(); strings.Contains(text, password) || strings.Contains(text, "bWU6cHIweHktcGFzc3cwcmQ=") {
				t.Errorf("the password is in %s", text)
			}
			_ = c.Close()
		})
	}
	for name, proxy := range map[string]scim.Proxy{
		"url is not a URL":                  {URL: ""},
		"must not hold a user name":         {URL: "http://me:" + password + "@proxy.example.com"},
		`must begin with http://, https://`: {URL: "ftp://proxy.example.com"},
		"password_wo needs username":        {URL: "http://proxy.example.com", Password: secret.New(password)},
	} {
		_, err := scim.New(scim.Options{BaseURL: "https://app.example.com", BearerToken: secret.New(token), Proxy: &proxy})
		if directory.KindOf(err) != directory.Invalid || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), password) {
			t.Errorf("got %v, want %q", err, name)
		}
	}
}

// TestTokenEndpointElsewhere: with its own name and authority, through the same private bundle, and with the target's redirects
// never leading there.
func TestTokenEndpointElsewhere(t *testing.T) {
	t.Parallel()
	trusted := newAuthority(t)
	login := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{trusted.server("login.internal")}}, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Errorf("the token endpoint was sent %q", r.Header.Get("Authorization"))
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"access","token_type":"Bearer","expires_in":3600}`)
	})
	target := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{trusted.server("wiki.internal")}}, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer access" {
			t.Errorf("the target was sent %q", r.Header.Get("Authorization"))
		}
		if r.Method == http.MethodDelete {
			http.Redirect(w, r, login.URL+"/token", http.StatusTemporaryRedirect)
			return
		}
		okHandler(w, r)
	})
	c, err := scim.New(scim.Options{BaseURL: target.URL, RateLimit: unlimited, TLS: scim.TLS{CABundlePEM: trusted.PEM, ServerName: "wiki.internal"},
		OAuth2: &scim.OAuth2{TokenURL: login.URL + "/token", ClientID: "me", ClientSecret: secret.New(clientSecret)}})
	if err != nil {
		t.Fatal(err)
	}
	if err := getUser(t.Context(), c); err != nil {
		t.Error(err)
	}
	if err := write("delete")(t.Context(), c); directory.KindOf(err) != directory.Incompatible || !strings.Contains(err.Error(), "to another host") {
		t.Errorf("got %v", err)
	}
	// A token endpoint that nobody answers for is no reason to give up on the target's credentials.
	login.Close()
	c, err = scim.New(scim.Options{BaseURL: target.URL, RateLimit: unlimited, TLS: scim.TLS{CABundlePEM: trusted.PEM},
		OAuth2: &scim.OAuth2{TokenURL: login.URL + "/token", ClientID: "me", ClientSecret: secret.New(clientSecret)}})
	if err != nil {
		t.Fatal(err)
	}
	if err := write("create")(t.Context(), c); directory.KindOf(err) != directory.Transient || directory.OutcomeUnknown(err) || !strings.Contains(err.Error(), "check oauth2.token_url") {
		t.Errorf("got %v", err)
	}
}

// TestLargeAnswers: what is over the limit is refused, before it is read when it says so, and a packed answer by what it unpacks to.
func TestLargeAnswers(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	for range 64 {
		if _, err := zip.Write(make([]byte, limit)); err != nil {
			t.Fatal(err)
		}
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		kind    directory.ErrorKind
		says    string
	}{
		"at the limit": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, okUser+strings.Repeat(" ", limit-len(okUser)))
		}, "", ""},
		"one byte more": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, okUser+strings.Repeat(" ", limit-len(okUser)+1))
		}, directory.Incompatible, "answered more than 1 MiB; check base_url"},
		// The announced terabyte never comes: the test ends because nobody waits for it.
		"announced": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1099511627776")
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, directory.Incompatible, "answered more than 1 MiB"},
		"bomb": {func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept-Encoding") != "gzip" {
				t.Error("nothing packed is asked for")
			}
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed.Bytes())
		}, directory.Incompatible, "answered more than 1 MiB"},
		"long error": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, "no"+strings.Repeat(" ", 2*limit))
		}, directory.Invalid, "answered 400 (no)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.handler)
			t.Cleanup(server.Close)
			c := connect(t, scim.Options{BaseURL: server.URL, MaxBody: limit})
			err := getUser(t.Context(), c)
			if directory.KindOf(err) != test.kind || test.says != "" && !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %q", err, test.says)
			}
		})
	}
}

// clientTemplate is a certificate for a client.
func clientTemplate() *x509.Certificate {
	return &x509.Certificate{Subject: pkix.Name{CommonName: "provisioner"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
}
