package scim_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// TestRetryAfter: seconds and dates (RFC 9110 10.2.3), and what nobody can mean.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		say  func(now time.Time) string
		// waits is how long the second attempt is waited for; -1 when there is none and the error names a pause of pause.
		// The backoff of a target that names none is between 250 and 750 milliseconds.
		waits, pause time.Duration
		backoff      bool
	}{
		{name: "seconds", say: says("7"), waits: 7 * time.Second},
		{name: "blanks", say: says(" 7 "), waits: 7 * time.Second},
		{name: "date", say: func(now time.Time) string {
			return now.Add(9 * time.Second).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
		}, waits: 9 * time.Second},
		{name: "date of another form", say: func(now time.Time) string { return now.Add(9 * time.Second).UTC().Format(time.ANSIC) }, waits: 9 * time.Second},
		{name: "ten minutes", say: says("600"), waits: -1, pause: 10 * time.Minute},
		{name: "a year", say: says("31536000"), waits: -1, pause: time.Hour},
		{name: "more than a number holds", say: says("99999999999999999999"), waits: -1, pause: time.Hour},
		{name: "a date next year", say: func(now time.Time) string { return now.AddDate(1, 0, 0).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") }, waits: -1, pause: time.Hour},
		{name: "nothing", say: says(""), backoff: true},
		{name: "zero", say: says("0"), backoff: true},
		{name: "negative", say: says("-30"), backoff: true},
		{name: "in the past", say: func(now time.Time) string { return now.Add(-time.Hour).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") }, backoff: true},
		{name: "no date", say: says("soon"), backoff: true},
		{name: "a part of a second", say: says("1.5"), backoff: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				c, s := newScripted(t, step{status: 429, header: [2]string{"Retry-After", test.say(began)}}, step{status: 201, body: okUser})
				err := write(connector.Create)(t.Context(), c)
				took := time.Since(began)
				if test.waits < 0 {
					told, ok := errors.AsType[*directory.Error](err)
					if !ok || told.Kind != directory.Throttled || told.RetryAfter != test.pause || s.count() != 1 || took != 0 {
						t.Fatalf("%d requests in %v: %v", s.count(), took, err)
					}
					// Nothing is sent before the pause is over, and everything is after it.
					time.Sleep(test.pause - time.Second)
					if err := write(connector.Create)(t.Context(), c); directory.KindOf(err) != directory.Throttled || s.count() != 1 {
						t.Errorf("during the pause: %d requests, %v", s.count(), err)
					}
					time.Sleep(2 * time.Second)
					if err := write(connector.Create)(t.Context(), c); err != nil || s.count() != 2 {
						t.Errorf("after the pause: %d requests, %v", s.count(), err)
					}
					return
				}
				if err != nil || s.count() != 2 {
					t.Fatalf("%d requests: %v", s.count(), err)
				}
				if test.backoff && (took < 250*time.Millisecond || took > 750*time.Millisecond) || !test.backoff && took != test.waits {
					t.Errorf("waited %v, want %v", took, test.waits)
				}
			})
		})
	}
}

func says(text string) func(time.Time) string { return func(time.Time) string { return text } }
