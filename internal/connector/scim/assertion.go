package scim

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	// assertionType is RFC 7523 2.2.
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	// assertionLife is short: an assertion is used once. Some take no more than five minutes in all.
	assertionLife = 4 * time.Minute
	// assertionLead is how long before now an assertion was issued, by its own words: a clock behind ours refuses what is issued in
	// its future.
	assertionLead = time.Minute
	// smallestRSA and smallestEC are scim-client.md 16, in bits.
	smallestRSA = 2048
	smallestEC  = 256
)

// assertionSigner makes the assertions by which a client proves that it holds its private key (RFC 7523 3).
type assertionSigner struct {
	signer   jose.Signer
	clientID string
	audience string
	now      func() time.Time
}

func newAssertionSigner(settings OAuth2, now func() time.Time) (*assertionSigner, error) {
	key, err := parsePrivateKey(settings.PrivateKeyPEM.Reveal())
	if err != nil {
		return nil, err
	}
	algorithm, err := algorithmFor(key)
	if err != nil {
		return nil, err
	}
	options := (&jose.SignerOptions{}).WithType("JWT")
	if settings.KeyID != "" {
		options = options.WithHeader(jose.HeaderKey("kid"), settings.KeyID)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options)
	if err != nil {
		return nil, fmt.Errorf("cannot sign: %w", err)
	}
	audience := settings.Audience
	if audience == "" {
		audience = settings.TokenURL
	}
	return &assertionSigner{signer: signer, clientID: settings.ClientID, audience: audience, now: now}, nil
}

// sign returns an assertion that was never used before.
func (s *assertionSigner) sign() (string, error) {
	now := s.now()
	return jwt.Signed(s.signer).Claims(jwt.Claims{
		Issuer: s.clientID, Subject: s.clientID, Audience: jwt.Audience{s.audience}, ID: rand.Text(),
		IssuedAt: jwt.NewNumericDate(now.Add(-assertionLead)), Expiry: jwt.NewNumericDate(now.Add(assertionLife)),
	}).Serialize()
}

// parsePrivateKey reads a key in PEM, as PKCS #8, PKCS #1 or SEC 1. No error repeats a part of it.
func parsePrivateKey(text string) (crypto.PrivateKey, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("holds no PEM block; expected -----BEGIN PRIVATE KEY-----")
	}
	// Tools write parameters or certificates before the key.
	for ; block != nil; block, rest = pem.Decode(rest) {
		if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			return key, nil
		}
		if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
			return key, nil
		}
		if key, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
			return key, nil
		}
	}
	return nil, errors.New("holds no private key that can be read; give it without a passphrase, as PKCS #8, PKCS #1 or SEC 1")
}

// algorithmFor chooses how to sign with a key (RFC 7518 3.1, RFC 8037).
func algorithmFor(key crypto.PrivateKey) (jose.SignatureAlgorithm, error) {
	switch key := key.(type) {
	case *rsa.PrivateKey:
		if key.N.BitLen() < smallestRSA {
			return "", fmt.Errorf("is an RSA key of %d bits; use at least %d", key.N.BitLen(), smallestRSA)
		}
		return jose.RS256, nil
	case *ecdsa.PrivateKey:
		switch key.Curve.Params().BitSize {
		case 256:
			return jose.ES256, nil
		case 384:
			return jose.ES384, nil
		case 521:
			return jose.ES512, nil
		}
	case ed25519.PrivateKey:
		return jose.EdDSA, nil
	}
	return "", errors.New("is of a kind that cannot sign assertions; use RSA, EC (P-256, P-384, P-521) or Ed25519")
}
