package scimconnection

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

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
			"The bearer token is write-only: it is in neither plan nor state, the engine keeps it sealed. " +
			"**On destroy** the draft and its token are removed; no account is touched. **Replaced** when `app_id` or `name` change. " +
			"Pointing a job at another endpoint may create, disable or delete accounts there; the job's plan shows which.",
		Attributes: map[string]schema.Attribute{
			"app_id": draft.AppID(noun),
			"name":   name,
			"base_url": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Address below which `/Users` and `/Groups` are found, for example `https://wiki.example.com/scim/v2`. " +
					"`https`, or `http` for a loopback host only; without credentials, query and fragment.",
				Validators: []validator.String{validators.BaseURL()},
			},
			"bearer_token_wo": schema.StringAttribute{
				Optional:  true,
				Sensitive: true,
				WriteOnly: true,
				MarkdownDescription: "Bearer token sent with every request. Write-only: it is sent to the engine when the connection is created " +
					"and when `bearer_token_wo_version` changes. Without it requests carry no token.",
				Validators: []validator.String{
					stringvalidator.LengthAtLeast(1),
					stringvalidator.AlsoRequires(path.MatchRoot("bearer_token_wo_version")),
				},
			},
			"bearer_token_wo_version": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Version of the token, 1 or higher. Change it to send a new token. Required with `bearer_token_wo`.",
				Validators: []validator.Int64{
					int64validator.AtLeast(1),
					int64validator.AlsoRequires(path.MatchRoot("bearer_token_wo")),
				},
			},
			"profile": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Wire profile. `rfc`: requests as RFC 7644 has them. `entra`: as Microsoft Entra ID sends them. `entra-compliant`: as Entra " +
					"sends them with the flag `aadOptscim062020`. Default: that of the app's template, otherwise `" + job.DefaultProfile + "`.",
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
						path.MatchRelative().AtParent().AtName("concurrency"), path.MatchRelative().AtParent().AtName("burst")),
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

func tlsAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "How the endpoint's certificate is verified. Verification cannot be turned off.",
		Attributes: map[string]schema.Attribute{
			"ca_bundle_pem": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Certificates in PEM that are trusted instead of the system's. Default: the system's.",
				Validators: []validator.String{
					validators.Certificates(),
					stringvalidator.AtLeastOneOf(path.MatchRelative().AtParent().AtName("server_name")),
				},
			},
			"server_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name the certificate has to carry, also sent as SNI. Default: the host of `base_url`.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
		},
	}
}
