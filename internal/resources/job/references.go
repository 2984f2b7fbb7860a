package job

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/engineaccess"
)

// reference is one draft the job refers to.
type reference struct {
	attribute string
	kind      provisioningv1.DraftKind
	id        string
}

// references lists what the job refers to, sorted by kind and id. It needs known values.
func (m *ResourceModel) references(ctx context.Context) []reference {
	all := []reference{
		{"source_id", provisioningv1.DraftKind_DRAFT_KIND_SOURCE, m.SourceID.ValueString()},
		{"app_id", provisioningv1.DraftKind_DRAFT_KIND_APP, m.AppID.ValueString()},
		{"connection_id", provisioningv1.DraftKind_DRAFT_KIND_SCIM_CONNECTION, m.ConnectionID.ValueString()},
	}
	several := func(attribute string, kind provisioningv1.DraftKind, set types.Set) {
		var ids []string
		set.ElementsAs(ctx, &ids, false)
		slices.Sort(ids)
		for _, id := range ids {
			all = append(all, reference{attribute, kind, id})
		}
	}
	several("mapping_ids", provisioningv1.DraftKind_DRAFT_KIND_ATTRIBUTE_MAPPING, m.MappingIDs)
	several("scoping_filter_ids", provisioningv1.DraftKind_DRAFT_KIND_SCOPING_FILTER, m.ScopingFilterIDs)
	several("assignment_ids", provisioningv1.DraftKind_DRAFT_KIND_APP_ASSIGNMENT, m.AssignmentIDs)
	return all
}

// planned returns the drafts that this walk has planned, in the order of references. What the walk has not seen is
// unchanged, and the engine has it. missing describes the first draft whose content is not known yet.
func (m *ResourceModel) planned(ctx context.Context, walk *planwalk.Walk) (drafts []*provisioningv1.Draft, missing string) {
	for _, ref := range m.references(ctx) {
		draft, seen := walk.Planned(ref.kind, ref.id)
		switch {
		case seen && draft == nil:
			return nil, fmt.Sprintf("the content of %q (%s)", ref.id, ref.attribute)
		case seen:
			drafts = append(drafts, draft)
		}
	}
	return drafts, ""
}

// refused turns an error of the preview into a diagnostic, at the attribute whose reference the engine quotes.
func (m *ResourceModel) refused(ctx context.Context, id string, err error) diag.Diagnostic {
	failure := engineaccess.Failure("plan", noun, id, err)
	refs := m.references(ctx)
	// The app's id is part of most other messages; it is only blamed when nothing else is.
	slices.SortStableFunc(refs, func(a, b reference) int { return appLast(a) - appLast(b) })
	for _, ref := range refs {
		if strings.Contains(err.Error(), strconv.Quote(ref.id)) {
			return diag.WithPath(path.Root(ref.attribute), failure)
		}
	}
	return failure
}

func appLast(ref reference) int {
	if ref.attribute == "app_id" {
		return 1
	}
	return 0
}
