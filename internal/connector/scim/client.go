package scim

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/net/http/httpguts"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/pace"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

const (
	mediaType = "application/scim+json"
	// defaultMaxBody holds a page of groups whose members are delivered although nobody asked for them.
	defaultMaxBody = 64 << 20
	// maxErrorBody is more of an error than anybody is shown.
	maxErrorBody = 1 << 20
	maxRedirects = 5
)

// client sends requests to one target and turns what comes back into answers and errors.
type client struct {
	base        *url.URL
	credentials credentials
	// lacking says why nothing can be sent, empty when something can.
	lacking string
	mask    *mask
	// extra headers go with every request, in place of those of the wire profile.
	extra     []header
	userAgent string
	timeout   time.Duration
	// maxBody is how many bytes an answer may have, unpacked.
	maxBody   int64
	transport http.RoundTripper
	// tokenTransport reaches the token endpoint.
	tokenTransport http.RoundTripper
	logger         *slog.Logger
	now            func() time.Time
	// jitter returns a number in [0, 1).
	jitter func() float64
	pacer  *pace.Pacer
	// learned is what was found out about the target.
	learned *knowledge
	// headers of the wire profile go with every request.
	headers []header
	// reading is what is remembered of lists and searches.
	reading *reading
	// notFoundIsEmpty takes an error on a search for "nobody" (scim-client.md 17, row 16).
	notFoundIsEmpty bool
	http            *retryablehttp.Client
}

// request is one request, without the parts that all have in common.
type request struct {
	method string
	// path is escaped and begins with a slash; it follows the base URL.
	path  string
	query string
	body  any
	// lean says that members are of no interest: they are dropped while the answer is read.
	lean bool
	// byID says that the path names one resource, so that 404 means that there is none.
	byID bool
	// match is the version a write is meant for, empty for any (RFC 7644 3.14).
	match string
}

// write reports whether the request changes something, so that a lost answer leaves the outcome unknown.
func (r request) write() bool { return r.method != http.MethodGet }

// answer is what came back, complete.
type answer struct {
	status      int
	contentType string
	header      http.Header
	body        []byte
	// path is where the answer came from, for messages.
	path string
	// authorization is what the request was sent with.
	authorization secret.Text
}

// send returns a successful answer (2xx), or an error of a known kind.
func (c *client) send(ctx context.Context, r request) (answer, error) {
	if c.lacking != "" {
		return answer{}, invalid("", "%s", c.lacking)
	}
	var body []byte
	if r.body != nil {
		encoded, err := encode(r.body)
		if err != nil {
			return answer{}, err
		}
		body = encoded
	}
	target := c.url(r)
	for range maxRedirects {
		response, err := c.exchange(ctx, r, target, body)
		if err == nil && response.unauthorised() && c.credentials.renew(response.authorization) {
			// A refused request did nothing, so that it can be repeated.
			response, err = c.exchange(ctx, r, target, body)
		}
		if err != nil {
			return answer{}, c.transportError(r, target, err)
		}
		if !isRedirect(response.status) {
			return c.judge(r, response)
		}
		if target, err = c.redirected(r, target, response); err != nil {
			return answer{}, err
		}
	}
	return answer{}, c.failure(r, target.EscapedPath(), verdict{kind: incompatible, code: codeIncompatible},
		fmt.Sprintf("was redirected more than %d times; check base_url", maxRedirects))
}

func (c *client) url(r request) *url.URL {
	target := *c.base
	target.RawPath = c.base.EscapedPath() + r.path
	// The path was put together from escaped parts, so it can be unescaped.
	target.Path, _ = url.PathUnescape(target.RawPath)
	target.RawQuery = r.query
	return &target
}

// exchange sends one request, with the retries of the policy.
func (c *client) exchange(ctx context.Context, r request, target *url.URL, body []byte) (answer, error) {
	var payload any
	if body != nil {
		payload = body
	}
	tries := &attempts{write: r.write(), lean: r.lean}
	ctx = context.WithValue(ctx, attemptsKey{}, tries)
	sent, err := retryablehttp.NewRequestWithContext(ctx, r.method, target.String(), payload)
	if err != nil {
		return answer{}, err
	}
	sent.Header.Set("Accept", mediaType)
	sent.Header.Set("User-Agent", c.userAgent)
	// A version from a body may hold anything; without it a target that wants one says so.
	if r.match != "" && httpguts.ValidHeaderFieldValue(r.match) {
		sent.Header.Set("If-Match", r.match)
	}
	for _, line := range c.headers {
		sent.Header.Set(line.name, line.value)
	}
	if body != nil {
		sent.Header.Set("Content-Type", mediaType+"; charset=utf-8")
	}
	// The connection has the last word; what the protocol needs is not among them (checkHeaders).
	for _, line := range c.extra {
		sent.Header.Set(line.name, line.value)
	}
	response, err := c.http.Do(sent)
	if err != nil && tries.turnedAway {
		// The caller gave up during the pause before the next attempt.
		return answer{}, &notSentError{err}
	}
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	received, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	contentType, _, _ := strings.Cut(response.Header.Get("Content-Type"), ";")
	return answer{status: response.StatusCode, contentType: strings.ToLower(strings.TrimSpace(contentType)),
		header: response.Header, body: withoutBOM(received), path: target.EscapedPath(), authorization: tries.authorization}, nil
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	default:
		return false
	}
}

// redirected follows a redirect on the same host, with the same method; the token never goes elsewhere
// (scim-client.md 13).
func (c *client) redirected(r request, from *url.URL, response answer) (*url.URL, error) {
	to, err := from.Parse(response.header.Get("Location"))
	told := verdict{kind: incompatible, code: codeIncompatible}
	switch {
	case err != nil || response.header.Get("Location") == "":
		return nil, c.failure(r, response.path, told, fmt.Sprintf("answered %d without saying where to go; check base_url", response.status))
	case to.Scheme != c.base.Scheme || !strings.EqualFold(hostPort(to), hostPort(c.base)):
		return nil, c.failure(r, response.path, told, fmt.Sprintf(
			"answered %d to another host (%s), where the token is not sent; set base_url to that host if it is the right one",
			response.status, c.redact(to.Scheme+"://"+to.Host)))
	}
	// A user name in the address would become another Authorization.
	to.User, to.Fragment = nil, ""
	return to, nil
}

// hostPort is where a URL leads, with the port it means; names as the network has them (RFC 3490).
func hostPort(address *url.URL) string {
	port := address.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[address.Scheme]
	}
	host, err := httpguts.PunycodeHostPort(strings.ToLower(address.Hostname()))
	if err != nil {
		host = address.Hostname()
	}
	return net.JoinHostPort(host, port)
}
