package scim_test

import (
	"crypto/tls"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
)

// TestProxyOfTheEnvironment: a connection without proxy settings takes those of the environment, except for this machine and for
// whom NO_PROXY names; the password in them is never told. It sets the environment, so that it cannot run beside others.
func TestProxyOfTheEnvironment(t *testing.T) {
	const password = "env-pr0xy-passw0rd"
	trusted := newAuthority(t)
	server := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{trusted.server("app.example.com")}}, okHandler)
	for _, test := range []struct {
		name, base, noProxy string
		demands             string
		seen                []string
		says                string
	}{
		{name: "through", base: "https://app.example.com", seen: []string{`CONNECT app.example.com:443 ""`}},
		{name: "another port", base: "https://app.example.com:8443", seen: []string{`CONNECT app.example.com:8443 ""`}},
		{name: "this machine", base: server.URL},
		{name: "named", base: "https://nobody.example.invalid", noProxy: ".example.invalid", says: "cannot be found"},
		{name: "refused", base: "https://app.example.com", demands: "Basic other", seen: []string{`CONNECT app.example.com:443 ""`}, says: "or the credentials in the environment's proxy settings"},
	} {
		t.Run(test.name, func(t *testing.T) {
			proxy := &tunnels{server: strings.TrimPrefix(server.URL, "https://"), credentials: test.demands}
			if proxy.credentials == "" {
				proxy.credentials = "Basic bWU6ZW52LXByMHh5LXBhc3N3MHJk"
			}
			listening := httptest.NewServer(proxy)
			t.Cleanup(listening.Close)
			for _, name := range []string{"HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"} {
				t.Setenv(name, strings.Replace(listening.URL, "http://", "http://me:"+password+"@", 1))
			}
			t.Setenv("NO_PROXY", test.noProxy)
			t.Setenv("no_proxy", test.noProxy)
			c := connect(t, scim.Options{BaseURL: test.base, TLS: scim.TLS{CABundlePEM: trusted.PEM}})
			err := write("create")(t.Context(), c)
			if (err != nil) != (test.says != "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %q", err, test.says)
			}
			if err != nil && strings.Contains(err.Error(), password) {
				t.Errorf("the password is in %v", err)
			}
			if !slices.Equal(proxy.seen, test.seen) {
				t.Errorf("the proxy saw %q, want %q", proxy.seen, test.seen)
			}
			_ = c.Close()
		})
	}
}
