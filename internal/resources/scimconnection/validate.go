package scimconnection

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/validators"
)

// credentialsValidator checks that a connection has one way to prove itself, and that the way has what it needs. What is not known
// yet is fine.
type credentialsValidator struct{}

// Description says what is checked.
func (credentialsValidator) Description(context.Context) string {
	return "exactly one of bearer_token_wo, oauth2 and basic, or tls.client_certificate_pem"
}

// MarkdownDescription says what is checked.
func (v credentialsValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateResource checks the configuration.
func (credentialsValidator) ValidateResource(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var token, certificate types.String
	var oauth2, basic types.Object
	c := configuration{Config: req.Config, diags: &resp.Diagnostics}
	bearer, client := path.Root("bearer_token_wo"), path.Root("tls").AtName("client_certificate_pem")
	c.read(ctx, bearer, &token)
	c.read(ctx, path.Root("oauth2"), &oauth2)
	c.read(ctx, path.Root("basic"), &basic)
	c.read(ctx, client, &certificate)
	var tls types.Object
	c.read(ctx, path.Root("tls"), &tls)

	methods := []struct {
		at    path.Path
		value attr.Value
	}{{bearer, token}, {path.Root("oauth2"), oauth2}, {path.Root("basic"), basic}}
	var first path.Path
	found, open := false, certificate.IsUnknown() || tls.IsUnknown()
	for _, method := range methods {
		open = open || method.value.IsUnknown()
		if method.value.IsNull() || method.value.IsUnknown() {
			continue
		}
		if found {
			resp.Diagnostics.Append(validators.At(method.at, "Too many credentials", first.String()+" and "+method.at.String()+" exclude each other; remove one."))
		}
		found, first = true, method.at
	}
	if !found && !open && certificate.IsNull() {
		resp.Diagnostics.AddError("Missing credentials",
			"The connection says nothing about how to prove who is asking. Set exactly one of bearer_token_wo, oauth2 and basic, or tls.client_certificate_pem.")
	}
	if !oauth2.IsNull() && !oauth2.IsUnknown() {
		c.checkOAuth2(ctx)
	}
	if !basic.IsNull() && !basic.IsUnknown() {
		c.demand(ctx, path.Root("basic").AtName("password_wo"), "basic needs the user's password.")
	}
}

// configuration is what a check reads from and writes to.
type configuration struct {
	tfsdk.Config
	diags *diag.Diagnostics
}

func (c configuration) read(ctx context.Context, at path.Path, into any) {
	c.diags.Append(c.GetAttribute(ctx, at, into)...)
}

// demand refuses an attribute that is not set.
func (c configuration) demand(ctx context.Context, at path.Path, why string) {
	var value types.String
	if c.read(ctx, at, &value); value.IsNull() {
		c.diags.Append(validators.At(at, "Missing attribute", why))
	}
}

// refuse refuses an attribute that is set.
func (c configuration) refuse(ctx context.Context, at path.Path, why string) {
	var value types.String
	if c.read(ctx, at, &value); !value.IsNull() {
		c.diags.Append(validators.At(at, "Attribute without effect", why))
	}
}

func (c configuration) checkOAuth2(ctx context.Context) {
	at := path.Root("oauth2")
	var method types.String
	c.read(ctx, at.AtName("client_authentication"), &method)
	switch {
	case method.IsUnknown():
	case method.ValueString() == job.PrivateKeyJWT:
		c.demand(ctx, at.AtName("private_key_wo"), "client_authentication = \"private_key_jwt\" needs the client's private key.")
		c.refuse(ctx, at.AtName("client_secret_wo"), "client_authentication = \"private_key_jwt\" uses no client secret; remove it.")
	default:
		c.demand(ctx, at.AtName("client_secret_wo"), "oauth2 needs the client's secret, or client_authentication = \"private_key_jwt\" and the client's private key.")
		for _, name := range []string{"private_key_wo", "key_id", "audience"} {
			c.refuse(ctx, at.AtName(name), "it is for client_authentication = \"private_key_jwt\" only. A parameter of the token request that is named audience goes to token_parameters.")
		}
	}
}
