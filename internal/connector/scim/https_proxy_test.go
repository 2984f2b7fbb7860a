package scim_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// TestProxyWithTLS: a proxy that is reached by TLS proves its own name, not the one that is pinned for the target, and is not shown the
// client certificate.
func TestProxyWithTLS(t *testing.T) {
	t.Parallel()
	trusted := newAuthority(t)
	target := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{trusted.server("wiki.internal")}, ClientAuth: tls.RequireAnyClientCert}, okHandler)
	certificate, key := trusted.pair(clientTemplate())
	for _, test := range []struct {
		name, proxy string
		pinned      string
		says        string
	}{
		{"another name is pinned", "127.0.0.1", "wiki.internal", ""},
		{"a name that the target does not have", "127.0.0.1", "other.internal", "the certificate of app.example.com is not accepted"},
		{"a proxy without a name of its own", "localhost", "wiki.internal", "is not accepted"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			through := &tunnels{server: strings.TrimPrefix(target.URL, "https://")}
			proxy := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{trusted.server("proxy.internal")}, ClientAuth: tls.RequestClientCert, NextProtos: []string{"http/1.1"}},
				func(w http.ResponseWriter, r *http.Request) {
					if len(r.TLS.PeerCertificates) > 0 {
						t.Error("the proxy was shown the client certificate")
					}
					through.ServeHTTP(w, r)
				})
			c := connect(t, scim.Options{BaseURL: "https://app.example.com", Proxy: &scim.Proxy{URL: strings.Replace(proxy.URL, "127.0.0.1", test.proxy, 1)},
				TLS: scim.TLS{CABundlePEM: trusted.PEM, ServerName: test.pinned, ClientCertificatePEM: certificate, ClientKeyPEM: secret.New(key)}})
			err := write("create")(t.Context(), c)
			if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %q", err, test.says)
			}
			_ = c.Close()
		})
	}
	// Where there is no proxy for the target, its own name counts as ever.
	direct := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(direct.Close)
	c := connect(t, scim.Options{BaseURL: target.URL, Proxy: &scim.Proxy{URL: strings.Replace(direct.URL, "http:", "https:", 1)},
		TLS: scim.TLS{CABundlePEM: trusted.PEM, ServerName: "wiki.internal", ClientCertificatePEM: certificate, ClientKeyPEM: secret.New(key)}})
	if err := write("create")(t.Context(), c); err != nil {
		t.Error(err)
	}
}

// A proxy that does not answer is told apart from a target that does not.
func TestProxyThatIsNotThere(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, test := range map[string]struct{ proxy, says string }{
		"down":    {gone.URL, "cannot connect to the proxy ("},
		"unknown": {"http://proxy.example.invalid:3128", "the host proxy.example.invalid cannot be found ("},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := write("create")(t.Context(), connect(t, scim.Options{BaseURL: "https://app.example.com", Proxy: &scim.Proxy{URL: test.proxy}}))
			if directory.KindOf(err) != directory.Transient || directory.OutcomeUnknown(err) || !strings.Contains(fmt.Sprint(err), "POST /Users: "+test.says) ||
				!strings.Contains(fmt.Sprint(err), "check proxy.url (or HTTPS_PROXY)") || strings.Contains(fmt.Sprint(err), "base_url") {
				t.Errorf("got %v, want %q", err, test.says)
			}
		})
	}
}
