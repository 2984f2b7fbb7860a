package wikiapp

import (
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
)

// maxRequests bounds the memory of the log; the oldest half goes when it is full.
const maxRequests = 1_000_000

// Request is one SCIM request the application has answered. Query is as it was sent.
type Request struct {
	Method, Path, Query string
	Status              int
}

type entry struct {
	Request
	when    time.Time
	touched string
}

// String is a line of the log: time, what was asked, the status, and who was touched.
func (e entry) String() string {
	where := e.Path
	if e.Query != "" {
		query, err := url.QueryUnescape(e.Query)
		if err != nil {
			query = e.Query
		}
		where += "?" + query
	}
	return strings.TrimRight(fmt.Sprintf("%s  %-6s  %s  %d  %s",
		e.when.Format("15:04:05.000"), e.Method, printable(where), e.Status, printable(e.touched)), " ")
}

// printable keeps a request from forging lines of the log.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '.'
		}
		return r
	}, s)
}

type requestLog struct {
	out io.Writer

	mu      sync.Mutex
	entries []entry
}

func (l *requestLog) add(e entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.entries) >= maxRequests {
		l.entries = slices.Delete(l.entries, 0, maxRequests/2)
	}
	l.entries = append(l.entries, e)
	if l.out != nil {
		_, _ = fmt.Fprintln(l.out, e) // a full disk must not stop the application
	}
}

func (l *requestLog) all() []entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}

// Requests returns the SCIM requests answered since the start or the last ResetRequests, in the order they were answered;
// at least the last 500,000. A request is in it before its answer is sent.
func (a *App) Requests() []Request {
	all := a.requests.all()
	out := make([]Request, len(all))
	for i, e := range all {
		out[i] = e.Request
	}
	return out
}

// ResetRequests forgets the requests answered so far.
func (a *App) ResetRequests() {
	a.requests.mu.Lock()
	defer a.requests.mu.Unlock()
	a.requests.entries = nil
}
