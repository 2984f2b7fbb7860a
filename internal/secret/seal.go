package secret

import (
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Sealer encrypts secrets for storage. It is safe for concurrent use.
//
// rowIdentity names the place where the sealed secret is kept. It is bound to the ciphertext: sealed bytes that
// were moved to another row do not open there.
type Sealer interface {
	// Seal encrypts a secret. Sealing the same secret twice gives different bytes.
	Seal(plain Text, rowIdentity string) ([]byte, error)
	// Open decrypts what Seal made. It fails with Fatal when the key, the row identity or the bytes are others.
	Open(sealed []byte, rowIdentity string) (Text, error)
}

// keysetSealer seals with a tink AEAD keyset. origin says where the keyset came from, for messages.
type keysetSealer struct {
	primitive tink.AEAD
	origin    string
}

func newSealer(handle *keyset.Handle, origin string) (Sealer, error) {
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, directory.Errorf(directory.Invalid, "the key in %s is not an AEAD keyset: %w", origin, err)
	}
	return keysetSealer{primitive: primitive, origin: origin}, nil
}

// Seal implements Sealer.
func (s keysetSealer) Seal(plain Text, rowIdentity string) ([]byte, error) {
	sealed, err := s.primitive.Encrypt([]byte(plain.Reveal()), []byte(rowIdentity))
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", rowIdentity, err)
	}
	return sealed, nil
}

// Open implements Sealer. An AEAD cannot tell a wrong key from altered bytes; the wrong key is what happens.
func (s keysetSealer) Open(sealed []byte, rowIdentity string) (Text, error) {
	plain, err := s.primitive.Decrypt(sealed, []byte(rowIdentity))
	if err != nil {
		return Text{}, directory.Errorf(directory.Fatal,
			"%s was sealed with another key than the one in %s; set %s to the key it was sealed with, or restore the key file",
			rowIdentity, s.origin, KeyVariable)
	}
	return New(string(plain)), nil
}
