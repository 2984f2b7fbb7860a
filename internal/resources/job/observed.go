package job

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"google.golang.org/protobuf/types/known/timestamppb"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

// observed is what the engine reports of a committed job.
type observed struct {
	DestroyImpact       types.Object `tfsdk:"destroy_impact"`
	ManagedAccountCount types.Int64  `tfsdk:"managed_account_count"`
	DesiredDigest       types.String `tfsdk:"desired_digest"`
	Status              types.String `tfsdk:"status"`
	QuarantineReason    types.String `tfsdk:"quarantine_reason"`
	Quarantine          types.Object `tfsdk:"quarantine"`
	Generation          types.Int64  `tfsdk:"generation"`
	EscrowCount         types.Int64  `tfsdk:"escrow_count"`
	HeldCount           types.Int64  `tfsdk:"held_count"`
	StagedCount         types.Int64  `tfsdk:"staged_count"`
	LastCycle           types.Object `tfsdk:"last_cycle"`
	TargetCapabilities  types.List   `tfsdk:"target_capabilities"`
}

func (o *observed) fromAPI(status *provisioningv1.JobStatus) {
	impact := status.GetDestroyImpact()
	o.DestroyImpact = types.ObjectValueMust(attrTypes(destroyFields()), map[string]attr.Value{
		"disable_count":   types.Int64Value(impact.GetDisableCount()),
		"delete_count":    types.Int64Value(impact.GetDeleteCount()),
		"accounts_digest": types.StringValue(impact.GetAccountsDigest()),
	})
	o.ManagedAccountCount = types.Int64Value(status.GetManagedAccountCount())
	o.DesiredDigest = types.StringValue(status.GetDesiredDigest())
	o.Status = types.StringValue(status.GetStatus())
	o.QuarantineReason = stringOrNull(status.GetQuarantineReason())
	o.Generation = types.Int64Value(status.GetGeneration())
	o.EscrowCount = types.Int64Value(status.GetEscrowCount())
	o.HeldCount = types.Int64Value(status.GetHeldCount())
	o.StagedCount = types.Int64Value(status.GetStagedCount())
	o.Quarantine = quarantineValue(status.GetQuarantine())
	o.LastCycle = cycleValue(status.GetLastCycle())
	o.TargetCapabilities = capabilitiesValue(status.GetTargetCapabilities())
}

func quarantineValue(quarantine *provisioningv1.Quarantine) types.Object {
	if quarantine == nil {
		return types.ObjectNull(attrTypes(quarantineFields()))
	}
	return types.ObjectValueMust(attrTypes(quarantineFields()), map[string]attr.Value{
		"reason":        types.StringValue(quarantine.GetReason()),
		"error_code":    stringOrNull(quarantine.GetErrorCode()),
		"error_message": types.StringValue(quarantine.GetErrorMessage()),
		"current_began": timeValue(quarantine.GetCurrentBegan()),
		"series_began":  timeValue(quarantine.GetSeriesBegan()),
		"series_count":  types.Int64Value(quarantine.GetSeriesCount()),
		"next_attempt":  timeValue(quarantine.GetNextAttempt()),
		"ended":         types.BoolValue(quarantine.GetEnded()),
	})
}

func cycleValue(cycle *provisioningv1.Cycle) types.Object {
	if cycle == nil {
		return types.ObjectNull(attrTypes(cycleFields()))
	}
	counts := cycle.GetCounts()
	return types.ObjectValueMust(attrTypes(cycleFields()), map[string]attr.Value{
		"id":                        types.StringValue(cycle.GetId()),
		"full":                      types.BoolValue(cycle.GetFull()),
		"created_count":             types.Int64Value(counts.GetCreated()),
		"updated_count":             types.Int64Value(counts.GetUpdated()),
		"disabled_count":            types.Int64Value(counts.GetDisabled()),
		"deleted_count":             types.Int64Value(counts.GetDeleted()),
		"skipped_count":             types.Int64Value(counts.GetSkipped()),
		"failed_count":              types.Int64Value(counts.GetFailed()),
		"held_count":                types.Int64Value(counts.GetHeld()),
		"memberships_added_count":   types.Int64Value(counts.GetMembershipsAdded()),
		"memberships_removed_count": types.Int64Value(counts.GetMembershipsRemoved()),
		"imported_count":            types.Int64Value(counts.GetImported()),
		"entitled_count":            types.Int64Value(counts.GetEntitled()),
		"escrowed_count":            types.Int64Value(counts.GetEscrowed()),
		"exported_count":            types.Int64Value(counts.GetExported()),
		"started_at":                timeValue(cycle.GetStartedAt()),
		"ended_at":                  timeValue(cycle.GetEndedAt()),
		"failure":                   stringOrNull(cycle.GetFailure()),
	})
}

// carriedOut says as planned_changes what a cycle did, for applies whose plan could not know it.
func carriedOut(cycle *provisioningv1.Cycle) *provisioningv1.Changes {
	counts := cycle.GetCounts()
	return &provisioningv1.Changes{
		CreateCount:        counts.GetCreated(),
		UpdateCount:        counts.GetUpdated(),
		MembershipAddCount: counts.GetMembershipsAdded(),
		FailureCount:       counts.GetFailed(),
	}
}

func stringOrNull(value string) types.String {
	if value == "" {
		return types.StringNull()
	}
	return types.StringValue(value)
}

func timeValue(at *timestamppb.Timestamp) timetypes.RFC3339 {
	if at == nil {
		return timetypes.NewRFC3339Null()
	}
	return timetypes.NewRFC3339TimeValue(at.AsTime().UTC())
}
