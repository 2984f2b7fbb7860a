package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1/provisioningv1connect"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
)

// fakeEngine is a whole engine for people with a department: a filter is one department, an account is active or not.
// It keeps the promises of the API that the resource relies on: pinned previews, approved digests, held accounts.
type fakeEngine struct {
	provisioningv1connect.UnimplementedDraftServiceHandler
	provisioningv1connect.UnimplementedJobServiceHandler

	mu        sync.Mutex
	people    map[string]string          // name → department
	accounts  map[string]map[string]bool // job id → name → active
	filters   map[string]string          // filter id → department
	jobs      map[string]*provisioningv1.JobStatus
	resumable map[string]bool
	pinned    map[string]snapshot
	counter   int
	calls     []string
	commits   []*provisioningv1.CommitJobRequest
	retired   []*provisioningv1.RetireJobRequest
	previews  []*provisioningv1.PreviewJobRequest

	// What a test wants to happen besides.
	remarks      []string
	failures     []*provisioningv1.ObjectFailure
	previewError error
	commitError  error
	quarantine   string
	refreshError error
	progress     int
	learned      []*provisioningv1.TargetCapability
}

type snapshot struct {
	people   map[string]string
	accounts map[string]map[string]bool
}

func newFakeEngine() *fakeEngine {
	return &fakeEngine{
		people:   map[string]string{"ann": "Sales", "bob": "Sales", "cem": "IT", "dora": "IT", "eve": "IT"},
		accounts: map[string]map[string]bool{}, filters: map[string]string{}, jobs: map[string]*provisioningv1.JobStatus{},
		resumable: map[string]bool{}, pinned: map[string]snapshot{},
	}
}

// client serves the fake over the real Connect handlers.
func (f *fakeEngine) client(t *testing.T) planwalk.Engine {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(provisioningv1connect.NewDraftServiceHandler(f))
	mux.Handle(provisioningv1connect.NewJobServiceHandler(f))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return planwalk.Engine{
		Drafts: provisioningv1connect.NewDraftServiceClient(server.Client(), server.URL),
		Jobs:   provisioningv1connect.NewJobServiceClient(server.Client(), server.URL),
	}
}

// change edits the fake between two steps of a test.
func (f *fakeEngine) change(edit func(*fakeEngine)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	edit(f)
}

func (f *fakeEngine) enter(call string) func() {
	f.mu.Lock()
	f.calls = append(f.calls, call)
	return f.mu.Unlock
}

func (f *fakeEngine) live() snapshot {
	accounts := map[string]map[string]bool{}
	for id, of := range f.accounts {
		accounts[id] = maps.Clone(of)
	}
	return snapshot{people: maps.Clone(f.people), accounts: accounts}
}

func (f *fakeEngine) at(position string) snapshot {
	if pinned, ok := f.pinned[position]; ok {
		return pinned
	}
	return f.live()
}

func (f *fakeEngine) pin() string {
	f.counter++
	position := fmt.Sprintf("p%d", f.counter)
	f.pinned[position] = f.live()
	return position
}

// departments resolves the job's filters; planned drafts win over stored ones.
func (f *fakeEngine) departments(job *provisioningv1.Job, planned []*provisioningv1.Draft) ([]string, error) {
	values := maps.Clone(f.filters)
	for _, draft := range planned {
		if filter := draft.GetScopingFilter(); filter != nil {
			values[filter.GetAppId()+"/"+filter.GetName()] = filter.GetClauses()[0].GetValues()[0]
		}
	}
	var departments []string
	for _, id := range job.GetScopingFilterIds() {
		department, ok := values[id]
		if !ok {
			return nil, connect.NewError(connect.CodeFailedPrecondition,
				fmt.Errorf("scoping filter %q is not known; is it managed by another provider configuration?", id))
		}
		departments = append(departments, department)
	}
	return departments, nil
}

func digestOf(job *provisioningv1.Job, departments []string) string {
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(job)
	if err != nil {
		return err.Error()
	}
	return hash(string(raw) + strings.Join(departments, "|"))
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

func idOf(job *provisioningv1.Job) string { return job.GetAppId() + "/" + job.GetName() }

func inScope(departments []string, department string) bool {
	return len(departments) == 0 || slices.Contains(departments, department)
}

// impact of a configuration: out of scope is disabled, gone from the source is deleted.
func lossOf(id string, departments []string, world snapshot) *provisioningv1.Impact {
	result := &provisioningv1.Impact{}
	for _, name := range slices.Sorted(maps.Keys(world.accounts[id])) {
		department, exists := world.people[name]
		account := &provisioningv1.AffectedAccount{ObjectType: "user", Name: name, Action: "disable", Reason: "department is " + department, Cause: "filter", Origin: "configuration"}
		switch {
		case !exists:
			account.Action, account.Reason, account.Cause, account.Origin = "delete", "deleted in source", "deleted_in_source", "source"
			result.DeleteCount++
		case world.accounts[id][name] && !inScope(departments, department):
			result.DisableCount++
		default:
			continue
		}
		result.Accounts = append(result.Accounts, account)
	}
	if n := result.GetDisableCount(); n > 0 {
		result.Causes = append(result.Causes, &provisioningv1.CauseCount{Action: "disable", Cause: "filter", Origin: "configuration", Count: n})
	}
	return seal(result)
}

// seal computes the digest over all accounts, then caps the list as the engine does.
func seal(result *provisioningv1.Impact) *provisioningv1.Impact {
	var text string
	for _, account := range result.GetAccounts() {
		text += account.GetName() + ":" + account.GetAction() + ","
	}
	result.AccountsDigest = hash(text)
	if len(result.GetAccounts()) > maxNames {
		result.Accounts, result.AccountsTruncated = result.GetAccounts()[:maxNames], true
	}
	return result
}

func changes(id string, departments []string, world snapshot) *provisioningv1.Changes {
	result := &provisioningv1.Changes{}
	for name, department := range world.people {
		active, linked := world.accounts[id][name]
		switch {
		case !inScope(departments, department):
		case !linked:
			result.CreateCount++
		case !active:
			result.UpdateCount++
		}
	}
	return result
}

func violations(limits *provisioningv1.Limits, found *provisioningv1.Impact, managed int64) []*provisioningv1.LimitViolation {
	var result []*provisioningv1.LimitViolation
	check := func(limit string, exceeded bool, message string) {
		if exceeded {
			result = append(result, &provisioningv1.LimitViolation{Limit: limit, Message: message})
		}
	}
	total := found.GetDisableCount() + found.GetDeleteCount()
	check("max_disable", limits != nil && limits.MaxDisable != nil && found.GetDisableCount() > limits.GetMaxDisable(),
		fmt.Sprintf("%d disables exceed max_disable = %d", found.GetDisableCount(), limits.GetMaxDisable()))
	check("max_delete", limits != nil && limits.MaxDelete != nil && found.GetDeleteCount() > limits.GetMaxDelete(),
		fmt.Sprintf("%d deletes exceed max_delete = %d", found.GetDeleteCount(), limits.GetMaxDelete()))
	check("max_percent", limits != nil && limits.MaxPercent != nil && managed > 0 && float64(total)*100/float64(managed) > limits.GetMaxPercent(),
		fmt.Sprintf("%d of %d accounts exceed max_percent = %v", total, managed, limits.GetMaxPercent()))
	// Everybody here is a user.
	if users := limits.GetUsers(); users != nil {
		check("users.max_disable", users.MaxDisable != nil && found.GetDisableCount() > users.GetMaxDisable(),
			fmt.Sprintf("%d users exceed users.max_disable = %d", found.GetDisableCount(), users.GetMaxDisable()))
	}
	return result
}

func (f *fakeEngine) GetJob(_ context.Context, req *connect.Request[provisioningv1.GetJobRequest]) (*connect.Response[provisioningv1.GetJobResponse], error) {
	defer f.enter("GetJob")()
	status, err := f.status(req.Msg.GetId())
	return connect.NewResponse(&provisioningv1.GetJobResponse{Status: status}), err
}

func (f *fakeEngine) RefreshJob(_ context.Context, req *connect.Request[provisioningv1.RefreshJobRequest]) (*connect.Response[provisioningv1.RefreshJobResponse], error) {
	defer f.enter("RefreshJob")()
	if f.refreshError != nil {
		return nil, f.refreshError
	}
	status, err := f.status(req.Msg.GetId())
	return connect.NewResponse(&provisioningv1.RefreshJobResponse{Status: status}), err
}

func (f *fakeEngine) status(id string) (*provisioningv1.JobStatus, error) {
	stored, ok := f.jobs[id]
	if !ok || f.resumable[id] {
		return nil, connect.NewError(connect.CodeNotFound, fmt.Errorf("job %q is not known", id))
	}
	status := proto.CloneOf(stored)
	status.Position = f.pin()
	status.ManagedAccountCount = int64(len(f.accounts[id]))
	status.DestroyImpact = f.retirement(id, status.GetJob().GetOnDestroy())
	status.TargetCapabilities = f.learned
	return status, nil
}

func (f *fakeEngine) PreviewJob(_ context.Context, req *connect.Request[provisioningv1.PreviewJobRequest]) (*connect.Response[provisioningv1.PreviewJobResponse], error) {
	defer f.enter("PreviewJob")()
	f.previews = append(f.previews, req.Msg)
	if f.previewError != nil {
		return nil, f.previewError
	}
	job := req.Msg.GetJob()
	id := idOf(job)
	departments, err := f.departments(job, req.Msg.GetPlanned())
	if err != nil {
		return nil, err
	}
	world := f.at(req.Msg.GetPosition())
	found := lossOf(id, departments, world)
	managed := int64(len(world.accounts[id]))
	committed, exists := f.jobs[id]
	return connect.NewResponse(&provisioningv1.PreviewJobResponse{
		DesiredDigest: digestOf(job, departments), Impact: found, Changes: changes(id, departments, world),
		Position: req.Msg.GetPosition(), ManagedAccountCount: managed, Violations: violations(job.GetLimits(), found, managed),
		Exists: exists, CommittedDigest: committed.GetDesiredDigest(), Warnings: f.remarks, Resumable: f.resumable[id],
	}), nil
}

func (f *fakeEngine) CommitJob(_ context.Context, req *connect.Request[provisioningv1.CommitJobRequest], stream *connect.ServerStream[provisioningv1.CommitJobResponse]) error {
	defer f.enter("CommitJob")()
	f.commits = append(f.commits, req.Msg)
	for i := range f.progress {
		event := &provisioningv1.CommitJobResponse_Progress{Progress: &provisioningv1.Progress{Phase: "users", Done: int64(i), Total: int64(f.progress)}}
		if err := stream.Send(&provisioningv1.CommitJobResponse{Event: event}); err != nil {
			return err
		}
	}
	if f.commitError != nil {
		return f.commitError
	}
	result, err := f.commit(req.Msg)
	if err != nil {
		return err
	}
	return stream.Send(&provisioningv1.CommitJobResponse{Event: &provisioningv1.CommitJobResponse_Result{Result: result}})
}

func (f *fakeEngine) commit(req *provisioningv1.CommitJobRequest) (*provisioningv1.CommitResult, error) {
	job := req.GetJob()
	id := idOf(job)
	stored, exists := f.jobs[id]
	if exists == req.GetCreate() && !f.resumable[id] {
		return nil, connect.NewError(connect.CodeFailedPrecondition, fmt.Errorf("job %q: exists is %v", id, exists))
	}
	departments, err := f.departments(job, nil)
	if err != nil {
		return nil, err
	}
	found := lossOf(id, departments, f.live())
	if exceeded := violations(job.GetLimits(), found, int64(len(f.accounts[id]))); len(exceeded) > 0 {
		return nil, connect.NewError(connect.CodeResourceExhausted, fmt.Errorf("%s", exceeded[0].GetMessage()))
	}
	approved := found
	if req.AccountsDigest != nil {
		approved = lossOf(id, departments, f.at(req.GetPosition()))
		if approved.GetAccountsDigest() != req.GetAccountsDigest() {
			return nil, connect.NewError(connect.CodeAborted, fmt.Errorf("job %q: the approved preview is not known any more", id))
		}
	}
	result := &provisioningv1.CommitResult{Executed: &provisioningv1.Impact{}, Failures: f.failures, FailureCount: int64(len(f.failures)), Warnings: f.remarks}
	for _, account := range found.GetAccounts() {
		if !slices.ContainsFunc(approved.GetAccounts(), func(a *provisioningv1.AffectedAccount) bool { return proto.Equal(a, account) }) {
			result.Held = append(result.Held, account)
			continue
		}
		result.Executed.Accounts = append(result.Executed.Accounts, account)
	}
	if len(result.GetHeld()) > 0 && job.GetOnUnplanned() == unplannedFail {
		return nil, connect.NewError(connect.CodeAborted, fmt.Errorf("the plan did not show that %s would lose access; nothing was changed", result.GetHeld()[0].GetName()))
	}
	result.HeldCount = int64(len(result.GetHeld()))
	next := &provisioningv1.JobStatus{Job: job, Generation: stored.GetGeneration() + 1, DesiredDigest: digestOf(job, departments), Status: "paused", LastCycle: stored.GetLastCycle()}
	if job.GetRun() == runOnApply && job.GetState() == stateStarted {
		next.Status = "active"
		next.LastCycle = f.cycle(id, departments, result)
	}
	if f.quarantine != "" {
		next.Status, next.QuarantineReason = statusQuarantine, f.quarantine
	}
	f.jobs[id] = next
	delete(f.resumable, id)
	result.Status, err = f.status(id)
	return result, err
}

// cycle provisions who is in scope and carries out what was approved.
func (f *fakeEngine) cycle(id string, departments []string, result *provisioningv1.CommitResult) *provisioningv1.Cycle {
	if f.accounts[id] == nil {
		f.accounts[id] = map[string]bool{}
	}
	counts := &provisioningv1.CycleCounts{Held: result.GetHeldCount(), Failed: result.GetFailureCount()}
	for _, account := range result.GetExecuted().GetAccounts() {
		if account.GetAction() == "delete" {
			delete(f.accounts[id], account.GetName())
			counts.Deleted++
			continue
		}
		f.accounts[id][account.GetName()] = false
		counts.Disabled++
	}
	result.Executed.DisableCount, result.Executed.DeleteCount = counts.GetDisabled(), counts.GetDeleted()
	seal(result.GetExecuted())
	for name, department := range f.people {
		active, linked := f.accounts[id][name]
		switch {
		case !inScope(departments, department):
			continue
		case !linked:
			counts.Created++
		case !active:
			counts.Updated++
		}
		f.accounts[id][name] = true
	}
	at := timestamppb.New(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	return &provisioningv1.Cycle{Id: fmt.Sprintf("c%d", f.counter), Full: true, Counts: counts, StartedAt: at, EndedAt: at}
}

// retirement is what a destroy policy does to a job's accounts.
func (f *fakeEngine) retirement(id, policy string) *provisioningv1.Impact {
	result := &provisioningv1.Impact{}
	for _, name := range slices.Sorted(maps.Keys(f.accounts[id])) {
		switch {
		case policy == destroyDelete:
			result.DeleteCount++
		case policy == destroyDisable && f.accounts[id][name]:
			result.DisableCount++
		default:
			continue
		}
		result.Accounts = append(result.Accounts, &provisioningv1.AffectedAccount{ObjectType: "user", Name: name, Action: policy, Reason: "job destroyed"})
	}
	return seal(result)
}

func (f *fakeEngine) PreviewRetirement(_ context.Context, req *connect.Request[provisioningv1.PreviewRetirementRequest]) (*connect.Response[provisioningv1.PreviewRetirementResponse], error) {
	defer f.enter("PreviewRetirement")()
	stored, exists := f.jobs[req.Msg.GetId()]
	if !exists {
		return nil, connect.NewError(connect.CodeNotFound, fmt.Errorf("job %q is not known", req.Msg.GetId()))
	}
	found := f.retirement(req.Msg.GetId(), req.Msg.GetOnDestroy())
	managed := int64(len(f.accounts[req.Msg.GetId()]))
	return connect.NewResponse(&provisioningv1.PreviewRetirementResponse{
		Impact: found, Violations: violations(stored.GetJob().GetLimits(), found, managed), Position: f.pin(), ManagedAccountCount: managed,
	}), nil
}

func (f *fakeEngine) RetireJob(_ context.Context, req *connect.Request[provisioningv1.RetireJobRequest], stream *connect.ServerStream[provisioningv1.RetireJobResponse]) error {
	defer f.enter("RetireJob")()
	f.retired = append(f.retired, req.Msg)
	id := req.Msg.GetId()
	if _, exists := f.jobs[id]; !exists {
		return connect.NewError(connect.CodeNotFound, fmt.Errorf("job %q is not known", id))
	}
	found := f.retirement(id, req.Msg.GetOnDestroy())
	nothing := found.GetDisableCount()+found.GetDeleteCount() == 0
	if !nothing && req.Msg.GetAccountsDigest() != found.GetAccountsDigest() {
		return connect.NewError(connect.CodeAborted, fmt.Errorf("the destroy plan did not show %s", found.GetAccounts()[len(found.GetAccounts())-1].GetName()))
	}
	for _, account := range found.GetAccounts() {
		f.accounts[id][account.GetName()] = false
		if account.GetAction() == destroyDelete {
			delete(f.accounts[id], account.GetName())
		}
	}
	delete(f.jobs, id)
	return stream.Send(&provisioningv1.RetireJobResponse{Event: &provisioningv1.RetireJobResponse_Executed{Executed: found}})
}

// PutDraft keeps filters only: nothing else has content in this fake.
func (f *fakeEngine) PutDraft(_ context.Context, req *connect.Request[provisioningv1.PutDraftRequest]) (*connect.Response[provisioningv1.PutDraftResponse], error) {
	defer f.enter("PutDraft")()
	filter := req.Msg.GetDraft().GetScopingFilter()
	f.filters[filter.GetAppId()+"/"+filter.GetName()] = filter.GetClauses()[0].GetValues()[0]
	return connect.NewResponse(&provisioningv1.PutDraftResponse{Draft: req.Msg.GetDraft()}), nil
}

func (f *fakeEngine) DeleteDraft(_ context.Context, req *connect.Request[provisioningv1.DeleteDraftRequest]) (*connect.Response[provisioningv1.DeleteDraftResponse], error) {
	defer f.enter("DeleteDraft")()
	delete(f.filters, req.Msg.GetId())
	return connect.NewResponse(&provisioningv1.DeleteDraftResponse{}), nil
}
