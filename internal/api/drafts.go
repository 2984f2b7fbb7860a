package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// draftService keeps drafts. They are stored in the JSON form of their message.
type draftService struct{ store store.Store }

var storedKinds = map[provisioningv1.DraftKind]store.DraftKind{
	provisioningv1.DraftKind_DRAFT_KIND_SOURCE:            store.DraftSource,
	provisioningv1.DraftKind_DRAFT_KIND_APP:               store.DraftApp,
	provisioningv1.DraftKind_DRAFT_KIND_SCIM_CONNECTION:   store.DraftConnection,
	provisioningv1.DraftKind_DRAFT_KIND_ATTRIBUTE_MAPPING: store.DraftMapping,
	provisioningv1.DraftKind_DRAFT_KIND_SCOPING_FILTER:    store.DraftFilter,
	provisioningv1.DraftKind_DRAFT_KIND_APP_ASSIGNMENT:    store.DraftAssignment,
}

func storedKind(kind provisioningv1.DraftKind) (store.DraftKind, error) {
	stored, ok := storedKinds[kind]
	if !ok {
		return "", directory.Errorf(directory.Invalid, "say which kind of draft")
	}
	return stored, nil
}

func (s draftService) PutDraft(ctx context.Context, request *connect.Request[provisioningv1.PutDraftRequest]) (*connect.Response[provisioningv1.PutDraftResponse], error) {
	draft := request.Msg.GetDraft()
	kind, id, err := identify(draft)
	if err == nil {
		err = s.validate(ctx, draft)
	}
	if err == nil {
		err = s.keepSecrets(ctx, id, request.Msg)
	}
	if err != nil {
		return nil, wireError(err)
	}
	body, err := protojson.Marshal(draft)
	if err != nil {
		return nil, wireError(fmt.Errorf("encode draft %s: %w", id, err))
	}
	if err := s.store.PutDraft(ctx, store.Draft{Kind: kind, ID: id, Body: body}); err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(&provisioningv1.PutDraftResponse{Draft: draft}), nil
}

// validate reports what is wrong with a draft. What a mapping takes from a template is known only with its app.
func (s draftService) validate(ctx context.Context, draft *provisioningv1.Draft) error {
	if app := draft.GetApp(); app.GetTemplate() != "" {
		if _, err := template.Find(app.GetTemplate()); err != nil {
			return directory.Errorf(directory.Invalid, "app %s: template: %w", app.GetKey(), err)
		}
	}
	mapping := draft.GetAttributeMapping()
	if mapping.GetPreset() != job.PresetTemplate {
		return validate(draft)
	}
	app, err := s.get(ctx, provisioningv1.DraftKind_DRAFT_KIND_APP, mapping.GetAppId())
	if err != nil {
		return err
	}
	filled, err := template.Fill(appOf(app.GetApp()), mappingOf(mapping))
	return cmp.Or(err, filled.Validate())
}

// keepSecrets seals a connection's secrets under their names and versions. A version without a secret must be known already.
func (s draftService) keepSecrets(ctx context.Context, id string, request *provisioningv1.PutDraftRequest) error {
	if request.GetDraft().GetScimConnection() == nil {
		return nil
	}
	sent := map[string]secret.Text{}
	for name, value := range request.GetSecrets() {
		sent[name] = secret.New(value)
	}
	if request.Secret != nil {
		sent[job.SecretBearerToken] = secret.New(request.GetSecret())
	}
	for _, used := range connectionOf(request.GetDraft().GetScimConnection()).Secrets() {
		value, isNew := sent[used.Name]
		delete(sent, used.Name)
		if isNew {
			if err := s.store.PutSecret(ctx, id, used, value); err != nil {
				return err
			}
			continue
		}
		_, err := s.store.GetSecret(ctx, id, used)
		if errors.Is(err, directory.NotFound) {
			return directory.Errorf(directory.Invalid, "connection %s: version %d of %s is not stored; set %s_wo", id, used.Version, used.Name, used.Name)
		}
		if err != nil {
			return err
		}
	}
	if len(sent) > 0 {
		return directory.Errorf(directory.Invalid, "connection %s does not use these secrets, or gives no version of them: %s", id,
			strings.Join(slices.Sorted(maps.Keys(sent)), ", "))
	}
	return nil
}

func (s draftService) GetDraft(ctx context.Context, request *connect.Request[provisioningv1.GetDraftRequest]) (*connect.Response[provisioningv1.GetDraftResponse], error) {
	draft, err := s.get(ctx, request.Msg.GetKind(), request.Msg.GetId())
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(&provisioningv1.GetDraftResponse{Draft: draft}), nil
}

func (s draftService) get(ctx context.Context, kind provisioningv1.DraftKind, id string) (*provisioningv1.Draft, error) {
	stored, err := storedKind(kind)
	if err != nil {
		return nil, err
	}
	draft, err := s.store.GetDraft(ctx, stored, id)
	if err != nil {
		return nil, err
	}
	return decodeDraft(draft)
}

func decodeDraft(stored store.Draft) (*provisioningv1.Draft, error) {
	draft := &provisioningv1.Draft{}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(stored.Body, draft); err != nil {
		return nil, fmt.Errorf("decode draft %s: %w", stored.ID, err)
	}
	return draft, nil
}

func (s draftService) DeleteDraft(ctx context.Context, request *connect.Request[provisioningv1.DeleteDraftRequest]) (*connect.Response[provisioningv1.DeleteDraftResponse], error) {
	kind, err := storedKind(request.Msg.GetKind())
	if err == nil {
		err = s.store.DeleteDraft(ctx, kind, request.Msg.GetId())
	}
	if err == nil && kind == store.DraftConnection {
		err = s.forgetSecrets(ctx, request.Msg.GetId())
	}
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(&provisioningv1.DeleteDraftResponse{}), nil
}

// forgetSecrets removes a connection's secrets, except those its draft names and those that committed jobs use. With the last of
// them goes what is known of its target.
func (s draftService) forgetSecrets(ctx context.Context, id string) error {
	var keep []job.SecretVersion
	named := false
	draft, err := s.get(ctx, provisioningv1.DraftKind_DRAFT_KIND_SCIM_CONNECTION, id)
	switch {
	case err == nil:
		named = true
		keep = append(keep, connectionOf(draft.GetScimConnection()).Secrets()...)
	case !errors.Is(err, directory.NotFound):
		return err
	}
	jobs, err := s.store.ListJobs(ctx)
	if err != nil {
		return err
	}
	for _, record := range jobs {
		if c := record.Definition.Connection; c.ID() == id {
			named = true
			keep = append(keep, c.Secrets()...)
		}
	}
	if !named {
		if _, err := s.store.ForgetKnowledge(ctx, id, nil); err != nil {
			return err
		}
	}
	slices.SortFunc(keep, func(a, b job.SecretVersion) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	return s.store.DeleteSecrets(ctx, id, slices.Compact(keep))
}
