package job

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	definition "github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/impact"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/validators"
)

// limitsSchema describes the attribute limits.
func limitsSchema() schema.SingleNestedAttribute {
	attributes := typeLimitsSchema("accounts", fmt.Sprintf("%d", definition.DefaultPercentFloor))
	attributes["users"] = schema.SingleNestedAttribute{
		Optional: true, MarkdownDescription: "Limits for users alone, besides those for all accounts.", Attributes: typeLimitsSchema("users", "that of all accounts"),
		Validators: []validator.Object{validators.SaysSomething()},
	}
	attributes["groups"] = schema.SingleNestedAttribute{
		Optional: true, MarkdownDescription: "Limits for groups alone, besides those for all accounts.", Attributes: typeLimitsSchema("groups", "that of all accounts"),
		Validators: []validator.Object{validators.SaysSomething()},
	}
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "How many accounts, users and groups together, one commit or one cycle may disable and delete. A plan that exceeds a " +
			"limit fails, and so does an apply. A cycle without a plan that exceeds one disables and deletes nobody: everything of the kind is " +
			"staged, and the job is quarantined until people decide. No limit by default.",
		Attributes: attributes,
		Validators: []validator.Object{validators.SaysSomething()},
	}
}

func typeLimitsSchema(noun, floor string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"max_disable": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "Most " + noun + " that may be disabled. `0` allows none.",
			Validators:          []validator.Int64{int64validator.AtLeast(0)},
		},
		"max_delete": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "Most " + noun + " that may be deleted. `0` allows none.",
			Validators:          []validator.Int64{int64validator.AtLeast(0)},
		},
		"max_percent": schema.Float64Attribute{
			Optional:            true,
			MarkdownDescription: "Most " + noun + " that may be disabled or deleted together, as a percentage of the managed " + noun + ", from 0 to 100. `0` allows none.",
			Validators:          []validator.Float64{float64validator.Between(0, 100)},
		},
		"percent_floor": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "`max_percent` is ignored while fewer " + noun + " than this are managed: of nine, a single leaver is more than a tenth. A `max_percent` of " +
				"`0` knows no floor, nor do `max_disable` and `max_delete`. Default: " + floor + ".",
			Validators: []validator.Int64{int64validator.AtLeast(0)},
		},
	}
}

// limitsDataSource describes the limits of a job that exists.
func limitsDataSource() datasource.SingleNestedAttribute {
	attributes := typeLimitsDataSource("accounts")
	attributes["users"] = datasource.SingleNestedAttribute{Computed: true, MarkdownDescription: "Limits for users alone.", Attributes: typeLimitsDataSource("users")}
	attributes["groups"] = datasource.SingleNestedAttribute{Computed: true, MarkdownDescription: "Limits for groups alone.", Attributes: typeLimitsDataSource("groups")}
	return datasource.SingleNestedAttribute{
		Computed: true, MarkdownDescription: "How many accounts one commit or one cycle may disable and delete; null without limits.", Attributes: attributes,
	}
}

func typeLimitsDataSource(noun string) map[string]datasource.Attribute {
	return map[string]datasource.Attribute{
		"max_disable":   datasource.Int64Attribute{Computed: true, MarkdownDescription: "Most " + noun + " that may be disabled."},
		"max_delete":    datasource.Int64Attribute{Computed: true, MarkdownDescription: "Most " + noun + " that may be deleted."},
		"max_percent":   datasource.Float64Attribute{Computed: true, MarkdownDescription: "Most " + noun + " that may be disabled or deleted together, as a percentage of the managed " + noun + "."},
		"percent_floor": datasource.Int64Attribute{Computed: true, MarkdownDescription: "`max_percent` is ignored while fewer " + noun + " are managed; null for the default."},
	}
}

// limitPath is the attribute of a limit that the engine named.
func limitPath(limit string) path.Path {
	at := path.Root("limits")
	for _, name := range strings.Split(limit, ".") {
		at = at.AtName(name)
	}
	return at
}

// limitsFromAPI keeps an empty object that was written: the engine does not tell it from none.
func limitsFromAPI(prior types.Object, limits *provisioningv1.Limits) types.Object {
	none := limits == nil || limits.MaxDisable == nil && limits.MaxDelete == nil && limits.MaxPercent == nil && limits.PercentFloor == nil && limits.GetUsers() == nil && limits.GetGroups() == nil
	if none && prior.IsNull() {
		return types.ObjectNull(impact.LimitsTypes())
	}
	if limits == nil {
		limits = &provisioningv1.Limits{}
	}
	return types.ObjectValueMust(impact.LimitsTypes(), map[string]attr.Value{
		"max_disable": types.Int64PointerValue(limits.MaxDisable),
		"max_delete":  types.Int64PointerValue(limits.MaxDelete),
		"max_percent": types.Float64PointerValue(limits.MaxPercent), "percent_floor": types.Int64PointerValue(limits.PercentFloor),
		"users":  typeLimitsFromAPI(prior.Attributes()["users"], limits.GetUsers()),
		"groups": typeLimitsFromAPI(prior.Attributes()["groups"], limits.GetGroups()),
	})
}

func typeLimitsFromAPI(prior attr.Value, limits *provisioningv1.TypeLimits) types.Object {
	if limits == nil {
		if prior == nil || prior.IsNull() {
			return types.ObjectNull(impact.TypeLimitsTypes())
		}
		limits = &provisioningv1.TypeLimits{}
	}
	return types.ObjectValueMust(impact.TypeLimitsTypes(), map[string]attr.Value{
		"max_disable": types.Int64PointerValue(limits.MaxDisable),
		"max_delete":  types.Int64PointerValue(limits.MaxDelete),
		"max_percent": types.Float64PointerValue(limits.MaxPercent), "percent_floor": types.Int64PointerValue(limits.PercentFloor),
	})
}
