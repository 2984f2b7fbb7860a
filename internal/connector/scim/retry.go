package scim

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

const (
	// maxFaults is how often a read is repeated after a fault: three tries (scim-client.md 13).
	maxFaults = 2
	// maxThrottles is how often any request is repeated after it was refused for being one too many.
	maxThrottles = 5
	// maxThrottleWait is the longest pause waited for here; a longer one is the engine's to plan, and until it is
	// over nothing is sent.
	maxThrottleWait = 2 * time.Minute
	// longestPause is the longest pause that a target can ask for: a slip of its pen must not end provisioning.
	longestPause = time.Hour
	firstBackoff = 500 * time.Millisecond
	maxBackoff   = 30 * time.Second
)

var (
	errTimeout = errors.New("no answer in time")
)

// notSentError says that a request never left: waiting for its turn ended first.
type notSentError struct{ err error }

func (e *notSentError) Error() string { return e.err.Error() }
func (e *notSentError) Unwrap() error { return e.err }

// pausedError says that a request was not sent, because the target asked for a pause too long to wait for.
type pausedError struct{ wait time.Duration }

func (e *pausedError) Error() string { return "paused for " + e.wait.String() }

// attempts counts the tries of one request; the policy finds it in the request's context.
type attempts struct {
	write bool
	// lean says that members are dropped while an answer is read.
	lean              bool
	faults, throttles int
	// turnedAway says that the last attempt was refused for being one too many: nothing happened.
	turnedAway bool
	// authorization is what the last attempt was sent with.
	authorization secret.Text
}

type attemptsKey struct{}

// newRetryingClient has the policy of design.md 7: reads are repeated after faults; every request is repeated
// when the target refused it with 429, or with 503 and Retry-After; a write whose answer was lost never is.
func newRetryingClient(c *client) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     paced{c},
			CheckRedirect: stay,
		},
		RetryMax:     maxFaults + maxThrottles,
		CheckRetry:   c.checkRetry,
		Backoff:      c.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

func (c *client) checkRetry(ctx context.Context, response *http.Response, err error) (bool, error) {
	tries, _ := ctx.Value(attemptsKey{}).(*attempts)
	if tries == nil {
		return false, err
	}
	tries.turnedAway = false
	if ctx.Err() != nil {
		// The error of the attempt tells whether anything was sent.
		return false, err
	}
	if err == nil {
		if wait, throttled := c.throttled(response); throttled {
			tries.turnedAway = true
			tries.throttles++
			return wait <= maxThrottleWait && tries.throttles <= maxThrottles, nil
		}
		if !passing(response.StatusCode) {
			return false, nil
		}
	} else if !repeatable(err) {
		return false, err
	}
	tries.faults++
	return !tries.write && tries.faults <= maxFaults, err
}

// passing reports whether a status is about a fault that may be over the next time.
func passing(status int) bool {
	switch status {
	case http.StatusNotImplemented:
		return false
	case http.StatusRequestTimeout, http.StatusTooEarly:
		return true
	default:
		return status >= http.StatusInternalServerError
	}
}

// repeatable reports whether a failed attempt may end differently next time.
func repeatable(err error) bool {
	_, paused := errors.AsType[*pausedError](err)
	_, tokenless := errors.AsType[*tokenError](err) // asking for the token was repeated already
	_, tooLarge := errors.AsType[*tooLargeError](err)
	_, refused := errors.AsType[*proxyError](err)
	_, alerted := tlsAlert(err) // the other side wants no connection like this
	return !alerted && !paused && !tokenless && !tooLarge && !errors.Is(err, errTooDeep) && !refused && !refusesTLS(err)
}

// unsent reports whether a failed request certainly never reached the target.
func unsent(err error) bool {
	if _, waiting := errors.AsType[*notSentError](err); waiting {
		return true
	}
	if _, refused := errors.AsType[*proxyError](err); refused {
		return true
	}
	operation, ok := errors.AsType[*net.OpError](err)
	return ok && (operation.Op == "dial" || operation.Op == "proxyconnect") || refusesTLS(err)
}

// throughProxy reports whether an attempt ended on the way to the proxy.
func throughProxy(err error) bool {
	operation, ok := errors.AsType[*net.OpError](err)
	return ok && operation.Op == "proxyconnect"
}

func refusesTLS(err error) bool {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	return certificate || record || errors.Is(err, http.ErrSchemeMismatch)
}

// throttled reports whether an answer asks to slow down, and for how long; zero when it does not say.
func (c *client) throttled(response *http.Response) (wait time.Duration, throttled bool) {
	wait, said := retryAfter(response.Header, c.now())
	switch response.StatusCode {
	case http.StatusTooManyRequests:
		return wait, true
	case http.StatusServiceUnavailable, http.StatusRequestEntityTooLarge:
		return wait, said
	default:
		return 0, false
	}
}

// retryAfter reads Retry-After in both its forms (RFC 9110 10.2.3). A date is meant by the target's clock, which its answer tells
// (RFC 9110 6.6.1). What is in the past is no pause, and what is absurdly far is longestPause.
func retryAfter(header http.Header, now time.Time) (wait time.Duration, said bool) {
	text := strings.TrimSpace(header.Get("Retry-After"))
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(max(0, seconds), int64(longestPause/time.Second))) * time.Second, true
	}
	if when, err := http.ParseTime(text); err == nil {
		if date, err := http.ParseTime(header.Get("Date")); err == nil {
			now = date
		}
		return min(max(0, when.Sub(now)), longestPause), true
	}
	return 0, false
}

// backoff waits as long as the target asked for, or else longer each time, by half more or less.
func (c *client) backoff(_, _ time.Duration, attempt int, response *http.Response) time.Duration {
	if response != nil {
		if wait, throttled := c.throttled(response); throttled && wait > 0 {
			return wait
		}
	}
	wait := min(firstBackoff<<min(attempt, 10), maxBackoff)
	return time.Duration(float64(wait) * (0.5 + c.jitter()))
}
