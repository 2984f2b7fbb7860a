package logs

import (
	"context"
	"time"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/engineaccess"
)

// readTimeout is how long one page of the log may take.
const readTimeout = 5 * time.Minute

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
	resp.TypeName = req.ProviderTypeName + "_logs"
}

// Read asks for one page.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model Model
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	engine, ok := d.Open(ctx, "the provisioning log cannot be read", &resp.Diagnostics)
	if !ok {
		return
	}
	request, diags := model.toAPI(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	answer, err := engine.Operations.ListLogs(ctx, connect.NewRequest(request))
	if err != nil {
		resp.Diagnostics.Append(engineaccess.Failure("read", "provisioning log of job", model.JobID.ValueString(), err))
		return
	}
	model.fromAPI(answer.Msg)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
