package api

import (
	"context"

	"connectrpc.com/connect"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// ExplainObject says why an object is or is not provisioned, without contacting anybody.
func (s operationService) ExplainObject(ctx context.Context, request *connect.Request[provisioningv1.ExplainObjectRequest]) (*connect.Response[provisioningv1.ExplainObjectResponse], error) {
	answer, err := s.explainObject(ctx, request.Msg)
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(answer), nil
}

func (s operationService) explainObject(ctx context.Context, request *provisioningv1.ExplainObjectRequest) (*provisioningv1.ExplainObjectResponse, error) {
	subject, err := oneObject(request.GetSubject())
	if err != nil {
		return nil, err
	}
	record, err := s.jobRecord(ctx, request.GetJobId())
	if err != nil {
		return nil, err
	}
	explained, err := s.jobs.engine.Explain(ctx, record.Definition.ID, subject)
	if err != nil {
		return nil, err
	}
	return explanationMessage(explained, newDisclosure(record.Definition))
}

func explanationMessage(x cycle.Explanation, shown disclosure) (*provisioningv1.ExplainObjectResponse, error) {
	m := &provisioningv1.ExplainObjectResponse{
		Subject: subjectMessage(x.Subject), Name: wireText(x.Name), Summary: wireText(x.Summary), Action: string(x.Action), Code: x.Code,
		InScope: x.InScope, SourceState: string(x.State), Escrow: escrowMessage(x.Escrow),
	}
	decided := logMessage(provlog.Record{Steps: x.Steps, Modified: x.Changes})
	m.Steps, m.Changes = decided.GetSteps(), decided.GetModified()
	if x.Staged != nil {
		m.Staged = stagedMessage(cycle.StagedEntry{Staged: *x.Staged, Name: x.Name})
	}
	for _, value := range x.Mappings {
		message, err := mappingMessage(value)
		if err != nil {
			return nil, err
		}
		m.Mappings = append(m.Mappings, message)
	}
	for _, record := range x.Log {
		m.Log = append(m.Log, logMessage(record))
	}
	var err error
	if x.Link != nil {
		if m.Link, err = shown.message(*x.Link); err != nil {
			return nil, err
		}
	}
	if m.SourceAttributesJson, err = exportedJSON(x.Attributes); err != nil {
		return nil, directory.Errorf(directory.Fatal, "encode the attributes of %s %s: %w", x.Subject.Type, x.Subject.ID, err)
	}
	return m, nil
}

func mappingMessage(value engine.MappingValue) (*provisioningv1.ExplainedMapping, error) {
	m := &provisioningv1.ExplainedMapping{
		Target: value.Target, Expression: value.Expression, Dropped: value.Dropped, MatchingPrecedence: int32(value.MatchingPrecedence),
	}
	switch {
	case value.Err != nil:
		m.Error = wireText(value.Err.Error())
	case !value.Dropped:
		encoded, err := value.Value.MarshalJSON()
		if err != nil {
			return nil, directory.Errorf(directory.Fatal, "encode the value of %s: %w", value.Target, err)
		}
		m.ValueJson = string(encoded)
	}
	return m, nil
}

func escrowMessage(escrow *store.Escrow) *provisioningv1.Escrow {
	if escrow == nil {
		return nil
	}
	return &provisioningv1.Escrow{
		ObjectType: string(escrow.Type), SourceId: string(escrow.Source), Name: wireText(escrow.Name), Code: escrow.Code, Message: wireText(escrow.Message),
		Attempts: escrow.Attempts, FirstFailure: timestamp(escrow.FirstFailure), NextAttempt: timestamp(escrow.NextAttempt),
	}
}
