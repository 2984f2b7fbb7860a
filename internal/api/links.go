package api

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// ListLinks returns a page of a job's links.
func (s operationService) ListLinks(ctx context.Context, request *connect.Request[provisioningv1.ListLinksRequest]) (*connect.Response[provisioningv1.ListLinksResponse], error) {
	answer, err := s.listLinks(ctx, request.Msg)
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(answer), nil
}

// linkPlace is where a page of links ends.
type linkPlace struct {
	Type   directory.ObjectType `json:"type"`
	Source directory.Anchor     `json:"source"`
}

func (s operationService) listLinks(ctx context.Context, request *provisioningv1.ListLinksRequest) (*provisioningv1.ListLinksResponse, error) {
	size, err := pageSize(request.GetPageSize())
	if err != nil {
		return nil, err
	}
	query := store.LinkQuery{Managed: request.Managed, Active: request.Active, NamePrefix: request.GetNamePrefix(), Limit: size + 1}
	if query.Type, err = objectType(request.GetObjectType()); err != nil {
		return nil, err
	}
	record, err := s.jobRecord(ctx, request.GetJobId())
	if err != nil {
		return nil, err
	}
	asked := proto.CloneOf(request)
	asked.JobId, asked.PageSize, asked.PageToken = record.Definition.ID, 0, ""
	digest, err := question(asked)
	if err != nil {
		return nil, err
	}
	place, err := decodePageToken[linkPlace](request.GetPageToken(), digest)
	if err != nil {
		return nil, err
	}
	query.After = store.LinkKey(place)
	links, err := s.jobs.engine.Store.SearchLinks(ctx, record.Definition.ID, query)
	if err != nil {
		return nil, err
	}
	answer := &provisioningv1.ListLinksResponse{}
	if len(links) > size {
		links = links[:size]
		if answer.NextPageToken, err = encodePageToken(linkPlace(links[size-1].LinkKey), digest); err != nil {
			return nil, err
		}
	}
	shown := newDisclosure(record.Definition)
	for _, link := range links {
		message, err := shown.message(link)
		if err != nil {
			return nil, err
		}
		answer.Links = append(answer.Links, message)
	}
	return answer, nil
}

// GetLink looks a link up, in any state of the job (engine.md 10). Without an object type every type is tried.
func (s operationService) GetLink(ctx context.Context, request *connect.Request[provisioningv1.GetLinkRequest]) (*connect.Response[provisioningv1.GetLinkResponse], error) {
	answer, err := s.getLink(ctx, request.Msg)
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(answer), nil
}

func (s operationService) getLink(ctx context.Context, request *provisioningv1.GetLinkRequest) (*provisioningv1.GetLinkResponse, error) {
	wanted, err := objectType(request.GetObjectType())
	if err != nil {
		return nil, err
	}
	record, err := s.jobRecord(ctx, request.GetJobId())
	if err != nil {
		return nil, err
	}
	types := directory.ObjectTypes()
	if wanted != "" {
		types = []directory.ObjectType{wanted}
	}
	link, found, err := s.findLink(ctx, record.Definition.ID, types, directory.Anchor(request.GetId()))
	if err == nil && !found {
		err = directory.Errorf(directory.NotFound, "job %s has no link with source or target id %q; ids are compared exactly", record.Definition.ID, request.GetId())
	}
	if err != nil {
		return nil, err
	}
	message, err := newDisclosure(record.Definition).message(link)
	return &provisioningv1.GetLinkResponse{Link: message}, err
}

// findLink tries the id as a source id of each type, and only then as a target id.
func (s operationService) findLink(ctx context.Context, jobID string, types []directory.ObjectType, id directory.Anchor) (store.Link, bool, error) {
	known := s.jobs.engine.Store
	for _, objectType := range types {
		links, err := known.LinksBySource(ctx, jobID, objectType, []directory.Anchor{id})
		if link, found := links[id]; found || err != nil {
			return link, found, err
		}
	}
	for _, objectType := range types {
		links, err := known.LinksByTarget(ctx, jobID, objectType, []directory.Anchor{id})
		if err != nil {
			return store.Link{}, false, err
		}
		if len(links[id]) > 0 {
			return links[id][0], true, nil
		}
	}
	return store.Link{}, false, nil
}

// DeleteLink forgets a link.
func (s operationService) DeleteLink(ctx context.Context, request *connect.Request[provisioningv1.DeleteLinkRequest]) (*connect.Response[provisioningv1.DeleteLinkResponse], error) {
	if err := s.deleteLink(ctx, request.Msg); err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(&provisioningv1.DeleteLinkResponse{}), nil
}

func (s operationService) deleteLink(ctx context.Context, request *provisioningv1.DeleteLinkRequest) error {
	of, err := objectType(request.GetObjectType())
	if err != nil {
		return err
	}
	if of == "" || request.GetSourceId() == "" {
		return directory.Errorf(directory.Invalid, "a link is named by the object type and the source id of its object; both are required")
	}
	jobID, err := s.theJob(ctx, request.GetJobId())
	if err != nil {
		return err
	}
	return s.jobs.engine.DeleteLink(ctx, jobID, store.LinkKey{Type: of, Source: directory.Anchor(request.GetSourceId())})
}

// jobRecord returns the job a request names, or the only one.
func (s operationService) jobRecord(ctx context.Context, id string) (store.JobRecord, error) {
	jobID, err := s.theJob(ctx, id)
	if err != nil {
		return store.JobRecord{}, err
	}
	return s.jobs.engine.Store.GetJob(ctx, jobID)
}

// disclosure says which exported values may be shown: those of mappings without Redact. What no mapping writes may be left
// from a redacted mapping that was removed, so of that only yes and no are shown.
type disclosure map[directory.ObjectType][]string

func newDisclosure(definition job.Definition) disclosure {
	shown := disclosure{}
	for _, mapping := range definition.Mappings {
		for _, attribute := range mapping.Effective() {
			parsed, err := expression.Parse(attribute.Expression)
			if attribute.Expression == "" || err == nil && !parsed.Redacted() {
				shown[mapping.ObjectType] = append(shown[mapping.ObjectType], attribute.Target)
			}
		}
	}
	return shown
}

func (d disclosure) shows(objectType directory.ObjectType, target string, value directory.Value) bool {
	return value.Kind() == directory.KindBoolean ||
		slices.ContainsFunc(d[objectType], func(mapped string) bool { return job.SameTarget(mapped, target) })
}

// message is a link on the wire.
func (d disclosure) message(link store.Link) (*provisioningv1.Link, error) {
	exported := map[string]directory.Value{}
	for target, value := range link.Exported {
		if !d.shows(link.Type, target, value) {
			value = directory.Text(provlog.Redacted)
		}
		exported[target] = value
	}
	encoded, err := exportedJSON(exported)
	if err != nil {
		return nil, directory.Errorf(directory.Fatal, "encode the link of %s %s: %w", link.Type, link.Source, err)
	}
	return &provisioningv1.Link{
		ObjectType: string(link.Type), SourceId: string(link.Source), TargetId: string(link.Target), Name: wireText(link.Name), Managed: link.Managed,
		Active: link.Active, LinkedAt: timestamppb.New(link.LinkedAt), ExportedJson: encoded,
	}, nil
}

// exportedJSON is a JSON object with sorted names, readable by people: no HTML escapes.
func exportedJSON(attributes map[string]directory.Value) (string, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(attributes)
	return strings.TrimSuffix(b.String(), "\n"), err
}
