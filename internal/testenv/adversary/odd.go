package adversary

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

const (
	// lag is how long a read shows what was there before a write, and delay how long each request takes where it does.
	lag   = 2 * time.Second
	delay = 300 * time.Millisecond
	// respite is how long a delete takes that is only accepted.
	respite = time.Minute
	// outage is how long nobody answers.
	outage = 12 * time.Hour
	// poisoned is the name of the account that nothing can be written to.
	poisoned = "p03@example.com"
)

const page = "<!doctype html><title>Not here</title>"

// closed answers what is refused before anybody looks what it is about. The lock is held.
func (s *Server) closed(r *http.Request) (answer, bool) {
	writes := r.Method != http.MethodGet && !strings.HasSuffix(r.URL.Path, "/Bulk")
	switch {
	case s.on(ForbiddenEverywhere), s.on(ReadOnly) && writes:
		return refuse(http.StatusForbidden, "", "not for you"), true
	case s.on(WritesAnswerHTML) && r.Method != http.MethodGet:
		return answer{status: http.StatusOK, body: page, header: map[string]string{"Content-Type": "text/html"}}, true
	default:
		return answer{}, false
	}
}

// oddly answers requests about one resource that are not answered as they should be. r is nil when it is not there. The lock is held.
func (s *Server) oddly(t *table, r *record, method string) (answer, bool) {
	deletes, patches := method == http.MethodDelete, method == http.MethodPatch
	switch {
	case r == nil:
		return answer{}, false
	case s.on(DeleteNotRouted) && deletes, s.on(PatchNotRouted) && patches && t == s.users, s.on(NotFoundNowAndThen) && s.struckNow(0):
		return refuse(http.StatusNotFound, "", "there is nothing here"), true
	case s.on(DeleteForbidden) && deletes:
		return refuse(http.StatusForbidden, "", "nobody may delete"), true
	case s.on(OnePoisoned) && method != http.MethodGet && strings.EqualFold(r.text(t.naming), poisoned):
		return refuse(http.StatusInternalServerError, "", "cannot read property of undefined"), true
	default:
		return answer{}, false
	}
}

// worded puts a refusal in other words.
func (s *Server) worded(a answer) answer {
	if s.on(NotFoundAsPage) && a.status == http.StatusNotFound {
		return answer{status: a.status, body: page, header: map[string]string{"Content-Type": "text/html"}}
	}
	if a.status < http.StatusBadRequest || a.status == http.StatusUnauthorized {
		return a
	}
	if s.on(ErrorsAsText) {
		return answer{status: a.status, body: "something is wrong", header: map[string]string{"Content-Type": "text/plain"}}
	}
	if s.on(RefusalsWith200) {
		a.status = http.StatusOK
	}
	return a
}

// sweep deletes what was to be deleted by now. The lock is held.
func (s *Server) sweep() {
	for _, t := range []*table{s.users, s.groups} {
		for _, r := range append([]*record(nil), t.records...) {
			if !r.doomed.IsZero() && time.Now().After(r.doomed) {
				s.drop(t, r)
			}
		}
	}
}

// remember notes how a record was before it is written.
func (s *Server) remember(r *record) {
	if s.on(StaleReads) {
		before := *r
		before.attrs, before.members = clone(r.attrs), append([]*record(nil), r.members...)
		r.before, r.written = &before, time.Now()
	}
}

// asSeen is a record as a read shows it; nil: not yet.
func (s *Server) asSeen(r *record) *record {
	if s.on(StaleReads) && !r.written.IsZero() && time.Since(r.written) < lag {
		return r.before
	}
	return r
}

// seen are the records of a table as a list shows them.
func (s *Server) seen(t *table) []*record {
	all := make([]*record, 0, len(t.records))
	for _, r := range t.records {
		if shown := s.asSeen(r); shown != nil {
			all = append(all, shown)
		}
	}
	return all
}

// told is an id as it stands in answers.
func (s *Server) told(id string) any {
	if s.on(IDsAsNumbers) {
		return json.Number(id)
	}
	return id
}

// out reports whether nobody answers: from the sixtieth request on, for half a day.
func (s *Server) out() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.on(Outage) || s.requests < 60 {
		return false
	}
	if s.down.IsZero() {
		s.down = time.Now()
	}
	return time.Since(s.down) < outage
}
