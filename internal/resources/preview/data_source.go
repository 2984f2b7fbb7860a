package preview

import (
	"context"
	"time"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"google.golang.org/protobuf/proto"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/engineaccess"
)

// readTimeout is how long one preview may take, the reading of the source included.
const readTimeout = 10 * time.Minute

const noun = "provisioning job"

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
	resp.TypeName = req.ProviderTypeName + "_preview"
}

// Read asks for a preview of the newest data, which the engine does not keep.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model Model
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	engine, ok := d.Open(ctx, "there is no preview", &resp.Diagnostics)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	id := model.JobID.ValueString()
	request := &provisioningv1.PreviewJobRequest{Id: id}
	if model.asks() {
		committed, err := engine.Jobs.GetJob(ctx, connect.NewRequest(&provisioningv1.GetJobRequest{Id: id}))
		if err != nil {
			resp.Diagnostics.Append(engineaccess.Failure("preview", noun, id, err))
			return
		}
		job := proto.CloneOf(committed.Msg.GetStatus().GetJob())
		planned, diags := model.change(ctx, job)
		resp.Diagnostics.Append(diags...)
		request = &provisioningv1.PreviewJobRequest{Job: job, Planned: planned}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	answer, err := engine.Jobs.PreviewJob(ctx, connect.NewRequest(request))
	if err != nil {
		resp.Diagnostics.Append(engineaccess.Failure("preview", noun, id, err))
		return
	}
	model.fromAPI(answer.Msg)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
