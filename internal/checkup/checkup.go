package checkup

import (
	"context"
	"sync"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Check is one finding.
type Check struct {
	// Target is what it is about: "store", or a kind and an id, such as "connection wiki/scim".
	Target string
	connector.Finding
}

// The outcomes.
const (
	pass = connector.FindingPass
	warn = connector.FindingWarn
	fail = connector.FindingFail
	skip = connector.FindingSkip
)

// Connection is a connection to look at, with the mappings that use it.
type Connection struct {
	job.Connection
	Mappings []job.Mapping
}

// Subjects are what is looked at, besides the store.
type Subjects struct {
	Sources     []job.Source
	Connections []Connection
	Jobs        []store.JobRecord
}

// How long the probes of one target may take together, and questionLimit one question to a target.
const (
	questionLimit   = 20 * time.Second
	storeLimit      = 15 * time.Second
	sourceLimit     = time.Minute
	connectionLimit = time.Minute
	jobLimit        = 30 * time.Second
)

// Run looks at the store and at the subjects and reports what it finds. Checks of one target come in order; report is never called by
// two at a time.
func Run(ctx context.Context, engine *cycle.Engine, subjects Subjects, report func(Check)) {
	var mu sync.Mutex
	var targets sync.WaitGroup
	look := func(target string, limit time.Duration, at func(context.Context, *patient)) {
		targets.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			at(ctx, &patient{engine: engine, target: target, report: func(c Check) {
				mu.Lock()
				defer mu.Unlock()
				report(c)
			}})
		})
	}
	look("store", storeLimit, func(ctx context.Context, p *patient) { p.store(ctx, subjects.Connections) })
	for _, source := range subjects.Sources {
		look("source "+source.Key, sourceLimit, func(ctx context.Context, p *patient) { p.source(ctx, source) })
	}
	for _, connection := range subjects.Connections {
		look("connection "+connection.ID(), connectionLimit, func(ctx context.Context, p *patient) { p.connection(ctx, connection) })
	}
	for _, record := range subjects.Jobs {
		look("job "+record.Definition.ID, jobLimit, func(ctx context.Context, p *patient) { p.job(ctx, record) })
	}
	targets.Wait()
}

// patient is one target under examination.
type patient struct {
	engine *cycle.Engine
	target string
	report func(Check)
}

func (p *patient) tell(probe string, outcome connector.FindingOutcome, detail, advice string) {
	p.report(Check{Target: p.target, Finding: connector.Finding{Probe: probe, Outcome: outcome, Detail: detail, Advice: advice}})
}

// skip reports probes that cannot be tried.
func (p *patient) skip(why string, probes ...string) {
	for _, probe := range probes {
		p.tell(probe, skip, why, "")
	}
}
