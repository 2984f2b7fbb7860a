package scim_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// TestOAuthOptions: what is wrong is named, and no secret is.
func TestOAuthOptions(t *testing.T) {
	t.Parallel()
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	smallPEM := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(small)}))
	signing := func(key string) func(*scim.Options) {
		return func(o *scim.Options) {
			o.OAuth2.ClientAuthentication, o.OAuth2.PrivateKeyPEM = "private_key_jwt", secret.New(key)
		}
	}
	for _, test := range []struct {
		change  func(*scim.Options)
		message string
	}{
		{func(*scim.Options) {}, ""},
		{func(o *scim.Options) { o.OAuth2.TokenURL = "http://127.0.0.1:1/token" }, ""},
		{func(o *scim.Options) { o.OAuth2.TokenURL = "http://login.example.com/token" }, "oauth2.token_url uses http"},
		{func(o *scim.Options) { o.OAuth2.TokenURL = "" }, "oauth2.token_url is empty"},
		{func(o *scim.Options) { o.OAuth2.TokenURL = "https://me:" + clientSecret + "@login.example.com" }, "oauth2.token_url"},
		{func(o *scim.Options) { o.OAuth2.TokenURL = "https://me:pw@login.example.com" }, "use client_id and client_secret_wo"},
		{func(o *scim.Options) { o.OAuth2.TokenURL = "https://login.example.com/#x" }, "must not have a fragment"},
		{func(o *scim.Options) { o.OAuth2.TokenURL = "login.example.com" }, "is not an http or https URL"},
		{func(o *scim.Options) { o.OAuth2.ClientID = "" }, "oauth2.client_id is empty"},
		{func(o *scim.Options) { o.OAuth2.ClientAuthentication = "digest" }, `"digest" is not known; use body, basic or private_key_jwt`},
		{func(o *scim.Options) { o.OAuth2.Parameters = map[string]string{"client_secret": "x"} }, "must not hold client_secret"},
		{func(o *scim.Options) { o.OAuth2.Parameters = map[string]string{"scope": "x"} }, "must not hold scope"},
		{func(o *scim.Options) { o.BearerToken = secret.New(token) }, "exclude each other"},
		{func(o *scim.Options) { o.Basic = &scim.Basic{Username: "me"} }, "exclude each other"},
		{signing("no key"), "oauth2.private_key_wo holds no PEM block"},
		{signing("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"), "holds no private key that can be read"},
		{signing(smallPEM), "is an RSA key of 1024 bits; use at least 2048"},
	} {
		options := scim.Options{BaseURL: "https://app.example.com", OAuth2: &scim.OAuth2{TokenURL: tokenURL, ClientID: "me", ClientSecret: secret.New(clientSecret)}}
		test.change(&options)
		_, err := scim.New(options)
		switch {
		case test.message == "" && err != nil:
			t.Error(err)
		case test.message != "" && (directory.KindOf(err) != directory.Invalid || !strings.Contains(err.Error(), test.message)):
			t.Errorf("got %v, want %q", err, test.message)
		case err != nil && (strings.Contains(err.Error(), clientSecret) || strings.Contains(err.Error(), token)):
			t.Errorf("a secret is in %q", err)
		}
	}
}

// TestClientSecretsNeverAppear: a token endpoint and a target that repeat everything they were sent.
func TestClientSecretsNeverAppear(t *testing.T) {
	t.Parallel()
	keys := privateKeys(t)
	synctest.Test(t, func(t *testing.T) {
		for _, authentication := range []string{"body", "basic", "private_key_jwt"} {
			for _, failing := range []bool{true, false} {
				var logs bytes.Buffer
				var sent []string
				echo := roundTrip(func(r *http.Request) (*http.Response, error) {
					var body []byte
					if r.Body != nil {
						body, _ = io.ReadAll(r.Body)
					}
					form, _ := url.ParseQuery(string(body))
					basic := strings.TrimPrefix(r.Header.Get("Authorization"), "Basic ")
					answered := func(status int, text string) (*http.Response, error) {
						return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
					}
					if r.URL.Host != "login.example.com" {
						sent = append(sent, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
						return answered(400, fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"you sent %s","status":"400"}`, r.Header.Get("Authorization")))
					}
					sent = append(sent, form.Get("client_assertion"), form.Get("client_secret"), url.QueryEscape(form.Get("client_secret")), basic)
					if failing {
						return answered(401, fmt.Sprintf(`{"error":"invalid_client","error_description":%q}`,
							fmt.Sprintf("%s and %q and %s and %s", form.Get("client_secret"), basic, form.Get("client_assertion"), body)))
					}
					return answered(200, `{"access_token":"acc3ss-t0ken","token_type":"bearer","expires_in":3600}`)
				})
				c, err := scim.New(scim.Options{BaseURL: "https://app.example.com", RateLimit: unlimited, Transport: echo,
					Logger: slog.New(slog.NewJSONHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug})), OAuth2: &scim.OAuth2{
						TokenURL: tokenURL, ClientID: "provisioner", ClientSecret: secret.New(clientSecret),
						ClientAuthentication: authentication, PrivateKeyPEM: secret.New(keys["ES256"].pem),
					}})
				if err != nil {
					t.Fatal(err)
				}
				err = write("create")(t.Context(), c)
				if err == nil {
					t.Fatal("it succeeded")
				}
				found := 0
				for _, value := range append(sent, clientSecret) {
					if value == "" {
						continue
					}
					found++
					if strings.Contains(err.Error(), value) || strings.Contains(logs.String(), value) || strings.Contains(fmt.Sprintf("%+v %#v", err, err), value) {
						t.Errorf("%s: %q is in %v or in\n%s", authentication, value, err, &logs)
					}
				}
				if found < 2 || !strings.Contains(err.Error(), "***") {
					t.Errorf("%s: the test looked for %d secrets in %v", authentication, found, err)
				}
			}
		}
	})
}
