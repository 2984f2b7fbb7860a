package scim

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
)

// paced is the transport under the retries of requests to the target: every attempt waits for its turn, gets its credentials, has its
// own time limit, is read to its end, and is logged.
type paced struct{ *client }

// RoundTrip sends one attempt.
func (p paced) RoundTrip(sent *http.Request) (*http.Response, error) {
	release, err := p.pacer.Acquire(sent.Context())
	if err != nil {
		return nil, &notSentError{err}
	}
	defer release()
	if wait := p.pacer.Suspended(); wait > 0 {
		return nil, &notSentError{&pausedError{wait}}
	}
	authorization, err := p.credentials.authorize(sent.Context())
	if err != nil {
		return nil, &notSentError{err}
	}
	sent = sent.Clone(sent.Context())
	if !authorization.IsZero() {
		sent.Header.Set("Authorization", authorization.Reveal())
	}
	if tries, ok := sent.Context().Value(attemptsKey{}).(*attempts); ok {
		tries.authorization = authorization
	}
	response, err := p.attempt(p.transport, sent, p.maxBody, "scim request")
	if err != nil {
		return nil, err
	}
	if wait, throttled := p.throttled(response); throttled && wait > maxThrottleWait {
		p.pacer.Suspend(wait)
		p.pacer.Throttled(0)
	} else if throttled || response.StatusCode == http.StatusServiceUnavailable {
		p.pacer.Throttled(wait)
	} else if response.StatusCode < http.StatusInternalServerError {
		p.pacer.Succeeded()
	}
	return response, nil
}

// attempt sends a request once, within the time limit, and returns the answer with its whole body.
func (c *client) attempt(transport http.RoundTripper, sent *http.Request, limit int64, what string) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(sent.Context(), c.timeout)
	defer cancel()
	started := c.now()
	response, err := whole(transport, sent.WithContext(ctx), limit)
	record := []any{slog.String("method", sent.Method), slog.String("path", c.redact(sent.URL.EscapedPath())),
		slog.Duration("took", c.now().Sub(started))}
	if err != nil {
		if sent.Context().Err() == nil && ctx.Err() != nil {
			err = errTimeout
		}
		c.logger.DebugContext(ctx, what+" failed", append(record, slog.String("error", c.redact(err.Error())))...)
		return nil, err
	}
	c.logger.DebugContext(ctx, what+" answered", append(record, slog.Int("status", response.StatusCode))...)
	if _, err := sent.URL.Parse(response.Header.Get("Location")); err != nil {
		// The library takes a place that is none for a lost connection; one that is not there, it hands on.
		response.Header.Del("Location")
	}
	return response, nil
}

// whole reads an answer to its end. One that is longer than limit is refused, before it is read when it says so; the length of a
// packed one is known when it is unpacked. Of an error only the beginning matters.
func whole(transport http.RoundTripper, sent *http.Request, limit int64) (*http.Response, error) {
	response, err := transport.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		limit = min(limit, maxErrorBody)
	} else if tries, ok := sent.Context().Value(attemptsKey{}).(*attempts); ok && tries.lean {
		body, err := readLean(response.Body, max(limit, maxRaw), limit)
		if err != nil {
			return nil, fmt.Errorf("the answer broke off: %w", err)
		}
		response.Body = io.NopCloser(bytes.NewReader(body))
		return response, nil
	} else if response.ContentLength > limit {
		return nil, &tooLargeError{limit}
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("the answer broke off: %w", err)
	}
	if int64(len(body)) > limit {
		if response.StatusCode < http.StatusBadRequest {
			return nil, &tooLargeError{limit}
		}
		body = body[:limit]
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// tooLargeError says that an answer has more bytes than the limit.
type tooLargeError struct{ limit int64 }

func (e *tooLargeError) Error() string { return "the answer is larger than " + size(e.limit) }

func size(bytes int64) string {
	if bytes >= 1<<20 {
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%d bytes", bytes)
}
