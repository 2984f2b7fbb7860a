package engineaccess

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
)

// Reader is what every data source on an engine has in common. Embed it.
type Reader struct {
	walk *planwalk.Walk
}

// Configure implements datasource.DataSourceWithConfigure: it takes over the walk.
func (r *Reader) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	walk, diags := Walk(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	r.walk = walk
}

// Open returns the engine, or adds why it cannot be asked. what is a clause in the present tense, for example "the links cannot
// be read".
func (r *Reader) Open(ctx context.Context, what string, diags *diag.Diagnostics) (engine planwalk.Engine, ok bool) {
	if r.walk == nil || !r.walk.Configured() {
		diags.AddError("Provider is not configured",
			"The provider's configuration is not known yet, so "+what+". Apply first what it depends on.")
		return planwalk.Engine{}, false
	}
	engine, err := r.walk.Engine(ctx)
	if err != nil {
		diags.Append(Unopened(err))
		return planwalk.Engine{}, false
	}
	return engine, true
}
