package wiring_test

import (
	"bytes"
	"context"
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
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"google.golang.org/protobuf/proto"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

const (
	accessToken = "acc3ss-t0ken-of-the-wiki"
	password    = "pr0xy-passw0rd-that-is-secret"
)

// identity is a certificate with its key, in PEM.
type identity struct {
	certificate, key string
	cert             *x509.Certificate
	private          *ecdsa.PrivateKey
}

func (i identity) pair(t *testing.T) tls.Certificate {
	t.Helper()
	pair, err := tls.X509KeyPair([]byte(i.certificate), []byte(i.key))
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// issue makes an identity that parent vouches for, or nobody else does.
func issue(t *testing.T, parent *identity, template x509.Certificate) identity {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	signer, by := private, &template
	if parent != nil {
		signer, by = parent.private, parent.cert
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, by, &private.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return identity{
		certificate: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		key:         string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})), cert: cert, private: private,
	}
}

// network is a target that wants a client certificate and a token, and the token endpoint that sells it for a signed assertion.
type network struct {
	app           *wikiapp.App
	target, login *httptest.Server
	authority     identity
	client        identity

	mu         sync.Mutex
	assertions []string
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	n := &network{app: wikiapp.New(wikiapp.Options{Token: accessToken})}
	n.authority = issue(t, nil, x509.Certificate{Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	n.client = issue(t, &n.authority, x509.Certificate{Subject: pkix.Name{CommonName: "provisioner"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	server := issue(t, &n.authority, x509.Certificate{DNSNames: []string{"wiki.internal"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	roots := x509.NewCertPool()
	roots.AddCert(n.authority.cert)
	start := func(auth tls.ClientAuthType, handler http.Handler) *httptest.Server {
		s := httptest.NewUnstartedServer(handler)
		s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		s.TLS = &tls.Config{Certificates: []tls.Certificate{server.pair(t)}, ClientAuth: auth, ClientCAs: roots, MinVersion: tls.VersionTLS12}
		s.StartTLS()
		t.Cleanup(s.Close)
		return s
	}
	n.target = start(tls.RequireAndVerifyClientCert, n.app)
	n.login = start(tls.NoClientCert, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		assertion := r.PostFormValue("client_assertion")
		n.mu.Lock()
		n.assertions = append(n.assertions, assertion)
		n.mu.Unlock()
		var claims jwt.Claims
		signed, err := jwt.ParseSigned(assertion, []jose.SignatureAlgorithm{jose.ES256})
		if err == nil {
			err = signed.Claims(&n.client.private.PublicKey, &claims)
		}
		if err != nil || claims.Issuer != "provisioner" || !claims.Audience.Contains(n.login.URL+"/token") {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, `{"error":"invalid_client","error_description":"%s"}`, assertion)
			return
		}
		_, _ = fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":3600}`, accessToken)
	}))
	return n
}

// connection is how the engine is told to reach the network.
func (n *network) connection(keyVersion int64) *provisioningv1.ScimConnection {
	return &provisioningv1.ScimConnection{
		AppId: "wiki", Name: "scim", BaseUrl: n.target.URL + "/scim/v2",
		Oauth2: &provisioningv1.OAuth2{TokenUrl: n.login.URL + "/token", ClientId: "provisioner", ClientAuthentication: "private_key_jwt", PrivateKeyVersion: keyVersion, KeyId: "k"},
		Tls:    &provisioningv1.Tls{CaBundlePem: n.authority.certificate, ServerName: "wiki.internal", ClientCertificatePem: n.client.certificate, ClientKeyVersion: 1},
		// Loopback addresses are reached directly, so that nobody is there.
		Proxy:   &provisioningv1.Proxy{Url: "http://proxy.example.invalid:3128", Username: "me", PasswordVersion: 1},
		Headers: map[string]string{"X-Tenant": "42"},
	}
}

// desk is an engine with its clients.
type desk struct {
	t      *testing.T
	client planwalk.Engine
	job    *provisioningv1.Job
}

func (d desk) put(draft *provisioningv1.Draft, secrets map[string]string) error {
	d.t.Helper()
	_, err := d.client.Drafts.PutDraft(d.t.Context(), connect.NewRequest(&provisioningv1.PutDraftRequest{Draft: draft, Secrets: secrets}))
	return err
}

func (d desk) digest() string {
	d.t.Helper()
	answer, err := d.client.Jobs.PreviewJob(d.t.Context(), connect.NewRequest(&provisioningv1.PreviewJobRequest{Job: d.job}))
	if err != nil {
		d.t.Fatal(err)
	}
	return answer.Msg.GetDesiredDigest()
}

func (d desk) commit(ctx context.Context) error {
	d.t.Helper()
	preview, err := d.client.Jobs.PreviewJob(ctx, connect.NewRequest(&provisioningv1.PreviewJobRequest{Job: d.job}))
	if err != nil {
		return err
	}
	stream, err := d.client.Jobs.CommitJob(ctx, connect.NewRequest(&provisioningv1.CommitJobRequest{
		Job: d.job, DesiredDigest: proto.String(preview.Msg.GetDesiredDigest()), AccountsDigest: proto.String(preview.Msg.GetImpact().GetAccountsDigest()), Create: true,
	}))
	if err != nil {
		return err
	}
	for stream.Receive() {
	}
	_ = stream.Close()
	return stream.Err()
}

// TestAuthenticatedJob: from drafts to accounts over mutual TLS with a token that was bought for an assertion; a secret makes another
// definition when its version changes and only then; and no secret is in a log, a message or a file.
func TestAuthenticatedJob(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	folder := t.TempDir()
	people := filepath.Join(folder, "people.json")
	if err := os.WriteFile(people, []byte(`{"users":[{"id":"1","userPrincipalName":"ada@example.com"},{"id":"2","userPrincipalName":"bob@example.com"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var logs lockedBuffer
	engine, err := wiring.Embedded(t.Context(), wiring.Options{Store: filepath.Join(folder, "store.db"), Logger: slog.New(slog.NewJSONHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	d := desk{t: t, client: engine.Client(), job: &provisioningv1.Job{
		AppId: "wiki", Name: "main", SourceId: "people", ConnectionId: "wiki/scim", MappingIds: []string{"wiki/user"},
		Scope: "all", State: "started", Run: "on_apply", OnDestroy: "keep", OnUnplanned: "hold",
	}}
	connection := func(c *provisioningv1.ScimConnection) *provisioningv1.Draft {
		return &provisioningv1.Draft{Kind: &provisioningv1.Draft_ScimConnection{ScimConnection: c}}
	}
	for _, draft := range []*provisioningv1.Draft{
		{Kind: &provisioningv1.Draft_Source{Source: &provisioningv1.Source{Key: "people", Origin: &provisioningv1.Source_File{File: &provisioningv1.FileSource{Path: people}}}}},
		{Kind: &provisioningv1.Draft_App{App: &provisioningv1.App{Key: "wiki"}}},
		{Kind: &provisioningv1.Draft_AttributeMapping{AttributeMapping: &provisioningv1.AttributeMapping{
			AppId: "wiki", ObjectType: "user", Enabled: true, Actions: []string{"create", "update", "delete"},
			Attributes: []*provisioningv1.MappedAttribute{{Target: "userName", Expression: "[userPrincipalName]", MatchingPrecedence: 1, FlowType: "Always"}},
		}}},
	} {
		if err := d.put(draft, nil); err != nil {
			t.Fatal(err)
		}
	}

	stranger := issue(t, nil, x509.Certificate{})
	secrets := map[string]string{"private_key": stranger.key, "client_key": n.client.key, "proxy_password": password}
	if err := d.put(connection(n.connection(1)), secrets); err != nil {
		t.Fatal(err)
	}
	first := d.digest()
	err = d.commit(t.Context())
	if err == nil || !strings.Contains(err.Error(), "invalid_client") || !strings.Contains(err.Error(), "that the token endpoint knows the public key") {
		t.Errorf("with another key: got %v", err)
	}
	refusal := fmt.Sprint(err)
	if len(n.app.Users()) != 0 {
		t.Error("somebody got in with another key")
	}

	if err := d.put(connection(n.connection(1)), nil); err != nil || d.digest() != first {
		t.Errorf("the same versions make another definition, or %v", err)
	}
	if err := d.put(connection(n.connection(2)), map[string]string{"private_key": n.client.key}); err != nil {
		t.Fatal(err)
	}
	if d.digest() == first {
		t.Error("a new private key makes no other definition")
	}
	if err := d.commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if users := n.app.Users(); len(users) != 2 {
		t.Errorf("%d accounts, want 2", len(users))
	}

	var everything bytes.Buffer
	everything.WriteString(logs.String() + refusal)
	for _, name := range []string{"store.db", "store.db-wal"} {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		everything.Write(content)
	}
	hidden := append([]string{accessToken, password}, n.assertions...)
	for _, key := range []string{n.client.key, stranger.key} {
		hidden = append(hidden, strings.Split(key, "\n")[1])
	}
	if len(n.assertions) < 2 {
		t.Errorf("%d assertions, want one that was refused and one that was not", len(n.assertions))
	}
	for _, value := range hidden {
		if bytes.Contains(everything.Bytes(), []byte(value)) {
			t.Errorf("the secret %.12q… is in a log, a message or a file", value)
		}
	}
	if !strings.Contains(logs.String(), "token request answered") || !bytes.Contains(everything.Bytes(), []byte("ada@example.com")) {
		t.Error("the search finds nothing at all")
	}
}

// lockedBuffer is a buffer that several goroutines write to.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

var _ io.Writer = (*lockedBuffer)(nil)
