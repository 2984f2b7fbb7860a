package scim_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// TestBasic: RFC 7617, with what a target echoes masked in every spelling.
func TestBasic(t *testing.T) {
	t.Parallel()
	const password = "pässword: with \"all\"/of+it"
	var got string
	var logs bytes.Buffer
	echo := roundTrip(func(r *http.Request) (*http.Response, error) {
		got = r.Header.Get("Authorization")
		body := fmt.Sprintf("%s %s %q", got, password, password)
		return &http.Response{StatusCode: 401, Header: http.Header{"Content-Type": {"text/plain"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	})
	options := scim.Options{BaseURL: "https://app.example.com/" + "scim", RateLimit: unlimited, Transport: echo,
		Logger: slog.New(slog.NewTextHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Basic:  &scim.Basic{Username: "provisioner", Password: secret.New(password)}}
	c, err := scim.New(options)
	if err != nil {
		t.Fatal(err)
	}
	err = write("create")(t.Context(), c)
	encoded := base64.StdEncoding.EncodeToString([]byte("provisioner:" + password))
	if got != "Basic "+encoded {
		t.Errorf("sent %q", got)
	}
	if directory.KindOf(err) != directory.Unauthorised || !strings.Contains(err.Error(), "check basic.username and basic.password_wo") {
		t.Errorf("got %v", err)
	}
	for _, hidden := range []string{password, encoded, `\"all\"`} {
		if strings.Contains(err.Error(), hidden) || strings.Contains(logs.String(), hidden) {
			t.Errorf("%q is in %v or in %s", hidden, err, &logs)
		}
	}
	for _, name := range []string{"", "a:b", "a\nb"} {
		options.Basic = &scim.Basic{Username: name, Password: secret.New(password)}
		if _, err := scim.New(options); directory.KindOf(err) != directory.Invalid || !strings.Contains(err.Error(), "basic.username") {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

// TestNothingIsSentWithoutTheSecrets: a connector whose secrets are not stored yet compares values and asks nobody.
func TestNothingIsSentWithoutTheSecrets(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*scim.Options){
		"nothing":       func(*scim.Options) {},
		"client secret": func(o *scim.Options) { o.OAuth2 = &scim.OAuth2{TokenURL: tokenURL, ClientID: "me"} },
		"private key": func(o *scim.Options) {
			o.OAuth2 = &scim.OAuth2{TokenURL: tokenURL, ClientID: "me", ClientAuthentication: "private_key_jwt"}
		},
		"password": func(o *scim.Options) { o.Basic = &scim.Basic{Username: "me"} },
	} {
		options := scim.Options{BaseURL: "https://app.example.com", Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			t.Errorf("%s: sent to %s", name, r.URL)
			return nil, http.ErrServerClosed
		})}
		change(&options)
		c, err := scim.New(options)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := write("create")(t.Context(), c); directory.KindOf(err) != directory.Invalid || directory.OutcomeUnknown(err) || !strings.Contains(err.Error(), "has no credentials") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestExtraHeaders: they go with every request, and never in place of the protocol's own.
func TestExtraHeaders(t *testing.T) {
	t.Parallel()
	var got http.Header
	record := roundTrip(func(r *http.Request) (*http.Response, error) {
		got = r.Header
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(okUser)), Request: r}, nil
	})
	c := connect(t, scim.Options{BaseURL: "https://app.example.com", Transport: record, Headers: map[string]string{"x-tenant": "42", "X-Api-Version": "2"}})
	if err := getUser(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if got.Get("X-Tenant") != "42" || got.Get("X-Api-Version") != "2" || got.Get("Authorization") != "Bearer "+token || got.Get("Accept") != "application/scim+json" {
		t.Errorf("sent %v", got)
	}
	for _, name := range []string{"Authorization", "authorization", "Host", "Content-Type", "content-length", "Cookie", "Proxy-Authorization", "Accept-Encoding", "If-Match", "Transfer-Encoding"} {
		if _, err := scim.New(scim.Options{BaseURL: "https://app.example.com", Headers: map[string]string{name: "x"}}); directory.KindOf(err) != directory.Invalid ||
			!strings.Contains(err.Error(), "is set by the protocol or holds credentials") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for name, headers := range map[string]map[string]string{
		"is not the name of a header":      {"X Tenant": "1"},
		"holds a line break":               {"X-Tenant": "1\r\nAuthorization: x"},
		"is given twice":                   {"X-Tenant": "1", "x-tenant": "2"},
		`headers: "" is not the name of a`: {"": "1"},
	} {
		if _, err := scim.New(scim.Options{BaseURL: "https://app.example.com", Headers: headers}); directory.KindOf(err) != directory.Invalid || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %q", err, name)
		}
	}
}

// TestRedirectWithCredentialsInIt: the port that a scheme means is the same port, and a user name in an address is not used.
func TestRedirectWithCredentialsInIt(t *testing.T) {
	t.Parallel()
	var seen []string
	hop := roundTrip(func(r *http.Request) (*http.Response, error) {
		seen = append(seen, r.URL.String()+" "+r.Header.Get("Authorization"))
		response := &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(okUser)), Request: r}
		if len(seen) == 1 {
			response.StatusCode = 307
			response.Header.Set("Location", "https://me:pw@app.example.com:443/v2/Users/1#top")
		}
		return response, nil
	})
	if err := getUser(t.Context(), connect(t, scim.Options{BaseURL: "https://app.example.com/scim", Transport: hop})); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 2 || seen[1] != "https://app.example.com:443/v2/Users/1 Bearer "+token {
		t.Errorf("sent %q", seen)
	}
}

// TestOwnHeadersOfAConnection: where a connection says what a header holds, that is what it holds, unless the protocol says so.
func TestOwnHeadersOfAConnection(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		headers map[string]string
		profile string
		want    map[string]string
	}{
		"as we are":             {nil, "entra", map[string]string{"User-Agent": "terraform-provider-provisioning", "ADSCIMVersion": "6.0"}},
		"another agent":         {map[string]string{"user-agent": "hr-sync/1"}, "rfc", map[string]string{"User-Agent": "hr-sync/1", "ADSCIMVersion": ""}},
		"the older capture's":   {map[string]string{"ADSCIMVersion": "5.0"}, "entra-compliant", map[string]string{"ADSCIMVersion": "5.0"}},
		"of a proxy on the way": {map[string]string{"X-Forwarded-For": "192.0.2.1", "Traceparent": "00-1"}, "", map[string]string{"X-Forwarded-For": "192.0.2.1", "Traceparent": "00-1"}},
	} {
		var got http.Header
		c := connect(t, scim.Options{BaseURL: "https://app.example.com", Headers: test.headers, Profile: test.profile, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			got = r.Header
			return answered(r, 200, okUser), nil
		})})
		if err := getUser(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		for header, want := range test.want {
			if values := got.Values(header); strings.Join(values, "|") != want {
				t.Errorf("%s: %s is %q, want %q", name, header, values, want)
			}
		}
	}
}
