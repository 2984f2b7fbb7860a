package job

import (
	"context"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
)

// testProvider offers the job and one leaf around a fake engine.
type testProvider struct {
	engine planwalk.Engine
	now    func() time.Time
}

func (p *testProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "provisioning"
}

func (p *testProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerschema.Schema{Attributes: map[string]providerschema.Attribute{
		"store": providerschema.StringAttribute{Optional: true},
	}}
}

func (p *testProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var store types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("store"), &store)...)
	open := planwalk.Opener(func(context.Context) (planwalk.Engine, error) { return p.engine, nil })
	if store.IsUnknown() {
		open = nil
	}
	walk := planwalk.New(open)
	resp.ResourceData, resp.DataSourceData = walk, walk
}

func (p *testProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return newResource(p.now) },
		func() resource.Resource { return &leaf{} },
	}
}

func (p *testProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{NewDataSource}
}

// factories serve a new provider value for every walk.
func factories(t *testing.T, fake *fakeEngine) map[string]func() (tfprotov6.ProviderServer, error) {
	t.Helper()
	engine := fake.client(t)
	return map[string]func() (tfprotov6.ProviderServer, error){
		"provisioning": providerserver.NewProtocol6WithError(&testProvider{engine: engine, now: time.Now}),
	}
}

// leaf is a scoping filter with one value, as much of it as a job's preview needs.
type leaf struct{ walk *planwalk.Walk }

type leafModel struct {
	ID    types.String `tfsdk:"id"`
	AppID types.String `tfsdk:"app_id"`
	Name  types.String `tfsdk:"name"`
	Value types.String `tfsdk:"value"`
}

func (l *leaf) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_scoping_filter"
}

func (l *leaf) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":     schema.StringAttribute{Computed: true},
		"app_id": schema.StringAttribute{Required: true},
		"name":   schema.StringAttribute{Required: true},
		"value":  schema.StringAttribute{Required: true},
	}}
}

func (l *leaf) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	l.walk, _ = req.ProviderData.(*planwalk.Walk)
}

func (m leafModel) draft() *provisioningv1.Draft {
	return &provisioningv1.Draft{Kind: &provisioningv1.Draft_ScopingFilter{ScopingFilter: &provisioningv1.ScopingFilter{
		AppId: m.AppID.ValueString(), Name: m.Name.ValueString(), ObjectType: "user",
		Clauses: []*provisioningv1.Clause{{Attribute: "department", Operator: "EQUALS", Values: []string{m.Value.ValueString()}}},
	}}}
}

func (l *leaf) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var model leafModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	id := jobID(model.AppID.ValueString(), model.Name.ValueString())
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), id)...)
	if model.Value.IsUnknown() {
		l.walk.Plan(provisioningv1.DraftKind_DRAFT_KIND_SCOPING_FILTER, id, nil)
		return
	}
	l.walk.Plan(provisioningv1.DraftKind_DRAFT_KIND_SCOPING_FILTER, id, model.draft())
}

func (l *leaf) put(ctx context.Context, model leafModel) error {
	engine, err := l.walk.Engine(ctx)
	if err == nil {
		_, err = engine.Drafts.PutDraft(ctx, connect.NewRequest(&provisioningv1.PutDraftRequest{Draft: model.draft()}))
	}
	return err
}

func (l *leaf) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model leafModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	if err := l.put(ctx, model); err != nil {
		resp.Diagnostics.AddError("put", err.Error())
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func (l *leaf) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var model leafModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	if err := l.put(ctx, model); err != nil {
		resp.Diagnostics.AddError("put", err.Error())
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func (l *leaf) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (l *leaf) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var model leafModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	engine, err := l.walk.Engine(ctx)
	if err == nil {
		_, err = engine.Drafts.DeleteDraft(ctx, connect.NewRequest(&provisioningv1.DeleteDraftRequest{Id: model.ID.ValueString()}))
	}
	if err != nil {
		resp.Diagnostics.AddError("delete", err.Error())
	}
}
