package scim_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

const (
	tokenURL     = "https://login.example.com/oauth2/token?tenant=1"
	clientSecret = "s3cr3t/client+secret="
)

// issuer is a token endpoint and the SCIM endpoint that believes it.
type issuer struct {
	t *testing.T
	// admits checks a token request's client; nil admits the secret in the body.
	admits func(r *http.Request, form url.Values) bool
	// expires is the value of expires_in as JSON; empty leaves it out.
	expires string
	// answers, when set, takes the place of the n-th token answer, from 1; nil lets it pass.
	answers func(n int, w http.ResponseWriter) bool

	mu sync.Mutex
	// forms are the token requests, presented the Authorization headers at the target.
	forms     []url.Values
	presented []string
	revoked   map[string]bool
	refuseAll bool
	slow      time.Duration
}

func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == "login.example.com" {
		return handlerTransport{http.HandlerFunc(i.token)}.RoundTrip(r)
	}
	return handlerTransport{http.HandlerFunc(i.target)}.RoundTrip(r)
}

func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, err := url.ParseQuery(string(body))
	if err != nil || r.Method != http.MethodPost || r.URL.RawQuery != "tenant=1" || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		i.t.Errorf("token request %s %s with %q: %v", r.Method, r.URL, body, err)
	}
	if i.slow > 0 {
		time.Sleep(i.slow)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.forms = append(i.forms, form)
	if i.answers != nil && i.answers(len(i.forms), w) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	admitted := form.Get("client_id") == "provisioner" && form.Get("client_secret") == clientSecret && r.Header.Get("Authorization") == ""
	if i.admits != nil {
		admitted = i.admits(r, form)
	}
	if !admitted || form.Get("grant_type") != "client_credentials" {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, `{"error":"invalid_client","error_description":"%s is not the secret of the client"}`, form.Get("client_secret"))
		return
	}
	life := ""
	if i.expires != "" {
		life = `,"expires_in":` + i.expires
	}
	_, _ = fmt.Fprintf(w, `{"access_token":"access-%d","token_type":"bearer"%s}`, len(i.forms), life)
}

func (i *issuer) target(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	got := r.Header.Get("Authorization")
	i.presented = append(i.presented, got)
	w.Header().Set("Content-Type", "application/scim+json")
	if want := fmt.Sprintf("Bearer access-%d", len(i.forms)); i.refuseAll || got != want || i.revoked[got] {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, got+" is no good")
		return
	}
	if r.Method == http.MethodPost {
		w.WriteHeader(http.StatusCreated)
	}
	_, _ = io.WriteString(w, okUser)
}

func (i *issuer) counts() (tokens, requests int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.forms), len(i.presented)
}

func (i *issuer) connect(t *testing.T, change ...func(*scim.Options)) *scim.Connector {
	t.Helper()
	options := scim.Options{BaseURL: "https://app.example.com/scim", RateLimit: unlimited, Transport: i, OAuth2: &scim.OAuth2{
		TokenURL: tokenURL, ClientID: "provisioner", ClientSecret: secret.New(clientSecret),
	}}
	for _, c := range change {
		c(&options)
	}
	c, err := scim.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTokenIsKeptUntilItIsDue: one token for many requests, another one at 80 % of its life, and one for all who need it
// at the same time.
func TestTokenIsKeptUntilItIsDue(t *testing.T) {
	t.Parallel()
	for expires, due := range map[string]time.Duration{
		"100": 80 * time.Second, `"100"`: 80 * time.Second,
		"": 0, "0": 0, "-5": 0, `"soon"`: 0, "null": 0,
		"99999999999": 24 * time.Hour * 8 / 10,
	} {
		t.Run("expires_in "+expires, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				i := &issuer{t: t, expires: expires, slow: time.Second}
				c := i.connect(t)
				ask := func(want int) {
					t.Helper()
					var all sync.WaitGroup
					for range 8 {
						all.Go(func() {
							if err := getUser(t.Context(), c); err != nil {
								t.Error(err)
							}
						})
					}
					all.Wait()
					if tokens, _ := i.counts(); tokens != want {
						t.Errorf("%d token requests at %v, want %d", tokens, time.Now(), want)
					}
				}
				if expires == `"soon"` {
					// Not a number: the library refuses the answer, and so do we.
					if err := getUser(t.Context(), c); directory.KindOf(err) != directory.Unauthorised {
						t.Errorf("got %v", err)
					}
					return
				}
				ask(1)
				if due == 0 {
					time.Sleep(1000 * time.Hour)
					ask(1)
					return
				}
				time.Sleep(due - 2*time.Second) // the first second was the token request's
				ask(1)
				time.Sleep(time.Second)
				ask(2)
			})
		})
	}
}

// TestRefusedTokenIsRenewedOnce: a 401 costs one token and one repetition, also of a write, and also when eight requests get it.
func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{t: t, expires: "3600", revoked: map[string]bool{}}
		c := i.connect(t)
		if err := getUser(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		i.revoked["Bearer access-1"] = true
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := write("create")(t.Context(), c); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if tokens, _ := i.counts(); tokens != 2 {
			t.Errorf("%d token requests, want 2", tokens)
		}
		// The target takes no token at all: each request is repeated once, and the token is not fetched for each.
		i.refuseAll = true
		_, before := i.counts()
		for range 5 {
			err := write("create")(t.Context(), c)
			if directory.KindOf(err) != directory.Unauthorised || directory.OutcomeUnknown(err) || !strings.Contains(err.Error(), "does not accept the access token") {
				t.Fatalf("got %v", err)
			}
		}
		tokens, after := i.counts()
		if tokens != 2 || after-before != 5 {
			t.Errorf("%d token requests, want 2; %d requests, want 5: the token was new", tokens, after-before)
		}
		time.Sleep(2 * time.Minute)
		if err := getUser(t.Context(), c); directory.KindOf(err) != directory.Unauthorised {
			t.Fatal(err)
		}
		if tokens, _ := i.counts(); tokens != 3 {
			t.Errorf("%d token requests later, want 3", tokens)
		}
	})
}

// TestTokenRequests: how the client proves itself, and what else goes with the request.
func TestTokenRequests(t *testing.T) {
	t.Parallel()
	i := &issuer{t: t}
	c := i.connect(t, func(o *scim.Options) {
		o.OAuth2.Scopes = []string{"scim.read", "scim.write"}
		o.OAuth2.Parameters = map[string]string{"audience": "https://app.example.com", "resource": "urn:scim"}
	})
	if err := getUser(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if want, got := "audience=https%3A%2F%2Fapp.example.com&client_id=provisioner&client_secret=s3cr3t%2Fclient%2Bsecret%3D&grant_type=client_credentials&resource=urn%3Ascim&scope=scim.read+scim.write",
		i.forms[0].Encode(); got != want {
		t.Errorf("in the body: sent\n%s, want\n%s", got, want)
	}

	basic := &issuer{t: t, admits: func(r *http.Request, form url.Values) bool {
		user, password, ok := r.BasicAuth()
		// RFC 6749 2.3.1 encodes both before they are joined.
		return ok && user == "provisioner" && password == url.QueryEscape(clientSecret) && !form.Has("client_id") && !form.Has("client_secret")
	}}
	if err := getUser(t.Context(), basic.connect(t, func(o *scim.Options) { o.OAuth2.ClientAuthentication = "basic" })); err != nil {
		t.Errorf("basic: %v", err)
	}
}

// TestTokenEndpointRefuses: each no of a token endpoint says what to check, reaches nobody, and is not asked for again by every
// request of a page.
func TestTokenEndpointRefuses(t *testing.T) {
	t.Parallel()
	answer := func(status int, contentType, body string, header ...string) func(int, http.ResponseWriter) bool {
		return func(_ int, w http.ResponseWriter) bool {
			w.Header().Set("Content-Type", contentType)
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
			return true
		}
	}
	code := func(status int, code string) func(int, http.ResponseWriter) bool {
		return answer(status, "application/json", fmt.Sprintf(`{"error":%q,"error_description":"because"}`, code))
	}
	const at = "no access token: the token endpoint https://login.example.com/oauth2/token "
	for _, test := range []struct {
		name    string
		answers func(int, http.ResponseWriter) bool
		kind    directory.ErrorKind
		tokens  int // requests to the token endpoint for three requests to the target
		says    string
	}{
		{"wrong secret", code(401, "invalid_client"), directory.Unauthorised, 1, at + "answered 401 invalid_client (because); check oauth2.client_id and oauth2.client_secret_wo, or oauth2.private_key_wo"},
		{"bad request", code(400, "invalid_client"), directory.Unauthorised, 1, "check oauth2.client_id and oauth2.client_secret_wo, or oauth2.private_key_wo"},
		{"401 without a word", answer(401, "text/plain", "no"), directory.Unauthorised, 1, "answered 401; check oauth2.client_id and oauth2.client_secret_wo, or oauth2.private_key_wo"},
		{"scope", code(400, "invalid_scope"), directory.Unauthorised, 1, "invalid_scope (because); check oauth2.scopes"},
		{"target", code(400, "invalid_target"), directory.Unauthorised, 1, "check oauth2.token_parameters"},
		{"grant", code(400, "unauthorized_client"), directory.Unauthorised, 1, "allow the client the client credentials grant"},
		{"grant type", code(400, "unsupported_grant_type"), directory.Unauthorised, 1, "does not offer the client credentials grant"},
		{"something else", code(400, "interaction_required"), directory.Unauthorised, 1, "ask the administrator of the token endpoint"},
		{"error in a success", code(200, "invalid_client"), directory.Unauthorised, 1, "answered 200 invalid_client"},
		{"not there", answer(404, "text/html", "<p>"), directory.Unauthorised, 1, "answered 404; check oauth2.token_url"},
		{"a page", answer(200, "text/html", "<p>log in</p>"), directory.Unauthorised, 1, "something that is no token; check oauth2.token_url"},
		{"no token", answer(200, "application/json", `{}`), directory.Unauthorised, 1, "something that is no token"},
		{"another type", answer(200, "application/json", `{"access_token":"x","token_type":"mac"}`), directory.Unauthorised, 1, `delivered a token of type "MAC"`},
		{"a line break", answer(200, "application/json", `{"access_token":"x\ny","token_type":"bearer"}`), directory.Unauthorised, 1, "delivered a token that no header can carry"},
		{"redirect", answer(307, "text/plain", "", "Location", "https://evil.example.com/token"), directory.Unauthorised, 1, "a redirect, which is not followed with credentials"},
		{"redirect at home", answer(302, "text/plain", "", "Location", "/token2"), directory.Unauthorised, 1, "a redirect, which is not followed with credentials"},
		{"down", answer(503, "text/plain", ""), directory.Transient, 3, "answered 503; it is tried again in the next cycle"},
		{"broken", code(500, "server_error"), directory.Transient, 3, "answered 500 server_error (because); it is tried again"},
		{"passing", code(400, "temporarily_unavailable"), directory.Transient, 1, "it is tried again in the next cycle"},
		{"busy for an hour", answer(429, "text/plain", "", "Retry-After", "3600"), directory.Throttled, 1, "answered 429"},
		{"endless", answer(200, "application/json", strings.Repeat(" ", 2<<20)), directory.Incompatible, 1, "answered more than 1 MiB; check oauth2.token_url"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				i := &issuer{t: t, answers: test.answers}
				c := i.connect(t)
				for range 3 {
					err := write("create")(t.Context(), c)
					if directory.KindOf(err) != test.kind || !strings.Contains(err.Error(), test.says) || directory.OutcomeUnknown(err) {
						t.Fatalf("got %q: %v, want %q: %q", directory.KindOf(err), err, test.kind, test.says)
					}
				}
				if tokens, requests := i.counts(); tokens != test.tokens || requests != 0 {
					t.Errorf("%d token requests, want %d; %d requests reached the target", tokens, test.tokens, requests)
				}
				// It recovers by itself.
				i.answers = nil
				time.Sleep(time.Minute)
				if err := getUser(t.Context(), c); err != nil {
					t.Errorf("afterwards: %v", err)
				}
			})
		})
	}
}

// TestTokenRequestIsRepeated: a fault that passes costs nothing but time.
func TestTokenRequestIsRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{t: t, answers: func(n int, w http.ResponseWriter) bool {
			if n == 1 {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return n == 1
		}}
		began := time.Now()
		if err := write("create")(t.Context(), i.connect(t)); err != nil || time.Since(began) != 7*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}

// TestGivingUpOnTheTokenEndpoint: a request that gives up does not take the token from those that wait with it.
func TestGivingUpOnTheTokenEndpoint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{t: t, slow: 10 * time.Second}
		c := i.connect(t)
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if err := write("create")(impatient, c); err == nil || directory.OutcomeUnknown(err) {
				t.Errorf("the impatient one got %v", err)
			}
		})
		synctest.Wait()
		all.Go(func() {
			if err := getUser(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		if tokens, _ := i.counts(); tokens != 1 {
			t.Errorf("%d token requests, want 1", tokens)
		}
	})
}
