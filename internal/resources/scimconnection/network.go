package scimconnection

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/validators"
)

func tlsAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "How the endpoint's certificate is verified, and the certificate that this side proves itself with. Verification cannot be turned off.",
		Attributes: map[string]schema.Attribute{
			"ca_bundle_pem": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Certificates in PEM that are trusted instead of the system's. For a token endpoint on another host they are trusted besides the system's. " +
					"Default: the system's.",
				Validators: []validator.String{
					validators.Certificates(),
					stringvalidator.AtLeastOneOf(sibling("server_name"), sibling("min_version"), sibling("client_certificate_pem")),
				},
			},
			"server_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name the certificate has to carry, also sent as SNI. Default: the host of `base_url`.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"min_version": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Lowest version of TLS: `1.2` or `1.3`. Default `1.2`.",
				Validators:          []validator.String{stringvalidator.OneOf(job.TLSVersions()...)},
			},
			"client_certificate_pem": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Certificate, followed by its chain, in PEM: mutual TLS, alone or with one of `bearer_token_wo`, `oauth2` and `basic`. " +
					"Requires `client_key_wo`.",
				Validators: []validator.String{validators.Certificates(), stringvalidator.AlsoRequires(sibling("client_key_wo"))},
			},
			"client_key_wo": secretAttribute("Private key of the certificate in PEM, without a passphrase.", "client_key_wo_version", validators.PrivateKey(),
				stringvalidator.AlsoRequires(sibling("client_certificate_pem"))),
			"client_key_wo_version": versionAttribute("client key", sibling("client_key_wo"), "client_key_wo"),
		},
	}
}

func proxyAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Proxy to reach the endpoint and the token endpoint through. Default: that of the environment of the engine (`HTTPS_PROXY`, `NO_PROXY`). " +
			"Loopback addresses are never reached through a proxy.",
		Attributes: map[string]schema.Attribute{
			"url": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Address of the proxy, `http`, `https` or `socks5`, without credentials, for example `http://proxy.example.com:3128`.",
				Validators:          []validator.String{validators.ProxyURL()},
			},
			"no_proxy": schema.SetAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Hosts, domains (`.example.com`) and networks (`10.0.0.0/8`) that are reached directly.",
				Validators:          []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(validators.Word())},
			},
			"username": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "User name at the proxy.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"password_wo":         secretAttribute("Password at the proxy.", "password_wo_version", stringvalidator.AlsoRequires(sibling("username"))),
			"password_wo_version": versionAttribute("password", sibling("password_wo"), "password_wo"),
		},
	}
}

type tlsModel struct {
	CABundlePEM          types.String `tfsdk:"ca_bundle_pem"`
	ServerName           types.String `tfsdk:"server_name"`
	MinVersion           types.String `tfsdk:"min_version"`
	ClientCertificatePEM types.String `tfsdk:"client_certificate_pem"`
	ClientKey            types.String `tfsdk:"client_key_wo"`
	ClientKeyVersion     types.Int64  `tfsdk:"client_key_wo_version"`
}

func tlsTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"ca_bundle_pem": types.StringType, "server_name": types.StringType, "min_version": types.StringType,
		"client_certificate_pem": types.StringType, "client_key_wo": types.StringType, "client_key_wo_version": types.Int64Type,
	}
}

func (m tlsModel) toAPI() *provisioningv1.Tls {
	return &provisioningv1.Tls{
		CaBundlePem: m.CABundlePEM.ValueString(), ServerName: m.ServerName.ValueString(), MinVersion: m.MinVersion.ValueString(),
		ClientCertificatePem: m.ClientCertificatePEM.ValueString(), ClientKeyVersion: m.ClientKeyVersion.ValueInt64(),
	}
}

func tlsFromAPI(ctx context.Context, held *provisioningv1.Tls) (types.Object, diag.Diagnostics) {
	if held == nil {
		return types.ObjectNull(tlsTypes()), nil
	}
	return types.ObjectValueFrom(ctx, tlsTypes(), tlsModel{
		CABundlePEM: draft.Text(held.GetCaBundlePem()), ServerName: draft.Text(held.GetServerName()), MinVersion: draft.Text(held.GetMinVersion()),
		ClientCertificatePEM: draft.Text(held.GetClientCertificatePem()), ClientKeyVersion: draft.Whole(held.GetClientKeyVersion()),
	})
}

type proxyModel struct {
	URL             types.String `tfsdk:"url"`
	NoProxy         types.Set    `tfsdk:"no_proxy"`
	Username        types.String `tfsdk:"username"`
	Password        types.String `tfsdk:"password_wo"`
	PasswordVersion types.Int64  `tfsdk:"password_wo_version"`
}

func proxyTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"url": types.StringType, "no_proxy": types.SetType{ElemType: types.StringType},
		"username": types.StringType, "password_wo": types.StringType, "password_wo_version": types.Int64Type,
	}
}

func (m proxyModel) toAPI(ctx context.Context) (*provisioningv1.Proxy, diag.Diagnostics) {
	direct, diags := draft.Sorted(ctx, m.NoProxy)
	return &provisioningv1.Proxy{
		Url: m.URL.ValueString(), NoProxy: direct, Username: m.Username.ValueString(), PasswordVersion: m.PasswordVersion.ValueInt64(),
	}, diags
}

func proxyFromAPI(ctx context.Context, held *provisioningv1.Proxy) (types.Object, diag.Diagnostics) {
	if held == nil {
		return types.ObjectNull(proxyTypes()), nil
	}
	direct, diags := draft.TextSet(ctx, held.GetNoProxy())
	object, more := types.ObjectValueFrom(ctx, proxyTypes(), proxyModel{
		URL: types.StringValue(held.GetUrl()), NoProxy: direct, Username: draft.Text(held.GetUsername()), PasswordVersion: draft.Whole(held.GetPasswordVersion()),
	})
	diags.Append(more...)
	return object, diags
}
