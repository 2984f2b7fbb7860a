package cycle_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/examples/quickstart/wikiapp"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/pace"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source/file"
)

// The bars of design.md 10 that concern the cycle. `make bench` prints them; nothing here fails on time.

const (
	benchPeople      = 100_000
	benchInitial     = 10_000
	benchConcurrency = 8
)

// writePeople makes a file of people, one in ten of them in HR.
func writePeople(b *testing.B, count int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "people.json")
	var text strings.Builder
	text.WriteString(`{"users":[`)
	for i := range count {
		if i > 0 {
			text.WriteString(",\n")
		}
		department := "Sales"
		if i%10 == 0 {
			department = "HR"
		}
		fmt.Fprintf(&text, `{"id":"u%07d","userPrincipalName":"user%d@example.com","displayName":"User %d","givenName":"Given","surname":"Surname %d","mail":"user%d@example.com","jobTitle":"Clerk","department":%q,"accountEnabled":true}`, i, i, i, i, i, department)
	}
	text.WriteString("]}\n")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// BenchmarkInitialCycle compares the creates of an initial cycle with a bare load generator that sends one POST for
// each user with the same concurrency to the same server. That server answers at once and shares the processor with both, so
// the ratio tells what deciding and recording cost. The bar of 0.85 is for a target that takes time to answer: see
// BenchmarkInitialCycleSlowTarget.
func BenchmarkInitialCycle(b *testing.B) {
	for b.Loop() {
		app := httptest.NewServer(wikiapp.New(wikiapp.Options{Token: "token"}))
		floor := bareCreates(b, app.URL, benchInitial)
		app.Close()
		w, _ := wikiWorld(b, benchInitial)
		var began time.Time
		report, err := w.tryCommit(b.Context(), definition(enterprise), func() { began = time.Now() })
		if err != nil || report.Cycle.Counts.Created != benchInitial {
			b.Fatalf("%+v, %v", report.Cycle.Counts, err)
		}
		elapsed := time.Since(began)
		b.ReportMetric(float64(benchInitial)/elapsed.Seconds(), "people/s")
		b.ReportMetric(float64(benchInitial)/floor.Seconds(), "floor/s")
		b.ReportMetric(floor.Seconds()/elapsed.Seconds(), "ratio")
	}
}

// wikiWorld is a world with people from a file and the quickstart application as its target.
func wikiWorld(b *testing.B, count int) (*world, *wikiapp.App) {
	b.Helper()
	app := wikiapp.New(wikiapp.Options{Token: "token"})
	server := httptest.NewServer(app)
	b.Cleanup(server.Close)
	w := newWorld(b)
	path := writePeople(b, count)
	w.engine.OpenSource = func(job.Source) (source.Source, error) { return file.New(file.Options{Path: path}), nil }
	connected, err := scim.New(scim.Options{
		BaseURL: server.URL + "/scim/v2", BearerToken: secret.New("token"),
		RateLimit: pace.Limit{RequestsPerSecond: 1e6, Concurrency: benchConcurrency},
	})
	if err != nil {
		b.Fatal(err)
	}
	w.connector = connected
	return w, app
}

// cpu is the processor time this process has used, which a busy machine does not lengthen as it does the time on the wall.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// enterprise maps the department to where SCIM has it.
func enterprise(d *job.Definition) {
	attributes := d.Mappings[len(d.Mappings)-1].Attributes
	for i := range attributes {
		if attributes[i].Target == "department" {
			attributes[i].Target = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
		}
	}
}

// bareCreates is the floor: nothing but the requests.
func bareCreates(b *testing.B, address string, count int) time.Duration {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchConcurrency}}
	defer client.CloseIdleConnections()
	next := make(chan int)
	var workers sync.WaitGroup
	began := time.Now()
	for range benchConcurrency {
		workers.Go(func() {
			for i := range next {
				body := fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"user%d@example.com","active":true,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Sales"}}`, i)
				request, err := http.NewRequest(http.MethodPost, address+"/scim/v2/Users", strings.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				request.Header.Set("Authorization", "Bearer token")
				request.Header.Set("Content-Type", "application/scim+json")
				response, err := client.Do(request)
				if err != nil {
					b.Error(err)
					return
				}
				if response.StatusCode != http.StatusCreated {
					b.Errorf("status %d", response.StatusCode)
				}
				_, _ = io.Copy(io.Discard, response.Body) // or the connection would not be used again
				_ = response.Body.Close()
			}
		})
	}
	for i := range count {
		next <- i
	}
	close(next)
	workers.Wait()
	return time.Since(began)
}

// BenchmarkHundredThousand measures what a plan and an apply cost once everybody is linked.
func BenchmarkHundredThousand(b *testing.B) {
	w, app := wikiWorld(b, benchPeople)
	commit := func(b *testing.B, change ...func(*job.Definition)) cycle.Report {
		app.ResetRequests()
		report, err := w.tryCommit(b.Context(), definition(append(change, enterprise)...), nil)
		if err != nil || report.FailureCount > 0 {
			b.Fatalf("%+v, %v", report.Cycle, err)
		}
		b.ReportMetric(float64(len(app.Requests())), "requests")
		return report
	}
	commit(b)
	commit(b) // asks the target once more what it is: the clock of the test has gone on for more than a day
	b.Run("incremental without changes", func(b *testing.B) {
		for b.Loop() {
			commit(b)
		}
	})
	b.Run("preview of a changed filter", func(b *testing.B) {
		for b.Loop() {
			before := cpu(b)
			preview, err := w.engine.PreviewJob(b.Context(), definition(inDepartments("Sales"), enterprise), "")
			if err != nil || len(preview.Affected) != benchPeople/10 {
				b.Fatalf("%d affected, %v", len(preview.Affected), err)
			}
			b.ReportMetric((cpu(b) - before).Seconds(), "cpu-s/preview")
		}
	})
	b.Run("full evaluation without differences", func(b *testing.B) {
		round := 0
		for b.Loop() {
			round++ // another filter each time, always the same people
			if report := commit(b, inDepartments("Sales", "HR", fmt.Sprintf("none-%d", round))); !report.Cycle.Full {
				b.Fatal("the cycle was not full")
			}
		}
	})
}
