package provider

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
)

var (
	_ provider.Provider              = (*Provider)(nil)
	_ provider.ProviderWithActions   = (*Provider)(nil)
	_ provider.ProviderWithFunctions = (*Provider)(nil)
)

// Embedded says where the embedded engine keeps its data. Paths are relative to the working directory.
type Embedded struct {
	// Store is the path of the store. Never empty.
	Store string
	// KeyFile is the path of the key that seals secrets in the store. Empty: the engine's choice.
	KeyFile string
}

// Open starts or reaches an embedded engine.
type Open func(ctx context.Context, embedded Embedded) (planwalk.Engine, error)

// Environment variables that stand in for attributes of the provider block.
const (
	storeVariable   = "PROVISIONING_STORE"
	keyFileVariable = "PROVISIONING_STORE_KEY_FILE"
)

const (
	typeName     = "provisioning"
	defaultStore = "provisioning.db"
)

// Provider is the Terraform provider.
type Provider struct {
	version string
	open    Open
}

// New returns a constructor of the provider. open is called at most once for each Configure, on first use.
func New(version string, open func(ctx context.Context, embedded Embedded) (planwalk.Engine, error)) func() provider.Provider {
	return func() provider.Provider { return &Provider{version: version, open: open} }
}

// Metadata sets the provider's name and version.
func (p *Provider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = typeName
	resp.Version = p.version
}

// Schema returns the provider block.
func (p *Provider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Provisions accounts in applications from a directory of people and groups, with its own engine. " +
			"The plan says whose access would be taken away before anything happens.",
		Attributes: map[string]schema.Attribute{
			"embedded": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Runs the engine inside the provider. This is the default, also without this attribute.",
				Attributes: map[string]schema.Attribute{
					"store": schema.StringAttribute{
						Optional: true,
						MarkdownDescription: "Path of the SQLite file that holds what the engine knows; it is created when missing. A relative path starts " +
							"at the directory in which Terraform runs. Environment variable: `" + storeVariable + "`. Default `" + defaultStore + "`.",
						Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
					},
					"key_file": schema.StringAttribute{
						Optional: true,
						MarkdownDescription: "Path of the file with the key that seals secrets in the store; it is created when missing. " +
							"Environment variable: `" + keyFileVariable + "`. Default: the path of the store with `.key` appended. Not used when the " +
							"environment variable `PROVISIONING_STORE_KEY` holds the key itself.",
						Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
					},
				},
			},
		},
	}
}

type providerModel struct {
	Embedded types.Object `tfsdk:"embedded"`
}

type embeddedModel struct {
	Store   types.String `tfsdk:"store"`
	KeyFile types.String `tfsdk:"key_file"`
}

// Configure builds a fresh walk and hands it to every object. It contacts nothing.
func (p *Provider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	var embedded embeddedModel
	if !config.Embedded.IsNull() && !config.Embedded.IsUnknown() {
		resp.Diagnostics.Append(config.Embedded.As(ctx, &embedded, basetypes.ObjectAsOptions{})...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	walk := planwalk.New(nil)
	if config.Embedded.IsUnknown() || embedded.Store.IsUnknown() || embedded.KeyFile.IsUnknown() {
		resp.Diagnostics.AddWarning("Provider configuration is not known yet",
			"A value in the provider block is not known before apply, so the engine cannot be reached while planning. Objects are "+
				"shown as they were last seen, and the impact of a job is not known. Use values that are known when planning.")
	} else {
		where := Embedded{
			Store:   firstSet(embedded.Store.ValueString(), os.Getenv(storeVariable), defaultStore),
			KeyFile: firstSet(embedded.KeyFile.ValueString(), os.Getenv(keyFileVariable)),
		}
		walk = planwalk.New(func(ctx context.Context) (planwalk.Engine, error) { return p.open(ctx, where) })
	}
	resp.ResourceData = walk
	resp.DataSourceData = walk
	resp.ActionData = walk
}

func firstSet(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}

// Resources lists the resources.
func (p *Provider) Resources(context.Context) []func() resource.Resource { return resources() }

// DataSources lists the data sources.
func (p *Provider) DataSources(context.Context) []func() datasource.DataSource { return dataSources() }

// Actions lists the actions.
func (p *Provider) Actions(context.Context) []func() action.Action { return actions() }

// Functions lists the functions.
func (p *Provider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newEvaluateFunction, newInScopeFunction}
}
