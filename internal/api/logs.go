package api

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// ListLogs returns a page of the provisioning log. The log of a destroyed job is still there until its records are too old.
func (s operationService) ListLogs(ctx context.Context, request *connect.Request[provisioningv1.ListLogsRequest]) (*connect.Response[provisioningv1.ListLogsResponse], error) {
	answer, err := s.listLogs(ctx, request.Msg)
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(answer), nil
}

// logPlace is where a page of the log ends. Records of one millisecond are told apart by their change.
type logPlace struct {
	AtMS   int64  `json:"at"`
	Change string `json:"change"`
}

func (s operationService) listLogs(ctx context.Context, request *provisioningv1.ListLogsRequest) (*provisioningv1.ListLogsResponse, error) {
	size, err := pageSize(request.GetPageSize())
	if err != nil {
		return nil, err
	}
	query, err := logQuery(request)
	if err != nil {
		return nil, err
	}
	jobID, err := s.theJob(ctx, request.GetJobId())
	if err != nil {
		return nil, err
	}
	asked := proto.CloneOf(request)
	asked.JobId, asked.PageSize, asked.PageToken = jobID, 0, ""
	digest, err := question(asked)
	if err != nil {
		return nil, err
	}
	place, err := decodePageToken[logPlace](request.GetPageToken(), digest)
	if err != nil {
		return nil, err
	}
	if place.Change != "" {
		query.After = store.LogPosition{Time: time.UnixMilli(place.AtMS), ChangeID: place.Change}
	}
	query.Limit = size + 1 // one more than asked for tells whether there is another page
	records, err := s.jobs.engine.Store.SearchLog(ctx, jobID, query)
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		if err := s.mustBeKnown(ctx, jobID); err != nil {
			return nil, err
		}
	}
	answer := &provisioningv1.ListLogsResponse{}
	if len(records) > size {
		records = records[:size]
		last := records[size-1]
		if answer.NextPageToken, err = encodePageToken(logPlace{AtMS: last.Time.UnixMilli(), Change: last.ChangeID}, digest); err != nil {
			return nil, err
		}
	}
	for _, record := range records {
		answer.Records = append(answer.Records, logMessage(record))
	}
	return answer, nil
}

// mustBeKnown says not found for an id that no job has and that no log remembers: a misspelled id must not look like an
// empty log.
func (s operationService) mustBeKnown(ctx context.Context, jobID string) error {
	_, err := s.jobs.engine.Store.GetJob(ctx, jobID)
	if !errors.Is(err, directory.NotFound) {
		return err
	}
	records, searchErr := s.jobs.engine.Store.SearchLog(ctx, jobID, store.LogQuery{Limit: 1})
	if searchErr != nil {
		return searchErr
	}
	if len(records) == 0 {
		return err
	}
	return nil
}

func logQuery(request *provisioningv1.ListLogsRequest) (store.LogQuery, error) {
	query := store.LogQuery{
		Object: request.GetObject(), CycleID: request.GetCycleId(), ChangeID: request.GetChangeId(), ErrorCode: request.GetErrorCode(),
	}
	for _, bound := range []struct {
		name string
		from *timestamppb.Timestamp
	}{{"since", request.GetSince()}, {"until", request.GetUntil()}} {
		if bound.from == nil {
			continue
		}
		if err := bound.from.CheckValid(); err != nil {
			return query, directory.Errorf(directory.Invalid, "%s is not a time: %w", bound.name, err)
		}
		if bound.name == "since" {
			query.Since = bound.from.AsTime()
		} else {
			query.Until = bound.from.AsTime()
		}
	}
	var err error
	if query.Actions, err = chosen("action", request.GetActions(), provlog.Actions()); err != nil {
		return query, err
	}
	if query.Statuses, err = chosen("status", request.GetStatuses(), provlog.Statuses()); err != nil {
		return query, err
	}
	query.ObjectType, err = objectType(request.GetObjectType())
	return query, err
}

// chosen converts words and refuses those that are not among the known ones: a misspelled filter must not look like an
// empty log.
func chosen[T ~string](what string, words []string, known []T) ([]T, error) {
	var converted []T
	for _, word := range words {
		if !slices.Contains(known, T(word)) {
			names := make([]string, len(known))
			for i, name := range known {
				names[i] = string(name)
			}
			return nil, directory.Errorf(directory.Invalid, "there is no %s %q; use %s", what, word, strings.Join(names, ", "))
		}
		converted = append(converted, T(word))
	}
	return converted, nil
}

// objectType converts the name of an object type; empty stands for all.
func objectType(name string) (directory.ObjectType, error) {
	if name == "" {
		return "", nil
	}
	types, err := chosen("object type", []string{name}, directory.ObjectTypes())
	if err != nil {
		return "", err
	}
	return types[0], nil
}

// logMessage is a record on the wire.
func logMessage(r provlog.Record) *provisioningv1.LogRecord {
	advice, _ := provlog.AdviceOn(r.ErrorCode)
	m := &provisioningv1.LogRecord{
		ChangeId: r.ChangeID, CycleId: r.CycleID, JobId: r.JobID, Time: timestamppb.New(r.Time), Action: string(r.Action), Status: string(r.Status),
		ObjectType: string(r.ObjectType), SourceId: string(r.Source), SourceName: wireText(r.SourceName), TargetId: string(r.Target), ErrorCode: r.ErrorCode,
		Reason: wireText(r.Reason), DurationMs: r.DurationMS, InitiatedBy: string(r.InitiatedBy), RecommendedAction: advice.RecommendedAction,
	}
	for _, step := range r.Steps {
		message := &provisioningv1.LogStep{Name: step.Name, Type: string(step.Type), Status: string(step.Status), Description: wireText(step.Description)}
		for key, value := range step.Details {
			if message.Details == nil {
				message.Details = map[string]string{}
			}
			message.Details[key] = wireText(value)
		}
		m.Steps = append(m.Steps, message)
	}
	for _, modified := range r.Modified {
		m.Modified = append(m.Modified, &provisioningv1.ModifiedProperty{
			DisplayName: modified.DisplayName, OldValue: wireText(modified.OldValue), NewValue: wireText(modified.NewValue),
		})
	}
	return m
}

// wireText is text as a message may hold it: what a target answered need not be UTF-8.
func wireText(text string) string { return strings.ToValidUTF8(text, "\ufffd") }
