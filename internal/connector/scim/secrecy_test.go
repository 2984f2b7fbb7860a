package scim_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// TestTokenNeverAppears: whatever a target or the network says about the token, no error and no log repeats it;
// and no log holds a value that was looked for.
func TestTokenNeverAppears(t *testing.T) {
	t.Parallel()
	const person = "ada.lovelace@example.com"
	echo := func(status int, contentType, body string) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.Header.Get("Authorization") != "Bearer "+token {
				t.Errorf("sent with %q", r.Header.Get("Authorization"))
			}
			return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {contentType}, "Location": {"https://evil.example/" + token},
				"Retry-After": {"9999"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
		})
	}
	errorBody := fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"token %s is bad","scimType":%q,"status":"400"}`, token, token)
	transports := map[string]http.RoundTripper{
		"detail":    echo(400, "application/scim+json", errorBody),
		"error 200": echo(200, "application/scim+json", errorBody),
		"text":      echo(401, "text/plain", "you sent Bearer "+token),
		"html":      echo(200, "text/html", "<p>"+token),
		"redirect":  echo(302, "text/plain", token),
		"throttled": echo(429, "text/plain", token),
		"id":        echo(200, "application/scim+json", `{"id":"`+token+`"}`),
		"transport": roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("cannot send Bearer " + token) }),
	}
	for name, transport := range transports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var logs bytes.Buffer
				counted := &counting{RoundTripper: transport}
				c, err := scim.New(scim.Options{BaseURL: "https://app.example.com/" + token, BearerToken: secret.New(token), RateLimit: unlimited,
					Transport: counted, Logger: slog.New(slog.NewJSONHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))})
				if err != nil {
					t.Fatal(err)
				}
				said := []error{c.Test(t.Context(), connector.Probe{Type: directory.User, Attribute: "userName", Value: person})}
				for _, kind := range []connector.OperationKind{connector.Create, connector.Update, connector.Delete} {
					said = append(said, write(kind)(t.Context(), c))
				}
				for _, err := range said {
					if err != nil && strings.Contains(fmt.Sprintf("%v %+v", err, err), token) {
						t.Errorf("the token is in the error %v", err)
					}
				}
				if strings.Contains(logs.String(), token) || strings.Contains(logs.String(), person) {
					t.Errorf("the token or the person is in the log:\n%s", &logs)
				}
				if attempts := strings.Count(logs.String(), `"msg":"scim request `); attempts == 0 || attempts != int(counted.sent.Load()) {
					t.Errorf("%d attempts, but the log says:\n%s", counted.sent.Load(), &logs)
				}
				if text := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(text, token) && strings.Count(text, token) > strings.Count(text, "/"+token) {
					t.Errorf("the token is in the printed connector")
				}
			})
		})
	}
}

// counting counts what is sent.
type counting struct {
	http.RoundTripper
	sent atomic.Int64
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.sent.Add(1)
	return c.RoundTripper.RoundTrip(r)
}
