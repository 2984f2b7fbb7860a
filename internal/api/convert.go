package api

import (
	"cmp"
	"maps"
	"slices"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// identify returns the kind and id of a draft.
func identify(draft *provisioningv1.Draft) (store.DraftKind, string, error) {
	switch kind := draft.GetKind().(type) {
	case *provisioningv1.Draft_Source:
		return store.DraftSource, sourceOf(kind.Source).ID(), nil
	case *provisioningv1.Draft_App:
		return store.DraftApp, appOf(kind.App).ID(), nil
	case *provisioningv1.Draft_ScimConnection:
		return store.DraftConnection, connectionOf(kind.ScimConnection).ID(), nil
	case *provisioningv1.Draft_AttributeMapping:
		return store.DraftMapping, mappingOf(kind.AttributeMapping).ID(), nil
	case *provisioningv1.Draft_ScopingFilter:
		return store.DraftFilter, filterOf(kind.ScopingFilter).ID(), nil
	case *provisioningv1.Draft_AppAssignment:
		return store.DraftAssignment, assignmentOf(kind.AppAssignment).ID(), nil
	default:
		return "", "", directory.Errorf(directory.Invalid, "the draft is empty")
	}
}

// validate reports what is wrong with a draft by itself.
func validate(draft *provisioningv1.Draft) error {
	switch kind := draft.GetKind().(type) {
	case *provisioningv1.Draft_Source:
		return sourceOf(kind.Source).Validate()
	case *provisioningv1.Draft_App:
		return appOf(kind.App).Validate()
	case *provisioningv1.Draft_ScimConnection:
		return connectionOf(kind.ScimConnection).Validate()
	case *provisioningv1.Draft_AttributeMapping:
		return mappingOf(kind.AttributeMapping).Validate()
	case *provisioningv1.Draft_ScopingFilter:
		return filterOf(kind.ScopingFilter).Validate()
	default:
		return assignmentOf(draft.GetAppAssignment()).Validate()
	}
}

func sourceOf(m *provisioningv1.Source) job.Source {
	source := job.Source{Key: m.GetKey(), DefaultDomain: m.GetDefaultDomain()}
	if file := m.GetFile(); file != nil {
		source.File = &job.FileSource{Path: file.GetPath(), Format: file.GetFormat(), GroupsColumn: file.GetGroupsColumn()}
	}
	return source
}

func appOf(m *provisioningv1.App) job.App {
	return job.App{Key: m.GetKey(), DisplayName: m.GetDisplayName(), Template: m.GetTemplate()}
}

func mappingOf(m *provisioningv1.AttributeMapping) job.Mapping {
	mapping := job.Mapping{
		AppKey: m.GetAppId(), ObjectType: directory.ObjectType(m.GetObjectType()), Enabled: m.GetEnabled(),
		Preset: m.GetPreset(), Exclude: sorted(m.GetExclude()), CompositeMatching: m.GetCompositeMatching(),
	}
	for _, action := range m.GetActions() {
		switch action {
		case "create":
			mapping.Actions.Create = true
		case "update":
			mapping.Actions.Update = true
		case "delete":
			mapping.Actions.Delete = true
		}
	}
	for _, a := range m.GetAttributes() {
		mapping.Attributes = append(mapping.Attributes, job.AttributeMapping{
			Target: a.GetTarget(), Expression: a.GetExpression(), DefaultValue: a.DefaultValue,
			MatchingPrecedence: int(a.GetMatchingPrecedence()), FlowType: job.FlowType(a.GetFlowType()),
			FlowBehavior: job.FlowBehavior(a.GetFlowBehavior()), FlowNullValues: a.GetFlowNullValues(),
		})
	}
	for _, a := range m.GetSourceAttributes() {
		mapping.SourceAttributes = append(mapping.SourceAttributes, job.SourceAttribute{Name: a.GetName(), FlowNullValues: a.GetFlowNullValues()})
	}
	for _, a := range m.GetTargetAttributes() {
		mapping.TargetAttributes = append(mapping.TargetAttributes, job.TargetAttribute{
			Name: a.GetName(), Type: job.AttributeType(a.GetType()), Required: a.GetRequired(), Multivalued: a.Multivalued,
			CaseExact: a.CaseExact, Mutability: job.Mutability(a.GetMutability()), DefaultValue: a.DefaultValue,
		})
	}
	for _, r := range m.GetDeprovisioning() {
		mapping.Deprovisioning = append(mapping.Deprovisioning, deprovisionRuleOf(r))
	}
	slices.SortFunc(mapping.Deprovisioning, func(a, b job.DeprovisionRule) int { return cmp.Compare(a.Event, b.Event) })
	slices.SortFunc(mapping.Attributes, func(a, b job.AttributeMapping) int { return cmp.Compare(a.Target, b.Target) })
	slices.SortFunc(mapping.SourceAttributes, func(a, b job.SourceAttribute) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(mapping.TargetAttributes, func(a, b job.TargetAttribute) int { return cmp.Compare(a.Name, b.Name) })
	return mapping
}

func deprovisionRuleOf(m *provisioningv1.DeprovisionRule) job.DeprovisionRule {
	rule := job.DeprovisionRule{Event: job.DeprovisionEvent(m.GetEvent()), Action: job.DeprovisionAction(m.GetAction()), AfterDays: m.GetAfterDays()}
	for _, target := range slices.Sorted(maps.Keys(m.GetAttributes())) {
		rule.Attributes = append(rule.Attributes, job.AttributeValue{Target: target, Value: m.GetAttributes()[target]})
	}
	return rule
}

func filterOf(m *provisioningv1.ScopingFilter) job.Filter {
	filter := job.Filter{AppKey: m.GetAppId(), Name: m.GetName(), ObjectType: directory.ObjectType(m.GetObjectType())}
	for _, clause := range m.GetClauses() {
		filter.Clauses = append(filter.Clauses, scope.Clause{Attribute: clause.GetAttribute(), Operator: scope.Operator(clause.GetOperator()), Values: clause.GetValues()})
	}
	return filter
}

func assignmentOf(m *provisioningv1.AppAssignment) job.Assignment {
	return job.Assignment{AppKey: m.GetAppId(), Name: m.GetName(), Users: anchors(m.GetUserIds()), Groups: anchors(m.GetGroupIds())}
}

func anchors(ids []string) []directory.Anchor {
	converted := make([]directory.Anchor, len(ids))
	for i, id := range ids {
		converted[i] = directory.Anchor(id)
	}
	slices.Sort(converted)
	return slices.Compact(converted)
}

// jobMessage is the job as the provider declared it, rebuilt from its definition.
func jobMessage(d job.Definition) *provisioningv1.Job {
	m := &provisioningv1.Job{
		AppId: d.App.ID(), Name: d.Name, SourceId: d.Source.ID(), ConnectionId: d.Connection.ID(),
		Scope: string(d.Scope), State: string(d.State), Run: string(d.Run), OnDestroy: string(d.OnDestroy),
		OnUnplanned: string(d.Unplanned), SkipOutOfScopeDeletions: d.SkipOutOfScopeDeletions,
		NestedGroups: d.NestedGroups, Parameters: d.Parameters, Drift: string(d.Drift), LogRetentionDays: d.LogRetentionDays,
		Limits: limitsMessage(d.Limits),
	}
	if d.Restart != nil {
		m.Restart = &provisioningv1.Restart{Scope: d.Restart.Scope, Triggers: d.Restart.Triggers, AcknowledgeOrphans: d.Restart.AcknowledgeOrphans}
	}
	for _, mapping := range d.Mappings {
		m.MappingIds = append(m.MappingIds, mapping.ID())
	}
	for _, filter := range d.Filters {
		m.ScopingFilterIds = append(m.ScopingFilterIds, filter.ID())
	}
	for _, assignment := range d.Assignments {
		m.AssignmentIds = append(m.AssignmentIds, assignment.ID())
	}
	slices.Sort(m.MappingIds)
	return m
}

func limitsOf(m *provisioningv1.Limits) job.Limits {
	limits := job.Limits{Users: typeLimitsOf(m.GetUsers()), Groups: typeLimitsOf(m.GetGroups())}
	if m != nil {
		limits.MaxDisable, limits.MaxDelete, limits.MaxPercent, limits.PercentFloor = m.MaxDisable, m.MaxDelete, m.MaxPercent, m.PercentFloor
	}
	return limits
}

func typeLimitsOf(m *provisioningv1.TypeLimits) *job.TypeLimits {
	if m == nil {
		return nil
	}
	return &job.TypeLimits{MaxDisable: m.MaxDisable, MaxDelete: m.MaxDelete, MaxPercent: m.MaxPercent, PercentFloor: m.PercentFloor}
}

func limitsMessage(l job.Limits) *provisioningv1.Limits {
	if l == (job.Limits{}) {
		return nil
	}
	return &provisioningv1.Limits{
		MaxDisable: l.MaxDisable, MaxDelete: l.MaxDelete, MaxPercent: l.MaxPercent, PercentFloor: l.PercentFloor,
		Users: typeLimitsMessage(l.Users), Groups: typeLimitsMessage(l.Groups),
	}
}

func typeLimitsMessage(l *job.TypeLimits) *provisioningv1.TypeLimits {
	if l == nil {
		return nil
	}
	return &provisioningv1.TypeLimits{MaxDisable: l.MaxDisable, MaxDelete: l.MaxDelete, MaxPercent: l.MaxPercent, PercentFloor: l.PercentFloor}
}
