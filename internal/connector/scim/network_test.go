package scim_test

import (
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/pace"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// journal remembers what a server was asked, token included.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) note(r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprintf("%s %s %s %s", r.Method, r.RequestURI, r.Header.Get("Authorization"), body))
}

func connect(t *testing.T, options scim.Options) *scim.Connector {
	t.Helper()
	options.BearerToken = secret.New(token)
	options.RateLimit = unlimited
	c, err := scim.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	var elsewhere journal
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		elsewhere.note(r)
		_, _ = io.WriteString(w, okUser)
	}))
	defer other.Close()
	for _, test := range []struct {
		name, location string
		status         int
		requests       int
		message        string
	}{
		{name: "same host", location: "/v2/Users", status: 308, requests: 2},
		// Go's client would turn the POST into a GET here.
		{name: "same host, moved", location: "/v2/Users", status: 301, requests: 2},
		{name: "same host, found", location: "/v2/Users", status: 302, requests: 2},
		{name: "another host", location: other.URL + "/Users", status: 307, requests: 1, message: "answered 307 to another host (" + other.URL + "), where the token is not sent"},
		{name: "another scheme", location: "https://{host}/Users", status: 302, requests: 1, message: "to another host (https://"},
		{name: "nowhere", status: 302, requests: 1, message: "answered 302 without saying where to go"},
		{name: "in a circle", location: "/scim/Users", status: 307, requests: 5, message: "was redirected more than 5 times"},
		{name: "see other", location: "/v2/Users", status: 303, requests: 1, message: "answered 303"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var seen journal
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seen.note(r)
				if strings.HasPrefix(r.URL.Path, "/v2/") {
					w.WriteHeader(http.StatusCreated)
					_, _ = io.WriteString(w, okUser)
					return
				}
				if test.location != "" {
					w.Header().Set("Location", strings.ReplaceAll(test.location, "{host}", r.Host))
				}
				w.WriteHeader(test.status)
			}))
			defer server.Close()
			err := write(connector.Create)(t.Context(), connect(t, scim.Options{BaseURL: server.URL + "/scim"}))
			if test.message == "" && err != nil || test.message != "" && (directory.KindOf(err) != directory.Incompatible || !strings.Contains(err.Error(), test.message)) {
				t.Errorf("got %v, want %q", err, test.message)
			}
			if directory.OutcomeUnknown(err) {
				t.Error("a redirect creates nothing")
			}
			if len(seen.lines) != test.requests {
				t.Errorf("%d requests, want %d: %q", len(seen.lines), test.requests, seen.lines)
			}
			// Method, body and token go along on the same host.
			for _, line := range seen.lines {
				if !strings.HasPrefix(line, "POST ") || !strings.Contains(line, "Bearer "+token) || !strings.Contains(line, `"userName":"ada"`) {
					t.Errorf("sent %s", line)
				}
			}
		})
	}
	t.Cleanup(func() {
		if len(elsewhere.lines) > 0 {
			t.Errorf("another host was asked: %q", elsewhere.lines)
		}
	})
}

func TestTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, okUser) }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	t.Cleanup(server.Close)
	bundle := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	plain := strings.Replace(server.URL, "https://", "http://", 1)
	plainServer := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plainServer.Close)
	for _, test := range []struct {
		name, url string
		tls       scim.TLS
		kind      directory.ErrorKind
		message   string
	}{
		{name: "trusted bundle", url: server.URL, tls: scim.TLS{CABundlePEM: bundle}},
		{name: "TLS 1.3", url: server.URL, tls: scim.TLS{CABundlePEM: bundle, MinVersion: "1.3"}},
		{name: "another name of the certificate", url: server.URL, tls: scim.TLS{CABundlePEM: bundle, ServerName: "example.com"}},
		{name: "unknown authority", url: server.URL, kind: directory.Invalid, message: "it is self-signed (O=Acme Co), and nothing here vouches for it; if it is genuine, put it into tls.ca_bundle_pem; otherwise check base_url"},
		{name: "wrong name", url: server.URL, tls: scim.TLS{CABundlePEM: bundle, ServerName: "wiki.example.net"}, kind: directory.Invalid, message: "not wiki.example.net; correct base_url, or set tls.server_name"},
		{name: "https to a plain port", url: strings.Replace(plainServer.URL, "http://", "https://", 1), kind: directory.Invalid, message: "check base_url"},
		{name: "http to a TLS port", url: plain, kind: directory.Invalid, message: "answered 400"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := connect(t, scim.Options{BaseURL: test.url, TLS: test.tls})
			err := getUser(t.Context(), c)
			message := fmt.Sprint(err)
			if directory.KindOf(err) != test.kind || test.message != "" && !strings.Contains(message, test.message) {
				t.Errorf("got %q (%s), want %q (%s)", directory.KindOf(err), message, test.kind, test.message)
			}
			if err := write(connector.Create)(t.Context(), c); directory.OutcomeUnknown(err) {
				t.Errorf("nothing was sent, but the outcome is unknown: %v", err)
			}
		})
	}
}

// TestUnreachable: what is wrong with the network is said with what to check.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	err = write(connector.Create)(t.Context(), connect(t, scim.Options{BaseURL: "http://" + address}))
	if directory.KindOf(err) != directory.Transient || directory.OutcomeUnknown(err) ||
		!strings.HasPrefix(err.Error(), "POST /Users: cannot connect to "+address) || !strings.HasSuffix(err.Error(), "connection refused); check base_url and that the target is running") {
		t.Errorf("refused: %v", err)
	}
	tokenURL := "http://" + address + "/token"
	tokenless, err := scim.New(scim.Options{BaseURL: "http://" + address, OAuth2: &scim.OAuth2{TokenURL: tokenURL, ClientID: "me", ClientSecret: secret.New("hush")}})
	if err != nil {
		t.Fatal(err)
	}
	err = write(connector.Create)(t.Context(), tokenless)
	if directory.KindOf(err) != directory.Transient || directory.OutcomeUnknown(err) ||
		!strings.HasPrefix(err.Error(), "POST /Users: not sent: no access token from the token endpoint: cannot connect to "+tokenURL+" (") ||
		!strings.HasSuffix(err.Error(), "connection refused); check oauth2.token_url and that the token endpoint is running") {
		t.Errorf("no token endpoint: %v", err)
	}
	missing := roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "app.example.invalid", IsNotFound: true}}
	})
	err = write(connector.Create)(t.Context(), connect(t, scim.Options{BaseURL: "https://app.example.invalid", Transport: missing}))
	if want := "POST /Users: the host app.example.invalid cannot be found (no such host); check base_url"; directory.KindOf(err) != directory.Transient ||
		directory.OutcomeUnknown(err) || err.Error() != want {
		t.Errorf("no such host: %v", err)
	}
	// The server takes the request and hangs up.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			err = connection.Close()
		}
		if err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	err = write(connector.Create)(t.Context(), connect(t, scim.Options{BaseURL: server.URL}))
	if directory.KindOf(err) != directory.Transient || !directory.OutcomeUnknown(err) || !strings.Contains(err.Error(), "the connection was lost") {
		t.Errorf("hung up: %v", err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	valid := func(change func(*scim.Options)) scim.Options {
		o := scim.Options{BaseURL: "https://app.example.com/scim/v2", BearerToken: secret.New(token)}
		change(&o)
		return o
	}
	for _, test := range []struct {
		change  func(*scim.Options)
		message string
	}{
		{func(*scim.Options) {}, ""},
		{func(o *scim.Options) { o.BaseURL = "http://localhost:8080" }, ""},
		{func(o *scim.Options) { o.BaseURL = "http://127.0.0.9/scim" }, ""},
		{func(o *scim.Options) { o.BaseURL = "http://[::1]:99/" }, ""},
		{func(o *scim.Options) { o.BaseURL = "" }, "base_url is empty"},
		{func(o *scim.Options) { o.BaseURL = "app.example.com/scim" }, "is not an http or https URL"},
		{func(o *scim.Options) { o.BaseURL = "ftp://app.example.com" }, "is not an http or https URL"},
		{func(o *scim.Options) { o.BaseURL = "https:///scim" }, "is not an http or https URL with a host"},
		{func(o *scim.Options) { o.BaseURL = "https://app\x7f" }, "is not a URL"},
		{func(o *scim.Options) { o.BaseURL = "http://app.example.com/scim" }, "would send credentials and personal data unencrypted; use https"},
		{func(o *scim.Options) { o.BaseURL = "http://localhost.example.com" }, "use https"},
		{func(o *scim.Options) { o.BaseURL = "https://me:" + token + "@app.example.com" }, "must not hold a user name or password"},
		{func(o *scim.Options) { o.BaseURL += "?tenant=1" }, `must not have a query ("tenant")`},
		{func(o *scim.Options) { o.BaseURL += "#users" }, "must not have a fragment"},
		{func(o *scim.Options) { o.BearerToken = secret.Text{} }, ""},
		{func(o *scim.Options) { o.BearerToken = secret.New(token + "\n") }, "a line break"},
		{func(o *scim.Options) { o.Profile = "rfc" }, ""},
		{func(o *scim.Options) { o.Profile = "okta" }, `profile "okta" is not known; use one of rfc, entra, entra-compliant`},
		{func(o *scim.Options) { o.RateLimit = pace.Limit{Concurrency: -1} }, "rate_limit: concurrency must be positive"},
		{func(o *scim.Options) { o.Timeout = -time.Second }, "timeout must be positive"},
		{func(o *scim.Options) { o.TLS.MinVersion = "1.1" }, `tls: min_version "1.1" is not known; use 1.2 or 1.3`},
		{func(o *scim.Options) { o.TLS.CABundlePEM = "none" }, "tls: ca_bundle_pem holds no certificate"},
	} {
		options := valid(test.change)
		_, err := scim.New(options)
		switch {
		case test.message == "" && err != nil:
			t.Errorf("%s: %v", options.BaseURL, err)
		case test.message != "" && (directory.KindOf(err) != directory.Invalid || !strings.Contains(err.Error(), test.message)):
			t.Errorf("%s: got %v, want %q", options.BaseURL, err, test.message)
		case err != nil && strings.Contains(err.Error(), token):
			t.Errorf("the token is in %q", err)
		}
	}
}

func TestRequestsWithoutATokenAreRefusedBeforeTheyAreSent(t *testing.T) {
	t.Parallel()
	c, err := scim.New(scim.Options{BaseURL: "https://app.example.com/scim"})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Test(t.Context(), connector.Probe{Type: directory.User, Attribute: "userName", Value: "x"})
	if directory.KindOf(err) != directory.Invalid || !strings.Contains(err.Error(), "no bearer token") {
		t.Fatalf("got %v", err)
	}
}
