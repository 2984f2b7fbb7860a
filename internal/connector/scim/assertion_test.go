package scim_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// privateKeys are one key for each algorithm, in each of the forms they are written in.
func privateKeys(t *testing.T) map[string]struct {
	pem    string
	public crypto.PublicKey
} {
	t.Helper()
	must := func(data []byte, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	write := func(kind string, data []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
	}
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	must(nil, err)
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(nil, err)
	e384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(nil, err)
	public, ed, err := ed25519.GenerateKey(rand.Reader)
	must(nil, err)
	return map[string]struct {
		pem    string
		public crypto.PublicKey
	}{
		"RS256": {write("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(r))), &r.PublicKey},
		"ES256": {write("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(e))), &e.PublicKey},
		"ES384": {write("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(e384))), &e384.PublicKey},
		"EdDSA": {write("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(ed))), public},
	}
}

// TestPrivateKeyAssertion: the token endpoint believes the assertion by the public key alone (RFC 7523 3).
func TestPrivateKeyAssertion(t *testing.T) {
	t.Parallel()
	for algorithm, key := range privateKeys(t) {
		for _, audience := range []string{"", "https://login.example.com"} {
			t.Run(algorithm+" "+audience, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ids := map[string]bool{}
					want := audience
					if want == "" {
						want = tokenURL
					}
					i := &issuer{t: t, expires: "10"}
					i.admits = func(_ *http.Request, form url.Values) bool {
						signed, err := jwt.ParseSigned(form.Get("client_assertion"), []jose.SignatureAlgorithm{jose.SignatureAlgorithm(algorithm)})
						if err != nil {
							t.Error(err)
							return false
						}
						var claims jwt.Claims
						if err := signed.Claims(key.public, &claims); err != nil {
							t.Error(err)
							return false
						}
						if err := claims.ValidateWithLeeway(jwt.Expected{Issuer: "provisioner", Subject: "provisioner", AnyAudience: jwt.Audience{want}, Time: time.Now()}, 0); err != nil {
							t.Error(err)
						}
						if signed.Headers[0].KeyID != "key-1" || claims.ID == "" || ids[claims.ID] || time.Until(claims.Expiry.Time()) > 10*time.Minute {
							t.Errorf("kid %q, claims %+v", signed.Headers[0].KeyID, claims)
						}
						ids[claims.ID] = true
						return form.Get("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" &&
							form.Get("client_id") == "provisioner" && !form.Has("client_secret")
					}
					c := i.connect(t, func(o *scim.Options) {
						o.OAuth2.ClientSecret, o.OAuth2.ClientAuthentication = secret.Text{}, "private_key_jwt"
						o.OAuth2.PrivateKeyPEM, o.OAuth2.KeyID, o.OAuth2.Audience = secret.New(key.pem), "key-1", audience
					})
					for range 2 {
						if err := getUser(t.Context(), c); err != nil {
							t.Fatal(err)
						}
						time.Sleep(time.Minute)
					}
					if tokens, _ := i.counts(); tokens != 2 {
						t.Errorf("%d token requests, want 2", tokens)
					}
				})
			})
		}
	}
}
