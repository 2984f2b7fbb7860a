package validators

import (
	"crypto/x509"
	"encoding/pem"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// PrivateKey accepts a private key in PEM, as PKCS #8, PKCS #1 or SEC 1, without a passphrase. No message repeats a part of it.
func PrivateKey() validator.String {
	return text{description: "a private key in PEM", check: func(value string) mistake {
		block, _ := pem.Decode([]byte(value))
		if block == nil {
			return mistake{"Invalid private key", "the key cannot be used: no PEM block found; expected -----BEGIN PRIVATE KEY-----" + fromFile(value) + "."}
		}
		_, pkcs8 := x509.ParsePKCS8PrivateKey(block.Bytes)
		_, pkcs1 := x509.ParsePKCS1PrivateKey(block.Bytes)
		_, sec1 := x509.ParseECPrivateKey(block.Bytes)
		if pkcs8 != nil && pkcs1 != nil && sec1 != nil {
			return mistake{"Invalid private key", "the key cannot be used: the PEM block holds no private key that can be read; give it without a passphrase, as PKCS #8, PKCS #1 or SEC 1."}
		}
		return mistake{}
	}}
}
