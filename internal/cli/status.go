package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"connectrpc.com/connect"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// statusCommand prints the state of one job.
type statusCommand struct {
	storeFlags

	JSON bool `name:"json" help:"Print JSON."`
}

// Help returns the long text of status --help.
func (statusCommand) Help() string {
	return `Prints what the engine remembers; it contacts neither source nor application. STATUS is not_run before the first cycle has ended, ` +
		`then active, paused or quarantine. A quarantined job tells since when, why, and when its next cycle may run.

With --json the last cycle has the names of Microsoft's synchronizationTaskExecution: countImported are the source objects that were ` +
		`looked at, countEntitled those of them in scope, countExported what was created, updated, disabled or deleted, and countEscrowed ` +
		`what failed and is tried again.

Examples:

    terraform-provider-provisioning status --job wiki/main
    terraform-provider-provisioning status --json | jq -e '.status == "active"'`
}

// Run prints the state.
func (c *statusCommand) Run(ctx context.Context, build Build, streams Streams) error {
	return c.with(ctx, build, func(engine *wiring.Engine) error {
		jobs, err := c.jobs(ctx, engine)
		if err != nil {
			return err
		}
		if c.JSON {
			return encode(streams.Out, stateOf(jobs[0]))
		}
		return printState(streams.Out, stateOf(jobs[0]))
	})
}

// jobs returns the job that the flags name, which is the only one of the store when they name none.
func (f storeFlags) jobs(ctx context.Context, engine *wiring.Engine) ([]*provisioningv1.JobStatus, error) {
	if f.Job != "" {
		answer, err := engine.Client().Jobs.GetJob(ctx, connect.NewRequest(&provisioningv1.GetJobRequest{Id: f.Job}))
		if err != nil {
			return nil, err
		}
		return []*provisioningv1.JobStatus{answer.Msg.GetStatus()}, nil
	}
	answer, err := engine.Client().Jobs.ListJobs(ctx, connect.NewRequest(&provisioningv1.ListJobsRequest{}))
	if err != nil {
		return nil, err
	}
	switch all := answer.Msg.GetJobs(); len(all) {
	case 0:
		return nil, fmt.Errorf("there is no job in %s; was it made with another store?", f.Store)
	case 1:
		return all, nil
	default:
		ids := make([]string, len(all))
		for i, status := range all {
			ids[i] = jobID(status)
		}
		return nil, fmt.Errorf("there are %d jobs; name one with --job: %s", len(all), strings.Join(ids, ", "))
	}
}

func jobID(status *provisioningv1.JobStatus) string {
	return status.GetJob().GetAppId() + "/" + status.GetJob().GetName()
}

func encode(to io.Writer, value any) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// stateJSON is the state of a job.
type stateJSON struct {
	Job               string          `json:"job"`
	Status            string          `json:"status"`
	State             string          `json:"state"`
	Run               string          `json:"run"`
	Generation        int64           `json:"generation"`
	Position          string          `json:"position"`
	Managed           int64           `json:"managedAccounts"`
	Escrows           int64           `json:"escrows"`
	Staged            int64           `json:"staged"`
	Held              int64           `json:"held"`
	PendingReferences int64           `json:"pendingReferences"`
	Drift             int64           `json:"drift"`
	Quarantine        *quarantineJSON `json:"quarantine,omitempty"`
	LastExecution     *executionJSON  `json:"lastExecution,omitempty"`
}

// quarantineJSON has the names of synchronizationQuarantine (engine.md 17.3).
type quarantineJSON struct {
	Reason       string    `json:"reason"`
	CurrentBegan string    `json:"currentBegan"`
	SeriesBegan  string    `json:"seriesBegan"`
	SeriesCount  int64     `json:"seriesCount"`
	NextAttempt  string    `json:"nextAttempt"`
	Ended        bool      `json:"ended"`
	HoldsDeletes bool      `json:"holdsDeletes"`
	Error        errorJSON `json:"error"`
}

type errorJSON struct {
	Code             string `json:"code,omitempty"`
	Message          string `json:"message"`
	TenantActionable bool   `json:"tenantActionable"`
}

// executionJSON has the names of synchronizationTaskExecution (engine.md 22), and what they are made of.
type executionJSON struct {
	ActivityIdentifier string     `json:"activityIdentifier"`
	State              string     `json:"state"`
	Full               bool       `json:"full"`
	TimeBegan          string     `json:"timeBegan"`
	TimeEnded          string     `json:"timeEnded"`
	CountImported      int64      `json:"countImported"`
	CountEntitled      int64      `json:"countEntitled"`
	CountEscrowed      int64      `json:"countEscrowed"`
	CountExported      int64      `json:"countExported"`
	Created            int64      `json:"created"`
	Updated            int64      `json:"updated"`
	Disabled           int64      `json:"disabled"`
	Deleted            int64      `json:"deleted"`
	Skipped            int64      `json:"skipped"`
	Failed             int64      `json:"failed"`
	Held               int64      `json:"held"`
	MembershipsAdded   int64      `json:"membershipsAdded"`
	MembershipsRemoved int64      `json:"membershipsRemoved"`
	Error              *errorJSON `json:"error,omitempty"`
}

func stateOf(m *provisioningv1.JobStatus) stateJSON {
	state := stateJSON{
		Job: jobID(m), Status: m.GetStatus(), State: m.GetJob().GetState(), Run: m.GetJob().GetRun(), Generation: m.GetGeneration(),
		Position: m.GetPosition(), Managed: m.GetManagedAccountCount(), Escrows: m.GetEscrowCount(), Staged: m.GetStagedCount(), Held: m.GetHeldCount(),
		PendingReferences: m.GetPendingReferenceCount(), Drift: m.GetDriftCount(),
	}
	if q := m.GetQuarantine(); q != nil {
		state.Quarantine = &quarantineJSON{
			Reason: q.GetReason(), CurrentBegan: timeText(q.GetCurrentBegan()), SeriesBegan: timeText(q.GetSeriesBegan()), SeriesCount: q.GetSeriesCount(),
			NextAttempt: timeText(q.GetNextAttempt()), Ended: q.GetEnded(), HoldsDeletes: q.GetHoldsDeletes(),
			Error: errorJSON{Code: q.GetErrorCode(), Message: q.GetErrorMessage(), TenantActionable: q.GetTenantActionable()},
		}
	}
	if cycle := m.GetLastCycle(); cycle != nil {
		state.LastExecution = executionOf(cycle)
	}
	return state
}

func executionOf(cycle *provisioningv1.Cycle) *executionJSON {
	counts := cycle.GetCounts()
	execution := &executionJSON{
		ActivityIdentifier: cycle.GetId(), State: "Succeeded", Full: cycle.GetFull(),
		TimeBegan: timeText(cycle.GetStartedAt()), TimeEnded: timeText(cycle.GetEndedAt()),
		CountImported: counts.GetImported(), CountEntitled: counts.GetEntitled(), CountEscrowed: counts.GetEscrowed(), CountExported: counts.GetExported(),
		Created: counts.GetCreated(), Updated: counts.GetUpdated(), Disabled: counts.GetDisabled(), Deleted: counts.GetDeleted(),
		Skipped: counts.GetSkipped(), Failed: counts.GetFailed(), Held: counts.GetHeld(),
		MembershipsAdded: counts.GetMembershipsAdded(), MembershipsRemoved: counts.GetMembershipsRemoved(),
	}
	if counts.GetFailed() > 0 {
		execution.State = "EntryLevelErrors"
	}
	if cycle.GetFailure() != "" {
		execution.State, execution.Error = "Failed", &errorJSON{Message: cycle.GetFailure()}
	}
	return execution
}

// printState prints a state for people.
func printState(to io.Writer, s stateJSON) error {
	rows := [][]string{{"job", s.Job}, {"status", s.Status}, {"state", s.State}, {"run", s.Run}}
	if q := s.Quarantine; q != nil {
		next := "not before " + q.NextAttempt
		if q.Ended {
			next = "none until the job is started"
		}
		rows = append(rows,
			[]string{"quarantine", q.Reason + " since " + q.SeriesBegan + ", found " + fmt.Sprint(q.SeriesCount+1) + " times"},
			[]string{"", q.Error.Message}, []string{"next cycle", next})
	}
	rows = append(rows, []string{"accounts", fmt.Sprint(s.Managed)})
	if s.Drift > 0 {
		rows = append(rows, []string{"drift", fmt.Sprintf("%d accounts changed in the target", s.Drift)})
	}
	rows = append(rows, []string{"waiting", fmt.Sprintf("%d failed, %d staged (%d held), %d references", s.Escrows, s.Staged, s.Held, s.PendingReferences)})
	if e := s.LastExecution; e != nil {
		kind := "incremental"
		if e.Full {
			kind = "full"
		}
		rows = append(rows,
			[]string{"last cycle", fmt.Sprintf("%s, %s, ended %s", e.State, kind, e.TimeEnded)},
			[]string{"", fmt.Sprintf("%d imported, %d entitled, %d exported, %d escrowed", e.CountImported, e.CountEntitled, e.CountExported, e.CountEscrowed)},
			[]string{"", e.summary()})
		if e.Error != nil {
			rows = append(rows, []string{"", e.Error.Message})
		}
	}
	rows = append(rows, []string{"generation", fmt.Sprint(s.Generation)}, []string{"position", s.Position})
	return (&table{to: to}).rows(rows...)
}

// summary says what was done to accounts.
func (e *executionJSON) summary() string {
	return fmt.Sprintf("%d created, %d updated, %d disabled, %d deleted, %d skipped, %d failed, %d held; memberships: %d added, %d removed",
		e.Created, e.Updated, e.Disabled, e.Deleted, e.Skipped, e.Failed, e.Held, e.MembershipsAdded, e.MembershipsRemoved)
}
