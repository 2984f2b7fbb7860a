package scim_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"net"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/pace"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// step is one answer of a script.
type step struct {
	status int
	header [2]string
	body   string
	err    error
	// silent never answers.
	silent bool
}

// script answers the n-th request with its n-th step, and the last for ever.
type script struct {
	steps []step

	mu   sync.Mutex
	seen []string
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	at := s.steps[min(len(s.seen), len(s.steps)-1)]
	body := ""
	if r.Body != nil {
		sent, _ := io.ReadAll(r.Body)
		body = " " + string(sent)
	}
	s.seen = append(s.seen, r.Method+body)
	s.mu.Unlock()
	switch {
	case at.silent:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case at.err != nil:
		return nil, at.err
	}
	response := &http.Response{StatusCode: at.status, Header: http.Header{"Content-Type": {"application/scim+json"}},
		Body: io.NopCloser(strings.NewReader(at.body)), Request: r}
	if at.header[0] != "" {
		response.Header.Set(at.header[0], at.header[1])
	}
	return response, nil
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

func newScripted(t *testing.T, steps ...step) (*scim.Connector, *script) {
	t.Helper()
	s := &script{steps: steps}
	c, err := scim.New(scim.Options{BaseURL: "https://app.example.com/scim", BearerToken: secret.New(token), RateLimit: unlimited, Transport: s})
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

func getUser(ctx context.Context, c *scim.Connector) error {
	_, err := c.Get(ctx, directory.User, "1", []string{"userName"})
	return err
}

func write(kind connector.OperationKind) func(context.Context, *scim.Connector) error {
	operation := connector.Operation{ID: "1", Kind: kind, Type: directory.User, Changes: []connector.Change{set("userName", text("ada"))}}
	if kind != connector.Create {
		operation.Target = "1"
	}
	return func(ctx context.Context, c *scim.Connector) error {
		return c.Apply(ctx, []connector.Operation{operation})[0].Err
	}
}

const okUser = `{"id":"1","userName":"ada"}`

var (
	reset   = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	refused = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
)

// TestRetries is the policy of design.md 7: what is repeated, how often, after how long, and what the caller hears.
func TestRetries(t *testing.T) {
	t.Parallel()
	status := func(status int) step { return step{status: status} }
	after := func(status int, wait string) step {
		return step{status: status, header: [2]string{"Retry-After", wait}}
	}
	fine := step{status: 200, body: okUser}
	// The fake clock of synctest begins here.
	begin := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name     string
		do       func(context.Context, *scim.Connector) error
		steps    []step
		requests int
		// min and max bound the time it takes.
		min, max time.Duration
		kind     directory.ErrorKind
		code     string
		unknown  bool
		wait     time.Duration
	}{
		{name: "read after a reset", do: getUser, steps: []step{{err: reset}, fine}, requests: 2, min: 250 * time.Millisecond, max: 750 * time.Millisecond},
		{name: "read after two 502", do: getUser, steps: []step{status(502), status(502), fine}, requests: 3, min: 750 * time.Millisecond, max: 2250 * time.Millisecond},
		{name: "read after three 500", do: getUser, steps: []step{status(500)}, requests: 3, min: 750 * time.Millisecond, max: 2250 * time.Millisecond,
			kind: directory.Transient, code: "InternalServerError"},
		{name: "read without answer", do: getUser, steps: []step{{silent: true}}, requests: 3, min: 180 * time.Second, max: 183 * time.Second,
			kind: directory.Transient, code: "Timeout"},
		{name: "read when refused", do: getUser, steps: []step{{err: refused}}, requests: 3, max: 3 * time.Second,
			kind: directory.Transient, code: "WebExceptionProtocolError"},
		{name: "read after 408", do: getUser, steps: []step{status(408), fine}, requests: 2, min: 250 * time.Millisecond, max: 750 * time.Millisecond},
		{name: "create 408", do: write(connector.Create), steps: []step{status(408), fine}, requests: 1, kind: directory.Transient, code: "Timeout", unknown: true},
		{name: "read after 425", do: getUser, steps: []step{status(425), fine}, requests: 2, min: 250 * time.Millisecond, max: 750 * time.Millisecond},
		{name: "read 501", do: getUser, steps: []step{status(501)}, requests: 1, kind: directory.Unsupported, code: "NotImplemented"},
		{name: "read 400", do: getUser, steps: []step{status(400)}, requests: 1, kind: directory.Invalid, code: "SystemForCrossDomainIdentityManagementServiceIncompatible"},

		{name: "create after 429 with seconds", do: write(connector.Create), steps: []step{after(429, "7"), fine}, requests: 2, min: 7 * time.Second, max: 7 * time.Second},
		{name: "create after 429 with a date", do: write(connector.Create), steps: []step{after(429, begin.Add(9*time.Second).Format(http.TimeFormat)), fine},
			requests: 2, min: 9 * time.Second, max: 9 * time.Second},
		{name: "create after 429 with a date in the past", do: write(connector.Create), steps: []step{after(429, begin.Add(-time.Hour).Format(http.TimeFormat)), fine},
			requests: 2, max: time.Second},
		{name: "always throttled with a date in the past", do: getUser, steps: []step{after(429, begin.Add(-time.Hour).Format(http.TimeFormat))}, requests: 6,
			min: time.Second, max: time.Minute, kind: directory.Throttled, code: "TooManyRequests"},
		{name: "create after 429 alone", do: write(connector.Create), steps: []step{status(429), fine}, requests: 2, max: time.Second},
		// Whoever is renamed is read afterwards.
		{name: "update after 503 with Retry-After", do: write(connector.Update), steps: []step{after(503, "3"), status(204)}, requests: 3, min: 3 * time.Second, max: 3 * time.Second},
		// The first one that is deleted is looked for afterwards.
		{name: "delete after 413 with Retry-After", do: write(connector.Delete), steps: []step{after(413, "3"), status(204), status(404)}, requests: 3, min: 3 * time.Second, max: 3 * time.Second},
		{name: "read always throttled", do: getUser, steps: []step{after(429, "5")}, requests: 6, min: 25 * time.Second, max: 25 * time.Second,
			kind: directory.Throttled, code: "TooManyRequests", wait: 5 * time.Second},
		{name: "throttled for too long", do: write(connector.Create), steps: []step{after(429, "3600")}, requests: 1,
			kind: directory.Throttled, code: "TooManyRequests", wait: time.Hour},

		// A write whose answer was lost is never repeated.
		{name: "create after a reset", do: write(connector.Create), steps: []step{{err: reset}, fine}, requests: 1,
			kind: directory.Transient, code: "WebExceptionProtocolError", unknown: true},
		{name: "create 502", do: write(connector.Create), steps: []step{status(502), fine}, requests: 1,
			kind: directory.Transient, code: "InternalServerError", unknown: true},
		{name: "create 503 alone", do: write(connector.Create), steps: []step{status(503), fine}, requests: 1,
			kind: directory.Transient, code: "InternalServerError", unknown: true},
		{name: "create without answer", do: write(connector.Create), steps: []step{{silent: true}}, requests: 1, min: time.Minute, max: time.Minute,
			kind: directory.Transient, code: "Timeout", unknown: true},
		{name: "update after a reset", do: write(connector.Update), steps: []step{{err: io.ErrUnexpectedEOF}, fine}, requests: 1,
			kind: directory.Transient, code: "WebExceptionProtocolError", unknown: true},
		{name: "delete after a reset", do: write(connector.Delete), steps: []step{{err: reset}, fine}, requests: 1,
			kind: directory.Transient, code: "WebExceptionProtocolError", unknown: true},
		// What never left is known not to have happened.
		{name: "create when refused", do: write(connector.Create), steps: []step{{err: refused}}, requests: 1,
			kind: directory.Transient, code: "WebExceptionProtocolError"},
		// Deleting what is gone answers 500 on some servers; a read tells.
		{name: "delete 500 of what is gone", do: write(connector.Delete), steps: []step{status(500), status(404)}, requests: 2},
		{name: "delete 500 of what is there", do: write(connector.Delete), steps: []step{status(500), fine}, requests: 2,
			kind: directory.Transient, code: "InternalServerError", unknown: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, s := newScripted(t, test.steps...)
				start := time.Now()
				err := test.do(t.Context(), c)
				if took := time.Since(start); took < test.min || took > test.max {
					t.Errorf("took %v, want %v to %v", took, test.min, test.max)
				}
				if s.count() != test.requests {
					t.Errorf("%d requests, want %d: %q", s.count(), test.requests, s.seen)
				}
				wait := time.Duration(0)
				if told, ok := errors.AsType[*directory.Error](err); ok {
					wait = told.RetryAfter
				}
				if directory.KindOf(err) != test.kind || directory.CodeOf(err) != test.code || directory.OutcomeUnknown(err) != test.unknown || wait != test.wait {
					t.Errorf("got %q %q unknown %v wait %v (%v)\nwant %q %q unknown %v wait %v", directory.KindOf(err), directory.CodeOf(err),
						directory.OutcomeUnknown(err), wait, err, test.kind, test.code, test.unknown, test.wait)
				}
				for _, repeated := range s.seen[1:] {
					if strings.HasPrefix(repeated, "P") && repeated != s.seen[0] {
						t.Errorf("repeated %q as %q", s.seen[0], repeated)
					}
				}
			})
		})
	}
}

// TestBackoffHonoursTheContext: neither the pause a target asks for nor a back-off outlives the caller.
func TestBackoffHonoursTheContext(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]step{
		"throttled": {status: 429, header: [2]string{"Retry-After", "60"}},
		"silent":    {silent: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, s := newScripted(t, first)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				start := time.Now()
				err := write(connector.Create)(ctx, c)
				if !errors.Is(err, context.DeadlineExceeded) || directory.KindOf(err) != directory.Transient || s.count() != 1 {
					t.Errorf("%d requests, %v", s.count(), err)
				}
				if took := time.Since(start); took != 5*time.Second {
					t.Errorf("took %v", took)
				}
				// A refused request did not happen; one without answer may have.
				if directory.OutcomeUnknown(err) != (name == "silent") {
					t.Errorf("outcome unknown: %v", directory.OutcomeUnknown(err))
				}
			})
		})
	}
}

// TestLongPause: a pause too long to wait for is kept all the same, by sending nothing until it is over.
func TestLongPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := newScripted(t, step{status: 429, header: [2]string{"Retry-After", "3600"}}, step{status: 200, body: okUser})
		start := time.Now()
		first := getUser(t.Context(), c)
		time.Sleep(10 * time.Minute)
		err := write(connector.Create)(t.Context(), c)
		told, _ := errors.AsType[*directory.Error](err)
		if directory.KindOf(first) != directory.Throttled || directory.KindOf(err) != directory.Throttled || told.RetryAfter != 50*time.Minute || told.OutcomeUnknown {
			t.Errorf("got %v and %v", first, err)
		}
		if took := time.Since(start); took != 10*time.Minute || s.count() != 1 {
			t.Errorf("took %v with %d requests", took, s.count())
		}
		time.Sleep(50 * time.Minute)
		if err := getUser(t.Context(), c); err != nil {
			t.Errorf("after the pause: %v", err)
		}
	})
}

// TestCancelledBatch: what was under way may have happened, what was not started has not.
func TestCancelledBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{silent: true}}}
		c, err := scim.New(scim.Options{BaseURL: "https://app.example.com", BearerToken: secret.New(token),
			RateLimit: pace.Limit{RequestsPerSecond: 1000, Concurrency: 2}, Transport: s, Bulk: "off"})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		operations := make([]connector.Operation, 5)
		for i := range operations {
			operations[i] = connector.Operation{ID: fmt.Sprint(i), Kind: connector.Create, Type: directory.User, Changes: []connector.Change{set("userName", text("u"))}}
		}
		unknown := 0
		for _, outcome := range c.Apply(ctx, operations) {
			if !errors.Is(outcome.Err, context.DeadlineExceeded) {
				t.Errorf("outcome %v", outcome.Err)
			}
			if directory.OutcomeUnknown(outcome.Err) {
				unknown++
			}
		}
		if unknown != 2 || s.count() != 2 {
			t.Errorf("%d unknown outcomes and %d requests, want 2 and 2", unknown, s.count())
		}
	})
}

// TestRateLimit: requests wait for their turn, whoever sends them.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 201, body: `{"id":"1","userName":"u"}`}}}
		c, err := scim.New(scim.Options{BaseURL: "https://app.example.com", BearerToken: secret.New(token), Transport: s, Bulk: "off"})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		operations := make([]connector.Operation, 125)
		for i := range operations {
			operations[i] = connector.Operation{ID: fmt.Sprint(i), Kind: connector.Create, Type: directory.User, Changes: []connector.Change{set("userName", text("u"))}}
		}
		c.Apply(t.Context(), operations)
		// 25 at once, then 25 a second (scim-client.md 14).
		if took := time.Since(start).Round(10 * time.Millisecond); took != 4*time.Second {
			t.Errorf("125 requests took %v, want 4s", took)
		}
	})
}

// TestAnswerTooLarge: memory is bounded, whatever a target sends.
func TestAnswerTooLarge(t *testing.T) {
	t.Parallel()
	endless := roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Request: r, Body: io.NopCloser(io.LimitReader(zeros{}, 65<<20))}, nil
	})
	c, err := scim.New(scim.Options{BaseURL: "https://app.example.com", BearerToken: secret.New(token), Transport: endless})
	if err != nil {
		t.Fatal(err)
	}
	if err := getUser(t.Context(), c); directory.KindOf(err) != directory.Incompatible || !strings.Contains(err.Error(), "more than 64 MiB") {
		t.Errorf("got %v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	copy(p, bytes.Repeat([]byte{' '}, len(p)))
	return len(p), nil
}
