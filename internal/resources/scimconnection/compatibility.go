package scimconnection

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
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

func compatibilityAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "How the client copes with a target that has a part of the protocol missing or wrong.",
		Validators:          []validator.Object{validators.SaysSomething()},
		Attributes: map[string]schema.Attribute{
			"update_method": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How accounts are updated. `patch`: PATCH. `put`: read, merge and PUT. `auto`: PATCH, and PUT once the target said that it " +
					"cannot do that. Default: that of the app's template, otherwise `auto`.",
				Validators: []validator.String{stringvalidator.OneOf(job.UpdateMethods()...)},
			},
			"bulk": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "`auto`: bulk requests (RFC 7644 3.7) are used when the target announces them. `off`: they are not. Default: that of the app's template, otherwise `auto`.",
				Validators:          []validator.String{stringvalidator.OneOf(job.BulkModes()...)},
			},
			"members_per_patch": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Members that one request adds to a group or removes from it, 1 to 10000. Default: that of the app's template, otherwise that of the profile, 100.",
				Validators:          []validator.Int64{int64validator.Between(1, maxMembersPerPatch)},
			},
			"verify_members": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Read a group back after its members were written: for targets that answer 200 and do nothing. Default `false`.",
			},
			"not_found_is_empty": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Take 404 and 400 as the answer to a search for \"nobody has this value\". Only for targets that are known to answer " +
					"like that: otherwise a wrong `base_url` looks like an empty target. Default `false`.",
			},
		},
	}
}

type compatibilityModel struct {
	UpdateMethod    types.String `tfsdk:"update_method"`
	Bulk            types.String `tfsdk:"bulk"`
	MembersPerPatch types.Int64  `tfsdk:"members_per_patch"`
	VerifyMembers   types.Bool   `tfsdk:"verify_members"`
	NotFoundIsEmpty types.Bool   `tfsdk:"not_found_is_empty"`
}

func compatibilityTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"update_method": types.StringType, "bulk": types.StringType, "members_per_patch": types.Int64Type,
		"verify_members": types.BoolType, "not_found_is_empty": types.BoolType,
	}
}

func (m compatibilityModel) toAPI() *provisioningv1.ScimCompatibility {
	return &provisioningv1.ScimCompatibility{
		UpdateMethod: m.UpdateMethod.ValueString(),
		Bulk:         m.Bulk.ValueString(),
		// The schema bounds it far below the limits of int32.
		MembersPerPatch: int32(m.MembersPerPatch.ValueInt64()),
		VerifyMembers:   m.VerifyMembers.ValueBoolPointer(),
		NotFoundIsEmpty: m.NotFoundIsEmpty.ValueBoolPointer(),
	}
}

func compatibilityFromAPI(ctx context.Context, held *provisioningv1.ScimCompatibility) (types.Object, diag.Diagnostics) {
	if held == nil {
		return types.ObjectNull(compatibilityTypes()), nil
	}
	return types.ObjectValueFrom(ctx, compatibilityTypes(), compatibilityModel{
		UpdateMethod:    draft.Text(held.GetUpdateMethod()),
		Bulk:            draft.Text(held.GetBulk()),
		MembersPerPatch: draft.Whole(held.GetMembersPerPatch()),
		VerifyMembers:   types.BoolPointerValue(held.VerifyMembers),
		NotFoundIsEmpty: types.BoolPointerValue(held.NotFoundIsEmpty),
	})
}
