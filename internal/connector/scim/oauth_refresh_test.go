package scim_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// login is a token endpoint whose answers a test writes, and a target that takes every token and remembers the last.
type login struct {
	answer func(n int, form url.Values) (status int, contentType, body string)
	forms  []url.Values
	last   string
}

func (l *login) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "login.example.com" {
		l.last = r.Header.Get("Authorization")
		return answered(r, 200, okUser), nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || r.ContentLength != int64(len(body)) {
		return nil, fmt.Errorf("%d bytes announced of %q: %w", r.ContentLength, body, err)
	}
	l.forms = append(l.forms, form)
	status, contentType, text := l.answer(len(l.forms), form)
	return answered(r, status, text, "Content-Type", contentType), nil
}

func (l *login) connect(t *testing.T, change ...func(*scim.OAuth2)) *scim.Connector {
	t.Helper()
	settings := &scim.OAuth2{TokenURL: tokenURL, ClientID: "provisioner", ClientSecret: secret.New(clientSecret)}
	for _, c := range change {
		c(settings)
	}
	c, err := scim.New(scim.Options{BaseURL: "https://app.example.com", RateLimit: unlimited, Transport: l, OAuth2: settings})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTokenOutlivesAnOutage: a token endpoint that is down when a token is due is no reason to stop while the token lives; one that
// refuses is.
func TestTokenOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		// within is what becomes of a request between 80 % and the end of a token's life.
		within, after directory.ErrorKind
	}{
		"down":       {503, "", "", directory.Transient},
		"busy":       {429, "", "", directory.Throttled},
		"refusing":   {401, `{"error":"invalid_client"}`, directory.Unauthorised, directory.Unauthorised},
		"a web page": {200, "<html>", directory.Unauthorised, directory.Unauthorised},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				broken := false
				l := &login{}
				l.answer = func(n int, _ url.Values) (int, string, string) {
					if broken {
						return test.status, "application/json", test.body
					}
					return 200, "application/json", fmt.Sprintf(`{"access_token":"access-%d","token_type":"Bearer","expires_in":1000}`, n)
				}
				c := l.connect(t)
				if err := getUser(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				broken = true
				time.Sleep(810 * time.Second)
				for range 3 {
					if err := getUser(t.Context(), c); directory.KindOf(err) != test.within || err == nil && l.last != "Bearer access-1" {
						t.Errorf("with a token that lives: %v with %q, want %q", err, l.last, test.within)
					}
				}
				time.Sleep(200 * time.Second)
				l.last = ""
				if err := getUser(t.Context(), c); directory.KindOf(err) != test.after || l.last != "" {
					t.Errorf("with a token that is over: %v with %q, want %q", err, l.last, test.after)
				}
				broken = false
				time.Sleep(time.Minute)
				if err := getUser(t.Context(), c); err != nil || l.last != fmt.Sprintf("Bearer access-%d", len(l.forms)) {
					t.Errorf("afterwards: %v with %q", err, l.last)
				}
			})
		})
	}
}

// TestAssertionsAreUsedOnce: each attempt proves itself anew, because a token endpoint may refuse what it has seen (RFC 7523 3, jti); and
// it does so to an endpoint whose clock is a minute off.
func TestAssertionsAreUsedOnce(t *testing.T) {
	t.Parallel()
	key := privateKeys(t)["ES256"]
	synctest.Test(t, func(t *testing.T) {
		used := map[string]bool{}
		l := &login{answer: func(n int, form url.Values) (int, string, string) {
			signed, err := jwt.ParseSigned(form.Get("client_assertion"), []jose.SignatureAlgorithm{jose.ES256})
			if err != nil {
				t.Fatal(err)
			}
			var claims jwt.Claims
			if err := signed.Claims(key.public, &claims); err != nil {
				t.Fatal(err)
			}
			for _, off := range []time.Duration{-time.Minute, 0, time.Minute} {
				if err := claims.ValidateWithLeeway(jwt.Expected{Issuer: "provisioner", Time: time.Now().Add(off)}, 0); err != nil {
					t.Errorf("with a clock that is %v off: %v", off, err)
				}
			}
			if life := claims.Expiry.Time().Sub(claims.IssuedAt.Time()); life > 5*time.Minute {
				t.Errorf("it lives for %v, and some take no more than 5m", life)
			}
			if form.Get("client_id") != "provisioner" || form.Get("scope") != "scim" || form.Get("grant_type") != "client_credentials" || len(form["client_assertion"]) != 1 {
				t.Errorf("sent %v", form)
			}
			if used[claims.ID] {
				return 400, "application/json", `{"error":"invalid_client","error_description":"seen before"}`
			}
			used[claims.ID] = true
			if n < 3 {
				return 502, "text/plain", ""
			}
			return 200, "application/json", `{"access_token":"access","token_type":"Bearer"}`
		}}
		c := l.connect(t, func(o *scim.OAuth2) {
			o.ClientSecret, o.ClientAuthentication, o.PrivateKeyPEM, o.Scopes = secret.Text{}, "private_key_jwt", secret.New(key.pem), []string{"scim"}
		})
		if err := getUser(t.Context(), c); err != nil || len(l.forms) != 3 {
			t.Errorf("%d token requests: %v", len(l.forms), err)
		}
	})
}

// TestTokenAnswers: what token endpoints write, apart from RFC 6749 5.1. The token is taken, or the error says why not.
func TestTokenAnswers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, contentType, body string
		// lives is how long the token is kept, 0 for ever.
		lives time.Duration
		says  string
	}{
		{"no type of token", "application/json", `{"access_token":"access"}`, 0, ""},
		{"an empty type", "application/json", `{"access_token":"access","token_type":""}`, 0, ""},
		{"a type in capitals", "application/json", `{"access_token":"access","token_type":"BEARER"}`, 0, ""},
		{"another type", "application/json", `{"access_token":"access","token_type":"DPoP"}`, 0, `of type "DPoP"`},
		{"JSON as text", "text/plain; charset=utf-8", `{"access_token":"access","token_type":"Bearer","expires_in":100}`, 80 * time.Second, ""},
		{"JSON as a form", "application/x-www-form-urlencoded", ` {"access_token":"access","expires_in":100}`, 80 * time.Second, ""},
		{"JSON as nothing", "", `{"access_token":"access"}`, 0, ""},
		{"behind a mark", "application/json", "\xef\xbb\xbf" + `{"access_token":"access","expires_in":"100"}`, 80 * time.Second, ""},
		{"a form", "application/x-www-form-urlencoded", "access_token=access&token_type=bearer&expires_in=100", 80 * time.Second, ""},
		{"a form as text", "text/plain", "access_token=access&token_type=bearer&expires_in=100", 80 * time.Second, ""},
		{"a part of a second", "application/json", `{"access_token":"access","expires_in":100.9}`, 80 * time.Second, ""},
		{"with an exponent", "application/json", `{"access_token":"access","expires_in":1e2}`, 80 * time.Second, ""},
		{"an empty life", "application/json", `{"access_token":"access","expires_in":""}`, 0, ""},
		{"an error as text", "text/plain", `{"error":"invalid_scope"}`, 0, "answered 200 invalid_scope; check oauth2.scopes"},
		{"an empty token", "application/json", `{"access_token":"","token_type":"Bearer"}`, 0, "something that is no token"},
		{"a number for a token", "application/json", `{"access_token":7}`, 0, "something that is no token"},
		{"an array", "application/json", `[]`, 0, "something that is no token"},
		{"nothing", "application/json", ``, 0, "something that is no token"},
		{"a page", "text/html", `<html>Sign in</html>`, 0, "something that is no token"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &login{answer: func(int, url.Values) (int, string, string) { return 200, test.contentType, test.body }}
				c := l.connect(t)
				err := getUser(t.Context(), c)
				if test.says != "" {
					if directory.KindOf(err) != directory.Unauthorised || !strings.Contains(err.Error(), test.says) {
						t.Errorf("got %v, want %q", err, test.says)
					}
					return
				}
				if err != nil || l.last != "Bearer access" {
					t.Fatalf("sent %q: %v", l.last, err)
				}
				for _, step := range []struct {
					wait time.Duration
					want int
				}{{79 * time.Second, 1}, {2 * time.Second, 2}} {
					time.Sleep(step.wait)
					if test.lives == 0 {
						step.want = 1
					}
					if err := getUser(t.Context(), c); err != nil || len(l.forms) != step.want {
						t.Errorf("after %v: %d token requests, want %d: %v", step.wait, len(l.forms), step.want, err)
					}
				}
			})
		})
	}
}
