package scimconnection

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/draft"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/validators"
)

const (
	defaultName = "scim"
	// The bounds keep a slip of the pen from flooding a target.
	maxRequestsPerSecond = 100000
	maxConcurrency       = 64
	maxBurst             = 100000
	maxTimeoutSeconds    = 3600
	maxMembersPerPatch   = 10000
)

func resourceSchema() schema.Schema {
	name := draft.Name(noun)
	name.Required, name.Optional, name.Computed = false, true, true
	name.Default = stringdefault.StaticString(defaultName)
	name.MarkdownDescription += " Default `" + defaultName + "`."
	return schema.Schema{
		MarkdownDescription: "The SCIM 2.0 endpoint of an app, with its credentials.\n\n" +
			"A connection is a draft and has no effect until a `provisioning_job` that refers to it is applied. " +
			"It has exactly one of `bearer_token_wo`, `oauth2` and `basic`, or a client certificate in `tls` alone; a client certificate also goes with each of them. " +
			"Secrets are write-only: they are in neither plan nor state, the engine keeps them sealed. An import takes over their versions, not the secrets. " +
			"**On destroy** the draft and its secrets are removed; no account is touched. **Replaced** when `app_id` or `name` change. " +
			"A job that manages accounts moves to another endpoint only with a `restart` that says so; its plan names the accounts that would stay behind.",
		Attributes: map[string]schema.Attribute{
			"app_id": draft.AppID(noun),
			"name":   name,
			"base_url": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Address below which `/Users` and `/Groups` are found, for example `https://wiki.example.com/scim/v2`. " +
					"`https`, or `http` for a loopback host only; without credentials, query and fragment. Flags for Microsoft Entra ID such as " +
					"`?aadOptscim062020` may stay: they are not sent, `profile` decides.",
				Validators: []validator.String{validators.BaseURL()},
			},
			"bearer_token_wo": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				WriteOnly:           true,
				MarkdownDescription: "Bearer token sent with every request. " + writeOnly("bearer_token_wo_version"),
				Validators: []validator.String{
					validators.BearerToken(),
					stringvalidator.AlsoRequires(path.MatchRoot("bearer_token_wo_version")),
				},
			},
			"bearer_token_wo_version": versionAttribute("token", path.MatchRoot("bearer_token_wo"), "bearer_token_wo"),
			"oauth2":                  oauth2Attribute(),
			"basic":                   basicAttribute(),
			"headers": schema.MapAttribute{
				Optional:    true,
				ElementType: types.StringType,
				MarkdownDescription: "Headers sent with every request besides those of the protocol, for example a tenant's id. They are stored in plan and state: " +
					"secrets do not belong here. Headers that the protocol sets or that carry credentials are refused (`Authorization`, `Cookie`, `Host`, `Content-*`, …).",
				Validators: []validator.Map{mapvalidator.SizeAtLeast(1), validators.Headers()},
			},
			"proxy": proxyAttribute(),
			"profile": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Wire profile. `rfc`: requests as RFC 7644 has them. `entra`: as Microsoft Entra ID sends them. `entra-compliant`: as Entra " +
					"sends them with the flag `aadOptscim062020`. A version can be pinned, for example `entra@1`. Default: that of the app's template, otherwise `" + job.DefaultProfile + "`.",
				Validators: []validator.String{stringvalidator.OneOf(job.Profiles()...)},
			},
			"timeout_seconds": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Seconds that one request may take, 1 to 3600. Default: 60.",
				Validators:          []validator.Int64{int64validator.Between(1, maxTimeoutSeconds)},
			},
			"compatibility": compatibilityAttribute(),
			"rate_limit":    rateLimitAttribute(),
			"tls":           tlsAttribute(),
		},
	}
}

func rateLimitAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Bounds what is sent to the endpoint, over all jobs that use the connection.",
		Attributes: map[string]schema.Attribute{
			"requests_per_second": schema.Float64Attribute{
				Optional:            true,
				MarkdownDescription: "Requests per second, above 0 and at most 100000. Default: that of the app's template, otherwise the engine's.",
				Validators: []validator.Float64{
					float64validator.Between(0.01, maxRequestsPerSecond),
					float64validator.AtLeastOneOf(
						sibling("concurrency"), sibling("burst")),
				},
			},
			"concurrency": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Requests in flight at the same time, 1 to 64. Default: the engine's.",
				Validators:          []validator.Int64{int64validator.Between(1, maxConcurrency)},
			},
			"burst": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Requests that may go out at once after a pause, 1 to 100000. Default: those of one second.",
				Validators:          []validator.Int64{int64validator.Between(1, maxBurst)},
			},
		},
	}
}

// writeOnly says when a secret is sent.
func writeOnly(version string) string {
	return "Write-only: it is sent to the engine when the connection is created and when `" + version + "` changes."
}

func versionAttribute(noun string, value path.Expression, name string) schema.Attribute {
	return schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: "Version of the " + noun + ", 1 or higher. Change it to send a new one. Required with `" + name + "`.",
		Validators:          []validator.Int64{int64validator.AtLeast(1), int64validator.AlsoRequires(value)},
	}
}

// sibling names an attribute of the same nested attribute.
func sibling(name string) path.Expression { return path.MatchRelative().AtParent().AtName(name) }
