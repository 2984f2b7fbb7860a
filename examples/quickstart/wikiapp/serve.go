package wikiapp

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	mediaType = "application/scim+json"
	// maxBody bounds a request: enough for a PATCH with many thousand members.
	maxBody = 8 << 20
)

// reply is an answer before it is written. Requests are logged with it first, so that whoever has an answer finds its
// request in the log.
type reply struct {
	status   int
	location string
	body     any
	touched  string // who was touched, for the log
}

// ServeHTTP answers SCIM requests under Prefix, and the pages for people at / and /log.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, Prefix)
	if !ok || rest != "" && rest[0] != '/' {
		a.servePage(w, r)
		return
	}
	if a.wait(r) != nil {
		return // the client has gone
	}
	out, err := a.answer(w, r, strings.Trim(rest, "/"))
	if err != nil {
		out = failure(err, out.touched)
	}
	a.requests.add(entry{
		Request: Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Status: out.status},
		when:    a.options.Now(), touched: out.touched,
	})
	write(w, out)
}

func (a *App) wait(r *http.Request) error {
	if a.options.Latency <= 0 {
		return nil
	}
	timer := time.NewTimer(a.options.Latency)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-r.Context().Done():
		return r.Context().Err()
	}
}

func failure(err error, touched string) reply {
	var f *fault
	if !errors.As(err, &f) {
		f = &fault{status: http.StatusInternalServerError, detail: "unexpected: " + err.Error()}
	}
	if touched == "" {
		touched = f.detail
	} else {
		touched += ": " + f.detail
	}
	return reply{status: f.status, body: f.body(), touched: touched}
}

func write(w http.ResponseWriter, out reply) {
	if out.location != "" {
		w.Header().Set("Location", out.location)
	}
	if out.body == nil {
		w.WriteHeader(out.status)
		return
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(out.body); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(out.status)
	_, _ = w.Write(b.Bytes()) // a client that has gone is no business of ours
}

// request is one SCIM request on a collection.
type request struct {
	app  *App
	c    *collection
	http *http.Request
	body io.Reader
	base string
	id   string
}

// answer routes a request. The first segment is the endpoint, the second an id.
func (a *App) answer(w http.ResponseWriter, r *http.Request, rest string) (reply, error) {
	if !a.authorised(r) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="wikiapp"`)
		return reply{}, &fault{status: http.StatusUnauthorized, detail: "the bearer token is missing or wrong"}
	}
	endpoint, id, _ := strings.Cut(rest, "/")
	q := request{app: a, http: r, id: id, body: http.MaxBytesReader(w, r.Body, maxBody), base: base(r)}
	switch endpoint {
	case "Users":
		q.c = a.users
	case "Groups":
		q.c = a.groups
	case "ServiceProviderConfig", "ResourceTypes", "Schemas":
		return a.discover(r, endpoint, id, q.base)
	case "Bulk":
		return a.bulk(w, r, q.base)
	case "Me":
		return reply{}, &fault{status: http.StatusNotImplemented, detail: "/" + endpoint + " is not offered"}
	default:
		return reply{}, notFound("there is no endpoint /%s", endpoint)
	}
	if strings.Contains(id, "/") {
		return reply{}, notFound("there is nothing at /%s", rest)
	}
	return q.serve()
}

func (q request) serve() (reply, error) {
	type key struct {
		method string
		one    bool
	}
	handle := map[key]func(request) (reply, error){
		{http.MethodGet, false}:   request.list,
		{http.MethodPost, false}:  request.create,
		{http.MethodGet, true}:    request.get,
		{http.MethodPut, true}:    request.put,
		{http.MethodPatch, true}:  request.patch,
		{http.MethodDelete, true}: request.delete,
	}[key{q.http.Method, q.id != ""}]
	if handle == nil {
		return reply{}, &fault{status: http.StatusMethodNotAllowed, detail: q.http.Method + " is not possible here"}
	}
	return handle(q)
}

func (a *App) authorised(r *http.Request) bool {
	if a.options.Token == "" {
		return true
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare([]byte(token), []byte(a.options.Token)) == 1
}

func base(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + Prefix
}

// readBody reads a JSON object.
func (q request) readBody() (map[string]any, error) {
	kind, _, err := mime.ParseMediaType(q.http.Header.Get("Content-Type"))
	if err != nil || kind != mediaType && kind != "application/json" {
		return nil, &fault{status: http.StatusUnsupportedMediaType, detail: "send the body as " + mediaType}
	}
	d := json.NewDecoder(q.body)
	var body map[string]any
	if err := d.Decode(&body); err != nil {
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			return nil, &fault{status: http.StatusRequestEntityTooLarge, detail: "the body is larger than 8 MiB"}
		}
		return nil, invalidSyntax("the body is not a JSON object: %s", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) || body == nil {
		return nil, invalidSyntax("the body must be one JSON object and nothing else")
	}
	return body, nil
}
