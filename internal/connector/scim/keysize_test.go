package scim_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// TestKeysOfCertificates: RSA of 2048 bits and elliptic curves of 256 at least (scim-client.md 16).
func TestKeysOfCertificates(t *testing.T) {
	t.Parallel()
	rsaKey := func(bits int) crypto.Signer {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	ec := func(curve elliptic.Curve) crypto.Signer {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		key  crypto.Signer
		says string
	}{
		"RSA 2048": {rsaKey(2048), ""},
		"RSA 1024": {rsaKey(1024), "its RSA key has 1024 bits, and 2048 are the least"},
		"EC P-256": {ec(elliptic.P256()), ""},
		"EC P-384": {ec(elliptic.P384()), ""},
		"Ed25519":  {ed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "wiki test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
				IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
			made, err := x509.CreateCertificate(rand.Reader, template, template, test.key.Public(), test.key)
			if err != nil {
				t.Fatal(err)
			}
			server := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{made}, PrivateKey: test.key}}}, okHandler)
			options := scim.Options{BaseURL: server.URL, TLS: scim.TLS{CABundlePEM: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}))}}
			err = write(connector.Create)(t.Context(), connect(t, options))
			_, findings := found(t, options)
			if test.says == "" {
				if err != nil || findings["tls"].Outcome == connector.FindingFail {
					t.Errorf("%v, %+v", err, findings["tls"])
				}
				return
			}
			if directory.KindOf(err) != directory.Invalid || directory.OutcomeUnknown(err) || !strings.Contains(err.Error(), "is not accepted: "+test.says+"; have it renewed with a longer key") {
				t.Errorf("got %v, want %q", err, test.says)
			}
			if findings["tls"].Outcome != connector.FindingFail || !strings.Contains(findings["tls"].Detail, test.says) {
				t.Errorf("the doctor says %+v", findings["tls"])
			}
		})
	}
}
