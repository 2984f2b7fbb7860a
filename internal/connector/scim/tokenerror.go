package scim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// tokenError says why there is no access token: nothing was sent to the target.
type tokenError struct {
	kind    directory.ErrorKind
	code    string
	message string
	// retryAfter is how long the token endpoint asked to wait, 0 when it did not.
	retryAfter time.Duration
	// cause may be nil.
	cause error
}

func (e *tokenError) Error() string { return e.message }
func (e *tokenError) Unwrap() error { return e.cause }

// tokenAdvice says what to check, by the error codes of RFC 6749 5.2, RFC 8707 2 and those that servers answer besides.
var tokenAdvice = map[string]string{
	"invalid_client":         "check oauth2.client_id and oauth2.client_secret_wo, or oauth2.private_key_wo and oauth2.key_id",
	"invalid_grant":          "check the client's credentials and what the token endpoint allows it",
	"unauthorized_client":    "allow the client the client credentials grant",
	"unsupported_grant_type": "the token endpoint does not offer the client credentials grant; check token_url",
	"invalid_scope":          "check oauth2.scopes",
	"invalid_target":         "check oauth2.token_parameters (audience, resource)",
	"invalid_request":        "check oauth2.client_authentication, oauth2.scopes and oauth2.token_parameters",
	"access_denied":          "allow the client the client credentials grant",
}

// passingTokenCodes are error codes for something that passes.
var passingTokenCodes = []string{"temporarily_unavailable", "server_error"}

// refuse is a definite no of the token endpoint: the connection's credentials do not work (engine.md 17, 401).
func (s *tokenSource) refuse(what string) *tokenError {
	return &tokenError{kind: directory.Unauthorised, code: verdicts[http.StatusUnauthorized].code,
		message: fmt.Sprintf("no access token: the token endpoint %s %s", s.client.redact(s.endpoint), what)}
}

// explain says what a failed token request means.
func (s *tokenSource) explain(err error) *tokenError {
	if told, ok := errors.AsType[*tokenError](err); ok {
		return told
	}
	if answered, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return s.explainAnswer(answered)
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		return s.explainTransport(outer.Err)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return s.explainTransport(err)
	}
	return s.refuse("answered with something that is no token; check oauth2.token_url")
}

func (s *tokenSource) explainAnswer(answered *oauth2.RetrieveError) *tokenError {
	status := answered.Response.StatusCode
	what := fmt.Sprintf("answered %d", status)
	advice := "check oauth2.token_url"
	if code := answered.ErrorCode; code != "" {
		what += " " + s.client.excerptOf(code)
		if answered.ErrorDescription != "" {
			what += " (" + s.client.excerptOf(answered.ErrorDescription) + ")"
		}
		if advice = tokenAdvice[code]; advice == "" {
			advice = "ask the administrator of the token endpoint what it means"
		}
		if code == "invalid_client" && s.signer != nil {
			advice = "check client_id, key_id and audience, and that the token endpoint knows the public key"
		}
	} else if status == http.StatusUnauthorized {
		advice = tokenAdvice["invalid_client"]
	}
	if isRedirect(status) || status == http.StatusSeeOther {
		return s.refuse(what + ", a redirect, which is not followed with credentials; set oauth2.token_url to the address it leads to")
	}
	wait, throttled := s.client.throttled(answered.Response)
	passing := status >= http.StatusInternalServerError && status != http.StatusNotImplemented
	for _, code := range passingTokenCodes {
		passing = passing || answered.ErrorCode == code
	}
	told := s.refuse(what + "; " + advice)
	switch {
	case throttled:
		told.kind, told.code, told.retryAfter = directory.Throttled, codeThrottled, wait
		told.message = strings.TrimSuffix(told.message, advice) + "it asks for fewer requests"
	case passing:
		told.kind, told.code = directory.Transient, serverFault.code
		told.message = strings.TrimSuffix(told.message, "; "+advice) + "; it is tried again in the next cycle"
	}
	return told
}

// explainTransport is about a token endpoint that did not answer.
func (s *tokenSource) explainTransport(cause error) *tokenError {
	told := s.refuse("")
	v, what := s.client.unanswered(cause, s.client.redact(s.endpoint), settingTokenURL)
	told.kind, told.code, told.cause = v.kind, v.code, cause
	told.message = "no access token from the token endpoint: " + what
	return told
}
