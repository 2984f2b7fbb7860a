package adversary

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Prefix is where the endpoints are.
const Prefix = "/scim/v2"

// pageLimit is the largest page.
const pageLimit = 50

// Request is one request and how it was answered.
type Request struct {
	Method, Host, Path, Query, Body string
	Status                          int
	// Taken: the request was to create what is there already.
	Taken bool
}

// Options say what kind of server it is.
type Options struct {
	Token string
	// Wrong is what it gets wrong; empty: nothing.
	Wrong []Switch
	// Bulk: it announces bulk requests (RFC 7644 3.7) and takes them.
	Bulk bool
	// Overtaking: every request and every answer is on its way for a time of its own, so that those which are under way at the
	// same time overtake each other.
	Overtaking bool
}

// Server is the adversary. It is safe for concurrent use.
type Server struct {
	options Options
	// Watch is called after every request, one at a time, before it is answered; it may be nil. Nothing changes meanwhile.
	Watch func(Request)

	// turn is held while a request is performed and watched.
	turn          sync.Mutex
	mu            sync.Mutex
	users, groups *table
	lastID        int
	// requests counts everything that arrived, struck how often the switch made itself felt where it does so now and then,
	// and next when it does so again.
	requests, struck, next int
	cursors                map[string]int
	guests                 int
	taken                  bool
	// freed are the names of accounts that were deleted, and down is when an outage began.
	freed map[string]bool
	down  time.Time
}

// New makes a server without accounts.
func New(options Options) *Server {
	return &Server{
		options: options, cursors: map[string]int{}, freed: map[string]bool{}, next: gaps[0],
		users: &table{endpoint: "Users", naming: "userName"}, groups: &table{endpoint: "Groups", naming: "displayName"},
	}
}

func (s *Server) on(mode Switch) bool { return slices.Contains(s.options.Wrong, mode) }

// answer is what goes back. A body of kind string is sent as it is.
type answer struct {
	status int
	body   any
	header map[string]string
}

func refuse(status int, scimType, detail string) answer {
	body := tree{"schemas": []string{errorURN}, "status": strconv.Itoa(status), "detail": detail}
	if scimType != "" {
		body["scimType"] = scimType
	}
	return answer{status: status, body: body}
}

// ServeHTTP answers one request, with what is wrong with the way it travels.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.requests++
	on := s.requests
	s.mu.Unlock()
	s.travel(r, on)
	// A redirect to another host was followed: nothing there may ever see the token.
	if !strings.HasPrefix(r.Host, "localhost") && !strings.HasPrefix(r.Host, "127.0.0.1") {
		s.note(Request{Method: r.Method, Host: r.Host, Path: r.URL.EscapedPath()})
	}
	if s.intercepted(w, r) {
		return
	}
	recorder := httptest.NewRecorder()
	s.write(recorder, s.perform(r, body))
	s.travel(r, on+len(journeys)/2)
	s.send(w, r, recorder)
}

// perform does what is asked, and tells the watch.
func (s *Server) perform(r *http.Request, body []byte) answer {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.mu.Lock()
	s.taken = false
	s.sweep()
	a := s.worded(s.route(r, body))
	taken := s.taken
	s.mu.Unlock()
	s.note(Request{Method: r.Method, Host: r.Host, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Body: string(body), Status: a.status, Taken: taken})
	return a
}

func (s *Server) note(request Request) {
	if s.Watch != nil {
		s.Watch(request)
	}
}

func (s *Server) write(w http.ResponseWriter, a answer) {
	contentType := "application/scim+json"
	if s.on(WrongContentType) {
		contentType = "text/plain"
	}
	w.Header().Set("Content-Type", contentType)
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	switch body := a.body.(type) {
	case nil:
	case string:
		_, _ = io.WriteString(w, body)
	default:
		text, err := json.Marshal(body)
		if err == nil {
			_, _ = w.Write(text)
		}
	}
}

// copyTo sends a recorded answer.
func copyTo(w http.ResponseWriter, recorded *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), recorded.Header())
	w.Header().Set("Content-Length", strconv.Itoa(recorded.Body.Len()))
	w.WriteHeader(recorded.Code)
	_, _ = w.Write(recorded.Body.Bytes())
}

// home is where the endpoints really are.
func (s *Server) home() string {
	if s.on(RedirectSameHost) || s.on(RedirectFound) {
		return Prefix + "/v2.1"
	}
	return Prefix
}

// route finds out what a request is about. The lock is held.
func (s *Server) route(r *http.Request, body []byte) answer {
	if r.Header.Get("Authorization") != "Bearer "+s.options.Token {
		return refuse(http.StatusUnauthorized, "", "the token is wrong")
	}
	if s.on(ErrorBodyWith200) {
		a := refuse(http.StatusUnauthorized, "", "the token has expired")
		a.status = http.StatusOK
		return a
	}
	place, ok := strings.CutPrefix(r.URL.EscapedPath(), s.home()+"/")
	if !ok {
		return refuse(http.StatusNotFound, "", "there is nothing here")
	}
	if a, closed := s.closed(r); closed {
		return a
	}
	endpoint, escaped, one := strings.Cut(place, "/")
	id, err := url.PathUnescape(escaped)
	if err != nil {
		return refuse(http.StatusBadRequest, "", "the path is not escaped")
	}
	switch {
	case endpoint == "Users":
		return s.resource(s.users, r.Method, id, one, r.URL.Query(), body, r.Header.Get("If-Match"))
	case endpoint == "Groups":
		return s.resource(s.groups, r.Method, id, one, r.URL.Query(), body, r.Header.Get("If-Match"))
	case endpoint == "Bulk" && r.Method == http.MethodPost:
		return s.bulk(body)
	case r.Method == http.MethodGet:
		return s.discover(place)
	default:
		return refuse(http.StatusNotFound, "", "there is nothing here")
	}
}

func (s *Server) resource(t *table, method, id string, one bool, query url.Values, body []byte, match string) answer {
	if !one {
		switch method {
		case http.MethodGet:
			return s.list(t, query)
		case http.MethodPost:
			return s.create(t, body)
		default:
			return refuse(http.StatusMethodNotAllowed, "", "not here")
		}
	}
	r := t.byID(id)
	if a, odd := s.oddly(t, r, method); odd {
		return a
	}
	hidden := r != nil && t == s.users && !r.active() && (s.on(DisabledVanish) || s.on(DisabledUnreadable) && method == http.MethodGet)
	if r == nil || hidden {
		if method == http.MethodDelete && s.on(DeleteGone500) {
			return refuse(http.StatusInternalServerError, "", "cannot read property of undefined")
		}
		return refuse(http.StatusNotFound, "", fmt.Sprintf("there is no %s", id))
	}
	switch method {
	case http.MethodGet:
		if r = s.asSeen(r); r == nil {
			return refuse(http.StatusNotFound, "", fmt.Sprintf("there is no %s yet", id))
		}
		return s.shown(http.StatusOK, t, r, !strings.EqualFold(query.Get("excludedAttributes"), "members") || s.on(ExcludedIgnored))
	case http.MethodPatch:
		return s.patch(t, r, body)
	case http.MethodPut:
		return s.put(t, r, body, match)
	case http.MethodDelete:
		return s.delete(t, r)
	default:
		return refuse(http.StatusMethodNotAllowed, "", "not here")
	}
}

// shown is a resource as an answer.
func (s *Server) shown(status int, t *table, r *record, members bool) answer {
	return answer{status: status, body: s.render(t, r, members), header: map[string]string{
		"ETag": r.etag(), "Location": "http://localhost" + Prefix + "/" + t.endpoint + "/" + url.PathEscape(r.id)}}
}

func (r *record) etag() string { return fmt.Sprintf(`W/"%d"`, r.version) }

func (s *Server) render(t *table, r *record, members bool) tree {
	out := clone(r.attrs)
	out["id"] = s.told(r.id)
	out["schemas"] = []string{groupURN}
	if t == s.users {
		out["schemas"] = []string{userURN, enterpriseURN}
		if s.on(NoActive) || s.on(NoActiveSilently) {
			delete(out, "active")
		}
		if s.on(TitleNotShown) {
			delete(out, spelling(out, "title"))
		}
		if extension, ok := out[enterpriseURN].(tree); ok && s.on(ManagerNotShown) {
			delete(extension, "manager")
		}
	}
	out["meta"] = tree{"resourceType": strings.TrimSuffix(t.endpoint, "s"), "version": r.etag(),
		"location": "http://localhost" + Prefix + "/" + t.endpoint + "/" + url.PathEscape(r.id)}
	if members && t == s.groups && !s.on(MembersNeverShown) {
		list := []any{}
		for _, m := range r.members {
			if s.on(MembersCapped) && len(list) == smallPage {
				break
			}
			list = append(list, tree{"value": s.told(m.id), "type": "User"})
		}
		out["members"] = list
	}
	return out
}
