package scim

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// unreadable is the answer behind an error of kind Incompatible.
type unreadable struct{ from *answer }

func (u unreadable) Error() string { return fmt.Sprintf("%d cannot be read", u.from.status) }

// answerOf returns the answer behind an error, nil when there was none.
func answerOf(err error) *answer {
	if told, ok := refused(err); ok {
		return told.from
	}
	if told, ok := errors.AsType[unreadable](err); ok {
		return told.from
	}
	return nil
}

// testFailure says what is wrong with the connection (engine.md 21).
func (c *Connector) testFailure(s search, probe connector.Probe, cause error) error {
	asked, _ := url.QueryUnescape(s.filter)
	failure := connector.TestFailure{
		Fault: faultOf(cause), Resource: s.at.name, Err: cause,
		Operation: fmt.Sprintf("GET %s?%s", c.client.redact(c.client.url(request{path: s.at.path}).EscapedPath()), asked),
	}
	if a := answerOf(cause); a != nil {
		failure.Status, failure.Headers, failure.Body = a.status, c.client.headersOf(a.header), c.client.excerpt(*a, scimError{})
	}
	failure.Advice = adviceOn(failure.Fault, probe)
	return &directory.Error{Kind: directory.KindOf(cause), Code: codeProbe, Message: "connection test: " + cause.Error(), Err: failure}
}

// faultOf tells apart what has different cures.
func faultOf(err error) connector.TestFault {
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok && certificate != nil {
		return connector.FaultCertificate
	}
	told, answered := refused(err)
	_, alerted := tlsAlert(err)
	switch kind := directory.KindOf(err); {
	case kind == directory.Unauthorised:
		return connector.FaultCredentials
	case kind == directory.Forbidden:
		return connector.FaultForbidden
	case kind == directory.Throttled, answered && told.status >= http.StatusInternalServerError:
		return connector.FaultTarget
	case answered && told.status == http.StatusBadRequest:
		return connector.FaultNotSearchable
	case answered, kind == directory.Incompatible:
		return connector.FaultProtocol
	case kind == directory.Invalid && !refusesTLS(err) && !alerted:
		// Nothing was sent: there is no usable credential.
		return connector.FaultCredentials
	default:
		return connector.FaultUnreachable
	}
}

// adviceOn says what to do about a fault.
func adviceOn(fault connector.TestFault, probe connector.Probe) string {
	switch fault {
	case connector.FaultUnreachable:
		return "Check base_url, name resolution, firewall and proxy from the machine that runs this, and that the target is up."
	case connector.FaultCertificate:
		return "If the target's certificate comes from a private authority, set tls.ca_bundle_pem; if it is for another name, correct base_url or set tls.server_name; if it has expired, or its key is too short, the target's administrator must renew it."
	case connector.FaultCredentials:
		return "Give the connection valid credentials: set the new secret and raise its version."
	case connector.FaultForbidden:
		return fmt.Sprintf("Give the owner of the credentials the right to read and write %ss in the target.", probe.Type)
	case connector.FaultNotSearchable:
		return fmt.Sprintf("The target cannot search %ss by %s: match by an attribute that it can search, usually userName or displayName.", probe.Type, probe.Attribute)
	case connector.FaultTarget:
		return "Try again later; if it stays, ask the target's administrator, and lower rate_limit if the target is throttling."
	default:
		return "This does not look like a SCIM endpoint: check that base_url is the address that /Users is appended to, for example https://example.com/scim/v2."
	}
}

const (
	maxHeaders      = 30
	maxHeaderLength = 120
)

// secretive are parts of names of headers whose values are not shown.
var secretive = []string{"cookie", "token", "secret", "key", "authorization", "session", "credential", "password"}

// headersOf shows an answer's headers, without what may be a secret.
func (c *client) headersOf(header http.Header) []string {
	var lines []string
	for name, values := range header {
		value := shortened(c.redact(strings.Join(values, ", ")))
		if runes := []rune(value); len(runes) > maxHeaderLength {
			value = string(runes[:maxHeaderLength-1]) + "…"
		}
		hides := func(part string) bool { return strings.Contains(strings.ToLower(name), part) }
		if slices.ContainsFunc(secretive, hides) {
			value = secret.Mask
		}
		lines = append(lines, name+": "+value)
	}
	slices.Sort(lines)
	return lines[:min(len(lines), maxHeaders)]
}
