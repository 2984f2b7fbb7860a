package job

import (
	"context"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/engineaccess"
)

// DataSource is the data source provisioning_job: a job as the engine has it, whoever manages it.
type DataSource struct {
	engineaccess.Reader
}

var (
	_ datasource.DataSource                     = (*DataSource)(nil)
	_ datasource.DataSourceWithConfigure        = (*DataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*DataSource)(nil)
)

// DataSourceModel is the data source in configuration and state.
type DataSourceModel struct {
	ID types.String `tfsdk:"id"`
	settings
	observed
}

// NewDataSource returns the data source. Its provider data is a *planwalk.Walk.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// Metadata implements datasource.DataSource.
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_job"
}

// ConfigValidators wants the job named in one way.
func (d *DataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("app_id")),
		datasourcevalidator.Conflicting(path.MatchRoot("id"), path.MatchRoot("name")),
	}
}

// Read looks the job up. It reads neither source nor target.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model DataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	engine, ok := d.Open(ctx, "the job cannot be read", &resp.Diagnostics)
	if !ok {
		return
	}
	id := model.ID.ValueString()
	if id == "" {
		name := model.Name.ValueString()
		if name == "" {
			name = defaultName
		}
		id = jobID(model.AppID.ValueString(), name)
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	answer, err := engine.Jobs.GetJob(ctx, connect.NewRequest(&provisioningv1.GetJobRequest{Id: id}))
	if err != nil {
		resp.Diagnostics.Append(engineaccess.Failure("read", noun, id, err))
		return
	}
	status := answer.Msg.GetStatus()
	resp.Diagnostics.Append(model.settings.fromAPI(ctx, status.GetJob())...)
	model.observed.fromAPI(status)
	model.ID = types.StringValue(id)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
