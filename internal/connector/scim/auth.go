package scim

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// Basic is a user name and a password (RFC 7617).
type Basic struct {
	Username string
	Password secret.Text
}

// credentials prove to the target who is asking.
type credentials interface {
	// authorize returns the value of the Authorization header; empty when the connection proves itself otherwise.
	authorize(ctx context.Context) (secret.Text, error)
	// renew forgets a value that the target refused. It reports whether there may be another one now.
	renew(refused secret.Text) bool
	// advice says what to check when the target refuses.
	advice() string
}

// fixed are credentials that stay as they are.
type fixed struct {
	header secret.Text
	check  string
}

func (f fixed) authorize(context.Context) (secret.Text, error) { return f.header, nil }
func (f fixed) renew(secret.Text) bool                         { return false }
func (f fixed) advice() string                                 { return f.check }

// noCredentials is said of a connection that has none, or whose secrets were not stored yet.
const noCredentials = "the connection has no credentials: no bearer token, client secret, private key or password was given, and no client certificate; " +
	"set bearer_token_wo, oauth2, basic or tls.client_certificate_pem, each secret with its version"

// authenticate gives the client its credentials. lacking says why nothing can be sent yet.
func (c *client) authenticate(options Options) (lacking string, err error) {
	methods := 0
	for _, used := range []bool{!options.BearerToken.IsZero(), options.OAuth2 != nil, options.Basic != nil} {
		if used {
			methods++
		}
	}
	switch {
	case methods > 1:
		return "", invalid("", "bearer token, oauth2 and basic exclude each other; keep one")
	case options.OAuth2 != nil:
		return c.authenticateByToken(*options.OAuth2)
	case options.Basic != nil:
		return c.authenticateByPassword(*options.Basic)
	case !options.BearerToken.IsZero():
		token := options.BearerToken.Reveal()
		if !headerText(token) {
			return "", invalid("", "the bearer token holds a space, a line break or another character that no header can carry")
		}
		c.mask.hide(token)
		c.credentials = fixed{secret.New("Bearer " + token), "check the bearer token: it is wrong, expired or revoked"}
	case options.TLS.ClientCertificatePEM != "":
		c.credentials = fixed{check: "the target does not know the client certificate; check tls.client_certificate_pem"}
	default:
		c.credentials = fixed{}
		return noCredentials, nil
	}
	return "", nil
}

func (c *client) authenticateByPassword(basic Basic) (lacking string, err error) {
	if basic.Username == "" || strings.ContainsFunc(basic.Username, func(r rune) bool { return r == ':' || r < ' ' || r == 0x7f }) {
		return "", invalid("", "basic.username must not be empty and must not hold a colon or a control character")
	}
	if basic.Password.IsZero() {
		lacking = noCredentials
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(basic.Username + ":" + basic.Password.Reveal()))
	c.mask.hide(basic.Password.Reveal(), encoded)
	c.credentials = fixed{secret.New("Basic " + encoded), "check basic.username and basic.password_wo"}
	return lacking, nil
}

// headerText reports whether a token can stand in a header.
func headerText(token string) bool {
	return token != "" && !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}
