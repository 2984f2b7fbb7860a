package apptemplates

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
)

// DataSource is the data source.
type DataSource struct{}

var _ datasource.DataSource = (*DataSource)(nil)

// NewDataSource returns the data source.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// Metadata implements datasource.DataSource.
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_app_templates"
}

// Read returns the templates that are asked for.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model Model
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	found, err := asked(model)
	if err != nil {
		resp.Diagnostics.AddError("Templates cannot be read", err.Error()+".")
		return
	}
	model.Templates = []templateModel{}
	for _, t := range found {
		model.Templates = append(model.Templates, modelOf(t))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func asked(model Model) ([]template.Template, error) {
	if model.Key.IsNull() {
		return template.Search(model.Search.ValueString())
	}
	one, err := template.Find(model.Key.ValueString())
	return []template.Template{one}, err
}
