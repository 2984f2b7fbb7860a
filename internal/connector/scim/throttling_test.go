package scim_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/pace"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// TestRateFollowsTheTarget: what the target answers slows requests down, or lets them be faster again (scim-client.md 13, 14).
func TestRateFollowsTheTarget(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status     int
		retryAfter string
		// rate is what is left of 16 requests a second after one such answer.
		rate float64
	}{
		{200, "", 16}, {400, "", 16}, {404, "", 16}, {409, "", 16}, {413, "", 16}, {413, "1", 8}, {429, "", 8}, {429, "1", 8}, {429, "3000", 8},
		{500, "", 16}, {500, "1", 16}, {502, "", 16}, {503, "", 8}, {503, "1", 8}, {504, "", 16},
	} {
		t.Run(fmt.Sprintf("%d %s", test.status, test.retryAfter), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				// A second attempt is answered as the first: still within the second that one decrease lasts.
				answer := step{status: test.status, header: [2]string{"Retry-After", test.retryAfter}, body: okUser}
				if test.retryAfter == "" {
					answer.header = [2]string{}
				}
				s := &script{steps: []step{answer, {status: 200, body: okUser}}}
				p := pace.New(pace.Limit{RequestsPerSecond: 16, Burst: 16}, time.Now)
				c, err := scim.New(scim.Options{BaseURL: "https://app.example.com", BearerToken: secret.New(token), Pacer: p, Transport: s})
				if err != nil {
					t.Fatal(err)
				}
				_ = write(connector.Create)(t.Context(), c)
				if got := p.Rate(); got != test.rate {
					t.Errorf("%v requests a second, want %v", got, test.rate)
				}
				// A tenth of the limit comes back with each five seconds that the target is content.
				for i := range 6 {
					time.Sleep(5 * time.Second)
					if test.retryAfter == "3000" {
						time.Sleep(time.Hour)
					}
					if err := getUser(t.Context(), c); err != nil {
						t.Fatal(err)
					}
					if got, want := p.Rate(), min(16, test.rate+1.6*float64(i+1)); got < want-0.01 || got > want+0.01 {
						t.Errorf("%v requests a second after %d times, want %v", got, i+1, want)
					}
				}
			})
		})
	}
}

// TestRetryAfterByTheTargetsClock: a date is meant by the clock of the one who wrote it (RFC 9110 6.6.1).
func TestRetryAfterByTheTargetsClock(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{"ahead": 10 * time.Minute, "behind": -10 * time.Minute, "the same": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began, asked := time.Now(), 0
				c, err := scim.New(scim.Options{BaseURL: "https://app.example.com", BearerToken: secret.New(token), RateLimit: unlimited, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					if asked++; asked > 1 {
						return answered(r, 201, okUser), nil
					}
					theirs := time.Now().UTC().Add(off)
					return answered(r, 429, "", "Date", theirs.Format(http.TimeFormat), "Retry-After", theirs.Add(9*time.Second).Format(http.TimeFormat)), nil
				})})
				if err != nil {
					t.Fatal(err)
				}
				if err := write(connector.Create)(t.Context(), c); err != nil || time.Since(began) != 9*time.Second {
					t.Errorf("after %v: %v", time.Since(began), err)
				}
			})
		})
	}
}

// TestConcurrencyOfAConnection: as many requests are under way as the connection allows, and no more (scim-client.md 14).
func TestConcurrencyOfAConnection(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{0, 1, 3} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				want := limit
				if limit == 0 {
					want = 8
				}
				var mu sync.Mutex
				under, most := 0, 0
				c, err := scim.New(scim.Options{BaseURL: "https://app.example.com", BearerToken: secret.New(token), Bulk: "off",
					RateLimit: pace.Limit{RequestsPerSecond: 1e6, Burst: 1e6, Concurrency: limit}, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
						mu.Lock()
						under++
						most = max(most, under)
						mu.Unlock()
						time.Sleep(time.Second)
						mu.Lock()
						under--
						mu.Unlock()
						return answered(r, 201, okUser), nil
					})})
				if err != nil {
					t.Fatal(err)
				}
				var all sync.WaitGroup
				all.Go(func() { c.Apply(t.Context(), creates(40)) })
				for range 10 {
					all.Go(func() { _ = getUser(t.Context(), c) })
				}
				all.Wait()
				if most != want {
					t.Errorf("%d requests under way, want %d", most, want)
				}
			})
		})
	}
}
