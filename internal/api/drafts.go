package api

import (
	"context"
	"errors"
	"fmt"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
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
		err = validate(draft)
	}
	if err == nil {
		err = s.keepToken(ctx, id, request.Msg)
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

// keepToken seals a connection's token under its version. A version without a token must be known already.
func (s draftService) keepToken(ctx context.Context, id string, request *provisioningv1.PutDraftRequest) error {
	connection := request.GetDraft().GetScimConnection()
	if connection == nil {
		return nil
	}
	if request.Secret != nil {
		return s.store.PutSecret(ctx, id, connection.GetTokenVersion(), secret.New(request.GetSecret()))
	}
	if connection.GetTokenVersion() == 0 {
		return nil
	}
	_, err := s.store.GetSecret(ctx, id, connection.GetTokenVersion())
	if errors.Is(err, directory.NotFound) {
		return directory.Errorf(directory.Invalid, "connection %s: version %d of the bearer token is not stored; set bearer_token_wo", id, connection.GetTokenVersion())
	}
	return err
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
		err = s.forgetTokens(ctx, request.Msg.GetId())
	}
	if err != nil {
		return nil, wireError(err)
	}
	return connect.NewResponse(&provisioningv1.DeleteDraftResponse{}), nil
}

// forgetTokens removes a connection's tokens, except the one its draft names and those that committed jobs use.
func (s draftService) forgetTokens(ctx context.Context, id string) error {
	var keep []int64
	draft, err := s.get(ctx, provisioningv1.DraftKind_DRAFT_KIND_SCIM_CONNECTION, id)
	switch {
	case err == nil:
		keep = append(keep, draft.GetScimConnection().GetTokenVersion())
	case !errors.Is(err, directory.NotFound):
		return err
	}
	jobs, err := s.store.ListJobs(ctx)
	if err != nil {
		return err
	}
	for _, record := range jobs {
		if c := record.Definition.Connection; c.ID() == id && c.SCIM != nil {
			keep = append(keep, c.SCIM.TokenVersion)
		}
	}
	return s.store.DeleteSecrets(ctx, id, keep)
}
