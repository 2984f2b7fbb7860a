package scimconnection

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
)

// ResourceModel is the resource in Terraform's terms.
type ResourceModel struct {
	draft.Common
	AppID              types.String `tfsdk:"app_id"`
	Name               types.String `tfsdk:"name"`
	BaseURL            types.String `tfsdk:"base_url"`
	BearerToken        types.String `tfsdk:"bearer_token_wo"` // null in plan and state
	BearerTokenVersion types.Int64  `tfsdk:"bearer_token_wo_version"`
	OAuth2             types.Object `tfsdk:"oauth2"`
	Basic              types.Object `tfsdk:"basic"`
	Headers            types.Map    `tfsdk:"headers"`
	Proxy              types.Object `tfsdk:"proxy"`
	Profile            types.String `tfsdk:"profile"`
	TimeoutSeconds     types.Int64  `tfsdk:"timeout_seconds"`
	Compatibility      types.Object `tfsdk:"compatibility"`
	RateLimit          types.Object `tfsdk:"rate_limit"`
	TLS                types.Object `tfsdk:"tls"`
}

type rateLimitModel struct {
	RequestsPerSecond types.Float64 `tfsdk:"requests_per_second"`
	Concurrency       types.Int64   `tfsdk:"concurrency"`
	Burst             types.Int64   `tfsdk:"burst"`
}

func rateLimitTypes() map[string]attr.Type {
	return map[string]attr.Type{"requests_per_second": types.Float64Type, "concurrency": types.Int64Type, "burst": types.Int64Type}
}

// ToAPI implements draft.Model.
func (m *ResourceModel) ToAPI(ctx context.Context) (*provisioningv1.Draft, diag.Diagnostics) {
	connection := &provisioningv1.ScimConnection{
		AppId:        m.AppID.ValueString(),
		Name:         m.Name.ValueString(),
		BaseUrl:      m.BaseURL.ValueString(),
		TokenVersion: m.BearerTokenVersion.ValueInt64(),
		Profile:      m.Profile.ValueString(),

		TimeoutSeconds: m.TimeoutSeconds.ValueInt64(),
	}
	var diags, more diag.Diagnostics
	if !m.Compatibility.IsNull() {
		var settings compatibilityModel
		diags.Append(m.Compatibility.As(ctx, &settings, basetypes.ObjectAsOptions{})...)
		connection.Compatibility = settings.toAPI()
	}
	if !m.RateLimit.IsNull() {
		var limit rateLimitModel
		diags.Append(m.RateLimit.As(ctx, &limit, basetypes.ObjectAsOptions{})...)
		connection.RateLimit = &provisioningv1.RateLimit{
			RequestsPerSecond: limit.RequestsPerSecond.ValueFloat64(),
			// The schema bounds it far below the limits of int32.
			Concurrency: int32(limit.Concurrency.ValueInt64()),
			Burst:       int32(limit.Burst.ValueInt64()),
		}
	}
	if !m.TLS.IsNull() {
		var settings tlsModel
		diags.Append(m.TLS.As(ctx, &settings, basetypes.ObjectAsOptions{})...)
		connection.Tls = settings.toAPI()
	}
	if !m.OAuth2.IsNull() {
		var settings oauth2Model
		diags.Append(m.OAuth2.As(ctx, &settings, basetypes.ObjectAsOptions{})...)
		connection.Oauth2, more = settings.toAPI(ctx)
		diags.Append(more...)
	}
	if !m.Basic.IsNull() {
		var settings basicModel
		diags.Append(m.Basic.As(ctx, &settings, basetypes.ObjectAsOptions{})...)
		connection.Basic = settings.toAPI()
	}
	if !m.Proxy.IsNull() {
		var settings proxyModel
		diags.Append(m.Proxy.As(ctx, &settings, basetypes.ObjectAsOptions{})...)
		connection.Proxy, more = settings.toAPI(ctx)
		diags.Append(more...)
	}
	connection.Headers, more = texts(ctx, m.Headers)
	diags.Append(more...)
	return &provisioningv1.Draft{Kind: &provisioningv1.Draft_ScimConnection{ScimConnection: connection}}, diags
}

// FromAPI implements draft.Model.
func (m *ResourceModel) FromAPI(ctx context.Context, held *provisioningv1.Draft) diag.Diagnostics {
	connection := held.GetScimConnection()
	m.AppID = types.StringValue(connection.GetAppId())
	m.Name = types.StringValue(connection.GetName())
	m.BaseURL = types.StringValue(connection.GetBaseUrl())
	m.BearerToken = types.StringNull()
	m.BearerTokenVersion = draft.Whole(connection.GetTokenVersion())
	m.Profile = draft.Text(connection.GetProfile())
	m.TimeoutSeconds = draft.Whole(connection.GetTimeoutSeconds())
	m.RateLimit = types.ObjectNull(rateLimitTypes())

	var diags, more diag.Diagnostics
	m.Compatibility, more = compatibilityFromAPI(ctx, connection.GetCompatibility())
	diags.Append(more...)
	if limit := connection.GetRateLimit(); limit.GetRequestsPerSecond() != 0 || limit.GetConcurrency() != 0 || limit.GetBurst() != 0 {
		requests := types.Float64Null()
		if limit.GetRequestsPerSecond() != 0 {
			requests = types.Float64Value(limit.GetRequestsPerSecond())
		}
		m.RateLimit, more = types.ObjectValueFrom(ctx, rateLimitTypes(), rateLimitModel{
			RequestsPerSecond: requests,
			Concurrency:       draft.Whole(limit.GetConcurrency()),
			Burst:             draft.Whole(limit.GetBurst()),
		})
		diags.Append(more...)
	}
	for _, nested := range []struct {
		to   *types.Object
		from func() (types.Object, diag.Diagnostics)
	}{
		{&m.TLS, func() (types.Object, diag.Diagnostics) { return tlsFromAPI(ctx, connection.GetTls()) }},
		{&m.OAuth2, func() (types.Object, diag.Diagnostics) { return oauth2FromAPI(ctx, connection.GetOauth2()) }},
		{&m.Basic, func() (types.Object, diag.Diagnostics) { return basicFromAPI(ctx, connection.GetBasic()) }},
		{&m.Proxy, func() (types.Object, diag.Diagnostics) { return proxyFromAPI(ctx, connection.GetProxy()) }},
	} {
		*nested.to, more = nested.from()
		diags.Append(more...)
	}
	m.Headers, more = textMap(ctx, connection.GetHeaders())
	diags.Append(more...)
	return diags
}
