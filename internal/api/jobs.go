package api

import (
	"context"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// jobService previews, commits and observes jobs.
type jobService struct {
	drafts draftService
	engine *cycle.Engine
}

func (s jobService) GetJob(ctx context.Context, request *connect.Request[provisioningv1.GetJobRequest]) (*connect.Response[provisioningv1.GetJobResponse], error) {
	status, err := s.engine.Status(ctx, request.Msg.GetId())
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(&provisioningv1.GetJobResponse{Status: statusMessage(status)}), nil
}

func (s jobService) RefreshJob(ctx context.Context, request *connect.Request[provisioningv1.RefreshJobRequest]) (*connect.Response[provisioningv1.RefreshJobResponse], error) {
	status, err := s.engine.Refresh(ctx, request.Msg.GetId())
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(&provisioningv1.RefreshJobResponse{Status: statusMessage(status)}), nil
}

func (s jobService) PreviewJob(ctx context.Context, request *connect.Request[provisioningv1.PreviewJobRequest]) (*connect.Response[provisioningv1.PreviewJobResponse], error) {
	answer, err := s.preview(ctx, request.Msg)
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(answer), nil
}

func (s jobService) CommitJob(ctx context.Context, request *connect.Request[provisioningv1.CommitJobRequest], stream *connect.ServerStream[provisioningv1.CommitJobResponse]) error {
	resolve, err := newResolver(s.drafts, nil)
	if err != nil {
		return wireError(err)
	}
	definition, err := resolve.definition(ctx, request.Msg.GetJob())
	if err != nil {
		return wireError(err)
	}
	if request.Msg.DesiredDigest != nil && request.Msg.GetDesiredDigest() != definition.Digest() {
		return wireError(directory.Errorf(directory.Conflict, "job %s: what it refers to is not what the plan showed; a mapping, filter, connection or another draft was changed since. Nothing was changed; run terraform plan again", definition.ID))
	}
	report, err := s.engine.Commit(ctx, cycle.CommitRequest{
		Definition: definition, Position: request.Msg.GetPosition(), AccountsDigest: request.Msg.AccountsDigest, Create: request.Msg.GetCreate(),
	}, progressTo(func(progress *provisioningv1.Progress) error {
		return stream.Send(&provisioningv1.CommitJobResponse{Event: &provisioningv1.CommitJobResponse_Progress{Progress: progress}})
	}))
	if err == nil {
		err = s.drafts.forgetSecrets(ctx, definition.Connection.ID())
	}
	if err != nil {
		return wireError(err)
	}
	status, err := s.engine.Status(ctx, definition.ID)
	if err != nil {
		return wireError(err)
	}
	return stream.Send(&provisioningv1.CommitJobResponse{Event: &provisioningv1.CommitJobResponse_Result{Result: resultMessage(status, report)}})
}

// resultMessage is the end of a cycle for the one who started it.
func resultMessage(status cycle.Status, report cycle.Report) *provisioningv1.CommitResult {
	result := &provisioningv1.CommitResult{
		Status: statusMessage(status), Executed: impactMessage(report.Executed, false),
		Held: accountMessages(report.Held, maxNames), HeldCount: int64(len(report.Held)),
		FailureCount: report.FailureCount, Warnings: report.Warnings,
	}
	for _, failure := range report.Failures {
		result.Failures = append(result.Failures, &provisioningv1.ObjectFailure{ObjectType: string(failure.Type), Name: failure.Name, Code: failure.Code, Message: failure.Message})
	}
	return result
}

// progressTo sends progress to a stream. A stream that is gone ends the call through its context; progress itself is
// never worth failing for.
func progressTo(send func(*provisioningv1.Progress) error) func(cycle.Progress) {
	broken := false
	return func(p cycle.Progress) {
		if broken {
			return
		}
		broken = send(&provisioningv1.Progress{
			Phase: string(p.Phase), Done: p.Done, Total: p.Total, ObjectsPerSecond: p.Rate, EtaSeconds: int64(p.ETA.Seconds()),
		}) != nil
	}
}

func (s jobService) PreviewRetirement(ctx context.Context, request *connect.Request[provisioningv1.PreviewRetirementRequest]) (*connect.Response[provisioningv1.PreviewRetirementResponse], error) {
	record, err := s.engine.Store.GetJob(ctx, request.Msg.GetId())
	if err != nil {
		return nil, wireError(err)
	}
	policy := record.Definition.OnDestroy
	if request.Msg.GetOnDestroy() != "" {
		policy = job.DestroyPolicy(request.Msg.GetOnDestroy())
	}
	preview, err := s.engine.PlanRetirement(ctx, request.Msg.GetId(), policy)
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(&provisioningv1.PreviewRetirementResponse{
		Impact: impactMessage(preview.Affected, false), Violations: violationMessages(engine.Judge(preview.Toll, record.Definition.Limits)),
		Position: preview.Position, ManagedAccountCount: preview.Managed,
	}), nil
}

func (s jobService) RetireJob(ctx context.Context, request *connect.Request[provisioningv1.RetireJobRequest], stream *connect.ServerStream[provisioningv1.RetireJobResponse]) error {
	record, err := s.engine.Store.GetJob(ctx, request.Msg.GetId())
	if err != nil {
		return wireError(err)
	}
	executed, err := s.engine.Retire(ctx, cycle.RetireRequest{
		JobID: request.Msg.GetId(), Policy: job.DestroyPolicy(request.Msg.GetOnDestroy()), Position: request.Msg.GetPosition(), AccountsDigest: request.Msg.AccountsDigest,
	}, progressTo(func(progress *provisioningv1.Progress) error {
		return stream.Send(&provisioningv1.RetireJobResponse{Event: &provisioningv1.RetireJobResponse_Progress{Progress: progress}})
	}))
	if err == nil {
		err = s.drafts.forgetSecrets(ctx, record.Definition.Connection.ID())
	}
	if err != nil {
		return wireError(err)
	}
	return stream.Send(&provisioningv1.RetireJobResponse{Event: &provisioningv1.RetireJobResponse_Executed{Executed: impactMessage(executed, false)}})
}

func statusMessage(s cycle.Status) *provisioningv1.JobStatus {
	m := &provisioningv1.JobStatus{
		Job: jobMessage(s.Record.Definition), Generation: s.Record.Generation, DesiredDigest: s.Record.Digest, Position: s.Position,
		Status: s.Code(), QuarantineReason: string(s.Record.Quarantine.Reason), ManagedAccountCount: s.Managed, EscrowCount: s.Escrowed,
		HeldCount: s.Held, StagedCount: s.Staged, PendingReferenceCount: s.PendingReferences, DriftCount: s.Drifted, DestroyImpact: impactMessage(s.DestroyImpact.Affected, false),
		CreatedAt: timestamppb.New(s.Record.CreatedAt), Held: accountMessages(s.FirstHeld, maxNames), TargetCapabilities: capabilityMessages(s.Capabilities),
	}
	if q := s.Record.Quarantine; q.In() {
		m.Quarantine = &provisioningv1.Quarantine{
			Reason: string(q.Reason), CurrentBegan: timestamppb.New(q.CurrentBegan), SeriesBegan: timestamppb.New(q.SeriesBegan), SeriesCount: q.SeriesCount,
			NextAttempt: timestamppb.New(q.NextAttempt), ErrorCode: q.Error.Code, ErrorMessage: wireText(q.Error.Message),
			TenantActionable: q.Error.TenantActionable, EscrowsPruned: q.EscrowsPruned, HoldsDeletes: q.HoldsDeletes, Ended: s.QuarantineEnded,
		}
	}
	if s.Record.LastCycle != nil {
		m.LastCycle = cycleMessage(*s.Record.LastCycle)
	}
	return m
}

func cycleMessage(c store.Cycle) *provisioningv1.Cycle {
	return &provisioningv1.Cycle{
		Id: c.ID, Full: c.Full, StartedAt: timestamppb.New(c.StartedAt), EndedAt: timestamppb.New(c.EndedAt), Failure: c.Failure,
		Counts: &provisioningv1.CycleCounts{
			Created: c.Counts.Created, Updated: c.Counts.Updated, Disabled: c.Counts.Disabled, Deleted: c.Counts.Deleted,
			Skipped: c.Counts.Skipped, Failed: c.Counts.Failed, Held: c.Counts.Held,
			MembershipsAdded: c.Counts.MembershipsAdded, MembershipsRemoved: c.Counts.MembershipsRemoved,
			Imported: c.Counts.Imported, Entitled: c.Counts.Entitled, Escrowed: c.Counts.Failed,
			Exported: c.Counts.Created + c.Counts.Updated + c.Counts.Disabled + c.Counts.Deleted,
		},
	}
}
