package scimconnection

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
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

func oauth2Attribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "OAuth 2.0 client credentials (RFC 6749 4.4): an access token is fetched from `token_url`, kept for 80 % of its life, and fetched again " +
			"once when the endpoint refuses it.",
		Attributes: map[string]schema.Attribute{
			"token_url": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Token endpoint. `https`, or `http` for a loopback host only. Redirects of it are not followed.",
				Validators:          []validator.String{validators.TokenURL()},
			},
			"client_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Id of the client.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"client_authentication": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How the client proves who it is. `body`: `client_secret_wo` in the body of the token request. `basic`: `client_secret_wo` as HTTP Basic. " +
					"`private_key_jwt`: an assertion signed with `private_key_wo` (RFC 7523). Default `" + job.ClientSecretInBody + "`.",
				Validators: []validator.String{stringvalidator.OneOf(job.ClientAuthentications()...)},
			},
			"client_secret_wo":         secretAttribute("Secret of the client, for `body` and `basic`.", "client_secret_wo_version"),
			"client_secret_wo_version": versionAttribute("client secret", sibling("client_secret_wo"), "client_secret_wo"),
			"private_key_wo": secretAttribute("Private key in PEM without a passphrase, for `private_key_jwt`: RSA of at least 2048 bits, EC or Ed25519.",
				"private_key_wo_version", validators.PrivateKey()),
			"private_key_wo_version": versionAttribute("private key", sibling("private_key_wo"), "private_key_wo"),
			"key_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Id under which the token endpoint knows the key (`kid` of the assertion). Only for `private_key_jwt`.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"audience": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "For whom the assertion is (`aud`). Only for `private_key_jwt`. Default: `token_url`. A parameter of the token request that is named " +
					"audience goes to `token_parameters`.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"scopes": schema.SetAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Scopes to ask for. Default: none, which means the client's own.",
				Validators:          []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(validators.Word())},
			},
			"token_parameters": schema.MapAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Further parameters of the token request, for example `audience` or `resource`. They are stored in plan and state.",
				Validators:          []validator.Map{mapvalidator.SizeAtLeast(1), validators.TokenParameters()},
			},
		},
	}
}

func basicAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "HTTP Basic (RFC 7617): a user name and a password with every request.",
		Attributes: map[string]schema.Attribute{
			"username": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "User name, without a colon.",
				Validators:          []validator.String{validators.BasicUsername()},
			},
			"password_wo":         secretAttribute("Password.", "password_wo_version"),
			"password_wo_version": versionAttribute("password", sibling("password_wo"), "password_wo"),
		},
	}
}

func secretAttribute(description, version string, checks ...validator.String) schema.Attribute {
	return schema.StringAttribute{
		Optional:            true,
		Sensitive:           true,
		WriteOnly:           true,
		MarkdownDescription: description + " " + writeOnly(version),
		Validators:          append([]validator.String{stringvalidator.LengthAtLeast(1), stringvalidator.AlsoRequires(sibling(version))}, checks...),
	}
}

type oauth2Model struct {
	TokenURL             types.String `tfsdk:"token_url"`
	ClientID             types.String `tfsdk:"client_id"`
	ClientAuthentication types.String `tfsdk:"client_authentication"`
	ClientSecret         types.String `tfsdk:"client_secret_wo"` // null in plan and state, as every secret
	ClientSecretVersion  types.Int64  `tfsdk:"client_secret_wo_version"`
	PrivateKey           types.String `tfsdk:"private_key_wo"`
	PrivateKeyVersion    types.Int64  `tfsdk:"private_key_wo_version"`
	KeyID                types.String `tfsdk:"key_id"`
	Audience             types.String `tfsdk:"audience"`
	Scopes               types.Set    `tfsdk:"scopes"`
	TokenParameters      types.Map    `tfsdk:"token_parameters"`
}

func oauth2Types() map[string]attr.Type {
	return map[string]attr.Type{
		"token_url": types.StringType, "client_id": types.StringType, "client_authentication": types.StringType,
		"client_secret_wo": types.StringType, "client_secret_wo_version": types.Int64Type,
		"private_key_wo": types.StringType, "private_key_wo_version": types.Int64Type, "key_id": types.StringType, "audience": types.StringType,
		"scopes": types.SetType{ElemType: types.StringType}, "token_parameters": types.MapType{ElemType: types.StringType},
	}
}

func (m oauth2Model) toAPI(ctx context.Context) (*provisioningv1.OAuth2, diag.Diagnostics) {
	sent := &provisioningv1.OAuth2{
		TokenUrl: m.TokenURL.ValueString(), ClientId: m.ClientID.ValueString(), ClientAuthentication: m.ClientAuthentication.ValueString(),
		ClientSecretVersion: m.ClientSecretVersion.ValueInt64(), PrivateKeyVersion: m.PrivateKeyVersion.ValueInt64(),
		KeyId: m.KeyID.ValueString(), Audience: m.Audience.ValueString(),
	}
	var diags, more diag.Diagnostics
	sent.Scopes, diags = draft.Sorted(ctx, m.Scopes)
	sent.TokenParameters, more = texts(ctx, m.TokenParameters)
	diags.Append(more...)
	return sent, diags
}

func oauth2FromAPI(ctx context.Context, held *provisioningv1.OAuth2) (types.Object, diag.Diagnostics) {
	if held == nil {
		return types.ObjectNull(oauth2Types()), nil
	}
	model := oauth2Model{
		TokenURL: types.StringValue(held.GetTokenUrl()), ClientID: types.StringValue(held.GetClientId()),
		ClientAuthentication: draft.Text(held.GetClientAuthentication()), ClientSecretVersion: draft.Whole(held.GetClientSecretVersion()),
		PrivateKeyVersion: draft.Whole(held.GetPrivateKeyVersion()), KeyID: draft.Text(held.GetKeyId()), Audience: draft.Text(held.GetAudience()),
	}
	var diags, more diag.Diagnostics
	model.Scopes, diags = draft.TextSet(ctx, held.GetScopes())
	model.TokenParameters, more = textMap(ctx, held.GetTokenParameters())
	diags.Append(more...)
	object, more := types.ObjectValueFrom(ctx, oauth2Types(), model)
	diags.Append(more...)
	return object, diags
}

type basicModel struct {
	Username        types.String `tfsdk:"username"`
	Password        types.String `tfsdk:"password_wo"`
	PasswordVersion types.Int64  `tfsdk:"password_wo_version"`
}

func basicTypes() map[string]attr.Type {
	return map[string]attr.Type{"username": types.StringType, "password_wo": types.StringType, "password_wo_version": types.Int64Type}
}

func (m basicModel) toAPI() *provisioningv1.BasicAuth {
	return &provisioningv1.BasicAuth{Username: m.Username.ValueString(), PasswordVersion: m.PasswordVersion.ValueInt64()}
}

func basicFromAPI(ctx context.Context, held *provisioningv1.BasicAuth) (types.Object, diag.Diagnostics) {
	if held == nil {
		return types.ObjectNull(basicTypes()), nil
	}
	return types.ObjectValueFrom(ctx, basicTypes(), basicModel{
		Username: types.StringValue(held.GetUsername()), PasswordVersion: draft.Whole(held.GetPasswordVersion()),
	})
}

// texts returns the entries of a known map, nil when it is null.
func texts(ctx context.Context, value types.Map) (map[string]string, diag.Diagnostics) {
	if value.IsNull() {
		return nil, nil
	}
	entries := map[string]string{}
	diags := value.ElementsAs(ctx, &entries, false)
	return entries, diags
}

// textMap returns what the engine holds as an optional map: an empty one is absent, and absent is null.
func textMap(ctx context.Context, entries map[string]string) (types.Map, diag.Diagnostics) {
	if len(entries) == 0 {
		return types.MapNull(types.StringType), nil
	}
	return types.MapValueFrom(ctx, types.StringType, entries)
}
