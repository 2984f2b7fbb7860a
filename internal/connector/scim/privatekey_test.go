package scim_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// TestPrivateKeyForms: a key is taken in every form that the usual tools write, and what is none is refused with the reason and without
// a part of it.
func TestPrivateKeyForms(t *testing.T) {
	t.Parallel()
	block := func(kind string, data []byte, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
	}
	curve := func(c elliptic.Curve) *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(c, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	large, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(large), nil)
	sec1, err := x509.MarshalECPrivateKey(curve(elliptic.P256()))
	ec := block("EC PRIVATE KEY", sec1, err)
	p521, err := x509.MarshalPKCS8PrivateKey(curve(elliptic.P521()))
	p224, err224 := x509.MarshalPKCS8PrivateKey(curve(elliptic.P224()))
	public, errPublic := x509.MarshalPKIXPublicKey(&large.PublicKey)
	for name, test := range map[string]struct{ key, says string }{
		"PKCS #1":                   {pkcs1, ""},
		"EC P-521":                  {block("PRIVATE KEY", p521, err), ""},
		"behind its parameters":     {"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + ec, ""},
		"before its certificate":    {ec + newAuthority(t).PEM, ""},
		"behind its certificate":    {newAuthority(t).PEM + ec, ""},
		"with the lines of Windows": {strings.ReplaceAll(ec, "\n", "\r\n"), ""},
		"with words around it":      {"Bag Attributes\n  friendlyName: x\n" + ec + "\n", ""},
		"EC P-224":                  {block("PRIVATE KEY", p224, err224), "is of a kind that cannot sign assertions"},
		"a public key":              {block("PUBLIC KEY", public, errPublic), "holds no private key that can be read"},
		"a certificate alone":       {newAuthority(t).PEM, "holds no private key that can be read"},
		"with a passphrase":         {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nc2VjcmV0\n-----END ENCRYPTED PRIVATE KEY-----\n", "give it without a passphrase"},
		"without its frame":         {"c2VjcmV0", "holds no PEM block"},
	} {
		_, err := scim.New(scim.Options{BaseURL: "https://app.example.com", OAuth2: &scim.OAuth2{TokenURL: tokenURL, ClientID: "me",
			ClientAuthentication: "private_key_jwt", PrivateKeyPEM: secret.New(test.key)}})
		switch {
		case test.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case test.says != "" && (directory.KindOf(err) != directory.Invalid || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "c2VjcmV0")):
			t.Errorf("%s: got %v, want %q", name, err, test.says)
		}
	}
}
