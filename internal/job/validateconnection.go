package job

import (
	"errors"
	"math"
	"slices"
	"strings"
)

// Validate reports everything that is wrong with a connection. The connector checks its own settings.
func (c Connection) Validate() error {
	problems := []error{ValidateKey("app key", c.AppKey), ValidateKey("connection name", c.Name)}
	if c.SCIM == nil {
		return errors.Join(append(problems, invalid("connection %s has no endpoint", c.ID()))...)
	}
	refuse := func(format string, args ...any) {
		problems = append(problems, invalid("connection %s: "+format, append([]any{c.ID()}, args...)...))
	}
	among := func(what, value string, known []string) {
		if value != "" && !slices.Contains(known, value) {
			refuse("%s %q is not known; use %s", what, value, strings.Join(known, ", "))
		}
	}
	s := c.SCIM
	if rate := s.RateLimit.RequestsPerSecond; !(rate >= 0) || math.IsInf(rate, 1) || s.RateLimit.Concurrency < 0 || s.RateLimit.Burst < 0 {
		refuse("rate_limit takes numbers from 0 up")
	}
	if s.TimeoutSeconds < 0 || s.Compatibility.MembersPerPatch < 0 {
		refuse("timeout_seconds and members_per_patch take numbers from 0 up")
	}
	among("profile", s.Profile, Profiles())
	among("tls.min_version", s.TLS.MinVersion, TLSVersions())
	among("compatibility.update_method", s.Compatibility.UpdateMethod, UpdateMethods())
	among("compatibility.bulk", s.Compatibility.Bulk, BulkModes())
	s.validateCredentials(refuse)
	if o := s.OAuth2; o != nil {
		among("oauth2.client_authentication", o.ClientAuthentication, ClientAuthentications())
		o.validate(refuse)
	}
	return errors.Join(problems...)
}

// validateCredentials reports methods of authentication that exclude each other, and credentials without their other half.
// None at all is allowed: requests are refused before they are sent.
func (s SCIMConnection) validateCredentials(refuse func(format string, args ...any)) {
	var methods []string
	for _, method := range []struct {
		name string
		used bool
	}{{"bearer_token_wo", s.TokenVersion != 0}, {"oauth2", s.OAuth2 != nil}, {"basic", s.Basic != nil}} {
		if method.used {
			methods = append(methods, method.name)
		}
	}
	if len(methods) > 1 {
		refuse("%s exclude each other; keep one", strings.Join(methods, " and "))
	}
	if s.Basic != nil && (s.Basic.Username == "" || strings.Contains(s.Basic.Username, ":")) {
		refuse("basic.username must not be empty and must not hold a colon")
	}
	if (s.TLS.ClientCertificatePEM == "") != (s.TLS.ClientKeyVersion == 0) {
		refuse("tls.client_certificate_pem and tls.client_key_wo go together")
	}
	if p := s.Proxy; p != nil && p.Username == "" && p.PasswordVersion != 0 {
		refuse("proxy.password_wo needs proxy.username")
	}
}

func (o OAuth2) validate(refuse func(format string, args ...any)) {
	if o.TokenURL == "" || o.ClientID == "" {
		refuse("oauth2 needs token_url and client_id")
	}
	if o.ClientAuthentication == PrivateKeyJWT {
		if o.ClientSecretVersion != 0 {
			refuse("oauth2.client_secret_wo is not used with private_key_jwt; remove it")
		}
		return
	}
	if o.PrivateKeyVersion != 0 || o.KeyID != "" || o.Audience != "" {
		refuse("oauth2.private_key_wo, key_id and audience are for client_authentication = private_key_jwt; a token parameter named audience goes to token_parameters")
	}
}
