package api

import (
	"context"
	"fmt"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// ListDrift returns a page of what the last comparison found.
func (s operationService) ListDrift(ctx context.Context, request *connect.Request[provisioningv1.ListDriftRequest]) (*connect.Response[provisioningv1.ListDriftResponse], error) {
	answer, err := s.listDrift(ctx, request.Msg)
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(answer), nil
}

func (s operationService) listDrift(ctx context.Context, request *provisioningv1.ListDriftRequest) (*provisioningv1.ListDriftResponse, error) {
	size, err := pageSize(request.GetPageSize())
	if err != nil {
		return nil, err
	}
	record, err := s.jobRecord(ctx, request.GetJobId())
	if err != nil {
		return nil, err
	}
	id := record.Definition.ID
	asked := proto.CloneOf(request)
	asked.JobId, asked.PageSize, asked.PageToken = id, 0, ""
	digest, err := question(asked)
	if err != nil {
		return nil, err
	}
	place, err := decodePageToken[linkPlace](request.GetPageToken(), digest)
	if err != nil {
		return nil, err
	}
	check, err := s.jobs.engine.Store.LastDriftCheck(ctx, id)
	if err != nil {
		return nil, err
	}
	found, err := s.jobs.engine.Store.ListDrift(ctx, id, store.LinkKey(place), size+1)
	if err != nil {
		return nil, err
	}
	answer := &provisioningv1.ListDriftResponse{Mode: string(record.Definition.Drift), Problem: wireText(check.Problem), ComparedCount: check.Compared}
	if answer.Mode == "" {
		answer.Mode = string(job.DriftIgnore)
	}
	if !check.At.IsZero() {
		answer.CheckedAt = timestamppb.New(check.At)
	}
	if len(found) > size {
		found = found[:size]
		if answer.NextPageToken, err = encodePageToken(linkPlace(found[size-1].LinkKey), digest); err != nil {
			return nil, err
		}
	}
	shown := newDisclosure(record.Definition)
	for _, drift := range found {
		answer.Drift = append(answer.Drift, shown.drift(drift))
	}
	return answer, nil
}

// drift is drift on the wire.
func (d disclosure) drift(drift store.Drift) *provisioningv1.Drift {
	m := &provisioningv1.Drift{
		ObjectType: string(drift.Type), SourceId: string(drift.Source), TargetId: string(drift.Target), Name: wireText(drift.Name),
		Managed: drift.Managed, Kind: string(drift.Kind), Since: timestamppb.New(drift.Since),
	}
	for _, attribute := range drift.Attributes {
		text := func(value directory.Value) string {
			switch {
			case value.IsNull():
				return ""
			case !d.shows(drift.Type, attribute.Attribute, value):
				return provlog.Redacted
			}
			return wireText(value.String())
		}
		m.Changes = append(m.Changes, &provisioningv1.ModifiedProperty{
			DisplayName: attribute.Attribute, OldValue: text(attribute.Written), NewValue: text(attribute.Observed),
		})
	}
	if members := drift.Members; members.Missing > 0 {
		m.Changes = append(m.Changes, &provisioningv1.ModifiedProperty{DisplayName: directory.ReferenceMembers, OldValue: memberNames(members.MissingNames, members.Missing)})
	}
	if members := drift.Members; members.Added > 0 {
		m.Changes = append(m.Changes, &provisioningv1.ModifiedProperty{DisplayName: directory.ReferenceMembers, NewValue: memberNames(members.AddedNames, members.Added)})
	}
	return m
}

// memberNames lists the first of some members, and says how many more there are.
func memberNames(names []string, total int64) string {
	text := strings.Join(names, ", ")
	if more := total - int64(len(names)); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return wireText(text)
}
