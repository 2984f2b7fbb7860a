package api

import (
	"context"

	"connectrpc.com/connect"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
)

// ListJobs returns the state of all jobs.
func (s jobService) ListJobs(ctx context.Context, _ *connect.Request[provisioningv1.ListJobsRequest]) (*connect.Response[provisioningv1.ListJobsResponse], error) {
	records, err := s.engine.Store.ListJobs(ctx)
	if err != nil {
		return nil, wireError(err)
	}
	answer := &provisioningv1.ListJobsResponse{}
	for _, record := range records {
		status, err := s.engine.Status(ctx, record.Definition.ID)
		if err != nil {
			return nil, wireError(err)
		}
		answer.Jobs = append(answer.Jobs, statusMessage(status))
	}
	return connect.NewResponse(answer), nil
}

// StartJob lets a paused or quarantined job go on.
func (s operationService) StartJob(ctx context.Context, request *connect.Request[provisioningv1.StartJobRequest]) (*connect.Response[provisioningv1.StartJobResponse], error) {
	status, err := s.operate(ctx, request.Msg.GetId(), s.jobs.engine.StartJob)
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(&provisioningv1.StartJobResponse{Status: status}), nil
}

// PauseJob withholds later cycles.
func (s operationService) PauseJob(ctx context.Context, request *connect.Request[provisioningv1.PauseJobRequest]) (*connect.Response[provisioningv1.PauseJobResponse], error) {
	status, err := s.operate(ctx, request.Msg.GetId(), s.jobs.engine.PauseJob)
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(&provisioningv1.PauseJobResponse{Status: status}), nil
}

// RestartJob forgets parts of what a job remembers.
func (s operationService) RestartJob(ctx context.Context, request *connect.Request[provisioningv1.RestartJobRequest]) (*connect.Response[provisioningv1.RestartJobResponse], error) {
	var forgotten cycle.Forgotten
	status, err := s.operate(ctx, request.Msg.GetId(), func(ctx context.Context, id string) (err error) {
		forgotten, err = s.jobs.engine.RestartJob(ctx, cycle.RestartRequest{
			JobID: id, Scope: request.Msg.GetScope(), AcknowledgeOrphans: request.Msg.GetAcknowledgeOrphans(), DryRun: request.Msg.GetDryRun(),
		})
		return err
	})
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(&provisioningv1.RestartJobResponse{
		Status: status, Orphans: accountMessages(forgotten.Orphans, maxNames), OrphanCount: int64(len(forgotten.Orphans)), ForgottenLinkCount: forgotten.Links,
	}), nil
}

// operate does something to a job and returns its state afterwards.
func (s operationService) operate(ctx context.Context, named string, do func(context.Context, string) error) (*provisioningv1.JobStatus, error) {
	id, err := s.theJob(ctx, named)
	if err != nil {
		return nil, err
	}
	if err := do(ctx, id); err != nil {
		return nil, err
	}
	status, err := s.jobs.engine.Status(ctx, id)
	if err != nil {
		return nil, err
	}
	return statusMessage(status), nil
}

// RunJob runs one cycle of the committed generation. A job that is not to run now answers with a warning that says why, and
// a last cycle that is not of this call.
func (s operationService) RunJob(ctx context.Context, request *connect.Request[provisioningv1.RunJobRequest], stream *connect.ServerStream[provisioningv1.RunJobResponse]) error {
	id, err := s.theJob(ctx, request.Msg.GetId())
	if err != nil {
		return wireError(err)
	}
	ran, err := s.jobs.engine.RunJob(ctx, cycle.RunRequest{JobID: id, Full: request.Msg.GetFull(), Force: request.Msg.GetForce()}, progressTo(func(progress *provisioningv1.Progress) error {
		return stream.Send(&provisioningv1.RunJobResponse{Event: &provisioningv1.RunJobResponse_Progress{Progress: progress}})
	}))
	if err != nil {
		return wireError(err)
	}
	if ran.Withheld != "" {
		ran.Warnings = append(ran.Warnings, ran.Withheld)
	}
	status, err := s.jobs.engine.Status(ctx, id)
	if err != nil {
		return wireError(err)
	}
	result := resultMessage(status, ran.Report)
	result.Withheld = ran.Withheld != ""
	return stream.Send(&provisioningv1.RunJobResponse{Event: &provisioningv1.RunJobResponse_Result{Result: result}})
}
