package scim_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// FuzzRetryAfter: whatever a target asks for, the pause is between nothing and an hour.
func FuzzRetryAfter(f *testing.F) {
	for _, text := range []string{"7", "-1", "1e9", "99999999999999999999", "Mon, 02 Jan 2056 15:04:05 GMT", "Monday, 02-Jan-06 15:04:05 GMT", "", "soon"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c, err := scim.New(scim.Options{BaseURL: "https://app.example.com", RateLimit: unlimited, BearerToken: secret.New(token),
			Clock: func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) },
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				cancel() // nobody waits for the pause
				return &http.Response{StatusCode: 429, Header: http.Header{"Retry-After": {text}}, Body: http.NoBody, Request: r}, nil
			})})
		if err != nil {
			t.Fatal(err)
		}
		err = getUser(ctx, c)
		told, ok := errors.AsType[*directory.Error](err)
		if !ok || told.Kind != directory.Throttled || told.RetryAfter < 0 || told.RetryAfter > time.Hour {
			t.Errorf("%q: got %v", text, err)
		}
	})
}
