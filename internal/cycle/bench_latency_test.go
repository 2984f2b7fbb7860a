package cycle_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/pace"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source/file"
)

const (
	benchSlowPeople = 1000
	benchLatency    = 10 * time.Millisecond
)

// slowly answers as its handler does, a latency later, and adds up how long it had something to do.
type slowly struct {
	http.Handler

	mu     sync.Mutex
	asked  int
	under  int
	since  time.Time
	worked time.Duration
}

func (s *slowly) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.count(1)
	defer s.count(-1)
	timer := time.NewTimer(benchLatency)
	defer timer.Stop()
	select {
	case <-timer.C:
		s.Handler.ServeHTTP(w, r)
	case <-r.Context().Done():
	}
}

func (s *slowly) count(change int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if change > 0 {
		s.asked++
	}
	if s.under == 0 {
		s.since = time.Now()
	}
	if s.under += change; s.under == 0 {
		s.worked += time.Since(s.since)
	}
}

// BenchmarkInitialCycleSlowTarget is the initial cycle of 1,000 people into a target that takes 10 ms for each answer, 8 requests at
// a time, with and without bulk. The bars are 0.85 of the rate of a bare load generator (design.md 10; 1/0.85 is 1.18 times its time),
// 1.1 requests per person, and one request for a cycle without changes.
func BenchmarkInitialCycleSlowTarget(b *testing.B) {
	for _, bulk := range []string{"off", "auto"} {
		b.Run("bulk "+bulk, func(b *testing.B) {
			for b.Loop() {
				bare := httptest.NewServer(&slowly{Handler: wikiapp.New(wikiapp.Options{Token: "token"})})
				floor := bareCreates(b, bare.URL, benchSlowPeople)
				bare.Close()

				app := wikiapp.New(wikiapp.Options{Token: "token", BulkOperations: 100})
				slow := &slowly{Handler: app}
				server := httptest.NewServer(slow)
				w := newWorld(b)
				path := writePeople(b, benchSlowPeople)
				w.engine.OpenSource = func(job.Source) (source.Source, error) { return file.New(file.Options{Path: path}), nil }
				connected, err := scim.New(scim.Options{
					BaseURL: server.URL + "/scim/v2", BearerToken: secret.New("token"), Bulk: bulk,
					RateLimit: pace.Limit{RequestsPerSecond: 1e6, Concurrency: benchConcurrency},
				})
				if err != nil {
					b.Fatal(err)
				}
				w.connector = connected
				var began time.Time
				report, err := w.tryCommit(b.Context(), definition(enterprise), func() { began, slow.worked = time.Now(), 0 })
				elapsed := time.Since(began)
				if err != nil || report.Cycle.Counts.Created != benchSlowPeople {
					b.Fatalf("%+v, %v", report.Cycle.Counts, err)
				}
				b.ReportMetric(elapsed.Seconds()/floor.Seconds(), "x-floor")
				b.ReportMetric(elapsed.Seconds()*1000, "cycle-ms")
				b.ReportMetric(floor.Seconds()*1000, "floor-ms")
				// What the cycle does while nothing is asked of the target.
				b.ReportMetric((elapsed-slow.worked).Seconds()*1000, "unasked-ms")
				b.ReportMetric(float64(slow.asked)/benchSlowPeople, "requests/person")
				slow.asked = 0
				if _, err := w.tryCommit(b.Context(), definition(enterprise), nil); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(slow.asked), "requests-without-changes")
				server.Close()
			}
		})
	}
}
