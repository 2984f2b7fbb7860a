package scim

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Codes of engine.md 24 that have no HTTP status of their own.
const (
	codeIncompatible = "SystemForCrossDomainIdentityManagementServiceIncompatible"
	codeProbe        = "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable"
	codeAnchor       = "InvalidAnchor"
	codeTimeout      = "Timeout"
	codeProtocol     = "WebExceptionProtocolError"
	codeThrottled    = "TooManyRequests"
)

const incompatible = directory.Incompatible

// verdictGone says what is done about a resource that is not there any more.
const verdictGone = "it is matched again"

// verdict is what an answer means.
type verdict struct {
	kind directory.ErrorKind
	code string
	// next says what to do about it.
	next string
}

// verdicts by status (scim-client.md 13).
var verdicts = map[int]verdict{
	400: {directory.Invalid, codeIncompatible, "check the mappings against what the target accepts"},
	401: {directory.Unauthorised, "Unauthorized", ""}, // the credentials know (advice)
	403: {directory.Forbidden, "InsufficientRights", "give the token's owner the right to do this in the target"},
	404: {directory.Incompatible, codeIncompatible, "this does not look like a SCIM endpoint; check base_url"},
	408: {directory.Transient, codeTimeout, "it is tried again in the next cycle"}, // a gateway's
	405: {directory.Unsupported, "MethodNotAllowed", "the target cannot do this; switch the action off"},
	409: {directory.Conflict, "Conflict", "another account holds a value that must be unique; check the matching attributes"},
	412: {directory.Transient, codeProtocol, "the account was changed meanwhile; it is tried again in the next cycle"},
	413: {directory.Invalid, codeThrottled, "the request is too large for the target"},
	422: {directory.Invalid, "UnprocessableEntity", "check the mappings against what the target accepts"},
	425: {directory.Transient, codeProtocol, "it is tried again in the next cycle"},
	429: {directory.Throttled, codeThrottled, "lower the rate limit if this happens often"},
	501: {directory.Unsupported, "NotImplemented", "the target cannot do this; switch the action off"},
}

var serverFault = verdict{directory.Transient, "InternalServerError", "it is tried again in the next cycle; if it stays, ask the target's administrator"}

func verdictOf(status int) verdict {
	if v, ok := verdicts[status]; ok {
		return v
	}
	switch {
	case status >= 500:
		return serverFault
	case status >= 400:
		return verdict{directory.Invalid, codeProtocol, "ask the target's administrator what it means"}
	default:
		return verdict{directory.Incompatible, codeIncompatible, "this does not look like a SCIM endpoint; check base_url"}
	}
}

// refusal is the part of an error that only this package looks at.
type refusal struct {
	status   int
	scimType string
	// from is the answer.
	from *answer
}

func (r refusal) Error() string { return strings.TrimSpace(strconv.Itoa(r.status) + " " + r.scimType) }

// refused returns the status and scimType the target answered with.
func refused(err error) (refusal, bool) { return errors.AsType[refusal](err) }

// judge turns every answer that is no success into an error.
func (c *client) judge(r request, a answer) (answer, error) {
	told, isError := a.error()
	status := a.status
	if status >= 200 && status < 300 {
		if !isError && !r.write() && !utf8.Valid(a.body) {
			// Read all the same, a name would be another one (RFC 8259 8.1).
			return answer{}, c.incompatibleAnswer(r, a, fmt.Sprintf("text that is not UTF-8 (its Content-Type is %s)", c.excerptOf(a.header.Get("Content-Type"))))
		}
		if !isError {
			return a, nil
		}
		// Seen in the field: a bad token answered 200 with an error body.
		if status = told.status(); status < 400 {
			return answer{}, c.incompatibleAnswer(r, a, "an error message")
		}
	}
	v := verdictOf(status)
	_, waits := retryAfter(a.header, c.now())
	switch {
	case status == http.StatusUnauthorized:
		v.next = c.credentials.advice()
	case r.byID && (status == http.StatusNotFound || status == http.StatusGone):
		v = verdict{directory.NotFound, codeAnchor, verdictGone}
	case strings.EqualFold(told.ScimType, "uniqueness"):
		v = verdicts[http.StatusConflict]
	case strings.EqualFold(told.ScimType, "invalidFilter"):
		v.next = "the target cannot search by this attribute; choose another matching attribute"
	case waits && (status == http.StatusServiceUnavailable || status == http.StatusRequestEntityTooLarge):
		v = verdicts[http.StatusTooManyRequests]
	}
	what := fmt.Sprintf("answered %d", a.status)
	if a.status != status {
		what += fmt.Sprintf(" with error %d inside", status)
	}
	if excerpt := c.excerpt(a, told); excerpt != "" {
		what += " (" + excerpt + ")"
	}
	err := c.failure(r, a.path, v, what+"; "+v.next)
	err.Err = refusal{status: status, scimType: told.ScimType, from: &a}
	if v.kind == directory.Throttled {
		err.RetryAfter, _ = retryAfter(a.header, c.now())
	}
	// A gateway's 502 says nothing about what happened behind it, and neither does its 408.
	err.OutcomeUnknown = r.write() && v.kind == directory.Transient && (status >= 500 || status == http.StatusRequestTimeout)
	return answer{}, err
}

// incompatibleAnswer is the error for a success that cannot be read: when it answers a write, nobody knows
// whether the write happened. with says what came back.
func (c *client) incompatibleAnswer(r request, a answer, with string) *directory.Error {
	what := fmt.Sprintf("answered %d with %s; the target does not follow SCIM here, ask its vendor", a.status, with)
	if isHTML(a) {
		what = fmt.Sprintf("answered text/html instead of %s: this does not look like a SCIM endpoint; check base_url", mediaType)
	}
	err := c.failure(r, a.path, verdict{kind: incompatible, code: codeIncompatible}, what)
	err.OutcomeUnknown, err.Err = r.write(), unreadable{&a}
	return err
}

// failure builds an error. The message names the request without its query, which holds personal data.
func (c *client) failure(r request, path string, v verdict, what string) *directory.Error {
	return &directory.Error{Kind: v.kind, Code: v.code, Message: fmt.Sprintf("%s %s: %s", r.method, c.redact(path), what)}
}

// transportError says why there is no answer.
func (c *client) transportError(r request, target *url.URL, cause error) *directory.Error {
	if outer, ok := errors.AsType[*url.Error](cause); ok {
		// Its message repeats the whole URL, query included.
		cause = outer.Err
	}
	paused, isPaused := errors.AsType[*pausedError](cause)
	tokenless, isTokenless := errors.AsType[*tokenError](cause)
	var v verdict
	var what string
	switch {
	case isPaused:
		v = verdict{kind: directory.Throttled, code: codeThrottled}
		what = fmt.Sprintf("not sent: the target asked for a pause that lasts another %v", paused.wait.Round(time.Second))
	case isTokenless:
		v, what = verdict{kind: tokenless.kind, code: tokenless.code}, "not sent: "+tokenless.message
	default:
		v, what = c.unanswered(cause, target.Host, settingBaseURL)
	}
	err := c.failure(r, target.EscapedPath(), v, what)
	err.Err = cause
	err.OutcomeUnknown = r.write() && !unsent(cause)
	if isPaused {
		err.RetryAfter = paused.wait
	}
	if isTokenless {
		err.RetryAfter = tokenless.retryAfter
	}
	return err
}

// unanswered says what it means that host did not answer, and which setting to check.
func (c *client) unanswered(cause error, host, setting string) (verdict, string) {
	v, what := verdict{kind: directory.Transient, code: codeProtocol}, ""
	dns, isDNS := errors.AsType[*net.DNSError](cause)
	certificate, isCertificate := errors.AsType[*tls.CertificateVerificationError](cause)
	tooLarge, isTooLarge := errors.AsType[*tooLargeError](cause)
	proxy, isProxy := errors.AsType[*proxyError](cause)
	alert, isAlert := tlsAlert(cause)
	if throughProxy(cause) {
		host, setting = "the proxy", settingProxy
	}
	switch {
	case errors.Is(cause, context.Canceled) || errors.Is(cause, context.DeadlineExceeded):
		what = fmt.Sprintf("was given up: %v", cause)
	case errors.Is(cause, errTimeout):
		v.code = codeTimeout
		what = fmt.Sprintf("no answer within %v; raise timeout_seconds if the target is slow", c.timeout)
	case errors.Is(cause, errTooDeep):
		v = verdict{kind: incompatible, code: codeIncompatible}
		what = fmt.Sprintf("answered JSON that is nested deeper than %d; check base_url", maxDepth)
	case isTooLarge:
		v = verdict{kind: incompatible, code: codeIncompatible}
		what = fmt.Sprintf("answered more than %s; check %s", size(tooLarge.limit), setting)
	case isProxy:
		v, what = proxy.verdict()
	case isCertificate:
		v.kind = directory.Invalid
		why, remedy := distrusted(certificate, setting)
		what = fmt.Sprintf("the certificate of %s is not accepted: %s; %s", host, c.redact(why), remedy)
	case isAlert:
		v, what = alertVerdict(alert, host)
	case refusesTLS(cause):
		v.kind = directory.Invalid
		what = fmt.Sprintf("%s does not speak TLS on this port; check %s", host, setting)
	case isDNS:
		what = fmt.Sprintf("the host %s cannot be found (%s); check %s", dns.Name, dns.Err, setting)
	case unsent(cause):
		what = fmt.Sprintf("cannot connect to %s (%s); check %s and that %s is running", host, c.redact(cause.Error()), setting, ofSetting(setting))
	default:
		what = fmt.Sprintf("the connection was lost (%s)", c.redact(cause.Error()))
	}
	return v, what
}

// The settings with the addresses of the hosts that a connection speaks to.
const (
	settingBaseURL  = "base_url"
	settingTokenURL = "oauth2.token_url"
	settingProxy    = "proxy.url (or HTTPS_PROXY)"
)

// ofSetting names what is at the address of a setting.
func ofSetting(setting string) string {
	switch setting {
	case settingTokenURL:
		return "the token endpoint"
	case settingProxy:
		return "the proxy"
	default:
		return "the target"
	}
}

// excerptLength keeps messages readable, and the target's data out of logs.
const excerptLength = 200

// excerpt is what the target itself said about an error.
func (c *client) excerpt(a answer, told scimError) string {
	text := told.Detail
	switch {
	case isHTML(a):
		return "text/html instead of " + mediaType
	case text == "" && told.ScimType == "":
		text = string(a.body)
	}
	if told.ScimType != "" {
		text = strings.TrimSuffix(told.ScimType+": "+text, ": ")
	}
	return c.excerptOf(text)
}

// excerptOf makes a short line of what somebody else wrote.
func (c *client) excerptOf(text string) string {
	text = c.redact(strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " "))
	if utf8.RuneCountInString(text) > excerptLength {
		text = string([]rune(text)[:excerptLength-1]) + "…"
	}
	return text
}

// redact removes secrets from text that somebody else wrote: the target may echo them.
func (c *client) redact(text string) string { return c.mask.redact(text) }

func isHTML(a answer) bool {
	return a.contentType == "text/html" || bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("<"))
}
