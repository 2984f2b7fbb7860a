package scim

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"net"
	"testing"
)

// named is a certificate as far as messages tell of it.
func named(subject, issuer string) *x509.Certificate {
	return &x509.Certificate{
		Subject: pkix.Name{CommonName: subject}, RawSubject: []byte(subject), Issuer: pkix.Name{CommonName: issuer}, RawIssuer: []byte(issuer),
	}
}

// Why a certificate is not accepted decides what to do about it.
func TestDistrusted(t *testing.T) {
	t.Parallel()
	foreign := x509.UnknownAuthorityError{}
	for name, c := range map[string]struct {
		presented   []*x509.Certificate
		err         error
		why, remedy string
	}{
		"private authority": {[]*x509.Certificate{named("wiki", "middle"), named("middle", "root")}, foreign, "it was signed by an authority that is not known here (CN=root)",
			"if it is genuine, put the certificate of that authority into tls.ca_bundle_pem; otherwise check base_url"},
		"chain with its root": {[]*x509.Certificate{named("wiki", "root"), named("root", "root")}, foreign, "it was signed by an authority that is not known here (CN=root)",
			"if it is genuine, put the certificate of that authority into tls.ca_bundle_pem; otherwise check base_url"},
		"self-signed": {[]*x509.Certificate{named("wiki", "wiki")}, foreign, "it is self-signed (CN=wiki), and nothing here vouches for it",
			"if it is genuine, put it into tls.ca_bundle_pem; otherwise check base_url"},
		"nothing presented": {nil, foreign, "it was signed by an authority that is not known here",
			"if it is genuine, put the certificate of that authority into tls.ca_bundle_pem; otherwise check base_url"},
		"another name": {nil, x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"other.example.com"}}, Host: "wiki.example.com"},
			"x509: certificate is valid for other.example.com, not wiki.example.com", "correct base_url, or set tls.server_name to a name that the certificate has"},
		"expired": {nil, x509.CertificateInvalidError{Reason: x509.Expired, Detail: "then"}, "x509: certificate has expired or is not yet valid: then",
			"have it renewed, unless the clock of this machine is wrong"},
		"short key": {nil, shortKeyError{algorithm: "RSA", bits: 1024, least: 2048}, "its RSA key has 1024 bits, and 2048 are the least", "have it renewed with a longer key"},
		"not for servers": {nil, x509.CertificateInvalidError{Reason: x509.IncompatibleUsage}, "x509: certificate specifies an incompatible key usage",
			"check tls.ca_bundle_pem, tls.server_name and base_url"},
		"anything else": {nil, errors.New("odd"), "odd", "check tls.ca_bundle_pem, tls.server_name and base_url"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			why, remedy := distrusted(&tls.CertificateVerificationError{UnverifiedCertificates: c.presented, Err: c.err}, settingBaseURL)
			if why != c.why || remedy != c.remedy {
				t.Errorf("got %q; %q, want %q; %q", why, remedy, c.why, c.remedy)
			}
		})
	}
}

func TestNamesOf(t *testing.T) {
	t.Parallel()
	for want, certificate := range map[string]*x509.Certificate{
		"wiki.example.com, *.wiki.example.com, 192.0.2.7": {DNSNames: []string{"wiki.example.com", "*.wiki.example.com"}, IPAddresses: []net.IP{net.IPv4(192, 0, 2, 7)}},
		"CN=wiki": named("wiki", "root"),
	} {
		if got := namesOf(certificate); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
