package api

import (
	"context"
	"fmt"
	"sync"

	"connectrpc.com/connect"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// ProvisionOnDemand provisions chosen objects at once. A subject that fails is a result, not an error.
func (s operationService) ProvisionOnDemand(ctx context.Context, request *connect.Request[provisioningv1.ProvisionOnDemandRequest]) (*connect.Response[provisioningv1.ProvisionOnDemandResponse], error) {
	answer, err := s.provisionOnDemand(ctx, request.Msg)
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(answer), nil
}

func (s operationService) provisionOnDemand(ctx context.Context, request *provisioningv1.ProvisionOnDemandRequest) (*provisioningv1.ProvisionOnDemandResponse, error) {
	jobID, err := s.theJob(ctx, request.GetJobId())
	if err != nil {
		return nil, err
	}
	subjects := make([]cycle.Subject, len(request.GetSubjects()))
	for i, message := range request.GetSubjects() {
		if subjects[i], err = oneObject(message); err != nil {
			return nil, err
		}
	}
	if !request.GetDryRun() {
		end, err := s.turns.take(ctx, jobID)
		if err != nil {
			return nil, err
		}
		defer end()
	}
	results, err := s.jobs.engine.OnDemand(ctx, jobID, subjects, request.GetDryRun())
	if err != nil {
		return nil, err
	}
	answer := &provisioningv1.ProvisionOnDemandResponse{}
	for _, result := range results {
		record := logMessage(result.Record)
		if result.Record.Time.IsZero() {
			record.Time = nil
		}
		answer.Results = append(answer.Results, &provisioningv1.OnDemandResult{
			Subject: subjectMessage(result.Subject), Result: string(result.Status), Record: record,
		})
	}
	return answer, nil
}

// oneObject is a subject that names one object; without an object type it is a user.
func oneObject(message *provisioningv1.Subject) (cycle.Subject, error) {
	of, err := objectType(message.GetObjectType())
	if err != nil {
		return cycle.Subject{}, err
	}
	if of == "" {
		of = directory.User
	}
	if message.GetId() == "" {
		return cycle.Subject{}, directory.Errorf(directory.Invalid, "a subject needs an id: a source id, or the value of the first matching attribute")
	}
	return cycle.Subject{Type: of, ID: message.GetId()}, nil
}

func subjectMessage(subject cycle.Subject) *provisioningv1.Subject {
	return &provisioningv1.Subject{ObjectType: string(subject.Type), Id: subject.ID}
}

// turns lets the on-demand runs of one process take turns: Terraform asks for several at once. The zero turns is usable.
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{}
}

// take waits until no other run works on a job. The caller calls end when its own is over.
func (t *turns) take(ctx context.Context, jobID string) (end func(), err error) {
	own := make(chan struct{})
	for {
		t.mu.Lock()
		other, busy := t.taken[jobID]
		if !busy {
			if t.taken == nil {
				t.taken = map[string]chan struct{}{}
			}
			t.taken[jobID] = own
		}
		t.mu.Unlock()
		if !busy {
			return func() {
				t.mu.Lock()
				defer t.mu.Unlock()
				delete(t.taken, jobID)
				close(own)
			}, nil
		}
		select {
		case <-other:
		case <-ctx.Done():
			return nil, fmt.Errorf("job %s: other on-demand runs took too long: %w", jobID, ctx.Err())
		}
	}
}
