package scim

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// shortKeyError is about a certificate whose key is too short (scim-client.md 16).
type shortKeyError struct {
	algorithm   string
	bits, least int
}

func (e shortKeyError) Error() string {
	return fmt.Sprintf("its %s key has %d bits, and %d are the least", e.algorithm, e.bits, e.least)
}

// distrusted says why a host's certificate is not accepted, and what to do about it. The host's address is in a setting.
func distrusted(cause *tls.CertificateVerificationError, setting string) (why, remedy string) {
	if _, foreign := errors.AsType[x509.UnknownAuthorityError](cause.Err); foreign {
		return unknownAuthority(cause.UnverifiedCertificates, setting)
	}
	if name, other := errors.AsType[x509.HostnameError](cause.Err); other {
		return name.Error(), fmt.Sprintf("correct %s, or set tls.server_name to a name that the certificate has", setting)
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](cause.Err); ok && invalid.Reason == x509.Expired {
		return invalid.Error(), "have it renewed, unless the clock of this machine is wrong"
	}
	if short, ok := errors.AsType[shortKeyError](cause.Err); ok {
		return short.Error(), "have it renewed with a longer key"
	}
	return cause.Err.Error(), fmt.Sprintf("check tls.ca_bundle_pem, tls.server_name and %s", setting)
}

// namesOf lists the hosts that a certificate is for, or what else it calls its owner.
func namesOf(certificate *x509.Certificate) string {
	names := slices.Clone(certificate.DNSNames)
	for _, address := range certificate.IPAddresses {
		names = append(names, address.String())
	}
	if len(names) == 0 {
		return certificate.Subject.String()
	}
	return strings.Join(names, ", ")
}

func unknownAuthority(presented []*x509.Certificate, setting string) (why, remedy string) {
	if len(presented) > 0 && bytes.Equal(presented[0].RawIssuer, presented[0].RawSubject) {
		return fmt.Sprintf("it is self-signed (%s), and nothing here vouches for it", presented[0].Subject),
			"if it is genuine, put it into tls.ca_bundle_pem; otherwise check " + setting
	}
	why = "it was signed by an authority that is not known here"
	if len(presented) > 0 {
		why += fmt.Sprintf(" (%s)", presented[len(presented)-1].Issuer)
	}
	return why, "if it is genuine, put the certificate of that authority into tls.ca_bundle_pem; otherwise check " + setting
}
