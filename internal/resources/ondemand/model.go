package ondemand

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

type resourceModel struct {
	JobID    types.String   `tfsdk:"job_id"`
	Subjects types.Set      `tfsdk:"subjects"`
	Triggers types.Map      `tfsdk:"triggers"`
	Results  types.List     `tfsdk:"results"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

type subjectModel struct {
	ObjectType types.String `tfsdk:"object_type"`
	ID         types.String `tfsdk:"id"`
}

// onDemandRequest makes the request of a resource or an action, with the subjects sorted by object type and id.
func onDemandRequest(ctx context.Context, jobID types.String, of types.Set) (*provisioningv1.ProvisionOnDemandRequest, diag.Diagnostics) {
	var subjects []subjectModel
	diags := of.ElementsAs(ctx, &subjects, false)
	request := &provisioningv1.ProvisionOnDemandRequest{JobId: jobID.ValueString()}
	for _, subject := range subjects {
		request.Subjects = append(request.Subjects, &provisioningv1.Subject{
			ObjectType: cmp.Or(subject.ObjectType.ValueString(), string(directory.User)), Id: subject.ID.ValueString(),
		})
	}
	slices.SortFunc(request.Subjects, func(a, b *provisioningv1.Subject) int {
		return cmp.Or(cmp.Compare(a.GetObjectType(), b.GetObjectType()), cmp.Compare(a.GetId(), b.GetId()))
	})
	return request, diags
}

// fromAPI takes over the results.
func (m *resourceModel) fromAPI(answer *provisioningv1.ProvisionOnDemandResponse) diag.Diagnostics {
	of := types.ObjectType{AttrTypes: map[string]attr.Type{}}
	for name := range resultAttributes() {
		of.AttrTypes[name] = types.StringType
	}
	results := []attr.Value{}
	var diags diag.Diagnostics
	for _, result := range answer.GetResults() {
		record := result.GetRecord()
		value, more := types.ObjectValue(of.AttrTypes, map[string]attr.Value{
			"object_type": types.StringValue(result.GetSubject().GetObjectType()),
			"id":          types.StringValue(result.GetSubject().GetId()),
			"result":      types.StringValue(result.GetResult()),
			"action":      types.StringValue(record.GetAction()),
			"error_code":  stringOrNull(record.GetErrorCode()),
			"reason":      stringOrNull(record.GetReason()),
			"target_id":   stringOrNull(record.GetTargetId()),
		})
		diags.Append(more...)
		results = append(results, value)
	}
	list, more := types.ListValue(of, results)
	diags.Append(more...)
	m.Results = list
	return diags
}

// sameRun reports whether two models ask for the same run.
func (m resourceModel) sameRun(other resourceModel) bool {
	return m.JobID.Equal(other.JobID) && m.Subjects.Equal(other.Subjects) && m.Triggers.Equal(other.Triggers)
}

func stringOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}
