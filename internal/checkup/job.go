package checkup

import (
	"context"
	"fmt"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// The probes of a job.
const (
	probeStatus = "status"
	probeCycle  = "last cycle"
	probeStaged = "staged"
	probeEscrow = "escrow"
)

// oldCycle is when a job that ran before deserves a look.
const oldCycle = 7 * 24 * time.Hour

func (p *patient) job(ctx context.Context, record store.JobRecord) {
	status, err := p.engine.Status(ctx, record.Definition.ID)
	if err != nil {
		p.tell(probeStatus, fail, err.Error(), "Look at the checks of the store.")
		return
	}
	code := status.Code()
	switch quarantine := record.Quarantine; code {
	case "quarantine":
		p.tell(probeStatus, fail, fmt.Sprintf("in quarantine (%s) since %s: %s", quarantine.Reason, quarantine.SeriesBegan.UTC().Format(time.RFC3339), quarantine.Error.Message),
			"Remove the cause, then apply again or run the command start.")
	case "paused":
		p.tell(probeStatus, warn, "paused: no cycle runs", "Start it when that is not intended any more.")
	case "not_run":
		p.tell(probeStatus, warn, "no cycle has ended yet", "Apply, or run the command run.")
	default:
		p.tell(probeStatus, pass, fmt.Sprintf("%s, %d accounts", code, status.Managed), "")
	}
	p.lastCycle(record.LastCycle)
	switch {
	case status.Held > 0:
		p.tell(probeStaged, warn, fmt.Sprintf("%d disables and deletes wait, %d of them held", status.Staged, status.Held), "Plan and apply, which shows them first, or decide with the command staged.")
	default:
		p.tell(probeStaged, pass, fmt.Sprintf("%d disables and deletes wait", status.Staged), "")
	}
	if status.Escrowed > 0 {
		p.tell(probeEscrow, warn, fmt.Sprintf("%d objects could not be provisioned", status.Escrowed), "See the commands logs and explain; they are tried again by every apply.")
		return
	}
	p.tell(probeEscrow, pass, "no object has failed", "")
}

func (p *patient) lastCycle(last *store.Cycle) {
	switch {
	case last == nil:
		p.skip("no cycle has ended yet", probeCycle)
	case last.Failure != "":
		p.tell(probeCycle, fail, fmt.Sprintf("ended %s early: %s", ago(p.engine.Now().Sub(last.EndedAt)), last.Failure), "Remove the cause; the next cycle goes on where this one stopped.")
	case p.engine.Now().Sub(last.EndedAt) > oldCycle:
		p.tell(probeCycle, warn, "ended "+ago(p.engine.Now().Sub(last.EndedAt)), "Check that whatever runs plan and apply, or the command run, still does: people who left since keep their access.")
	default:
		p.tell(probeCycle, pass, "ended "+ago(p.engine.Now().Sub(last.EndedAt)), "")
	}
}
