package api

import (
	"context"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// ListStaged returns a page of the deprovisionings that wait.
func (s operationService) ListStaged(ctx context.Context, request *connect.Request[provisioningv1.ListStagedRequest]) (*connect.Response[provisioningv1.ListStagedResponse], error) {
	answer, err := s.listStaged(ctx, request.Msg)
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(answer), nil
}

func (s operationService) listStaged(ctx context.Context, request *provisioningv1.ListStagedRequest) (*provisioningv1.ListStagedResponse, error) {
	size, err := pageSize(request.GetPageSize())
	if err != nil {
		return nil, err
	}
	record, err := s.jobRecord(ctx, request.GetJobId())
	if err != nil {
		return nil, err
	}
	jobID := record.Definition.ID
	asked := proto.CloneOf(request)
	asked.JobId, asked.PageSize, asked.PageToken = jobID, 0, ""
	digest, err := question(asked)
	if err != nil {
		return nil, err
	}
	place, err := decodePageToken[linkPlace](request.GetPageToken(), digest)
	if err != nil {
		return nil, err
	}
	entries, err := s.jobs.engine.ListStaged(ctx, jobID, store.LinkKey(place), size+1)
	if err != nil {
		return nil, err
	}
	answer := &provisioningv1.ListStagedResponse{}
	if answer.TotalCount, err = s.jobs.engine.CountStaged(ctx, jobID); err != nil {
		return nil, err
	}
	if len(entries) > size {
		entries = entries[:size]
		if answer.NextPageToken, err = encodePageToken(linkPlace(entries[size-1].LinkKey), digest); err != nil {
			return nil, err
		}
	}
	for _, entry := range entries {
		answer.Staged = append(answer.Staged, stagedMessage(entry))
	}
	return answer, nil
}

// stagedMessage is a staged deprovisioning on the wire.
func stagedMessage(entry cycle.StagedEntry) *provisioningv1.Staged {
	return &provisioningv1.Staged{
		ObjectType: string(entry.Type), SourceId: string(entry.Source), Name: wireText(entry.Name), Action: entry.Action, Event: entry.Event,
		Reason: wireText(entry.Reason), Held: entry.Held, Since: timestamp(entry.Since), Decision: entry.Decision,
		ExpiresAt: timestamp(entry.ExpiresAt), DueAt: timestamp(entry.DueAt),
	}
}

// timestamp is absent for the zero time.
func timestamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// rulings are the words of a request.
var rulings = map[string]engine.Ruling{"approve": engine.Approved, "reject": engine.Rejected}

// DecideStaged approves or rejects staged deprovisionings.
func (s operationService) DecideStaged(ctx context.Context, request *connect.Request[provisioningv1.DecideStagedRequest]) (*connect.Response[provisioningv1.DecideStagedResponse], error) {
	decided, err := s.decideStaged(ctx, request.Msg)
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(&provisioningv1.DecideStagedResponse{DecidedCount: decided}), nil
}

func (s operationService) decideStaged(ctx context.Context, request *provisioningv1.DecideStagedRequest) (int64, error) {
	ruling, known := rulings[request.GetDecision()]
	if !known {
		return 0, directory.Errorf(directory.Invalid, "a decision is approve or reject, not %q", request.GetDecision())
	}
	jobID, err := s.theJob(ctx, request.GetJobId())
	if err != nil {
		return 0, err
	}
	wanted := cycle.DecideRequest{JobID: jobID, Ruling: ruling, All: request.GetAll()}
	for _, subject := range request.GetSubjects() {
		of, err := objectType(subject.GetObjectType())
		if err != nil {
			return 0, err
		}
		wanted.Choices = append(wanted.Choices, cycle.StagedChoice{Subject: cycle.Subject{Type: of, ID: subject.GetId()}})
	}
	for _, choice := range request.GetChoices() {
		of, err := objectType(choice.GetObjectType())
		if err != nil {
			return 0, err
		}
		wanted.Choices = append(wanted.Choices, cycle.StagedChoice{Subject: cycle.Subject{Type: of, ID: choice.GetId()}, Action: engine.Action(choice.GetAction())})
	}
	return s.jobs.engine.DecideStaged(ctx, wanted)
}
