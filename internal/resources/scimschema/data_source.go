package scimschema

import (
	"context"
	"time"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/engineaccess"
)

// readTimeout is how long a target may take to describe itself.
const readTimeout = time.Minute

// DataSource is the data source.
type DataSource struct {
	engineaccess.Reader
}

var (
	_ datasource.DataSource              = (*DataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*DataSource)(nil)
)

// NewDataSource returns the data source. Its provider data is a *planwalk.Walk.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// Metadata implements datasource.DataSource.
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_scim_schema"
}

// Read asks the target. One that cannot be reached from here is described as it described itself the last time.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model Model
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	engine, ok := d.Open(ctx, "the schema cannot be read", &resp.Diagnostics)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	id := model.ConnectionID.ValueString()
	known, err := engine.Connections.GetConnection(ctx, connect.NewRequest(&provisioningv1.GetConnectionRequest{Id: id}))
	if err != nil {
		resp.Diagnostics.Append(engineaccess.Failure("read", "connection", id, err))
		return
	}
	discovery, remembered := known.Msg.GetDiscovery(), false
	answer, err := engine.Connections.DiscoverConnection(ctx, connect.NewRequest(&provisioningv1.DiscoverConnectionRequest{Id: id}))
	switch {
	case err == nil:
		discovery = answer.Msg.GetDiscovery()
	case discovery == nil:
		resp.Diagnostics.Append(engineaccess.Failure("read", "schema of the target of connection", id, err))
		return
	default:
		remembered = true
		resp.Diagnostics.AddAttributeWarning(path.Root("connection_id"), "Target of connection "+id+" was not asked",
			"What is read is what the target said about itself at "+discovery.GetAskedAt().AsTime().UTC().Format(time.RFC3339)+". It cannot be asked from here: "+connectMessage(err))
	}
	model.fromAPI(discovery, remembered, known.Msg.GetLearned())
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
