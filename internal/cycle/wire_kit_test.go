package cycle_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/pace"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// wireFault is what goes wrong with one HTTP exchange. "Performed" means that the target did what was asked.
type wireFault string

const (
	answerLost      wireFault = "answer lost after the write"       // performed, then the connection breaks
	brokenGateway   wireFault = "502 after the write"               // performed
	throttled       wireFault = "429, Retry-After in seconds"       // not performed
	throttledDate   wireFault = "429, Retry-After as a date"        // not performed
	throttledLong   wireFault = "429, Retry-After of ten minutes"   // not performed, longer than a connector waits
	serverError     wireFault = "500"                               // not performed
	unavailable     wireFault = "503"                               // not performed
	unavailableDate wireFault = "503, Retry-After as a date"        // not performed
	reset           wireFault = "connection reset"                  // not performed
	silence         wireFault = "no answer"                         // not performed
	lateSilence     wireFault = "no answer after the write"         // performed
	truncated       wireFault = "answer breaks off"                 // performed, half a body arrives
	malformed       wireFault = "malformed JSON"                    // performed, half a body arrives as if it were whole
	loginPage       wireFault = "200 with HTML"                     // not performed
	htmlAfter       wireFault = "200 with HTML after the write"     // performed
	unknownID       wireFault = "another id, of nobody"             // performed, the answer names somebody who does not exist
	neighboursID    wireFault = "another id, of somebody else"      // performed, the answer names another account of the job
	strangersID     wireFault = "another id, of a stranger"         // performed, the answer names an account that is nobody's business
	pageRepeated    wireFault = "the page before, again"            // lists only
	listShrinks     wireFault = "the list ends in this page"        // lists only, and says so in totalResults
	listEnds        wireFault = "the list ends, the total does not" // lists only
	listMoves       wireFault = "somebody is deleted between pages" // lists only: who follows moves up by one
)

// retryAfterSeconds is the pause that a throttling target asks for.
const retryAfterSeconds = 20

// wire is a wiki behind a network that goes wrong once: from the at-th request on, times requests.
type wire struct {
	t     testing.TB
	app   *wikiapp.App
	fault wireFault
	at    int
	times int
	// lists says that only pages of a list are counted and struck.
	lists bool
	// victim is the id of the account that listMoves deletes.
	victim string
	// watch looks at the wiki after every request.
	watch func(method, path string, status int)

	mu       sync.Mutex
	requests int
	pages    int
	struck   int
	lastPage []byte
	strange  string // id of the stranger
	taken    int    // creates of what was there already
	writes   []string
}

// ServeHTTP answers one request, well or badly.
func (w *wire) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	fault, count := wireFault(""), w.requests
	w.requests++
	if paging := r.Method == http.MethodGet && r.URL.Query().Get("startIndex") != ""; paging {
		w.pages++
	} else if w.lists {
		count = -1
	}
	if w.lists && count >= 0 {
		count = w.pages - 1
	}
	if w.fault != "" && count+1 >= w.at && count >= 0 && w.struck < w.times {
		fault, w.struck = w.fault, w.struck+1
	}
	w.mu.Unlock()
	switch fault {
	case throttled:
		out.Header().Set("Retry-After", strconv.Itoa(retryAfterSeconds))
		http.Error(out, "slow down", http.StatusTooManyRequests)
	case throttledDate, unavailableDate:
		out.Header().Set("Retry-After", time.Now().Add(retryAfterSeconds*time.Second).UTC().Format(http.TimeFormat))
		http.Error(out, "slow down", map[wireFault]int{throttledDate: http.StatusTooManyRequests, unavailableDate: http.StatusServiceUnavailable}[fault])
	case throttledLong:
		out.Header().Set("Retry-After", "600")
		http.Error(out, "slow down", http.StatusTooManyRequests)
	case serverError:
		http.Error(out, "oops", http.StatusInternalServerError)
	case unavailable:
		http.Error(out, "closed", http.StatusServiceUnavailable)
	case reset:
		panic(http.ErrAbortHandler)
	case silence:
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	case loginPage:
		html(out)
	default:
		w.pass(out, r, fault)
	}
}

// pass lets the wiki do what is asked, and spoils the answer.
func (w *wire) pass(out http.ResponseWriter, r *http.Request, fault wireFault) {
	recorder := httptest.NewRecorder()
	w.app.ServeHTTP(recorder, r)
	body := recorder.Body.Bytes()
	w.note(r, recorder.Code, fault)
	switch fault {
	case answerLost:
		panic(http.ErrAbortHandler)
	case brokenGateway:
		http.Error(out, "bad gateway", http.StatusBadGateway)
		return
	case lateSilence:
		<-r.Context().Done()
		return
	case htmlAfter:
		html(out)
		return
	case unknownID, neighboursID, strangersID:
		body = w.otherID(body, fault)
	case malformed:
		body = body[:len(body)/2]
	case pageRepeated:
		if w.lastPage != nil {
			body = w.lastPage
		}
	case listShrinks, listEnds:
		body = shortened(body, fault == listShrinks)
	case listMoves:
		w.ask(http.MethodDelete, "/Users/"+w.victim, "")
	}
	if r.URL.Query().Get("startIndex") != "" {
		w.lastPage = body
	}
	maps.Copy(out.Header(), recorder.Header())
	out.Header().Set("Content-Length", strconv.Itoa(len(body)))
	out.WriteHeader(recorder.Code)
	if fault == truncated {
		_, _ = out.Write(body[:len(body)/2])
		_ = http.NewResponseController(out).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = out.Write(body)
}

func html(out http.ResponseWriter) {
	out.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(out, "<!doctype html><title>Sign in</title>")
}

// note remembers what was done, and lets the watch look.
func (w *wire) note(r *http.Request, status int, fault wireFault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.Method == http.MethodPost && status == http.StatusConflict {
		w.taken++
	}
	if r.Method != http.MethodGet {
		w.writes = append(w.writes, fmt.Sprintf("%d %s %s %d %s", w.requests, r.Method, r.URL.Path, status, fault))
	}
	if w.watch != nil {
		w.watch(r.Method, r.URL.Path, status)
	}
}

// otherID puts another id wherever the answer has one.
func (w *wire) otherID(body []byte, fault wireFault) []byte {
	var document map[string]any
	if json.Unmarshal(body, &document) != nil {
		return body
	}
	resources := []any{document}
	if list, ok := document["Resources"].([]any); ok {
		resources = list
	}
	for _, r := range resources {
		one, _ := r.(map[string]any)
		if one["id"] == nil {
			continue
		}
		switch fault {
		case strangersID:
			one["id"] = w.strange
		case neighboursID:
			users := w.app.Users()
			for _, user := range users {
				if user.ID != one["id"] && user.ID != w.strange {
					one["id"] = user.ID
					break
				}
			}
		default:
			one["id"] = "nobody"
		}
	}
	changed, _ := json.Marshal(document)
	return changed
}

// shortened drops the second half of a list's resources.
func shortened(body []byte, total bool) []byte {
	var document map[string]any
	if json.Unmarshal(body, &document) != nil {
		return body
	}
	list, _ := document["Resources"].([]any)
	list = list[:len(list)/2]
	document["Resources"], document["itemsPerPage"] = list, len(list)
	if total {
		if start, ok := document["startIndex"].(float64); ok {
			document["totalResults"] = int(start) - 1 + len(list)
		}
	}
	changed, _ := json.Marshal(document)
	return changed
}

// network is a listener and a dialer in memory: the bytes are those of HTTP, but whoever waits for them waits in the
// bubble of synctest, whose clock can go on.
type network struct {
	waiting chan net.Conn
	closed  chan struct{}
}

func (n *network) Accept() (net.Conn, error) {
	select {
	case conn := <-n.waiting:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *network) Close() error   { close(n.closed); return nil }
func (n *network) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (n *network) dial() (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case n.waiting <- far:
		return near, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

const wireToken = "s3cr3t"

// connect serves the wiki and makes a connector to it the one of the world.
func (w *wire) connect(in *world, concurrency int) { in.connectTo(w, concurrency) }

// connectTo makes a connector to a server the one of the world. Everything ends with the test.
func (in *world) connectTo(handler http.Handler, concurrency int) {
	lines := &network{waiting: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(lines) }()
	dial := func(context.Context, string, string) (net.Conn, error) { return lines.dial() }
	transport := &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 64}
	made, err := scim.New(scim.Options{
		BaseURL: "http://localhost:1/scim/v2", BearerToken: secret.New(wireToken), Transport: transport,
		RateLimit: pace.Limit{RequestsPerSecond: 1e6, Burst: 1e6, Concurrency: concurrency},
	})
	if err != nil {
		in.t.Fatal(err)
	}
	in.connector = made
	in.t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		<-served
	})
}

// wiki renders accounts and groups as world.accounts does.
func (w *wire) wiki() string {
	users, groups := w.app.Users(), w.app.Groups()
	names := map[string]string{}
	for _, user := range users {
		names[user.ID] = user.UserName
	}
	var all []string
	for _, user := range users {
		active := "False"
		if user.Active {
			active = "True"
		}
		line := fmt.Sprintf("%s active=%s department=%s", user.UserName, active, user.Department)
		if user.ManagerID != "" {
			line += " manager=" + names[user.ManagerID]
		}
		all = append(all, line)
	}
	for _, group := range groups {
		all = append(all, fmt.Sprintf("group %s [%s]", group.DisplayName, strings.Join(group.Members, " ")))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// post makes an account that was there before anybody provisioned it.
func (w *wire) post(name, department string) string {
	body := fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","%s"],"userName":%q,"active":true,%q:{"department":%q}}`,
		enterpriseUser, name, enterpriseUser, department)
	recorder := w.ask(http.MethodPost, "/Users", body)
	var made struct{ ID string }
	if err := json.Unmarshal(recorder.Body.Bytes(), &made); err != nil || recorder.Code != http.StatusCreated {
		w.t.Fatalf("%d %s", recorder.Code, recorder.Body)
	}
	return made.ID
}

// ask asks the wiki itself.
func (w *wire) ask(method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://wiki.test/scim/v2"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+wireToken)
	r.Header.Set("Content-Type", "application/scim+json")
	recorder := httptest.NewRecorder()
	w.app.ServeHTTP(recorder, r)
	return recorder
}

func (w *wire) save() []byte {
	var b bytes.Buffer
	if err := w.app.Save(&b); err != nil {
		w.t.Fatal(err)
	}
	return b.Bytes()
}

const enterpriseUser = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
