package scim_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

const probeCode = "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable"

// answering is a server that answers everything the same way.
func answering(t *testing.T, status int, contentType, body string, headers ...string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/scim"
}

// encrypted is a target with a certificate of its own, valid until notAfter, and the certificate to trust it by.
func encrypted(t *testing.T, notAfter time.Time) (address, authority string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "wiki test"}, NotBefore: notAfter.Add(-365 * 24 * time.Hour), NotAfter: notAfter,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	made, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{made}, PrivateKey: key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL + "/scim", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}))
}

// closed is an address where nobody listens.
func closed(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	return server.URL + "/scim"
}

func TestConnectionTestTellsFaultsApart(t *testing.T) {
	t.Parallel()
	expired, authority := encrypted(t, time.Now().Add(-time.Hour))
	untrusted, _ := encrypted(t, time.Now().Add(90*24*time.Hour))
	trusted := newAuthority(t)
	old := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{trusted.server("wiki.internal")}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, okHandler)
	const scimJSON = "application/scim+json"
	for name, c := range map[string]struct {
		options scim.Options
		fault   connector.TestFault
		status  int
		advice  string
	}{
		"nobody listens":      {scim.Options{BaseURL: closed(t)}, connector.FaultUnreachable, 0, "Check base_url"},
		"expired certificate": {scim.Options{BaseURL: expired, TLS: scim.TLS{CABundlePEM: authority}}, connector.FaultCertificate, 0, "expired"},
		"TLS of long ago":     {scim.Options{BaseURL: old.URL, TLS: scim.TLS{CABundlePEM: trusted.PEM}}, connector.FaultUnreachable, 0, "Check base_url"},
		"foreign certificate": {scim.Options{BaseURL: untrusted}, connector.FaultCertificate, 0, "tls.ca_bundle_pem"},
		"wrong token":         {scim.Options{BaseURL: answering(t, 401, scimJSON, "no")}, connector.FaultCredentials, 401, "valid credentials"},
		"wrong token in 200": {scim.Options{BaseURL: answering(t, 200, scimJSON, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"401"}`)},
			connector.FaultCredentials, 200, "valid credentials"},
		"no right":         {scim.Options{BaseURL: answering(t, 403, scimJSON, "no")}, connector.FaultForbidden, 403, "read and write users"},
		"a web page":       {scim.Options{BaseURL: answering(t, 200, "text/html", "<html>Sign in</html>")}, connector.FaultProtocol, 200, "does not look like a SCIM endpoint"},
		"another API":      {scim.Options{BaseURL: answering(t, 200, "application/json", `{"hello":"world"}`)}, connector.FaultProtocol, 200, "does not look like a SCIM endpoint"},
		"wrong path":       {scim.Options{BaseURL: answering(t, 404, "text/plain", "404 page not found")}, connector.FaultProtocol, 404, "/Users is appended to"},
		"elsewhere":        {scim.Options{BaseURL: answering(t, 302, "text/plain", "", "Location", "https://login.example.com/")}, connector.FaultProtocol, 0, "base_url"},
		"cannot search":    {scim.Options{BaseURL: answering(t, 400, scimJSON, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidFilter"}`)}, connector.FaultNotSearchable, 400, "search users by externalId"},
		"busy for an hour": {scim.Options{BaseURL: answering(t, 429, "text/plain", "", "Retry-After", "3600")}, connector.FaultTarget, 429, "Try again later"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := connect(t, c.options).Test(t.Context(), connector.Probe{Type: directory.User, Attribute: "externalId", Value: "2f1d"})
			failure, ok := errors.AsType[connector.TestFailure](err)
			if !ok || directory.CodeOf(err) != probeCode {
				t.Fatalf("%v has code %q and no test failure", err, directory.CodeOf(err))
			}
			if failure.Fault != c.fault || failure.Status != c.status || !strings.Contains(failure.Advice, c.advice) {
				t.Errorf("got %s, %d, %q; want %s, %d, %q", failure.Fault, failure.Status, failure.Advice, c.fault, c.status, c.advice)
			}
			if failure.Resource != "User" || !strings.HasSuffix(failure.Operation, `/Users?filter=externalId eq "2f1d"`) || !strings.HasPrefix(failure.Operation, "GET /") {
				t.Errorf("%s by %s", failure.Resource, failure.Operation)
			}
		})
	}
	c, err := scim.New(scim.Options{BaseURL: closed(t)})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Test(t.Context(), connector.Probe{Type: directory.User, Attribute: "userName", Value: "x"})
	if failure, ok := errors.AsType[connector.TestFailure](err); !ok || failure.Fault != connector.FaultCredentials {
		t.Errorf("without a token: %v, want a fault of the credentials", err)
	}
}

func TestConnectionTestShowsTheAnswer(t *testing.T) {
	t.Parallel()
	base := answering(t, 403, "text/plain", "you sent "+token+" "+strings.Repeat("x", 900), "Set-Cookie", "sid=1234", "X-Api-Key", "hidden", "X-Echo", "Bearer "+token, "Date", "today", "Server", "wiki")
	err := connect(t, scim.Options{BaseURL: base}).Test(t.Context(), connector.Probe{Type: directory.Group, Attribute: "displayName", Value: "x"})
	failure, _ := errors.AsType[connector.TestFailure](err)
	var shown []string
	for _, line := range failure.Headers {
		if !strings.HasPrefix(line, "Content-Length: ") {
			shown = append(shown, line)
		}
	}
	want := []string{"Content-Type: text/plain", "Date: today", "Server: wiki", "Set-Cookie: ***", "X-Api-Key: ***", "X-Echo: Bearer ***"}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(failure.Body, "you sent *** x") || len(failure.Body) > 300 {
		t.Errorf("body %q", failure.Body)
	}
}

// found runs the probes and renders what they find.
func found(t *testing.T, options scim.Options) (outcomes []string, byProbe map[string]connector.Finding) {
	t.Helper()
	byProbe = map[string]connector.Finding{}
	connect(t, options).Diagnose(t.Context(), func(f connector.Finding) {
		outcomes = append(outcomes, f.Probe+" "+string(f.Outcome))
		byProbe[f.Probe] = f
		if (f.Outcome == connector.FindingFail || f.Outcome == connector.FindingWarn) != (f.Advice != "") || f.Detail == "" {
			t.Errorf("%+v: advice goes with what is not well, and with nothing else", f)
		}
		if strings.Contains(f.Detail+f.Advice, token) {
			t.Errorf("%+v shows the token", f)
		}
	})
	return outcomes, byProbe
}

func TestDiagnose(t *testing.T) {
	t.Parallel()
	now := time.Now()
	at := func(offset time.Duration) func() time.Time { return func() time.Time { return now.Add(offset) } }
	good, authority := encrypted(t, now.Add(100*24*time.Hour+time.Hour))
	soon, soonAuthority := encrypted(t, now.Add(10*24*time.Hour+time.Hour))
	expired, expiredAuthority := encrypted(t, now.Add(-48*time.Hour))
	plain := answering(t, 200, "application/scim+json", "{}", "RateLimit-Limit", "100")
	trusting := func(base, authority string) scim.Options {
		return scim.Options{BaseURL: base, TLS: scim.TLS{CABundlePEM: authority}}
	}
	for name, c := range map[string]struct {
		options scim.Options
		want    []string
		says    map[string]string
	}{
		"all is well": {trusting(good, authority), []string{"dns pass", "tcp pass", "tls pass", "http pass", "clock pass", "rate pass"},
			map[string]string{"tls": "wiki test, expires in 100 days", "http": "answered 404"}},
		"certificate ends soon": {trusting(soon, soonAuthority), []string{"dns pass", "tcp pass", "tls warn", "http pass", "clock pass", "rate pass"}, map[string]string{"tls": "expires in 10 days"}},
		"certificate expired": {trusting(expired, expiredAuthority), []string{"dns pass", "tcp pass", "tls fail", "http skip", "clock skip", "rate skip"},
			map[string]string{"tls": "until " + now.Add(-48*time.Hour).UTC().Format(time.DateOnly), "http": "tls failed"}},
		"not trusted":                {scim.Options{BaseURL: good}, []string{"dns pass", "tcp pass", "tls fail", "http skip", "clock skip", "rate skip"}, map[string]string{"tls": "it is for localhost, 127.0.0.1, from wiki test"}},
		"https where http is spoken": {scim.Options{BaseURL: strings.Replace(plain, "http:", "https:", 1)}, []string{"dns pass", "tcp pass", "tls fail", "http skip", "clock skip", "rate skip"}, map[string]string{"tls": "no TLS on 127.0.0.1:"}},
		"without TLS":                {scim.Options{BaseURL: plain}, []string{"dns pass", "tcp pass", "tls skip", "http pass", "clock pass", "rate pass"}, map[string]string{"rate": "the target announces RateLimit-Limit: 100"}},
		"nobody listens":             {scim.Options{BaseURL: closed(t)}, []string{"dns pass", "tcp fail", "tls skip", "http skip", "clock skip", "rate skip"}, map[string]string{"tls": "tcp failed"}},
		"no such host":               {scim.Options{BaseURL: "https://target.invalid/scim"}, []string{"dns fail", "tcp skip", "tls skip", "http skip", "clock skip", "rate skip"}, map[string]string{"dns": "target.invalid cannot be resolved"}},
		"clocks differ":              {scim.Options{BaseURL: plain, Clock: at(10 * time.Minute)}, []string{"dns pass", "tcp pass", "tls skip", "http pass", "clock warn", "rate pass"}, map[string]string{"clock": "ahead of the target's"}},
		"clocks differ the other way": {scim.Options{BaseURL: plain, Clock: at(-10 * time.Minute)}, []string{"dns pass", "tcp pass", "tls skip", "http pass", "clock warn", "rate pass"},
			map[string]string{"clock": "behind the target's"}},
		"throttled":              {scim.Options{BaseURL: answering(t, 429, "text/plain", "", "Retry-After", "3600")}, []string{"dns pass", "tcp pass", "tls skip", "http pass", "clock pass", "rate warn"}, map[string]string{"rate": "throttling"}},
		"a transport of its own": {scim.Options{BaseURL: "http://localhost:1", Transport: handlerTransport{http.NotFoundHandler()}}, []string{"dns skip", "tcp skip", "tls skip", "http pass", "clock skip", "rate pass"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, findings := found(t, c.options)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v\n%+v", got, c.want, findings)
			}
			for probe, text := range c.says {
				if !strings.Contains(findings[probe].Detail, text) {
					t.Errorf("%s says %q, want %q", probe, findings[probe].Detail, text)
				}
			}
		})
	}
}
