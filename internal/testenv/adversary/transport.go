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
	return s.struckNow(limit)
}

// struckNow is strikes with the lock held.
func (s *Server) struckNow(limit int) bool {
	if s.requests < s.next || limit > 0 && s.struck >= limit {
		return false
	}
	s.next = s.requests + gaps[s.struck%len(gaps)]
	s.struck++
	return true
}

// intercepted answers requests that do not get through to the server.
func (s *Server) intercepted(w http.ResponseWriter, r *http.Request) bool {
	if s.on(Slow) {
		wait(r, slowness)
	}
	if s.on(StaleReads) {
		wait(r, delay)
	}
	if s.out() || s.on(ResetBefore) && s.strikes(0) {
		panic(http.ErrAbortHandler)
	}
	return s.redirected(w, r) || s.wasBusy(w) || s.nonsense(w, r)
}

// wasBusy asks whoever comes now and then to come later.
func (s *Server) wasBusy(w http.ResponseWriter) bool {
	date := time.Now().Add(pause).UTC().Format(http.TimeFormat)
	for _, b := range []struct {
		mode       Switch
		status     int
		retryAfter string
		limit      int
	}{
		{BusySeconds, http.StatusTooManyRequests, "20", 0},
		{BusyDate, http.StatusTooManyRequests, date, 0},
		{BusyForYears, http.StatusTooManyRequests, "99999999", 2},
		{BusyNonsense, http.StatusTooManyRequests, "soon; or -5", 0},
		{BusyTooLarge, http.StatusRequestEntityTooLarge, "20", 0},
		{TokenRefused, http.StatusUnauthorized, "", 0},
		{BusySilent, http.StatusTooManyRequests, "", 0},
		{Unavailable, http.StatusServiceUnavailable, "", 0},
		{UnavailableDate, http.StatusServiceUnavailable, date, 0},
	} {
		if s.on(b.mode) && s.busy(w, b.status, b.retryAfter, b.limit) {
			return true
		}
	}
	return false
}

func (s *Server) redirected(w http.ResponseWriter, r *http.Request) bool {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), Prefix)
	switch {
	case s.on(RedirectOtherHost):
		return redirect(w, r, http.StatusTemporaryRedirect, "http://evil.example"+r.URL.EscapedPath())
	case s.on(RedirectLoop):
		return redirect(w, r, http.StatusTemporaryRedirect, r.URL.EscapedPath())
	case s.on(RedirectSameHost) && ok && !strings.HasPrefix(rest, "/v2.1/"):
		return redirect(w, r, http.StatusTemporaryRedirect, Prefix+"/v2.1"+rest)
	case s.on(RedirectFound) && ok && !strings.HasPrefix(rest, "/v2.1/"):
		return redirect(w, r, http.StatusFound, Prefix+"/v2.1"+rest)
	default:
		return false
	}
}

// nonsense answers something that is no SCIM at all.
func (s *Server) nonsense(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case s.on(HTMLForEverything):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!doctype html><title>Sign in</title>")
		return true
	case s.on(EndlessBody) && r.Method == http.MethodGet && r.URL.Query().Get("filter") != "":
		endless(w)
		return true
	default:
		return false
	}
}

// journeys are how long requests and answers are on their way where they overtake each other.
var journeys = [...]time.Duration{7 * time.Millisecond, time.Millisecond, 11 * time.Millisecond, 3 * time.Millisecond, 9 * time.Millisecond, 2 * time.Millisecond}

// travel waits while something is on its way.
func (s *Server) travel(r *http.Request, which int) {
	if s.options.Overtaking {
		wait(r, journeys[which%len(journeys)])
	}
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

func redirect(w http.ResponseWriter, r *http.Request, status int, to string) bool {
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", to)
	w.WriteHeader(status)
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
