package draft

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"google.golang.org/protobuf/proto"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1/provisioningv1connect"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/engineaccess"
)

// Create stores a new draft. A draft that is there already is adopted when it says the same, so that an apply
// whose answer was lost can be repeated; otherwise somebody else owns it and it has to be imported.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	ctx, cancel, diags := bounded(ctx, req.Plan, timeouts.Value.Create)
	defer cancel()
	resp.Diagnostics.Append(diags...)
	w := r.writing(ctx, req.Plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	for _, secret := range r.object.Secrets {
		resp.Diagnostics.Append(secret.send(ctx, req.Config, w.request, resp.Private)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	existing, err := r.get(ctx, w.drafts, w.id)
	switch {
	case engineaccess.IsNotFound(err):
	case err != nil:
		resp.Diagnostics.Append(engineaccess.Failure("create", r.object.Noun, w.id, err))
		return
	case !proto.Equal(existing, w.request.GetDraft()):
		resp.Diagnostics.AddError("Cannot create "+r.object.Noun, fmt.Sprintf(
			"The %s %q already exists in the engine's store with other content; import it with\n\n"+
				"    terraform import <address of this resource> %s\n\nand plan again to see the difference.", r.object.Noun, w.id, w.id))
		return
	}
	r.put(ctx, "create", w, &resp.State, resp.Identity, &resp.Diagnostics)
}

// Read refreshes the state. A draft that is gone is removed from the state.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	ctx, cancel, diags := bounded(ctx, req.State, timeouts.Value.Read)
	defer cancel()
	resp.Diagnostics.Append(diags...)
	if r.walk != nil && !r.walk.Configured() {
		// The provider has warned already. The last known state is the best there is.
		r.finish(ctx, req.State, resp.Identity, &resp.Diagnostics)
		return
	}
	id, drafts := r.reach(ctx, req.State, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	found, err := r.get(ctx, drafts, id)
	if engineaccess.IsNotFound(err) {
		// The framework demands an identity even of what is gone, and older CLIs keep none.
		r.finish(ctx, req.State, resp.Identity, &resp.Diagnostics)
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(engineaccess.Failure("read", r.object.Noun, id, err))
		return
	}
	model := r.object.NewModel()
	resp.Diagnostics.Append(req.State.Get(ctx, model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.keep(ctx, id, model, found, &resp.State, resp.Identity, &resp.Diagnostics)
}

// Update replaces the draft.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	ctx, cancel, diags := bounded(ctx, req.Plan, timeouts.Value.Update)
	defer cancel()
	resp.Diagnostics.Append(diags...)
	w := r.writing(ctx, req.Plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	for _, secret := range r.object.Secrets {
		changed, diags := secret.versionChanged(ctx, req.State, req.Plan)
		resp.Diagnostics.Append(diags...)
		if changed {
			resp.Diagnostics.Append(secret.send(ctx, req.Config, w.request, resp.Private)...)
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	r.put(ctx, "update", w, &resp.State, resp.Identity, &resp.Diagnostics)
}

// Delete removes the draft. What a job has committed stays in force.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	ctx, cancel, diags := bounded(ctx, req.State, timeouts.Value.Delete)
	defer cancel()
	resp.Diagnostics.Append(diags...)
	id, drafts := r.reach(ctx, req.State, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	_, err := drafts.DeleteDraft(ctx, connect.NewRequest(&provisioningv1.DeleteDraftRequest{Kind: r.object.Kind, Id: id}))
	if err != nil && !engineaccess.IsNotFound(err) {
		resp.Diagnostics.Append(engineaccess.Failure("delete", r.object.Noun, id, err))
	}
}

// write is a draft on its way to the engine.
type write struct {
	id      string
	model   Model
	drafts  provisioningv1connect.DraftServiceClient
	request *provisioningv1.PutDraftRequest
}

// writing prepares the planned draft.
func (r *Resource) writing(ctx context.Context, plan tfsdk.Plan, diags *diag.Diagnostics) write {
	model := r.object.NewModel()
	diags.Append(plan.Get(ctx, model)...)
	id, drafts := r.reach(ctx, plan, diags)
	if diags.HasError() {
		return write{}
	}
	content, more := model.ToAPI(ctx)
	diags.Append(more...)
	return write{id: id, model: model, drafts: drafts, request: &provisioningv1.PutDraftRequest{Draft: content}}
}

// reach returns the object's id and the engine that holds it.
func (r *Resource) reach(ctx context.Context, from getter, diags *diag.Diagnostics) (string, provisioningv1connect.DraftServiceClient) {
	var id types.String
	diags.Append(from.GetAttribute(ctx, idPath, &id)...)
	if r.walk == nil || !r.walk.Configured() {
		diags.AddError("Provider is not configured",
			"The "+r.object.Noun+" cannot be reached because the provider's configuration is not known. Apply first what it depends on.")
	}
	if diags.HasError() {
		return "", nil
	}
	engine, err := r.walk.Engine(ctx)
	if err != nil {
		diags.Append(engineaccess.Unopened(err))
		return "", nil
	}
	return id.ValueString(), engine.Drafts
}

func (r *Resource) get(ctx context.Context, drafts provisioningv1connect.DraftServiceClient, id string) (*provisioningv1.Draft, error) {
	answer, err := drafts.GetDraft(ctx, connect.NewRequest(&provisioningv1.GetDraftRequest{Kind: r.object.Kind, Id: id}))
	if err != nil {
		return nil, err
	}
	return answer.Msg.GetDraft(), nil
}

// put writes the draft and keeps what the engine made of it.
func (r *Resource) put(ctx context.Context, action string, w write, state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	answer, err := w.drafts.PutDraft(ctx, connect.NewRequest(w.request))
	if err != nil {
		diags.Append(engineaccess.Failure(action, r.object.Noun, w.id, err))
		return
	}
	r.keep(ctx, w.id, w.model, answer.Msg.GetDraft(), state, identity, diags)
}

// keep writes what the engine holds to the state.
func (r *Resource) keep(ctx context.Context, id string, model Model, held *provisioningv1.Draft, state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	if kindOf(held) != r.object.Kind {
		diags.Append(engineaccess.Bug("Cannot read "+r.object.Noun, fmt.Sprintf("The engine answered with %s for %q.", kindOf(held), id)))
		return
	}
	diags.Append(model.FromAPI(ctx, held)...)
	diags.Append(state.Set(ctx, model)...)
	diags.Append(state.SetAttribute(ctx, idPath, id)...)
	r.finish(ctx, *state, identity, diags)
}

// finish writes the identity that belongs to a state.
func (r *Resource) finish(ctx context.Context, state tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	if identity == nil || diags.HasError() {
		return
	}
	for _, name := range r.object.Identity {
		var part types.String
		diags.Append(state.GetAttribute(ctx, path.Root(name), &part)...)
		diags.Append(identity.SetAttribute(ctx, path.Root(name), part)...)
	}
}
