package adversary

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

const (
	// pause is what a busy server asks for.
	pause = 20 * time.Second
	// slowness is how long the slow server takes.
	slowness = 5 * time.Second
)

// gaps are how many requests pass between two that go wrong, over and over: no rhythm that a client could fall into.
var gaps = [...]int{13, 17, 11, 19}

// strikes reports whether this request is one of those that go wrong, at most limit of them; 0: as many as come.
func (s *Server) strikes(limit int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.requests < s.next || limit > 0 && s.struck >= limit {
		return false
	}
	s.next = s.requests + gaps[s.struck%len(gaps)]
	s.struck++
	return true
}

// intercepted answers requests that do not get through to the server.
func (s *Server) intercepted(w http.ResponseWriter, r *http.Request) bool {
	switch s.mode {
	case Slow:
		wait(r, slowness)
	case ResetBefore:
		if s.strikes(0) {
			panic(http.ErrAbortHandler)
		}
	case BusySeconds:
		return s.busy(w, http.StatusTooManyRequests, "20", 0)
	case BusyDate:
		return s.busy(w, http.StatusTooManyRequests, time.Now().Add(pause).UTC().Format(http.TimeFormat), 0)
	case BusyForYears:
		return s.busy(w, http.StatusTooManyRequests, "99999999", 2)
	case BusyNonsense:
		return s.busy(w, http.StatusTooManyRequests, "soon; or -5", 0)
	case BusySilent:
		return s.busy(w, http.StatusTooManyRequests, "", 0)
	case Unavailable:
		return s.busy(w, http.StatusServiceUnavailable, "", 0)
	case UnavailableDate:
		return s.busy(w, http.StatusServiceUnavailable, time.Now().Add(pause).UTC().Format(http.TimeFormat), 0)
	case RedirectSameHost:
		if rest, ok := strings.CutPrefix(r.URL.EscapedPath(), Prefix); ok && !strings.HasPrefix(rest, "/v2.1/") {
			return redirect(w, r, Prefix+"/v2.1"+rest)
		}
	case RedirectOtherHost:
		return redirect(w, r, "http://evil.example"+r.URL.EscapedPath())
	case RedirectLoop:
		return redirect(w, r, r.URL.EscapedPath())
	case HTMLForEverything:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!doctype html><title>Sign in</title>")
		return true
	case EndlessBody:
		if r.Method == http.MethodGet && r.URL.Query().Get("filter") != "" {
			endless(w)
			return true
		}
	}
	return false
}

func wait(r *http.Request, how time.Duration) {
	timer := time.NewTimer(how)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

func (s *Server) busy(w http.ResponseWriter, status int, retryAfter string, limit int) bool {
	if !s.strikes(limit) {
		return false
	}
	if retryAfter != "" {
		w.Header().Set("Retry-After", retryAfter)
	}
	http.Error(w, "come back later", status)
	return true
}

func redirect(w http.ResponseWriter, r *http.Request, to string) bool {
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusTemporaryRedirect)
	return true
}

// endless sends a list that does not end, until nobody listens.
func endless(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/scim+json")
	_, _ = io.WriteString(w, `{"schemas":["`+listURN+`"],"totalResults":1,"Resources":[`)
	piece := []byte(strings.Repeat(" ", 1<<20))
	for {
		if _, err := w.Write(piece); err != nil {
			return
		}
	}
}

// send lets an answer travel, and spoils it on its way.
func (s *Server) send(w http.ResponseWriter, r *http.Request, recorded *httptest.ResponseRecorder) {
	switch {
	case s.on(ResetAfter) && s.strikes(0):
		panic(http.ErrAbortHandler)
	case s.on(NeverAnswers) && s.strikes(0):
		<-r.Context().Done()
	case s.on(GatewayError) && s.strikes(0):
		http.Error(w, "bad gateway", http.StatusBadGateway)
	case s.on(Truncated) && recorded.Body.Len() > 0 && s.strikes(0):
		w.Header().Set("Content-Type", "application/scim+json")
		w.Header().Set("Content-Length", "100000")
		w.WriteHeader(recorded.Code)
		_, _ = w.Write(recorded.Body.Bytes()[:recorded.Body.Len()/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	default:
		copyTo(w, recorded)
	}
}
