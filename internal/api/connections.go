package api

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/checkup"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// connectionService tests connections and tells what is known of their targets.
type connectionService struct{ jobs jobService }

func (s connectionService) TestConnection(ctx context.Context, request *connect.Request[provisioningv1.TestConnectionRequest]) (*connect.Response[provisioningv1.TestConnectionResponse], error) {
	used, err := s.connection(ctx, request.Msg.GetId())
	if err != nil {
		return nil, wireError(err)
	}
	tests, err := s.jobs.engine.TestConnection(ctx, used.Connection, used.Mappings)
	if err != nil {
		return nil, wireError(err)
	}
	answer := &provisioningv1.TestConnectionResponse{}
	for _, test := range tests {
		answer.Tests = append(answer.Tests, testMessage(test))
	}
	return connect.NewResponse(answer), nil
}

func testMessage(test cycle.ConnectionTest) *provisioningv1.ConnectionTest {
	m := &provisioningv1.ConnectionTest{ObjectType: string(test.Probe.Type), Attribute: test.Probe.Attribute, Passed: test.Err == nil}
	if test.Err == nil {
		return m
	}
	m.Message = wireText(test.Err.Error())
	if failure, ok := errors.AsType[connector.TestFailure](test.Err); ok {
		m.Fault, m.Advice, m.Resource, m.Operation = string(failure.Fault), failure.Advice, failure.Resource, wireText(failure.Operation)
		m.Status, m.Body = int64(failure.Status), wireText(failure.Body)
		for _, header := range failure.Headers {
			m.Headers = append(m.Headers, wireText(header))
		}
	}
	return m
}

func (s connectionService) DiscoverConnection(ctx context.Context, request *connect.Request[provisioningv1.DiscoverConnectionRequest]) (*connect.Response[provisioningv1.DiscoverConnectionResponse], error) {
	used, err := s.connection(ctx, request.Msg.GetId())
	if err != nil {
		return nil, wireError(err)
	}
	discovery, err := s.jobs.engine.DiscoverConnection(ctx, used.Connection)
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(&provisioningv1.DiscoverConnectionResponse{Discovery: discoveryMessage(discovery, s.jobs.engine.Now())}), nil
}

func (s connectionService) GetConnection(ctx context.Context, request *connect.Request[provisioningv1.GetConnectionRequest]) (*connect.Response[provisioningv1.GetConnectionResponse], error) {
	used, err := s.connection(ctx, request.Msg.GetId())
	if err != nil {
		return nil, wireError(err)
	}
	known, err := s.jobs.engine.ConnectionKnowledge(ctx, used.Connection)
	if err != nil {
		return nil, wireError(err)
	}
	answer := &provisioningv1.GetConnectionResponse{Endpoint: strings.TrimPrefix(known.Endpoint, "scim "), Learned: capabilityMessages(known.Learned.Facts)}
	if !known.Learned.At.IsZero() {
		answer.LearnedAt = timestamppb.New(known.Learned.At)
	}
	if known.Discovery != nil {
		answer.Discovery = discoveryMessage(*known.Discovery, known.Described.At)
	}
	return connect.NewResponse(answer), nil
}

func (s connectionService) ForgetConnection(ctx context.Context, request *connect.Request[provisioningv1.ForgetConnectionRequest]) (*connect.Response[provisioningv1.ForgetConnectionResponse], error) {
	// What is known may be left of a connection that nothing names any more.
	forgotten, err := s.jobs.engine.ForgetConnection(ctx, request.Msg.GetId())
	if err == nil && !forgotten {
		_, err = s.connection(ctx, request.Msg.GetId())
	}
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(&provisioningv1.ForgetConnectionResponse{Forgotten: forgotten}), nil
}

func (s connectionService) CheckUp(ctx context.Context, request *connect.Request[provisioningv1.CheckUpRequest], stream *connect.ServerStream[provisioningv1.CheckUpResponse]) error {
	subjects, err := s.subjects(ctx, request.Msg.GetConnectionId(), request.Msg.GetJobId())
	if err != nil {
		return wireError(err)
	}
	var broken error
	checkup.Run(ctx, s.jobs.engine, subjects, func(check checkup.Check) {
		if broken == nil {
			broken = stream.Send(&provisioningv1.CheckUpResponse{Check: &provisioningv1.Check{
				Probe: check.Probe, Target: wireText(check.Target), Outcome: string(check.Outcome), Detail: wireText(check.Detail), Advice: wireText(check.Advice),
			}})
		}
	})
	return broken
}

// subjects are what a check-up looks at: everything, or a connection, or a job with what it needs.
func (s connectionService) subjects(ctx context.Context, connectionID, jobID string) (checkup.Subjects, error) {
	var subjects checkup.Subjects
	all, err := s.connections(ctx)
	if err != nil {
		return subjects, err
	}
	records, err := s.jobs.engine.Store.ListJobs(ctx)
	if err != nil {
		return subjects, err
	}
	if jobID != "" {
		records = slices.DeleteFunc(records, func(record store.JobRecord) bool { return record.Definition.ID != jobID })
		if len(records) == 0 {
			return subjects, directory.Errorf(directory.NotFound, "there is no job %s in this store", jobID)
		}
		if connectionID == "" {
			connectionID = records[0].Definition.Connection.ID()
		}
	}
	for _, c := range all {
		if connectionID == "" || c.ID() == connectionID {
			subjects.Connections = append(subjects.Connections, c)
		}
	}
	if connectionID != "" && len(subjects.Connections) == 0 {
		return subjects, noConnection(connectionID)
	}
	if connectionID != "" && jobID == "" {
		return subjects, nil
	}
	subjects.Jobs = records
	for _, record := range records {
		known := func(source job.Source) bool { return source.CopyID() == record.Definition.Source.CopyID() }
		if !slices.ContainsFunc(subjects.Sources, known) {
			subjects.Sources = append(subjects.Sources, record.Definition.Source)
		}
	}
	return subjects, nil
}

func noConnection(id string) error {
	return directory.Errorf(directory.NotFound, "there is no connection %q in this store; its id is <app>/<name>", id)
}

// connection returns a connection by its id.
func (s connectionService) connection(ctx context.Context, id string) (checkup.Connection, error) {
	all, err := s.connections(ctx)
	if err != nil {
		return checkup.Connection{}, err
	}
	for _, c := range all {
		if c.ID() == id {
			return c, nil
		}
	}
	return checkup.Connection{}, noConnection(id)
}

// connections returns every connection, sorted by id: as its draft has it, else as a committed job does. Its mappings are those of
// its app, found the same way.
func (s connectionService) connections(ctx context.Context) ([]checkup.Connection, error) {
	records, err := s.jobs.engine.Store.ListJobs(ctx)
	if err != nil {
		return nil, err
	}
	byID, apps := map[string]checkup.Connection{}, map[string]job.App{}
	mappings := map[string]job.Mapping{}
	for _, record := range records {
		apps[record.Definition.App.Key] = record.Definition.App
		byID[record.Definition.Connection.ID()] = checkup.Connection{Connection: record.Definition.Connection}
		for _, mapping := range record.Definition.Mappings {
			mappings[mapping.ID()] = mapping
		}
	}
	err = s.drafted(ctx, store.DraftConnection, func(draft *provisioningv1.Draft) {
		if c := draft.GetScimConnection(); c != nil {
			drafted := connectionOf(c)
			byID[drafted.ID()] = checkup.Connection{Connection: drafted}
		}
	})
	if err == nil {
		err = s.drafted(ctx, store.DraftApp, func(draft *provisioningv1.Draft) {
			if a := draft.GetApp(); a != nil {
				apps[a.GetKey()] = appOf(a)
			}
		})
	}
	if err == nil {
		err = s.drafted(ctx, store.DraftMapping, func(draft *provisioningv1.Draft) {
			if m := draft.GetAttributeMapping(); m != nil {
				mapping := mappingOf(m)
				mappings[mapping.ID()] = mapping
			}
		})
	}
	if err != nil {
		return nil, err
	}
	var all []checkup.Connection
	for _, c := range byID {
		for _, mapping := range mappings {
			if mapping.AppKey == c.AppKey {
				c.Mappings = append(c.Mappings, mapping)
			}
		}
		slices.SortFunc(c.Mappings, func(a, b job.Mapping) int { return cmp.Compare(a.ID(), b.ID()) })
		filled, err := template.Apply(job.Definition{App: apps[c.AppKey], Connection: c.Connection, Mappings: c.Mappings})
		if err != nil {
			return nil, err
		}
		all = append(all, checkup.Connection{Connection: filled.Connection, Mappings: filled.Mappings})
	}
	slices.SortFunc(all, func(a, b checkup.Connection) int { return cmp.Compare(a.ID(), b.ID()) })
	return all, nil
}

func (s connectionService) drafted(ctx context.Context, kind store.DraftKind, take func(*provisioningv1.Draft)) error {
	stored, err := s.jobs.drafts.store.ListDrafts(ctx, kind)
	if err != nil {
		return err
	}
	for _, draft := range stored {
		decoded, err := decodeDraft(draft)
		if err != nil {
			return err
		}
		take(decoded)
	}
	return nil
}

func capabilityMessages(facts []store.LearnedFact) []*provisioningv1.TargetCapability {
	var messages []*provisioningv1.TargetCapability
	for _, fact := range facts {
		messages = append(messages, &provisioningv1.TargetCapability{Name: wireText(fact.Name), Value: wireText(fact.Value), Reason: wireText(fact.Reason)})
	}
	return messages
}

func discoveryMessage(d connector.Discovery, askedAt time.Time) *provisioningv1.Discovery {
	m := &provisioningv1.Discovery{AskedAt: timestamppb.New(askedAt)}
	if f := d.Features; f != nil {
		m.Features = &provisioningv1.TargetFeatures{
			Patch: f.Patch, Bulk: f.Bulk, Filter: f.Filter, Sort: f.Sort, Etag: f.ETag, ChangePassword: f.ChangePassword, Cursor: f.Cursor,
			MaxOperations: f.MaxOperations, MaxPayloadBytes: f.MaxPayloadBytes, MaxResults: f.MaxResults, Authentication: f.Authentication,
		}
	}
	for _, a := range d.Attributes {
		m.Attributes = append(m.Attributes, &provisioningv1.DescribedAttribute{
			ObjectType: string(a.ObjectType), Path: a.Path, Type: a.Type, MultiValued: a.MultiValued, Required: a.Required, CaseExact: a.CaseExact,
			Mutability: a.Mutability, Uniqueness: a.Uniqueness, CanonicalValues: a.CanonicalValues, Description: wireText(a.Description),
		})
	}
	for _, problem := range d.Problems {
		m.Problems = append(m.Problems, wireText(problem))
	}
	return m
}
