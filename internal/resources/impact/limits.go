package impact

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

// limitsModel is the attribute limits: for all accounts, and below users and groups for one object type.
type limitsModel struct {
	MaxDisable types.Int64   `tfsdk:"max_disable"`
	MaxDelete  types.Int64   `tfsdk:"max_delete"`
	MaxPercent types.Float64 `tfsdk:"max_percent"`
	Floor      types.Int64   `tfsdk:"percent_floor"`
	Users      types.Object  `tfsdk:"users"`
	Groups     types.Object  `tfsdk:"groups"`
}

type typeLimitsModel struct {
	MaxDisable types.Int64   `tfsdk:"max_disable"`
	MaxDelete  types.Int64   `tfsdk:"max_delete"`
	MaxPercent types.Float64 `tfsdk:"max_percent"`
	Floor      types.Int64   `tfsdk:"percent_floor"`
}

// TypeLimitsTypes are the attribute types of limits of one object type.
func TypeLimitsTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"max_disable": types.Int64Type, "max_delete": types.Int64Type, "max_percent": types.Float64Type, "percent_floor": types.Int64Type,
	}
}

// LimitsTypes are the attribute types of limits.
func LimitsTypes() map[string]attr.Type {
	all := TypeLimitsTypes()
	all["users"] = types.ObjectType{AttrTypes: TypeLimitsTypes()}
	all["groups"] = types.ObjectType{AttrTypes: TypeLimitsTypes()}
	return all
}

// LimitsToAPI needs known values.
func LimitsToAPI(ctx context.Context, object types.Object) (*provisioningv1.Limits, diag.Diagnostics) {
	if object.IsNull() {
		return nil, nil
	}
	var limits limitsModel
	diags := object.As(ctx, &limits, basetypes.ObjectAsOptions{})
	converted := &provisioningv1.Limits{
		MaxDisable: limits.MaxDisable.ValueInt64Pointer(),
		MaxDelete:  limits.MaxDelete.ValueInt64Pointer(),
		MaxPercent: limits.MaxPercent.ValueFloat64Pointer(), PercentFloor: limits.Floor.ValueInt64Pointer(),
	}
	var more diag.Diagnostics
	converted.Users, more = typeLimitsToAPI(ctx, limits.Users)
	diags.Append(more...)
	converted.Groups, more = typeLimitsToAPI(ctx, limits.Groups)
	diags.Append(more...)
	return converted, diags
}

// typeLimitsToAPI says nothing of limits that limit nothing.
func typeLimitsToAPI(ctx context.Context, object types.Object) (*provisioningv1.TypeLimits, diag.Diagnostics) {
	if object.IsNull() {
		return nil, nil
	}
	var limits typeLimitsModel
	diags := object.As(ctx, &limits, basetypes.ObjectAsOptions{})
	if limits == (typeLimitsModel{MaxDisable: types.Int64Null(), MaxDelete: types.Int64Null(), MaxPercent: types.Float64Null(), Floor: types.Int64Null()}) {
		return nil, diags
	}
	return &provisioningv1.TypeLimits{
		MaxDisable: limits.MaxDisable.ValueInt64Pointer(),
		MaxDelete:  limits.MaxDelete.ValueInt64Pointer(),
		MaxPercent: limits.MaxPercent.ValueFloat64Pointer(), PercentFloor: limits.Floor.ValueInt64Pointer(),
	}, diags
}
