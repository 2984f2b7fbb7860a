package attributemapping

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
)

// rounds is how many completions of a configuration with unknown parts are looked at. Most parts have two, three or five
// alternatives, so that all combinations of two different parts occur.
const rounds = 30

// completion turns a configuration into a mapping, and gives its unknown parts values that differ from round to round.
// What is wrong in every round is wrong however the unknown parts turn out; the rules themselves need not know about them.
// What the schema refuses counts as unknown: it is reported already.
type completion struct {
	round int
	// guessed says that something was unknown; most is the greatest number of alternatives that something had.
	guessed bool
	most    int
	diags   diag.Diagnostics
	// templates returns all templates; reading them in every round would take long.
	templates func() ([]template.Template, error)
}

// guess returns one of the values an unknown part may turn out to have.
func guess[T any](c *completion, alternatives ...T) T {
	c.guessed, c.most = true, max(c.most, len(alternatives))
	return alternatives[c.round%len(alternatives)]
}

// choice returns a text that can only be one of a few; null is the empty text.
func choice[T ~string](c *completion, value types.String, alternatives ...T) T {
	if value.IsNull() || !value.IsUnknown() && slices.Contains(alternatives, T(value.ValueString())) {
		return T(value.ValueString())
	}
	return guess(c, alternatives...)
}

func (c *completion) optionalText(value types.String) *string {
	if value.IsUnknown() || !value.IsNull() && value.ValueString() == "" {
		something := "x"
		return guess(c, &something, nil)
	}
	return value.ValueStringPointer()
}

func (c *completion) truth(value types.Bool) bool {
	if value.IsUnknown() {
		return guess(c, true, false)
	}
	return value.ValueBool()
}

func (c *completion) optionalTruth(value types.Bool) *bool {
	if value.IsUnknown() {
		something := c.truth(value)
		return guess(c, &something, &something, nil)
	}
	return value.ValueBoolPointer()
}

// mapping returns the mapping that a configuration describes.
func (c *completion) mapping(ctx context.Context, config ResourceModel) job.Mapping {
	m := job.Mapping{
		AppKey:            "app", // which one is nothing to the rules
		ObjectType:        choice(c, config.ObjectType, directory.ObjectTypes()...),
		Enabled:           config.Enabled.IsNull() || c.truth(config.Enabled),
		Actions:           permitted(config.Actions),
		Preset:            choice(c, config.Preset, append(job.Presets(), "")...),
		CompositeMatching: c.truth(config.CompositeMatching),
	}
	c.template(&m)
	m.Attributes = c.attributes(ctx, config)
	m.Exclude = c.excluded(config.Exclude, m)
	effective := m.Effective()
	m.SourceAttributes = c.sources(ctx, config.SourceAttributes, effective)
	m.TargetAttributes = c.targets(ctx, config.TargetAttributes, effective)
	m.Deprovisioning = c.policies(ctx, config.Deprovisioning)
	return m
}

// template gives a mapping whose preset is that of the app's template the table of some template: which one the app has is
// known to nobody here. Templates without a table for the object type are left to the plan of the job.
func (c *completion) template(m *job.Mapping) {
	if m.Preset != job.PresetTemplate {
		return
	}
	templates, err := c.templates()
	if err != nil {
		c.diags.AddError("Templates cannot be read", err.Error())
		return
	}
	var tables [][]job.AttributeMapping
	for _, known := range templates {
		if table := known.Mapping(m.ObjectType); table != nil {
			tables = append(tables, table)
		}
	}
	if len(tables) > 0 {
		m.TemplateRows = guess(c, tables...)
	}
}

// permitted are the actions; those that are not known are permitted, which nobody could object to.
func permitted(configured types.Set) job.Actions {
	all := job.Actions{Create: true, Update: true, Delete: true}
	if configured.IsNull() || configured.IsUnknown() {
		return all
	}
	var actions job.Actions
	for _, value := range configured.Elements() {
		action, ok := value.(types.String)
		if !ok || action.IsUnknown() {
			return all
		}
		actions.Create = actions.Create || action.ValueString() == actionCreate
		actions.Update = actions.Update || action.ValueString() == actionUpdate
		actions.Delete = actions.Delete || action.ValueString() == actionDelete
	}
	return actions
}

func (c *completion) attributes(ctx context.Context, config ResourceModel) []job.AttributeMapping {
	reader := reading(config.SourceAttributes)
	if config.Attributes.IsUnknown() {
		return guess(c, nil, []job.AttributeMapping{
			{Target: "active", Expression: reader, FlowType: job.FlowAlways, FlowNullValues: true},
			{Target: "userName", Expression: "[objectId]", MatchingPrecedence: beyond(0), FlowType: job.FlowAlways},
		})
	}
	var mapped []job.AttributeMapping
	for i, target := range slices.Sorted(maps.Keys(config.Attributes.Elements())) {
		model, ok := element[attributeModel](ctx, c, config.Attributes, target)
		if !ok {
			model = attributeModel{
				Expression: types.StringUnknown(), DefaultValue: types.StringUnknown(), MatchingPrecedence: types.Int64Unknown(),
				FlowType: types.StringUnknown(), FlowBehavior: types.StringUnknown(), FlowNullValues: types.BoolUnknown(),
			}
		}
		attribute := job.AttributeMapping{
			Target:             target,
			Expression:         model.Expression.ValueString(),
			DefaultValue:       c.optionalText(model.DefaultValue),
			MatchingPrecedence: int(model.MatchingPrecedence.ValueInt64()),
			FlowType:           cmp.Or(choice(c, model.FlowType, job.FlowTypes()...), job.FlowAlways),
			FlowBehavior:       choice(c, model.FlowBehavior, job.FlowBehaviors()...),
			FlowNullValues:     c.truth(model.FlowNullValues),
		}
		if !model.Expression.IsNull() && attribute.Expression == "" {
			attribute.Expression = guess(c, reader, `"x"`, "")
		}
		if model.MatchingPrecedence.IsUnknown() || attribute.MatchingPrecedence < 0 || attribute.MatchingPrecedence > maxPrecedence ||
			!model.MatchingPrecedence.IsNull() && attribute.MatchingPrecedence == 0 {
			attribute.MatchingPrecedence = guess(c, beyond(i), 0)
		}
		mapped = append(mapped, attribute)
	}
	return mapped
}

// beyond returns a precedence that no configuration can have, a different one for each attribute.
func beyond(i int) int { return maxPrecedence + 1 + i }

// reading returns an expression that reads whatever a rule may miss: what disables people, and the listed attributes.
func reading(sources types.Map) string {
	expression := "[" + directory.AttributeIsSoftDeleted + "]"
	for _, name := range slices.Sorted(maps.Keys(sources.Elements())) {
		expression = "Append(" + expression + ", [" + name + "])"
	}
	return expression
}

// excluded returns the targets to leave out: possibly every one that the preset has, when it is not known which.
func (c *completion) excluded(configured types.Set, m job.Mapping) []string {
	var targets []string
	unknown := configured.IsUnknown()
	for _, value := range configured.Elements() {
		target, ok := value.(types.String)
		unknown = unknown || !ok || target.IsUnknown()
		if ok && !target.IsUnknown() {
			targets = append(targets, target.ValueString())
		}
	}
	if unknown && guess(c, true, false) {
		table, known := job.PresetTable(m.Preset, m.ObjectType)
		if !known {
			table = m.TemplateRows
		}
		targets = nil
		for _, attribute := range table {
			targets = append(targets, attribute.Target)
		}
	}
	slices.Sort(targets)
	return targets
}

func (c *completion) sources(ctx context.Context, configured types.Map, mapped []job.AttributeMapping) []job.SourceAttribute {
	var sources []job.SourceAttribute
	if configured.IsUnknown() {
		for _, name := range usedIn(mapped) {
			sources = append(sources, job.SourceAttribute{Name: name, FlowNullValues: true})
		}
		return guess(c, nil, sources)
	}
	for _, name := range slices.Sorted(maps.Keys(configured.Elements())) {
		model, ok := element[sourceAttributeModel](ctx, c, configured, name)
		if !ok {
			model.FlowNullValues = types.BoolUnknown()
		}
		sources = append(sources, job.SourceAttribute{Name: name, FlowNullValues: c.truth(model.FlowNullValues)})
	}
	return sources
}

// usedIn returns the source attributes that expressions refer to. Broken expressions refer to none.
func usedIn(mapped []job.AttributeMapping) []string {
	var used []string
	for _, attribute := range mapped {
		if parsed, err := expression.Parse(attribute.Expression); err == nil {
			used = append(used, parsed.Attributes()...)
		}
	}
	slices.Sort(used)
	return slices.Compact(used)
}

func (c *completion) targets(ctx context.Context, configured types.Map, mapped []job.AttributeMapping) []job.TargetAttribute {
	var targets []job.TargetAttribute
	yes := true
	if configured.IsUnknown() {
		for _, attribute := range mapped {
			targets = append(targets, job.TargetAttribute{Name: attribute.Target, Multivalued: &yes})
		}
		return guess(c, nil, targets)
	}
	for _, name := range slices.Sorted(maps.Keys(configured.Elements())) {
		model, ok := element[targetAttributeModel](ctx, c, configured, name)
		if !ok {
			targets = append(targets, job.TargetAttribute{Name: name, Multivalued: guess(c, nil, &yes)})
			continue
		}
		targets = append(targets, job.TargetAttribute{
			Name:         name,
			Type:         choice(c, model.Type, job.AttributeTypes()...),
			Required:     c.truth(model.Required),
			Multivalued:  c.optionalTruth(model.Multivalued),
			CaseExact:    c.optionalTruth(model.CaseExact),
			Mutability:   choice(c, model.Mutability, job.Mutabilities()...),
			DefaultValue: c.optionalText(model.DefaultValue),
		})
	}
	return targets
}

// policies returns what is said about leaving. A policy that is not known can be any that nobody could object to.
func (c *completion) policies(ctx context.Context, configured types.Map) []job.DeprovisionRule {
	if configured.IsUnknown() {
		var all []job.DeprovisionRule
		for _, event := range job.DeprovisionEvents() {
			all = append(all, job.DeprovisionRule{Event: event, Action: job.DeprovisionNone})
		}
		return guess(c, nil, all)
	}
	var policies []job.DeprovisionRule
	for _, event := range slices.Sorted(maps.Keys(configured.Elements())) {
		if !slices.Contains(job.DeprovisionEvents(), job.DeprovisionEvent(event)) {
			c.guessed = true
			continue
		}
		model, ok := element[policyModel](ctx, c, configured, event)
		if !ok {
			c.guessed = true
			policies = append(policies, job.DeprovisionRule{Event: job.DeprovisionEvent(event), Action: job.DeprovisionNone})
			continue
		}
		policies = append(policies, c.policy(job.DeprovisionEvent(event), model))
	}
	return policies
}

func (c *completion) policy(event job.DeprovisionEvent, model policyModel) job.DeprovisionRule {
	rule := job.DeprovisionRule{Event: event, AfterDays: model.AfterDays.ValueInt64()}
	if model.AfterDays.IsUnknown() || rule.AfterDays < 0 || rule.AfterDays > job.MaximumAfterDays || !model.AfterDays.IsNull() && rule.AfterDays == 0 {
		rule.AfterDays = guess(c, int64(0), 1)
	}
	if model.Attributes.IsUnknown() {
		rule.Attributes = guess(c, nil, []job.AttributeValue{{Target: "x", Value: "x"}})
	}
	for _, target := range slices.Sorted(maps.Keys(model.Attributes.Elements())) {
		value, ok := model.Attributes.Elements()[target].(types.String)
		if !ok || value.IsUnknown() || value.ValueString() == "" {
			c.guessed = true
			value = types.StringValue([]string{"x", "1", "true"}[c.round%3]) // one of them fits whatever type
		}
		rule.Attributes = append(rule.Attributes, job.AttributeValue{Target: target, Value: value.ValueString()})
	}
	rule.Action = choice(c, model.Action, job.DeprovisionActions()...)
	return rule
}

// element returns one element of a map; ok is false when all of it is unknown, or null, which the schema refuses.
func element[M any](ctx context.Context, c *completion, elements types.Map, key string) (model M, ok bool) {
	object, isObject := elements.Elements()[key].(types.Object)
	if !isObject || object.IsUnknown() || object.IsNull() {
		return model, false
	}
	c.diags.Append(object.As(ctx, &model, basetypes.ObjectAsOptions{})...)
	return model, true
}
